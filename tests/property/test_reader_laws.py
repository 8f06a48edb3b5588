"""Laws of readers: what a window holds, and which spans are considered."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from filters.qa import Answer
from pipeline.qa.baseline.decoding import CONSIDERED
from pipeline.qa.baseline.units import units_of
from pipeline.qa.reader import hints
from pipeline.qa.reader.decoding import consider
from pipeline.qa.reader.hints import TYPES
from pipeline.qa.reader.inputs import Input, Passage, Preparer, Reading
from pipeline.qa.reader.network import Scores
from pipeline.qa.windows import CLS, is_exact
from tests.reader_texts import ENGLISH, KINDS, KOREAN, kinds, preparer, readings, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

pytest.importorskip("tokenizers", reason="the extra [tokenizers] is not installed")


@given(kinds, texts, texts, readings)
@example("pieces", "   ", "who?", Reading())
@example("pieces", "The mill.", "  ", Reading())
@example("bytes", "\x1c", "\x1c", Reading())
@example("english", "", "", Reading())
@example("english", "\u200b\nThe mill burned down in 1848 .", "xyz", Reading(length=8, question=1))
def test_windows_hold_what_they_say(kind: str, text: str, question: str, reading: Reading) -> None:
    made = preparer(kind, reading)
    marks, passage = made.tokenizer.marks, made.passage(text)
    found = made.inputs(text, question)
    assert bool(found) == bool(len(passage.ids) and text.strip())
    asked = found[0].ids[1 : found[0].places.tolist().index(found[0].places.max())] if found else ()
    for each in found:
        assert len(each.ids) == len(each.types) == len(each.places) <= reading.length
        assert each.ids[CLS] == marks.cls
        inside = np.flatnonzero(each.places >= 0)
        assert inside.tolist() == list(range(inside[0], len(each.ids) - 1))
        assert each.ids[inside[0] - 1] == each.ids[-1] == marks.sep
        assert inside[0] - 2 <= reading.question
        assert (np.diff(each.places[inside]) > 0).all()
        assert (each.ids[inside] == passage.ids[each.places[inside]]).all()
        assert ((each.types >= 0) & (each.types < (TYPES if reading.hints else 2))).all()
    assert len({each.ids[: np.argmax(each.places >= 0)].tobytes() for each in found}) <= 1
    assert len(asked) <= reading.length


@given(kinds, texts, texts, readings)
def test_overlapping_windows_cover_the_passage(
    kind: str, text: str, question: str, reading: Reading
) -> None:
    assume(reading.way == "passage")
    made = preparer(kind, reading)
    found = made.inputs(text, question)
    held = [each.places[each.places >= 0].tolist() for each in found]
    if found:
        assert set().union(*held) == set(range(len(made.passage(text).ids)))
    for one, other in pairwise(held):
        assert len(set(one) & set(other)) == reading.stride
    assert all(np.array_equal(each, range(each[0], each[-1] + 1)) for each in held)


@given(kinds, texts, texts, readings)
@example("english", "\u200b\nThe mill burned down in 1848 .", "xyz", Reading(length=8, question=1))
def test_one_window_holds_the_best_sentences(
    kind: str, text: str, question: str, reading: Reading
) -> None:
    assume(reading.way == "sentences")
    made = preparer(kind, reading)
    passage, found = made.passage(text), made.inputs(text, question)
    assert len(found) <= 1
    for each in found:
        kept = each.places[each.places >= 0].tolist()
        room = reading.length - int(np.argmax(each.places >= 0)) - 1
        sentence = passage.units.sentence[passage.unit]
        ranks = _ranks(made, passage, question, reading)
        best = min(set(sentence.tolist()), key=lambda number: ranks[number])
        of_best = np.flatnonzero(sentence == best).tolist()
        assert set(kept) >= set(of_best[:room])
        for number in set(sentence[kept].tolist()) - {best}:
            assert set(kept) >= set(np.flatnonzero(sentence == number).tolist())


def _ranks(made: Preparer, passage: Passage, question: str, reading: Reading) -> Any:
    """Rank the sentences from nothing but the pair."""
    asked = made.tokenizer.encode(question)
    units = units_of(question)
    weights = np.zeros(len(units.words), np.float32)
    if len(units.words):
        begins = [max(sum(units.start <= start) - 1, 0) for start, _ in asked.offsets]
        for unit, token in list(zip(begins, asked.ids, strict=True))[: reading.question]:
            weights[unit] += made.rarity.nats()[token]
    plain = hints.weigh(units, np.zeros(0, np.int32), np.zeros(0, np.float32))
    dull = hints.weigh(units, np.arange(len(weights)), np.ones(len(weights), np.float32)).weights
    compared = hints.compare(
        plain._replace(weights=weights * dull), passage.units, passage.look, made.fits
    )
    return hints.hint(plain, passage.units, compared).ranks


@given(kinds, texts, texts, readings, st.data())
def test_answers_map_back_to_the_text(
    kind: str, text: str, question: str, reading: Reading, data: st.DataObject
) -> None:
    assume(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 20)))
    answer = Answer(text[start:end], start, end)
    made = preparer(kind, reading)
    passage = made.passage(text)
    offsets = [(one, other) for one, other in passage.offsets.tolist()]
    covered = {at for one, other in offsets for at in range(one, other)}
    found = made.inputs(text, question, (answer,))
    for each in found:
        for first, last in each.spans:
            tokens = int(each.places[first]), int(each.places[last])
            assert min(tokens) >= 0
            begin, stop = passage.span(*tokens)
            assert set(range(start, end)) & covered <= set(range(begin, stop))
            if is_exact(offsets, tokens, (start, end)):
                assert text[begin:stop] == answer.text
            if (begin, stop) == (start, end):
                assert is_exact(offsets, tokens, (start, end))
    long_enough = len(covered & set(range(start, end))) and reading.stride >= 4 * (end - start)
    if long_enough and reading.way == "passage" and text.strip():
        assert any(each.spans for each in found)
    for each in made.inputs(text, question, impossible=True):
        assert each.spans == ((CLS, CLS),)


@given(kinds, texts, texts, st.lists(st.tuples(texts, texts), max_size=5), readings)
def test_windows_depend_on_nothing_but_their_pair(
    kind: str, text: str, question: str, others: list[tuple[str, str]], reading: Reading
) -> None:
    alone, busy = preparer(kind, reading), preparer(kind, reading)
    for context, asked in others:
        busy.inputs(context, question)
        busy.inputs(text, asked)
    for one, other in zip(alone.inputs(text, question), busy.inputs(text, question), strict=True):
        assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["sentences", "passage"])
@pytest.mark.parametrize("hinted", [True, False])
def test_a_long_question_is_capped(kind: str, way: Any, hinted: bool) -> None:
    reading = Reading(way=way, length=384, hints=hinted)
    found = preparer(kind, reading).inputs(f"{ENGLISH} {KOREAN}" * 30, "mill " * 500)
    assert {int(np.argmax(each.places >= 0)) for each in found} == {64 + 2}
    assert all(len(each.ids) <= 384 for each in found)


def scored(windows: Sequence[Input], seed: int) -> list[Scores]:
    """Give windows scores that differ, so that no two spans are equally good."""
    chance = np.random.default_rng(seed)
    return [
        Scores(*(chance.normal(0, 3, len(each.ids)).astype(np.float32) for _ in range(2)))
        for each in windows
    ]


@given(kinds, texts, texts, readings, st.integers(0, 1 << 30), st.integers(1, 12))
def test_the_spans_considered_are_the_best_of_all(
    kind: str,
    text: str,
    question: str,
    reading: Reading,
    seed: int,
    longest: int,
) -> None:
    made = preparer(kind, reading)
    passage, windows = made.passage(text), made.inputs(text, question)
    scores = scored(windows, seed)
    found = consider(passage, windows, scores, longest)
    best: dict[tuple[int, int], float] = {}
    for window, each in zip(windows, scores, strict=True):
        every = _spans(passage, window, each, longest)
        for span in [one for one in every if _is_whole(passage, one)] or every:
            best[span] = max(best.get(span, -np.inf), float(every[span]))
    wanted = sorted(best, key=lambda span: (-best[span], span))[:CONSIDERED]
    assert [tuple(each) for each in found.tokens.tolist()] == wanted
    assert found.scores.tolist() == [best[each] for each in wanted]
    nulls = [float(each.first[CLS] + each.last[CLS]) for each in scores]
    assert found.null == min(nulls, default=np.inf)


def _spans(
    passage: Passage, window: Input, scores: Scores, longest: int
) -> dict[tuple[int, int], np.float32]:
    """Say what a span is, pair by pair: tokens that follow each other in the text."""
    found = {}
    for one in range(len(window.ids)):
        for other in range(one, min(one + longest, len(window.ids))):
            first, last = int(window.places[one]), int(window.places[other])
            if min(first, last) >= 0 and last - first == other - one:
                found[first, last] = scores.first[one] + scores.last[other]
    return found


def _is_whole(passage: Passage, span: tuple[int, int]) -> bool:
    start, end = passage.span(*span)
    return start in passage.units.start and end in passage.units.end
