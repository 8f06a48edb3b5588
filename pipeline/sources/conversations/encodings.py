"""Text of bytes whose encoding is not told, or told wrongly. See docs/decisions/0049.

A byte order mark counts first; then UTF-8, which no text in a set of one byte a character looks like by chance;
then what is declared, where the bytes can be that; then chardet's guess. Only character sets are decoded: Python calls
other things codecs, too.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

import chardet

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SETS: Final = re.compile(
    r"ascii|utf-8|utf-(?:16|32)(?:-[bl]e)?|utf-7|iso8859-[0-9]+|cp[0-9]+|koi8-[rtu]|mac-[a-z0-9]+"
    r"|gb2312|gbk|gb18030|hz|big5|big5hkscs|euc_(?:jp|kr|jis_2004|jisx0213)|shift_jis(?:_2004|x0213)?"
    r"|iso2022_[a-z0-9_]+|johab|tis-620|kz1048|ptcp154|hp-roman8"
)
# What is labelled so is decoded as its superset (WHATWG, Encoding, section 4.2): the label is wrong more often.
_SUPERSETS: Final = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
# Of these a short text may be UTF-8 by chance, or is ASCII that stands for something else.
_BELIEVED: Final = re.compile(
    r"utf-(?!8).*|gb.*|hz|big5.*|euc_.*|shift_jis.*|iso2022_.*|johab|cp9(?:32|49|50)"
)
_LONGEST: Final = 40  # characters of a name that is looked up
_LOOKED_AT: Final = 64 << 10  # bytes that a guess is made of
_LONE: Final = re.compile("[\ud800-\udfff]")  # UTF-7 can spell half a character
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


class Decoded(NamedTuple):
    """A text, the encoding that it was in (as Python calls it), and whether that was guessed."""

    text: str
    encoding: str
    guessed: bool = False


def decode(data: bytes, declared: str = "") -> Decoded:
    """Decode bytes; never raises. What no character stands for becomes U+FFFD."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Decoded(data[len(mark) :].decode(name, "replace"), name)
    known = charset(declared)
    order = (known, "utf-8") if _BELIEVED.fullmatch(known) is not None else ("utf-8", known)
    for name in filter(None, order):
        try:
            return Decoded(_LONE.sub("\ufffd", data.decode(name)), name)
        except (UnicodeError, ValueError):  # some decoders raise what is no UnicodeError
            continue
    name = _guess(data)
    return Decoded(data.decode(name, "replace"), name, guessed=True)


def charset(declared: str) -> str:
    """Return Python's name of a declared character set, or of its superset; `""` where it is none."""
    if not declared.isascii() or not 0 < len(declared) <= _LONGEST:
        return ""
    try:
        name = codecs.lookup(declared.strip()).name
    except (LookupError, ValueError):
        return ""
    return _SUPERSETS.get(name, name) if _SETS.fullmatch(name) is not None else ""


def _guess(data: bytes) -> str:
    head = data[:_LOOKED_AT]
    if len(head) < len(data):  # not in the middle of a character
        head = head[: head.rfind(b"\n") + 1] or head
    found = chardet.detect(head, prefer_superset=True, compat_names=False)["encoding"]
    name = charset(found or "")
    # a text that is no UTF-8 and guessed to be is mostly that, with a byte gone
    return name or "cp1252"


def printable(text: str) -> str:
    """Leave out control characters, and spell every end of a line as a line feed."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
