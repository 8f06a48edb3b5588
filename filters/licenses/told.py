"""What a document tells of licences without being under them: its history, tables, lists and data.

A change log says what a licence became, a table compares projects, a program holds names of
licences as its data. Such places are blanked out before notices are read in earnest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.merge import stems_of
from filters.licenses.places import file_kind, is_prose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.licenses.evidence import Evidence

_MANY: Final = 6  # families of licences from which a document lists them
_CELLS: Final = 3  # cells from which a row compares or lists; two are a name and its value
_BEFORE: Final = 320  # code points before a name in which its sentence begins
_AROUND: Final = 1500  # code points about the notices in which a list is looked for
_HEAD: Final = 800  # code points at the top, where a document speaks of itself
_WORDS: Final = 4  # words before a name up to which nothing is asked of a sentence
_SUFFIXES: Final = (".md", ".rst", ".html", ".htm", ".adoc", ".org")
# A sentence that states a licence says so of something, as a fact; other sentences of English talk.
_FACT: Final = re.compile(
    r"\b(?:is|are|it's|has been|have been|been|being|(?:will|shall|may|can) (?:only )?be|(?:this"
    r"|the) (?:[\w-]+ ){1,3}was)\b"
    r"[^;]{0,200}\b(?:\w*-?licen[cs]ed|(?:re)?distributed|released|available|covered|governed|published"
    r"|provided"
    r"|offered|shared|open[- ]sourced?|placed|dedicated|made|protected|subject|free|in|under|used"
    r"|redistributable)\b"
    r"|\b(?:is|are|it's|=|:)\W*(?:(?:the|an?|both|all|fully|free|open[- ]source|also|now|currently)\W+){0,4}$"
    r"|^\W*(?:(?:dual|tri)[- ]?)?(?:licen[cs]ed?|licen[cs]ing|released|(?:re)?distributed|available"
    r"|published|provided"
    r"|covered|copyright|permission|usage|redistribution|distribution|copying|reproduction|use (?:of|in"
    r"|and)|used|using|under|all|portions|parts|everything|see|please|free|feel free"
    r"|part of|placed|dedicated|donated|put|given|created|written|based|adapted|derived|ported|taken|built"
    r"|unless|except|subject to|code|source|open[- ]source|contents?|text|these|this|our|by|\(c\)|©)\b"
    r"|\b(?:this|our|the|it) (?:[\w-]+ ){0,3}(?:uses|has|carries|comes|bears|adopts|falls|follows)\b"
    r"|\b(?:we|i|authors?) (?:[\w-]+ ){0,2}(?:re)?(?:releas|licen[cs]|distribut|publish|provid|offer"
    r"|shar|dedicat|plac"
    r"|grant|mak|put|waive|adopt)\w*|\byou (?:may|can|are|have|must|should)\b|\bcopyright\b|©|\(c\)"
    r"|\b(?:releases|distributes|publishes|provides|grants|dedicates|places|puts|waives|waived"
    r"|disclaims?|makes"
    r"|granted|permitted|allowed|comes?|appl(?:y|ies))\b"
    r"|^\W*(?:for (?:licen[cs]|details|terms|more)|read|refer|consult|check|author|terms|conditions"
    r"|alternatively)"
    r"|\blicen[cs]es (?:this|the|it|its|their)\b|,\W*under (?:the |an? )?$|\bunder the terms\b"
    r"|\blicen[cs]e\W*$|\bhereby\b|\bfree software\b",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(
    r"\b(?:the|of|and|to|that|with|for|you|we|i|as|by|on|if|there|some|not|has|from|says?|means?)\b",
    re.IGNORECASE,
)
# what takes rights back is never talk
_RESERVED: Final = re.compile(
    r"\bconfidential\b|\b(?:is|are|and|remains?|contains?) (?:\w+ )?proprietary\b"
    r"|\brights (?:are )?reserved\b|non-?commercial|\bprohibit|\bunauthori[sz]ed\b"
    r"|\bmay not be\b|\bmust not\b|\bpaid\b|\bpay\b",
    re.IGNORECASE,
)
_SENTENCE_START: Final = re.compile(
    r"[.!?:;][\"')*_`]{0,3}\s+(?=\W{0,4}[A-Z])|\n[ \t>]*\n|\n[ \t]*(?:[-*+\u2022>|]|\d+[.)])[ \t]|\n#+ "
    r"|<(?:p|li|td|h\d|div|br)\b[^>]*>"
)
_LEAD: Final = re.compile(r"[\s.:,]*")
_TAGS: Final = re.compile(r"<[^>]{1,200}>|\]\([^)]*\)|https?://\S+|[`*_\[\]]")
# names of files and folders that hold what changed
_HISTORY: Final = re.compile(
    r"(?:^|/)(?:(?:change[-_ ]?logs?|changes|news|history|release[-_ ]?(?:notes?|history)"
    r"|what(?:')?s?[-_ ]?new)(?:[-_.](?:md|rst|txt|adoc|org|html?|old|debian|dch|\d[\w.-]*))*"
    r"|(?:whats[-_]?new|change[-_]?logs?|changelog\.d|changes|news|newsfragments|release[-_]?notes"
    r"|releases)/(?:[^/]+/)*[^/]+\.(?:md|rst|txt|adoc|html?|[a-z]+))$",
    re.IGNORECASE,
)
_PROGRAM: Final = re.compile(
    r"\.(?:pyi?|[cm]?[jt]sx?|c|cc|cpp|cxx|h|hpp|java|kt|scala|groovy|go|rs|rb|php|p[lm]|cs|swift|lua"
    r"|exs?|erl|hs|r|jl"
    r"|dart|sh|ps1)$",
    re.IGNORECASE,
)
# what a document says of itself, and what only news says
_ITSELF: Final = re.compile(
    r"\b(?:this|these) (?:files?|documents?|documentation|programs?|software|library|change ?log|work|package"
    r"|module|project|text|manual|copy|script|table|data)\b|\bcopyright:? ?(?:\(c\)|©|\d{4})|©|\(c\) ?\d{4}"
    r"|\bcopying and distribution\b|\bredistribut|\bpermission (?:is|to)\b|\bconfidential\b|\bproprietary\b"
    r"|\bnon-?commercial|\bunauthori[sz]ed\b",
    re.IGNORECASE,
)
_TOP: Final = re.compile(
    r"\blicen[cs]ed under\b|@licen[cs]e\b|^\W*licen[cs]e ?[:=]|\bcopyright\b|\bunder the terms\b"
    r"|\bdistributed under\b|\breleased under\b",
    re.IGNORECASE | re.MULTILINE,
)
_NEWS: Final = re.compile(
    r"\bnow\b|\bre-?licen[cs]|\bchang(?:e|es|ed|ing)\b|\bswitch(?:ed|es)?\b|\bupdate[sd]?\b"
    r"|\badd(?:s|ed)?\b|\bremove[sd]?\b|\brenam|\bupgraded?\b",
    re.IGNORECASE,
)
# words of a grant itself, which no news changes
_GRANTS: Final = re.compile(
    r"\bredistribute it\b|\bpermission is (?:hereby )?granted\b|\bcopying and distribution of this\b",
    re.IGNORECASE,
)
_PARAGRAPH: Final = re.compile(r"\n[ \t#*/;%]*\n")
# what prose says that licences, not this one, ask of others
_ASKED: Final = re.compile(
    r"\b(?:derivatives?|derived|modified|modifications|combined|entire|your|larger|resulting|linked|whole)\b"
    r"[^.;]{0,80}\b(?:must|has to|have to|needs? to|should)\b[^.;]{0,20}\bbe\b[^;\n]{0,200}",
    re.IGNORECASE,
)
_NAME: Final = (
    r"(?:MIT|ISC|0?BSD|Apache|[AL]?GPL|MPL|EPL|CC0|CC[- ]BY|Unlicense|WTFPL|Zlib|Artistic|AFL|BSL|CDDL"
    r"|EUPL|Mozilla"
    r"|Eclipse|GNU|Creative Commons|[Pp]ublic [Dd]omain|PSF|Boost)\b[\w.+-]*"
)
_ITEM: Final = re.compile(
    rf"^[ \t]*(?:[-*+\u2022#/|]{{1,2}}|\d+[.)])?[ \t]*[\[(`*\"']{{0,3}}({_NAME})[^\n]{{0,120}}$",
    re.MULTILINE,
)
_COMMON: Final = ("MIT", "BSD", "GPL", "Apache", "MPL", "CC", "ISC")
_ENUMERATION: Final = re.compile(rf"(?:{_NAME}(?:[^\w\n]|\b(?:and|or)\b){{1,6}}){{4,}}{_NAME}")
_ITEMS: Final = 5  # lines that open with licences, of which four differ, from which they are a list
_BLOCK: Final = re.compile(r"\n[ \t#*/;%]*\n|\n(?=[ \t]*[-*+\u2022][ \t])")
_ENTRY: Final = re.compile(r"\s*[-*+\u2022]{1,2}[ \t]")
_ROW: Final = re.compile(r"^[^\n|]*\|[^\n]*$", re.MULTILINE)
_RULE: Final = re.compile(r"^[ \t]*:?-{2,}:?[ \t]*\|[-:| \t]*$", re.MULTILINE)
_BADGE: Final = ("badge", "shields.io")
# what stands before a string that is a value or an item of data
_OPENS: Final = re.compile(r"(?:^|[(\[{,:=>?|+!&]|\breturn|\bin|\bor|\band|\bcase)[ \t]*$")
_ENDS: Final = re.compile(r" ?(?:,[ \t]*)?(?:$|[\n:#/]|=>|\"|')")
_COMMENT: Final = re.compile(r"\s*(?:#|//|/?\*|--|;|%|!|<!--|rem\b|dnl\b)", re.IGNORECASE)
_DECLARES: Final = re.compile(
    r"__\w*licen[cs]e\w*|module_licen[cs]e|@licen[cs]e|(?:^|[\s\"'(,{<])_*licen[cs]e\w*[\"']?\s*[=:]\s*$",
    re.IGNORECASE,
)
_STRING: Final = re.compile(r"([\"'])([^\"'\n]{2,90})\1")
_SENTENCE: Final = re.compile(
    r"licen[cs]ed|released|distributed|\bunder\b|\bthis\b|\bis\b|free software|copyright|©"
    r"|\bnot\b|commercial|\bmay\b|restrict|prohibit",
    re.IGNORECASE,
)


def untold(text: str, path: str, notices: list[Evidence]) -> str:
    """Blank out what a document only tells, as far as its notices stand there; places stay the same.

    What is told in a licence file or in a list of other people's licences is never blanked.
    """
    if not notices or file_kind(path) in {"license", "third-party", "notice"}:
        return text
    program = _PROGRAM.search(path) is not None
    strings = program and any(_in_string(text, each) for each in notices)
    if program and not strings and len(notices) == 1 and notices[0].start < _HEAD:
        return text  # one notice at the top, as most programs have
    told = text
    if _is_history(path) or _lists(notices):
        told = _blank(told, _news(text, prose=is_prose(path) or _is_history(path)))
    start = max(0, min(each.start for each in notices) - _AROUND)
    end = max(each.end for each in notices) + _AROUND
    if sum(text.count(each, start, end) for each in _COMMON) >= _ITEMS:
        told = _blank(told, _items(text, start, end))
    if path and is_prose(path):
        told = _blank(told, _rows(text, notices))
        told = _blank(told, _asked(text, notices))
        if path.lower().endswith(_SUFFIXES):
            told = _blank(told, _talk(text, notices))
    elif strings:
        told = _blank(told, _data(text))
    return told


def _is_history(path: str) -> bool:
    return _HISTORY.search(path) is not None and _PROGRAM.search(path) is None


def _lists(notices: list[Evidence]) -> bool:
    """Tell a document that names licences of many families."""
    stems = {stem for each in notices for stem in stems_of(each.expression)}
    return len({each.partition("-")[0] for each in stems}) >= _MANY


def _news(text: str, *, prose: bool) -> Iterator[tuple[int, int]]:
    """Find the paragraphs and entries in which a document does not speak of itself."""
    start = 0
    while start < len(text):
        gap = (_BLOCK if prose else _PARAGRAPH).search(text, start + 1)
        end = len(text) if gap is None else gap.start()
        head = start < _HEAD and not prose  # the comment that a program opens with
        if not head and not _speaks_of_itself(text, start, end):
            yield start, end
        start = end


def _speaks_of_itself(text: str, start: int, end: int) -> bool:
    if _GRANTS.search(text, start, end) is not None:
        return True
    if _NEWS.search(text, start, end) is not None:
        return False
    if _ITSELF.search(text, start, end) is not None:
        return True
    entry = _ENTRY.match(text, start, end) is not None
    return start < _HEAD and not entry and _TOP.search(text, start, end) is not None


def _rows(text: str, notices: list[Evidence]) -> Iterator[tuple[int, int]]:
    """Find the rows of a table that names licences in cells of their own."""
    for each in notices:
        start = text.rfind("\n", 0, each.start) + 1
        row = _ROW.match(text, start)
        if row is None or any(word in row[0] for word in _BADGE):
            continue
        ruled = row[0].lstrip().startswith("|") or _RULE.search(text, 0, start) is not None
        if ruled and sum(bool(cell.strip()) for cell in row[0].split("|")) >= _CELLS:
            yield from (match.span() for match in _ROW.finditer(text) if match[0].count("|") > 1)
            return


def _talk(text: str, notices: list[Evidence]) -> Iterator[tuple[int, int]]:
    """Find the sentences of English prose in which a licence is named and not stated."""
    last = 0
    for each in sorted(notices, key=lambda notice: notice.start):
        at = each.start + len(_LEAD.match(text, each.start)[0])  # type: ignore[index]  # it matches always
        start = max(last, at - _BEFORE)
        for match in _SENTENCE_START.finditer(text, start, at + 1):
            start = min(match.end(), at)
        before = _TAGS.sub(" ", text[start:at])
        talks = len(before.split()) > _WORDS and _ENGLISH.search(before) is not None
        comment = text.rfind("<!--", 0, at) > text.rfind("-->", 0, at)
        talks = talks and not comment and _RESERVED.search(text, start, each.end + _BEFORE) is None
        if talks and at >= last and _FACT.search(before) is None:
            last = each.end
            yield start, each.end


def _asked(text: str, notices: list[Evidence]) -> Iterator[tuple[int, int]]:
    last = 0
    for each in sorted(notices, key=lambda notice: notice.start):
        found = _ASKED.search(text, max(last, each.start - _BEFORE), each.end)
        if found is not None and found.end() >= each.start:
            last = found.end()
            yield found.span()


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Find the lines that open with the names of licences, where there are many, and enumerations."""
    lines = list(_ITEM.finditer(text, start, end))
    if len(lines) >= _ITEMS and len({match[1] for match in lines}) >= _ITEMS - 1:
        yield from (match.span() for match in lines)
    else:
        yield from (match.span() for match in _ENUMERATION.finditer(text, start, end))


def _in_string(text: str, notice: Evidence) -> bool:
    """Say whether a quotation mark stands before a notice on its line."""
    before = text[text.rfind("\n", 0, notice.start) + 1 : notice.start]
    return '"' in before or "'" in before


def _data(text: str) -> Iterator[tuple[int, int]]:
    """Find the strings of a program that are values or items, but for those that declare its licence."""
    for match in _STRING.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        alone = not line.strip()  # an item has its line; a quotation goes on behind
        if _COMMENT.match(line) or (alone and _ENDS.match(text, match.end()) is None):
            continue
        item = _OPENS.search(line) is not None and _DECLARES.search(line) is None
        if item and _SENTENCE.search(match[2]) is None:
            yield match.span(2)


def _blank(text: str, spans: Iterator[tuple[int, int]]) -> str:
    pieces, last = [], 0
    for start, end in spans:
        pieces += [text[last:start], re.sub(r"[^\n]", " ", text[start:end])]
        last = end
    return "".join([*pieces, text[last:]])
