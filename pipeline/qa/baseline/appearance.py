"""What a span looks like and where it stands, whatever the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from filters.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]

NAMES: Final = (
    "look", "units", "characters", "capitals", "smalls", "digits", "marks", "quotes", "particles",
    "first_capital", "last_capital", "rarity_least", "rarity_mean", "rarity_most", "rarity_first", "rarity_last",
    "capital_before", "capital_behind", "mark_before", "mark_behind", "bracket_before", "quote_before",
    "number_before", "number_behind", "article_before", "particle_behind", "joined_behind",
    "place_in_sentence", "to_sentence_end", "sentence_units", "sentence_number", "place",
    "edge_before", "edge_first", "edge_last", "edge_behind", "edges", "inner_edges",
)  # fmt: skip
_WIDTH: Final = len(NAMES)
_LENGTHS: Final = 6  # spans.LENGTHS

# The flags of units.py, spelled here because a kernel is compiled with the values of its own file
_CAPITAL: Final = 1
_DIGIT: Final = 4
_NUMERAL: Final = 32
_MARK: Final = 512
_QUOTE: Final = 1024
_BRACKET: Final = 2048
_PARTICLE: Final = 4096
_ARTICLE: Final = 8192
_SMALL: Final = 16384


@kernel
def appearances(
    start: Integers,
    end: Integers,
    shapes: Integers,
    sentence: Integers,
    rarity: Floats,
    before: Floats,
    first_odds: Floats,
    last_odds: Floats,
    behind: Floats,
    places: Integers,
    kinds: Integers,
) -> Floats:
    """Return the features `NAMES` of each span, shape (spans, len(NAMES)).

    `rarity` and the four log odds of edges are by unit: `before` is of the unit that stands before it.
    """
    size = len(shapes)
    found = np.zeros((len(places), _WIDTH), np.float32)
    begins = np.zeros(size, np.int32)
    ends = np.zeros(size, np.int32)
    for unit in range(size):
        same = unit > 0 and sentence[unit] == sentence[unit - 1]
        begins[unit] = begins[unit - 1] if same else unit
    for unit in range(size - 1, -1, -1):
        same = unit + 1 < size and sentence[unit] == sentence[unit + 1]
        ends[unit] = ends[unit + 1] if same else unit
    for index in range(len(places)):
        first, last = places[index]
        row = found[index]
        row[0] = kinds[index] // _LENGTHS
        row[1] = last - first + 1
        row[2] = end[last] - start[first]
        least, most, sum_, inner = np.float32(99.0), np.float32(0.0), np.float32(0.0), np.float32(-9.0)
        for unit in range(first, last + 1):
            shape = shapes[unit]
            row[3] += (shape & _CAPITAL) != 0
            row[4] += (shape & _SMALL) != 0
            row[5] += (shape & _DIGIT) != 0
            row[6] += (shape & _MARK) != 0
            row[7] += (shape & _QUOTE) != 0
            row[8] += (shape & _PARTICLE) != 0
            least, most = min(least, rarity[unit]), max(most, rarity[unit])
            sum_ += rarity[unit]
            if unit < last:
                inner = max(inner, last_odds[unit] + behind[unit])
        row[9] = (shapes[first] & _CAPITAL) != 0
        row[10] = (shapes[last] & _CAPITAL) != 0
        row[11], row[12], row[13] = least, sum_ / row[1], most
        row[14], row[15] = rarity[first], rarity[last]
        if first > begins[first]:
            shape = shapes[first - 1]
            row[16] = (shape & _CAPITAL) != 0
            row[18] = (shape & _MARK) != 0
            row[20] = (shape & _BRACKET) != 0
            row[21] = (shape & _QUOTE) != 0
            row[22] = (shape & (_DIGIT | _NUMERAL)) != 0
            row[24] = (shape & _ARTICLE) != 0
        else:
            row[18] = 2.0
        if last < ends[last]:
            shape = shapes[last + 1]
            row[17] = (shape & _CAPITAL) != 0
            row[19] = 1.0 + ((shape & _QUOTE) != 0) if shape & _MARK else 0.0
            row[23] = (shape & (_DIGIT | _NUMERAL)) != 0
            row[25] = (shape & _PARTICLE) != 0
            row[26] = start[last + 1] == end[last]
        else:
            row[19] = 3.0
        row[27] = first - begins[first]
        row[28] = ends[last] - last
        row[29] = ends[last] - begins[first] + 1
        row[30] = sentence[first]
        row[31] = first / size
        row[32], row[33] = before[first], first_odds[first]
        row[34], row[35] = last_odds[last], behind[last]
        row[36] = row[32] + row[33] + row[34] + row[35]
        row[37] = inner
    return found
