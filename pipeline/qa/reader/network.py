"""A network at work: scores of windows, always computed in the same shapes, on one device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.errors import ConfigError
from pipeline.qa.reader.architecture import encoder_of
from pipeline.qa.reader.batches import ROWS, collate, in_shapes
from pipeline.qa.reader.packages import packages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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

    def hidden(self, inputs: Sequence[Input]) -> list[Floats]:
        """Return the encoder's vector of each token of windows, shape (tokens, width), in their order.

        What stands beside a window does not change them.

        Raises:
            ConfigError: the GPU's memory is full.
        """
        return in_shapes(inputs, self._hidden)

    def forward(self, batch: Batch, **wanted: bool) -> Any:
        """Run the network on a batch."""
        return self.net(**self._given(batch), **wanted)

    @property
    def width(self) -> int:
        """The numbers of a token's vector."""
        return int(self.net.config.hidden_size)

    def _given(self, batch: Batch) -> dict[str, Any]:
        given = {"input_ids": batch.ids, "attention_mask": batch.mask}
        return given | {"token_type_ids": batch.types} if self.typed else given

    def _scores(self, inputs: Sequence[Input], length: int) -> list[Scores]:
        told = self._infer(self.forward, inputs, length)
        both = (part.float().cpu().numpy() for part in (told.start_logits, told.end_logits))
        return scores_of(inputs, *both)

    def _hidden(self, inputs: Sequence[Input], length: int) -> list[Floats]:
        encoder = encoder_of(self.net)
        told = self._infer(lambda batch: encoder(**self._given(batch)), inputs, length)
        vectors = told.last_hidden_state.float().cpu().numpy()
        return [vectors[row, : len(each.ids)].copy() for row, each in enumerate(inputs)]

    def _infer(self, run: Callable[[Batch], Any], inputs: Sequence[Input], length: int) -> Any:
        torch = packages().torch
        batch = collate(inputs, self.device, length, ROWS)
        try:
            with torch.inference_mode():
                return run(batch)
        except torch.cuda.OutOfMemoryError as error:
            raise ConfigError("reader: the GPU's memory is full: use --device cpu") from error


def scores_of(inputs: Sequence[Input], first: Floats, last: Floats) -> list[Scores]:
    """Return the scores of windows out of those of a batch, each of shape (rows, length)."""
    return [
        Scores(*(np.ascontiguousarray(part[row, : len(each.ids)]) for part in (first, last)))
        for row, each in enumerate(inputs)
    ]
