"""Tell whether digits are somebody's telephone number, by the numbering plans of phonenumbers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import phonenumbers

from filters.redact.personal.phone_regions import judged

# 555-0100 to 555-0199 are reserved for fiction (NANPA), and nobody has area code 555
_FICTION: Final = re.compile(r"555\D{0,3}01\d\d$|^\D*(?:\+?1\D{0,2})?555\D")
_MIN_DIGITS, _MAX_DIGITS = 7, 15  # ITU-T E.164 section 6
# `1234567890`; the French and Indian ones that count (01 23 45 67 89) are valid, and taken
_COUNTED: Final = "12345678"
_NANP_DIGITS: Final = 11  # with the country code
_RUNS: Final = re.compile(r"\d+")
# An IPv4 address; four groups of two digits may be a Danish number
_QUAD: Final = re.compile(r"(?!(?:\d\d\.){3}\d\d$)\d{1,3}(?:\.\d{1,3}){3}$")
_DATE: Final = re.compile(
    r"\d{5}-\d{4}$|(?:19|20)\d\d([-/.])[01]?\d\1[0-3]?\d|[0-3]?\d([-/.])[0-3]?\d\2(?:19|20)\d\d"
    r"|(?:19|20)\d\d\D{1,3}(?:19|20)\d\d|(?:19|20)\d\d[01]\d[0-3]\d(?:[0-2]\d[0-5]\d)?(?:[0-5]\d)?$"
)
# A date among other numbers, as in the keywords of version control
_FLOAT: Final = re.compile(r"[1-9]\d*\.\d+")
_DATED: Final = re.compile(r"\d\D{1,3}(?:19|20)\d\d([-/.])[01]\d\1[0-3]\d(?!\d)")


@lru_cache(maxsize=4096)
def is_phone(number: str, regions: tuple[str | None, ...]) -> bool:
    """Ask the numbering plans whether this is a number that can be assigned to someone."""
    spelled = "+" + number[3:] if number.startswith("%") else number
    return is_sane(spelled) and any(_is_valid(spelled, region) for region in regions)


@lru_cache(maxsize=4096)
def is_possible(number: str) -> bool:
    """Tell whether a number with its country code has a length that occurs there."""
    spelled = "+" + number[3:] if number.startswith("%") else number
    if not is_sane(spelled):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(spelled))
    except phonenumbers.NumberParseException:
        return False


def is_sane(number: str) -> bool:
    """Tell whether this is a number of usual size, no date, and no fiction."""
    digits = "".join(filter(str.isdecimal, number))
    if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS + 2 or len(set(digits[-_MIN_DIGITS:])) <= 2:  # noqa: PLR2004  `5550000` and the like
        return False
    if _QUAD.match(number) is not None:
        return False
    return not is_fiction(number) and _DATE.match(number) is None


@lru_cache(maxsize=4096)
def has_size(number: str) -> bool:
    """Tell whether a first look finds enough digits, not too many in one run, and no date."""
    longest = max(map(len, _RUNS.findall(number)))
    enough = sum(map(str.isdecimal, number)) >= _MIN_DIGITS
    if not enough or longest > _MAX_DIGITS or _QUAD.match(number) is not None:
        return False
    if _FLOAT.fullmatch(number) is not None:
        return False
    return _DATE.match(number) is None and _DATED.search(number) is None


@lru_cache(maxsize=4096)
def is_fiction(number: str) -> bool:
    """Tell whether nobody can have this number: fiction, or a dummy that counts up or down."""
    digits = "".join(filter(str.isdecimal, number))
    national = digits[1:] if len(digits) == _NANP_DIGITS and digits[0] == "1" else digits
    counted = digits.startswith(_COUNTED) or national.startswith(_COUNTED)
    return counted or _FICTION.search(number) is not None


def _is_valid(number: str, region: str | None) -> bool:
    known = judged(number, region)
    if known is not None:
        return known
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
