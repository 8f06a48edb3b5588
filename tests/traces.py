"""What a file holds, in every form that a word can hide in: packed, in columns, in statistics, escaped, encoded."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from pyarrow import ipc

_DEPTH = 4  # a page holds base64 of what is packed
_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08"
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){12,}")
_ESCAPED = re.compile(rb"\\u([0-9a-fA-F]{4})")
_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")


def views(data: bytes, depth: int = _DEPTH) -> Iterator[bytes]:
    """Yield the bytes as they are, and all that can be read out of them."""
    yield data
    yield data.replace(b"\0", b"")  # UTF-16 and UTF-32 of ASCII
    if b"\\u" in data:
        yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), data)
    if b"%" in data:
        yield _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), data)
    if depth:
        for inner in _inside(data):
            yield from views(inner, depth - 1)


def _inside(data: bytes) -> Iterator[bytes]:
    yield from _unpacked(data)
    if data.startswith(b"PAR1"):
        yield from _parquet(data)
    with suppress(pa.ArrowInvalid, OSError):
        yield _arrow(data)
    for found in _HEX.finditer(data):
        yield bytes.fromhex(found[0].decode())
    for found in _BASE64.finditer(data):
        whole = found[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for skip in range(4):  # it may begin anywhere in a longer run of such letters
            text = whole[skip:]
            with suppress(ValueError):
                yield base64.b64decode(text[: len(text) // 4 * 4])


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Decompress from every place where a frame may begin: shards, pages of parquet, buffers of arrow."""
    for at in _places(data, _ZSTD):
        with suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[at:])
    for at in _places(data, _GZIP):
        with suppress(zlib.error):
            yield zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[at:])
    with suppress(zlib.error):
        yield zlib.decompress(data)


def _places(data: bytes, magic: bytes) -> Iterator[int]:
    at = data.find(magic)
    while at >= 0:
        yield at
        at = data.find(magic, at + 1)


def _parquet(data: bytes) -> Iterator[bytes]:
    """Yield cells, statistics and whatever the metadata say."""
    file = pq.ParquetFile(pa.BufferReader(data))
    yield _said(file.read())
    yield json.dumps(file.metadata.to_dict(), default=str).encode()
    yield str(file.metadata.metadata).encode()


def _arrow(data: bytes) -> bytes:
    opened = ipc.open_file if data.startswith(b"ARROW1") else ipc.open_stream
    with opened(pa.BufferReader(data)) as reader:
        return _said(reader.read_all())


def _said(table: pa.Table) -> bytes:
    return json.dumps(table.to_pydict(), default=str, ensure_ascii=False).encode()


def traces(data: bytes, word: re.Pattern[bytes]) -> set[str]:
    """Return all that the pattern, of lower-case ASCII, finds in any form of the bytes."""
    return {found.decode() for view in views(data) for found in word.findall(view.lower())}


def traces_below(folders: Iterable[Path], word: re.Pattern[bytes]) -> dict[str, set[str]]:
    """Search every file below some folders, and the names of files and folders; links are not followed."""
    found: dict[str, set[str]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            words = traces(name.encode(), word) | traces(data, word)
            if words:
                found[f"{folder.name}/{name}"] = words
    return found
