"""A folded log with its verified requests as the filter takes them, their subjects canonical."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from filters.optout import Request
from filters.subjects import SubjectError, stored_subject
from manifests.registry import ChainReport, RequestState, State
from pipeline.errors import RegistryError, at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Compiled(msgspec.Struct, frozen=True):
    """What a log comes to, whatever the clock says: the verified requests, also those not yet in effect.

    `events` counts the lines, `latest` is the time of the last one.
    """

    state: State
    requests: tuple[Request, ...]
    events: int
    latest: str


def compile_registry(path: Path, report: ChainReport) -> Compiled:
    """Compile an intact log; raises `RegistryError` when a subject is none that the filter knows."""
    state = State(report.requests, report.head)
    latest = report.events[-1].ts if report.events else ""
    held = tuple(each for one in state.active() for each in _requests(path, one))
    return Compiled(state, held, len(report.events), latest)


def _requests(path: Path, state: RequestState) -> Iterator[Request]:
    """Yield one request for each subject."""
    scope = state.scope
    until = "" if scope.future else _next_day(state.ts)
    for entry in state.subjects:
        try:
            subject = stored_subject(entry.kind, entry.value, repo=entry.repo)
        except SubjectError as error:
            problem = f"request {state.request}: {error}"
            raise RegistryError(at("optout", str(path), problem)) from None
        yield Request(state.request, subject, scope.copies, scope.kinds, scope.languages, until)


def _next_day(ts: str) -> str:
    return (date.fromisoformat(ts[:10]) + timedelta(days=1)).isoformat()
