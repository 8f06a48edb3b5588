"""The drawings of the page of scored answers: each a square of axes, with words large enough for a phone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.report.html import esc, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.qa.scored.confidence import Bin, Curve
    from pipeline.qa.scored.facts import Silence

STYLE: Final = """
.plot { display: block; width: 100%; max-width: 34rem; height: auto; font: 14px var(--sans); margin: 0 auto 1rem; }
.plot text { fill: var(--soft); font-variant-numeric: tabular-nums; } .plot .t1 { fill: var(--ink); }
.plot .grid { stroke: var(--line); fill: none; } .plot .ref { stroke: var(--soft); fill: none; stroke-dasharray: 5 4; }
.plot .l0, .plot .l1 { fill: none; stroke: var(--s0); stroke-width: 2; stroke-linejoin: round; }
.plot .l1 { stroke: var(--s1); } .plot .ci { stroke: var(--s0); stroke-width: 1.5; opacity: .75; }
.plot .dot0, .plot .dot1 { stroke: var(--card); stroke-width: 1.5; }
.plot .dot0 { fill: var(--s0); } .plot .dot1 { fill: var(--s1); }
.plot .band { fill: var(--s0); opacity: .16; } .plot .hit { fill: none; pointer-events: all; }
#scores th small { color: var(--soft); }
.legend .dash { width: 1.3em; border-top: 2px dashed var(--soft); align-self: center; }
"""
_WIDTH: Final = 440.0
_HEIGHT: Final = 384.0
_LEFT: Final = 50.0
_TOP: Final = 14.0
_SIDE: Final = 372.0  # of the axis to the right
_RISE: Final = 312.0  # of the axis upwards
_FEW: Final = 6  # lines of a grid, at most


class Axes(NamedTuple):
    """What is drawn on: the values at both ends of the axis to the right; the one upwards is 0 to 100 %."""

    left: float = 0.0
    right: float = 1.0

    def x(self, value: float) -> float:
        """Place a value to the right; what is beyond an end is at it."""
        share = (value - self.left) / (self.right - self.left)
        return _LEFT + _SIDE * min(max(share, 0.0), 1.0)

    def y(self, share: float) -> float:
        """Place a share, from 0 to 1."""
        return _TOP + _RISE * (1.0 - share)

    def at(self, value: float, share: float) -> str:
        """Spell a point."""
        return f"{self.x(value):.1f} {self.y(share):.1f}"

    def line(self, points: Iterable[tuple[float, float]], *, steps: bool = False) -> str:
        """Spell a path through points from left to right: of those at one pixel, the last."""
        kept: dict[int, tuple[float, float]] = {}
        for value, share in points:
            kept[round(self.x(value))] = (value, share)
        first, *rest = kept.values()
        told = [f"M{self.at(*first)}"]
        for value, share in rest:
            told.append(
                f"H{self.x(value):.1f}V{self.y(share):.1f}"
                if steps
                else f"L{self.at(value, share)}"
            )
        return "".join(told)


def reliability(found: Sequence[Bin]) -> str:
    """Draw for each bin what share of it is right, with its interval, against how sure the system was."""
    axes = Axes()
    drawn = [f'<path class="ref" d="M{axes.at(0, 0)}L{axes.at(1, 1)}"/>']
    for each in found:
        told = (
            f"{number(each.answers)} answers with a confidence of {each.confidence:.3f} on average:"
            f" {100 * each.exact:.1f} % are right (95 %: {100 * each.low:.1f} to {100 * each.high:.1f})"
        )
        x = axes.x(each.confidence)
        drawn.append(
            f'<g><title>{esc(told)}</title><path class="ci" d="M{axes.at(each.confidence, each.low)}'
            f'V{axes.y(each.high):.1f}M{x - 4:.1f} {axes.y(each.low):.1f}h8M{x - 4:.1f} {axes.y(each.high):.1f}h8"/>'
            f'<circle class="dot0" cx="{x:.1f}" cy="{axes.y(each.exact):.1f}" r="5.5"/>'
            f'<circle class="hit" cx="{x:.1f}" cy="{axes.y(each.exact):.1f}" r="12"/></g>'
        )
    label = "How often answers are right by confidence; the table beside it says the same"
    return _plot(axes, label, "confidence", "exact", drawn)


def coverage(curve: Curve) -> str:
    """Draw the precision of the answers by the share of questions that is answered, the surest first."""
    axes = Axes()
    points = [
        (each.answered / curve.total, each.exact / each.answered, each.f1 / each.answered)
        for each in curve.points
    ]
    right = points[-1][1]
    # no order is better than one with all that is right first
    ideal = ((at / _SIDE, min(1.0, right * _SIDE / max(at, 1))) for at in range(int(_SIDE) + 1))
    drawn = [
        f'<path class="ref" d="{axes.line(ideal)}"/>',
        f'<path class="ref" d="M{axes.at(0, right)}L{axes.at(1, right)}"/>',
        f'<path class="l1" d="{axes.line((at, f1) for at, _, f1 in points)}"/>',
        f'<path class="l0" d="{axes.line((at, exact) for at, exact, _ in points)}"/>',
        *_dots(axes, points[-1:]),
    ]
    label = "Precision by coverage; the table says the same of some points"
    return _plot(axes, label, "share of questions answered", "precision", drawn)


def _dots(axes: Axes, points: Iterable[tuple[float, float, float]]) -> Iterator[str]:
    for at, exact, f1 in points:
        for shown, style, name in ((f1, "dot1", "F1"), (exact, "dot0", "exact")):
            yield (
                f'<circle class="{style}" cx="{axes.x(at):.1f}" cy="{axes.y(shown):.1f}" r="5">'
                f"<title>{name} {100 * shown:.2f} % of {100 * at:.1f} % of the questions</title></circle>"
            )


def by_threshold(silence: Silence) -> str:
    """Draw both scores by threshold, the best of each marked, and the threshold that was held to."""
    points = silence.points
    first = points[1]["threshold"] if len(points) > 1 else 0.0
    last = points[-1]["threshold"]
    axes = (
        Axes() if first >= 0.0 and last <= 1.0 else Axes(first, last if last > first else first + 1)
    )
    drawn = []
    if axes.left <= silence.threshold <= axes.right:
        x = axes.x(silence.threshold)
        drawn.append(
            f'<path class="ref" d="M{x:.1f} {_TOP}V{_TOP + _RISE}"><title>held to</title></path>'
        )
    for name, style in (("f1", "l1"), ("exact", "l0")):
        path = axes.line(((each["threshold"], each[name] / 100) for each in points), steps=True)
        drawn.append(f'<path class="{style}" d="{path}H{_LEFT + _SIDE}"/>')
    for best, style, name in ((silence.f1, "dot1", "F1"), (silence.exact, "dot0", "exact")):
        drawn.append(
            f'<circle class="{style}" cx="{axes.x(best.threshold):.1f}" cy="{axes.y(best.score / 100):.1f}" r="6">'
            f"<title>best {name}: {best.score:.2f} at {best.threshold:.4g}</title></circle>"
        )
    label = "Scores by threshold; the table of figures has the best of each"
    return _plot(axes, label, "silent above these odds of no answer", "score", drawn)


def legend(*items: tuple[str, str]) -> str:
    """Set what the colours stand for: each item is a class, `dash` for a dashed line, and words."""
    told = "".join(
        f'<li><span class="{style if style == "dash" else f"dot {style}"}"></span>{esc(words)}</li>'
        for style, words in items
    )
    return f'<ul class="legend">{told}</ul>'


def _plot(axes: Axes, label: str, below: str, beside: str, drawn: Iterable[str]) -> str:
    """Set a drawing on its axes."""
    grid = []
    for at in range(0, 101, 20):
        y = axes.y(at / 100)
        grid.append(
            f'<path class="grid" d="M{_LEFT} {y:.1f}h{_SIDE}"/>'
            f'<text x="{_LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{at}</text>'
        )
    for value in _ticks(axes):
        x = axes.x(value)
        grid.append(
            f'<path class="grid" d="M{x:.1f} {_TOP}v{_RISE}"/>'
            f'<text x="{x:.1f}" y="{_TOP + _RISE + 20}" text-anchor="middle">{value:g}</text>'
        )
    middle = _TOP + _RISE / 2
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" aria-label="{esc(label)}">'
        f"{''.join(grid)}{''.join(drawn)}"
        f'<text class="t1" x="{_LEFT + _SIDE / 2}" y="{_TOP + _RISE + 46}" text-anchor="middle">{esc(below)}</text>'
        f'<text class="t1" transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{esc(beside)}, %</text>'
        "</svg>"
    )


def _ticks(axes: Axes) -> list[float]:
    """Return round values between the ends of the axis to the right."""
    rough = (axes.right - axes.left) / _FEW
    size = 10.0 ** math.floor(math.log10(rough))
    step = size * next(each for each in (1, 2, 5, 10) if each * size >= rough)
    first = math.ceil(axes.left / step)
    return [round(at * step, 10) for at in range(first, math.floor(axes.right / step + 1e-9) + 1)]
