"""Training, step by step: batches in an order that the seed decides, checkpoints, and a look at held-out questions."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipeline.errors import ConfigError
from pipeline.qa.baseline.chance import digest
from pipeline.qa.reader.batches import collate, shuffled, targets
from pipeline.qa.reader.checkpoints import Point
from pipeline.qa.reader.optimising import descend, hide_words, make_optimiser, rate_at
from pipeline.qa.reader.packages import packages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipeline.qa.reader.batches import Batch, Targets
    from pipeline.qa.reader.checkpoints import Checkpoints
    from pipeline.qa.reader.inputs import Input
    from pipeline.qa.reader.network import Network
    from pipeline.qa.reader.plan import Plan
    from pipeline.watch.progress import Display

    Loss = Callable[[Batch, Targets], Any]
    Look = Callable[[], tuple[float, float]]

_POINTS: Final = 8  # of the curve
_KEPT: Final = 200  # steps between checkpoints, at most


class Lesson(NamedTuple):
    """What a network learns: windows, the loss of a batch, modules that learn with it, and a look at how good it is.

    `unknown` is the token that stands for hidden words, and tokens below `lowest` are marks.
    """

    windows: Sequence[Input]
    loss: Loss
    look: Look
    unknown: int
    lowest: int
    beside: Sequence[Any] = ()


class _State:
    """All that changes from step to step."""

    def __init__(self, network: Network, lesson: Lesson, plan: Plan) -> None:
        self._modules = [network.net, *lesson.beside]
        self.optimiser = make_optimiser(self._modules, plan)
        self.step, self.losses = 0, list[float]()
        self.curve: list[Point] = []

    def told(self) -> dict[str, Any]:
        torch = packages().torch
        chance = {"cpu": torch.get_rng_state()}
        if torch.cuda.is_available():
            chance["cuda"] = torch.cuda.get_rng_state()
        return {
            "modules": [each.state_dict() for each in self._modules],
            "optimiser": self.optimiser.state_dict(),
            "chance": chance,
            "step": self.step,
            "losses": self.losses,
        }

    def take(self, told: dict[str, Any], curve: list[Point]) -> None:
        torch = packages().torch
        for module, weights in zip(self._modules, told["modules"], strict=True):
            module.load_state_dict(weights)
        self.optimiser.load_state_dict(told["optimiser"])
        torch.set_rng_state(told["chance"]["cpu"])
        if "cuda" in told["chance"] and torch.cuda.is_available():
            torch.cuda.set_rng_state(told["chance"]["cuda"])
        self.step, self.losses, self.curve = told["step"], told["losses"], curve


def learn(
    network: Network, lesson: Lesson, plan: Plan, checkpoints: Checkpoints, display: Display
) -> list[Point]:
    """Train a network, from its last checkpoint on if there is one; returns the curve."""
    lengths = [len(each.ids) for each in lesson.windows]
    epoch = sum(1 for _ in shuffled(lengths, plan.tokens, _chance(plan, 0)))
    steps = max(math.ceil(epoch * plan.epochs), 1)
    state = _State(network, lesson, plan)
    before = checkpoints.load()
    if before is not None:
        state.take(*before)
    display.start("training", steps, 0, state.step)
    network.net.train()
    for numbers in _from(state.step, steps, lengths, plan):
        windows = [lesson.windows[each] for each in numbers]
        _go(network, lesson, plan, state, windows, steps)
        display.advance(0)
        if state.step * _POINTS // steps > (state.step - 1) * _POINTS // steps:
            state.curve.append(_point(network, lesson, state, epoch))
        elif state.step % _KEPT:
            continue
        checkpoints.save(state.told(), state.curve)
    network.net.eval()
    return state.curve


def _from(first: int, steps: int, lengths: Sequence[int], plan: Plan) -> Iterator[list[int]]:
    """Yield the batches of steps `first` to `steps`."""
    step = epoch = 0
    while step < steps:
        for numbers in shuffled(lengths, plan.tokens, _chance(plan, epoch)):
            if step >= steps:
                break
            if step >= first:
                yield numbers
            step += 1
        epoch += 1


def _chance(plan: Plan, epoch: int) -> Random:
    return Random(digest(plan.seed, "epoch", str(epoch)))  # noqa: S311  no secret


def _go(
    network: Network, lesson: Lesson, plan: Plan, state: _State, windows: list[Input], steps: int
) -> None:
    """Go one step."""
    torch = packages().torch
    batch = collate(windows, network.device)
    right = targets(windows, batch.ids.shape[1], network.device)
    batch = hide_words(batch, plan.words, lesson.unknown, lesson.lowest)
    mixed = plan.precision == "bfloat16"
    with torch.autocast(network.device, torch.bfloat16, enabled=mixed):
        loss = lesson.loss(batch, right)
    rate = rate_at(state.step, steps, plan)
    state.losses.append(descend(state.optimiser, loss, rate, plan.clip))
    state.step += 1
    if not math.isfinite(state.losses[-1]):
        raise ConfigError(
            f"reader: step {state.step:,}: the loss is no number any more: lower --rate"
        )


def _point(network: Network, lesson: Lesson, state: _State, epoch: int) -> Point:
    """Look at how good it is; the losses since the last point are counted."""
    network.net.eval()
    chance = packages().torch.get_rng_state()
    exact, f1 = lesson.look()
    packages().torch.set_rng_state(chance)
    network.net.train()
    mean = sum(state.losses) / len(state.losses)
    state.losses.clear()
    return Point(
        state.step, round(state.step / epoch, 4), round(mean, 4), round(exact, 4), round(f1, 4)
    )
