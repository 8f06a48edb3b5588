"""Verify the checksums that token formats carry: what they prove is a token, whatever stands beside it.

A checksum is used to accept, never to reject a shape that nothing else has: people type, mask and
generate tokens of the right shape with a wrong checksum, and those are secrets to whoever reads
them. So a value that bears its checksum needs no other proof, such as standing free of letters;
one that does not must pass as any other. Only where the shape alone says little, as 56 letters of
base32, is the checksum asked for. Here are only checksums whose definition is published.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import string
import zlib
from typing import Final

_BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_SEAL: Final = 6  # base62 characters that hold a CRC-32
_MACAROON: Final = b"\x02\x01"  # version 2, then the field "location"


def crc32_base62(token: str) -> bool:
    """Check the last six characters: the CRC-32, in base62, of the rest after the prefix.

    GitHub's classic tokens (github.blog, "Behind GitHub's new authentication token formats", 2021),
    npm's (the same scheme), and NetBird's.
    """
    body = token.partition("_")[2]
    value, digits = zlib.crc32(body[:-_SEAL].encode()), ""
    for _ in range(_SEAL):
        value, digit = divmod(value, len(_BASE62))
        digits = _BASE62[digit] + digits
    return len(body) > _SEAL and body.endswith(digits)


def crc32_hex(token: str) -> bool:
    """Check the eight hex digits behind the last `_`: the CRC-32 of all before (Grafana, satokengen)."""
    body, _, digits = token.rpartition("_")
    return f"{zlib.crc32(body.encode()):08x}" == digits.lower()


def pypi_macaroon(token: str) -> bool:
    """Check that a PyPI token is a macaroon of version 2 from PyPI (pypi.org/help/#apitoken)."""
    body = token.partition("-")[2]
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return False
    return raw.startswith(_MACAROON) and b"pypi.org" in raw[:24]


def bech32(token: str) -> bool:
    """Check a bech32 text (BIP 173): age's and Nostr's secret keys."""
    prefix, _, data = token.lower().rpartition("1")
    if not prefix or not set(data) <= set(_BECH32):
        return False
    codes = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for code in codes + [_BECH32.index(c) for c in data]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ code
        for i, part in enumerate(_BECH32_GENERATOR):
            check ^= part if top >> i & 1 else 0
    return check == 1


def base58_check(token: str) -> bool:
    """Check base58 with four bytes of a double SHA-256: Bitcoin's private keys (WIF, BIP 32)."""
    number = 0
    for character in token:
        digit = _BASE58.find(character)
        if digit < 0:
            return False
        number = number * 58 + digit
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    body, check = raw[:-4], raw[-4:]
    return hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == check


def base32_crc16(token: str) -> bool:
    """Check base32 with a CRC-16/XMODEM, low byte first: seeds of Stellar (SEP 23) and NATS (nkeys)."""
    try:
        raw = base64.b32decode(token + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return False
    return binascii.crc_hqx(raw[:-2], 0) == int.from_bytes(raw[-2:], "little")
