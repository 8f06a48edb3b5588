"""What the documents are: lengths, languages, clusters, domains, years; licences are beside."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from pipeline.report.html import (
    Cell,
    bars,
    code,
    counted,
    details,
    name,
    number,
    panel,
    percent,
    plural,
    section,
    size,
    sized,
    table,
)
from pipeline.report.licenses import licenses
from pipeline.report.svg import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manifests.figures import Figures, Share
    from pipeline.report.data import Facts

_SHOWN: Final = 12
_LISTED: Final = 150
_SIZES: Final = (
    (2, 2),
    (3, 3),
    (4, 4),
    (5, 9),
    (10, 19),
    (20, 49),
    (50, 99),
    (100, 999),
    (1000, 0),
)


def content(facts: Facts) -> str:
    """Make the sections on documents; a release of questions has licences only."""
    figures = facts.statistics.content
    if figures is None or not figures.total.documents:
        return licenses(facts)
    return "".join(
        (
            lengths(facts, figures),
            languages(figures),
            licenses(facts),
            duplicates(figures),
            origin(figures),
        )
    )


def lengths(facts: Facts, figures: Figures) -> str:
    """Draw how long documents are, by powers of two, with a colour for each source."""
    exponents = sorted({int(each) for found in figures.lengths.values() for each in found})
    span = range(exponents[0], exponents[-1] + 1)
    order = sorted(figures.lengths, key=lambda each: (facts.colours.get(each, 7), each))
    stacks = []
    for exponent in span:
        joined: Counter[int] = Counter()
        for source in order:
            joined[facts.colours.get(source, 7)] += figures.lengths[source].get(str(exponent), 0)
        told = {colour: _told(facts, colour, n, exponent) for colour, n in joined.items()}
        stacks.append([(n, colour, told[colour]) for colour, n in sorted(joined.items())])
    heads = [_power(each) if (each - span[0]) % 2 == 0 else "" for each in span]
    legend = "".join(
        f'<li><span class="dot s{colour}"></span>{name(title)}</li>'
        for title, colour in _legend(facts, order)
    )
    rows = [
        (
            Cell(f"{_power(e)} \u2013 {_power(e + 1)}", e),
            *(counted(figures.lengths[source].get(str(e), 0)) for source in order),
        )
        for e in span
    ]
    shown = table("Documents by bytes of text", ("bytes", *order), rows)
    return section(
        "lengths",
        "Length",
        "Documents by the bytes of their text in UTF-8; each column is twice as long as the one before.",
        panel(
            "Documents by length",
            f'<ul class="legend">{legend}</ul>',
            columns("Documents by length; the table below says the same", heads, stacks),
            details("Figures", shown),
        ),
    )


def _told(facts: Facts, colour: int, n: int, exponent: int) -> str:
    names = [source for source, own in facts.colours.items() if own == colour]
    who = names[0] if len(names) == 1 else f"{len(names)} more sources"
    return f"{who}: {plural(n, 'document')} of {_power(exponent)} to {_power(exponent + 1)}"


def _legend(facts: Facts, order: Iterable[str]) -> list[tuple[str, int]]:
    groups: dict[int, list[str]] = {}
    for source in order:
        groups.setdefault(facts.colours.get(source, 7), []).append(source)
    return [
        (found[0] if len(found) == 1 else f"{len(found)} more sources", colour)
        for colour, found in sorted(groups.items())
    ]


def _power(exponent: int) -> str:
    """Spell a power of two in binary units, as the columns are cut."""
    units = ("B", "KiB", "MiB", "GiB", "TiB")
    step = min(exponent // 10, len(units) - 1)
    return f"{1 << (exponent - 10 * step)} {units[step]}"


def languages(figures: Figures) -> str:
    """Show languages of code, markup and prose, and of the prose inside code."""
    prose = {key: share for key, share in figures.natural_languages.items() if key != "und"}
    parts = [panel("Languages", _shares(figures.languages, figures.total.bytes, "Language"))]
    if prose and prose != {key: figures.languages.get(key) for key in prose}:
        shown = _shares(figures.natural_languages, figures.total.bytes, "Natural language")
        parts.append(panel("Natural languages", shown))
    body = f'<div class="two">{"".join(parts)}</div>'
    lead = (
        "Programming and markup languages by GitHub Linguist\u2019s names, prose by ISO 639; "
        "<code>und</code> is what could not be told."
    )
    return section("languages", "Languages", lead, body)


def _shares(shares: Mapping[str, Share], total: int, head: str, *, coded: bool = False) -> str:
    """Draw the biggest shares and list all, as far as a page goes."""
    ranked = sorted(shares.items(), key=lambda item: (-item[1].bytes, item[0]))
    put = code if coded else name
    drawn = bars(
        head,
        (
            (
                put(key),
                share.bytes,
                f"{size(share.bytes)} \u00b7 {percent(share.bytes, total)}",
                "s0",
            )
            for key, share in ranked[:_SHOWN]
        ),
    )
    if len(ranked) <= _SHOWN // 2:
        return drawn
    rows = [
        (Cell(put(key), key), counted(share.documents), sized(share.bytes))
        for key, share in ranked[:_LISTED]
    ]
    beyond = len(ranked) - len(rows)
    more = f'<p class="none">{number(beyond)} more are in the index.</p>' if beyond > 0 else ""
    shown = table(
        f"{head}: documents and bytes of text", (head.lower(), "documents", "bytes"), rows
    )
    return drawn + details(f"All {number(len(ranked))}", shown + more)


def duplicates(figures: Figures) -> str:
    """Show how big clusters of duplicates are: each is one kept document and those that lost to it."""
    if not figures.clusters:
        return ""
    sizes = {int(each): n for each, n in figures.clusters.items()}
    clusters = sum(sizes.values())
    lost = sum((each - 1) * n for each, n in sizes.items())
    rows = []
    for low, high in _SIZES:
        n = sum(
            count for each, count in sizes.items() if each >= low and (each <= high or not high)
        )
        if n:
            title = number(low) if low == high else f"{number(low)}\u2013{number(high)}"
            rows.append((title if high else f"{number(low)} and more", n, number(n), "s0"))
    lead = (
        f"{plural(lost, 'document')} lost to {plural(clusters, 'survivor')}; "
        f"the largest cluster has {number(max(sizes))} members."
    )
    return section(
        "clusters",
        "Duplicates",
        lead,
        panel("Clusters by number of documents", bars("Clusters", rows)),
    )


def origin(figures: Figures) -> str:
    """Show domains and years, where records say them."""
    parts = []
    if figures.domains:
        heading = f"Domains ({number(figures.all_domains)})"
        parts.append(panel(heading, _shares(figures.domains, figures.total.bytes, "Domain")))
    known = {year: n for year, n in figures.years.items() if year}
    if known:
        span = [str(year) for year in range(int(min(known)), int(max(known)) + 1)][-60:]
        stacks = [
            [(known.get(year, 0), 0, f"{year}: {number(known.get(year, 0))}")] for year in span
        ]
        step = -(-len(span) // 8)
        heads = [year if at % step == 0 else "" for at, year in enumerate(span)]
        without = figures.years.get("", 0)
        note = (
            f'<p class="none">{plural(without, "document")} without a date.</p>' if without else ""
        )
        parts.append(panel("Year of creation", columns("Documents by year", heads, stacks), note))
    if not parts:
        return ""
    lead = "Registrable domains of the records\u2019 addresses, by bytes of text, and years of creation."
    return section(
        "origin", "Where from, and when", lead, f'<div class="two">{"".join(parts)}</div>'
    )
