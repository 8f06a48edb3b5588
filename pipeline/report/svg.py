"""The drawings of the report: a flow with its branches to scale, and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.report.html import esc, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.report.flow import Flow, Step

_THINNEST: Final = 1.5
_PARTED: Final = 12.0  # a branch that shows what it took of each source
_NAMED: Final = 4  # reasons in the tip of a branch
_FEW: Final = 6  # columns that are wide enough for any head
_LABEL: Final = 165.0  # room for the label of the last stage
_TIGHT: Final = 150.0  # stages as close as this have labels of more lines
_LINE: Final = 16
_STAGE: Final = 92.0  # from stage to stage in an upright flow
_BEND: Final = 85.0  # the longest bend, along


class Shape(NamedTuple):
    """Where a flow is drawn, in units of its view box: along the flow, and across it."""

    upright: bool  # from top to bottom, for a narrow screen
    along: float
    trunk: float  # all records, across
    lane: float  # where branches end, across
    across: float
    above: float  # room for figures before the trunk begins, across


WIDE: Final = Shape(upright=False, along=1080, trunk=210, lane=262, across=0, above=44)
NARROW: Final = Shape(upright=True, along=0, trunk=118, lane=150, across=358, above=0)


class Stops(NamedTuple):
    """Where along a flow the stages are, where it ends, and how long its bends are."""

    stages: tuple[float, ...]
    end: float
    bend: float
    tight: bool

    def after(self, at: int) -> float:
        """Return where what is left of a stage goes to."""
        return (*self.stages, self.end)[at + 1]


def stops(shape: Shape, count: int) -> Stops:
    """Spread stages over the whole drawing: half a step before the first, room for a label behind the last."""
    if shape.upright:
        stages = tuple(44 + _STAGE * at for at in range(count))
        return Stops(stages, 44 + _STAGE * count, _STAGE * 0.45, tight=False)
    tail = max(_LABEL, shape.along / (count + 1))
    pitch = (shape.along - tail) / max(count - 0.5, 0.5)
    stages = tuple(pitch * (at + 0.5) for at in range(count))
    bend = min(pitch * 0.45, _BEND)
    return Stops(stages, shape.along, bend, tight=count > 1 and pitch < _TIGHT)


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
    halts = stops(shape, len(steps))
    across = shape.across or shape.above + shape.lane + max(widest, 4.0 * _LINE) + 8
    pen = _Pen(upright=shape.upright)
    drawn = [
        *_branches(flow, steps, pen, shape, scale, halts),
        *_trunk(flow, steps, pen, scale, halts),
        *_ends(flow, shape, halts.end),
    ]
    width, height = (across, halts.end + 52) if shape.upright else (shape.along, across)
    kind = "narrow" if shape.upright else "wide"
    told = (
        f"{number(flow.read)} records read, {number(flow.kept)} kept; the table below says the same"
    )
    return (
        f'<svg class="flow {kind}" viewBox="0 {-shape.above:.0f} {width:.0f} {height:.0f}" role="group" '
        f'aria-label="{told}">{"".join(drawn)}</svg>'
    )


def _stages(flow: Flow, steps: Sequence[Step]) -> Iterator[tuple[Step, list[int], list[int]]]:
    """Yield each stage with what each band brings into it and takes out of it."""
    left = [read for _, _, read in flow.bands]
    for step in steps:
        after = [n - gone for n, gone in zip(left, step.bands, strict=True)]
        yield step, left, after
        left = after


def _trunk(flow: Flow, steps: Sequence[Step], pen: _Pen, scale: float, halts: Stops) -> list[str]:
    """Draw the bands of the sources: at a stage a band parts into what goes on and what leaves."""
    first = [read for _, _, read in flow.bands]
    kept = [read - sum(step.bands[at] for step in steps) for at, read in enumerate(first)]
    head = halts.after(-1)
    paths = [
        [pen.ribbon((0.0, c, n * scale), (head, c, n * scale))]
        for c, n in zip(_starts(first, scale), first, strict=True)
    ]
    for at, (_, before, after) in enumerate(_stages(flow, steps)):
        a = halts.stages[at]
        begins, ends = _starts(before, scale), _starts(after, scale)
        for parts, c0, c1, n in zip(paths, begins, ends, after, strict=True):
            if not n:
                continue
            bent = (a + halts.bend, c1, n * scale)
            parts.append(pen.ribbon((a, c0, n * scale), bent))
            parts.append(pen.ribbon(bent, (halts.after(at), c1, n * scale)))
    return [
        f'<path class="band s{colour}" d="{"".join(parts)}">'
        f"<title>{esc(title)}: {number(read)} records read, {number(n)} kept</title></path>"
        for (title, colour, read), parts, n in zip(flow.bands, paths, kept, strict=True)
        if read
    ]


def _starts(counts: Sequence[int], scale: float) -> list[float]:
    """Stack bands: where each begins, across."""
    return [sum(counts[:at]) * scale for at in range(len(counts))]


def _branches(
    flow: Flow, steps: Sequence[Step], pen: _Pen, shape: Shape, scale: float, halts: Stops
) -> list[str]:
    """Draw what leaves at each stage, with its label."""
    drawn = []
    for at, (step, before, after) in enumerate(_stages(flow, steps)):
        a = halts.stages[at]
        end = (a + halts.bend, shape.lane)
        share = percent(step.lost, flow.read)
        said = f"{step.label}: {number(step.lost)} of {number(flow.read)} records ({share})"
        reasons = "; ".join(f"{reason} {number(n)}" for reason, n in step.dropped[:_NAMED])
        beyond = len(step.dropped) - _NAMED
        more = f"; {beyond} more" if beyond > 0 else ""
        thick = step.lost * scale
        if thick < _PARTED:
            shown = max(thick, _THINNEST)
            begin = (a, sum(before) * scale - shown, shown)
            paths = f'<path d="{pen.ribbon(begin, (*end, shown))}"/>'
        else:
            paths = _parting(flow, pen, scale, a, end, before, after)
        drawn.append(
            f'<g class="drop" tabindex="0" role="img" aria-label="{esc(said)}">'
            f"{paths}<title>{esc(f'{said}: {reasons}{more}')}</title>"
            f"{_label(_lines(step, share, tight=halts.tight), end, shape)}</g>"
        )
    return drawn


def _parting(
    flow: Flow,
    pen: _Pen,
    scale: float,
    a: float,
    end: tuple[float, float],
    before: list[int],
    after: list[int],
) -> str:
    """Draw what leaves of each band, side by side where the branch ends."""
    lost = [was - is_ for was, is_ in zip(before, after, strict=True)]
    begins, ends = _starts(before, scale), _starts(lost, scale)
    drawn = []
    for (_, colour, _), c0, c1, n, gone in zip(flow.bands, begins, ends, after, lost, strict=True):
        if gone:
            start = (a, c0 + n * scale, gone * scale)
            path = pen.ribbon(start, (end[0], end[1] + c1, gone * scale))
            drawn.append(f'<path class="s{colour}" d="{path}"/>')
    return "".join(drawn)


def _lines(step: Step, share: str, *, tight: bool) -> list[tuple[str, str]]:
    """Return the lines of a stage's label with their classes: a word or a figure each where it is tight."""
    count = f"\u2212{number(step.lost)}"
    names = step.label.split() if tight else [step.label]
    figures = [count, share] if tight else [f"{count} \u00b7 {share}"]
    style = "t1 slim" if tight else "t1"
    return [*((esc(each), style) for each in names), *((each, "t2") for each in figures)]


def _label(lines: list[tuple[str, str]], end: tuple[float, float], shape: Shape) -> str:
    """Set a label where its branch ends, and an area to point at: a branch may be thin."""
    a, c = end
    x, y = (c, a + 15) if shape.upright else (a + 8, c + 12)
    told = "".join(
        f'<tspan x="{x:.1f}" dy="{_LINE if at else 0}" class="{style}">{text}</tspan>'
        for at, (text, style) in enumerate(lines)
    )
    high = _LINE * len(lines) + 10
    return (
        f'<rect class="hit" x="{x - 8:.1f}" y="{y - 16:.1f}" width="130" height="{high}"/>'
        f'<text x="{x:.1f}" y="{y:.1f}">{told}</text>'
    )


def _ends(flow: Flow, shape: Shape, end: float) -> list[str]:
    """Set how many records came and how many stay: beside the bands, never on them."""
    first = (shape.trunk + 10, 16.0) if shape.upright else (0.0, -24.0)
    last = (0.0, end + 22) if shape.upright else (end, -24.0)
    return [
        f'<text x="{x:.1f}" y="{y:.1f}" class="{style}"><tspan class="big">{number(count)}</tspan>'
        f'<tspan x="{x:.1f}" dy="17" class="t2">{word}</tspan></text>'
        for (x, y), style, count, word in (
            (first, "first", flow.read, "records read"),
            (last, "last", flow.kept, "kept"),
        )
    ]


def columns(
    label: str, heads: Sequence[str], stacks: Sequence[Sequence[tuple[int, int, str]]]
) -> str:
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
    ticks = "".join(_tick(at, len(heads), head) for at, head in enumerate(heads))
    return (
        f'<div class="columns"><span class="most">{number(most)}</span>'
        f'<svg viewBox="0 0 {max(len(stacks), 1)} 100" preserveAspectRatio="none" role="img" '
        f'aria-label="{esc(label)}">{"".join(drawn)}</svg>'
        f'<div class="ticks" aria-hidden="true">{ticks}</div></div>'
    )


def _tick(at: int, count: int, head: str) -> str:
    """Set what stands below a column: none at the far end, where it would run out, every other on a phone."""
    fits = head != "" and (count <= _FEW or at < count - 2)
    style = ' class="opt"' if count > _FEW and at % 4 else ""
    return f"<span{style}>{esc(head) if fits else ''}</span>"
