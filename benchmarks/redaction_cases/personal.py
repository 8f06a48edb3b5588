"""Personal data of every type, valid by its own checks, built by a seed: nothing is anybody's on purpose."""

# ruff: noqa: SIM905  # a list of words reads as a line

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING, Final, Literal

import phonenumbers
from phonenumbers import PhoneNumberFormat

from redaction_cases.case import Value
from redaction_cases.template import ALPHABETS, NAMES, SURNAMES, WORDS, domain, draw

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

# Country, and the form of its national part: d digit, u letter, c either (IBAN registry, ISO 13616)
_IBANS: Final = (
    "DE d18;FR d10c11d2;GB u4d14;ES d20;IT u1d10c12;NL u4d10;BE d12;CH d5c12;AT d16;PL d24;PT d21;SE d20;"
    "NO d11;DK d14;FI d14;IE u4d14;LU d3c13;CZ d20;GR d7c16;TR d6c16;SA d2c18;AE d19;BR d23u1c1;UA d6c19;"
    "LT d16;LV u4c13;EE d16;HU d24;RO u4c16;HR d17;SI d15;SK d20;BG u4d6c8;MT u4d5c18;CY d8c16;IL d19;"
    "IS d22;LI d5c12;GE u2d16;KZ d3c13;QA u4c21;MC d10c11d2;AL d8c16;RS d18;BA d16;JO u4d4c18"
).split(";")
# Brand, leading digits, length (ISO/IEC 7812; the brands' own pages)
_CARDS: Final = (
    ("visa", ("4",), 16),
    ("visa", ("4",), 16),
    ("mastercard", ("51", "52", "53", "54", "55", "2221", "2600", "2720"), 16),
    ("amex", ("34", "37"), 15),
    ("discover", ("6011", "644", "65"), 16),
    ("diners", ("36", "38", "301", "305"), 14),
    ("jcb", ("3528", "3530", "3589"), 16),
    ("unionpay", ("6221", "6212", "625"), 16),
    ("unionpay 19", ("6222", "6217"), 19),
    ("maestro 12", ("5018", "6304"), 12),
    ("maestro 16", ("5020", "5038", "6759", "6763"), 16),
    ("mir", ("2200", "2204"), 16),
)
_REGIONS: Final = (
    "US GB DE FR ES IT KR JP CN RU BR IN CA AU NL SE CH PL PT MX TR AT BE DK NO FI IE NZ SG ZA AR CZ"
).split()
_FREE: Final = ("gmail.com", "naver.com", "qq.com", "web.de", "mail.ru", "yahoo.co.jp")
_LONG: Final = ("photography", "technology", "museum", "cloud")


def luhn(body: str) -> str:
    """Return the check digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        number = int(digit) * (2 - place % 2)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def card(rng: Random) -> Value:
    """Build a payment card number with a valid check digit, plain or in groups."""
    brand, leads, size = rng.choice(_CARDS)
    lead = rng.choice(leads)
    body = lead + draw(rng, "dig", size - len(lead) - 1)
    number = body + luhn(body)
    gap = rng.choice(("", "", " ", "-"))
    steps = (4, 6, 5) if size == 15 else (4, 6, 4) if size == 14 else (4,) * 5
    return Value(_grouped(number, steps, gap), "CARD", f"{brand}{_spelt(gap)}")


def _spelt(gap: str) -> str:
    return {"": "", " ": " with blanks", "-": " with dashes"}[gap]


def _grouped(number: str, steps: tuple[int, ...], gap: str) -> str:
    parts, at = [], 0
    for step in steps:
        parts.append(number[at : at + step])
        at += step
    return gap.join(part for part in parts if part)


def iban(rng: Random) -> Value:
    """Build an IBAN with valid check digits (ISO 7064, MOD 97-10)."""
    country, form = rng.choice(_IBANS).split()
    pools = {"d": "dig", "u": "upper", "c": "up"}
    body, at = "", 0
    while at < len(form):
        end = at + 1
        while end < len(form) and form[end].isdigit():
            end += 1
        body += draw(rng, pools[form[at]], int(form[at + 1 : end]))
        at = end
    number = int("".join(str(int(char, 36)) for char in f"{body}{country}00"))
    text = f"{country}{98 - number % 97:02}{body}"
    gap = rng.choice(("", " "))
    return Value(_grouped(text, (4,) * 9, gap), "IBAN", f"{country}{_spelt(gap)}")


def ssn(rng: Random) -> Value:
    """Build a US social security number outside the ranges that are never issued (SSA)."""
    area = rng.choice([number for number in (*range(1, 666), *range(667, 900)) if number != 219])
    gap = rng.choice(("-", "-", "-", " "))
    text = f"{area:03}{gap}{rng.randint(1, 99):02}{gap}{rng.randint(1, 9999):04}"
    return Value(text, "SSN", f"SSN{_spelt(gap)}")


def rrn(rng: Random) -> Value:
    """Build a Korean resident registration number; those born before 2020 bear a check digit."""
    year, recent = (
        (rng.randint(21, 24), True) if rng.random() < 0.2 else (rng.randint(50, 99), False)
    )
    sex = rng.choice("34" if recent else "1256")
    body = f"{year:02}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{sex}{draw(rng, 'dig', 5)}"
    if recent:
        last = draw(rng, "dig", 1)
    else:
        total = sum(
            int(digit) * weight
            for digit, weight in zip(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True)
        )
        foreign = 2 if sex in "56" else 0
        last = str(((11 - total % 11) % 10 + foreign) % 10)
    dash = rng.choice(("-", "-", "-", ""))
    return Value(f"{body[:6]}{dash}{body[6:]}{last}", "RRN", f"RRN{_spelt(dash)}")


def email(rng: Random) -> Value:
    """Build an address in one of the forms that people have."""
    first, last, at = rng.choice(NAMES), rng.choice(SURNAMES), domain(rng)
    kind, text = rng.choice(
        (
            ("first.last", f"{first}.{last}@{at}"),
            ("first.last", f"{first[0]}{last}@{at}"),
            ("digits", f"{first}{rng.randint(1, 99)}@{at}"),
            ("digits", f"{rng.randint(10**7, 10**8)}@{at}"),
            ("plus", f"{first}+{rng.choice(WORDS)}@{at}"),
            ("underscore or dash", f"{first}_{last}@{at}"),
            ("underscore or dash", f"{first}-{last}@{at}"),
            ("subdomain", f"{last}@mail.{rng.choice(WORDS)}.{at}"),
            ("capitals", f"{first.title()}.{last.title()}@{at.title()}"),
            (
                "free mail",
                f"{first}.{last}{rng.randint(1, 999)}@{rng.choice(_FREE)}",
            ),
            ("short", f"{first[0]}@{at}"),
            ("IDN", f"{first}@b\N{LATIN SMALL LETTER U WITH DIAERESIS}ro-{at}"),
            ("IDN local part", f"j\N{LATIN SMALL LETTER O WITH DIAERESIS}rg.{last}@{at}"),
            (
                "long top level",
                f"{first}.{last}@{rng.choice(WORDS)}.{rng.choice(_LONG)}",
            ),
            ("role", f"{rng.choice(('sales', 'hr', 'billing', 'ceo'))}@{at}"),
        )
    )
    return Value(text, "EMAIL", kind)


def ipv4(rng: Random) -> Value:
    """Build a public IPv4 address that is no popular one."""
    while True:
        address = ipaddress.IPv4Address(rng.randint(0x0B00_0000, 0xDF00_0000))
        octets = [int(part) for part in str(address).split(".")]
        if (
            address.is_global
            and max(octets) > 40
            and len(set(octets)) > 2
            and octets[3] not in {0, 255}
        ):
            return Value(str(address), "IP", "IPv4")


def ipv6(rng: Random) -> Value:
    """Build a public IPv6 address, full or shortened."""
    lead = rng.choice(
        ("2a00", "2a01", "2a02", "2a03", "2400", "2600", "2604", "2607", "2800", "240e")
    )
    groups = [draw(rng, "hex", 4) for _ in range(7)]
    kind = rng.choice(("full", "shortened", "shortened", "upper case"))
    if kind == "shortened":
        keep = rng.randint(1, 3)
        text = ":".join((lead, *groups[:keep])) + "::" + f"{rng.randint(1, 0xFFFF):x}"
    else:
        text = ":".join((lead, *groups))
    text = str(ipaddress.IPv6Address(text)) if kind == "full" else text
    return Value(text.upper() if kind == "upper case" else text, "IP", f"IPv6 {kind}")


def phone(
    rng: Random, region: str, form: Literal["international", "E.164", "URI", "national"]
) -> Value:
    """Build a number that is valid in its region's plan, by varying the region's own example."""
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    example = phonenumbers.example_number_for_type(region, rng.choice(kinds))
    if example is None:
        raise LookupError(f"no example of a number in {region}")
    formats = {
        "international": PhoneNumberFormat.INTERNATIONAL,
        "E.164": PhoneNumberFormat.E164,
        "URI": PhoneNumberFormat.RFC3966,
        "national": PhoneNumberFormat.NATIONAL,
    }
    number = example
    for _ in range(300):  # the example itself where its last six digits hardly vary
        varied = phonenumbers.PhoneNumber()
        varied.merge_from(example)
        digits = str(example.national_number)[:-6] + draw(rng, "dig", 6)
        varied.national_number = int(digits)
        if "555" not in digits and phonenumbers.is_valid_number(varied):
            number = varied
            break
    text = phonenumbers.format_number(number, formats[form]).removeprefix("tel:")
    return Value(text, "PHONE", f"{region} {form}")


def regions() -> tuple[str, ...]:
    """Name the regions whose numbers are built."""
    return tuple(_REGIONS)


def mac(rng: Random) -> Value:
    """Build a universally administered unicast MAC address."""
    first = rng.choice(("00", "3c", "a4", "b8", "f0", "dc"))
    raw = first + draw(rng, "hex", 10)
    gap = rng.choice(":-:.")
    step = 4 if gap == "." else 2
    text = gap.join(raw[at : at + step] for at in range(0, 12, step))
    return Value(text.upper() if rng.random() < 0.4 else text, "MAC", f"MAC with {gap}")


def base58check(payload: bytes) -> str:
    """Encode with the checksum of Bitcoin's Base58Check."""
    raw = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text, alphabet = int.from_bytes(raw), "", ALPHABETS["b58"]
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FF_FFFF) << 5 ^ value
        for place, factor in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            check ^= factor if top >> place & 1 else 0
    return check


def bech32(rng: Random, lead: str, size: int, constant: int) -> str:
    """Build a segregated-witness address (BIP 173, BIP 350 with its constant)."""
    data = [0 if constant == 1 else 1, *(rng.randrange(32) for _ in range(size))]
    data[-1] &= 0x10  # what pads the last group is zero
    spread = [ord(char) >> 5 for char in lead] + [0] + [ord(char) & 31 for char in lead]
    check = _polymod([*spread, *data, 0, 0, 0, 0, 0, 0]) ^ constant
    tail = [check >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{lead}1" + "".join(ALPHABETS["bech"][number] for number in (*data, *tail))


# The same digits in the order of the XRP Ledger
_RIPPLE: Final = str.maketrans(
    ALPHABETS["b58"], "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
)

WALLETS: Final[dict[str, Callable[[Random], str]]] = {
    "BTC P2PKH": lambda rng: base58check(b"\0" + rng.randbytes(20)),
    "BTC P2SH": lambda rng: base58check(b"\5" + rng.randbytes(20)),
    "BTC bech32": lambda rng: bech32(rng, "bc", 32, 1),
    "BTC taproot": lambda rng: bech32(rng, "bc", 52, 0x2BC830A3),
    "ETH": lambda rng: "0x" + rng.randbytes(20).hex(),
    "LTC": lambda rng: base58check(b"\x30" + rng.randbytes(20)),
    "DOGE": lambda rng: base58check(b"\x1e" + rng.randbytes(20)),
    "TRX": lambda rng: base58check(b"\x41" + rng.randbytes(20)),
    "LTC bech32": lambda rng: bech32(rng, "ltc", 32, 1),
    "XRP": lambda rng: base58check(b"\0" + rng.randbytes(20)).translate(_RIPPLE),
}


def wallet(rng: Random, kind: str) -> Value:
    """Build the address of a wallet."""
    return Value(WALLETS[kind](rng), "WALLET", kind)
