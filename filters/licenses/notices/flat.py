"""A text without comment marks, markup and line breaks, and where each of its letters stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# what stands before and behind the words of a line: comment marks of all languages, boxes, quotes
_LEFT: Final = " \r\f\v*#/;%!~'-=_+.:\u2022\u00b7\u2502\u2551\u2014\u2013\ufeff"
_RIGHT: Final = " \r\f\v*#;/'~=_-\u2502\u2551"
# markup inside a line reads as a blank
_MARKUP: Final = dict.fromkeys(
    map(ord, '\t\u00a0\u3000"`*[]|<>{}\\\u201c\u201d\u201e\u00ab\u00bb'), " "
)
_ASCII_MARKUP: Final = bytes(ord(_MARKUP.get(each, chr(each))) for each in range(128)).ljust(256)
_HTML: Final = re.compile(
    r"</?[a-z]\w{0,9} ?/?>|&(?:nbsp|quot|copy|lt|gt|amp|ndash|mdash);", re.IGNORECASE
)
# comment leaders that are words; a line of prose seldom begins with one
_WORDS: Final = re.compile(r"(?:dnl|DNL|rem|REM|Rem|[cC]|@c|@comment|@rem|@REM|NB\.)(?: +|$)")
_BLANKS: Final = re.compile(r" {2,}")


class Flat(NamedTuple):
    """`text` has one blank between words and a line feed between paragraphs; `lower` is as long.

    `starts[i]` is where piece `i` begins in `text` and `sources[i]` where in the original; `lines`
    are the places in `text` where lines of the original begin.
    """

    text: str
    lower: str
    starts: list[int]
    sources: list[int]
    lines: list[int]
    original: str

    def source(self, at: int) -> int:
        """Give the place in the original of a letter of `text`."""
        piece = bisect_right(self.starts, at) - 1
        return self.sources[piece] + at - self.starts[piece]

    def quoted(self, at: int) -> bool:
        """Say whether a quotation mark stood right before a letter of `text`."""
        source = self.source(at)
        return self.original[max(0, source - 1) : source] in {"'", '"', "`"}

    def line(self, start: int, end: int) -> tuple[int, int]:
        """Give the beginning of the original's line that holds `start` and the end of `end`'s."""
        following = bisect_right(self.lines, end - 1)
        last = self.lines[following] - 1 if following < len(self.lines) else len(self.text)
        return self.lines[max(0, bisect_right(self.lines, start) - 1)], max(last, end)


def flatten(text: str, spans: Iterable[tuple[int, int]] | None = None) -> Flat:
    """Flatten a text, or the given parts of it, in time linear in their length."""
    built = _Building([], [0], [0], [])
    length = 0
    for start, end in ((0, len(text)),) if spans is None else spans:
        length = _add(built, text[start:end], start, length)
    flat = "".join(built.pieces)
    return Flat(flat, lower(flat), built.starts, built.sources, built.lines, text)


class _Building(NamedTuple):
    pieces: list[str]
    starts: list[int]
    sources: list[int]
    lines: list[int]


def _add(built: _Building, part: str, at: int, length: int) -> int:
    """Add a part that begins at `at`; return the new length of the flat text."""
    pieces, starts, sources, lines = built
    gap = "\n" if length else ""
    for line in _plain(part).split("\n"):
        core = line.lstrip(_LEFT)
        begin = at + len(line) - len(core)
        at += len(line) + 1
        core = core.rstrip(_RIGHT)
        if core[:1] in _WORD_STARTS:
            core, begin = _without_words(core, begin)
        if not core:
            gap = "\n" if length else ""
            continue
        pieces.append(gap)
        length += len(gap)
        gap = " "
        lines.append(length)
        if "  " in core:
            length = _add_pieces(built, core, begin, length)
            continue
        pieces.append(core)
        starts.append(length)
        sources.append(begin)
        length += len(core)
    return length


def _plain(text: str) -> str:
    """Put blanks in the place of markup and escapes."""
    if "</" in text or "&" in text:
        text = _HTML.sub(lambda match: " " * len(match[0]), text)
    if "\\n" in text:  # a notice inside string literals
        text = text.replace("\\n", "  ")
    if text.isascii():
        return text.encode().translate(_ASCII_MARKUP).decode()
    return text.translate(_MARKUP)


_WORD_STARTS: Final = frozenset("dDrRcC@N")


def _without_words(core: str, begin: int) -> tuple[str, int]:
    leader = _WORDS.match(core)
    return (core, begin) if leader is None else (core[leader.end() :], begin + leader.end())


def _add_pieces(built: _Building, core: str, begin: int, length: int) -> int:
    """Add a line that begins at `begin`, split at its runs of blanks; return the new length."""
    last = 0
    for start, end in [*(match.span() for match in _BLANKS.finditer(core)), (len(core), 0)]:
        if start > last:
            gap = " " if last else ""
            length += len(gap)
            built.pieces.extend((gap, core[last:start]))
            built.starts.append(length)
            built.sources.append(begin + last)
            length += start - last
        last = end
    return length


def lower(text: str) -> str:
    """Lower-case a text letter by letter, so that places stay the same."""
    whole = text.lower()
    if len(whole) == len(text):
        return whole
    return "".join(small if len(small := each.lower()) == 1 else each for each in text)
