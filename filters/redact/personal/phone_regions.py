"""Judge digits by a region's numbering plan with one regex, where that is as good as asking phonenumbers.

`phonenumbers` reads a number in some twenty microseconds, and a number behind a word is looked up
in forty regions. What a plan cannot hold is told here by one match, and so is most of what it can.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

import phonenumbers

_KINDS: Final = (
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan",
    "voicemail", "fixed_line", "mobile",
)  # fmt: skip
# What phonenumbers skips between digits, as far as it is spelled here; other gaps are left to it
_USUAL: Final = re.compile(r"\+?[ (]{0,2}\d[\d ().\-]*")
_CODE_SIZES: Final = (1, 2, 3)


class _Plan(NamedTuple):
    """A region's country code, its prefixes, and the national numbers of the regions that share the code.

    `numbers` are those of all of them, `firm` those of the one that phonenumbers asks first.
    """

    code: str
    abroad: re.Pattern[str]
    trunk: re.Pattern[str] | None
    general: re.Pattern[str]
    numbers: re.Pattern[str]
    firm: re.Pattern[str]
    rewrites: bool


@cache
def _plan(region: str) -> _Plan | None:
    data = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    if data is None or data.country_code is None:
        return None
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[data.country_code]
    return _Plan(
        str(data.country_code),
        re.compile(data.international_prefix or r"(?!)"),
        re.compile(data.national_prefix_for_parsing) if data.national_prefix_for_parsing else None,
        re.compile(_general(data)),
        re.compile("|".join(map(_numbers, sharing))),
        re.compile(_numbers(sharing[0])),
        data.national_prefix_transform_rule is not None,
    )


def _general(data: phonenumbers.PhoneMetadata) -> str:
    """Spell a regex of what every national number of a region looks like."""
    general = data.general_desc
    return (general.national_number_pattern if general else None) or r"(?!)"


def _numbers(region: str) -> str:
    """Spell a regex of a region's national numbers of every kind."""
    data = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    kinds = [] if data is None else [getattr(data, kind) for kind in _KINDS]
    patterns = [d.national_number_pattern for d in kinds if d and d.national_number_pattern]
    if data is None or not patterns:
        return r"(?!)"
    return rf"(?=(?:{_general(data)})\Z)(?:{'|'.join(patterns)})"


@lru_cache(maxsize=4096)
def judged(number: str, region: str | None) -> bool | None:
    """Tell whether a number is valid in a region (abroad with None); None where only phonenumbers knows."""
    if not number.isascii() or _USUAL.fullmatch(number) is None:
        return None
    digits = "".join(filter(str.isdecimal, number))
    if number.startswith("+"):
        plan, digits = _abroad(digits)
    elif region is None:
        return False
    else:
        plan = _plan(region)
        if plan is None or digits.startswith(plan.code) or plan.abroad.match(digits) is not None:
            return None
    return None if plan is None or plan.rewrites else _in_plan(digits, plan)


def _abroad(digits: str) -> tuple[_Plan | None, str]:
    """Return the plan that the country code at the start names, and what follows the code."""
    for size in _CODE_SIZES if digits[0] != "0" else ():
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size]))
        if regions is not None:
            return (_plan(regions[0]), digits[size:]) if regions[0] != "001" else (None, digits)
    return None, digits


def _in_plan(digits: str, plan: _Plan) -> bool | None:
    trunk = None if plan.trunk is None else plan.trunk.match(digits)
    plain = plan.numbers.fullmatch(digits) is not None
    if trunk is None or trunk.end() == 0:
        return plain and (plan.firm.fullmatch(digits) is not None or None)
    if not plain and plan.numbers.fullmatch(digits, trunk.end()) is None:
        return False
    # the prefix goes unless only the whole is a number of the general form
    certain = plan.general.fullmatch(digits) is None and plan.firm.fullmatch(digits, trunk.end())
    return True if certain else None
