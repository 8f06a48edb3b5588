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
    rf"|{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}"
)
_CONTEXT: Final = (
    "macaddr", "mac_addr", "hwaddr", "hw_addr", "lladdr", "ether", "ssid", "physical addr", "physische", "hardware",
    "arp ", "arp:", "dhcp", "wlan", "wifi", "wi-fi", "bluetooth", "bdaddr", "bd_addr", "eth0", "eth1", "enp", "eno1",
    " nic ", "vlan", "switch", "station", "lease", "access point", "wake", "dladdr", "device_id", "device id",
    "deviceid", "bt_addr", "hostapd", "wpa_supplicant",
    "interface", "network", "netz", "neighbo", "bridge", "iface", "hci0", "물리적",
)  # fmt: skip
_NAMED: Final = re.compile(r"(?<![A-Za-z])(?:mac|MAC|Mac|oui|OUI|WOL|wol|AP)(?![a-z])|[a-z]Mac\b")
_COLUMN: Final = re.compile(r"mac|hw_?addr|hardware|ether|physical|device|bssid", re.IGNORECASE)
# Blocks for documentation (RFC 7042), the addresses of protocols (VRRP), and those of containers
_NOBODYS: Final = ("00005e", "0242", "deadbeef", "001122334455", "112233445566", "aabbcc")
_STAND_INS: Final = re.compile(
    r"(?:..)*(..)\1{3}(?:..)*|(?:0123456789ab|123456789abc|001a2b3c4d5e|00deadbeef00)"
)
_LETTER: Final = re.compile("[A-Fa-f]")
_DIGIT: Final = re.compile("[0-9]")
_LOCAL_BIT: Final = 2  # IEEE 802: set where no maker has given the address out
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
    """Accept the address of one card where a word near it says so, or its form alone."""
    text, (start, end) = match.string, match.span()
    if _is_plain(match):
        return _mac(match)
    before = "\n".join(text[max(0, start - CONTEXT_REACH) : start].rsplit("\n", 2)[-2:])
    near = before + text[end : end + CONTEXT_REACH].partition("\n")[0]
    folded = near.lower()
    if any(word in folded for word in _CONTEXT) or _NAMED.search(near) is not None:
        return _mac(match)
    return _mac(match) if _COLUMN.search(column(text, start)) is not None else None


def _is_plain(match: re.Match[str]) -> bool:
    """Tell whether it looks like nothing else: colons between octets, or Cisco's three words in quotes."""
    if not _LETTER.search(match[0]):
        return False
    if match["join"] == ":":
        return True
    quotes = (
        match.string[match.start() - 1 : match.start()]
        + match.string[match.end() : match.end() + 1]
    )
    return match["join"] is None and quotes in ("''", '""') and _DIGIT.search(match[0]) is not None


# Twelve digits without a gap, right behind a name
_BARE_NAME: Final = (
    r"(?:(?<![A-Za-z])(?:mac|bssid|hwaddr|hw_addr|lladdr|ether|bdaddr|bd_addr)(?:_?addr(?:ess)?)?|mac_?addr(?:ess)?"
    r"|hardware ethernet|physical address|mac-?\u0430\u0434\u0440\u0435\u0441|mac-adress[e]?)(?![a-z])"
)
_BARE: Final = re.compile(
    rf"{_BARE_NAME}[^0-9A-Za-z\n]{{1,8}}(?:(?:is|of|was|address|id)[ :=]{{1,3}})?(?P<span>{_HEX}{{12}})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def _bare(match: re.Match[str]) -> Range | None:
    """Accept twelve digits behind a name: an octet of a maker, letters and digits, no stand-in."""
    digits = match["span"].lower()
    if _LETTER.search(digits) is None or _DIGIT.search(digits) is None:
        return None
    if int(digits[:2], 16) & (_GROUP_BIT | _LOCAL_BIT) or digits.startswith(_NOBODYS):
        return None
    return match.span("span") if _STAND_INS.fullmatch(digits) is None else None


@cache
def device_rules() -> tuple[Rule, ...]:
    """Return the rules for hardware addresses."""
    return (
        Rule("mac-named", "MAC", "balanced", _MAC, _named, _TRIGGER, yes=_YES, no=_NO),
        Rule(
            "mac-bare",
            "MAC",
            "balanced",
            _BARE,
            _bare,
            yes=('"mac": "«3c970e4ba17f»"', "HWaddr «3C970E4BA17F»", "mac_address=«3c970e4ba17f»"),
            no=(
                "hmac: 3c970e4ba17f",
                "mac 3e970e4ba17f",
                "mac: 3c970e4ba17f00",
                "mac 112233445566",
            ),
        ),
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
    "<li>«48:c0:62:03:31:57»</li>",
    "VALUES (17,'x','«3c07.5647.d0db»')",
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
