"""A text that stands alone, as a network reads it: `[CLS] text [SEP]`, in windows that overlap if it is long.

Nothing is asked of a passage that stands alone, so its tokens have the types of a passage's tokens to which the
question says nothing: they match nothing, nothing near them does, and their sentence is none of the best. What a
word looks like is said as ever. A question has the types it has beside a passage that shares no word with it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipeline.errors import ConfigError
from pipeline.qa.baseline.cues import cue_of
from pipeline.qa.baseline.units import units_of
from pipeline.qa.reader.hints import Asking, hint_alone, hint_nothing, looks, opening
from pipeline.qa.reader.inputs import Input, units_at
from pipeline.qa.windows import starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from pipeline.qa.baseline.units import Units
    from pipeline.qa.wordpiece import WordPiece

    Integers = npt.NDArray[np.int32]

_AROUND: Final = 2  # [CLS] and [SEP]
HEAD: Final = 1
"""The place of a window's first token of the text."""


class Cut(NamedTuple):
    """How texts are cut: tokens of a window with its marks, and tokens that neighbours share."""

    length: int
    stride: int

    def check(self, most: int) -> None:
        """See to it that windows go on, and fit a network that has places for `most` tokens.

        Raises:
            ConfigError: they do not.
        """
        if not _AROUND < self.length <= most:
            raise ConfigError(
                f"embed: windows of {self.length} tokens: this reader takes windows of {_AROUND + 1} to {most}"
            )
        if not 0 <= self.stride < self.length - _AROUND:
            raise ConfigError(
                f"embed: windows of {self.length} tokens cannot share {self.stride} with their neighbours"
            )


class Part(NamedTuple):
    """A window of a text, and the tokens `first` to `end` of the text that are taken from it and no other window.

    The window's own first token of the text has the number `begin`.
    """

    window: Input
    begin: int
    first: int
    end: int


class Alone(NamedTuple):
    """A text's tokens, their offsets in code points (tokens, 2), and the types of `[CLS]`, of them, and of `[SEP]`."""

    ids: Integers
    offsets: Integers
    types: tuple[int, Integers, int]


def alone(tokenizer: WordPiece, text: str, *, asks: bool, hints: bool) -> Alone:
    """Prepare a text in NFC, which `asks` or is a passage, for a reader that was trained with `hints` or without."""
    found = tokenizer.encode_once(text)
    ids = np.array(found.ids, np.int32)
    offsets = np.array(found.offsets, np.int32).reshape(-1, 2)
    if not hints:
        own = 0 if asks else 1
        return Alone(ids, offsets, (0, np.full(len(ids), own, np.int32), own))
    units = units_of(text)
    asking = _asking(units if asks else units_of(""))
    types = hint_alone(asking) if asks else hint_nothing(looks(units))
    return Alone(ids, offsets, (opening(asking), types[units_at(units, offsets)], 0))


def _asking(units: Units) -> Asking:
    return Asking(units, cue_of(units), np.zeros(len(units.words), np.float32))


def parts(tokenizer: WordPiece, text: Alone, cut: Cut) -> Iterator[Part]:
    """Cut a text into windows, at least one, that together hold each token once as their own."""
    total, room = len(text.ids), cut.length - _AROUND
    begins = starts(total, room, room - cut.stride)
    owned = borders(begins, room, total)
    for begin, (first, end) in zip(begins, pairwise(owned), strict=True):
        kept = slice(begin, min(begin + room, total))
        yield Part(_window(tokenizer, text, kept), begin, first, end)


def borders(begins: Sequence[int], room: int, total: int) -> list[int]:
    """Return the first token that is taken from each window, and the number of all.

    A token is taken from the window where it stands farthest from where the text is cut, of two from the earlier:
    so that as much of what stands around it as can be is seen. Its own ends are not where a text is cut.
    """
    between = [(one + two + room - 1) // 2 + 1 for one, two in pairwise(begins)]
    return [0, *between, total]


def _window(tokenizer: WordPiece, text: Alone, kept: slice) -> Input:
    cls, sep = tokenizer.marks
    before, own, behind = text.types
    ids = np.concatenate([[cls], text.ids[kept], [sep]]).astype(np.int32)
    types = np.concatenate([[before], own[kept], [behind]]).astype(np.int32)
    places = np.concatenate([[-1], np.arange(kept.start, kept.stop), [-1]]).astype(np.int32)
    nowhere = np.zeros(len(ids), np.bool_)  # nothing is answered here
    return Input(ids, types, places, nowhere, nowhere, ())
