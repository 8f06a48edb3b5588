"""Numbers that name a person or an account are found by form, check digit and context; others stay."""

from __future__ import annotations

import json
import re

import phonenumbers
import pytest
from stdnum import luhn as oracle_luhn
from stdnum.be import iban as belgian_iban
from stdnum.kr import rrn as oracle_rrn
from stdnum.numdb import get as numdb

from filters.redact.personal.accounts import is_iban
from filters.redact.personal.cards import luhn
from filters.redact.personal.identities import rrn_check
from filters.redact.personal.phone_plans import is_phone
from filters.redact.personal.wallet_sums import is_bech32, is_eip55, keccak256, payload
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from tests.number_rules import balanced, every
from tests.redactors import ready


def found(text: str, *, strict: bool = False) -> list[str]:
    spans = merged(find(every() if strict else balanced(), text), text)
    return [text[span.start : span.end] for span in spans]


def card(prefix: str, size: int) -> str:
    body = (prefix + "2750183946027518396")[: size - 1]
    return next(body + str(d) for d in range(10) if luhn(body + str(d)))


def grouped(number: str, gap: str, *sizes: int) -> str:
    parts, rest = [], number
    for size in sizes or (4,) * 9:
        parts.append(rest[:size])
        rest = rest[size:]
    return gap.join(filter(None, parts))


def iban(country: str, account: str) -> str:
    return next(n for n in (f"{country}{check:02}{account}" for check in range(98)) if is_iban(n))


def rrn(front: str, back: str) -> str:
    return next(front + "-" + back + str(d) for d in range(10) if rrn_check(front + back + str(d)))


@pytest.mark.parametrize(
    ("prefix", "size"),
    [
        ("4", 16), ("4", 13), ("4", 19), ("53", 16), ("2221", 16), ("2720", 16), ("37", 15),
        ("6011", 16), ("65", 16), ("3530", 16), ("2131", 15), ("1800", 15), ("36", 14), ("305", 14),
        ("6759", 12), ("5018", 13), ("6304", 19), ("62", 17), ("62", 19), ("2204", 16), ("9792", 16),
        ("6071", 16), ("5067", 16), ("636368", 16), ("606282", 16), ("506099", 16), ("8171", 16),
    ],
)  # fmt: skip
def test_named_cards_of_every_scheme(prefix: str, size: int) -> None:
    number = card(prefix, size)
    assert oracle_luhn.is_valid(number)
    for template in ("card %s ok", "cc=%s;", '"pan": "%s"', "카드번호%s입니다", r"card\n%s"):
        assert found(template % number) == [number], template
    broken = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert found(f"card {broken} ok", strict=True) == []


@pytest.mark.parametrize("gap", [" ", "-", "\u00a0", ".", "\u2013", "%20"])
def test_grouped_cards_need_no_name(gap: str) -> None:
    shapes: tuple[tuple[str, int, tuple[int, ...]], ...] = (
        ("4", 16, ()), ("37", 15, (4, 6, 5)), ("36", 14, (4, 6, 4)), ("62", 19, ()),
    )  # fmt: skip
    for prefix, size, sizes in shapes:
        number = grouped(card(prefix, size), gap, *sizes)
        assert found(f"take ({number}), or") == [number]


@pytest.mark.parametrize(
    "template",
    ["%s", "'%s',", "Jane Roe;%s;05/27", "%s|12|2027|123", "VALUES (7, 'Jane', '%s')", "  - %s"],
)
def test_bare_cards_need_a_usual_prefix_and_no_neighbours(template: str) -> None:
    for number in (card("4", 16), card("51", 16), card("37", 15), card("6011", 16)):
        assert found(template % number) == [number]


def test_card_look_alikes_stay() -> None:
    number = card("4", 16)
    blanks = grouped(number, " ")
    for text in (
        f"0.{number}", f"a{number}", f"{number}.5", "4" + "1" * 15, f"{number}0123456",
        f"523F 5240 {blanks}", f"{blanks} 523F", f"order_id: {number}", f"#{number}",
        f"[{number}, 4539578763621487]", f"/orders/{number}/items", f'"card_id": "{number}"',
        f"x = {card('4', 13)}", f"tracking {number}", "card 4*** **** **** 1486",
        "card " + grouped("4242" * 4, " "), "pan: 378282246310005", "\u20ac" + f"-{number}",
    ):  # fmt: skip
        assert found(text) == [], text


def test_a_bare_number_in_json_stays_a_number() -> None:
    text = json.dumps({"card": int(card("4", 16)), "cards": [int(card("51", 16))] * 2})
    assert json.loads(ready("balanced").redact(text).text) == {"card": 0, "cards": [0, 0]}


def test_bank_accounts_in_every_spelling() -> None:
    for number in (
        iban("DE", "210501700012" + "345678"), iban("GB", "ABCD60161300" + "071234"),
        iban("NO", "860111" + "17947"), iban("MT", "ABCD01100001" + "2345MTLCAST001S"),
        iban("FR", "2004101005" + "0500013M026" + "07"), iban("BR", "00360305000010009795493" + "P1"),
    ):  # fmt: skip
        for gap in ("", " ", "-", "\u00a0"):
            spelled = grouped(number, gap)
            for template in (
                "IBAN %s",
                "%s.",
                "계좌%s입니다",
                r"\n%s\n",
                "%s BIC ABCDEFFX",
                "(%s)",
            ):
                assert found(template % spelled) == [spelled], template
        assert found(f'"iban": "{number.lower()}"') == [number.lower()]
        assert found(f"IBAN {number[:-1]}") == []
        assert found(f"IBAN {number}7") == []


def test_two_accounts_on_a_line_are_two() -> None:
    first, second = iban("DE", "210501700012345678"), iban("AT", "2011100012345678")
    assert found(f"{first} {second}") == [first, second]
    assert found(f"{grouped(first, ' ')} {grouped(second, ' ')}") == [
        grouped(first, " "), grouped(second, " ")
    ]  # fmt: skip


def test_the_structures_of_accounts_are_those_of_the_registry() -> None:
    table = numdb("iban")
    for country in ("DE", "GB", "FR", "MT", "KW", "LC", "MU", "SC", "BR", "NL", "AZ", "UA", "RU"):
        # the oracle spells `4!a20!c`; an account of its structure must have ours
        spelled = table.info(country)[0][1]["bban"]
        account = "".join(
            {"n": "1", "a": "A", "c": "7"}[kind] * int(size)
            for size, kind in re.findall(r"(\d+)!?([nac])", spelled)
        )
        assert iban(country, account)
    assert belgian_iban.is_valid(iban("BE", "435411161155"))


def test_specimen_accounts_stay() -> None:
    assert found("IBAN DE89 3704 0044 0532 0130 00") == []
    assert found("GB82WEST12345698765432") == []


def test_social_security_numbers() -> None:
    number = "536-22-" + "4587"
    for template in ("SSN: %s", "%s", "'%s'", "Smith,%s,1980", r"\n%s", "(%s)", "사회보장번호%s은"):
        for spelled in (number, number.replace("-", "\u2013"), number.replace("-", "\u2011")):
            assert found(template % spelled) == [spelled]
    for gap in ("", " ", "\u00a0"):
        spelled = number.replace("-", gap)
        assert found(f"ssn={spelled};") == [spelled]
        assert found(f"id={spelled};") == []
    assert found("ITIN: 912-71-" + "4587") == ["912-71-" + "4587"]


def test_numbers_that_nobody_was_given_stay() -> None:
    for text in (
        "000-22-4587", "666-22-4587", "912-22-4587", "ITIN 912-93-4587", "536-00-4587", "536-22-0000",
        "078-05-1120", "219-09-9999", "987-65-4325", "123-45-6789", "222-33-4444", "SSN ***-**-4587",
        "1-536-22-4587", "536-22-4587-1", "2023-536-22-4587", "part 536-22-4587", "62704-4587",
        "zip 536224587",
    ):  # fmt: skip
        assert found(text) == [], text


def test_resident_registration_numbers() -> None:
    valid = rrn("960216", "104231")
    assert oracle_rrn.is_valid(valid)
    for template in ("%s", "'%s'", "주민등록번호: %s", "홍길동(%s)", r"\t%s", "%s입니다"):
        assert found(template % valid) == [valid]
    foreign = rrn("960216", "504231")
    assert found(foreign) == [foreign]
    # numbers given out since October 2020 have no check digit
    random, earlier = "211105-" + "3123459", "191105-" + "3123459"
    assert found(random) == [random]
    assert not rrn_check(random.replace("-", ""))
    assert not rrn_check(earlier.replace("-", ""))
    assert found(f"see {earlier} there") == []
    assert found(f"고객 {earlier} 님") == [earlier]
    assert found(f"고객 {random} 님") == [random]
    assert found(f"rrn: {random.replace('-', '')}") == [random.replace("-", "")]
    for text in (
        "961316-1042310", "960230-1042310", "960216-9042310", "900101-1******", "960216-1234567",
        f"법인등록번호 {valid}", f"{valid}-1", f"x{valid}", valid.replace("-", ""), "991231-3042310",
    ):  # fmt: skip
        assert found(text) == [], text


@pytest.mark.parametrize(
    "region", ["CA", "GB", "KR", "DE", "FR", "IN", "JP", "BR", "IT", "AU", "ES"]
)
def test_phone_numbers_of_the_library_itself(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    international = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    for template in ("call %s now", "%s.", "tel:%s", "(%s)", r"\n%s", "연락처는 %s입니다", "p=%s&"):
        assert found(template % international) == [international]
        dotted = international.replace(" ", ".")
        assert found(template % dotted) == [dotted]
    for template in ("Phone: %s", '"mobile_phone": "%s"', "<tel>%s</tel>", "TEL;TYPE=WORK:%s"):
        assert found(template % national) == [national]
        assert found(f"id = {number.national_number}") == []


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("전화: ", "02-312-3456"), ("휴대폰 ", "01023456789"), ("HP ", "010 2345 6789"),
        ("電話番号：", "03-3224-9999"), ("手机号：", "13912345670"), ("Tél. ", "01 42 68 53 00"),
        ("Telefon ", "030/901820"), ("Teléfono: ", "912 34 56 71"), ("celular: ", "(11) 96123-4567"),
        ("Тел.: ", "8 (495) 739-70-00"), ("cellulare ", "347 1234567"), ("Telefoon: ", "020 555 4321"),
        ("โทร ", "081 234 5670"), ("SĐT ", "0912 345 670"), ("phone: ", "821023456789"),
        ("wa.me/", "16502530000"), ("call us at ", "6502530000"), ("T: ", "(650) 253-0000"),
        ("Phone: ", "001 650 253 0000 ext. 12"), ("phone_number = '", "650.253.0000"),
    ],
)  # fmt: skip
def test_words_for_a_telephone_in_many_languages(word: str, number: str) -> None:
    assert found(word + number + "'") == [number]
    digits = "".join(filter(str.isdigit, number))
    assert found(f"x {digits} y") == []


def test_groupings_that_need_no_word() -> None:
    for number in (
        "(650) 253-0000", "650-253-0000", "650.253.0000", "1-650-253-0000", "010-2345-6789",
        "02-312-3456", "090-1234-5678", "06 12 34 56 78", "07400 123456", "0151-23456789",
        "(11) 96123-4567", "8 (495) 739-70-00", "0412 345 678", "139-1234-5678",
    ):  # fmt: skip
        for template in ("%s", "Jane Roe, %s, x", "'%s'", r"\n%s"):
            assert found(template % number) == [number]


def test_numbers_that_are_no_phone_numbers_stay() -> None:
    for text in (
        "+1 202 555 0143", "diff +12345678901", "+1234567890", "phone: 0000000000", "tel 2023-05-06",
        "(555) 123-4567", "call 123-456-7890", "x = 1196269 + 496859641", "+98.418378, 1", "1.5e+10234567",
        "12:00+0100", "phone model 6502530000", "phone_id=6502530000", "2019-2020", "01 02 03 04 05 06",
        "650-253-0000-12", "v650.253.0000", "/650-253-0000", "65025-3000", "uuid 1650-2530-0000",
        "number 4417 9832 7528 9586", "see arxiv.org/mobile/2311.17049", "iPhone 14 2023 1080",
        "text/shared/01/05240200.html", ".text 294880 8192", "text=2867200, lib=0",
    ):  # fmt: skip
        assert found(text) == [], text


def test_arithmetic_is_no_phone_number() -> None:
    for text in (
        "- 617950920.0*ctp[13] + 2025529095.0*ctp[11]", "x + 16502530000", "x = a +4930123456*b",
        "+16502530000 ** 2", "+16502530000e3", '{"phone": -4930901820}', "v 1.65 2004/03/11 phone",
    ):  # fmt: skip
        assert found(text) == [], text


def test_one_word_vouches_for_the_numbers_behind_it() -> None:
    numbers = ["650 253 0000", "650 253 0001"]
    for join in (", ", " / ", " or ", " und "):
        assert found(f"Phone: {join.join(numbers)}") == numbers


@pytest.mark.parametrize(
    ("header", "value"),
    [("phone", "030 907696"), ("Telefon", "030.901820"), ("ssn", "536224587"), ("rrn", "9602161042318")],
)  # fmt: skip
def test_the_header_of_a_column_is_a_name(header: str, value: str) -> None:
    for table in (
        "id,name,{}\n17,Roe,{}\n", "id;name;{}\n17;Roe;{}\n", "id\tname\t{}\n17\tRoe\t{}\n",
        "| id | name | {} |\n|----|------|----|\n| 17 | Roe | {} |\n",
        "COPY t (id, name, {}) FROM stdin;\n17\tRoe\t{}\n", "INSERT INTO t (id, name, {}) VALUES (17, 'Roe', '{}');",
    ):  # fmt: skip
        assert found(table.format(header, value)) == [value], table
        assert found(table.format("size", value)) == [], table


def test_a_number_without_a_word_goes_at_strict() -> None:
    assert found("see 650 253 0000 there") == []
    assert found("see 650 253 0000 there", strict=True) == ["650 253 0000"]
    assert not is_phone("1234567", ("US",))


# Test vectors of the specifications, spelled as their parts
GENESIS = "1A1zP1eP5QGefi2DMPTf" + "TL5SLmv7DivfNa"
SEGWIT = "bc1qw508d6qejxtdg4y5" + "r3zarvary0c5xw7kv8f3t4"
CHECKED = "5aAeb6053F3E94C9b9A0" + "9f33669435E7Ef1BeAed"
RIPPLE = "rHb9CJAWyB4rj91V" + "RWn96DkukG4bwdtyTh"
# 16 bytes of SHA-256, with the version byte and check sum of a seed
RIPPLE_SEED = "ssEt6iG9ui9DiA" + "demfzdQwvkBgo8h"
CASH = "bitcoincash:qpm2qsznhks2" + "3z7629mms6s4cwef74vcwvy22gdx6a"
MONERO = (
    "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3"
    "XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
)
SOLANA = "7EcDhSYGxXyscszYEp35" + "KHN8vvw3svAuLKTzXwCFLtV"
EXTENDED = (
    "pub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ"
    "29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
)


@pytest.mark.parametrize(
    "value", [GENESIS, SEGWIT, RIPPLE, RIPPLE_SEED, CASH, MONERO, "x" + EXTENDED]
)
def test_wallets_by_their_check_sums(value: str) -> None:
    for template in ("send to %s.", "'%s'", r"\n%s", "지갑%s입니다"):
        assert found(template % value) == [value]
    wrong = value[:-1] + ("a" if value[-1] != "a" else "c")
    assert found(f"send to {wrong}") == []
    assert found(f"x{value}") == []


def test_ether_addresses_by_case_or_context() -> None:
    assert found(f"a 0x{CHECKED} b") == [f"0x{CHECKED}"]
    assert found(f"a 0x{CHECKED.lower()} b") == []
    assert found(f"wallet: 0x{CHECKED.lower()}") == [f"0x{CHECKED.lower()}"]
    assert found(f"wallet: 0x{'0' * 40}") == []
    assert is_eip55(CHECKED)
    assert not is_eip55(CHECKED.swapcase())


def test_solana_addresses_only_in_context() -> None:
    assert found(f"Solana wallet: {SOLANA}") == [SOLANA]
    assert found(f"hash: {SOLANA}") == []


def test_check_sums_by_their_specifications() -> None:
    # the first two from the Keccak team's files; one and two blocks, and a full last byte
    assert keccak256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0")
    assert keccak256(b"abc").hex().startswith("4e03657aea45a94fc7d47ba826c8d667")
    assert len({keccak256(b"a" * size) for size in (134, 135, 136, 137, 272)}) == 5
    assert is_bech32(SEGWIT.upper())
    assert not is_bech32(SEGWIT.replace("q", "p"))
    assert payload(GENESIS)[:1] == b"\0"
    assert payload(GENESIS[::-1]) == b""
