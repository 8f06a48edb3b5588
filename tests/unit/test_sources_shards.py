"""Real files, whole and hostile: what a shard of JSON lines gives, compressed or not."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from pipeline.errors import InputError
from pipeline.sources import Bad, Damage, Item, Raw, compressed, digest, read
from pipeline.sources.compressed import decode, probe

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = [{"id": str(each), "text": f"text number {each} " * 20} for each in range(50)]
LINES = b"".join(json.dumps(each).encode() + b"\n" for each in RECORDS)
SKIPPABLE = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"


def frame(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(data)


def frames(data: bytes, size: int = 1000) -> list[bytes]:
    return [frame(data[at : at + size]) for at in range(0, len(data), size)]


def items(path: Path, data: bytes, **options: Any) -> list[Item]:
    path.write_bytes(data)
    return list(read(path, "jsonl", **options))


def records(found: list[Item]) -> list[dict[str, Any]]:
    return [each.record for each in found if isinstance(each, Raw)]


def reasons(found: list[Item]) -> list[str]:
    return [each.reason for each in found if not isinstance(each, Raw)]


WHOLE = {
    "plain": LINES,
    "plain, last newline missing": LINES[:-1],
    "plain, byte order mark": b"\xef\xbb\xbf" + LINES,
    "plain, CRLF": LINES.replace(b"\n", b"\r\n"),
    "gzip": gzip.compress(LINES),
    "gzip, members": gzip.compress(LINES[:700]) + gzip.compress(b"") + gzip.compress(LINES[700:]),
    "gzip, padded": gzip.compress(LINES) + bytes(600),
    "zstd": frame(LINES),
    "zstd, no checksum, no size": zstandard.ZstdCompressor(write_content_size=False).compress(
        LINES
    ),
    "zstd, frames": b"".join(frames(LINES)),
    "zstd, tiny frames, byte order mark": b"".join(frames(b"\xef\xbb\xbf" + LINES, 1)),
    "zstd, skippable everywhere": SKIPPABLE + SKIPPABLE.join(frames(LINES)) + SKIPPABLE,
    "zstd, empty frames": frame(b"") + frame(LINES) + frame(b""),
}


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.zst", ".json.gz"])
@pytest.mark.parametrize("name", WHOLE)
def test_every_whole_file_gives_every_record_whatever_its_name(
    tmp_path: Path, name: str, suffix: str
) -> None:
    found = items(tmp_path / f"shard{suffix}", WHOLE[name])
    assert records(found) == RECORDS
    assert [each.row for each in found] == list(range(50))


@pytest.mark.parametrize(
    "data",
    [b"", b"\n \n\t\r\n", frame(b""), SKIPPABLE, gzip.compress(b"", mtime=0), b"\xef\xbb\xbf"],
)
@pytest.mark.parametrize("suffix", [".jsonl", ".zst", ".gz"])
def test_an_empty_file_gives_nothing(tmp_path: Path, data: bytes, suffix: str) -> None:
    assert items(tmp_path / f"shard{suffix}", data) == []


def test_an_empty_parquet_file_of_no_bytes_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "shard.parquet").write_bytes(b"")
    assert list(read(tmp_path / "shard.parquet", "parquet")) == []


def test_rows_skip_blank_lines_and_lines_do_not(tmp_path: Path) -> None:
    data = b'\n{"text":"a"}\n  \t\r\n\x0b\n{"text":"b\xe2\x80\xa8\xc2\x85"}\n[]\n'
    assert items(tmp_path / "s.jsonl", data) == [
        Raw(0, 2, {"text": "a"}),
        Raw(1, 5, {"text": "b\u2028\u0085"}),
        Bad(2, 6, "not-object", b"[]"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text":', "json"),
        (b"text", "json"),
        (b'{"text":"a"}{"text":"b"}', "json"),
        (b'{"text":"a","n":NaN}', "json"),
        (b'{"text":"a","n":[-Infinity]}', "json"),
        (b'{"text":"raw \0 byte"}', "json"),
        (b'{"text":"\xff"}', "utf8"),
        (b'{"text":"\xed\xa0\x80"}', "utf8"),
        (b'{"text":"\xc0\x80"}', "utf8"),
        (b'{"text":"\\ud800"}', "surrogate"),
        (b'{"text":"\\udc00 and more"}', "surrogate"),
        (b'{"text":"\\ude00\\ud83d"}', "surrogate"),
        (b'{"\\ud800":1,"text":"a"}', "surrogate"),
        (b'{"text":"\\ud83d\\ude00","n":1e400}', "number"),
        (b'{"text":"a","n":' + b"9" * 5000 + b"}", "number"),
        (b'{"text":"a","n":' + b"[" * 300 + b"]" * 300 + b"}", "depth"),
        (b'{"text":"a","n":' + b'{"n":' * 90_000 + b"1" + b"}" * 90_001, "depth"),
        (b'"text"', "not-object"),
        (b"null", "not-object"),
        (b"NaN", "json"),
    ],
)
def test_a_bad_line_is_named_and_its_neighbours_go_through(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    good = b'{"text":"good"}\n'
    first, bad, last = items(tmp_path / "s.jsonl", good + line + b"\n" + good)
    assert first == Raw(0, 1, {"text": "good"})
    assert bad == Bad(1, 2, reason, line[: 64 << 10])
    assert last == Raw(2, 3, {"text": "good"})


def test_values_survive_exactly(tmp_path: Path) -> None:
    record = {"text": "😀\u2028\x7f", "n": [2**64, -(2**63) - 1, 10**40, 1.5, 0, True, None]}
    record["deep"] = json.loads("[" * 255 + "]" * 255)
    assert records(items(tmp_path / "s.jsonl", json.dumps(record).encode())) == [record]


def test_an_oversize_line_is_skipped_at_every_place(tmp_path: Path) -> None:
    wide, fit = b'{"text":"%b"}' % (b"x" * 200), b'{"text":"ok"}'
    for data in (
        wide + b"\n" + fit + b"\n" + fit,
        fit + b"\n" + wide + b"\n" + fit,
        fit + b"\n" + fit + b"\n" + wide,
        fit + b"\n" + b" " * 500 + b"\n" + wide + b"\n" + fit,
    ):
        for pieces in (data, b"".join(frames(data, 7))):
            found = items(tmp_path / "s.jsonl", pieces, max_record=100)
            assert [each.row for each in found] == [0, 1, 2]
            assert records(found) == [{"text": "ok"}] * 2
            assert reasons(found) == ["oversize"]


def test_a_line_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    line = b'{"text":"xyz"}'
    assert reasons(items(tmp_path / "s.jsonl", line + b"\n", max_record=len(line))) == []
    assert reasons(items(tmp_path / "s.jsonl", line, max_record=len(line) - 1)) == ["oversize"]


# The peak of getrusage is the parent's where that is higher, so the kernel's own figure is taken.
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_line_of_200_megabytes_passes_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "wide.jsonl.zst"
    compressor = zstandard.ZstdCompressor(write_checksum=True)
    with path.open("wb") as file, compressor.stream_writer(file) as writer:
        writer.write(b'{"text":"before"}\n{"text":"')
        for _ in range(200):
            writer.write(b"x" * 1_000_000)
        writer.write(b'"}\n{"text":"after"}\n')
    program = (
        "import pathlib, sys\n"
        "from pipeline.sources import Raw, read\n"
        "for each in read(pathlib.Path(sys.argv[1]), 'jsonl'):\n"
        "    print(each.line, each.record if isinstance(each, Raw) else each.reason)\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    *lines, peak = done.stdout.splitlines()
    assert lines == ["1 {'text': 'before'}", "2 oversize", "3 {'text': 'after'}"]
    assert int(peak) < 140 << 10


def header(window_descriptor: int) -> bytes:
    return b"\x28\xb5\x2f\xfd\x00" + bytes([window_descriptor])


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (header(18 << 3) + b"\x01\0\0", "window"),  # 2^28
        (header(31 << 3 | 7) + b"\x01\0\0", "window"),  # the widest there is
        (header(17 << 3 | 1) + b"\x01\0\0", "window"),  # just above 2^27
        (b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\0\0", "window"),
        (b"\x28\xb5\x2f\xfd\x01" + b"\x50\x09" + b"\x01\0\0", "dictionary"),
        (b"\x28\xb5\x2f\xfd\x08" + b"\x50" + b"\x01\0\0", "corrupt-frame"),  # reserved bit
        (header(0x50) + b"\x07\0\0", "corrupt-frame"),  # reserved block type
        (header(0x50) + b"\xff\xff\xff", "corrupt-frame"),  # a block above 128 KiB
        (b"\x28\xb5\x2f", "truncated"),
        (b"\x28\xb5\x2f\xfd", "truncated"),
        (b"\x28\xb5\x2f\xfd\xe0", "truncated"),
        (header(0x50), "truncated"),
        (SKIPPABLE[:6], "truncated"),
        (SKIPPABLE[:-1], "truncated"),
        (b'{"text":"not zstd"}\n', "garbage"),
        (bytes(16), "garbage"),
    ],
)
def test_damage_after_good_frames_leaves_them_alone(
    tmp_path: Path, tail: bytes, reason: str
) -> None:
    *found, damage = items(tmp_path / "s.jsonl.zst", frame(LINES) + tail)
    assert records(found) == RECORDS
    assert isinstance(damage, Damage)
    assert (damage.row, damage.reason) == (50, reason)


def test_a_window_bomb_ahead_of_good_frames_stops_the_shard_as_what_it_is(tmp_path: Path) -> None:
    (found,) = items(tmp_path / "s.jsonl.zst", header(18 << 3) + b"\x01\0\0" + frame(LINES))
    assert isinstance(found, Damage)
    assert (found.row, found.reason) == (0, "window")


def test_the_widest_window_allowed_is_read(tmp_path: Path) -> None:
    compressor = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(
            window_log=27, write_content_size=False, strategy=1, hash_log=10, chain_log=10
        )
    )
    out = compressor.compressobj()
    data = out.compress(LINES) + out.flush()
    assert data[5] >> 3 == 17
    assert records(items(tmp_path / "s.jsonl.zst", data)) == RECORDS


def test_a_wrong_checksum_takes_its_whole_frame_and_no_other(tmp_path: Path) -> None:
    good, bad, after = frame(LINES[:-500]), bytearray(frame(LINES[-500:])), frame(LINES)
    bad[-1] ^= 1
    *found, damage = items(tmp_path / "s.jsonl.zst", good + bad + after)
    assert isinstance(damage, Damage)
    assert damage.reason == "corrupt-frame"
    assert f"byte {len(good)}" in damage.detail
    assert records(found) == RECORDS[: len(found)]
    assert damage.row == len(found) == LINES[:-500].count(b"\n")


def test_a_cut_frame_is_trusted_block_by_block(tmp_path: Path) -> None:
    out = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    first = out.compress(LINES[:3000]) + out.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    rest = out.compress(LINES[3000:]) + out.flush()
    *found, damage = items(tmp_path / "s.jsonl.zst", (first + rest)[:-6])
    assert isinstance(damage, Damage)
    assert damage.reason == "truncated"
    assert records(found) == RECORDS[: LINES[:3000].count(b"\n")]


def test_a_frame_that_swallows_its_neighbours_is_not_taken_for_a_cut_one(tmp_path: Path) -> None:
    noise = os.urandom(3000).hex().encode()
    one = b"\x28\xb5\x2f\xfd\x60" + (6000 - 256).to_bytes(2, "little")
    block = (len(noise) << 3 | 1).to_bytes(3, "little")
    wrong = ((len(noise) + 60) << 3).to_bytes(3, "little")
    small = frame(b'{"text":"small"}\n' * 3)
    assert probe_bytes(tmp_path, one + block + noise + small) == (6051, None)
    assert probe_bytes(tmp_path, one + wrong + noise + small) == (0, "corrupt-frame")


def probe_bytes(folder: Path, data: bytes) -> tuple[int, str | None]:
    (folder / "p.zst").write_bytes(data)
    found = probe(folder / "p.zst")
    return found.good_bytes, None if found.damage is None else found.damage.reason


def test_gzip_members_are_trusted_one_by_one(tmp_path: Path) -> None:
    whole = gzip.compress(LINES[:-500])
    for position, reason in ((-1, "gzip-crc"), (-6, "gzip-crc"), (2, "corrupt-frame")):
        data = bytearray(gzip.compress(LINES[-500:]))
        data[position] ^= 1
        *found, damage = items(tmp_path / "s.jsonl.gz", whole + data)
        assert isinstance(damage, Damage)
        assert damage.reason == reason
        assert records(found) == RECORDS[: LINES[:-500].count(b"\n")]


@pytest.mark.parametrize("lost", [1, 8, 9, 40])
def test_a_cut_gzip_member_is_trusted_as_far_as_it_decodes(tmp_path: Path, lost: int) -> None:
    noise = [{"text": os.urandom(40).hex()} for _ in range(400)]
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in noise)
    *found, damage = items(tmp_path / "s.jsonl.gz", gzip.compress(lines)[:-lost])
    assert isinstance(damage, Damage)
    assert damage.reason == "truncated"
    assert records(found) == noise[: len(found)]
    assert len(found) >= 395


def test_a_gzip_member_that_overruns_its_end_is_corrupt_not_cut(tmp_path: Path) -> None:
    found = probe_bytes(tmp_path, gzip.compress(LINES)[:-9] + gzip.compress(LINES)[-8:])
    assert found[1] in {"corrupt-frame", "gzip-crc"}
    assert found[0] == 0


def test_garbage_after_gzip_is_damage(tmp_path: Path) -> None:
    found = items(tmp_path / "s.jsonl.gz", gzip.compress(LINES) + b'{"text":"plain"}\n')
    assert records(found) == RECORDS
    assert reasons(found) == ["garbage"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("s.jsonl", b"BZh91AY&SY", "format"),
        ("s.jsonl", b"\xfd7zXZ\0\0", "format"),
        ("s.jsonl.zst", b"PK\x03\x04", "format"),
        ("s.jsonl", b"PAR1", "format"),
        ("s.jsonl.zst", b"\x29\xb5\x2f\xfd....", "garbage"),
        ("s.jsonl.zst", b"\x28\xb5", "truncated"),
        ("s.jsonl.gz", b"\x1f", "truncated"),
        ("s.jsonl.gz", b"\x1f\x8b\x08", "truncated"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_one_damage(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    found = items(tmp_path / name, data)
    assert [type(each) for each in found] == [Damage]
    assert reasons(found) == [reason]


@pytest.mark.parametrize("cut", [0, 1, 40])
@pytest.mark.parametrize("pack", [frame, gzip.compress])
def test_a_frame_too_large_to_be_held_back_gives_the_same_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Any, cut: int
) -> None:
    data = pack(LINES[:900]) + pack(LINES[900:5000]) + pack(LINES[5000:])
    name = "s.jsonl.gz" if pack is gzip.compress else "s.jsonl.zst"
    once = items(tmp_path / name, data[: len(data) - cut])
    monkeypatch.setattr(compressed, "_HELD", 64)
    assert items(tmp_path / name, data[: len(data) - cut]) == once


def test_a_file_that_shrinks_between_the_passes_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl.zst"
    path.write_bytes(b"".join(frames(LINES)))
    good = probe(path).good_bytes
    for data in (frame(LINES[:100]), frame(LINES[:2000])[:-2], b""):
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"^read: .*s\.jsonl\.zst: changed"):
            list(decode(path, good))


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_missing_file_is_an_input_error(tmp_path: Path, kind: Any) -> None:
    with pytest.raises(InputError, match=r"^read: .*gone: No such file"):
        list(read(tmp_path / "gone", kind))


def test_a_digest_is_the_size_and_the_sha256(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(LINES)
    assert digest(path)[:2] == (len(LINES), hashlib.sha256(LINES).hexdigest())
    with pytest.raises(InputError, match="No such file"):
        digest(tmp_path / "gone")
