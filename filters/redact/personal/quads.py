"""Tell by what stands around four dotted numbers whether they are an address or a version.

Every question here is asked once for each quad of a text, and some lines hold nothing else: cheap
tests of single characters and words stand before the regexes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# How far around a quad its surroundings are looked at, in code points
LOOK: Final = 64
_SHORT: Final = 24

# Above this, an octet is larger than the parts of version numbers usually are.
_VERSION_PART: Final = 31
_LARGE_PARTS: Final = 2
_BYTE_HALF: Final = 127
# Up to this, four numbers are those of a section unless a word right before says otherwise.
_SECTION_PART: Final = 15
_STAND_IN_PART: Final = 9

_QUOTES: Final = " \t.:='\"(,>"
_LAST_WORD: Final = re.compile(r"[\w§]{1,24}$")
_VERSION_ENDS: Final = (
    "version", "versionprefix", "versionsuffix", "versionnumber", "version_number", "versionstring",
    "oid", "identifier", "버전", "버젼", "バージョン", "版本", "版", "верси", "версия", "версии", "wersja", "wersji",
    "versi\u00f3n", "vers\u00e3o", "versione", "versie", "verze", "s\u00fcr\u00fcm", "릴리스", "리비전",
)  # fmt: skip
_VERSION_WORDS: Final = frozenset(
    ("ver", "vers", "rel", "release", "rev", "revision", "build", "section", "chapter", "firmware", "since", "§", "v",
     "tag", "jdk", "jre", "redist", "rte")
)  # fmt: skip
_LETTER: Final = re.compile(r"[^\W\d_]|§")
_OPERATOR_BEFORE: Final = re.compile(
    r"[\w\])\"'][=~<>!^]=[ ]{0,2}$| [~<>]=[ ]{0,2}$|~>[ ]?$|[~^][ ]?$"
)
# A changelog, the coordinates of Maven, an image with its tag, a package with a hyphen
_RELEASED_BEFORE: Final = re.compile(
    r"(?:fixed|added|introduced|removed|deprecated|new|changed|as of|available) in $|^#{1,4} \[$"
    r"|[\w\-]\.[\w.\-]{1,60}:[\w.\-]{1,60}:$|/[\w.\-]{1,60}:$|[A-Za-z]{2}-$",
    re.IGNORECASE,
)
# A product with its version, as in `User-Agent` (RFC 9110 section 10.1.5)
_PRODUCT_BEFORE: Final = re.compile(
    r"(?:^|[\s;(,\"'])(?!(?:ip|ipv?4|ipv?6|inet|tcp|udp|hosts?|addr|server|client|node|peer|dst|src)/)"
    r"[A-Za-z][\w+\-]{0,40}/$",
    re.IGNORECASE,
)
_RELEASED_ENDS: Final = (" ", "[", ":", "-")
_VERSION_LINE: Final = (
    "version", "release", "oid", "update", "upgrade", "bump", "downgrade", "install", "chrome/", "safari/",
    "mozilla/", "firefox/", ".dll", ".exe", ".jar", ".so", ".nupkg",
)  # fmt: skip
PACKAGE_AFTER: Final = re.compile(
    r"\.(?:tar|tgz|zip|whl|deb|rpm|jar|war|exe|dll|msi|dmg|pkg|nupkg|vsix|gem|apk|so|7z|xpi|crx|aar|gz|bz2|xz)\b"
    r"|-(?:[A-Za-z]|\d{1,4}(?:ubuntu|deb|\.el|\.fc|~|[\w.+]{0,12}\.(?:deb|rpm|apk)))|\+|[ab]\d|rc\d",
    re.IGNORECASE,
)
_ADDRESS_WORDS: Final = (
    "addr", "host", "server", "client", "peer", "gateway", "dns", "remote", "ping ", "ssh", "scp ", "listen",
    "bind", "route", "routing", "netmask", "connect", "allow", "deny", "denied", "ban ", "banned", "forwarded",
    "attack", "subnet", "cidr", "network", "endpoint", "upstream", "whois", "nmap", "curl", "telnet", "visitor",
    "login", "dest", "source", "proxy", "ipv4", "ip4", "_ip", "-ip", "inet",
)  # fmt: skip
_ADDRESS_SHORT: Final = re.compile(
    r"(?<![A-Za-z])(?:[Ii][Pp]s?|SRC|DST|src|dst|IN\s+A)(?![A-Za-z])|[a-z]I[pP]s?\b|://$|://[^\s/]{1,40}@$"
)
_FROM_BEFORE: Final = re.compile(
    r"\b(?:from|to|by|via|at|for|range)\b[ :='\"\[(/]{1,4}$|(?:-[sd]|--\w+)[ =]$|\bA[ \t]+$"
)
_NAMED_AFTER: Final = re.compile(
    r":\d{2,5}\b(?!\.)|/(?:[89]|[12]\d|3[0-2])\b(?![./])|\s-\s\S{1,40}\s\["
    r"|\]?\s(?:port|ttl|icmp|netmask|via|dev)\b|\.in-addr"
    r"|\s{1,8}[\w-]{1,40}(?:\.[\w-]{1,40}){0,4}\.(?:com|net|org|io|local|lan|internal)\b"
)
# The arcs that most object identifiers begin with (ITU-T X.660)
_OID: Final = re.compile(r"1\.[23]\.\d|2\.5\.(?:4|8|29)\.")
_PORT_AFTER: Final = re.compile(r":\d{2,5}\b(?!\.)|\sport\s\d")

_STROKE: Final = "MLHVCSQTAZmlhvcsqtaz"
_DRAWN_BEFORE: Final = re.compile(
    rf"(?<![A-Za-z\\])[{_STROKE}]\s?(?:-?\d{{0,6}}\.?\d{{1,6}}[ ,\-]{{1,2}}){{0,6}}-?$"
    r"|(?:^|[^\d.])\d{0,6}\.\d{1,6}[ ,]{1,2}-?$"
)
_DRAWN_AFTER: Final = re.compile(
    rf"[ ,]{{1,2}}-?\d{{0,6}}\.?\d{{1,6}}(?![\d.:/])|-\d{{0,6}}\.?\d{{1,6}}(?![\d.])"
    rf"|[ ,]{{0,2}}[{_STROKE}]\s?-?[\d.]|[zZ]"
)
_ROW: Final = "0123456789., -" + _STROKE
_DRAWN_NUMBERS: Final = 3


def line_before(text: str, start: int) -> str:
    """Return what stands before a place on its line, as far as it is looked at.

    In a property list the key stands on the line before, and so does what is looked at.
    """
    before = text[max(0, start - LOOK) : start]
    if before.endswith("<string>"):
        return before.replace("</key>", "").replace("<string>", "").rstrip()
    return before.rpartition("\n")[2]


@lru_cache(maxsize=1 << 10)
def is_address(quad: str, before: str, after: str) -> bool:
    """Weigh by what stands around it whether a quad is an address or a version."""
    words = before if _LETTER.search(before) is not None else ""
    if names_version(words or before[-_SHORT:]) or (
        before[-1:] == "/" and _PRODUCT_BEFORE.search(before)
    ):
        return _PORT_AFTER.match(after) is not None
    parts = [int(part) for part in quad.split(".")]
    if max(parts) <= _STAND_IN_PART or _OID.match(quad) is not None:
        return False
    large = sum(part > _VERSION_PART for part in parts) >= _LARGE_PARTS + (parts[3] == 0)
    versions = words != "" and _has_any(words.lower(), _VERSION_LINE)
    high = max(parts) > _BYTE_HALF and sum(part > _STAND_IN_PART for part in parts) > _LARGE_PARTS
    if (large or high) and parts[1:3] != [0, 0] and not versions:
        return True
    near = before[-_SHORT + 4 :] if max(parts) <= _SECTION_PART else before
    if _NAMED_AFTER.match(after) is not None or _names_address(near):
        return True
    return not versions and _FROM_BEFORE.search(near) is not None


def names_version(before: str) -> bool:
    """Tell whether the word right before says that a version, a section or an identifier follows."""
    bare = before.rstrip(_QUOTES)
    if len(before) - len(bare) <= 6:  # noqa: PLR2004  quotes, an equals sign and blanks
        word = _LAST_WORD.search(bare[-_SHORT:])
        folded = "" if word is None else word[0].lower()
        if folded.endswith(_VERSION_ENDS) or folded in _VERSION_WORDS:
            return True
    if _OPERATOR_BEFORE.search(before[-5:]) is not None:
        return True
    last = before[-1:]
    if last == ":" and _names_address(before[-_SHORT:]):
        return False
    return last in _RELEASED_ENDS and _RELEASED_BEFORE.search(before) is not None


def _names_address(before: str) -> bool:
    """Tell whether a word before says that an address follows."""
    return _has_any(before[-2 * _SHORT :].lower(), _ADDRESS_WORDS) or (
        _ADDRESS_SHORT.search(before[-2 * _SHORT :]) is not None
    )


def _has_any(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


@lru_cache(maxsize=1 << 10)
def is_drawn(before: str, after: str) -> bool:
    """Tell whether this is a part of a row of numbers, as in the path of a drawing (SVG)."""
    if _DRAWN_AFTER.match(after) is not None and _DRAWN_BEFORE.search(before) is not None:
        return True
    row = before[len(before.rstrip(_ROW)) :]
    if len(row) < 12:  # noqa: PLR2004  less is no row
        return False
    # a number of two dots is two of a drawing; one of three dots may be another address
    numbers = re.split(r"[^\d.]+", row)
    return sum((0, 1, 2, 0)[min(n.count("."), 3)] for n in numbers) >= _DRAWN_NUMBERS
