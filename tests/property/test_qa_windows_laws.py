"""Windows hold every token of a passage, overlap as told, and say where the answer is or that it is not there."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.qa.windows import (
    CLS,
    NOWHERE,
    Encoded,
    Marks,
    Shape,
    answer_tokens,
    is_exact,
    starts,
    windows,
)

MARKS = Marks(cls=1, sep=2)


@st.composite
def passages(draw: st.DrawFn) -> Encoded:
    """Tokens with gaps between them, as blanks leave them."""
    offsets, at = [], 0
    for _ in range(draw(st.integers(0, 60))):
        at += draw(st.integers(0, 2))
        end = at + draw(st.integers(1, 3))
        offsets.append((at, end))
        at = end
    return Encoded(tuple(range(100, 100 + len(offsets))), tuple(offsets))


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    question = draw(st.integers(0, 5))
    stride = draw(st.integers(0, 6))
    return Shape(question + 3 + stride + draw(st.integers(1, 12)), stride, question)


questions = st.integers(0, 10).map(lambda n: Encoded(tuple(range(10, 10 + n)), ((0, 1),) * n))


@st.composite
def answers(draw: st.DrawFn, passage: Encoded) -> tuple[int, int] | None:
    if not passage.ids or draw(st.booleans()):
        return None
    last = passage.offsets[-1][1]
    start = draw(st.integers(0, last - 1))
    return start, draw(st.integers(start + 1, last))


@given(questions, passages(), shapes(), st.data())
def test_every_token_is_in_some_window_and_neighbours_share_the_stride(
    question: Encoded, passage: Encoded, shape: Shape, data: st.DataObject
) -> None:
    made = windows(question, passage, MARKS, shape, data.draw(answers(passage)))
    head = min(len(question.ids), shape.question) + 2
    covered: set[int] = set()
    for each in made:
        count = len(each.ids) - head - 1
        assert len(each.ids) == len(each.types) == len(each.offsets) <= shape.length
        assert each.ids == (
            MARKS.cls, *question.ids[: shape.question], MARKS.sep,
            *passage.ids[each.first : each.first + count], MARKS.sep,
        )  # fmt: skip
        assert each.types == (0,) * head + (1,) * (count + 1)
        assert each.offsets[head:-1] == passage.offsets[each.first : each.first + count]
        assert {*each.offsets[:head], each.offsets[-1]} == {NOWHERE}
        covered |= set(range(each.first, each.first + count))
    assert covered == set(range(len(passage.ids)))
    for one, other in pairwise(made):
        assert one.first + len(one.ids) - head - 1 - other.first == shape.stride
        assert len(one.ids) == shape.length


@given(questions, passages(), shapes(), st.data())
def test_the_answer_s_tokens_are_those_that_it_touches_or_the_first_token_stands_for_none(
    question: Encoded, passage: Encoded, shape: Shape, data: st.DataObject
) -> None:
    answer = data.draw(answers(passage))
    touched = [
        number
        for number, (start, end) in enumerate(passage.offsets)
        if answer is not None and start < answer[1] and answer[0] < end
    ]
    place = None if answer is None else answer_tokens(passage.offsets, answer)
    assert place == ((touched[0], touched[-1]) if touched else None)
    for each in windows(question, passage, MARKS, shape, answer):
        ids = {passage.ids[number] for number in touched}
        if each.start == CLS:
            assert each.end == CLS
            assert not ids or not ids <= set(each.ids)
        else:
            assert set(each.ids[each.start : each.end + 1]) == ids
            assert each.types[each.start] == each.types[each.end] == 1
            assert answer is not None
            low, high = each.offsets[each.start][0], each.offsets[each.end][1]
            assert is_exact(passage.offsets, (touched[0], touched[-1]), answer) == (answer == (low, high))  # fmt: skip


@given(st.integers(0, 500), st.integers(1, 50), st.integers(1, 50))
def test_the_last_window_is_the_first_that_reaches_the_end(
    tokens: int, room: int, step: int
) -> None:
    found = list(starts(tokens, room, min(step, room)))
    assert found[0] == 0
    assert found[-1] + room >= tokens
    assert all(start + room < tokens for start in found[:-1])


def test_an_answer_as_long_as_what_is_shared_is_whole_somewhere() -> None:
    passage = Encoded(tuple(range(1000)), tuple((n, n + 1) for n in range(1000)))
    question = Encoded((7,) * 100, ((0, 1),) * 100)
    for start in range(1000 - 128):
        made = windows(question, passage, MARKS, Shape(), (start, start + 128))
        assert any(each.start > CLS for each in made), start
    assert all(len(each.ids) <= 384 for each in made)


@pytest.mark.parametrize("shape", [Shape(384, 320, 64), Shape(10, 0, 10), Shape(20, -1, 4)])
def test_a_shape_without_room_is_refused(shape: Shape) -> None:
    question = Encoded((7,) * 100, ((0, 1),) * 100)
    with pytest.raises(ValueError, match="cannot overlap"):
        windows(question, Encoded((1,), ((0, 1),)), MARKS, shape)
