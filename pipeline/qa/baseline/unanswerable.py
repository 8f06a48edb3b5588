"""Questions made unanswerable, to learn abstention from where no question of the training data is.

One word of the question that its context holds, a name or a number where there is one, gives way to one of
the same shape that the context does not hold, or that stands in it far from the answer. They train
nothing but the judgement whether there is an answer, and are never written anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.qa.baseline.cues import FUNCTION_WORDS
from pipeline.qa.baseline.units import CAPITAL, DIGIT, MARK, PARTICLE, SMALL, Units, units_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from filters.qa import Question

_KINDS: Final = (DIGIT, CAPITAL, SMALL)
_NAMES_FIRST: Final = (
    0.7  # how often a name or a number is taken where there is one; a guess, not fitted
)


def made_unanswerable(question: Question, others: Sequence[Question], chance: Random) -> str | None:
    """Return the question with one word changed, `None` where none can be; `others` lend words."""
    units, context = units_of(question.question), units_of(question.context)
    held = set(context.stems)
    places = [
        at for at in range(len(units.words)) if _counts(units, at) and units.stems[at] in held
    ]
    names = [at for at in places if int(units.shapes[at]) & (DIGIT | CAPITAL)]
    if names and chance.random() < _NAMES_FIRST:
        places = names
    if not places:
        return None
    at = chance.choice(places)
    kind = _kind(int(units.shapes[at]))
    if chance.random() < 0.5:  # noqa: PLR2004  as often from here as from elsewhere
        lent = [(question.context, context)]
        banned = set(units.stems)
    else:
        other = chance.choice(others)
        lent, banned = [(other.context, units_of(other.context))], held | set(units.stems)
    words = [
        text[int(given.start[index]) : int(given.end[index])]
        for text, given in lent
        for index in range(len(given.words))
        if _counts(given, index)
        and _kind(int(given.shapes[index])) == kind
        and given.stems[index] not in banned
    ]
    if not words:
        return None
    start, end = int(units.start[at]), int(units.end[at])
    return question.question[:start] + chance.choice(words) + question.question[end:]


def _counts(units: Units, at: int) -> bool:
    """Tell whether a unit carries content."""
    return not int(units.shapes[at]) & (MARK | PARTICLE) and units.words[at] not in FUNCTION_WORDS


def _kind(shape: int) -> int:
    return next((kind for kind in _KINDS if shape & kind), 0)
