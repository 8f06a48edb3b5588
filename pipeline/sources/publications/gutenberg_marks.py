"""What Project Gutenberg puts around a book, in the words it has had for that since 1991: found and cut off."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_HEADER: Final = 48_000
"""Characters in which a header ends: the longest small print has some 20,000."""
_GUTENBERG: Final = r"PRO(?:JECT|JEKT) GUTENBERG"
_START: Final = re.compile(
    rf"^[ \t]*\*{{2,4}}[ \t]*START OF (?:TH(?:E|IS) )?(?:COPYRIGHTED )?{_GUTENBERG}[^\n]*"
    r"|^[ \t]*+\**+[ \t]*+END[ *\t]*+(?:OF )?THE SMALL PRINT[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_END: Final = re.compile(
    rf"^[ \t]*\*{{2,4}}[ \t]*END OF (?:TH(?:E|IS) )?(?:COPYRIGHTED )?{_GUTENBERG}",
    re.IGNORECASE | re.MULTILINE,
)
_PLAIN_END: Final = re.compile(
    rf"^[ \t]*(?:The )?End of (?:TH(?:E|IS) )?(?:is )?(?:COPYRIGHTED )?{_GUTENBERG}"
    rf"|^[ \t]*(?:Ende (?:dieses|diese|des)|Fin de(?: ce)?|Einde van|Fine del) (?:{_GUTENBERG}|Etextes)"
    rf"|^[ \t]*\*\*[ \t]*This is a COPYRIGHTED {_GUTENBERG} E-?text, Details Above",
    re.IGNORECASE | re.MULTILINE,
)
_CREDIT: Final = re.compile(
    r"\s*\[?\(?(?:(?:E-?text |HTML version )?(?:Produced|Prepared|Scanned|Transcribed|Digiti[sz]ed|Proofread|Typed)"
    r" (?:and [a-z-]+ )?(?:by|from)\b"
    rf"|This (?:{_GUTENBERG} )?(?:e-?text|e-?book|file|edition) was (?:first )?"
    r"(?:produced|prepared|provided|created|typed|transcribed|scanned|converted|updated)\b"
    r"|(?:Text )?file (?:was )?produced from images"
    r"|Images? (?:generously )?(?:made available|provided|courtesy)\b"
    r"|(?:and )?the Online Distributed Proofread(?:ing|ers)\b|Credits?: )",
    re.IGNORECASE,
)
_LEFT: Final = re.compile(
    rf"FULL {_GUTENBERG} LICEN[CS]E|THE SMALL PRINT|{_GUTENBERG} LITERARY ARCHIVE FOUNDATION",
    re.IGNORECASE,
)
_MENTIONED: Final = re.compile(_GUTENBERG, re.IGNORECASE)
_CREDITS: Final = 6  # paragraphs at the top among which who made the file is named


class Book(NamedTuple):
    """A book, and what stood before and behind it; `flaw` is why it cannot be told from that."""

    header: str
    text: str
    footer: str
    flaw: str = ""


NO_MARKERS: Final = "no-markers"
"""The file speaks of Project Gutenberg, and where the book begins or ends cannot be told."""


def take_book(text: str) -> Book:
    """Cut off header and footer. What never mentions Project Gutenberg has none, and is a book as it is."""
    if _MENTIONED.search(text) is None:
        return Book("", text, "")
    starts = list(_START.finditer(text, 0, min(len(text), _HEADER)))
    first = _END.search(text)
    starts = [each for each in starts if first is None or each.start() < first.start()]
    if not starts:
        return Book(text[:_HEADER], "", "", NO_MARKERS)
    begin = _after(text, starts[-1])
    end = _end(text, begin)
    body = _without_credits(text[begin:end])
    flaw = NO_MARKERS if _LEFT.search(body) else ""
    return Book(text[: starts[-1].start()], body, text[end:], flaw)


def _after(text: str, start: re.Match[str]) -> int:
    """Return where a mark ends: a long title runs on until the stars that close it."""
    line = start[0].strip()
    if line.endswith("*") or "SMALL PRINT" in line.upper():
        return start.end()
    for more in range(1, 4):
        tail = text[start.end() : start.end() + 1000].split("\n")[1 : more + 1]
        if len(tail) < more or not tail[-1].strip():
            break
        if tail[-1].rstrip().endswith("*"):
            return start.end() + sum(len(each) + 1 for each in tail)
    return start.end()


def _end(text: str, begin: int) -> int:
    """Return where the book ends: at the first mark with stars, and before a plain one that stands just above it."""
    starred = _END.search(text, begin)
    stop = len(text) if starred is None else starred.start()
    plain = list(_PLAIN_END.finditer(text, begin, stop))
    if plain and (starred is None or stop - plain[-1].start() < _NEAR):
        return plain[-1].start()
    return stop


_NEAR: Final = (
    600  # characters between the two: the plain one has the title, and blank lines follow
)


def _without_credits(body: str) -> str:
    """Leave out who made the file, where that is said at the top."""
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", body.strip("\n"), maxsplit=_CREDITS)
    top = [each for each in paragraphs[:_CREDITS] if _CREDIT.match(each) is None]
    return "\n\n".join([*top, *paragraphs[_CREDITS:]])
