"""Areas in proportion to figures, as square as may be (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Box(NamedTuple):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


def squarify(values: Sequence[int], box: Box) -> list[Box]:
    """Cut `box` into one rectangle for each value, the values falling and positive."""
    placed: list[Box] = []
    rest, left = box, float(sum(values))
    at = 0
    while at < len(values):
        end = at + 1
        while end < len(values) and _worst(values[at : end + 1], rest, left) <= _worst(
            values[at:end], rest, left
        ):
            end += 1
        row = values[at:end]
        placed += _lay(row, rest, left)
        rest, left = _remaining(row, rest, left), left - sum(row)
        at = end
    return placed


def _worst(row: Sequence[int], box: Box, total: float) -> float:
    """Return the worst ratio of sides in a row along the shorter side of the box."""
    short, long = sorted((box.width, box.height))
    deep = long * sum(row) / total
    if deep <= 0 or short <= 0:
        return 1.0
    sides = [short * value / sum(row) for value in row]
    return max(max(deep / side, side / deep) if side > 0 else 1e9 for side in sides)


def _lay(row: Sequence[int], box: Box, total: float) -> list[Box]:
    placed, share = [], sum(row) / total
    x, y = box.x, box.y
    for value in row:
        part = value / sum(row)
        if box.width >= box.height:
            one = Box(x, y, box.width * share, box.height * part)
            y += one.height
        else:
            one = Box(x, y, box.width * part, box.height * share)
            x += one.width
        placed.append(one)
    return placed


def _remaining(row: Sequence[int], box: Box, total: float) -> Box:
    share = sum(row) / total
    if box.width >= box.height:
        used = box.width * share
        return Box(box.x + used, box.y, box.width - used, box.height)
    used = box.height * share
    return Box(box.x, box.y + used, box.width, box.height - used)
