"""What a licence asks and grants beside its class: attribution, share-alike, patents, and more."""

from __future__ import annotations

import functools
import re
from typing import Final, Literal, TypeAlias, get_args

from filters.licenses.ids import index
from filters.licenses.spdx import (
    LICENSE_CLASSES,
    Expression,
    License,
    LicenseClass,
    normalise,
    parse,
    rank,
)

Attribute: TypeAlias = Literal[
    "attribution", "share-alike", "patent-grant", "network", "non-commercial", "no-derivatives"
]
ATTRIBUTES: Final[tuple[Attribute, ...]] = get_args(Attribute)

# What follows from the class alone. Public domain asks nothing; what is unknown says nothing.
_BY_CLASS: Final[dict[LicenseClass, tuple[Attribute, ...]]] = {
    "permissive": ("attribution",),
    "weak-copyleft": ("attribution", "share-alike"),
    "strong-copyleft": ("attribution", "share-alike"),
    "network-copyleft": ("attribution", "share-alike", "network"),
    "source-available": ("attribution",),
    "non-commercial": ("attribution", "non-commercial"),
    "no-derivatives": ("attribution", "no-derivatives"),
}
_CREATIVE_COMMONS: Final[dict[str, Attribute]] = {
    "BY": "attribution",
    "SA": "share-alike",
    "NC": "non-commercial",
    "ND": "no-derivatives",
}
# Permissive licences whose notice need not be kept.
_NO_ATTRIBUTION: Final = frozenset({"0BSD", "Bugroff", "MIT-0", "WTFNMFPL"})
# Beyond their class: the EUPL counts access to a work's functions as distribution (section 1), the
# SSPL asks for the source of the whole service (section 13).
_NETWORK: Final = ("EUPL-1.1", "EUPL-1.2", "SSPL-1.0")
_SHARE_ALIKE: Final = ("SSPL-1.0",)
# Licences whose text grants one under the contributors' patents in so many words. Silence, as in
# MIT or BSD, is not counted as a grant.
_PATENTS: Final = re.compile(
    r"AFL-[23]|A?GPL-3\.0|LGPL-3\.0|APSL-|Apache-2\.0|Artistic-2\.0|BSD-2-Clause-Patent|BlueOak-"
    r"|CAL-1\.0|CDDL-|CECILL-[2BC]|CERN-OHL-[PSW]-2\.0|CPAL-|CPL-|CUA-OPL-|ECL-2\.0|EPL-|EUPL-1"
    r"|Elastic-2\.0|ErlPL-|FSL-1\.1|IPL-1|Interbase-|LPL-1|MPL-|MS-(?:L?PL|RL)|Mulan|NASA-1|NOSL"
    r"|NPL-|NPOSL-|Nokia$|OSET-PL-|OSL-|OpenMDW-|Parity-|PolyForm-|RPL-1|RPSL-|RSCPL|SISSL|SPL-1"
    r"|SSPL-|SugarCRM-|UCL-1|UPL-|Watcom-|copyleft-next-|gSOAP-"
)
_PATENT_EXCEPTIONS: Final = frozenset({"Google-Patent-WebM"})
_CACHED: Final = 1 << 14


def attributes(expression: str) -> tuple[Attribute, ...]:
    """Return the attributes of an expression in any form, in the order of `ATTRIBUTES`.

    AND joins what its parts ask; of an OR counts the branch of the freest class that asks least.
    An expression that is unknown, unstated or proprietary has none: its terms are not held here.
    """
    return _attributes(normalise(expression).expression)


def requires_unmodified(expression: str) -> bool:
    """Say whether a work under the expression may be passed on only as it is."""
    return "no-derivatives" in attributes(expression)


@functools.lru_cache(maxsize=_CACHED)
def _attributes(canonical: str) -> tuple[Attribute, ...]:
    found = attributes_of(parse(canonical))
    return tuple(each for each in ATTRIBUTES if each in found)


def attributes_of(expression: Expression) -> frozenset[Attribute]:
    """Return the attributes of a settled expression."""
    if isinstance(expression, License):
        return _of_license(expression)
    parts = [(rank(part), attributes_of(part)) for part in expression.parts]
    if expression.operator == "AND":
        return frozenset().union(*(found for _, found in parts))
    return min(parts, key=_burden)[1]


def _burden(branch: tuple[int, frozenset[Attribute]]) -> tuple[int, int, bool, list[str]]:
    """Order branches by class, then by how much they ask; a patent grant breaks the tie."""
    own, found = branch
    return own, len(found - {"patent-grant"}), "patent-grant" not in found, sorted(found)


def _of_license(atom: License) -> frozenset[Attribute]:
    listed = atom.id in index().classes
    bare = LICENSE_CLASSES[rank(License(atom.id))] if listed else "unknown"
    found: set[Attribute] = set(_BY_CLASS.get(bare, ()))
    if atom.id.startswith("CC-") and "PD" not in atom.id:
        parts = atom.id.split("-")
        found = {each for word, each in _CREATIVE_COMMONS.items() if word in parts}
    if atom.id in _NO_ATTRIBUTION:
        found.discard("attribution")
    if atom.id.startswith(_NETWORK):
        found.add("network")
    if atom.id.startswith(_SHARE_ALIKE):
        found.add("share-alike")
    if _PATENTS.match(atom.id) is not None or atom.exception in _PATENT_EXCEPTIONS:
        found.add("patent-grant")
    return frozenset(found)
