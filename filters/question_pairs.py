"""Find questions and answers that a text lays out as such: by labels, or as headings that ask.

Labels stand at the beginning of a line: `Q:`, `Q1.`, `Question 2:`, `**Q:**`, `문:`, `질문 3)`, and for
answers `A:`, `Answer:`, `답:`, `답변:`. Headings are those of Markdown (CommonMark, sections 4.2 and 4.3) and
reStructuredText, and ask if they end in a question mark. Nothing is guessed from prose.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST: Final = 2_000  # code points of a question
_LEAD: Final = r"[ \t>]*(?:\#{1,6}[ \t]+)?(?:[-*+•][ \t]+)?(?:\*\*|__)?"
_NUMBER: Final = r"[ \t]{0,3}[.#(]?[ \t]{0,3}(?:[0-9]{1,4})?[ \t]{0,3}"
_MARK: Final = r"[.:\uff1a)](?:\*\*|__)?(?=\s|\Z|[^\x00-\x7f])"


def _label(words: str) -> re.Pattern[str]:
    return re.compile(rf"{_LEAD}(?:{words}){_NUMBER}{_MARK}[ \t]*")


_ASKS: Final = _label("(?i:Question)|Q|q(?=:)|질문|문")
_ANSWERS: Final = _label("(?i:Answer)|Ans|A|a(?=:)|답변|답")
_ANSWERS_INSIDE: Final = re.compile(
    r"(?<=[?\uff1f])[ \t]+(?:[/|][ \t]*)?(?:Answer|A|답변|답)[:\uff1a](?=\s)[ \t]*"
)
_MARKDOWN: Final = re.compile(r" {0,3}\#{1,6}[ \t]")
_RULE: Final = re.compile(r"""([!-/:-@\[-`{-~])\1{2,}[ \t]*|(?:[-*_][ \t]+){2,}[-*_][ \t]*""")
_FENCE: Final = re.compile(r" {0,3}(```+|~~~+)")
_CHOICE: Final = re.compile(
    r"^[ \t]*B[.)][ \t]", re.MULTILINE
)  # `A.` was no answer but one of several
_EDGES: Final = " \t\r\n*_>"


class Pair(NamedTuple):
    """A question, where it begins in the text, and the span of its answer there."""

    question: str
    asked: int
    start: int
    end: int


class _Sign(NamedTuple):
    """A place that says what follows: a question or an answer by its label, a heading, or an end.

    `inside` is where the text of it begins. A heading's question is its title alone.
    """

    kind: Literal["asks", "heading", "answers", "end"]
    start: int
    inside: int
    title: str = ""


class _Line(NamedTuple):
    """A line without its newline, and where it stands."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def question_pairs(text: str) -> list[Pair]:
    """Return the pairs of a text, in order; each answer is what stands at its span, and not blank."""
    signs = [*_signs(_lines(text)), _Sign("end", len(text), len(text))]
    found = (_pair_at(text, signs, at) for at in range(len(signs) - 1))
    return [each for each in found if each is not None]


def _pair_at(text: str, signs: list[_Sign], at: int) -> Pair | None:
    """Read the pair whose question this sign is. Under a heading no label is needed."""
    sign, after = signs[at], signs[at + 1]
    between = text[sign.inside : after.start].strip(_EDGES)
    if after.kind == "answers" and sign.kind == "asks":
        return _pair(text, between, sign.start, after.inside, signs[at + 2].start)
    if after.kind == "answers" and sign.kind == "heading" and not between:
        return _pair(text, sign.title, sign.start, after.inside, signs[at + 2].start)
    if sign.kind == "heading":
        end = next(
            signs[later].start
            for later in range(at + 1, len(signs))
            if signs[later].kind != "answers"
        )
        return _pair(text, sign.title, sign.start, sign.inside, end)
    return None


def _pair(text: str, question: str, asked: int, start: int, end: int) -> Pair | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    sound = start < end and 0 < len(question) <= _LONGEST and not _CHOICE.search(piece)
    return Pair(question, asked, start, end) if sound else None


def _lines(text: str) -> list[_Line]:
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append(_Line(line, start))
        start += len(line) + 1
    return lines


def _signs(lines: list[_Line]) -> Iterator[_Sign]:
    """Give the signs of all lines; in a fenced block of code nothing is one."""
    fence = ""
    skip = False
    for at, line in enumerate(lines):
        mark = _FENCE.match(line.text)
        if fence:
            fence = "" if mark is not None and mark[1].startswith(fence) else fence
        elif mark is not None:
            fence = mark[1]
        elif skip:
            skip = False
        else:
            under = lines[at + 1] if at + 1 < len(lines) else None
            skip = under is not None and _is_underlined(line, under)
            yield from _of_line(line, under if skip else None)


def _is_underlined(line: _Line, under: _Line) -> bool:
    title = line.text.strip()
    ruled = _RULE.fullmatch(under.text.rstrip("\r")) is not None
    return ruled and title != "" and _RULE.fullmatch(title) is None


def _of_line(line: _Line, under: _Line | None) -> Iterator[_Sign]:
    """Give the signs of one line, of which `under` is the underline."""
    markdown = _MARKDOWN.match(line.text)
    asks, answers = _ASKS.match(line.text), _ANSWERS.match(line.text)
    if markdown is not None or under is not None:
        title = line.text if markdown is None else _unmarked(line.text[markdown.end() :])
        yield _heading(title if asks is None else line.text[asks.end() :], line, under or line)
    elif asks is not None:
        yield _Sign("asks", line.start, line.start + asks.end())
        inside = _ANSWERS_INSIDE.search(line.text, asks.end())
        if inside is not None:
            yield _Sign("answers", line.start + inside.start(), line.start + inside.end())
    elif answers is not None:
        yield _Sign("answers", line.start, line.start + answers.end())
    elif _RULE.fullmatch(line.text.strip()):
        yield _Sign("end", line.start, line.end)


def _unmarked(title: str) -> str:
    """Leave away the signs that may close a Markdown heading."""
    title = title.strip()
    bare = title.rstrip("#")
    return bare if bare[-1:].isspace() else title


def _heading(title: str, line: _Line, last: _Line) -> _Sign:
    """Read a heading; one that asks nothing ends what stands before it."""
    title = title.strip(_EDGES)
    asks = title.endswith(("?", "\uff1f"))
    return _Sign("heading" if asks else "end", line.start, last.end, title)
