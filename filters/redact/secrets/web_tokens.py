"""Web tokens with a structure of their own: JWT and JWE, PASETO, macaroons, biscuits, AWS sessions."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Final

from filters.redact.rule import Range, Rule, ends_free, group, starts_free

# RFC 7519 and 7515 (three parts), 7516 (five, of which the second may be empty)
_JWT: Final = re.compile(
    r"(?<![A-Za-z0-9_\-])[A-Za-z]?eyJ[A-Za-z0-9_\-]{8,16384}(?:\.[A-Za-z0-9_\-]{0,65536}){1,4}"
)
_JWT_START: Final = re.compile(r"(?<![A-Za-z0-9_\-])[A-Za-z]?eyJ[A-Za-z0-9_\-]{8}")
_JWS_PARTS: Final = 3
_JWE_PARTS: Final = 5
_MIN_SIGNATURE: Final = 16

# https://github.com/paseto-standard: version, purpose, payload, footer; PASERK keys likewise
_PASETO: Final = re.compile(
    r"(?<![\w.\-])(?P<span>(?:v[1-4]\.(?:local|public)\.[A-Za-z0-9_\-]{32,}+(?:\.[A-Za-z0-9_\-]{4,}+)?"
    r"|k[1-4]\.(?:local|secret|(?:local|secret)-(?:wrap|pw)\.?[\w\-]{0,8}|seal)\.[A-Za-z0-9_\-]{40,}+))"
)
# Version 1 packets: four hexadecimal digits of length, then `location` (libmacaroons' README)
_MACAROON: Final = re.compile(
    r"(?<![A-Za-z0-9+/_\-])[A-Za-z]?(?P<span>MDA[A-Za-z0-9]{2}[A-Za-z0-9]xvY2F0aW9u"
    r"[A-Za-z0-9+/_\-]{40,}+={0,2})"
)
# Version 2 is binary: it begins 02 01 and is known by what stands before it
_NAMED: Final = re.compile(
    r"(?:macaroon|biscuit)[\w\-]{0,20}\\{0,4}[\"']?\s{0,4}(?:[:=]{1,2}|=>)?\s{0,4}\\{0,4}[\"']?"
    r"(?P<span>(?:AgE|E[lmno])[A-Za-z0-9+/_\-]{60,}+={0,2}|0201[0-9a-f]{100,}+)",
    re.IGNORECASE,
)
# AWS STS session tokens begin with a few fixed bytes, seen in the service's documentation
_AWS_SESSION: Final = re.compile(
    r"(?<![A-Za-z0-9+/])[A-Za-z]?(?P<span>(?:IQoJb3JpZ2lu|FwoGZXIvYXdz"
    r"|FQoGZXIvYXdz|FQoDYXdzE|AgoJb3JpZ2lu|AQoDYXdzE"
    r"|AQoEXAMPLEH4)(?:[A-Za-z0-9+/=]|%2[BbFf]|%3[Dd]){40,}+)"
)


def _jwt(match: re.Match[str]) -> Range | None:
    """Accept a token whose header decodes to a JSON object with an algorithm."""
    text, start = match.string, match.string.index("eyJ", match.start())
    if not starts_free(text, start):
        return None
    parts = text[start : match.end()].split(".")
    count = next((n for n in (_JWE_PARTS, _JWS_PARTS, 2) if _fits(parts, n)), 0)
    if count == 0 or not _has_algorithm(parts[0]):
        return None
    return start, start + len(".".join(parts[:count]))


def _fits(parts: list[str], count: int) -> bool:
    """Tell whether the first parts make a token of so many: claims are JSON unless encrypted."""
    if len(parts) < count:
        return False
    if count == _JWE_PARTS:
        return all(parts[2:_JWE_PARTS])
    if count == _JWS_PARTS:
        return bool(parts[1]) and len(parts[2]) >= _MIN_SIGNATURE
    return parts[1].startswith("eyJ")


def _has_algorithm(part: str) -> bool:
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(header, dict) and ("alg" in header or "enc" in header)


def _free(match: re.Match[str]) -> Range | None:
    """Accept a group that stands free at both ends."""
    start, end = match.span("span")
    free = starts_free(match.string, start) and ends_free(match.string, end)
    return (start, end) if free else None


_RULES: Final = (
    Rule(
        "json-web-token",
        "SECRET",
        "permissive",
        _JWT,
        _jwt,
        _JWT_START,
        no=("eyJ{an:30}.{an:30}.{an:30}",),
    ),
    Rule(
        "paseto",
        "SECRET",
        "permissive",
        _PASETO,
        _free,
        yes=("token: «v4.local.{url:80}»", "«v2.public.{url:80}.{url:12}»"),
        no=("v4.local.{url:8}",),
    ),
    Rule(
        "macaroon",
        "SECRET",
        "permissive",
        _MACAROON,
        _free,
        yes=("Macaroon «MDAxY2xvY2F0aW9u{b64:120}»",),
        no=("MDAxY2xvY2F0aW9u",),
    ),
    Rule(
        "named-web-token",
        "SECRET",
        "permissive",
        _NAMED,
        group,
        yes=("macaroon: «AgEH{b64:100}»", 'biscuit = "«En{url:120}»"'),
        no=("macaroon: AgEH",),
    ),
    Rule(
        "aws-security-token",
        "SECRET",
        "permissive",
        _AWS_SESSION,
        _free,
        yes=(
            "«IQoJb3JpZ2luX2Vj{b64:300}»",
            "X-Amz-Security-Token=«FwoGZXIvYXdzE{an:90}%2F{an:40}%3D»&x",
        ),
        no=("IQoJb3JpZ2luX2Vj",),
    ),
)


def web_token_rules() -> tuple[Rule, ...]:
    """Return the rules for structured web tokens."""
    return _RULES
