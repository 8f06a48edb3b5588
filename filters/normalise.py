"""Bring text to Unicode NFC and say, for any span of it, where that span stands afterwards.

An offset is never searched for again: it travels through the list of edits, or it is refused.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from bisect import bisect_left, bisect_right
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Canonical decompositions and combining classes end well below; planes 3 and up have neither.
_END_OF_HARD: Final = 0x30000
# Hangul vowels and trailing consonants compose by rule, not by table (Unicode 3.12).
_HANGUL_JOINERS: Final = (range(0x1161, 0x1176), range(0x11A8, 0x11C3))

_SHORT: Final = 64  # code points of a run that cost nothing, in whatever order they are


class Edit(NamedTuple):
    """`old[start:end]` gives way to `length` code points."""

    start: int
    end: int
    length: int


class OffsetMap(msgspec.Struct, frozen=True):
    """Where the code points of an old text stand in a new one, both ways.

    Four columns, one entry an edit: the edit's span in the old text and in the new one, rising
    and without overlap. Without edits the map is the identity.
    """

    old_starts: tuple[int, ...] = ()
    old_ends: tuple[int, ...] = ()
    new_starts: tuple[int, ...] = ()
    new_ends: tuple[int, ...] = ()

    @property
    def is_identity(self) -> bool:
        """Whether every offset stays as it is."""
        return not self.old_starts

    def forward(self, start: int, end: int) -> tuple[int, int] | None:
        """Move a non-empty old span to the new text; `None` when an end falls inside an edit."""
        return _carry(self.old_starts, self.old_ends, self.new_ends, start, end)

    def backward(self, start: int, end: int) -> tuple[int, int] | None:
        """Move a non-empty new span to the old text; `None` when an end falls inside an edit."""
        return _carry(self.new_starts, self.new_ends, self.old_ends, start, end)


IDENTITY: Final = OffsetMap()


def offset_map(edits: Iterable[Edit]) -> OffsetMap:
    """Build the map of a list of edits; ValueError unless they rise without overlap."""
    rows = list(edits)
    if any(edit.start < 0 or edit.end < edit.start or edit.length < 0 for edit in rows):
        raise ValueError("an edit runs backwards")
    if any(after.start < before.end for before, after in pairwise(rows)):
        raise ValueError("edits overlap or are out of order")
    new_starts, new_ends, shift = [], [], 0
    for edit in rows:
        new_starts.append(edit.start + shift)
        new_ends.append(edit.start + shift + edit.length)
        shift = new_ends[-1] - edit.end
    return OffsetMap(
        tuple(edit.start for edit in rows),
        tuple(edit.end for edit in rows),
        tuple(new_starts),
        tuple(new_ends),
    )


def nfc(text: str) -> tuple[str, OffsetMap]:
    """Return the NFC of `text` (Unicode Annex 15) and the map from `text` to it.

    Costs one scan when the text is NFC already. An edit spans the shortest part of a composed
    cluster that differs, so an offset is refused only where it cuts what has become one.
    """
    if unicodedata.is_normalized("NFC", text):
        return text, IDENTITY
    pieces: list[str] = []
    edits: list[Edit] = []
    done = 0
    for edit, replacement in _changes(text):
        pieces += (text[done : edit.start], replacement)
        edits.append(edit)
        done = edit.end
    pieces.append(text[done:])
    return "".join(pieces), offset_map(edits)


def _changes(text: str) -> Iterator[tuple[Edit, str]]:
    """Give each edit that leads to NFC, with its replacement, in text order."""
    for match in _hard_run().finditer(text):
        # The run's own characters may combine with the one before it and with no other.
        start, end = max(match.start() - 1, 0), match.end()
        old = text[start:end]
        new = _composed(old)
        if new != old:
            head, tail = _common_ends(old, new)
            length = len(new) - head - tail
            yield Edit(start + head, end - tail, length), new[head : head + length]


def _composed(text: str) -> str:
    """Return the NFC of a run, in n log n: `normalize` sorts marks by insertion, but what is sorted it only reads."""
    if len(text) <= _SHORT:
        return unicodedata.normalize("NFC", text)
    apart = "".join(unicodedata.normalize("NFD", each) for each in text)
    ordered = (
        sorted(run, key=unicodedata.combining) if marks else run
        for marks, run in groupby(apart, key=lambda each: unicodedata.combining(each) > 0)
    )
    return unicodedata.normalize("NFC", "".join(each for run in ordered for each in run))


def _common_ends(old: str, new: str) -> tuple[int, int]:
    """Count the code points shared at the start and at the end, leaving one of each text."""
    most = min(len(old), len(new)) - 1
    head = 0
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _carry(
    starts: tuple[int, ...], ends: tuple[int, ...], to_ends: tuple[int, ...], start: int, end: int
) -> tuple[int, int] | None:
    """Move `[start, end)` across the edits given by the columns of this side and the other."""
    after = bisect_right(ends, start)  # edits before `after` end at or before the span's start
    before = bisect_left(starts, end)  # edits before `before` begin ahead of the span's end
    if after < len(starts) and starts[after] < start:
        return None
    if before > 0 and ends[before - 1] > end:
        return None
    return _shifted(ends, to_ends, after, start), _shifted(ends, to_ends, before, end)


def _shifted(ends: tuple[int, ...], to_ends: tuple[int, ...], edits: int, offset: int) -> int:
    """Move an offset that lies behind the first `edits` edits and inside none."""
    return offset if edits == 0 else offset - ends[edits - 1] + to_ends[edits - 1]


@functools.cache
def _hard_run() -> re.Pattern[str]:
    """Match a run of code points that NFC may change or join to the one before.

    Anything else is a starter whose NFC_Quick_Check is Yes: normalisation never reaches across
    the place before it (Unicode Annex 15, "Stable Code Points"). The set comes from the
    interpreter's own Unicode tables, so it fits its `normalize`.
    """
    hard = {code for joiners in _HANGUL_JOINERS for code in joiners}
    for code in range(_END_OF_HARD):
        character = chr(code)
        if unicodedata.combining(character):
            hard.add(code)
        decomposition = unicodedata.decomposition(character)
        if decomposition and not decomposition.startswith("<"):
            hard.update(int(part, 16) for part in decomposition.split()[1:])
            if not unicodedata.is_normalized("NFC", character):
                hard.add(code)
    return re.compile("[" + "".join(_ranges(sorted(hard))) + "]+")


def _ranges(codes: list[int]) -> Iterator[str]:
    """Spell sorted code points as the ranges of a character class."""
    first = last = codes[0]
    for code in [*codes[1:], -1]:
        if code == last + 1:
            last = code
            continue
        yield f"\\U{first:08x}-\\U{last:08x}"
        first = last = code
