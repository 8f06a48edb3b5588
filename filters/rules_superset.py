"""Translate a text regex into a byte regex that matches inside every match of the original.

The result is a *superset* in this sense: wherever the original matches the code points `[s, t)` of
one line, the translation matches some bytes inside the UTF-8 encoding of exactly that range. It
may match in other places too, never in fewer. It uses only what block-mode Hyperscan supports:
byte classes, groups, alternation and bounded repeats; no flags, no UTF-8 mode, no captures.
"""

from __future__ import annotations

import re
from functools import cache
from re import _compiler, _parser  # type: ignore[attr-defined]  # the parser has no public name
from re import _constants as op  # type: ignore[attr-defined]  # the same
from typing import Any, Final, NamedTuple

_ASCII: Final = 128
_NEWLINE: Final = 0x0A
# The longest UTF-8 sequence; one code point is at most this many bytes (RFC 3629).
_UTF8_MAX: Final = 4
# The only letters of ASCII that non-ASCII characters equal under re.IGNORECASE:
# U+0130 and U+0131 (i), U+017F (s), U+212A (k).
_FOLDED: Final = frozenset(b"iIsSkK")
_REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_SINGLES: Final = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)
_UNICODE_CLASSES: Final = (op.CATEGORY_DIGIT, op.CATEGORY_SPACE, op.CATEGORY_WORD)
_HIGH: Final = r"\x80-\xff"


class _Tree(NamedTuple):
    """What the translation of one pattern needs besides the node at hand."""

    state: Any  # the parser's, which knows the widths of groups
    groups: dict[int, str]  # the translation of each group passed so far, for back-references


def superset(pattern: re.Pattern[str], *, in_context: bool = False) -> bytes:
    """Return the byte regex for one compiled pattern.

    With `in_context` the original is run inside the whole text, so that a leading negative
    look-behind of one class sees the true preceding character and is kept; otherwise the original
    is run on a cut-out line, and every look-around is dropped. Raises ValueError when the original
    can match the empty string, for which no useful superset exists.
    """
    parsed = _parser.parse(pattern.pattern, pattern.flags)
    if parsed.getwidth()[0] == 0:
        raise ValueError("a rule that matches the empty string has no superset")
    items = list(parsed)
    guard = ""
    if in_context and items[0][0] is op.ASSERT_NOT:
        guard = _guard(items[0][1], pattern.flags)
    # what a guard stands before must not be trimmed: the guard would then look at the wrong place
    tree = _Tree(parsed.state, {})
    body = _sequence(items, pattern.flags, tree, head=not guard, tail=True)
    return (guard + body).encode("ascii")


def _guard(assertion: tuple[int, Any], flags: int) -> str:
    """Spell `(?<![class])` as a consumed byte: the start of the data or anything not in it."""
    direction, inner = assertion
    if direction != -1 or len(inner) != 1 or inner[0][0] not in _SINGLES:
        return ""
    members, _ = _members(inner[0], flags)
    others = frozenset(range(_ASCII)) - members
    return f"(?:^|{_class(others, high=True)})"


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
    if high is op.MAXREPEAT or high == op.MAXREPEAT:
        return f"{{{low},}}"
    return f"{{{low}}}" if low == high else f"{{{low},{high}}}"


def _repeat_class(node: Any, flags: int, low: int, high: Any) -> str:
    """Translate `low` to `high` characters of one class into bytes of it."""
    members, wide = _members(node, flags)
    members -= {_NEWLINE}
    if not wide:
        once = _class(members, high=False)
        return once if low == high == 1 else once + _bounds(low, high)
    endless = high is op.MAXREPEAT or high == op.MAXREPEAT
    return _class(members, high=True) + _bounds(low, high if endless else high * _UTF8_MAX)


def _class(members: frozenset[int], *, high: bool) -> str:
    """Spell a set of ASCII bytes, with all bytes of multi-byte characters if `high`."""
    ordered = sorted(members)
    runs: list[list[int]] = []
    for byte in ordered:
        if runs and runs[-1][1] == byte - 1:
            runs[-1][1] = byte
        else:
            runs.append([byte, byte])
    spelled = [rf"\x{low:02x}" if low == top else rf"\x{low:02x}-\x{top:02x}" for low, top in runs]
    if len(ordered) == 1 and not high:
        return spelled[0]
    return f"[{''.join(spelled)}{_HIGH if high else ''}]"


def _members(node: Any, flags: int) -> tuple[frozenset[int], bool]:
    """Return the ASCII characters that a one-character node matches, and whether others may."""
    kind, value = node
    ascii_members = _ascii_members((kind, tuple(value) if kind is op.IN else value), flags)
    wide = _may_exceed_ascii(node, classes=not flags & re.ASCII)
    unicode_folds = flags & re.IGNORECASE and not flags & re.ASCII
    folds = bool(unicode_folds) and bool(ascii_members & _FOLDED)
    return ascii_members, wide or folds


@cache
def _ascii_members(node: tuple[Any, Any], flags: int) -> frozenset[int]:
    """Ask `re` itself which ASCII characters the one-character node matches."""
    kind, value = node
    state = _parser.State()
    state.flags = flags
    tree = _parser.SubPattern(state, [(kind, list(value) if kind is op.IN else value)])
    one = _compiler.compile(tree, flags)
    return frozenset(byte for byte in range(_ASCII) if one.fullmatch(chr(byte)) is not None)


def _may_exceed_ascii(node: Any, *, classes: bool) -> bool:
    kind, value = node
    if kind is op.LITERAL:
        return bool(value >= _ASCII)
    if kind is not op.IN:
        return True
    return any(_item_exceeds_ascii(item, classes=classes) for item in value)


def _item_exceeds_ascii(item: Any, *, classes: bool) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return bool(value >= _ASCII)
    if kind is op.RANGE:
        return bool(value[1] >= _ASCII)
    if kind is op.CATEGORY:
        return classes or value not in _UNICODE_CLASSES
    return True  # NEGATE
