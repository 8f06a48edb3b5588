"""The text of a page's bytes: by its byte order mark, as it is UTF-8, as is declared, or as it looks."""

from __future__ import annotations

import codecs
import re
from typing import Final

REPLACED: Final = "charset"
"""What is odd of a page: some of its bytes were no character, U+FFFD stands for them."""
MISDECLARED: Final = "charset-declared"
"""What is odd of a page: it says that it is something else, and is UTF-8."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META: Final = re.compile(
    rb"""<meta[\s/][^<>]{0,512}?charset\s{0,8}=\s{0,8}["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE
)
_FIRST: Final = 1024  # bytes in which a page declares it (WHATWG HTML, section 4.2.5.4)
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def decode(data: bytes, label: str, *, is_html: bool) -> tuple[str, tuple[str, ...]]:
    """Decode a content whose headers declare `label`; return the text and what is odd of it. Never raises."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode(data[len(mark) :], name)
    declared = _name(label) or (_in_page(data) if is_html else "")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _decode(data, declared or _guess(data))
    # what is ASCII alone may be another encoding still: ISO-2022-JP is, and UTF-16
    if declared in {"", "utf-8"} or (not text.isascii() and "\0" not in text):
        return text, (MISDECLARED,) if declared not in {"", "utf-8"} else ()
    return _decode(data, declared)


def _decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    text = data.decode(name, "replace")
    odd = _REPLACEMENT in text and _REPLACEMENT not in data.decode(name, "ignore")
    return text, (REPLACED,) if odd else ()


def _name(label: str) -> str:
    """Return Python's name for a label of the WHATWG's encoding standard, `""` for any other."""
    from resiliparse.parse.encoding import map_encoding_to_html5  # noqa: PLC0415  of web sources alone

    return str(map_encoding_to_html5(label, fallback_utf8=False) or "") if label else ""


def _in_page(data: bytes) -> str:
    found = _META.search(data[:_FIRST])
    name = "" if found is None else _name(found[1].decode("ascii"))
    return "utf-8" if name.startswith("utf-16") else name  # who could read the tag knows better


def _guess(data: bytes) -> str:
    from resiliparse.parse.encoding import detect_encoding  # noqa: PLC0415  of web sources alone

    return str(detect_encoding(data) or "utf-8")
