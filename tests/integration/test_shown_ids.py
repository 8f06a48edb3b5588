"""Ids in a release: a bad record keeps its own, and one that is somebody's address stands nowhere."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
import zstandard

from manifests.licenses_page import REVIEW
from pipeline.release import ledger_parts
from pipeline.verify import verify
from tests.conftest import Ask

Row = dict[str, Any]
JANE, JOE, ANN = "jane@hidden-mail.org", "joe@hidden-mail.org", "<77.ann@hidden-mail.org>"
HIDDEN = "hidden-mail"
PLAIN = ("git@github.com:owner/x", "name@1.2.3", "<123@mail.example.com>", "d0")  # no addresses
TITLE = "About many things"
CONFIG = """
[release]
name = "t"
shards = 2
[[sources]]
name = "a"
paths = ["a.jsonl"]
id_prefix = "a/"
[[sources]]
name = "q"
paths = ["q.jsonl"]
format = "questions"
id_prefix = "q/"
[optout]
registry = "reg/events.jsonl"
[limits]
bad_records = 0.9
"""


def prose(name: object, words: int = 60) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def documents() -> list[Row]:
    """Ids that are addresses, ids that look like it, and records that are none."""
    return [
        *({"id": name, "text": prose(name)} for name in PLAIN),
        {"id": JANE, "text": prose("one"), "author": JANE},
        {"id": JOE, "text": prose("one"), "author": JOE},  # the same once more
        {"id": JANE, "text": prose("two")},  # and something else under one address
        {"id": ANN, "text": prose("three"), "license": "Some words"},  # which somebody looks at
        {"id": "unfit"},
        {"id": "unfit", "text": 7},
        {"id": 12, "text": "nul \0"},
        {"id": JOE, "text": None},
        {"id": "in\ntwo lines"},
        {"id": "x" * 2000},
        {"text": ["no id"]},
    ]


DOCUMENT_ROWS = ("unfit", "unfit", "12", "", "", "", "")  # ids of the last ones, "" where by place


def question(name: Any, number: int, **given: Any) -> Row:
    context = prose(f"context {number}")
    answer = context.split()[3]
    answers = [{"text": answer, "start": context.index(answer)}]
    asked = {"id": name, "title": TITLE, "context": context, "question": f"What is {number}?"}
    return asked | {"answers": answers} | given


def questions() -> list[Row]:
    broken = [{"text": "is not there", "start": 0}]
    return [
        *(question(name, number) for number, name in enumerate(PLAIN)),
        question(JANE, 10),
        question(JOE, 10, title=JOE),  # the same once more, but for its title
        question(JANE, 11),
        question(JANE, 11, question="And what else is it?"),
        question("cut", 12, answers=broken),
        question("cut", 13, answers=broken),
        question(ANN, 14, answers=broken),
        question(None, 15),
    ]


QUESTION_ROWS = ("cut", "cut", "", "")


class Mill(NamedTuple):
    """A folder with inputs and a registry."""

    folder: Path
    ask: Ask

    def make(self, *sets: str, out: str = "out") -> Path:
        pairs = [part for each in sets for part in ("--set", each)]
        config = self.folder / "mill.toml"
        said = self.ask("run", config, "--out", self.folder / out, "--executor", "sync", *pairs)
        assert said.code == 0, said.err
        assert HIDDEN not in said.out + said.err
        made = Path(said.out.splitlines()[-1])
        assert verify(made, deep=True).problems == ()
        return made

    def add(self, name: str) -> str:
        registry = self.folder / "reg/events.jsonl"
        said = self.ask("optout", "add", "--registry", registry, "--id", name, "--json")
        request: str = said.row()["request"]
        return request


@pytest.fixture
def mill(tmp_path: Path, ask: Ask) -> Mill:
    write(tmp_path / "a.jsonl", documents())
    write(tmp_path / "q.jsonl", questions())
    (tmp_path / "mill.toml").write_text(CONFIG)
    (tmp_path / "reg").mkdir()
    (tmp_path / "reg/events.jsonl").write_bytes(b"")
    return Mill(tmp_path, ask)


def write(path: Path, records: Iterable[Row]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def ledger(release: Path, source: str) -> list[Row]:
    rows = [
        row for path in ledger_parts(release / "ledger") for row in pq.read_table(path).to_pylist()
    ]
    return sorted((row for row in rows if row["source"] == source), key=lambda row: row["row"])


def everything(release: Path) -> str:
    """Read every file of a release as text, packed ones unpacked, and the names of files."""
    told = []
    for path in sorted(each for each in release.rglob("*") if each.is_file()):
        told.append(str(path.relative_to(release)))
        if path.suffix == ".parquet":
            told += map(str, pq.read_table(path).to_pylist())
        elif path.suffix == ".zst":
            with zstandard.open(path, "rt", encoding="utf-8") as lines:
                told.append(lines.read())
        else:
            told.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(told)


def test_an_address_stands_nowhere_in_a_release(mill: Mill) -> None:
    release = mill.make()
    assert HIDDEN not in everything(release)
    for source, prefix in (("a", "a/"), ("q", "q/")):
        rows = ledger(release, source)
        kept = [row["id"] for row in rows if row["verdict"] == "keep"]
        assert len(set(kept)) == len(kept)
        assert kept[: len(PLAIN)] == [prefix + name for name in PLAIN]
        assert all(name.startswith(prefix) for name in kept)
        one, again, other, *_ = rows[len(PLAIN) :]
        # one content under two addresses is a duplicate; two contents under one are two records
        stages = {(row["stage"], row["reason"], row["survivor"]) for row in (one, again)}
        assert stages == {("keep", "kept", ""), ("exact", "sha256", one["id"])}
        assert again["id"] == one["id"] != other["id"]
        assert other["verdict"] == "keep"
    reviewed = (release / REVIEW).read_text()
    assert ledger(release, "a")[len(PLAIN) + 3]["id"] in reviewed


def test_questions_of_a_document_do_not_name_its_address(mill: Mill) -> None:
    pairs = "\n\n".join(f"Q: What is {prose(n, 3)}?\nA: It is {prose(n, 200)}." for n in range(9))
    write(mill.folder / "q.jsonl", [{"id": JANE, "text": pairs}, {"id": JOE, "text": "No pair."}])
    release = mill.make('sources.1.format="faq"')
    rows = ledger(release, "q")
    assert [row["verdict"] for row in rows] == [*["keep"] * 9, "drop"]
    assert len({row["id"] for row in rows}) == len(rows)
    assert HIDDEN not in everything(release)


def test_a_bad_record_keeps_its_own_id(mill: Mill) -> None:
    release = mill.make()
    for source, expected in (("a", DOCUMENT_ROWS), ("q", QUESTION_ROWS)):
        rows = ledger(release, source)[-len(expected) :]
        assert {row["stage"] for row in rows} == {"read" if source == "a" else "qa"}
        places = [f"{source}.jsonl#{row['row']}" for row in rows]
        names = [f"{source}/{name}" if name else "" for name in expected]
        assert [row["id"] for row in rows] == [a or b for a, b in zip(names, places, strict=True)]
    found = mill.ask("explain", release, "a/unfit", "--json").rows()
    assert [each["reason"] for each in found] == ["text-missing", "text-type"]


def test_ids_stay_as_they_are_where_nothing_is_redacted(mill: Mill) -> None:
    write(mill.folder / "a.jsonl", [{"id": JANE, "text": prose("one")}, {"id": JOE}])
    write(mill.folder / "q.jsonl", [question(JANE, 10)])
    config = ('redact.level="off"', "limits.bad_records=1.0")
    pairs = [part for each in config for part in ("--set", each)]
    out = mill.folder / "out"
    said = mill.ask("run", mill.folder / "mill.toml", "--out", out, "--executor", "sync", *pairs)
    release = Path(said.out.splitlines()[-1])
    assert [row["id"] for row in ledger(release, "a")] == [f"a/{JANE}", f"a/{JOE}"]
    assert [row["id"] for row in ledger(release, "q")] == [f"q/{JANE}"]


def test_a_request_by_the_id_that_a_record_came_with_holds(mill: Mill) -> None:
    request = mill.add(f"a/{ANN}")
    asked = mill.add(f"q/{JANE}")
    release = mill.make()
    gone = {row["row"]: row for row in ledger(release, "a") if row["stage"] == "optout"}
    assert [json.loads(row["detail"])["request"] for row in gone.values()] == [request]
    assert list(gone) == [len(PLAIN) + 3]
    taken = [row for row in ledger(release, "q") if row["stage"] == "optout"]
    # the two of that id and, as copies, all that is asked over the same contexts
    assert [row["row"] - len(PLAIN) for row in taken] == [0, 1, 2, 3]
    assert {json.loads(row["detail"])["request"] for row in taken} == {asked}
    assert HIDDEN not in everything(release)


def test_a_request_by_the_id_in_the_release_holds(mill: Mill) -> None:
    before = mill.make()
    name = ledger(before, "a")[len(PLAIN)]["id"]
    asked = ledger(before, "q")[len(PLAIN) + 2]["id"]
    requests = [mill.add(name), mill.add(asked)]
    after = mill.make("release.version=2.0.0", out="later")
    rows = [*ledger(after, "a"), *ledger(after, "q")]
    gone = [row for row in rows if row["stage"] == "optout" and row["reason"] == "id"]
    assert {row["id"] for row in gone} == {name, asked}
    assert {json.loads(row["detail"])["request"] for row in gone} == set(requests)


@pytest.mark.parametrize("name", ["a/unfit", "q/cut"])
def test_a_request_for_a_bad_record_changes_no_row(mill: Mill, name: str) -> None:
    """With inputs and without: nobody asks the registry of what is no record."""
    release = mill.make()
    before = [row for each in "aq" for row in ledger(release, each) if row["id"] != "a/d0"]
    mill.add(name)
    mill.add("a/d0")
    away = mill.folder / "away"
    shutil.copytree(release, away / release.name)
    registry = mill.folder / "reg/events.jsonl"
    said = mill.ask("optout", "apply", away / release.name, "--registry", registry, "--out", away)
    assert said.code == 0, said.err
    made = mill.make("release.version=1.0.1", out="whole")
    for amended in (Path(said.out.splitlines()[-1]), made):
        assert verify(amended, deep=True).problems == ()
        assert amended.name == "t-1.0.1"
        after = [row for each in "aq" for row in ledger(amended, each) if row["id"] != "a/d0"]
        assert after == before


def test_a_release_cannot_tell_of_an_id_that_it_does_not_show(mill: Mill) -> None:
    release = mill.make()
    registry = mill.folder / "reg/events.jsonl"

    def undecided(name: str) -> int:
        asked = ("optout", "check", release, "--registry", registry, "--id", name, "--json")
        found: int = mill.ask(*asked).row()["proof"][0]["undecided"]
        return found

    records = sum(row["verdict"] == "keep" for each in "aq" for row in ledger(release, each))
    assert undecided(f"a/{JANE}") == records
    assert undecided("a/nobody") == undecided(f"a/{PLAIN[0]}") == 0  # it is there
    request = mill.add(f"a/{JANE}")
    said = mill.ask("optout", "report", release, "--registry", registry, "--json").row()
    (standing,) = (each for each in said["requests"] if each["request"] == request)
    assert [each["undecided"] for each in standing["cannot_tell"]] == [records]
    mill.add("a/d0")  # so that something goes
    away = mill.folder / "away"
    shutil.copytree(release, away / release.name)
    done = mill.ask("optout", "apply", away / release.name, "--registry", registry, "--out", away)
    notes = json.loads((Path(done.out.splitlines()[-1]) / "manifest.json").read_bytes())["notes"]
    assert [each for each in notes if "an id that is an e-mail address" in each]
    assert HIDDEN not in "".join(notes)


def test_a_protected_set_names_no_address(mill: Mill) -> None:
    write(
        mill.folder / "eval.jsonl", [{"id": JANE, "text": prose("one")}, {"id": ANN, "text": "-"}]
    )
    protect = '{name = "held", paths = ["eval.jsonl"]}'
    release = mill.make(f"decontam.protect=[{protect}]")
    told = everything(release)
    assert HIDDEN not in told
    gone = [row for row in ledger(release, "a") if row["stage"] == "decontam"]
    items = [json.loads(row["detail"])["item"] for row in gone]
    # by passage, the same once more, by its id, and by its id again
    assert [row["reason"] for row in gone] == [*["ngram:held"] * 2, *["id:held"] * 2]
    assert [each[12:] for each in items] == ["#0", "#0", "", ""]
