"""A reader at work: answers, what else might be, how sure it is, and whether there is an answer at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from pipeline.qa.baseline.calibration import Calibration, Steps
from pipeline.qa.baseline.lines import DIGITS
from pipeline.qa.baseline.ranker import Option, Told
from pipeline.qa.reader.decoding import chosen, consider, reordered
from pipeline.qa.reader.worth import Worth, known_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from filters.qa import Question
    from pipeline.qa.baseline.decoding import Choice
    from pipeline.qa.reader.decoding import Considered
    from pipeline.qa.reader.inputs import Input, Passage, Preparer
    from pipeline.qa.reader.network import Scores

    Doubles = npt.NDArray[np.float64]
    Score = Callable[[Sequence[Input]], list[Scores]]

_AT_ONCE: Final = 256  # questions whose windows are put together by length
_SHOWN: Final = 5  # answers of an n-best list
_STEEPEST: Final = 50.0  # of a margin, before it is squeezed
UNSURE: Final = Calibration(1.0, Steps((), ()), Steps((), ()), 0)
"""What is known before anything was held against held-out questions."""


class Sureness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What scores are worth: of an answer, and of there being one; from null odds above `threshold` on it abstains.

    The threshold is the best on held-out questions, 1 where the reader learned from none without an answer.
    """

    calibration: Calibration = UNSURE
    answerable: Steps = Steps((), ())
    threshold: float = 1.0
    worth: Worth = Worth()


class Read(NamedTuple):
    """A question, its passage, the windows of it, and what the network says of each."""

    question: Question
    passage: Passage
    windows: list[Input]
    scores: list[Scores]


class Judged(NamedTuple):
    """A question's passage, the spans that might be its answer, and the distinct answers, best first."""

    passage: Passage
    considered: Considered
    choices: list[Choice]

    @property
    def margin(self) -> float:
        """How much more speaks for the best span than for none, squeezed between 0 and 1."""
        if not len(self.considered.scores):
            return 0.0
        gap = float(self.considered.scores[0]) - self.considered.null
        return 1.0 / (1.0 + math.exp(-min(max(gap, -_STEEPEST), _STEEPEST)))


class Reader:
    """Answers questions; `score` gives windows their scores, by PyTorch or any other runtime."""

    def __init__(self, preparer: Preparer, score: Score, sureness: Sureness) -> None:
        self.preparer, self._score, self.sureness = preparer, score, sureness

    def answers(
        self, questions: Sequence[Question], advance: Callable[[int], None] | None = None
    ) -> Iterator[Told]:
        """Answer questions, in order; where a passage has no token the answer is `""`.

        `advance` is called after each one, with its weight for a display of progress: 0, none.
        """
        for read in self.read(questions):
            yield self._told(read.question.id, self.judge(read))
            if advance is not None:
                advance(0)

    def read(self, questions: Sequence[Question]) -> Iterator[Read]:
        """Have the network read questions, in their order."""
        for begin in range(0, len(questions), _AT_ONCE):
            part = questions[begin : begin + _AT_ONCE]
            windows = [self.preparer.inputs(each.context, each.question) for each in part]
            scored = self._score([window for each in windows for window in each])
            at = 0
            for question, own in zip(part, windows, strict=True):
                passage = self.preparer.passage(question.context)
                yield Read(question, passage, own, scored[at : at + len(own)])
                at += len(own)

    def judge(self, read: Read) -> Judged:
        """Find the answers that might be."""
        spans, known = self.known(read)
        spans = reordered(spans, self.sureness.worth.of(known))
        temperature = self.sureness.calibration.temperature
        found = chosen(read.passage, read.question.question, spans, temperature)
        return Judged(read.passage, spans, found)

    def known(self, read: Read) -> tuple[Considered, Doubles]:
        """Return the spans with the best scores, and what is known of them (`pipeline.qa.reader.worth`)."""
        passage = read.passage
        spans = consider(passage, read.windows, read.scores, self.preparer.reading.answer)
        compared = self.preparer.compared(passage, read.question.question)
        units = passage.unit[spans.tokens]
        return spans, known_of(passage.units, compared, units, spans.scores)

    def _told(self, name: str, judged: Judged) -> Told:
        if not judged.choices:
            return Told(name, "", 0.0, 0.0, 1.0, answerable=0.0)
        best = judged.choices[0]
        calibration = self.sureness.calibration
        confidence, f1 = calibration.exact(best.share), calibration.f1(best.f1)
        answerable = self.sureness.answerable(judged.margin)
        options = tuple(_option(judged, each) for each in judged.choices[:_SHOWN])
        # of as many digits as are written: a threshold that was chosen among them is met by them
        doubt = round(1.0 - answerable * f1, DIGITS)
        return Told(name, options[0].text, confidence, f1, doubt, options, answerable)


def _option(judged: Judged, choice: Choice) -> Option:
    first, last = judged.considered.tokens[choice.place].tolist()
    start, end = judged.passage.span(first, last)
    return Option(judged.passage.text[start:end], start, end, choice.share)
