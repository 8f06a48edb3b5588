"""What people asked for or decided, as tasks read it: opt-out requests, and decisions on licences."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from filters.licenses.decisions import Decision, Decisions
from filters.optout import OptOutFilter

if TYPE_CHECKING:
    from pipeline.engine.work import Work

_REQUESTS, _DECISIONS = "requests", "decisions"


def save_requests(work: Work, optout: OptOutFilter) -> str:
    """Leave the compiled requests for the workers; return the digest that task specs hold."""
    work.leave(_REQUESTS, optout.digest, [msgspec.msgpack.encode(optout)])
    return optout.digest


@functools.lru_cache(maxsize=2)
def read_requests(work: Work, digest: str) -> OptOutFilter:
    """Load them, once for each process."""
    return msgspec.msgpack.decode(work.find(_REQUESTS, digest).read_bytes(), type=OptOutFilter)


def save_decisions(work: Work, decisions: Decisions) -> str:
    """Leave the decisions for the workers; return their digest, `""` where there are none."""
    if not decisions.decisions:
        return ""
    work.leave(_DECISIONS, decisions.digest, [msgspec.msgpack.encode(decisions.decisions)])
    return decisions.digest


@functools.lru_cache(maxsize=2)
def read_decisions(work: Work, digest: str) -> Decisions:
    """Load them, once for each process."""
    if not digest:
        return Decisions()
    data = work.find(_DECISIONS, digest).read_bytes()
    return Decisions(msgspec.msgpack.decode(data, type=tuple[Decision, ...]))
