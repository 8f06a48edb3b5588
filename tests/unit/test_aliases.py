"""Many names: how many one thing may have, and that thousands of renames cost little."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from filters.aliases import Aliases, aliases, expand
from filters.subjects import Subject, SubjectError, subject
from manifests.registry import Entry
from pipeline.optout import add, alias, load
from pipeline.optout.compiled import Compiled
from pipeline.optout.index import keep_index, read_index
from pipeline.optout.renames import all_names


def chain(length: int) -> Aliases:
    """An owner who was renamed so many times."""
    owners = [subject("owner", f"o{number}") for number in range(length + 1)]
    return aliases(itertools.pairwise(owners))


def test_one_thing_has_at_most_128_names() -> None:
    known = chain(127)
    assert {len(expand(subject("owner", f"o{each}"), known)) for each in (0, 60, 127)} == {128}
    with pytest.raises(SubjectError, match="more than 128 names of one thing"):
        chain(128)


def test_names_of_an_owner_and_of_the_repository_multiply() -> None:
    owners = [
        (subject("owner", f"o{each}"), subject("owner", f"o{each + 1}")) for each in range(70)
    ]
    moved = (subject("repo", "o3/x"), subject("repo", "o9/y"))
    known = aliases([*owners[:60], moved])
    assert len(expand(subject("repo", "o0/z"), known)) == 61
    assert len(expand(subject("repo", "o0/x"), known)) == 122
    with pytest.raises(SubjectError, match="more than 128 names"):
        aliases([*owners, moved])


@pytest.mark.timeout(30)
def test_a_hundred_renames_of_an_owner_take_a_hundred_steps_for_each_request() -> None:
    asked = [Entry("repo", f"github.com/o{each % 100}/x{each}") for each in range(200)]
    found = list(all_names(asked, chain(100)))
    assert len(set(found)) == len(found) == 200 * 101


@pytest.mark.timeout(30)  # one by one there are a hundred million
def test_a_thousand_unrelated_renames_cost_a_hundred_thousand_requests_little() -> None:
    kinds = ("owner", "repo", "domain")
    pairs = [
        (subject(kinds[each % 3], old), subject(kinds[each % 3], new))
        for each in range(1000)
        for old, new in [_pair(kinds[each % 3], each)]
    ]
    asked = [subject("repo", f"stranger{each}/x") for each in range(99_990)]
    asked += [subject("repo", f"old{each}/{name}") for each in range(0, 15, 3) for name in "ab"]
    known = aliases(pairs)
    found = [expand(each, known) for each in asked]
    assert sum(map(len, found)) == 100_010
    assert found[-1] == (subject("repo", "old12/b"), subject("repo", "new12/b"))


def test_the_index_of_a_large_log_holds_the_names(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    add(path, [subject("repo", "a/x")])
    alias(path, [(subject("owner", "a"), subject("owner", "b"))])
    held = load(path)
    compiled = Compiled(held.state, held.requests, held.events, held.latest, held.aliases)
    raw = path.read_bytes() + b" " * (1 << 20)  # what it is the index of is not looked at
    keep_index(path, raw, compiled)
    assert read_index(path, raw) == compiled
    assert [each.subject.value for each in compiled.requests] == [
        "github.com/a/x",
        "github.com/b/x",
    ]


def _pair(kind: str, number: int) -> tuple[str, str]:
    if kind == "domain":
        return f"old{number}.example", f"new{number}.example"
    name = "/x" if kind == "repo" else ""
    return f"old{number}{name}", f"new{number}{name}"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("https://gist.github.com/a/1", {"gist.github.com/a/1", "gist.github.com/b/1"}),
        ("https://x.a.example:81/p?q=1", {"x.a.example:81/p?q=1", "x.b.example:81/p?q=1"}),
        ("https://a.example:81/p", {"a.example:81/p", "b.example:81/p"}),
        ("https://gitlab.com/a/p?q=1", {"gitlab.com/a/p?q=1", "github.com/b/p?q=1", "github.com/a/p?q=1"}),
    ],
)  # fmt: skip
def test_a_place_has_the_names_of_what_it_lies_in(asked: str, names: set[str]) -> None:
    moved = [("owner", "a", "b"), ("owner", "gitlab.com/a", "b"), ("domain", "a.example", "b.example")]  # fmt: skip
    known = aliases((subject(kind, old), subject(kind, new)) for kind, old, new in moved)
    assert {each.value for each in expand(Subject("url", asked.partition("//")[2]), known)} == names
