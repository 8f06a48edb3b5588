"""How much of a question stands around each span, how near, and in which order.

Weights are inverse document frequencies (Spärck Jones 1972); distances count units within the sentence.
A question's units beyond the 62nd share one bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from filters.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]
    Masks = npt.NDArray[np.int64]

RADII: Final = (2, 4, 8, 16)
RAREST: Final = 3
NAMES: Final = (
    "sentence", "sentence_but_span", "sentence_before", "sentence_behind", "context",
    *(f"{side}_{radius}" for radius in RADII for side in ("left", "right", "around")),
    "left_by_distance", "right_by_distance", "around_by_distance",
    "left_nearest", "left_nearest_rarity", "left_nearest_place",
    "right_nearest", "right_nearest_rarity", "right_nearest_place",
    "own", "own_units",
    "head_left", "head_right", "head_own",
    *(f"rare_{number}" for number in range(RAREST)),
    "left_run", "right_run", "sentence_pairs",
)  # fmt: skip
_RADII: Final = np.array(RADII, np.int64)
_RAREST: Final = RAREST
_WIDTH: Final = len(NAMES)
_FAR: Final = 40  # units; farther is as far
_LAST_BIT: Final = 62


@kernel
def weight(mask: int, rarity: Floats) -> float:
    """Return the sum of the weights of a question's units that are in a mask."""
    found = np.float32(0.0)
    for index in range(min(len(rarity), _LAST_BIT + 1)):
        if mask >> index & 1:
            found += rarity[index]
    return found


@kernel
def sentence_masks(match: Integers, sentence: Integers) -> Masks:
    """Return for each sentence which units of the question it holds, and one empty mask behind."""
    size = sentence[-1] + 2 if len(sentence) else 1
    found = np.zeros(size, np.int64)
    for index in range(len(match)):
        if match[index] >= 0:
            found[sentence[index]] |= 1 << min(match[index], _LAST_BIT)
    return found


@kernel
def sides(
    match: Integers, sentence: Integers, rarity: Floats, step: int
) -> tuple[Masks, Floats, Integers]:
    """Look from each unit to one side, `step` -1 or 1, as far as its sentence goes.

    Returns masks by radius, shape (units, radii); sums of weights by distance; and the nearest matched
    unit of some weight, -1 where there is none.
    """
    size = len(match)
    masks = np.zeros((size, len(_RADII)), np.int64)
    sums = np.zeros(size, np.float32)
    nearest = np.full(size, -1, np.int32)
    for index in range(size):
        mask = np.int64(0)
        for distance in range(1, _FAR + 1):
            at = index + step * distance
            if at < 0 or at >= size or sentence[at] != sentence[index]:
                at = -1
            elif match[at] >= 0:
                bit = np.int64(1) << min(match[at], _LAST_BIT)
                if not mask & bit:
                    sums[index] += rarity[match[at]] / (1.0 + distance)
                mask |= bit
                if nearest[index] < 0 and rarity[match[at]] > 1.0:
                    nearest[index] = at
            for number in range(len(_RADII)):
                if distance <= _RADII[number]:
                    masks[index, number] = mask
            if at < 0:
                break
    return masks, sums, nearest


@kernel
def runs(match: Integers, sentence: Integers, step: int) -> Integers:
    """Return how many units up to each one, from one side, stand one after the other in the question too."""
    size = len(match)
    found = np.zeros(size, np.int32)
    order = range(size) if step > 0 else range(size - 1, -1, -1)
    for index in order:
        if match[index] < 0:
            continue
        found[index] = 1
        before = index - step
        if 0 <= before < size and sentence[before] == sentence[index]:
            if match[before] >= 0 and match[before] + step == match[index]:
                found[index] = found[before] + 1
    return found


@kernel
def distances(match: Integers, sentence: Integers, wanted: int, step: int) -> Integers:
    """Return how far the next unit that matches `wanted` is to one side of each unit, at most `_FAR`."""
    size = len(match)
    found = np.full(size, _FAR, np.int32)
    if wanted < 0:
        return found
    order = range(size) if step < 0 else range(size - 1, -1, -1)
    for index in order:
        before = index + step
        if 0 <= before < size and sentence[before] == sentence[index]:
            far = 1 if match[before] == wanted else found[before] + 1
            found[index] = min(far, _FAR)
    return found


@kernel
def overlaps(
    match: Integers, sentence: Integers, rarity: Floats, places: Integers, head: int, at: int
) -> Floats:
    """Return the features `NAMES` of each span, shape (spans, len(NAMES)).

    `rarity` is of the question's units, `head` and `at` are those of its cue; sums of weights are shares of
    the whole question's.
    """
    found = np.zeros((len(places), _WIDTH), np.float32)
    whole = max(np.float32(1.0), rarity.sum())
    by_sentence = sentence_masks(match, sentence)
    held = np.int64(0)
    for mask in by_sentence:
        held |= mask
    shares = np.array([weight(mask, rarity) / whole for mask in by_sentence], np.float32)
    context = weight(held, rarity) / whole
    left, left_sum, left_near = sides(match, sentence, rarity, -1)
    right, right_sum, right_near = sides(match, sentence, rarity, 1)
    left_run, right_run = runs(match, sentence, 1), runs(match, sentence, -1)
    head_left = distances(match, sentence, head, -1)
    head_right = distances(match, sentence, head, 1)
    rare = np.argsort(-rarity, kind="mergesort")[:_RAREST].astype(np.int32)
    rare_left = [distances(match, sentence, wanted, -1) for wanted in rare]
    rare_right = [distances(match, sentence, wanted, 1) for wanted in rare]
    pairs = np.zeros(len(by_sentence), np.float32)
    for index in range(len(match)):
        if left_run[index] > 1:
            pairs[sentence[index]] += rarity[match[index]] + rarity[match[index] - 1]
    radii = len(_RADII)
    for index in range(len(places)):
        first, last = places[index]
        row = found[index]
        number = sentence[first]
        own = np.int64(0)
        matched = 0
        head_own = 0.0
        for unit in range(first, last + 1):
            if match[unit] >= 0:
                own |= np.int64(1) << min(match[unit], _LAST_BIT)
                matched += 1
                if match[unit] == head:
                    head_own = 1.0
        row[0] = shares[number]
        row[1] = weight(by_sentence[number] & ~own, rarity) / whole
        row[2] = shares[number - 1] if number else 0.0
        row[3] = shares[number + 1]
        row[4] = context
        for radius in range(radii):
            row[5 + 3 * radius] = weight(left[first, radius], rarity) / whole
            row[6 + 3 * radius] = weight(right[last, radius], rarity) / whole
            both = left[first, radius] | right[last, radius]
            row[7 + 3 * radius] = weight(both, rarity) / whole
        k = 5 + 3 * radii
        row[k] = left_sum[first] / whole
        row[k + 1] = right_sum[last] / whole
        row[k + 2] = row[k] + row[k + 1]
        near = left_near[first]
        row[k + 3] = first - near if near >= 0 else _FAR
        row[k + 4] = rarity[match[near]] if near >= 0 else 0.0
        row[k + 5] = match[near] - at if near >= 0 else -_FAR
        near = right_near[last]
        row[k + 6] = near - last if near >= 0 else _FAR
        row[k + 7] = rarity[match[near]] if near >= 0 else 0.0
        row[k + 8] = match[near] - at if near >= 0 else -_FAR
        row[k + 9] = weight(own, rarity) / whole
        row[k + 10] = matched / (last - first + 1)
        row[k + 11] = head_left[first]
        row[k + 12] = head_right[last]
        row[k + 13] = head_own
        for number_of in range(_RAREST):
            far = np.int32(_FAR)
            if number_of < len(rare):
                far = rare_right[number_of][last]
                if rare_left[number_of][first] < far:
                    far = -rare_left[number_of][first]
            row[k + 14 + number_of] = far
        k += 14 + _RAREST
        row[k] = left_run[first - 1] if first and sentence[first - 1] == number else 0
        ends = last + 1 >= len(match) or sentence[last + 1] != number
        row[k + 1] = 0 if ends else right_run[last + 1]
        row[k + 2] = pairs[number] / whole
    return found
