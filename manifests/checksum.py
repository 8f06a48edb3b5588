"""One SHA-256, one canonical JSON and one spelling of SHA256SUMS: equal things hash equal."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")
_ESCAPED: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_SUMS_LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\n]+)")


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: Any) -> bytes:
    """Return `value` as JSON with sorted keys, no white space and raw UTF-8.

    The key order does not depend on PYTHONHASHSEED or on the order of insertion. Raises
    `ValueError` for a string that UTF-8 cannot hold.
    """
    return msgspec.json.encode(value, order="sorted")


def canonical_sha256(value: Any) -> str:
    """Return the SHA-256 of `canonical_json(value)` as hex."""
    return sha256_hex(canonical_json(value))


def path_flaw(path: str) -> str | None:
    """Say why `path` may not stand in a release, or `None` when it may.

    A path is relative, spelled with single slashes, stays inside the release and holds no control
    character and no backslash: `sha256sum` would escape those, and a name that needs an escape is
    a name that some reader gets wrong.
    """
    if any(part in {"", ".", ".."} for part in path.split("/")):
        return "is not a plain relative path"
    if _ESCAPED.search(path):
        return "holds a control character or a backslash"
    if _SURROGATE.search(path):
        return "is not UTF-8"
    return None


def sums_text(sums: Mapping[str, str]) -> str:
    """Spell path -> SHA-256 as `sha256sum -c` reads it, in the byte order of `LC_ALL=C sort`."""
    paths = sorted(sums, key=str.encode)
    return "".join(f"{sums[path]}  {path}\n" for path in paths)


def parse_sums(text: str) -> tuple[dict[str, str], list[int]]:
    """Read SHA256SUMS: path -> SHA-256, and the 1-based numbers of the lines that do not parse.

    A damaged line costs itself and no other; of two lines for one path the first counts.
    """
    sums: dict[str, str] = {}
    bad: list[int] = []
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        match = _SUMS_LINE.fullmatch(line)
        if match is None or match[2] in sums:
            bad.append(number)
        else:
            sums[match[2]] = match[1]
    return sums, bad
