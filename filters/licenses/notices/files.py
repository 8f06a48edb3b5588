"""Licences that a sentence names by their files: "either of those in LICENSE.APACHE or LICENSE.BSD"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.notices.mention import Mention

if TYPE_CHECKING:
    from filters.licenses.notices.hints import Hints

_FILE: Final = (
    r"['\"`*_]*(?:the file )?licen[cs]e[.\-_]"
    r"(apache(?:[-_.]?2(?:\.0)?)?|mit|bsd|isc|zlib|cc0|unlicense)['\"`*_]*"
)
_HINT: Final = r"licen[cs]e[._-](?:apache|mit|bsd|isc|zlib|cc0|unlicense)"
HINTS: Final = (_HINT,)
_CHOICE: Final = re.compile(
    rf"\beither\W{{0,3}} (?:of )?(?:the )?(?:two )?(?:licen[cs]es? )?"
    rf"(?:that (?:is|are) |which (?:is|are) )?(?:found |contained |described |given )?in (?:the files? )?"
    rf"{_FILE},? or {_FILE}"
)
_IDS: Final = {
    "apache": "Apache-2.0", "mit": "MIT", "bsd": "BSD-3-Clause", "isc": "ISC", "zlib": "Zlib",
    "cc0": "CC0-1.0", "unlicense": "Unlicense",
}  # fmt: skip


def file_mentions(low: str, hints: Hints) -> list[Mention]:
    """Find such choices in a flat lower-case text; a BSD file may hold any member of its family."""
    if _HINT not in hints:
        return []
    return [_mention(match) for match in _CHOICE.finditer(low)]


def _mention(match: re.Match[str]) -> Mention:
    names = [re.sub(r"[-_.\d]+$", "", each) for each in match.groups()]
    expression = " OR ".join(_IDS[each] for each in names)
    return Mention(
        *match.span(), expression, expression, own=True, note="family" if "bsd" in names else ""
    )
