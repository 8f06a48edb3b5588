"""The page about how a run went: when each worker did what, what each phase took, what was slow, what failed.

It is made of the event log and stands alone. It names hosts, so it stays in the work folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.report import head
from pipeline.report.html import (
    Cell,
    counted,
    esc,
    name,
    named,
    number,
    pairs,
    panel,
    percent,
    plural,
    section,
    size,
    sized,
    table,
    tiles,
)
from pipeline.report.script import SCRIPT
from pipeline.run_page.timeline import clock, lanes, timeline
from pipeline.watch.progress import spell

if TYPE_CHECKING:
    from pipeline.watch.run_log import RunLog, Span

_ROWS = 200  # workers in the table; the log has them all
_STYLE = """
.time { display: block; width: 100%; min-width: 44rem; height: auto; font: 12px var(--sans); }
.time text { fill: var(--ink); } .time .t1 { font-weight: 600; } .time .t2 { fill: var(--soft); }
.time .grid { stroke: var(--line); fill: none; } .time rect:hover, .time path:hover { filter: brightness(1.2); }
"""


def render(log: RunLog) -> bytes:
    """Make the page of a run that has ended."""
    title = esc(f"{log.about.get('name')} {log.about.get('version')}")
    body = (
        section(
            "time", "Time", _lead(log), _tiles(log), panel("Who did what, and when", timeline(log))
        ),
        section("phases", "Phases", "", panel("What each phase took", _phases(log))),
        section("workers", "Workers", "", panel("What each worker did", _workers(log))),
        section("tasks", "Tasks", "", panel("The slowest", _slowest(log)), _trouble(log)),
        section("run", "Run", "", panel("What was run", _about(log))),
    )
    return (
        f"{head(f'{title}, a run')}<body><style>{_STYLE}</style>"
        f'<a class="skip" href="#main">Skip to content</a><header class="top"><div class="in">'
        f'<p class="kicker">Run</p><h1>{title}</h1></div></header>'
        f'<main id="main"><div class="in">{"".join(body)}</div></main>'
        f"<script>{SCRIPT}</script></body></html>\n"
    ).encode()


def _lead(log: RunLog) -> str:
    end = log.end or {}
    outcome = esc(end.get("outcome", "stopped"))
    told = f"Began at {clock(log.began)}, {outcome} after {spell(log.last - log.began)}."
    problem = f" {esc(end['message'])}" if end.get("message") else ""
    return told + problem


def _tiles(log: RunLog) -> str:
    """Set the headline figures."""
    spans = log.spans
    done, found = sum(span.done for span in spans), sum(span.found for span in spans)
    cpu, busy = sum(span.cpu_seconds for span in spans), sum(span.seconds for span in spans)
    wall, slots = log.last - log.began, len(lanes(log.workers.values()))
    return tiles(
        [
            ("Time", spell(wall), f"{spell(cpu)} of processor time in tasks"),
            ("Tasks", number(done), f"{number(found)} had been done before"),
            (
                "Workers busy",
                percent(int(busy * 1000), int(wall * slots * 1000)),
                plural(slots, "worker"),
            ),
            ("Peak memory", f"{number(log.peak_mib)} MiB", "of the largest worker"),
        ]
    )


def _phases(log: RunLog) -> str:
    slots = len(lanes(log.workers.values()))
    head_ = (
        "phase",
        "tasks",
        "before",
        "seconds",
        "CPU s",
        "workers busy",
        "MB/s",
        "written",
        "peak MiB",
    )
    return table("Phases in their order", head_, [_phase(span, slots) for span in log.spans])


def _phase(span: Span, slots: int) -> list[Cell]:
    wall = span.ended - span.began
    share = span.seconds / (wall * slots) if wall * slots > 0 else 0.0
    turn = "" if span.turn == 1 else f" ({span.turn})"
    return [
        named(span.phase + turn),
        counted(span.total),
        counted(span.found),
        Cell(f"{wall:,.1f}", wall),
        Cell(f"{span.cpu_seconds:,.1f}", span.cpu_seconds),
        Cell(f"{100 * share:.0f} %", share),
        Cell(f"{span.rate / 1e6:,.1f}" if span.done_weight else "", span.rate),
        sized(span.bytes_out),
        counted(span.peak_mib),
    ]


def _workers(log: RunLog) -> str:
    ranked = sorted(log.workers.values(), key=lambda each: -each.seconds)
    rows = [
        [
            named(each.host),
            named(str(each.pid)),
            counted(each.tasks),
            Cell(f"{each.seconds:,.1f}", each.seconds),
            Cell(f"{each.rate / 1e6:,.1f}" if each.weight else "", each.rate),
            counted(each.peak_mib),
        ]
        for each in ranked[:_ROWS]
    ]
    if not rows:
        return '<p class="none">All had been done before.</p>'
    beyond = f", the {_ROWS} busiest of {number(len(ranked))}" if len(ranked) > _ROWS else ""
    head_ = ("host", "process", "tasks", "seconds in tasks", "MB/s", "peak MiB")
    return table(f"Processes that ran tasks{beyond}", head_, rows)


def _slowest(log: RunLog) -> str:
    rows = [
        [
            named(each.phase),
            named(each.name),
            Cell(f"{each.seconds:,.1f}", each.seconds),
            counted(each.peak_mib),
            named(f"{each.worker[0]}, {each.worker[1]}"),
        ]
        for each in sorted(log.slowest, reverse=True)
    ]
    if not rows:
        return '<p class="none">There are none.</p>'
    return table("The slowest tasks", ("phase", "task", "seconds", "peak MiB", "worker"), rows)


def _trouble(log: RunLog) -> str:
    """List what failed and what was warned of."""
    rows = [
        [named(each["phase"]), named(each["name"]), named(each["message"])]
        for each in log.failures[:_ROWS]
    ]
    failed = table("Tasks that failed", ("phase", "task", "problem"), rows) if rows else ""
    warned = "".join(f"<li>{name(each['message'])}</li>" for each in log.warnings)
    aside = f"<p>{plural(log.bad, 'bad record')} put aside.</p>" if log.bad else ""
    notes = f'<ul class="notes">{warned}</ul>' if warned else ""
    nothing = '<p class="none">Nothing failed.</p>'
    return panel("What went wrong", (failed + notes + aside) or nothing)


def _about(log: RunLog) -> str:
    about = log.about
    sizes = sum(span.weight for span in log.spans if span.phase in {"screen", "sign"})
    return pairs(
        [
            ("Command", f"<code>{esc(' '.join(about.get('command', ())))}</code>"),
            (
                "Executor",
                esc(f"{about.get('executor')}, {plural(about.get('workers', 0), 'worker')}"),
            ),
            ("Started on", esc(f"{about.get('host')}, process {about.get('pid')}")),
            ("Input", size(sizes)),
            (
                "Versions",
                esc(
                    f"gristmill {about.get('gristmill')}, Python {about.get('python')},"
                    f" Dask {about.get('dask')}"
                ),
            ),
            ("Code", f"<code>{esc(about.get('code', ''))}</code>"),
            ("Release", f"<code>{esc(log.release)}</code>" if log.release else "none"),
        ]
    )
