"""Which words a found text may have other than its template and still be that licence: all others change it.

No list of words that restrict will ever be whole, so it is the harmless ones that are listed: spelling,
words that join, what the work is called, who must not be named, and disclaimers.
"""

from __future__ import annotations

import functools
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from filters.licenses.remarks import unread
from filters.licenses.texts.word_kernels import PLAIN
from filters.licenses.texts.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# Real copies of licences drop, add and exchange these, and say the same.
_JOINING: Final = """the an this that these those such of and or on is are was be been has have it its
which whose as both either in to please here herein following accordingly hereby accept well lt gt amp quot
beginoptional endoptional"""
# Where no word gave way to them, these widen, or say what is meant anyhow.
_FILLING: Final = """any prior associated their representation representations such with or grants subject
conditions appears requested portions"""
_WORKS: Final = """software program programs programme library libraries documentation document documents
file files font fonts data database code source package packages module modules product products
work works material materials script scripts sources component components theme themes"""
_NOTICES: Final = """notice notices disclaimer disclaimers copyright copyrights permission header headers
statement statements acknowledgment acknowledgement acknowledgments acknowledgements any all existing
entire entirety prior current above including list conditions listed license
immediately at beginning file without modification position unchanged"""
_ACTS: Final = """use copy modify merge publish distribute redistribute sublicense sublicence sell reproduce display
perform alter"""
_NOTICED: Final = "notice notices disclaimer disclaimers"
_HOLDERS: Final = """holder holders owner owners author authors contributor contributors copyright developer
developers licensor licensors"""
# The clause that keeps names out of advertising, by what stands before and behind a name.
_NAMED: Final = "name names trademarks"
_DENYING: Final = "neither nor"
_KEPT: Final = "endorse promote advertising publicity"
_DENIED: Final = """warranty warranties liable liability damages merchantability fitness negligence tort
infringement non-infringement noninfringement disclaimed disclaims disclaim losses kind responsible"""
# What some templates spell wrong.
_SPELT_WELL: Final = """adhered publicly routines fulfill fulfilling merchantability acknowledgement
acknowledgements acknowledgment acknowlegement acknowlegements"""
# What gives a right, and is gone where it is missing.
_GIVING: Final = """granted grants grant permitted charge any anyone person without with hereby use copy
modify merge publish distribute sublicense sell deal reproduce redistribute redistribution prepare
display perform make made import alter fee royalty non-exclusive perpetual worldwide irrevocable
commercial purpose everyone binary source everything"""
_SAID: Final = "granted permitted hereby permission"
# Both say the same.
_SHORT: Final = (
    ("don't", "do not"),
    ("doesn't", "does not"),
    ("isn't", "is not"),
    ("aren't", "are not"),
    ("can't", "can not"),
    ("cannot", "can not"),
    ("won't", "will not"),
)
# What turns round what is said, wherever it stands.
_TURNING: Final = """not no non never nor cannot denied deny refused except unless only solely prohibited forbidden
restricted limited noncommercial noncommercially nonprofit academic educational student students
personal internal evaluation private fee fees paid pay payment royalty royalties must shall may
excluding until"""
# What tells how to apply a licence is no part of its terms.
_TOLD: Final = "boilerplate brackets appendix"
_TITLE: Final = "license licence universal clause"
_NEAR: Final = 8  # words of the template between a name and its clause
_AHEAD: Final = 20
_BESIDE: Final = 2
_AROUND: Final = 24  # words, for a disclaimer
_NAME: Final = 200  # words that names may have
_TITLED: Final = 2  # words of a work's name
_STRAY: Final = 8  # words that may differ in a disclaimer
_CLAUSE: Final = 16  # words of a condition that is left out as a whole
_SPELT: Final = 6  # letters from which one may be wrong
_LONG: Final = 9  # letters from which more may be wrong
_LIKE: Final = 0.85  # of them are right
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


class Difference(NamedTuple):
    """What stands between two words that both have: `lost` words of the template, `strange` ones of the text.

    `before` and `behind` are the template's words around; all words are hashes. `start` and `end`
    are where the strange words stand, first in words, then in code points.
    """

    lost: tuple[int, ...]
    strange: tuple[int, ...]
    before: tuple[int, ...]
    behind: tuple[int, ...]
    start: int = 0
    end: int = 0


def differences(
    mate: NDArray[np.int64], lost: NDArray[np.bool_], strange: NDArray[np.bool_],
    theirs: NDArray[np.uint64], ours: NDArray[np.uint64],
) -> Iterator[Difference]:  # fmt: skip
    """Find where a text differs from its template, given the place in the text of each of the template's words."""
    places = np.flatnonzero(mate >= 0)
    # the places of the template between which something is lost, or something strange stands
    gone = np.searchsorted(places, np.flatnonzero(lost))
    new = np.searchsorted(mate[places], np.flatnonzero(strange))
    for at in np.unique(np.concatenate([gone, new])).tolist():
        first = int(places[at - 1]) if at else -1
        end = int(places[at]) if at < len(places) else len(mate)
        inner = slice(first + 1, end)
        stretch = slice(0, 0)
        if 0 < at < len(places):
            stretch = slice(int(mate[first]) + 1, int(mate[end]))
        chosen = np.flatnonzero(strange[stretch]) + stretch.start
        yield Difference(
            tuple(theirs[inner][lost[inner]].tolist()),
            tuple(ours[chosen].tolist()),
            tuple(theirs[max(0, first + 1 - _AROUND) : first + 1].tolist()),
            tuple(theirs[end : end + _AROUND].tolist()),
            int(chosen[0]) if len(chosen) else 0,
            int(chosen[-1]) + 1 if len(chosen) else 0,
        )


def is_edition(each: Difference) -> bool:
    """Tell a difference such as there is between the editions of one licence: few words, none that turns the sense."""
    if not each.strange:
        return _may_go(each.lost)
    turning = not _set(f"{_TURNING} {_SAID}").isdisjoint((*each.strange, *each.lost))
    return not turning and len(each.strange) <= _STRAY


def is_explained(each: Difference, text: str) -> bool:
    """Tell a difference of a text that leaves its licence what it is."""
    if not each.strange:
        return _may_go(each.lost) or _is_denied(each)
    turning = _set(_TURNING) & set(each.strange)
    if unread(text, each.start, each.end) is not None:
        return False  # a sentence of its own
    if _is_short(each) or (_is_name(each) and turning <= _set(_DENYING)):
        return True
    if not turning and (_is_denied(each) or _is_wider(each) or _is_title(each)):
        return True
    lost, spelt = _without_equal(each, _words_of(text[each.start : each.end]))
    if not turning and _is_work(each, text[each.start : each.end]):
        return True
    return _is_joining(lost, spelt, each) or _is_spelling(lost, spelt)


def _is_short(each: Difference) -> bool:
    """Tell "don't" where the template says "do not", and the like, either way round."""
    pairs = {tuple(_hashes([short])): tuple(_hashes([full])) for short, full in _SHORT}
    return pairs.get(each.strange) == each.lost or pairs.get(each.lost) == each.strange


def _may_go(lost: tuple[int, ...]) -> bool:
    """Tell words that may be missing: none gives a right, or a whole condition is gone."""
    telling = [word for word in lost if word not in _set(_JOINING)]
    giving = _SAID if len(lost) > _CLAUSE else _GIVING
    return _set(giving).isdisjoint(telling)


def _is_name(each: Difference) -> bool:
    """Tell the holders' names in the clause that keeps them out of advertising."""
    near = (*each.before[-_NEAR:], *each.strange, *each.behind[:_NEAR])
    named = not _set(_NAMED).isdisjoint(near)
    kept = not _set(_KEPT).isdisjoint(each.behind[:_AHEAD])
    doing = not _set(_ACTS).isdisjoint(each.strange)
    return named and kept and not doing and len(each.strange) <= _NAME


def _is_wider(each: Difference) -> bool:
    """Tell words that are harmless where nothing gave way to them: another right among rights, "any", "prior"."""
    if not _set(_JOINING).issuperset(each.lost):
        return False
    among = not _set(_ACTS).isdisjoint((*each.before[-_BESIDE:], *each.behind[:_BESIDE]))
    return _set(f"{_JOINING} {_FILLING}").issuperset(each.strange) or (
        among and _set(_ACTS).issuperset(each.strange)
    )


def _is_title(each: Difference) -> bool:
    """Tell a word of a title, and holders' names between "copyright" and "all rights reserved"."""
    head = len(each.before) < _AROUND and len(each.strange) == 1
    if head and not _set(_TITLE).isdisjoint(each.before[-1:]):
        return True
    stated = not _set("copyright").isdisjoint(each.before[-_NEAR:])
    reserved = not _set("reserved").isdisjoint(each.behind[:_NEAR])
    return stated and reserved and not each.lost and len(each.strange) <= _STRAY


def _is_denied(each: Difference) -> bool:
    """Tell other words inside a disclaimer, or in what tells how to apply a licence."""
    denied = _set(_DENIED)
    inside = not denied.isdisjoint(each.before) and not denied.isdisjoint(each.behind)
    told = not _set(_TOLD).isdisjoint(each.before)
    return (inside or told) and len(each.strange) <= _STRAY


def _words_of(said: str) -> list[str]:
    """Cut out the words of a stretch, without hyphens."""
    found = words(said)
    kept = [found.kinds[at] == PLAIN for at in range(len(found.kinds))]
    both = zip(found.starts.tolist(), found.ends.tolist(), kept, strict=True)
    return [said[start:end].lower().replace("-", "") for start, end, keep in both if keep]


def _is_work(each: Difference, said: str) -> bool:
    """Tell the work's own name, in place of "the software" or beside it."""
    names = [word for word in said.split() if word.lower() != "the"]
    named = len(names) <= _TITLED and all(
        name[:1].isupper() and not name.isupper() for name in names
    )
    works = _set(_WORKS)
    if each.lost:
        calls = _set(f"{_JOINING} {_WORKS}").issuperset(each.lost) and not works.isdisjoint(
            each.lost
        )
    else:
        calls = not works.isdisjoint(each.behind[:1])
    return named and calls and _set(_GIVING).isdisjoint(each.strange)


def _without_equal(each: Difference, spelt: list[str]) -> tuple[list[int], list[str]]:
    """Leave out what both have, in another order."""
    lost, left = list(each.lost), []
    for word, said in zip(_hashes(spelt), spelt, strict=False):
        if word in lost:
            lost.remove(word)
        else:
            left.append(said)
    return lost, left


def _is_joining(lost: list[int], spelt: list[str], each: Difference) -> bool:
    """Tell words that join, or that call the work, its notices or its holders otherwise."""
    strange = _hashes(spelt)
    noticed = not _set(_NOTICED).isdisjoint((*each.before[-_NEAR:], *each.behind[:_NEAR]))
    kinds = (_JOINING, _WORKS, _HOLDERS, _NOTICES) if noticed else (_JOINING, _WORKS, _HOLDERS)
    for kind in kinds:
        if _set(f"{_JOINING} {kind}").issuperset((*strange, *lost)):
            return True
    return not spelt and _may_go(tuple(lost))


def _is_spelling(lost: list[int], spelt: list[str]) -> bool:
    """Tell another spelling, a misspelling, a plural, and words cut in two or run together."""
    if not lost and all(not _set(_WORKS).isdisjoint(_spellings(word)) for word in spelt):
        return True
    kept = [word for word in lost if word not in _set(_JOINING)]
    said = [each for each in spelt if _hash(each) not in _set(_JOINING)]
    whole = "".join(spelt)
    if len(lost) == 1 and (_hash(whole) == lost[0] or _hash(whole) in _set(_SPELT_WELL)):
        return True
    if len(spelt) == 1 and list(lost) in (_hashes(pair) for pair in _cuts(whole)):
        return True
    return len(kept) == len(said) and all(
        one in _spellings(other) for one, other in zip(kept, said, strict=True)
    )


def _cuts(word: str) -> Iterator[tuple[str, str]]:
    return ((word[:at], word[at:]) for at in range(2, len(word) - 1))


@functools.lru_cache(maxsize=1 << 10)
def _spellings(word: str) -> frozenset[int]:
    """Give the hashes of what differs from a word in its plural, or in one letter."""
    near = {word, f"{word}s", word.removesuffix("s"), f"{word}ed", word.removesuffix("ed")}
    if len(word) >= _LONG:
        listed = f"{_WORKS} {_NOTICES} {_HOLDERS} {_GIVING}".split()
        alike = get_close_matches(word, listed, cutoff=_LIKE)
        near.update(each for each in alike if each[:2] == word[:2])
    if len(word) >= _SPELT:
        for at in range(len(word) + 1):
            head, tail = word[:at], word[at:]
            near.add(head + tail[1:])
            near.add(head + tail[1:2] + tail[:1] + tail[2:])
            near |= {head + each + rest for each in _LETTERS for rest in (tail, tail[1:])}
    return frozenset(_hashes(sorted(near)))


def _hash(word: str) -> int:
    return next(iter(_hashes([word])), 0)


def _hashes(spelt: list[str] | tuple[str, ...]) -> list[int]:
    found: list[int] = words(" ".join(spelt)).hashes.tolist()
    return found


@functools.cache
def _set(listed: str) -> frozenset[int]:
    return frozenset(words(listed).hashes.tolist())
