"""Semantic versions of a release: what changed between two releases and the smallest legal bump.

An opt-out or take-down alone is a patch, additions alone are minor, with what they move out of train;
any other removal or edit, a new schema or a reset of the splits is major. Precedence is that of
Semantic Versioning 2.0.0, section 11; build tags are refused, because they have none.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from manifests.shapes import SEMVER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from manifests.diff import Change, Difference, Key

_VERSION: Final = re.compile(SEMVER)


class Version(NamedTuple):
    """A semantic version; `prerelease` holds the dot-separated identifiers, none for a release."""

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Spell the version."""
        core = f"{self.major}.{self.minor}.{self.patch}"
        return f"{core}-{'.'.join(self.prerelease)}" if self.prerelease else core


def parse(text: str) -> Version:
    """Read `1.2.3` or `1.2.3-pre.release`; raises `ValueError` otherwise."""
    match = _VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a semantic version such as 1.2.3 or 1.2.3-rc.1")
    prerelease = () if match[4] is None else tuple(match[4].removeprefix("-").split("."))
    return Version(int(match[1]), int(match[2]), int(match[3]), prerelease)


def precedence(version: Version) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
    """Return a key that sorts versions by precedence: a pre-release comes before its release."""
    tags = tuple(
        (False, int(tag), "") if tag.isdecimal() else (True, 0, tag) for tag in version.prerelease
    )
    return version.major, version.minor, version.patch, not tags, tags


def newest_before(folders: Iterable[str], name: str, version: str) -> str | None:
    """Find the folder `name-X.Y.Z` of the newest version before `version`."""
    mine = precedence(parse(version))
    earlier = []
    for folder in folders:
        if folder.startswith(f"{name}-"):
            with suppress(ValueError):  # a release of another name that begins alike
                earlier.append((precedence(parse(folder.removeprefix(f"{name}-"))), folder))
    return max((each for each in earlier if each[0] < mine), default=(None, None))[1]


def edits(
    difference: Difference,
    *,
    opted_out: AbstractSet[Key] = frozenset(),
    joined: AbstractSet[Key] = frozenset(),
) -> dict[str, int]:
    """Count what breaks with the release before, by kind; kinds without a record are left out.

    `opted_out` are the records that left for an opt-out or a take-down, `joined` those that moved out
    of train because an added record made them the family of a held-out one: neither is an edit of ours.
    """
    counts = {
        "removed": len(set(difference.removed) - opted_out),
        "changed": len(difference.changed),
        "relicensed": len(difference.relicensed),
        "moved": len(set(difference.moved) - joined),
    }
    return {kind: count for kind, count in counts.items() if count}


def change_of(
    difference: Difference,
    *,
    opted_out: AbstractSet[Key] = frozenset(),
    re_elected: AbstractSet[Key] = frozenset(),
    joined: AbstractSet[Key] = frozenset(),
    breaking: bool = False,
) -> Change:
    """Say what kind of change a difference is.

    `opted_out` and `joined` are those of `edits`, `re_elected` the records that came back because the
    survivor they had stood behind was opted out. `breaking` is a new record schema or a reset of the
    splits.
    """
    if breaking or edits(difference, opted_out=opted_out, joined=joined):
        return "major"
    if difference.moved or not re_elected >= set(difference.added):
        return "minor"
    return "removal" if difference.removed else "patch"


def least(parent: Version, change: Change) -> Version:
    """Return the smallest version that may follow `parent` after such a change.

    A pre-release may be followed by its own release, whatever changed.
    """
    core = Version(parent.major, parent.minor, parent.patch)
    if parent.prerelease or change == "initial":
        return core
    if change == "major":
        return Version(core.major + 1, 0, 0)
    if change == "minor":
        return Version(core.major, core.minor + 1, 0)
    return Version(core.major, core.minor, core.patch + 1)


def check(parent: str, version: str, change: Change, why: str = "") -> None:
    """Raise `ValueError` when `version` is a smaller step from `parent` than the change needs; `why` says it does."""
    old, new = parse(parent), parse(version)
    needed = least(old, change)
    if precedence(new) <= precedence(old) or new[:3] < needed[:3]:
        raise ValueError(
            f"version {new} is too small a step from {old}: "
            f"the change is {change!r} and needs {needed} or later{why and f' ({why})'}"
        )
