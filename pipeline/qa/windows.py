"""The windows that an extractive reader sees: `[CLS] question [SEP] passage [SEP]`, with the answer's tokens.

As Devlin et al. 2019 (BERT) feed SQuAD: a passage that is too long is cut into windows that overlap, and
where a window does not hold the whole answer, or there is none, the answer is the first token, `[CLS]`.
Offsets are code points of the passage, end exclusive. No tokenizer is needed here, only what it gives.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]
CLS: Final = 0
"""The place of the first token: the answer where there is none."""
NOWHERE: Final = (0, 0)
"""The offset of a token that is none of the passage: empty."""
_AROUND: Final = 3  # [CLS] and two [SEP]


class Encoded(NamedTuple):
    """The tokens of a text: their ids, and where each stands in it."""

    ids: Sequence[int]
    offsets: Sequence[Span]


class Marks(NamedTuple):
    """The ids of the tokens that stand around question and passage."""

    cls: int
    sep: int


class Shape(NamedTuple):
    """How windows are cut: tokens of a window, tokens that neighbours share, tokens of a question at most."""

    length: int = 384
    stride: int = 128
    question: int = 64


class Window(NamedTuple):
    """One window; all sequences are of one length, which is the shape's at most (padding is the batch's).

    `types` is 0 for question and marks before the passage, 1 for the passage and its mark; `offsets` are
    `NOWHERE` but for the passage. `start` and `end` are the first and the last token of the answer, or
    `CLS`. `first` is the number of the passage's token that the window begins with.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    offsets: tuple[Span, ...]
    start: int
    end: int
    first: int


def answer_tokens(offsets: Sequence[Span], answer: Span) -> Span | None:
    """Return the first and the last token that an answer touches; `None` where it touches none."""
    first = bisect_right(offsets, answer[0], key=lambda each: each[1])
    last = bisect_left(offsets, answer[1], key=lambda each: each[0]) - 1
    return (first, last) if first <= last else None


def is_exact(offsets: Sequence[Span], tokens: Span, answer: Span) -> bool:
    """Tell whether the tokens of an answer begin and end where it does."""
    return (offsets[tokens[0]][0], offsets[tokens[1]][1]) == answer


def windows(
    question: Encoded, passage: Encoded, marks: Marks, shape: Shape, answer: Span | None = None
) -> list[Window]:
    """Cut a passage into windows, each with the whole question up to its cap.

    Raises:
        ValueError: the shape leaves no token of the passage beside those that neighbours share.
    """
    asked = tuple(question.ids[: shape.question])
    room = shape.length - len(asked) - _AROUND
    if room <= shape.stride or shape.stride < 0:
        raise ValueError(
            f"windows of {shape.length} tokens with {len(asked)} of the question cannot overlap by {shape.stride}"
        )
    place = None if answer is None else answer_tokens(passage.offsets, answer)
    return [
        _window(asked, passage, marks, first, min(first + room, len(passage.ids)), place)
        for first in starts(len(passage.ids), room, room - shape.stride)
    ]


def starts(tokens: int, room: int, step: int) -> range:
    """Return where the windows over so many tokens begin; the last is the first that reaches the end."""
    more = max(tokens - room, 0)
    return range(0, -(-more // step) * step + 1, step)


def _window(
    asked: tuple[int, ...], passage: Encoded, marks: Marks, first: int, end: int, place: Span | None
) -> Window:
    head = len(asked) + 2
    start = last = CLS
    if place is not None and first <= place[0] and place[1] < end:
        start, last = place[0] - first + head, place[1] - first + head
    return Window(
        ids=(marks.cls, *asked, marks.sep, *passage.ids[first:end], marks.sep),
        types=(0,) * head + (1,) * (end - first + 1),
        offsets=(NOWHERE,) * head + tuple(passage.offsets[first:end]) + (NOWHERE,),
        start=start,
        end=last,
        first=first,
    )
