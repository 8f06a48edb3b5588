"""Which releases cannot tell whether they hold what a request names by the digest of a text.

One that was made behind the request honours it: the run read the texts before it redacted them. So
does one that `optout apply` found nothing to take from, where that was recorded.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from pipeline.errors import ConfigError, IntegrityError, RegistryError
from pipeline.optout import load, load_as_of
from pipeline.optout_check.redacted import is_of_address, is_of_text
from pipeline.subject_index import keep_index, read_head

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from filters.optout import Request
    from filters.subjects import Subject
    from pipeline.subject_index import Head, Index

_AMENDED: Final = "amended from "  # how the note begins that `pipeline.amend` writes


def count_untold(index: Index, requests: Iterable[Request]) -> int:
    """Count the records of a release that requests may name by what their texts were; 0 where all are found.

    Any may be a near copy of a given text, or had an address for an id: no index tells.
    """
    asked = list(requests)
    if any(each.subject.kind == "near" for each in asked):
        return index.head.records
    hidden = (each.subject for each in asked if is_of_address(each.subject))
    if index.head.redact.hides_addresses and any(not len(index.find(each)) for each in hidden):
        return index.head.records
    missed = {
        each.kinds
        for each in asked
        if is_of_text(each.subject) and not len(index.find(each.subject))
    }
    found = [index.changed(kinds) for kinds in sorted(missed)]
    return len(np.unique(np.concatenate(found))) if found else 0


def honoured_by(index: Index, registry: Path) -> frozenset[Request]:
    """Return the requests that a release was made behind, reading its inputs: those of its registry as it was then.

    A release that was amended without its inputs honours by digest what the one before it did, and
    given texts by itself; where that does not lie beside it, or its registry is another one, nothing
    is known.
    """
    try:
        held = _honoured(_with_inputs(index.release, index.head), registry)
        given = (each for each in _honoured(index.head, registry) if each.subject.kind == "near")
        return held.union(given)
    except (ConfigError, IntegrityError, RegistryError):
        return frozenset()


def _honoured(head: Head, registry: Path) -> frozenset[Request]:
    """Return the requests of a release's registry, as it was then."""
    state = head.optout if isinstance(head.optout, dict) else {}
    held: set[Request] = set()
    for each in head.registries:
        then = load_as_of(registry, each.head, str(state.get("cutoff", "")))
        held.update(then.of_release(head.name, head.version).requests)
    return frozenset(held)


def needs_text(subject: Subject) -> bool:
    """Say whether records as they were, or all of them, must be looked at to tell what a subject names."""
    return subject.kind == "near" or is_of_text(subject) or is_of_address(subject)


def untold_requests(release: Path, registry: Path) -> tuple[str, ...]:
    """Name the requests in effect of which a release does not tell whether it holds what they name.

    Raises:
        GristmillError: the registry, the release or its index does not read.
    """
    index = keep_index(release)
    by_text: dict[str, list[Request]] = defaultdict(list)
    for each in load(registry).of_release(index.head.name, index.head.version).requests:
        if needs_text(each.subject):
            by_text[each.request].append(each)
    held = honoured_by(index, registry) if by_text else frozenset()
    return tuple(
        request
        for request, named in sorted(by_text.items())
        if not held.issuperset(named) and count_untold(index, named)
    )


def _with_inputs(release: Path, head: Head) -> Head:
    """Follow what was amended back to the release that was made of inputs."""
    said = next((each for each in head.notes if each.startswith(_AMENDED)), "")
    if not said:
        return head
    name = said.removeprefix(_AMENDED).partition(" ")[0]
    return msgspec.structs.replace(read_head(release.resolve().parent / name), notes=())
