"""The drawing of a run's time: what its driver did, and below it what each worker did."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.report.html import esc, number, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.watch.run_log import Ran, RunLog, Span, Worker

WIDTH: Final = 940.0  # units of the view box, of the time alone
_LEFT: Final = 150.0  # room for the names of workers
_LANE: Final = 18.0
_BAR: Final = 14.0
_TOP: Final = 26.0
_TICKS: Final = 8
_LANES: Final = 64  # more are told of, and not drawn
_FULL: Final = 16  # lanes, up to which every bar of some width is drawn by itself
_SLACK: Final = 0.05  # seconds: the log has thousandths, and machines have clocks of their own
_COLOURS: Final = 7  # then follows one for all other phases
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)


class Lane(NamedTuple):
    """A place where one worker runs at a time: one that died is followed by its successor."""

    host: str
    slot: int
    workers: tuple[tuple[str, int], ...]


class Scale(NamedTuple):
    """From times to units; `unit` is the least width that is told apart."""

    began: float
    seconds: float
    unit: float

    def x(self, at: float) -> float:
        """Return where a time lies."""
        return _LEFT + WIDTH * min(max((at - self.began) / self.seconds, 0.0), 1.0)


def lanes(workers: Iterable[Worker]) -> list[Lane]:
    """Give every worker a lane of its host, one that is free again if there is one."""
    found: list[Lane] = []
    hosts: dict[str, list[tuple[float, list[tuple[str, int]]]]] = defaultdict(list)
    for worker in sorted(workers, key=lambda each: (each.host, each.began, each.pid)):
        slots = hosts[worker.host]
        free = next(
            (n for n, (until, _) in enumerate(slots) if until - _SLACK <= worker.began), None
        )
        mine = [] if free is None else slots[free][1]
        mine.append((worker.host, worker.pid))
        if free is None:
            slots.append((worker.ended, mine))
        else:
            slots[free] = (worker.ended, mine)
    for host, slots in hosts.items():
        found += [Lane(host, n + 1, tuple(mine)) for n, (_, mine) in enumerate(slots)]
    return found


def colours(spans: Iterable[Span]) -> dict[str, int]:
    """Give the phases that take longest a colour each, and all others one."""
    times: dict[str, float] = defaultdict(float)
    for span in spans:
        times[span.phase] += span.ended - span.began
    ranked = sorted(times, key=lambda phase: -times[phase])
    return {phase: min(at, _COLOURS) for at, phase in enumerate(ranked)}


def legend(shades: dict[str, int]) -> str:
    """Say which colour is which phase."""
    items = [(shade, phase) for phase, shade in shades.items() if shade < _COLOURS]
    if len(shades) > len(items):
        items.append((_COLOURS, plural(len(shades) - len(items), "other phase")))
    dots = "".join(
        f'<li><span class="dot s{shade}"></span>{esc(told)}</li>' for shade, told in items
    )
    return f'<ul class="legend">{dots}</ul>'


def timeline(log: RunLog) -> str:
    """Draw the run."""
    every = lanes(log.workers.values())
    drawn = every[:_LANES]
    scale = Scale(log.began, max(log.last - log.began, 1e-3), max(1.0, len(drawn) / _FULL))
    shades = colours(log.spans)
    high = _TOP + _LANE * (len(drawn) + 1) + 6
    by_worker: dict[tuple[str, int], list[Ran]] = defaultdict(list)
    for ran in log.tasks:
        by_worker[ran.worker].append(ran)
    parts = [*_axis(scale, high), *_driver(log.spans, scale, shades)]
    for at, lane in enumerate(drawn):
        top = _TOP + _LANE * (at + 1)
        tasks = sorted(
            (ran for worker in lane.workers for ran in by_worker[worker]), key=lambda ran: ran.ended
        )
        parts.append(_name(lane, top))
        parts += _bars(tasks, top, scale, shades)
    beyond = len(every) - len(drawn)
    more = f"<p>{plural(beyond, 'more worker')} not drawn.</p>" if beyond else ""
    told = f"{plural(len(every), 'worker')} over {scale.seconds:.0f} seconds; the tables below say the same"
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Timeline">'
        f'<svg class="time" viewBox="0 0 {_LEFT + WIDTH + 10:.0f} {high:.0f}" role="group" '
        f'aria-label="{told}">{"".join(parts)}</svg></div>{legend(shades)}{more}'
    )


def _axis(scale: Scale, high: float) -> Iterator[str]:
    """Draw lines of time, with what they stand for above."""
    wanted = scale.seconds / _TICKS
    step = next((each for each in _STEPS if each >= wanted), math.ceil(wanted / 86400) * 86400)
    for number_ in range(int(scale.seconds // step) + 1):
        x = scale.x(scale.began + number_ * step)
        yield f'<path class="grid" d="M{x:.1f} {_TOP - 6:.0f}V{high:.0f}"/>'
        yield f'<text class="t2" x="{x:.1f}" y="12">{_after(number_ * step)}</text>'


def _after(seconds: int) -> str:
    """Spell a time since the beginning."""
    if seconds < 60:  # noqa: PLR2004  seconds
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02} h"
    return f"{minutes}:{rest:02} min" if rest else f"{minutes} min"


def _driver(spans: Sequence[Span], scale: Scale, shades: dict[str, int]) -> Iterator[str]:
    """Draw the phases one after the other."""
    yield f'<text class="t1" x="0" y="{_TOP + 12:.1f}">phases</text>'
    for span in spans:
        first, end = scale.x(span.began), scale.x(span.ended)
        told = f"{span.phase}: {plural(span.done, 'task')}, {span.ended - span.began:.1f} s"
        yield _bar(first, max(end - first, 0.5), _TOP, shades[span.phase], told)


def _name(lane: Lane, top: float) -> str:
    """Name a lane; the processes stand in the tip."""
    processes = ", ".join(str(pid) for _, pid in lane.workers)
    long = 15
    host = lane.host if len(lane.host) <= long else f"{lane.host[: long - 1]}\u2026"
    return (
        f'<text class="t2" x="0" y="{top + 12:.1f}">{esc(host)} #{lane.slot}'
        f"<title>{esc(lane.host)}, process {processes}</title></text>"
    )


def _bar(x: float, wide: float, top: float, shade: int, told: str) -> str:
    return (
        f'<rect class="s{shade}" x="{x:.1f}" y="{top:.0f}" width="{wide:.1f}" height="{_BAR:.0f}">'
        f"<title>{esc(told)}</title></rect>"
    )


def _bars(tasks: Iterable[Ran], top: float, scale: Scale, shades: dict[str, int]) -> Iterator[str]:
    """Draw the tasks of a lane: those of some width by themselves, all small ones of a phase as one path."""
    small: dict[str, list[list[float]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for ran in tasks:
        first, end = scale.x(ran.ended - ran.seconds), scale.x(ran.ended)
        if end - first >= 4 * scale.unit:
            told = f"{ran.phase} {ran.name}: {ran.seconds:.1f} s, {number(ran.peak_mib)} MiB"
            yield _bar(first, end - first - 0.4, top, shades.get(ran.phase, _COLOURS), told)
            continue
        counts[ran.phase] += 1
        blocks = small[ran.phase]
        if blocks and first - blocks[-1][1] <= scale.unit:
            blocks[-1][1] = max(blocks[-1][1], end)
        else:
            blocks.append([first, max(end, first + 0.5 * scale.unit)])
    for phase, blocks in small.items():
        path = "".join(
            f"M{first:.1f} {top:.0f}h{end - first:.1f}v{_BAR:.0f}h{first - end:.1f}z"
            for first, end in blocks
        )
        told = f"{phase}: {plural(counts[phase], 'short task')}"
        yield (
            f'<path class="s{shades.get(phase, _COLOURS)}" d="{path}">'
            f"<title>{esc(told)}</title></path>"
        )


def clock(at: float) -> str:
    """Spell a time of the day, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
