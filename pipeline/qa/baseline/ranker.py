"""A ranker of spans at work: answers, what else might be, how sure it is, and whether there is an answer at all.

LambdaRank (Burges 2010) with gradient-boosted trees of LightGBM (Ke et al. 2017); the kinds of features follow the
logistic regression of Rajpurkar et al. 2016, without parses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from pipeline.qa.baseline.decoding import CONSIDERED, choices, rules_for, shares
from pipeline.qa.baseline.features import Spans, known_of, spans_of
from pipeline.qa.baseline.page import page_of, prompt_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from filters.qa import Question
    from pipeline.qa.baseline.appearance import Known
    from pipeline.qa.baseline.calibration import Calibration
    from pipeline.qa.baseline.decoding import Choice
    from pipeline.qa.baseline.lexicon import Lexicon
    from pipeline.qa.baseline.page import Page

    Floats = npt.NDArray[np.float32]
    Advance = Callable[[int], None]

MOST_SPANS: Final = 150  # of a context go to the trees; .95 of held-out answers are among them
_BATCH: Final = 64  # questions that go through the trees at once
_PAGES: Final = 256  # contexts that are kept prepared
_SHOWN: Final = 5  # answers of an n-best list


class Ranker(NamedTuple):
    """What `train` gives: a lexicon, the trees that rank, those that judge answerability, and a calibration."""

    lexicon: Lexicon
    trees: Any
    doubts: Any
    calibration: Calibration


class Option(NamedTuple):
    """One of the answers that might be: its span in code points, and the share of belief in it, from 0 to 1."""

    text: str
    start: int
    end: int
    probability: float


class Told(NamedTuple):
    """What is said to a question.

    `confidence` is the probability that the answer is exactly right and `f1` its expected F1, both given that there
    is one; `null_odds`, from 0 to 1, grow with the doubt that there is; `answerable` is the probability that
    there is one.
    """

    id: str
    answer: str
    confidence: float
    f1: float
    null_odds: float
    options: tuple[Option, ...] = ()
    answerable: float = 1.0

    def abstaining(self, threshold: float) -> str:
        """Return the answer, `""` where the null odds are above a threshold."""
        return "" if self.null_odds > threshold else self.answer

    def sure(self, threshold: float) -> float:
        """Return the probability that what `abstaining` says is right.

        With a threshold of 1, which never abstains, it is that of the answer given that there is one.
        """
        if threshold >= 1.0:
            return self.confidence
        if self.null_odds > threshold:
            return 1.0 - self.answerable
        return self.confidence * self.answerable


class Ranked(NamedTuple):
    """A question with its spans scored: the best `CONSIDERED`, in order, and the features of the best one."""

    page: Page
    indexes: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float64]
    features: Floats


class Library:
    """Contexts that were prepared lately: questions of one context mostly follow each other."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._held: dict[str, tuple[Page, Known]] = {}

    def get(self, context: str) -> tuple[Page, Known]:
        """Prepare a context, or return it."""
        if context not in self._held:
            if len(self._held) >= _PAGES:
                self._held.pop(next(iter(self._held)))
            page = page_of(context)
            self._held[context] = page, known_of(self._lexicon, page)
        return self._held[context]

    def spans(self, context: str, question: str) -> tuple[Page, Spans]:
        """Return a context with the spans that are considered for a question."""
        page, known = self.get(context)
        return page, spans_of(self._lexicon, page, known, prompt_of(question), MOST_SPANS)


def rank(lexicon: Lexicon, trees: Any, asked: Sequence[tuple[str, str]]) -> Iterator[Ranked]:
    """Score the spans of (context, question) pairs, in order."""
    library = Library(lexicon)
    for at in range(0, len(asked), _BATCH):
        batch = [library.spans(*each) for each in asked[at : at + _BATCH]]
        matrix = np.concatenate([spans.features for _, spans in batch])
        scores = trees.predict(matrix, num_threads=1) if len(matrix) else np.empty(0)
        begin = 0
        for page, spans in batch:
            size = len(spans.indexes)
            own = scores[begin : begin + size]
            best = np.argsort(-own, kind="stable")[:CONSIDERED]
            features = spans.features[best[:1]]
            yield Ranked(page, spans.indexes[best], own[best], features)
            begin += size


def answers(
    ranker: Ranker, questions: Sequence[Question], advance: Advance | None = None
) -> Iterator[Told]:
    """Answer questions, in order; where a context holds no span the answer is `""`.

    `advance` is called after each one, with its weight for a display of progress: 0, none.
    """
    pairs = [(question.context, question.question) for question in questions]
    for question, ranked in zip(questions, rank(ranker.lexicon, ranker.trees, pairs), strict=True):
        yield _told(ranker, question, ranked)
        if advance is not None:
            advance(0)


def _told(ranker: Ranker, question: Question, ranked: Ranked) -> Told:
    if not len(ranked.indexes):
        return Told(question.id, "", 0.0, 0.0, 1.0)
    found = chosen(ranked, question.question, ranker.calibration.temperature)
    confidence = ranker.calibration.exact(found[0].share)
    f1 = ranker.calibration.f1(found[0].f1)
    answerable = float(ranker.doubts.predict(doubt_features(ranked, found), num_threads=1)[0])
    options = tuple(_option(ranked, each) for each in found[:_SHOWN])
    return Told(
        question.id, options[0].text, confidence, f1, 1.0 - answerable * f1, options, answerable
    )


def chosen(ranked: Ranked, question: str, temperature: float) -> list[Choice]:
    """Return the distinct answers to a question, the best first."""
    texts = [ranked.page.text[slice(*ranked.page.span(index))] for index in ranked.indexes.tolist()]
    return choices(texts, shares(ranked.scores, temperature), rules_for(question))


def doubt_features(ranked: Ranked, found: Sequence[Choice]) -> Floats:
    """Return what the judgement of answerability sees: the best span's features and how clear the choice is."""
    second = found[1].share if len(found) > 1 else 0.0
    clear = np.array([[found[0].share, found[0].f1, found[0].share - second]], np.float32)
    return np.concatenate([ranked.features, clear], axis=1)


def _option(ranked: Ranked, choice: Choice) -> Option:
    start, end = ranked.page.span(int(ranked.indexes[choice.place]))
    return Option(ranked.page.text[start:end], start, end, choice.share)
