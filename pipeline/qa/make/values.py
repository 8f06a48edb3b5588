"""What in a sentence can be an answer, or be changed for another of its kind: dates, numbers, names.

By rules alone: figures with what they count, runs of capitalised words, and of Korean words those
that the document uses with several particles, for verbs and endings are not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.korean import final_consonant, is_hangul, without_particle
from filters.qa_words import sentences
from pipeline.qa.make.wording import OPENING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MONTH: Final = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_LARGE: Final = "(?: (?:thousand|million|billion|trillion))"
_FIGURE: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT: Final = (
    "(?:명|개국|개월|개|권|편|회|번|세기|세|살|곳|대|마리|척|층|위|점|골|"
    "승|패|차례|가지|만명|톤|킬로미터|미터|원|달러|퍼센트)"
)
_VALUE: Final = re.compile(
    r"(?<![\w$€£₩.,:/#+=\u2013-])(?:"
    rf"(?P<date>{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:, \d{{4}})?|\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH} \d{{4}}"
    r"|\d{3,4}년 \d{1,2}월(?: \d{1,2}일)?|\d{1,2}월 \d{1,2}일)"
    r"|(?P<year>\d{3,4}년|(?:1\d{3}|20\d{2})(?![\d,%:/-])(?! ?(?:percent|per cent|dollars|million|thousand)))"
    rf"|(?P<money>[$€£₩] ?{_FIGURE}{_LARGE}?)"
    rf"|(?P<share>{_FIGURE} ?(?:%|percent|per cent))"
    rf"|(?P<number>{_FIGURE}(?:만|억|천)? ?{_UNIT}|{_FIGURE}{_LARGE}?)"
    r")(?![\d%:/\u2013-]|[.,]\d|[a-zA-Z])"
)
_NAME_WORD: Final = re.compile(r"[^\W\d_]+(?:[-&][^\W\d_]+)*")
_LINK: Final = re.compile(r" (?:of(?: the)?|de(?: la)?|du|van(?: der)?|von|del|bin|al) ")
_INITIAL: Final = re.compile(r"\. ?")
_COMPOUND: Final = re.compile(
    r"(?:[A-Z][\w-]* (?:and|&) |\b(?:St|Mt|Ft|No)\. |[\u2013/-]"
    r"|\b(?:[Mm]y|[Oo]ur|[Yy]our|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|first|second|third|last|next|new|own) )\Z"
)
_LISTED: Final = re.compile(r" (?:and|&) [A-Z]")
_ADJECTIVE: Final = re.compile(r"(?:an|ish|ese|ic|ch|ist|ern)s?\Z")
_WORDS_NO_NAME: Final = """
a an the this that these those he she it they we you i his her its their our my your who what which when where why how
in on at of to for from by with as and or but if so not no yes all some many most much more one two three there here
after before during while since until although though because however then thus also both each every other such
only even once now well still yet over under between into through about against among within without per mr mrs
ms dr st monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
september october november december according another several various did do does is are was were has have had can
could will would should may might must let please name
"""
_NO_NAME: Final = frozenset(_WORDS_NO_NAME.split())
_OF_NOUNS: Final = "의 에서 에게 와 과 가 를 로 으로"
_OF_ALL: Final = "은 는 이 을 에 에는 에서는"
_OF_FIGURES: Final = "까지 부터 이다 이며 이고 이었다 만 도 씩 간 으로는 로는 에도 에서도"
_NOUN_PARTICLES: Final = frozenset(_OF_NOUNS.split())
_PARTICLES: Final = _NOUN_PARTICLES | frozenset(_OF_ALL.split())
_BEHIND: Final = _PARTICLES | frozenset(_OF_FIGURES.split())
_SAYS_LITTLE: Final = """
자신 사람 그곳 이곳 경우 때문 정도 부분 이후 이전 당시 상대 시작 이것 그것 여기 거기 우리 오른쪽 왼쪽 모두 이들 그들
하나 자체
"""
_LITTLE: Final = frozenset(_SAYS_LITTLE.split())
_EOJEOL: Final = re.compile("[\uac00-\ud7a3]{3,12}")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]+")
_BEFORE: Final = frozenset("은는이가을를의에서로와과도만며고나,")
_OPEN: Final = (4, 8)  # the final consonants of words that stand before a noun: n, l
_FORMS: Final = 2
_LONGEST_NAME: Final = 5  # words


class Value(NamedTuple):
    """A span `[start, end)` of the text and its kind: date, year, money, share, number, name or word."""

    start: int
    end: int
    kind: str


def values(text: str, start: int = 0, end: int | None = None) -> list[Value]:
    """Return the dates, figures and names of one sentence of a text, in order; none overlap."""
    stop = len(text) if end is None else end
    found = [
        Value(match.start(), match.end(), match.lastgroup or "")
        for match in _VALUE.finditer(text, start, stop)
        if _is_alone(text, match.end())
    ]
    taken = {at for each in found for at in range(each.start, each.end)}
    found += [
        each for each in _names(text, start, stop) if taken.isdisjoint(range(each.start, each.end))
    ]
    return sorted(found)


def values_beside(text: str, redacted: Sequence[tuple[int, int, str]]) -> list[Value]:
    """Return the values of all sentences of a text, in order, but for what touches a redaction."""
    return [
        value
        for start, end in sentences(text)
        for value in values(text, start, end)
        if is_beside(value, redacted)
    ]


def is_beside(value: Value, redacted: Sequence[tuple[int, int, str]]) -> bool:
    """Tell a value that touches no redaction."""
    return not any(value.start < b and a < value.end for a, b, _ in redacted)


def kind_of(answer: str) -> str:
    """Return the kind of an answer as a whole, `""` where it is of none."""
    first = answer.strip()
    for each in values(f"| {first} |"):
        if (each.start, each.end) == (2, 2 + len(first)):
            return each.kind
    return ""


def nouns(text: str) -> frozenset[str]:
    """Return the Korean words that a text uses with several particles, one of which only nouns take."""
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for match in _EOJEOL.finditer(text):
        word = match.group()
        left = without_particle(word)
        if left != word and word[len(left) :] in _PARTICLES:
            forms[left].add(word[len(left) :])
    return frozenset(
        word
        for word, ends in forms.items()
        if len(ends) >= _FORMS and ends & _NOUN_PARTICLES and word not in _LITTLE
    )


def korean_words(text: str, start: int, end: int, known: frozenset[str]) -> list[Value]:
    """Return where the known nouns stand in a sentence, without their particles."""
    found = []
    for match in _EOJEOL.finditer(text, start, end):
        left = without_particle(match.group())
        if left in known and left != match.group() and _is_free(text, start, match):
            found.append(Value(match.start(), match.start() + len(left), "word"))
    return found


def _is_free(text: str, start: int, match: re.Match[str]) -> bool:
    """Tell whether a word is whole and no part of a compound with the word before it."""
    if is_hangul(text[match.end() : match.end() + 1] or " "):
        return False
    before = text[start : match.start()]
    if not before:
        return True
    last = before.rstrip()[-1:]
    return before[-1].isspace() and (last in _BEFORE or final_consonant(last) in _OPEN)


def _is_alone(text: str, end: int) -> bool:
    """Tell whether a figure ends there: of Hangul only a particle may follow."""
    after = _HANGUL.match(text, end)
    return after is None or after.group() in _BEHIND


def _names(text: str, start: int, end: int) -> Iterator[Value]:
    """Yield runs of capitalised words; one that begins the sentence counts from its second word on, if any."""
    run: list[re.Match[str]] = []
    for match in _NAME_WORD.finditer(text, start, end):
        if run and not _joins(text[run[-1].end() : match.start()], run[-1].group()):
            yield from _closed(text, run, start)
            run = []
        if _is_capital(match.group()):
            run.append(match)
        elif run and _LINK.match(text, run[-1].end()) is None:
            yield from _closed(text, run, start)
            run = []
    yield from _closed(text, run, start)


def _joins(gap: str, before: str) -> bool:
    return (
        gap == " "
        or _LINK.fullmatch(gap) is not None
        or (len(before) == 1 and _INITIAL.fullmatch(gap) is not None)
    )


def _is_capital(word: str) -> bool:
    return word[0].isupper() and word.lower() not in _NO_NAME


def _closed(text: str, run: list[re.Match[str]], start: int) -> Iterator[Value]:
    """Yield the run if it looks like a name and not like the first word of a sentence, or an adjective."""
    if not run or len(run) > _LONGEST_NAME:
        return
    low, high = run[0].start(), run[-1].end()
    first = text[start:low].strip(" " + OPENING) == ""
    single = len(run) == 1
    if _COMPOUND.search(text, max(start, low - 30), low) or _LISTED.match(text, high):
        return
    if single and (first or len(run[0].group()) == 1 or _ADJECTIVE.search(run[0].group())):
        return
    if "_" in {text[low - 1 : low], text[high : high + 1]}:  # an identifier, as placeholders are
        return
    if text[high : high + 1] not in {"'", "’", "-"}:  # noqa: RUF001  a typed apostrophe is meant
        yield Value(low, high, "name")
