"""How far a run has come over all its phases, and when it will be done.

The phases of a run lie on a line, each as wide as it is expected to take; a run moves along it and
never back. What an earlier run had done is passed at once and tells nothing about the speed: the
time that is left is what the work of this run so far has taken, scaled to what remains.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.config import Config

_LEAST: Final = 0.005
"""Share of the line that must have been worked before anything is said of the time that is left."""


_TASK: Final = 200_000
"""What a task costs besides its input, in bytes of input: 373 inputs of the demo, most of them small,
took two workers 44 ms each at 2.3 MB/s a worker (`screen`, November 2026)."""


class Step(NamedTuple):
    """A phase for the `turn`th time in a run, and the seconds it is expected to take."""

    phase: str
    turn: int
    seconds: float


class Outlook(NamedTuple):
    """The share that is done, and the seconds that are left, where that can be told."""

    share: float
    left: float | None


class Forecast:
    """Follows one run; `now` is in seconds on any clock that does not go back.

    Of tasks that `workers` run side by side the first is done when the others nearly are, so that the
    pace of a phase is not looked at before each worker can have done one.

    A phase that the line does not hold moves nothing, and one that the run leaves out is passed when
    a later one begins.
    """

    def __init__(self, steps: Sequence[Step], workers: int = 1) -> None:
        whole = sum(step.seconds for step in steps) or 1.0
        self._spans: dict[tuple[str, int], tuple[float, float]] = {}
        passed = 0.0
        for step in steps:
            end = passed + step.seconds
            self._spans[step.phase, step.turn] = (passed / whole, end / whole)
            passed = end
        self._workers = workers
        self._turns: Counter[str] = Counter()
        self._span = (0.0, 0.0)
        self._total, self._weight, self._done, self._done_weight = 0, 0, 0, 0
        self._round = 0  # tasks that are still to be done before the pace is looked at
        self._share = self._worked = 0.0
        self._began: float | None = None
        self._pace: float | None = None  # seconds that the whole line takes
        self._left = self._at = 0.0  # what is left, and when that was so

    def start(
        self, now: float, phase: str, total: int, weight: int, done: int, done_weight: int
    ) -> None:
        """Begin a phase of `total` tasks over `weight` bytes, of which some are done already."""
        self._turns[phase] += 1
        self._span = self._spans.get((phase, self._turns[phase]), (self._share, self._share))
        self._total, self._weight = total, weight
        self._done, self._done_weight = done, done_weight
        self._share = max(self._share, self._reached())
        if self._began is None and done < total:
            self._began = now
        self._round = min(self._workers, total - done)
        self._look(now)

    def advance(self, now: float, weight: int) -> None:
        """Count a task that this run has done."""
        self._done += 1
        self._done_weight += weight
        share = max(self._share, self._reached())
        self._worked += share - self._share
        self._share = share
        self._round -= 1
        if self._round <= 0:
            self._look(now)

    def end(self) -> None:
        """Arrive."""
        self._share = 1.0

    def outlook(self, now: float) -> Outlook:
        """Say how it stands; while nothing happens, the time that is left runs down to what later phases need."""
        if self._share >= 1:
            return Outlook(1.0, 0.0)
        if self._pace is None:
            return Outlook(self._share, None)
        later = self._pace * (1 - max(self._share, self._span[1]))
        return Outlook(self._share, max(self._left - (now - self._at), later, 0.0))

    def _look(self, now: float) -> None:
        """Tell from what has been worked how long the rest takes."""
        if self._began is not None and self._worked >= _LEAST:
            self._pace = (now - self._began) / self._worked
            self._left, self._at = self._pace * (1 - self._share), now

    def _reached(self) -> float:
        first, end = self._span
        part = _part(self._done, self._done_weight, self._total, self._weight)
        return min(first + (end - first) * min(part, 1.0), 1.0)


def _part(done: int, done_weight: int, total: int, weight: int) -> float:
    """Return the share of some tasks that is done, by their input and their number."""
    whole = weight + _TASK * total
    return (done_weight + _TASK * done) / whole if whole else 0.0


class Pace:
    """How fast one phase goes: what was done before it began counts as done, and not for its speed."""

    def __init__(
        self,
        began: float,
        total: int,
        weight: int,
        done: int,
        done_weight: int,
        workers: int = 1,
    ) -> None:
        self._round = min(workers, total - done)
        self.began, self.total, self.done, self.found = began, total, done, done
        self._weight, self._done_weight, self._found_weight = weight, done_weight, done_weight

    def advance(self, weight: int) -> None:
        """Count one task."""
        self.done += 1
        self._done_weight += weight

    @property
    def over(self) -> bool:
        """Tell whether all tasks are done."""
        return self.done >= self.total

    def rate(self, now: float) -> float:
        """Return bytes of input in a second; 0 where they are not counted."""
        return (self._done_weight - self._found_weight) / max(now - self.began, 1e-3)

    def left(self, now: float) -> float | None:
        """Return the seconds that are left, where that can be told: as for the whole run, after a round."""
        if self.done - self.found < self._round:
            return None
        part = _part(
            self.done - self.found,
            self._done_weight - self._found_weight,
            self.total - self.found,
            self._weight - self._found_weight,
        )
        return (now - self.began) * max(1 - part, 0.0) / part if part > 0 else None


class Cost(NamedTuple):
    """What a phase costs: seconds of one worker in all its tasks, and whether several share them."""

    phase: str
    seconds: float
    shared: bool = True


def expected(costs: Sequence[Cost], workers: int) -> tuple[Step, ...]:
    """Make a line of what phases cost, for so many workers."""
    return tuple(
        Step(cost.phase, 1, cost.seconds / (workers if cost.shared else 1)) for cost in costs
    )


TYPICAL: Final = (
    Cost("cut", 0.5),
    Cost("survey", 12.0),
    Cost("names", 8.0),
    Cost("screen", 100.0),
    Cost("earlier", 10.0),
    Cost("refuse", 0.2),
    Cost("refused", 0.1, shared=False),
    Cost("exact", 0.2, shared=False),
    Cost("order", 0.2, shared=False),
    Cost("candidates", 0.3),
    Cost("anchored", 2.0),
    Cost("contain", 0.2, shared=False),
    Cost("shingles", 1.5),
    Cost("verify", 0.2),
    Cost("forks", 0.2, shared=False),
    Cost("resolve", 0.1, shared=False),
    Cost("place", 0.6, shared=False),
    Cost("pardons", 0.2, shared=False),
    Cost("repeats", 5.0),
    Cost("shares", 0.3, shared=False),
    Cost("emit", 9.0),
    Cost("ledger", 2.0, shared=False),
    Cost("review", 6.0),
    Cost("seal", 15.0, shared=False),
)
"""Seconds of one worker, in the order of a run: the demo over 231 MB of text, rounded, which two other
corpora (30 MB of code, 20 MB of prose) bear out; estimated for what these do not have (November 2026)."""

DEDUP: Final = (
    Cost("sign", 5.0),
    Cost("exact", 0.1, shared=False),
    Cost("order", 0.1, shared=False),
    Cost("candidates", 0.1),
    Cost("shingles", 0.5),
    Cost("verify", 0.1),
    Cost("resolve", 0.2, shared=False),
    Cost("place", 0.1, shared=False),
    Cost("keep", 0.6),
    Cost("ledger", 0.2, shared=False),
)
"""The same where only duplicates are removed, of the latter two."""


def typical(config: Config) -> tuple[Cost, ...]:
    """Return what the phases of a config cost where nothing is known of it; only shares count."""
    dedup = config.dedup
    near = dedup.near_or_none
    absent = {
        "names": config.optout is None,
        "pardons": config.optout is None,
        "earlier": not dedup.against,
        "anchored": near is None or near.containment is None,
        "contain": near is None or near.containment is None,
        "forks": dedup.repositories is None,
        "repeats": dedup.passages is None,
    }
    return tuple(cost for cost in TYPICAL if not absent.get(cost.phase))
