"""Detect phone, payment card and bank account numbers, each with its validator."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import phonenumbers

from filters.rules_base import Range, Rule

# --- phone numbers -------------------------------------------------------------------------------

_PLUS: Final = re.compile(r"(?<![\w+./=%\-])\+[1-9][0-9 ().\-/]{6,22}[0-9](?![\w%])", re.ASCII)
_DIGITS: Final = r"\(?0?[0-9][0-9 ().\-/]{5,18}[0-9]"
_KEYWORD: Final = (
    r"(?:phone|mobile|(?<![a-z])tel(?![a-z])|(?<![a-z])fax|whatsapp|(?<![a-z])cell(?:ular)?(?![a-z])|hotline|call us|"
    r"전화|휴대폰|연락처|핸드폰|電話|携帯|手机|电话|tel[eé]fono|telefon|téléphone|telefone|(?<![a-z])handy|(?<![a-z])mobil(?![a-z]))"
)
_CONTEXT: Final = re.compile(
    _KEYWORD + r"[A-Za-z_ ]{0,12}[\"']?[^\w+(]{0,8}(" + _DIGITS + r")(?![\w%])",
    re.IGNORECASE | re.ASCII,
)
_CONTEXT_START: Final = re.compile(
    _KEYWORD + r"[A-Za-z_ ]{0,12}[\"']?[^\w+(]{0,8}\(?[0-9]", re.IGNORECASE | re.ASCII
)
_NATIONAL: Final = re.compile(
    r"(?<![\w+./=%$\-])(\(?[0-9]{2,4}\)?[ .\-][0-9]{3,4}[ .\-][0-9]{4})(?![\w%./\-])", re.ASCII
)
# Where a number without a country code is looked up, in this order
_REGIONS: Final = (
    "US",
    "GB",
    "KR",
    "DE",
    "FR",
    "IN",
    "JP",
    "CN",
    "BR",
    "ES",
    "IT",
    "AU",
    "NL",
    "MX",
)
# 555-0100 to 555-0199 are reserved for fiction (NANPA)
_FICTION: Final = re.compile(r"555\D{0,3}01\d\d$")
_MIN_DIGITS: Final = 7
_COUNTED: Final = "123456789"
_DATE: Final = re.compile(r"(?:19|20)\d\d([-/.])[01]?\d\1[0-3]?\d")
_JSON_KEY: Final = re.compile(r"[\"']\s{0,4}:\s{0,4}$|[\[,(=]\s{0,4}$")


def _plus(match: re.Match[str]) -> Range | None:
    return match.span() if _is_phone(match[0], (None,)) else None


def _in_context(match: re.Match[str]) -> Range | None:
    start, end = match.span(1)
    if "(" in match[1] and ")" not in match[1]:
        start += 1  # the bracket belongs to the text around
    if _is_bare_number(match.string, start, end):
        return None
    return (start, end) if _is_phone(match.string[start:end], _REGIONS) else None


def _national(match: re.Match[str]) -> Range | None:
    return match.span(1) if _is_phone(match[1], _REGIONS[:1]) else None


def _is_phone(number: str, regions: tuple[str | None, ...]) -> bool:
    """Ask the numbering plans whether this is a number that can be assigned to someone."""
    digits = sum(map(str.isdigit, number))
    if digits < _MIN_DIGITS or _is_repeated(number):
        return False
    if _FICTION.search(number) is not None or _DATE.match(number) is not None:
        return False
    return any(_is_valid(number, region) for region in regions)


def _is_repeated(number: str) -> bool:
    digits = "".join(filter(str.isdigit, number))
    return len(set(digits[-_MIN_DIGITS:])) <= 2 or digits.startswith(_COUNTED)  # noqa: PLR2004  `5550000` and the like


def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _is_bare_number(text: str, start: int, end: int) -> bool:
    """Tell whether this is an unquoted number in data or code: a marker there would break JSON."""
    bare = text[start:end].isdigit()
    return bare and _JSON_KEY.search(text, max(0, start - 12), start) is not None


# --- payment cards -------------------------------------------------------------------------------

_CARD: Final = re.compile(
    r"(?<![\w.+/=#&%$\-])[2-6]\d{3}"
    r"(?:\d{8,15}|([ \-])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{3})?|([ \-])\d{6}\2\d{4,5})"
    r"(?![\w%/=+]|[.\-]\d|[ ][0-9A-Fa-f]{4}(?!\w))",
    re.ASCII,
)
# Issuer prefixes and lengths (ISO/IEC 7812 ranges as the card schemes publish them)
_ISSUERS: Final = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|220[0-4]"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"6011|64[4-9]|65|62|35[2-8]|5018|5020|5038|5893|6304|67"), (16, 17, 18, 19)),
    (re.compile(r"30[0-5]|3095|36|3[89]"), (14, 16)),
)
# The schemes' published test numbers, spelled as their parts
_TEST_CARDS: Final = frozenset(
    (
        "4" + "1" * 15, "42" * 8, "4" + "0" * 14 + "2", "401288888888" + "1881",
        "5" * 12 + "4" * 4, "510510510510" + "5100", "37828224631" + "0005",
        "371449635398" + "431", "6011" + "1" * 11 + "7", "6011" + "0009901" + "39424",
        "3056930902" + "5904", "3852000002" + "3237", "35301113333" + "00000",
        "3566002020" + "360505", "22230000484" + "00011", "52008282828" + "28210",
    )
)  # fmt: skip
_MIN_CARD_DISTINCT: Final = 4
# A row of four-digit groups, perhaps hexadecimal, is a table
_GROUP_BEFORE: Final = re.compile(r"(?<!\w)[0-9A-Fa-f]{4} $")


def _card(match: re.Match[str]) -> Range | None:
    digits = "".join(filter(str.isdigit, match[0]))
    known = any(prefix.match(digits) and len(digits) in sizes for prefix, sizes in _ISSUERS)
    if not known or digits in _TEST_CARDS or len(set(digits)) < _MIN_CARD_DISTINCT:
        return None
    if _GROUP_BEFORE.search(match.string, max(0, match.start() - 6), match.start()) is not None:
        return None
    if not luhn(digits) or _is_bare_number(match.string, *match.span()):
        return None
    return match.span()


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of ISO/IEC 7812-1 annex B."""
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    total = sum(map(int, digits[-1::-2])) + sum(doubled)
    return total % 10 == 0


# --- bank accounts -------------------------------------------------------------------------------

_IBAN: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}"
    r"(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![A-Za-z0-9])"
)
# Lengths by country (SWIFT IBAN registry)
_IBAN_LENGTHS: Final = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL FK SD", 19: "MK SI", 20: "AT BA EE KZ LT LU XK MN",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG DZ", 25: "LY PT ST", 26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV HN",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip


def _iban(match: re.Match[str]) -> Range | None:
    return match.span() if is_iban(match[0].replace(" ", "")) else None


def is_iban(account: str) -> bool:
    """Tell whether a country knows this length and the number is 1 modulo 97 (ISO 13616, 7064)."""
    if _IBAN_LENGTHS.get(account[:2]) != len(account):
        return False
    rearranged = account[4:] + account[:4]
    return int("".join(str(int(char, 36)) for char in rearranged)) % 97 == 1


@cache
def number_rules() -> tuple[Rule, ...]:
    """Return the rules for numbers that name a person or an account."""
    return (
        Rule("payment-card", "CARD", "permissive", _CARD, _card),
        Rule("bank-account", "IBAN", "permissive", _IBAN, _iban),
        Rule("phone-international", "PHONE", "balanced", _PLUS, _plus),
        Rule("phone-in-context", "PHONE", "balanced", _CONTEXT, _in_context, _CONTEXT_START),
        Rule("phone-national", "PHONE", "strict", _NATIONAL, _national),
    )
