"""Protected evaluation sets: found, named by content, read, and left for the tasks as one index."""

from __future__ import annotations

import glob
import hashlib
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from filters.decontam import Protected, digest_of, make_keys, title_digest
from filters.decontam_index import Passage, build, weight_of
from filters.decontam_words import WORD_WEIGHT
from filters.document import Document
from manifests.checksum import canonical_json
from pipeline.decontam import (
    Decontam,
    Protect,
    ProtectedSet,
    is_saved,
    read_protected,
    save_protected,
)
from pipeline.errors import ConfigError, InputError, at
from pipeline.preflight import environment_digest
from pipeline.sources import Raw, digest, read
from pipeline.sources.compressed import decode, probe
from pipeline.sources.fields import nfc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.config import Config

_SUFFIXES: Final = tuple(
    f".{kind}{packed}" for kind in ("json", "jsonl", "ndjson") for packed in ("", ".gz", ".zst")
)
_IDS: Final = ("id", "qid", "task_id")
_NO_TEXT: Final = frozenset({*_IDS, "title", "url", "source", "license"})
_MRQA_MARKS: Final = re.compile(r"\[(?:TLE|DOC|PAR|SEP)\]")
_LEAST_QUESTION: Final = (
    8  # words: shorter ones are asked by chance, "When was the article published?"
)
_MAX_RECORD: Final = 256 << 20


class File(NamedTuple):
    """A file of a protected set and its SHA-256."""

    path: Path
    sha256: str


class Guarded(NamedTuple):
    """What `[decontam]` asks for, the files of each set in the order of their digests, and the digest of it all."""

    settings: Decontam
    files: tuple[tuple[Protect, tuple[File, ...]], ...]
    digest: str


NOTHING: Final = Guarded(Decontam(), (), "")


class _Asked(msgspec.Struct):
    id: str
    question: str | None = None


class _Paragraph(msgspec.Struct):
    context: str
    qas: tuple[_Asked, ...] = ()


class _Article(msgspec.Struct):
    paragraphs: tuple[_Paragraph, ...]
    title: str | None = None


class _Squad(msgspec.Struct):
    data: tuple[_Article, ...]


class _Item(NamedTuple):
    """An item of a set: its name, its own id and its article's title where it has them, and its texts.

    A question is sought if it is long enough; of two items on one context one has it.
    """

    name: str
    id: str
    title: str
    texts: tuple[str, ...]
    question: str = ""


def find_protected(config: Config, root: Path) -> Guarded:
    """Find and digest the files of all protected sets; where they lie and in what order is no matter.

    Without `[decontam]` there are none, and the digest is `""`.

    Raises:
        ConfigError: a path matches nothing.
        InputError: a file cannot be read.
    """
    settings = config.decontam
    if settings is None:
        return NOTHING
    problems = [
        f"plan: {path}: matches no file (decontam set {each.name!r})"
        for each in settings.protect
        for path in each.paths
        if not _paths(root, path)
    ]
    if problems:
        raise ConfigError("\n".join(problems))
    sets = sorted(settings.protect, key=lambda each: each.name)
    files = tuple((each, _files(each, root)) for each in sets)
    named = [
        [each.name, each.format, sorted(each.fields), [file.sha256 for file in mine]]
        for each, mine in files
    ]
    content = [environment_digest(), settings.ngram, sorted(settings.by), named]
    return Guarded(settings, files, hashlib.sha256(canonical_json(content)).hexdigest())


def _files(protect: Protect, root: Path) -> tuple[File, ...]:
    paths = sorted({path.resolve() for each in protect.paths for path in _paths(root, each)})
    by_digest = {digest(path)[1]: path for path in paths}
    return tuple(File(by_digest[sha256], sha256) for sha256 in sorted(by_digest))


def _paths(root: Path, pattern: str) -> list[Path]:
    """Expand a file, a folder (searched through) or a glob with `**`."""
    whole = root / pattern
    if whole.is_file():
        return [whole]
    if whole.is_dir():
        return [path for path in whole.rglob("*") if path.name.endswith(_SUFFIXES)]
    # the config's own folder is no part of the pattern: its name may hold what a glob reads
    matches = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207  Path.glob takes no absolute pattern
    return [root / match for match in matches if (root / match).is_file()]


def keep_protected(guarded: Guarded, work: Path) -> None:
    """Leave the index for the tasks, unless an earlier run did.

    Raises:
        InputError: a file is not what its format says.
    """
    if guarded.digest and not is_saved(work, guarded.digest):
        save_protected(work, guarded.digest, *make_protected(guarded))
        opened, _ = read_protected(work, guarded.digest)
        opened.judge(Document(id="", text="", sha256="", source=""))  # compiles for all workers


def make_protected(guarded: Guarded) -> tuple[Protected, tuple[ProtectedSet, ...]]:
    """Read all sets into an index; say of each what was read."""
    settings = guarded.settings
    ids: set[tuple[int, int]] = set()
    titles: set[tuple[int, int]] = set()
    counts = [0] * len(guarded.files)

    def passages() -> Iterator[Passage]:
        for number, (protect, files) in enumerate(guarded.files):
            for item in _items(protect, files):
                counts[number] += bool(item.id or item.texts)
                if item.id:
                    ids.add((digest_of(item.id), number))
                if item.title:
                    titles.add((title_digest(item.title), number))
                texts = item.texts
                if weight_of(item.question) >= _LEAST_QUESTION * WORD_WEIGHT:
                    texts = (*texts, item.question)
                yield from (Passage(number, item.name, nfc(text)) for text in texts)

    index = build(passages(), settings.ngram)
    held = [int((index.sets >> number & 1).sum()) for number in range(len(counts))]
    protected = Protected(
        ngram=settings.ngram,
        by=settings.by,
        sets=tuple(protect.name for protect, _ in guarded.files),
        index=index,
        ids=make_keys(ids),
        titles=make_keys(titles),
    )
    return protected, tuple(
        ProtectedSet(
            name=protect.name,
            format=protect.format,
            files=tuple(file.sha256 for file in files),
            items=counts[number],
            passages=held[number],
        )
        for number, (protect, files) in enumerate(guarded.files)
    )


def _items(protect: Protect, files: tuple[File, ...]) -> Iterator[_Item]:
    for file in files:
        if protect.format == "squad":
            yield from _squad_items(file)
        else:
            yield from _line_items(protect, file)


def _squad_items(file: File) -> Iterator[_Item]:
    """Give each question; a context goes with the first question over it, or by itself where there is none."""
    good, damage = probe(file.path)
    if damage is not None:
        raise _broken(file, damage.reason)
    try:
        data = b"".join(decode(file.path, good)).removeprefix(b"\xef\xbb\xbf")
        parsed = msgspec.json.decode(data, type=_Squad)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _broken(file, "it is not of SQuAD's shape") from error
    for article in parsed.data:
        title = article.title or ""
        for number, paragraph in enumerate(article.paragraphs):
            texts: tuple[str, ...] = (paragraph.context,)
            for asked in paragraph.qas:
                yield _Item(asked.id, asked.id, title, texts, asked.question or "")
                texts = ()
            if texts:
                yield _Item(f"{file.sha256[:12]}#{number}", "", title, texts)


def _line_items(protect: Protect, file: File) -> Iterator[_Item]:
    for line in read(file.path, "jsonl", max_record=_MAX_RECORD):
        if not isinstance(line, Raw):
            raise _broken(file, f"line {getattr(line, 'line', 0)} is no JSON object")
        if protect.format == "mrqa":
            yield from _mrqa_items(file, line)
        else:
            yield _jsonl_item(protect, file, line)


def _mrqa_items(file: File, line: Raw) -> Iterator[_Item]:
    """Give the questions of a line of MRQA 2019; the first line of a file is a header."""
    if "header" in line.record and "context" not in line.record:
        return
    context, questions = line.record.get("context"), line.record.get("qas")
    if not isinstance(context, str) or not isinstance(questions, list):
        raise _broken(file, f"line {line.line} is not of MRQA's shape")
    texts: tuple[str, ...] = tuple(_MRQA_MARKS.split(context))
    for asked in questions:
        name = _text(asked, "qid") or _text(asked, "id")
        yield _Item(name or _row(file, line), name, "", texts, _text(asked, "question"))
        texts = ()
    if texts:
        yield _Item(_row(file, line), "", "", texts)


def _jsonl_item(protect: Protect, file: File, line: Raw) -> _Item:
    """Take the texts of the named fields, or every string that is no id, title or address."""
    record = line.record
    missing = [name for name in protect.fields if name not in record]
    if missing:
        raise _broken(file, f"line {line.line} has no field {missing[0]!r}")
    chosen = protect.fields or tuple(sorted(record.keys() - _NO_TEXT))
    name = next((str(record[key]) for key in _IDS if isinstance(record.get(key), str | int)), "")
    texts = tuple(text for key in chosen for text in _strings(record[key]))
    return _Item(name or _row(file, line), name, _text(record, "title"), texts)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key in sorted(value.keys() - _NO_TEXT):
            yield from _strings(value[key])
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _text(record: Any, key: str) -> str:
    value = record.get(key) if isinstance(record, dict) else None
    return value if isinstance(value, str) else ""


def _row(file: File, line: Raw) -> str:
    """Name an item without an id."""
    return f"{file.sha256[:12]}#{line.row}"


def _broken(file: File, problem: str) -> InputError:
    return InputError(at("plan", str(file.path), f"a protected set cannot be read: {problem}"))
