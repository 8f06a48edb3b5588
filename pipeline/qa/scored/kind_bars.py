"""The scores of kinds of question: bars with intervals, and the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.report.html import Cell, counted, details, name, named, number, panel, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.qa.scored.kinds import Group, Kinds

STYLE: Final = """
.traits { columns: 2 26rem; column-gap: 1.1rem; } .traits .panel { break-inside: avoid; }
.kinds { display: grid; gap: .6rem; margin: 0 0 1rem; }
.kinds li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .8rem; font-size: .92rem; }
.kinds small { color: var(--soft); white-space: nowrap; }
.track { grid-column: 1 / -1; position: relative; height: .9rem; background: var(--wash); border-radius: 3px; }
.track span { position: absolute; border-radius: 3px; }
.track .f1 { top: .5rem; height: .4rem; left: 0; } .track .em { top: 0; height: .4rem; left: 0; }
.track .ci { top: .05rem; height: .3rem; border-radius: 0; border: solid var(--ink); border-width: 0 1.5px;
  background: linear-gradient(var(--ink), var(--ink)) center / 100% 1.5px no-repeat; }
"""


def kind_panels(found: Sequence[Kinds]) -> str:
    """Set a panel for each trait, in columns."""
    panels = "".join(
        panel(kinds.title, _group_bars(kinds), details("In figures", _group_table(kinds)))
        for kinds in found
    )
    return f'<div class="traits">{panels}</div>'


def _group_bars(kinds: Kinds) -> str:
    items = "".join(
        f'<li><span class="bl">{name(each.name)} <small>{number(each.questions)}</small></span>'
        f'<span class="bv">{100 * each.exact:.1f} \u00b7 {100 * each.f1:.1f}</span>'
        f'<span class="track"><span class="em s0" style="width:{100 * each.exact:.2f}%"></span>'
        f'<span class="f1 s1" style="width:{100 * each.f1:.2f}%"></span>'
        f'<span class="ci" style="left:{100 * each.low:.2f}%;width:{100 * (each.high - each.low):.2f}%">'
        "</span></span></li>"
        for each in kinds.groups
    )
    return f'<ul class="kinds">{items}</ul>'


def _group_table(kinds: Kinds) -> str:
    sure = any(each.confidence is not None for each in kinds.groups)
    heads = ["kind", "questions", "exact, %", "95 % from", "to", "F1, %"]
    rows = [[*_group_cells(each), *_sure_cell(each, sure=sure)] for each in kinds.groups]
    return table(
        f"Scores by {kinds.title.lower()}", [*heads, *(["confidence"] if sure else [])], rows
    )


def _group_cells(group: Group) -> Iterator[Cell]:
    yield named(group.name)
    yield counted(group.questions)
    for share in (group.exact, group.low, group.high, group.f1):
        yield Cell(f"{100 * share:.1f}", share)


def _sure_cell(group: Group, *, sure: bool) -> list[Cell]:
    if not sure:
        return []
    mean = group.confidence
    return [Cell("") if mean is None else Cell(f"{mean:.3f}", mean)]
