"""A file of lines that is cut gives, stretch by stretch, exactly the items of the whole."""

from __future__ import annotations

import gzip
import struct
import tempfile
from pathlib import Path

import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.stretch import WHOLE, cut_file

BOM = b"\xef\xbb\xbf"
LINES = st.sampled_from(
    [b'{"text":"a"}', b'{"text":"' + b"b" * 90 + b'"}', b"", b"  \t", b"\r", b"no json", b'{"n":1}\r', b"\x0b"]
)  # fmt: skip


def members(data: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted(min(each, len(data)) for each in cuts)
    return [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]


def compressed(data: bytes, kind: str, cuts: list[int]) -> bytes:
    if kind == "gz":
        return b"".join(gzip.compress(each, mtime=0) for each in members(data, cuts))
    if kind == "zst":
        packer = zstandard.ZstdCompressor(level=1, write_checksum=True)
        skippable = b"\x50\x2a\x4d\x18" + struct.pack("<I", 3) + b"abc"
        return skippable.join(packer.compress(each) for each in members(data, cuts))
    return data


@settings(max_examples=150)
@example([b""], [], BOM, "zst", [1], 1, 0)
@example([b'{"text":"a"}'] * 40, [], BOM, "zst", [5, 200], 60, 30)
@example([b'{"text":"a"}'] * 40, [], b"", "gz", [300], 60, 9)
@given(
    st.lists(LINES, max_size=40),
    st.lists(LINES, max_size=3),
    st.sampled_from([b"", BOM, BOM[:2]]),
    st.sampled_from(["jsonl", "gz", "zst"]),
    st.lists(st.integers(0, 900), max_size=5),
    st.integers(1, 400),
    st.integers(0, 60),
)
def test_stretches_are_the_whole(
    lines: list[bytes],
    last: list[bytes],
    head: bytes,
    kind: str,
    cuts: list[int],
    size: int,
    lost: int,
) -> None:
    data = head + b"".join(each + b"\n" for each in lines) + b"".join(last)
    packed = compressed(data, kind, cuts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{kind}"
        path.write_bytes(packed[: len(packed) - lost] if kind != "jsonl" else packed)
        whole = list(read_jsonl(path))
        stretches = cut_file(path, size)
        assert [item for each in stretches for item in read_jsonl(path, stretch=each)] == whole
        assert stretches[0].row == 0
        assert stretches[-1].size is None


def test_a_file_of_one_frame_is_cut_into_fewer_and_one_of_many_where_frames_begin() -> None:
    line = b'{"text":"' + b"x" * 90 + b'"}\n'
    packer = zstandard.ZstdCompressor()
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder) / "one.zst", Path(folder) / "many.zst"
        one.write_bytes(packer.compress(line * 10_000))
        many.write_bytes(packer.compress(line * 100) * 100)
        few, more = cut_file(one, 12_000), cut_file(many, 12_000)
    assert 8 <= len(few) <= 18
    assert len(more) in {100, 101}
    assert all(each.skip == 0 for each in more)
    assert [each.row for each in more] == list(range(0, 100 * len(more), 100))


def test_a_file_of_another_kind_is_left_whole() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(b"BZh9" + bytes(100))
        assert cut_file(path, 1) == (WHOLE,)
