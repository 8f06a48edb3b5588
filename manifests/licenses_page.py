"""LICENSES.md: every licence of a release, what it asks, its text, and what could not be combined.

From figures alone: what a licence is and which texts there are is looked up elsewhere. No text of a
document goes into it, and no date: equal releases have equal pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from manifests.attribution import Work, attribution
from manifests.markdown import code, number, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMPATIBILITY: Final = "compliance/license-compatibility.json"
REVIEW: Final = "compliance/license-review.jsonl"
_PAIRS_SHOWN: Final = 40
_OUTBOUND_SHOWN: Final = 12


class Held(NamedTuple):
    """An expression of the release: its class, what it asks, and documents by source."""

    expression: str
    license_class: str
    attributes: tuple[str, ...]
    documents: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """Return the documents of all sources."""
        return sum(count for _, count in self.documents)


class Single(NamedTuple):
    """A licence or exception that expressions name; `path` and `sha256` are `""` where no text is known.

    `kind` is `licence`, `exception` or, for an id that is not on the SPDX list, `reference`.
    """

    id: str
    kind: str
    name: str
    link: str
    documents: int
    path: str
    sha256: str


class Pair(NamedTuple):
    """Two expressions that cannot simply be combined; the documents of the rarer one."""

    left: str
    right: str
    verdict: str
    documents: int


class Combining(NamedTuple):
    """Whether the licences could go into one work, by the facts of `source`.

    `compared` of the `expressions` are in it; `unlisted` are those that the facts do not know,
    `outbound` the licences that a work made of everything could bear, `yes` or `check`.
    """

    source: str
    compared: int
    expressions: int
    pairs: tuple[Pair, ...]
    outbound: tuple[tuple[str, str], ...]
    unlisted: tuple[tuple[str, int], ...]


class Page(NamedTuple):
    """All that LICENSES.md is made of."""

    name: str
    version: str
    held: tuple[Held, ...]
    singles: tuple[Single, ...]
    works: tuple[Work, ...]
    combining: Combining
    review: tuple[tuple[str, int], ...]  # reason to documents
    packages: tuple[tuple[str, str], ...]  # what the texts come from


def licenses_md(page: Page) -> str:
    """Return LICENSES.md; the order in which figures are given does not matter."""
    sections = (
        f"# Licences of {page.name} {page.version}",
        _INTRODUCTION,
        "## Expressions",
        _expressions(page.held),
        *_by_source(page.held),
        "## Licences and their texts",
        *_texts(page),
        "## Attribution",
        *attribution(page.works),
        "## Compatibility",
        *_compatibility(page.combining),
        "## Review",
        *_review(page.review),
    )
    return "\n\n".join(sections) + "\n"


def _expressions(held: tuple[Held, ...]) -> str:
    """One row an expression, the commonest first."""
    ranked = sorted(held, key=lambda each: (-each.total, each.expression))
    cells = (
        (
            code(each.expression),
            each.license_class,
            ", ".join(each.attributes),
            number(each.total),
            ", ".join(sorted(source for source, _ in each.documents)),
        )
        for each in ranked
    )
    return table(("licence", "class", "asks and grants", "documents", "sources"), cells)


def _by_source(held: tuple[Held, ...]) -> Iterator[str]:
    """One table a source."""
    rows = [
        (source, -count, each.expression, each.license_class)
        for each in held
        for source, count in each.documents
    ]
    for name in sorted({source for source, *_ in rows}):
        own = sorted(row[1:] for row in rows if row[0] == name)
        yield f"### {name}"
        cells = ((code(expression), kind, number(-count)) for count, expression, kind in own)
        yield table(("licence", "class", "documents"), cells)


def _texts(page: Page) -> Iterator[str]:
    """List the single licences, those with a text first."""
    packages = " and ".join(f"{name} {version}" for name, version in sorted(page.packages))
    yield _TEXTS.format(packages=packages)
    with_text = sorted((each for each in page.singles if each.path), key=_by_number)
    without = sorted((each for each in page.singles if not each.path), key=_by_number)
    if with_text:
        cells = ((*_single(each), code(each.path), code(each.sha256)) for each in with_text)
        yield table(("id", "name", "documents", "text", "SHA-256 of the text"), cells)
    if without:
        yield _WITHOUT_TEXT
        yield table(("id", "kind", "documents"), (_reference(each) for each in without))


def _by_number(single: Single) -> tuple[int, str]:
    return -single.documents, single.id


def _single(each: Single) -> tuple[str, str, str]:
    return f"[{code(each.id)}]({each.link})", each.name, number(each.documents)


def _reference(each: Single) -> tuple[str, str, str]:
    shown = f"[{code(each.id)}]({each.link})" if each.link else code(each.id)
    return shown, each.kind, number(each.documents)


def compatibility_json(combining: Combining) -> bytes:
    """Return compliance/license-compatibility.json: all pairs, where the page shows few."""
    pairs = [each._asdict() for each in sorted(combining.pairs, key=_by_weight)]
    outbound = [{"license": name, "verdict": verdict} for name, verdict in combining.outbound]
    unlisted = [
        {"license": name, "documents": count} for name, count in _ranked(combining.unlisted)
    ]
    told = {**combining._asdict(), "pairs": pairs, "outbound": outbound, "unlisted": unlisted}
    return msgspec.json.format(msgspec.json.encode(told, order="sorted"), indent=2) + b"\n"


def _compatibility(combining: Combining) -> Iterator[str]:
    """Say what cannot go into one work, what needs a look, and what is not known."""
    yield _COMPATIBILITY.format(
        source=combining.source,
        compared=number(combining.compared),
        expressions=number(combining.expressions),
        path=code(COMPATIBILITY),
    )
    by_verdict = [
        (title, sorted((each for each in combining.pairs if each.verdict == name), key=_by_weight))
        for name, title in _VERDICTS
    ]
    yield table(("of two", "pairs"), ((title, number(len(found))) for title, found in by_verdict))
    for title, found in by_verdict:
        if found:
            yield f"### {title[:1].upper()}{title[1:]}"
            yield _pairs(found[:_PAIRS_SHOWN])
    if combining.unlisted:
        yield f"### Not in the matrix: {number(len(combining.unlisted))}"
        shown = _ranked(combining.unlisted)[:_PAIRS_SHOWN]
        yield table(("licence", "documents"), ((code(name), number(n)) for name, n in shown))
    yield _outbound(combining)


def _pairs(pairs: list[Pair]) -> str:
    cells = ((code(each.left), code(each.right), number(each.documents)) for each in pairs)
    return table(("licence", "licence", "documents of the rarer"), cells)


def _ranked(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda each: (-each[1], each[0]))


def _by_weight(pair: Pair) -> tuple[str, int, str, str]:
    return pair.verdict, -pair.documents, pair.left, pair.right


def _outbound(combining: Combining) -> str:
    if not combining.outbound:
        return "No licence of the matrix could hold everything that it lists in one work."
    named = [
        f"{code(name)}{'' if verdict == 'yes' else ' (to be checked)'}"
        for name, verdict in combining.outbound[:_OUTBOUND_SHOWN]
    ]
    others = len(combining.outbound) - len(named)
    more = f" and {number(others)} more" if others > 0 else ""
    return (
        f"One work made of everything that the matrix lists could bear: {', '.join(named)}{more}."
    )


def _review(reasons: tuple[tuple[str, int], ...]) -> Iterator[str]:
    """Say how much of the input a person should look at."""
    yield _REVIEW.format(path=code(REVIEW))
    if reasons:
        cells = ((reason, number(count)) for reason, count in _ranked(reasons))
        yield table(("reason", "documents of the input"), cells)


_VERDICTS: Final = (
    ("incompatible", "cannot be combined"),
    ("check", "to be checked: it depends on how they are put together, or on an exception"),
    ("unknown", "the matrix does not say"),
)

_INTRODUCTION: Final = """\
Each document keeps the licence it came with; nothing here grants another one. An SPDX expression
says what was declared or found; `NOASSERTION` says that nothing was. The ledger says of each
document which evidence decided."""

_TEXTS: Final = """\
The texts lie in `licenses/`, as {packages} have them, so that the release can be passed on with the
licences that it is under. Names and years in a text are those of the list or placeholders: whose
copyright it is stands in the documents and where they come from."""

_WITHOUT_TEXT: Final = """\
No installed package has the text of these; a reference is on no public list. Before passing on what
is under them, look at where the documents come from."""

_COMPATIBILITY: Final = """\
A report, and no legal advice: a release is a collection of documents, each under its own licence,
and nothing was left out because of this. The facts are those of {source} (CC-BY-4.0), for parts of
one work; {compared} of the {expressions} expressions are in it. {path} has every pair."""

_REVIEW: Final = """\
What detection could not settle is listed in {path}, for a person to decide:
`gristmill license review .` shows it, and with `--toml` as a file of decisions to fill in."""
