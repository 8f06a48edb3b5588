"""The walk of py3langid's model over the bytes of a text, and the sum of its weights, in whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from filters.jit import kernel


@kernel
def add_up(automaton: Any, weights: Any, steps: Any, data: Any, scores: Any) -> Any:
    """Add to the `scores` of labels what each feature of the bytes weighs; return what all counts are worth.

    Both parts are as `filters._opinion_model` has them. What every label has in common for a feature is
    left to the caller, who multiplies it with the worth of all counts; `steps` has that of each count.
    """
    edges, signs = automaton.edges, automaton.signs
    places, labels, differences = weights.places, weights.labels, weights.differences
    seen = np.empty(len(data), np.int64)
    count = state = 0
    for byte in data:
        at = edges[state]
        while True:
            while at < edges[state + 1] and signs[at] != byte:
                at += 1
            if at < edges[state + 1]:
                state = automaton.targets[at]
                break
            if state == 0:
                break
            state = automaton.fails[state]
            at = edges[state]
        if automaton.features[state] >= 0:
            seen[count] = automaton.features[state]
            count += 1
    found = np.sort(seen[:count])
    at = total = 0
    while at < count:
        end = at + 1
        while end < count and found[end] == found[at]:
            end += 1
        worth = steps[end - at]
        total += worth
        for place in range(places[found[at]], places[found[at] + 1]):
            scores[labels[place]] += worth * differences[place]
        at = end
    return total
