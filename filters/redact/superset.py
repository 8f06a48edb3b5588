"""Translate a text regex into a byte regex that matches inside every match of the original.

The result is a *superset* in this sense: wherever the original matches the code points `[s, t)` of
one line, the translation matches some bytes inside the UTF-8 encoding of exactly that range of the
folded text (`fold`). It may match in other places too, never in fewer. It uses only what block-mode
Hyperscan supports: byte classes, groups, alternation and repeats; no flags, no UTF-8 mode.
"""

from __future__ import annotations

import re
from functools import cache
from re import _compiler, _parser  # type: ignore[attr-defined]  # the parser has no public name
from re import _constants as op  # type: ignore[attr-defined]  # the same
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from filters.redact.spelled import Spelled

_ASCII: Final = 128
_NEWLINE: Final = 0x0A
# The longest UTF-8 sequence; one code point is at most this many bytes (RFC 3629).
_UTF8_MAX: Final = 4
# The only characters outside ASCII that equal one of its letters when case is ignored; `fold`
# puts that letter in their place. Test: no other does.
_FOLDS: Final = {"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u212a": "k"}
# A bounded repeat up to more bytes than this is left open: counting costs Hyperscan states, and a
# wider repeat is still a superset, on the same line.
_COUNTED: Final = 64
_REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_SINGLES: Final = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)
_UNICODE_CLASSES: Final = (op.CATEGORY_DIGIT, op.CATEGORY_SPACE, op.CATEGORY_WORD)
_HIGH: Final = frozenset(range(0x80, 0x100))
# More characters outside ASCII than this in one class are taken for any.
_ENUMERATED: Final = 64
# A class with characters of several bytes is spelled exactly in repeats up to this many times.
_EXACT: Final = 3
# Beyond this code point no character has a case.
_CASED_END: Final = 0x1F000


class _Tree(NamedTuple):
    """What the translation of one pattern needs besides the node at hand."""

    state: Any  # the parser's, which knows the widths of groups
    groups: dict[int, str]  # the translation of each group passed so far, for back-references


def fold(text: str) -> str:
    """Put an ASCII letter in place of each character that equals one when case is ignored.

    The text keeps its length in code points. Supersets match the folded text: that spares them
    the alternatives, and Hyperscan finds caseless words by their literals.
    """
    for mark, letter in _FOLDS.items():
        text = text.replace(mark, letter)
    return text


def superset(pattern: re.Pattern[str] | Spelled, *, in_context: bool = False) -> bytes:
    """Return the byte regex for one compiled pattern.

    With `in_context` the original is run inside the whole text, so that a leading `^` of lines or
    negative look-behind of one class sees the true preceding character and is kept; otherwise the
    original is run on a cut-out line, and every look-around is dropped. Raises ValueError for what has no
    useful superset: an original that can match the empty string, or that must match a newline.
    """
    parsed = _parser.parse(pattern.pattern, pattern.flags)
    if parsed.getwidth()[0] == 0:
        raise ValueError("a rule that matches the empty string has no superset")
    items = list(parsed)
    guard = _guard(items[0], pattern.flags) if in_context else ""
    # what a guard stands before must not be trimmed: the guard would then look at the wrong place
    body = _sequence(items, pattern.flags, _Tree(parsed.state, {}), head=not guard, tail=True)
    return (guard + body).encode("ascii")


def _guard(item: tuple[Any, Any], flags: int) -> str:
    """Spell `^` of a line or `(?<![class])` as a consumed byte: the start, or one that may precede."""
    kind, value = item
    if kind is op.AT and value is op.AT_BEGINNING and flags & re.MULTILINE:
        return rf"(?:^|\x{_NEWLINE:02x})"
    if kind is not op.ASSERT_NOT or value[0] != -1:
        return ""
    inner = value[1]
    if len(inner) != 1 or inner[0][0] not in _SINGLES:
        return ""
    one = _single(_key(inner[0]), flags)
    allowed = {byte for byte in range(_ASCII) if one.fullmatch(chr(byte)) is None}
    if allowed != {_NEWLINE}:  # nothing but the start of a line asks for all other characters
        allowed |= _HIGH
        allowed |= {ord(letter) for mark, letter in _FOLDS.items() if one.fullmatch(mark) is None}
    return f"(?:^|{_class(allowed)})"


def _sequence(items: Any, flags: int, tree: _Tree, *, head: bool, tail: bool) -> str:
    """Translate a concatenation; optional items at an open end are trimmed away."""
    nodes = list(items)
    _note_groups(nodes, flags, tree)
    while head and nodes and _nullable(nodes[0], tree):
        del nodes[0]
    while tail and nodes and _nullable(nodes[-1], tree):
        del nodes[-1]
    last = len(nodes) - 1
    return "".join(
        _node(node, flags, tree, head=head and i == 0, tail=tail and i == last)
        for i, node in enumerate(nodes)
    )


def _note_groups(nodes: list[Any], flags: int, tree: _Tree) -> None:
    """Translate the capture groups of a concatenation whole, before any end is trimmed."""
    for kind, value in nodes:
        if kind is op.SUBPATTERN and value[0] is not None and value[0] not in tree.groups:
            tree.groups[value[0]] = _node((kind, value), flags, tree, head=False, tail=False)


def _nullable(node: Any, tree: _Tree) -> bool:
    return bool(_parser.SubPattern(tree.state, [node]).getwidth()[0] == 0)


def _node(  # noqa: PLR0911  one return a kind of node
    node: Any, flags: int, tree: _Tree, *, head: bool, tail: bool
) -> str:
    kind, value = node
    if kind in _SINGLES:
        return _repeat_class(node, flags, 1, 1)
    if kind in _REPEATS:
        low, high, inner = value
        return _repeat(inner, flags, tree, low, low if head or tail else high)
    if kind is op.SUBPATTERN:
        _, added, removed, inner = value
        return _group(_sequence(inner, (flags | added) & ~removed, tree, head=head, tail=tail))
    if kind is op.ATOMIC_GROUP:
        return _group(_sequence(value, flags, tree, head=head, tail=tail))
    if kind is op.BRANCH:
        parts = (_sequence(part, flags, tree, head=head, tail=tail) for part in value[1])
        return _group("|".join(parts))
    if kind is op.GROUPREF:
        return tree.groups[value]
    if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return ""
    raise ValueError(f"no superset for the regex construct {kind}")


def _group(body: str) -> str:
    return f"(?:{body})"


def _repeat(inner: Any, flags: int, tree: _Tree, low: int, high: Any) -> str:
    if len(inner) == 1 and inner[0][0] in _SINGLES:
        return _repeat_class(inner[0], flags, low, high)
    body = _sequence(inner, flags, tree, head=False, tail=False)
    return _group(body) + _bounds(low, high) if body else ""


def _bounds(low: int, high: Any) -> str:
    if high > max(low, _COUNTED):  # MAXREPEAT is a large number
        return f"{{{low},}}"
    return f"{{{low}}}" if low == high else f"{{{low},{high}}}"


def _repeat_class(node: Any, flags: int, low: int, high: Any) -> str:
    """Translate `low` to `high` characters of one class into bytes of it."""
    characters = _characters(_key(node), flags)
    plain = characters.ascii - {_NEWLINE}
    if not plain and characters.others == ():
        if low == 0:
            return ""
        raise ValueError("a newline must follow: the rule needs a trigger that ends before it")
    if characters.others is None:
        return _class(plain | _HIGH) + _bounds(low, high * _UTF8_MAX)
    if not characters.others:
        return _class(plain) + _times(low, high)
    if high <= _EXACT:
        return _group("|".join(_sequences(plain, characters.others))) + _times(low, high)
    used = frozenset(byte for text in characters.others for byte in text)
    return _class(plain | used) + _bounds(low, high * _UTF8_MAX)


def _times(low: int, high: Any) -> str:
    return "" if low == high == 1 else _bounds(low, high)


def _sequences(plain: frozenset[int], others: tuple[bytes, ...]) -> list[str]:
    """Spell characters one by one, those that differ in the last byte alone together."""
    last: dict[bytes, set[int]] = {}
    for text in others:
        last.setdefault(text[:-1], set()).add(text[-1])
    spelled = [
        "".join(rf"\x{byte:02x}" for byte in first) + _class(frozenset(ends))
        for first, ends in sorted(last.items())
    ]
    return [_class(plain), *spelled] if plain else spelled


def _class(members: frozenset[int] | set[int]) -> str:
    """Spell a set of bytes."""
    ordered = sorted(members)
    runs: list[list[int]] = []
    for byte in ordered:
        if runs and runs[-1][1] == byte - 1:
            runs[-1][1] = byte
        else:
            runs.append([byte, byte])
    spelled = [rf"\x{low:02x}" if low == top else rf"\x{low:02x}-\x{top:02x}" for low, top in runs]
    return spelled[0] if len(ordered) == 1 else f"[{''.join(spelled)}]"


class _Characters(NamedTuple):
    """What a one-character node matches in a folded text."""

    ascii: frozenset[int]
    others: tuple[bytes, ...] | None  # in UTF-8; None: any


def _key(node: Any) -> tuple[Any, Any]:
    kind, value = node
    return kind, tuple(value) if kind is op.IN else value


@cache
def _characters(node: tuple[Any, Any], flags: int) -> _Characters:
    """Ask `re` itself what a one-character node matches."""
    one = _single(node, flags)
    found = {byte for byte in range(_ASCII) if one.fullmatch(chr(byte)) is not None}
    found |= {ord(letter) for mark, letter in _FOLDS.items() if one.fullmatch(mark) is not None}
    points = _beyond_ascii(node, flags)
    if points is None:
        return _Characters(frozenset(found), None)
    if flags & re.IGNORECASE:
        points |= set(map(ord, one.findall(_cased())))
    marks = set(map(ord, _FOLDS))
    return _Characters(
        frozenset(found),
        tuple(chr(point).encode("utf-8", "surrogatepass") for point in sorted(points - marks)),
    )


@cache
def _single(node: tuple[Any, Any], flags: int) -> re.Pattern[str]:
    """Compile a one-character node alone."""
    kind, value = node
    state = _parser.State()
    state.flags = flags
    tree = _parser.SubPattern(state, [(kind, list(value) if kind is op.IN else value)])
    one: re.Pattern[str] = _compiler.compile(tree, flags)
    return one


@cache
def _cased() -> str:
    """Return all characters outside ASCII that have a case."""
    others = map(chr, range(_ASCII, _CASED_END))
    return "".join(one for one in others if one.lower() != one or one.upper() != one)


@cache
def _spaces() -> frozenset[int]:
    return frozenset(point for point in range(_ASCII, _CASED_END) if chr(point).isspace())


def _beyond_ascii(node: tuple[Any, Any], flags: int) -> set[int] | None:
    """List the code points outside ASCII that a node names; None for any or too many of them."""
    kind, value = node
    if kind is op.LITERAL:
        return {value} if value >= _ASCII else set()
    if kind is not op.IN:
        return None
    points: set[int] = set()
    for item in value:
        more = _item(item, classes=not flags & re.ASCII)
        if more is None or len(more) > _ENUMERATED:
            return None
        points |= more
    return points if len(points) <= _ENUMERATED else None


def _item(item: tuple[Any, Any], *, classes: bool) -> set[int] | frozenset[int] | None:
    """List the code points outside ASCII of one part of a class; None for any."""
    kind, value = item
    if kind is op.LITERAL:
        return {value} if value >= _ASCII else set()
    if kind is op.RANGE:
        low, top = max(value[0], _ASCII), value[1]
        return set(range(low, top + 1)) if top - low <= _ENUMERATED else None
    if kind is op.CATEGORY and value in _UNICODE_CLASSES and not classes:
        return set()
    if kind is op.CATEGORY and value == op.CATEGORY_SPACE:
        return _spaces()
    return None  # NEGATE, or a class that others are in
