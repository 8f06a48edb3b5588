r"""How large a text is, in bytes, characters and words: what `wc` says, by one rule in every locale.

A word of `words-1` is a maximal run of what `\w` means in Python: letters and numbers of any script,
and the underscore. Its name changes when the rule does; which characters are letters depends on the
version of Unicode, `UNICODE`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS: Final = "words-1"
UNICODE: Final = unicodedata.unidata_version
_CODE_POINTS: Final = 0x110000
_ASCII: Final = 0x80


class Size(NamedTuple):
    """Bytes of the UTF-8, code points, words."""

    bytes: int
    characters: int
    words: int


def size_of(text: str) -> Size:
    """Measure a text; raises `ValueError` for a lone surrogate, which UTF-8 cannot hold."""
    data = text.encode()
    if len(data) == len(text):
        return Size(len(data), len(text), _runs(_word_table(_ASCII)[np.frombuffer(data, np.uint8)]))
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return Size(len(data), len(text), _runs(_word_table(_CODE_POINTS)[points]))


def _runs(inside: NDArray[np.bool_]) -> int:
    """Count the maximal runs of true."""
    starts = int(np.count_nonzero(inside[1:] > inside[:-1]))
    return starts + int(inside[:1].sum())


@lru_cache(maxsize=2)
def _word_table(end: int) -> NDArray[np.bool_]:
    """Say of each code point below `end` whether it may stand in a word."""
    return np.fromiter((chr(n).isalnum() or n == ord("_") for n in range(end)), np.bool_, end)
