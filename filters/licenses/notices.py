"""Sentences that grant or state a licence become evidence; talk about licences does not.

The text is flattened, the names in it are found, each is judged by its sentence, and names that
one sentence joins become one expression: AND, unless a choice is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.evidence import Evidence, Note
from filters.licenses.notice_context import Said, said
from filters.licenses.notice_exceptions import exceptions, with_exception
from filters.licenses.notice_flat import Flat, flatten
from filters.licenses.notice_gate import passages
from filters.licenses.notice_gnu import gnu_mentions, gnu_urls
from filters.licenses.notice_joining import Group, Joint, groups, joined
from filters.licenses.notice_mention import take
from filters.licenses.notice_names import named_mentions
from filters.licenses.notice_own import PUBLIC_DOMAIN, REFERENCE, UNKNOWN, own_mentions
from filters.licenses.notice_texts import text_mentions
from filters.licenses.notice_urls import address_mentions, cc_mentions
from filters.licenses.spdx import NOASSERTION, classify, normalise

if TYPE_CHECKING:
    from filters.licenses.notice_mention import Mention

_NEAR: Final = 400  # code points from a name to an address that says its version
_BELOW: Final = 900  # code points from a name to the licence's own words below it
MAX_LENGTH: Final = 200_000  # code points that are read
_GNU: Final = frozenset({"GPL", "LGPL", "AGPL", "GFDL"})
# licences whose own words, or whose readers, say "public domain"
_DEDICATIONS: Final = frozenset({"CC0-1.0", "Unlicense", "blessing", "PDDL-1.0", "CC-PDM-1.0"})
_TAG: Final = re.compile("spdx-license-identifier")
_FREE: Final = frozenset({"permissive", "public-domain"})
_NO_NAMES: Final = frozenset({"License", "LICENSE", "Licence", "LICENCE", "This", "The"})


def find_notices(text: str) -> tuple[Evidence, ...]:
    """Return what the sentences of a text say about its licence, in order; all of it holds (AND).

    `text` is the head or the comments of a source file, or the whole of a README or licence file.
    One sentence's names are one expression. A name that stands for a `family` ("BSD-style") is read
    as its usual member. `NOASSERTION` is a licence by a name that is not known, or a stricter one
    that is talked about beside permissive ones; with the note `partial` it is a reference to a
    licence in another file. Positions are code points of `text`.
    """
    text = text[:MAX_LENGTH]
    flat = flatten(text, passages(text))
    if not flat.text:
        return ()
    mentions = _all_mentions(flat)
    judged = [(mention, said(flat, mention)) for mention in mentions]
    kept = _settle(flat.lower, judged)
    found = _evidence(flat, groups(flat.lower, kept))
    unread = _unread(flat, mentions) or _doubts(flat, judged, found)
    if found:
        return tuple(found) + tuple(unread)
    return tuple(unread) or _references(flat)


def _all_mentions(flat: Flat) -> list[Mention]:
    """Collect names, statements and addresses, without those inside another or in a tag."""
    low = flat.lower
    found = text_mentions(low)
    if "gpl" in low or "gnu" in low or "general" in low or "fdl" in low:
        found += gnu_mentions(low) + gnu_urls(low)
    found += address_mentions(low) + cc_mentions(low)
    found += own_mentions(low)
    taken = _taken(low, found)
    found += [each for each in named_mentions(low) if take(taken, each.start, each.end)]
    if "spdx-license-identifier" in low:
        tags = [(match.start(), flat.line(*match.span())[1]) for match in _TAG.finditer(low)]
        found = [each for each in found if not any(a <= each.start < b for a, b in tags)]
    found.sort(key=lambda each: (each.start, -each.end))
    kept: list[Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end or mention.own != kept[-1].own:
            kept.append(mention)
    return kept


def _taken(low: str, mentions: list[Mention]) -> bytearray:
    taken = bytearray(len(low))
    for each in mentions:
        taken[each.start : each.end] = b"\1" * (each.end - each.start)
    return taken


def _settle(low: str, judged: list[tuple[Mention, Said]]) -> list[Mention]:
    """Keep what is stated, and what stands joined to it; then drop names that say less."""
    linked = _linked(low, judged)
    stated = [mention for mention, verdict in linked if verdict == "stated"]
    pointed = [mention for mention, verdict in linked if verdict == "pointed"]
    if not any(not each.url for each in stated):
        stated = sorted([*stated, *pointed])
    else:
        # a copyleft licence that is pointed at beside a stated freer one is never passed over
        gnu = [each for each in pointed if each.family in _GNU]
        if not any(each.family in _GNU for each in stated):
            stated = sorted([*stated, *gnu])
    return _without_repeats(stated)


def _linked(low: str, judged: list[tuple[Mention, Said]]) -> list[tuple[Mention, Said]]:
    linked: list[tuple[Mention, Said]] = []
    for mention, verdict in judged:
        settled = verdict
        before = linked[-1][1] if linked else "talk"
        follows = before == "denied" or (before == "stated" and verdict in {"talk", "pointed"})
        if follows and joined(low[linked[-1][0].end : mention.start]):
            settled = before
        linked.append((mention, settled))
    return linked


def _without_repeats(stated: list[Mention]) -> list[Mention]:
    """Drop what says less than another: no version, an address beside the name, "public domain"."""
    named = {each.family for each in stated if not each.url}
    sure = {each.family for each in stated if each.sure and not each.url}
    ids = {each.expression for each in stated if each.sure}
    kept = []
    for each in stated:
        less = (
            (each.url and each.family in named)
            or (not each.sure and each.family in sure)
            or (each.note == "partial" and _introduced(each, stated))
            or (each.expression.endswith("-only") and f"{each.expression[:-4]}or-later" in ids)
            or (each.expression == PUBLIC_DOMAIN and not ids.isdisjoint(_DEDICATIONS))
        )
        if not less:
            kept.append(each if each.sure or each.url else _with_address(each, stated))
    return kept


def _introduced(text: Mention, stated: list[Mention]) -> bool:
    """Say whether a licence's own words stand below its name, which then is the better witness."""
    return any(
        each.sure
        and not each.own
        and not each.url
        and each.family not in _GNU
        and 0 < text.start - each.start < _BELOW
        for each in stated
    )


def _with_address(mention: Mention, stated: list[Mention]) -> Mention:
    """Take the version of a licence named without one from an address behind it."""
    for each in stated:
        near = 0 <= each.start - mention.end < _NEAR
        if near and each.url and each.sure and each.family == mention.family:
            # the text of one version does not say "only": where a notice names none, any will do
            expression = each.expression.replace("-only", "-or-later")
            return mention._replace(expression=expression, sure=True, note="")
    return mention


def _evidence(flat: Flat, statements: list[Group]) -> list[Evidence]:
    added = exceptions(flat.lower)
    found: dict[str, Evidence] = {}
    for group, joint in statements:
        expression = normalise(_expression(group, joint, added)).expression
        note: Note = "family" if any(each.note == "family" for each in group) else ""
        note = "partial" if any(each.note == "partial" for each in group) else note
        each = Evidence(
            kind="notice",
            expression=expression,
            start=flat.source(group[0].start),
            end=flat.source(group[-1].end - 1) + 1,
            note=note,
        )
        found.setdefault(expression, each)
    return _strongest(list(found.values()))


def _expression(group: list[Mention], joint: Joint, added: dict[str, str]) -> str:
    parts = []
    for mention in group:
        expression = with_exception(mention.expression, added.get(mention.family, ""))
        parts.append(f"({expression})" if " " in expression else expression)
    parts = list(dict.fromkeys(parts))
    if "Artistic-1.0" in parts and any("GPL-" in each for each in parts):
        parts[parts.index("Artistic-1.0")] = "Artistic-1.0-Perl"
    return (" OR " if joint == "OR" else " AND ").join(parts)


def _strongest(found: list[Evidence]) -> list[Evidence]:
    """Drop a lone id that is already part of a choice or of a sum."""
    pieces = {
        piece
        for each in found
        for piece in re.split(r" (?:AND|OR) |[()]", each.expression)
        if piece and piece != each.expression
    }
    if "Artistic-1.0-Perl" in pieces:
        pieces.add("Artistic-1.0")
    return [each for each in found if each.expression not in pieces]


def _unread(flat: Flat, mentions: list[Mention]) -> list[Evidence]:
    """Find the first licence by a name that nobody here knows."""
    taken = _taken(flat.lower, mentions)
    for match in UNKNOWN.finditer(flat.text):
        if take(taken, *match.span(1)) and match[1].partition(" ")[0] not in _NO_NAMES:
            return [_nothing_known(flat, match, "")]
    return []


def _doubts(
    flat: Flat, judged: list[tuple[Mention, Said]], found: list[Evidence]
) -> list[Evidence]:
    """Find the first stricter licence that is talked about beside permissive ones alone."""
    if not found or any(classify(each.expression) not in _FREE for each in found):
        return []
    for mention, verdict in judged:
        doubtful = verdict in {"talk", "pointed"} and not (mention.loose or mention.url)
        doubtful &= not any(mention.family in each.expression for each in found)
        if doubtful and classify(mention.expression) not in _FREE:
            start, end = flat.source(mention.start), flat.source(mention.end - 1) + 1
            return [Evidence(kind="notice", expression=NOASSERTION, start=start, end=end)]
    return []


def _references(flat: Flat) -> tuple[Evidence, ...]:
    match = REFERENCE.search(flat.lower)
    return () if match is None else (_nothing_known(flat, match, "partial"),)


def _nothing_known(flat: Flat, match: re.Match[str], note: Note) -> Evidence:
    start, end = flat.source(match.start()), flat.source(match.end() - 1) + 1
    return Evidence(kind="notice", expression=NOASSERTION, start=start, end=end, note=note)
