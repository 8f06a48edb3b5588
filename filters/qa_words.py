"""Words, stems and sentences of questions and their contexts, by rules that need no model.

A word is a run of letters and digits; of Chinese and Japanese writing each sign counts as one. A Korean
word (eojeol) may end in particles (josa), which `stem` takes away where the sound before them agrees.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.korean import is_hangul, without_particle

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGN: Final = (
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)
_GAP: Final = (  # blanks, punctuation, symbols
    "\\s\\x00-/:-@\\[-`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    "\u2000-\u206f\u20a0-\u20bf\u2190-\u2bff\u3000-\u3004\u3008-\u303f\uff01-\uff0f\uff1a-\uff20"
    "\uff3b-\uff40\uff5b-\uff65"
)
_WORD: Final = re.compile(f"\\d+(?:[.,]\\d+)+|[{_SIGN}]|[^{_GAP}{_SIGN}]+(?:['’][^\\W\\d_]+)?")  # noqa: RUF001  a typed apostrophe is meant

# What says little of what is asked: articles, prepositions, auxiliaries, question words
_SAYS_LITTLE: Final = """
a an the of in on at to for from by with as and or but is are was were be been being am do does did has have
had what which who whom whose when where why how that this these those it its his her their our your my he
she they we you i not no than then there so if into about can could will would may might should must shall
also s t many much
"""
_STOP: Final = frozenset(_SAYS_LITTLE.split())

# A full stop behind these ends no sentence, nor one behind a single letter
_ABBREVIATED: Final = """
mr mrs ms dr st sr jr prof gen col lt sgt capt rev hon gov sen rep no vol fig vs etc ca cf al inc ltd co corp
jan feb mar apr jun jul aug sep sept oct nov dec mt ft approx dept est
"""
_ABBREVIATIONS: Final = frozenset(_ABBREVIATED.split())
_END: Final = re.compile(
    r"[.!?][\"'”’)\]]*(?=\s)|[。！？][」』”’）]*|\n+"  # noqa: RUF001  full-width signs are meant
)
_LAST_WORD: Final = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\Z")


def words(text: str) -> list[str]:
    """Return the words of a text in order, as they stand in it."""
    return _WORD.findall(text)


def content_words(text: str) -> frozenset[str]:
    """Return what words say: case-folded stems without English stop words."""
    folded = (stem(word.casefold()) for word in words(text))
    return frozenset(word for word in folded if word not in _STOP)


def stem(word: str) -> str:
    """Take an English genitive or a Korean particle from the end of a word."""
    if not word or not is_hangul(word[-1]):
        return word.removesuffix("'s").removesuffix("’s")  # noqa: RUF001  a typed apostrophe is meant
    return without_particle(word)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences in order, without the blanks around them; a line break ends one too."""
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and _goes_on(text, start, match.start(), match.end()):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the sentences that `[start, end)` of the text touches."""
    touched = [each for each in sentences(text) if each[0] < end and start < each[1]]
    return (touched[0][0], touched[-1][1]) if touched else (start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if piece.strip():
        low = start + len(piece) - len(piece.lstrip())
        yield low, start + len(piece.rstrip())


def _goes_on(text: str, start: int, dot: int, end: int) -> bool:
    """Tell whether a full stop belongs to an abbreviation, or a small letter follows it."""
    if end == dot + 1 and text[end : end + 2].strip()[:1].islower():
        return True
    last = _LAST_WORD.search(text, max(start, dot - 20), dot)
    return last is not None and (
        (len(last.group()) == 1 and last.group().isascii() and last.group() != "I")
        or "." in last.group()
        or last.group().lower() in _ABBREVIATIONS
    )
