"""Windows put together for a network: by length, and when it answers always in the same few shapes.

A row's numbers may differ in the last digit with the shape of the batch that it is computed in, so that an answer
could depend on its neighbours. With as many rows as always, and a length out of a few, they do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np

from pipeline.qa.reader.packages import packages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from pipeline.qa.reader.inputs import Input

T = TypeVar("T")
ROWS: Final = 16  # of a batch that is answered
_STEP: Final = 32  # tokens: lengths of such batches are multiples
_POOL: Final = 2048  # windows among which those of like length are put together


class Batch(NamedTuple):
    """Tensors, or arrays where there are none, of shape (windows, tokens).

    `mask` is 0 for padding; answers may begin and end at `begins` and `ends`.
    """

    ids: Any
    types: Any
    mask: Any
    begins: Any
    ends: Any


class Targets(NamedTuple):
    """Which tokens begin and which end a right answer, of shape (windows, tokens)."""

    first: Any
    last: Any


def fill(inputs: Sequence[Input], length: int = 0, rows: int = 0) -> Batch:
    """Fill windows as arrays up to one length, at least `length`, and with empty ones to so many `rows`."""
    width = max(length, *(len(each.ids) for each in inputs))
    shape = (max(rows, len(inputs)), width)
    ids, types, mask = (np.zeros(shape, np.int64) for _ in range(3))
    begins, ends = (np.zeros(shape, np.bool_) for _ in range(2))
    mask[:, 0] = begins[:, 0] = ends[:, 0] = True  # attention to nothing at all is no number
    for row, each in enumerate(inputs):
        size = len(each.ids)
        ids[row, :size], types[row, :size], mask[row, :size] = each.ids, each.types, 1
        begins[row, :size], ends[row, :size] = each.begins, each.ends
    return Batch(ids, types, mask, begins, ends)


def collate(inputs: Sequence[Input], device: str, length: int = 0, rows: int = 0) -> Batch:
    """Fill windows as tensors on a device."""
    torch = packages().torch
    filled = fill(inputs, length, rows)
    return Batch(*(torch.from_numpy(each).to(device) for each in filled))


def in_shapes(
    inputs: Sequence[Input], run: Callable[[Sequence[Input], int], list[T]], rows: int = ROWS
) -> list[T]:
    """Run windows in batches of one shape for each length, and return what comes of each in their order.

    `run` gets at most so many `rows`, and the length that they are to be filled to.
    """
    found: dict[int, T] = {}
    order = sorted(range(len(inputs)), key=lambda each: len(inputs[each].ids))
    at = 0
    while at < len(order):
        length = padded(len(inputs[order[at]].ids))
        part = [each for each in order[at : at + rows] if len(inputs[each].ids) <= length]
        found |= zip(part, run([inputs[each] for each in part], length), strict=True)
        at += len(part)
    return [found[number] for number in range(len(inputs))]


def targets(inputs: Sequence[Input], width: int, device: str) -> Targets:
    """Mark the right answers; a window that holds none has `[CLS]`."""
    torch = packages().torch
    first, last = (np.zeros((len(inputs), width), np.bool_) for _ in range(2))
    for row, each in enumerate(inputs):
        for begin, end in each.spans or ((0, 0),):
            first[row, begin] = last[row, end] = True
    return Targets(*(torch.from_numpy(each).to(device) for each in (first, last)))


def padded(tokens: int) -> int:
    """Return the length that windows of so many tokens are answered at."""
    return -(-tokens // _STEP) * _STEP


def shuffled(lengths: Sequence[int], tokens: int, chance: Random) -> Iterator[list[int]]:
    """Yield batches of numbers of windows, all once in an order of chance, each of at most so many tokens with padding.

    Windows of like length go together within pools of chance, so that little is padded.
    """
    order = list(range(len(lengths)))
    chance.shuffle(order)
    for at in range(0, len(order), _POOL):
        batches = list(
            _cut(sorted(order[at : at + _POOL], key=lengths.__getitem__), lengths, tokens)
        )
        chance.shuffle(batches)
        yield from batches


def _cut(ordered: Sequence[int], lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    batch: list[int] = []
    for each in ordered:
        if batch and (len(batch) + 1) * lengths[each] > tokens:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch
