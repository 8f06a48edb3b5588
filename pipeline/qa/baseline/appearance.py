"""What a span looks like and where it stands, whatever the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from filters.jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

    from pipeline.qa.baseline.units import Units

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]

OF_UNITS: Final = (
    "look", "units", "characters", "capitals", "smalls", "digits", "marks", "quotes", "particles",
    "first_capital", "last_capital", "rarity_least", "rarity_mean", "rarity_most", "rarity_first", "rarity_last",
)  # fmt: skip
OF_NEIGHBOURS: Final = (
    "capital_before", "capital_behind", "mark_before", "mark_behind", "bracket_before", "quote_before",
    "number_before", "number_behind", "article_before", "particle_behind", "joined_behind",
)  # fmt: skip
OF_PLACE: Final = (
    "place_in_sentence", "to_sentence_end", "sentence_units", "sentence_number", "place",
    "edge_before", "edge_first", "edge_last", "edge_behind", "edges", "inner_edges",
)  # fmt: skip
NAMES: Final = (*OF_UNITS, *OF_NEIGHBOURS, *OF_PLACE)
_WIDTH_OF_UNITS: Final = len(OF_UNITS)
_WIDTH_OF_NEIGHBOURS: Final = len(OF_NEIGHBOURS)
_WIDTH_OF_PLACE: Final = len(OF_PLACE)
_LENGTHS: Final = 6  # spans.LENGTHS
_NO_INNER: Final = -9.0  # below any log odds: a span of one unit could end nowhere else

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


class Known(NamedTuple):
    """What a lexicon says of a page by unit: rarities, and log odds of the four edges.

    `before` is of what stands before the unit, `behind` of what stands behind it.
    """

    rarity: Floats
    before: Floats
    first: Floats
    last: Floats
    behind: Floats


def appearances(units: Units, known: Known, places: Integers, kinds: Integers) -> Floats:
    """Return the features `NAMES` of each span, shape (spans, len(NAMES)); `kinds` are their classes."""
    shapes, sentence = units.shapes, units.sentence
    blocks = (
        of_units(units.start, units.end, shapes, known.rarity, places, kinds),
        of_neighbours(units.start, units.end, shapes, sentence, places),
        of_place(sentence, known.before, known.first, known.last, known.behind, places),
    )
    return np.concatenate(blocks, axis=1)


@kernel
def of_units(
    start: Integers,
    end: Integers,
    shapes: Integers,
    rarity: Floats,
    places: Integers,
    kinds: Integers,
) -> Floats:
    """Return what the units of a span are."""
    found = np.zeros((len(places), _WIDTH_OF_UNITS), np.float32)
    for index in range(len(places)):
        first, last = places[index]
        row = found[index]
        row[0] = kinds[index] // _LENGTHS
        row[1] = last - first + 1
        row[2] = end[last] - start[first]
        for unit in range(first, last + 1):
            shape = shapes[unit]
            row[3] += (shape & _CAPITAL) != 0
            row[4] += (shape & _SMALL) != 0
            row[5] += (shape & _DIGIT) != 0
            row[6] += (shape & _MARK) != 0
            row[7] += (shape & _QUOTE) != 0
            row[8] += (shape & _PARTICLE) != 0
        row[9] = (shapes[first] & _CAPITAL) != 0
        row[10] = (shapes[last] & _CAPITAL) != 0
        inside = rarity[first : last + 1]
        row[11], row[12], row[13] = inside.min(), inside.mean(), inside.max()
        row[14], row[15] = rarity[first], rarity[last]
    return found


@kernel
def of_neighbours(
    start: Integers, end: Integers, shapes: Integers, sentence: Integers, places: Integers
) -> Floats:
    """Return what stands before and behind a span; the edge of a sentence counts as more than a mark."""
    found = np.zeros((len(places), _WIDTH_OF_NEIGHBOURS), np.float32)
    size = len(shapes)
    for index in range(len(places)):
        first, last = places[index]
        row = found[index]
        row[2], row[3] = 2.0, 3.0
        if first > 0 and sentence[first - 1] == sentence[first]:
            shape = shapes[first - 1]
            row[0] = (shape & _CAPITAL) != 0
            row[2] = (shape & _MARK) != 0
            row[4] = (shape & _BRACKET) != 0
            row[5] = (shape & _QUOTE) != 0
            row[6] = (shape & (_DIGIT | _NUMERAL)) != 0
            row[8] = (shape & _ARTICLE) != 0
        if last + 1 < size and sentence[last + 1] == sentence[last]:
            shape = shapes[last + 1]
            row[1] = (shape & _CAPITAL) != 0
            row[3] = 1.0 + ((shape & _QUOTE) != 0) if shape & _MARK else 0.0
            row[7] = (shape & (_DIGIT | _NUMERAL)) != 0
            row[9] = (shape & _PARTICLE) != 0
            row[10] = start[last + 1] == end[last]
    return found


@kernel
def of_place(
    sentence: Integers,
    before: Floats,
    first_odds: Floats,
    last_odds: Floats,
    behind: Floats,
    places: Integers,
) -> Floats:
    """Return where a span stands, and how likely answers begin and end there, or end earlier."""
    found = np.zeros((len(places), _WIDTH_OF_PLACE), np.float32)
    for index in range(len(places)):
        first, last = places[index]
        row = found[index]
        begins = np.searchsorted(sentence, sentence[first])
        ends = np.searchsorted(sentence, sentence[first], side="right")
        row[0] = first - begins
        row[1] = ends - 1 - last
        row[2] = ends - begins
        row[3] = sentence[first]
        row[4] = first / len(sentence)
        row[5], row[6] = before[first], first_odds[first]
        row[7], row[8] = last_odds[last], behind[last]
        row[9] = row[5] + row[6] + row[7] + row[8]
        inner = np.float32(_NO_INNER)
        for unit in range(first, last):
            inner = max(inner, last_odds[unit] + behind[unit])
        row[10] = inner
    return found
