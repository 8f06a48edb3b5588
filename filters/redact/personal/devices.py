"""Detect hardware (MAC) addresses; tell them from fingerprints, dumps and times."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from filters.redact.personal.columns import column
from filters.redact.rule import CONTEXT_REACH, Range, Rule

_HEX: Final = "[0-9A-Fa-f]"
# IEEE 802: six octets joined by colons or dashes, or three words joined by dots (Cisco)
_MAC: Final = re.compile(
    rf"(?:(?<![\w:.\-])|(?<=\\[nrt])){_HEX}{{2}}(?P<join>[:\-]){_HEX}{{2}}(?:(?P=join){_HEX}{{2}}){{4}}"
    r"(?![\w]|[:\-][0-9A-Fa-f]{2}(?![0-9A-Za-z]))"
    rf"|(?:(?<![\w:.\-])|(?<=\\[nrt])){_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}(?![\w]|[.:\-]\w)",
    re.ASCII,
)
# The middle of it: a letter at the start would be looked for at every letter of a text
_TRIGGER: Final = re.compile(
    rf":{_HEX}{{2}}:{_HEX}{{2}}:{_HEX}{{2}}:{_HEX}{{2}}:|-{_HEX}{{2}}-{_HEX}{{2}}-{_HEX}{{2}}-{_HEX}{{2}}-"
    rf"|\.{_HEX}{{4}}\.{_HEX}{{4}}"
)
_CONTEXT: Final = (
    "macaddr", "mac_addr", "hwaddr", "hw_addr", "lladdr", "ether", "ssid", "physical addr", "physische", "hardware",
    "arp ", "arp:", "dhcp", "wlan", "wifi", "wi-fi", "bluetooth", "bdaddr", "bd_addr", "eth0", "eth1", "enp", "eno1",
    " nic ", "vlan", "switch", "station", "lease", "access point", "wake", "dladdr", "device_id", "device id",
    "deviceid", "interface", "network", "netz", "neighbo", "bridge", "iface", "hci0", "물리적",
)  # fmt: skip
_NAMED: Final = re.compile(r"(?<![A-Za-z])(?:mac|MAC|Mac|oui|OUI|WOL|wol|AP)(?![a-z])|[a-z]Mac\b")
_COLUMN: Final = re.compile(r"mac|hw_?addr|hardware|ether|physical|device|bssid", re.IGNORECASE)
# Blocks for documentation (RFC 7042), the addresses of protocols (VRRP), and those of containers
_NOBODYS: Final = ("00005e", "0242", "deadbeef", "001122334455", "112233445566", "aabbcc")
_STAND_INS: Final = re.compile(
    r"(?:..)*(..)\1{3}(?:..)*|(?:0123456789ab|123456789abc|001a2b3c4d5e|00deadbeef00)"
)
_GROUP_BIT: Final = 1  # IEEE 802: set in the first octet of broadcast and multicast addresses


def _mac(match: re.Match[str]) -> Range | None:
    """Accept the address of one card."""
    digits = re.sub(r"[:.\-]", "", match[0]).lower()
    if int(digits[:2], 16) & _GROUP_BIT or digits.startswith(_NOBODYS):
        return None
    if _STAND_INS.fullmatch(digits) is not None:
        return None
    return match.span() if any(digit in "abcdef" for digit in digits) or ":" in match[0] else None


def _named(match: re.Match[str]) -> Range | None:
    """Accept the address of one card where a word near it says so."""
    text, (start, end) = match.string, match.span()
    before = "\n".join(text[max(0, start - CONTEXT_REACH) : start].rsplit("\n", 2)[-2:])
    near = before + text[end : end + CONTEXT_REACH].partition("\n")[0]
    folded = near.lower()
    if any(word in folded for word in _CONTEXT) or _NAMED.search(near) is not None:
        return _mac(match)
    return _mac(match) if _COLUMN.search(column(text, start)) is not None else None


@cache
def device_rules() -> tuple[Rule, ...]:
    """Return the rules for hardware addresses."""
    return (
        Rule("mac-named", "MAC", "balanced", _MAC, _named, _TRIGGER, yes=_YES, no=_NO),
        Rule("mac-address", "MAC", "strict", _MAC, _mac, _TRIGGER, yes=_YES, no=_NO),
    )


_YES: Final = (
    "link/ether «3c:97:0e:4b:a1:7f» brd ff:ff:ff:ff:ff:ff",
    "HWaddr «3C:97:0E:4B:A1:7F»",
    "Physical Address. . . . . : «3C-97-0E-4B-A1-7F»",
    "mac address-table static «3c97.0e4b.a17f» vlan 10",
    '"macAddress": "«3c:97:0e:4b:a1:7f»",',
    "变更后的MAC地址是«8cbe.f88b.7328»。",
    "| id | mac |\n|----|-----|\n| 7 | «3C:97:0E:4B:A1:7F» |",
    "? (gateway) at «3c:97:0e:4b:a1:7f» [ether] on eth0",
)
_NO: Final = (
    "ether 00:00:00:00:00:00",
    "mac ff:ff:ff:ff:ff:ff",
    "mac 01:00:5e:7f:ff:fa",
    "mac 00-00-5E-00-53-1F",
    "MAC 00:11:22:33:44:55",
    "MD5 3c:97:0e:4b:a1:7f:3c:97:0e:4b:a1:7f:3c:97:0e:4b",
    "network 3c 97 0e 4b a1 7f",
    "mac 20-11-20-16-35-52",
    "network 2a02:26f0:6c00::210:ba1",
)
