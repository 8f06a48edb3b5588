"""Dictionaries of RFC 9651, Structured Field Values for HTTP, as far as signals need them.

A text that breaks the grammar anywhere is no dictionary at all (section 4.2): half a field says
nothing. Keys that come twice keep the last value.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_TOKEN: Final = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
# Items other than tokens: only their grammar matters here, no signal is made of them.
_OTHER: Final = re.compile(
    r"""-?[0-9]{1,12}\.[0-9]{1,3}(?![0-9.])   # decimal
      | @?-?[0-9]{1,15}(?![0-9.])             # integer, date
      | "(?:[ !#-\[\]-~]|\\["\\])*"           # string
      | :[A-Za-z0-9+/=]*:                     # byte sequence
      | \?[01]                                # boolean
      | %"(?:[ !#$&-~]|%[0-9a-f]{2})*"        # display string
    """,
    re.VERBOSE,
)
_SPACES: Final = re.compile(" *")
_COMMA: Final = re.compile(r"[ \t]*,[ \t]*")


class Member(NamedTuple):
    """A value and its parameters; `token` is empty for a value that is none, tokens for a list."""

    token: str
    parameters: tuple[tuple[str, str], ...] = ()


class _BrokenError(Exception):
    """The text is no dictionary."""


def dictionary(text: str) -> dict[str, Member] | None:
    """Parse a dictionary (section 4.2.2), `None` where the text is none; never raises."""
    text = text.strip(" ")
    members: dict[str, Member] = {}
    at = 0
    try:
        while at < len(text):
            key, at = _take(_KEY, text, at)
            member, at = _member(text, at)
            members.pop(key, None)
            members[key] = member
            if at == len(text):
                return members
            at = _take(_COMMA, text, at)[1]
            if at == len(text):
                return None
    except _BrokenError:
        return None
    return members


def _take(form: re.Pattern[str], text: str, at: int) -> tuple[str, int]:
    found = form.match(text, at)
    if found is None:
        raise _BrokenError
    return found[0], found.end()


def _member(text: str, at: int) -> tuple[Member, int]:
    """Read the value after a key: `=` and an item or an inner list, or nothing, which is true."""
    token = ""
    if text.startswith("=(", at):
        token, at = _inner_list(text, at + 2)
    elif text.startswith("=", at):
        token, at = _item(text, at + 1)
    parameters, at = _parameters(text, at)
    return Member(token, parameters), at


def _item(text: str, at: int) -> tuple[str, int]:
    found = _TOKEN.match(text, at)
    return (found[0], found.end()) if found is not None else ("", _take(_OTHER, text, at)[1])


def _inner_list(text: str, at: int) -> tuple[str, int]:
    """Read a list up to its bracket; its tokens come back as one text, a space between them."""
    tokens: list[str] = []
    while True:
        spaces, at = _take(_SPACES, text, at)
        if text.startswith(")", at):
            return " ".join(["", *tokens, ""]), at + 1
        if tokens and not spaces:
            raise _BrokenError
        token, at = _item(text, at)
        tokens.append(token)
        at = _parameters(text, at)[1]


def _parameters(text: str, at: int) -> tuple[tuple[tuple[str, str], ...], int]:
    found: dict[str, str] = {}
    while text.startswith(";", at):
        at = _take(_SPACES, text, at + 1)[1]
        name, at = _take(_KEY, text, at)
        value = ""
        if text.startswith("=", at):
            begin = at + 1
            _, at = _item(text, begin)
            value = text[begin:at].strip('"')
        found[name] = value
    return tuple(found.items()), at
