"""Verify the check sums of crypto-currency addresses: base58check, bech32, CashAddr, Keccak-256."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from typing import Final

BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_SUM: Final = 4  # bytes of double SHA-256 or Keccak at the end


def _decode(spelled: str, alphabet: str) -> bytes:
    number = 0
    for char in spelled:
        number = number * 58 + alphabet.index(char)
    zeros = len(spelled) - len(spelled.lstrip(alphabet[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


@lru_cache(maxsize=1 << 10)
def payload(spelled: str, alphabet: str = BASE58) -> bytes:
    """Return what a base58check text holds, version first, or nothing when its check sum is wrong.

    The check sum is the first four bytes of SHA-256 applied twice (Bitcoin developer reference).
    """
    raw = _decode(spelled, alphabet)
    body, check = raw[:-_SUM], raw[-_SUM:]
    fits = hashlib.sha256(hashlib.sha256(body).digest()).digest()[:_SUM] == check
    return body if fits else b""


_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CASH_GENERATOR: Final = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_BECH32_SUMS: Final = (1, 0x2BC830A3)  # BIP-173, BIP-350


def _polymod(values: list[int], generator: tuple[int, ...], top: int) -> int:
    total = 1
    for value in values:
        high = total >> top
        total = ((total & ((1 << top) - 1)) << 5) ^ value
        for bit, part in enumerate(generator):
            total ^= part if high >> bit & 1 else 0
    return total


@lru_cache(maxsize=1 << 10)
def is_bech32(spelled: str) -> bool:
    """Tell whether the check sum of bech32 (BIP-173) or bech32m (BIP-350) is right."""
    name, _, data = spelled.lower().rpartition("1")
    values = [ord(char) >> 5 for char in name] + [0] + [ord(char) & 31 for char in name]
    values += [BECH32.index(char) for char in data]
    return _polymod(values, _GENERATOR, 25) in _BECH32_SUMS


_LANES: Final = 25
_ROUNDS: Final = 24
_WORD: Final = (1 << 64) - 1
_RATE: Final = 136  # bytes a block of Keccak-256


def keccak256(data: bytes) -> bytes:
    """Return the 32 bytes of Keccak-256 with the padding of 2011 (Ethereum's; SHA-3 pads otherwise)."""
    padded = bytearray(data + b"\x01" + b"\0" * (_RATE - 1 - len(data) % _RATE))
    padded[-1] |= 0x80
    state = [0] * _LANES
    for at in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            state[lane] ^= int.from_bytes(padded[at + lane * 8 : at + lane * 8 + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


@cache
def _constants() -> tuple[int, ...]:
    """Return the round constants of Keccak-f[1600], from its linear feedback register."""
    constants, register = [], 1
    for _ in range(_ROUNDS):
        value = 0
        for power in range(7):
            value |= (register & 1) << ((1 << power) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(value)
    return tuple(constants)


def _turned(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _WORD if by else lane


def _permuted(state: list[int]) -> list[int]:
    """Apply Keccak-f[1600] (the Keccak reference, version 3.0, section 1.2)."""
    for constant in _constants():
        columns = [
            state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
            for x in range(5)
        ]
        mixed = [columns[x - 1] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        state = [lane ^ mixed[at % 5] for at, lane in enumerate(state)]
        x, y, lane = 1, 0, state[1]
        for step in range(1, _ROUNDS + 1):
            x, y = y, (2 * x + 3 * y) % 5
            turned = _turned(lane, step * (step + 1) // 2 % 64)
            lane, state[x + 5 * y] = state[x + 5 * y], turned
        state = [
            lane ^ (~state[at // 5 * 5 + (at + 1) % 5] & state[at // 5 * 5 + (at + 2) % 5] & _WORD)
            for at, lane in enumerate(state)
        ]
        state[0] ^= constant
    return state


@lru_cache(maxsize=1 << 10)
def is_eip55(address: str) -> bool:
    """Tell whether the case of 40 hexadecimal digits is their check sum (EIP-55)."""
    digest = keccak256(address.lower().encode()).hex()
    return all(
        char.isdigit() or char.isupper() == (int(nibble, 16) > 7)  # noqa: PLR2004  half of a nibble's range
        for char, nibble in zip(address, digest, strict=False)
    )


_MONERO_SIZES: Final = (69, 77)
_BLOCK: Final = 11  # characters for 8 bytes


@lru_cache(maxsize=1 << 10)
def is_monero(address: str) -> bool:
    """Tell whether the last 4 bytes are Keccak-256 of the others; blocks of 11 characters hold 8 bytes."""
    raw = b""
    for at in range(0, len(address), _BLOCK):
        piece = address[at : at + _BLOCK]
        size = 8 if len(piece) == _BLOCK else len(piece) * 733 // 1000
        number = int.from_bytes(_decode(piece, BASE58))
        if number >> 8 * size:
            return False
        raw += number.to_bytes(size)
    return len(raw) in _MONERO_SIZES and keccak256(raw[:-_SUM])[:_SUM] == raw[-_SUM:]


def is_cash(address: str) -> bool:
    """Check a CashAddr (Bitcoin Cash specification): a 40-bit sum over prefix and payload."""
    name, _, data = address.partition(":")
    values = [ord(char) & 31 for char in name] + [0] + [BECH32.index(char) for char in data]
    return _polymod(values, _CASH_GENERATOR, 35) == 1


def size_of(spelled: str) -> int:
    """Return how many bytes a text in base 58 holds."""
    return len(_decode(spelled, BASE58))
