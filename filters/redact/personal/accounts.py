"""Detect bank account numbers (IBAN) by country, structure and check digits."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import starmap
from typing import Final

from filters.redact.rule import Range, Rule

# What follows the check digits in each country: n digits, a capital letters, c either (SWIFT IBAN
# registry; the last two rows: countries that use the format without being in the registry).
_STRUCTURES_TEXT: Final = """
    AD 8n12c AE 19n AL 8n16c AT 16n AZ 4a20c BA 16n BE 12n BG 4a6n8c BH 4a14c BI 23n BR 23n1a1c
    BY 4c4n16c CH 5n12c CR 18n CY 8n16c CZ 20n DE 18n DJ 23n DK 14n DO 4c20n EE 16n EG 25n ES 20n
    FI 14n FK 2a12n FO 14n FR 10n11c2n GB 4a14n GE 2a16n GI 4a15c GL 14n GR 7n16c GT 4c20c HN 4a20n
    HR 17n HU 24n IE 4a14n IL 19n IQ 4a15n IS 22n IT 1a10n12c JO 4a4n18c KW 4a22c KZ 3n13c LB 4n20c
    LC 4a24c LI 5n12c LT 16n LU 3n13c LV 4a13c LY 21n MC 10n11c2n MD 2c18c ME 18n MK 3n10c2n MN 16n
    MR 23n MT 4a5n18c MU 4a19n3a NI 4a20n NL 4a10n NO 11n OM 3n16c PK 4a16c PL 24n PS 4a21c PT 21n
    QA 4a21c RO 4a16c RS 18n RU 14n15c SA 2n18c SC 4a20n3a SD 14n SE 20n SI 15n SK 20n SM 1a10n12c
    SO 19n ST 21n SV 4a20n TL 19n TN 20n TR 6n16c UA 6n19c VA 18n VG 4a16n XK 16n YE 4a4n18c
    AO 21n BF 2c22n BJ 2c22n CF 23n CG 23n CI 2c22n CM 23n CV 21n DZ 22n GA 23n GQ 23n GW 2c19n
    IR 22n KM 23n MA 24n MG 23n ML 2c22n MZ 21n NE 2c22n SN 2c22n TD 23n TG 2c22n
"""
_CLASSES: Final = {"n": r"\d", "a": "[A-Z]", "c": "[A-Z0-9]"}


def _structure(spelled: str) -> re.Pattern[str]:
    parts = re.findall(r"(\d+)([nac])", spelled)
    return re.compile("".join(f"{_CLASSES[kind]}{{{size}}}" for size, kind in parts), re.ASCII)


_WORDS: Final = _STRUCTURES_TEXT.split()
_BBAN: Final = {
    country: _structure(spelled) for country, spelled in zip(_WORDS[::2], _WORDS[1::2], strict=True)
}
_SIZES: Final = {
    country: 4 + sum(map(int, re.findall(r"\d+", spelled)))
    for country, spelled in zip(_WORDS[::2], _WORDS[1::2], strict=True)
}
# The documentation's examples that stand in every manual, test and tutorial belong to nobody and
# are kept, as the schemes' test cards are; the registry's other examples are redacted like any
# account, since a rule that knew them all would only teach people to test with them.
_SPECIMENS: Final = frozenset(
    starmap(
        "{}{}".format,
        (
            ("GB82", "WEST12345698765432"), ("GB29", "NWBK60161331926819"),
            ("GB33", "BUKB20201555555555"), ("DE89", "370400440532013000"),
            ("DE75", "512108001245126199"), ("FR14", "20041010050500013M02606"),
            ("FR76", "30006000011234567890189"), ("NL91", "ABNA0417164300"),
            ("ES91", "21000418450200051332"), ("IT60", "X0542811101000000123456"),
            ("CH93", "00762011623852957"), ("BE68", "539007547034"),
            ("AT61", "1904300234573201"),
        ),
    )
)  # fmt: skip
_GAP: Final = r"[ \u00a0\u2007\u2009\u202f\-\u2010\u2011.]"
# The number itself is read ahead, so that two numbers with one blank between them are two matches.
_AHEAD: Final = rf"(?=(?P<rest>(?:{_GAP}?[A-Z0-9]){{11,29}}))"
_START: Final = rf"(?:{'|'.join(sorted(_BBAN))})"
_IBAN: Final = re.compile(
    rf"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=IBAN))(?P<head>{_START}{_GAP}?\d\d){_AHEAD}",
    re.ASCII,
)
_TRIGGER: Final = re.compile(
    rf"[A-Z]{{2}}{_GAP}?\d\d{_GAP}?[A-Z0-9]{_GAP}?[A-Z0-9](?:{_GAP}?[A-Z0-9]){{9}}", re.ASCII
)
_SMALL: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?P<head>[a-z]{{2}}{_GAP}?\d\d)(?=(?P<rest>(?:{_GAP}?[a-z0-9]){{11,29}}))",
    re.ASCII,
)
_ACCOUNT: Final = r"(?:iban|bban|konto|account|acct|compte|cuenta|conto|rekening|계좌)"
_NAME: Final = re.compile(_ACCOUNT, re.IGNORECASE)
_SMALL_TRIGGER: Final = re.compile(
    rf"{_ACCOUNT}[^\n]{{0,24}}[a-z]{{2}}{_GAP}?[0-9]{{2}}", re.IGNORECASE
)
_REACH: Final = 24
_MOD: Final = 97


def _iban(match: re.Match[str]) -> Range | None:
    text, (start, at) = match.string, match.span("head")
    size = _read(match["head"], match["rest"], text[match.end("rest") : match.end("rest") + 1])
    return (start, at + size) if size > 0 else None


@lru_cache(maxsize=1 << 10)
def _read(head: str, rest: str, follows: str) -> int:
    """Read as many characters as the country's numbers have; what follows must be something else.

    Returns how much of `rest` belongs to the account, 0 where it is none.
    """
    account = _plain(head)
    size = _SIZES.get(account[:2])
    if size is None:
        return 0
    at = 0
    while len(account) < size and at < len(rest):
        account += _plain(rest[at])
        at += 1
    after = rest[at : at + 1] or follows
    if len(account) < size or (after.isascii() and after.isalnum()):
        return 0
    return at if account not in _SPECIMENS and is_iban(account) else 0


def _small(match: re.Match[str]) -> Range | None:
    """Accept small letters only behind a word for an account on the same line."""
    text, start = match.string, match.start()
    low = max(0, start - _REACH, text.rfind("\n", max(0, start - _REACH), start) + 1)
    return _iban(match) if _NAME.search(text, low, start) is not None else None


def _plain(spelled: str) -> str:
    return "".join(char for char in spelled if char.isalnum()).upper()


def is_iban(account: str) -> bool:
    """Tell whether a country knows this structure and the number is 1 modulo 97 (ISO 13616, 7064)."""
    bban = _BBAN.get(account[:2])
    if bban is None or not account[2:4].isdigit() or bban.fullmatch(account, 4) is None:
        return False
    rearranged = account[4:] + account[:4]
    return int("".join(str(int(char, 36)) for char in rearranged)) % _MOD == 1


@cache
def account_rules() -> tuple[Rule, ...]:
    """Return the rules for bank accounts."""
    return (
        Rule(
            "bank-account", "IBAN", "permissive", _IBAN, _iban, _TRIGGER,
            yes=(
                "IBAN: «PL61 1090 1014 0000 0712 1981 2874».", "«SE45-5000-0000-0583-9825-7466»",
                "계좌«NO9386011117947»입니다",
            ),
            no=("DE89 3704 0044 0532 0130 00", "SE46 5000 0000 0583 9825 7466", "SE4550000000058"),
        ),
        Rule(
            "bank-account-small", "IBAN", "permissive", _SMALL, _small, _SMALL_TRIGGER,
            yes=("?iban=«se4550000000058398257466»&x",),
            no=("iban = se4650000000058398257466",),
        ),
    )  # fmt: skip
