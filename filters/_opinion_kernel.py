"""The walk of py3langid's model over the bytes of a text, and the sum of its weights, in whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from filters.jit import kernel


@kernel
def add_up(
    moves: Any, rows: Any, features: Any, weights: Any, steps: Any, data: Any, scores: Any
) -> Any:
    """Add to the `scores` of all labels what each feature of the bytes weighs; return how many features there are.

    `moves` has the next state for each state's row and byte, `features` of each state its feature or -1,
    `weights` a row a feature, and `steps` what a count of one feature is worth.
    """
    seen = np.empty(len(data), np.int64)
    count = state = 0
    for byte in data:
        state = moves[rows[state] + byte]
        if features[state] >= 0:
            seen[count] = features[state]
            count += 1
    found = np.sort(seen[:count])
    at = 0
    while at < count:
        end = at + 1
        while end < count and found[end] == found[at]:
            end += 1
        worth, row = steps[end - at], weights[found[at]]
        for label in range(len(scores)):
            scores[label] += worth * row[label]
        at = end
    return count
