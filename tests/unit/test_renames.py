"""Renames in the opt-out registry: what is refused, what is taken back, what the commands say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from filters.document import Document
from filters.subjects import Subject, normalised_subject, subject
from manifests.registry import (
    ChainError,
    Draft,
    Entry,
    Event,
    Scope,
    check_chain,
    encode,
    fold,
    seal,
)
from pipeline.cli.app import main
from pipeline.errors import ConfigError, RegistryError
from pipeline.optout import add, alias, amend, load, load_as_of, unalias
from pipeline.optout.compiled import Compiled
from pipeline.optout.index import index_path, keep_index
from tests.conftest import Said

OLD, MID, NEW = (subject("repo", each) for each in ("a/x", "b/x", "c/x"))
TS = "2026-01-31T12:00:00Z"


Ask = Callable[..., Said]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def ask(path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def call(part: str, *arguments: object) -> Said:
        given = ["optout", part, "--registry", str(path), *map(str, arguments)]
        try:
            code = main(given)
        except SystemExit as stop:  # what argparse refuses
            code = int(stop.code or 0)
        return Said(code, *capsys.readouterr())

    return call


def named(path: Path) -> list[str]:
    return sorted(each.subject.value for each in load(path).requests)


def test_a_request_is_about_all_names_whenever_the_rename_is_recorded(path: Path) -> None:
    add(path, [NEW])
    alias(path, [(OLD, MID), (MID, NEW)])
    add(path, [subject("path", "docs/", repo="a/x")])
    held = load(path)
    repos = {each.subject.repo or each.subject.value for each in held.requests}
    assert repos == {f"github.com/{each}/x" for each in "abc"}
    assert len(held.requests) == 6
    document = Document(id="1", text="", sha256="", source="s", repo="https://github.com/A/x")
    assert not held.filter().judge(document).keep
    before = load_as_of(path, held.head)
    unalias(path, [(OLD, MID)])
    assert held.filter() == before.filter() == load_as_of(path, held.head).filter()
    assert load(path).filter().judge(document).keep
    assert named(path)[-2:] == ["github.com/b/x", "github.com/c/x"]


def test_a_request_is_amended_and_asked_for_by_any_name(path: Path) -> None:
    request = add(path, [OLD, NEW])[0].request
    alias(path, [(OLD, NEW)])
    assert named(path) == ["github.com/a/x", "github.com/c/x"]
    amend(path, request, [subject("owner", "a")])
    assert [each.proposed is not None for each in load(path).state.requests] == [True]


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ([(OLD, OLD)], "write the old one and the new one"),
        ([(OLD, MID), (OLD, MID)], "recorded already"),
        ([(OLD, MID), (OLD, NEW)], "take that one back first"),
        ([(OLD, MID), (MID, NEW), (NEW, OLD)], "leave this one out"),
        ([(OLD, subject("owner", "b"))], "both of a repo, owner or domain"),
        ([(subject("id", "1"), subject("id", "2"))], "both of a repo, owner or domain"),
        # what only canonical names tell: a site is the same with www. and without
        ([(subject("domain", "www.a.example"), subject("domain", "a.example"))], "circle"),
        ([(subject("owner", "gitlab.com/a"), subject("owner", "gitlab.com/a/b"))], "without end"),
    ],
)  # fmt: skip
def test_a_rename_that_cannot_be_is_refused_and_nothing_is_written(
    path: Path, pairs: list[tuple[Subject, Subject]], told: str
) -> None:
    add(path, [OLD])
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=told):
        alias(path, pairs)
    assert path.read_bytes() == before
    with pytest.raises(ConfigError, match=f"there is no such rename|{told}"):
        unalias(path, pairs)


def line_of(draft: Draft, *before: Event) -> Event:
    return seal(before[-1] if before else None, draft, TS)


def entries(*pair: Subject) -> tuple[Entry, ...]:
    return tuple(Entry(each.kind, each.value, each.repo) for each in pair)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(event="alias"),
        Draft(event="alias", subjects=entries(OLD)),
        Draft(event="alias", subjects=entries(OLD, MID, NEW)),
        Draft(event="alias", subjects=entries(OLD, subject("owner", "b"))),
        Draft(event="alias", subjects=(Entry("near", "1"), Entry("near", "2"))),
        Draft(event="alias", subjects=entries(OLD, MID), request="r-000000000000"),
        Draft(event="alias", subjects=entries(OLD, MID), release="demo-1.0.0"),
        Draft(event="alias", subjects=entries(OLD, MID), scope=Scope(copies="none")),
        Draft(event="alias", subjects=entries(OLD, MID), due="2026-01-31"),
        Draft(event="unalias", subjects=entries(MID, NEW)),
        Draft(event="unalias", subjects=entries(NEW, MID)),
    ],
)
def test_a_log_with_an_impossible_rename_is_broken_there(draft: Draft) -> None:
    first = line_of(Draft(event="alias", subjects=entries(NEW, subject("repo", "d/x"))))
    second = line_of(draft, first)
    report = check_chain([encode(first), encode(second)])
    assert (report.line, len(report.renames)) == (2, 1)
    assert report.problem
    with pytest.raises(ChainError):
        fold([first, second])


def test_a_log_whose_renames_contradict_each_other_is_refused(path: Path) -> None:
    """Somebody else's program may write what canonical spelling shows to be two successors."""
    first = line_of(
        Draft(event="alias", subjects=(Entry("domain", "www.a.example"), Entry("domain", "b.example")))
    )  # fmt: skip
    second = line_of(
        Draft(event="alias", subjects=(Entry("domain", "a.example"), Entry("domain", "c.example"))), first
    )  # fmt: skip
    path.write_bytes(encode(first) + encode(second))
    with pytest.raises(RegistryError, match="a rename: one name has two successors"):
        load(path)


def test_the_command_records_lists_and_takes_back(ask: Ask, path: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    proof.write_bytes(b"a redirect\n")
    said = ask(
        "alias", "--repo", "https://github.com/A/x.git", "b/x", "--owner", "d", "e",
        "--reason", "renamed", "--authority", "operator", "--evidence", proof, "--json",
    )  # fmt: skip
    pairs = [("repo", "github.com/a/x", "github.com/b/x"), ("owner", "github.com/d", "github.com/e")]  # fmt: skip
    told = [{"kind": kind, "old": old, "new": new} for kind, old, new in pairs]
    assert said.rows() == [{"status": "recorded", "renames": told}]
    authority = {"level": "operator", "evidence": hashlib.sha256(b"a redirect\n").hexdigest()}
    (first, second) = ask("list", "--json").rows()
    assert first | {"ts": ""} == {
        "event": "alias", **told[0], "ts": "", "reason": "renamed", "authority": authority,
    }  # fmt: skip
    assert second["old"] == "github.com/d"
    assert "2 renames" in ask("list").out
    assert ask("list", "--json", "--status", "pending").rows() == []
    assert ask("verify", "--json").rows()[0]["events"] == 2
    back = ask("alias", "--undo", "--owner", "d", "e")
    assert back.out == "owner github.com/d -> github.com/e: taken back\n"
    assert len(ask("list", "--json").rows()) == 1
    assert b"redirect" not in path.read_bytes()


def test_the_command_says_what_to_write(ask: Ask, path: Path) -> None:
    assert "--repo, --owner or --domain OLD NEW" in ask("alias").err
    assert ask("alias", "--repo", "a/x").code == 2
    assert "--owner: " in ask("alias", "--owner", "all", "b").err
    assert (ask("alias", "--undo", "--repo", "a/x", "b/x").code, path.exists()) == (5, False)


def test_texts_are_named_by_what_git_and_a_reader_see(ask: Ask, tmp_path: Path) -> None:
    blob, text = "1" * 40, tmp_path / "text"
    text.write_text("Some  words,\nread alike!\n")
    ask("add", "--sha1-git", blob.upper(), "--normalised-text", text, "--json")
    (state,) = ask("list", "--json").rows()
    assert {each["kind"]: each["value"] for each in state["subjects"]} == {
        "normalised": normalised_subject("some words read alike").value,
        "swhid": f"swh:1:cnt:{blob}",
    }
    text.write_text("?!\n")
    assert "a text without a word" in ask("add", "--normalised-text", text).err
    assert "--sha1-git: " in ask("add", "--sha1-git", "11").err


def test_what_a_killed_writer_of_the_index_left_goes(path: Path) -> None:
    add(path, [OLD])
    large = path.read_bytes() + b" " * (1 << 20)
    left = path.with_name("events.jsonl.index.abcd1234")
    left.write_bytes(b"half")
    log = load(path)
    assert left.exists()  # a small log has no index, and nobody looks
    keep_index(path, large, Compiled(log.state, log.requests, log.events, log.latest))
    assert not left.exists()
    assert index_path(path).exists()
    load(path)
    assert not index_path(path).exists()
