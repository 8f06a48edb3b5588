"""Detect telephone numbers; the numbering plans of phonenumbers have the last word.

Three ways lead to a number: a plus sign, a word such as `phone` before it (or above its column) in
one of twenty languages, or a grouping that nothing else has. Digits alone are no number.
"""

from __future__ import annotations

import re
from typing import Final

from filters.redact.personal.columns import CELL_TRIGGER, column
from filters.redact.personal.phone_context import (
    NO_WORD,
    hint,
    is_announced,
    is_ordered,
    line_before,
    told,
    words_before,
)
from filters.redact.personal.phone_plans import has_size, is_phone, is_possible
from filters.redact.personal.phone_shapes import GROUPED, SHAPE_START, shape_at
from filters.redact.personal.phone_spans import longest, possible, regions_of, with_extension
from filters.redact.personal.phone_words import (
    ASKED,
    CALLED,
    DIRECT,
    ENGLISH,
    NAMED,
    NOT_A_PHONE,
    STRANGE,
    STRONG,
    WORLD,
)
from filters.redact.rule import Range, Rule

# A stroke behind a number in groups parts it from the next one.
_GAP: Final = (
    r"(?:[ ().\-\u00a0\u2007\u2009\u202f\u2010-\u2013]"
    r"|(?<!\d[ .\-]\d{4} )(?<!\d[ .\-]\d{3} )(?<!\d[ .\-]\d\d )/)"
)
_FREE: Final = r"(?:(?<![\w+])|(?<=\\[nrt])|(?<=%3D)|(?<=%3A))"
_PLUS: Final = re.compile(
    rf"{_FREE}(?P<span>(?:\+|\uff0b|%2[Bb])[ (]{{0,2}}[1-9](?:{_GAP}{{0,3}}\d){{6,16}})", re.ASCII
)
# any character outside ASCII stands for the rarer gaps: cheaper to look for than each of them
_PLUS_TRIGGER: Final = re.compile(
    r"(?:\+|\uff0b|%2[Bb])[ (]{0,2}[1-9](?:[ ().\-/\x80-\U0010ffff]{0,3}\d){6}", re.ASCII
)
# Seven digits or more in one run or two groups, or three groups but for dates, or four
_DIGITS: Final = re.compile(
    rf"\d{{7}}|\d{_GAP}{{1,3}}\d{{6}}|\d\d{_GAP}{{1,3}}\d{{5}}|\d{{3}}{_GAP}{{1,3}}\d{{4}}"
    rf"|\d{{4}}{_GAP}{{1,3}}\d{{3}}|\d{{5}}{_GAP}{{1,3}}\d\d|\d\d{_GAP}{{1,3}}\d{{2,12}}{_GAP}{{1,3}}\d{{3}}|\d(?:{_GAP}{{1,3}}\d{{2,5}}){{2}}{_GAP}{{1,3}}\d\d",
    re.ASCII,
)
# The digit comes first: `re` then skips to the next digit instead of trying each character.
_START: Final = r"[0-9](?:(?<![\w.,].)|(?<=\\[nrt].)|(?<=[A-Za-z]\..)|(?<=%3[Aa].))"
_NUMBER: Final = re.compile(
    rf"(?P<span>{_START}[0-9]{{0,15}}(?:{_GAP}{{1,3}}[0-9]{{1,12}}){{0,6}})", re.ASCII
)
# behind a comma too, in a table
_GROUPS: Final = re.compile(
    rf"(?P<span>[0-9](?:(?<![\w.].)|(?<=\\[nrt].)|(?<=[A-Za-z]\..))[0-9]{{0,5}}(?:{_GAP}{{1,3}}[0-9]{{1,8}}){{1,6}})",
    re.ASCII,
)
_RUN: Final = re.compile(rf"(?P<span>{_START}[0-9]{{6,14}})(?!\w|[.,\-/]\d)", re.ASCII)
_WIDE: Final = re.compile(
    r"(?<![\uff10-\uff19])(?P<span>[\uff0b+]?[\uff08(]?[\uff10-\uff19]"
    r"(?:[ \u3000\-\u2010-\u2015\u2212\u30fc\uff0d()\uff08\uff09.]{0,2}[\uff10-\uff19]){7,13})(?![\uff10-\uff19])"
)
_WIDE_TRIGGER: Final = re.compile(r"[\uff10-\uff19]{2}")
_NATIONAL: Final = re.compile(
    r"(?<![\w+./=%$\-])(?P<span>\(?[0-9]{2,4}\)?[ .\-][0-9]{3,4}[ .\-][0-9]{4})(?![\w%./\-])",
    re.ASCII,
)
# Alone in a cell of a table
_CELL: Final = re.compile(r"(?<=[,;|\t\"' ])(?P<span>[0-9]{9,12})(?![^,;|\t\"'\s])", re.ASCII)
_BETWEEN: Final = " \"'"
_SEPARATORS: Final = (",", ";", "|", "\t")
# A term of a sum, a decimal fraction, a card; what arithmetic has before and behind a number
_SUM: Final = re.compile(r"\+ +\d+")
_DECIMAL: Final = re.compile(r"\+\d{1,3}\.\d+")
_CARD_LIKE: Final = re.compile(r"\d{4}([ \-])(?:\d{4}\1\d{4}\1\d|\d{6}\1\d{4})")
_TERM_AFTER: Final = re.compile(
    r"\.\d|[eEjJ][+\-]?\d|j\b|\s?(?:\*\*?|\^|[<>=]=|<<|>>)\s?[\w(]"
    r"|[ ](?:lines?|points?|rows?|bytes?|files?|insertions?|deletions?|tests?|votes?|times)\b"
)
_TAKEN_OUT: Final = re.compile(r"-\d[\d.]*")
_MIN_LINE: Final = 40
_STRONG_NAME: Final = re.compile(STRONG, re.IGNORECASE)
_NEGATIVE: Final = re.compile(r"(?:^|[\s:=,(\[])-$")
_MIN_BARE_WORLD: Final = 11  # digits of a number with its country code and no plus sign
_MIN_ORDERED: Final = 10


def _plus(match: re.Match[str]) -> Range | None:
    number, text, start = match["span"], match.string, match.start()
    if _TERM_AFTER.match(text, match.end()) is not None or _is_changed_line(match):
        return None
    bare = _SUM.fullmatch(number) is not None or _DECIMAL.fullmatch(number) is not None
    if (bare or number[1] == " ") and told(line_before(text, start)) is None:
        return None
    found = longest(match, (None,))
    if found is None and is_possible(number) and is_announced(text, start):
        return match.span("span")
    return found


def _is_changed_line(match: re.Match[str]) -> bool:
    """Tell whether this is a line of a patch, whose neighbour was taken out."""
    text, start, end = match.string, match.start(), match.end()
    if text[start - 1 : start] not in ("", "\n"):
        return False
    after = text.startswith("\n-", end) and text[end + 2 : end + 3].isdigit()
    above = text.rfind("\n", max(0, start - _MIN_LINE), max(0, start - 1)) + 1
    return after or (start > 0 and _TAKEN_OUT.fullmatch(text, above, start - 1) is not None)


def _named(match: re.Match[str]) -> Range | None:
    """Accept a number behind a plain word for a telephone."""
    text, number = match.string, match["span"]
    if not has_size(number) or _DIGITS.search(number) is None:
        return None
    before = words_before(text, match.start("span"))
    if not before.strip(NO_WORD) or _CARD_LIKE.match(number) is not None:
        return None
    named = told(before)
    if named is None or (number.isdigit() and _NEGATIVE.search(before[-2:]) is not None):
        return None
    return _plainly_named(match, *named)


def _hinted(match: re.Match[str]) -> Range | None:
    """Accept a number in groups behind a word that may announce one, or in a column of them."""
    text, number = match.string, match["span"]
    if not has_size(number) or _CARD_LIKE.match(number) is not None:
        return None
    if _DIGITS.search(number) is None:
        return None
    before = words_before(text, match.start("span"))
    words = hint(before) if before[-1:] != "," else ""
    if words == "":
        return _in_column(match)
    asked = ENGLISH if ASKED.match(words) is not None else ("US",)
    found = longest(match, (*regions_of(words), *asked))
    return None if found is None or text[slice(*found)].isdigit() else found


def _in_column(match: re.Match[str]) -> Range | None:
    name = column(match.string, match.start("span"))
    if _STRONG_NAME.search(name) is None or NOT_A_PHONE.search(name) is not None:
        return None
    return longest(match, regions_of(name) + WORLD) or possible(match, "")


def _cell(match: re.Match[str]) -> Range | None:
    """Accept a number without groups in a column of telephone numbers."""
    text, start = match.string, match.start()
    if not text[max(0, start - 3) : start].rstrip(_BETWEEN).endswith(_SEPARATORS):
        return None
    name = column(text, start)
    if name == "" or _STRONG_NAME.search(name) is None or NOT_A_PHONE.search(name) is not None:
        return None
    return longest(match, regions_of(name) + WORLD)


def _asked(match: re.Match[str]) -> Range | None:
    """Accept a number without groups behind words that ask to telephone it."""
    text, start = match.string, match.start("span")
    before = line_before(text, start)
    if len(match["span"]) < _MIN_ORDERED or not is_ordered(before):
        words = hint(before)
        if words == "" or DIRECT.match(words) is None:
            return None
        return longest(match, (*regions_of(words), *ENGLISH))
    return longest(match, ENGLISH)


def _wide(match: re.Match[str]) -> Range | None:
    """Accept a number in full-width digits: a grouped one, or one behind a word."""
    number, text = match["span"], match.string
    start = match.start("span")
    word = told(line_before(text, start))
    regions = WORLD if word is None else regions_of(word[0]) + WORLD
    grouped = len(re.findall(r"\d+", number)) > 2  # noqa: PLR2004  three groups
    zero = number.lstrip("(\uff08").startswith("\uff10")
    plus = number[0] in "+\uff0b"
    if word is None and not plus and not (grouped and zero):
        return None
    return match.span("span") if is_phone(number, (None,) if plus else regions) else None


def _plainly_named(match: re.Match[str], name: str, between: str) -> Range | None:
    number = match["span"]
    if between.endswith("/") and "wa.me" not in name:
        return None
    if number.isdigit() and STRANGE.search(between) is not None:
        return None
    found = longest(match, regions_of(name) + WORLD)
    if found is None and len(number) >= _MIN_BARE_WORLD and is_phone("+" + number, (None,)):
        return match.span("span")
    return found if found is not None else possible(match, between)


def _shape(match: re.Match[str]) -> Range | None:
    found = shape_at(match.string, match.start())
    if found is None or _DIGITS.search(match.string, *found) is None:
        return None
    return with_extension(match.string, *found)


def _national(match: re.Match[str]) -> Range | None:
    return match.span("span") if is_phone(match["span"], WORLD) else None


_RULES: Final = (
    Rule(
        "phone-international", "PHONE", "balanced", _PLUS, _plus, _PLUS_TRIGGER,
        yes=(
            "«+1 (650) 253-0000 ext. 12»", "tel:«+49-30-901820;ext=5»", "«+49 (0)30 901820».",
            "?phone=«%2B16502530000»&", "전화«+82 10-2345-6789»입니다", "Tel. «+ 49 30 901820»",
        ),
        no=(
            "+1 202 555 0143", "+0100", "+1234567890", "a+16502530000", "+16502530000000",
            "x + 2025529095.0", "x^5 + 365 432 7432", "+16502530000 * x", "+497 208 765 lines",
            "+4795757408\n-1435615311", "+16502530000.5",
        ),
    ),
    Rule(
        "phone-named", "PHONE", "balanced", _NUMBER, _named, NAMED,
        yes=(
            '"phone": "«(650) 253-0000»"', "Tél. : «01 42 68 53 00»", "연락처 «010-2345-6789»",
            "TEL;TYPE=CELL:«6502530000»", "Telefon: «030 901820»", "携帯電話\uff1a«090-1234-5678»",
        ),
        no=(
            "phone: 0000000000", "tel 2023-05-06", "phone_id = 6502530000", "phone 123-456-7890",
            "Tel Aviv 1951-6628-99",
        ),
    ),
    Rule(
        "phone-hinted", "PHONE", "balanced", _GROUPS, _hinted, GROUPED,
        yes=("call me at «650 253 0000»", "T: «650 253 0000»", "call «074100 96808»", "volejte «601 128 786»",
            "id,phone\n7,«030 901820»"),
        no=("contact_id: 650 253 0000", "id,size\n7,030 901820", "from 151.137.63.18 port"),
    ),
    Rule(
        "phone-column", "PHONE", "balanced", _CELL, _cell, CELL_TRIGGER,
        yes=(
            "name,phone\nada,«2128675309»", '"id";"tel"\n"7";"«2128675309»"',
            "| id | mobile |\n|--|--|\n| 7 | «2128675309» |",
        ),
        no=("name,size\nada,2128675309", "name,phone_id\nada,2128675309", "name,phone\n2128675309,ada"),
    ),
    Rule(
        "phone-asked", "PHONE", "balanced", _RUN, _asked, CALLED,
        yes=("call us at «6502530000»", "Call «6502530000» now", "my cell is «6502530000»", "mobil: «601123456»"),
        no=("call 4198400", "text 6502530000", "phone_id 6502530000"),
    ),
    Rule(
        "phone-wide", "PHONE", "balanced", _WIDE, _wide, _WIDE_TRIGGER,
        yes=(
            "電話\uff1a«\uff10\uff13\u30fc\uff13\uff12\uff12\uff14\u30fc\uff19\uff19\uff19\uff19»",
            "«\uff10\uff19\uff10-\uff11\uff12\uff13\uff14-\uff15\uff16\uff17\uff18»",
        ),
        no=("\uff12\uff10\uff12\uff13\uff0d\uff10\uff15", "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18"),
    ),
    Rule(
        "phone-shape", "PHONE", "balanced", SHAPE_START, _shape, GROUPED,
        yes=("«(650) 253-0000»", "«650-253-0000 x12»", "«010-2345-6789»", "«06 12 34 56 78»"),
        no=(
            "555-555-0143", "1650-253-00001", "01 02 03 04 05 06", "650.253.0000.1",
            "Total: 650-253-0000 cells",
        ),
    ),
    Rule(
        "phone-national", "PHONE", "strict", _NATIONAL, _national, GROUPED,
        yes=("see «650 253 0000» there",), no=("see 1650 253 00001", "000 000 0000"),
    ),
)  # fmt: skip


def phone_rules() -> tuple[Rule, ...]:
    """Return the rules for telephone numbers."""
    return _RULES
