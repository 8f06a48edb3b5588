"""What a redaction rule is: one regex, what it finds, from which level on, and its last word.

A rule looks at one line at a time; the line is the unit that the prefilter picks. What a rule's
regex matches is only a candidate: `check` has the last word and names the code points to redact.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

Level = Literal["strict", "balanced", "permissive", "off"]

# From the least to the most eager; a rule applies at its own level and at every later one.
LEVELS: Final[tuple[Level, ...]] = ("permissive", "balanced", "strict")
# The fixed order among types for detections with equal spans. No type may end in "R": the marker
# of one redaction could then run into the next and be misread.
TYPES: Final = ("PRIVATE_KEY", "SECRET", "EMAIL", "IBAN", "CARD", "PHONE", "IP")

MARKER_PREFIX: Final = "REDACTED_"
MARKER: Final = re.compile(rf"{MARKER_PREFIX}(?:{'|'.join(TYPES)})")

Range = tuple[int, int]
Check = Callable[[re.Match[str]], Range | None]


class Rule(NamedTuple):
    """One detector.

    `pattern` runs on the whole text between the bounds of one line, or, with `cut`, on a cut-out
    line of at most `prefilter.WINDOW` code points (for regexes that are not linear in the line).
    `check` gets each match and returns the range to redact, relative to `match.string`, or None.
    `trigger` is a cheaper regex that matches inside every match of `pattern`, on the line where
    the match starts. `reach` is how many code points a match may run past the end of its line.
    """

    id: str
    type: str
    level: Level
    pattern: re.Pattern[str]
    check: Check
    trigger: re.Pattern[str] | None = None
    cut: bool = False
    reach: int = 0


def marker(kind: str) -> str:
    """Return the placeholder for one type."""
    return MARKER_PREFIX + kind


def whole(match: re.Match[str]) -> Range | None:
    """Accept the whole match."""
    return match.span()


def starts_free(text: str, start: int) -> bool:
    r"""Tell whether a token may start here: at no letter or digit but that of an escape (`\n`)."""
    if start == 0 or not (text[start - 1].isascii() and text[start - 1].isalnum()):
        return True
    return ends_escape(text, start)


def ends_escape(text: str, end: int) -> bool:
    r"""Tell whether `text[:end]` ends in a one-letter escape such as `\n`, itself not escaped."""
    if end < 2 or text[end - 1] not in "abefnrtv" or text[end - 2] != "\\":  # noqa: PLR2004  `\n` is two characters
        return False
    return backslashes(text, end - 1) % 2 == 1


def backslashes(text: str, end: int) -> int:
    """Count the backslashes right before `end` (at most 64 are looked at)."""
    tail = text[max(0, end - 64) : end]
    return len(tail) - len(tail.rstrip("\\"))


def ends_free(text: str, end: int) -> bool:
    """Tell whether a token may end here: before no letter or digit."""
    return end >= len(text) or not (text[end].isascii() and text[end].isalnum())
