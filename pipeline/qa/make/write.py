"""Make questions out of a release: what they are made from is read once, what is made is written whole.

Nothing depends on the order of the shards. Documents are taken one by one; questions are first laid
into buckets by their article, of which one at a time is in memory.
"""

from __future__ import annotations

import hashlib
import tempfile
import unicodedata
from collections import Counter
from heapq import nsmallest
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import msgspec

from filters.licenses.attributes import requires_unmodified
from filters.qa import Answer, Question, Synthetic, check
from filters.qa_words import words
from filters.redact.replace import OUTPUT
from manifests.record import Question as Asked
from manifests.record import Record, decode_question
from pipeline.catalog.export import pack_lines
from pipeline.errors import ConfigError
from pipeline.qa.make.cloze import Cloze, clozes
from pipeline.qa.make.negatives import negatives
from pipeline.qa.make.origin import Made, Origin, key_of, name_of, redactions_of, works_of
from pipeline.qa.make.swap import swaps
from pipeline.qa.released import documents, released
from pipeline.release import atomic
from pipeline.spill import LineSpill, read_frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Method = Literal["cloze", "negatives", "swap"]
METHODS: Final = get_args(Method)
_BUCKETS: Final = 64
_SEEDS: Final = 1 << 63


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is made: `per_document` and `limit` bound how many of a document or article, and of all, 0 for no bound.

    Questions have `words[0]` to `words[1]` words; `overlap` is the least that a passage shares with the
    question of another (negatives), `places` how often at most an answer stands in its context (cloze).
    """

    method: Method
    seed: int
    split: str = "train"
    limit: int = 0
    per_document: int = 0
    words: tuple[int, int] = (4, 40)
    overlap: float = 0.4
    places: int = 3


class Report(msgspec.Struct, frozen=True):
    """What came of it: documents or questions read, questions made, and why there were not more."""

    read: int
    made: int
    skipped: dict[str, int]


def make(release: Path, wanted: Wanted, out: Path) -> Report:
    """Write what is made as a file of question records, `.jsonl.zst`.

    Raises:
        ConfigError: there is something at that path, or nothing can be made.
        IntegrityError: the release is damaged.
    """
    _check(release, wanted, out)
    books: Counter[str] = Counter()
    synthetic = Synthetic(wanted.method, wanted.seed)
    of_text = wanted.method == "cloze"
    found = (_clozes if of_text else _unanswerable)(release, wanted, synthetic, books)
    if wanted.limit:
        kept = nsmallest(wanted.limit, found, key=lambda each: each.key)
        books["over-limit"] += books["made"] - len(kept)
        found = iter(kept)
    first = next(found, None)
    if first is None:
        raise ConfigError(f"make: {out}: nothing can be made of this release: {_told(books)}")
    with atomic(out) as file:
        lines = (each.line(synthetic) for each in chain([first], found))
        written = pack_lines(file, lines)
    read = books.pop("read", 0)
    books.pop("made", 0)
    return Report(
        read, written.records, {name: books[name] for name in sorted(books) if books[name]}
    )


def _check(release: Path, wanted: Wanted, out: Path) -> None:
    if not out.name.endswith(".jsonl.zst"):
        raise ConfigError(f"make: {out}: the file's name must end in .jsonl.zst")
    if out.exists() or out.resolve().is_relative_to(release.resolve()):
        raise ConfigError(f"make: {out}: is there already, or lies in the release")
    if not 0 <= wanted.seed < _SEEDS:
        raise ConfigError("make: --seed: must lie between 0 and 2^63 - 1")


def _told(books: Counter[str]) -> str:
    told = [f"{books[name]} {name}" for name in sorted(books) if books[name]]
    return ", ".join(told) or "0 read"


def _chosen(found: Iterable[Made | str], wanted: Wanted, books: Counter[str]) -> Iterator[Made]:
    """Yield what one document or article gives: those that chance puts first, in their order."""
    fit: list[Made] = []
    for each in found:
        if isinstance(each, str):
            books[each] += 1
        elif not wanted.words[0] <= len(words(each.question.question)) <= wanted.words[1]:
            books["length"] += 1
        elif check(each.question) is not None:  # a text or title that no question may hold
            books["unsound"] += 1
        else:
            fit.append(each)
    kept = nsmallest(wanted.per_document or len(fit), fit, key=lambda each: each.key)
    books["over-per-document"] += len(fit) - len(kept)
    books["made"] += len(kept)
    yield from kept


def _clozes(release: Path, wanted: Wanted, made: Synthetic, books: Counter[str]) -> Iterator[Made]:
    """Make cloze questions of the prose of a split."""
    for _, record in documents(release, {wanted.split}):
        books["read"] += 1
        reason = _no_prose(record)
        if reason:
            books[reason] += 1
        else:
            yield from _chosen(_of_document(record, wanted, made), wanted, books)


def _no_prose(record: Record) -> str:
    """Say why a document gives no question, `""` if it may."""
    if requires_unmodified(record.license):
        return "no-derivatives"
    if record.language == "und" or record.language != record.meta.natural_language:
        return "no-prose"
    return ""


def _of_document(record: Record, wanted: Wanted, made: Synthetic) -> Iterator[Made | str]:
    redacted = redactions_of(record.meta.redactions)
    said = msgspec.json.decode(record.meta.extra).get("title")
    # a title groups: the passages of one document overlap, and must not straddle a split
    title = said if isinstance(said, str) and said.strip() else f"{record.source}/{record.id}"
    title = unicodedata.normalize("NFC", title)
    origin = Origin(
        record.id,
        record.source,
        record.license,
        record.language,
        record.url,
        title,
        title,
        works_of(record),
    )
    spans = [(start, end) for start, end, _ in redacted]
    none = True
    for each in clozes(record.text, record.language, spans, *wanted.words):
        none = False
        if (
            record.text.count(record.text[each.low : each.high], each.start, each.end)
            > wanted.places
        ):
            yield "many-places"
        else:
            yield _of_cloze(record.text, each, origin, redacted, made)
    if none:
        yield "no-sentence"


def _of_cloze(
    text: str, cloze: Cloze, origin: Origin, redacted: list[tuple[int, int, str]], made: Synthetic
) -> Made:
    key = key_of(made, origin.id, [cloze.low, cloze.high])
    low, high = cloze.low - cloze.start, cloze.high - cloze.start
    question = Question(
        id=name_of(made, key),
        question=cloze.question,
        context=text[cloze.start : cloze.end],
        answers=(Answer(text[cloze.low : cloze.high], low, high),),
        title=origin.title,
        group=origin.group,
    )
    inside = [
        (start - cloze.start, end - cloze.start, kind)
        for start, end, kind in redacted
        if cloze.start <= start and end <= cloze.end
    ]
    return Made(key, question, origin, inside, {"answer": cloze.kind})


def _unanswerable(
    release: Path, wanted: Wanted, made: Synthetic, books: Counter[str]
) -> Iterator[Made]:
    """Make questions without an answer of those that have one, article by article."""
    with tempfile.TemporaryDirectory(prefix="gristmill-make-") as folder:
        spill = Path(folder) / "lines"
        _spread(release, wanted, spill, books)
        for bucket in range(_BUCKETS):
            for article in _articles(spill, bucket):
                yield from _chosen(_of_article(article, wanted, made), wanted, books)


def _of_article(article: list[Asked], wanted: Wanted, made: Synthetic) -> Iterator[Made | str]:
    if wanted.method == "swap":
        return swaps(article, made)
    return negatives(article, made, wanted.overlap)


def _spread(release: Path, wanted: Wanted, path: Path, books: Counter[str]) -> None:
    """Lay what can be made from into the buckets of its articles, behind the article's digest in hex."""
    spill = LineSpill(path)
    for _, each in released(release, (wanted.split,)):
        books["read"] += 1
        reason = _unfit(each)
        if reason:
            books[reason] += 1
            continue
        digest = hashlib.sha256(f"{each.source}\0{each.group}".encode()).digest()
        line = msgspec.json.encode(each) + b"\n"
        spill.add(digest[0] % _BUCKETS, digest.hex().encode() + line)
    spill.close()


def _unfit(record: Asked) -> str:
    if requires_unmodified(record.license):
        return "no-derivatives"
    if record.synthetic.method:
        return "synthetic"
    if OUTPUT.search(record.question):
        return "redacted"
    return "" if record.answers else "unanswerable"


def _articles(path: Path, bucket: int) -> Iterator[list[Asked]]:
    """Yield the questions of each article of a bucket, in the order of their ids."""
    lines = [line for _, found in read_frames(path, bucket=bucket) for line in found]
    width = hashlib.sha256().digest_size * 2
    for _, found in groupby(sorted(lines), key=lambda line: line[:width]):
        yield sorted((decode_question(line[width:]) for line in found), key=lambda each: each.id)
