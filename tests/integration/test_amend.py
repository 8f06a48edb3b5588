"""A release amended without its inputs: as `apply` with inputs makes it, but for what cannot come back."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
import zstandard

from filters.subjects import subject
from manifests.registry import Draft, Entry
from pipeline.optout import append
from tests.conftest import Ask

Record = dict[str, Any]

CONFIG = """
[release]
name = "t"
shards = 2
signatures = true
parquet = true
[[sources]]
name = "a"
paths = ["a.jsonl"]
priority = 1
[[sources]]
name = "b"
paths = ["b.jsonl"]
priority = 2
[[sources]]
name = "q"
paths = ["q.json"]
format = "squad"
[split]
validation = 0.1
test = 0.1
"""


def prose(name: object, words: int = 120) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def nearly(text: str, changes: int = 1) -> str:
    words = text.split()
    for number in range(changes):
        words[(number * 2 + 1) * len(words) // (2 * changes)] = f"otherwise{number}"
    return " ".join(words)


def plain() -> list[Record]:
    """Documents that nobody else resembles, some of them with a place."""
    return [
        {
            "id": f"d{number}",
            "text": prose(number),
            "repo": f"https://github.com/owner{number % 7}/name{number}",
            "path": f"src/file{number}.py",
            "url": f"https://site{number % 5}.example.org/page/{number}",
        }
        for number in range(60)
    ]


def questions() -> str:
    articles = []
    for number in range(4):
        context = prose(f"context {number}", 60)
        word = context.split()[5]
        answers = [{"text": word, "answer_start": context.index(word)}]
        qas = [
            {
                "id": f"q{number}-{each}",
                "question": f"What is {each} of {number}?",
                "answers": answers,
            }
            for each in range(2)
        ]
        articles.append({"title": f"t{number}", "paragraphs": [{"context": context, "qas": qas}]})
    return json.dumps({"version": "1.1", "data": articles})


class Mill(NamedTuple):
    """A folder with inputs and a registry; releases lie under `out`."""

    folder: Path
    ask: Ask

    def make(self, *sets: str, out: str = "out") -> Path:
        pairs = [part for each in sets for part in ("--set", each)]
        config = self.folder / "mill.toml"
        said = self.ask("run", config, "--out", self.folder / out, "--executor", "sync", *pairs)
        assert said.code == 0, said.err
        return Path(said.out.splitlines()[-1])

    def add(self, *subject: object) -> str:
        said = self.ask("optout", "add", "--registry", self.registry, *subject, "--json")
        assert said.code == 0, said.err
        request: str = json.loads(said.out.splitlines()[0])["request"]
        return request

    @property
    def registry(self) -> Path:
        return self.folder / "reg/events.jsonl"

    def apply(self, release: Path, out: str, *more: object, away: bool) -> dict[str, Any]:
        """Apply the registry; `away` with the inputs out of reach: not where it runs, and not given."""
        given = () if away else ("--inputs", self.folder)
        copy = self.folder / out / release.name  # a release is withdrawn once
        if not copy.exists():
            shutil.copytree(release, copy)
        said = self.ask(
            "optout", "apply", copy, "--registry", self.registry, *given,
            "--out", self.folder / out, "--work", self.folder / f"work-{out}",
            "--executor", "sync", "--json", *more,
        )  # fmt: skip
        assert said.code == 0, said.err
        found: dict[str, Any] = json.loads(said.out)
        assert found["amended"] == away
        return found


@pytest.fixture
def mill(tmp_path: Path, ask: Ask) -> Callable[..., Mill]:
    def build(a: Iterable[Record], b: Iterable[Record] = (), config: str = CONFIG) -> Mill:
        for name, records in (("a", a), ("b", b)):
            lines = "".join(json.dumps(record) + "\n" for record in records)
            (tmp_path / f"{name}.jsonl").write_text(lines)
        (tmp_path / "q.json").write_text(questions())
        (tmp_path / "mill.toml").write_text(config)
        (tmp_path / "reg").mkdir()
        (tmp_path / "reg/events.jsonl").write_bytes(b"")
        return Mill(tmp_path, ask)

    return build


def rows(path: Path) -> list[Record]:
    return pq.read_table(path).to_pylist()


def ledger(release: Path) -> list[Record]:
    return [row for path in sorted((release / "ledger").glob("decisions-*")) for row in rows(path)]


def kept(release: Path) -> set[str]:
    return {row["id"] for row in ledger(release) if row["verdict"] == "keep"}


def manifest(release: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((release / "manifest.json").read_bytes())
    return read


def payload(release: Path) -> dict[str, bytes]:
    """What holds the records: shards, their twins and signatures, the indexes."""
    folders = ("data", "qa", "parquet", "signatures", "index")
    return {
        path.relative_to(release).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted((release / folder).rglob("*"))
        if path.is_file()
    }


def contents_of(path: Path) -> bytes:
    """What a file says, as it lies there and decoded."""
    data = path.read_bytes()
    if path.suffix == ".zst":
        reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
        return data + reader.readall()
    if path.suffix == ".parquet":
        return data + str(rows(path)).encode() + str(pq.read_metadata(path).to_dict()).encode()
    return data


def contents(release: Path) -> bytes:
    return b"".join(contents_of(each) for each in sorted(release.rglob("*")) if each.is_file())


def requests(mill: Mill) -> None:
    mill.add("--id", "d1", "--copies", "none")
    mill.add("--repo", "github.com/owner2/name2", "--copies", "exact")
    mill.add("--owner", "github.com/owner3")
    mill.add("--domain", "site4.example.org")
    mill.add("--url", "https://site0.example.org/page/5")
    mill.add("--repo", "github.com/owner6/name6", "--path", "src/**")
    mill.add("--id", "q1-0")


def test_what_nobody_hangs_on_goes_as_it_does_with_the_inputs(mill: Callable[..., Mill]) -> None:
    here = mill(plain())
    release = here.make('optout.registry="reg/events.jsonl"')
    requests(here)
    away = here.apply(release, "away", away=True)
    full = here.apply(release, "full", away=False)
    amended, made = Path(away["release"]), Path(full["release"])
    assert (away["removed"], away["not_re_elected"], away["unknown"]) == (full["removed"], 0, [])
    assert payload(amended) == payload(made)
    said, wanted = manifest(amended), manifest(made)
    for name in ("content_root", "branches", "stages", "sources", "registries", "redact", "change",
                 "documents", "questions", "inputs", "build", "parent"):  # fmt: skip
        assert said[name] == wanted[name], name
    assert said["notes"][-1] == "amended from t-1.0.0 without its inputs"
    assert ledger(amended) == ledger(made)
    for path in ("reports/stats.json", "ledger/tombstones.jsonl", "ledger/splits.parquet",
                 "config/config.json", "CHANGELOG.md", "compliance/license-review.jsonl"):  # fmt: skip
        assert (amended / path).read_bytes() == (made / path).read_bytes(), path
    fresh = here.make('optout.registry="reg/events.jsonl"', "release.version=1.0.1", out="out")
    assert payload(fresh) == payload(made)


def test_what_stood_behind_it_stays_out_and_the_ledger_says_so(mill: Callable[..., Mill]) -> None:
    a = [*plain(), {"id": "kin", "text": prose("kin")}, {"id": "same", "text": prose("same")}]
    a += [{"id": "all", "text": prose("all")}, {"id": "far", "text": prose("far", 400)}]
    b: list[Record] = [{"id": "kin-b", "text": nearly(prose("kin"))}]
    b += [{"id": "same-b", "text": prose("same")}, {"id": "all-b", "text": nearly(prose("all"))}]
    b += [{"id": "far-b", "text": nearly(prose("far", 400))}]
    here = mill(a, b)
    release = here.make('optout.registry="reg/events.jsonl"')
    freed = {
        "kin-b": here.add("--id", "kin", "--copies", "exact"),
        "same-b": here.add("--id", "same", "--copies", "none"),
    }
    taken = here.add("--id", "all")
    behind = here.add("--id", "far-b")
    away = here.apply(release, "away", away=True)
    full = here.apply(release, "full", away=False)
    amended, made = Path(away["release"]), Path(full["release"])
    assert kept(made) - kept(amended) == set(freed)
    assert kept(amended) < kept(made)
    assert away["not_re_elected"] == len(freed)
    assert any("not re-elected" in each for each in away["unknown"])
    told = {row["id"]: row for row in ledger(amended)}
    wanted = {row["id"]: row for row in ledger(made)}
    for name, request in freed.items():
        detail = json.loads(told[name]["detail"])
        assert (told[name]["verdict"], told[name]["survivor"]) == ("drop", "")
        assert told[name]["stage"] in {"exact", "near"}
        assert (detail["not_reelected"], detail["request"]) == (True, request)
    for name, row in wanted.items():
        if name not in freed:
            assert told[name] == row, name
    assert told["all-b"]["reason"] == told["far"]["reason"] == "copy:near"
    assert json.loads(told["all-b"]["detail"])["request"] == taken
    assert json.loads(told["far"]["detail"])["request"] == behind
    again = here.apply(amended, "away", away=True)
    assert (again["withdrawn"], again["removed"]) == (None, 0)
    for command in (["verify", amended, "--deep"], ["diff", here.folder / "away/t-1.0.0", amended],
                    ["query", amended, "--source", "a"], ["report", amended, "--out", here.folder / "amended.html"],
                    ["explain", amended, "kin-b"], ["prove", amended, "d0"]):  # fmt: skip
        said = here.ask(*command)
        assert said.code == 0, (command, said.err)
    back = here.apply(amended, "away", away=False)  # with the inputs they are re-elected after all
    assert (back["removed"], back["added"]) == (0, len(freed))
    assert manifest(Path(back["release"]))["content_root"] == manifest(made)["content_root"]
    tombstones = (amended / "ledger/tombstones.jsonl").read_bytes().splitlines()
    assert {json.loads(each)["id"] for each in tombstones} == {"kin", "same", "all", "far"}
    withdrawn = (amended.parent / "withdrawals.jsonl").read_bytes().splitlines()
    assert [json.loads(each)["replaced_by"] for each in withdrawn] == ["t-1.0.1", "t-1.0.2"]


@pytest.mark.parametrize("near", ["false", "{ threshold = 0.99 }"])
def test_copies_among_the_kept_are_found_without_their_families(
    mill: Callable[..., Mill], near: str
) -> None:
    a = [{"id": f"{scope}-own", "text": prose(scope)} for scope in ("none", "exact", "near")]
    b = [
        {"id": f"{scope}-kin", "text": nearly(prose(scope))} for scope in ("none", "exact", "near")
    ]
    scopes = ("none", "exact", "near") if near == "false" else ()  # at 0.99 twins are duplicates
    b += [{"id": f"{scope}-twin", "text": prose(scope)} for scope in scopes]
    context = nearly(prose("context 2", 60))
    b += [{"id": "of-question", "text": context}]
    config = CONFIG.replace(
        "[split]\nvalidation = 0.1\ntest = 0.1\n", "[split]\nvalidation = 0\ntest = 0\n"
    )
    here = mill([*plain(), *a], b, config)
    sets = ("dedup.exact=false", f"dedup.near={near}")
    release = here.make(*sets)
    assert len(kept(release)) == 60 + 3 + len(b) + 8  # no copy is a duplicate here
    for scope in ("none", "exact", "near"):
        here.add("--id", f"{scope}-own", "--copies", scope)
    here.add("--id", "q2-1")
    away, full = (here.apply(release, out, away=out == "away") for out in ("away", "full"))
    amended, made = Path(away["release"]), Path(full["release"])
    assert kept(amended) == kept(made)
    gone = {"none-own", "exact-own", "near-own", "near-kin", "q2-0", "q2-1", "of-question"}
    twins = {"exact-twin", "near-twin"} if near == "false" else set[str]()
    assert kept(release) - kept(amended) == gone | twins
    assert manifest(amended)["content_root"] == manifest(made)["content_root"]
    assert {row["id"]: row["reason"] for row in ledger(amended)} == {
        row["id"]: row["reason"] for row in ledger(made)
    }


def test_kept_copies_are_on_the_review_list_with_the_inputs_and_without(
    mill: Callable[..., Mill],
) -> None:
    own = {"id": "own", "text": prose("lib"), "repo": "github.com/me/lib"}
    theirs = [
        {"id": f"theirs-{n}", "text": nearly(prose("lib")), "repo": f"github.com/them{n}/site"}
        for n in range(4)
    ]
    optout = '[optout]\nregistry = "reg/events.jsonl"\ncommon = 3\n'
    here = mill([*plain(), own], theirs, CONFIG + optout)
    sets = ("dedup.exact=false", "dedup.near=false", "split.validation=0", "split.test=0")
    release = here.make(*sets)
    request = here.add("--repo", "github.com/me/lib")
    away, full = (here.apply(release, out, away=out == "away") for out in ("away", "full"))
    lists = [
        (Path(each["release"]) / "compliance/optout-review.jsonl").read_bytes()
        for each in (away, full)
    ]
    assert lists[0] == lists[1]
    listed = {each["id"]: each for each in map(json.loads, lists[0].splitlines())}
    assert listed.pop("own")["copies_kept"] == 4
    assert listed.keys() == {each["id"] for each in theirs}
    assert {(each["reason"], each["copy_of"], each["request"]) for each in listed.values()} == {
        ("copy", "own", request)
    }
    assert all(0.8 <= each["similarity"] < 1 for each in listed.values())
    assert ledger(Path(away["release"])) == ledger(Path(full["release"]))


def test_nothing_of_what_went_is_left_anywhere(mill: Callable[..., Mill]) -> None:
    canary = {
        "id": "canary-id",
        "text": f"{prose('c')} canarytext {prose('c2')}",
        "repo": "https://github.com/canaryowner/canaryrepo",
        "path": "src/canarypath.py",
        "url": "https://canary.example.com/canaryurl",
        "author": "Canary Author",
    }
    here = mill([*plain(), canary], [{"id": "kin", "text": nearly(canary["text"])}])
    release = here.make()
    said = contents(release)
    words = [
        b"canarytext",
        b"canaryowner",
        b"canaryrepo",
        b"canarypath",
        b"canary.example",
        b"canaryurl",
    ]
    assert all(word in said for word in words)
    here.add("--id", "canary-id")
    amended = Path(here.apply(release, "away", away=True)["release"])
    left = contents(amended)
    assert not [word for word in words if word in left]
    assert b"Canary Author" not in left
    ids = {path.relative_to(amended).as_posix() for path in amended.rglob("*")
           if path.is_file() and b"canary-id" in contents_of(path)}  # fmt: skip
    assert ids == {"ledger/decisions-00000.parquet", "ledger/tombstones.jsonl"}
    work = here.folder / "work-away"
    assert not [p for p in work.rglob("*") if p.is_file() and b"canarytext" in contents_of(p)]


def test_what_a_release_does_not_tell_is_said(mill: Callable[..., Mill]) -> None:
    a = [*plain(), {"id": "good", "text": prose("good")}]
    here = mill(a, [{"id": "poor", "text": nearly(prose("good"), 5)}])
    release = here.make("dedup.near.threshold=0.5")
    assert "poor" not in kept(release)
    (here.folder / "key").write_bytes(b"k" * 32)
    here.add("--author", "some.body" + "@" + "mill.example", "--key", here.folder / "key")
    here.add("--id", "poor")
    here.add("--id", "d7")
    away = here.apply(release, "away", "--key", here.folder / "key", away=True)
    assert away["removed"] == 2  # its survivor is a copy of it
    assert [each.split()[:2] for each in away["unknown"]] == [["1", "requests"], ["1", "opted-out"]]
    assert json.loads(json.dumps(manifest(Path(away["release"]))["notes"]))[-2:] == away["unknown"]


def test_a_request_for_some_kinds_of_data_takes_these_alone(mill: Callable[..., Mill]) -> None:
    def at_home(name: str) -> Record:
        return {"id": name, "text": prose(name), "repo": "https://github.com/home/n"}

    config = CONFIG.replace("priority = 1", 'priority = 1\ndata_kind = "code"')
    config = config.replace("priority = 2", 'priority = 2\ndata_kind = "web"')
    here = mill([*plain(), at_home("program")], [at_home("page")], config)
    release = here.make()
    here.add("--owner", "github.com/home", "--data-kind", "code")
    away, full = (here.apply(release, out, away=out == "away") for out in ("away", "full"))
    for made in (away, full):
        assert kept(release) - kept(Path(made["release"])) == {"program"}


def test_what_the_release_honoured_at_its_cut_off_is_known(mill: Callable[..., Mill]) -> None:
    mail = "\n# write to some.body" + "@" + "watermill-museum.org"
    here = mill([*plain(), {"id": "mail", "text": prose("mail") + mail}])
    author = subject("author", "some.body" + "@" + "mill.example", key=b"k" * 32)
    later = Draft(
        event="submit", subjects=(Entry("author", author.value, ""),), effective="2020-02-01"
    )
    append(here.registry, [later, Draft(event="verify")], now="2020-01-01T00:00:00Z")
    (here.folder / "key").write_bytes(b"k" * 32)
    keyed = (f'optout.registry="{here.registry}"', f'optout.key="{here.folder / "key"}"')
    release = here.make(*keyed)
    here.add("--sha256", hashlib.sha256(prose(3).encode()).hexdigest())
    away = here.apply(release, "away", "--key", here.folder / "key", away=True)
    assert away["removed"] == 1
    (told,) = away["unknown"]  # not that of the author, which the release has honoured
    assert "1 requests name a text by its digest" in told
