"""What all requests of a server share: its reader, its counts and its limits."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipeline.qa.reader.serve.asked import MOST, read_asked
from pipeline.qa.reader.serve.batching import Worker
from pipeline.qa.reader.serve.metrics import Metrics

if TYPE_CHECKING:
    from pipeline.qa.reader.model_file import Head
    from pipeline.qa.reader.serve.asked import Asked
    from pipeline.qa.reader.serve.batching import Load, Queue
    from pipeline.qa.reader.serve.guard import Door

_AT_ONCE: Final = 1 << 14  # bytes of a body that is read at once


class Limits(NamedTuple):
    """Bytes of a body; seconds that a client may take to send a request, and to take the answer."""

    body: int
    patience: float


class Desk:
    """Behind a `door`, with `in_hand` requests that were begun and not ended.

    `threshold` is that of requests that have none: the reader's own unless one is given.
    """

    def __init__(
        self, name: str, load: Load, queue: Queue, limits: Limits, threshold: float | None,
        door: Door,
    ) -> None:  # fmt: skip
        self.name, self.limits, self.door = name, limits, door
        self._most = min(MOST, queue.most)
        self._reading = ThreadPoolExecutor(1, "bodies")
        self.metrics = Metrics()
        self.worker = Worker(load, queue, self.metrics)
        self.threshold = 1.0 if threshold is None else threshold
        self.in_hand = 0
        self._given = threshold
        self.about: dict[str, Any] = {"ready": False}

    async def open(self) -> None:
        """Load the reader, and take questions.

        Raises:
            ConfigError: a package is missing.
            InputError: it does not load.
        """
        self.worker.start()
        opened = await self.worker.loaded
        if self._given is None:
            self.threshold = opened.head.sureness.threshold
        self.about = _about(self.name, opened.head, opened.runtime.device, self.threshold)
        self.worker.open()

    async def read(self, body: bytes) -> Asked:
        """Read a body; a large one in a thread, for NFC takes a second for some hundred thousand code points.

        Raises:
            RefusedError: it is not to be answered.
        """
        if len(body) <= _AT_ONCE:
            return read_asked(body, self._most)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, read_asked, body, self._most)

    def close(self) -> None:
        """Read nothing more."""
        self._reading.shutdown(wait=False, cancel_futures=True)


def _about(name: str, head: Head, device: str, threshold: float) -> dict[str, Any]:
    """Say which reader answers, and on what it was trained."""
    return {
        "ready": True,
        "model": name,
        "family": head.plan.family,
        "parameters": head.learned.parameters,
        "weights": head.weights,
        "trained_on": head.learned.sources,
        "threshold": threshold,
        "device": device,
        "gristmill": version("gristmill"),
    }
