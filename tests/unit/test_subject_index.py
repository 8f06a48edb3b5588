"""The parts of the subject index: which keys decide alone, the floors of the tree, which requests may cover."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest

from filters.optout import Request, optout_filter
from filters.subjects import Subject, subject
from manifests import merkle
from manifests.check_proof import climb
from manifests.registry import Entry, RequestState, State
from pipeline.errors import ConfigError
from pipeline.optout import Registry
from pipeline.optout_check import Asked, ask_file, covering_requests, find_releases
from pipeline.subject_index import tree
from pipeline.subject_index.index import normalised_key
from pipeline.subject_index.postings import PostingsWriter, map_postings
from pipeline.subject_index.tree import Record, Tree, write_tree

SUBJECTS = [
    subject("owner", "gitlab.com/g"),
    subject("repo", "gitlab.com/g/n"),
    subject("path", "docs/", repo="gitlab.com/g/n"),
    subject("path", "*.md", repo="gitlab.com/g/n"),
    subject("url", "gitlab.com/g/n/-/raw"),
    subject("domain", "gitlab.com"),
    subject("domain", "example.org"),
    subject("domain", "www.example.org"),
    subject("url", "example.org/a?b=c&d=e"),
    subject("url", "example.org/a?b=c"),
    subject("origin", "https://example.org/a"),
    subject("swhid", f"swh:1:cnt:{'1' * 40}"),
    subject("swhid", f"swh:1:cnt:{'1' * 40};origin=https://gitlab.com/g/n;path=/docs/a"),
    subject("swhid", f"swh:1:cnt:{'1' * 40};path=/docs/a"),
    subject("id", "one"),
    subject("sha256", "a" * 64),
    subject("repo", "gist.github.com/g/1"),
    subject("owner", "g"),
]


def registry_of(subjects: list[Subject], pending: list[Subject]) -> Registry:
    """Make a registry with one request for each subject."""
    states = [
        RequestState(
            request=f"r-{number}",
            status="verified" if number < len(subjects) else "pending",
            ts="2026-01-01T00:00:00Z",
            subjects=(Entry(each.kind, each.value, each.repo),),
        )
        for number, each in enumerate([*subjects, *pending])
    ]
    held = tuple(Request(f"r-{number}", each) for number, each in enumerate(subjects))
    return Registry(State(tuple(states), "0" * 64), held, "0" * 64, {}, 0, "", "")


@pytest.mark.parametrize("asked", SUBJECTS, ids=lambda each: f"{each.kind} {each.value[:40]}")
def test_the_covering_requests_are_those_of_a_filter_of_all(asked: Subject) -> None:
    registry = registry_of(SUBJECTS, SUBJECTS)
    count = len(SUBJECTS)
    whole = optout_filter(registry.requests)
    expected = {each.request for each in whole.covering(asked)}
    told = covering_requests(registry, Asked((asked,)))
    assert {each["request"] for each in told if each["holds"]} == expected
    later = {int(each["request"][2:]) - count for each in told if not each["holds"]}
    assert later == {int(each[2:]) for each in expected}


def test_an_author_covers_that_author_whatever_the_key_of_others() -> None:
    mine = subject("author", "a@example.org", key=b"k" * 16)
    other = subject("author", "a@example.org", key=b"l" * 16)
    registry = registry_of([mine, other], [])
    states = tuple(
        msgspec.structs.replace(each, subjects=(*each.subjects, Entry("id", "one")))
        for each in registry.state.requests
    )
    registry = msgspec.structs.replace(
        registry,
        state=State(states, "0" * 64),
        requests=(*registry.requests, Request("r-0", subject("id", "one"))),
    )

    def holding(asked: Asked) -> list[str]:
        return [each["request"] for each in covering_requests(registry, asked) if each["holds"]]

    assert holding(Asked((mine,), b"k" * 16)) == ["r-0"]
    assert holding(Asked((subject("id", "one"),), b"k" * 16)) == ["r-0"]
    assert holding(Asked((subject("id", "one"),))) == ["r-0"]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 8, 13, 64, 100])
def test_paths_of_stored_floors_lead_to_the_root(tmp_path: Path, size: int) -> None:
    addresses = [hashlib.sha256(b"%d" % number).digest() for number in range(size)]
    leaves = [hashlib.sha256(each).digest() for each in addresses]
    folders = np.zeros(size, np.uint32)
    branches = write_tree(tmp_path, b"".join(addresses), folders, b"".join(leaves), [size])
    order = sorted(range(size), key=lambda number: addresses[number])
    ordered = [leaves[number] for number in order]
    assert branches[0].root == merkle.root(ordered).hex()
    opened = Tree(tmp_path, branches, 0)
    for at, row in enumerate(order):
        claim, branch, shown = opened.prove(
            addresses[row], 0, lambda number: Record(addresses[number], leaves[number], "f")
        )
        assert (claim, branch.records, [each.index for each in shown]) == ("member", size, [at])
        path = [bytes.fromhex(each) for each in shown[0].path]
        assert path == merkle.path(ordered, at)
        assert climb(ordered[at], at, size, path).hex() == branches[0].root
    for nobody in (bytes(32), b"\xff" * 32):
        claim, _, shown = opened.prove(
            nobody, 0, lambda number: Record(addresses[number], leaves[number], "f")
        )
        assert claim == "absent"
        assert len(shown) == (size > 0)


def test_a_tree_that_does_not_fit_its_manifest_is_refused(tmp_path: Path) -> None:
    branches = write_tree(tmp_path, bytes(64), np.arange(2, dtype=np.uint32), bytes(64), [2])
    (tmp_path / tree.FLOORS).write_bytes(bytes(64))
    with pytest.raises(ValueError, match="do not fit"):
        Tree(tmp_path, branches, 0)


def test_more_pairs_than_the_buffer_holds_are_sorted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.subject_index.postings._BUFFER", 10)
    keys = [(row * 0x9E3779B97F4A7C15) % (1 << 64) for row in range(50)]
    with PostingsWriter(tmp_path) as writer:
        for row in range(50):
            writer.add(row, {keys[row], keys[row % 7], 0})
        writer.close()
    postings = map_postings(tmp_path)
    assert postings.find(0).tolist() == list(range(50))
    assert postings.find(keys[3]).tolist() == [row for row in range(50) if row % 7 == 3]
    assert postings.find(keys[49]).tolist() == [49]
    assert postings.find(1).tolist() == []


def test_a_normalised_text_has_a_key_of_its_own() -> None:
    assert normalised_key("a" * 64) != normalised_key("b" * 64)


def test_releases_are_found_in_folders_once(tmp_path: Path) -> None:
    for name in ("b-1.0.0", "a-1.0.0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_bytes(b"{}")
    assert find_releases([tmp_path / "b-1.0.0", tmp_path]) == [
        tmp_path / "b-1.0.0",
        tmp_path / "a-1.0.0",
    ]
    (tmp_path / "none").mkdir()
    with pytest.raises(ConfigError, match="none"):
        find_releases([tmp_path / "none"])


def test_a_file_is_asked_for_as_it_is_and_as_git_has_it(tmp_path: Path) -> None:
    file = tmp_path / "f.txt"
    file.write_bytes("e\u0301 text".encode())
    asked = ask_file(file)
    assert [each.kind for each in asked.subjects] == ["sha256", "swhid", "swhid", "normalised"]
    assert asked.text == "\u00e9 text"
    file.write_text("plain")
    assert [each.kind for each in ask_file(file).subjects] == ["sha256", "swhid", "normalised"]
    file.write_text("...")
    assert [each.kind for each in ask_file(file).subjects] == ["sha256", "swhid"]
