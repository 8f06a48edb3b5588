"""What people asked for or decided, as tasks read it: opt-out requests, and decisions on licences."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from filters.licenses.decisions import Decision, Decisions
from filters.optout import OptOutFilter
from pipeline.handover import fetch, leave

if TYPE_CHECKING:
    from pathlib import Path

_REQUESTS, _DECISIONS = "requests", "decisions"


def save_requests(work: Path, optout: OptOutFilter) -> str:
    """Leave the compiled requests for the workers; return the digest that task specs hold."""
    leave(work, _REQUESTS, optout.digest, msgspec.msgpack.encode(optout))
    return optout.digest


@functools.lru_cache(maxsize=2)
def read_requests(work: Path, digest: str) -> OptOutFilter:
    """Load them, once for each process."""
    return msgspec.msgpack.decode(fetch(work, _REQUESTS, digest), type=OptOutFilter)


def save_decisions(work: Path, decisions: Decisions) -> str:
    """Leave the decisions for the workers; return their digest, `""` where there are none."""
    if not decisions.decisions:
        return ""
    leave(work, _DECISIONS, decisions.digest, msgspec.msgpack.encode(decisions.decisions))
    return decisions.digest


@functools.lru_cache(maxsize=2)
def read_decisions(work: Path, digest: str) -> Decisions:
    """Load them, once for each process."""
    if not digest:
        return Decisions()
    data = fetch(work, _DECISIONS, digest)
    return Decisions(msgspec.msgpack.decode(data, type=tuple[Decision, ...]))
