"""A folded log with its verified requests as the filter takes them: canonical subjects, under all names."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from filters.aliases import Aliases
from filters.optout import Request
from filters.subjects import SubjectError
from manifests.registry import ChainReport, RequestState, State
from pipeline.errors import RegistryError, at
from pipeline.optout.renames import all_names, known_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Compiled(msgspec.Struct, frozen=True):
    """What a log comes to, whatever the clock says: the verified requests, also those not yet in effect.

    `events` counts the lines, `latest` is the time of the last one. `aliases` hold for requests
    before and after them: of each thing there is one request for each of its names.
    """

    state: State
    requests: tuple[Request, ...]
    events: int
    latest: str
    aliases: Aliases = Aliases()


def compile_registry(path: Path, report: ChainReport) -> Compiled:
    """Compile an intact log; raises `RegistryError` when a subject or rename is none that the filter knows."""
    state = State(report.requests, report.head, report.renames)
    latest = report.events[-1].ts if report.events else ""
    try:
        known = known_names(state.renames)
    except SubjectError as error:
        raise RegistryError(at("optout", str(path), f"a rename: {error}")) from None
    held = tuple(each for one in state.active() for each in _requests(path, one, known))
    return Compiled(state, held, len(report.events), latest, known)


def _requests(path: Path, state: RequestState, known: Aliases) -> Iterator[Request]:
    """Yield one request for each name of each subject."""
    scope = state.scope
    until = "" if scope.future else _next_day(state.ts)
    try:
        for each in all_names(state.subjects, known):
            yield Request(state.request, each, scope.copies, scope.kinds, scope.languages, until)
    except SubjectError as error:
        problem = f"request {state.request}: {error}"
        raise RegistryError(at("optout", str(path), problem)) from None


def _next_day(ts: str) -> str:
    return (date.fromisoformat(ts[:10]) + timedelta(days=1)).isoformat()
