"""The lines that a server says, on standard error; none of them has a text in it."""

from __future__ import annotations

from contextlib import suppress

from pipeline.terminal import say


def tell(line: str) -> None:
    """Say a line; where nobody takes lines any more, a pipe that was closed, the server goes on without."""
    with suppress(OSError, ValueError):
        say(f"serve: {line}", error=True)
