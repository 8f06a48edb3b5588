"""What several formats take from `[about]` and the manifest alike: a moment, an id, one licence."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

from manifests.about import About, is_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manifests.manifest import Manifest

NOASSERTION: Final = "NOASSERTION"
_REFERENCE: Final = re.compile(r"(?:LicenseRef|AdditionRef)-[A-Za-z0-9.-]+")
_NAME: Final = re.compile(r"[A-Za-z0-9.:-]+\+?")
_OPERATORS: Final = frozenset({"AND", "OR", "WITH"})
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:gristmill:release")


def about_of(manifest: Manifest) -> About:
    """Return what people said of a release; nothing, where they said nothing."""
    return About() if manifest.about is None else manifest.about


def moment(about: About) -> str | None:
    """Return the start of the day of publication in UTC, or `None` where no day is stated."""
    return f"{about.published}T00:00:00Z" if is_date(about.published, whole=True) else None


def is_person(creator: str) -> bool:
    """Tell a person from an organisation: the comma says it, see `About`."""
    return "," in creator


def release_uuid(name: str, version: str, content_root: str) -> str:
    """Return the UUID of a release: of version 5 (RFC 9562), so that it follows from what it is given."""
    return str(uuid.uuid5(_NAMESPACE, f"{name}-{version}:{content_root}"))


def licenses_of(manifest: Manifest) -> dict[str, int]:
    """Count documents and questions by licence expression, over all sources."""
    counts: dict[str, int] = {}
    for source in manifest.sources:
        for expression, number in source.licenses.items():
            counts[expression] = counts.get(expression, 0) + number
    return counts


def all_of(expressions: Iterable[str]) -> str | None:
    """Join expressions into the one under which all of them hold, or `None` when none is known."""
    known = sorted({each for each in expressions if each not in {NOASSERTION, "NONE", ""}})
    if len(known) < 2:  # noqa: PLR2004  one needs no operator
        return known[0] if known else None
    return " AND ".join(f"({each})" if " " in each else each for each in known)


def references(expression: str) -> list[str]:
    """List the ids in an expression that are on no public list."""
    return sorted(set(_REFERENCE.findall(expression)))


def is_expression(text: str) -> bool:
    """Tell whether a text has the shape of an SPDX expression: ids with operators between them."""
    words = text.replace("(", " ").replace(")", " ").split()
    names, operators = words[::2], words[1::2]
    return (
        len(words) % 2 == 1
        and _OPERATORS.issuperset(operators)
        and all(_NAME.fullmatch(name) and name not in _OPERATORS for name in names)
    )
