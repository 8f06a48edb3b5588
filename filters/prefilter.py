"""Decide in one pass over a text which rules may match on which lines, and never miss one.

Every rule's regex is translated into a byte-level superset (`rules_superset`); all of them go into
one Hyperscan database that runs over the UTF-8 bytes of the whole text. A rule then looks only at
lines where its superset fired. Without Hyperscan every rule looks at every line: the same
findings, some hundred times slower.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from filters.document import Span
from filters.rules_superset import superset

try:
    import hyperscan
except ImportError:  # pragma: no cover  a platform without a wheel
    hyperscan = None  # type: ignore[assignment]  # stands for a missing module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.rules_base import Rule

Engine = Literal["hyperscan", "re"]
BEST: Final[Engine] = "re" if hyperscan is None else "hyperscan"

# Rules that are not linear in the length of a line see it in pieces of this many code points. The
# step leaves an overlap as long as the longest token format of such a rule (GitLab's agent token).
WINDOW: Final = 4096
STEP: Final = WINDOW - 1088

_CONTINUATION: Final = 0xC0
_CONTINUATION_MARK: Final = 0x80


class Scanner(NamedTuple):
    """Some rules, and the database that tells where they may match (None: look everywhere)."""

    rules: tuple[Rule, ...]
    database: Any


class Zone(NamedTuple):
    """A range of code points of the text at which one rule has to look."""

    rule: Rule
    start: int
    end: int


def build(rules: tuple[Rule, ...], engine: Engine = BEST) -> Scanner:
    """Compile the rules for one engine; takes about a second for a hundred rules."""
    if engine == "re":
        return Scanner(rules, None)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[
            superset(rule.trigger or rule.pattern, in_context=not rule.cut) for rule in rules
        ],
        ids=list(range(len(rules))),
        elements=len(rules),
        flags=0,
    )
    return Scanner(rules, database)


def find(scanner: Scanner, text: str) -> list[Span]:
    """Return what the rules detect, sorted by position; spans may overlap."""
    zones = _everywhere(scanner, text) if scanner.database is None else _fired(scanner, text)
    found = {span for zone in zones for span in _look(zone, text)}
    return sorted(found)


def _look(zone: Zone, text: str) -> Iterator[Span]:
    """Run one rule on one zone."""
    rule, start, end = zone
    if rule.cut:
        matches, shift = rule.pattern.finditer(text[start:end]), start
    else:
        matches, shift = rule.pattern.finditer(text, start, min(end + rule.reach, len(text))), 0
    for match in matches:
        if match.start() + shift > end:
            return
        accepted = rule.check(match)
        if accepted is not None and accepted[0] < accepted[1]:
            yield Span(accepted[0] + shift, accepted[1] + shift, rule.type, rule.id)


def _everywhere(scanner: Scanner, text: str) -> Iterator[Zone]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        windows = list(_windows(start, end))
        for rule in scanner.rules:
            if rule.cut:
                yield from (Zone(rule, low, high) for low, high in windows)
            else:
                yield Zone(rule, start, end)
        start = end + 1


def _windows(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a line into overlapping windows; a line of up to one window stays whole."""
    if end - start <= WINDOW:
        yield start, end
        return
    for low in range(start, end, STEP):
        yield low, min(low + WINDOW, end)


def _fired(scanner: Scanner, text: str) -> Iterator[Zone]:
    """Turn the places where supersets fired into zones, each once, in order of position."""
    seen: set[tuple[int, int]] = set()
    start, end = 0, -1
    for position, index in _positions(scanner.database, text):
        if position > end:
            start = text.rfind("\n", 0, position) + 1
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            seen.clear()
        rule = scanner.rules[index]
        for low, high in _around(start, end, position) if rule.cut else ((start, end),):
            if (index, low) not in seen:
                seen.add((index, low))
                yield Zone(rule, low, high)


def _around(start: int, end: int, position: int) -> Iterator[tuple[int, int]]:
    """Yield those windows of a line that hold a position."""
    if end - start <= WINDOW:
        yield start, end
        return
    offset = position - start
    first = max(0, (offset - WINDOW) // STEP + 1)
    for index in range(first, offset // STEP + 1):
        low = start + index * STEP
        yield low, min(low + WINDOW, end)


def _positions(database: Any, text: str) -> list[tuple[int, int]]:
    """Return `(code point inside the match, rule index)` for every place that fired, sorted."""
    data = text.encode("utf-8")
    ends: set[tuple[int, int]] = set()
    add = ends.add

    def note(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
        add((end - 1, index))

    database.scan(data, match_event_handler=note, scratch=_scratch(database, threading.get_ident()))
    fired = sorted(ends)
    return fired if text.isascii() else _to_code_points(data, fired)


@cache
def _scratch(database: Any, _thread: int) -> Any:
    """Keep one scratch space for each thread: that makes the shared database safe to use from several."""
    return hyperscan.Scratch(database)


def _to_code_points(data: bytes, fired: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn byte positions into the positions of the code points that own the bytes."""
    result: list[tuple[int, int]] = []
    done = points = 0
    for position, index in fired:
        first = position
        while data[first] & _CONTINUATION == _CONTINUATION_MARK:
            first -= 1
        points += len(data[done:first].decode("utf-8"))
        done = first
        result.append((points, index))
    return result
