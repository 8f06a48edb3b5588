"""An export held against the reader that it was made from: on the same questions, by window and by answer."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.errors import IntegrityError
from pipeline.qa.baseline.trial import rules_of
from pipeline.qa.reader.forms import ROUNDED
from pipeline.qa.reader.reader import Reader
from pipeline.qa.score import Gold, score_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from filters.qa import Question
    from pipeline.qa.reader.forms import FormName
    from pipeline.qa.reader.inputs import Input
    from pipeline.qa.reader.model_file import Opened
    from pipeline.qa.reader.network import Scores
    from pipeline.watch.progress import Display


class Limits(NamedTuple):
    """What an export must reach: share of questions that agree, of weights that are not rounded; F1 lost at most."""

    least_agreement: float = 0.995
    most_drop: float = 1.0


class Heard(NamedTuple):
    """What a reader says to questions: its windows with their scores, in order, and its answers by id."""

    windows: list[Input]
    scores: list[Scores]
    answers: dict[str, str]


class Compared(NamedTuple):
    """One export and its original.

    `agreement` is the share of questions in all of whose windows both think most of the same first and the same last
    token; `difference` is the greatest between two scores. `exact` and `f1` are per cent on the questions that have
    an answer, of the original first.
    """

    questions: int
    agreement: float
    difference: float
    exact: tuple[float, float]
    f1: tuple[float, float]

    @property
    def drop(self) -> float:
        """How much F1 is lost; below 0 some is won."""
        return self.f1[0] - self.f1[1]


def hear(name: str, opened: Opened, questions: Sequence[Question], display: Display) -> Heard:
    """Ask a reader, and keep what it computes."""
    windows: list[Input] = []
    scores: list[Scores] = []

    def score(inputs: Sequence[Input]) -> list[Scores]:
        found = opened.runtime.scores(inputs)
        windows.extend(inputs)
        scores.extend(found)
        return found

    display.start(name, len(questions), 0)
    reader = Reader(opened.reader.preparer, score, opened.reader.sureness)
    told = {each.id: each.answer for each in reader.answers(questions, display.advance)}
    return Heard(windows, scores, told)


def compare(
    questions: Sequence[Question], sizes: Sequence[int], original: Heard, other: Heard
) -> Compared:
    """Compare what two readers say to questions, of which each has so many windows."""
    alike, difference = [], 0.0
    for window, one, two in zip(original.windows, original.scores, other.scores, strict=True):
        alike.append(_best(window, one) == _best(window, two))
        difference = max(difference, *(_distance(*pair) for pair in zip(one, two, strict=True)))
    ends = np.cumsum([0, *sizes])
    agreeing = sum(all(alike[a:b]) for a, b in pairwise(ends))
    gold = [Gold(each.id, tuple(one.text for one in each.answers)) for each in questions]
    asked, rules = [each for each in gold if each.answers], rules_of(questions)
    both = [score_one(asked, each.answers, rules) for each in (original, other)]
    exact, f1 = ([each[key] for each in both] for key in ("exact_match", "f1"))
    return Compared(
        len(questions),
        agreeing / max(len(questions), 1),
        difference,
        (exact[0], exact[1]),
        (f1[0], f1[1]),
    )


def _best(window: Input, scores: Scores) -> tuple[int, int]:
    """Return the tokens with the highest scores among those that may be an answer."""
    pairs = zip((window.begins, window.ends), scores, strict=True)
    first, last = (int(np.argmax(np.where(allowed, part, -np.inf))) for allowed, part in pairs)
    return first, last


def _distance(one: npt.NDArray[np.float32], two: npt.NDArray[np.float32]) -> float:
    return float(np.abs(one - two).max())


def refuse(found: dict[FormName, Compared], limits: Limits) -> None:
    """See to it that all exports are good enough.

    Raises:
        IntegrityError: one is not, or some of its scores are no numbers.
    """
    short = [problem for name, each in found.items() for problem in _problems(name, each, limits)]
    if short:
        raise IntegrityError("export: not written: " + "; ".join(short))


def _problems(name: FormName, found: Compared, limits: Limits) -> list[str]:
    problems = []
    if not np.isfinite(found.difference):
        problems.append(f"{name}: gives scores that are no numbers")
    if name != ROUNDED and found.agreement < limits.least_agreement:
        problems.append(
            f"{name}: {found.agreement:.4f} of the questions agree, fewer than {limits.least_agreement}"
        )
    if found.drop > limits.most_drop:
        problems.append(f"{name}: loses {found.drop:.2f} of F1, more than {limits.most_drop}")
    return problems
