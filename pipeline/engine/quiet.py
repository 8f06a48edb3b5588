"""Loaded by each local worker at its start: it ends with its nanny, and interrupts are the driver's business."""

from __future__ import annotations

import logging
import os
import signal
from typing import Any

from pipeline.engine.guard import die_with


def dask_setup(_worker: Any) -> None:
    """Dask calls this hook once the worker process is up.

    Ctrl-C reaches the whole process group, but the driver alone decides what stops.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable()  # that a driver is gone is no news: errors of tasks reach it another way
    die_with(os.getppid())
