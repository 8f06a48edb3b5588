"""Personal data is found by format and check digit; what merely looks like it stays."""

from __future__ import annotations

import json

import phonenumbers
import pytest

from filters.pii_numbers import is_iban, luhn
from filters.redact import Redactor


def found(text: str, level: str = "balanced") -> list[str]:
    return [text[s.start : s.end] for s in Redactor(level).spans(text)]  # type: ignore[arg-type]  # parametrised


def mailbox(local: str = "jane.roe", host: str = "acme-corp.com") -> str:
    return local + "@" + host


def card(prefix: str, size: int) -> str:
    body = (prefix + "2750183946027518")[: size - 1]
    return next(body + str(d) for d in range(10) if luhn(body + str(d)))


def iban(country: str, account: str) -> str:
    return next(n for n in (f"{country}{check:02}{account}" for check in range(98)) if is_iban(n))


def quad(*parts: int) -> str:
    return ".".join(map(str, parts))


@pytest.mark.parametrize(
    "template",
    [
        "%s",
        "<%s>",
        "mailto:%s",
        "Contact %s.",
        "'%s'",
        '"%s",',
        "a,%s;b",
        "연락: %s입니다",
        "https://x.org/?m=%s&b=1",
    ],
)
def test_an_e_mail_address_is_found_exactly(template: str) -> None:
    for address in (mailbox(), mailbox("a+b_c", "mail.co.uk"), mailbox("x1", "sub.uni-bonn.de")):
        assert found(template % address, "permissive") == [address]


def test_escapes_before_an_address_stay_so_that_json_parses() -> None:
    for raw in ("line\nA", "tab\tA", "é\rA", "\x00A", "back\\slash\\A"):
        text = json.dumps({"x": raw[:-1] + mailbox()})
        redacted = Redactor("balanced").redact(text).text
        assert json.loads(redacted) == {"x": raw[:-1] + "REDACTED_EMAIL"}


@pytest.mark.parametrize(
    "text",
    [
        mailbox("jane", "example.com"), mailbox("jane", "mail.example.org"), mailbox("a", "b.test"),
        mailbox("git", "github.com") + ":owner/repo.git", "x@y.weight", "self.a@self.weight.data",
        "icon@2x.png", "pkg@1.2.3", "@decorator.name", "ssh://deploy@host.com/x",
        "https://user@host.com/", "user@localhost", "a@b", "x = m@v.dot(w)",
    ],
)  # fmt: skip
def test_what_is_no_mailbox_stays(text: str) -> None:
    assert found(text) == []


def test_public_addresses_are_found() -> None:
    four, six = quad(93, 184, 216, 34), "2a02:26f0:6c00::210:ba1"
    for template in (
        "host %s up",
        "http://%s:8080/x",
        "%s",
        "(%s)",
        "from %s.",
        "%s/24",
        r'"a\n%s"',
    ):
        assert found(template % four) == [four]
    for template in ("host %s up", "[%s]:443", "%s", "%s/64"):
        assert found(template % six) == [six]
    assert found(f"server {quad(5, 9, 12, 3)}") == [quad(5, 9, 12, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "version 93.184.216.34", "pkg==41.184.216.34", "v93.184.216.34", "1.2.3.4",
        "update V8 to 93.184.216.34", "93.184.0.0/16", "1.3.6.1.4.1.311",
        "2.5.29.15", "10.0.0.1", "192.168.1.1", "127.0.0.1", "8.8.8.8", "192.0.2.7", "2001:db8::1",
        "fe80::1", "::1", "93.184.216.340", "M93.18.4.5.6 1.5", "12:34:56", "2023:05:06", "a[1::2]",
        'd="M12 93.18.21.34 5"', "Chrome/93.184.216.34",
    ],
)  # fmt: skip
def test_versions_private_and_documentation_addresses_stay(text: str) -> None:
    assert found(text) == []


def test_private_addresses_go_at_strict() -> None:
    assert found("host 10.1.2.3 and fe80::1:2", "strict") == ["10.1.2.3", "fe80::1:2"]


@pytest.mark.parametrize("region", ["CA", "GB", "KR", "DE", "FR", "IN", "JP", "BR"])
def test_phone_numbers_of_the_library_itself(region: str) -> None:
    number = phonenumbers.example_number(region)
    international = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    assert found(f"call {international} now") == [international]
    assert found(f"Phone: {national}") == [national]
    assert found(f"x = {national}") == []


def test_numbers_that_are_no_phone_numbers_stay() -> None:
    for text in (
        "+1 202 555 0143",
        "diff +12345678901",
        "+1234567890",
        "phone: 0000000000",
        "tel 2023-05-06",
    ):
        assert found(text) == [], text


@pytest.mark.parametrize(
    ("prefix", "size"),
    [
        ("4", 16),
        ("4", 13),
        ("53", 16),
        ("2221", 16),
        ("37", 15),
        ("6011", 16),
        ("3530", 16),
        ("36", 14),
    ],
)
def test_cards_by_prefix_length_and_check_digit(prefix: str, size: int) -> None:
    number = card(prefix, size)
    assert found(f"card {number} ok", "permissive") == [number]
    broken = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert found(f"card {broken} ok", "strict") == []
    if size == 16:
        grouped = " ".join(number[i : i + 4] for i in range(0, 16, 4))
        assert found(f"card: {grouped}.", "permissive") == [grouped]


def test_card_look_alikes_stay() -> None:
    number = card("4", 16)
    grouped = " ".join(number[i : i + 4] for i in range(0, 16, 4))
    for text in (
        f"0.{number}",
        f"a{number}",
        f"{number}.5",
        f"id/{number}",
        "4" + "1" * 15,
        f"{number}0123",
        f"523F 5240 {grouped}",
        f"{grouped} 523F",
    ):
        assert found(text) == [], text


def test_a_bare_number_in_json_stays_a_number() -> None:
    text = json.dumps({"card": int(card("4", 16)), "phone": 2025550173 + 10**6})
    assert json.loads(Redactor("balanced").redact(text).text)


def test_bank_accounts_by_country_length_and_check_digits() -> None:
    number = iban("DE", "370400440532013" + "000")
    spaced = " ".join(number[i : i + 4] for i in range(0, len(number), 4))
    assert found(f"IBAN {number}", "permissive") == [number]
    assert found(f"IBAN: {spaced}.", "permissive") == [spaced]
    assert found(f"IBAN {number[:-1]}") == []
    assert found(f"IBAN {number[:4]}{int(number[4:]) + 1:018}") == []


def test_an_address_in_another_alphabet_goes_whole() -> None:
    from filters.redact import Redactor

    for local, domain in (
        ("jörg.müller", "posteo.de"),
        ("anna", "büro-köln.de"),
        ("лена", "posteo.de"),
    ):
        text = f"see {local}" + "@" + f"{domain} today"
        assert Redactor().redact(text).text == "see REDACTED_EMAIL today"
