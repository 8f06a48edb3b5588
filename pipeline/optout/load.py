"""A registry as a run honours it: checked line by line, folded, cut off at one moment.

The *cut-off* is the time of the last event, or that at which the latest request since came into
effect. What holds depends on the clock through it alone, so head and cut-off name the state of a
registry to the byte.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from filters.aliases import Aliases
from filters.optout import OptOutFilter, Request, optout_filter
from filters.subjects import SubjectError
from manifests.registry import EMPTY_HEAD, State, applies_to, check_chain, start_of
from pipeline.errors import RegistryError, at
from pipeline.optout.compiled import Compiled, compile_registry
from pipeline.optout.index import keep_index, read_index
from pipeline.optout.log import Log, read_log, require_intact, utc_now

if TYPE_CHECKING:
    from pathlib import Path


_OLDER: Final = "the registry is older than the release"


class Registry(msgspec.Struct, frozen=True):
    """A checked registry: every request's state, and those that hold as the filter takes them.

    `latest` is the time of the last event, `""` without any; `cutoff` as above, `""` likewise.
    `requests` have one for each name of a subject, as `aliases` tell.
    """

    state: State
    requests: tuple[Request, ...]
    head: str
    counts: dict[str, int]
    events: int
    latest: str
    cutoff: str
    aliases: Aliases = Aliases()

    def filter(self, key: bytes = b"") -> OptOutFilter:
        """Build the opt-out filter; raises `RegistryError` when author subjects lack their key."""
        try:
            return optout_filter(self.requests, key=key)
        except SubjectError as error:
            raise RegistryError(f"optout: {error}") from None

    def of_release(self, name: str, version: str) -> Registry:
        """Leave out the requests that are for other releases."""
        others = {
            each.request
            for each in self.state.active()
            if each.applies and not applies_to(each.applies, name, version, published=False)
        }
        kept = tuple(each for each in self.requests if each.request not in others)
        return msgspec.structs.replace(self, requests=kept) if others else self


def load(
    path: Path, *, head: str | None = None, now: str | None = None, trust_index: bool = True
) -> Registry:
    """Read and check a registry. Raises `RegistryError` when it is missing or a line is wrong.

    An empty file is a registry without requests. `head` is one that a manifest remembers: a
    registry that does not contain it is older than that release. `now` is a UTC time, that of the
    clock if unset. Without `trust_index` the chain is followed even where the index beside a large
    log says that this was done before.
    """
    log = read_log(path)
    compiled = read_index(path, log.raw) if trust_index else None
    if compiled is None or not _has(log, log.remembered):
        compiled = _compile(path, log)
        keep_index(path, log.raw, compiled)
    if not _has(log, head):
        raise RegistryError(at("optout", str(path), _OLDER))
    return _cut(compiled, _cutoff(compiled, now or utc_now()))


def load_as_of(path: Path, head: str, cutoff: str = "") -> Registry:
    """Read a registry as it was at a head and a cut-off; raises `RegistryError` as `load` does.

    Without a cut-off it is the time of the last event then.
    """
    log = read_log(path)
    lines = log.lines()
    ends = (number for number, line in enumerate(lines, start=1) if _ends(line, head))
    until = 0 if head == EMPTY_HEAD else next(ends, len(lines))
    then = check_chain(lines[:until])
    require_intact(path, check_chain(lines[until:], head=log.remembered, after=then))
    if then.head != head:
        raise RegistryError(at("optout", str(path), _OLDER))
    compiled = compile_registry(path, then)
    return _cut(compiled, cutoff or compiled.latest)


def _compile(path: Path, log: Log) -> Compiled:
    """Follow the whole chain."""
    report = check_chain(log.lines(), head=log.remembered)
    require_intact(path, report)
    return compile_registry(path, report)


def _has(log: Log, head: str | None) -> bool:
    """Say whether an intact log has the event with this hash; JSON's quotes leave no other reading."""
    return head in {None, EMPTY_HEAD} or _ends(log.raw, head or "")


def _ends(raw: bytes, head: str) -> bool:
    return f'"hash":"{head}"'.encode() in raw


def _cutoff(compiled: Compiled, now: str) -> str:
    starts = (start_of(each.effective) for each in compiled.state.active() if each.effective)
    return max((compiled.latest, *(start for start in starts if start <= now)))


def _cut(compiled: Compiled, cutoff: str) -> Registry:
    """Leave out the requests that come into effect later."""
    state = compiled.state
    later = {each.request for each in state.active() if start_of(each.effective) > cutoff}
    held = compiled.requests
    return Registry(
        state,
        tuple(each for each in held if each.request not in later) if later else held,
        state.head,
        dict(Counter[str](each.status for each in state.requests)),
        compiled.events,
        compiled.latest,
        cutoff,
        compiled.aliases,
    )
