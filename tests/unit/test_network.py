"""Public network addresses are found; versions, identifiers and private addresses stay."""

from __future__ import annotations

from functools import cache

import pytest

from filters.redact.database import Scanner, build
from filters.redact.personal.devices import device_rules
from filters.redact.personal.network import network_rules
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from filters.redact.rule import LEVELS, Level

RULES = (*network_rules(), *device_rules())
FOUR, SIX = ".".join(map(str, (93, 184, 216, 34))), "2a02:26f0:6c00::210:ba1"
# A fifth of a megabyte; a regex that is not linear takes minutes.


@cache
def scanner(level: Level) -> Scanner:
    limit = LEVELS.index(level)
    return build(tuple(rule for rule in RULES if LEVELS.index(rule.level) <= limit))


def found(text: str, level: Level = "balanced") -> list[str]:
    return [text[s.start : s.end] for s in merged(find(scanner(level), text), text)]


@pytest.mark.parametrize(
    "template",
    [
        "host %s up", "http://%s:8080/x", "%s", "(%s)", "from %s.", "%s/24", r'"a\n%s"', "[%s]", "%s:443",
        "SRC=%s DST=10.0.0.1", "X-Forwarded-For: %s, 10.0.0.1", "ip4:%s", "/%s:443", "root@%s:~#",
        "%s-10.0.0.1", "10.0.0.1/%s", "12:00:01 %s GET / 200 12", "IN A %s", "12, 5, %s", "ip%%3D%s",
    ],
)  # fmt: skip
def test_public_version_four_addresses(template: str) -> None:
    assert found(template % FOUR) == [FOUR]


@pytest.mark.parametrize(
    "template", ["host %s up", "[%s]:443", "%s", "%s/64", "%s%%eth0", "('%s', 80)"]
)
def test_public_version_six_addresses(template: str) -> None:
    assert found(template % SIX) == [SIX]


@pytest.mark.parametrize(
    "text",
    [
        f"version {FOUR}", f"update V8 to {FOUR}", f"Chrome/{FOUR}", f"v{FOUR}", f"pkg=={FOUR}",
        f"{FOUR}-beta", f"x-{FOUR}.zip", f'<X Version="{FOUR}" />', "93.184.0.0/16", "1.3.6.1.4.1.311",
        "2.5.29.15", "10.0.0.1", "127.0.0.1", "8.8.8.8", "192.0.2.7", "2001:db8::1", "fe80::1", "::1",
        "버전 65.83.42.38으로", "バージョン57.78.48.39", "版本 35.22.36.24", "14.15.16.17", "123.45.67.89",
        "93.184.216.340", "M93.18.4.5.6 1.5", "12:34:56", "2023:05:06", "a[1::2]", "Figure 9.12.4.31",
    ],
)  # fmt: skip
def test_versions_private_and_documentation_addresses_stay(text: str) -> None:
    assert found(text) == []


def test_small_numbers_are_an_address_only_where_a_word_says_so() -> None:
    small = ".".join(map(str, (5, 9, 12, 31)))
    assert found(f"server {small}") == found(f"{small}:8080") == [small]
    assert found(f"see {small}") == found(f"release {small}") == []


def test_private_addresses_go_at_strict() -> None:
    assert found("host 10.1.2.3 and fe80::1:2 and 192.0.2.9", "strict") == [
        "10.1.2.3",
        "fe80::1:2",
        "192.0.2.9",
    ]
    assert found("host 198.18.1.2 and 2001:db8::1:2", "strict") == []


def test_a_hardware_address_without_context_goes_at_strict_only() -> None:
    address = "3c-97-0e-4b-a1-7f"
    assert found(f"x {address} y") == []
    assert found(f"x {address} y", "strict") == [address]
    assert found(f"hwaddr\n{address}") == [address]


@pytest.mark.timeout(120)
def test_one_long_line_is_read_in_time() -> None:
    for piece in (
        "1.",
        "1.2.3.4 ",
        "93.184.216.34,",
        "2a02:",
        "aa:bb:",
        "aabb.",
        "::ffff:",
        "1.5 ",
    ):
        line = piece * (200_000 // len(piece))
        found(line, "strict")
