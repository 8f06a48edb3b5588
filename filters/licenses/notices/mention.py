"""One place in a text that names a licence, before anyone asked what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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
