"""Detect IP addresses of machines on the internet; tell them from versions, identifiers and drawings."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Final, TypeGuard

from filters.redact.personal.quads import (
    LOOK,
    PACKAGE_AFTER,
    is_address,
    is_drawn,
    line_before,
    names_version,
)
from filters.redact.rule import Range, Rule

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_QUAD: Final = r"\d{1,3}(?:\.\d{1,3}){3}"
# Where an address may start: at no letter or digit but that of an escape or of a joined name
_FREE: Final = (
    r"(?:(?<![\w.])|(?<=\\[nrtfv])|(?<=\\u00[0-7][0-9a-f])|(?<=%[2-57][0-9A-F])|(?<=[A-Za-z]_)"
    r"|(?<= -[hH])|(?<=\[\dm)|(?<=\d;\d\dm))"
)
_IPV4: Final = re.compile(rf"{_FREE}{_QUAD}(?!\w|\.\d)", re.ASCII)
# tcpdump joins the port with a dot
_DUMPED: Final = re.compile(rf"(?:\bIP |> ){_QUAD}(?=\.\d{{1,5}}(?: >|: ))", re.ASCII)
_QUAD_TRIGGER: Final = re.compile(_QUAD, re.ASCII)
_MAPPED: Final = re.compile(rf"(?<![\w:.])::(?:ffff|FFFF):(?:0:)?{_QUAD}(?!\w|\.\d)", re.ASCII)
# Global unicast as it is allocated to registries (IANA): 2001::/16 to 2003::/16, and the rest of
# 2400::/12, 2600::/12 and so on.
_IPV6: Final = re.compile(
    rf"(?:{_FREE}(?<!:)|(?<=ip6:)|(?<=(?<![A-Za-z])ip:)|(?<=addr:))(?:200[1-3]|2[468AaCc][0-3][0-9A-Fa-f]):[0-9A-Fa-f:]{{2,40}}"
    r"(?![\w:]|\.(?!\d{1,5}(?: >|:\s))\w)",
    re.ASCII,
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
_KNOWN: Final = frozenset(map(ipaddress.ip_address, _RESOLVERS_TEXT.split()))
_KNOWN_QUADS: Final = frozenset(map(str, _KNOWN))
# First octets of which a part is not public (RFC 6890), or that no address has as they stand here
_MIXED_TEXT: Final = "0 10 100 127 169 172 192 198 203"
_MIXED_FIRST: Final = frozenset(
    (*_MIXED_TEXT.split(), *(f"{one:0{n}}" for n in (2, 3) for one in range(10 ** (n - 1))))
)
_LAST_UNICAST: Final = 223
_PADDED: Final = 15  # code points of four octets of three digits
# Octets that people type where any would do: one random address in two thousand has no others
_TYPED_TEXT: Final = """
    0 1 2 3 4 5 6 7 8 9 11 12 21 22 23 32 33 34 43 44 45 54 55 56 65 66 67 76 77 78 87 88 89 98 99
    111 123 222 234
"""
_TYPED: Final = frozenset(map(int, _TYPED_TEXT.split()))
# What a redaction puts in the place of an address (RFC 2544, RFC 3849)
_SURROGATES: Final = (ipaddress.ip_network("198.18.0.0/15"), ipaddress.ip_network("2001:db8::/32"))
_BLOCK_AFTER: Final = re.compile(r"/(\d{1,3})(?![\d.])")
# From this prefix length on, what starts a block is a machine or the few of one household.
_SMALL_BLOCK_4: Final = 28
_SMALL_BLOCK_6: Final = 65
_SUBSCRIPT_BEFORE: Final = re.compile(r"[\w)\]]\[$")
_FEW_GROUPS: Final = 2


def _ipv4(match: re.Match[str]) -> Range | None:
    text, (start, end) = match.string, match.span()
    quad = match[0]
    if text.startswith(".in-addr.arpa", end):
        quad = ".".join(reversed(quad.split(".")))
    if not _is_public_quad(quad):
        return None
    before, after = line_before(text, start), text[end : end + LOOK]
    if quad.endswith(".0.0") or (after[:1] == "/" and _names_block(quad, after)):
        return None
    if is_drawn(before, after) or PACKAGE_AFTER.match(after):
        return None
    return match.span() if is_address(match[0], before, after) else None


def _is_public_quad(quad: str) -> bool:
    """Tell whether a quad is a public address; most are told without the library."""
    parts = quad.split(".")
    if (
        parts[0] in _MIXED_FIRST
        or "0" in (parts[1][0], parts[2][0], parts[3][0])
        or len(quad) == _PADDED
    ):
        return _is_public(_parse(quad))
    octets = [int(part) for part in parts]
    if octets[0] > _LAST_UNICAST or max(octets) > 255 or quad in _KNOWN_QUADS:  # noqa: PLR2004  an octet
        return False
    return not is_typed_quad(octets)


def _names_block(quad: str, after: str) -> bool:
    address = _parse(quad)
    return address is not None and _is_block(address, after)


def _is_block(address: _Address, after: str) -> bool:
    """Tell whether this is the name of a network and not of a machine in it: no host bit is set."""
    found = _BLOCK_AFTER.match(after)
    if found is None:
        return address.version == 4 and address.packed.endswith(b"\0\0")  # noqa: PLR2004  IPv4
    size = int(found[1])
    if size >= (_SMALL_BLOCK_4 if address.version == 4 else _SMALL_BLOCK_6):  # noqa: PLR2004  IPv4
        return False
    host_bits: int = (1 << (address.max_prefixlen - size)) - 1
    return int(address) & host_bits == 0


@lru_cache(maxsize=1 << 12)
def _is_global(address: _Address) -> bool:
    if not address.is_global or address.is_multicast or address in _KNOWN:
        return False
    return not is_typed(address)


def is_typed(address: _Address) -> bool:
    """Tell whether an address looks typed as a stand-in: `123.45.67.89`, `14.15.16.17`, `2003::1`."""
    parts = list(address.packed)
    return is_typed_quad(parts) if address.version == 4 else not any(parts[2:14])  # noqa: PLR2004  IPv4


def is_typed_quad(octets: list[int]) -> bool:
    """Tell whether four octets look typed: each is one that people type, or they count in even steps."""
    one, two, three, four = octets
    return one - two == two - three == three - four or _TYPED.issuperset(octets)


def _is_public(address: _Address | None) -> TypeGuard[_Address]:
    """Tell whether an address belongs to a machine that the internet reaches."""
    return address is not None and _is_global(address)


def _dumped(match: re.Match[str]) -> Range | None:
    start = match.end() - len(match[0].rpartition(" ")[2])
    return (start, match.end()) if _is_public(_parse(match.string[start : match.end()])) else None


def _mapped(match: re.Match[str]) -> Range | None:
    return match.span() if _is_public(_parse(match[0].rpartition(":")[2])) else None


def _ipv6(match: re.Match[str]) -> Range | None:
    found = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
    address, end = _parse(found), match.start() + len(found)
    if not _is_public(address) or _is_block(address, match.string[end : end + 8]):
        return None
    before = match.string[max(0, match.start() - 8) : match.start()]
    few = len(found.replace("::", ":").strip(":").split(":")) <= _FEW_GROUPS
    if few and (found.replace(":", "").isdigit() or _SUBSCRIPT_BEFORE.search(before) is not None):
        return None
    return match.start(), end


def _private(match: re.Match[str]) -> Range | None:
    """Accept any well-formed address that names a machine (strict level)."""
    address = _parse(match[0])
    if address is None or address.is_unspecified or address.is_loopback or address.is_multicast:
        return None
    if any(address in network for network in _SURROGATES if network.version == address.version):
        return None
    if names_version(line_before(match.string, match.start())):
        return None
    named = address.is_global or address.is_private or address.is_link_local
    return match.span() if named and len(match[0]) > len("::ff") else None


@lru_cache(maxsize=1 << 12)
def _parse(text: str) -> _Address | None:
    """Read an address; octets may be padded to three digits each, as some logs write them."""
    octets = text.split(".")
    if len(octets) == 4 and ":" not in text and all(len(octet) == 3 for octet in octets):  # noqa: PLR2004  four octets of three digits
        text = ".".join(str(int(octet)) for octet in octets)
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


_YES_4: Final = (
    "«93.184.216.34» - - [10/Oct/2023:13:55:36 +0000]", "2024-01-02 03:04:05 «93.184.216.34» GET / 200",
    "http://«5.9.12.31»:8080/x", "root@«93.184.216.34»:~#", "SRC=«93.184.216.34» DST=10.0.0.1",
    "mysql -h«93.184.216.34» -u x", "ip:«93.184.216.34» ua:curl",
    "www IN A «5.9.12.31»", "v=spf1 ip4:«93.184.216.34» -all", "/«93.184.216.34»:443",
    "«93.184.216.34»/32", "«34.216.184.93».in-addr.arpa", r'{"a": "x\n«93.184.216.34»"}',
    "client_ip: «5.9.12.31»", "서버«93.184.216.34»는", "from «093.184.216.034» port 22",
)  # fmt: skip
_NO_4: Final = (
    "version 93.184.216.34", "v93.184.216.34", "pkg==41.184.216.34", "Chrome/93.184.216.34 Safari/537.36",
    "1.3.6.1.4.1.311", "oid 1.3.101.112", "section 4.12.33.2", "9.2.1.4 Tunnels (ssh)", "10.0.0.1", "192.0.2.7",
    "198.51.100.7", "203.0.113.7", "198.18.0.7", "8.8.8.8", "1.2.3.4", "93.184.216.0/24", "93.184.0.0",
    "93.184.216.340", 'd="M12 93.18.21.34 5"', "app-41.184.216.34.tar.gz",
    "jdk-41.84.216.34", "## [33.13.160.96] - 2024-03-01", '("org.acme:core:27.54.185.167")', "r.io/app:34.20.116.19",
    "Fixed in 36.39.53.126", "Requires: x >= 18.23.157.244", "krb5.client.rte:1.16.1.2", "224.0.0.251", "32.0.0.114",
)  # fmt: skip
_YES_DUMPED: Final = (
    "IP «93.184.216.34».443 > 10.0.0.5.51234: Flags",
    "IP 10.0.0.5.51234 > «93.184.216.34».443: Flags",
)
_NO_DUMPED: Final = ("IP 10.0.0.5.51234 > 192.168.1.2.443: Flags", "> 1.3.6.1.4.1.311")
_YES_MAPPED: Final = ('"«::ffff:93.184.216.34»"',)
_NO_MAPPED: Final = ("::ffff:10.0.0.1", "std::ffff:93.184")
_YES_6: Final = (
    "[«2a02:26f0:6c00::210:ba1»]:443", "inet6 «2A02:26F0:6C00:0:1:2:210:BA1»/64 scope global", "«2600:1f18::a1»%eth0",
    "ip6:«2a01:4f8::7:2»", r'{"a": "x\n«2a02:26f0:6c00::210:ba1»"}',
    "ip:«2a02:26f0:6c00::210:ba1» ua:curl",
)  # fmt: skip
_NO_6: Final = (
    "2001:db8::7", "fe80::1", "fd00::1", "2001:4860:4860::8888", "12:34:56", "x[2001::2]", "x[2400::10]",
    "2a02:26f0:6c00::/48", "2001:02:03 04:05", "std::vector", "3c:97:0e:4b:a1:7f",
)  # fmt: skip

_RULES: Final = (
    Rule("public-ipv4", "IP", "balanced", _IPV4, _ipv4, _QUAD_TRIGGER, yes=_YES_4, no=_NO_4),
    Rule(
        "public-ipv4-dumped",
        "IP",
        "balanced",
        _DUMPED,
        _dumped,
        _QUAD_TRIGGER,
        yes=_YES_DUMPED,
        no=_NO_DUMPED,
    ),
    Rule(
        "public-ipv4-mapped",
        "IP",
        "balanced",
        _MAPPED,
        _mapped,
        _QUAD_TRIGGER,
        yes=_YES_MAPPED,
        no=_NO_MAPPED,
    ),
    Rule("public-ipv6", "IP", "balanced", _IPV6, _ipv6, yes=_YES_6, no=_NO_6),
    Rule(
        "any-ipv4",
        "IP",
        "strict",
        _IPV4,
        _private,
        _QUAD_TRIGGER,
        yes=("«10.1.2.3»",),
        no=("198.18.0.7", "127.0.0.1"),
    ),
    Rule(
        "any-ipv6",
        "IP",
        "strict",
        _ANY_IPV6,
        _private,
        yes=("«fe80::1:2»",),
        no=("2001:db8::7", "::1"),
    ),
)


def network_rules() -> tuple[Rule, ...]:
    """Return the rules for network addresses."""
    return _RULES
