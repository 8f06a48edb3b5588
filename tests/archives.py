"""Archives as nobody should make them, small on disk: what they claim, and where they point, is large."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import zstandard

GOOD = "The upper race feeds the wheel from above.\n"
LARGE = 10 << 30
ZEROS = bytes(64 << 20)
ESCAPES = {
    b"../up.txt": "path:outside",
    b"a/../../up.txt": "path:outside",
    b"/etc/motd": "path:absolute",
    b"C:/boot.txt": "path:drive",
    b"./c:boot.txt": "path:drive",
    b"a\\..\\b.txt": "path:backslash",
    b"\\\\host\\share": "path:backslash",
    b"bell\x07.txt": "path:control",
    b"line\nfeed.txt": "path:control",
    b"caf\xe9.txt": "path:utf8",
    b"n" * 5000: "path:long",
    b"n/" * 300 + b"n": "path:long",
}


class Hostile(NamedTuple):
    """A hostile archive; `said` are the reasons of what is wrong with it, in order, `good` what goes through."""

    name: str
    write: Callable[[Path], None]
    said: tuple[str, ...]
    good: int = 1


def header(name: bytes, size: int = 0, kind: bytes = b"0", **fields: bytes) -> bytes:
    """One header of a tar, its checksum right whatever it says; larger sizes are in base 256."""
    block = bytearray(512)
    block[: len(name[:100])] = name[:100]
    block[100:108] = b"0000644\0"
    block[124:136] = b"%011o\0" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")
    block[136:148] = b"%011o\0" % 1_700_000_000
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    for at, value in fields.items():
        start = int(at.removeprefix("at"))
        block[start : start + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def member(name: bytes, data: bytes = GOOD.encode(), kind: bytes = b"0") -> bytes:
    if len(name) > 100:
        return member(b"././@LongLink", name + b"\0", b"L") + member(name[:100], data, kind)
    return header(name, len(data), kind) + padded(data)


def pax(**records: str) -> bytes:
    """An extended header."""
    said = b""
    for key, value in records.items():
        body = f" {key.replace('__', '.')}={value}\n".encode()
        size = len(body) + len(str(len(body) + 2))
        said += str(size).encode() + body
    return member(b"PaxHeaders/x", said, b"x")


def tar(*members: bytes) -> bytes:
    """Members between a good one and the end mark."""
    return b"".join([member(b"good.txt"), *members, bytes(1024)])


def tar_of(*members: bytes) -> Callable[[Path], None]:
    return lambda path: _keep(path, tar(*members))


def _keep(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def bomb(pack: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A member of 10 GB of zeros, packed in streams of 64 MiB that follow each other."""

    def write(path: Path) -> None:
        stream = pack(ZEROS)
        with path.open("wb") as file:
            file.write(pack(member(b"good.txt") + header(b"zeros", LARGE)))
            for _ in range(LARGE // len(ZEROS)):
                file.write(stream)

    return write


def cut(pack: Callable[[bytes], bytes], share: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        data = pack(tar(*(member(b"%d.txt" % at, _noise(at)) for at in range(200))))
        path.write_bytes(data[: int(len(data) * share)])

    return write


def _noise(seed: int) -> bytes:
    return b"".join(b"%x\n" % zlib.crc32(b"%d %d" % (seed, at)) for at in range(100))


def bent(pack: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A checksum at the end that does not hold."""

    def write(path: Path) -> None:
        data = bytearray(pack(tar(member(b"other.txt"))))
        data[-8] ^= 1
        path.write_bytes(data)

    return write


class Packed(NamedTuple):
    """A member of a zip, with everything that may be a lie."""

    name: bytes
    data: bytes = GOOD.encode()
    method: int = 8
    flags: int = 0
    crc: int | None = None
    size: int | None = None
    stored: int | None = None
    local_name: bytes | None = None
    offset: int | None = None
    mode: int = 0

    def body(self) -> bytes:
        if self.method != 8:
            return self.data
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.data) + packer.flush()

    def fields(self, body: bytes) -> tuple[int, int, int]:
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        stored = len(body) if self.stored is None else self.stored
        return crc, stored, len(self.data) if self.size is None else self.size


def make_zip(
    *members: Packed, claim: int | None = None, shift: int = 0, wide: bool = False
) -> bytes:
    """Put a zip together as its members say; `claim` is the number of entries, `shift` moves the directory."""
    out, directory = bytearray(), bytearray()
    for each in members:
        body, offset = each.body(), len(out) if each.offset is None else each.offset
        crc, stored, size = each.fields(body)
        extra = b""
        if max(size, stored) > 0xFFFFFFFE:
            extra = struct.pack("<HHQQ", 1, 16, size, stored)
            size = stored = 0xFFFFFFFF
        local = each.name if each.local_name is None else each.local_name
        if each.offset is None:
            said = (20, each.flags, each.method, 0x6B2F, 0x5821, crc, stored, size, len(local), 0)
            out += struct.pack("<4s5H3L2H", b"PK\3\4", *said) + local + body
        said = (0x31E, 20, each.flags, each.method, 0x6B2F, 0x5821, crc, stored, size)
        rest = (len(each.name), len(extra), 0, 0, 0, each.mode << 16, offset)
        directory += struct.pack("<4s6H3L5H2L", b"PK\1\2", *said, *rest) + each.name + extra
    count, at = len(members) if claim is None else claim, len(out) + shift
    tail = b""
    if wide:
        end = (44, 45, 45, 0, 0, count, count, len(directory), at)
        tail = struct.pack("<4sQ2H2L4Q", b"PK\6\6", *end)
        tail += struct.pack("<4sLQL", b"PK\6\7", 0, len(out) + len(directory), 1)
        count = at = 0xFFFF
    said = (0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), at, 0)
    return bytes(out + directory + tail + struct.pack("<4s4H2LH", b"PK\5\6", *said))


def zip_of(*members: Packed, **lies: int) -> Callable[[Path], None]:
    return lambda path: _keep(path, make_zip(Packed(b"good.txt"), *members, **lies))


def shared(copies: int) -> Callable[[Path], None]:
    """Entries that all unpack the same bytes, as Fifield's bombs do: 16 MiB each from 16 kB in all."""
    whole = Packed(b"n", bytes(16 << 20))
    body = _Ready(b"n", whole.body(), crc=zlib.crc32(whole.data), size=16 << 20)
    at = len(make_zip(Packed(b"good.txt"))) - 22 - 46 - len(b"good.txt")
    again = [body._replace(offset=at) for _ in range(copies)]
    return zip_of(body, *again)


def quoted(path: Path) -> None:
    """A member whose packed bytes are a stored block that holds the next member, header and all."""
    inner = Packed(b"inner", b"a" * 5000)
    packed = inner.body()
    said = (20, 0, 8, 0x6B2F, 0x5821, *inner.fields(packed), len(b"inner"), 0)
    whole = struct.pack("<4s5H3L2H", b"PK\3\4", *said) + b"inner" + packed
    block = struct.pack("<BHH", 1, len(whole), len(whole) ^ 0xFFFF) + whole
    outer = Packed(b"outer", block, method=0)
    start = len(make_zip(Packed(b"good.txt"))) - 22 - 46 - len(b"good.txt")
    inside = inner._replace(offset=start + 30 + len(b"outer") + 5)
    data = bytearray(make_zip(Packed(b"good.txt"), outer, inside))
    path.write_bytes(data)


def nested(depth: int) -> bytes:
    """An archive in an archive, and so on."""
    data = make_zip(Packed(b"bottom.txt"))
    for at in range(depth):
        data = make_zip(Packed(b"%d.zip" % at, data), Packed(b"again.zip", data))
    return data


def _nested_tar(path: Path) -> None:
    data = tar()
    for _ in range(8):
        data = gzip.compress(tar(member(b"inner.tar.gz", data)))
    path.write_bytes(data)


def many_in_tar(path: Path, count: int) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for at in range(count):
            file.write(
                member(
                    b"%07d/%s" % (at, zlib.crc32(b"%d" % at).to_bytes(4, "big").hex().encode()),
                    b"x",
                )
            )
        file.write(bytes(1024))


def many_in_zip(path: Path, count: int) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for at in range(count):
            file.writestr(f"{at:07d}.txt", b"x")


def heavy(path: Path) -> None:
    """Members of 30 MiB of one letter, none too large by itself: 12 GB in all."""
    data = Packed(b"", b"a" * (30 << 20)).body()
    crc, size = zlib.crc32(b"a" * (30 << 20)), 30 << 20
    path.write_bytes(
        make_zip(
            Packed(b"good.txt"),
            *(_Ready(b"%d" % at, data, crc=crc, size=size) for at in range(400)),
        )
    )


class _Ready(Packed):
    """A member that is packed already."""

    def body(self) -> bytes:
        return self.data


def _zst(data: bytes) -> bytes:
    return zstandard.compress(data, 3)


def _xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


def _gz(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def sparse_pax() -> bytes:
    said = {
        "GNU__sparse__major": "1",
        "GNU__sparse__minor": "0",
        "GNU__sparse__realsize": str(LARGE),
    }
    return pax(**said) + member(b"GNUSparseFile.0/holes", b"1\n0\n512\n" + bytes(504) + b"a" * 512)


def old_sparse() -> bytes:
    """GNU's own: a map in the header that goes on in two blocks, and a size with the holes of 10 GB."""
    head = header(b"holes", 512, b"S", at257=b"ustar  \0", at482=b"\1", at483=b"%011o\0" % 512)
    return head + bytes(504) + b"\1" + bytes(7) + bytes(512) + b"a" * 512


TARS = (
    *(
        Hostile(
            f"escape-{at}.tar", tar_of(member(name), member(b"last.txt", b"last\n")), (said,), 2
        )
        for at, (name, said) in enumerate(ESCAPES.items())
    ),
    Hostile("nul.tar", tar_of(pax(path="a\0b"), member(b"x")), ("path:control",)),
    Hostile("itself.tar", tar_of(member(b"./")), ("path:empty",)),
    Hostile("symlink.tar", tar_of(header(b"s", 0, b"2", at157=b"/etc/passwd")), ("symlink",)),
    Hostile("hardlink.tar", tar_of(header(b"h", 0, b"1", at157=b"../../x")), ("hardlink",)),
    Hostile("hardlink-size.tar", tar_of(header(b"h", LARGE, b"1")), ("hardlink",)),
    Hostile("device.tar", tar_of(header(b"d", 0, b"3"), header(b"b", 0, b"4")), ("special",) * 2),
    Hostile("fifo.tar", tar_of(header(b"f", 0, b"6")), ("special",)),
    Hostile(
        "volume.tar", tar_of(member(b"v", b"x", b"V"), member(b"q", b"x", b"M")), ("special",) * 2
    ),
    Hostile(
        "claims.tar",
        lambda path: _keep(path, member(b"good.txt") + header(b"big", LARGE)),
        ("too-large", "truncated"),
    ),
    Hostile("negative.tar", tar_of(header(b"n", 0, at124=b"\xff" * 12)), ("garbage",)),
    Hostile("cut.tar", cut(bytes, 0.5), ("truncated",), 101),
    Hostile("unended.tar", lambda path: _keep(path, member(b"good.txt")), ("truncated",)),
    Hostile(
        "pax-large.tar",
        tar_of(member(b"x", b"9" * (2 << 20), b"x"), member(b"y")),
        ("member:header",),
    ),
    Hostile(
        "pax-claims.tar",
        lambda path: _keep(path, member(b"good.txt") + header(b"x", LARGE, b"x")),
        ("truncated",),
    ),
    Hostile(
        "pax-broken.tar", tar_of(member(b"x", b"5 a=b\n", b"x"), member(b"y")), ("member:header",)
    ),
    Hostile("pax-size.tar", tar_of(pax(size="9" * 19), member(b"y")), ("too-large", "truncated")),
    Hostile("pax-word.tar", tar_of(pax(size="-1"), member(b"y")), ("member:header",)),
    Hostile("pax-alone.tar", tar_of(pax(path="x")), ("truncated",)),
    Hostile("name-claims.tar", tar_of(header(b"n", LARGE, b"L")), ("truncated",)),
    Hostile("sparse.tar", tar_of(old_sparse(), member(b"last.txt", b"last\n")), ("sparse",), 2),
    Hostile("sparse-pax.tar", tar_of(sparse_pax(), member(b"last.txt", b"last\n")), ("sparse",), 2),
    Hostile("checksum.tar", tar_of(b"x" * 512), ("garbage",)),
    Hostile("none.tar", lambda path: _keep(path, b"x" * 2000), ("format",), 0),
    Hostile("nothing.tar", lambda path: _keep(path, b""), ("truncated",), 0),
    Hostile("nested.tar.gz", _nested_tar, ("binary",)),
    Hostile("cut.tar.gz", cut(_gz, 0.5), ("truncated",), -1),
    Hostile("cut.tar.bz2", cut(bz2.compress, 0.5), ("truncated",), -1),
    Hostile("cut.tar.xz", cut(_xz, 0.5), ("truncated",), -1),
    Hostile("cut.tar.zst", cut(_zst, 0.9), ("truncated",), -1),
    Hostile("bent.tar.gz", bent(_gz), ("gzip-crc",), 0),
    Hostile("bent.tar.bz2", bent(bz2.compress), ("corrupt-frame",), 0),
    Hostile("bent.tar.xz", bent(_xz), ("corrupt-frame",), 0),
    Hostile("bent.tar.zst", bent(_zst), ("corrupt-frame",), 0),
    Hostile("tail.tar.xz", lambda path: _keep(path, _xz(tar()) + bytes(8) + b"tail"), ("garbage",)),
    Hostile("bomb.tar.gz", bomb(_gz), ("too-large", "bomb")),
    Hostile("bomb.tar.bz2", bomb(bz2.compress), ("too-large", "bomb")),
    Hostile("bomb.tar.xz", bomb(_xz), ("too-large", "bomb")),
    Hostile("bomb.tar.zst", bomb(_zst), ("too-large", "bomb")),
)
ZIPS = (
    *(
        Hostile(
            f"escape-{at}.zip", zip_of(Packed(name), Packed(b"last.txt", b"last\n")), (said,), 2
        )
        for at, (name, said) in enumerate(ESCAPES.items())
    ),
    Hostile("nul.zip", zip_of(Packed(b"a\0b")), ("path:control",)),
    Hostile("symlink.zip", zip_of(Packed(b"s", b"/etc/passwd", mode=0o120777)), ("symlink",)),
    Hostile("device.zip", zip_of(Packed(b"d", b"", mode=0o020666)), ("special",)),
    Hostile("encrypted.zip", zip_of(Packed(b"e", flags=1)), ("member:encrypted",)),
    Hostile("method.zip", zip_of(Packed(b"m", method=99)), ("member:method",)),
    Hostile("crc.zip", zip_of(Packed(b"c", crc=1)), ("member:crc",)),
    Hostile("more.zip", zip_of(Packed(b"s", bytes(20 << 20), size=100)), ("member:size",)),
    Hostile("less.zip", zip_of(Packed(b"s", size=1000)), ("member:size",)),
    Hostile("stored.zip", zip_of(Packed(b"s", method=0, size=1000)), ("member:size",)),
    Hostile("short.zip", zip_of(Packed(b"s", stored=5)), ("member:corrupt",)),
    Hostile(
        "long.zip",
        zip_of(Packed(b"s", stored=5000), Packed(b"t", b"t" * 9)),
        ("member:overlap",),
        2,
    ),
    Hostile("garbled.zip", zip_of(_Ready(b"g", b"\xff" * 40, size=40)), ("member:corrupt",)),
    Hostile("claims.zip", zip_of(Packed(b"c", size=LARGE)), ("too-large",)),
    Hostile("local.zip", zip_of(Packed(b"a", local_name=b"b")), ("member:header",)),
    Hostile("beyond.zip", zip_of(Packed(b"a", offset=1 << 30)), ("member:header",)),
    Hostile("shared.zip", shared(50), ("member:overlap",) * 51),
    Hostile("quoted.zip", quoted, ("member:overlap",), 2),
    Hostile("heavy.zip", heavy, ("bomb",), -1),
    Hostile("nested.zip", lambda path: _keep(path, nested(6)), ("binary", "binary"), 0),
    Hostile("fewer.zip", zip_of(Packed(b"last.txt", b"last\n"), claim=1), ("garbage",), 2),
    Hostile("more-said.zip", zip_of(claim=9), ("garbage",)),
    Hostile("moved.zip", zip_of(shift=7), ("garbage",), 0),
    Hostile("wide.zip", zip_of(claim=1 << 40, wide=True), ("garbage",)),
    Hostile("wide-moved.zip", zip_of(shift=1 << 40, wide=True), ("garbage",), 0),
    Hostile(
        "cut.zip", lambda path: _keep(path, make_zip(Packed(b"good.txt"))[:-30]), ("truncated",), 0
    ),
)


def real_tar(files: dict[str, bytes], mode: str = "w:gz", form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar as Python's own writer makes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as made:  # type: ignore[call-overload]  modes are literals there
        for name, data in files.items():
            about = tarfile.TarInfo(name)
            about.size, about.mtime = len(data), 1_700_000_000
            made.addfile(about, io.BytesIO(data))
    return out.getvalue()


def real_zip(files: dict[str, bytes]) -> bytes:
    """A zip as Python's own writer makes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(
                zipfile.ZipInfo(name, (2023, 11, 14, 22, 13, 20)), data, zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
