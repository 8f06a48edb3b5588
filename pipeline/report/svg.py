"""The drawings of the report: a flow with its branches to scale, and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.report.html import esc, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.report.flow import Flow, Step

_THINNEST: Final = 1.5


class Shape(NamedTuple):
    """Where a flow is drawn, in units of its view box: along the flow, and across it."""

    upright: bool  # from top to bottom, for a narrow screen
    along: float
    trunk: float  # all records, across
    head: float  # room before the first stage
    lane: float  # where branches end, across
    across: float


WIDE: Final = Shape(upright=False, along=1080, trunk=210, head=150, lane=262, across=0)
NARROW: Final = Shape(upright=True, along=0, trunk=118, head=44, lane=150, across=358)


class _Pen:
    """Writes ribbons in either direction: (a, c) is along and across."""

    def __init__(self, *, upright: bool) -> None:
        self.upright = upright

    def at(self, a: float, c: float) -> str:
        """Spell a point."""
        x, y = (c, a) if self.upright else (a, c)
        return f"{x:.1f} {y:.1f}"

    def ribbon(self, start: tuple[float, float, float], end: tuple[float, float, float]) -> str:
        """Return the path of a band from (a, c, width) to (a, c, width)."""
        (a0, c0, w0), (a1, c1, w1) = start, end
        mid = (a0 + a1) / 2
        return (
            f"M{self.at(a0, c0)}C{self.at(mid, c0)} {self.at(mid, c1)} {self.at(a1, c1)}"
            f"L{self.at(a1, c1 + w1)}C{self.at(mid, c1 + w1)} {self.at(mid, c0 + w0)} "
            f"{self.at(a0, c0 + w0)}Z"
        )


def sankey(flow: Flow, shape: Shape) -> str:
    """Draw the flow: bands of the sources, and at each stage that drops something a branch to scale."""
    steps = [step for step in flow.steps if step.lost]
    scale = shape.trunk / max(flow.read, 1)
    widest = max([step.lost * scale for step in steps], default=0.0)
    pitch = 92.0 if shape.upright else (shape.along - shape.head - 118) / max(len(steps), 1)
    pitch = min(pitch, 210.0)
    long = shape.head + pitch * len(steps) + (58 if shape.upright else 0)
    across = shape.across or shape.lane + max(widest, 40.0) + 8
    pen = _Pen(upright=shape.upright)
    drawn = [
        *_trunk(flow, steps, pen, shape, scale, pitch),
        *_branches(flow, steps, pen, shape, scale, pitch),
        *_ends(flow, shape, scale, shape.head + pitch * len(steps)),
    ]
    width, height = (across, long) if shape.upright else (shape.along, across)
    kind = "narrow" if shape.upright else "wide"
    told = f"{number(flow.read)} records read, {number(flow.kept)} kept; the table below says the same"
    return (
        f'<svg class="flow {kind}" viewBox="0 0 {width:.0f} {height:.0f}" role="group" '
        f'aria-label="{told}">{"".join(drawn)}</svg>'
    )


def _trunk(
    flow: Flow, steps: Sequence[Step], pen: _Pen, shape: Shape, scale: float, pitch: float
) -> list[str]:
    """Draw the bands of the sources, each thinner after every stage."""
    left = [read for _, _, read in flow.bands]
    paths: list[list[str]] = [[] for _ in left]
    a = shape.head
    stops: list[tuple[int, ...]] = [(0,) * len(left), *(step.bands for step in steps)]
    for at, lost in enumerate(stops):
        after = [n - gone for n, gone in zip(left, lost, strict=True)]
        begin = 0.0 if at == 0 else a
        end = shape.head if at == 0 else a + pitch * 0.45
        for band, (was, is_) in enumerate(zip(left, after, strict=True)):
            c0, c1 = (sum(each[:band]) * scale for each in (left, after))
            paths[band].append(pen.ribbon((begin, c0, was * scale), (end, c1, is_ * scale)))
            if at:
                tail = (a + pitch, c1, is_ * scale)
                paths[band].append(pen.ribbon((end, c1, is_ * scale), tail))
        left, a = after, (a if at == 0 else a + pitch)
    return [
        f'<path class="band s{colour}" d="{"".join(parts)}">'
        f"<title>{esc(title)}: {number(read)} records read, {number(is_)} kept</title></path>"
        for (title, colour, read), parts, is_ in zip(flow.bands, paths, left, strict=True)
        if read
    ]


def _branches(
    flow: Flow, steps: Sequence[Step], pen: _Pen, shape: Shape, scale: float, pitch: float
) -> list[str]:
    """Draw what leaves at each stage, with its label."""
    drawn = []
    for at, step in enumerate(steps):
        a, thick = shape.head + pitch * at, step.lost * scale
        start = (a, (step.entered - step.lost) * scale, thick)
        shown = max(thick, _THINNEST)
        end = (a + min(pitch * 0.45, 80.0), shape.lane, shown)
        share = percent(step.lost, flow.read)
        said = f"{step.label}: {number(step.lost)} of {number(flow.read)} records ({share})"
        reasons = "; ".join(f"{esc(reason)} {number(n)}" for reason, n in step.dropped[:4])
        more = f"; {len(step.dropped) - 4} more" if len(step.dropped) > 4 else ""  # noqa: PLR2004  as shown
        path = pen.ribbon((start[0], start[1], max(thick, 0.6)), end)
        drawn.append(
            f'<g class="drop" tabindex="0" role="img" aria-label="{said}">'
            f'<path d="{path}"/><title>{said}: {reasons}{more}</title>'
            f"{_label(step, share, end, shape)}</g>"
        )
    return drawn


def _label(step: Step, share: str, end: tuple[float, float, float], shape: Shape) -> str:
    """Set a stage's name and figures where its branch ends."""
    a, c, _ = end
    x, y = (c, a + 15) if shape.upright else (a + 8, c + 12)
    return (
        f'<text x="{x:.1f}" y="{y:.1f}"><tspan class="t1">{esc(step.label)}</tspan>'
        f'<tspan x="{x:.1f}" dy="16" class="t2">\u2212{number(step.lost)} \u00b7 {share}</tspan></text>'
    )


def _ends(flow: Flow, shape: Shape, scale: float, end: float) -> list[str]:
    """Set how many records came and how many stay."""
    kept = flow.kept * scale
    if shape.upright:
        places = ((shape.trunk + 10, 16.0), (max(kept + 10, 10.0), end + 4))
        anchors = ("start", "start")
    else:
        places = ((10.0, 22.0), (end + 10, 18.0))
        anchors = ("start", "start")
    style = ("inside", "") if not shape.upright else ("", "")
    return [
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{inner}">'
        f'<tspan class="big">{number(count)}</tspan>'
        f'<tspan x="{x:.1f}" dy="17" class="t2">{word}</tspan></text>'
        for (x, y), anchor, inner, count, word in zip(
            places, anchors, style, (flow.read, flow.kept), ("records read", "kept"), strict=True
        )
    ]


def columns(label: str, heads: Sequence[str], stacks: Sequence[Sequence[tuple[int, int, str]]]) -> str:
    """Draw columns, each a stack of (value, colour, what it is); `heads` stand below, as they fit."""
    most = max((sum(value for value, _, _ in stack) for stack in stacks), default=0) or 1
    drawn = []
    for at, stack in enumerate(stacks):
        top = 100.0
        for value, colour, told in stack:
            if value:
                high = 100 * value / most
                top -= high
                drawn.append(
                    f'<rect class="s{colour}" x="{at + 0.06:.2f}" y="{top:.3f}" width="0.88" '
                    f'height="{max(high, 0.5):.3f}"><title>{esc(told)}</title></rect>'
                )
    ticks = "".join(f"<span>{esc(head)}</span>" for head in heads)
    return (
        f'<div class="columns"><span class="top">{number(most)}</span>'
        f'<svg viewBox="0 0 {max(len(stacks), 1)} 100" preserveAspectRatio="none" role="img" '
        f'aria-label="{esc(label)}">{"".join(drawn)}</svg>'
        f'<div class="ticks" aria-hidden="true">{ticks}</div></div>'
    )
