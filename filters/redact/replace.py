"""What stands in a redacted span's place: a placeholder, a surrogate, or a bare zero.

A placeholder is a word, `REDACTED_<TYPE>`, so that code and data still parse. A number that stands
bare in data or code becomes `0`, for no word may stand there. A surrogate is a made-up value of the
same form from a range that belongs to nobody; it is derived with a key, so that nobody without the
key can try values until one fits. Everything that is ever put in is known by `OUTPUT`, and never
redacted again.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from filters.redact.rule import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

Action = Literal["placeholder", "surrogate", "drop", "keep"]

PREFIX: Final = "REDACTED_"
# RFC 2606 (example.com), RFC 2544 (198.18.0.0/15), RFC 3849 (2001:db8::/32)
_MAIL: Final = "user-{}@example.com"
_BENCHMARK: Final = ipaddress.ip_network("198.18.0.0/15")
_DOCUMENTATION: Final = ipaddress.ip_network("2001:db8::/32")
OUTPUT: Final = re.compile(
    rf"{PREFIX}(?:{'|'.join(TYPES)})|user-[0-9a-f]{{12}}@example\.com"
    r"|(?<![\w.])198\.1[89]\.\d{1,3}\.\d{1,3}(?![\w.])|(?<![\w:])2001:db8(?::[0-9a-f]{1,4}){6}(?![\w:])",
    re.ASCII,
)
_FREE: Final = ("198.1", "2001:db8:")
_HINTS: Final = (PREFIX, "@example.com", *_FREE)

# What stands before and after a number in JSON, on its line or another, or in code
_BEFORE_NUMBER: Final = re.compile(r"[\"']\s{0,8}:$|[\[,(=]$")
_AFTER_NUMBER: Final = re.compile(r"\s{0,256}(?:[,\])};#]|//|\Z)|[ \t\r]{0,64}$", re.MULTILINE)
_LOOK_BACK: Final = 256
_ZERO: Final = "0"
_ALNUM: Final = re.compile(r"[^0-9A-Za-z]")


class Replacement(msgspec.Struct, frozen=True):
    """How each type is replaced; a type that is not named becomes a placeholder.

    `key` is the secret that surrogates are derived with; without one no type may be a surrogate.
    """

    actions: tuple[tuple[str, Action], ...] = ()
    key: bytes = b""

    def action(self, kind: str) -> Action:
        """Return what happens to spans of one type."""
        return next((action for named, action in self.actions if named == kind), "placeholder")

    def text(
        self, kind: str, text: str, start: int, end: int, within: str, *, alone: bool = True
    ) -> str:
        """Spell what stands for `text[start:end]`; within one scope equal values get equal surrogates.

        Where a surrogate would not be known again, as inside a word or not `alone` beside something else
        that is put in, there is a placeholder.
        """
        if self.action(kind) == "surrogate":
            value = text[start:end]
            made = SURROGATES[kind](self._derive(kind, value, within), value)
            around = (text[max(0, start - 1) : start], text[end : end + 1])
            if _is_known(made, *(around if alone else (PREFIX, PREFIX))):
                return made
        return _ZERO if is_bare_number(text, start, end) else placeholder(kind)

    def _derive(self, kind: str, value: str, within: str) -> int:
        return int.from_bytes(keyed(self.key, "surrogate", within, kind, normal(kind, value)))


def _is_known(made: str, before: str, behind: str) -> bool:
    """Tell whether what is put between two characters will be taken for an output there."""
    found = OUTPUT.match(before + made + behind, len(before))
    return found is not None and found.end() == len(before) + len(made)


def stands_free(text: str, start: int) -> bool:
    """Tell an output that is known by what stands around it, too: the surrogate of an address."""
    return text.startswith(_FREE, start)


def placeholder(kind: str) -> str:
    """Return the placeholder for one type."""
    return PREFIX + kind


def outputs(text: str) -> list[tuple[int, int]]:
    """List the ranges of a text that a redaction put there."""
    if not any(hint in text for hint in _HINTS):
        return []
    return [match.span() for match in OUTPUT.finditer(text)]


def is_output(text: str) -> bool:
    """Tell whether a text as a whole is what a redaction puts in: a placeholder, a surrogate or a zero."""
    return text == _ZERO or OUTPUT.fullmatch(text) is not None


def is_bare_number(text: str, start: int, end: int) -> bool:
    """Tell whether this is an unquoted number in data or code, where a word would not parse."""
    value = text[start:end]
    return (
        value.isascii()
        and value.isdigit()
        and _BEFORE_NUMBER.search(text[max(0, start - _LOOK_BACK) : start].rstrip()) is not None
        and _AFTER_NUMBER.match(text, end) is not None
    )


def keyed(key: bytes, *parts: str) -> bytes:
    """Derive 16 bytes from some parts: HMAC-SHA256 (RFC 2104), cut in half."""
    message = b"".join(len(part).to_bytes(8) + part for part in map(str.encode, parts))
    return hmac.digest(key, message, hashlib.sha256)[:16]


def normal(kind: str, value: str) -> str:
    """Spell equal values equally: the case of an e-mail address, the gaps in a card number."""
    if kind in ("EMAIL", "MAC", "IP"):
        return value.lower()
    return (
        _ALNUM.sub("", value).upper() if kind in ("CARD", "IBAN", "SSN", "RRN", "PHONE") else value
    )


def _mail(number: int, _value: str) -> str:
    return _MAIL.format(f"{number:032x}"[:12])


def _address(number: int, value: str) -> str:
    if ":" not in value:
        return str(_BENCHMARK[number % _BENCHMARK.num_addresses])
    groups = f"{_DOCUMENTATION[number % (1 << 96)].exploded}".split(":")
    return ":".join(group.lstrip("0") or "0" for group in groups)


SURROGATES: Final[dict[str, Callable[[int, str], str]]] = {"EMAIL": _mail, "IP": _address}
