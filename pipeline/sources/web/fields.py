"""Header fields, of records and of the HTTP responses in them: names, values, and what is wrong with them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LONGEST: Final = 64 << 10
"""Bytes of the longest header that is read; servers send no more than 8 to 48 KiB."""

_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, section 5.6.2)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Fields(NamedTuple):
    """Fields in their order, names in lower case; `flawed` where a line is none."""

    pairs: tuple[tuple[str, bytes], ...]
    flawed: bool = False

    def get(self, name: str) -> bytes:
        """Return the first value of a field, `b""` where there is none."""
        return next((value for key, value in self.pairs if key == name), b"")

    def all(self, name: str) -> list[bytes]:
        """Return every value of a field."""
        return [value for key, value in self.pairs if key == name]

    def text(self, name: str) -> str:
        """Return the first value as text; what is no UTF-8 is Latin-1, as in HTTP's early days."""
        return spelled(self.get(name))


def spelled(value: bytes) -> str:
    """Decode a value."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def read_fields(block: bytes) -> Fields:
    """Read the lines of a header, after its first. A line that begins with a blank goes on with the last one."""
    pairs: list[tuple[str, bytes]] = []
    flawed = False
    for line in block.split(b"\n"):
        line = line.removesuffix(b"\r")  # noqa: PLW2901  the same line
        if line[:1] in {b" ", b"\t"} and pairs:
            name, value = pairs.pop()
            pairs.append((name, (value + b" " + line.strip()).strip()))
            continue
        key, colon, value = line.partition(b":")
        key, value = key.rstrip(b" \t"), value.strip(b" \t")
        if colon and _NAME.fullmatch(key) and not _CONTROL.search(value):
            pairs.append((key.decode("ascii").lower(), value))
        elif line.strip():
            flawed = True
    return Fields(tuple(pairs), flawed)
