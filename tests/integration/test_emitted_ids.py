"""Ids that are digests: no release lets anybody check a guess at what was redacted, and requests by them hold."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
import zstandard

from filters.document import Document
from pipeline.release import ledger_parts
from pipeline.sources.fields import to_document
from pipeline.verify import verify
from tests.conftest import Ask

Row = dict[str, Any]
JANE, JOE = "jane@hidden-mail.org", "joe@hidden-mail.org"
CONFIG = """
[release]
name = "t"
shards = 2
[license]
policy = "permissive"
[quality]
filters = ["gopher"]
[redact.replace]
CARD = "drop"
[[sources]]
name = "a"
paths = ["a.jsonl"]
license = "MIT"
[[sources]]
name = "f"
paths = ["f.jsonl"]
format = "faq"
id_prefix = "f/"
license = "MIT"
[[sources]]
name = "q"
paths = ["q.jsonl"]
format = "questions"
id_prefix = "q/"
license = "MIT"
[optout]
registry = "reg/events.jsonl"
[limits]
bad_records = 0.9
"""


def prose(name: object, words: int = 60) -> str:
    draw = random.Random(str(name))
    made = ("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))
    return f"The {' '.join(made)} and that of them"


def documents(who: str) -> list[Row]:
    """Records without an id, and with an address for one, whose ends are all there are."""
    text = f"{prose('one')} Write to {who}."
    return [
        {"text": text},
        {"text": prose("two"), "note": f"of {who}"},
        {"text": prose("three"), "url": f"https://mill.net/?who={who}"},
        {"text": prose("four"), "author": f"Jane Lee <{who}>"},
        {"id": who, "text": f"{prose('five')} {who}", "license": "Some words"},
        {"text": f"{prose('six')} {who}", "license": "GPL-3.0-only"},
        {"text": f"{who} 4556737586899855 {prose('seven')}"},
        {"text": f"Short: {who}"},
        {"text": prose("plain"), "stars": 3},
    ]


PLAIN = 8  # the row of the last, in which nothing is redacted


def pairs(who: str) -> list[Row]:
    """Documents that lay out questions; the third is a bad record, the last longer than a context."""
    told = "\n\n".join(f"Q: What is {prose(n, 3)}?\nA: It is {prose(n, 9)}." for n in range(2))
    many = "\n\n".join(f"Q: What is {prose(n, 3)}?\nA: It is {prose(n, 200)}." for n in range(2, 9))
    return [
        {"text": f"{told}\n\nWrite to {who}."},
        {"text": f"No pair, {who}."},
        {"text": f"{told}\n\nOr to {who}.", "synthetic": 5},
        {"text": f"{many}\n\nWrite to {who}."},
    ]


def questions(who: str) -> list[Row]:
    def question(number: int, **more: Any) -> Row:
        context = f"{prose(f'context {number}')} {who}"
        start = len(context) - len(who) if number == 1 else 0
        answers = [{"text": context[start:].split(maxsplit=1)[0], "start": start}]
        asked = {"id": who, "title": "t", "context": context, "question": f"Which is {number}?"}
        return asked | {"answers": answers} | more

    return [question(0), question(1), question(2, question=f"What of {who}?"), question(3)]


def everything(release: Path) -> str:
    """Read every file of a release as text, packed ones unpacked."""
    told = []
    for path in sorted(each for each in release.rglob("*") if each.is_file()):
        if path.suffix == ".parquet":
            told += map(str, pq.read_table(path).to_pylist())
        elif path.suffix == ".zst":
            with zstandard.open(path, "rt", encoding="utf-8") as lines:
                told.append(lines.read())
        else:
            told.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(told)


def ledger(release: Path, source: str) -> list[Row]:
    rows = [
        row for path in ledger_parts(release / "ledger") for row in pq.read_table(path).to_pylist()
    ]
    return sorted((row for row in rows if row["source"] == source), key=lambda row: row["row"])


def questions_of(release: Path) -> Iterator[Row]:
    for path in sorted(release.glob("qa/*/*.jsonl.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def guesses(source: str, record: Row, prefix: str = "") -> Iterator[str]:
    """All that a release held of a record so far, or could hold, by which a guess at it can be checked."""
    for is_address in (None, lambda name: "@" in name):
        made = to_document(record, source=source, id_prefix=prefix, is_address=is_address)
        assert isinstance(made, Document)
        yield made.id.removeprefix(prefix)
        if JANE in made.text:
            yield made.sha256[:32]


class Mill(NamedTuple):
    """A folder with inputs and a registry."""

    folder: Path
    ask: Ask

    def make(self, *sets: str, out: str = "out", work: str = "work") -> Path:
        given = [part for each in sets for part in ("--set", each)]
        config, folders = self.folder / "mill.toml", (self.folder / out, self.folder / work)
        said = self.ask(
            "run", config, "--out", folders[0], "--work", folders[1], "--executor", "sync", *given
        )
        assert said.code == 0, said.err
        made = Path(said.out.splitlines()[-1])
        assert verify(made, deep=True).problems == ()
        return made

    def add(self, name: str) -> str:
        registry = self.folder / "reg/events.jsonl"
        said = self.ask("optout", "add", "--registry", registry, "--id", name, "--json")
        request: str = said.row()["request"]
        return request

    def apply(self, release: Path, out: str, *more: object) -> Path:
        copy = self.folder / out / release.name  # a release is withdrawn once
        shutil.copytree(release, copy)
        said = self.ask(
            "optout", "apply", copy, "--registry", self.folder / "reg/events.jsonl",
            "--out", copy.parent, "--work", self.folder / f"work-{out}", "--json", *more,
        )  # fmt: skip
        assert said.code == 0, said.err
        told = said.row()
        assert told["amended"] == (not more)
        made = Path(told["release"])
        assert verify(made, deep=True).problems == ()
        return made


@pytest.fixture
def mill(tmp_path: Path, ask: Ask) -> Mill:
    fill(tmp_path, JANE)
    (tmp_path / "mill.toml").write_text(CONFIG)
    (tmp_path / "reg").mkdir()
    (tmp_path / "reg/events.jsonl").write_bytes(b"")
    return Mill(tmp_path, ask)


def fill(folder: Path, *people: str) -> None:
    for name, records in (("a", documents), ("f", pairs), ("q", questions)):
        write(folder / f"{name}.jsonl", [each for who in people for each in records(who)])


def write(path: Path, records: Iterable[Row]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def test_no_file_of_a_release_lets_a_guess_be_checked(mill: Mill) -> None:
    release = mill.make()
    told = everything(release)
    stages = [row["stage"] for row in ledger(release, "a")]
    assert stages == [*["keep"] * 4, "license", "license", "redact", "quality", "keep"]
    for source, records, prefix in (("a", documents, ""), ("f", pairs, "f/")):
        for number, record in enumerate(records(JANE)):
            found = [each for each in guesses(source, record, prefix) if each in told]
            assert bool(found) == ((source, number) == ("a", PLAIN)), (number, found)
    for record in questions(JANE):
        for text in (record["context"], record["question"] if JANE in record["question"] else "-"):
            assert hashlib.sha256(text.encode()).hexdigest()[:32] not in told
    assert ledger(release, "a")[PLAIN]["id"] == next(guesses("a", documents(JANE)[PLAIN]))


def test_an_id_does_not_depend_on_who_was_redacted(mill: Mill) -> None:
    first = {source: ledger(mill.make(), source) for source in "afq"}
    fill(mill.folder, JOE)
    release = mill.make(out="joe")
    for source in "afq":
        assert [row["id"] for row in first[source]] == [
            row["id"] for row in ledger(release, source)
        ]


def test_records_that_differ_in_who_was_redacted_are_duplicates(mill: Mill) -> None:
    fill(mill.folder, JANE, JOE)
    release = mill.make()
    for source in "afq":
        rows = ledger(release, source)
        one, other = rows[: len(rows) // 2], rows[len(rows) // 2 :]
        assert [row["id"] for row in one] == [row["id"] for row in other]
        kept = [(row["id"], row["id"]) for row in one if row["verdict"] == "keep"]
        assert kept
        assert [(row["id"], row["survivor"]) for row in other if row["stage"] == "exact"] == kept


def test_an_id_is_there_once_without_deduplication(mill: Mill) -> None:
    fill(mill.folder, JANE, JOE)
    release = mill.make("dedup.exact=false", "dedup.near=false")
    kept = [
        row["id"] for each in "afq" for row in ledger(release, each) if row["verdict"] == "keep"
    ]
    assert len(set(kept)) == len(kept) > 8


def test_a_pair_and_its_document_have_one_id_of_what_is_emitted(mill: Mill) -> None:
    release = mill.make()
    rows = [row for row in ledger(release, "f") if row["row"] < 2]
    whole = rows[0]["id"].removeprefix("f/").removesuffix("#1")
    assert rows[1]["id"] == f"f/{whole}#2"
    text = pairs(JANE)[0]["text"]
    (record,) = (each for each in questions_of(release) if each["id"] == rows[0]["id"])
    (origin,) = json.loads(record["meta"]["extra"])["origins"]
    assert origin["id"] == whole
    assert origin["sha256"] != hashlib.sha256(text.encode()).hexdigest()


def opted_out(release: Path) -> list[tuple[str, int, str]]:
    """List who went for an id, and for which request."""
    return [
        (source, row["row"], json.loads(row["detail"])["request"])
        for source in "afq"
        for row in ledger(release, source)
        if (row["stage"], row["reason"]) == ("optout", "id")
    ]


def shown(release: Path) -> list[str]:
    """The ids of the first record of each source as a release has them."""
    return [ledger(release, source)[0]["id"] for source in "afq"]


@pytest.mark.parametrize("before", [False, True])
def test_a_request_by_either_id_holds_in_a_run(mill: Mill, *, before: bool) -> None:
    """By that of the release and by that which the record was read under."""
    names = shown(mill.make())
    if before:
        of_pairs = next(guesses("f", pairs(JANE)[0]))
        names = [next(guesses("a", documents(JANE)[0])), f"f/{of_pairs}#1", f"q/{JANE}"]
    requests = [mill.add(name) for name in names]
    after = mill.make("release.version=2.0.0", out="later")
    fresh = mill.make("release.version=2.0.0", out="fresh", work="fresh-work")
    for release in (after, fresh):
        found = opted_out(release)
        for source, request in zip("afq", requests, strict=True):
            assert (source, 0, request) in found
        assert {request for *_, request in found} == set(requests)
    assert (after / "SHA256SUMS").read_bytes() == (fresh / "SHA256SUMS").read_bytes()


def test_a_request_by_the_id_in_a_release_holds_when_that_is_amended(mill: Mill) -> None:
    release = mill.make()
    requests = [mill.add(name) for name in shown(release)]
    away = mill.apply(release, "away")
    full = mill.apply(release, "full", "--inputs", mill.folder)
    assert opted_out(away) == opted_out(full)
    assert {request for *_, request in opted_out(full)} == set(requests)
    assert (away / "data").exists()
    told = [json.loads((each / "manifest.json").read_bytes()) for each in (away, full)]
    assert told[0]["content_root"] == told[1]["content_root"]


def test_a_split_stays_that_of_the_parent(mill: Mill) -> None:
    config = ("split.validation=0.4", "split.test=0.4")
    parent = mill.make(*config)
    fill(mill.folder, JOE, JANE)
    child = mill.make(*config, "release.version=2.0.0", f'release.parent="{parent}"', out="child")

    def splits(release: Path) -> dict[str, str]:
        rows = pq.read_table(release / "ledger/splits.parquet").to_pylist()
        return {row["id"]: row["split"] for row in rows}

    assert splits(parent) == splits(child)
    assert len(set(splits(parent).values())) > 1


def test_explain_tells_of_all_records_of_one_id(mill: Mill) -> None:
    fill(mill.folder, JANE, JOE)
    release = mill.make()
    found = mill.ask("explain", release, shown(release)[0], "--json").rows()
    assert [each["stage"] for each in found] == ["keep", "exact"]
    assert found[0]["place"] == found[1]["place"] is not None
