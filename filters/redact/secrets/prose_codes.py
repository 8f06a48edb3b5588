"""Codes behind an unmistakable name: PINs and one-time codes, recovery codes and recovery keys.

Published shapes: BitLocker's recovery password is eight groups of six digits, each a multiple of 11
(Microsoft, MS-FVE); recovery codes are lists of short groups, one a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.redact.rule import Range, Rule, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_BITLOCKER: Final = re.compile(r"(?<![\d\-])\d{6}(?:-\d{6}){7}(?![\d\-])", re.ASCII)
_KIND: Final = (
    r"(?:one[ \-]time|verification|security|confirmation|authentication|authorization|sign[ \-]?in|log[ \-]?in|"
    r"2fa|mfa|"
    r"access|door|gate|alarm|unlock|entry|best\u00e4tigungs|sicherheits|tan)"
)
_CODE: Final = (
    rf"(?:{_KIND}[ \-]?(?:code|password|passcode|pin)|code[ ]de[ ](?:v\u00e9rification|s\u00e9curit\u00e9)|"
    r"c\u00f3digo[ ]de[ ]verificaci\u00f3n|"
    r"code[ ](?:du|de[ ]la)[ ](?:portail|porte)|otp(?:[ ]code)?|(?:pin|tan)(?:[ \-]?code|[ \-]?nummer)?)"
)
_WHOSE: Final = r"(?:[ ](?:for|of|to|f\u00fcr|pour)(?:[ ][\w\-]{1,20}){1,3}?)?"
_DIGITS: Final = r"(?P<value>\d{3}[ \-]\d{3}|\d{4,8})(?![\w%]|[.,:]\d|-\w|[ ](?:digits?|characters|is|ms|seconds))"
_AFTER: Final = re.compile(
    rf"(?<![\w\-])(?P<name>{_CODE}){_WHOSE}[ ]{{0,2}}(?P<is>[ ](?:is|lautet|ist|est|es|was)[ ]|"
    rf"[:=][ ])[ ]?[`'\"*]{{0,2}}{_DIGITS}",
    re.IGNORECASE | re.ASCII,
)
_AFTER_TRIGGER: Final = re.compile(
    rf"{_CODE}(?:[ ][\w\-]+){{0,4}}[ ]{{0,2}}(?:[ ](?:is|lautet|ist|est|es|was)[ ]|[:=][ ])[ ]?[`'\"*]{{0,2}}\d\d",
    re.IGNORECASE | re.ASCII,
)
_BEFORE: Final = re.compile(
    r"(?<![\w.,:/\-])(?:G-)?(?P<value>\d{3}[ \-]\d{3}|\d{4,8})[ ](?:is|as|ist|est|es)[ ](?:(?:your|the|ihr|dein|"
    r"votre|su|tu)[ ])?"
    rf"(?:[\w\-]{{1,20}}[ ]){{0,2}}?{_CODE}\b",
    re.IGNORECASE | re.ASCII,
)
_BEFORE_TRIGGER: Final = re.compile(
    rf"\d\d[ ](?:is|as|ist|est|es)[ ](?:[\w\-]+[ ]){{0,3}}{_CODE}", re.IGNORECASE | re.ASCII
)
# East Asian names of a PIN
_EAST: Final = re.compile(
    r"(?:\u6697\u8a3c\u756a\u53f7|\uc778\uc99d\ubc88\ud638|\u9a8c\u8bc1\u7801|\u9a57\u8b49\u78bc|"
    r"\u8a8d\u8a3c\u30b3\u30fc\u30c9|PIN\u756a\u53f7|\ud540\ubc88\ud638)"
    r"(?:\u306f|\u662f|\u4e3a|\ub294|\uc740)?[ ]?[:\uff1a\u300c]?[ ]?(?P<value>\d{4,8})(?!\d|[\u6841\uc790\u4f4d])"
)
_HEAD: Final = re.compile(
    r"(?:recovery|backup|scratch|emergency)[ \-]?codes?(?:[ ][\w\-]{1,14}){0,4}[`'\"*_]{0,3}[ ]?(?::|[ ]is[ ]|"
    r"[ ]are[ ]|\n)",
    re.IGNORECASE,
)
_HEAD_TRIGGER: Final = re.compile(r"(?:recovery|backup|scratch|emergency)[ \-]?code", re.IGNORECASE)
_REACH: Final = 100  # over the end of the line of the head
_ITEM: Final = re.compile(
    r"[\s,;|`'\"*\[\]]{0,8}(?:\d{1,2}[.)][ ]{1,3}|[-+*\u2022][ ])?[`'\"*]{0,2}"
    r"(?P<value>(?=[a-zA-Z\-]{0,20}\d)[a-zA-Z0-9]{4,8}(?:-[a-zA-Z0-9]{4,8}){1,3}|\d{8}|\d{4}[ ]\d{4}|"
    r"(?=[a-f]{0,12}\d)(?=\d{0,12}[a-f])[a-f0-9]{8,12})"
    r"(?![\w.:/=\-@])"
)
_MOST: Final = 16
_NAMES: Final = re.compile(r"(?-i:pin|Pin)\Z")


def _after(match: re.Match[str]) -> Range | None:
    """Accept the digits; a `pin` in lower case is one of hardware unless a sentence says whose it is."""
    if _NAMES.match(match["name"]) is not None and "is" not in match["is"]:
        return None
    return match.span("value")


def _value(match: re.Match[str]) -> Range:
    return match.span("value")


def _listed(match: re.Match[str]) -> Iterator[Range]:
    """Yield the codes below or behind the words that announce them."""
    found = _ITEM.match(match.string, match.end())
    for _ in range(_MOST):
        if found is None:
            return
        yield found.span("value")
        found = _ITEM.match(match.string, found.end())


_RULES: Final = (
    Rule(
        "bitlocker-key", "SECRET", "balanced", _BITLOCKER, whole, None,
        yes=("«{dig:6}-{dig:6}-{dig:6}-{dig:6}-{dig:6}-{dig:6}-{dig:6}-{dig:6}»",),
        no=("{dig:6}-{dig:6}-{dig:6}",),
    ),
    Rule(
        "one-time-code", "SECRET", "balanced", _AFTER, _after, _AFTER_TRIGGER,
        yes=("Your verification code is «{dig:6}»", "PIN for the alarm is «{dig:6}».", "OTP: «{dig:6}»"),
        no=("the verification code is 6 digits long", "HTTP code: 404000", "PIN: 13"),
    ),
    Rule(
        "one-time-code-first", "SECRET", "balanced", _BEFORE, _value, _BEFORE_TRIGGER,
        yes=("Use «{dig:6}» as your one-time password.", "G-«{dig:6}» is your Google verification code."),
        no=("2024 is the year", "port 8080 is the access point"),
    ),
    Rule(
        "pin-east", "SECRET", "balanced", _EAST, _value, None,
        yes=("\u6697\u8a3c\u756a\u53f7: «{dig:4}»", "\u9a8c\u8bc1\u7801\uff1a«{dig:6}»"),
        no=("\u6697\u8a3c\u756a\u53f7\u306f4\u6841",),
    ),
    Rule(
        "recovery-codes", "SECRET", "balanced", _HEAD, whole, _HEAD_TRIGGER, reach=_REACH, spread=_listed,
        yes=("backup codes: «{low:4}7-{low:4}4»", "Recovery codes:\n{low:4}7-{low:4}3\n«{low:4}4-{low:4}9»\n"),
        no=("recovery codes: 10 of them", "backup codes are listed-below"),
    ),
)  # fmt: skip


def code_rules() -> tuple[Rule, ...]:
    """Return the rules for codes."""
    return _RULES
