"""Tasks that sleep: what benchmarks/scheduler.py sends to its workers."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pipeline.engine.task import Context, Record

_FILL = "x" * 3000  # what makes a record as large as that of a screen


class Nap(msgspec.Struct, frozen=True):
    """A task that works for so long; `number` makes it another task."""

    run: str
    number: int
    seconds: float


def nap(spec: Nap, _context: Context) -> Record:
    """Sleep, and say who slept when."""
    began = time.time()
    time.sleep(spec.seconds)
    return {
        "began": began,
        "ended": time.time(),
        "worker": threading.get_ident(),
        "process": os.getpid(),
        "fill": _FILL,
    }
