"""Other names, past and present, of repositories, owners and domains: who asks by one asks by all.

Owners and repositories are renamed and transferred and leave a redirect behind, and copies of their
content bear the name of the time when they were made.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from filters.subject_forms import split_swhid, swhid_text
from filters.subject_names import place_prefixes
from filters.subjects import Subject, stored_subject
from filters.urls import SubjectError, without_www

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KINDS: Final = frozenset({"repo", "owner", "domain"})
_PLACES: Final = _KINDS | {"origin", "url"}
_MOST: Final = 128  # names of one subject; only owners that were moved into each other have more
_GITHUB, _GISTS, _GIST = "github.com/", "gist.github.com/", "gist."


class Aliases(msgspec.Struct, frozen=True):
    """What is known by several names; build it with `aliases`.

    `renamed` holds the pairs (old, new) in their order, `names` all names of each thing by each of them.
    """

    renamed: tuple[tuple[Subject, Subject], ...] = ()
    names: dict[str, tuple[str, ...]] = {}


def aliases(renamed: Iterable[tuple[Subject, Subject]]) -> Aliases:
    """Build the value from pairs (old, new) of repositories, of owners or of domains, in any order.

    Raises `SubjectError` for a pair of other or different kinds, a name with two successors, names in
    a circle, and names that lead on without end.
    """
    pairs = tuple(sorted(set(renamed)))
    successors: dict[str, str] = {}
    for old, new in pairs:
        if old.kind != new.kind or old.kind not in _KINDS:
            raise SubjectError("a repository, an owner or a domain is renamed, to one of its kind")
        if successors.setdefault(_name(old), _name(new)) != _name(new):
            raise SubjectError(
                "one name has two successors: write which of them is meant, by its URL"
            )
    grouped: defaultdict[str, set[str]] = defaultdict(set)
    for name in successors:
        grouped[_last(name, successors)].add(name)
    names = {
        each: tuple(sorted({*others, last}))
        for last, others in grouped.items()
        for each in (*others, last)
    }
    made = Aliases(pairs, names)
    for name in grouped:  # the others of a group have the same names
        _all_names(name, made)
    return made


def expand(subject: Subject, known: Aliases) -> tuple[Subject, ...]:
    """Return the subject and then, in order, the same thing under all other names, past and present.

    An owner's names hold for the owner's repositories and their pages, a domain's for those below it.
    """
    place = _place_of(subject) if known.names else ""
    if not place or not _is_known(place, known.names):
        return (subject,)
    others = set(_others(subject, place, known))
    return (subject, *sorted(others - {subject}))


def _name(subject: Subject) -> str:
    """Return the value; a site has one name with `www.` and without."""
    return without_www(subject.value) if subject.kind == "domain" else subject.value


def _last(name: str, successors: dict[str, str]) -> str:
    seen = {name}
    while name in successors:
        name = successors[name]
        if name in seen:
            raise SubjectError(
                "names in a circle: each covers the others as soon as one pair is known"
            )
        seen.add(name)
    return name


def _place_of(subject: Subject) -> str:
    """Return what of a subject may have other names."""
    if subject.kind in _PLACES:
        return subject.value
    if subject.kind == "swhid" and ";" in subject.value:
        return split_swhid(subject.value).origin
    return subject.repo


def _is_known(place: str, names: dict[str, tuple[str, ...]]) -> bool:
    """Say whether a place may have other names; most have none, and this tells so many times faster."""
    if place in names or place.startswith(_GISTS):
        return True
    at = end = place.find("/")
    while at != -1:
        if place[:at] in names:
            return True
        at = place.find("/", at + 1)
    host = (place if end == -1 else place[:end]).partition("?")[0].partition(":")[0]
    while host and host not in names:
        host = host.partition(".")[2]
    return bool(host) or "?" in place


def _others(subject: Subject, place: str, known: Aliases) -> Iterator[Subject]:
    """Yield the subject under all names; one that is malformed there cannot exist there."""
    for name in _all_names(place, known):
        value, repo = name, ""
        if subject.kind == "path":
            value, repo = subject.value, name
        elif subject.kind == "swhid":
            value = swhid_text(split_swhid(subject.value)._replace(origin=name))
        try:
            yield stored_subject(subject.kind, value, repo=repo)
        except SubjectError:
            continue


class _Known(NamedTuple):
    """Some names of one thing, each of which stands between the same two texts."""

    names: tuple[str, ...]
    before: str
    after: str


def _all_names(name: str, known: Aliases) -> set[str]:
    """Follow all aliases of a place, and of what it lies in, until no new name comes up."""
    found, fresh = {name}, [name]
    followed: set[tuple[str, str, str]] = set()  # so that a hundred names take a hundred steps
    while fresh:
        for each in _neighbours(fresh.pop(), known):
            step = (each.names[0], each.before, each.after)
            if step not in followed:
                followed.add(step)
                named = {f"{each.before}{other}{each.after}" for other in each.names}
                fresh.extend(named - found)
                found |= named
        if len(found) > _MOST:
            raise SubjectError(
                f"more than {_MOST} names of one thing: they lead on without end where an owner was"
                " moved into itself; else leave out renames of which nobody has the content"
            )
    return found


def _neighbours(name: str, known: Aliases) -> Iterator[_Known]:
    """Yield the names that one alias makes of another: of its host, or of a beginning of its path."""
    place, mark, query = name.partition("?")
    query = mark + query
    for start in place_prefixes(place):
        rest = place[len(start) :] + query
        if start in known.names:
            yield _Known(known.names[start], "", rest)
        if start.startswith(_GISTS):  # an owner's gists go by the owner's name on GitHub
            owners = known.names.get(start.removeprefix(_GIST), ())
            there = tuple(each for each in owners if each.startswith(_GITHUB))
            if there:
                yield _Known(there, _GIST, rest)
    authority, slash, rest = place.partition("/")
    host, colon, port = authority.partition(":")
    rest = f"{colon}{port}{slash}{rest}{query}"
    at = host.find(".") + 1
    while at:
        if host[at:] in known.names:
            yield _Known(known.names[host[at:]], host[:at], rest)
        at = host.find(".", at) + 1
    if colon and host in known.names:
        yield _Known(known.names[host], "", rest)
