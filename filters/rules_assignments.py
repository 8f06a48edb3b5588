"""Credentials known by where they stand: assignments, environment lines, URLs, command lines."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from filters.rules_base import Range, Rule, backslashes
from filters.rules_values import is_filtered, is_passphrase, is_password, is_random, is_specimen

_NAME: Final = (
    r"(?:access_?key|api_?key|auth_?(?:key|token)|bearer|credential|"
    r"passw(?:or)?d|passwd|private_?key|pwd|secret|token)"
)
# Bits of entropy a character, chosen by eye on installed packages; not yet measured for recall.
_FLOOR: Final = 3.0
_HIGH_FLOOR: Final = 3.5

# `DB_PASSWORD=…` or `export API_TOKEN=…` alone on its line, as in .env files and shell scripts
_ENVIRONMENT: Final = re.compile(
    r"^[ \t]{0,16}(?:export[ \t]{1,4}|ENV[ \t]{1,4}|-[ \t]{1,4})?"
    rf"[A-Z0-9_]{{0,40}}{_NAME.upper()}[A-Z0-9_]{{0,20}}"
    r"""=([^\s"'`\\$(){}<>;,]{8,200})[ \t\r]{0,8}$""",
    re.MULTILINE,
)
# `password: …` alone on its line, unquoted, as in YAML and properties files
_UNQUOTED: Final = re.compile(
    rf"^[ \t\-]{{0,40}}[\w.-]{{0,40}}?{_NAME}[\w-]{{0,20}}[ \t]{{0,4}}[:=][ \t]{{1,8}}"
    r"""([A-Za-z0-9_.+/=~@#%^?!$&*-]{8,200})[ \t\r]{0,8}$""",
    re.MULTILINE | re.IGNORECASE | re.ASCII,
)
# `"access_token": "…"` with a random value, whatever the language's way to assign
_QUOTED: Final = re.compile(
    rf"(?<![A-Za-z]){_NAME}[\w-]{{0,20}}\\?[\"']?\]?\s{{0,4}}(?::=|=>|[:=]|,)\s{{0,4}}\\?[\"']"
    r"([A-Za-z0-9+/=_.~-]{16,200})\\?[\"']|"
    rf"_{_NAME}[\w-]{{0,20}}\\?[\"']?\]?\s{{0,4}}(?::=|=>|[:=]|,)\s{{0,4}}\\?[\"']"
    r"([A-Za-z0-9+/=_.~-]{16,200})\\?[\"']",
    re.IGNORECASE | re.ASCII,
)
_AWS: Final = re.compile(
    r"aws_?secret_?(?:access_?)?key\\?[\"']?\s{0,4}[:=]{1,2}\s{0,4}\\?[\"']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    re.IGNORECASE | re.ASCII,
)
# RFC 3986 userinfo: `scheme://user:password@host`
_URL: Final = re.compile(
    r"""://[^\s:/?#@"'<>\[\]]{0,128}:([^\s/@"'<>\\`]{3,256})@(?=[\w\[{$%-])""", re.ASCII
)
_CURL: Final = re.compile(
    r"""\bcurl\b[^\n]{0,200}?\s(?:-u|--user)[ =]?["']?[^\s:"']{1,64}:([^\s"'`\\]{4,200})"""
)
_BEARER: Final = re.compile(
    r"(?<![\w\-])(?:Bearer|Basic|token)[ ]{1,3}([A-Za-z0-9+/_.~-]{20,4096}={0,2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_QUALIFIED: Final = re.compile(r"::\w*$", re.ASCII)


def _group(match: re.Match[str]) -> Range:
    """Return the span of the one group that took part, without a dangling escape."""
    number = match.lastindex
    start, end = match.span(0 if number is None else number)
    return start, end - backslashes(match.string, end) % 2


def _line(match: re.Match[str]) -> str:
    """Return the match with the end of its line."""
    end = match.string.find("\n", match.end())
    stop = len(match.string) if end < 0 else end
    return match.string[match.start() : min(stop, match.end() + 200)]


def _unquoted(match: re.Match[str]) -> Range | None:
    span = _group(match)
    value = match.string[span[0] : span[1]]
    fits = is_password(value) and is_random(value, _FLOOR) and not is_filtered(value, _line(match))
    return span if fits else None


def _quoted(match: re.Match[str]) -> Range | None:
    span = _group(match)
    value = match.string[span[0] : span[1]]
    if is_resource_type(match.string, match.start()):
        return None
    fits = is_random(value, _HIGH_FLOOR) and is_password(value) and not is_filtered(value, "")
    return span if fits else None


def is_resource_type(text: str, start: int) -> bool:
    """Tell whether the keyword at `start` ends a qualified type: `AWS::IAM::AccessKey`."""
    return _QUALIFIED.search(text, max(0, start - 80), start) is not None


def _key(match: re.Match[str]) -> Range | None:
    span = _group(match)
    return None if is_specimen(match.string[span[0] : span[1]]) else span


def _login(match: re.Match[str]) -> Range | None:
    span = _group(match)
    value = match.string[span[0] : span[1]]
    return span if is_login(value) else None


def is_login(value: str) -> bool:
    """Tell whether the password part of a URL or a command line is a real one."""
    return (is_password(value) or is_passphrase(value)) and not is_filtered(value, "")


@cache
def assignment_rules() -> tuple[Rule, ...]:
    """Return the rules for credentials in context."""
    return (
        Rule("environment-assignment", "SECRET", "balanced", _ENVIRONMENT, _unquoted),
        Rule("unquoted-assignment", "SECRET", "balanced", _UNQUOTED, _unquoted),
        Rule("quoted-assignment", "SECRET", "balanced", _QUOTED, _quoted),
        Rule("aws-secret-key", "SECRET", "permissive", _AWS, _key),
        Rule("url-password", "SECRET", "permissive", _URL, _login),
        Rule("curl-user", "SECRET", "permissive", _CURL, _login),
        Rule("authorization-header", "SECRET", "balanced", _BEARER, _quoted),
    )
