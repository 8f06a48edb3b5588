"""Sentences that grant or state a licence become evidence; talk about licences does not.

The text is flattened, the names in it are found, each is judged by its sentence, and names that
one sentence joins become one expression: AND, unless a choice is said.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from filters.licenses.evidence import Evidence, Note
from filters.licenses.notices import (
    exceptions,
    files,
    foreign,
    foreign_cc,
    gnu,
    names,
    own,
    texts,
    unnamed,
    urls,
)
from filters.licenses.notices.context import Said, said
from filters.licenses.notices.flat import Flat, flatten
from filters.licenses.notices.gate import passages
from filters.licenses.notices.hints import Hinter
from filters.licenses.notices.joining import Group, Joint, begins_notice, groups, joined, listed
from filters.licenses.notices.limits import limited, speaks_of_part
from filters.licenses.notices.mention import take
from filters.licenses.spdx import NOASSERTION, classify, normalise

if TYPE_CHECKING:
    from filters.licenses.notices.hints import Hints
    from filters.licenses.notices.mention import Mention

_NEAR: Final = 400  # code points from a name to an address that says its version
_BELOW: Final = 900  # code points from a name to the licence's own words below it
MAX_LENGTH: Final = 200_000  # code points that are read
# words of other languages without letters of their own
_FOREIGN: Final = ("licence publique", "licenci", "lizenz", "licenza", "licentie", "commons")
_GNU: Final = frozenset({"GPL", "LGPL", "AGPL", "GFDL"})
# licences whose own words, or whose readers, say "public domain"
_DEDICATIONS: Final = frozenset({"CC0-1.0", "Unlicense", "blessing", "PDDL-1.0", "CC-PDM-1.0"})
_TAGS: Final = ("spdx-license-identifier",)
_TAG: Final = re.compile(_TAGS[0])
_FREE: Final = frozenset({"permissive", "public-domain"})
_HINTER: Final = Hinter(
    hint
    for table in (exceptions, files, foreign, foreign_cc, gnu, names, own, texts, unnamed, urls)
    for hint in (*table.HINTS, *_FOREIGN, *_TAGS)
)


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
    hints = _HINTER.of(flat.lower)
    mentions = _all_mentions(flat, hints)
    judged = [(mention, said(flat, mention)) for mention in mentions]
    kept = _settle(flat.lower, judged)
    statements = groups(flat.lower, kept)
    found = _evidence(flat, statements, exceptions.exceptions(flat.lower, hints))
    unread = (
        _unread(flat, mentions) or _doubts(flat, judged, found) or _limits(flat, statements, found)
    )
    if found:
        return tuple(found) + tuple(unread)
    return tuple(unread) or _references(flat, hints)


def _all_mentions(flat: Flat, hints: Hints) -> list[Mention]:
    """Collect names, statements and addresses, without those inside another or in a tag."""
    low = flat.lower
    found = texts.text_mentions(low, hints)
    if not hints.isdisjoint(gnu.HINTS):
        found += gnu.gnu_mentions(low) + gnu.gnu_urls(low)
    creative: list[Mention] = []
    if not low.isascii() or not hints.isdisjoint(_FOREIGN):
        creative = foreign_cc.foreign_cc_mentions(low, hints)
        found = [*foreign.foreign_mentions(low, hints), *creative, *found]
    held = _taken(low, creative)
    found += urls.address_mentions(low, hints)
    found += [each for each in urls.cc_mentions(low, hints) if take(held, each.start, each.end)]
    found += own.own_mentions(low, hints) + files.file_mentions(low, hints)
    taken = _taken(low, found)
    named = names.named_mentions(low, hints)
    found += [each for each in named if take(taken, each.start, each.end)]
    if not hints.isdisjoint(_TAGS):
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
    if any(each.expression == own.PUBLIC_DOMAIN for each in stated):
        # the dedication whose text is pointed at is the one that was made
        stated = sorted([*stated, *(each for each in pointed if each.expression in _DEDICATIONS)])
    return _without_repeats(list(dict.fromkeys(stated)))


def _linked(low: str, judged: list[tuple[Mention, Said]]) -> list[tuple[Mention, Said]]:
    linked: list[tuple[Mention, Said]] = []
    for mention, verdict in judged:
        settled = verdict
        before = linked[-1][1] if linked else "talk"
        follows = before == "denied" or (before == "stated" and verdict in {"talk", "pointed"})
        if follows and (
            joined(low[linked[-1][0].end : mention.start])
            or (before == "stated" and listed(low, linked[-1][0], mention))
        ):
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
            or (each.expression == own.PUBLIC_DOMAIN and not ids.isdisjoint(_DEDICATIONS))
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
    for each in stated[bisect_left(stated, mention) :]:
        if each.start - mention.end >= _NEAR:
            break
        if each.start >= mention.end and each.url and each.sure and each.family == mention.family:
            # the text of one version does not say "only": where a notice names none, any will do
            expression = each.expression.replace("-only", "-or-later")
            return mention._replace(expression=expression, sure=True, note="")
    return mention


def _evidence(flat: Flat, statements: list[Group], added: dict[str, str]) -> list[Evidence]:
    found: dict[str, Evidence] = {}
    for group, joint in statements:
        expression = normalise(_expression(group, joint, added)).expression
        note: Note = "family" if any(each.note == "family" for each in group) else ""
        note = "partial" if any(each.note == "partial" for each in group) else note
        note = "part" if speaks_of_part(flat.lower, group[0]) else note
        each = Evidence(
            kind="notice",
            expression=expression,
            start=flat.source(group[0].start),
            end=flat.source(group[-1].end - 1) + 1,
            note=note,
        )
        found.setdefault(expression, each)
    return _strongest(list(found.values()), flat.original)


def _expression(group: list[Mention], joint: Joint, added: dict[str, str]) -> str:
    parts = []
    for mention in group:
        expression = exceptions.with_exception(mention.expression, added.get(mention.family, ""))
        parts.append(f"({expression})" if " " in expression else expression)
    parts = list(dict.fromkeys(parts))
    if "Artistic-1.0" in parts and any("GPL-" in each for each in parts):
        parts[parts.index("Artistic-1.0")] = "Artistic-1.0-Perl"
    return (" OR " if joint == "OR" else " AND ").join(parts)


def _strongest(found: list[Evidence], text: str) -> list[Evidence]:
    """Drop a lone id that is part of a sum, or of a choice that the same notice offers.

    The choice of another notice is that of a part: what the file's own notice says stays.
    """
    return [each for each in found if not any(_says(other, each, text) for other in found)]


def _says(whole: Evidence, lone: Evidence, text: str) -> bool:
    pieces = set(re.split(r" (?:AND|OR) |[()]", whole.expression))
    if " OR " in whole.expression and " AND " in lone.expression:
        return pieces == set(re.split(r" (?:AND|OR) |[()]", lone.expression))
    if "Artistic-1.0-Perl" in pieces:
        pieces.add("Artistic-1.0")
    if lone.expression not in pieces or lone.expression == whole.expression:
        return False
    between = text[lone.end : whole.start] or text[whole.end : lone.start]
    return " OR " not in whole.expression or not begins_notice(between)


def _unread(flat: Flat, mentions: list[Mention]) -> list[Evidence]:
    """Find the first licence by a name that nobody here knows."""
    match = unnamed.unread(flat.text, _taken(flat.lower, mentions))
    return [] if match is None else [_nothing_known(flat, match, "")]


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


def _limits(flat: Flat, statements: list[Group], found: list[Evidence]) -> list[Evidence]:
    """Find the first free licence that the words beside it narrow."""
    if any(classify(each.expression) not in _FREE for each in found):
        return []
    for group, _ in statements:
        start, end = group[0].start, group[-1].end
        quoted = any(each.note == "partial" for each in group)  # its words are judged by themselves
        if not quoted and limited(flat, start, end):
            start, end = flat.source(start), flat.source(end - 1) + 1
            return [Evidence(kind="notice", expression=NOASSERTION, start=start, end=end)]
    return []


def _references(flat: Flat, hints: Hints) -> tuple[Evidence, ...]:
    match = unnamed.reference(flat.lower, hints)
    return () if match is None else (_nothing_known(flat, match, "partial"),)


def _nothing_known(flat: Flat, match: re.Match[str], note: Note) -> Evidence:
    start, end = flat.source(match.start()), flat.source(match.end() - 1) + 1
    return Evidence(kind="notice", expression=NOASSERTION, start=start, end=end, note=note)
