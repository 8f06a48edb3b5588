"""What a digest cannot tell of redacted texts is said as such: `optout check`, `report` and `apply` of one release."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from filters.subjects import content_swhid
from pipeline.cli.app import main
from tests.conftest import Ask, Said

Row = dict[str, Any]

CONFIG = """
[release]
name = "t"
shards = 2
signatures = true
[[sources]]
name = "code"
paths = ["code.jsonl"]
data_kind = "code"
[[sources]]
name = "other"
paths = ["other.jsonl"]
[[sources]]
name = "qa"
paths = ["qa.json"]
format = "squad"
[optout]
registry = "reg/events.jsonl"
[redact.replace]
IP = "surrogate"
[redact]
key = "redact.key"
"""
ADDRESS = "kim.lind" + "@" + "mailhost.dev"


def prose(name: object, words: int = 60) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


LETTER = f"{prose('letter')}\nWrite to {ADDRESS}.\n"
HOST = f"{prose('host')}\nserver 81.169.145.{7 * 11} e\u0301\n"
CONTEXT = f"{prose('context')} Ask {ADDRESS} or nobody."
PLAIN = prose("plain")
TEXTS = {"letter": LETTER, "host": HOST, "plain": PLAIN}


class Desk(NamedTuple):
    """A folder with release 1.0.0 under `out`, made in the work folder `work`, and commands."""

    folder: Path
    call: Ask

    @property
    def release(self) -> Path:
        return self.folder / "out/t-1.0.0"

    def ask(self, part: str, *arguments: object) -> Said:
        return self.call("optout", part, "--registry", self.folder / "reg/events.jsonl", *arguments)

    def check(self, *subject: object) -> Row:
        return self.ask("check", self.folder / "out", "--json", *subject).row()

    def add(self, *subject: object) -> str:
        request: str = self.ask("add", "--json", *subject).row()["request"]
        return request

    def report(self, *more: object) -> Row:
        return self.ask("report", self.folder / "out", "--json", *more).row()

    def apply(self, release: Path, *more: object) -> Said:
        keys = ["--inputs", self.folder, "--redact-key", self.folder / "redact.key"]
        work = ["--work", self.folder / "work"] if "--work" not in more else []
        return self.ask("apply", release, "--executor", "sync", *keys, *work, *more)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("untold")
    code = [{"id": name, "text": text, "repo": "o/n"} for name, text in TEXTS.items()]
    (folder / "code.jsonl").write_text("".join(json.dumps(each) + "\n" for each in code))
    other = {"id": "free", "text": prose("free"), "repo": "o/n"}
    (folder / "other.jsonl").write_text(json.dumps(other) + "\n")
    answers = [{"text": CONTEXT.split(maxsplit=1)[0], "answer_start": 0}]
    paragraph = {"context": CONTEXT, "qas": [{"id": "q", "question": "W?", "answers": answers}]}
    data = [{"title": "t", "paragraphs": [paragraph]}]
    (folder / "qa.json").write_text(json.dumps({"version": "1.1", "data": data}))
    (folder / "mill.toml").write_text(CONFIG)
    (folder / "redact.key").write_bytes(b"r" * 32)
    (folder / "reg").mkdir()
    (folder / "reg/events.jsonl").write_bytes(b"")
    for name, text in {**TEXTS, "context": CONTEXT, "stranger": prose("stranger")}.items():
        (folder / name).write_text(text)
    run = ["run", folder / "mill.toml", "--out", folder / "out", "--work", folder / "work"]
    assert main([*map(str, run), "--executor", "sync"]) == 0
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path, ask: Ask) -> Desk:
    shutil.copytree(made, tmp_path / "desk", symlinks=True)
    return Desk(tmp_path / "desk", ask)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_given_text_is_found_as_it_was_redacted(desk: Desk) -> None:
    key = ("--redact-key", desk.folder / "redact.key")
    for option in ("--text", "--file", "--normalised-text"):
        for name, expected in (("letter", "letter"), ("context", "q"), ("host", "host")):
            found = desk.check(option, desk.folder / name, *key)
            assert found["documents"] == [expected], (option, name)
            assert found["releases"][0]["as_redacted"] == [expected]
            assert (found["undecided"], found["notes"]) == (0, [])
        assert desk.check(option, desk.folder / "plain", *key)["releases"][0]["as_redacted"] == []
    text = desk.ask("check", desk.release, "--text", desk.folder / "letter", *key).out
    assert "letter (as it was redacted)" in text
    missed = desk.check("--text", desk.folder / "stranger", *key)
    assert (missed["documents"], missed["undecided"]) == ([], 0)


def test_a_request_for_the_redacted_form_covers_the_text(desk: Desk) -> None:
    held = json.loads(desk.call("query", desk.release, "--id", "letter", "--json").out)
    request = desk.add("--sha256", held["sha256"])
    key = ("--redact-key", desk.folder / "redact.key")
    assert desk.check("--text", desk.folder / "letter", *key)["requests"] == [request]


def test_without_the_key_nothing_is_claimed(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other.key").write_bytes(b"x" * 32)
    for key in ((), ("--redact-key", tmp_path / "other.key")):
        found = desk.check("--text", desk.folder / "host", *key)
        assert (found["documents"], found["undecided"]) == ([], 3)
        assert "give it with --redact-key" in found["releases"][0]["undecided_why"]
        assert found["near"] == ["host"]  # the release keeps signatures
    assert desk.ask("check", desk.release, "--id", "x", "--redact-key", "key").code == 2


@pytest.mark.parametrize(
    "asked",
    [
        ("--sha256", sha256(LETTER)),
        ("--swhid", content_swhid(LETTER.encode())),
        ("--sha1-git", content_swhid(LETTER.encode()).removeprefix("swh:1:cnt:")),
        ("--sha256", "0" * 64),
    ],
)
def test_a_digest_that_is_not_found_proves_nothing_of_redacted_texts(
    desk: Desk, asked: tuple[str, str]
) -> None:
    found = desk.check(*asked)
    assert (found["documents"], found["undecided"]) == ([], 3)
    assert found["proof"][0]["undecided"] == 3
    text = desk.ask("check", desk.release, *asked).out
    assert "cannot be told" in text.splitlines()[0]
    assert "not found; 3 documents were redacted and had another digest before" in text
    assert "ask with --text FILE" in text
    assert desk.check("--sha256", sha256(PLAIN))["undecided"] == 0
    assert desk.check("--id", "nobody")["undecided"] == 0


def standing(desk: Desk, request: str) -> Row:
    [row] = [each for each in desk.report()["requests"] if each["request"] == request]
    return row


def test_a_report_cannot_tell_until_a_request_by_digest_is_applied(desk: Desk) -> None:
    request = desk.add("--sha256", sha256(LETTER), "--due", "2020-01-01")
    row = standing(desk, request)
    assert (row["unapplied"], row["overdue"]) == (False, True)
    assert row["cannot_tell"] == [{"release": "t-1.0.0", "undecided": 3}]
    assert desk.report()["summary"]["cannot_tell"] == 1
    assert "cannot tell until applied" in desk.ask("report", desk.folder / "out").out
    told = desk.apply(desk.release, "--json").row()
    assert (told["removed"], told["note"]) == (1, "")
    row = standing(desk, request)
    assert (row["cannot_tell"], row["held_by"], row["overdue"]) == ([], [], False)
    later = desk.add("--sha256", sha256(CONTEXT))  # 1.0.1 was made before this one
    assert standing(desk, later)["cannot_tell"] == [{"release": "t-1.0.1", "undecided": 2}]


def test_what_has_nothing_to_take_away_is_settled_once_that_is_recorded(desk: Desk) -> None:
    request = desk.add("--sha256", "0" * 64)
    found = desk.add("--text", desk.folder / "plain", "--pending")
    assert standing(desk, request)["cannot_tell"]
    assert desk.apply(desk.release, "--json").row()["withdrawn"] is None
    assert standing(desk, request)["cannot_tell"]
    desk.apply(desk.release, "--record")
    assert standing(desk, request)["cannot_tell"] == []
    assert standing(desk, found)["cannot_tell"] == []
    assert desk.ask("amend", "--request", request, "--sha256", "1" * 64).code == 0
    assert desk.ask("verify", "--request", request).code == 0
    assert standing(desk, request)["cannot_tell"]
    assert standing(desk, request)["applied"]


def test_a_release_that_was_amended_settles_no_digest(desk: Desk) -> None:
    request = desk.add("--sha256", sha256(LETTER))
    desk.add("--id", "plain")
    for name in ("code.jsonl", "other.jsonl", "qa.json"):
        (desk.folder / name).unlink()
    said = desk.ask("apply", desk.release, "--executor", "sync", "--work", desk.folder / "empty")
    assert said.code == 0, said.err
    assert standing(desk, request)["cannot_tell"] == [{"release": "t-1.0.1", "undecided": 3}]


def test_check_report_and_verify_honour_kinds_as_a_run_does(desk: Desk) -> None:
    web = desk.add("--repo", "o/n", "--data-kind", "web", "--copies", "none")
    assert standing(desk, web)["held_by"] == [
        {"release": "t-1.0.0", "documents": 1, "questions": 0}  # what states no kind is of any
    ]
    deep = ("verify", "--deep", "--registry", desk.folder / "reg/events.jsonl")
    problems = desk.call(*deep, desk.release, "--json")
    [problem] = json.loads(problems.out)["report"]["problems"]
    assert problem["problem"] == "is opted out (rule repo)"
    assert "data/other/" in problem["path"]
    told = desk.apply(desk.release, "--json").row()
    assert told["removed"] == 1
    row = standing(desk, web)
    assert (row["held_by"], row["unapplied"]) == ([], False)
    assert desk.call(*deep, told["release"]).code == 0
    by_text = desk.add("--sha256", "0" * 64, "--data-kind", "web")
    # all that was redacted is code, but for the question, whose source states no kind
    assert standing(desk, by_text)["cannot_tell"] == [{"release": "t-1.0.1", "undecided": 1}]


def test_a_work_folder_of_no_run_is_told_of(desk: Desk) -> None:
    desk.add("--id", "plain")
    said = desk.apply(desk.release, "--json", "--work", desk.folder / "another")
    assert "the work folder of the run that made it was not found" in said.row()["note"]
    assert str(desk.folder / "another") in said.err
    assert "give --work, or delete it" in said.err


def test_apply_says_what_is_new_of_all_files(desk: Desk) -> None:
    desk.add("--id", "plain")
    told = desk.apply(desk.release, "--json").row()
    diff = desk.call("diff", desk.release, told["release"], "--json").row()
    names = ("new_bytes", "bytes", "new_frame_bytes", "frame_bytes")
    assert {name: told[name] for name in names} == {name: diff[name] for name in names}
    assert told["new_bytes"] > told["new_frame_bytes"]
    shutil.rmtree(told["release"])
    (desk.folder / "out/withdrawals.jsonl").unlink()
    said = desk.apply(desk.release)
    assert f"{told['new_bytes']:,} bytes of all files are new" in said.out
    assert "not found" not in said.err


def test_a_text_that_lost_a_passage_has_another_digest_too(desk: Desk) -> None:
    shared = prose("shared", 40)
    texts = {name: f"{prose(name)}\n\n{shared}\n\n{prose((name, 2))}" for name in ("u", "v")}
    lines = [json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()]
    (desk.folder / "code.jsonl").write_text("".join(lines))
    with (desk.folder / "mill.toml").open("a") as file:
        file.write("[dedup.passages]\n")
    out = desk.folder / "cut"
    run = ("run", desk.folder / "mill.toml", "--out", out, "--executor", "sync")
    said = desk.call(*run, "--set", "release.name=cut")
    assert said.code == 0, said.err
    found = {}
    for name, text in texts.items():
        (desk.folder / name).write_text(text)
        answer = desk.ask(
            "check", out, "--json", "--text", desk.folder / name,
            "--redact-key", desk.folder / "redact.key",
        ).row()  # fmt: skip
        found[name] = (answer["documents"], answer["undecided"])
    whole = [name for name, each in found.items() if each == ([name], 0)]
    cut = [name for name, each in found.items() if each == ([], 1)]
    assert (len(whole), len(cut)) == (1, 1)
    said = desk.ask("check", out, "--text", desk.folder / cut[0])
    assert "cannot be told" in said.out


def test_a_release_of_other_code_may_have_redacted_otherwise(desk: Desk) -> None:
    manifest = desk.release / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told["build"]["code_sha256"] = "0" * 64
    manifest.write_text(json.dumps(told))
    key = ("--redact-key", desk.folder / "redact.key")
    assert desk.check("--text", desk.folder / "letter", *key)["undecided"] == 0
    missed = desk.check("--text", desk.folder / "stranger", *key)
    assert missed["undecided"] == 3
    assert "redacted by other code" in missed["releases"][0]["undecided_why"]


def test_where_nothing_else_tells_near_copies_of_a_text_are_offered(desk: Desk) -> None:
    shutil.rmtree(desk.release / "signatures")
    [note] = desk.check("--text", desk.folder / "host")["notes"]
    assert "--near signs its 5 texts" in note
    assert desk.check("--text", desk.folder / "plain")["notes"] == []
    found = desk.check("--text", desk.folder / "host", "--near")
    assert (found["near"], found["notes"]) == (["host"], [])
