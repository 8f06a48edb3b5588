"""One document in, everything that says which licence it is under, and what that comes to, out.

Tags, notices, whole texts and package manifests are looked for where each can stand. "None found",
"found but unrecognised" and "failed" stay three outcomes, and none of them is a licence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from filters.licenses.choice import choice, settled, without_titles
from filters.licenses.evidence import Evidence, Outcome
from filters.licenses.ids import index
from filters.licenses.merge import class_of, family_of, merge
from filters.licenses.metadata import MetadataError, read_metadata
from filters.licenses.notices.find import find_notices
from filters.licenses.notices.gate import passages
from filters.licenses.places import file_kind, is_prose
from filters.licenses.spdx import NOASSERTION, normalise
from filters.licenses.tags import find_tags, mentions_license
from filters.licenses.told import untold
from filters.licenses.weigh import (
    UNREAD,
    is_free,
    of_text,
    taken_back,
    without_bundled,
    without_promises,
)

if TYPE_CHECKING:
    from filters.licenses.texts.match import Matcher, TextMatch

_SMALL: Final = 24_576  # code points up to which a text is looked at as a whole
_PROSE: Final = 1 << 18  # code points of prose, likewise
_BESIDE: Final = 256  # code points between a text and a piece of it
_EXCEPTION: Final = 0.95  # the score from which an exception's text counts: it gives rights
_LARGEST: Final = 1 << 20  # code points of a licence file; what lies behind is not looked at


class Scan(NamedTuple):
    """What was found in one document; `expression` is `NOASSERTION` unless the outcome is `found`."""

    outcome: Outcome
    expression: str
    findings: tuple[Evidence, ...]


NOTHING: Final = Scan("none", NOASSERTION, ())
FAILED: Final = Scan("failed", NOASSERTION, ())


def scan(text: str, path: str, matcher: Matcher) -> Scan:
    """Look for licences in a document; `path` may be `""`."""
    try:
        declared = read_metadata(path, text)
    except MetadataError:
        return FAILED
    if not declared and not mentions_license(text):
        return NOTHING
    found = list(declared or ())
    parts = _held(text, found) if found else _parts(text, path)
    for start, part in parts:
        found += [_moved(each, start) for each in _search(part, path, matcher)]
    return conclude(found)


def conclude(found: list[Evidence]) -> Scan:
    """Say what the findings of one document come to."""
    if not found:
        return NOTHING
    whole = [each for each in found if each.note not in {"bundled", "part"}]
    settled = [each for each in whole if each.expression != NOASSERTION]
    settled += _parts_that_hold(found, settled)
    unread = any(each.expression == NOASSERTION and not each.note for each in whole)
    if settled:
        expression = merge(settled)
        # words of another licence beside a free one must not be lost; a strict one is strict anyway
        tagged = any(each.kind == "tag" for each in settled)
        if unread and not tagged and is_free(expression):
            expression = normalise(f"({expression}) AND {UNREAD}").expression
        return Scan("found", expression, tuple(found))
    # words that point to another file say nothing of their own
    pointing = all(each.note in {"partial", "part"} for each in found)
    return Scan("none" if pointing else "unrecognised", NOASSERTION, tuple(found))


def _parts_that_hold(found: list[Evidence], settled: list[Evidence]) -> list[Evidence]:
    """Choose what is said of parts: all of it where nothing is said of the whole, else what is stricter."""
    parts = [each for each in found if each.note == "part" and each.expression != NOASSERTION]
    if not settled:
        return parts
    whole = class_of(merge(settled))
    return [each for each in parts if class_of(each.expression) > whole]


def _held(text: str, declared: list[Evidence]) -> list[tuple[int, str]]:
    """Cut out the values of a manifest that are themselves a licence's text."""
    return [
        (each.start, text[each.start : each.end]) for each in declared if each.note == "partial"
    ]


def _parts(text: str, path: str) -> list[tuple[int, str]]:
    """Cut out what may hold a licence: all of prose, of code what stands around words of licences."""
    if len(text) <= _SMALL or file_kind(path) in {"license", "third-party"}:
        return [(0, text[:_LARGEST])]
    if len(text) <= _PROSE and is_prose(path):
        return [(0, text)]
    return [(start, text[start:end]) for start, end in passages(text)]


def _search(text: str, path: str, matcher: Matcher) -> list[Evidence]:
    """Find tags, whole texts, and notices in what the texts leave over."""
    found = list(find_tags(text))
    matches = matcher.find(text)
    texts = [of_text(text, each) for each in matches if not _is_exception(each)]
    rest = text
    for match in matches:
        if _is_exception(match) and match.score < _EXCEPTION:
            continue  # its words may still be a notice's
        blank = "\n\n".center(match.end - match.start)  # no sentence goes on behind a text
        rest = rest[: match.start] + blank + rest[match.end :]
    notices = [each for each in _notices(rest, path) if not _is_piece(each, texts)]
    notices = settled(without_promises(rest, notices), texts)
    # a sentence that names the licences of a choice says more than where it stands
    named = any(" OR " in each.expression for each in notices)
    chosen = None if named else choice(rest, texts)
    if chosen is not None:
        notices = [chosen, *without_titles(notices, texts)]
    added = [_with(each, [*texts, *notices]) for each in matches if _is_exception(each)]
    said = [*found, *texts, *notices, *(each for each in added if each is not None)]
    return without_bundled(rest, [*said, *taken_back(rest, path, said)])


def _notices(rest: str, path: str) -> list[Evidence]:
    """Find the notices in what is not only told: history, tables, lists and data."""
    found = list(find_notices(rest))
    told = untold(rest, path, found)
    return found if told == rest else list(find_notices(told))


def _is_exception(match: TextMatch) -> bool:
    return match.names[0] in index().exception_classes


def _with(match: TextMatch, found: list[Evidence]) -> Evidence | None:
    """Join an exception's text to the licence that stands nearest before it, else to the first behind."""
    joined = [
        each
        for each in found
        if each.expression in index().classes and takes_exception(each.expression, match.names[0])
    ]
    before = [each for each in joined if each.start < match.start]
    base = before[-1] if before else joined[0] if joined else None
    if base is None or match.score < _EXCEPTION:
        return None
    expression = normalise(f"{base.expression} WITH {match.names[0]}").expression
    return Evidence(
        kind="text", expression=expression, start=match.start, end=match.end, score=match.score
    )


def takes_exception(license_id: str, exception: str) -> bool:
    """Tell whether an exception can belong to a licence: LLVM's to Apache-2.0, all others to the GNU licences."""
    if exception.startswith(("LLVM-", "Swift-")):
        return license_id == "Apache-2.0"
    return license_id.startswith(("GPL-", "LGPL-", "AGPL-"))


def _is_piece(notice: Evidence, texts: list[Evidence]) -> bool:
    """Tell a notice that a whole text explains: a piece of it that reads differently here, or its family's name."""
    for text in texts:
        beside = text.start - _BESIDE <= notice.end and notice.start <= text.end + _BESIDE
        if notice.note == "partial" and notice.expression != NOASSERTION and beside:
            return True
        family = family_of(notice.expression)
        if notice.note == "family" and family and family == family_of(text.expression):
            return True
    return False


def _moved(evidence: Evidence, by: int) -> Evidence:
    if not by:
        return evidence
    start, end = evidence.start + by, evidence.end + by
    return msgspec.structs.replace(evidence, start=start, end=end)
