"""A request given with a text: every near copy goes, whoever has it, and nothing else does."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from tests.conftest import Ask

CONFIG = """
[release]
name = "t"
shards = 2
[[sources]]
name = "a"
paths = ["a.jsonl"]
license = "MIT"
[optout]
registry = "reg/events.jsonl"
common = 2
"""
NO_DEDUP = "[dedup]\nnear = false\n[split]\nvalidation = 0.0\ntest = 0.0\n"
INSIDE = "[dedup.near]\ncontainment = 0.9\n"
STRICT = "[dedup.near]\nthreshold = 0.95\n"
WORDS = [f"word{number}" for number in range(900)]
SHINGLE = 5  # words of a shingle, docs/decisions


def prose(draw: random.Random, count: int) -> list[str]:
    return [draw.choice(WORDS) for _ in range(count)]


def altered(draw: random.Random, words: list[str], places: int) -> str:
    copy = list(words)
    for place in draw.sample(range(len(words)), places):
        copy[place] = draw.choice(WORDS)
    return " ".join(copy)


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}


def similarity(one: str, other: str) -> float:
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)


class Mill(NamedTuple):
    """A folder with a corpus around one text, which is in `given.txt` and no document."""

    folder: Path
    ask: Ask
    text: str
    texts: dict[str, str]

    @property
    def registry(self) -> Path:
        return self.folder / "reg/events.jsonl"

    @property
    def near(self) -> set[str]:
        return {name for name, text in self.texts.items() if similarity(text, self.text) >= 0.8}

    def add(self, *more: object) -> str:
        given = self.folder / "given.txt"
        said = self.ask(
            "optout", "add", "--registry", self.registry, "--near", given, *more, "--json"
        )
        assert said.code == 0, said.err
        request: str = json.loads(said.out.splitlines()[0])["request"]
        return request

    def run(self, out: str, config: str) -> Path:
        (self.folder / "mill.toml").write_text(CONFIG + config)
        out_folder = self.folder / out
        said = self.ask("run", self.folder / "mill.toml", "--out", out_folder, "--executor", "sync")
        assert said.code == 0, said.err
        return Path(said.out.splitlines()[-1])

    def report(self) -> dict[str, Any]:
        said = self.ask(
            "optout", "report", self.folder / "out", "--registry", self.registry, "--json"
        )
        assert said.code == 0, said.err
        (told,) = json.loads(said.out)["requests"]
        assert isinstance(told, dict)
        return told

    def apply(self, release: Path, *more: object) -> dict[str, Any]:
        said = self.ask(
            "optout", "apply", release, "--registry", self.registry,
            "--work", release.parent / "applied", "--executor", "sync", "--json", *more,
        )  # fmt: skip
        assert said.code == 0, said.err
        found: dict[str, Any] = json.loads(said.out)
        return found


@pytest.fixture
def mill(tmp_path: Path, ask: Ask) -> Mill:
    draw = random.Random(11)
    words = prose(draw, 300)
    texts = {f"other{number}": " ".join(prose(draw, 200)) for number in range(12)}
    # edits of one word cost five shingles: from 0 to 9 of 300 straddle the threshold
    texts |= {f"copy{number}": altered(draw, words, number) for number in range(10)}
    lines = [
        {"id": name, "text": text, "repo": f"github.com/{name}/x"} for name, text in texts.items()
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "given.txt").write_text(" ".join(words))
    (tmp_path / "reg").mkdir()
    (tmp_path / "reg/events.jsonl").touch()
    return Mill(tmp_path, ask, " ".join(words), texts)


def decisions(release: Path) -> dict[str, dict[str, Any]]:
    paths = sorted((release / "ledger").glob("decisions-*"))
    return {row["id"]: row for path in paths for row in pq.read_table(path).to_pylist()}


def files_of(release: Path) -> dict[str, bytes]:
    return {
        path.relative_to(release).as_posix(): path.read_bytes()
        for folder in ("data", "index", "ledger")
        for path in sorted((release / folder).rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("config", [NO_DEDUP, INSIDE, STRICT], ids=["off", "inside", "strict"])
def test_every_near_copy_goes_and_nothing_else(mill: Mill, config: str) -> None:
    assert 0 < len(mill.near) < 10
    request = mill.add()
    rows = decisions(mill.run("out", config))
    taken = {name for name, row in rows.items() if row["stage"] == "optout"}
    assert taken == mill.near  # many strangers have it, and none is pardoned: the text was given
    assert {rows[name]["reason"] for name in taken} == {"copy:near"}
    for name in taken:
        detail = json.loads(rows[name]["detail"])
        assert detail["request"] == request
        assert detail["similarity"] == round(similarity(mill.texts[name], mill.text), 4)
    assert all(rows[f"other{number}"]["verdict"] == "keep" for number in range(12))


def test_a_release_is_held_against_given_texts(mill: Mill) -> None:
    release = mill.run("out", NO_DEDUP)
    mill.add()
    said = mill.ask("verify", release, "--deep", "--registry", mill.registry)
    assert said.code == 4
    named = {
        line.partition("document ")[2].partition(":")[0]
        for line in said.out.splitlines()
        if "document " in line
    }
    assert named == mill.near


def test_applied_with_inputs_and_without_is_what_a_run_makes(mill: Mill) -> None:
    release = mill.run("out", NO_DEDUP)
    shutil.copytree(release, mill.folder / "away" / release.name)
    mill.add()
    built = mill.run("built", NO_DEDUP)
    replayed = mill.apply(release, "--inputs", mill.folder)
    amended = mill.apply(mill.folder / "away" / release.name)
    assert (replayed["amended"], amended["amended"]) == (False, True)
    made = files_of(built)
    del made["ledger/tombstones.jsonl"]  # a first release lists none
    for applied in (replayed, amended):
        found = files_of(Path(applied["release"]))
        assert len(found.pop("ledger/tombstones.jsonl").splitlines()) == len(mill.near)
        assert found == made


def test_a_report_cannot_tell_until_it_is_applied(mill: Mill) -> None:
    release = mill.run("out", NO_DEDUP)
    request = mill.add()
    before, applied = mill.report(), Path(mill.apply(release, "--inputs", mill.folder)["release"])
    assert [each["release"] for each in before["cannot_tell"]] == ["t-1.0.0"]
    assert mill.report()["cannot_tell"] == []
    for each, copies in ((release, ["copy0"]), (applied, [])):
        said = mill.ask(
            "optout", "check", each, "--registry", mill.registry,
            "--text", mill.folder / "given.txt", "--json",
        )  # fmt: skip
        answer = json.loads(said.out)
        assert answer["requests"] == [request]
        assert answer["documents"] == copies


def test_the_text_itself_is_kept_nowhere(mill: Mill) -> None:
    mill.add()
    (kept,) = (mill.registry.parent / "texts").iterdir()
    assert mill.texts["copy0"].split()[0].encode() not in kept.read_bytes()
    assert mill.text.split()[0] not in mill.registry.read_text()


@pytest.mark.parametrize("damage", ["missing", "changed", "cut", "foreign"])
def test_damage_beside_the_log_stops_a_run(mill: Mill, damage: str) -> None:
    mill.add()
    (kept,) = (mill.registry.parent / "texts").iterdir()
    data = kept.read_bytes()
    head, _, hashes = data.partition(b"\n")
    if damage == "missing":
        kept.unlink()
    elif damage == "changed":
        kept.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    elif damage == "cut":
        kept.write_bytes(data[:-8])
    else:
        made = json.loads(head) | {"tokeniser": 1}
        kept.write_bytes(json.dumps(made).encode() + b"\n" + hashes)
    (mill.folder / "mill.toml").write_text(CONFIG)
    said = mill.ask("run", mill.folder / "mill.toml", "--out", mill.folder / "out")
    assert said.code == 5
    assert kept.name in said.err
    assert not (mill.folder / "out").exists() or not list((mill.folder / "out").glob("t-*"))


@pytest.mark.parametrize(
    "narrow",
    [("--copies", "exact"), ("--data-kind", "code"), ("--language", "fr"), ("--no-future",)],
)
def test_a_scope_that_copies_cannot_be_held_against_is_refused(
    mill: Mill, narrow: tuple[str, ...]
) -> None:
    said = mill.ask(
        "optout", "add", "--registry", mill.registry, "--near", mill.folder / "given.txt", *narrow
    )
    assert said.code == 2
    assert "--near" in said.err
    assert mill.registry.read_text() == ""


def test_a_text_without_a_word_is_refused(mill: Mill) -> None:
    (mill.folder / "given.txt").write_text(" \n\t")
    said = mill.ask(
        "optout", "add", "--registry", mill.registry, "--near", mill.folder / "given.txt"
    )
    assert said.code == 2
    assert "given.txt" in said.err
