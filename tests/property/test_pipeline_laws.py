"""Laws of a whole run over small corpora: nothing is lost, order changes nothing, what comes out is clean."""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import zstandard
from hypothesis import assume, given
from hypothesis import strategies as st

from filters.document import Document
from filters.subjects import subject
from manifests.manifest import decode
from pipeline.config import Source
from pipeline.engine.crew import SYNC
from pipeline.optout import add
from pipeline.run import run_config
from pipeline.sources.fields import to_document
from pipeline.stages.blocks import Tally
from pipeline.stages.emitted_ids import emitted
from pipeline.stages.judge import Judge
from pipeline.stages.licensing import Licensing
from tests.profiles import examples
from tests.redactors import ready

SOURCES = ("alpha", "beta")
# a run syncs some hundred small files; in memory that costs nothing
SCRATCH = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  TemporaryDirectory picks the name
MARKS = "\u0301\u0327\u030c\u0323"  # they compose with the last letters of most placeholders
SECRETS = (
    "anna.miller" + "@" + "watermill-museum.net",
    "203.0.114" + ".77",
    "ghp_" + "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0UvWx1Y",
)
VOCABULARY = (
    "mill stone water wheel race grain flour baker dawn market gate village sluice pond "
    "cafe\u0301 \u1112\u1161\u11ab \u05e9\u05dc\u05d5\u05dd \u0917\u093f\u0930\u0940 \u6c34\u8eca 🌾 ﬁne Å \u212b naïve"
)
WORDS = VOCABULARY.split(" ")
BAD = (
    b"{broken",
    b"[1, 2]",
    b'{"text": 5}',
    b'{"title": "no text"}',
    b'{"text": "\xff\xfe"}',
    b'{"text": "\\ud800"}',
    b'{"text": "nul \\u0000 inside"}',
)
LICENSES = (None, "", "MIT", "Apache-2.0 OR MIT", "GPL-3.0-only", "no such licence")

Lines = list[bytes]


class Settings(NamedTuple):
    """What a law varies beside the corpus."""

    exact: bool = True
    near: str = "true"
    policy: str = ""
    level: str = "balanced"
    shards: int = 2
    seed: int = 0

    def toml(self) -> str:
        return f"""
[release]
name = "law"
shards = {self.shards}
seed = {self.seed}
[[sources]]
name = "alpha"
paths = ["alpha"]
license = "MIT"
priority = 2
[[sources]]
name = "beta"
paths = ["beta"]
{self.policy}
[redact]
level = "{self.level}"
[dedup]
exact = {str(self.exact).lower()}
near = {self.near}
[split]
validation = 0.2
test = 0.2
[limits]
bad_records = 1.0
"""


variants = st.builds(
    Settings,
    exact=st.booleans(),
    near=st.sampled_from(("true", "false", "{ threshold = 0.5 }")),
    policy=st.sampled_from(("", '[license]\npolicy = "permissive"')),
    level=st.sampled_from(("strict", "balanced", "permissive")),
    shards=st.sampled_from((1, 2, 4)),
    seed=st.integers(0, 2**64 - 1),
)


@st.composite
def long_texts(draw: st.DrawFn) -> str:
    """Some fifty words: one of them changed leaves a near-duplicate."""
    generator = draw(st.randoms(use_true_random=False))
    return " ".join(f"{generator.choice(WORDS)}{generator.randrange(40)}" for _ in range(60))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Anything at all, or words with secrets among them, each perhaps under a combining mark."""
    if draw(st.booleans()):
        return draw(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
    marks = st.sampled_from(("", *MARKS))
    secrets = st.builds("".join, st.tuples(st.sampled_from(SECRETS), marks))
    return " ".join(draw(st.lists(st.sampled_from(WORDS) | secrets, min_size=1, max_size=12)))


@st.composite
def changed(draw: st.DrawFn, text: str) -> str:
    words = text.split(" ")
    words[draw(st.integers(0, len(words) - 1))] = "altered"
    return " ".join(words)


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Distinct records; own ids are unique among them, some records bear none."""
    pool = draw(st.lists(texts(), min_size=1, max_size=6)) + draw(
        st.lists(long_texts(), max_size=2)
    )
    found = []
    for number in range(draw(st.integers(1, 14))):
        text = draw(st.sampled_from(pool))
        record: dict[str, Any] = {"text": draw(changed(text)) if draw(st.booleans()) else text}
        if draw(st.booleans()):
            record["id"] = f"own-{number}"
        license_ = draw(st.sampled_from(LICENSES))
        if license_ is not None:
            record["license"] = license_
        if draw(st.booleans()):
            record["meta"] = {"stars": 2**70 + number, "url": f"https://mill{number}.net/"}
        found.append(record)
    return found


@st.composite
def corpora(draw: st.DrawFn) -> dict[str, Lines]:
    """The lines of each source: records, records once more, bad lines, blank lines."""
    made = [json.dumps(record).encode() for record in draw(records())]
    corpus: dict[str, Lines] = {}
    for source in SOURCES:
        lines = draw(st.lists(st.sampled_from(made), max_size=12))
        lines += draw(st.lists(st.sampled_from((*BAD, b"", b"   ")), max_size=2))
        corpus[source] = draw(st.permutations(lines))
    corpus["alpha"] += [line for line in made if line not in corpus["alpha"] + corpus["beta"]]
    return corpus


class Made(NamedTuple):
    """A finished release, read."""

    path: Path
    documents: list[dict[str, Any]]
    ledger: list[dict[str, Any]]

    @property
    def kept(self) -> set[str]:
        return {row["id"] for row in self.ledger if row["verdict"] == "keep"}


@contextmanager
def release_of(
    corpus: dict[str, list[Lines]], variant: Settings, *, optout: tuple[str, str, Any] | None = None
) -> Iterator[Made]:
    """Run over the sources' files; the folder goes when the block ends."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        root = Path(folder)
        toml = variant.toml()
        for source, files in corpus.items():
            (root / source).mkdir()
            for number, lines in enumerate(files):
                data = b"".join(line + b"\n" for line in lines)
                (root / source / f"{number}.jsonl").write_bytes(data)
        if optout is not None:
            kind, value, copies = optout
            add(root / "events.jsonl", [subject(kind, value)], copies=copies)
            toml += '[optout]\nregistry = "events.jsonl"\n'
        (root / "law.toml").write_text(toml)
        made = run_config(root / "law.toml", out=root / "out", crew=SYNC).release
        yield Made(made, list(documents(made)), list(decisions(made)))


def documents(release: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(release.glob("data/*/*.jsonl.zst")):
        with path.open("rb") as file:
            raw = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            yield from map(json.loads, raw.read().split(b"\n")[:-1])


def decisions(release: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((release / "ledger").glob("decisions-*.parquet")):
        yield from pq.read_table(path).to_pylist()


def whole(corpus: dict[str, Lines]) -> dict[str, list[Lines]]:
    return {source: [lines] for source, lines in corpus.items()}


def inputs(corpus: dict[str, Lines]) -> dict[str, int]:
    return {source: sum(line.strip() != b"" for line in lines) for source, lines in corpus.items()}


def parsed(corpus: dict[str, Lines]) -> dict[str, list[Document]]:
    """The documents of the good lines, by the reader's own conversion."""
    claims = {"alpha": "MIT", "beta": ""}
    found: dict[str, list[Document]] = {source: [] for source in SOURCES}
    for source, lines in corpus.items():
        for line in lines:
            if line.strip() and line not in BAD:
                document = to_document(
                    json.loads(line), source=source, license_claim=claims[source]
                )
                assert isinstance(document, Document)
                found[source].append(document)
    return found


def shown_id(document: Document, variant: Settings) -> str:
    """The id that a release has of a document."""
    redactor = ready(variant.level)
    judge = Judge(
        source=Source(name=document.source),
        licensing=Licensing(),
        optout=None,
        redactor=redactor,
        seed=0,
        shards=1,
        tally=Tally(),
    )
    return emitted(judge, document, redactor.redact(document.text).text).id


def every_input_record_has_one_verdict(
    corpus: dict[str, Lines], variant: Settings, made: Made
) -> None:
    read = inputs(corpus)
    rows = Counter(row["source"] for row in made.ledger)
    assert rows == Counter(read)
    assert len({(row["input"], row["row"]) for row in made.ledger}) == sum(read.values())
    for source in decode((made.path / "manifest.json").read_bytes()).sources:
        dropped = [
            row for row in made.ledger if row["source"] == source.name and row["verdict"] == "drop"
        ]
        assert source.read == read[source.name] == source.kept + len(dropped)
    bad = sum(line in BAD for lines in corpus.values() for line in lines)
    assert sum(row["stage"] == "read" for row in made.ledger) == bad


def a_drop_has_a_reason_and_a_duplicate_a_kept_survivor(
    corpus: dict[str, Lines], variant: Settings, made: Made
) -> None:
    for row in made.ledger:
        assert row["reason"]
        assert isinstance(json.loads(row["detail"]), dict)
        assert (row["verdict"] == "keep") == (row["stage"] == "keep")
        duplicate = row["stage"] in {"exact", "near"}
        assert (row["survivor"] != "") == duplicate
        assert not duplicate or row["survivor"] in made.kept
        if row["stage"] == "near":
            detail = json.loads(row["detail"])
            least = 5 if "0.5" in variant.near else 8
            assert 10 * detail["shared"] >= least * detail["union"]


def what_is_emitted_is_clean(corpus: dict[str, Lines], variant: Settings, made: Made) -> None:
    redactor = ready(variant.level)
    ids = [document["id"] for document in made.documents]
    assert len(set(ids)) == len(ids)
    assert sorted(ids) == sorted(made.kept)
    for document in made.documents:
        text = document["text"]
        assert unicodedata.is_normalized("NFC", text)
        assert document["sha256"] == sha256(text.encode()).hexdigest()
        for start, end, kind in json.loads(document["meta"]["redactions"]):
            assert text[start:end] == f"REDACTED_{kind}"
        assert redactor.redact(text).text == text
    if variant.exact:
        assert len({document["sha256"] for document in made.documents}) == len(ids)


def an_emitted_document_is_its_input_but_for_redactions(
    corpus: dict[str, Lines], variant: Settings, made: Made
) -> None:
    redactor = ready(variant.level)
    origin = {
        (source, shown_id(document, variant)): document
        for source, found in parsed(corpus).items()
        for document in found
    }
    for document in made.documents:
        came = origin[document["source"], document["id"]]
        assert document["text"] == redactor.redact(came.text).text
        assert document["url"] == came.url
        assert came.extra.items() <= json.loads(document["meta"]["extra"]).items()


# what holds for any release: to make one takes longer than to look at it in all these ways
LAWS = (
    every_input_record_has_one_verdict,
    a_drop_has_a_reason_and_a_duplicate_a_kept_survivor,
    what_is_emitted_is_clean,
    an_emitted_document_is_its_input_but_for_redactions,
)


@examples(30)
@given(corpora(), variants)
def test_the_laws_of_a_release(corpus: dict[str, Lines], variant: Settings) -> None:
    with release_of(whole(corpus), variant) as made:
        for law in LAWS:
            law(corpus, variant, made)


@st.composite
def recut(draw: st.DrawFn, corpus: dict[str, Lines]) -> dict[str, list[Lines]]:
    """The same records in another order and in other files."""
    files: dict[str, list[Lines]] = {}
    for source, lines in corpus.items():
        shuffled = draw(st.permutations(lines))
        bounds = sorted(draw(st.lists(st.integers(0, len(lines)), max_size=3)))
        edges = [0, *bounds, len(lines)]
        files[source] = [shuffled[a:b] for a, b in pairwise(edges)]
    return files


@examples(25)
@given(st.data(), corpora(), variants)
def test_order_and_cut_of_the_inputs_change_nothing(
    data: st.DataObject, corpus: dict[str, Lines], variant: Settings
) -> None:
    seen = []
    for files in (whole(corpus), data.draw(recut(corpus))):
        with release_of(files, variant) as made:
            for law in LAWS:
                law(corpus, variant, made)
            names = ("id", "source", "verdict", "stage", "reason", "detail", "survivor")
            fates = Counter(
                tuple(row[name] for name in names) for row in made.ledger if row["stage"] != "read"
            )
            bytes_ = {
                path.relative_to(made.path).as_posix(): path.read_bytes()
                for folder in ("data", "index")
                for path in made.path.glob(f"{folder}/**/*")
                if path.is_file()
            } | {"splits": (made.path / "ledger/splits.parquet").read_bytes()}
            root = decode((made.path / "manifest.json").read_bytes()).content_root
            seen.append((made.kept, bytes_, fates, root))
    assert seen[0] == seen[1]


@examples(40)
@given(st.data(), corpora(), variants, st.sampled_from(("none", "exact", "near")))
def test_opt_outs_hold(
    data: st.DataObject, corpus: dict[str, Lines], variant: Settings, copies: str
) -> None:
    found = [document for source in SOURCES for document in parsed(corpus)[source]]
    assume(found)
    gone = data.draw(st.sampled_from(found))
    shown = shown_id(gone, variant)
    names = (("id", gone.id), ("id", shown), ("sha256", gone.sha256))
    kind, value = data.draw(st.sampled_from(names))
    twin = {"id": "twin", "text": gone.text, "license": "MIT"}
    corpus = {**corpus, "beta": [*corpus["beta"], json.dumps(twin).encode()]}
    redacted = ready(variant.level).redact(gone.text).text
    with release_of(whole(corpus), variant, optout=(kind, value, copies)) as made:
        if kind == "id":
            assert not {gone.id, shown} & made.kept
        else:
            same = [document for document in found if document.sha256 == gone.sha256]
            named = {shown_id(document, variant) for document in same}
            assert not (named | {"twin"}) & made.kept
        if copies != "none":
            assert redacted not in [document["text"] for document in made.documents]
        for row in made.ledger:
            if row["stage"] == "optout":
                assert json.loads(row["detail"])["request"].startswith("r-")
