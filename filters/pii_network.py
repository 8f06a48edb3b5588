"""Detect public IP addresses; tell them from versions, object identifiers and drawings."""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from typing import Final

from filters.rules_base import Range, Rule

_QUAD: Final = r"(?:\d{1,3}\.){3}\d{1,3}"
_IPV4: Final = re.compile(
    rf"(?:(?<![\w.])|(?<=\\[nrt])){_QUAD}(?![\w]|\.\d|-[A-Za-z0-9])", re.ASCII
)
# Global unicast is 2000::/3 (IANA): the first group has four digits and starts with 2 or 3.
_IPV6: Final = re.compile(
    r"(?:(?<![\w:.])|(?<=\\[nrt]))[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,40}(?![\w:]|\.\w)", re.ASCII
)
_ANY_IPV6: Final = re.compile(
    r"(?:(?<![\w:.])|(?<=\\[nrt]))[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{0,40}(?![\w:]|\.\w)",
    re.ASCII,
)
# Public resolvers that documentation and configuration name everywhere
_RESOLVERS_TEXT: Final = """
    1.0.0.1 1.1.1.1 1.0.0.2 1.1.1.2 1.0.0.3 1.1.1.3 4.2.2.1 4.2.2.2 4.2.2.3 4.2.2.4 4.2.2.5
    4.2.2.6 8.8.4.4 8.8.8.8 8.20.247.20 8.26.56.26 9.9.9.9 9.9.9.10 9.9.9.11 64.6.64.6
    64.6.65.6 76.76.2.0 76.76.10.0 76.76.19.19 76.223.122.150 77.88.8.1 77.88.8.8
    84.200.69.80 84.200.70.40 94.140.14.14 94.140.15.15 114.114.114.114 114.114.115.115
    119.29.29.29 149.112.112.112 168.126.63.1 168.126.63.2 180.76.76.76 185.228.168.9
    185.228.169.9 208.67.220.220 208.67.222.222 223.5.5.5 223.6.6.6 2001:4860:4860::8844
    2001:4860:4860::8888 2606:4700:4700::1001 2606:4700:4700::1111 2620:fe::9 2620:fe::fe
    2620:119:35::35 2620:119:53::53
"""
_RESOLVERS: Final = frozenset(map(ipaddress.ip_address, _RESOLVERS_TEXT.split()))
# Above this, an octet is larger than the parts of version numbers usually are
_VERSION_PART: Final = 31
_VERSION_BEFORE: Final = re.compile(
    r"(?:\bver(?:sion|s)?|\brel(?:ease)?|\brev(?:ision)?|\bbuild|\bsection|\bchapter|\bfirmware|\boid|§|"
    r"[\w\])][=~<>!^]=|[~^]|\bv|[@/-])[ \t.:='\"]{0,4}$",
    re.IGNORECASE,
)
_VERSION_LINE: Final = re.compile(
    r"version|\boids?\b|\b(?:update|upgrade|bump)|chrome/|safari/|mozilla/|firefox/", re.IGNORECASE
)
_ADDRESS_BEFORE: Final = re.compile(
    r"\b(?:\w*ip(?:v4)?|\w*addr\w*|host\w*|server\w*|client\w*|peer|gateway|dns|nameserver|remote\w*|ping|ssh|from|"
    r"listen|bind|route|inet|netmask|connect\w*)\b[^\n]{0,32}$|://$|@$",
    re.IGNORECASE,
)
_NUMBER_BEFORE: Final = re.compile(
    r"(?:^|[^\d.])[\d]*\.?\d+[ ,]{1,2}-?$|(?<![A-Za-z\\])[MLHVCSQTAZmlhvcsqtaz]\s?-?$"
)
_NUMBER_AFTER: Final = re.compile(
    r"[ ,]{1,2}-?(?:\d+\.?\d*|\.\d+)(?![\d.])|-\d|[ ,]{0,2}[MLHVCSQTAZmlhvcsqtaz]\s?-?[\d.]"
)
_SUFFIX: Final = re.compile(r":\d{1,5}\b|/\d{1,2}\b")
_LOOK: Final = 64


def _ipv4(match: re.Match[str]) -> Range | None:
    address = _parse(match[0])
    if address is None or not address.is_global or address in _RESOLVERS or address.is_multicast:
        return None
    if match[0].endswith(".0.0"):  # a block of addresses, no host
        return None
    before = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()][-_LOOK:]
    after = match.string[match.end() : match.end() + _LOOK]
    if _VERSION_BEFORE.search(before) is not None and "://" not in before[-8:]:
        return None
    if _NUMBER_BEFORE.search(before) is not None or _NUMBER_AFTER.match(after) is not None:
        return None
    if max(address.packed) <= _VERSION_PART or _VERSION_LINE.search(before) is not None:
        hinted = _ADDRESS_BEFORE.search(before) or _SUFFIX.match(after)
        return match.span() if hinted else None
    return match.span()


def _ipv6(match: re.Match[str]) -> Range | None:
    text = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
    address = _parse(text)
    if address is None or not address.is_global or address in _RESOLVERS:
        return None
    return match.start(), match.start() + len(text)


def _private(match: re.Match[str]) -> Range | None:
    """Accept any well-formed address that names a machine (strict level)."""
    address = _parse(match[0])
    if address is None or address.is_unspecified or address.is_loopback or address.is_multicast:
        return None
    named = address.is_global or address.is_private or address.is_link_local
    return match.span() if named and len(match[0]) > len("::ff") else None


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@cache
def network_rules() -> tuple[Rule, ...]:
    """Return the rules for network addresses."""
    return (
        Rule("public-ipv4", "IP", "balanced", _IPV4, _ipv4),
        Rule("public-ipv6", "IP", "balanced", _IPV6, _ipv6),
        Rule("any-ipv4", "IP", "strict", _IPV4, _private),
        Rule("any-ipv6", "IP", "strict", _ANY_IPV6, _private),
    )
