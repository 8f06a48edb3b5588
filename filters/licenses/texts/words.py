"""Words of a text as licences are compared by: case, numbering, addresses and spelling make no difference.

Source: SPDX specification 3.0.1, annex "License matching guidelines and templates".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from filters.licenses.texts.word_kernels import STATED, cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COPYRIGHT: Final = np.frombuffer("copyright".encode("utf-32-le"), np.uint32)
_JOINED: Final = np.array([[ord(each) for each in word] for word in ("non", "sub")], np.uint32)
# What markup puts between words; blanks of the same length take its place, so that offsets hold.
_MARKUP: Final = re.compile(r"</?[A-Za-z!][^<>]{0,300}>|&(?:[A-Za-z]{2,8}|#\d{1,5});")
_MARKED: Final = re.compile(r"</(?:p|div|pre|a|li|h\d|body|html|span|td)\s*>", re.IGNORECASE)


class Words(NamedTuple):
    """One row a word: its 64-bit hash, where it stands in code points, and which kind it is."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    kinds: NDArray[np.uint8]

    def compared(self) -> Words:
        """Leave out what states a copyright: copies of a licence differ in it and in nothing else."""
        kept = self.kinds != STATED
        return Words(*(column[kept] for column in self))


def words(text: str) -> Words:
    """Cut a text into words."""
    if "\\n" in text:  # a string of a program or of JSON
        text = text.replace("\\r\\n", "   \n").replace("\\n", " \n")
    if _MARKED.search(text) is not None:
        text = _MARKUP.sub(lambda match: " " * len(match[0]), text)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    size = len(codes)  # at most: every character of a script without blanks is a word
    found = Words(
        np.empty(size, np.uint64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.uint8),
    )
    count = cut(codes, _COPYRIGHT, _JOINED, *found)
    return Words(
        found.hashes[:count], found.starts[:count], found.ends[:count], found.kinds[:count]
    )
