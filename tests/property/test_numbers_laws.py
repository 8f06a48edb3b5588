"""Laws of numbers: what a scheme can issue is found, one wrong digit is not, the prefilter is exact."""

from __future__ import annotations

import hypothesis.strategies as st
import phonenumbers
import pytest
from hypothesis import given, settings
from phonenumbers import PhoneNumberFormat
from stdnum import iban as oracle_iban
from stdnum import luhn as oracle_luhn
from stdnum.kr import rrn as oracle_rrn
from stdnum.us import ssn as oracle_ssn

from filters.redact.personal.accounts import is_iban
from filters.redact.personal.cards import luhn
from filters.redact.personal.identities import is_ssn, rrn_check
from filters.redact.personal.phone_regions import judged
from filters.redact.personal.wallet_sums import is_bech32, payload
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from tests.number_rules import balanced, every, plain

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
PARTS = (
    "phone", "Tel.: ", "전화 ", "card ", "iban ", "ssn ", "주민번호 ", "wallet ", "call ", "+", "+1 ", "%2B",
    "(650) ", "253-", "0000", "010-", "2345-6789", "06 12 ", "34 56 78", "4539 5787 ", "6362 1486",
    "453957876362", "1486", "SE45 5000 ", "0000 0583 9825 7466", "se4550000000", "058398257466", "536-22-",
    "4587", "960216-", "1042310", "1A1zP1eP5QGefi2DMPTf", "TL5SLmv7DivfNa", "0x" + "5aAeb605" * 5, "bc1q",
    "w508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", " ", "-", ".", ",", "\n", "\\n", '"', "(", ")", "/", "x12", "é",
    "카", "\u00a0", "\u2011", "1", "22", "333", "4444", "id=", "REDACTED_CARD", "\u212a", "\u017f",
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PARTS), max_size=16).map("".join),
    st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=3)), max_size=12).map("".join),
)
DIGITS = st.text("0123456789", min_size=9, max_size=19)
LAW = settings(deadline=None, max_examples=200)


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in merged(find(balanced(), text), text)]


@LAW
@given(TEXTS)
def test_the_prefilter_changes_nothing_for_numbers(text: str) -> None:
    assert find(every(), text) == find(plain(), text)


@LAW
@given(TEXTS)
def test_spans_never_begin_or_end_in_a_gap(text: str) -> None:
    for span in find(every(), text):
        value = text[span.start : span.end]
        assert value == value.strip(" \u00a0\n-.,/"), value
        assert "\n" not in value


@LAW
@given(DIGITS)
def test_the_check_digit_of_cards_is_the_oracles(digits: str) -> None:
    assert luhn(digits) == oracle_luhn.is_valid(digits)


@LAW
@given(
    DIGITS.filter(lambda digits: len(digits) >= 12),
    st.sampled_from(("4", "51", "37", "6011", "62")),
)
def test_one_wrong_digit_makes_no_card(digits: str, prefix: str) -> None:
    body = (prefix + digits + digits)[: 14 if prefix == "37" else 15]
    number = next(body + str(d) for d in range(10) if luhn(body + str(d)))
    broken = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert broken not in found(f"card {broken} ok")


@LAW
@given(
    st.sampled_from(("DE", "NL", "GB", "FR", "NO", "MT")),
    st.text("0123456789", min_size=40, max_size=40),
)
def test_accounts_agree_with_the_oracle(country: str, digits: str) -> None:
    shapes = {
        "DE": "{:.18}",
        "NL": "ABNA{:.10}",
        "GB": "WXYZ{:.14}",
        "FR": "{:.23}",
        "NO": "{:.11}",
        "MT": "ABCD{:.23}",
    }
    account = shapes[country].format(digits)
    valid = [f"{country}{check:02}{account}" for check in range(2, 99)]
    number = next(each for each in valid if is_iban(each))
    assert oracle_iban.is_valid(number, check_country=False)
    assert found(f"to {number}.") == [number]
    assert not any(is_iban(each) for each in valid if each != number)


@LAW
@given(st.integers(0, 999), st.integers(0, 99), st.integers(0, 9999))
def test_social_security_numbers_agree_with_the_oracle(area: int, group: int, serial: int) -> None:
    number = f"{area:03}{group:02}{serial:04}"
    published = number in ("078051120", "457555462", "219099999")
    assert is_ssn(number) == (oracle_ssn.is_valid(number) or published)


@LAW
@given(st.dates(), st.integers(1, 4), st.integers(0, 95), st.integers(0, 999))
def test_resident_numbers_agree_with_the_oracle(
    day: object, century: int, place: int, serial: int
) -> None:
    front, back = f"{day:%y%m%d}", f"{century}{place:02}{serial:03}"
    body = front + back
    check = next(str(d) for d in range(10) if rrn_check(body + str(d)))
    assert oracle_rrn.calc_check_digit(body + check) == check


@LAW
@given(st.binary(min_size=20, max_size=20), st.integers(0, 33))
def test_a_changed_letter_breaks_a_check_sum(body: bytes, at: int) -> None:
    address = "1A1zP1eP5QGefi2DMPTf" + "TL5SLmv7DivfNa"
    other = address[:at] + ("2" if address[at] != "2" else "3") + address[at + 1 :]
    assert payload(other) == b""
    spelled = (
        "bc1q" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[byte % 32] for byte in body * 2)[:38]
    )
    alone = [spelled[:-1] + char for char in "qpzry9x8gf2tvdw0s3jn54khce6mua7l"]
    assert sum(map(is_bech32, alone)) <= 2


def test_every_region_is_found_by_its_country_code() -> None:
    for region in REGIONS:
        number = phonenumbers.example_number(region)
        assert number is not None
        for style in (
            PhoneNumberFormat.E164,
            PhoneNumberFormat.INTERNATIONAL,
            PhoneNumberFormat.RFC3966,
        ):
            spelled = phonenumbers.format_number(number, style).removeprefix("tel:")
            # numbers reserved for fiction, or of one digit over and over, are nobody's
            fiction = "55501" in spelled.replace("-", "").replace(" ", "") or "55555" in spelled
            assert found(f"Reach us on {spelled}, any day.") == ([] if fiction else [spelled]), (
                region
            )


def test_most_national_spellings_are_found_behind_a_word() -> None:
    hits = 0
    for region in REGIONS:
        number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        number = number or phonenumbers.example_number(region)
        assert number is not None
        spelled = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        hits += found(f"Phone: {spelled}") == [spelled]
    assert hits / len(REGIONS) > 0.75


@pytest.mark.parametrize(
    "unit",
    ["1 ", "12 34 ", "+1 (", "phone ", "tel 1", "4539 ", "4539578763621486", "SE45 5000 ", "se45", "536-22-", "960216-",
     "0x5aAe", "1A1zP1eP", "(650) ", "650-253-", "010-", "ssn 5", "주민 9", "0" * 50, "call 1.", "bc1qqqqq", "\u00a01"],
)  # fmt: skip
def test_a_long_hostile_line_of_numbers_stays_bounded(unit: str) -> None:
    # the time limit is the assertion
    text = unit * (200_000 // len(unit))
    assert all(0 <= span.start < span.end <= len(text) for span in find(every(), text))


def asked(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


@LAW
@given(st.sampled_from(REGIONS), st.text("0123456789", max_size=7), st.integers(0, 12), st.data())
def test_a_plan_judges_as_phonenumbers_does(
    region: str, digits: str, keep: int, data: st.DataObject
) -> None:
    """Numbers that begin as the region's examples do, written at home and abroad."""
    form = data.draw(st.sampled_from((PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL)))
    number = phonenumbers.format_number(phonenumbers.example_number(region), form)
    spelled = number[: max(keep, 4)] + digits
    home = None if spelled.startswith("+") else region
    known = judged(spelled, home)
    assert known is None or known == asked(spelled, home)
    whole = judged(number, None if number.startswith("+") else region)
    assert whole is not False
