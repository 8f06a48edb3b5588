"""Laws of addresses: public ones are found where they stand, others never; mailboxes round-trip."""

from __future__ import annotations

import ipaddress
from functools import cache

import hypothesis.strategies as st
from hypothesis import assume, given, settings

from filters.redact.database import Scanner, build
from filters.redact.personal.domains import top_level
from filters.redact.personal.emails import email_rules
from filters.redact.personal.network import _KNOWN, is_typed, network_rules
from filters.redact.prefilter import find

LAW = settings(deadline=None, max_examples=300)
# The words of a log line, each before an address
BEFORE = st.sampled_from(
    ("Failed password for root from ", "SRC=", '"client_ip": "', "X-Real-IP: ", "client: ", "host ", "peer=")
)  # fmt: skip
AFTER = st.sampled_from(
    (" port 22 ssh2", " DST=10.0.0.1", '",', "", ", server: _", " up", ":443", ")")
)
# Four small numbers are a section or a stand-in to the rule, whatever stands around them.
FOURS = st.ip_addresses(v=4).filter(lambda address: max(address.packed) > 15)
LOCALS = st.from_regex(r"[a-z]{3,12}[._+-]?[a-z0-9]{2,10}", fullmatch=True)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{2,14}[a-z]", fullmatch=True).filter(
    lambda name: "example" not in name
)


@cache
def scanner() -> Scanner:
    """The rules of the balanced level."""
    rules = (*network_rules(), *email_rules())
    return build(tuple(rule for rule in rules if rule.level != "strict"))


def found(text: str) -> list[str]:
    """Return what the longest detections hold."""
    return [text[span.start : span.end] for span in find(scanner(), text)]


@LAW
@given(FOURS, BEFORE, AFTER)
def test_every_global_address_in_a_log_line_is_found(
    address: ipaddress.IPv4Address, before: str, after: str
) -> None:
    assume(address.is_global and not address.is_multicast)
    assume(not str(address).endswith(".0.0") and len(set(address.packed)) > 1)
    assume(not str(address).startswith(("1.2.", "1.3.", "2.5.")))  # object identifiers
    assume(address not in _KNOWN and not is_typed(address))
    assert found(before + str(address) + after) == [str(address)]


@LAW
@given(st.ip_addresses(v=6, network="2a00::/12"), BEFORE)
def test_every_global_version_six_address_is_found(
    address: ipaddress.IPv6Address, before: str
) -> None:
    assume(address.is_global and len(str(address).split(":")) > 4 and not is_typed(address))
    for spelled in (str(address), address.exploded, str(address).upper()):
        assert found(before + spelled + " up") == [spelled]


@LAW
@given(st.ip_addresses(), BEFORE, AFTER)
def test_no_other_address_is_ever_found(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, before: str, after: str
) -> None:
    assume(not address.is_global)
    assert found(f"{before}{address}{after}") == []


@LAW
@given(
    LOCALS, st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(sorted(top_level())), BEFORE
)
def test_every_mailbox_is_found_whole(local: str, names: list[str], top: str, before: str) -> None:
    address = f"{local}@{'.'.join(names)}.{top}"
    assert found(f"{before}<{address}> up") == [address]
