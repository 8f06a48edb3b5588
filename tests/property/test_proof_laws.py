"""Proofs hold for what is so, and for nothing else: whatever is changed in one, the checker refuses it."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests import check_proof, content, merkle, proof
from manifests.addressing import address, shard_of
from manifests.manifest import Manifest
from tests.unit.test_manifests import sound

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
folders = st.sampled_from(["data/web/train", "data/web/test", "qa/quiz/train"])
contents = st.dictionaries(st.tuples(names, folders), st.binary(max_size=4), max_size=40)
Content = dict[tuple[str, str], bytes]


def grow(held: Content, seed: int, shards: int) -> tuple[Manifest, list[list[proof.Entry]]]:
    entries: list[list[proof.Entry]] = [[] for _ in range(shards)]
    for (name, folder), line in held.items():
        at = address(seed, name)
        digest = hashlib.sha256(line).digest()
        entries[shard_of(at, shards)].append(proof.Entry(at, folder, digest))
    for each in entries:
        each.sort()
    branches = tuple(
        content.branch(
            check_proof.leaf(check_proof.record_entry(e.address, e.line_sha256, e.folder))
            for e in each
        )
        for each in entries
    )
    plain = sound()
    manifest = msgspec.structs.replace(
        plain,
        build=msgspec.structs.replace(plain.build, seed=seed, shards=shards),
        branches=branches,
        content_root=content.content_root(branches, seed),
    )
    return manifest, entries


def proved(held: Content, name: str, seed: int = 0, shards: int = 2) -> tuple[dict[str, Any], str]:
    manifest, entries = grow(held, seed, shards)
    made = proof.prove(manifest, name, entries[proof.shard_number(manifest, name)])
    return json.loads(proof.as_json(made)), manifest.content_root


@given(contents, names, st.integers(0, 2**64 - 1), st.sampled_from([1, 2, 8]))
def test_a_proof_says_what_is_so(held: Content, asked: str, seed: int, shards: int) -> None:
    for name in {asked, *(name for name, _ in held)}:
        made, root = proved(held, name, seed, shards)
        mine = {folder for other, folder in held if other == name}
        assert check_proof.check(made, root) == ("member" if mine else "absent")
        assert made["claim"] == ("member" if mine else "absent")
        if mine:
            assert {each["folder"] for each in made["leaves"]} == mine


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [each for key, inner in value.items() for each in places(inner, (*path, key))]
    if isinstance(value, list):
        inside = [each for at, inner in enumerate(value) for each in places(inner, (*path, at))]
        return [path, *inside]
    return [path]


def bent(value: Any, draw: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + draw(st.sampled_from([-1, 1, 2**32]))
    if isinstance(value, list):
        return (
            value[:-1] if value and draw(st.booleans()) else [*value, *(value[-1:] or ["00" * 32])]
        )
    if not value:
        return "x"
    at = draw(st.integers(0, len(value) - 1))
    other = draw(st.sampled_from("0123456789abcdefxyz").filter(lambda c: c != value[at]))
    return value[:at] + other + value[at + 1 :]


@given(contents.filter(bool), names, st.data())
def test_whatever_is_changed_in_a_proof_it_fails_or_says_the_same(
    held: Content, asked: str, data: st.DataObject
) -> None:
    known = sorted(name for name, _ in held)
    name = data.draw(st.sampled_from([asked, *known]))
    made, root = proved(held, name)
    forged = copy.deepcopy(made)
    path = data.draw(st.sampled_from([each for each in places(made) if each != ("release",)]))
    at = forged
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = bent(at[path[-1]], data.draw)
    try:
        claim = check_proof.check(forged, root)
    except check_proof.ProofError:
        return
    there = {other for other, _ in held}
    assert claim == ("member" if forged["id"] in there else "absent")


@given(contents.filter(bool), st.data())
def test_nobody_proves_that_a_document_is_absent_which_is_there(
    held: Content, data: st.DataObject
) -> None:
    """The strongest forger: real leaves of the real tree, in any choice, with any claim of where they stand."""
    manifest, entries = grow(held, 0, 2)
    name = data.draw(st.sampled_from(sorted({name for name, _ in held})))
    made, root = proved(held, name)
    own = entries[proof.shard_number(manifest, name)]
    hashes = [
        check_proof.leaf(check_proof.record_entry(e.address, e.line_sha256, e.folder)) for e in own
    ]
    chosen = data.draw(st.lists(st.integers(0, len(own) - 1), max_size=3))
    leaves = [
        {
            "index": data.draw(st.sampled_from([at, at + 1, max(0, at - 1)])),
            "address": own[at].address.hex(),
            "line_sha256": own[at].line_sha256.hex(),
            "folder": own[at].folder,
            "path": [each.hex() for each in merkle.path(hashes, at)],
        }
        for at in chosen
    ]
    records = data.draw(st.sampled_from([len(own), 0, 1]))
    forged = made | {
        "claim": "absent",
        "leaves": leaves,
        "branch": made["branch"] | {"records": records},
    }
    with pytest.raises(check_proof.ProofError):
        check_proof.check(forged, root)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_a_path_leads_from_its_leaf_to_the_root_and_from_no_other(
    leaves: list[bytes], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.path(leaves, at)
    assert check_proof.climb(leaves[at], at, len(leaves), path) == merkle.root(leaves)
    other = (
        data.draw(st.integers(0, len(leaves) - 1).filter(lambda n: leaves[n] != leaves[at]))
        if (len(set(leaves)) > 1)
        else None
    )
    if other is not None:
        assert check_proof.climb(leaves[other], at, len(leaves), path) != merkle.root(leaves)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["format", "claim", "branch", "leaves", "id", "seed"]), inner
            )
        ),
    )
)
def test_what_is_no_proof_is_refused(value: Any) -> None:
    with pytest.raises(check_proof.ProofError):
        check_proof.check(value, "0" * 64)
