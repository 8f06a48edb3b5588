"""Decide in one pass over a text which rules may match on which lines, and never miss one.

Every rule's regex is translated into a byte-level superset (`superset`); all of them go into one
Hyperscan database (`database`) that runs over the UTF-8 bytes of the lines that could match at all
(`sieve`). A rule then looks only at lines where its superset fired. Without Hyperscan every rule
looks at every line: the same findings, some hundred times slower.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from filters.document import Span
from filters.redact.database import Compiled, Scanner, Sharing, is_windowed, scratch
from filters.redact.rule import Rule, has_context
from filters.redact.sieve import Kept, sift
from filters.redact.superset import fold

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

# A long line is seen in pieces of this many code points by the rules that are not linear in its
# length, and by those whose matches are short: else each place that fires would cost a whole line.
# The step leaves an overlap that holds the longest match of such a rule.
WINDOW: Final = 4096
_OVERLAP: Final = 1088
STEP: Final = WINDOW - _OVERLAP
# What a rule's look-ahead may see behind a window
_MARGIN: Final = 256

# An event is one number, position << _SHIFT | rule: quicker to keep and to sort than a pair.
_SHIFT: Final = 16
_INDEX: Final = (1 << _SHIFT) - 1
_WHOLE: Final = 1 << 40  # stands for the last window of any line
_CONTINUATION: Final = 0xC0
_CONTINUATION_MARK: Final = 0x80
# Lone surrogates can stand in a text of Python; they pass both ways.
_ERRORS: Final = "surrogatepass"


class Zone(NamedTuple):
    """A range of code points of the text at which one rule has to look.

    Matches must end by `end`; what stands before `stop` may be looked at.
    """

    rule: Rule
    start: int
    end: int
    stop: int


def find(scanner: Scanner, text: str) -> list[Span]:
    """Return what the rules detect, sorted by position; spans may overlap."""
    found: set[Span] = set()
    for zone in zones(scanner, text):
        _look(zone, text, found)
    return sorted(found)


def zones(scanner: Scanner, text: str) -> Iterator[Zone]:
    """Yield each line (or window of one) at which a rule has to look, each once."""
    return (
        _everywhere(scanner, text)
        if scanner.compiled is None
        else _fired(scanner.compiled, scanner.sharing, text)
    )


def _look(zone: Zone, text: str, found: set[Span]) -> None:
    """Run one rule on one zone, and note what it finds."""
    rule, start, end, stop = zone
    if rule.cut:
        matches, shift = rule.pattern.finditer(text[start:end]), start
    else:
        matches, shift = rule.pattern.finditer(text, start, min(stop + rule.reach, len(text))), 0
    for match in matches:
        if match.start() + shift > end:
            return
        if end < stop and match.end() > end:
            continue  # cut by the window, or whole in the next one
        for accepted in (rule.check(match),) if rule.spread is None else rule.spread(match):
            if accepted is None or accepted[0] >= accepted[1]:
                continue
            low, high = accepted[0] + shift, accepted[1] + shift
            if has_context(rule, text, low, high) and _is_triggered(rule, text, match, shift):
                found.add(Span(low, high, rule.type, rule.id))


def _is_triggered(rule: Rule, text: str, match: re.Match[str], shift: int) -> bool:
    """Tell whether a rule's trigger matches on the line, near the match where that is long.

    A superset may fire where its trigger does not match; asked again, each engine finds the same.
    """
    if rule.trigger is None or rule.cut:
        return True
    start = match.start() + shift
    low = max(0, start - WINDOW)
    low = max(low, text.rfind("\n", low, start) + 1)
    high = text.find("\n", start, start + WINDOW)
    high = min(start + WINDOW, len(text)) if high < 0 else high
    return rule.trigger.search(text, low, high) is not None


def _everywhere(scanner: Scanner, text: str) -> Iterator[Zone]:
    start = 0
    each = [(rule, is_windowed(rule)) for rule in scanner.rules]
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        windows = list(_windows(start, end, 0, (end - 1 - start) // STEP))
        for rule, windowed in each:
            if windowed:
                yield from (_zone(rule, low, high, end) for low, high in windows)
            else:
                yield Zone(rule, start, end, end)
        start = end + 1


def _zone(rule: Rule, low: int, high: int, end: int) -> Zone:
    """Make the zone of one window of a line that ends at `end`."""
    return Zone(rule, low, high, high if rule.cut else min(high + _MARGIN, end))


def _windows(start: int, end: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the overlapping windows of a line by number; a short line stays whole."""
    if end - start <= WINDOW:
        yield start, end
        return
    for number in range(first, last + 1):
        low = start + number * STEP
        yield low, min(low + WINDOW, end)


def _fired(compiled: Compiled, sharing: Sharing, text: str) -> Iterator[Zone]:
    """Turn the places where supersets fired into zones, each once, in order of position."""
    seen: dict[int, int] = {}  # by expression: the number of the last window looked at
    start, end = 0, -1
    for event in _events(compiled, text):
        position, index = event >> _SHIFT, event & _INDEX
        if position > end:
            start = text.rfind("\n", 0, position) + 1
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            seen.clear()
        last = seen.get(index, -1)
        if last >= 0 and position < start + (last + 1) * STEP - _OVERLAP:
            continue
        whole, windowed = sharing[index]
        if last < 0:
            yield from [Zone(rule, start, end, end) for rule in whole]
        if not windowed or end - start <= WINDOW:
            seen[index] = _WHOLE
            yield from [Zone(rule, start, end, end) for rule in windowed]
            continue
        # what fired may be a rule's trigger, a little beside its match: windows close by count too
        first = max(last + 1, (position - _OVERLAP - start - WINDOW) // STEP + 1)
        seen[index] = (min(position + _OVERLAP, end) - 1 - start) // STEP
        for low, high in _windows(start, end, first, seen[index]):
            yield from [_zone(rule, low, high, end) for rule in windowed]


def _events(compiled: Compiled, text: str) -> list[int]:
    """Return `code point inside the match << _SHIFT | expression` for every place that fired, sorted."""
    data = (text if text.isascii() else fold(text)).encode("utf-8", _ERRORS)
    events = _places(compiled, data)
    return events if len(data) == len(text) else _in_code_points(data, events)


def _places(compiled: Compiled, data: bytes) -> list[int]:
    """Return `byte inside the match << _SHIFT | expression` for every place that fired, sorted."""
    kept = sift(compiled.sieve, data)
    events: list[int] = []
    add = events.append

    def note(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
        add(end - 1 << _SHIFT | index)

    if kept.data:
        database = compiled.database
        database.scan(
            kept.data, match_event_handler=note, scratch=_scratch(database, threading.get_ident())
        )
        events.sort()
    return _in_text(kept, events)


def _in_text(kept: Kept, events: list[int]) -> list[int]:
    """Turn the positions among the kept lines into those in the text."""
    if not events:
        return events
    runs = [*zip(kept.places.tolist(), kept.starts.tolist(), strict=True), (len(kept.data), 0)]
    result: list[int] = []
    number = shift = 0
    for event in events:
        while event >> _SHIFT >= runs[number][0]:
            shift = runs[number][1] - runs[number][0] << _SHIFT
            number += 1
        result.append(event + shift)
    return result


@cache
def _scratch(database: Any, _thread: int) -> Any:
    """Keep one scratch space for each thread: that makes the shared database safe to use from several."""
    return scratch(database)


def _in_code_points(data: bytes, events: list[int]) -> list[int]:
    """Turn byte positions into the positions of the code points that own the bytes."""
    result: list[int] = []
    done = points = 0
    for event in events:
        first = event >> _SHIFT
        while data[first] & _CONTINUATION == _CONTINUATION_MARK:
            first -= 1
        if first != done:
            points += len(data[done:first].decode("utf-8", _ERRORS))
            done = first
        result.append(points << _SHIFT | event & _INDEX)
    return result
