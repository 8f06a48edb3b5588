"""The renames of a registry as its requests honour them: each subject under all names of its thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filters.aliases import Aliases, aliases, expand
from filters.subjects import SubjectError, stored_subject
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from filters.subjects import Subject
    from manifests.registry import Draft, Entry, Fold, Rename, RequestState


def known_names(renames: Iterable[Rename]) -> Aliases:
    """Compile renames; raises `SubjectError` when a name is malformed, or they contradict each other."""
    return aliases(
        (stored_subject(each.kind, each.old), stored_subject(each.kind, each.new))
        for each in renames
    )


def all_names(entries: Iterable[Entry], known: Aliases) -> Iterator[Subject]:
    """Yield each subject and then its other names, once; raises `SubjectError` where one is malformed."""
    seen: set[Subject] = set()
    for entry in entries:
        for each in expand(stored_subject(entry.kind, entry.value, repo=entry.repo), known):
            if each not in seen:
                seen.add(each)
                yield each


def require_names(folded: Fold, drafts: Sequence[Draft]) -> None:
    """Refuse events after which the registry could not be compiled; `folded` has taken them.

    Raises:
        ConfigError: a rename contradicts another in its canonical spelling, or the names of a
            subject have no end.
    """
    renames = folded.renames()
    said = {each.event for each in drafts}
    if not renames or not said & {"submit", "amend", "alias"}:
        return
    fresh = [entry for each in drafts for entry in each.subjects]
    entries = _open(folded.requests()) if "alias" in said else fresh
    try:
        for _ in all_names(entries, known_names(renames)):
            pass
    except SubjectError as error:
        raise ConfigError(f"optout: {error}") from None


def _open(requests: Iterable[RequestState]) -> Iterator[Entry]:
    """Yield all subjects that are asked for, or may be once they are verified."""
    for each in requests:
        if each.status in {"pending", "verified"}:
            yield from each.subjects
            yield from () if each.proposed is None else each.proposed.subjects
