"""The figures as a page for people: bars on one scale by group and model, the table, and what it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.report import head
from pipeline.report.html import Cell, counted, esc, name, named, panel, section, table
from pipeline.report.script import SCRIPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.bpb.account import Account, Line

_STYLE: Final = """
.rates { display: block; width: 100%; max-width: 56rem; height: auto; font: 13px var(--sans); }
.rates text { fill: var(--ink); } .rates .t1 { font-weight: 600; } .rates .t2 { fill: var(--soft); }
.rates .grid { stroke: var(--line); }
"""
_COLOURS: Final = 8  # of the report
_WIDTH: Final = 760.0
_LEFT: Final = 160.0  # room for the names of models
_RIGHT: Final = 60.0  # room for the longest bar's value
_STEP: Final = 18.0  # from bar to bar
_GAP: Final = 34.0  # above the bars of a group, where its name stands
_LEAD: Final = (
    "How many bits a model needs for a byte of the documents that were held out: less is better understood. "
    "Bits of documents sum exactly to those of groups and of the whole."
)


def render(account: Account) -> bytes:
    """Make the page; it stands alone and fetches nothing."""
    title = esc(f"Bits per byte: {account.title}")
    lines = list(account.lines())
    notes = "".join(f"<li>{esc(note)}</li>" for note in account.notes())
    body = section(
        "rates",
        "Bits per byte",
        _LEAD,
        panel("By group and model", _chart(account.names, lines)),
        panel("In figures", _table(account, lines)),
        panel("What they depend on", f"<ul>{notes}</ul>"),
    )
    return (
        f"{head(title)}<body><style>{_STYLE}</style>"
        f'<a class="skip" href="#main">Skip to content</a><header class="top"><div class="in">'
        f'<p class="kicker">Bits per byte</p><h1>{name(account.title)}</h1></div></header>'
        f'<main id="main"><div class="in">{body}</div></main>'
        f"<script>{SCRIPT}</script></body></html>\n"
    ).encode()


def _chart(names: list[str], lines: list[Line]) -> str:
    """Draw a bar for each model in each line, all on one scale that begins at 0."""
    most = max((rate or 0.0 for line in lines for rate in line.rates), default=0.0) or 1.0
    scale = (_WIDTH - _LEFT - _RIGHT) / most
    height = len(lines) * (_GAP + _STEP * len(names)) + 8
    grid = "".join(
        f'<path class="grid" d="M{_LEFT + bits * scale:.1f} 0V{height:.0f}"/>'
        f'<text class="t2" x="{_LEFT + bits * scale:.1f}" y="12" text-anchor="middle">{bits}</text>'
        for bits in range(int(most) + 1)
    )
    drawn = "".join(each for at, line in enumerate(lines) for each in _bars(names, line, at, scale))
    return (
        f'<svg class="rates" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-label="Bits per byte by group and model; the table below says the same">{grid}{drawn}</svg>'
    )


def _bars(names: list[str], line: Line, at: int, scale: float) -> Iterator[str]:
    top = at * (_GAP + _STEP * len(names)) + _GAP
    yield f'<text class="t1" x="0" y="{top - 8:.1f}">{esc(line.name)}</text>'
    for row, (model, rate) in enumerate(zip(names, line.rates, strict=True)):
        y = top + row * _STEP
        yield f'<text class="t2" x="{_LEFT - 8}" y="{y + 12:.1f}" text-anchor="end">{esc(model)}</text>'
        if rate is not None:
            yield (
                f'<rect class="s{row % _COLOURS}" x="{_LEFT}" y="{y:.1f}" width="{rate * scale:.1f}" '
                f'height="{_STEP - 4}" rx="2"/>'
                f'<text x="{_LEFT + rate * scale + 6:.1f}" y="{y + 12:.1f}">{rate:.3f}</text>'
            )


def _table(account: Account, lines: list[Line]) -> str:
    heads = (account.measures.by, "documents", "bytes", *account.names)
    return table("Bits per byte by group and model", heads, [_row(line) for line in lines])


def _row(line: Line) -> list[Cell]:
    amounts = (
        [Cell(""), Cell("")]
        if line.amount is None
        else [counted(line.amount.documents), counted(line.amount.bytes)]
    )
    rates = [Cell("") if rate is None else Cell(f"{rate:.4f}", rate) for rate in line.rates]
    return [named(line.name), *amounts, *rates]
