"""Licences that a text speaks of and that have no name here: one by a strange name, one in another file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.notices.mention import take

if TYPE_CHECKING:
    from filters.licenses.notices.hints import Hints

_FILE: Final = r"(?:licen[cs]es?|copying|copyright|unlicense|legal|notice)"
_REFERENCE: Final = re.compile(
    rf"\b(?:see|refer to|read|consult|check|found in|in|of|at|with) (?:the |also |our |"
    rf"included |accompanying |top[- ]level |"
    rf"enclosed |attached |file |files |root |provided |of "
    rf")*\W?(?:\.{{0,2}}/)?{_FILE}(?:[.-](?:txt|md|rst|html|mit|bsd|lesser|gpl)|"
    rf"[- ]?(?:file|document))s?\b"
    rf"|\bsee (?:the )?(?:file |files )?\W?(?:\.{{0,2}}/)?(?:licen[cs]e|copying|copyright|legal)\b"
    rf"|licen[cs](?:e|ing) (?:information|terms|details|notice|agreement|restrictions|"
    rf"conditions)?[^.\n]{{0,40}}\bsee\b"
    rf"|\b(?:see|under|governed by|terms of) (?:the |a |project |accompanying |included |"
    rf"package |same |module )*licen[cs]e (?:that can be |which can be |as |is )?"
    rf"(?:found|specified|described|included|contained|stated|set forth|provided|"
    rf"available|distributed|of|as)\b"
    r"|same (?:licen[cs]e|terms) (?:as|that)\b|licen[cs]ed (?:\w+ )?(?:the )?same (?:way|"
    r"as)|all rights reserved\W{1,3}see\b"
)
_REFERS: Final = (
    r"(?:licen[cs]es?|copying|copyright|legal|notice)"
    r"(?:[.-](?:txt|md|rst|html|mit|bsd|lesser|gpl)|[- ]?(?:file|document))"
    r"|\bsee (?:.|\n){0,28}(?:licen[cs]e|copying|copyright|legal)|licen[cs](?:e|ing) [^.\n]{0,180}\bsee\b"
    r"|licen[cs]e (?:that can be |which can be |as |is )?(?:found|specified|described|included|contained"
    r"|stated|set forth|provided|available|distributed|of|as)"
    r"|same (?:licen[cs]e|terms|way|as)|all rights reserved(?:.|\n){1,12}see\b"
)
HINTS: Final = (_REFERS,)
_UNKNOWN: Final = re.compile(
    r"\b(?:[Ll]icen[cs]ed|[Rr]eleased|[Dd]istributed|[Aa]vailable|[Gg]overned|[Cc]overed|"
    r"[Pp]rovided|[Uu]sed?|LICENSED)\b[^.\n]{0,50}?"
    r"\b(?:under|by|to)\b(?: the| a| an| terms| of| and| conditions| version \d\S*| \d\S*)*"
    r" ((?:[A-Z][\w.+-]*,? (?:of |and |for |the )?){1,6}(?:[Ll]icen[cs]e|LICEN[CS]E|EULA|"
    r"Agreement))"
)
# the last word of such a name
_LAST: Final = re.compile(
    r"(?<= )[A-Z][\w.+-]*,? (?:of |and |for |the )?(?=[Ll]icen[cs]e|LICEN[CS]E|EULA|Agreement)"
)
_NO_NAMES: Final = frozenset({"License", "LICENSE", "Licence", "LICENCE", "This", "The"})


def unread(text: str, taken: bytearray) -> re.Match[str] | None:
    """Find the first licence by a name that nobody here knows, where nothing is taken; its place gets taken."""
    done = 0
    for last in _LAST.finditer(text):
        # a name whose last word is taken is known; no name goes on behind a line's end
        if last.start() < done or taken.find(1, *last.span()) >= 0:
            continue
        start, done = text.rfind("\n", 0, last.start()) + 1, text.find("\n", last.end())
        done = done if done >= 0 else len(text)
        for match in _UNKNOWN.finditer(text, start, done):
            if take(taken, *match.span(1)) and match[1].partition(" ")[0] not in _NO_NAMES:
                return match
    return None


def reference(low: str, hints: Hints) -> re.Match[str] | None:
    """Find in a flat lower-case text where it points to a licence in another file."""
    return _REFERENCE.search(low) if _REFERS in hints else None
