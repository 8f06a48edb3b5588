"""Review shrunk: the review list of a release without the documents that were opted out since.

Exact are the counts. What made the list, the inputs, is not there: so a pattern stays as wide as it
was, and examples that left are not replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from filters.globs import canonical_glob, glob_matches
from pipeline.stages.review_list import by_weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.stages.removals import Reviewed
    from pipeline.stages.review_list import Entry


def shrink(listed: Iterable[Entry], left: Iterable[Reviewed]) -> tuple[list[Entry], int]:
    """Take documents off the list; return it and of how many the group was not found."""
    entries = list(listed)
    lost = 0
    for each in left:
        places = [at for at, entry in enumerate(entries) if _may_hold(entry, each)]
        shown = [at for at in places if each.id in entries[at].example_ids]
        if not shown and len(places) != 1:
            lost += each.group is not None
            continue
        at = (shown or places)[0]
        entries[at] = _less(entries[at], each.id)
    return sorted((each for each in entries if each.documents > 0), key=by_weight), lost


def _may_hold(entry: Entry, left: Reviewed) -> bool:
    """Say whether a document may be one of an entry; without its group the examples alone tell."""
    group = left.group
    if group is None:
        return left.id in entry.example_ids
    said = entry.reason, entry.expressions, entry.license_class
    if said != (group.reason, group.expressions, group.license_class):
        return False
    subject = entry.subject
    if group.sha256:
        return subject == {"sha256": group.sha256}
    if group.source:
        return subject == {"source": group.source}
    if subject.get("repository") != group.repository:
        return False
    return "path" not in subject or glob_matches(canonical_glob(subject["path"]), left.path)


def _less(entry: Entry, name: str) -> Entry:
    return msgspec.structs.replace(
        entry,
        documents=entry.documents - 1,
        example_ids=tuple(each for each in entry.example_ids if each != name),
    )
