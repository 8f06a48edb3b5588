"""Releases of IRC logs, subtitles and mail: verified, without the names of people, and theirs go when they ask."""

from __future__ import annotations

import json
import random
import re
import shutil
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.verify import verify
from tests.conftest import Ask

CONFIG = """
[release]
name = "talk"
shards = 1
[[sources]]
name = "irc"
format = "irc"
paths = ["logs/*"]
license = "CC0-1.0"
[sources.options]
site = "https://irclogs.example.org"
[[sources]]
name = "films"
format = "subtitles"
paths = ["films"]
[[sources]]
name = "staff"
format = "mail"
paths = ["staff"]
[[sources]]
name = "lists"
format = "mbox"
paths = ["lists"]
[[sources]]
name = "parliament"
format = "europarl"
paths = ["txt"]
[[sources]]
name = "news"
format = "hackernews"
paths = ["items.jsonl"]
[redact]
level = "balanced"
[limits]
bad_records = 1
"""
OPTOUT = '[optout]\nregistry = "registry/events.jsonl"\nkey = "optout.key"\n'
NICKS = ("adalot", "bobbin", "cyrene")
ADDRESS = "secret.person" + "@" + "millwheel.de"


def prose(name: str) -> str:
    draw = random.Random(name)
    words = ["".join(draw.choices("abcdeghilmnorstu", k=draw.randint(2, 8))) for _ in range(60)]
    lines = (" ".join(words[at : at + 6]) for at in range(0, 60, 6))
    return "".join(f"{line.capitalize()}.\n" for line in lines)


def message(name: str, author: str, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = (
        author,
        f"Wheels {name}",
        f"<{name}@host.example>",
    )
    mail["Date"] = "Mon, 14 May 2001 16:39:00 -0700"
    for key, value in headers.items():
        mail[key] = value
    mail.set_content(prose(name) + f"\nWrite to me: {ADDRESS}\n-- \nSigned\n")
    return mail.as_bytes()


def put(path: Path, data: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Conversations of every kind, with a bad one among them."""
    for day, nicks in (("2012/04/06", NICKS[:2]), ("2013/04/07", NICKS[1:])):
        talk = [
            f"[12:{at:02}] <{nicks[at % 2]}> {line}"
            for at, line in enumerate(prose(day).splitlines())
        ]
        talk += [
            f"[13:00] <{nicks[0]}> {nicks[1]}: bye",
            f"=== {nicks[0]} [~x@host.example] has left #mill",
        ]
        put(tmp_path / "logs" / day / "#mill.txt", "\n".join(talk))
    put(tmp_path / "logs/2013/04/07/notes.txt", "no log\nat all\n")
    cues = "".join(
        f"{at}\n00:00:{at:02},000 --> 00:00:{at:02},900\n{line}\n\n"
        for at, line in enumerate(prose("film").splitlines(), 1)
    )
    put(tmp_path / "films/film.en.srt", cues.encode("utf-16"))
    words = "".join(f"<w>{word}</w>" for word in prose("opus").split())
    put(tmp_path / "films/xml/en/1942/34583/77.xml", f"<document><s>{words}</s></document>")
    put(tmp_path / "staff/smith-j/inbox/1.", message("one", "Joe Smith <joe.smith@corp.example>"))
    put(tmp_path / "staff/smith-j/sent/2.", message("two", "Kim <kim@corp.example>"))
    put(tmp_path / "staff/kim/inbox/1.", message("one", "Joe Smith <joe.smith@corp.example>"))
    line = b"From x at example.com  Mon May 14 10:00:00 2001\n"
    mails = [
        message("three", "zoe at example.com (Zoe)"),
        message("four", "Joe <Joe.Smith@CORP.example>"),
    ]
    put(tmp_path / "lists/2001-May.mbox", b"".join(line + each + b"\n" for each in mails))
    put(
        tmp_path / "txt/en/ep-00-01-17.txt",
        f'<CHAPTER ID="1">\n<SPEAKER ID="1" NAME="Zoe">\n{prose("parliament")}',
    )
    news = [
        {"id": 1, "type": "story", "by": "bobbin", "title": "Wheels", "time": 1175714200},
        {"id": 2, "type": "comment", "by": "cyrene", "parent": 1, "text": prose("news")},
    ]
    put(tmp_path / "items.jsonl", "".join(json.dumps(each) + "\n" for each in news))
    (tmp_path / "talk.toml").write_text(CONFIG)
    return tmp_path


def run(corpus: Path, ask: Ask, out: str, *more: str) -> Path:
    done = ask("run", corpus / "talk.toml", "--out", corpus / out, "--executor", "sync", *more)
    assert done.code == 0, done.err
    release = Path(done.out.splitlines()[-1])
    assert verify(release, deep=True).ok
    return release


def records(release: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted((release / "data").rglob("*.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as lines:
            found |= {each["id"]: each for each in map(json.loads, lines)}
    return found


def everything(release: Path) -> str:
    """All that a release says, in one text: its files unpacked, its tables as rows."""
    pieces = [json.dumps(list(records(release).values()), ensure_ascii=False)]
    for path in sorted(release.rglob("*")):
        if path.suffix == ".parquet":
            pieces.append(str(pq.read_table(path).to_pylist()))
        elif path.is_file() and path.suffix != ".zst":
            pieces.append(path.read_text())
    return "\n".join(pieces)


def test_conversations_are_released_without_those_who_held_them(corpus: Path, ask: Ask) -> None:
    release = run(corpus, ask, "out")
    found = records(release)
    named = sorted(name for name in found if not name.startswith("mail:"))
    assert named == [
        "europarl/en/ep-00-01-17",
        "films/film.en.srt",
        "hackernews/1",
        "irclogs.example.org/2012/04/06/#mill",
        "irclogs.example.org/2013/04/07/#mill",
        "opensubtitles/en/1942/34583/77",
    ]
    assert sum(name.startswith("mail:") for name in found) == 4  # a copy in two folders is one
    assert found["films/film.en.srt"]["text"] == prose("film").rstrip("\n")
    assert found[named[3]]["url"] == "https://irclogs.example.org/2012/04/06/%23mill.txt"
    assert {each["created"] for each in found.values()} >= {"2012-04-06", "2001-05-14T23:39:00Z"}
    told = everything(release)
    for secret in (*NICKS, "corp.example", "host.example", "secret.person", "smith", "zoe"):
        assert re.search(rf"\b{re.escape(secret)}\b", told, re.IGNORECASE) is None, secret
    rows = [
        row
        for path in (release / "ledger").glob("decisions-*.parquet")
        for row in pq.read_table(path).to_pylist()
    ]
    dropped = sorted((row["source"], row["reason"]) for row in rows if row["verdict"] == "drop")
    assert dropped == [("irc", "shape:irc"), ("staff", "message-twice")]
    assert len(rows) == 12


def test_whose_words_they_are_may_take_them_out(corpus: Path, ask: Ask) -> None:
    whole = records(run(corpus, ask, "whole"))
    (corpus / "optout.key").write_text("k" * 32)
    for address in (
        "adalot@irclogs.example.org",
        "joe.smith@corp.example",
        "Cyrene@news.ycombinator.com",
    ):
        done = ask(
            *("optout", "add", "--registry", corpus / "registry/events.jsonl"),
            *("--key", corpus / "optout.key", "--author", address),
        )
        assert done.code == 0, done.err
    with (corpus / "talk.toml").open("a") as config:
        config.write(OPTOUT)
    left = records(run(corpus, ask, "left"))
    gone = {name: whole[name] for name in whole.keys() - left.keys()}
    assert left.keys() < whole.keys()
    assert sorted(each["source"] for each in gone.values()) == ["irc", "lists", "news", "staff"]
    assert "irclogs.example.org/2012/04/06/#mill" in gone
    assert (corpus / "registry/events.jsonl").read_text().find("adalot") < 0


def test_the_place_of_the_input_changes_nothing(corpus: Path, tmp_path: Path, ask: Ask) -> None:
    there = tmp_path / "else/where"
    for name in ("logs", "films", "staff", "lists", "txt", "items.jsonl", "talk.toml"):
        copy = shutil.copytree if (corpus / name).is_dir() else shutil.copy
        there.mkdir(parents=True, exist_ok=True)
        copy(corpus / name, there / name)
    roots = [
        json.loads((run(place, ask, "out") / "manifest.json").read_bytes())["content_root"]
        for place in (corpus, there)
    ]
    assert roots[0] == roots[1]
