"""Loaded by each local worker at its start: interrupts are the driver's business."""

from __future__ import annotations

import logging
from typing import Any

from pipeline.engine.cluster import leave_interrupts_to_the_driver


def dask_setup(_worker: Any) -> None:
    """Dask calls this hook once the worker process is up."""
    logging.disable()  # that a driver is gone is no news: errors of tasks reach it another way
    leave_interrupts_to_the_driver()
