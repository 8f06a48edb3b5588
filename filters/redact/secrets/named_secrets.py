"""Secrets known by a well-known name and a form of several parts: seed phrases, salts, TOTP seeds."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.values import entropy, is_specimen

# From a name to its value: quotes, brackets and one sign of assignment, in any language
_LINK: Final = (
    r"[\"'\])]{0,3}[ \t]{0,4}(?:=>|:=|[:=,(>])[ \t]{0,4}(?:[rbuf]?\\?[\"'`(\[]{1,3}[ \t]?)?"
)

# The eight keys of wp-config.php (WordPress, "Security keys"): printable ASCII but quotes
_SALT: Final = re.compile(
    r"(?:AUTH|SECURE_AUTH|LOGGED_IN|NONCE|WP_CACHE_KEY)_(?:KEY|SALT)[\"']?[ \t]{0,4}[,=:][ \t]{0,40}"
    r"([\"'])(?P<span>(?:(?!\1)[\x20-\x5b\x5d-\x7e]){32,128})\1"
)
_MIN_SALT_BITS: Final = 4.0
# A base32 seed in groups of four, as authenticators show it (RFC 4648, RFC 6238)
_SEED: Final = re.compile(
    r"(?i:otp|2fa|mfa|two.?factor|authenticator)[\w .-]{0,30}"
    + _LINK
    + r"(?P<span>(?:[A-Z2-7]{4}[ -]){3,15}[A-Z2-7]{4}|(?:[a-z2-7]{4}[ -]){3,15}[a-z2-7]{4})"
    r"(?![A-Za-z0-9])",
    re.ASCII,
)
# Random bytes written out as a bytes literal of Python (Flask, "Quickstart": sessions)
_BYTES: Final = re.compile(
    r"(?i:secret|key|salt|pepper)[\"'\]]{0,2}[ \t]{0,4}[:=][ \t]{0,4}b([\"'])"
    r"(?P<span>(?:\\x[0-9a-fA-F]{2}|\\[nrt\\'\"abfv0]|(?!\1)[\x20-\x5b\x5d-\x7e]){8,200})\1"
)
_MIN_ESCAPES: Final = 3
_MIN_BYTES_BITS: Final = 3.0
# The private keys of a Hardhat or Truffle network
_ACCOUNTS: Final = re.compile(
    r"\b(?:accounts|privateKeys|private_keys)[\"']?[ \t]{0,4}[:=][ \t]{0,4}\[[ \t]{0,4}"
    r"[\"'`](?P<span>(?:0x)?[A-Fa-f0-9]{64})[\"'`]"
)
# The keys of ASP.NET (`machineKey` of web.config)
_MACHINE: Final = re.compile(
    r"\b(?:validation|decryption)Key=[\"'](?P<span>[0-9A-Fa-f]{32,128})[\"',]"
)
# The words of a BIP-39 mnemonic: three to eight small letters each, in the English list
_PHRASE: Final = re.compile(
    r"(?i:mnemonic|(?:seed|recovery|backup|secret|wallet)[_ -]?(?:phrase|words?)|wallet[_ -]?seed)"
    r"(?i:[_ -]?(?:phrase|words?|key|is|are|was|code)){0,3}"
    + _LINK
    + r"\s{0,8}(?P<span>(?:\d{1,2}[.):][ ]?)?"
    r"(?:[a-z]{3,8}(?:\s{1,4}|[\"',]{1,2}\s{0,8}[\"']?)(?:\d{1,2}[.):][ ]?)?){11,23}[a-z]{3,8})"
    r"(?![A-Za-z0-9]|[ ,][a-z])"
)
_PHRASE_TRIGGER: Final = re.compile(
    r"(?i:mnemonic|(?:seed|recovery|backup|secret|wallet)[_ -]?(?:phrase|words?)|wallet[_ -]?seed)"
)
# Twenty-four words of eight letters, each on a line of its own behind its number
_PHRASE_REACH: Final = 400
_PHRASE_SIZES: Final = frozenset({12, 15, 18, 21, 24})
# Frequent words of English that are in no mnemonic
_PROSE: Final = frozenset(
    {
        "the", "and", "for", "are", "was", "with", "from", "your", "has", "have", "not", "which",
        "its", "can", "each", "were", "been", "they", "their", "our", "but", "may", "these", "used",
    }
)  # fmt: skip
_MIN_DISTINCT: Final = 0.75
_TWELVE: Final = " ".join(f"{{lower:{size}}}" for size in (5, 4, 6, 3, 5, 8, 4, 5, 6, 4, 7, 5))


def _salt(match: re.Match[str]) -> Range | None:
    value = match["span"]
    return match.span("span") if entropy(value) >= _MIN_SALT_BITS else None


def _seed(match: re.Match[str]) -> Range | None:
    """Accept groups with a digit among them: four words of four letters have none."""
    return match.span("span") if any(map(str.isdigit, match["span"])) else None


def _bytes(match: re.Match[str]) -> Range | None:
    """Accept bytes of which several have no character of their own."""
    value = match["span"]
    many = value.count("\\x") >= _MIN_ESCAPES and entropy(value) >= _MIN_BYTES_BITS
    return match.span("span") if many else None


def _key(match: re.Match[str]) -> Range | None:
    return None if is_specimen(match["span"]) else match.span("span")


def _phrase(match: re.Match[str]) -> Range | None:
    """Accept as many words as a mnemonic has, nearly all different and none of prose."""
    words = re.findall("[a-z]+", match["span"])
    distinct = set(words)
    fits = len(words) in _PHRASE_SIZES and len(distinct) >= _MIN_DISTINCT * len(words)
    return match.span("span") if fits and not distinct & _PROSE else None


_RULES: Final = (
    Rule("wordpress-salt", "SECRET", "permissive", _SALT, _salt,
         yes=("define('AUTH_KEY',         '«{word:20} |{word:9}${word:9};{word:20}»');",
              "AUTH_SALT='«{word:20}|{word:9}({word:9};{word:20}»'"),
         no=("define('AUTH_KEY', 'put your unique phrase here');", "define('NONCE_KEY', '');")),
    Rule("totp-seed", "SECRET", "permissive", _SEED, _seed,
         yes=("totp secret: «JB{b32:2} {b32:2}4{b32:1} {b32:4} {b32:4}»",
              "2FA key = '«a3b4 c5d6 e7fg h2ij»'"),
         no=("otp: send code when user", "mfa setup = SHOW CODE THEN PASS")),
    Rule("secret-bytes", "SECRET", "balanced", _BYTES, _bytes,
         yes=(r"app.secret_key = b'«_5#y2L{an:2}Q8z\n\xec]/\x9d\x{hex:2}»'",
              r"SECRET_KEY = b'«\x83\xe1\x9b\x02\x7f\x1c\xaa\x10\x{hex:2}»'"),
         no=(r"key = b'\x00\x00\x00\x00\x00\x00'", "secret_key = b'{an:5}'")),
    Rule("account-private-key", "SECRET", "permissive", _ACCOUNTS, _key,
         yes=('accounts: ["«0x{hex:64}»"]', "privateKeys = ['«{hex:64}»']"),
         no=('accounts: ["0x{hex:40}"]', "accounts: [process.env.KEY]")),
    Rule("machine-key", "SECRET", "permissive", _MACHINE, _key,
         yes=('<machineKey validationKey="«{HEX:128}»" validation="SHA1"/>', 'decryptionKey="«{HEX:48}»"'),
         no=('validationKey="AutoGenerate,IsolateApps"',)),
    Rule("mnemonic-phrase", "SECRET", "permissive", _PHRASE, _phrase, _PHRASE_TRIGGER, reach=_PHRASE_REACH,
         yes=(f'mnemonic = "«{_TWELVE}»"', f"seed phrase: «{_TWELVE}»",
              "MNEMONIC=«" + _TWELVE + "»"),
         no=("mnemonic: short names that the assembler and the linker both accept here",
             "seed phrase: twelve words")),
)  # fmt: skip


def named_secret_rules() -> tuple[Rule, ...]:
    """Return the rules for secrets of several parts behind a well-known name."""
    return _RULES
