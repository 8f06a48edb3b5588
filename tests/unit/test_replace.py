"""What stands in place of a redacted span: words, made-up values of nobody's, zeros, or no document."""

from __future__ import annotations

import ipaddress
import json

import pytest

from filters.document import Span
from filters.redact.redactor import in_notice
from filters.redact.replace import Replacement, is_bare_number, outputs, placeholder
from filters.redact.rule import TYPES
from tests.redactors import ready

KEY = b"k" * 32
MAIL = "jane.roe" + "@" + "acme-corp.com"
OTHER = "john.doe" + "@" + "acme-corp.com"
ADDRESS = "93.184." + "216.34"
ADDRESS_6 = "2a02:26f0:" + "6c00::210:ba1"
SURROGATES = Replacement((("EMAIL", "surrogate"), ("IP", "surrogate")), KEY)


def test_surrogates_come_from_ranges_of_nobody() -> None:
    text = f"from {MAIL} at {ADDRESS} and {ADDRESS_6}"
    words = ready(replacement=SURROGATES).redact(text).text.split()
    assert words[1].startswith("user-")
    assert words[1].endswith("@example.com")
    assert ipaddress.ip_address(words[3]) in ipaddress.ip_network("198.18.0.0/15")
    assert ipaddress.ip_address(words[5]) in ipaddress.ip_network("2001:db8::/32")


def test_equal_values_get_equal_surrogates_within_a_text_and_not_beyond() -> None:
    redactor = ready(replacement=SURROGATES)
    first, second, third = redactor.redact(f"{MAIL} {OTHER} {MAIL.upper()}").text.split()
    assert first == third != second
    assert redactor.redact(f"{MAIL} alone").text.split()[0] != first


def test_one_scope_links_texts_on_purpose() -> None:
    redactor = ready(replacement=SURROGATES, scope="release")
    assert redactor.redact(MAIL).text == redactor.redact(f"{MAIL} again").text.split()[0]
    assert redactor.redact(MAIL, "x").text != redactor.redact(MAIL).text
    named = ready(replacement=SURROGATES)
    scope = named.scope_of("a text")
    assert named.redact(MAIL, scope).text == named.redact(f"{MAIL} again", scope).text.split()[0]


def test_another_key_gives_other_surrogates() -> None:
    other = Replacement(SURROGATES.actions, b"j" * 32)
    assert ready(replacement=SURROGATES).redact(MAIL) != ready(replacement=other).redact(MAIL)


def test_surrogates_are_never_redacted_again() -> None:
    for level in ("permissive", "balanced", "strict"):
        redactor = ready(level, SURROGATES)
        once = redactor.redact(
            f'{{"mail": "{MAIL}", "ip": "{ADDRESS}", "six": "{ADDRESS_6}"}}'
        ).text
        assert redactor.redact(once).text == once
        assert ready(level).redact(once).text == once


def test_a_kept_type_stays_and_a_dropped_one_names_itself() -> None:
    keep = ready(replacement=Replacement((("EMAIL", "keep"),)))
    assert keep.redact(f"{MAIL} {ADDRESS}").text == f"{MAIL} REDACTED_IP"
    drop = ready(replacement=Replacement((("IP", "drop"), ("EMAIL", "drop"))))
    assert drop.redact(f"{ADDRESS} {MAIL}").refused == "EMAIL"
    assert drop.redact("neither").refused == ""


def test_what_is_on_the_allow_list_stays() -> None:
    redactor = ready(allow=("*@ACME-corp.com", ADDRESS))
    text = f"{MAIL}, jane@{'acme'}.org, {ADDRESS}, 93.184.216.35"
    assert redactor.redact(text).text == f"{MAIL}, REDACTED_EMAIL, {ADDRESS}, REDACTED_IP"


@pytest.mark.parametrize(
    "line",
    ["# Copyright (C) 2020 Jane <%s>", "# SPDX-FileCopyrightText: 2021 %s", " * @author Jane %s"],
)
def test_addresses_of_authors_stay_only_where_that_is_asked_for(line: str) -> None:
    text = f"{line % MAIL}\nwrite to {OTHER}\n"
    keep = ready(copyright_emails="keep")
    assert keep.redact(text).text == f"{line % MAIL}\nwrite to REDACTED_EMAIL\n"
    assert MAIL not in ready().redact(text).text
    assert not in_notice(text, Span(len(line % MAIL) + 3, len(line % MAIL) + 5, "EMAIL", "r"))


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('{"n": 12345678}', True),
        ('{"n": "12345678"}', False),
        ("[12345678, 2]", True),
        ("n = 12345678  # why", True),
        ("call 12345678 now", False),
        ("(12345678 is mine)", False),
        ("f(12345678)", True),
        ("n: 12345678", False),
    ],
)
def test_a_bare_number_is_told_from_one_in_a_text(text: str, bare: bool) -> None:
    start = text.index("12345678")
    assert is_bare_number(text, start, start + 8) == bare


def test_a_bare_number_becomes_zero_and_json_stays_json() -> None:
    card = "4539" + "578763" + "621486"
    for value in ({"n": int(card)}, {"n": [1, int(card), 2]}, {"n": card}):
        for text in (
            json.dumps(value),
            json.dumps(value, indent=2),
            json.dumps(value, separators=(",", ":")),
        ):
            done = ready().redact(text)
            assert card not in done.text
            assert [edit.type for edit in done.edits] == ["CARD"]
            json.loads(done.text)


def test_every_output_is_known() -> None:
    for kind in TYPES:
        assert outputs(f"a {placeholder(kind)} b") == [(2, 2 + len(placeholder(kind)))]
    assert outputs("REDACTED_NOTHING user-1@example.com 198.20.0.1") == []


def test_digests_are_keyed_and_bound_to_the_document() -> None:
    redactor = ready(replacement=SURROGATES)
    digest = redactor.digest("EMAIL", MAIL, "one")
    assert len(digest) == 32
    assert digest == redactor.digest("EMAIL", MAIL.upper(), "one")
    assert digest != redactor.digest("EMAIL", MAIL, "two")
    assert digest != redactor.digest("EMAIL", OTHER, "one")
    assert ready().digest("EMAIL", MAIL, "one") == ""
    linked = ready(replacement=SURROGATES, scope="release")
    assert linked.digest("EMAIL", MAIL, "one") == linked.digest("EMAIL", MAIL, "two")
