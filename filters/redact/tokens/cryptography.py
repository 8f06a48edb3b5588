"""Secret keys and seeds with a text format of their own, and self-contained tokens."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.checksums import base32_crc16, base58_check, bech32
from filters.redact.tokens.token import Token

_B58: Final = "1-9A-HJ-NP-Za-km-z"

TOKENS: Final = (
    Token(
        "age", "secret-key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}", seal=bech32,
        yes=("AGE-SECRET-KEY-1{up:58}",),
    ),
    Token(
        "age", "plugin-identity", r"AGE-PLUGIN-[A-Z0-9]{2,30}-1[0-9A-Z]{20,400}", floor=3.6,
        yes=("AGE-PLUGIN-YUBIKEY-1{up:60}",),
    ),
    Token("nostr", "secret-key", r"nsec1[02-9ac-hj-np-z]{58}", seal=bech32),
    Token("bitcoin", "private-key", rf"[5KL][{_B58}]{{50,51}}", seal=base58_check, sealed=True),
    Token(
        "bitcoin", "extended-key", rf"[xyztuv]prv[{_B58}]{{107,108}}", seal=base58_check, floor=4.5,
    ),
    Token("stellar", "seed", r"S[A-Z2-7]{55}", seal=base32_crc16, sealed=True),
    Token("nats", "seed", r"S[ACNOUX][A-Z2-7]{56}", seal=base32_crc16, sealed=True),
    # a JSON web token once more in base64, known by the first member of its header
    Token(
        "jwt", "in-base64",
        r"ZXlK(?:aGJHY2lPaU|MGVYQWlPaU|cmFXUWlPaU|amRIa2lPaU)[A-Za-z0-9+/_-]{40,8000}={0,2}",
        yes=("ZXlKaGJHY2lPaU{b64:200}==", "ZXlKMGVYQWlPaU{b64:160}"),
    ),
    Token(
        "paseto", "token", r"v[1-4]\.(?:local|public)\.[\w-]{60,4000}(?:\.[\w-]{2,1000})?",
        yes=("v4.local.{an:120}", "v2.public.{an:160}.{an:20}"),
    ),
)  # fmt: skip
