"""What a server counts, in the text format that Prometheus reads (version 0.0.4); all in one thread."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ANSWER: Final = "/answer"
"""The path of answers."""
KIND: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_QUESTIONS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_PREFIX: Final = "gristmill_reader_"


class Histogram:
    """How often values were at most each bound."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self, name: str) -> Iterator[str]:
        """Yield the samples of the metric."""
        below = 0
        for bound, count in zip((*self._bounds, "+Inf"), self._counts, strict=True):
            below += count
            yield f'{name}_bucket{{le="{bound}"}} {below}'
        yield f"{name}_sum {self._sum:.6f}"
        yield f"{name}_count {below}"


class Metrics:
    """The counts of a server since its start; `waiting` questions are in hand."""

    def __init__(self) -> None:
        self.requests = Counter[tuple[str, int]]()
        self.seconds, self.batches = Histogram(_SECONDS), Histogram(_QUESTIONS)
        self.answers = self.silent = self.waiting = 0

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request, and of one for answers how long it took; status 0 is one whose client went away."""
        self.requests[path, status] += 1
        if path == ANSWER:
            self.seconds.add(seconds)

    def told(self, answers: Sequence[str]) -> None:
        """Count what was said; `""` is an abstention."""
        self.answers += len(answers)
        self.silent += sum(not each for each in answers)

    def render(self, *, ready: bool) -> bytes:
        """Write all of it."""
        requests = [
            f'{_PREFIX}requests_total{{path="{path}",code="{status}"}} {count}'
            for (path, status), count in sorted(self.requests.items())
        ]
        parts = (
            _metric("requests_total", "counter", "requests by path and status, 0: the client went away", requests),
            _metric("request_seconds", "histogram", "from the head of a request for answers to its end",
                    self.seconds.lines(f"{_PREFIX}request_seconds")),
            _metric("batch_questions", "histogram", "questions that were answered together",
                    self.batches.lines(f"{_PREFIX}batch_questions")),
            _value("waiting_questions", "gauge", "questions that wait or are being answered", self.waiting),
            _value("answers_total", "counter", "questions that were answered, abstentions included", self.answers),
            _value("abstentions_total", "counter", "questions that were said to have no answer", self.silent),
            _value("ready", "gauge", "1 once the reader is loaded, until the server ends", int(ready)),
        )  # fmt: skip
        return "".join(f"{line}\n" for part in parts for line in part).encode()


def _value(name: str, kind: str, about: str, value: int) -> list[str]:
    return _metric(name, kind, about, [f"{_PREFIX}{name} {value}"])


def _metric(name: str, kind: str, about: str, samples: Sequence[str] | Iterator[str]) -> list[str]:
    return [f"# HELP {_PREFIX}{name} {about}", f"# TYPE {_PREFIX}{name} {kind}", *samples]
