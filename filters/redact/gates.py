"""Tell which cheap sign every match of a superset shows on its line, so that most lines need no look.

Supersets cost Hyperscan most where their literals are common: their automata start at each. A gate
is one cheap expression; the supersets that cannot match a line without it run in a database of
their own, over those lines alone. Which gate a superset has is worked out from its regex.
"""

from __future__ import annotations

from re import _constants as op  # type: ignore[attr-defined]  # the parser has no public name
from re import _parser  # type: ignore[attr-defined]  # the same
from typing import Any, Final, NamedTuple

_ALNUM: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
# Random values are this long or longer; few words are.
_RUN: Final = 20

# Shorter literals slow down the search for all others of a database.
_LITERAL: Final = 3

_SINGLES: Final = (op.LITERAL, op.IN)


class _Runs(NamedTuple):
    """How many bytes of one class in a row every match has: somewhere, first, last; and no others."""

    best: int
    first: int
    last: int
    only: bool


_EMPTY: Final = _Runs(0, 0, 0, only=True)
_NONE: Final = _Runs(0, 0, 0, only=False)


# The run fires once.
GATES: Final = (b"(?:^|[^A-Za-z0-9])[A-Za-z0-9]{%d}" % _RUN,)


def gate(expression: bytes) -> int | None:
    """Return the number of the gate that fires on every line that the expression matches in."""
    tree = _parser.parse(expression.decode("ascii"))
    return 0 if _runs(tree, _ALNUM).best >= _RUN else None


def is_literal(expression: bytes) -> bool:
    """Tell whether every match holds a literal long enough for Hyperscan to seek it fast."""
    return _literal(_parser.parse(expression.decode("ascii"))) >= _LITERAL


def _literal(nodes: Any) -> int:
    """Return the length of the longest of the literals of which every match holds one."""
    best = read = 0
    for node in _flat(nodes):
        kind, value = node
        alike = {bytes((byte,)).lower() for byte in _bytes(node)}
        read = read + 1 if len(alike) == 1 else 0
        best = max(best, read)
        if kind is op.BRANCH:
            best = max(best, min(map(_literal, value[1])))
        if kind is op.MAX_REPEAT and value[0] > 0:
            best = max(best, _literal(value[2]))
    return best


def _flat(nodes: Any) -> list[Any]:
    """Put what groups hold in their place; the supersets' groups have no flags and no numbers."""
    flat = []
    for node in nodes:
        flat += _flat(node[1][3]) if node[0] is op.SUBPATTERN else [node]
    return flat


def _bytes(node: Any) -> frozenset[int]:
    """Return the bytes that a one-byte node matches; none for any other node."""
    kind, value = node
    if kind is op.LITERAL:
        return frozenset((value,))
    if kind is not op.IN or any(part[0] not in (op.LITERAL, op.RANGE) for part in value):
        return frozenset()
    members: set[int] = set()
    for part, bounds in value:
        members.update((bounds,) if part is op.LITERAL else range(bounds[0], bounds[1] + 1))
    return frozenset(members)


def _joined(left: _Runs, right: _Runs) -> _Runs:
    return _Runs(
        max(left.best, right.best, left.last + right.first),
        left.first + right.first if left.only else left.first,
        right.last + left.last if right.only else right.last,
        left.only and right.only,
    )


def _runs(nodes: Any, members: frozenset[int]) -> _Runs:
    """Return what runs of `members` a concatenation has at least."""
    found = _EMPTY
    for node in nodes:
        found = _joined(found, _run(node, members))
    return found


def _run(node: Any, members: frozenset[int]) -> _Runs:
    kind, value = node
    if kind in _SINGLES:
        inside = _bytes(node)
        return _Runs(1, 1, 1, only=True) if inside and inside <= members else _NONE
    if kind is op.SUBPATTERN:
        return _runs(value[3], members)
    if kind is op.BRANCH:
        parts = [_runs(part, members) for part in value[1]]
        best, first, last, only = zip(*parts, strict=True)
        return _Runs(min(best), min(first), min(last), all(only))
    if kind is op.MAX_REPEAT:
        return _repeated(value[0], _runs(value[2], members))
    return _EMPTY if kind is op.AT else _NONE


def _repeated(low: int, once: _Runs) -> _Runs:
    """Return what runs there are in `low` or more times the same."""
    if once.only:
        return _Runs(low * once.first, low * once.first, low * once.first, only=True)
    if low == 0:
        return _NONE
    return once._replace(best=max(once.best, once.last + once.first)) if low > 1 else once
