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
    long = shape.head + pitch * len(steps) + (52 if shape.upright else 0)
    across = shape.across or shape.lane + max(widest, 40.0) + 8
    pen = _Pen(upright=shape.upright)
    drawn = [
        *_branches(flow, steps, pen, shape, scale, pitch),
        *_trunk(flow, steps, pen, shape, scale, pitch),
        *_ends(flow, shape, shape.head + pitch * len(steps)),
    ]
    width, height = (across, long) if shape.upright else (shape.along, across)
    kind = "narrow" if shape.upright else "wide"
    told = (
        f"{number(flow.read)} records read, {number(flow.kept)} kept; the table below says the same"
    )
    return (
        f'<svg class="flow {kind}" viewBox="0 0 {width:.0f} {height:.0f}" role="group" '
        f'aria-label="{told}">{"".join(drawn)}</svg>'
    )


def _stages(flow: Flow, steps: Sequence[Step]) -> Iterator[tuple[Step, list[int], list[int]]]:
    """Yield each stage with what each band brings into it and takes out of it."""
    left = [read for _, _, read in flow.bands]
    for step in steps:
        after = [n - gone for n, gone in zip(left, step.bands, strict=True)]
        yield step, left, after
        left = after


def _trunk(
    flow: Flow, steps: Sequence[Step], pen: _Pen, shape: Shape, scale: float, pitch: float
) -> list[str]:
    """Draw the bands of the sources: at a stage a band parts into what goes on and what leaves."""
    first = [read for _, _, read in flow.bands]
    kept = [read - sum(step.bands[at] for step in steps) for at, read in enumerate(first)]
    paths = [
        [pen.ribbon((0.0, c, n * scale), (shape.head, c, n * scale))]
        for c, n in zip(_starts(first, scale), first, strict=True)
    ]
    for at, (_, before, after) in enumerate(_stages(flow, steps)):
        a = shape.head + pitch * at
        begins, ends = _starts(before, scale), _starts(after, scale)
        for parts, c0, c1, n in zip(paths, begins, ends, after, strict=True):
            if not n:
                continue
            bent = (a + pitch * 0.45, c1, n * scale)
            parts.append(pen.ribbon((a, c0, n * scale), bent))
            parts.append(pen.ribbon(bent, (a + pitch, c1, n * scale)))
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
    flow: Flow, steps: Sequence[Step], pen: _Pen, shape: Shape, scale: float, pitch: float
) -> list[str]:
    """Draw what leaves at each stage, with its label."""
    drawn = []
    for at, (step, before, after) in enumerate(_stages(flow, steps)):
        a = shape.head + pitch * at
        end = (a + min(pitch * 0.45, 80.0), shape.lane)
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
            f"{_label(step, share, end, shape)}</g>"
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


def _label(step: Step, share: str, end: tuple[float, float], shape: Shape) -> str:
    """Set a stage's name and figures where its branch ends, and an area to point at: a branch may be thin."""
    a, c = end
    x, y = (c, a + 15) if shape.upright else (a + 8, c + 12)
    return (
        f'<rect class="hit" x="{x - 8:.1f}" y="{y - 16:.1f}" width="130" height="42"/>'
        f'<text x="{x:.1f}" y="{y:.1f}"><tspan class="t1">{esc(step.label)}</tspan>'
        f'<tspan x="{x:.1f}" dy="16" class="t2">\u2212{number(step.lost)} \u00b7 {share}</tspan></text>'
    )


def _ends(flow: Flow, shape: Shape, end: float) -> list[str]:
    """Set how many records came and how many stay."""
    inner = "" if shape.upright or not flow.read else "inside"
    first = (shape.trunk + 10, 16.0) if shape.upright else (10.0, 22.0)
    last = (0.0, end + 22) if shape.upright else (end + 10, 18.0)
    return [
        f'<text x="{x:.1f}" y="{y:.1f}" class="{style}"><tspan class="big">{number(count)}</tspan>'
        f'<tspan x="{x:.1f}" dy="17" class="t2">{word}</tspan></text>'
        for (x, y), style, count, word in (
            (first, inner, flow.read, "records read"),
            (last, "", flow.kept, "kept"),
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
