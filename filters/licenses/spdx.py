"""Licence claims as normalised SPDX expressions, each with one class and one rank of strictness."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from filters.licenses.facts import LICENSE_CLASSES, LicenseClass
from filters.licenses.ids import index
from filters.licenses.repair import name, rewrite
from filters.licenses.syntax import (
    MAX_LENGTH,
    Combination,
    Expression,
    License,
    LicenseSyntaxError,
    combine,
    parse,
    render,
)

__all__ = [
    "LICENSE_CLASSES",
    "NOASSERTION",
    "Combination",
    "Expression",
    "License",
    "LicenseClass",
    "LicenseSyntaxError",
    "Normalised",
    "class_rank",
    "classify",
    "combine",
    "normalise",
    "parse",
    "rank",
    "render",
    "strictness",
]

NOASSERTION: Final = "NOASSERTION"
_RANKS: Final[dict[str, int]] = {name: rank for rank, name in enumerate(LICENSE_CLASSES)}
_UNKNOWN_RANK: Final = _RANKS["unknown"]
_VERSIONED: Final = re.compile(r"\d[a-z]?$")
_LATER_WORD: Final = re.compile(
    r"\b(?:or|and)\s+(?:any\s+)?(?:later|newer|greater|higher|above)\b", re.IGNORECASE
)
_CACHED: Final = 1 << 14  # distinct claims; a corpus of millions of documents has thousands


class Normalised(NamedTuple):
    """A claim after normalisation.

    `expression` is canonical, or `NOASSERTION` where nothing was claimed or the claim cannot be
    read. `repaired`: the claim was no SPDX expression as it stood. `unknown`: words that stand
    where an id should and are on no list; they become `LicenseRef-…`. `deprecated`: ids that were
    replaced by their successors.
    """

    expression: str
    repaired: bool = False
    unknown: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()


class _Findings:
    """What `_settle` meets on its way through one claim."""

    def __init__(self) -> None:
        self.repaired = False
        self.unknown: dict[str, None] = {}
        self.deprecated: dict[str, None] = {}


@functools.lru_cache(maxsize=_CACHED)
def normalise(text: str) -> Normalised:
    """Bring a claim into canonical form: `normalise(normalise(x).expression)` changes nothing."""
    claim = text.strip()
    if not claim:
        return Normalised(NOASSERTION)
    if len(claim) <= MAX_LENGTH:
        for loose in (False, True):
            try:
                return _normalise(claim, loose=loose)
            except LicenseSyntaxError:
                continue
    return Normalised(NOASSERTION, repaired=True)


def _normalise(claim: str, *, loose: bool) -> Normalised:
    if not loose and _LATER_WORD.search(claim):
        raise LicenseSyntaxError("'or later' in words")
    written = rewrite(claim) if loose else claim
    if written is None:
        raise LicenseSyntaxError("not understood")
    found = _Findings()
    settled = _settle(parse(written), found)
    return Normalised(
        render(settled), loose or found.repaired, tuple(found.unknown), tuple(found.deprecated)
    )


def _settle(expression: Expression, found: _Findings) -> Expression:
    """Replace deprecated and loosely written ids, bottom up."""
    if isinstance(expression, Combination):
        return combine(expression.operator, [_settle(part, found) for part in expression.parts])
    base = _settle_id(expression, found)
    if not expression.exception:
        return base
    if not isinstance(base, License) or base.exception or base.id in {NOASSERTION, "NONE"}:
        raise LicenseSyntaxError("WITH takes one licence on its left")
    return License(base.id, base.plus, _settle_exception(expression.exception, found))


def _settle_id(atom: License, found: _Findings) -> Expression:
    known = index()
    written = f"{atom.id}+" if atom.plus else atom.id
    successor = known.successors.get(written.lower())
    if successor is not None:
        found.deprecated[written] = None
        return parse(successor)
    if atom.id in known.classes:
        return _settle_plus(atom, found)
    if atom.id.startswith(("LicenseRef-", "DocumentRef-")):
        return License(atom.id)
    found.repaired = True
    understood = name(written)
    if understood is not None:
        return parse(understood)
    found.unknown[atom.id] = None
    return License(f"LicenseRef-{atom.id.replace(':', '-')}")


def _settle_plus(atom: License, found: _Findings) -> License:
    """`+` stays on ids that end in a version; GNU ids say it in words."""
    if not atom.plus:
        return License(atom.id)
    if atom.id.endswith("-only"):
        found.repaired = True
        return License(f"{atom.id.removesuffix('-only')}-or-later")
    if _VERSIONED.search(atom.id):
        return License(atom.id, plus=True)
    found.repaired = True
    return License(atom.id)


def _settle_exception(exception: str, found: _Findings) -> str:
    known = index()
    successor = known.exception_successors.get(exception.lower())
    if successor is not None:
        found.deprecated[exception] = None
        return successor
    if exception in known.exception_classes:
        return exception
    if not exception.startswith(("AdditionRef-", "DocumentRef-", "LicenseRef-")):
        found.repaired = True
        found.unknown[exception] = None
        return f"AdditionRef-{exception.replace(':', '-')}"
    return exception


def class_rank(license_class: LicenseClass) -> int:
    """Give the place of a class among all, from least (0) to most restrictive."""
    return _RANKS[license_class]


@functools.lru_cache(maxsize=_CACHED)
def classify(expression: str) -> LicenseClass:
    """Classify an expression: OR takes its freest branch, AND its strictest part.

    An exception never changes a copyleft licence's class; one that is on no list, or that takes
    rights away (the Commons Clause), makes a freer licence as strict as itself.
    """
    return LICENSE_CLASSES[rank(parse(normalise(expression).expression))]


def rank(expression: Expression) -> int:
    """Rank a settled expression by its class."""
    if isinstance(expression, Combination):
        ranks = [rank(part) for part in expression.parts]
        return min(ranks) if expression.operator == "OR" else max(ranks)
    classes = index().classes
    own = _RANKS[classes[expression.id]] if expression.id in classes else _UNKNOWN_RANK
    if not expression.exception:
        return own
    added_classes = index().exception_classes
    known = expression.exception in added_classes
    added = _RANKS[added_classes[expression.exception]] if known else _UNKNOWN_RANK
    restricts = not known or added >= _RANKS["source-available"]
    return max(own, added) if restricts else own


def strictness(expression: str) -> int:
    """How much a claim restricts, for the order of survivors: 0 up to `proprietary`.

    0 for public domain, permissive, unstated and unknown, so that silence outranks no claim; OR
    is the least of its branches, AND the greatest of its parts.
    """
    return max(0, _RANKS[classify(expression)] - _UNKNOWN_RANK)
