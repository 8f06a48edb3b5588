"""Spans weighed as a whole: what is known of them, and weights that make right ones likelier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.qa.baseline.units import units_of
from pipeline.qa.reader.fits import Fits
from pipeline.qa.reader.hints import Asking, Compared, compare, looks, weigh
from pipeline.qa.reader.worth import NAMES, Case, Worth, fit_worth, known_of

if TYPE_CHECKING:
    from pipeline.qa.baseline.units import Units

PASSAGE = "Karl Benz of Mannheim (Baden) built the first car in 1885. It had three wheels."
QUESTION = "Who built the first car with wheels?"


def asked(question: str) -> Asking:
    """Weigh a question of which each word is a token and as rare as all others."""
    units = units_of(question)
    size = len(units.words)
    return weigh(units, np.arange(size, dtype=np.int32), np.full(size, 3.0, np.float32))


def compared(units: Units) -> Compared:
    return compare(asked(QUESTION), units, looks(units), Fits())


def known(text: str, score: float = 0.0) -> dict[str, float]:
    """Return what is known of the first place of a text in the passage."""
    units = units_of(PASSAGE)
    start = PASSAGE.index(text)
    first = int(np.searchsorted(units.start, start))
    last = int(np.searchsorted(units.end, start + len(text)))
    assert PASSAGE[units.start[first] : units.end[last]] == text
    spans = np.array([[first, last]], np.int32)
    row = known_of(units, compared(units), spans, np.array([score]))
    assert row.shape == (1, len(NAMES))
    return dict(zip(NAMES, row[0].tolist(), strict=True))


def test_a_whole_name() -> None:
    found = known("Karl Benz", 2.5)
    assert found["score"] == 2.5
    assert found["two_units"] == 1
    assert found["log_units"] == pytest.approx(np.log(2))
    assert found["asked_any"] == found["asked_share"] == found["asked_rarity"] == 0
    assert found["name_cut_behind"] == found["name_cut_before"] == 0
    assert found["mark_before"] == 1  # the text begins there
    assert found["small_behind"] == 1


def test_what_is_cut_is_told() -> None:
    assert known("Karl")["name_cut_behind"] == 1
    assert known("Benz")["name_cut_before"] == 0  # what opens a sentence says little
    assert known("(Baden")["odd_bracket"] == 1
    assert known("(Baden)")["odd_bracket"] == 0
    assert known("three")["figure_cut_behind"] == 1
    assert known("wheels")["figure_before"] == 1
    assert known("1885. It")["several_sentences"] == 1


def test_what_repeats_the_question_is_told() -> None:
    found = known("the first car")
    assert found["asked_all"] == found["asked_any"] == found["asked_share"] == 1
    assert found["asked_rarity"] == pytest.approx(0.6)  # two words of 3 nats, in tens
    assert found["asked_before"] == 1  # built
    assert found["begins_small"] == 1
    assert known("built the first car in 1885")["asked_share"] == pytest.approx(3 / 4)
    assert known("in")["nothing_told"] == 1


def test_a_span_does_not_depend_on_those_beside_it() -> None:
    units = units_of(PASSAGE)
    spans = np.array([[at, at + 2] for at in range(len(units.words) - 2)], np.int32)
    scores = np.arange(len(spans), dtype=np.float64)
    together = known_of(units, compared(units), spans, scores)
    for at in range(len(spans)):
        alone = known_of(units, compared(units), spans[at : at + 1], scores[at : at + 1])
        assert (alone[0] == together[at]).all()


def test_nothing_is_known_of_no_span() -> None:
    none = np.zeros((0, 2), np.int32)
    for text in (PASSAGE, ""):
        units = units_of(text)
        found = known_of(units, compared(units), none, np.zeros(0))
        assert found.shape == (0, len(NAMES))
        assert Worth({"score": 2.0}).of(found).shape == (0,)


def test_without_weights_a_span_is_worth_its_score() -> None:
    rows = np.arange(2.0 * len(NAMES)).reshape(2, -1)
    assert Worth().of(rows).tolist() == rows[:, 0].tolist()
    assert Worth({"log_units": 2.0}).of(rows).tolist() == (2 * rows[:, 4]).tolist()


def cases(number: int, seed: int) -> list[Case]:
    """Return questions whose right span is short and does not repeat the question, whatever its score."""
    chance = np.random.default_rng(seed)
    made = []
    for _ in range(number):
        rows = chance.normal(size=(30, len(NAMES)))
        wanted = rows[:, 0] - 3 * rows[:, NAMES.index("asked_share")] + chance.gumbel(size=30)
        made.append(Case(rows, np.arange(30) == int(wanted.argmax())))
    return made


def likelihood(worth: Worth, held: list[Case]) -> float:
    found = 0.0
    for each in held:
        scores = worth.of(each.known)
        found += float((scores - np.logaddexp.reduce(scores))[each.right].sum())
    return found / len(held)


def test_fitted_weights_make_right_spans_likelier_elsewhere_too() -> None:
    pytest.importorskip("torch", reason="the extra [model] is not installed")
    worth = fit_worth(cases(400, 1))
    assert list(worth.weights) == list(NAMES)
    assert worth.weights["score"] == pytest.approx(1.0, abs=0.3)
    assert worth.weights["asked_share"] == pytest.approx(-3.0, abs=0.6)
    assert likelihood(worth, cases(200, 2)) > likelihood(Worth(), cases(200, 2)) + 1
    assert fit_worth(cases(400, 1)) == worth
    assert fit_worth(cases(400, 1)[::-1]).weights == pytest.approx(worth.weights, abs=1e-3)


def test_what_teaches_nothing_leaves_the_score_alone() -> None:
    pytest.importorskip("torch", reason="the extra [model] is not installed")
    rows = np.ones((3, len(NAMES)))
    silent = [Case(rows, np.zeros(3, np.bool_)), Case(rows, np.ones(3, np.bool_))]
    assert fit_worth([]) == fit_worth(silent) == Worth()
    few = fit_worth(cases(2, 3)).weights  # two questions do not outweigh what is held before any
    assert few["score"] == pytest.approx(1.0, abs=0.2)
    assert all(abs(few[name]) < 0.5 for name in NAMES[1:])
