"""What a question asks for, as far as its words show: the word of asking, what follows it, and the head.

In English the head is the first word of content behind the word of asking (*what **year** did*, *what is
the **population***); where no such word stands, as in most Korean questions, it is the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.qa.baseline.units import MARK, PARTICLE

if TYPE_CHECKING:
    from pipeline.qa.baseline.units import Units

ASKING: Final = ("", "who", "whom", "whose", "what", "which", "when", "where", "why", "how")
_KOREAN: Final = {
    "누구": "who", "누가": "who", "언제": "when", "어디": "where", "무엇": "what", "뭐": "what", "무슨": "what",
    "어느": "which", "어떤": "which", "왜": "why", "어떻게": "how", "몇": "how", "얼마": "how",
}  # fmt: skip
FUNCTION_WORDS: Final = frozenset(
    """a an the of in on at to for from by with as and or is are was were be been being do does did has have
    had will would can could may might shall should must not that this these those it its he she they his her
    their there if than then s kind type sort name i you we my your our one some any all into about""".split()  # noqa: SIM905  a list of words reads as one
)
_AUXILIARIES: Final = (
    frozenset(("do", "does", "did")),
    frozenset(("is", "are", "was", "were")),
    frozenset(("has", "have", "had")),
    frozenset(("can", "could", "will", "would", "may", "might", "should", "must")),
)


class Cue(NamedTuple):
    """`asking` is an index into `ASKING`, `at` the unit where it stands (-1: nowhere), `head` the head's unit.

    `opening` names the word of asking and the next one, `head_stem` the head; `auxiliary` says what
    follows the word of asking: 0 nothing of that kind, then do, be, have, modal.
    """

    asking: int
    at: int
    head: int
    opening: str
    head_stem: str
    auxiliary: int


def cue_of(question: Units) -> Cue:
    """Read a question."""
    words = question.words
    at = next((index for index, word in enumerate(words) if word in ASKING), -1)
    if at < 0:
        return _without(question)
    following = words[at + 1] if at + 1 < len(words) else ""
    head = next((index for index in range(at + 1, len(words)) if _is_content(question, index)), -1)
    return Cue(
        ASKING.index(words[at]),
        at,
        head,
        f"{words[at]} {following}",
        question.stems[head] if head >= 0 else "",
        next((number for number, group in enumerate(_AUXILIARIES, 1) if following in group), 0),
    )


def _without(question: Units) -> Cue:
    """Read a question that has no English word of asking."""
    words = question.words
    at = next((index for index, word in enumerate(words) if word in _KOREAN), -1)
    head = next(
        (index for index in range(len(words) - 1, -1, -1) if _is_content(question, index)), -1
    )
    asking = _KOREAN[words[at]] if at >= 0 else ""
    opening = words[at] if at >= 0 else f"- {words[0] if words else ''}"
    stem = question.stems[head] if head >= 0 else ""
    return Cue(ASKING.index(asking), at, head, opening, stem, 0)


def _is_content(question: Units, index: int) -> bool:
    shape = int(question.shapes[index])
    return not shape & (MARK | PARTICLE) and question.words[index] not in FUNCTION_WORDS
