"""What all requests of a server share: its reader, its counts and its limits."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.qa.reader.serve.batching import Worker
from pipeline.qa.reader.serve.metrics import Metrics

if TYPE_CHECKING:
    from pipeline.qa.reader.model_file import Head
    from pipeline.qa.reader.serve.batching import Load, Queue


class Limits(NamedTuple):
    """Bytes of a body; seconds that a client may take to send a request, and to take the answer."""

    body: int
    patience: float


class Desk:
    """`local` if the server listens on loopback alone; `in_hand` requests were begun and not ended.

    `threshold` is that of requests that have none: the reader's own unless one is given.
    """

    def __init__(
        self, name: str, load: Load, queue: Queue, limits: Limits, threshold: float | None,
        *, local: bool,
    ) -> None:  # fmt: skip
        self.name, self.limits, self.local, self.most = name, limits, local, queue.most
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
