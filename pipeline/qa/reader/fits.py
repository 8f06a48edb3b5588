"""Which looks of a passage's words fit what is asked for: counted over the questions to learn from, told as a hint."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from pipeline.qa.baseline.cues import Cue

    Integers = npt.NDArray[np.int32]
    Table = dict[str, tuple[int, ...]]

LOOKS: Final = 9
USUAL: Final = 1  # the fit of a look that answers have as often as to any question
_BADLY, _WELL = 0.6, 1.6  # times as often as to any question
_KNOWN: Final = 10  # questions of one head or opening that tell something
_PRIOR: Final = 2  # questions as any that are counted with those


class Fits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How each look fits what is asked for, by the question's head, else its opening: 0 badly, 1 as usual, 2 well."""

    heads: dict[str, tuple[int, ...]] = {}
    openings: dict[str, tuple[int, ...]] = {}

    def of(self, cue: Cue) -> Integers:
        """Return the fit of each look."""
        found = self.heads.get(cue.head_stem) or self.openings.get(cue.opening)
        return np.array(found or (USUAL,) * LOOKS, np.int32)

    def is_sound(self) -> bool:
        """Tell whether it says of each look how it fits, which a file may not."""
        rows = (*self.heads.values(), *self.openings.values())
        return all(len(each) == LOOKS and set(each) <= {0, USUAL, 2} for each in rows)


def count_fits(seen: Iterable[tuple[Cue, Sequence[int]]]) -> Fits:
    """Count, over questions, which looks their answers have."""
    heads: dict[str, list[int]] = defaultdict(list)
    openings: dict[str, list[int]] = defaultdict(list)
    looks: list[frozenset[int]] = []
    for at, (cue, found) in enumerate(seen):
        looks.append(frozenset(found))
        heads[cue.head_stem].append(at)
        openings[cue.opening].append(at)
    every = Counter(look for each in looks for look in each)
    shares = [(every[look] + 1) / (len(looks) + 2) for look in range(LOOKS)]
    return Fits(_table(heads, looks, shares), _table(openings, looks, shares))


def _table(asked: dict[str, list[int]], looks: list[frozenset[int]], shares: list[float]) -> Table:
    """Return the fits of what is asked for often enough, in the order of its names."""
    return {
        name: _fits(Counter(look for at in known for look in looks[at]), len(known), shares)
        for name, known in sorted(asked.items())
        if name and len(known) >= _KNOWN
    }


def _fits(counts: Counter[int], total: int, shares: list[float]) -> tuple[int, ...]:
    lifts = [
        (counts[look] + _PRIOR * share) / (total + _PRIOR) / share
        for look, share in enumerate(shares)
    ]
    return tuple(np.digitize(lifts, (_BADLY, _WELL)).tolist())
