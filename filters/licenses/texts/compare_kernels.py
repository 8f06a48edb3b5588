"""The compiled loops that say how a found text differs from its template: what either has that the other lacks."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.jit import kernel
from filters.licenses.texts.match_kernels import (
    COMPARED,
    FIRST,
    LAST,
    TAKEN,
    align,
    between,
    pair_words,
)

_PLAIN: Final = 0
# What a word of the text is that the template does not have
STRANGE, HELD = 1, 2
_APART: Final = 8  # words between a stretch and what belongs to it
_NARROW: Final = 7  # words of a gap that holds another wording, no name


@kernel
def keep_most(optional: Any, mate: Any, first: int, end: int) -> None:
    """Undo the pairs of a part of which not half the words are there: they are there by chance."""
    met = required = 0
    for place in range(first, end):
        required += not optional[place]
        met += mate[place] >= 0
    if 2 * met < required:
        mate[first:end] = -1


@kernel
def pair_head(ids: Any, theirs: Any, optional: Any, mate: Any, first: int) -> None:
    """Pair again what of a template lies before a stretch that begins at `first`, with the words right before it.

    Where two copies of a text follow each other, the head of the one may have gone to the other.
    """
    start = place_of(mate, first)
    mate[:start] = -1
    head = 0
    while head < start and optional[head]:
        head += 1
    near = max(0, first - min(start - head + _APART, COMPARED))
    while near < first and ids[near] == TAKEN:
        near += 1
    pair_words(ids, theirs, near, first, max(head, start - COMPARED), start, mate)
    keep_most(optional, mate, 0, start)


@kernel
def pair_tail(ids: Any, theirs: Any, optional: Any, mate: Any, last: int) -> None:
    """Pair again what of a template lies behind a stretch that ends at `last`, with the words right behind it."""
    start = place_of(mate, last) + 1
    mate[start:] = -1
    end = len(mate)
    while end > start and optional[end - 1]:
        end -= 1
    far = min(len(ids), last + 1 + min(end - start + _APART, COMPARED))
    pair_words(ids, theirs, last + 1, far, start, min(end, start + COMPARED), mate)
    keep_most(optional, mate, start, len(mate))


@kernel
def place_of(mate: Any, at: int) -> int:
    """Find the word of a template that a word of the text is paired with."""
    place = 0
    while mate[place] != at:
        place += 1
    return place


@kernel
def compare(
    ids: Any, kinds: Any, theirs: Any, optional: Any, gaps: Any, here: Any, there: Any,
    mate: Any, added: Any, lost: Any,
) -> None:  # fmt: skip
    """Align one template again: fill `mate` with the place in the text of each of its words, -1 for none.

    In `added`, `STRANGE` words of the text stand where nothing else may stand, or a little, `HELD` ones
    in a gap for names; in `lost`, words that must be there and are not.
    """
    result = np.zeros(6, np.int64)
    align(ids, kinds, theirs, optional, gaps, here, there, mate, result)
    pair_head(ids, theirs, optional, mate, result[FIRST])
    pair_tail(ids, theirs, optional, mate, result[LAST])
    last = -1
    room = 0
    for place in range(len(mate)):
        room += gaps[place]
        at = mate[place]
        if at < 0:
            lost[place] = not optional[place]
            continue
        if last >= 0:
            strange = between(kinds, ids, last + 1, at)
            for other in range(last + 1, at):
                if kinds[other] == _PLAIN and ids[other] != TAKEN:
                    added[other] = HELD if strange <= room and room > _NARROW else STRANGE
        last, room = at, 0
