"""The optional engine that looks for many words in one pass; `None` where it is not installed."""

from __future__ import annotations

from typing import Any, Final

try:
    import hyperscan
except ImportError:  # the fallbacks say the same, some ten times slower
    hyperscan = None  # type: ignore[assignment]  # stands for a missing module

ENGINE: Final[Any] = hyperscan


def compile_words(words: tuple[str, ...], ids: list[int], flags: int) -> Any:
    """Compile patterns to one database for `scan`, which reads UTF-8."""
    database = ENGINE.Database(mode=ENGINE.HS_MODE_BLOCK)
    database.compile(
        expressions=[each.encode() for each in words],
        ids=ids,
        elements=len(words),
        flags=[flags] * len(words),
    )
    return database
