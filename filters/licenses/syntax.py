"""SPDX 3 licence expressions as frozen values: `parse` reads one, `render` writes it back.

Grammar: SPDX specification 3.0.1, annex B "SPDX license expressions". Operators are read in any
case, as version 2.3 allowed.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

import msgspec

from filters.licenses.ids import index

MAX_LENGTH: Final = 4096  # code points of an expression
MAX_DEPTH: Final = 64  # parentheses inside parentheses
_TOKEN: Final = re.compile(r"\s*(?:([()])|([A-Za-z0-9.-]+(?::[A-Za-z0-9.-]+)?\+?)|(\S))")
_REFERENCE: Final = re.compile(
    r"(?:DocumentRef-[a-z0-9.-]+:)?(LicenseRef|AdditionRef)-[a-z0-9.-]+", re.IGNORECASE
)
_PREFIXES: Final = re.compile(r"documentref-|licenseref-|additionref-", re.IGNORECASE)
_SPELLING: Final = {
    "documentref-": "DocumentRef-",
    "licenseref-": "LicenseRef-",
    "additionref-": "AdditionRef-",
}


class LicenseSyntaxError(ValueError):
    """Not a licence expression. The message names the kind of mistake and at most one id."""


class License(msgspec.Struct, frozen=True):
    """One id, `plus` for "or any later version", `exception` what stands after WITH or `""`."""

    id: str
    plus: bool = False
    exception: str = ""


class Combination(msgspec.Struct, frozen=True):
    """Two or more different parts, none of them of the same operator; `combine` builds it."""

    operator: Literal["AND", "OR"]
    parts: tuple[Expression, ...]


Expression: TypeAlias = License | Combination


def combine(operator: Literal["AND", "OR"], parts: list[Expression]) -> Expression:
    """Join parts in the order given; nested ones of the same operator dissolve, repeats go."""
    flat: dict[Expression, None] = {}
    for part in parts:
        if isinstance(part, Combination) and part.operator == operator:
            flat.update(dict.fromkeys(part.parts))
        else:
            flat[part] = None
    if len(flat) == 1:
        return next(iter(flat))
    return Combination(operator, tuple(flat))


def render(expression: Expression) -> str:
    """Write the expression with the fewest parentheses; `parse` gives the same value back."""
    if isinstance(expression, License):
        plain = f"{expression.id}+" if expression.plus else expression.id
        return f"{plain} WITH {expression.exception}" if expression.exception else plain
    return f" {expression.operator} ".join(
        f"({render(part)})" if _loosens(part, expression.operator) else render(part)
        for part in expression.parts
    )


def _loosens(part: Expression, operator: str) -> bool:
    return isinstance(part, Combination) and part.operator == "OR" and operator == "AND"


def parse(text: str) -> Expression:
    """Read an expression; ids get their official case, unknown and deprecated ones stay.

    Raises `LicenseSyntaxError`, which never quotes more of the text than one id.
    """
    if len(text) > MAX_LENGTH:
        raise LicenseSyntaxError(f"longer than {MAX_LENGTH} characters")
    reader = _Reader(_tokens(text))
    expression = reader.either(0)
    reader.finish()
    return expression


def _tokens(text: str) -> list[str]:
    tokens = []
    for match in _TOKEN.finditer(text):
        if match[3] is not None:
            raise LicenseSyntaxError(f"no expression holds the character U+{ord(match[3]):04X}")
        tokens.append(match[1] or match[2])
    if not tokens:
        raise LicenseSyntaxError("empty")
    return tokens


class _Reader:
    """A recursive-descent reader: OR binds loosest, then AND, then WITH."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at].upper() if self.at < len(self.tokens) else ""

    def take(self) -> str:
        if self.at == len(self.tokens):
            raise LicenseSyntaxError("ends where an id should stand")
        self.at += 1
        return self.tokens[self.at - 1]

    def finish(self) -> None:
        if self.at < len(self.tokens):
            raise LicenseSyntaxError("two ids without an operator, or a parenthesis too many")

    def either(self, depth: int) -> Expression:
        parts = [self.both(depth)]
        while self.peek() == "OR":
            self.at += 1
            parts.append(self.both(depth))
        return combine("OR", parts)

    def both(self, depth: int) -> Expression:
        parts = [self.single(depth)]
        while self.peek() == "AND":
            self.at += 1
            parts.append(self.single(depth))
        return combine("AND", parts)

    def single(self, depth: int) -> Expression:
        if self.peek() != "(":
            return self.license()
        if depth == MAX_DEPTH:
            raise LicenseSyntaxError(f"more than {MAX_DEPTH} nested parentheses")
        self.at += 1
        inner = self.either(depth + 1)
        if self.peek() != ")":
            raise LicenseSyntaxError("a parenthesis stays open")
        self.at += 1
        return inner

    def license(self) -> License:
        word = self.take()
        plus = word.endswith("+")
        name = canonical_id(word.removesuffix("+"))
        if self.peek() != "WITH":
            return License(name, plus)
        self.at += 1
        exception = self.take()
        if exception.endswith("+"):
            raise LicenseSyntaxError("an exception takes no '+'")
        return License(name, plus, canonical_exception(exception))


def canonical_id(word: str) -> str:
    """Spell a licence id as the SPDX list does; an id that it does not have stays as it is."""
    _refuse(word)
    known = index().licenses.get(word.lower())
    return known if known is not None else _reference(word)


def canonical_exception(word: str) -> str:
    """Spell an exception's id in the same way."""
    _refuse(word)
    known = index().exceptions.get(word.lower())
    return known if known is not None else _reference(word)


def _refuse(word: str) -> None:
    if word in {"(", ")"} or word.upper() in {"AND", "OR", "WITH"}:
        raise LicenseSyntaxError("an operator or parenthesis where an id should stand")


def _reference(word: str) -> str:
    """Check a word that is no listed id; references keep their own part's case."""
    if ":" not in word and not _PREFIXES.match(word):
        return word
    if _REFERENCE.fullmatch(word) is None:
        raise LicenseSyntaxError("a reference that is neither LicenseRef nor AdditionRef")
    document, colon, own = word.rpartition(":")
    return colon.join(_spell(part) for part in (document, own) if part)


def _spell(part: str) -> str:
    return _PREFIXES.sub(lambda match: _SPELLING[match[0].lower()], part, count=1)
