"""The writing systems of a text, counted, and the languages that a script or its letters tell alone.

Facts of Unicode's blocks. A script counts here as that of one language where running text in it is
nearly all in that language today, whatever was written in it once.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

# Name of a script and its ranges; only letters and the marks on them count.
_RANGES: Final = (
    ("Latin", "0041-007A 00AA-00AA 00BA-00BA 00C0-024F 0250-02AF 1E00-1EFF A720-A7FF FF21-FF5A"),
    ("Han", "3005-3007 3400-4DBF 4E00-9FFF F900-FAFF 20000-323AF"),
    ("Kana", "3041-3096 30A1-30FA 31F0-31FF FF66-FF9D"),
    ("Hangul", "1100-11FF 3131-318E A960-A97C AC00-D7A3 D7B0-D7FB FFA0-FFDC"),
    ("Cyrillic", "0400-052F 1C80-1C8F 2DE0-2DFF A640-A69F"),
    ("Arabic", "0600-06FF 0750-077F 0870-08FF FB50-FDFF FE70-FEFC"),
    ("Devanagari", "0900-097F A8E0-A8FF"),
    ("Bengali", "0980-09FF"),
    ("Greek", "0370-03FF 1F00-1FFF"),
    ("Hebrew", "0590-05FF FB1D-FB4F"),
    ("Thai", "0E01-0E3A 0E40-0E4E"),
    ("Lao", "0E80-0EDF"),
    ("Khmer", "1780-17D3 17D7-17DD"),
    ("Myanmar", "1000-103F 1050-108F A9E0-A9FE AA60-AA7F"),
    ("Tibetan", "0F00-0F00 0F40-0FBC"),
    ("Georgian", "10A0-10FF 1C90-1CBF 2D00-2D2D"),
    ("Armenian", "0531-0588 FB13-FB17"),
    ("Ethiopic", "1200-135A 1380-138F 2D80-2DDE AB01-AB2E"),
    ("Sinhala", "0D81-0DF3"),
    ("Tamil", "0B82-0BD7"),
    ("Telugu", "0C00-0C63"),
    ("Kannada", "0C80-0CE3"),
    ("Malayalam", "0D00-0D63"),
    ("Gujarati", "0A81-0AE3"),
    ("Gurmukhi", "0A01-0A75"),
    ("Oriya", "0B01-0B63"),
    ("Syllabics", "1401-167F 18B0-18F5"),
    ("Mongolian", "1820-1842"),
    ("Thaana", "0780-07B1"),
    ("Syriac", "0710-074F"),
    ("Cherokee", "13A0-13FD AB70-ABBF"),
    ("Yi", "A000-A48C"),
    ("Nko", "07CA-07F5"),
    ("Ol Chiki", "1C5A-1C7D"),
    ("Vai", "A500-A62B"),
    ("Lisu", "A4D0-A4FD"),
    ("Meetei", "ABC0-ABED AAE0-AAF6"),
    ("Balinese", "1B05-1B4B"),
    ("Javanese", "A984-A9C0"),
    ("Sundanese", "1B83-1BAF"),
    ("Buginese", "1A00-1A1B"),
    ("Lepcha", "1C00-1C4F"),
    ("Limbu", "1900-1946"),
    ("Baybayin", "1700-171F"),
    ("Adlam", "1E900-1E94B"),
    ("Gothic", "10330-1034A"),
    ("Coptic", "2C80-2CF3"),
)
# Scripts in which only one language is written today, as far as running text goes.
SOLE: Final = {
    "Hangul": "ko",
    "Thai": "th",
    "Greek": "el",
    "Armenian": "hy",
    "Khmer": "km",
    "Lao": "lo",
    "Sinhala": "si",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Gujarati": "gu",
    "Gurmukhi": "pa",
    "Oriya": "or",
    "Mongolian": "mn",
    "Thaana": "dv",
    "Syriac": "syr",
    "Cherokee": "chr",
    "Yi": "ii",
    "Nko": "nqo",
    "Ol Chiki": "sat",
    "Vai": "vai",
    "Lisu": "lis",
    "Meetei": "mni",
    "Balinese": "ban",
    "Javanese": "jv",
    "Sundanese": "su",
    "Buginese": "bug",
    "Lepcha": "lep",
    "Limbu": "lif",
    "Baybayin": "tl",
    "Adlam": "ff",
    "Gothic": "got",
    "Coptic": "cop",
}


class _Marks(NamedTuple):
    """`code` if its letters are at least one in `share` of the script's, `rest` else."""

    script: str
    letters: re.Pattern[str]
    share: int
    code: str
    rest: str


# Yiddish writes vowels: joined vav and yod, and points under alef.
_YIDDISH: Final = re.compile("[\u05f0-\u05f2\ufb1f\ufb2e\ufb2f]|\u05d0[\u05b7\u05b8]")
# Dzongkha ends verbs in -wa, written; no Tibetan syllable ends in that letter.
_DZONGKHA: Final = re.compile("[\u0f40-\u0fbc]\u0f5d(?=[\u0f0b-\u0f14 ])")
# Scripts of a few languages that letters tell apart:
_MARKED: Final = (
    # Mingrelian has two letters that Georgian gave up.
    _Marks("Georgian", re.compile("[\u10f7\u10f8]"), 200, "xmf", "ka"),
    _Marks("Tibetan", _DZONGKHA, 100, "dz", "bo"),
    _Marks("Hebrew", _YIDDISH, 40, "yi", "he"),
    # Shan has letters of its own for a third of what it writes.
    _Marks("Myanmar", re.compile("[\u1022\u1075-\u108f]"), 10, "shn", "my"),
    # q, ng and lh of Inuktitut; the Cree and Ojibwe that share the rest are left untold.
    _Marks("Syllabics", re.compile("[\u1542-\u1549\u157b-\u15a6]"), 60, "iu", ""),
    # Assamese has its own r and w; without them the model chooses.
    _Marks("Bengali", re.compile("[\u09f0\u09f1]"), 200, "as", ""),
)
LETTERED: Final = frozenset(
    {code for marks in _MARKED for code in (marks.code, marks.rest) if code} | {"am", "ti"}
)
# Letters that are frequent in one of Tigrinya and Amharic and rare or unknown in the other (counted in
# half of the articles of the UDHR; the other half is told by them in 54 of 56 articles).
_TIGRINYA: Final = re.compile("[\u12a3\u12a6\u1250-\u125d\u12dd\u1215\u12d3\u12bd\u12bb]")
_AMHARIC: Final = re.compile("[\u12a0\u12e8\u1290\u12cd]")
_WITH_LETTERS: Final = frozenset({"Mn", "Mc", "Nl"})  # marks, and numerals that are letters
_LIMIT: Final = 0x32400  # code points from here on are in no script of the table
NAMES: Final = ("", *(name for name, _ in _RANGES), "Other")
INDEX: Final = {name: number for number, name in enumerate(NAMES)}
_SIGNS: Final = [
    INDEX[name]
    for name in ("Han", "Kana", "Hangul", "Ethiopic", "Syllabics", "Yi", "Vai", "Cherokee")
]


class Scripts(NamedTuple):
    """Letters of a text by script, as numbered in `NAMES`, and all of them together."""

    counts: npt.NDArray[np.int64]
    letters: int

    def of(self, name: str) -> int:
        """Letters of one script."""
        return int(self.counts[INDEX[name]])

    def leading(self, *, but: str) -> str:
        """Name the script of most letters, `but` left out; the first of `NAMES` among equals."""
        counts = self.counts.copy()
        counts[[0, INDEX[but]]] = -1
        return NAMES[int(counts.argmax())]


@functools.cache
def _classes() -> npt.NDArray[np.uint8]:
    """Give every code point its script's number: 0 for all but letters and the marks on them."""
    letters = np.fromiter(
        (chr(point).isalpha() for point in range(_LIMIT)), dtype=np.bool_, count=_LIMIT
    )
    classes = np.where(letters, np.uint8(len(NAMES) - 1), np.uint8(0))
    for name, ranges in _RANGES:
        for each in ranges.split():
            first, last = (int(bound, 16) for bound in each.split("-"))
            counted = letters[first : last + 1].copy()
            for offset in np.flatnonzero(~counted).tolist():
                counted[offset] = unicodedata.category(chr(first + offset)) in _WITH_LETTERS
            classes[first : last + 1][counted] = INDEX[name]
    return classes


def count_scripts(text: str) -> Scripts:
    """Count the letters of each script; an ideograph or syllable sign, which says more, counts as two."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    found = _classes()[np.minimum(points, _LIMIT - 1)]
    counts = np.bincount(found, minlength=len(NAMES))
    counts[_SIGNS] *= 2
    return Scripts(counts, int(counts[1:].sum()))


def by_letters(script: str, text: str) -> str | None:
    """Name the language of a text mostly in `script`; `None` if its letters do not tell."""
    if script in SOLE:
        return SOLE[script]
    if script == "Ethiopic":
        return "ti" if len(_TIGRINYA.findall(text)) > len(_AMHARIC.findall(text)) else "am"
    for marks in _MARKED:
        if marks.script == script:
            own = marks.share * len(marks.letters.findall(text)) >= count_scripts(text).of(script)
            return (marks.code if own else marks.rest) or None
    return None
