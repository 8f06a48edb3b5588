r"""The shapes of the values in a manifest: both its JSON Schema and its reader hold to them.

Patterns are written for Python and ECMA-262 alike; `$(?!\n)` is the end of the text in both, where
`$` alone lets a newline follow in Python.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

_END: Final = r"$(?!\n)"
_NUMBER: Final = r"(0|[1-9][0-9]*)"
_TAG: Final = r"(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_PART: Final = r"(?!\.{1,2}(/|$))[^/\\\u0000-\u001f\u007f]+"

Digest = Annotated[str, Meta(pattern=f"^[0-9a-f]{{64}}{_END}")]
"""A SHA-256: 64 lower-case hex digits."""

KeyId = Annotated[str, Meta(pattern=f"^([0-9a-f]{{32}})?{_END}")]
"""What names a redaction key: 32 hex digits, or nothing where there is none."""

Count = Annotated[int, Meta(ge=0)]
"""A number of records, bytes or spans."""

Shards = Annotated[int, Meta(ge=1)]
"""A number of shards."""

Name = Annotated[str, Meta(pattern=f"^[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}{_END}")]
"""The name of a release or of a source: it names folders."""

SEMVER: Final = rf"^{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-{_TAG}(\.{_TAG})*)?{_END}"
SemVer = Annotated[str, Meta(pattern=SEMVER)]
"""A version of Semantic Versioning 2.0.0 without build tags."""

ReleasePath = Annotated[str, Meta(pattern=rf"^{_PART}(/{_PART})*{_END}")]
"""A path in a release: relative, inside of it, without control characters and backslashes."""

Place = Annotated[str, Meta(min_length=1)]
"""Where an input lies: a path from the config's folder, or a URL."""

Split = Annotated[str, Meta(pattern=f"^(train|validation|test){_END}")]
"""One of the splits."""

Tally = dict[str, Count]
"""Reason, type or licence -> how many."""
