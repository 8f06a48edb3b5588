"""The way of the records through the stages, drawn and tabulated; the two say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.report.flow import Flow, Step, flow_of
from pipeline.report.html import (
    Cell,
    code,
    counted,
    details,
    esc,
    name,
    named,
    number,
    panel,
    percent,
    plural,
    section,
    table,
)
from pipeline.report.svg import NARROW, WIDE, sankey

if TYPE_CHECKING:
    from pipeline.report.data import Facts

_REASONS: Final = 100
_SOURCES: Final = 60


def journey(facts: Facts) -> str:
    """Make the section on what became of the records."""
    flow = flow_of(facts.manifest, facts.statistics.sources, facts.colours)
    lost = flow.read - flow.kept
    lead = (
        f"{plural(flow.read, 'record')} read, {number(lost)} left out, {number(flow.kept)} kept. "
        "The ledger has a row for every one, with its reason."
    )
    drawn = (legend(flow), sankey(flow, WIDE), sankey(flow, NARROW)) if lost else ()
    idle = [step.label for step in flow.steps if not step.lost]
    quiet = f'<p class="none">Nothing was left out at: {esc(", ".join(idle))}.</p>' if idle else ""
    return section(
        "flow",
        "From read to kept",
        lead,
        panel(
            "What each stage left out",
            *drawn,
            quiet,
            _stages(flow),
        ),
        panel("Why", _reasons(flow)) if lost else "",
        _by_source(facts, flow) if lost else "",
    )


def legend(flow: Flow) -> str:
    """Name the colours of the bands."""
    if len(flow.bands) < 2:  # noqa: PLR2004  one colour needs no legend
        return ""
    items = "".join(
        f'<li><span class="dot s{colour}"></span>{name(title)}</li>'
        for title, colour, _ in flow.bands
    )
    return f'<ul class="legend">{items}</ul>'


def _stages(flow: Flow) -> str:
    """Tabulate the drawing."""
    rows = [
        (
            Cell(esc(step.label), step.label),
            counted(step.entered),
            counted(step.lost),
            Cell(percent(step.lost, flow.read), step.lost),
            counted(step.entered - step.lost),
        )
        for step in flow.steps
    ]
    lost = flow.read - flow.kept
    foot = (
        Cell("all stages"),
        counted(flow.read),
        counted(lost),
        Cell(percent(lost, flow.read), lost),
        counted(flow.kept),
    )
    head = ("stage", "in", "left out", "of read", "on")
    return table("Stages in their order: in = left out + on", head, rows, foot)


def _reasons(flow: Flow) -> str:
    """List reasons, most frequent first; what is beyond the list is one row, so that it adds up."""
    every = [(step, reason, n) for step in flow.steps for reason, n in step.dropped]
    every.sort(key=lambda row: (-row[2], row[0].stage, row[1]))
    rows = [_reason(flow, *row) for row in every[:_REASONS]]
    rest = sum(n for _, _, n in every[_REASONS:])
    if rest:
        title = f"{number(len(every) - _REASONS)} more reasons"
        rows.append(
            (Cell(title, title), Cell(""), counted(rest), Cell(percent(rest, flow.read), rest))
        )
    return table("Reasons", ("reason", "stage", "records", "of read"), rows)


def _reason(flow: Flow, step: Step, reason: str, n: int) -> tuple[Cell, ...]:
    share = Cell(percent(n, flow.read), n)
    return Cell(code(reason), reason), Cell(esc(step.label), step.label), counted(n), share


def _by_source(facts: Facts, flow: Flow) -> str:
    """Tabulate sources by stages, as far as the statistics go."""
    sources = facts.statistics.sources
    if not sources:
        return ""
    shown = [step for step in flow.steps if step.lost]
    rows = [
        (
            named(each.name),
            counted(each.read),
            *(counted(sum(each.dropped.get(step.stage, {}).values())) for step in shown),
            counted(each.kept),
        )
        for each in sorted(sources, key=lambda each: (-each.read, each.name))
    ]
    head = ("source", "read", *(step.label.lower() for step in shown), "kept")
    body = table("Records read, left out by stage, kept", head, rows)
    if len(rows) > _SOURCES:
        body = details(f"All {number(len(rows))}", body)
    return panel("By source", body)
