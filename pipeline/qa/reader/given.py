"""Answers in the text as somebody gave it: readers read NFC, and the way back is the list of edits."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from filters.normalise import nfc
from pipeline.qa.baseline.ranker import Option

if TYPE_CHECKING:
    from filters.normalise import OffsetMap
    from pipeline.qa.baseline.ranker import Told


class Given(NamedTuple):
    """A text as it came, its NFC, and how the one became the other."""

    text: str
    plain: str
    edits: OffsetMap

    def back(self, told: Told) -> Told:
        """Return what is said with the spans, and the texts in them, of the text as it came.

        A span that begins or ends within what NFC rearranged takes all of that along.
        """
        if self.edits.is_identity:
            return told
        options = tuple(self._option(each) for each in told.options)
        return told._replace(answer=options[0].text if options else "", options=options)

    def _option(self, option: Option) -> Option:
        start, end = outward(self.edits, option.start, option.end)
        return Option(self.text[start:end], start, end, option.probability)


def given(text: str) -> Given:
    """Take a text as it comes."""
    return Given(text, *nfc(text))


def outward(edits: OffsetMap, start: int, end: int) -> tuple[int, int]:
    """Move a non-empty span of the new text to the old one, widened until no end falls inside an edit."""
    first = bisect_right(edits.new_starts, start) - 1
    if first >= 0 and start < edits.new_ends[first]:
        start = edits.new_starts[first]
    last = bisect_right(edits.new_starts, end - 1) - 1
    if last >= 0 and end < edits.new_ends[last]:
        end = edits.new_ends[last]
    found = edits.backward(start, end)
    if found is None:
        raise ValueError("a span outside the text")
    return found
