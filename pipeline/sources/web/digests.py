"""The digests that a record states of its block and its payload, checked where the algorithm is known."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final

_LABELLED: Final = re.compile(r"([A-Za-z0-9-]{1,16}):([A-Za-z0-9+/=_-]{1,200})")
_ALGORITHMS: Final = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}
"""Algorithms and the bytes of their digests; MD5 and SHA-1 tell damage, which is what they are asked for."""


def holds(stated: str, *contents: bytes) -> bool | None:
    """Tell whether a digest (`sha1:…`, base 32 or hex) is that of one of the contents; `None`: nobody knows."""
    found = _LABELLED.fullmatch(stated.strip())
    name = "" if found is None else found[1].lower().replace("-", "")
    if found is None or name not in _ALGORITHMS:
        return None
    wanted = _decode(found[2], _ALGORITHMS[name])
    digests = (hashlib.new(name, each, usedforsecurity=False).digest() for each in contents)
    return wanted in digests


def _decode(value: str, size: int) -> bytes:
    """Read a digest in the spelling that its length tells; `b""` for none."""
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        return base64.b32decode(
            value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 8), casefold=True
        )
    except (ValueError, binascii.Error):
        return b""
