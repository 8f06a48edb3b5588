"""How opt-out requests stand: their ages and due dates, what is overdue, and what releases still hold.

A request is *unapplied* while it is verified and in effect and a release that it applies to, published
and not withdrawn, holds a record that it names. Copies of the content are not counted. Nothing here
says what a subject is, only of which kind: names and addresses stay in the registry.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from filters.optout import Request, means
from manifests.registry import Event, applies_to
from pipeline.optout import load
from pipeline.optout.log import read_log
from pipeline.optout.renames import all_names
from pipeline.subject_index import keep_index
from pipeline.withdrawals import read_withdrawals, withdrawal_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from manifests.registry import RequestState
    from pipeline.optout import Registry
    from pipeline.subject_index import Index
    from pipeline.withdrawals import Withdrawal

_OPEN: Final = frozenset({"pending", "verified"})
_UNSEEN: Final = frozenset({"author", "near"})  # what no record of a release tells


class _Sources(NamedTuple):
    """What the report is made of; `applied` are the days on which a request was honoured, by its id."""

    registry: Registry
    live: tuple[Index, ...]
    withdrawals: tuple[Withdrawal, ...]
    applied: dict[str, list[str]]
    today: date
    documents: bool


def report(
    registry: Path, releases: Sequence[Path], today: date, *, documents: bool = False
) -> dict[str, Any]:
    """Say how every request stands on a UTC day, in the order of submission, and sum it up.

    With `documents` the ids that are still there are listed.

    Raises:
        GristmillError: the registry, a release or its file of withdrawals does not read.
    """
    sources = _read(registry, releases, today, documents=documents)
    held: dict[str, list[Request]] = defaultdict(list)
    for each in sources.registry.requests:
        held[each.request].append(each)
    rows = [_row(state, held[state.request], sources) for state in sources.registry.state.requests]
    return {
        "today": today.isoformat(),
        "summary": _summary(rows),
        "releases": [each.head.release for each in sources.live],
        "withdrawn": sorted({each.release for each in sources.withdrawals}),
        "requests": rows,
    }


def _read(path: Path, releases: Sequence[Path], today: date, *, documents: bool) -> _Sources:
    registry = load(path, now=f"{today.isoformat()}T23:59:59Z")
    live = []
    for release in releases:
        index = keep_index(release)
        if withdrawal_of(release, index.head.content_root) is None:
            live.append(index)
    folders = sorted({release.resolve().parent for release in releases})
    withdrawals = dict.fromkeys(each for folder in folders for each in read_withdrawals(folder))
    applied = _applied(path, registry.state.requests, withdrawals)
    return _Sources(registry, tuple(live), tuple(withdrawals), applied, today, documents)


def _applied(
    path: Path, states: Iterable[RequestState], withdrawals: Iterable[Withdrawal]
) -> dict[str, list[str]]:
    """Return the days on which each request was honoured, as the registry and the withdrawals tell."""
    days: dict[str, list[str]] = defaultdict(list)
    for withdrawal in withdrawals:
        for request in withdrawal.requests:
            days[request].append(withdrawal.withdrawn)
    by_release: dict[str, list[str]] = defaultdict(list)
    for line in read_log(path).lines():
        if b'"event":"apply"' not in line:  # a quote inside of a value is escaped
            continue
        event = msgspec.json.decode(line, type=Event)
        if event.request:
            days[event.request].append(event.ts[:10])
        else:
            by_release[event.release].append(event.ts[:10])
    for state in states:
        for release in state.applied:
            days[state.request] += by_release[release]
    return days


def _row(state: RequestState, requests: Sequence[Request], sources: _Sources) -> dict[str, Any]:
    """Say how one request stands."""
    holding = _holding(state, requests, sources) if state.status in _OPEN else []
    unapplied = state.status == "verified" and bool(requests) and bool(holding)
    waits = state.status == "pending" or unapplied
    applied = min(sources.applied.get(state.request, ()), default="")
    submitted = date.fromisoformat(state.ts[:10])
    kinds = Counter(each.kind for each in state.subjects)
    return {
        "request": state.request,
        "status": state.status,
        "in_effect": bool(requests),
        "subjects": dict(sorted(kinds.items())),
        "unseen": sorted(kinds.keys() & _UNSEEN),
        "copies": state.copies,
        "basis": state.basis,
        "submitted": submitted.isoformat(),
        "age_days": max(0, (sources.today - submitted).days),
        "due": state.due,
        "overdue": waits and bool(state.due) and state.due < sources.today.isoformat(),
        "unapplied": unapplied,
        "held_by": holding,
        "replaced": [
            {
                "release": each.release,
                "replaced_by": each.replaced_by,
                "withdrawn": each.withdrawn,
            }
            for each in sources.withdrawals
            if state.request in each.requests
        ],
        "applied": applied,
        "days_to_apply": (date.fromisoformat(applied) - submitted).days if applied else None,
    }


def _holding(
    state: RequestState, requests: Sequence[Request], sources: _Sources
) -> list[dict[str, Any]]:
    """Name the live releases that hold records which a request names.

    One that is not verified, or not yet in effect, is taken at its subjects alone.
    """
    asked = requests or [
        Request(state.request, each) for each in all_names(state.subjects, sources.registry.aliases)
    ]
    told = []
    for index in sources.live:
        head = index.head
        if not applies_to(state.applies, head.name, head.version, published=True):
            continue
        rows = _named(index, asked)
        if len(rows):
            found: dict[str, Any] = {
                "release": head.release,
                "documents": int(np.count_nonzero(rows < head.documents)),
                "questions": int(np.count_nonzero(rows >= head.documents)),
            }
            told.append(found | ({"ids": index.ids(rows)} if sources.documents else {}))
    return told


def _named(index: Index, requests: Iterable[Request]) -> NDArray[np.uint32]:
    """Return the rows that requests name and mean; a record is read only where its scope asks for it."""
    found = [np.empty(0, np.uint32)]
    for each in requests:
        rows = index.find(each.subject)
        if each.kinds or each.languages or each.until:
            meant = [means(each, index.document(row)) for row in rows.tolist()]
            rows = rows[np.array(meant, np.bool_)]
        found.append(rows)
    return np.unique(np.concatenate(found))


def _summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sum the requests up; days are `None` where there is nothing to measure."""
    statuses = Counter(each["status"] for each in rows)
    unapplied = [each["age_days"] for each in rows if each["unapplied"]]
    days = [each["days_to_apply"] for each in rows if each["days_to_apply"] is not None]
    return {
        **{name: statuses[name] for name in ("pending", "verified", "rejected", "revoked")},
        "unapplied": len(unapplied),
        "overdue": sum(each["overdue"] for each in rows),
        "oldest_unapplied_days": max(unapplied, default=None),
        "applied": len(days),
        "median_days_to_apply": median(days) if days else None,
    }
