"""Secrets of every kind, built by a seed: passwords as people choose them, keys as machines draw them."""

# ruff: noqa: SIM905  # a list of words reads as a line

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from redaction_cases.case import Value
from redaction_cases.template import ALPHABETS, NAMES, WORDS, draw, fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_SYMBOLS: Final = "!@#$%^&*?-_+="
_LEET: Final = str.maketrans("aeiost", "4310$7")
_WALKS: Final = ("qwerty", "asdfgh", "zxcvbn", "qazwsx", "1qaz2wsx", "poiuyt", "qwe123", "zaq12wsx")
_MIXED: Final = ALPHABETS["an"] + _SYMBOLS
_QUIET: Final = ALPHABETS["an"] + "-_.!*"
_SHORT: Final = ALPHABETS["an"] + "!@#%*"
# letters with marks, and words of other scripts, as people mix them into passwords
_FOREIGN: Final = (
    "contraseña",
    "größe",
    "élan",
    "пароль",
    "비밀",
    "東京",
    "ключ",
    "señor",
    "łódź",
    "über",
)

PASSWORD_NAMES: Final = tuple(
    tuple(name.split())
    for name in (
        "password;db password;passwd;admin password;pwd;mysql password;root password;smtp password;user password;"
        "redis password;postgres password;ftp password;database password;keystore password;pass;db pass;ldap password;"
        "default password;test password;ssh password;proxy password;login password;wifi password;passphrase;"
        "rabbitmq default pass;mail password;service account password;master password;db pwd;mongo password"
    ).split(";")
)
TOKEN_NAMES: Final = tuple(
    tuple(name.split())
    for name in (
        "api key;secret key;access token;auth token;client secret;secret;token;api token;jwt secret;app secret;"
        "session secret;signing key;encryption key;private key;webhook secret;consumer secret;bearer token;apikey;"
        "refresh token;secret token;cookie secret;master key;access key;api secret;shared secret;storage key;"
        "oauth token;deploy token;service key;hmac key;license key;internal api key;sso secret;auth key;"
        "personal access token;account key;app key;client key;security token;crypto key"
    ).split(";")
)


def _human(rng: Random) -> str:
    word = rng.choice(WORDS).capitalize()
    return f"{word}{rng.randint(1, 2025)}{rng.choice(_SYMBOLS)}"


def _human_two(rng: Random) -> str:
    return f"{rng.choice(NAMES).title()}{rng.choice('@_#-.')}{rng.choice(WORDS).title()}{rng.randint(1, 99)}"


def _leet(rng: Random) -> str:
    return rng.choice(WORDS).capitalize().translate(_LEET) + rng.choice(WORDS) + rng.choice("!?*#")


def _dashes(rng: Random) -> str:
    return rng.choice("-_.").join(rng.sample(WORDS, k=rng.randint(3, 5)))


def _spaces(rng: Random) -> str:
    return " ".join(rng.sample(WORDS, k=4))


def _walk(rng: Random) -> str:
    return (
        rng.choice(_WALKS)
        + rng.choice(_SYMBOLS)
        + rng.choice(_WALKS).upper()
        + rng.choice(_SYMBOLS)
    )


def _drawn(alphabet: str, low: int, high: int) -> Callable[[Random], str]:
    def build(rng: Random) -> str:
        while True:
            value = "".join(rng.choices(alphabet, k=rng.randint(low, high)))
            if len(set(value)) > 4:
                return value

    return build


def _from(template: str) -> Callable[[Random], str]:
    return lambda rng: fill(rng, template)


def _encoded(encode: Callable[[bytes], bytes], *sizes: int) -> Callable[[Random], str]:
    return lambda rng: encode(rng.randbytes(rng.choice(sizes))).decode()


def _foreign(rng: Random) -> str:
    return (
        rng.choice(_FOREIGN) + rng.choice("!-_.*") + str(rng.randint(10, 9999)) + rng.choice(WORDS)
    )


PASSWORDS: Final[dict[str, Callable[[Random], str]]] = {
    "password: word, digits, symbol": _human,
    "password: two words, digits": _human_two,
    "password: leet": _leet,
    "passphrase with dashes or dots": _dashes,
    "passphrase with blanks": _spaces,
    "keyboard walk with symbols": _walk,
    "random 8-11 with symbols": _drawn(_MIXED, 8, 11),
    "random 12-16 with symbols": _drawn(_MIXED, 12, 16),
    "random 17-32 with symbols": _drawn(_MIXED, 17, 32),
    "random 10-20 with quiet symbols": _drawn(_QUIET, 10, 20),
    "random 8-12 letters and digits": _drawn(ALPHABETS["an"], 8, 12),
    "random 13-24 letters and digits": _drawn(ALPHABETS["an"], 13, 24),
    "random 8-10 lower case and digits": _drawn(ALPHABETS["low"], 8, 10),
    "letters only 12-20": _drawn(ALPHABETS["let"], 12, 20),
    "lower-case letters only 10-16": _drawn(ALPHABETS["lower"], 10, 16),
    "short 6-7": _drawn(_SHORT, 6, 7),
    "not ASCII": _foreign,
}
TOKENS: Final[dict[str, Callable[[Random], str]]] = {
    "hex 16": _from("{hex:16}"),
    "hex 20": _from("{hex:20}"),
    "hex 32": _from("{hex:32}"),
    "hex 40": _from("{hex:40}"),
    "hex 64": _from("{hex:64}"),
    "hex 32 upper": _from("{HEX:32}"),
    "base64 padded": _encoded(base64.b64encode, 16, 20, 32, 64),
    "base64 unpadded": _encoded(base64.b64encode, 15, 24, 30, 48),
    "base64url": _encoded(base64.urlsafe_b64encode, 24, 33, 48),
    "base32": _from("{b32:16-32}"),
    "UUID named as a secret": _from("{uuid}"),
    "random 16-24 letters and digits": _from("{an:16-24}"),
    "random 25-40 letters and digits": _from("{an:25-40}"),
    "random 41-64 letters and digits": _from("{an:41-64}"),
    "random 20-40 with - and _": _drawn(ALPHABETS["url"], 20, 40),
    "random 20-32 lower case and digits": _from("{low:20-32}"),
    "random 16-32 upper case and digits": _from("{up:16-32}"),
    "letters only 24-40": _from("{let:24-40}"),
    "groups with dashes": _from("{up:5}-{up:5}-{up:5}-{up:5}"),
    "Django-like with symbols": _drawn(ALPHABETS["low"] + "!@#%^&*(-_=+)", 50, 50),
    "prefix and random": _from("⟨word⟩_{an:24-32}"),
}


def secret(rng: Random, kind: str) -> Value:
    """Build a password or a key of one kind."""
    build = PASSWORDS.get(kind) or TOKENS[kind]
    return Value(build(rng), "SECRET", kind)


def pem_body(rng: Random, size: int, width: int = 64) -> list[str]:
    """Draw the lines of a key block: base64 of a DER sequence."""
    raw = base64.b64encode(b"\x30\x82" + rng.randbytes(size)).decode()
    return [raw[at : at + width] for at in range(0, len(raw), width)]


def token(rng: Random, alphabet: str, size: int) -> str:
    """Draw characters; the same as a macro of a template."""
    return draw(rng, alphabet, size)
