"""Renames through the command line: who asks by the newest name is left out under the first, and back on undo."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pipeline.cli.app import main
from tests.conftest import Said
from tests.page_script import needs_node, run_script

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
name = "b"
paths = ["b.jsonl"]
priority = 200
[optout]
registry = "reg/events.jsonl"
"""
# first/tool became first/kit, then the owner second, then the repository second/box
OLD, MID, NEW = "github.com/first/tool", "github.com/first/kit", "github.com/second/box"
RENAMES = ("--repo", OLD, MID, "--owner", "first", "second", "--repo", "second/kit", NEW)
PLACES = {
    "old": {"repo": "https://github.com/First/Tool.git"},
    "mid": {"repo": MID},
    "between": {"url": "https://github.com/second/kit/blob/main/a.py"},
    "new": {"repo": NEW},
    "raw": {"url": "https://raw.githubusercontent.com/first/tool/main/b.py"},
    "beside": {"repo": "github.com/first/other"},
    "fork": {"repo": "github.com/third/tool"},
}
ITS = ["between", "mid", "new", "old", "raw"]


def prose(name: object, words: int = 80) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def write_inputs(folder: Path) -> None:
    placed = [{"id": name, "text": prose(name), **where} for name, where in PLACES.items()]
    plain = [{"id": f"p{n}", "text": prose(n), "repo": f"github.com/o{n}/x"} for n in range(20)]
    copies = [{"id": "copy", "text": f"{prose('old')} more", "repo": "github.com/third/copy"}]
    for name, records in (("a", placed + plain), ("b", copies)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    (folder / "mill.toml").write_text(CONFIG)
    (folder / "reg").mkdir()
    (folder / "reg/events.jsonl").touch()


class Desk(NamedTuple):
    """A folder with inputs, a registry and release 1.0.0 under `out`, and commands."""

    folder: Path
    call: Callable[..., Said]

    @property
    def registry(self) -> Path:
        return self.folder / "reg/events.jsonl"

    def ask(self, part: str, *arguments: object) -> Said:
        return self.call("optout", part, "--registry", self.registry, *arguments)

    def add(self, *subject: object) -> str:
        request: str = self.ask("add", "--json", *subject).row()["request"]
        return request

    def rename(self, *more: object) -> None:
        assert self.ask("alias", *RENAMES, *more).code == 0

    def make(self, out: str, version: str = "1.0.0") -> Path:
        where = ("--out", self.folder / out, "--executor", "sync")
        line = ("--set", f"release.version={version}")
        said = self.call("run", self.folder / "mill.toml", *where, *line)
        assert said.code == 0, said.err
        return Path(said.out.splitlines()[-1])

    def apply(self, *more: object, away: bool = False, release: Path | None = None) -> Record:
        """Apply the registry to the first release, or `release`; `away` with no inputs at hand."""
        given = ("--work", self.folder / "none") if away else ("--inputs", self.folder)
        release = release or self.folder / "out/t-1.0.0"
        said = self.ask("apply", release, *given, "--executor", "sync", "--json", *more)
        found = said.row()
        assert found["amended"] == away
        return found | {"said": said.err}

    def check(self, name: str) -> Record:
        return self.ask("check", self.folder / "out", "--repo", name, "--json").row()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("renames")
    write_inputs(folder)
    run = ["run", folder / "mill.toml", "--out", folder / "out", "--executor", "sync"]
    assert main([str(each) for each in run]) == 0
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A copy of it to work in."""
    shutil.copytree(made, tmp_path / "desk", symlinks=True)

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as stop:  # what argparse refuses
            code = int(stop.code or 0)
        return Said(code, *capsys.readouterr())

    return Desk(tmp_path / "desk", call)


def fates(release: Path) -> dict[str, str]:
    """Tell why each document went, empty where it was kept."""
    paths = sorted((release / "ledger").glob("decisions-*"))
    found = [row for path in paths for row in pq.read_table(path).to_pylist()]
    return {row["id"]: "" if row["verdict"] == "keep" else row["reason"] for row in found}


def data(release: Path) -> dict[str, bytes]:
    paths = sorted(path for path in (release / "data").rglob("*") if path.is_file())
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("how", ["run", "apply", "amend"])
def test_a_request_by_the_newest_name_reaches_the_first(desk: Desk, how: str) -> None:
    request = desk.add("--repo", NEW)
    first = desk.folder / "out/t-1.0.0"
    verify = ("--deep", "--registry", desk.registry)
    assert "document new" in desk.call("verify", first, *verify).out
    desk.rename()
    found = desk.call("verify", first, *verify)
    assert found.code == 4
    named = set(re.findall(r"document (\w+)", found.out))
    assert named == set(ITS)
    if how == "run":
        release = desk.make("again")
    else:
        applied = desk.apply(away=how == "amend")
        # the copy lost to the document that went, and what is not in the release nobody amends
        assert (applied["removed"], applied["requests"]) == (len(ITS), [request])
        release = Path(applied["release"])
    why = fates(release)
    assert {name: why[name] for name in ITS} == dict.fromkeys(ITS, "repo")
    gone = {name for name, reason in why.items() if reason}
    assert gone == {*ITS, "copy"}
    assert desk.call("verify", release, *verify).code == 0


def test_check_and_report_answer_alike_for_either_name_before_and_after(desk: Desk) -> None:
    assert desk.check(OLD)["documents"] == ["old", "raw"]
    assert desk.check(NEW)["documents"] == ["new"]
    request = desk.add("--repo", NEW, "--copies", "none")
    assert desk.check(OLD)["requests"] == []
    desk.rename()
    for name in (OLD, MID, NEW):
        answer = desk.check(name)
        assert (sorted(answer["documents"]), answer["requests"]) == (ITS, [request])
    report = desk.ask("report", desk.folder / "out", "--json").row()
    assert [each["request"] for each in report["requests"]] == [request]
    assert report["summary"]["unapplied"] == 1
    assert report["requests"][0]["held_by"][0]["documents"] == len(ITS)
    successor = Path(desk.apply()["release"])
    manifest = json.loads((successor / "manifest.json").read_bytes())
    assert manifest["registries"][0]["requests"] == 1  # under six names
    for name in (OLD, MID, NEW):
        answer = desk.check(name)
        assert answer["requests"] == [request]
        held = {each["release"]: (each["ids"], len(each["tombstones"])) for each in answer["releases"]}  # fmt: skip
        assert sorted(held["t-1.0.0"][0]) == ITS
        assert held["t-1.0.1"] == ([], len(ITS))
    report = desk.ask("report", desk.folder / "out", "--json").row()
    assert report["summary"] | {"verified": 1, "unapplied": 0, "applied": 1} == report["summary"]


@needs_node
def test_the_page_finds_by_either_name(desk: Desk) -> None:
    request = desk.add("--repo", NEW)
    desk.rename()
    desk.apply()
    out = desk.folder / "page.html"
    assert desk.ask("page", desk.folder / "out", "--out", out).code == 0
    text = out.read_text()
    shown = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert shown is not None
    typed = [OLD, MID, NEW, "https://github.com/second/tool", "third/tool"]
    body = "given[1].map((each) => lookup(given[0], reading(each)))"
    held = json.loads(shown[1])
    *found, other = run_script(body, held, typed)
    names = [each["version"] for each in held["releases"]]
    for one in found:
        assert [names[at] for at, _ in one["present"]] == ["1.0.0"]
        assert [count for _, count in one["present"]] == [len(ITS)]
        assert [each["fields"][0] for each in one["requests"]] == [request]
    assert [names[at] for at, _ in other["present"]] == ["1.0.1", "1.0.0"]
    assert other["requests"] == []


def test_renames_taken_back_bring_the_documents_back_byte_for_byte(desk: Desk) -> None:
    desk.add("--repo", NEW)
    before = desk.make("before")
    desk.rename()
    successor = Path(desk.apply()["release"])
    assert data(successor) != data(before)
    desk.rename("--undo")
    after = desk.make("out", "1.1.0")  # where all that does not change is at hand
    assert data(after) == data(before)
    assert {name for name, reason in fates(after).items() if reason == "repo"} == {"new"}


@pytest.mark.parametrize("away", [False, True])
def test_a_rename_alone_reaches_a_release_that_honoured_the_request(desk: Desk, away: bool) -> None:
    request = desk.add("--repo", NEW)
    release = desk.make("line")
    again = desk.apply(away=away, release=release)
    assert (again["release"], again["withdrawn"]) == (str(release), None)
    desk.rename()
    found = desk.apply(away=away, release=release)
    assert (found["removed"], found["requests"]) == (len(ITS) - 1, [request])
    assert {
        name for name, reason in fates(Path(found["release"])).items() if reason == "repo"
    } == set(ITS)


# ---- what apply records in the registry


def test_apply_records_in_the_registry_only_when_asked_to(desk: Desk) -> None:
    desk.add("--repo", NEW)
    desk.add("--id", "nowhere")
    log = desk.registry.read_bytes()
    desk.apply()
    assert desk.registry.read_bytes() == log


@pytest.mark.parametrize("away", [False, True])
def test_what_was_applied_is_recorded_and_nothing_is_left_to_do(desk: Desk, away: bool) -> None:
    request, other = desk.add("--repo", NEW), desk.add("--id", "nowhere")
    log = desk.registry.read_bytes()
    found = desk.apply("--record", away=away)
    successor = Path(found["release"])
    assert "recorded for 1 requests" in found["said"]
    assert desk.registry.read_bytes().startswith(log)
    (event,) = desk.registry.read_bytes()[len(log) :].splitlines()
    told = {name: json.loads(event)[name] for name in ("event", "request", "release")}
    assert told == {"event": "apply", "request": request, "release": "t-1.0.1"}
    listed = [json.loads(line) for line in desk.ask("list", "--json").out.splitlines()]
    applied = {each["request"]: each["applied"] for each in listed}
    assert applied == {request: ["t-1.0.1"], other: []}
    report = desk.ask("report", desk.folder / "out", "--json").row()
    days = {each["request"]: each["days_to_apply"] for each in report["requests"]}
    assert days == {request: 0, other: None}
    assert desk.ask("verify").code == 0
    log = desk.registry.read_bytes()
    again = desk.apply("--record", away=away, release=successor)
    assert (again["release"], again["withdrawn"]) == (str(successor), None)
    assert desk.registry.read_bytes() == log
    assert sorted(each.name for each in (desk.folder / "out").glob("t-*")) == ["t-1.0.0", "t-1.0.1"]
    verify = ("--deep", "--registry", desk.registry)
    assert desk.call("verify", successor, *verify).code == 0


def test_recording_says_that_a_signature_is_stale(desk: Desk) -> None:
    desk.add("--repo", NEW)
    key = desk.folder / "id"
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    assert desk.ask("sign", "--identity", key).code == 0
    signers = desk.folder / "signers"
    signers.write_text(
        f"clerk {desk.ask('sign', '--identity', key, '--json').row()['public_key']}\n"
    )
    assert desk.ask("verify", "--signers", signers).code == 0
    assert "is stale now: sign again" in desk.apply("--record")["said"]
    assert desk.ask("verify", "--signers", signers).code == 5
