"""Opt-outs from outside: the registry's commands, and releases that honour every request and its copies."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from filters.subjects import content_swhid
from tests.conftest import Ask, Said

Gristmill = Callable[..., subprocess.CompletedProcess[str]]
Record = dict[str, Any]


CONFIG = """
[release]
name = "t"
shards = 2
[[sources]]
name = "a"
paths = ["a.jsonl"]
priority = 1
[[sources]]
name = "b"
paths = ["b.jsonl"]
priority = 2
[optout]
registry = "reg/events.jsonl"
"""


def prose(name: object, words: int = 120) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def nearly(text: str) -> str:
    words = text.split()
    words[len(words) // 2] = "otherwise"
    return " ".join(words)


def write(path: Path, records: Iterable[Record]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def mill(folder: Path, a: Iterable[Record], b: Iterable[Record] = ()) -> Path:
    write(folder / "a.jsonl", a)
    write(folder / "b.jsonl", b)
    (folder / "mill.toml").write_text(CONFIG)
    (folder / "reg").mkdir()
    (folder / "reg/events.jsonl").write_bytes(b"")
    return folder / "mill.toml"


def attempt(ask: Ask, path: Path, *sets: str) -> Said:
    pairs = [part for each in sets for part in ("--set", each)]
    return ask("run", path, "--out", path.parent / "out", "--executor", "sync", *pairs)


def make(ask: Ask, path: Path, *sets: str) -> Path:
    said = attempt(ask, path, *sets)
    assert said.code == 0, said.err
    return Path(said.out.splitlines()[-1])


def add(ask: Ask, path: Path, *subject: object) -> str:
    said = ask("optout", "add", "--registry", path.parent / "reg/events.jsonl", *subject, "--json")
    assert said.code == 0, said.err
    request: str = said.rows()[0]["request"]
    return request


def ledger(release: Path) -> dict[str, Record]:
    paths = sorted((release / "ledger").glob("decisions-*.parquet"))
    rows = [row for path in paths for row in pq.read_table(path).to_pylist()]
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def kept(release: Path) -> set[str]:
    return {name for name, row in ledger(release).items() if row["verdict"] == "keep"}


def contents(release: Path) -> bytes:
    """Everything that a release says, decoded."""
    said = b""
    for path in sorted(release.rglob("*")):
        if path.suffix == ".zst":
            reader = zstandard.ZstdDecompressor().stream_reader(
                path.read_bytes(), read_across_frames=True
            )
            said += reader.readall()
        elif path.suffix == ".parquet":
            said += str(pq.read_table(path).to_pylist()).encode()
        elif path.is_file():
            said += path.read_bytes()
    return said


# ---- the registry's commands

KEY = "key"
SUBJECTS: list[tuple[list[str], str, str]] = [
    (["--repo", "https://github.com/Owner/Name.git"], "repo", "github.com/owner/name"),
    (["--repo", "git@github.com:Owner/Other.git"], "repo", "github.com/owner/other"),
    (["--repo", "gitlab.com/group/name"], "repo", "gitlab.com/group/name"),
    (["--owner", "https://github.com/Somebody"], "owner", "github.com/somebody"),
    (["--owner", "codeberg.org/somebody"], "owner", "codeberg.org/somebody"),
    (["--origin", "https://gitlab.com/x/y"], "origin", "gitlab.com/x/y"),
    (["--domain", "Example.ORG"], "domain", "example.org"),
    (["--url", "http://ex.org/a/../b%7E"], "url", "ex.org/b~"),
    (["--repo", "github.com/o/n", "--path", "src/**/*.py"], "path", "/src/**/*.py"),
    (["--author", "somebody" + "@" + "mill.example", "--key", KEY], "author", ""),
    (["--id", "doc 1"], "id", "doc 1"),
    (["--sha256", "A" * 64], "sha256", "a" * 64),
    (["--swhid", "swh:1:cnt:" + "a" * 40], "swhid", "swh:1:cnt:" + "a" * 40),
    (["--text", "text.txt"], "sha256", hashlib.sha256("\u00e9 text".encode()).hexdigest()),
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where a clerk works: a key, a text, and the path of a registry that is not there yet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / KEY).write_bytes(b"k" * 32 + b"\n")
    (tmp_path / "text.txt").write_text("e\u0301 text")  # decomposed: requests speak of NFC
    return tmp_path / "reg/events.jsonl"


def test_every_kind_of_subject_is_recorded_in_one_form(ask: Ask, desk: Path) -> None:
    registry = ["--registry", desk]
    for command in (["list"], ["verify"], ["revoke", "--request", "r-1"]):
        missing = ask("optout", *command, *registry)
        assert missing.code == 5
        assert str(desk) in missing.err
    assert not desk.exists()
    for subject, _, _ in SUBJECTS:
        said = ask("optout", "add", *registry, *subject)
        assert said.code == 0, said.err
        assert said.out.startswith("r-")
    more = ["--copies", "exact", "--reason", "gdpr-17", "--pending", "--json"]
    pending = ask("optout", "add", *registry, "--id", "later", *more).rows()[0]
    assert (pending["status"], pending["copies"]) == ("pending", "exact")
    listed = ask("optout", "list", *registry, "--json").rows()
    assert len({row["request"] for row in listed}) == len(listed) == len(SUBJECTS) + 1
    for row, (_, kind, value) in zip(listed, SUBJECTS, strict=False):
        assert row["subjects"][0]["kind"] == kind
        assert value in {row["subjects"][0]["value"], ""}
        assert (row["status"], row["copies"]) == ("verified", "near")
    assert (listed[-1]["status"], listed[-1]["reason"]) == ("pending", "gdpr-17")
    assert b"mill.example" not in desk.read_bytes()  # a person is a keyed digest
    table = ask("optout", "list", *registry).out
    assert all(row["request"] in table for row in listed)
    head = ask("optout", "verify", *registry, "--json").rows()[0]
    assert (head["ok"], head["events"]) == (True, 2 * len(SUBJECTS) + 1)
    name = listed[0]["request"]
    assert ask("optout", "revoke", *registry, "--request", name).code == 0
    assert ask("optout", "list", *registry, "--json").rows()[0]["status"] == "revoked"
    for unknown in (name, "r-000000000000"):
        assert ask("optout", "revoke", *registry, "--request", unknown).code == 2


def test_what_names_nothing_or_everything_is_refused(ask: Ask, desk: Path) -> None:
    for subject in (
        [],
        ["--id", ""],
        ["--repo", "nonsense"],
        ["--repo", "github.com/USERNAME/REPO"],
        ["--owner", "all"],
        ["--domain", "*"],
        ["--domain", "com"],
        ["--url", "no-host"],
        ["--path", "*.py"],
        ["--sha256", "abc"],
        ["--swhid", "abc"],
        ["--text", "missing.txt"],
        ["--author", "somebody" + "@" + "mill.example"],
        ["--id", "a", "--copies", "some"],
    ):
        said = ask("optout", "add", "--registry", desk, *subject)
        assert said.code == 2, subject
        assert said.err
    assert not desk.exists()


def test_damage_is_named_by_its_line_and_nothing_is_added_to_it(ask: Ask, desk: Path) -> None:
    for number in range(3):
        ask("optout", "add", "--registry", desk, "--id", f"doc {number}")
    whole = desk.read_bytes()
    lines = whole.splitlines(keepends=True)
    for line, damaged in (
        (3, whole.replace(b"doc 1", b"doc 9")),
        (2, b"".join([lines[0], *lines[2:]])),
        (1, b"".join([lines[1], lines[0], *lines[2:]])),
        (6, b"".join(lines[:-1])),
        (6, whole[:-4]),
        (7, whole + b"{}\n"),
        (1, b"\xff\n"),
        (1, b""),
    ):
        desk.write_bytes(damaged)
        for command in (["verify"], ["list"], ["add", "--id", "more"]):
            said = ask("optout", *command, "--registry", desk)
            assert said.code == 5, (line, command)
            assert f"{desk}:{line}: " in said.err
            assert "doc " not in said.err
        assert desk.read_bytes() == damaged
    desk.write_bytes(whole)
    assert ask("optout", "verify", "--registry", desk).code == 0


# ---- runs


def test_a_registry_that_is_missing_broken_or_stale_stops_the_release(
    ask: Ask, gristmill: Gristmill, tmp_path: Path
) -> None:
    path = mill(tmp_path, [{"id": "x", "text": prose(1)}, {"id": "y", "text": prose(2)}])
    registry = tmp_path / "reg/events.jsonl"
    registry.unlink()
    missing = gristmill("run", path, "--out", tmp_path / "out", "--executor", "sync")
    assert missing.returncode == 5
    assert "events.jsonl" in missing.stderr
    for command in (["plan", path], ["inspect", tmp_path / "a.jsonl", "--config", path]):
        assert ask(*command).code == 5
    registry.write_bytes(b"torn")
    assert attempt(ask, path).code == 5
    registry.write_bytes(b"")
    assert attempt(ask, path, "optout.max_age_days=3").code == 5
    assert not (tmp_path / "out").exists()
    assert kept(make(ask, path)) == {"x", "y"}  # an empty registry is a valid one
    manifest = json.loads((tmp_path / "out/t-1.0.0/manifest.json").read_bytes())
    assert manifest["registries"][0]["requests"] == 0
    add(ask, path, "--id", "x")
    fresh = make(ask, path, "release.version=1.0.1", "optout.max_age_days=3")
    assert kept(fresh) == {"y"}
    assert json.loads((fresh / "manifest.json").read_bytes())["change"] == "removal"


def test_an_older_registry_than_the_parent_release_honoured_is_stale(
    ask: Ask, tmp_path: Path
) -> None:
    path = mill(tmp_path, [{"id": "x", "text": prose(1)}, {"id": "y", "text": prose(2)}])
    add(ask, path, "--id", "nobody")
    shutil.copytree(tmp_path / "reg", tmp_path / "old")
    add(ask, path, "--id", "x")
    assert kept(make(ask, path)) == {"y"}
    stale = attempt(ask, path, "release.version=2.0.0", "optout.registry=old/events.jsonl")
    assert stale.code == 5
    assert not (tmp_path / "out/t-2.0.0").exists()


def test_each_subject_takes_its_documents_out(ask: Ask, tmp_path: Path) -> None:
    texts = {name: prose(name) for name in ("sha256", "text", "swhid")}
    a: list[Record] = [
        {"id": "by-id", "text": prose("id")},
        *({"id": f"by-{name}", "text": text} for name, text in texts.items()),
        {"id": "by-repo", "text": prose("repo"), "repo": "git://github.com/O/Repo.git"},
        {"id": "by-owner", "text": prose("owner"), "repo": "https://gitlab.com/own/mill"},
        {"id": "by-origin", "text": prose("origin"), "repo": "https://codeberg.org/p/q"},
        {"id": "by-domain", "text": prose("domain"), "url": "https://www.mill.example/x"},
        {"id": "by-url", "text": prose("url"), "url": "http://ex.org/a/./b/c?d=1"},
        {"id": "url-stays", "text": prose("u2"), "url": "https://ex.org/a/bc"},
        {"id": "by-path", "text": prose("path"), "repo": "github.com/o/n", "path": "src/x/y.py"},
        {"id": "path-stays", "text": prose("p2"), "repo": "github.com/o/n", "path": "src/y.rs"},
        {"id": "by-author", "text": prose("author"), "author": "S <Some.Body@Mill.Example>"},
        {"id": "pending", "text": prose("pending")},
        {"id": "revoked", "text": prose("revoked")},
    ]
    path = mill(tmp_path, a)
    (tmp_path / "one.txt").write_text(texts["text"])
    (tmp_path / "key").write_bytes(b"k" * 32)
    digest = hashlib.sha256(texts["sha256"].encode()).hexdigest()
    requests = {
        "by-id": add(ask, path, "--id", "by-id"),
        "by-sha256": add(ask, path, "--sha256", digest),
        "by-text": add(ask, path, "--text", tmp_path / "one.txt"),
        "by-swhid": add(ask, path, "--swhid", content_swhid(texts["swhid"].encode())),
        "by-repo": add(ask, path, "--repo", "https://github.com/o/repo"),
        "by-owner": add(ask, path, "--owner", "gitlab.com/own"),
        "by-origin": add(ask, path, "--origin", "https://codeberg.org/p/q"),
        "by-domain": add(ask, path, "--domain", "mill.example"),
        "by-url": add(ask, path, "--url", "https://ex.org/a/b"),
        "by-path": add(ask, path, "--repo", "github.com/o/n", "--path", "src/**/*.py"),
        "by-author": add(
            ask, path, "--author", "some.body" + "@" + "mill.example", "--key", tmp_path / "key"
        ),
    }
    add(ask, path, "--id", "pending", "--pending")
    taken_back = add(ask, path, "--id", "revoked")
    registry = tmp_path / "reg/events.jsonl"
    ask("optout", "revoke", "--registry", registry, "--request", taken_back)
    keyless = attempt(ask, path)
    assert keyless.code == 5
    assert "key" in keyless.err
    release = make(ask, path, "optout.key=key")
    rows = ledger(release)
    for name, request in requests.items():
        row = rows[name]
        assert (row["verdict"], row["stage"]) == ("drop", "optout"), name
        assert row["reason"] in {name.removeprefix("by-"), "sha256"}
        assert json.loads(row["detail"])["request"] == request
    assert kept(release) == {"url-stays", "path-stays", "pending", "revoked"}
    manifest = json.loads((release / "manifest.json").read_bytes())
    assert manifest["registries"][0]["requests"] == len(requests)
    said = contents(release)
    assert prose("id")[:30].encode() not in said
    assert b"k" * 32 not in said
    check = ["optout", "check", release, "--registry", registry, "--json"]
    found = ask(*check, "--id", "by-id").rows()[0]
    assert (found["documents"], found["requests"]) == ([], [requests["by-id"]])
    assert found["proof"][0]["documents"] == 4
    covered = ask(*check, "--repo", "gitlab.com/own/mill").rows()[0]
    assert covered["requests"] == [requests["by-owner"]]
    there = ask(*check, "--url", "ex.org/a/bc").rows()[0]
    assert (there["documents"], there["requests"]) == (["url-stays"], [])
    told = ask(*check[:-1], "--domain", "ex.org")
    assert "1 documents" in told.out
    assert "url-stays" in told.out
    assert ask(*check).code == 2
    assert ask("optout", "check", tmp_path, "--registry", registry, "--id", "x").code == 2
    assert ask("optout", "check", release, "--registry", tmp_path / "no", "--id", "x").code == 5


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Three documents of source a that opt out, one for each scope; their copies lie in source b."""
    a = [{"id": f"{scope}-own", "text": prose(scope)} for scope in ("none", "exact", "near")]
    b = [{"id": f"{scope}-same", "text": prose(scope)} for scope in ("none", "exact", "near")]
    b += [{"id": "exact-kin", "text": nearly(prose("exact"))}]
    b += [{"id": "near-kin", "text": nearly(prose("near"))}]
    return mill(tmp_path, a, b)


@pytest.mark.parametrize(
    "sets", [(), ("dedup.near=false",), ("dedup.exact=false",), ("dedup.exact=false", "dedup.near=false")]
)  # fmt: skip
def test_copies_in_another_source_go_as_far_as_the_request_reaches(
    ask: Ask, copies: Path, sets: tuple[str, ...]
) -> None:
    """Whatever kinds of deduplication are on."""
    requests = {
        scope: add(ask, copies, "--id", f"{scope}-own", "--copies", scope)
        for scope in ("none", "exact", "near")
    }
    release = make(ask, copies, *sets)
    rows = ledger(release)
    assert kept(release) == {"none-same", "exact-kin"}
    expected = {"exact-same": {"copy:exact"}, "near-same": {"copy:exact", "copy:near"}}
    for name, reasons in {**expected, "near-kin": {"copy:near"}}.items():
        row = rows[name]
        assert (row["stage"], row["survivor"]) == ("optout", "")
        assert row["reason"] in reasons
        detail = json.loads(row["detail"])
        assert detail["request"] == requests[name.partition("-")[0]]
        assert detail["similarity"] >= 0.8


def test_a_revoked_request_gives_its_documents_back(ask: Ask, copies: Path) -> None:
    everything = {"none-own", "exact-own", "exact-kin", "near-own", "near-kin"}
    sets = ("dedup.near.threshold=0.99",)  # so that near copies are no duplicates either
    assert kept(make(ask, copies, *sets)) == everything
    request = add(ask, copies, "--id", "near-own")
    second = make(ask, copies, *sets, "release.version=1.0.1")
    assert kept(second) >= everything - {"near-own", "near-kin"}
    assert "near-own" not in kept(second)
    tombstones = (second / "ledger/tombstones.jsonl").read_bytes().splitlines()
    graves = {row["id"]: row for row in map(json.loads, tombstones)}
    assert graves["near-own"]["request"] == request
    assert graves["near-own"]["reason"].startswith("optout")
    registry = copies.parent / "reg/events.jsonl"
    assert ask("optout", "revoke", "--registry", registry, "--request", request).code == 0
    third = make(ask, copies, *sets, "release.version=1.1.0")
    assert kept(third) == everything
    assert (third / "ledger/tombstones.jsonl").read_bytes() == b""
    splits = [
        {row["id"]: row["split"] for row in pq.read_table(each / "ledger/splits.parquet").to_pylist()}
        for each in (copies.parent / "out/t-1.0.0", third)
    ]  # fmt: skip
    assert splits[0] == splits[1]


def test_an_opted_out_document_under_a_refused_licence_still_takes_its_copies(
    ask: Ask, tmp_path: Path
) -> None:
    a = [{"id": "own", "text": prose(1), "license": "GPL-3.0-only"}]
    b = [{"id": "kin", "text": nearly(prose(1)), "license": "MIT"}]
    path = mill(tmp_path, a, [*b, {"id": "other", "text": prose(2), "license": "MIT"}])
    add(ask, path, "--id", "own")
    release = make(ask, path, "license.policy=permissive")
    assert kept(release) == {"other"}
    assert ledger(release)["own"]["stage"] == "license"
    assert ledger(release)["kin"]["reason"] == "copy:near"


def test_a_digest_or_text_taken_from_a_release_is_honoured_too(ask: Ask, tmp_path: Path) -> None:
    """Redaction changes the text, and what a person can look up is the published one."""
    mail = "miller" + "@" + "watermill-museum.org"
    records = [{"id": f"d{n}", "text": f"{prose(n)} write to {mail}"} for n in range(3)]
    path = mill(tmp_path, [*records, {"id": "other", "text": prose(9)}])
    first = make(ask, path)
    table = pq.read_table(first / "index/documents.parquet").to_pylist()
    published = {row["id"]: row["sha256"] for row in table}
    raw = {record["id"]: hashlib.sha256(record["text"].encode()).hexdigest() for record in records}
    assert published["d0"] != raw["d0"]
    add(ask, path, "--sha256", published["d0"])
    add(ask, path, "--sha256", raw["d1"])
    shown = ask("query", first, "--id", "d2", "--text").rows()[0]["text"]
    (tmp_path / "shown.txt").write_text(shown)
    add(ask, path, "--text", tmp_path / "shown.txt")
    assert kept(make(ask, path, "release.version=1.0.1")) == {"other"}


def test_questions_are_covered_as_documents_are(ask: Ask, tmp_path: Path) -> None:
    context = prose("context")
    start = context.index(context.split()[5])
    answers = [{"text": context.split()[5], "answer_start": start}]
    qas = [{"id": f"q{n}", "question": f"What is number {n}?", "answers": answers} for n in (1, 2)]
    others = [{**each, "id": f"p{n}", "question": f"Who is {n}?"} for n, each in enumerate(qas)]
    data = [
        {"title": "one", "paragraphs": [{"context": context, "qas": qas}]},
        {"title": "two", "paragraphs": [{"context": f"x {context}", "qas": []}]},
    ]
    data[1]["paragraphs"][0]["qas"] = [  # type: ignore[index]  # a list of tables
        {**each, "answers": [{**answers[0], "answer_start": start + 2}]} for each in others
    ]
    path = mill(tmp_path, [{"id": "doc", "text": prose("doc")}])
    (tmp_path / "qa.json").write_text(json.dumps({"version": "1.1", "data": data}))
    with path.open("a") as file:
        file.write('[[sources]]\nname = "qa"\npaths = ["qa.json"]\nformat = "squad"\n')
    release = make(ask, path)
    assert kept(release) == {"doc", "q1", "q2", "p0", "p1"}
    registry = tmp_path / "reg/events.jsonl"
    check = ["optout", "check", release, "--registry", registry, "--json"]
    digest = hashlib.sha256(context.encode()).hexdigest()
    assert ask(*check, "--id", "q1").rows()[0]["documents"] == ["q1"]
    assert ask(*check, "--sha256", digest).rows()[0]["documents"] == ["q1", "q2"]
    add(ask, path, "--sha256", digest)
    left = make(ask, path, "release.version=1.0.1")
    assert kept(left) == {"doc"}
    assert {ledger(left)[name]["reason"] for name in ("p0", "p1")} == {"copy:near"}


def test_a_pending_request_is_confirmed_or_rejected(ask: Ask, tmp_path: Path) -> None:
    registry = tmp_path / "reg/events.jsonl"
    for number in range(2):
        assert (
            ask("optout", "add", "--registry", registry, "--id", f"d{number}", "--pending").code
            == 0
        )

    def states() -> list[tuple[str, str]]:
        lines = ask("optout", "list", "--registry", registry, "--json").out.splitlines()
        return [(state["request"], state["status"]) for state in map(json.loads, lines)]

    (first, pending), (second, _) = states()
    assert pending == "pending"
    assert ask("optout", "verify", "--registry", registry, "--request", first).code == 0
    assert ask("optout", "reject", "--registry", registry, "--request", second).code == 0
    assert states() == [(first, "verified"), (second, "rejected")]
    assert ask("optout", "verify", "--registry", registry, "--request", "r-none").code == 2
