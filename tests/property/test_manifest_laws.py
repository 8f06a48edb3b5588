"""Laws of records, trees, frames, addresses, versions and checksums."""

from __future__ import annotations

import hashlib
import string
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from manifests import checksum, diff, manifest, merkle, record, version
from manifests.addressing import address, shard_name, shard_of
from manifests.frames import FRAME_CUT, FrameCut
from pipeline.shards import Line, cut_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

texts = st.text(st.characters(exclude_categories=["Cs"]))
metas = st.builds(
    record.Meta,
    pile_set_name=texts,
    repo=texts,
    path=texts,
    natural_language=texts,
    redactions=texts,
    extra=texts,
)
records = st.builds(
    record.Record,
    id=texts,
    text=texts,
    source=texts,
    license=texts,
    language=texts,
    url=texts,
    created=texts,
    sha256=texts,
    meta=metas,
)
answers = st.builds(
    record.Answer,
    text=texts,
    start=st.integers(0, 2**62),
    end=st.integers(0, 2**62),
)
questions = st.builds(
    record.Question,
    id=texts,
    schema=texts,
    context=texts,
    context_sha256=texts,
    question=texts,
    answers=st.lists(answers, max_size=3),
    is_impossible=st.booleans(),
    plausible_answers=st.lists(answers, max_size=2),
    source=texts,
    license=texts,
    language=texts,
    url=texts,
    title=texts,
    group=texts,
    synthetic=st.builds(record.Synthetic, method=texts, seed=st.integers(0, 2**63 - 1)),
    quality=st.builds(
        record.Quality,
        question_words=st.integers(0, 2**31),
        answer_words=st.integers(0, 2**31),
        overlap=st.integers(0, 10_000).map(lambda share: round(share / 10_000, 4)),
        leak=st.booleans(),
        places=st.integers(0, 2**31),
    ),
    meta=st.builds(record.QuestionMeta, redactions=texts, question_redactions=texts, extra=texts),
)
ids = st.text(string.ascii_lowercase, min_size=1, max_size=6)
hashes = st.binary(min_size=32, max_size=32)
numbers = st.integers(0, 3)
versions = st.builds(
    version.Version,
    numbers,
    numbers,
    numbers,
    st.lists(st.sampled_from(["0", "1", "10", "rc", "a-1", "beta"]), max_size=3).map(tuple),
)


@given(records)
def test_a_record_survives_its_line(value: record.Record) -> None:
    line = record.encode(value)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert record.decode(line) == record.decode(line[:-1]) == value
    assert list(msgspec.json.decode(line)) == list(record.Record.__struct_fields__)


@given(questions)
def test_a_question_survives_its_line(value: record.Question) -> None:
    assert record.decode_question(record.encode(value)) == value


@given(records, st.data())
def test_a_line_with_any_byte_changed_is_another_record_or_none(
    value: record.Record, data: st.DataObject
) -> None:
    line = bytearray(record.encode(value)[:-1])
    position = data.draw(st.integers(0, len(line) - 1))
    line[position] ^= data.draw(st.integers(1, 255))
    try:
        other = record.decode(bytes(line))
    except ValueError:
        return
    assert other != value


def by_the_rfc(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    left, right = by_the_rfc(leaves[:middle]), by_the_rfc(leaves[middle:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(st.lists(hashes, max_size=70))
def test_the_root_is_that_of_the_recursive_definition(leaves: list[bytes]) -> None:
    assert merkle.root(iter(leaves)) == by_the_rfc(leaves)


@given(st.lists(hashes, min_size=1, max_size=20), st.data())
def test_the_root_depends_on_every_leaf_and_on_their_order(
    leaves: list[bytes], data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    other = list(leaves)
    other[position] = hashlib.sha256(leaves[position]).digest()
    assert merkle.root(other) != merkle.root(leaves)
    assert merkle.root([*leaves, leaves[-1]]) != merkle.root(leaves)
    if leaves != leaves[::-1]:
        assert merkle.root(leaves[::-1]) != merkle.root(leaves)


@given(st.integers(0, 2**64 - 1), texts, st.integers(0, 12))
def test_twice_the_shards_split_each_shard_in_two(seed: int, id_: str, power: int) -> None:
    place = address(seed, id_)
    shard = shard_of(place, 1 << power)
    assert 0 <= shard < 1 << power
    assert shard_of(place, 2 << power) // 2 == shard


@given(st.integers(1, 10**6).filter(lambda n: n & (n - 1)))
def test_shards_are_a_power_of_two(shards: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        shard_of(bytes(32), shards)


def drawn(sizes: dict[str, int]) -> list[Line]:
    """Lines of these sizes in the order of their addresses."""
    made = (Line(address(0, id_), b"x" * size + b"\n", b"") for id_, size in sizes.items())
    return sorted(made)


sized = st.dictionaries(ids, st.integers(1, 300), max_size=60)
frame_cuts = st.builds(FrameCut, limit=st.integers(1, 900), most=st.integers(1, 400))


@given(sized, frame_cuts)
def test_frames_keep_every_line_in_order_and_within_bounds(
    sizes: dict[str, int], cut: FrameCut
) -> None:
    lines = drawn(sizes)
    frames = list(cut_frames(lines, cut))
    assert [each for frame in frames for each in frame] == lines
    for frame in frames:
        counted = sum(min(len(each.line), cut.most) for each in frame)
        assert counted <= cut.limit or len(frame) == 1


@given(sized, frame_cuts, st.data())
def test_to_take_a_line_out_changes_one_frame_and_none_else(
    sizes: dict[str, int], cut: FrameCut, data: st.DataObject
) -> None:
    lines = drawn(sizes | {"gone": 100})
    full = {tuple(frame) for frame in cut_frames(lines, cut)}
    at = data.draw(st.integers(0, len(lines) - 1))
    less = {tuple(frame) for frame in cut_frames(lines[:at] + lines[at + 1 :], cut)}
    assert len(less - full) <= 1


@given(sized, frame_cuts, st.integers(0, 4))
def test_frames_do_not_depend_on_how_many_shards_there_are(
    sizes: dict[str, int], cut: FrameCut, power: int
) -> None:
    """A shard of half the addresses holds the same frames, but for one that reached across."""
    lines = drawn(sizes)
    whole = {tuple(frame) for frame in cut_frames(lines, cut)}
    for number in range(1 << power):
        part = [each for each in lines if shard_of(each.address, 1 << power) == number]
        frames = {tuple(frame) for frame in cut_frames(part, cut)}
        assert frames <= whole or len(frames) == 1


@pytest.mark.parametrize("size", [500, 5_000, 50_000])
def test_frames_are_near_a_mebibyte_whatever_the_size_of_documents(size: int) -> None:
    count = 100 * 1024 * 1024 // size
    ends = FRAME_CUT.ends(sorted(address(0, str(n)) for n in range(count)), [size] * count)
    sizes = [size * (end - first) for first, end in pairwise([0, *ends])]
    assert 0.45 < sum(sizes) / len(sizes) / 2**20 < 1
    assert max(sizes) <= 2**20
    assert min(sizes) > 2**17


def held(text: str, license_: str, source: str, split: str, rest: str) -> diff.Held:
    """Make what a release holds: the line says all but the split."""
    return diff.Held(f"{text}{license_}{source}{rest}".encode(), text, license_, source, split)


helds = st.builds(
    held,
    st.sampled_from("ab"),
    st.sampled_from(["MIT", "ISC"]),
    st.sampled_from(["web", "code"]),
    st.sampled_from(["train", "test"]),
    st.sampled_from("12"),
)
contents = st.dictionaries(st.tuples(st.sampled_from(["", "quiz"]), ids), helds, max_size=12)
Contents = dict[diff.Key, diff.Held]


@given(contents, contents)
def test_a_diff_accounts_for_every_record_once(old: Contents, new: Contents) -> None:
    found = diff.compare(old, new)
    same = {key for key in old.keys() & new.keys() if old[key] == new[key]}
    edited = [*found.changed, *found.relicensed, *found.moved]
    assert len(set(edited)) == len(edited)
    assert {*found.added, *edited} | same >= new.keys()
    assert {*found.removed, *edited} | same >= old.keys()
    assert len(found.added) == len(new.keys() - old.keys())
    assert len(found.removed) == len(old.keys() - new.keys())
    assert diff.compare(new, old).added == found.removed
    for key in found.moved:
        assert (old[key].line, old[key].split != new[key].split) == (new[key].line, True)
    for key in found.relicensed:
        assert old[key].text == new[key].text
        assert old[key].license != new[key].license
    counted = diff.by_source(found, old, new)
    for kind, keys in found.items():
        assert sum(getattr(row, kind) for row in counted) == len(keys)


@given(contents, contents, contents)
def test_what_both_hold_alike_may_be_left_out(
    old: Contents, new: Contents, shared: Contents
) -> None:
    less = diff.compare(
        {key: held for key, held in old.items() if key not in shared},
        {key: held for key, held in new.items() if key not in shared},
    )
    assert diff.compare({**old, **shared}, {**new, **shared}) == less


@given(contents, contents, st.data())
def test_the_change_follows_the_contract(old: Contents, new: Contents, data: st.DataObject) -> None:
    found = diff.compare(old, new)
    opted_out = data.draw(st.sets(st.sampled_from([*found.removed, ("", "-")])))
    change = version.change_of(found, opted_out=opted_out)
    if found.changed or found.relicensed or found.moved or set(found.removed) - opted_out:
        assert change == "major"
    elif found.added:
        assert change == "minor"
    else:
        assert change == ("removal" if found.removed else "patch")
    assert version.change_of(found, opted_out=opted_out, breaking=True) == "major"


@given(versions)
def test_a_version_survives_its_spelling(value: version.Version) -> None:
    assert version.parse(str(value)) == value


@given(versions, st.sampled_from(["patch", "removal", "minor", "major"]))
def test_the_least_version_is_accepted_and_nothing_below(
    parent: version.Version, change: diff.Change
) -> None:
    needed = version.least(parent, change)
    assert version.precedence(needed) > version.precedence(parent)
    version.check(str(parent), str(needed), change)
    with pytest.raises(ValueError, match="too small a step"):
        version.check(str(parent), str(parent), change)


@given(versions, versions, st.sampled_from(["patch", "minor", "major"]))
def test_an_accepted_version_is_at_least_the_least(
    parent: version.Version, new: version.Version, change: diff.Change
) -> None:
    try:
        version.check(str(parent), str(new), change)
    except ValueError:
        assume(True)
    else:
        assert new[:3] >= version.least(parent, change)[:3]
        assert version.precedence(new) > version.precedence(parent)


paths = st.lists(st.text(string.ascii_letters + string.digits + "-_.é ", min_size=1), min_size=1)


@given(st.dictionaries(paths.map("/".join), hashes.map(bytes.hex), max_size=6))
def test_checksums_survive_their_spelling_in_byte_order(sums: dict[str, str]) -> None:
    text = checksum.sums_text(sums)
    assert checksum.parse_sums(text) == (sums, [])
    listed = [line[66:].encode() for line in text.splitlines()]
    assert listed == sorted(listed)


@given(st.text())
def test_any_text_parses_as_checksums_or_names_its_lines(text: str) -> None:
    sums, bad = checksum.parse_sums(text)
    assert len(sums) + len(bad) == text.count("\n")


@given(st.dictionaries(texts, st.integers() | texts))
def test_canonical_json_does_not_depend_on_insertion_order(value: dict[str, int | str]) -> None:
    backwards = dict(reversed(value.items()))
    assert checksum.canonical_sha256(backwards) == checksum.canonical_sha256(value)


@given(
    st.sampled_from(["data/web", "qa/quiz"]),
    st.sampled_from(manifest.SPLITS),
    st.integers(0, 20).flatmap(lambda p: st.tuples(st.integers(0, 2**p - 1), st.just(2**p))),
)
def test_a_shard_path_says_what_it_was_made_of(
    folder: str, split: str, place: tuple[int, int]
) -> None:
    path = shard_name(folder, split, *place)
    kind, source = folder.split("/")
    assert manifest.shard_path(path) == manifest.ShardPath(kind, source, split, *place)
