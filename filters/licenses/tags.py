"""Lines that state an SPDX expression, `SPDX-License-Identifier` above all, become evidence.

Sources: SPDX specification 3.0.1, annex "Using SPDX short identifiers in source files"; REUSE
specification 3.3. A tag counts where it begins a line or a comment; in a string literal, in a
fenced example or in the middle of prose it is talked about and declares nothing.
"""

from __future__ import annotations

import re
from typing import Final

from filters.licenses.evidence import Evidence
from filters.licenses.notices.flat import lower
from filters.licenses.notices.gate import GATE, mentions_license
from filters.licenses.notices.mention import matches_at
from filters.licenses.spdx import NOASSERTION, normalise

__all__ = ["GATE", "find_tags", "mentions_license"]

MAX_LINES: Final = 6  # of one expression
_TAG: Final = re.compile(
    r"SPDX[- \u2010-\u2013]Licen[cs]e[- \u2010-\u2013](?:Identif\w{0,3}er|"
    r"Expression)[*_`\"' ]{0,3}\s?[:=][:=*_`\"']{0,3}[ \t]*[\"'`]?"
    r"((?:(?!SPDX[- \u2010-\u2013]Licen[cs]e[- \u2010-\u2013])[^\r\n\u2028])*)",
    re.IGNORECASE,
)
_JSDOC: Final = re.compile(r"@licen[cs]e[: \t]+([A-Za-z0-9][^\r\n<>{}@]{0,100})")
_LABEL: Final = re.compile(r"(?:SPDX[- ])?Licen[cs]e[ \t]*:[ \t]*([A-Za-z0-9(][^\r\n<>{}@]{0,100})")
_SHORT: Final = re.compile(r"SPDX(?:[- ]ID)?[ \t]*:[ \t]*([A-Za-z0-9(][^\r\n<>{}@]{0,100})")
# what stands between the beginning of a line and such a label, at most so many
_MARKS: Final = frozenset("*/#;%!-")
_MOST_MARKS: Final = 20
# an id in angle brackets is an id, a word in them a placeholder
_BRACKETED: Final = re.compile(r"[ \t]*<([A-Za-z0-9.+ ()-]{2,80})>")
_HYPHENS: Final = dict.fromkeys(range(0x2010, 0x2014), "-")
# a string that is all of its line and no argument of the line above is a Smalltalk comment
_ARGUMENTS: Final = frozenset("=(,[+\\{:")
_REACH: Final = 600  # code points of a line before a tag that are looked at
_SPDX: Final = ("spdx", "\u017fpdx")  # a long s is an s where case makes no difference
_IGNORE: Final = "REUSE-IgnoreStart"
_IGNORED: Final = re.compile(rf"{_IGNORE}.*?(?:REUSE-IgnoreEnd|\Z)", re.DOTALL)
# where a comment or an embedded value ends: what stands behind is not the expression's
_CLOSER: Final = re.compile(
    r"\s*(?:\*+/|--%?>|-->|%>|#\}|\]\]|\"\"\"|'''|\*\)|-\}|\|#|%\}|#>|\?>|\}\}|</?\w|<br|\\n|&nbsp;"
    r"|//|#|\s--\s|;\s|`|\"|'|\ufffd).*",
    re.DOTALL,
)
_FRINGE: Final = " \t\r\f\v\u00a0\u2028\ufeff*#|/;%!,.:=~_\\-"
_ID: Final = r"\(*[ \t]*[A-Za-z0-9][A-Za-z0-9.:-]*\+?[ \t]*\)*"
_EXPRESSION: Final = re.compile(
    rf"{_ID}(?:[ \t]+(?:AND|OR|WITH|and|or|with)[ \t]+{_ID})*(?=[\s,;]|$)"
)
_OPEN_END: Final = re.compile(r"(?:\b(?:AND|OR|WITH)|\()\s*$", re.IGNORECASE)
_OPEN_START: Final = re.compile(r"(?:AND|OR|WITH)\s+[A-Za-z(]|\)\s*(?:$|AND|OR)")
_LEADER: Final = re.compile(
    r"[\s*#/;%!|<>~\"'=_+.\\:{}\[\]-]*(?:(?:dnl|rem|[cC])\s+)?", re.IGNORECASE
)
_PREFIX: Final = re.compile(
    r"[^\w\"'`]*(?:\d+[ \t]+(?:rem\b|')|(?:dnl|rem|license|licence|pragma|c|comment|@c|@comment|@rem|nb\.|"
    r"note|=\w+)[\s:.]+)?[^\w\"'`]*"
    r"(?:\"\"\"|'''|\"[ \t]|'[ \t])?[^\w\"'`]*",
    re.IGNORECASE,
)
_JSON_PREFIX: Final = re.compile(
    r"\s*[{,]?\s*(?:\"(?://|#|_|\$|@)?\w*(?:comment|licen[cs]e|spdx|copyright|header|//|"
    r"#|_)\w*\"\s*:\s*\[?\s*)?\"",
    re.IGNORECASE,
)
_COMMENT_END: Final = re.compile(r"(?://+!?|/\*+!?|#+|--+|;+|%+|<!--+|\(\*|\{-|!|\{#)[ \t]*$")
_BANNER: Final = re.compile(r"^\s*(?:/\*|//|#|<!--).*[|;·•]\s*$")
_COPYRIGHT: Final = re.compile(r"copyright|\(c\)|©|SPDX-FileCopyrightText", re.IGNORECASE)
_HEREDOC: Final = re.compile(r"<<[-~]?[ \t]*[\"']?(\w+)[\"']?[^\n]*\n")
_TEMPLATE: Final = re.compile(r"[\[(]?\s*(?:[<{$%&@]|\.\.\.|…|\[(?!\w[^\]\n]*\]\())")
_LINK: Final = re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)")


_WORDS: Final = ("@licen", "license:", "licence:", "spdx:", "spdx-id:", "spdx id:")


def find_tags(text: str) -> tuple[Evidence, ...]:
    """Return the tags of a text in order, one for each different expression.

    All of them hold together (AND): snippets (`SPDX-SnippetBegin`) are parts of the file. A tag
    whose expression cannot be read is `NOASSERTION`; ranges between `REUSE-IgnoreStart` and
    `REUSE-IgnoreEnd` do not count.
    """
    spoken = "icense" in text or "ICENSE" in text or "icence" in text or "SPDX:" in text
    low = lower(text) if spoken else ""
    found: dict[str, Evidence] = {}
    if "spdx" in low:
        ignored = [match.span() for match in _IGNORED.finditer(text)] if _IGNORE in text else []
        for match in matches_at(_TAG, text, low, _SPDX):
            inside = any(start <= match.start() < end for start, end in ignored)
            if not inside and _declares(text, match):
                _add(found, _tag(text, match))
    if not found and any(word in low for word in _WORDS):
        for each in _labels(text):
            _add(found, each)
    return tuple(found.values())


def _add(found: dict[str, Evidence], each: Evidence | None) -> None:
    if each is not None:
        found.setdefault(each.expression, each)


def _tag(text: str, match: re.Match[str]) -> Evidence | None:
    said = match[1].translate(_HYPHENS)
    bracketed = _BRACKETED.match(said)
    if bracketed is not None and _is_listed(bracketed[1]):
        said = bracketed[1]
    elif _TEMPLATE.match(said):
        return None  # a placeholder explains the tag
    own = _balanced(_trim(said))
    end = match.start(1) + max(0, match[1].translate(_HYPHENS).find(own)) + len(own)
    written, far_end = _joined(text, match.end(), own, end)
    for claim, its_end in ((written, far_end), (own, end)):
        expression = _read(_balanced(claim))
        if expression != NOASSERTION:
            return Evidence(kind="tag", expression=expression, start=match.start(), end=its_end)
    return Evidence(kind="tag", expression=NOASSERTION, start=match.start(), end=end)


def _is_listed(claim: str) -> bool:
    read = normalise(claim)
    return read.expression != NOASSERTION and not read.unknown and not read.repaired


def _joined(text: str, at: int, written: str, end: int) -> tuple[str, int]:
    """Return the expression with the lines that go on with it, and where the last one ends."""
    for _ in range(MAX_LINES - 1):
        line_end = text.find("\n", at + 2)
        line = text[at : line_end if line_end >= 0 else len(text)]
        start = _LEADER.match(line)
        rest = _trim(line[start.end() if start else 0 :])
        wanted = _OPEN_END.search(written) or written.count("(") > written.count(")")
        if not rest or not (wanted or not written or _OPEN_START.match(rest)):
            break
        written = f"{written} {rest}"
        end = at + line.find(rest) + len(rest)
        at += len(line)
    return written, end


def _trim(line: str) -> str:
    return _CLOSER.sub("", _LINK.sub(r"\1", line), count=1).strip(_FRINGE)


def _balanced(written: str) -> str:
    """Drop a lone closing parenthesis: it is the comment's, `[//]: # (…)`."""
    extra = written.endswith(")") and written.count(")") > written.count("(")
    return written[:-1].rstrip() if extra else written


def _read(written: str) -> str:
    if _OPEN_END.search(written):
        return NOASSERTION
    whole = normalise(written)
    if whole.expression != NOASSERTION and not (whole.unknown and " " in written):
        return whole.expression
    # words behind the expression: take the piece from its start that is one
    piece = _EXPRESSION.match(written)
    if piece is None:
        return NOASSERTION
    first = normalise(_balanced(piece[0]))
    listed = not first.unknown or piece.end() == len(written)
    return first.expression if listed else NOASSERTION


def _declares(text: str, match: re.Match[str]) -> bool:
    start = match.start()
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    prefix = text[max(line_start, start - _REACH) : start].lstrip("\ufeff")
    head = text[:line_start]
    if prefix == '"' and match[0].rstrip(" \t!.").endswith('"'):
        return head.rstrip()[-1:] not in _ARGUMENTS
    if not _opens(prefix, match[0]):
        return False
    return not (_in_string(head) or _in_fence(head) or _in_heredoc(head))


def _opens(prefix: str, rest: str) -> bool:
    """Say whether the tag begins its line or a comment in it."""
    if _PREFIX.fullmatch(prefix):
        quote = prefix.rstrip()[-1:]
        return quote not in {'"', "'"} or prefix.rstrip().endswith(quote * 3) or quote not in rest
    if _JSON_PREFIX.fullmatch(prefix):
        return ":" in prefix or rest.lower().startswith(('spdx-license-identifier":',))
    if any(prefix.count(quote) % 2 for quote in '"`'):
        return False
    return any(each.search(prefix) for each in (_COMMENT_END, _COPYRIGHT, _BANNER))


def _in_string(head: str) -> bool:
    """Say whether a triple-quoted or template literal that is a value stands open."""
    for quote in ('"""', "'''"):
        if head.count(quote) % 2:
            before = head[: head.rfind(quote)].rstrip("rbfuRBFU \t\\")
            if before[-1:] in set("=(,[+:%"):
                return True
    before = head[: head.rfind("`")].rstrip() if head.count("`") % 2 else ""
    return before[-1:] in set("=(,[+:") and before[-1:] != ""


def _in_fence(head: str) -> bool:
    if "```" in head and len(re.findall(r"^[ \t>*/#!]*```", head, re.MULTILINE)) % 2:
        return True
    return "~~~" in head and len(re.findall(r"^[ \t]*~~~", head, re.MULTILINE)) % 2 == 1


def _in_heredoc(head: str) -> bool:
    for match in _HEREDOC.finditer(head) if "<<" in head else ():
        if re.search(rf"^[ \t]*{match[1]}\s*$", head[match.end() :], re.MULTILINE) is None:
            return True
    return False


def _labels(text: str) -> list[Evidence]:
    """`@license MIT` and `License: MIT`, where the whole line is one expression of listed ids."""
    found = []
    for beginnings, pattern, loose in (
        (("@licen",), _JSDOC, True),
        (("SPDX", "Licen"), _LABEL, False),
        (("SPDX",), _SHORT, False),
    ):
        for match in matches_at(pattern, text, text, beginnings):
            if not _begins_line(text, match.start()):
                continue
            written = _trim(match[1])
            read = normalise(written)
            known = read.expression != NOASSERTION and not read.unknown
            if known and (loose or not read.repaired):
                found.append(
                    Evidence(
                        kind="tag",
                        expression=read.expression,
                        start=match.start(1),
                        end=match.start(1) + len(written),
                    )
                )
    return sorted(found, key=lambda each: each.start)


def _begins_line(text: str, at: int) -> bool:
    """Say whether comment marks and blanks alone stand before a place, from the beginning of a line on."""
    for before in range(at, max(-1, at - _MOST_MARKS - 1), -1):
        if not before or text[before - 1] == "\n":
            return True
        if not (text[before - 1] in _MARKS or text[before - 1].isspace()):
            return False
    return False
