"""Keys with a structure of their own: PEM and PGP blocks, PuTTY files, JSON web tokens."""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import cache
from typing import Final

from filters.rules_base import Range, Rule, starts_free, whole

# A 16,384-bit RSA key is 12.7 kB of PEM; PGP blocks with signatures run longer (RFC 7468, 9580).
_BLOCK: Final = 32_768
_BEGIN: Final = r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----"
_PEM: Final = re.compile(
    _BEGIN
    + rf"(?P<body>(?:(?!-----)[\s\S]){{0,{_BLOCK}}})"
    + r"(?P<end>-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----)?"
)
# What stands between the base64 of a block in source code, quotes, logs and mail
_DRESS: Final = re.compile(r"""\\+[nrtu](?:000[ad])?|[\s"'`+,;\\#*>|()&]+""")
_HEADER: Final = re.compile(
    r"(?:^|\\n|[\"'\s])(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID): ?[^\n\\\"']*"
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
_BASE64_RUN: Final = re.compile(
    r"""(?:[A-Za-z0-9+/=]{16,}|\\+[nr]|[\s"'+,\\#*>|])*[A-Za-z0-9+/=]{8,}"""
)

_PUTTY: Final = re.compile(
    r"PuTTY-User-Key-File-[23]:(?:(?!PuTTY-User|Private-MAC)[\s\S]){40,16384}"
    r"Private-MAC:\s{0,4}[0-9a-f]{40,64}"
)
_JWT: Final = re.compile(
    r"(?<![A-Za-z0-9_\-])[A-Za-z]?eyJ[A-Za-z0-9_\-]{8,4096}\.(?:eyJ)?[A-Za-z0-9_\-]{2,65536}(?:\.[A-Za-z0-9_\-]{0,8192}){0,3}"
)


def _pem(match: re.Match[str]) -> Range | None:
    """Accept a block whose body is base64 once undressed; without its end, the base64 alone."""
    body = match["body"]
    if match["end"] is not None:
        return match.span() if _is_base64(body) else None
    run = _BASE64_RUN.match(body)
    if run is None or not _is_base64(run[0]):
        return None
    return match.start(), match.start("body") + run.end()


def _is_base64(body: str) -> bool:
    bare = _DRESS.sub("", _HEADER.sub("", body))
    return _BASE64.fullmatch(bare) is not None


def _jwt(match: re.Match[str]) -> Range | None:
    """Accept a token whose header decodes to a JSON object with an algorithm (RFC 7519, 7516)."""
    start = match.string.index("eyJ", match.start())
    if not starts_free(match.string, start):
        return None
    head = match.string[start : match.string.index(".", start)]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return (start, match.end()) if isinstance(header, dict) and "alg" in header else None


@cache
def key_rules() -> tuple[Rule, ...]:
    """Return the rules for structured keys."""
    begin = re.compile(_BEGIN)
    putty = re.compile(r"PuTTY-User-Key-File-[23]:")
    return (
        Rule("pem-private-key", "PRIVATE_KEY", "permissive", _PEM, _pem, begin, reach=_BLOCK + 128),
        Rule("putty-private-key", "PRIVATE_KEY", "permissive", _PUTTY, whole, putty, reach=_BLOCK),
        Rule("json-web-token", "SECRET", "permissive", _JWT, _jwt),
    )
