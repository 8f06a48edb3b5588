"""Every rule finds what its row says, and every token format is covered whole in any context."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import string
import zlib

import pytest

from filters.redact.examples import fill, spell
from filters.redact.prefilter import find
from filters.redact.rules import every_rule
from filters.redact.spelled import Spelled
from filters.redact.tokens.checksums import (
    base32_crc16,
    base58_check,
    bech32,
    crc32_base62,
    crc32_hex,
    pypi_macaroon,
)
from filters.redact.tokens.table import EVERY_TOKEN, SHAPED
from filters.redact.tokens.token import Token
from pipeline.rule_cache import cached_scanner
from tests.redactors import ready

RULES = sorted(every_rule(), key=lambda rule: rule.id)
# what stands around a token, by the name of the place
CONTEXTS = {
    "assignment": 'api_key = "%s"',
    "environment": "export KEY=%s\nnext=1",
    "yaml": "key: %s\nother: 1",
    "json": '{"key": "%s", "n": 1}',
    "json in a string": r'"{\"key\": \"%s\"}"',
    "escaped line ends": r'{"log": "before\n%s\nafter"}',
    "header": "curl -H 'X-Key: %s' https://a.example/",
    "query": "GET /v1?x=1&token=%s&page=2 HTTP/1.1",
    "percent-escaped": "redirect=a%%3Dtoken%%3D%s%%26b",
    "markup": "<td>%s</td>",
    "prose": "Someone pasted %s into the channel.",
    "sentence": "The key is %s.\nRotate it.",
    "brackets": "the old one (%s), revoked",
    "bold": "**%s**: see below",
    "code": "Use `%s` here",
    "address": "git clone https://bot:%s@git.internal/a.git",
    "statement": "INSERT INTO keys VALUES (1, '%s');",
    "shell": 'tool login --key "%s" # now',
    "underscores": "__%s\n",
    "colour": "\x1b[32m%s\x1b[0m",
    "numbered escapes": r"\u0022%s\u0022",
    "call": "connect('%s')",
    "list": "a,%s,b",
    "table": "| name | %s |",
}
# where what stands before a token in its template would not stand there
WITHIN_WORDS = ("percent-escaped", "underscores", "numbered escapes", "list", "address")


@pytest.mark.parametrize("token", SHAPED, ids=lambda token: token.id)
def test_a_token_is_found_whole_wherever_it_stands(token: Token) -> None:
    for template in token.yes:
        value, wanted = spell(template)
        before = value.partition(wanted)[0]
        for place, context in CONTEXTS.items():
            if before and place in WITHIN_WORDS:
                continue
            text = context % value
            start = text.index(value) + len(before)
            found = {(span.start, span.end) for span in find(cached_scanner(token.level), text)}
            assert (start, start + len(wanted)) in found, (place, template)


def test_the_table_is_broad_and_every_row_is_shown() -> None:
    assert len({token.provider for token in EVERY_TOKEN}) >= 150
    assert len(SHAPED) >= 200
    assert len({token.id for token in EVERY_TOKEN}) == len(EVERY_TOKEN)
    assert [token.id for token in SHAPED if not (token.yes or token.seal)] == []


# --- checksums: each sealed value is built here after the published definition ---


def base62(number: int) -> str:
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = (string.digits + string.ascii_uppercase + string.ascii_lowercase)[digit] + digits
    return digits


def classic(prefix: str) -> str:
    body = fill("{an:30}" + prefix)[:30]
    return prefix + body + base62(zlib.crc32(body.encode()))


def strkey(raw: bytes) -> str:
    seal = binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(raw + seal).decode().rstrip("=")


def wif(raw: bytes) -> str:
    alphabet = string.digits[1:] + string.ascii_uppercase + string.ascii_lowercase
    alphabet = "".join(c for c in alphabet if c not in "IOl")
    whole = raw + hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(whole), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return text


def bech(prefix: str, data: str) -> str:
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    values += [alphabet.index(c) for c in data] + [0] * 6
    check = 1
    for value in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for i, part in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= part if (top >> i) & 1 else 0
    check ^= 1
    return prefix + "1" + data + "".join(alphabet[check >> 5 * (5 - i) & 31] for i in range(6))


SEED = hashlib.sha256(b"a seed for tests").digest()
BECH_DATA = fill("{low:400}").translate({ord(c): None for c in "1bio"})[:52]
SEALED = {
    "github-token": classic("ghp_"),
    "npm-token": classic("npm_"),
    "netbird-token": classic("nbp_"),
    "age-secret-key": bech("age-secret-key-", BECH_DATA).upper(),
    "nostr-secret-key": bech("nsec", BECH_DATA),
    "bitcoin-private-key": wif(b"\x80" + SEED + b"\x01"),
    "bitcoin-extended-key": wif(b"\x04\x88\xad\xe4" + SEED * 2 + SEED[:10]),
    "stellar-seed": strkey(b"\x90" + SEED),
    "nats-seed": strkey(b"\x92\xa0" + SEED),
}


def only(name: str) -> Token:
    return next(token for token in SHAPED if token.id == name)


@pytest.mark.parametrize("name", SEALED)
def test_a_seal_holds_and_breaks_with_any_character(name: str) -> None:
    seal, value = only(name).seal, SEALED[name]
    assert seal is not None
    assert seal(value)
    for place in (len(value) // 2, len(value) - 1):
        other = "2" if value[place] not in "2B" else "3"
        assert not seal(value[:place] + other + value[place + 1 :])


@pytest.mark.parametrize("name", SEALED)
def test_a_sealed_value_is_found_whole(name: str) -> None:
    value = SEALED[name]
    text = f'key = "{value}"'
    assert [(s.start, s.end) for s in ready("balanced").spans(text)] == [(7, 7 + len(value))]


def test_a_seal_excuses_a_letter_beside_the_token_and_asks_for_none() -> None:
    sealed, plain = SEALED["github-token"], fill("ghp_{an:36}")
    assert not crc32_base62(plain)
    for value, expected in ((sealed, True), (plain, False)):
        found = ready("permissive").spans(f"x{value} ")
        assert bool(found) is expected
    assert ready("permissive").spans(f"x {plain} ") != ()


def test_weak_shapes_without_their_seal_stay() -> None:
    for template in ("S{b32:55}", "SU{b32:56}", "K{let:51}", "5{let:50}"):
        assert ready("permissive").spans(f"id: {fill(template)} ") == (), template


def test_other_seals() -> None:
    body = fill("glsa_{an:32}")
    assert crc32_hex(f"{body}_{zlib.crc32(body.encode()):08x}")
    assert not crc32_hex(f"{body}_00000000")
    raw = b"\x02\x01\x08pypi.org\x02\x24" + SEED
    assert pypi_macaroon("pypi-" + base64.urlsafe_b64encode(raw).decode().rstrip("="))
    assert not pypi_macaroon(fill("pypi-{an:80}"))
    assert not bech32("nsec1bio")
    assert not base58_check("0OIl")
    assert not base32_crc16("lower")


def test_a_regex_that_is_compiled_later_says_of_itself_what_the_compiled_one_does() -> None:
    """Databases are made from what it says; a flag within the regex would be known to the compiled one alone."""
    regexes = [each for rule in RULES for each in (rule.pattern, rule.trigger)]
    spelled = [each for each in regexes if isinstance(each, Spelled)]
    assert len(spelled) > len(RULES)
    for each in spelled:
        compiled = re.compile(each.pattern, each.flags)
        assert (compiled.pattern, compiled.flags) == (each.pattern, each.flags)


def test_a_regex_that_is_compiled_later_finds_the_same() -> None:
    late, compiled = Spelled("mill", re.ASCII | re.IGNORECASE), re.compile("mill", re.IGNORECASE)
    for span in ((), (1,), (1, 9), (6, 9)):
        found = [each.span() for each in late.finditer("Mill, mill", *span)]
        assert found == [each.span() for each in compiled.finditer("Mill, mill", *span)]
        assert bool(late.search("Mill, mill", *span)) == bool(found)
