"""Passages: the long lines or paragraphs of a text, where they stand, and the text without some of them.

A line ends at U+000A; a carriage return before it is white space like any other. A paragraph is a
maximal block of lines that hold more than white space. White space is what `str.isspace` says.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

PASSAGES: Final = "passages.bin"
"""The file of a part that holds the passages of its documents (KeySpill)."""

PASSAGE: Final = np.dtype(
    [("high", "<u8"), ("low", "<u8"), ("at", "<i8"), ("start", "<u4"), ("end", "<u4")]
)
"""Digest, line of the document, and what a cut would remove, in code points: 32 bytes a passage."""

_DIGEST_BYTES: Final = 16


class PassageRule(msgspec.Struct, frozen=True, kw_only=True):
    """`[dedup.passages]`: cut lines or paragraphs that a kept document repeats.

    `least` is in code points, without outer white space. `sources` names those that take part, none
    means all; questions never do, their answers are spans of the context.
    """

    unit: Literal["line", "paragraph"] = "paragraph"
    least: int = 100
    sources: tuple[str, ...] = ()

    def of(self, source: str, *, question: bool) -> PassageRule | None:
        """Return what one source's documents are searched by, `None` when it takes no part.

        The names are left out of it, so that a part does not depend on those of other sources.
        """
        if question or (self.sources and source not in self.sources):
            return None
        return msgspec.structs.replace(self, sources=())


def flaws(rule: PassageRule) -> list[str]:
    """Say what the types of a rule cannot, as `key: problem`."""
    if rule.least < 1:
        return [f"least: {rule.least} is no length: must be at least 1"]
    return []


class Passage(NamedTuple):
    """What a cut would remove, line ends and following blank lines included, and what is compared.

    `digest` is 16 bytes of BLAKE2b (RFC 7693) of the UTF-8, outer white space left out, nothing folded.
    """

    start: int
    end: int
    digest: bytes


class Cut(NamedTuple):
    """A text after a cut, its redactions as (start, end, type), and the spans cut from the text before."""

    text: str
    redactions: list[tuple[int, int, str]]
    spans: list[tuple[int, int]]


def find(text: str, rule: PassageRule) -> list[Passage]:
    """List the passages of a text in their order, spans in code points."""
    blocks = _lines(text, rule.least) if rule.unit == "line" else _paragraphs(text, rule.least)
    found = []
    for start, stop, end in blocks:
        core = text[start:stop].strip()
        if len(core) >= rule.least:
            digest = blake2b(core.encode(), digest_size=_DIGEST_BYTES).digest()
            found.append(Passage(start, end, digest))
    return found


def _lines(text: str, least: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, stop, end with the line end) of every line of at least `least` code points.

    The last line end of a window of `least` code points ends every line that began in it, all of
    them too short: one step passes over them all.
    """
    at, size = 0, len(text)
    while size - at >= least:
        last = text.rfind("\n", at, at + least)
        if last >= 0:
            at = last + 1
            continue
        stop = text.find("\n", at + least)
        stop = size if stop < 0 else stop
        yield at, stop, min(stop + 1, size)
        at = stop + 1


def _paragraphs(text: str, least: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, stop, end with blank lines) of every block of lines of at least `least` code points."""
    lead, gap = _patterns()
    first = lead.match(text)
    start = 0 if first is None else first.end()
    for blank in gap.finditer(text, start):
        if blank.start() - start >= least:
            yield start, blank.start(), blank.end()
        start = blank.end()
    if len(text) - start >= least:
        yield start, len(text), len(text)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compile what comes before the first paragraph, and what ends one: blank lines, or the end of the text.

    Each gap begins at a line end and takes all white space that follows, so no text is scanned twice.
    """
    return re.compile(r"\s*\n"), re.compile(r"\n\s*(?:\n|\Z)")


def passage_records(
    texts: Sequence[str], lines: NDArray[np.int64], rule: PassageRule
) -> tuple[NDArray[np.void], NDArray[np.uint32]]:
    """Make the `PASSAGE` records of a block of documents, `lines` being theirs in the part.

    The second value, uint32[documents], counts the passages of a document that holds no other text,
    and is 0 for any other: who loses as many passages as that loses everything.
    """
    found = [find(text, rule) for text in texts]
    records = np.zeros(sum(map(len, found)), PASSAGE)
    flat = [passage for each in found for passage in each]
    digests = np.frombuffer(b"".join(passage.digest for passage in flat), ">u8").reshape(-1, 2)
    records["high"], records["low"] = digests[:, 0], digests[:, 1]
    records["at"] = np.repeat(lines, np.array([len(each) for each in found], np.int64))
    records["start"] = [passage.start for passage in flat]
    records["end"] = [passage.end for passage in flat]
    whole = [
        len(each) if _holds_all(text, each) else 0 for text, each in zip(texts, found, strict=True)
    ]
    return records, np.array(whole, np.uint32)


def _holds_all(text: str, passages: list[Passage]) -> bool:
    """Say whether there is only white space before, between and after the passages."""
    starts = [*(passage.start for passage in passages), len(text)]
    ends = [0, *(passage.end for passage in passages)]
    return not any(text[end:start].strip() for end, start in zip(ends, starts, strict=True))


def cut(
    text: str, redactions: Sequence[tuple[int, int, str]], spans: Sequence[tuple[int, int]]
) -> Cut:
    """Cut spans out of a text and move its redactions along; one that a cut touches goes with it.

    Spans are those of passages: they begin and end at line borders, which no placeholder reaches
    over, so none is ever split. Raises `ValueError` for spans that overlap or leave the text.
    """
    spans = sorted(spans)
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    borders = [0, *(border for span in spans for border in span), len(text)]
    if any(later < border for border, later in pairwise(borders)):
        raise ValueError("the spans of a cut overlap or leave the text")
    kept = [text[a:b] for a, b in zip([0, *ends], [*starts, len(text)], strict=True)]
    gone = list(accumulate((end - start for start, end in spans), initial=0))
    moved = []
    for start, end, kind in redactions:
        before = bisect_left(starts, end)
        if before == 0 or ends[before - 1] <= start:
            moved.append((start - gone[before], end - gone[before], kind))
    return Cut("".join(kept), moved, spans)
