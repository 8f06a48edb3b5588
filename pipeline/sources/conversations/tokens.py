# ruff: noqa: RUF001  the marks of other scripts are what this is about

"""Put words that were cut apart back into a sentence, with spaces where people write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Scripts that are written without spaces between words: Thai, Lao, Myanmar, Khmer, Tibetan, kana, Han, and their marks.
UNSPACED: Final = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff01-\uff65\U00020000-\U0003ffff"
)
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_CLOSES: Final = re.compile(r"[.,!?:;%)\]}…»”’،؛؟।]")
_OPENS: Final = re.compile(r"[(\[{«“‘¿¡$£€#]\Z")
# What English and French part from a word: 's, n't and the like, and l', qu'.
_CLITIC: Final = re.compile(r"['’](?:s|d|m|t|re|ve|ll|em|S|D|M|T|RE|VE|LL)\Z|[nN]['’][tT]\Z")
_ELIDED: Final = re.compile(r"\w{1,7}['’]\Z")
_QUOTES: Final = frozenset({'"', "'"})


def join_words(words: Iterable[str]) -> str:
    """Join the words of a sentence. A straight quote opens and closes by turns."""
    pieces: list[str] = []
    open_quotes: set[str] = set()
    glued = True
    for word in words:
        closes = word in _QUOTES and word in open_quotes
        apart = not (glued or closes or _stays(pieces[-1] if pieces else "", word))
        pieces += [" ", word] if apart else [word]
        glued = False
        if word in _QUOTES:
            open_quotes ^= {word}
            glued = not closes
    return "".join(pieces)


def joint(before: str, after: str) -> str:
    """Return what belongs between two pieces of one text: nothing where its script has no spaces."""
    unspaced = _UNSPACED.match(before[-1:]) or _UNSPACED.match(after[:1])
    return "" if unspaced or not before or not after else " "


def _stays(before: str, word: str) -> bool:
    """Tell a word that stands right behind the one before."""
    return bool(
        not joint(before, word)
        or _CLOSES.match(word)
        or _CLITIC.match(word)
        or _OPENS.search(before)
        or (_ELIDED.search(before) and word[:1].isalpha())
    )
