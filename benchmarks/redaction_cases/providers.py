"""Tokens of providers, built at run time from the table of formats, with a checksum where it is public."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from redaction_cases.case import Value
from redaction_cases.provider_table import TABLE
from redaction_cases.template import ALPHABETS, draw, fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


class Provider(NamedTuple):
    """How a provider's token is made, and what people call it."""

    name: str
    named: bool
    words: tuple[str, ...]
    build: Callable[[Random], str]


def _templated(line: str) -> Provider:
    name, form, words = (field.strip() for field in line.split(" | "))
    return Provider(
        name.lstrip("*"), name.startswith("*"), tuple(words.split()), lambda rng: fill(rng, form)
    )


def _crc62(body: str) -> str:
    """Spell the CRC-32 of a body in six digits of base 62, as GitHub and npm end their tokens."""
    number, digits = zlib.crc32(body.encode()), ""
    alphabet = ALPHABETS["dig"] + ALPHABETS["upper"] + ALPHABETS["lower"]
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = alphabet[digit] + digits
    return digits


def _checked(prefix: str) -> Callable[[Random], str]:
    def build(rng: Random) -> str:
        body = draw(rng, "an", 30)
        return f"{prefix}{body}{_crc62(body)}"

    return build


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _jwt(rng: Random) -> str:
    head = {"alg": rng.choice(("HS256", "RS256", "ES256")), "typ": "JWT"}
    claims = {"sub": draw(rng, "dig", 10), "name": draw(rng, "let", 8), "iat": 1_500_000_000}
    return f"{_part(head)}.{_part(claims)}.{draw(rng, 'url', 43)}"


def _sentry(rng: Random) -> str:
    claims = {"iat": 1_700_000_000, "url": "https://sentry.io", "region_url": "x", "org": "acme"}
    raw = base64.b64encode(json.dumps(claims).encode()).decode()
    return f"sntrys_{raw}_{draw(rng, 'b64', 43)}"


def _checked_provider(name: str, prefix: str, words: str) -> Provider:
    return Provider(name, False, tuple(words.split()), _checked(prefix))


PROVIDERS: Final = (
    *map(_templated, TABLE.strip().splitlines()),
    _checked_provider("github-classic", "ghp_", "github token"),
    _checked_provider("github-oauth", "gho_", "github oauth token"),
    _checked_provider("github-user", "ghu_", "github user token"),
    _checked_provider("github-server", "ghs_", "github app token"),
    _checked_provider("github-refresh", "ghr_", "github refresh token"),
    _checked_provider("npm", "npm_", "npm token"),
    Provider("jwt", False, ("access", "token"), _jwt),
    Provider("sentry-org", False, ("sentry", "auth", "token"), _sentry),
)


def provider_value(rng: Random, provider: Provider) -> Value:
    """Build one token of a provider."""
    return Value(provider.build(rng), "SECRET", f"token: {provider.name}")
