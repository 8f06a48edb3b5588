"""The elements of the report: whatever a name or a text holds, it comes out as text."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CONTROL: Final = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_REORDERS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
_THOUSAND: Final = 1000  # decimal units, as disks are sold
_LEAST_PERCENT: Final = 0.1
_TALL: Final = 15  # rows of a table that does not scroll by itself


class Cell(NamedTuple):
    """A cell of a table: its HTML, what it sorts by (a number is set to the right), a class."""

    html: str
    key: str | int | float = ""
    style: str = ""


def esc(text: str) -> str:
    """Escape a text for an element or a quoted attribute; control characters are shown as one sign.

    What embeds, overrides or isolates a direction (UAX #9, 2.1 to 2.5) is spelled as JSON does: what
    is read is then what the text holds, in its order.
    """
    told = _REORDERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return html.escape(_CONTROL.sub("\ufffd", told), quote=True)


def name(text: str) -> str:
    """Set a name that may run in any direction, so that it cannot reorder what stands around it."""
    return f"<bdi>{esc(text)}</bdi>"


def code(text: str) -> str:
    """Set an id, a licence, a path."""
    return f"<code><bdi>{esc(text)}</bdi></code>"


def number(value: int) -> str:
    """Spell a count."""
    return f"{value:,}"


def size(value: int) -> str:
    """Spell bytes in the largest decimal unit that leaves a whole part."""
    scaled, unit = float(value), 0
    while scaled >= _THOUSAND and unit + 1 < len(_UNITS):
        scaled, unit = scaled / _THOUSAND, unit + 1
    return f"{value} B" if unit == 0 else f"{scaled:.1f} {_UNITS[unit]}"


def percent(part: int, whole: int) -> str:
    """Spell a share; what is little is not said to be nothing."""
    share = 100 * part / whole if whole else 0.0
    if 0 < share < _LEAST_PERCENT:
        return "&lt;0.1 %"
    return f"{share:.1f} %"


def plural(count: int, one: str, many: str = "") -> str:
    """Spell a count with its noun."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def counted(value: int) -> Cell:
    """Make a cell of a count."""
    return Cell(number(value), value)


def sized(value: int) -> Cell:
    """Make a cell of a size."""
    return Cell(size(value), value)


def named(text: str) -> Cell:
    """Make a cell of a name."""
    return Cell(name(text), text)


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], foot: Sequence[Cell] = ()
) -> str:
    """Lay out a table that a script can sort; it scrolls by itself where it is too wide."""
    kept = [list(row) for row in rows]
    right = [
        any(isinstance(row[at].key, int | float) for row in kept if at < len(row))
        for at in range(len(head))
    ]
    cells = "".join(
        f'<th scope="col"{_right(flag)}>{esc(title)}</th>'
        for title, flag in zip(head, right, strict=True)
    )
    body = "".join(f"<tr>{_row(row)}</tr>" for row in kept)
    tall = " tall" if len(kept) > _TALL else ""
    rows_told = f" \u00b7 {number(len(kept))} rows" if tall else ""
    closing = f"<tfoot><tr>{_row(foot)}</tr></tfoot>" if foot else ""
    return (
        f'<div class="scroll{tall}" tabindex="0" role="region" aria-label="{esc(caption)}">'
        f'<table class="data"><caption>{esc(caption)}{rows_told}</caption><thead><tr>{cells}</tr></thead>'
        f"<tbody>{body}</tbody>{closing}</table></div>"
    )


def _right(flag: bool) -> str:
    return ' class="n"' if flag else ""


def _row(row: Sequence[Cell]) -> str:
    first, *rest = row
    return f'<th scope="row"{_key(first)}>{first.html}</th>' + "".join(
        f"<td{_key(cell)}>{cell.html}</td>" for cell in rest
    )


def _key(cell: Cell) -> str:
    if isinstance(cell.key, int | float):
        return f' class="{f"n {cell.style}".strip()}" data-k="{cell.key}"'
    return f' class="{cell.style}"' if cell.style else ""


def details(summary: str, body: str, *, opened: bool = False) -> str:
    """Fold something away; it prints open."""
    return f"<details{' open' if opened else ''}><summary>{summary}</summary>{body}</details>"


def section(anchor: str, title: str, lead: str, *body: str) -> str:
    """Make a section with its heading; `lead` and `body` are HTML."""
    first = f'<p class="lead">{lead}</p>' if lead else ""
    return (
        f'<section id="{anchor}" aria-labelledby="{anchor}-h">'
        f'<h2 id="{anchor}-h">{esc(title)}</h2>{first}{"".join(body)}</section>'
    )


def panel(title: str, *body: str) -> str:
    """Make a part of a section with a heading of its own."""
    return f'<div class="panel"><h3>{esc(title)}</h3>{"".join(body)}</div>'


def bars(label: str, rows: Iterable[tuple[str, int, str, str]]) -> str:
    """Draw a list of bars: each row is its label (HTML), value, spelt value (HTML) and colour class."""
    kept = list(rows)
    most = max((value for _, value, _, _ in kept), default=0) or 1
    items = "".join(
        f'<li><span class="bl">{head}</span><span class="bv">{spelt}</span>'
        f'<span class="bt"><span class="bf {colour}" style="width:{100 * value / most:.2f}%"></span>'
        "</span></li>"
        for head, value, spelt, colour in kept
    )
    return f'<ul class="bars" aria-label="{esc(label)}">{items}</ul>'


def tiles(figures: Iterable[tuple[str, str, str]]) -> str:
    """Set headline figures: each is its label, its value and a line about it (HTML)."""
    items = "".join(
        f'<div class="tile"><dt>{esc(label)}</dt><dd><b>{value}</b><small>{about}</small></dd></div>'
        for label, value, about in figures
    )
    return f'<dl class="tiles">{items}</dl>'


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Set a list of terms and what they are (HTML)."""
    items = "".join(f"<div><dt>{esc(term)}</dt><dd>{value}</dd></div>" for term, value in rows)
    return f'<dl class="facts">{items}</dl>'
