"""The licences of a release: their classes, each with a colour, and their expressions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from pipeline.report.html import (
    Cell,
    bars,
    code,
    counted,
    details,
    esc,
    named,
    number,
    panel,
    percent,
    section,
    sized,
    table,
)

if TYPE_CHECKING:
    from pipeline.report.data import Facts

_SHOWN: Final = 12
_LISTED: Final = 150
_KINDS: Final = {
    "public-domain": "k-free",
    "permissive": "k-perm",
    "weak-copyleft": "k-weak",
    "strong-copyleft": "k-strong",
    "network-copyleft": "k-net",
    "source-available": "k-use",
    "non-commercial": "k-nc",
    "no-derivatives": "k-nc hatch",
    "proprietary": "k-prop",
    "unstated": "k-none hatch",
    "unknown": "k-none",
}


def licenses(facts: Facts) -> str:
    """Show licences and their classes, by records; questions count too."""
    counts: Counter[str] = Counter()
    for source in facts.manifest.sources:
        counts.update(source.licenses)
    if not counts:
        return ""
    total = counts.total()
    classes = facts.statistics.classes
    groups: Counter[str] = Counter()
    for each, n in counts.items():
        groups[classes.get(each, "unknown")] += n
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    drawn = bars(
        "Licences",
        (
            (code(each), n, f"{number(n)} \u00b7 {percent(n, total)}", kind(classes.get(each, "")))
            for each, n in ranked[:_SHOWN]
        ),
    )
    return section(
        "licenses",
        "Licences",
        "Every record bears a licence; LICENSES.md says what each asks for.",
        panel("Classes", *_classes(groups, total)),
        panel("Expressions", drawn, _license_table(facts, ranked) if len(ranked) > 1 else ""),
    )


def kind(license_class: str) -> str:
    """Return the colour of a class of licences."""
    return _KINDS.get(license_class, "k-none")


def _classes(groups: Counter[str], total: int) -> tuple[str, str]:
    order = [*(each for each in _KINDS if each in groups), *sorted(set(groups) - set(_KINDS))]
    parts = "".join(
        f'<span class="{kind(each)}" style="width:{100 * groups[each] / total:.3f}%" '
        f'data-tip="{esc(each)}: {number(groups[each])} records"></span>'
        for each in order
    )
    items = "".join(
        f'<li><span class="dot {kind(each)}"></span>{esc(each)} {number(groups[each])} '
        f"({percent(groups[each], total)})</li>"
        for each in order
    )
    return (
        f'<div class="stack" aria-hidden="true">{parts}</div>',
        f'<ul class="legend">{items}</ul>',
    )


def _license_table(facts: Facts, ranked: list[tuple[str, int]]) -> str:
    shares = {} if facts.statistics.content is None else facts.statistics.content.licenses
    classes = facts.statistics.classes
    rows = [
        (
            Cell(code(each), each),
            named(classes.get(each, "unknown")),
            counted(n),
            sized(shares[each].bytes) if each in shares else Cell("\u2013", 0),
        )
        for each, n in ranked[:_LISTED]
    ]
    shown = table("Licence expressions", ("expression", "class", "records", "text"), rows)
    beyond = len(ranked) - len(rows)
    more = f'<p class="none">{number(beyond)} more are in LICENSES.md.</p>' if beyond > 0 else ""
    return details(f"All {number(len(ranked))}", shown + more)
