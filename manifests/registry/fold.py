"""Where requests stand after the events so far, and what was renamed; what makes no sense then is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from manifests.registry.event import EMPTY_HEAD, ChainError, Event
from manifests.registry.rename import Rename, renamed
from manifests.registry.terms import NO_TERMS, Terms, flaws, is_time, start_of, terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable

Status = Literal["pending", "verified", "rejected", "revoked"]

_NEXT: Final[dict[str, Status]] = {
    "verify": "verified",
    "reject": "rejected",
    "revoke": "revoked",
}


class RequestState(Terms, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Where one request stands. An amendment waits in `proposed` until it is verified.

    `ts` is the time of its submission, `verified` that of its last verification, `closed` that of
    its rejection or revocation; `applied` names the releases that it has reached.
    """

    request: str
    status: Status
    ts: str
    reason: str = ""
    verified: str = ""
    closed: str = ""
    proposed: Terms | None = None
    applied: tuple[str, ...] = ()


class State(msgspec.Struct, frozen=True):
    """All requests in the order of their submission, the head they were folded up to, and the renames that hold."""

    requests: tuple[RequestState, ...]
    head: str
    renames: tuple[Rename, ...] = ()

    def active(self, cutoff: str | None = None) -> tuple[RequestState, ...]:
        """Return the requests that hold: verified, neither rejected nor revoked, and in effect at `cutoff`.

        `cutoff` is a UTC time as in the log; without one, those that will come into effect count.
        """
        return tuple(
            each
            for each in self.requests
            if each.status == "verified" and (cutoff is None or start_of(each.effective) <= cutoff)
        )


class Fold:
    """Requests and renames as they stand after the events taken so far, checked one by one."""

    def __init__(
        self, requests: Iterable[RequestState] = (), renames: Iterable[Rename] = ()
    ) -> None:
        self._requests = {each.request: each for each in requests}
        self._renames = {each.old: each for each in renames}

    def take(self, event: Event) -> None:
        """Apply one event; raise `ChainError` when it makes no sense after those before it."""
        if not is_time(event.ts):
            raise ChainError("a time is UTC to the second: 2026-01-31T12:00:00Z")
        if event.event in {"alias", "unalias"}:
            self._rename(event)
            return
        _check_terms(event)
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

    def renames(self) -> tuple[Rename, ...]:
        """Return the renames that hold, in the order in which they were recorded."""
        return tuple(self._renames.values())

    def _rename(self, event: Event) -> None:
        said = renamed(self._renames, event)
        if event.event == "alias":
            self._renames[said.old] = said
        else:
            del self._renames[said.old]

    def _submitted(self, event: Event) -> RequestState:
        if event.request in self._requests or not event.subjects:
            raise ChainError("a request is submitted once, with at least one subject")
        return RequestState(
            request=event.request,
            status="pending",
            ts=event.ts,
            reason=event.reason,
            **_parts(event),
        )

    def _open(self, event: Event) -> RequestState:
        state = self._requests.get(event.request)
        if state is None:
            raise ChainError("there is no such request")
        if state.status in {"rejected", "revoked"}:
            raise ChainError(f"the request is {state.status} already")
        return state


def _check_terms(event: Event) -> None:
    if event.event in {"submit", "amend"}:
        flaw = next(flaws(event), "")
        if flaw:
            raise ChainError(flaw)
    elif terms_of(event) != NO_TERMS:
        raise ChainError("only a submission or an amendment says what a request asks for")


def _moved(state: RequestState, event: Event) -> RequestState:
    if event.event == "apply":
        return _applied(state, event)
    if event.event == "amend":
        if not event.subjects:
            raise ChainError("an amendment names at least one subject")
        return msgspec.structs.replace(state, proposed=terms_of(event))
    status = _NEXT[event.event]
    if status != "verified":
        return msgspec.structs.replace(state, status=status, proposed=None, closed=event.ts)
    terms = state if state.proposed is None else state.proposed
    return msgspec.structs.replace(
        state, status=status, proposed=None, verified=event.ts, **_parts(terms)
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
    return State(fold.requests(), head, fold.renames())


def _parts(terms: Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in Terms.__struct_fields__}
