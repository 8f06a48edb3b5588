"""Encodings that a record may say its file has, and the text in one: exactly, or not at all.

Only those that detectors tell are known: Python has others, which no file is in (idna, unicode_escape).
"""

from __future__ import annotations

import functools
from encodings import normalize_encoding
from encodings.aliases import aliases
from typing import Final

from pipeline.sources.trees.files import NOT_UTF8, read_text

UNKNOWN_ENCODING: Final = "unknown-encoding"
WRONG_ENCODING: Final = "wrong-encoding"
"""The bytes are none in the encoding that the record says."""

_UTF8: Final = "utf-8"
_CODE_PAGES: Final = (
    437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 932, 949,
    1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258,
)  # fmt: skip
_KNOWN: Final = frozenset([
    "ascii", _UTF8, "utf-8-sig",
    "big5", "big5hkscs", "gb18030", "gb2312", "gbk", "hz",
    "euc_jp", "iso2022_jp", "iso2022_jp_2", "shift_jis", "euc_kr", "iso2022_kr", "johab",
    "koi8-r", "koi8-u", "kz1048", "ptcp154", "tis-620",
    "mac-cyrillic", "mac-greek", "mac-iceland", "mac-latin2", "mac-roman", "mac-turkish",
    *(f"cp{page}" for page in _CODE_PAGES),
    *(f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))),
])  # fmt: skip
_OTHER_NAMES: Final = {"mac_centraleurope": "mac_latin2", "uhc": "cp949", "windows_31j": "cp932"}


def _module_of(name: str) -> str:
    """Return which of Python's modules an encoding is in, by table alone: looking a codec up keeps every name."""
    plain = normalize_encoding(name).lower()
    plain = _OTHER_NAMES.get(plain, plain)
    return aliases.get(plain, plain)


_BY_MODULE: Final = {_module_of(name): name for name in _KNOWN}


@functools.lru_cache(maxsize=64)
def codec_of(said: str) -> str:
    """Return Python's name of an encoding, `""` for one that is not known; without a word it is UTF-8."""
    name = said.strip()
    if not name:
        return _UTF8
    return _BY_MODULE.get(_module_of(name), "") if name.isascii() else ""


def decode(data: bytes, said: str) -> tuple[str, str]:
    """Return the text of a file's bytes, or the reason why it gives none."""
    codec = codec_of(said)
    text, flaw = read_text(data)
    if flaw and flaw != NOT_UTF8:
        return "", flaw  # nothing, a NUL byte or a pointer, whatever the encoding
    if codec == _UTF8:
        return text, flaw
    if not codec:
        return "", UNKNOWN_ENCODING
    try:
        return data.decode(codec), ""
    except UnicodeDecodeError:
        return "", WRONG_ENCODING


def encode(text: str, said: str) -> bytes | None:
    """Return the bytes that a text was read from; `None` where the encoding has no such text."""
    try:
        return text.encode(codec_of(said) or _UTF8)
    except UnicodeEncodeError:
        return None
