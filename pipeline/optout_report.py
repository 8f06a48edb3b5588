"""How opt-out requests stand: their ages and due dates, what is overdue, and what releases still hold.

A request is *unapplied* while it is verified and in effect and a release that it applies to, published
and not withdrawn, holds a record that it names. Copies of the content are not counted. Nothing here
says what a subject is, only of which kind: names and addresses stay in the registry.

A release does not tell the digests of texts that were redacted: whether it holds what a later request
names by such a digest shows when that is applied, and not before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from functools import cache, partial
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from filters.optout import Request, means
from manifests.registry import Event, applies_to
from pipeline.optout import load
from pipeline.optout.log import read_log
from pipeline.optout.renames import all_names
from pipeline.optout_check.untold import count_untold, honoured_by, needs_text
from pipeline.subject_index import keep_index
from pipeline.withdrawals import read_withdrawals, withdrawal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from manifests.registry import RequestState
    from pipeline.optout import Registry
    from pipeline.subject_index import Index
    from pipeline.withdrawals import Withdrawal

    Behind = Callable[[], frozenset[Request]]

_OPEN: Final = frozenset({"pending", "verified"})
_UNSEEN: Final = frozenset({"author", "near"})  # what no record of a release tells


class _Sources(NamedTuple):
    """What the report is made of; `applied` are the days on which a request was honoured, by its id.

    `settled` are the releases that the registry says it was applied to; `behind` tells for each of
    `live` which requests it was made behind.
    """

    registry: Registry
    live: tuple[Index, ...]
    withdrawals: tuple[Withdrawal, ...]
    applied: dict[str, list[str]]
    settled: dict[str, set[str]]
    behind: tuple[Behind, ...]
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
        if withdrawal_of(release, index.head.release, index.head.content_root) is None:
            live.append(index)
    folders = sorted({release.resolve().parent for release in releases})
    withdrawals = dict.fromkeys(each for folder in folders for each in read_withdrawals(folder))
    events = _applications(path)
    applied = _applied(events, registry.state.requests, withdrawals)
    behind = tuple(cache(partial(honoured_by, each, path)) for each in live)
    settled = _settled(events)
    return _Sources(
        registry, tuple(live), tuple(withdrawals), applied, settled, behind, today, documents
    )


def _applied(
    events: Iterable[Event], states: Iterable[RequestState], withdrawals: Iterable[Withdrawal]
) -> dict[str, list[str]]:
    """Return the days on which each request was honoured, as the registry and the withdrawals tell."""
    days: dict[str, list[str]] = defaultdict(list)
    for withdrawal in withdrawals:
        for request in withdrawal.requests:
            days[request].append(withdrawal.withdrawn)
    by_release: dict[str, list[str]] = defaultdict(list)
    for event in events:
        if event.event == "apply":
            named, key = (days, event.request) if event.request else (by_release, event.release)
            named[key].append(event.ts[:10])
    for state in states:
        for release in state.applied:
            days[state.request] += by_release[release]
    return days


def _settled(events: Iterable[Event]) -> dict[str, set[str]]:
    """Return for each request the releases that it was applied to as it stands, by the registry's word."""
    found: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.event == "apply":
            found[event.request].add(event.release)
        else:  # what was amended asks for something else from here on
            found.pop(event.request, None)
    return found


def _applications(path: Path) -> list[Event]:
    """Read what the registry says of applied requests: each `apply`, and each `verify` after the first."""
    found: list[Event] = []
    for line in read_log(path).lines():  # a quote inside of a value is escaped
        if b'"event":"apply"' in line or (found and b'"event":"verify"' in line):
            found.append(msgspec.json.decode(line, type=Event))
    return found


def _row(state: RequestState, requests: Sequence[Request], sources: _Sources) -> dict[str, Any]:
    """Say how one request stands."""
    holding = _holding(state, requests, sources) if state.status in _OPEN else []
    unapplied = state.status == "verified" and bool(requests) and bool(holding)
    untold = _untold(state, requests, sources) if state.status == "verified" else []
    waits = state.status == "pending" or unapplied or bool(untold)
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
        "cannot_tell": untold,
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


def _untold(
    state: RequestState, requests: Sequence[Request], sources: _Sources
) -> list[dict[str, Any]]:
    """Name the live releases of which it cannot be told, until it is applied, whether a request concerns them."""
    by_text = [each for each in requests if needs_text(each.subject)]
    told = []
    for index, behind in zip(sources.live, sources.behind, strict=True) if by_text else ():
        head = index.head
        count = count_untold(index, by_text)
        if not count or not applies_to(state.applies, head.name, head.version, published=True):
            continue
        settled = head.release in sources.settled.get(state.request, ())
        if not settled and not behind().issuperset(by_text):
            told.append({"release": head.release, "undecided": count})
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
        "cannot_tell": sum(bool(each["cannot_tell"]) for each in rows),
        "overdue": sum(each["overdue"] for each in rows),
        "oldest_unapplied_days": max(unapplied, default=None),
        "applied": len(days),
        "median_days_to_apply": median(days) if days else None,
    }
