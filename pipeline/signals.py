"""Recorded signals become requests: each recording's word once, and no longer than it holds.

A request names the place and the vocabulary by its subjects and its reason, and the recording by the
evidence of its authority, so that what was recorded before is known again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from filters.signals.closed import Closed, Remainder, closed
from filters.signals.combine import TRAINING
from filters.signals.model import Options, Problem, Reading, Recording
from filters.signals.vocabularies import Vocabulary, read
from filters.urls import SubjectError, parse_url
from manifests.registry import Authority, Copies, Draft, Entry, RequestState, Scope
from pipeline.optout import append, requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pipeline.signal_recordings import Recordings

Key = tuple[str, str]  # the reason's code, and the place that a request of it is about


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded for one recording and vocabulary: a new request, or the end of an old one."""

    event: str
    request: str = ""
    reason: str
    place: str
    evidence: str
    subjects: tuple[Entry, ...] = ()
    basis: str = ""
    where: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What recordings said: changes of the registry, matters for a person, and what was malformed.

    `unreadable` names files and lines that are no recordings; `same` counts what was known already.
    """

    recordings: int
    same: int
    changes: tuple[Change, ...]
    review: tuple[Remainder, ...]
    problems: tuple[Problem, ...]
    unreadable: tuple[str, ...]


def record_signals(
    registry: Path,
    source: Recordings,
    options: Options,
    vocabularies: Sequence[Vocabulary],
    *,
    copies: Copies = "none",
    purposes: frozenset[str] = TRAINING,
    dry_run: bool = False,
) -> Report:
    """Bring the registry in line with recordings and say what was done.

    A recording that is known adds nothing. A changed one ends the requests of its place and
    vocabulary and makes a new one, where it still closes anything. A request that a person has
    rejected is not made again. `copies` is none unless asked for: a signal speaks for a place.
    """
    states = requests(registry) if registry.exists() else ()
    known = _known(states)
    new: defaultdict[Key, dict[str, tuple[Reading, Closed]]] = defaultdict(dict)
    review: set[Remainder] = set()
    problems: set[Problem] = set()
    seen: set[tuple[str, str, str, str]] = set()
    for recording in source:
        mark = (recording.url, recording.carrier, recording.digest, recording.id)
        if mark in seen:
            continue
        seen.add(mark)
        for reading in read(recording, options, vocabularies):
            problems |= set(reading.problems)
            found = closed(reading, purposes)
            review |= set(found.rest)
            key = _key(reading, recording)
            if reading.place and (found.subjects or key in known):
                new[key][reading.sha256] = (reading, found)
    changes, same = _changes(known, new)
    if not dry_run:
        changes = _record(registry, changes, copies)
    return Report(
        recordings=len(seen),
        same=same,
        changes=changes,
        review=tuple(sorted(review)),
        problems=tuple(sorted(problems)),
        unreadable=tuple(source.unreadable),
    )


def _key(reading: Reading, recording: Recording) -> Key:
    """Return what requests of the same place and vocabulary have in common.

    The registry takes www.example.org for example.org, but each has recordings of its own.
    """
    parts = ["signal", reading.vocabulary]
    parts += [reading.carrier] if reading.carrier != reading.vocabulary else []
    parts += ["www"] if parse_host(recording.url).startswith("www.") else []
    return "-".join(parts), reading.id or reading.place


def parse_host(url: str) -> str:
    """Return the host of a URL, `""` for a text that is none."""
    try:
        return parse_url(url).host
    except SubjectError:
        return ""


def _known(states: Iterable[RequestState]) -> dict[Key, list[RequestState]]:
    """Return the requests that signals made and that stand, or that a person has rejected."""
    found: defaultdict[Key, list[RequestState]] = defaultdict(list)
    for each in states:
        if each.authority.level == "signal" and each.status != "revoked":
            for place in {_place(each.reason, entry) for entry in each.subjects}:
                found[each.reason, place].append(each)
    return dict(found)


def _place(reason: str, entry: Entry) -> str:
    page = "-headers" in reason or "-html" in reason
    return entry.value if page or entry.kind != "url" else entry.value.partition("/")[0]


def _changes(
    known: dict[Key, list[RequestState]],
    new: Mapping[Key, dict[str, tuple[Reading, Closed]]],
) -> tuple[tuple[Change, ...], int]:
    changes: list[Change] = []
    same = 0
    for key, readings in sorted(new.items()):
        states = known.get(key, [])
        told = {each.authority.evidence for each in states}
        same += len(told & readings.keys())
        changes += [
            Change(
                event="revoke",
                request=each.request,
                reason=key[0],
                place=key[1],
                evidence=each.authority.evidence,
            )
            for each in states
            if each.authority.evidence not in readings and each.status != "rejected"
        ]
        changes += [
            _submit(key, *readings[evidence])
            for evidence in sorted(readings.keys() - told)
            if readings[evidence][1].subjects
        ]
    return tuple(changes), same


def _submit(key: Key, reading: Reading, found: Closed) -> Change:
    signals = [signal for _, signal in found.subjects]
    return Change(
        event="submit",
        reason=key[0],
        place=key[1],
        evidence=reading.sha256,
        subjects=tuple(Entry(each.kind, each.value) for each, _ in found.subjects),
        basis="dsm-4" if any(each.purpose == "tdm" for each in signals) else "",
        where=tuple(dict.fromkeys(each.where for each in signals)),
    )


def _record(registry: Path, changes: tuple[Change, ...], copies: Copies) -> tuple[Change, ...]:
    """Append the events in one go, and return the changes with the ids of their requests."""
    drafts: list[Draft] = []
    for each in changes:
        if each.event == "revoke":
            drafts.append(Draft(event="revoke", request=each.request, reason="signal-changed"))
            continue
        authority = Authority(level="signal", evidence=each.evidence)
        drafts.append(
            Draft(
                event="submit",
                subjects=each.subjects,
                scope=Scope(copies=copies),
                authority=authority,
                basis=each.basis,
                reason=each.reason,
            )
        )
        drafts.append(Draft(event="verify"))
    events = append(registry, drafts) if drafts else ()
    made = iter([each.request for each in events if each.event == "submit"])
    return tuple(
        each if each.event == "revoke" else msgspec.structs.replace(each, request=next(made))
        for each in changes
    )
