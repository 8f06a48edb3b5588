"""Detect numbers that a state gives to a person: US SSN and ITIN, Korean resident registration."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from filters.redact.personal.columns import CELL_TRIGGER, column
from filters.redact.rule import Range, Rule

_DASH: Final = r"[-\u2010-\u2013\u2212\uff0d]"
_BLANK: Final = r"[ \u00a0\u2007\u2009\u202f]"
_SSN_SHAPE: Final = rf"\d{{3}} ?(?P<gap>{_DASH}) ?\d\d ?(?P=gap) ?\d{{4}}"
_SSN: Final = re.compile(
    rf"(?:(?<![\w.+/\-\u2010-\u2013])|(?<=\\[nrt])|(?<=[A-Za-z][/\-]))(?P<span>{_SSN_SHAPE})(?![\w]|[-./\u2010-\u2013]\w|\*)",
    re.ASCII,
)
# any character outside ASCII stands for the rarer dashes: cheaper to look for than each of them
_ANY: Final = r"[ \-\x80-\U0010ffff]{1,3}"
_SSN_TRIGGER: Final = re.compile(rf"\d{{3}}{_ANY}\d\d{_ANY}\d{{4}}", re.ASCII)
_SSN_NAME: Final = (
    r"(?:ssn(?!\d)|social.{0,6}sec|soc\.?.?sec|ss#|ss ?no|ss num|(?-i:I?TIN\b|\bSS:|S\.S\.N)|tax.{0,2}id"
    r"|\bsocial (?:is|number)|taxpayer.{0,2}id|seguro social|sozialvers"
    r"|s\u00e9curit\u00e9 sociale|사회\s?보장|社会保障|社会保险)"
)
_SSN_NUMBER: Final = re.compile(
    rf"(?<![\d.\-])(?P<span>\d{{3}}(?P<gap>[-.]|{_BLANK}|)\d\d(?P=gap)\d{{4}})(?![\w*]|[-./]\w)",
    re.ASCII,
)
_SSN_BEFORE: Final = re.compile(rf"{_SSN_NAME}[^\d\n]{{0,40}}$", re.IGNORECASE)
_SSN_COLUMN: Final = re.compile(_SSN_NAME, re.IGNORECASE)
_NAMED_TRIGGER: Final = re.compile(rf"{_SSN_NAME}[^0-9\n]{{0,40}}[0-9]{{3}}", re.IGNORECASE)
# A bare one in a table
_SSN_CELL: Final = re.compile(
    r"(?<![\w.\-+/])(?P<span>\d{3}(?P<gap> ?)\d\d(?P=gap)\d{4})(?![\w*]|[-./]\w)", re.ASCII
)
# Published and never given to anyone: a wallet's insert, a pamphlet, an advertisement, the
# advertising range 987-65-4320 to -4329, and what everybody types
_SPECIMENS: Final = frozenset(
    ("078051120", "219099999", "457555462", "123456789", "123121234", "987654321")
)
_ITIN: Final = re.compile(r"9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])")
_ITIN_NAME: Final = re.compile(r"\bi?tin\b|tax(?:payer)?.{0,4}id", re.IGNORECASE)
_OTHER: Final = re.compile(
    r"(?:part|sku|model|serial|item|order|catalog\w*|ref\w*|version|invoice|ticket|case|phone|tel|fax|isbn|cas|lot|batch"
    r"|product|policy|room|range|pages?|lines?|barcode|p/n|s/n|total|sum|count)"
    r"[\w .\-]{0,10}[\"']?\s?[:=#]{0,2}\s?[\"'(]?$",
    re.IGNORECASE,
)
_LOOK: Final = 64
_ZERO: Final = str.maketrans("123456789", "000000000")
_BEHIND_DIGITS: Final = re.compile(r"(?<=\d)\D*+\Z")


def _ssn(match: re.Match[str]) -> Range | None:
    start = match.start("span")
    before = match.string[max(0, start - _LOOK // 2) : start]
    return None if _is_other(before.translate(_ZERO)) else _ssn_at(match)


# Lines full of numbers show the same words again and again.
@lru_cache(maxsize=1 << 10)
def _is_other(before: str) -> bool:
    return _OTHER.search(before) is not None


@lru_cache(maxsize=1 << 10)
def _is_ssn_named(before: str) -> bool:
    return _SSN_BEFORE.search(before.rpartition("\n")[2]) is not None


def _behind_digits(before: str) -> str:
    """Return what stands behind the last digit: no name of a number has one."""
    found = _BEHIND_DIGITS.search(before)
    return before if found is None else found[0]


def _ssn_named(match: re.Match[str]) -> Range | None:
    start = match.start("span")
    named = _is_ssn_named(_behind_digits(match.string[max(0, start - _LOOK) : start]))
    return _ssn_at(match) if named else None


def _ssn_cell(match: re.Match[str]) -> Range | None:
    number = "".join(filter(str.isdecimal, match["span"]))
    if not is_ssn(number):
        return None
    named = _SSN_COLUMN.search(column(match.string, match.start("span")))
    return _ssn_at(match) if named is not None else None


def _ssn_at(match: re.Match[str]) -> Range | None:
    number = "".join(filter(str.isdecimal, match["span"]))
    if is_dummy(number):
        return None
    if is_ssn(number) or _is_itin(match, number):
        return match.span("span")
    return None


def _is_itin(match: re.Match[str], number: str) -> bool:
    """Tell whether this is a taxpayer's number (IRS: area 9xx, groups 50-65, 70-88, 90-92, 94-99)."""
    start = match.start("span")
    named = _ITIN_NAME.search(match.string, max(0, start - _LOOK), start)
    return named is not None and _ITIN.match(number) is not None


def is_ssn(number: str) -> bool:
    """Tell whether nine digits can be a social security number (SSA: area, group, serial)."""
    area, group, serial = number[:3], number[3:5], number[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_dummy(number: str) -> bool:
    """Tell whether an SSN was published as a specimen, or each of its parts is one digit repeated."""
    uniform = all(len(set(part)) == 1 for part in (number[:3], number[3:5], number[5:]))
    return uniform or number in _SPECIMENS or number.startswith("98765432")


_DATE: Final = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_RRN: Final = re.compile(
    rf"(?:(?<![\w.+/\-\u2010-\u2013])|(?<=\\[nrt])|(?<=[A-Za-z][/\-]))"
    rf"(?P<span>{_DATE}(?: ?{_DASH} ?)[1-8]\d{{6}})(?![\w*]|[-./\u2010-\u2013]\w)",
    re.ASCII,
)
_RRN_TRIGGER: Final = re.compile(r"\d\d[01]\d[0-3]\d[^0-9A-Za-z]{0,3}[1-8]\d{6}", re.ASCII)
_RRN_NAME: Final = (
    r"(?:주민\s?등록|주민\s?번호|주민|외국인\s?등록|외국인\s?번호|(?-i:\b(?:FRN|ARC)\b)"
    r"|resident.{0,3}(?:reg|no|num|id|code)|(?:alien|foreigner).{0,3}(?:reg|no|num|id)|national.{0,3}(?:id|no|num)"
    r"|rrn|jumin|jmn|ssn|social.{0,6}sec|personal.{0,3}(?:id|no|num)|住民登録|居民登[录錄])"
)
_RRN_NUMBER: Final = re.compile(
    rf"(?<![\d.\-])(?P<span>{_DATE}(?:{_BLANK}|\.)?[1-8]\d{{6}})(?![\w*]|[-./]\w)", re.ASCII
)
_NAMED_NEAR: Final = re.compile(_RRN_NAME, re.IGNORECASE)
_KOREAN: Final = re.compile(r"[가-힣]")
# A company's registration number (법인등록번호) has the same form
_COMPANY: Final = re.compile(
    r"법인|등기|사업자|corp|계좌|account|주문|order|모델|운송장|송장|invoice|ticket|build|batch|serial|version|sku|lot\b"
    r"|tracking|문서|접수|관리\s?번호|바코드|isbn",
    re.IGNORECASE,
)
_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_DUMMY: Final = re.compile(r"([1-8])(?:\1{6}|0{6}|1{6})$|1234567$")
_NO_CHECK: Final = "2010"  # the year and month from which on numbers are random
# A person in a Korean sentence, with the number right behind or in brackets
_KOREAN_BEFORE: Final = re.compile(r"[가-힣][ :(\[<'\"]{0,3}$")
_TIMES: Final = ("16", "17")  # milliseconds of these years begin like this
_CLOSED: Final = re.compile(r"^[)\]>][^\d]?")
_LAST_YEAR: Final = 35  # of birth in the 2000s


def _rrn(match: re.Match[str]) -> Range | None:
    text, (start, end) = match.string, match.span("span")
    number = "".join(filter(str.isdecimal, match["span"]))
    if not has_birth_date(number) or _DUMMY.search(number) is not None:
        return None
    if _is_rrn_named(text, start):
        return start, end
    if _is_company(text[max(0, start - _LOOK // 2) : start].translate(_ZERO)):
        return None
    if rrn_check(number) or _is_recent(number):
        return start, end
    # without a check digit a Korean sentence has to vouch for it
    korean = _KOREAN.search(text, max(0, start - _LOOK), end + _LOOK) is not None
    return (start, end) if korean else None


@lru_cache(maxsize=1 << 10)
def _is_company(before: str) -> bool:
    return _COMPANY.search(before) is not None


def _is_recent(number: str) -> bool:
    """Tell whether the number was given out since October 2020: those have no check digit."""
    return number[6] in "3478" and number[:4] >= _NO_CHECK


def _rrn_named(match: re.Match[str]) -> Range | None:
    """Accept a number without a dash: behind or under a name, or in a Korean sentence."""
    text, (start, end) = match.string, match.span("span")
    if _is_rrn_named(text, start):
        return _rrn(match)
    number = "".join(filter(str.isdecimal, match["span"]))
    if not has_birth_date(number):
        return None
    near = _KOREAN_BEFORE.search(text[max(0, start - 12) : start]) is not None
    if near and (_is_recent(number) or _CLOSED.search(text[end : end + 2]) is not None):
        return _rrn(match)
    if not rrn_check(number) or number.startswith(_TIMES):
        return None
    if not near and _KOREAN.search(text, max(0, start - _LOOK), end + _LOOK) is None:
        return None
    return _rrn(match)


def _is_rrn_named(text: str, start: int) -> bool:
    before = text[max(0, start - _LOOK) : start].translate(_ZERO)
    return _names_rrn(before) or _names_rrn(column(text, start))


@lru_cache(maxsize=1 << 10)
def _names_rrn(before: str) -> bool:
    return _NAMED_NEAR.search(before.rpartition("\n")[2]) is not None


def has_birth_date(number: str) -> bool:
    """Tell whether the first six digits are a day of the century that the seventh names."""
    year, month, day = int(number[:2]), int(number[2:4]), int(number[4:6])
    if number[6] in "3478" and year > _LAST_YEAR:
        return False
    leap = year % 4 == 0
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= day <= days[month - 1]


def rrn_check(number: str) -> bool:
    """Tell whether the last digit checks the others (resident: 11, foreigner: 13 minus the sum)."""
    total = sum(int(d) * w for d, w in zip(number[:-1], _WEIGHTS, strict=True)) % 11
    base = 13 if number[6] in "5678" else 11
    return (base - total) % 10 == int(number[-1])


_RULES: Final = (
    Rule(
        "us-ssn", "SSN", "permissive", _SSN, _ssn, _SSN_TRIGGER,
        yes=("SSN «536-22-" + "4587»", "(«536\u201322\u2013" + "4587»)"),
        no=("123-45-6789", "666-22-4587", "part no. 536-22-4587", "2023-05-0612", "536-22-4587-1"),
    ),
    Rule(
        "us-ssn-named", "SSN", "permissive", _SSN_NUMBER, _ssn_named, _NAMED_TRIGGER,
        yes=(
            "**SSN**: `«536 22 " + "4587»`",
            '"ssn": «53622' + "4587»", "social security number is «536 22 " + "4587»",
        ),
        no=("ssn 000224587", "zip 53622-4587", "ssn: ***-**-4587"),
    ),
    Rule(
        "us-ssn-column", "SSN", "permissive", _SSN_CELL, _ssn_cell, CELL_TRIGGER,
        yes=("id,ssn\n7,«53622" + "4587»", "COPY t (id, ssn) FROM stdin;\n17\t«53622" + "4587»"),
        no=("id,zip\n7,53622" + "4587", "id,ssn\n53622" + "4587,7"),
    ),
    Rule(
        "kr-rrn", "RRN", "permissive", _RRN, _rrn, _RRN_TRIGGER,
        yes=("<li>«250818-" + "4569112»</li>", "«960216-" + "1042310»", "주민등록번호: «960216-" + "1042318»"),
        no=("960231-1042319", "960216-1042318", "900101-1******", "법인 960216-1042310"),
    ),
    Rule(
        "kr-rrn-named", "RRN", "permissive", _RRN_NUMBER, _rrn_named, _RRN_TRIGGER,
        yes=("신청인(«960216" + "1042310»)의 주소", "id,resident_no\n7,«960216" + "1042318»",
            '"rrn": "«960216' + '1042310»"', "주민번호 «960216 " + "1042310»"),
        no=("rrn 961316" + "1042319",),
    ),
)  # fmt: skip


def identity_rules() -> tuple[Rule, ...]:
    """Return the rules for numbers that name a person."""
    return _RULES
