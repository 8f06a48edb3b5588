"""One place in a text that names a licence, before anyone asked what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from filters.licenses.evidence import Note


class Mention(NamedTuple):
    """A licence named at `start:end` of a flat text.

    `family` joins ids that stand for one another when less is said ("the GPL" after "GPL version
    2"). `sure`: the name bears a version or needs none. `url`: an address names it. `licensed`: the
    name itself says that something is under it ("GPLed"). `own`: a statement that needs no words
    around it. `loose`: a name that is an everyday word elsewhere ("MIT", "Apache") and counts only
    right beside words of licensing. `note` goes into the evidence.
    """

    start: int
    end: int
    expression: str
    family: str
    sure: bool = True
    url: bool = False
    licensed: bool = False
    own: bool = False
    loose: bool = False
    note: Note = ""


def take(taken: bytearray, start: int, end: int) -> bool:
    """Mark a place in a text as spoken for; say whether all of it was free before."""
    if taken.find(1, start, end) >= 0:
        return False
    taken[start:end] = b"\1" * (end - start)
    return True


def windows(low: str, words: Iterable[str], before: int, behind: int) -> list[tuple[int, int]]:
    """Give the pieces of a text around some words, in order: so far from where each begins."""
    found: list[tuple[int, int]] = []
    for at in sorted(_places(low, words)):
        start, end = max(0, at - before), min(len(low), at + behind)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def matches_at(
    pattern: re.Pattern[str], text: str, low: str, beginnings: Iterable[str]
) -> Iterator[re.Match[str]]:
    """Find a pattern that begins with one of some words, which are looked for in `low`, without overlaps."""
    end = 0
    for start in sorted(_places(low, beginnings)):
        match = pattern.match(text, start) if start >= end else None
        if match is not None:
            end = match.end()
            yield match


def _places(low: str, words: Iterable[str]) -> list[int]:
    places = []
    for word in words:
        at = low.find(word)
        while at >= 0:
            places.append(at)
            at = low.find(word, at + len(word))
    return places
