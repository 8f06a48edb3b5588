"""One thread that owns the reader; questions that wait for it are answered together.

Windows are scored in the same shapes whatever stands beside them (`pipeline.qa.reader.batches`), so a question gets
the same answer in whatever company.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.errors import GristmillError, where
from pipeline.qa.reader.batches import ROWS
from pipeline.qa.reader.serve.refusal import RefusedError
from pipeline.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from filters.qa import Question
    from pipeline.qa.baseline.ranker import Told
    from pipeline.qa.reader.model_file import Opened
    from pipeline.qa.reader.serve.metrics import Metrics

    Load = Callable[[], Opened]

_TOGETHER: Final = 64  # questions from which on no more are taken into a batch


class Queue(NamedTuple):
    """How long a question waits for company at most, in seconds, and how many may wait."""

    wait: float
    most: int


class Job:
    """The questions of one request; `told` is `None` for one that the reader fails on. `gone` once nobody waits."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        self.told = asyncio.get_running_loop().create_future()
        self.gone = False


class Worker:
    """Answers jobs, first come, first served; all but what runs in the thread belongs to the event loop."""

    def __init__(self, load: Load, queue: Queue, metrics: Metrics) -> None:
        self._loop = asyncio.get_running_loop()
        self._load, self._queue, self._metrics = load, queue, metrics
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._refused = "the reader is being loaded"
        self.loaded = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    @property
    def ready(self) -> bool:
        """Whether questions are taken."""
        return not self._refused

    def start(self) -> None:
        """Begin to load the reader: `loaded` gets it, or what went wrong."""
        self._thread.start()

    def open(self) -> None:
        """Take questions from now on."""
        self._refused = ""

    def stop(self) -> None:
        """Take no more questions, and end when those that wait are answered."""
        self._refused = "the server is shutting down"
        self._jobs.put(None)

    def ended(self, patience: float) -> bool:
        """Wait so many seconds for the thread to end; tell whether it did."""
        self._thread.join(patience)
        return not self._thread.is_alive()

    def put(self, questions: Sequence[Question]) -> Job:
        """Have questions answered.

        Raises:
            RefusedError: too many wait, or none are taken.
        """
        if self._refused:
            raise RefusedError(self._refused, HTTPStatus.SERVICE_UNAVAILABLE)
        if self._metrics.waiting + len(questions) > self._queue.most:
            raise RefusedError("too many questions wait", HTTPStatus.SERVICE_UNAVAILABLE)
        self._metrics.waiting += len(questions)
        job = Job(questions)
        self._jobs.put(job)
        return job

    def _run(self) -> None:
        """Load the reader, then answer: all that the thread does."""
        try:
            opened = self._load()
        except Exception as error:  # noqa: BLE001  whatever it is, the loop's thread raises it
            self._tell(self._fail, error)
            return
        self._tell(self.loaded.set_result, opened)
        more = True
        while more:
            jobs, more = self._next()
            wanted = [each for each in jobs if not each.gone]
            asked = [question for each in wanted for question in each.questions]
            told = _answers(opened, asked) if asked else []
            self._tell(self._settle, jobs, wanted, told)

    def _fail(self, error: BaseException) -> None:
        if not self.loaded.done():
            self.loaded.set_exception(error)

    def _next(self) -> tuple[list[Job], bool]:
        """Return the jobs of the next batch, and whether more may come; waits while a batch of windows is not full."""
        first = self._jobs.get()
        if first is None:
            return [], False
        jobs, size = [first], len(first.questions)
        until = time.monotonic() + self._queue.wait
        while size < _TOGETHER:
            left = until - time.monotonic() if size < ROWS else 0.0
            try:
                job = self._jobs.get(timeout=max(left, 0.0))
            except Empty:
                break
            if job is None:
                return jobs, False
            jobs.append(job)
            size += len(job.questions)
        return jobs, True

    def _tell(self, what: Callable[..., object], *given: object) -> None:
        """Have something done in the event loop, unless that ended without waiting any longer."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what, *given)

    def _settle(self, jobs: list[Job], wanted: list[Job], told: list[Told | None]) -> None:
        """Hand out answers; of a job that nobody wants none were made."""
        self._metrics.waiting -= sum(len(each.questions) for each in jobs)
        if told:
            self._metrics.batches.add(len(told))
        at = 0
        for job in jobs:
            own = told[at : at + len(job.questions)] if job in wanted else []
            at += len(own)
            if not job.told.done():
                job.told.set_result(own)


def _answers(opened: Opened, asked: list[Question]) -> list[Told | None]:
    """Answer questions; should the reader fail on one, the others are answered without it."""
    try:
        return list(opened.reader.answers(asked))
    except Exception as error:  # noqa: BLE001  the boundary of a batch: one question takes neither server nor neighbours
        if len(asked) > 1:
            return [told for each in asked for told in _answers(opened, [each])]
        say(f"serve: {_of(error)}", error=True)
        return [None]


def _of(error: Exception) -> str:
    """Name an error without a text."""
    return str(error) if isinstance(error, GristmillError) else where(error)
