"""The second opinion is py3langid's own, summed exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.event import install_recorder
from py3langid import langid

from filters import _second_opinion
from filters._second_opinion import known_labels, second_opinion

MODEL = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
WORDS = ["the mill ", "грай ", "moulin à eau ", "정미소 ", "水车 ", "1984 ", "\x00\xff", "ll"]


def by_definition(text: str) -> tuple[str, float] | None:
    """Sum the weights as the model's description says, in fractions of 1/512 and in any order."""
    rows = [row << 8 for row in MODEL.tk_row]
    counts = langid.visit_counts(MODEL.tk_nextmove, rows, MODEL.tk_output, text.encode())
    if counts is None:
        return None
    scores = np.rint(np.asarray(MODEL.nb_pc, np.float64) * 4096)
    for feature, count in counts.items():
        scores += round(math.log1p(count) * 4096) * MODEL.nb_ptc[feature].astype(np.float64)
    chances = np.exp((scores - scores.max()) / (4096 * math.sqrt(len(text.encode()))))
    shares: dict[str, float] = {}
    for label, chance in zip(MODEL.nb_classes, chances.tolist(), strict=True):
        shares[label] = shares.get(label, 0.0) + chance
    best = max(shares, key=shares.__getitem__)
    return best, shares[best] / sum(shares.values())


@given(st.lists(st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8")), max_size=30))
def test_it_is_the_sum_of_the_weights(pieces: list[str]) -> None:
    text = "".join(pieces)
    expected = by_definition(text)
    found = second_opinion(text)
    if expected is None:
        assert found == ("zxx", 0.0)
    else:
        assert found.label == expected[0]
        assert found.share == pytest.approx(expected[1])
        assert found.label in known_labels()


def test_a_long_text_is_read_so_far() -> None:
    assert second_opinion("the mill " * 910 + "정미소 " * 9000) == second_opinion(
        "the mill " * 910 + "정미소 "
    )


def test_warm_leaves_nothing_to_compile() -> None:
    _second_opinion.warm()
    with install_recorder("numba:compile") as compiled:
        second_opinion("The wheel turns slowly.")
    assert compiled.buffer == []
