"""The map between a text and its redacted form: edits, composed over rounds, in code points."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import msgspec


class Edit(msgspec.Struct, frozen=True, order=True):
    """One replacement: `[start, end)` of the old text became `[new_start, new_end)` of the new."""

    start: int
    end: int
    new_start: int
    new_end: int
    type: str
    rule: str


class Redaction(msgspec.Struct, frozen=True):
    """A redacted text and how it came about; `edits` are sorted and disjoint.

    `refused` names the type for which the document is to be dropped, if there is one.
    """

    text: str
    edits: tuple[Edit, ...] = ()
    refused: str = ""

    def forward(self, start: int, end: int) -> tuple[int, int] | None:
        """Map a span of the old text to the new one; None when a redaction touches it."""
        return _shift(self.edits, start, end, _old, _new)

    def backward(self, start: int, end: int) -> tuple[int, int] | None:
        """Map a span of the new text to the old one; None when a replacement touches it."""
        return _shift(self.edits, start, end, _new, _old)


class Cut(NamedTuple):
    """A span of the text at hand and what is to stand in its place."""

    start: int
    end: int
    type: str
    rule: str
    text: str


def compose(done: Redaction, cuts: list[Cut]) -> Redaction:
    """Apply cuts to the text so far, and express all edits on the original text.

    Cuts are sorted and disjoint, and take in earlier replacements whole or not at all.
    """
    kept = [edit for edit in done.edits if not _is_inside(edit, cuts)]
    olds = [(e.start, e.end, e.new_end - e.new_start, e.type, e.rule) for e in kept]
    olds += [
        (_back(done, cut.start), _back(done, cut.end), len(cut.text), cut.type, cut.rule)
        for cut in cuts
    ]
    return Redaction(_replace(done.text, cuts), _place(sorted(olds)))


def _is_inside(edit: Edit, cuts: list[Cut]) -> bool:
    """Tell whether a cut takes in an earlier edit."""
    index = bisect_right(cuts, edit.new_start, key=lambda cut: cut.start) - 1
    return index >= 0 and edit.new_start < cuts[index].end


def _back(done: Redaction, position: int) -> int:
    """Map a position at no replacement's inside back to the original text."""
    mapped = done.backward(position, position)
    if mapped is None:
        raise ValueError("redact: a span ends inside a replacement")
    return mapped[0]


def _replace(text: str, cuts: list[Cut]) -> str:
    """Write the replacements in one pass."""
    pieces = [text[: cuts[0].start]]
    for cut, after in pairwise((*cuts, None)):
        stop = len(text) if after is None else after.start
        pieces += (cut.text, text[cut.end : stop])  # type: ignore[union-attr]  # only the last is None
    return "".join(pieces)


def _place(olds: list[tuple[int, int, int, str, str]]) -> tuple[Edit, ...]:
    """Give each replaced range of the original its place in the new text."""
    edits: list[Edit] = []
    shift = 0
    for start, end, size, kind, rule in olds:
        edits.append(Edit(start, end, start + shift, start + shift + size, kind, rule))
        shift += size - (end - start)
    return tuple(edits)


def _old(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end


def _new(edit: Edit) -> tuple[int, int]:
    return edit.new_start, edit.new_end


_Side = Callable[[Edit], tuple[int, int]]


def _shift(
    edits: tuple[Edit, ...], start: int, end: int, here: _Side, there: _Side
) -> tuple[int, int] | None:
    """Move a span from one side of the edits to the other."""
    before = bisect_right(edits, start, key=lambda edit: here(edit)[1])
    if before < len(edits) and here(edits[before])[0] < end and here(edits[before])[1] > start:
        return None
    if before == 0:
        return start, end
    last = edits[before - 1]
    moved = there(last)[1] - here(last)[1]
    return start + moved, end + moved
