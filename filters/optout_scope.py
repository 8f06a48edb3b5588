"""Whether a document that an opt-out request names is in the request's scope.

A document that does not say what the scope asks for counts as meant: who asked to be left out is
not kept in for want of a label.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from filters.language import kind_of, language_name
from filters.prose import UNDETERMINED, language_code
from filters.subjects import SubjectError
from filters.tags import Tags, tag

if TYPE_CHECKING:
    from filters.document import Document

# A day, maybe shortened, and a time with its distance from UTC (ISO 8601, RFC 3339).
_CREATED: Final = re.compile(
    r"\s*(\d{4}(?:-\d{2}(?:-\d{2})?)?)"
    r"(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:[.,]\d+)?)?\s*(?:\+(\d{2}):?(\d{2}))?\b)?(?!\d)",
    re.ASCII,
)


def means_kind(kinds: tuple[str, ...], document: Document) -> bool:
    """Compare the kind of data that the source states."""
    return not kinds or not document.kind or document.kind in kinds


def means_time(until: str, document: Document) -> bool:
    """Say whether a document was created before the UTC day `until`, or does not say so.

    Of a shortened day (`2026`, `2026-01`) the earliest is meant, and a time ahead of UTC may still
    lie on the day before. One behind UTC is taken at its own day.
    """
    found = _CREATED.match(document.created) if until else None
    if found is None:
        return True
    day, hours, minutes, ahead_hours, ahead_minutes = found.groups()
    if day != until or ahead_hours is None:
        return day < until[: len(day)] or (len(day) < len(until) and day == until[: len(day)])
    return int(hours) * 60 + int(minutes) < int(ahead_hours) * 60 + int(ahead_minutes)


def means_language(languages: tuple[str, ...], document: Document) -> bool:
    """Compare the language of code, markup or data, and that of the prose in it."""
    if not languages:
        return True
    tags = tag(document)
    asked = _folded(languages)
    if {tags.language.casefold(), tags.natural_language.casefold()} & asked:
        return True
    return tags.natural_language == UNDETERMINED and _may_be_prose(tags)


def _may_be_prose(tags: Tags) -> bool:
    """Of code and data the name is known, and that is the language; all else may be in any."""
    return kind_of(tags.language) not in {"programming", "data"}


@functools.lru_cache(maxsize=1024)
def _folded(languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset(each.casefold() for each in languages)


def canonical_language(text: str) -> str:
    """Return the name under which documents are tagged; raises `SubjectError` for one that none is."""
    text = text.strip()
    name = language_name(text) or language_code(text)
    if name is None:
        raise SubjectError("that is no language: write its name, as Python, or its code, as fr")
    return name
