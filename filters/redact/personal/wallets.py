"""Detect crypto-currency addresses, and the private keys behind them, by their check sums."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from filters.redact.personal.wallet_sums import (
    BECH32,
    RIPPLE,
    is_bech32,
    is_cash,
    is_eip55,
    is_monero,
    payload,
    size_of,
)
from filters.redact.rule import Range, Rule

_CHARS: Final = "[1-9A-HJ-NP-Za-km-z]"
_FREE: Final = r"(?:(?<![A-Za-z0-9\\])|(?<=\\[nrt]))"
_END: Final = r"(?![A-Za-z0-9])"

# Version bytes and payload sizes of base58check (chainparams of each coin; SLIP-0132 for x/y/zpub)
_ADDRESSES: Final = {
    (b"\x00", 20), (b"\x05", 20), (b"\x30", 20), (b"\x32", 20), (b"\x1e", 20), (b"\x16", 20),
    (b"\x4c", 20), (b"\x10", 20), (b"\x41", 20), (b"\x1c\xb8", 20), (b"\x1c\xbd", 20),
    (b"\x06\xa1\x9f", 20), (b"\x06\xa1\xa1", 20), (b"\x06\xa1\xa4", 20),
    (b"\x04\x88\xb2\x1e", 74), (b"\x04\x9d\x7c\xb2", 74), (b"\x04\xb2\x47\x46", 74),
    (b"\x01\x9d\xa4\x62", 74), (b"\x01\x9d\x9c\xfe", 74), (b"\x02\xfa\xca\xfd", 74),
}  # fmt: skip
_KEYS: Final = {
    (b"\x04\x88\xad\xe4", 74), (b"\x04\x9d\x78\x78", 74), (b"\x04\xb2\x43\x0c", 74),
    (b"\x04\x35\x83\x94", 74), (b"\x80", 32), (b"\x80", 33), (b"\xb0", 33), (b"\xb0", 32),
    (b"\x9e", 33), (b"\xcc", 33), (b"\xef", 33),
}  # fmt: skip
_RIPPLE_ADDRESS: Final = (b"\x00", 20)
_RIPPLE_SEED: Final = (b"\x21", 16)

# A word of base 58 that begins as the addresses of the larger coins do, or holds a digit beside a
# capital, as all but a few of such words do: that is what a prefilter can look for cheaply.
_MIXED: Final = rf"(?:[1-9][A-HJ-NP-Z]|[A-HJ-NP-Z][1-9]){_CHARS}{{10}}"
_WORD: Final = re.compile(
    rf"{_FREE}(?:(?=[13LMDTXQK]|r{_CHARS}{{24,34}}{_END})|(?={_CHARS}{{0,100}}?{_MIXED})){_CHARS}{{26,112}}{_END}"
)
_TRIGGER: Final = re.compile(rf"[13LMDTXQKr]{_CHARS}{{24}}|{_MIXED}")
_PLAIN: Final = re.compile(
    rf"(?:[13LMDA9X7T]|t[13]|tz[1-3]){_CHARS}{{24,34}}|(?:[xyz]pub|Ltub|Mtub|dgub).{{105,110}}"
)
_SECRET: Final = re.compile(r"[xyzt]prv.{105,110}|[5679KLTQXc].{50,51}")
_RIPPLE_WORD: Final = re.compile(r"[rs].{24,34}")
_MONERO: Final = re.compile(r"[48][1-9A-C].{93}(?:.{11})?")
_SOLANA_NAME: Final = re.compile(
    r"(?:(?<![a-z])sol(?:ana)?(?![a-z])|phantom|solscan|솔라나)[^\n]{0,24}$", re.IGNORECASE
)
_SOLANA_AFTER: Final = re.compile(
    r"[^A-Za-z0-9\n]{1,6}(?:[a-z_]{1,12}\W{1,6}[\w.]{0,12}\W{1,6}){0,2}(?:SOL|[Ss]olana|sol)(?![A-Za-z])"
)
_SOLANA_SIZE: Final = 32
_SOLANA_DISTINCT: Final = 12
_LOOK: Final = 40


def _is_kind(body: bytes, kinds: set[tuple[bytes, int]]) -> bool:
    return any(
        len(body) == len(version) + size and body.startswith(version) for version, size in kinds
    )


def _wallet(match: re.Match[str]) -> Range | None:
    """Accept an address of any of the coins that spell theirs in base 58."""
    word = match[0]
    found = (
        (_PLAIN.fullmatch(word) is not None and _is_kind(payload(word), _ADDRESSES))
        or (
            _RIPPLE_WORD.fullmatch(word) is not None
            and _is_kind(payload(word, RIPPLE), {_RIPPLE_ADDRESS})
        )
        or (_MONERO.fullmatch(word) is not None and (_in_row(match) or is_monero(word)))
        or (len(word) in (43, 44) and _is_solana(match))
    )
    return match.span() if found else None


def _in_row(match: re.Match[str]) -> bool:
    start = match.start()
    return _MONERO_ROW.search(match.string, max(0, start - _ROW), start) is not None


def _wallet_key(match: re.Match[str]) -> Range | None:
    """Accept a private key or a seed."""
    word = match[0]
    found = (_SECRET.fullmatch(word) is not None and _is_kind(payload(word), _KEYS)) or (
        _RIPPLE_WORD.fullmatch(word) is not None and _is_kind(payload(word, RIPPLE), {_RIPPLE_SEED})
    )
    return match.span() if found else None


def _is_solana(match: re.Match[str]) -> bool:
    """Accept 32 bytes, which have no check sum, only behind a word for the coin."""
    word, start = match[0], match.start()
    low = max(match.string.rfind("\n", max(0, start - _LOOK), start) + 1, start - _LOOK, 0)
    after = match.string[match.end() : match.end() + _LOOK].partition("\n")[0]
    if _SOLANA_NAME.search(match.string[low:start]) is None and _SOLANA_AFTER.match(after) is None:
        return False
    varied = any(char.isdigit() for char in word) and len(set(word)) > _SOLANA_DISTINCT
    return varied and size_of(word) == _SOLANA_SIZE


_HRPS: Final = "bc|ltc|addr|stake|cosmos|osmo|terra|inj|juno|celestia|sei|kava|secret|axelar|dydx|bnb|npub|lnurl"
_BECH_PATTERN: Final = re.compile(
    rf"{_FREE}(?:(?:{_HRPS})1[{BECH32}]{{38,110}}|(?:BC|LTC)1[{BECH32.upper()}]{{38,90}}){_END}"
)
_BECH_SECRET: Final = re.compile(
    rf"{_FREE}(?:(?:nsec|ed25519_sk|acct_xsk|xprv)1[{BECH32}]{{38,220}}|AGE-SECRET-KEY-1[{BECH32.upper()}]{{58}}){_END}"
)
_CASH: Final = re.compile(rf"{_FREE}(?:bitcoincash|ecash):[qp][{BECH32}]{{41}}{_END}")


def _bech(match: re.Match[str]) -> Range | None:
    return match.span() if is_bech32(match[0]) else None


def _cash(match: re.Match[str]) -> Range | None:
    return match.span() if is_cash(match[0]) else None


_ETHER: Final = re.compile(rf"{_FREE}0[xX][0-9a-fA-F]{{40}}{_END}")
_ETHER_NAME: Final = re.compile(
    r"(?<![a-z])(?:eth(?:er|ereum)?|wallet|erc-?\d{2,4}|metamask|usd[tc]|dai|weth|bsc|bnb|bep-?20|polygon|matic|arbitrum"
    r"|donat\w*|ens|crypto|coins?|tokens?|nft|contract|addr(?:ess)?|account|acct|owner|sender|recipient|receiver|spender"
    r"|beneficiary|signer|miner|coinbase|deposit\w*|withdraw\w*|transfer\w*|tx|payout|payment|tip|tips|balance)(?![a-z])"
    r"|(?:wallet|addr(?:ess)?|account|owner|contract|sender|recipient)(?:[_ ]?id)?s?(?![a-z])"
    r"|지갑|이더리움|주소|입금|송금|코인|ウォレット|アドレス|钱包|地址|кошел|адрес|monedero|cartera|portefeuille",
    re.IGNORECASE,
)
_HEX: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{14,}")
_ETHER_ROW: Final = re.compile(
    r"0x(?=[0-9A-F]*[a-f])(?=[0-9a-f]*[A-F])[0-9a-fA-F]{40}[^0-9A-Za-z\n]{1,4}\Z"
)
_MONERO_ROW: Final = re.compile(rf"[48][1-9A-C]{_CHARS}{{93}}[^0-9A-Za-z\n]{{1,4}}\Z")
_ROW: Final = 100
_MIN_DISTINCT: Final = 8
_AFTER: Final = 24


def _ether(match: re.Match[str]) -> Range | None:
    """Accept 20 bytes whose case is their check sum, or beside a word for such an address."""
    digits = match[0][2:]
    if len(set(digits.lower())) < _MIN_DISTINCT:
        return None
    low, high = max(0, match.start() - _LOOK), match.end() + _AFTER
    near = _HEX.sub("0x", match.string[low : match.start()] + match.string[match.end() : high])
    if _names_ether(near):
        return match.span()
    mixed = digits.lower() != digits != digits.upper()
    if not mixed:
        return None
    # in a row of addresses the first is proof enough: each check sum costs as much as a page of text
    row = _ETHER_ROW.search(match.string, max(0, match.start() - _ROW), match.start())
    return match.span() if row is not None or is_eip55(digits) else None


@lru_cache(maxsize=1 << 10)
def _names_ether(near: str) -> bool:
    return _ETHER_NAME.search(near) is not None


# Test vectors of the specifications (the first block; BIP-173; the Bitcoin Cash specification;
# NIP-19; the Bitcoin wiki's example of a key), spelled as their parts
_GENESIS: Final = "1A1zP1eP5QGefi2DMPTf" + "TL5SLmv7DivfNa"
_YES: Final = (f"send to «{_GENESIS}».", "r: «rHb9CJAWyB4rj91V" + "RWn96DkukG4bwdtyTh»")
_YES_KEY: Final = ("wif «5Kb8kLf9zgWQnogidDA76Mz" + "PL6TsZZY36hWXMssSzNydYXYB9KF»",)
_YES_BECH: Final = ("pay «bc1qw508d6qejxtdg4y5" + "r3zarvary0c5xw7kv8f3t4»",)
_YES_BECH_KEY: Final = ("«nsec1vl029mgpspedva04g90vltkh6" + "fvh240zqtv9k0t9af8935ke9laqsnlfe5»",)
_YES_CASH: Final = ("«bitcoincash:qpm2qsznhks2" + "3z7629mms6s4cwef74vcwvy22gdx6a»",)

_RULES: Final = (
    Rule(
        "wallet-base58", "WALLET", "balanced", _WORD, _wallet, _TRIGGER,
        yes=_YES, no=(_GENESIS[:-1] + "b", "x" + _GENESIS, "{an:34}"),
    ),
    Rule(
        "wallet-key", "SECRET", "permissive", _WORD, _wallet_key, _TRIGGER,
        yes=_YES_KEY, no=(_GENESIS, "5{hex:50}"),
    ),
    Rule(
        "wallet-bech32", "WALLET", "balanced", _BECH_PATTERN, _bech,
        yes=_YES_BECH, no=("bc1{lower:40}", "bc1" + "q" * 39),
    ),
    Rule(
        "wallet-bech32-key", "SECRET", "permissive", _BECH_SECRET, _bech,
        yes=_YES_BECH_KEY, no=("nsec1" + "q" * 58, "AGE-SECRET-KEY-1{upper:58}"),
    ),
    Rule(
        "wallet-cashaddr", "WALLET", "balanced", _CASH, _cash,
        yes=_YES_CASH, no=("bitcoincash:" + "q" * 42, "ecash:{lower:42}"),
    ),
    Rule(
        "wallet-ether", "WALLET", "balanced", _ETHER, _ether,
        yes=("wallet: «0x{hex:40}»", '"owner": "«0x{hex:40}»"', "이더리움 주소는 «0x{hex:40}»입니다"),
        no=("0x" + "0" * 40, "sha1 0x{hex:40}", "wallet 0x{hex:41}"),
    ),
)  # fmt: skip


def wallet_rules() -> tuple[Rule, ...]:
    """Return the rules for crypto-currency wallets."""
    return _RULES
