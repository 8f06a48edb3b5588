"""Asked: what the contexts task found out about questions, by the numbers that their lines have among all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from pipeline.stages.contexts import CONTEXT, CONTEXTS
from pipeline.stages.part import bases

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.stages.part import PartRef

ASKED: Final = np.dtype([("line", "<i8"), *CONTEXT.descr])


class AskedRef(msgspec.Struct, frozen=True, kw_only=True):
    """The finished contexts task, and which of the parts it was over.

    With `once` a question is kept once over near-duplicate contexts, with `agreed` none whose answers
    contradict each other.
    """

    contexts: str
    parts: tuple[int, ...]
    once: bool
    agreed: bool


def read_asked(
    ref: AskedRef | None, parts: tuple[PartRef, ...], context: Context
) -> NDArray[np.void]:
    """Read one ASKED for each question of all the parts; there is none without the task."""
    if ref is None:
        return np.zeros(0, ASKED)
    found = np.load(context.folder("contexts", ref.contexts) / CONTEXTS)
    asked = np.zeros(len(found), ASKED)
    for name in CONTEXT.names or ():
        asked[name] = found[name]
    lines = np.split(np.arange(bases(parts)[-1]), bases(parts)[1:-1])
    asked["line"] = np.concatenate([lines[number] for number in ref.parts])
    against = found["contradicts"]
    asked["contradicts"] = np.where(against < 0, -1, asked["line"][against])
    return asked
