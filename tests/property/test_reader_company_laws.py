"""Laws of readers: neither order nor company changes an answer, and nothing is both learned from and held out."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.qa import Answer, Question
from pipeline.qa.baseline.calibration import Calibration, Steps
from pipeline.qa.baseline.cues import cue_of
from pipeline.qa.baseline.units import units_of
from pipeline.qa.reader.architecture import (
    FAMILIES,
    Dropout,
    Measure,
    has_types,
    make_config,
    make_net,
)
from pipeline.qa.reader.batches import padded, shuffled
from pipeline.qa.reader.fits import count_fits
from pipeline.qa.reader.hints import TYPES
from pipeline.qa.reader.inputs import Input, Reading
from pipeline.qa.reader.network import Network
from pipeline.qa.reader.plan import Plan
from pipeline.qa.reader.reader import Reader, Sureness
from pipeline.qa.reader.training import divide
from pipeline.qa.reader.worth import Worth
from tests.profiles import examples
from tests.reader_texts import ENGLISH, KOREAN, preparer, texts, tokenizer

pytest.importorskip("tokenizers", reason="the extra [tokenizers] is not installed")


@given(st.lists(st.integers(1, 600), max_size=300), st.integers(1, 2048), st.integers())
def test_every_window_is_learned_from_once(lengths: list[int], tokens: int, seed: int) -> None:
    made = list(shuffled(lengths, tokens, random.Random(seed)))
    assert sorted(each for batch in made for each in batch) == list(range(len(lengths)))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[each] for each in batch) <= tokens
    assert made == list(shuffled(lengths, tokens, random.Random(seed)))


@given(st.integers(1, 2000))
def test_a_window_is_answered_at_a_length_that_is_its_own(tokens: int) -> None:
    assert padded(tokens) >= tokens
    assert padded(padded(tokens)) == padded(tokens)
    assert len({padded(each) for each in range(padded(tokens) - 31, padded(tokens) + 1)}) == 1


@cache
def network(family: Any, width: int) -> Network:
    """A net of chance whose scores differ much from each other."""
    torch = pytest.importorskip("torch", reason="readers need gristmill[model]")
    torch.manual_seed(width)
    torch.set_num_threads(1)
    measure = Measure(1, width, 4, 2 * width + 4, width, width)
    known = tokenizer("korean").size
    net = make_net(make_config(family, measure, known, TYPES, Dropout()))
    with torch.no_grad():
        for each in net.parameters():
            each.add_(torch.randn_like(each) * 0.1)
    return Network(net, "cpu", typed=has_types(family))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("width", [16, 36, 64])
@examples(6)
@given(seed=st.integers(0, 1 << 30))
def test_scores_are_the_same_in_any_company(family: Any, width: int, seed: int) -> None:
    """Bit by bit: as many rows as always, and a length that the window alone decides."""
    given_to, chance = network(family, width), random.Random(seed)
    made = preparer("korean", Reading(way="passage", length=chance.choice((80, 130)), stride=8))
    windows = [
        each
        for _ in range(6)
        for each in made.inputs(_text(chance), _text(chance)[: chance.choice((0, 10, 100))])
    ]
    together = given_to.scores(windows)
    company = [chance.randrange(len(windows)) for _ in range(chance.randint(1, 40))]
    for at, other in zip(company, given_to.scores([windows[at] for at in company]), strict=True):
        assert together[at].first.tobytes() == other.first.tobytes()
        assert together[at].last.tobytes() == other.last.tobytes()
    assert len({each.first.tobytes() for each in together}) == len({_key(each) for each in windows})


def _key(window: Input) -> tuple[bytes, bytes]:
    return window.ids.tobytes(), window.types.tobytes()


def _text(chance: random.Random) -> str:
    words = f"{ENGLISH} {KOREAN}".split()
    return " ".join(chance.choices(words, k=chance.choice((1, 5, 30, 90))))


SURE = Sureness(
    Calibration(1.2, Steps((0.1, 0.3), (1 / 7, 0.9)), Steps((0.1, 0.3), (2 / 7, 0.9)), 50),
    Steps((0.3, 0.6), (28 / 31, 1.0)), 0.2, Worth({"score": 1.0, "log_units": -1.2, "asked_share": -0.7}),
)  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
@examples(6)
@given(seed=st.integers(0, 1 << 30))
def test_answers_are_the_same_in_any_order_and_company(family: Any, seed: int) -> None:
    chance = random.Random(seed)
    asked = [
        Question(id=str(at), question=_text(chance), context=_text(chance), group="", answers=())
        for at in range(12)
    ]
    asked.append(Question(id="blank", question="Who?", context=" ", group="", answers=()))

    def reader() -> Reader:
        return Reader(preparer("korean"), network(family, 36).scores, SURE)

    alone = {each.id: next(iter(reader().answers([each]))) for each in asked}
    some = chance.sample(asked, chance.randint(1, len(asked)))
    assert list(reader().answers(some)) == [alone[each.id] for each in some]
    assert alone["blank"].answer == ""
    for each in asked[:-1]:
        told = alone[each.id]
        assert 0 <= told.confidence <= 1
        assert 0 <= told.null_odds == round(told.null_odds, 6) <= 1  # as a threshold is chosen from
        for option in told.options:
            assert option.text == each.context[option.start : option.end]
        assert told.answer == told.options[0].text != ""


asked = st.builds(
    lambda number, context, group: Question(
        id=str(number), question="Who?", context=f"The mill {context}.", group=group,
        answers=(Answer("mill", 4, 8),),
    ),
    st.integers(), st.integers(0, 40), st.sampled_from(["", "Mill", "Weir", "Ada", *map(str, range(60))]),
)  # fmt: skip


@given(
    st.lists(asked, min_size=90, max_size=160, unique_by=lambda each: each.id),
    st.integers(0, 9),
    st.booleans(),
)
def test_no_article_is_learned_from_and_held_out(
    questions: list[Question], seed: int, alone: bool
) -> None:
    """Nor a context, where articles are too large or not named; the order does not matter."""
    if alone:
        questions = [msgspec.structs.replace(each, group=each.id) for each in questions]
    plan = Plan("electra", Measure(1, 8, 2, 8, 8), Reading(), 1.0, 0.1, seed=seed)
    given_ = divide(questions, plan)
    most = max(Counter(each.group for each in questions).values())
    named = all(each.group for each in questions)
    assert (given_.held_out_by == "group") is (named and most <= len(questions) // 10)
    sides = [{getattr(each, given_.held_out_by) for each in side} for side in given_[:2]]
    assert not sides[0] & sides[1]
    every = sorted(each.id for side in given_[:2] for each in side)
    assert every == sorted(each.id for each in questions)
    assert divide(questions[::-1], plan) == given_


@given(
    st.lists(st.tuples(texts, st.lists(st.integers(0, 8), min_size=1)), max_size=60), st.randoms()
)
def test_fits_are_of_known_looks_and_of_no_order(
    seen: list[tuple[str, list[int]]], chance: random.Random
) -> None:
    told = [(cue_of(units_of(text)), sorted(set(looks))) for text, looks in seen * 12]
    fits = count_fits(told)
    assert fits.is_sound()
    assert count_fits(chance.sample(told, len(told))) == fits
