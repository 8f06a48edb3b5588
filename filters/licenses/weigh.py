"""What a found text comes to where it stands: changed, taken back beside it, only promised, or of a bundled part.

A name alone says little: the words that its template does not have, and those around it, decide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from filters.licenses.evidence import Evidence
from filters.licenses.places import file_kind, is_prose
from filters.licenses.remarks import unread
from filters.licenses.restrictions import beside, restricting, restricts
from filters.licenses.spdx import NOASSERTION, classify

if TYPE_CHECKING:
    from filters.licenses.texts.match import TextMatch

MODIFIED: Final = "LicenseRef-modified"
UNREAD: Final = "LicenseRef-unrecognised"
_NEAR: Final = 48  # code points between two stretches of one sentence
_END: Final = re.compile(r"[.;]")
_ENDS: Final = (".", ";", "!", "\u3002")
# Rare licences of which several editions bear one id; names, dates and parts of them differ.
_EDITIONS: Final = (
    "BSD-4.3", "FSFUL", "HPND", "ICU", "IJG", "Info-ZIP", "Libpng", "libpng", "libutil-", "MIT-STK",
    "MIT-open-group", "Plexus", "Python-2.0", "Sendmail", "SunPro", "Unicode-", "Xfig",
)  # fmt: skip
_EXACT: Final = 3  # missing and extra words up to which a text is not called modified

_PARAMETERS: Final = re.compile(
    r"^[^\w\n]*Change License\b.*(?:\n[ \t>*#]*\n)?.*(?:\n[ \t]+\S.*){0,6}",
    re.IGNORECASE | re.MULTILINE,
)
_WORK: Final = re.compile(r"\b(?:Change Date|Licensed Work|Additional Use Grant)\b", re.IGNORECASE)
# Behind such words a licence file lists what else is in the package.
_BUNDLED: Final = re.compile(
    r"\b(?:bundl(?:es?|ed|ing)|vendored)\b|^\W*(?:third|3rd)[ -]part(?:y|ies)\b"
    r"|\b(?:third|3rd)[ -]party\W{1,3}(?:software|component|librar|licen[cs]|code|notice|material|dependenc|"
    r"package|content|file|work|source|product|module)",
    re.IGNORECASE | re.MULTILINE,
)


def of_text(text: str, match: TextMatch) -> Evidence:
    """Make evidence of a text; one that takes rights back which its template grants is no such licence."""
    name = match.names[0]
    changed = match.missing + match.extra > _EXACT
    if is_free(name) and (is_changed(text, match) or restricts_more(text, match)):
        name = f"{MODIFIED}-{name}"
    return Evidence(
        kind="text",
        expression=name,
        start=match.start,
        end=match.end,
        score=match.score,
        note="modified" if changed else "family" if len(match.names) > 1 else "",
    )


def is_changed(text: str, match: TextMatch) -> bool:
    """Tell whether a word differs from the template's that nothing explains."""
    # numba loads only where texts were compared
    from filters.licenses.texts.differences import is_edition, is_explained  # noqa: PLC0415

    if match.names[0].startswith(_EDITIONS):
        return not all(is_edition(each) or is_explained(each, text) for each in match.differences)
    return any(not is_explained(each, text) for each in match.differences)


def restricts_more(text: str, match: TextMatch) -> bool:
    """Tell whether the words that the template does not have take rights back."""
    joined: list[tuple[int, int]] = []
    for start, end in match.added:
        near = joined and start - joined[-1][1] <= _NEAR
        joined[-1:] = [(joined[-1][0], end)] if near else [*joined[-1:], (start, end)]
    # joined they may read as a sentence, alone without the harmless words between them; which of
    # two equal words was added nobody can say
    both = (*match.added, *joined)
    wider = [
        (start, _END.search(text, end, end + _NEAR))
        for start, end in both
        if end - start > _NEAR // 4
    ]
    if any(_is_clause(text, start, end) for start, end in match.added):
        return True
    return any(restricts(text[start:end]) for start, end in both) or any(
        restricts(text[start : end.end()]) for start, end in wider if end is not None
    )


def _is_clause(text: str, start: int, end: int) -> bool:
    """Tell a whole sentence that stands in a gap of the template, where names and titles may stand."""
    return text[end : end + 1] in _ENDS and unread(text, start, end + 1) is not None


def is_free(name: str) -> bool:
    """Tell a licence that asks for no more than naming its authors."""
    return classify(name) in {"public-domain", "permissive"}


def taken_back(rest: str, path: str, said: list[Evidence]) -> list[Evidence]:
    """Find what takes rights back outside of free texts: in a licence file anywhere, else right beside them."""
    texts = [each for each in said if each.kind == "text" and is_free(each.expression)]
    if not texts:
        return []
    for each in said:
        if each.kind in {"tag", "notice"}:
            rest = rest[: each.start] + " " * (each.end - each.start) + rest[each.end :]
    held = sum(each.end - each.start for each in said if each.kind == "text")
    whole = file_kind(path) == "license" or (is_prose(path) and 2 * held > len(rest))
    if whole:
        ends = sorted((each.start, each.end) for each in said if each.kind == "text")
        ranges = list(
            zip(
                [0, *(end for _, end in ends)],
                [*(start for start, _ in ends), len(rest)],
                strict=True,
            )
        )
    else:
        ranges = [beside(rest, each.start, each.end) for each in texts]
    found = [place for start, end in ranges for place in restricting(rest, start, end)]
    if whole and not found:
        places = (unread(rest, start, end) for start, end in ranges)
        found = [place for place in places if place is not None][:1]
    return [
        Evidence(kind="notice", expression=UNREAD, start=start, end=end)
        for start, end in dict.fromkeys(found)
    ]


def without_promises(rest: str, notices: list[Evidence]) -> list[Evidence]:
    """Read the parameters of the Business Source License: what it will change to one day is no licence today."""
    match = _PARAMETERS.search(rest) if "hange Lic" in rest or "HANGE LIC" in rest else None
    if match is None or _WORK.search(rest) is None:
        return notices
    promised = Evidence(
        kind="notice", expression="BUSL-1.1", start=match.start(), end=match.end(), note="partial"
    )
    kept = [each for each in notices if each.end <= match.start() or match.end() <= each.start]
    return [promised, *kept]


def without_bundled(rest: str, found: list[Evidence]) -> list[Evidence]:
    """Note what stands behind a heading for other people's software, if the licence of the whole stands before it."""
    first = min((each.end for each in found if each.expression != NOASSERTION), default=len(rest))
    after = rest[first:].lower()
    hinted = any(word in after for word in ("bundl", "third", "3rd", "vendored"))
    heading = _BUNDLED.search(rest, first) if hinted else None
    if heading is None:
        return found
    return [
        msgspec.structs.replace(each, note="bundled") if each.start >= heading.start() else each
        for each in found
    ]
