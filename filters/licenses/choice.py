"""Several whole texts in one file of which one may be chosen: what stands before or between them says so."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

import msgspec

from filters.licenses.evidence import Evidence
from filters.licenses.merge import family_of, stems_of
from filters.licenses.spdx import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

_BSD: Final = "BSD-3-Clause"  # what "BSD" alone is read as
_BETWEEN: Final = 400  # code points between two texts that are one choice
_TITLE: Final = 300  # code points from a title to its text
# A word for a choice that stands alone between two texts.
_OR: Final = re.compile(
    r"^[\W_]*(?:or|alternatively|either|or alternatively|or,? at your (?:option|choice))[\W_]*$",
    re.IGNORECASE | re.MULTILINE,
)
_CHOICE: Final = re.compile(
    r"\b(?:dual|double|multi|tri|triple)[- ]?licen[cs]|\beither of the\b"
    r"|\b(?:you may|you can|may) choose\b|\bchoose which\b"
    r"|\bone of (?:the|these)\b[^.]{0,40}\blicen[cs]es"
    r"|\bat your (?:option|choice|election|discretion|preference)\b|\bwhichever\b|\byour choice of\b"
    r"|\b(?:choose|choice|select|pick) (?:one|either|between|of)\b|\bunder either\b|\bany (?:one )?of the following\b",
    re.IGNORECASE,
)
_ALL: Final = re.compile(
    r"\ball of the following\b|\bboth of\b|\brespectively\b|\bportions\b", re.IGNORECASE
)


def choice(rest: str, texts: list[Evidence]) -> Evidence | None:
    """Return the choice between the texts of a file, if there is one; in `rest` they are blanked out.

    It is said once for all: before the first text, or between every two of them.
    """
    ordered = sorted(texts, key=lambda each: each.start)
    stems = {stem for each in ordered for stem in stems_of(each.expression)}
    if len(ordered) < 2 or len(stems) < 2:  # noqa: PLR2004  a choice is between two
        return None
    found = _CHOICE.search(rest, 0, ordered[0].start)
    if found is None or _ALL.search(rest, 0, ordered[0].start) is not None:
        between = [_said_between(rest, one, other) for one, other in itertools.pairwise(ordered)]
        if not all(between):
            return None
        found = between[0]
    if found is None:
        return None
    expression = normalise(" OR ".join(f"({each.expression})" for each in ordered)).expression
    return Evidence(kind="notice", expression=expression, start=found.start(), end=found.end())


def _said_between(rest: str, one: Evidence, other: Evidence) -> re.Match[str] | None:
    if other.start - one.end > _BETWEEN:
        return None
    return _OR.search(rest, one.end, other.start)


def settled(notices: Iterable[Evidence], texts: list[Evidence]) -> list[Evidence]:
    """Let the one BSD text of a file say which BSD licence a choice in it names ("the BSD or the GPL")."""
    found = {each.expression for each in texts if family_of(each.expression) == "BSD"}
    if len(found) != 1 or found == {_BSD}:
        return list(notices)
    (member,) = found
    return [
        msgspec.structs.replace(each, expression=_named(each.expression, member))
        if each.note == "family" and " OR " in each.expression
        else each
        for each in notices
    ]


def _named(expression: str, member: str) -> str:
    return normalise(re.sub(rf"\b{_BSD}\b(?!-)", member, expression)).expression


def without_titles(notices: Iterable[Evidence], texts: list[Evidence]) -> list[Evidence]:
    """Leave out the notices that are the titles of the texts which they stand before."""
    return [
        each
        for each in notices
        if not any(
            0 <= text.start - each.end <= _TITLE
            and stems_of(each.expression) <= stems_of(text.expression)
            for text in texts
        )
    ]
