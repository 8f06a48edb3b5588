"""Which requests cover all of what is asked for, those that hold and those that may hold later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from filters.aliases import expand
from filters.optout import Request, optout_filter
from filters.subject_forms import split_swhid
from filters.subject_names import domain_names, names_of_repo, names_of_url
from pipeline.optout.renames import all_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from filters.aliases import Aliases
    from manifests.registry import RequestState
    from pipeline.optout import Registry
    from pipeline.optout_check.asked import Asked

_OPEN: Final = frozenset({"pending", "verified"})


def covering_requests(registry: Registry, asked: Asked) -> list[dict[str, Any]]:
    """List the requests that cover the whole of a subject: those that hold, then those that may hold later.

    The whole is what a thing is under all its names: an owner's request covers no repository that has
    another owner's name by now.

    To build a filter of all requests takes seconds, so it gets those alone that are worth a look.
    """
    names = asked.under(registry.aliases)
    near = {each.request: each for each in _may_cover(registry.state.requests, names)}
    known = [each for each in registry.requests if each.request in near] if near else []
    holding = _covering(known, asked, registry.aliases)
    waiting = [*_waiting(near.values(), registry.aliases)]
    later = _covering(waiting, asked, registry.aliases) - holding
    told = [_told(near[each], holds=True) for each in sorted(holding)]
    return told + [_told(near[each], holds=False) for each in sorted(later)]


def _told(state: RequestState, *, holds: bool) -> dict[str, Any]:
    return {
        "request": state.request,
        "holds": holds,
        "status": state.status,
        "copies": state.copies,
        "submitted": state.ts[:10],
        "due": state.due,
        "effective": state.effective,
    }


def _may_cover(states: Iterable[RequestState], asked: Asked) -> Iterator[RequestState]:
    """Yield the requests, neither rejected nor revoked, with a subject that may cover what is asked for."""
    names = _names(asked)
    for state in states:
        if state.status in _OPEN:
            for each in state.subjects:
                if (each.repo or each.value.partition(";")[0]) in names:
                    yield state
                    break


def _waiting(states: Iterable[RequestState], aliases: Aliases) -> Iterator[Request]:
    """Yield what requests ask for once they hold."""
    for state in states:
        for each in all_names(state.subjects, aliases):
            yield Request(state.request, each)


def _covering(requests: Sequence[Request], asked: Asked, aliases: Aliases) -> set[str]:
    """Name the requests that cover one of the subjects; an author's covers that author alone."""
    known = [each for each in requests if each.subject.kind != "author"]
    known += [each for each in requests if each.subject in asked.subjects]
    whole = optout_filter(known, key=asked.key)
    found: set[str] = set()
    for each in asked.subjects:
        named = [{it.request for it in whole.covering(name)} for name in expand(each, aliases)]
        found |= set.intersection(*named)
    return found


def _names(asked: Asked) -> set[str]:
    """Return all values that a covering request may have, or the repository of its paths."""
    found: set[str] = set()
    for each in asked.subjects:
        core, _, _ = each.value.partition(";")
        placed = split_swhid(each.value).origin if each.kind == "swhid" else ""
        places = [place for place in (each.repo or each.value, placed) if place]
        for place in places:
            found |= {value for _, value in names_of_url(f"https://{place}")}
            found |= {value for _, value in names_of_repo(place)}
        found |= {each.value, each.repo, core, *domain_names(each.value)} - {""}
    return found
