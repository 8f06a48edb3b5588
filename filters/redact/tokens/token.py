"""What a token format is: one row of the provider tables, and the rule that a row becomes."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.redact.rule import Level, Range, Rule, backslashes, ends_free, starts_free
from filters.redact.secrets.values import entropy, is_specimen
from filters.redact.spelled import Spelled
from filters.redact.tokens.near import near_rule

if TYPE_CHECKING:
    from collections.abc import Callable

# What ends in a letter or digit but is none: percent-escapes, escapes by number, terminal colours
_ESCAPE: Final = re.compile(
    r"(?:%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|(?:\x1b|\\033|\\x1b|\\u001b|\\e)\[[\d;]{0,12}m)\Z"
)
_ESCAPE_SIZE: Final = 24
# Zero bytes in base64
_ZEROS: Final = re.compile("A{6,}")

# What a session's cookie says to who looks at it; no sign of a specimen
_WARNING: Final = re.compile(r"_\|WARNING[^|]{0,200}\|_")

# The tail of an escape at which a format without a fixed beginning might start
_TAIL: Final = re.compile(
    r"(?<=\\)(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[abefnrtv0])|(?<=%)[0-9A-Fa-f]{2}|(?<=\x1b\[)[\d;]{1,12}m"
)

# Where a format may start that has no fixed beginning and no fixed length: tried nowhere else, it is
# linear on long runs of its letters. A look-behind has one width, so each escape is named.
FREE: Final = (
    r"(?:(?<![A-Za-z0-9])|(?<=\\[abefnrtv])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\x[0-9A-Fa-f]{2})"
    r"|(?<=\[\dm)|(?<=\[\d\dm))"
)
UUID: Final = r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"


class Token(NamedTuple):
    r"""One published token format.

    `regex` is the format, case-sensitive and ASCII; a group in it redacts the group alone. With
    `near`, a case-insensitive regex of the provider's name, the format is sought only behind that
    name on the same line, as in `DATADOG_API_KEY = "…"` (`near_rule`): for formats that nothing else
    tells from a hash. `floor` asks for that many bits of entropy a character. `seal` verifies the format's
    checksum: a value that bears it is accepted wherever it stands; with `sealed` no other value
    is. `zeros` says that the format itself holds long runs of `A`, zero bytes in base64.
    `trigger` is a part of the format that is cheaper to look for everywhere (`rule.Rule`).
    `yes` and `no` are templates of what must and must not be found (`examples.spell`).
    Every repeat has an upper bound where something must follow it, so that each regex is linear.
    """

    provider: str
    kind: str
    regex: str
    level: Level = "permissive"
    near: str = ""
    seal: Callable[[str], bool] | None = None
    floor: float = 0.0
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    sealed: bool = False
    zeros: bool = False
    trigger: str = ""

    @property
    def id(self) -> str:
        """The rule's name."""
        return f"{self.provider}-{'named-' if self.near else ''}{self.kind}"


def rule_of(token: Token) -> Rule:
    """Turn a row into a rule."""
    if token.near:
        return near_rule(token.id, token.regex, token.near, token.level, token.yes, token.no)
    pattern = Spelled(token.regex)
    check = partial(_check, token)
    trigger = Spelled(token.trigger) if token.trigger else None
    return Rule(
        token.id, "SECRET", token.level, pattern, check, trigger, yes=token.yes, no=token.no
    )


def _check(token: Token, match: re.Match[str]) -> Range | None:
    """Accept a token that is proven by its checksum, or stands free and is no specimen."""
    found = _past_escape(match.string, match.span(match.re.groups))
    value = match.string[slice(*found)]
    if token.seal is not None and token.seal(value):
        return found
    free = begins_free(match.string, match.start()) and ends_free(match.string, match.end())
    if token.sealed or not free or entropy(value) < token.floor:
        return None
    value = _WARNING.sub("", _ZEROS.sub("A", value) if token.zeros else value)
    return None if is_specimen(value) else found


def _past_escape(text: str, found: Range) -> Range:
    r"""Move the start of a span past the tail of an escape: `n` of `\n` belongs to no token."""
    start, end = found
    tail = _TAIL.match(text, start)
    if tail is None or (text[start - 1] == "\\" and backslashes(text, start) % 2 == 0):
        return found
    return tail.end(), end


def begins_free(text: str, start: int) -> bool:
    r"""Tell whether a token may start here: at no letter or digit but that of an escape (`%3D`)."""
    return (
        starts_free(text, start)
        or _ESCAPE.search(text[max(0, start - _ESCAPE_SIZE) : start]) is not None
    )
