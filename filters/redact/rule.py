"""What a redaction rule is: one regex, what it finds, from which level on, and its last word.

A rule looks at one line at a time; the line is the unit that the prefilter picks. What a rule's
regex matches is only a candidate: `check` has the last word and names the code points to redact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from filters.redact.spelled import Spelled

Level = Literal["strict", "balanced", "permissive", "off"]

# From the least to the most eager; a rule applies at its own level and at every later one.
LEVELS: Final[tuple[Level, ...]] = ("permissive", "balanced", "strict")
# The fixed order among types for detections with equal spans. No type may end in "R": the
# placeholder of one redaction could then run into the next and be misread.
TYPES: Final = (
    "PRIVATE_KEY", "SECRET", "EMAIL", "IBAN", "CARD", "SSN", "RRN", "WALLET", "PHONE", "IP", "MAC",
    "NAME", "USERNAME", "ADDRESS",
)  # fmt: skip
# What only a recogniser from outside finds: no rule of ours has these types.
FOREIGN_TYPES: Final = ("NAME", "USERNAME", "ADDRESS")

# How far from a match its context words may stand, in code points
CONTEXT_REACH: Final = 80

Range = tuple[int, int]
Check = Callable[[re.Match[str]], Range | None]
Spread = Callable[[re.Match[str]], Iterable[Range]]


class Rule(NamedTuple):
    """One detector: a row of the rule table.

    `pattern` runs on the whole text between the bounds of one line, or, with `cut`, on a cut-out
    line of at most `prefilter.WINDOW` code points (for regexes that are not linear in the line).
    `check` gets each match and returns the range to redact, relative to `match.string`, or None.
    `trigger` is a cheaper regex that must match, too, on the line where a match starts (within 4,096
    code points of it); it decides which lines are looked at.
    `reach` is how many code points a match may run past the end of its line.
    `context` is a regex of words, one of which must stand within `CONTEXT_REACH` code points of
    the accepted range on the same line or the line before; None where none is asked for.
    `spread`, where there is one, takes the place of `check` and yields any number of ranges behind a
    match, as the rows below the header of a table; it sees to its own bounds.
    `yes` and `no` are templates (`examples.spell`) of what the rule must and must not find.
    """

    id: str
    type: str
    level: Level
    pattern: re.Pattern[str] | Spelled
    check: Check
    trigger: re.Pattern[str] | Spelled | None = None
    cut: bool = False
    reach: int = 0
    context: re.Pattern[str] | None = None
    spread: Spread | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


def has_context(rule: Rule, text: str, start: int, end: int) -> bool:
    """Tell whether one of the rule's context words stands near `[start, end)` of `text`."""
    if rule.context is None:
        return True
    low = max(0, start - CONTEXT_REACH)
    line = text.rfind("\n", low, start)
    low = max(low, text.rfind("\n", low, max(line, low)) + 1)
    high = min(len(text), end + CONTEXT_REACH)
    stop = text.find("\n", end, high)
    high = high if stop < 0 else stop
    return (
        rule.context.search(text, low, start) is not None
        or rule.context.search(text, end, high) is not None
    )


def group(match: re.Match[str]) -> Range:
    """Accept the group named `span`."""
    return match.span("span")


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
