"""How far a training has come, kept beside the model's folder so that it goes on after an interruption.

What goes on gives the weights that an uninterrupted training gives, bit by bit on a CPU. A checkpoint of another
plan, other questions or other versions is not gone on with.
"""

from __future__ import annotations

import os
import pickle
import secrets
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.qa.reader.packages import packages

if TYPE_CHECKING:
    from pathlib import Path

_FILE: Final = "state.pt"
_CURVE: Final = "curve.json"


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How good it is after so many steps: mean loss since the last point, and per cent on held-out questions."""

    step: int
    epoch: float
    loss: float
    exact: float
    f1: float


class Checkpoints:
    """The folder `.NAME.training` beside a model that is to be; `identity` is of all that the weights depend on."""

    def __init__(self, model: Path, identity: str) -> None:
        self.folder = model.with_name(f".{model.name}.training")
        self._identity = identity

    def save(self, state: dict[str, Any], curve: list[Point]) -> None:
        """Write beside and rename: a checkpoint is whole or not there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        staging = self.folder / f".{secrets.token_hex(8)}.tmp"
        told = msgspec.json.encode(curve).decode()
        packages().torch.save(state | {"identity": self._identity, _CURVE: told}, staging)
        with staging.open("rb+") as file:
            os.fsync(file.fileno())
        staging.replace(self.folder / _FILE)

    def load(self) -> tuple[dict[str, Any], list[Point]] | None:
        """Return the last checkpoint of the same training; one that is damaged counts as none."""
        path = self.folder / _FILE
        with suppress(
            OSError, RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError
        ):
            state = packages().torch.load(path, map_location="cpu", weights_only=True)
            if state["identity"] == self._identity:
                return state, msgspec.json.decode(state[_CURVE], type=list[Point])
        return None

    def clear(self) -> None:
        """Take the checkpoints away."""
        shutil.rmtree(self.folder, ignore_errors=True)
