"""A network at work: scores of windows, always computed in the same shapes, on one device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.errors import ConfigError
from pipeline.qa.reader.batches import ROWS, collate, in_shapes
from pipeline.qa.reader.packages import packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from pipeline.qa.reader.batches import Batch
    from pipeline.qa.reader.inputs import Input

    Floats = npt.NDArray[np.float32]

FORBIDDEN = -1e9
"""The score of what cannot be an answer."""


class Scores(NamedTuple):
    """For each token of a window how much speaks for it as the first, and as the last of the answer; both (tokens,)."""

    first: Floats
    last: Floats


class Network:
    """A reader's weights on a device; `typed` if its tokens have types."""

    def __init__(self, net: Any, device: str, *, typed: bool) -> None:
        self.net = net.to(device).eval()
        self.device, self.typed = device, typed

    def scores(self, inputs: Sequence[Input]) -> list[Scores]:
        """Score windows, in their order; what stands beside a window does not change its scores.

        Raises:
            ConfigError: the GPU's memory is full.
        """
        return in_shapes(inputs, self._scores)

    def forward(self, batch: Batch, **wanted: bool) -> Any:
        """Run the network on a batch."""
        given = {"input_ids": batch.ids, "attention_mask": batch.mask} | wanted
        if self.typed:
            given["token_type_ids"] = batch.types
        return self.net(**given)

    def _scores(self, inputs: Sequence[Input], length: int) -> list[Scores]:
        torch = packages().torch
        batch = collate(inputs, self.device, length, ROWS)
        try:
            with torch.inference_mode():
                told = self.forward(batch)
        except torch.cuda.OutOfMemoryError as error:
            raise ConfigError("reader: the GPU's memory is full: use --device cpu") from error
        both = (part.float().cpu().numpy() for part in (told.start_logits, told.end_logits))
        return scores_of(inputs, *both)


def scores_of(inputs: Sequence[Input], first: Floats, last: Floats) -> list[Scores]:
    """Return the scores of windows out of those of a batch, each of shape (rows, length)."""
    return [
        Scores(*(np.ascontiguousarray(part[row, : len(each.ids)]) for part in (first, last)))
        for row, each in enumerate(inputs)
    ]
