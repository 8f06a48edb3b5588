"""Train a ranker of spans: features of each part of the questions by what the other parts say, then trees.

A tenth of the contexts is held out for the calibration; of the others a third at a time gets the features that a
lexicon of the other two thirds gives, so that the trees see the lexicon err as it will err on new questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from pipeline.errors import ConfigError, InputError
from pipeline.qa.baseline import features, lexicon
from pipeline.qa.baseline.calibration import Calibration, fit_temperature, isotonic
from pipeline.qa.baseline.chance import part_of, taken
from pipeline.qa.baseline.held_out import judge, right_among, without_answers
from pipeline.qa.baseline.labels import grades, right_spans
from pipeline.qa.baseline.page import Page, Prompt, page_of, prompt_of
from pipeline.qa.baseline.ranker import MOST_SPANS, Ranker, chosen, doubt_features, rank

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import numpy.typing as npt

    from filters.qa import Question
    from pipeline.qa.baseline.appearance import Known
    from pipeline.qa.baseline.lexicon import Lexicon, Tally
    from pipeline.qa.baseline.ranker import Ranked
    from pipeline.watch.progress import Display

PARTS: Final = 10  # the first is held out
FOLDS: Final = 3  # of the other parts
LEAST: Final = 50  # questions with an answer that there must be to learn from
ROUNDS: Final = 160
_TREES: Final = {
    "objective": "lambdarank", "learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 50,
    "feature_fraction": 0.5, "lambda_l2": 1.0, "max_bin": 127, "lambdarank_truncation_level": 10,
}  # fmt: skip
_DOUBTS: Final = {
    "objective": "binary", "learning_rate": 0.1, "num_leaves": 15, "min_data_in_leaf": 20,
    "feature_fraction": 0.5, "lambda_l2": 1.0, "max_bin": 127,
}  # fmt: skip
_DOUBT_ROUNDS: Final = 60
_SAME: Final = {"deterministic": True, "force_row_wise": True, "verbosity": -1}


class Trained(NamedTuple):
    """A ranker, and how many questions it learned from; `rows` spans went into the trees."""

    ranker: Ranker
    questions: int
    held_out: int
    contexts: int
    impossible: int
    rows: int


class _Prepared(NamedTuple):
    """A question to learn from; `part` is that of its context."""

    question: Question
    page: Page
    prompt: Prompt
    right: list[tuple[int, float]]
    part: int


def train(
    questions: Sequence[Question],
    seed: int,
    threads: int,
    display: Display,
    most: int | None = None,
) -> Trained:
    """Learn from questions with answers, and from such as have none; in whatever order they come.

    Raises:
        ConfigError: LightGBM is not installed.
        InputError: there are too few questions with answers.
    """
    package = lightgbm()
    chosen_ones = taken(questions, seed, most)
    prepared = _prepare(chosen_ones, seed, display)
    if sum(bool(each.right and each.part) for each in prepared) < LEAST:
        raise InputError(f"baseline: fewer than {LEAST} questions with an answer to learn from")
    pages = {each.question.context: each.page for each in prepared}
    learning = [each for each in prepared if each.part]
    words = lexicon.words_of(list(pages.values()), [each.prompt for each in prepared])
    tallies = _tallies(words, learning)
    trees, rows = _rank_trees(package, words, tallies, learning, seed, threads, display)
    known = lexicon.lexicon_of(words, lexicon.total(tallies))
    held = [each.question for each in prepared if not each.part]
    ranker = _calibrated(package, known, trees, held, seed, display)
    impossible = sum(each.is_impossible for each in chosen_ones)
    return Trained(ranker, len(learning), len(held), len(pages), impossible, rows)


def lightgbm() -> ModuleType:
    """Return the package.

    Raises:
        ConfigError: it is not installed, or does not load.
    """
    try:
        import lightgbm as package  # noqa: PLC0415  optional, and heavy
    except ImportError as error:
        raise ConfigError(
            "baseline: the ranker needs lightgbm: pip install 'gristmill[qa]'"
        ) from error
    except OSError as error:  # its wheels need OpenMP from the system
        raise ConfigError(
            "baseline: lightgbm does not load: it needs OpenMP (Debian: libgomp1, macOS: libomp)"
        ) from error
    return package


def _prepare(questions: Sequence[Question], seed: int, display: Display) -> list[_Prepared]:
    display.start("contexts", len(questions), 0)
    pages: dict[str, Page] = {}
    prepared = []
    for question in questions:
        if question.context not in pages:
            pages[question.context] = page_of(question.context)
        page = pages[question.context]
        part = part_of(question.context, seed, PARTS)
        right = right_spans(page, question.answers)
        prepared.append(_Prepared(question, page, prompt_of(question.question), right, part))
        display.advance(0)
    return prepared


def _tallies(words: lexicon.Words, learning: Sequence[_Prepared]) -> list[Tally]:
    """Count each fold by itself."""
    tallies = [lexicon.empty_tally(words) for _ in range(FOLDS)]
    for each in learning:
        if each.right:
            lexicon.count(tallies[each.part % FOLDS], words, each.page, each.prompt, each.right)
    return tallies


def _rank_trees(
    package: ModuleType, words: lexicon.Words, tallies: list[Tally], learning: Sequence[_Prepared],
    seed: int, threads: int, display: Display,
) -> tuple[Any, int]:  # fmt: skip
    """Learn to rank; returns the trees and how many spans they saw."""
    folds = [
        lexicon.lexicon_of(
            words, lexicon.total(other for at, other in enumerate(tallies) if at != fold)
        )
        for fold in range(FOLDS)
    ]
    matrix, labels, groups = _matrix(folds, [each for each in learning if each.right], display)
    options = _SAME | _TREES | {"seed": seed, "num_threads": threads}
    data = package.Dataset(matrix, labels, group=groups, params=options, free_raw_data=True)
    return _boosted(package, options, data, ROUNDS, "trees", display), len(labels)


def _boosted(
    package: ModuleType,
    options: dict[str, Any],
    data: Any,
    rounds: int,
    phase: str,
    display: Display,
) -> Any:
    display.start(phase, rounds, 0)
    return package.train(options, data, rounds, callbacks=[lambda _: display.advance(0)])


def _matrix(
    folds: Sequence[Lexicon], learning: Sequence[_Prepared], display: Display
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32], list[int]]:
    """Return features and grades of the spans of questions whose answer is among them, and how many each has."""
    display.start("features", len(learning), 0)
    matrix = np.empty((len(learning) * MOST_SPANS, len(features.NAMES)), np.float32)
    labels = np.empty(len(matrix), np.int32)
    groups: list[int] = []
    at = 0
    known: tuple[str, Known] | None = None
    for each in learning:
        mine = folds[each.part % FOLDS]
        if known is None or known[0] != each.question.context:
            known = each.question.context, features.known_of(mine, each.page)
        spans = features.spans_of(mine, each.page, known[1], each.prompt, MOST_SPANS)
        graded = grades(each.page, spans.indexes, each.right)
        if graded.max(initial=0):
            size = len(graded)
            matrix[at : at + size], labels[at : at + size] = spans.features, graded
            at += size
            groups.append(size)
        display.advance(0)
    return matrix[:at], labels[:at], groups


def _calibrated(
    package: ModuleType, known: Lexicon, trees: Any, held: Sequence[Question],
    seed: int, display: Display,
) -> Ranker:  # fmt: skip
    """Learn on held-out questions what scores are worth, and when there is no answer."""
    asked = [each for each in held if each.answers]
    ranked = _ranked(known, trees, asked, display)
    right = [right_among(each, _texts(one)) for each, one in zip(asked, ranked, strict=True)]
    temperature = fit_temperature([each.scores for each in ranked], right)
    tops = [
        chosen(each, one.question, temperature) for one, each in zip(asked, ranked, strict=True)
    ]
    judged = [
        judge(each, _texts(one)[top[0].place])
        for each, one, top in zip(asked, ranked, tops, strict=True)
        if top
    ]
    calibration = Calibration(
        temperature,
        isotonic([top[0].share for top in tops if top], [exact for exact, _ in judged]),
        isotonic([top[0].f1 for top in tops if top], [f1 for _, f1 in judged]),
        len(asked),
    )
    nothing = without_answers(held, seed)
    silent = _ranked(known, trees, nothing, display)
    rows = [doubt_features(each, top) for each, top in zip(ranked, tops, strict=True) if top]
    none = [
        doubt_features(each, chosen(each, one.question, temperature))
        for one, each in zip(nothing, silent, strict=True) if len(each.indexes)
    ]  # fmt: skip
    if not rows or not none:
        raise InputError("baseline: too few contexts: none that is held out can be judged")
    options = _SAME | _DOUBTS | {"seed": seed, "num_threads": 1}  # too little for more
    data = package.Dataset(
        np.concatenate(rows + none), [1] * len(rows) + [0] * len(none), params=options
    )
    doubts = _boosted(package, options, data, _DOUBT_ROUNDS, "doubts", display)
    return Ranker(known, trees, doubts, calibration)


def _ranked(
    known: Lexicon, trees: Any, questions: Sequence[Question], display: Display
) -> list[Ranked]:
    display.start("held out", len(questions), 0)
    found = []
    for each in rank(known, trees, [(each.context, each.question) for each in questions]):
        found.append(each)
        display.advance(0)
    return found


def _texts(ranked: Ranked) -> list[str]:
    return [ranked.page.text[slice(*ranked.page.span(index))] for index in ranked.indexes.tolist()]
