"""Whom the documents of a release come from, by licence: what licences that ask for attribution need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from manifests.markdown import code, number, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ATTRIBUTION: Final = "licenses/attribution.jsonl"
_WORKS_SHOWN: Final = 100


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Whom documents under one expression come from; `repo` and `package` are `""` where not known."""

    source: str
    repo: str
    package: str
    license: str
    documents: int


def attribution(works: tuple[Work, ...]) -> Iterator[str]:
    """Yield the paragraphs of a page: the repositories and packages while they are few, else sums by source."""
    yield _INTRODUCTION.format(path=code(ATTRIBUTION), lines=number(len(works)))
    if not works:
        return
    if len(works) > _WORKS_SHOWN:
        yield _works_by_source(works)
        return
    cells = (
        (each.source, _whom(each), code(each.license), number(each.documents))
        for each in sorted(works, key=_by_place)
    )
    yield table(("source", "from", "licence", "documents"), cells)


def _works_by_source(works: Iterable[Work]) -> str:
    """Sum up what is too long for a page."""
    places: dict[str, set[str]] = {}
    totals: dict[str, list[int]] = {}
    for each in works:
        places.setdefault(each.source, set()).add(each.repo or each.package)
        counts = totals.setdefault(each.source, [0, 0])
        counts[0] += each.documents
        counts[1] += 0 if each.repo or each.package else each.documents
    cells = (
        (name, number(len(places[name] - {""})), number(counts[0]), number(counts[1]))
        for name, counts in sorted(totals.items())
    )
    head = ("source", "repositories and packages", "documents", "documents of the source alone")
    return table(head, cells)


def _whom(work: Work) -> str:
    return work.repo or work.package or "the source as a whole"


def _by_place(work: Work) -> tuple[str, str, str, str]:
    return work.source, work.repo, work.package, work.license


def works_jsonl(works: Iterable[Work]) -> bytes:
    """Return licenses/attribution.jsonl, by source, repository, package and licence."""
    ordered = sorted(works, key=_by_place)
    return b"".join(msgspec.json.encode(each, order="sorted") + b"\n" for each in ordered)


_INTRODUCTION: Final = """\
Licences that ask for attribution want their authors named. {path} has a line for each repository or
package and licence ({lines} in all); documents whose origin is not known are counted by source.
Where in it a document lies is said in the document's own `url` and `meta.path`."""
