"""What the adapters of peers share: documents as JSON lines in, spans as JSON lines out, seconds last.

It needs the standard library only, for each adapter runs in the environment of its peer.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Span = tuple[int, int, str]


def serve(detect: Callable[[str], Iterable[Span]]) -> None:
    """Answer each document on standard input; last comes the processor time, loading left out."""
    texts = [json.loads(line)["text"] for line in sys.stdin]
    start = time.process_time()
    answers = [sorted(set(detect(text))) for text in texts]
    finish(answers, time.process_time() - start)


def finish(answers: Iterable[list[Span]], seconds: float) -> None:
    """Write the answers and the seconds."""
    for spans in answers:
        print(json.dumps({"spans": spans}))
    print(json.dumps({"seconds": seconds}))


def places(
    text: str, value: str, start: int = 0, end: int | None = None
) -> Iterable[tuple[int, int]]:
    """Yield where a value stands in a part of a text."""
    stop = len(text) if end is None else end
    at = text.find(value, start, stop)
    while value and at >= 0:
        yield at, at + len(value)
        at = text.find(value, at + len(value), stop)


def line_starts(text: str) -> list[int]:
    """Return where each line begins; lines end with a line feed alone."""
    return [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
