"""What a release says of its licences: LICENSES.md, their texts, whom to attribute, what goes together.

`filters` knows what a licence is and `manifests` how the page reads; here the two meet the figures.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from filters.licenses import compatibility
from filters.licenses.attributes import attributes
from filters.licenses.spdx import NOASSERTION, Expression, License, classify, normalise, parse
from filters.licenses.texts.full import FullText, full_text
from filters.licenses.texts.templates import versions
from manifests.attribution import ATTRIBUTION, Work, works_jsonl
from manifests.licenses_page import (
    COMPATIBILITY,
    Combining,
    Held,
    Page,
    Pair,
    Single,
    compatibility_json,
    licenses_md,
)
from pipeline.release import DOCUMENTS_PATH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from manifests.manifest import Manifest, Source

_BATCH: Final = 1 << 16  # rows of the index
_COMPARED: Final = 400  # expressions, the commonest: pairs grow with the square
_NOTHING: Final = frozenset({NOASSERTION, "NONE"})
_PACKAGE: Final = r"pypi/(?P<name>[^/]+)/(?P<version>[^/]+)/"  # in the ids of installed packages


def license_papers(
    release: Path, draft: Manifest, packaged: Collection[str], review: Mapping[str, int]
) -> dict[str, bytes]:
    """Make the papers of a release on its licences, by path; `index/documents.parquet` is there already.

    `packaged` are the sources whose documents come from installed packages, `review` is reason ->
    documents on the review list.
    """
    held = holdings(draft.sources)
    totals = {each.expression: each.total for each in held}
    singles, texts = single_licenses(totals)
    works = (*works_of(release, packaged), *_works_of_questions(draft.sources))
    combining = combinations(totals)
    page = Page(
        name=draft.name,
        version=draft.version,
        held=held,
        singles=singles,
        works=works,
        combining=combining,
        review=tuple(sorted(review.items())),
        packages=tuple(sorted(versions().items())),
    )
    return texts | {
        "LICENSES.md": licenses_md(page).encode(),
        ATTRIBUTION: works_jsonl(works),
        COMPATIBILITY: compatibility_json(combining),
    }


def holdings(sources: Iterable[Source]) -> tuple[Held, ...]:
    """Collect the expressions of all sources, each with its class and what it asks."""
    counts: dict[str, list[tuple[str, int]]] = {}
    for source in sources:
        for expression, documents in source.licenses.items():
            counts.setdefault(expression, []).append((source.name, documents))
    return tuple(
        Held(each, classify(each), attributes(each), tuple(sorted(counts[each])))
        for each in sorted(counts)
    )


def single_licenses(
    expressions: Mapping[str, int],
) -> tuple[tuple[Single, ...], dict[str, bytes]]:
    """List every licence and exception that the expressions name, and their texts by path.

    A document counts for each licence that its expression names, also for one of a choice.
    """
    counts: dict[tuple[str, bool], int] = {}
    for expression, documents in expressions.items():
        for atom in names_of(parse(normalise(expression).expression)):
            counts[atom] = counts.get(atom, 0) + documents
    singles, texts = [], {}
    for (name, is_exception), documents in sorted(counts.items()):
        found = full_text(name)
        data = found.text.encode() if found is not None else b""
        single = _single(name, found, documents, data, is_exception=is_exception)
        singles.append(single)
        if data:
            texts[single.path] = data
    return tuple(singles), texts


def _single(
    name: str, found: FullText | None, documents: int, data: bytes, *, is_exception: bool
) -> Single:
    """Describe one id; without a text it has no path."""
    path, digest = (f"licenses/{name}.txt", hashlib.sha256(data).hexdigest()) if data else ("", "")
    if found is None:
        own = name.startswith(("LicenseRef-", "AdditionRef-", "DocumentRef-"))
        kind = "reference" if own else "exception" if is_exception else "licence"
        return Single(name, kind, "", "", documents, path, digest)
    return Single(name, found.kind, found.name, found.link, documents, path, digest)


def names_of(expression: Expression) -> set[tuple[str, bool]]:
    """Collect the ids that an expression names, each with whether it is an exception's."""
    if not isinstance(expression, License):
        return set().union(*map(names_of, expression.parts))
    if expression.id in _NOTHING:
        return set()
    own = {(expression.id, False)}
    return own | {(expression.exception, True)} if expression.exception else own


def works_of(release: Path, packaged: Collection[str]) -> tuple[Work, ...]:
    """Count the documents of each repository, else package, under each expression, from the index.

    Memory: some rows of the index at a time, and every work once.
    """
    counted = Counter[tuple[str, ...]]()
    with pq.ParquetFile(release / DOCUMENTS_PATH) as file:
        for batch in file.iter_batches(_BATCH, columns=["id", "source", "license", "repo"]):
            counted.update(_count_works(pa.Table.from_batches([batch]), packaged))
    return tuple(
        Work(source=source, repo=repo, package=package, license=expression, documents=count)
        for (source, expression, repo, package), count in counted.items()
    )


def _count_works(table: pa.Table, packaged: Collection[str]) -> dict[tuple[str, ...], int]:
    """Count some documents by source, expression, repository and package."""
    found = pc.extract_regex(table["id"], _PACKAGE)
    purl = pc.binary_join_element_wise(
        "pkg:pypi/", pc.struct_field(found, "name"), "@", pc.struct_field(found, "version"), ""
    )
    mine = pc.is_in(table["source"], pa.array(sorted(packaged), pa.string()))
    package = pc.fill_null(pc.if_else(mine, purl, ""), "")
    keyed = table.drop_columns(["id"]).append_column("package", package)
    keys = ["source", "license", "repo", "package"]
    counted = keyed.group_by(keys, use_threads=False).aggregate([([], "count_all")])
    columns = [counted[name].to_pylist() for name in keys]
    return dict(zip(zip(*columns, strict=True), counted["count_all"].to_pylist(), strict=True))


def _works_of_questions(sources: Iterable[Source]) -> list[Work]:
    """Questions have no repository: their source stands for all of them."""
    return [
        Work(source=source.name, repo="", package="", license=expression, documents=count)
        for source in sources
        if source.kind == "question"
        for expression, count in source.licenses.items()
    ]


def combinations(expressions: Mapping[str, int]) -> Combining:
    """Ask the matrix about the commonest expressions."""
    ranked = sorted(expressions, key=lambda each: (-expressions[each], each))[:_COMPARED]
    found = compatibility.report({each: expressions[each] for each in ranked})
    return Combining(
        source=found.source,
        compared=found.compared,
        expressions=len(expressions),
        pairs=tuple(Pair(*each) for each in found.pairs),
        outbound=tuple((each.license, each.verdict) for each in found.outbound),
        unlisted=found.unlisted,
    )
