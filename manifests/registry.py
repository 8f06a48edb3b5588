"""The opt-out registry as a log: append-only, one event a line, each line sealed to the one before.

A line is canonical JSON (sorted keys, no spaces) of an `Event`; its `hash` is the SHA-256 of all
its other fields, `prev` is the hash of the line before. So any flipped byte, and any line removed,
added or moved, breaks the chain at a line that can be named. Lines missing at the very end leave a
whole chain: they are found by the head that a manifest or the file beside the log remembers.

A requester's own words are private and never enter the log: `reason` is a short code, see
`reason_code`. People are named by keyed digests alone.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["submit", "verify", "reject", "amend", "revoke", "apply"]
Copies = Literal["none", "exact", "near"]
Status = Literal["pending", "verified", "rejected", "revoked"]

EMPTY_HEAD: Final = "0" * 64  # the head of a registry without events
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_NEXT: Final[dict[str, Status]] = {
    "verify": "verified",
    "reject": "rejected",
    "revoke": "revoked",
}


class ChainError(ValueError):
    """An event does not follow from the events before it; the message says how."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A subject as the log keeps it, in canonical form; `repo` goes with the kind `path`."""

    kind: str
    value: str
    repo: str = ""


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the log. `seq` is the line's number from 1, `ts` is UTC to the second.

    `subjects` and `copies` say something in `submit` and `amend` alone; `release` names what an
    `apply` reached, as `name-version`.
    """

    seq: int
    ts: str
    event: Kind
    request: str
    subjects: tuple[Entry, ...] = ()
    copies: Copies = "near"
    reason: str = ""
    release: str = ""
    prev: str
    hash: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event before it has its place in the log; a `submit` gets its request's id by `seal`."""

    event: Kind
    request: str = ""
    subjects: tuple[Entry, ...] = ()
    copies: Copies = "near"
    reason: str = ""
    release: str = ""


class RequestState(msgspec.Struct, frozen=True):
    """Where one request stands. An amendment waits in `proposed` until it is verified."""

    request: str
    status: Status
    ts: str
    subjects: tuple[Entry, ...]
    copies: Copies
    reason: str
    proposed: tuple[tuple[Entry, ...], Copies] | None = None
    applied: tuple[str, ...] = ()


class State(msgspec.Struct, frozen=True):
    """All requests in the order of their submission, and the head they were folded up to."""

    requests: tuple[RequestState, ...]
    head: str

    def active(self) -> tuple[RequestState, ...]:
        """Return the requests that hold: verified and neither rejected nor revoked."""
        return tuple(each for each in self.requests if each.status == "verified")


class ChainReport(msgspec.Struct, frozen=True):
    """The events before the first bad line, and that line: its number from 1 and what is wrong.

    `requests` are as they stand after these events.
    """

    events: tuple[Event, ...]
    requests: tuple[RequestState, ...]
    head: str
    line: int = 0
    problem: str = ""

    @property
    def intact(self) -> bool:
        """Say whether the whole log is good."""
        return not self.problem


def reason_code(text: str) -> str:
    """Return a reason as the log keeps it: a code such as `gdpr-17`, and `other` for free text."""
    text = text.strip()
    return text if not text or _CODE.fullmatch(text) is not None else "other"


def seal(previous: Event | None, draft: Draft, ts: str) -> Event:
    """Give a draft its number, its request's id and its hash.

    The id of a new request is `r-` and the first 12 hex digits of the digest that its `submit`
    event has while it is without an id; nobody chooses it, and anybody can check it.
    """
    if _TIME.fullmatch(ts) is None:
        raise ChainError("a time is UTC to the second: 2026-01-31T12:00:00Z")
    event = Event(
        seq=1 if previous is None else previous.seq + 1,
        ts=ts,
        event=draft.event,
        request=draft.request,
        subjects=draft.subjects,
        copies=draft.copies,
        reason=reason_code(draft.reason),
        release=draft.release,
        prev=EMPTY_HEAD if previous is None else previous.hash,
        hash="",
    )
    if event.event == "submit":
        event = msgspec.structs.replace(event, request=_request_id(event))
    return msgspec.structs.replace(event, hash=_digest(event))


def encode(event: Event) -> bytes:
    """Return the event's one line, with its line feed."""
    return msgspec.json.encode(event, order="sorted") + b"\n"


def _digest(event: Event) -> str:
    return hashlib.sha256(encode(msgspec.structs.replace(event, hash=""))).hexdigest()


def _request_id(event: Event) -> str:
    return f"r-{_digest(msgspec.structs.replace(event, request=''))[:12]}"


def check_chain(lines: Iterable[bytes], *, head: str | None = None) -> ChainReport:
    """Check every line of a log, line feeds included, up to the first that is wrong.

    With `head`, a head remembered from earlier, the log must contain that event too: lines that
    are missing at the end are found by it.
    """
    events: list[Event] = []
    fold = Fold()
    for number, line in enumerate(lines, start=1):
        try:
            event = _decode(line)
            _follows(events[-1] if events else None, event)
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
    return ChainReport(tuple(events), fold.requests(), head, line, problem)


def _plain(error: Exception) -> str:
    """Say what is wrong without quoting the line: a decoder's message may hold a value."""
    return str(error) if isinstance(error, ChainError) else "the line is no event of a registry"


def _decode(line: bytes) -> Event:
    if not line.endswith(b"\n"):
        raise ChainError("the line is torn: its end is missing")
    event = msgspec.json.decode(line, type=Event)
    if encode(event) != line:
        raise ChainError("the line is not canonical JSON: it was changed after it was written")
    return event


def _follows(previous: Event | None, event: Event) -> None:
    """Raise `ChainError` unless the event is whole and continues the chain."""
    if event.seq != (1 if previous is None else previous.seq + 1):
        raise ChainError(f"the event says it is number {event.seq}: lines are missing or moved")
    if event.prev != (EMPTY_HEAD if previous is None else previous.hash):
        raise ChainError("the event does not continue the line before: one of them was changed")
    if event.hash != _digest(event):
        raise ChainError("the event does not have its own hash: the line was changed")
    named = msgspec.structs.replace(event, hash="")
    if event.event == "submit" and event.request != _request_id(named):
        raise ChainError("the request's id is not that of its event")


class Fold:
    """Requests as they stand after the events taken so far, checked one by one."""

    def __init__(self, requests: Iterable[RequestState] = ()) -> None:
        self._requests = {each.request: each for each in requests}

    def take(self, event: Event) -> None:
        """Apply one event; raise `ChainError` when it makes no sense after those before it."""
        if event.event == "submit":
            self._requests[event.request] = self._submitted(event)
        elif event.event == "apply" and not event.request:
            active = [each for each in self._requests.values() if each.status == "verified"]
            self._requests.update({each.request: _applied(each, event) for each in active})
        else:
            self._requests[event.request] = _moved(self._open(event), event)

    def requests(self) -> tuple[RequestState, ...]:
        """Return the requests in the order of their submission."""
        return tuple(self._requests.values())

    def _submitted(self, event: Event) -> RequestState:
        if event.request in self._requests or not event.subjects:
            raise ChainError("a request is submitted once, with at least one subject")
        return RequestState(
            event.request, "pending", event.ts, event.subjects, event.copies, event.reason
        )

    def _open(self, event: Event) -> RequestState:
        state = self._requests.get(event.request)
        if state is None:
            raise ChainError("there is no such request")
        if state.status in {"rejected", "revoked"}:
            raise ChainError(f"the request is {state.status} already")
        return state


def _moved(state: RequestState, event: Event) -> RequestState:
    if event.event == "apply":
        return _applied(state, event)
    if event.event == "amend":
        if not event.subjects:
            raise ChainError("an amendment names at least one subject")
        return msgspec.structs.replace(state, proposed=(event.subjects, event.copies))
    subjects, copies = state.subjects, state.copies
    if event.event == "verify" and state.proposed is not None:
        subjects, copies = state.proposed
    return msgspec.structs.replace(
        state, status=_NEXT[event.event], subjects=subjects, copies=copies, proposed=None
    )


def _applied(state: RequestState, event: Event) -> RequestState:
    if not event.release:
        raise ChainError("what was applied names its release")
    return msgspec.structs.replace(state, applied=(*state.applied, event.release))


def fold(events: Iterable[Event]) -> State:
    """Fold a log into the state of its requests. Raises `ChainError` at an impossible event."""
    fold, head = Fold(), EMPTY_HEAD
    for event in events:
        fold.take(event)
        head = event.hash
    return State(fold.requests(), head)
