"""Compressors as models: eight bits for each byte of what a document compresses to by itself, headers included."""

from __future__ import annotations

import bz2
import lzma
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import zstandard

from pipeline.bpb.model import ONE_BIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ZSTD_LEVEL: Final = 19
MOST_DICTIONARY: Final = 1 << 23  # bytes: the window of level 19
_BZ2_LEVEL: Final = 9
_XZ: Final = 9 | lzma.PRESET_EXTREME
_LEAST_DICTIONARY: Final = 1 << 12  # liblzma's own bound
_MOST_DICTIONARY: Final = 1 << 26  # that of preset 9
_LIBZSTD: Final = ".".join(map(str, zstandard.ZSTD_VERSION))


class Compressor(NamedTuple):
    """A compressor that takes one document at a time."""

    name: str
    told: dict[str, Any]
    size: Callable[[bytes], int]

    def bits(self, documents: Sequence[bytes]) -> list[int]:
        """Return the bits of each document in 2^-20 bit."""
        return [8 * ONE_BIT * self.size(text) for text in documents]


def zstd() -> Compressor:
    """Return zstd -19: one frame with the size in its header and no checksum."""
    compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    return Compressor("zstd", _told_of_zstd(), partial(_zstd_size, compressor))


def zstd_with(dictionary: bytes) -> Compressor:
    """Return zstd -19 that has a sample of the train split before it, as it stands, as a dictionary."""
    data = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    data.precompute_compress(level=ZSTD_LEVEL)
    compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL, dict_data=data)
    told = _told_of_zstd() | {"dictionary_bytes": len(dictionary)}
    return Compressor("zstd-dict", told, partial(_zstd_size, compressor))


def xz() -> Compressor:
    """Return xz -9e without a check sum; its dictionary is no larger than a document can use."""
    told = {"kind": "xz", "level": "9e"}
    return Compressor("xz", told, _xz_size)


def bzip2() -> Compressor:
    """Return bzip2 -9."""
    told = {"kind": "bzip2", "level": _BZ2_LEVEL}
    return Compressor("bz2", told, _bz2_size)


def _told_of_zstd() -> dict[str, Any]:
    return {"kind": "zstd", "level": ZSTD_LEVEL, "libzstd": _LIBZSTD}


def _zstd_size(compressor: zstandard.ZstdCompressor, text: bytes) -> int:
    return len(compressor.compress(text))


def _xz_size(text: bytes) -> int:
    fitting = 1 << max(len(text) - 1, 1).bit_length()
    size = min(max(fitting, _LEAST_DICTIONARY), _MOST_DICTIONARY)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": _XZ, "dict_size": size}]
    return len(lzma.compress(text, lzma.FORMAT_XZ, lzma.CHECK_NONE, filters=filters))


def _bz2_size(text: bytes) -> int:
    return len(bz2.compress(text, _BZ2_LEVEL))
