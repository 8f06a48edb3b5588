"""What was opted out is nowhere afterwards: in no form, in no file that the product has written since."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.app import main
from pipeline.detector import open_matcher
from pipeline.rule_cache import cached_scanner
from tests.conftest import Said
from tests.traces import traces, traces_below

Record = dict[str, Any]

CONFIG = """
[release]
name = "c"
shards = 2
signatures = true
parquet = true
[[sources]]
name = "a"
paths = ["a-*.jsonl"]
priority = 1
data_kind = "code"
[[sources]]
name = "b"
paths = ["b.jsonl"]
priority = 2
[[sources]]
name = "q"
paths = ["q.json"]
format = "squad"
[optout]
registry = "reg/events.jsonl"
[redact]
level = "balanced"
[dedup]
near = { threshold = 0.8 }
[dedup.repositories]
share = 0.6
least = 3
[split]
validation = 0.2
test = 0.1
[decontam]
ngram = 13
[[decontam.protect]]
name = "held"
paths = ["held.jsonl"]
"""
# What is planted: `xqkan` and digits in texts and facts, `xqid` in ids, which the ledger must name.
CANARY = re.compile(rb"xqkan\w{1,6}")
NAME = re.compile(rb"xqid\w{1,6}")
ADDRESS = "xqkan4mail" + "@" + "mill.example"


LICENSE = "MIT License\n\nCopyright (c) 2020 xqkan2holder\n\nPermission is hereby granted, xqkan2grant, to all.\n"


def prose(name: object, words: int = 90) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def planted(number: int) -> Record:
    """A document with a canary wherever one can stand; `ü` makes JSON and URLs escape."""
    word = f"xqkan{number}"
    # who knows the digest of a text that is redacted finds it in the inputs alone
    mail = "" if number in {5, 8} else f"\n# write to {word}mail" + "@" + "watermill-museum.org"
    text = prose(number).split()
    for part, at in enumerate((3, 30, 60, 88)):
        text[at] = f"{word}text{part}ü"
    return {
        "id": f"xqid{number}",
        "text": " ".join(text) + mail,
        "repo": f"https://github.com/{word}owner/{word}repo",
        "path": f"src/{word}dir/{word}file.py",
        "url": f"https://{word}host.example.org/{word}ü/page",
        "author": f"{word} Author <{word}mail" + "@" + "mill.example>",
        "license": "MIT",
        "extra": {f"{word}key": f"{word}value"},
    }


def nearly(record: Record, name: str) -> Record:
    words = record["text"].split(" ")
    words[45] = "otherwise"
    return record | {"id": name, "text": " ".join(words)}


def records(numbers: tuple[int, ...]) -> tuple[list[Record], list[Record]]:
    own = [planted(number) for number in numbers]
    own.append(planted(2) | {"id": "xqid9", "path": "xqkan2dir/LICENSE", "text": LICENSE})
    plain = [
        {
            "id": f"plain{number}",
            "text": prose(f"plain {number}"),
            "repo": f"https://github.com/o{number % 3}/n",
            "path": f"p{number}.py",
            "license": "MIT",
        }
        for number in range(24)
    ]
    # others have copies: exact and near ones, of the documents themselves and of each other
    copies = [
        planted(number)
        | {
            "id": f"xqid{number}exact",
            "repo": f"https://github.com/fork{number}/n",
            "url": "",
            "path": f"xqkan{number}copy.py",
        }
        for number in numbers
    ]
    copies += [
        nearly(planted(number), f"xqid{number}near")
        | {"repo": "https://gitlab.com/other/n", "url": "", "author": ""}
        for number in numbers
    ]
    # a fork of two of its files and one of its own, which goes with it until they are gone
    fork = {"repo": "https://github.com/fork2/n", "path": "own.py", "license": "MIT"}
    copies.append(
        {**planted(2), **fork, "id": "xqid9exact", "text": LICENSE, "path": "LICENSE", "url": ""}
    )
    if 4 not in numbers:
        copies.append({"id": "plainfork", "text": prose("fork"), **fork})
    return own + plain, copies


def questions() -> str:
    context = planted(8)["text"] + " " + prose("context") + " xqkan8context"
    answers = [{"text": "xqkan8context", "answer_start": context.index("xqkan8context")}]
    canary = {
        "title": "xqkan8title",
        "paragraphs": [
            {
                "context": context,
                "qas": [
                    {"id": "xqid8q", "question": "What is xqkan8question?", "answers": answers}
                ],
            }
        ],
    }
    plain = prose("plain context")
    more = {
        "title": "t",
        "paragraphs": [
            {
                "context": plain,
                "qas": [
                    {
                        "id": "plainq",
                        "question": "Which?",
                        "answers": [
                            {
                                "text": plain.split()[4],
                                "answer_start": plain.index(plain.split()[4]),
                            }
                        ],
                    }
                ],
            }
        ],
    }
    return json.dumps({"version": "1.1", "data": [canary, more]})


class Desk:
    """A folder with inputs, registry, releases under `out`, and all that its commands printed."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capture = folder, capture
        self.said: list[tuple[str, str]] = []

    def __call__(self, *arguments: object) -> Said:
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = Said(code, *self._capture.readouterr())
        self.said.append((" ".join(map(str, arguments)), said.out + said.err))
        assert code == 0, said.err
        return said

    @property
    def registry(self) -> Path:
        return self.folder / "reg/events.jsonl"

    def optout(self, part: str, *arguments: object) -> Said:
        return self("optout", part, "--registry", self.registry, *arguments)

    def make(self) -> Path:
        said = self(
            "run", self.folder / "mill.toml", "--out", self.folder / "out", "--executor", "sync"
        )
        return Path(said.out.splitlines()[-1])

    def apply(self, *more: object) -> Record:
        said = self.optout(
            "apply", self.folder / "out/c-1.0.0", "--executor", "sync", "--json", *more
        )
        found: Record = json.loads(said.out)
        return found


def lay_out(folder: Path, numbers: tuple[int, ...]) -> None:
    a, b = records(numbers)
    parts = {
        "a-0.jsonl": a[::2],
        "a-1.jsonl": a[1::2],
        "b.jsonl": b,
        "held.jsonl": [{"text": prose("plain 3")}],
    }
    for name, some in parts.items():
        (folder / name).write_text("".join(json.dumps(each) + "\n" for each in some))
    (folder / "q.json").write_text(questions())
    (folder / "mill.toml").write_text(CONFIG)
    (folder / "key").write_bytes(b"k" * 32)
    (folder / "text").write_text(planted(8)["text"])
    (folder / "reg").mkdir()
    (folder / "reg/events.jsonl").write_bytes(b"")


@pytest.fixture
def desk(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    cached_scanner("balanced")  # both take seconds to make, and hold nothing of any input
    open_matcher()
    desk = Desk(tmp_path / "mill", capfd)
    desk.folder.mkdir()
    for name in ("cache", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return desk


def request(desk: Desk, numbers: tuple[int, ...]) -> None:
    """Ask for each document by another kind of subject; two of the requests are a person's."""
    digest = hashlib.sha256(planted(5)["text"].encode()).hexdigest()
    repo = "github.com/xqkan7owner/xqkan7repo"
    desk.optout("add", "--id", "xqid1", "--basis", "gdpr-17", "--key", desk.folder / "key")
    desk.optout("add", "--repo", "github.com/xqkan2owner/xqkan2repo")
    desk.optout("add", "--domain", "xqkan3host.example.org")
    if 4 in numbers:
        desk.optout("add", "--author", ADDRESS, "--key", desk.folder / "key")
    desk.optout("add", "--sha256", digest)
    desk.optout("add", "--url", "https://xqkan6host.example.org/xqkan6ü")
    desk.optout("add", "--repo", repo, "--path", "src/xqkan7dir/**")
    desk.optout("add", "--text", desk.folder / "text")
    desk.optout("add", "--id", "xqid8q")


def ask(desk: Desk) -> None:
    """Ask all that the registry and the releases answer; indexes are made on the way."""
    out = desk.folder / "out"
    for subject in (
        ("--id", "xqid1"),
        ("--file", desk.folder / "text"),
        ("--repo", "github.com/xqkan2owner/xqkan2repo"),
        ("--owner", "github.com/xqkan7owner"),
        ("--author", ADDRESS, "--key", desk.folder / "key"),
    ):
        desk.optout("check", out, "--json", *subject)
    desk.optout("check", out, "--domain", "xqkan3host.example.org")
    desk.optout("report", out)
    desk.optout("report", out, "--json")
    desk.optout("page", out, "--out", desk.folder / "written/page.html")


def read(desk: Desk, release: Path) -> None:
    """Ask all that a release tells of itself."""
    for command in (
        ("verify", release, "--deep"),
        ("changelog", release),
        ("diff", release.with_name("c-1.0.0"), release),
        ("query", release),
        ("explain", release, "xqid1"),
        ("explain", release, "xqid2near"),
        ("report", release, "--out", desk.folder / "written/report.html"),
    ):
        desk(*command)


def rows(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def may_name(name: str) -> bool:
    """Say where ids may stand: the ledger accounts for every document, and what makes it knows them."""
    folder, _, file = name.rpartition("/")
    if file == "tombstones.jsonl":
        return True
    ledger = file.startswith("decisions-") and "/ledger" in folder
    screened = "/screen/" in folder and file in {"rows.arrow", "dropped.arrow"}
    return ledger or screened or "/removals/" in folder


@pytest.mark.parametrize("away", [False, True], ids=["made again", "amended"])
def test_what_was_opted_out_is_nowhere(desk: Desk, away: bool) -> None:
    numbers = tuple(number for number in range(1, 9) if not (away and number == 4))
    lay_out(desk.folder, numbers)  # of authors no release knows: they need the inputs
    old = desk.make()
    assert len(traces_below([old], CANARY)) > 10
    root = json.loads((old / "manifest.json").read_bytes())["content_root"]
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    ask(desk)
    request(desk, numbers)
    if away:
        shutil.move(desk.folder / "a-0.jsonl", desk.folder / "elsewhere")
    inputs = () if away else ("--inputs", desk.folder)
    found = desk.apply("--key", desk.folder / "key", *inputs)
    assert found["amended"] == away
    release = Path(found["release"])
    ask(desk)
    read(desk, release)

    out, top = desk.folder / "out", desk.folder.parent
    shutil.rmtree(
        desk.folder / "out/.index" / root
    )  # the old release's own: it says what is in that
    assert before == {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    places = [release, out / ".work", out / ".index", desk.folder / "written"]
    places += [top / "cache", top / "temporary"]
    assert all(place.exists() for place in places)
    assert traces_below(places, CANARY) == {}
    named = traces_below(places, NAME)
    assert [name for name in named if not may_name(name)] == []
    assert traces((out / "withdrawals.jsonl").read_bytes(), CANARY) == set()
    for asked, said in desk.said:  # nobody is told a canary but who named it
        assert traces(said.encode(), CANARY) <= traces(asked.encode(), CANARY), asked
        assert ADDRESS not in said, asked
    persons = {"xqid1", "xqid4"} & {f"xqid{number}" for number in numbers}
    tombstones = rows(release / "ledger/tombstones.jsonl")
    assert not persons & {each["id"] for each in tombstones}
    keyed = [each for each in tombstones if each["id"].startswith("keyed:")]
    assert len(keyed) >= len(persons)
    assert found["removed"] == len(tombstones) == len(numbers) + 2  # a licence file and a question
