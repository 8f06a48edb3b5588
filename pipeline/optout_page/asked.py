"""What was asked for, by hash: where each request stands, and what it did to each release.

Authors are left out, and so are requests for a text alone: neither is looked up by a name.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from filters.repos import home_host
from filters.subject_names import place_prefixes
from filters.suffixes import registrable
from filters.urls import TWO_LEVEL_HOSTS, ignores_case
from manifests.record import decode_tombstone
from pipeline.errors import IntegrityError
from pipeline.optout.renames import all_names
from pipeline.optout_page.pack import short
from pipeline.optout_page.releases import key_of
from pipeline.release import TOMBSTONES_PATH, ledger_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from filters.aliases import Aliases
    from filters.subjects import Subject
    from manifests.registry import RequestState
    from pipeline.optout_page.releases import Shown

WHOLE: Final = 0
PART: Final = 1
_PLACES: Final = frozenset({"owner", "origin", "repo", "url"})
_EXACT: Final = frozenset({"id", "sha256"})


class Effect(msgspec.Struct, frozen=True, array_like=True):
    """What a request did to a release by its number: documents not taken in, and documents of its parent removed."""

    release: int
    left_out: int
    removed: int


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A request as the page shows it: no subject, no person, no word of whoever asked; days are UTC."""

    id: str
    status: str
    asked: str
    settled: str
    copies: str
    effects: tuple[Effect, ...]


def show_requests(
    states: Sequence[RequestState], releases: Sequence[tuple[Shown, Path]]
) -> tuple[Asked, ...]:
    """Say where every request stands, in the order of submission."""
    effects: dict[str, list[Effect]] = defaultdict(list)
    for number, (shown, path) in enumerate(releases):
        left_out, removed = _left_out(path), _removed(path, shown.version)
        for request in sorted(left_out.keys() | removed.keys()):
            effects[request].append(Effect(number, left_out[request], removed[request]))
    return tuple(_shown(each, tuple(effects[each.request])) for each in states)


def _shown(state: RequestState, effects: tuple[Effect, ...]) -> Asked:
    settled = state.closed or state.verified
    return Asked(state.request, state.status, state.ts[:10], settled[:10], state.copies, effects)


def _left_out(release: Path) -> Counter[str]:
    """Count the input records that the release left out, by request."""
    found: Counter[str] = Counter()
    try:
        for part in ledger_parts(release / "ledger"):
            table = pq.read_table(
                part, columns=["detail"], filters=[("stage", "=", "optout")], use_threads=False
            )
            for detail in table["detail"].to_pylist():
                found.update(_requests_of(detail))
    except (pa.ArrowException, OSError) as error:
        problem = "the ledger does not read: verify the release"
        raise IntegrityError(f"optout: {release}: {problem}") from error
    return found


def _requests_of(detail: str | None) -> set[str]:
    said: dict[str, Any] = json.loads(detail) if detail else {}
    return {each for each in (said.get("request", ""), *said.get("also", ())) if each}


def _removed(release: Path, version: str) -> Counter[str]:
    """Count the tombstones that the release added, by request."""
    path = release / TOMBSTONES_PATH
    lines = path.read_bytes().splitlines() if path.exists() else []
    rows = map(decode_tombstone, lines)
    return Counter(each.request for each in rows if each.removed_in == version and each.request)


def keys_of_requests(
    states: Sequence[RequestState], releases: Sequence[tuple[Shown, Path]], known: Aliases
) -> dict[int, list[tuple[int, int]]]:
    """Return by hash the requests (by number) that cover the whole of a name, or a part of it.

    A request is found by every name of what it names.
    """
    found: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for number, state in enumerate(states):
        for each in all_names(state.subjects, known):
            for key, how in _keys_of(each):
                found[short(key)].add((number, how))
    numbers = {state.request: number for number, state in enumerate(states)}
    for _, path in releases:
        for name, request in _tombs(path):
            if request in numbers:
                found[short(key_of("id", name))].add((numbers[request], WHOLE))
    return {key: sorted(_widest(each)) for key, each in found.items()}


def _widest(pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    return {(number, how) for number, how in pairs if how == WHOLE or (number, WHOLE) not in pairs}


def _tombs(release: Path) -> Iterator[tuple[str, str]]:
    """Yield ids that left and why; what is kept as a keyed digest stays unknown."""
    path = release / TOMBSTONES_PATH
    for line in path.read_bytes().splitlines() if path.exists() else ():
        row = decode_tombstone(line)
        if row.request and not row.id.startswith("keyed:"):
            yield row.id, row.request


def _keys_of(entry: Subject) -> Iterator[tuple[int, int]]:
    if entry.kind in _PLACES:
        yield key_of("url", entry.value), WHOLE
        yield from ((key, PART) for key in _around(entry.value))
    elif entry.kind == "path":
        yield key_of("url", entry.repo), PART
        yield from ((key, PART) for key in _around(entry.repo))
    elif entry.kind == "domain":
        yield key_of("domain", entry.value), WHOLE
        yield from ((key_of("domain", each), PART) for each in _sites(entry.value))
    elif entry.kind == "swhid":
        core, _, qualifiers = entry.value.partition(";")
        yield key_of("swhid", core), PART if qualifiers else WHOLE
    elif entry.kind in _EXACT:
        yield key_of(entry.kind, entry.value), WHOLE


def _around(place: str) -> Iterator[int]:
    """Yield the keys of what a place lies in: owners on a code host, elsewhere folders and sites."""
    host = place.partition("/")[0].partition(":")[0]
    code = home_host(host) in TWO_LEVEL_HOSTS or ignores_case(host)
    for each in place_prefixes(place)[:-1]:
        if "/" in each or not code:
            yield key_of("url", each)
    if not code:
        yield from (key_of("domain", each) for each in (host, *_sites(host)))


def _sites(host: str) -> Iterator[str]:
    """Yield the sites that a site belongs to."""
    top = registrable(host)
    while host != top and host.endswith(f".{top}"):
        host = host.partition(".")[2]
        yield host
