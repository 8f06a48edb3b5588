"""How a sentence is asked: the answer gives way to words that ask for its kind, or to a blank.

After the cloze translation of Lewis et al. 2019 (Unsupervised Question Answering by Cloze Translation),
of which this is the variant without a model: the order of the words stays.
"""

from __future__ import annotations

import re
from typing import Final

from filters.korean import is_hangul

BLANK: Final = "_____"
OPENING: Final = "\"'(\u201c\u2018"
_ENGLISH: Final = {
    "year": "what year",
    "money": "how much money",
    "share": "what percentage",
}
_PLACE: Final = re.compile(r"\b(?:in|at|near|from|to|into|through|across|of|on)\s\Z")
_ARTICLE: Final = re.compile(r"(?:(?<=\s)|\A)(?:[Tt]he|[Aa]n?)\s\Z")
_COUNTED: Final = re.compile(
    r" (?!(?:and|the|was|were|are|for|that|which|when|would|have|has|had|from|with|but|who|until|per)\b)[a-z]{3,}"
)
_DAY: Final = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)?\b")
_UNIT: Final = re.compile(r"[\d,.]+(?:만|억|천)? ?(.+)\Z")
# What follows a vowel, and what follows a consonant in its stead
_AFTER_CONSONANT: Final = {
    "는": "은", "가": "이", "를": "을", "와": "과", "로": "으로", "로는": "으로는", "와의": "과의",
}  # fmt: skip
_AFTER_VOWEL: Final = {consonant: vowel for vowel, consonant in _AFTER_CONSONANT.items()}
_AT: Final = re.compile("\\A에(?![\uac00-\ud7a3])")  # "when" needs no "at"
_WORD_END: Final = re.compile("[\uac00-\ud7a3]*")


def ask(before: str, answer: str, after: str, kind: str, language: str) -> str:
    """Return the question that a sentence becomes without its answer; `""` where there is no way to ask."""
    if language == "en":
        return _english(before, answer, after, kind)
    if language == "ko":
        return _korean(before, answer, after, kind)
    return f"{before}{BLANK}{after}"


def _english(before: str, answer: str, after: str, kind: str) -> str:
    before = _ARTICLE.sub("", before)
    if kind == "date":
        words = "what date" if _DAY.search(answer) else "what month"
    elif kind == "number" and not _COUNTED.match(after):
        return ""
    elif kind == "number":
        words = "how many"
    elif kind == "name":
        words = "what" if _PLACE.search(before) else "who or what"
    else:
        words = _ENGLISH.get(kind, "what")
    if not before.strip(" " + OPENING):
        words = words[0].upper() + words[1:]
    return f"{before}{words}{_asking(after)}"


def _korean(before: str, answer: str, after: str, kind: str) -> str:
    if kind == "year":
        return f"{before}몇 년{_asking(after)}" if answer.endswith("년") else ""
    if kind == "date":
        return f"{before}언제{_asking(_turned(_AT.sub('', after), _AFTER_VOWEL))}"
    if kind in {"number", "share"}:
        unit = _UNIT.match(answer)
        return f"{before}몇 {unit[1]}{_asking(after)}" if unit else ""
    if kind in {"name", "word"} and is_hangul(after[:1] or " "):
        return f"{before}무엇{_asking(_turned(after, _AFTER_CONSONANT))}"
    return ""


def _turned(after: str, table: dict[str, str]) -> str:
    """Give a particle the form that the new word before it asks for."""
    found = _WORD_END.match(after)
    particle = found.group() if found else ""
    return table.get(particle, particle) + after[len(particle) :]


def _asking(after: str) -> str:
    return after.rstrip().rstrip(".!").rstrip() + "?"
