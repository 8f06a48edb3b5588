"""Loaded by each local worker at its start: it ends with its nanny, and interrupts are the driver's business."""

from __future__ import annotations

import os
import signal
from typing import Any

from pipeline.engine.guard import die_with


def dask_setup(_worker: Any) -> None:
    """Dask calls this hook once the worker process is up.

    Ctrl-C reaches the whole process group, but the driver alone decides what stops.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(os.getppid())
