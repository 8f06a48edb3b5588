"""Which licence and exception ids exist, how they are spelt, what they became, and their class."""

from __future__ import annotations

import functools
from typing import NamedTuple

from license_expression import get_license_index

from filters.licenses import facts


class Index(NamedTuple):
    """Lower case to official spelling, old ids to new ones, and official spelling to class."""

    licenses: dict[str, str]
    exceptions: dict[str, str]
    successors: dict[str, str]
    exception_successors: dict[str, str]
    classes: dict[str, str]
    exception_classes: dict[str, str]


@functools.cache
def index() -> Index:
    """Build the index once a process from license-expression's data and our own facts (20 ms)."""
    classes: dict[str, str] = {}
    exceptions: dict[str, str] = dict.fromkeys(facts.NEWER_EXCEPTIONS, "permissive")
    former: dict[str, str] = {}
    for entry in get_license_index():
        spdx = entry["spdx_license_key"]
        if not spdx or spdx in facts.SUCCESSORS:
            continue
        kind = facts.CATEGORIES[entry["category"]]
        (exceptions if entry["is_exception"] else classes)[spdx] = kind
        former |= dict.fromkeys(entry["other_spdx_license_keys"], spdx)
    classes.update(facts.NEWER_IDS)
    classes.update({each: _override(each, kind) for each, kind in classes.items()})
    # ScanCode's own references from before an id was on the list; a project's own stay as they are
    gone = {
        old: new
        for old, new in former.items()
        if old.startswith("LicenseRef-scancode-") and old not in classes | exceptions
    }
    exception_successors = {old: new for old, new in gone.items() if new in exceptions}
    exception_successors |= facts.EXCEPTION_SUCCESSORS
    successors = {old: new for old, new in gone.items() if new in classes}
    successors |= {**_bare_gnu_ids(), **facts.SUCCESSORS}
    return Index(
        licenses={each.lower(): each for each in classes},
        exceptions={each.lower(): each for each in exceptions},
        successors={old.lower(): new for old, new in successors.items()},
        exception_successors={old.lower(): new for old, new in exception_successors.items()},
        classes=classes,
        exception_classes=exceptions,
    )


def _override(spdx: str, kind: str) -> str:
    if spdx.startswith("CC-BY-") and "-ND" in spdx:
        return "no-derivatives"
    if spdx.startswith("CC-BY-NC"):
        return "non-commercial"
    for prefix, better in facts.OVERRIDES:
        if spdx.startswith(prefix):
            return better
    return kind


def _bare_gnu_ids() -> dict[str, str]:
    """`GPL-2.0` and `GPL-2.0+` as they are spelt since SPDX list 3.0."""
    found: dict[str, str] = {}
    for family, versions in facts.GNU_VERSIONS.items():
        for version in versions:
            bare = f"{family}-{version}"
            found |= {bare: f"{bare}-only", f"{bare}+": f"{bare}-or-later"}
    return found
