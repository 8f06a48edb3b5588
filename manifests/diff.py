"""What changed from one release to another, document by document, and what version that needs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Key = tuple[str, str]
"""What a record goes by in a release: `""` and its id for a document, source and id for a question."""

Change = Literal["initial", "patch", "removal", "minor", "major"]
"""What a release is to the one before it; manifests/version.py says which version that needs."""

Kind = Literal["added", "removed", "changed", "relicensed", "moved"]
KINDS: Final[tuple[Kind, ...]] = ("added", "removed", "changed", "relicensed", "moved")


class Held(NamedTuple):
    """A record as one release holds it; `line` is the SHA-256 of its line."""

    line: bytes
    text: str
    license: str
    source: str
    split: str


class Difference(NamedTuple):
    """Records by what happened to them, each tuple sorted; none stands in two of them.

    `relicensed` says that the same text stands under another licence, `moved` that the same record
    stands in another split, `changed` that anything else differs.
    """

    added: tuple[Key, ...] = ()
    removed: tuple[Key, ...] = ()
    changed: tuple[Key, ...] = ()
    relicensed: tuple[Key, ...] = ()
    moved: tuple[Key, ...] = ()

    def items(self) -> Iterator[tuple[Kind, tuple[Key, ...]]]:
        """Yield each kind with its records."""
        yield from zip(KINDS, self, strict=True)


class SourceChange(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of one source were added, removed, … ."""

    source: str
    added: int = 0
    removed: int = 0
    changed: int = 0
    relicensed: int = 0
    moved: int = 0


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One release in its line, against the one before it; `reasons` is why records left -> how many.

    `opted_out` counts those that left for an opt-out or a take-down, whatever else changed: where
    there are any, the release before should be replaced.
    """

    version: str
    content_root: str
    change: Change
    parent: str = ""
    sources: tuple[SourceChange, ...] = ()
    reasons: dict[str, int] = {}
    opted_out: int = 0


def compare(old: Mapping[Key, Held], new: Mapping[Key, Held]) -> Difference:
    """Compare two releases; records that both hold alike may be left out of both."""
    both = old.keys() & new.keys()

    def those(test: Callable[[Held, Held], bool]) -> tuple[Key, ...]:
        return tuple(sorted(key for key in both if test(old[key], new[key])))

    return Difference(
        added=tuple(sorted(new.keys() - both)),
        removed=tuple(sorted(old.keys() - both)),
        changed=those(lambda was, is_: _kind(was, is_) == "changed"),
        relicensed=those(lambda was, is_: _kind(was, is_) == "relicensed"),
        moved=those(lambda was, is_: _kind(was, is_) == "moved"),
    )


def _kind(was: Held, is_: Held) -> Kind | None:
    if was.line == is_.line:
        return None if was.split == is_.split else "moved"
    same_text = was.text == is_.text and was.source == is_.source
    return "relicensed" if same_text and was.license != is_.license else "changed"


def by_source(
    difference: Difference, old: Mapping[Key, Held], new: Mapping[Key, Held]
) -> tuple[SourceChange, ...]:
    """Count the records of each source; one that changed its source counts in the new one."""
    counts: dict[str, Counter[str]] = {}
    for kind, keys in difference.items():
        held = old if kind == "removed" else new
        for key in keys:
            counts.setdefault(held[key].source, Counter())[kind] += 1
    return tuple(
        SourceChange(source=source, **counts[source])  # the kinds are its fields
        for source in sorted(counts)
    )
