"""The chain: any flipped byte, and any line removed, added or moved, breaks it at a line that is named.

Lines missing at the very end leave a whole chain: they are found by the head that a manifest or the
file beside the log remembers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from manifests.registry.event import EMPTY_HEAD, ChainError, Event, check_line, decode
from manifests.registry.fold import Fold, RequestState
from manifests.registry.rename import Rename

if TYPE_CHECKING:
    from collections.abc import Iterable


class ChainReport(msgspec.Struct, frozen=True):
    """The events before the first bad line, and that line: its number from 1 and what is wrong.

    `requests` and `renames` are as they stand after these events.
    """

    events: tuple[Event, ...]
    requests: tuple[RequestState, ...]
    head: str
    line: int = 0
    problem: str = ""
    renames: tuple[Rename, ...] = ()

    @property
    def intact(self) -> bool:
        """Say whether the whole log is good."""
        return not self.problem


def check_chain(
    lines: Iterable[bytes], *, head: str | None = None, after: ChainReport | None = None
) -> ChainReport:
    """Check every line of a log, line feeds included, up to the first that is wrong.

    With `head`, a head remembered from earlier, the log must contain that event too: lines that
    are missing at the end are found by it. The lines follow those that gave the report `after`.
    """
    events = [] if after is None else list(after.events)
    fold = Fold() if after is None else Fold(after.requests, after.renames)
    for number, line in enumerate(lines, start=len(events) + 1):
        try:
            event = decode(line)
            _follows(events[-1] if events else None, event)
            check_line(line, event)
            fold.take(event)
        except (ChainError, msgspec.DecodeError, UnicodeDecodeError) as error:
            return _report(events, fold, number, _plain(error))
        events.append(event)
    if head is not None and head != EMPTY_HEAD and all(each.hash != head for each in events):
        problem = "events that were recorded here are missing from the end of the log"
        return _report(events, fold, len(events) + 1, problem)
    return _report(events, fold)


def _report(events: list[Event], fold: Fold, line: int = 0, problem: str = "") -> ChainReport:
    head = events[-1].hash if events else EMPTY_HEAD
    return ChainReport(tuple(events), fold.requests(), head, line, problem, fold.renames())


def _plain(error: Exception) -> str:
    """Say what is wrong without quoting the line: a decoder's message may hold a value."""
    return str(error) if isinstance(error, ChainError) else "the line is no event of a registry"


def _follows(previous: Event | None, event: Event) -> None:
    """Raise `ChainError` unless the event continues the chain."""
    if event.seq != (1 if previous is None else previous.seq + 1):
        raise ChainError(f"the event says it is number {event.seq}: lines are missing or moved")
    if event.prev != (EMPTY_HEAD if previous is None else previous.hash):
        raise ChainError("the event does not continue the line before: one of them was changed")
