"""Exchange files: what goes in comes out, by partition or by place, however small the buffers are."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import spill
from pipeline.spill import (
    BANDS,
    EXACT,
    PREFIXES,
    KeySpill,
    LineSpill,
    Records,
    gather,
    map_array,
    read_frames,
    read_partitions,
    write_array,
)

UNREADABLE = (OSError, OverflowError, ValueError, MemoryError, msgspec.MsgspecError)
in_one_folder = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# many keys under few prefixes, of which several lie in one partition
prefixes = st.integers(0, 3 << 8) | st.sampled_from((0, 1, 255, 256, 257, PREFIXES - 1))
keys = st.integers(0, 2**64 - 1) | prefixes.map(lambda prefix: prefix << 48 | 7)
cuts = st.lists(prefixes | st.integers(0, PREFIXES), max_size=5)
blocks = st.lists(st.lists(st.tuples(keys, st.integers(0, 2**32 - 1)), max_size=9), max_size=9)


def bands(pairs: list[tuple[int, int]]) -> Records:
    return np.array(pairs, BANDS)


def write(path: Path, made: list[list[tuple[int, int]]]) -> None:
    writer = KeySpill(path)
    for block in made:
        writer.add(bands(block))
    writer.close()


def read(
    paths: list[Path], first: int = 0, end: int = PREFIXES, bases: tuple[int, ...] = (0, 0)
) -> Records:
    spills = list(zip(bases, paths, strict=False))
    return gather(read_partitions(spills, BANDS, first, end), BANDS)


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "_KEY_BUFFER", 3 * BANDS.itemsize)
    monkeypatch.setattr(spill, "_LINE_FRAME", 40)
    monkeypatch.setattr(spill, "_LINE_BUFFERS", 90)


@in_one_folder
@given(made=st.lists(blocks, max_size=3), cuts=cuts, bases=st.permutations((0, 7, 10**12)))
def test_every_record_comes_back_once_from_the_range_of_its_prefix(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: list[list[list[tuple[int, int]]]],
    cuts: list[int],
    bases: tuple[int, ...],
) -> None:
    small(monkeypatch)
    paths = [tmp_path / str(number) for number in range(len(made))]
    for path, each in zip(paths, made, strict=True):
        write(path, each)
    found: list[tuple[int, int]] = []
    for first, end in pairwise(sorted({0, PREFIXES, *cuts})):
        records = read(paths, first, end, bases)
        assert all(first <= key >> 48 < end for key, _ in records.tolist())
        found += records.tolist()
    expected = [
        (key, base + place)
        for base, each in zip(bases, made, strict=False)
        for block in each
        for key, place in block
    ]
    assert sorted(found) == sorted(expected)


def test_a_range_inside_one_partition_leaves_its_neighbours_out(tmp_path: Path) -> None:
    write(tmp_path / "keys", [[(prefix << 48 | 9, prefix) for prefix in range(0x1200, 0x1400)]])
    paths = [tmp_path / "keys"]
    for first, end in ((0x1234, 0x1235), (0x12F0, 0x1310), (0x1200, 0x1300), (0x1240, 0x1240)):
        assert sorted(read(paths, first, end)["at"].tolist()) == list(range(first, end))


def test_buffers_of_any_size_hold_the_same_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(3)
    made = [[(draw.getrandbits(64), row) for row in range(20)] for _ in range(20)]
    write(tmp_path / "large", made)
    small(monkeypatch)
    write(tmp_path / "small", made)
    step = PREFIXES // 16
    for first in range(0, PREFIXES, step):
        large, little = (
            read([tmp_path / name], first, first + step) for name in ("large", "small")
        )
        assert sorted(large.tolist()) == sorted(little.tolist())


def test_memory_holds_a_block_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    write(tmp_path / "keys", [[(number, number)] for number in range(50)])
    blocks = list(read_partitions([(0, tmp_path / "keys")], BANDS, 0, 1))
    assert max(map(len, blocks)) <= 4
    assert gather(blocks, BANDS)["at"].tolist() == list(range(50))


def test_a_spill_without_records_is_read_as_none(tmp_path: Path) -> None:
    KeySpill(tmp_path / "none").close()
    assert list(read_partitions([(0, tmp_path / "none")], EXACT, 0, PREFIXES)) == []
    assert list(read_partitions([], EXACT, 0, PREFIXES)) == []
    assert gather([], EXACT).dtype == EXACT


@pytest.mark.parametrize("count", [0, 1, 5])
def test_arrays_come_back_as_they_were_written(tmp_path: Path, count: int) -> None:
    pairs = np.arange(2 * count).reshape(-1, 2)
    records = np.zeros(count, np.dtype([("a", "<u8"), ("b", "u1")]))
    records["a"], records["b"] = np.arange(count), 7
    for array, width in ((pairs, 2), (pairs[::2], 2), (records, None), (np.arange(count), None)):
        write_array(tmp_path / "array", array)
        found = map_array(tmp_path / "array", array.dtype, width)
        assert found.shape == array.shape
        assert found.tolist() == array.tolist()


lines = st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"\r"))
awkward = st.sampled_from(
    [b"", b"\r", "\u2028\u2029\x85\x1c".encode(), b"\0", b"x" * 500, "水車".encode()]
)


@in_one_folder
@given(made=st.lists(st.tuples(st.integers(0, 4), lines | awkward), max_size=60))
def test_a_line_is_found_by_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[tuple[int, bytes]]
) -> None:
    small(monkeypatch)
    writer = LineSpill(tmp_path / "lines")
    places = [writer.add(bucket, line + b"\n") for bucket, line in made]
    writer.close()
    assert len(set(places)) == len(made)
    frames = dict(read_frames(tmp_path / "lines"))
    for (frame, place), (_, line) in zip(places, made, strict=True):
        assert frames[frame][place] == line
    assert sum(map(len, frames.values())) == len(made)
    for bucket in range(5):
        read = [
            line for _, found in read_frames(tmp_path / "lines", bucket=bucket) for line in found
        ]
        assert read == [line for number, line in made if number == bucket]


def test_only_the_wanted_frames_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    writer = LineSpill(tmp_path / "lines")
    places = [writer.add(0, b"%d" % number * 20 + b"\n") for number in range(10)]
    writer.close()
    wanted = {places[7][0], places[2][0]}
    assert [number for number, _ in read_frames(tmp_path / "lines", wanted)] == sorted(wanted)


def test_memory_is_bounded_by_the_buffers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "_LINE_BUFFERS", 1000)
    writer = LineSpill(tmp_path / "lines")
    for number in range(500):
        writer.add(number % 50, b"a line of some length\n")
        assert writer._buffered < 1000 + 22
    writer.close()


def test_a_cut_off_spill_is_never_read_as_a_shorter_one(tmp_path: Path) -> None:
    write(tmp_path / "keys", [[(number << 56 | 1, number) for number in range(40)]])
    whole = (tmp_path / "keys").read_bytes()
    for size in range(len(whole)):
        (tmp_path / "cut").write_bytes(whole[:size])
        with pytest.raises(UNREADABLE):
            read([tmp_path / "cut"])


@pytest.mark.parametrize("tail", [b"\xff" * 8, b"\0" * 8, (10**6).to_bytes(8, "little")])
def test_a_wrong_length_of_the_index_is_noticed(tmp_path: Path, tail: bytes) -> None:
    write(tmp_path / "keys", [[(1, 1), (2, 2)]])
    whole = (tmp_path / "keys").read_bytes()
    (tmp_path / "keys").write_bytes(whole[:-8] + tail)
    with pytest.raises(UNREADABLE):
        read([tmp_path / "keys"])


def test_a_changed_byte_in_a_frame_of_lines_is_noticed(tmp_path: Path) -> None:
    writer = LineSpill(tmp_path / "lines")
    for number in range(50):
        writer.add(0, b"line %d\n" % number)
    writer.close()
    whole = bytearray((tmp_path / "lines").read_bytes())
    (frame,) = msgspec.msgpack.decode(
        whole[-8 - int.from_bytes(whole[-8:], "little") : -8], type=list[spill.Frame]
    )
    expected = next(read_frames(tmp_path / "lines"))[1]
    for offset in range(frame.length):
        broken = bytearray(whole)
        broken[offset] ^= 0x40
        (tmp_path / "broken").write_bytes(broken)
        try:
            found = list(read_frames(tmp_path / "broken"))
        except zstandard.ZstdError:
            continue
        # some header bits carry nothing
        assert [line for _, lines_ in found for line in lines_] == expected
