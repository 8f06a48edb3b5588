"""Detect personal data: e-mail addresses here, addresses and numbers in the modules beside it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import phonenumbers

from filters.pii_network import network_rules
from filters.pii_numbers import number_rules
from filters.rules_base import Range, Rule, backslashes

# A practical subset of RFC 5321: ASCII, no quoted local parts, a domain with a known last label.
# The look-behind keeps a run of letters from being tried at each of its positions.
# ASCII, Latin, Greek and Cyrillic letters (RFC 6531): scripts without spaces would run into the prose
_LETTER: Final = "A-Za-z0-9\u00c0-\u024f\u0370-\u052f"
_EMAIL: Final = re.compile(
    rf"(?<![{_LETTER}._%+\-])[{_LETTER}._%+\-]{{1,72}}@"
    rf"((?:[{_LETTER}](?:[{_LETTER}\-]{{0,61}}[{_LETTER}])?\.){{1,8}})([A-Za-z]{{2,18}})(?![A-Za-z0-9_@])"
)
_TRIGGER: Final = re.compile(rf"[{_LETTER}._%+\-]@[{_LETTER}\-]{{1,63}}\.[{_LETTER}]")
_MAX_LOCAL: Final = 64  # RFC 5321 section 4.5.3.1.1
# RFC 2606 and RFC 6761: domains that nobody can own. Local-only names are as harmless.
_RESERVED: Final = re.compile(
    r"(?:^|\.)example\.(?:com|net|org|edu)$|(?:^|\.)example\.[a-z.]{2,6}$"
)
# An escape that ends right where the run of local characters begins, read as part of it
_ESCAPED: Final = re.compile(r"u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[abefnrtv]")
_LOGIN_USERS: Final = frozenset(("git", "hg", "svn"))
_URL_USERINFO: Final = re.compile(r"://[^\s/?#\"'<>]{0,128}$")

# Last labels: every country code, and the generic ones in wide use. `module.attribute` after the
# matrix operator `@` looks like a domain, hence a list.
_GENERIC_TEXT: Final = """
    academy aero agency ai app art asia associates band bank bar berlin best bio biz blog
    blue build business cab cafe camp capital care careers cash cat center chat church city
    click cloud club codes coffee com community company computer consulting cool coop cyou
    dance design dev digital direct directory download edu education email energy engineer
    engineering enterprises estate events exchange expert farm finance fit foundation fun
    fund fyi gallery games gmbh global gold gov group guide guru health help homes host
    hosting house icu inc info ink institute int international io jobs law legal life
    limited link live llc london love ltd management market marketing me media men mil mobi
    money moscow museum name net network news ngo ninja nyc one online ooo org page paris
    partners photo photography photos pics plus post press pro productions promo properties
    pub quest realty recipes red rent rest review reviews rocks run sale school science
    services shop show site social software solutions space store studio style support
    systems team tech technology tel tips today tokyo tools top tours town trade training
    travel university vc ventures video vip wang watch web website wiki win wine work works
    world wtf xxx xyz zone
"""
_GENERIC: Final = frozenset(_GENERIC_TEXT.split())


@cache
def _tops() -> frozenset[str]:
    """Return the last labels of domains: generic ones, and the ISO 3166 codes."""
    countries = (region.lower() for region in phonenumbers.SUPPORTED_REGIONS)
    return _GENERIC | frozenset(countries) | {"eu", "su", "uk"}


def _email(match: re.Match[str]) -> Range | None:
    text = match.string
    start = _local_start(text, match.start())
    local = text[start : match.start(1) - 1]
    domain, top = match[1].lower() + match[2].lower(), match[2].lower()
    if not 0 < len(local) <= _MAX_LOCAL or local.endswith(".") or ".." in local:
        return None
    if top not in _tops() or _RESERVED.search(domain) is not None:
        return None
    if text.startswith("(", match.end()) or _is_login(text, start, local):
        return None
    return start, match.end()


def _local_start(text: str, start: int) -> int:
    """Return where the local part starts: after an escape that precedes it, and punctuation."""
    if backslashes(text, start) % 2 == 1:
        escape = _ESCAPED.match(text, start)
        start = start if escape is None else escape.end()
    while text[start] in ".%+-":
        start += 1
    return start


def _is_login(text: str, start: int, local: str) -> bool:
    """Tell whether this is no mailbox but a login: `git@host:path`, `scheme://user@host`."""
    if local in _LOGIN_USERS:
        return True
    return _URL_USERINFO.search(text, max(0, start - 160), start) is not None


@cache
def pii_rules() -> tuple[Rule, ...]:
    """Return every rule for personal data, of all levels."""
    email = Rule("email-address", "EMAIL", "permissive", _EMAIL, _email, _TRIGGER)
    return (email, *network_rules(), *number_rules())
