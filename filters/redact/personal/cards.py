"""Detect payment card numbers by issuer prefix, length, check digit and what stands around them.

One number in ten has a right check digit and one in three an issuer's prefix, so the digits alone
prove little. A number in groups or with a word such as `card` before it is judged by the schemes'
whole tables; a bare one must have a usual prefix and length and must not stand among other long
numbers or behind a word such as `order`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from filters.redact.rule import Range, Rule

_GAP: Final = r"(?: ?[-\u2010-\u2013.] ?|[ \u00a0\u2007\u2009\u202f]{1,2}|&nbsp;|%20|\+)"
_HEAD: Final = r"(?:[2-6]\d{3}|1800|8[126]\d\d|9792|9860)"
_CARD: Final = re.compile(
    r"(?:(?<![\w.+%#&$\-])|(?<=\\[nrt])|(?<=%B)|(?<=[A-Za-z_]-)|(?<=%3D))(?P<span>"
    rf"{_HEAD}(?:\d{{8,15}}|{_GAP}\d{{4}}{_GAP}\d{{4}}(?:{_GAP}\d{{1,4}}(?:{_GAP}\d{{1,3}})?)?"
    rf"|{_GAP}\d{{6}}{_GAP}\d{{4,5}}))(?!\w|[.\-]\d|%[0-9A-Fa-f]|\+\w)",
    re.ASCII,
)
_TRIGGER: Final = re.compile(
    rf"(?<!\d){_HEAD}(?:\d{{8}}|{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{6}}{_GAP}\d{{4}})", re.ASCII
)
_USUAL: Final = (
    # (prefixes, lengths): what a bare number without a name may be
    (r"4", (16,)),
    (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|220[0-4]", (16,)),
    (r"3[47]", (15,)),
    (r"6011|64[4-9]|65|62|35(?:2[89]|[3-8])", (16,)),
    (r"62|6011", (17, 18, 19)),
    (r"30[0-5]|36|3[89]", (14,)),
    (
        r"5018|5020|5038|5041|506|508[5-9]|509|5893|6304|636[23]|676[1-3]|6759|60[67]|9792",
        (16,),
    ),
    (r"(?:1800|2131)", (15,)),
)
_KNOWN: Final = (
    # Visa; Mastercard; Amex; Discover and UnionPay; JCB; Diners; Mir; then Maestro, Verve, RuPay,
    # Elo, Hipercard, Troy, Dankort, InterPayment, UzCard, Humo (ISO/IEC 7812 ranges as published)
    (r"4", (13, 16, 19)),
    (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    (r"3[47]", (15,)),
    (r"6011|64[4-9]|65|62|8[12]", (16, 17, 18, 19)),
    (r"35(?:2[89]|[3-8])", (16, 17, 18, 19)),
    (r"1800|2131", (15,)),
    (r"30[0-5]|3095|36|3[89]", (14, 15, 16, 17, 18, 19)),
    (r"220[0-5]", (16, 17, 18, 19)),
    (r"5[06-8]|6", (12, 13, 14, 15, 16, 17, 18, 19)),
    (r"3841|9792|8600|9860|357111", (16, 19)),
)
_PREFIXES: Final = tuple((re.compile(prefix), sizes) for prefix, sizes in _KNOWN)
_BARE: Final = tuple((re.compile(prefix), sizes) for prefix, sizes in _USUAL)
# The schemes' and processors' published test numbers that `_RUN` and `_MIN_DISTINCT` do not catch,
# spelled as their parts
_TEST_CARDS: Final = frozenset(
    (
        "401288888888" + "1881", "37828224631" + "0005", "371449635398" + "431",
        "6011" + "0009901" + "39424", "3056930902" + "5904", "3852000002" + "3237",
        "3566002020" + "360505", "22230000484" + "00011", "52008282828" + "28210",
        "378734493671" + "000", "400005665566" + "5556", "222300312200" + "3222",
        "305693000902" + "0004", "3622720627" + "1667", "510510510510" + "5100",
        "416667666766" + "6746", "677179802100" + "0008", "356999001009" + "5841",
        "222241074036" + "0010", "498843884388" + "4305", "401200003333" + "0026",
        "421765111111" + "1119", "506351694500" + "5047", "675964982643" + "8453",
        "445653000000" + "1005", "450875001574" + "1019", "501971701010" + "3742",
        "400934888888" + "1881", "555534124444" + "1115", "633110199999" + "0016",
        "401288881" + "8888", "3600666633" + "3344", "545454545454" + "5454",
        "601198111111" + "1113", "620550000000" + "0000004",
    )
)  # fmt: skip
_MIN_DISTINCT: Final = 4
# Test numbers are full of repeated digits; a real number has five in a row once in a thousand.
_RUN: Final = re.compile(r"(\d)\1{4}")
_NAME: Final = re.compile(
    r"(?<!dis)(?<!post)card(?!inal|io|iff|board)|(?<![a-z])(?:cc|pan|acct|ccn|ccnum|cardno)(?![a-z])"
    r"|visa(?!ge)|master|maestro|amex|american.?express|diners|discover(?:card| )|(?<![a-z])jcb(?![a-z])"
    r"|union.?pay|银联|rupay|hipercard|(?<![a-z])(?:elo|mir|troy|verve)(?![a-z])|credit|(?<![a-z])debit"
    r"|카드|신용|체크|カード|クレジット|卡号|信用卡|银行卡|卡號|銀行卡|kreditkarte|(?<![a-z])karten?(?:nummer|nr)?(?![a-z])"
    r"|carte(?![a-z])|tarjeta|cart[aã]o|carta di|(?<![a-z])carta(?![a-z])|карт|(?<![a-z])kart[aeyu\u0131]?(?![a-z])"
    r"|kaart|betaalkort|kortn|kreditkort"
    r"|बैंक कार्ड|कार्ड|بطاقة|บัตร|thẻ|כרטיס|payment|charge[d ]|primary.?account",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"(?:(?:order|track(?![ _]?[12])\w*|imei|invoice|ref\w*|ticket|serial|sku|gtin|ean|isbn|issn|upc|timestamp|time|ts"
    r"|seq\w*|nonce|hash|size|offset|seed|session|request|trace|span|user|device|message|snowflake|tweet|status|parcel|shipment"
    r"|waybill|awb|meid|iccid|uuid|guid|phone|tel|barcode|batch|lot|case|commit|build|version|run|job|event)"
    r"[\w .]{0,14}|[A-Za-z_]*(?:id|ID|Id|no|No|key|Key)|#)[\"'`]?\s?[:=#]{0,2}\s?[\"'`(]?$",
    re.IGNORECASE,
)
# The name of a row in a table, whatever it names
_IDENTIFIER: Final = re.compile(r"(?:_id|Id|ID|\bid)[\"'`]?\s?[:=]{1,2}\s?[\"'`]?$")
_PATH: Final = re.compile(r"/[\w.-]{1,32}/$")
_ZERO: Final = str.maketrans("123456789", "000000000")
_NO_DIGIT: Final = re.compile(r"\D+")
_WORDY: Final = re.compile(r"[^\W\d_]")
_NUMBERS: Final = re.compile(r"[\d .\-\u2010-\u2013]{8,}")
_FIFTH: Final = re.compile(rf"(?P<card>\d{{4}}(?:{_GAP}\d{{4}}){{3}}){_GAP}\d{{1,4}}")
# Twice a digit, as the sum of its digits
_DOUBLED: Final = str.maketrans("0123456789", "0246813579")
_BEHIND, _AHEAD, _NEAR, _OTHER_REACH = 48, 24, 20, 34
_LONG: Final = re.compile(r"(?<![\w.])\d{11,22}(?![\w.])", re.ASCII)
# A row of four-digit groups, perhaps hexadecimal, is a table
_GROUP_BEFORE: Final = re.compile(r"(?<!\w)(?=[A-Fa-f]{0,3}\d)[0-9A-Fa-f]{4} $")
_GROUP_AFTER: Final = re.compile(r" (?=[A-Fa-f]{0,3}\d)[0-9A-Fa-f]{4}(?!\w)")
_MAESTRO_THREE: Final = 12  # three groups of four


def _card(match: re.Match[str]) -> Range | None:
    text, (start, end) = match.string, match.span("span")
    number = match["span"]
    if not _is_card(_digits(number)):
        # the last group may be another number: a card and the month it expires in
        last = _FIFTH.fullmatch(number)
        if last is None or not _is_card(_digits(last["card"])):
            return None
        number = last["card"]
        end = start + len(number)
    before, after = text[max(0, start - _BEHIND) : start], text[end : end + _BEHIND]
    return (start, end) if _is_somebodys(number, before, after) else None


def _is_somebodys(number: str, before: str, after: str) -> bool:
    """Tell by what stands around it whether a valid number is a card's."""
    shapes = number.translate(_ZERO), before.translate(_ZERO), after.translate(_ZERO)
    if _is_named(*shapes):
        return True
    digits = _digits(number)
    if len(number) > len(digits):
        return len(digits) > _MAESTRO_THREE and _is_apart(*shapes)
    usual = any(prefix.match(digits) and len(digits) in sizes for prefix, sizes in _BARE)
    return usual and _stands_alone(before.rpartition("\n")[2], after.partition("\n")[0])


def _digits(number: str) -> str:
    return number if number.isdigit() else _NO_DIGIT.sub("", number.replace("%20", " "))


@lru_cache(maxsize=4096)
def _is_card(digits: str) -> bool:
    """Tell whether a scheme knows the prefix and length, the check digit fits, and it is no test."""
    return (
        luhn(digits)
        and _RUN.search(digits) is None
        and len(set(digits)) >= _MIN_DISTINCT
        and digits not in _TEST_CARDS
        and any(len(digits) in sizes and prefix.match(digits) for prefix, sizes in _PREFIXES)
    )


# Lines full of numbers show the same surroundings again and again but for the digits.
@lru_cache(maxsize=1 << 10)
def _is_named(number: str, before: str, after: str) -> bool:
    """Tell whether a word for a card stands before the number, or close behind it on its line."""
    if _WORDY.search(before) is None and _WORDY.search(after[:_AHEAD]) is None:
        return False
    if before.endswith("/") and _PATH.search(before) is not None:
        return False
    if number.isdigit() and _IDENTIFIER.search(before) is not None:
        return False
    if _has_name(_NUMBERS.sub(" 0 ", before)):
        # the word may be part of the very name that the number has
        return not _is_other(before[-_OTHER_REACH:]) or _has_name(before[-_NEAR:])
    return _has_name(_NUMBERS.sub(" 0 ", after[:_AHEAD].partition("\n")[0]))


@lru_cache(maxsize=1 << 10)
def _has_name(words: str) -> bool:
    return _NAME.search(words) is not None


@lru_cache(maxsize=1 << 10)
def _is_apart(number: str, before: str, after: str) -> bool:
    """Tell whether all groups are set apart by the same characters, and are no part of a longer row."""
    if len(set(re.split(r"\d+", number.replace("%20", " "))[1:-1])) != 1:
        return False
    return _GROUP_BEFORE.search(before[-6:]) is None and _GROUP_AFTER.match(after) is None


def _stands_alone(before: str, after: str) -> bool:
    """Tell whether a bare number has neither another name nor other long numbers beside it."""
    if before.endswith(("/", "=", "_", ",")) and after.startswith(("/", "?")):
        return False
    if _is_other(before[-_OTHER_REACH:].translate(_ZERO)):
        return False
    # what the edge of the window may have cut does not count
    earlier = [m[0] for m in _LONG.finditer(before) if m.start() > 0]
    later = [m[0] for m in _LONG.finditer(after) if m.end() < _BEHIND]
    return all(_is_card(other) for other in earlier + later)


@lru_cache(maxsize=1 << 10)
def _is_other(before: str) -> bool:
    return _OTHER.search(before) is not None


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of ISO/IEC 7812-1 annex B."""
    total = sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))
    return total % 10 == 0


@cache
def card_rules() -> tuple[Rule, ...]:
    """Return the rules for payment cards."""
    return (
        Rule(
            "payment-card", "CARD", "permissive", _CARD, _card, _TRIGGER,
            yes=(
                "card «" + "4539 5787 " + "6362 1486»", "«" + "4539 5787 " + "6362 1486» 11/29 321",
                "pan=«" + "453957876362" + "1486»",
                "(«" + "4539-5787-" + "6362-1486»)", "카드번호«" + "453957876362" + "1486»",
            ),
            no=(
                "card 4111 1111 1111 1111", "0.453957876362" + "1486", "card 4539 5787 6362 1487",
                "order_id: 453957876362" + "1486", "4*** **** **** 1486",
            ),
        ),
    )  # fmt: skip
