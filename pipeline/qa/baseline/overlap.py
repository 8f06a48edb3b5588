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

    from pipeline.qa.baseline.cues import Cue

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]
    Masks = npt.NDArray[np.int64]

RADII: Final = (2, 4, 8, 16)
RAREST: Final = 3
OF_SENTENCES: Final = (
    "sentence",
    "sentence_but_span",
    "sentence_before",
    "sentence_behind",
    "context",
)
OF_SIDES: Final = (
    *(f"{side}_{radius}" for radius in RADII for side in ("left", "right", "around")),
    "left_by_distance", "right_by_distance", "around_by_distance",
    "left_nearest", "left_nearest_rarity", "left_nearest_place",
    "right_nearest", "right_nearest_rarity", "right_nearest_place",
)  # fmt: skip
OF_WORDS: Final = ("head_left", "head_right", *(f"rare_{number}" for number in range(RAREST)))
OF_RUNS: Final = ("own", "own_units", "head_own", "left_run", "right_run")
NAMES: Final = (*OF_SENTENCES, *OF_SIDES, *OF_WORDS, *OF_RUNS)
_RADII: Final = np.array(RADII, np.int64)
_WIDTH_OF_SENTENCES: Final = len(OF_SENTENCES)
_WIDTH_OF_SIDES: Final = len(OF_SIDES)
_WIDTH_OF_WORDS: Final = len(OF_WORDS)
_WIDTH_OF_RUNS: Final = len(OF_RUNS)
_RAREST: Final = RAREST
_FAR: Final = 40  # units; farther is as far
_LAST_BIT: Final = 62


def overlaps(
    match: Integers, sentence: Integers, rarity: Floats, places: Integers, cue: Cue
) -> Floats:
    """Return the features `NAMES` of each span, shape (spans, len(NAMES)).

    `match` says of each unit of the context which one of the question it is a form of, `rarity` is of the
    question's units; sums of weights are shares of the whole question's.
    """
    shares = rarity / max(np.float32(1.0), rarity.sum())
    blocks = (
        of_sentences(match, sentence, shares, places),
        of_sides(match, sentence, rarity, places, cue.at),
        of_words(match, sentence, rarity, places, cue.head),
        of_runs(match, sentence, shares, places, cue.head),
    )
    return np.concatenate(blocks, axis=1)


@kernel
def bit(number: int) -> np.int64:
    """Return the bit of a question's unit."""
    return np.int64(1) << min(number, _LAST_BIT)


@kernel
def weight(mask: np.int64, rarity: Floats) -> np.float32:
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
            found[sentence[index]] |= bit(match[index])
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
                if not mask & bit(match[at]):
                    sums[index] += rarity[match[at]] / (1.0 + distance)
                mask |= bit(match[at])
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
        if not 0 <= before < size or sentence[before] != sentence[index] or match[before] < 0:
            continue
        if match[before] + step == match[index]:
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
def own_mask(match: Integers, first: int, last: int) -> np.int64:
    """Return which units of the question a span holds itself."""
    found = np.int64(0)
    for unit in range(first, last + 1):
        if match[unit] >= 0:
            found |= bit(match[unit])
    return found


@kernel
def of_sentences(match: Integers, sentence: Integers, shares: Floats, places: Integers) -> Floats:
    """Return how much of the question stands in a span's sentence, in those beside it, and in the context."""
    found = np.zeros((len(places), _WIDTH_OF_SENTENCES), np.float32)
    masks = sentence_masks(match, sentence)
    held = np.int64(0)
    for mask in masks:
        held |= mask
    context = weight(held, shares)
    for index in range(len(places)):
        first, last = places[index]
        number, row = sentence[first], found[index]
        row[0] = weight(masks[number], shares)
        row[1] = weight(masks[number] & ~own_mask(match, first, last), shares)
        row[2] = weight(masks[number - 1], shares) if number else 0.0
        row[3] = weight(masks[number + 1], shares)
        row[4] = context
    return found


@kernel
def of_sides(
    match: Integers, sentence: Integers, rarity: Floats, places: Integers, at: int
) -> Floats:
    """Return how much stands within some units, by distance, and what the nearest matched unit is.

    The nearest one's distance, rarity, and place in the question from the word of asking, `at`.
    """
    found = np.zeros((len(places), _WIDTH_OF_SIDES), np.float32)
    whole = max(np.float32(1.0), rarity.sum())
    left, left_sum, left_near = sides(match, sentence, rarity, -1)
    right, right_sum, right_near = sides(match, sentence, rarity, 1)
    for index in range(len(places)):
        first, last = places[index]
        row = found[index]
        for radius in range(len(_RADII)):
            before, behind = left[first, radius], right[last, radius]
            row[3 * radius] = weight(before, rarity) / whole
            row[3 * radius + 1] = weight(behind, rarity) / whole
            row[3 * radius + 2] = weight(before | behind, rarity) / whole
        rest = row[3 * len(_RADII) :]
        rest[0] = left_sum[first] / whole
        rest[1] = right_sum[last] / whole
        rest[2] = rest[0] + rest[1]
        before, behind = left_near[first], right_near[last]
        rest[3] = first - before if before >= 0 else _FAR
        rest[4] = rarity[match[before]] if before >= 0 else 0.0
        rest[5] = match[before] - at if before >= 0 else -_FAR
        rest[6] = behind - last if behind >= 0 else _FAR
        rest[7] = rarity[match[behind]] if behind >= 0 else 0.0
        rest[8] = match[behind] - at if behind >= 0 else -_FAR
    return found


@kernel
def of_words(
    match: Integers, sentence: Integers, rarity: Floats, places: Integers, head: int
) -> Floats:
    """Return how far the head of the question is to either side, and its rarest units, to the left below 0."""
    found = np.full((len(places), _WIDTH_OF_WORDS), _FAR, np.float32)
    left, right = distances(match, sentence, head, -1), distances(match, sentence, head, 1)
    for index in range(len(places)):
        first, last = places[index]
        found[index, 0], found[index, 1] = left[first], right[last]
    rarest = np.argsort(-rarity, kind="mergesort")[:_RAREST]
    for number in range(len(rarest)):
        left = distances(match, sentence, rarest[number], -1)
        right = distances(match, sentence, rarest[number], 1)
        for index in range(len(places)):
            first, last = places[index]
            nearer = left[first] < right[last]
            found[index, 2 + number] = -left[first] if nearer else right[last]
    return found


@kernel
def of_runs(
    match: Integers, sentence: Integers, shares: Floats, places: Integers, head: int
) -> Floats:
    """Return what a span repeats of the question, and how long the runs in its order are that touch it."""
    found = np.zeros((len(places), _WIDTH_OF_RUNS), np.float32)
    size = len(match)
    left, right = runs(match, sentence, 1), runs(match, sentence, -1)
    for index in range(len(places)):
        first, last = places[index]
        row = found[index]
        row[0] = weight(own_mask(match, first, last), shares)
        for unit in range(first, last + 1):
            row[1] += (match[unit] >= 0) / (last - first + 1)
            row[2] = max(row[2], np.float32(head >= 0 and match[unit] == head))
        if first and sentence[first - 1] == sentence[first]:
            row[3] = left[first - 1]
        if last + 1 < size and sentence[last + 1] == sentence[last]:
            row[4] = right[last + 1]
    return found
