"""One pass over a text says which hints stand in it: a rule whose hint does not is not tried.

A hint is a pattern without which its rule finds nothing. It is written in what the engine and `re`
read alike, for the bytes of lower-case UTF-8: no classes of letters but ASCII ones, and of what may
be anything four times the length.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from filters.licenses.notices.engine import ENGINE, compile_words

if TYPE_CHECKING:
    from collections.abc import Iterable

Hints = frozenset[str]


class Hinter:
    """A set of hints, compiled when first asked for."""

    def __init__(self, hints: Iterable[str]) -> None:
        """Hold each once."""
        self._hints = tuple(dict.fromkeys(hints))

    def of(self, low: str) -> Hints:
        """Return the hints that stand in a flat lower-case text."""
        if ENGINE is None:
            return self.of_slowly(low)
        found: list[int] = []
        data = low.encode("utf-8", "surrogatepass")
        self._database.scan(data, match_event_handler=lambda at, *_: found.append(at))
        return frozenset(map(self._hints.__getitem__, found))

    def of_slowly(self, low: str) -> Hints:
        """Return the same without the engine."""
        data = low.encode("utf-8", "surrogatepass")
        return frozenset(hint for hint in self._hints if re.search(hint.encode(), data))

    @functools.cached_property
    def _database(self) -> Any:
        ids = list(range(len(self._hints)))
        return compile_words(self._hints, ids, ENGINE.HS_FLAG_SINGLEMATCH)
