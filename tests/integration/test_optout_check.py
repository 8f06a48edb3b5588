"""`optout check` and `optout report`: what releases hold of a subject, with proofs; how requests stand."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from filters.subjects import content_swhid
from manifests.registry import Draft, Entry
from pipeline.cli.app import main
from pipeline.optout import append
from pipeline.prove import prove
from tests.conftest import Ask, Said

Record = dict[str, Any]

CONFIG = """
[release]
name = "t"
shards = 2
signatures = true
[[sources]]
name = "a"
paths = ["a.jsonl"]
[[sources]]
name = "qa"
paths = ["qa.json"]
format = "squad"
[optout]
registry = "reg/events.jsonl"
"""


class Desk(NamedTuple):
    """A folder with releases under `out`, and commands with its registry."""

    folder: Path
    call: Ask

    def ask(self, part: str, *arguments: object) -> Said:
        return self.call("optout", part, "--registry", self.folder / "reg/events.jsonl", *arguments)

    def check(self, *subject: object) -> Record:
        return self.ask("check", self.folder / "out", "--json", *subject).row()

    def add(self, *subject: object) -> str:
        request: str = self.ask("add", "--json", *subject).row()["request"]
        return request

    def make(self, *sets: str) -> Path:
        pairs = [part for each in sets for part in ("--set", each)]
        out = self.folder / "out"
        said = self.call(
            "run", self.folder / "mill.toml", "--out", out, "--executor", "sync", *pairs
        )
        assert said.code == 0, said.err
        return Path(said.out.splitlines()[-1])


def prose(name: object, words: int = 120) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


RECORDS: list[Record] = [
    {"id": "one", "text": prose(1), "repo": "https://gitlab.com/g/s/n", "path": "docs/a.md"},
    {"id": "two", "text": prose(2), "repo": "git@gitlab.com:g/s/n.git", "path": "src/b.py"},
    {"id": "three", "text": prose(3), "url": "https://www.example.org/a/b?c=d"},
    {"id": "four", "text": prose(4), "repo": "o/n", "author": "A <a@example.org>"},
    {"id": "five", "text": prose(5), "swhid": f"swh:1:cnt:{'5' * 40};origin=https://x.example/y"},
]


def write_sources(folder: Path, records: Iterable[Record]) -> None:
    (folder / "a.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    context = prose("qa")
    answers = [{"text": context.split()[5], "answer_start": context.index(context.split()[5])}]
    qas = [{"id": "q1", "question": "Which?", "answers": answers}]
    data = [{"title": "t", "paragraphs": [{"context": context, "qas": qas}]}]
    (folder / "qa.json").write_text(json.dumps({"version": "1.1", "data": data}))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a registry and one release, made once."""
    folder = tmp_path_factory.mktemp("made")
    write_sources(folder, RECORDS)
    (folder / "mill.toml").write_text(CONFIG)
    (folder / "reg").mkdir()
    (folder / "reg/events.jsonl").write_bytes(b"")
    (folder / "key").write_bytes(b"k" * 32)
    run = ["run", folder / "mill.toml", "--out", folder / "out", "--executor", "sync"]
    assert main([str(each) for each in run]) == 0
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path, ask: Ask) -> Desk:
    """A copy of it to work in, with what was derived."""
    shutil.copytree(made, tmp_path / "desk", symlinks=True)
    return Desk(tmp_path / "desk", ask)


ASKED: list[tuple[list[str], list[str]]] = [
    (["--id", "one"], ["one"]),
    (["--id", "q1"], ["q1"]),
    (["--id", "nothing"], []),
    (["--repo", "gitlab.com/g/s/n"], ["one", "two"]),
    (["--repo", "gitlab.com/g/s"], []),
    (["--owner", "gitlab.com/g"], ["one", "two"]),
    (["--origin", "https://github.com/o/n"], ["four"]),
    (["--repo", "gitlab.com/g/s/n", "--path", "*.md"], ["one"]),
    (["--repo", "gitlab.com/g/s/n", "--path", "src/"], ["two"]),
    (["--domain", "example.org"], ["three"]),
    (["--url", "http://example.org/a"], ["three"]),
    (["--url", "example.org/a/b?c=d"], ["three"]),
    (["--sha256", hashlib.sha256(prose(3).encode()).hexdigest()], ["three"]),
    (["--sha256", hashlib.sha256(prose("qa").encode()).hexdigest()], ["q1"]),
    (["--swhid", content_swhid(prose(2).encode())], ["two"]),
    (["--swhid", f"{content_swhid(prose(2).encode())};path=/src/b.py"], ["two"]),
    (["--swhid", f"{content_swhid(prose(2).encode())};path=/src/c.py"], []),
    (["--swhid", f"swh:1:cnt:{'5' * 40}"], ["five"]),
    (["--author", "a@example.org"], []),
]


def test_every_kind_of_subject_is_answered_and_proved(desk: Desk) -> None:
    for subject, expected in ASKED:
        found = desk.check(*subject, "--key", desk.folder / "key")
        assert found["documents"] == expected, subject
        assert [each["ids"] for each in found["releases"]] == [expected]
        looked = found["proof"][0]
        assert (looked["release"], looked["documents"], looked["questions"]) == ("t-1.0.0", 5, 1)
        assert bool(found["notes"]) == ("--author" in subject)
        assert ("merkle" in looked) == (subject[0] == "--id")


def test_a_proof_is_that_of_the_shards_and_holds_for_the_checker(desk: Desk) -> None:
    release = desk.folder / "out/t-1.0.0"
    root = json.loads((release / "manifest.json").read_bytes())["content_root"]
    for name, claim in (("one", "member"), ("q1", "member"), ("nothing", "absent")):
        merkle = desk.check("--id", name)["proof"][0]["merkle"]
        (desk.folder / "proof.json").write_text(json.dumps(merkle))
        checker = [sys.executable, release / "check_proof.py", desk.folder / "proof.json"]
        done = subprocess.run([*checker, "--root", root], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout
        assert merkle["claim"] == claim
        assert json.loads(json.dumps(merkle)) == json.loads(
            msgspec.json.encode(prove(release, name))
        )


def test_a_file_is_found_in_each_of_its_forms_and_nearly(desk: Desk) -> None:
    file = desk.folder / "file.txt"
    for text, exact, near in (
        (prose(1), ["one"], []),
        (f"({prose(1).upper()})\n", ["one"], []),
        (prose(1) + " and more", [], ["one"]),
        (prose("qa") + " and more", [], ["q1"]),
        (prose("other"), [], []),
        ("...", [], []),
    ):
        file.write_text(text)
        found = desk.check("--file", file)
        assert (found["documents"], found["near"]) == (exact, near), text[:20]
        assert found["notes"] == []
    file.write_text(prose(1) + " and more")
    copy = desk.check("--file", file)["releases"][0]["near"][0]
    assert 0.8 <= copy["similarity"] < 1
    request = desk.add("--text", file)
    assert desk.check("--file", file)["requests"] == [request]
    file.write_bytes(b"\xff")
    assert desk.ask("check", desk.folder / "out", "--file", file).code == 2
    assert desk.ask("check", desk.folder / "out", "--id", "x", "--near").code == 2
    both = desk.ask("check", desk.folder / "out", "--id", "x", "--file", desk.folder / "key")
    assert both.code == 2


def test_without_signatures_near_copies_are_sought_only_if_asked_for(desk: Desk) -> None:
    shutil.rmtree(desk.folder / "out/t-1.0.0/signatures")
    file = desk.folder / "file.txt"
    file.write_text(prose(1) + " and more")
    found = desk.check("--file", file)
    assert found["near"] == []
    assert "6 texts" in found["notes"][0]
    found = desk.check("--file", file, "--near")
    assert (found["near"], found["notes"]) == (["one"], [])
    assert desk.check("--file", file)["near"] == ["one"]  # signed once


def test_the_index_is_made_once_and_again_when_it_is_not_sound(desk: Desk) -> None:
    def says() -> str:
        return desk.ask("check", desk.folder / "out", "--id", "one").err

    assert "index of t-1.0.0" in says()
    assert says() == ""
    folder = next((desk.folder / "out/.index").glob("*/subjects"))
    for path in sorted(folder.iterdir()):
        path.write_bytes(path.read_bytes()[:-1])
        assert "index of t-1.0.0" in says(), path.name
        assert says() == ""
    about = json.loads((folder / "about.json").read_bytes())
    (folder / "about.json").write_text(json.dumps(about | {"code": "0" * 64}))
    assert "index of t-1.0.0" in says()
    (folder.parent.parent / ("0" * 64)).mkdir()
    shutil.rmtree(folder)
    says()
    assert [each.name for each in folder.parent.parent.iterdir()] == [folder.parent.name]
    assert desk.call("verify", desk.folder / "out/t-1.0.0").code == 0


def test_a_damaged_release_gets_no_index(desk: Desk) -> None:
    release = desk.folder / "out/t-1.0.0"
    shards = sorted(release.glob("data/a/*.zst"))
    raw = bytearray(shards[0].read_bytes())
    raw[len(raw) // 2] ^= 1
    shards[0].write_bytes(raw)
    said = desk.ask("check", release, "--id", "one")
    assert said.code == 4
    assert shards[0].name in said.err
    assert not list((desk.folder / "out/.index").glob("*/*"))


def test_where_nothing_can_be_written_a_users_cache_holds_the_index(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = desk.folder / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    (desk.folder / "out/.index").write_text("a file where the folder would be")
    assert desk.check("--id", "one")["documents"] == ["one"]
    assert list(cache.glob("gristmill/subject-index/*/subjects/about.json"))
    assert desk.ask("check", desk.folder / "out", "--id", "one").err == ""


def test_all_versions_are_asked_and_what_was_withdrawn_is_told(desk: Desk) -> None:
    request = desk.add("--id", "one")
    successor = desk.ask(
        "apply", desk.folder / "out/t-1.0.0", "--executor", "sync", "--inputs", desk.folder
    )
    assert successor.code == 0, successor.err
    found = desk.check("--id", "one")
    first, second = found["releases"]
    assert (first["release"], second["release"]) == ("t-1.0.0", "t-1.0.1")
    assert (first["ids"], second["ids"]) == (["one"], [])
    assert (first["replaced_by"], second["replaced_by"]) == ("t-1.0.1", "")
    assert [each["id"] for each in second["tombstones"]] == ["one"]
    assert [each["merkle"]["claim"] for each in found["proof"]] == ["member", "absent"]
    assert (found["documents"], found["requests"]) == (["one"], [request])
    text = desk.ask("check", desk.folder / "out", "--id", "one").out
    assert "withdrawn" in text
    assert "is not in it" in text


def test_requests_that_do_not_hold_yet_are_told_as_such(desk: Desk) -> None:
    pending = desk.add("--owner", "gitlab.com/g", "--pending")
    later = desk.add("--repo", "gitlab.com/g/s/n", "--effective", "2999-01-01")
    holds = desk.add("--domain", "gitlab.com")
    desk.add("--repo", "gitlab.com/other/n")
    found = desk.check("--repo", "gitlab.com/g/s/n")
    assert found["requests"] == [holds]
    told = {each["request"]: (each["holds"], each["status"]) for each in found["covering"]}
    assert told == {
        holds: (True, "verified"),
        pending: (False, "pending"),
        later: (False, "verified"),
    }


# ---- report


def report(desk: Desk, today: str, *more: object) -> Record:
    return desk.ask("report", desk.folder / "out", "--json", "--today", today, *more).row()


@pytest.fixture
def settled(desk: Desk) -> tuple[Desk, dict[str, str]]:
    """Requests of 1 January, one of each fate, and the successor that was made on the tenth."""
    registry = desk.folder / "reg/events.jsonl"
    names = {}
    for name, value, closing, due in (
        ("applied", "one", "verify", ""),
        ("overdue", "two", "verify", "2026-01-15"),
        ("waits", "three", "", "2026-01-15"),
        ("rejected", "four", "reject", "2026-01-15"),
        ("reaches nothing", "nobody", "verify", "2026-01-15"),
    ):
        drafts = [Draft(event="submit", subjects=(Entry("id", value),), due=due)]
        drafts += [Draft(event=closing)] if closing else []  # type: ignore[arg-type]  # a kind of event
        names[name] = append(registry, drafts, now="2026-01-01T00:00:00Z")[0].request
    return desk, names


def test_a_report_says_what_is_unapplied_and_overdue(
    settled: tuple[Desk, dict[str, str]],
) -> None:
    desk, names = settled
    found = report(desk, "2026-01-11")
    rows = {each["request"]: each for each in found["requests"]}
    assert [rows[each]["age_days"] for each in names.values()] == [10] * 5
    assert {name for name, each in names.items() if rows[each]["unapplied"]} == {
        "applied",
        "overdue",
    }
    assert found["summary"] == {
        "pending": 1,
        "verified": 3,
        "rejected": 1,
        "revoked": 0,
        "unapplied": 2,
        "cannot_tell": 0,
        "overdue": 0,
        "oldest_unapplied_days": 10,
        "applied": 0,
        "median_days_to_apply": None,
    }
    late = report(desk, "2026-01-31")
    overdue = {each["request"] for each in late["requests"] if each["overdue"]}
    assert overdue == {names["overdue"], names["waits"]}
    assert late["summary"]["oldest_unapplied_days"] == 30


def test_a_report_follows_withdrawals_and_names_nobody(
    settled: tuple[Desk, dict[str, str]],
) -> None:
    desk, names = settled
    said = desk.ask(
        "apply", desk.folder / "out/t-1.0.0", "--executor", "sync", "--inputs", desk.folder
    )
    assert said.code == 0, said.err
    lines = (desk.folder / "out/withdrawals.jsonl").read_text().splitlines()
    entry = json.loads(lines[0]) | {"withdrawn": "2026-01-10"}
    (desk.folder / "out/withdrawals.jsonl").write_text(json.dumps(entry) + "\n")
    found = report(desk, "2026-01-31")
    rows = {each["request"]: each for each in found["requests"]}
    assert (found["releases"], found["withdrawn"]) == (["t-1.0.1"], ["t-1.0.0"])
    assert found["summary"]["unapplied"] == 0
    assert found["summary"]["median_days_to_apply"] == 9
    assert rows[names["applied"]]["replaced"][0]["replaced_by"] == "t-1.0.1"
    assert rows[names["overdue"]]["overdue"] is False
    waiting = rows[names["waits"]]["held_by"]
    assert waiting == [{"release": "t-1.0.1", "documents": 1, "questions": 0}]
    text = desk.ask("report", desk.folder / "out", "--today", "2026-01-31").out
    assert "three" not in text
    assert "three" not in json.dumps(found)
    assert "1 overdue" in text
    with_ids = desk.ask("report", desk.folder / "out", "--today", "2026-01-31", "--documents").out
    assert f"{names['waits']} t-1.0.1 three" in with_ids
    assert desk.ask("report", desk.folder / "out", "--today", "soon").code == 2


def test_a_request_reaches_only_what_it_means(desk: Desk) -> None:
    rust = desk.add("--repo", "gitlab.com/g/s/n", "--language", "Rust")
    python = desk.add("--repo", "gitlab.com/g/s/n", "--language", "Python")
    next_only = desk.add("--repo", "gitlab.com/g/s/n", "--applies", "next")
    author = desk.add("--author", "a@example.org", "--key", desk.folder / "key")
    rows = {each["request"]: each for each in report(desk, "2999-01-01")["requests"]}
    # docs/a.md is in no language that anybody could tell, and so in each
    assert rows[rust]["held_by"][0]["documents"] == 1
    assert rows[python]["held_by"][0]["documents"] == 2
    assert rows[next_only]["held_by"] == []
    assert rows[author]["unseen"] == ["author"]
