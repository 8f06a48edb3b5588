"""How far a training has come, kept beside the model's folder so that it goes on after an interruption.

What goes on gives the weights that an uninterrupted training gives, bit by bit on a CPU. A checkpoint of another
plan, other questions or other versions is not gone on with.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.qa.reader.packages import packages
from pipeline.release import atomic

if TYPE_CHECKING:
    from pathlib import Path

_FILE: Final = "state.pt"
_CURVE: Final = "curve.json"
_DIGEST: Final = hashlib.sha256().digest_size


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How good it is after so many steps: mean loss since the last point, and per cent on held-out questions."""

    step: int
    epoch: float
    loss: float
    exact: float
    f1: float


class Checkpoints:
    """The folder `.NAME.training` beside a model that is to be; `identity` is of all that the weights depend on.

    The file is the identity, the SHA-256 of the rest, and the rest: PyTorch reads a damaged state as if it were none.
    """

    def __init__(self, model: Path, identity: str) -> None:
        self.folder = model.with_name(f".{model.name}.training")
        self._identity = identity

    def save(self, state: dict[str, Any], curve: list[Point]) -> None:
        """Write beside and rename: a checkpoint is whole or not there."""
        made = io.BytesIO()
        packages().torch.save(state | {_CURVE: msgspec.json.encode(curve).decode()}, made)
        with atomic(self.folder / _FILE) as file:
            file.write(self._head(made.getbuffer()))
            file.write(made.getbuffer())

    def load(self) -> tuple[dict[str, Any], list[Point]] | None:
        """Return the last checkpoint of the same training; one that is damaged counts as none."""
        try:
            data = memoryview((self.folder / _FILE).read_bytes())
        except OSError:
            return None
        rest = data[2 * _DIGEST :]
        if bytes(data[: 2 * _DIGEST]) != self._head(rest):
            return None
        state = packages().torch.load(io.BytesIO(rest), map_location="cpu", weights_only=True)
        return state, msgspec.json.decode(state[_CURVE], type=list[Point])

    def _head(self, rest: memoryview) -> bytes:
        identity = hashlib.sha256(self._identity.encode()).digest()
        return identity + hashlib.sha256(rest).digest()

    def clear(self) -> None:
        """Take the checkpoints away."""
        shutil.rmtree(self.folder, ignore_errors=True)
