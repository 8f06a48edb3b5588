"""Work out what a line must hold for a superset to match on it: one of some words, and some marks.

The answer is sound by construction: it is put together from what each part of the regex must match,
so no line on which the superset matches is without it. It may ask for less than it could.

The words are the literal factors of R. Cox, "Regular Expression Matching with a Trigram Index"
(2012), with conditions on single bytes, counts and runs (`marks`) beside each.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise, product
from math import fsum
from re import _constants as op  # type: ignore[attr-defined]  # the constants have no public name
from re import _parser  # type: ignore[attr-defined]  # the parser has no public name
from typing import Any, Final, NamedTuple

from filters.redact.marks import COUNTED, RUNS, paired, present, reached, share

# A word is found by its bytes; this many at least, or it would be found everywhere.
SHORTEST: Final = 2
_UPPER: Final = range(0x41, 0x5B)
_LOWER: Final = range(0x61, 0x7B)
_TO_LOWER: Final = 0x20
_ASCII: Final = 0x80
# A class of no more characters than this is spelled out in words, as long as they stay so many.
_FEW: Final = 6
_MANY: Final = 256
# How often letters stand in English text, in percent; they only steer which of two sets of words is
# the rarer one, so rough figures do.
_PERCENT: Final = dict(
    zip(b" etaoinsrhldcumfpgwybvkxjqz", (15, 10, 7.5, 6.5, 6, 5.8, 5.8, 5.5, 5.2, 3.5, 3.5, 3.3, 3.2,
    2.4, 2.3, 2, 2.1, 1.8, 1.4, 1.5, 1.3, 1, 0.7, 0.4, 0.3, 0.2, 0.2), strict=True)
)  # fmt: skip
_OTHER_PERCENT: Final = 1.0
_HIGH_PERCENT: Final = 2.0
_DENSER: Final = 1.5  # text is not random: its words are likelier than their letters
# Words that stand everywhere, one of them in two thousand bytes or more often
_COMMON: Final = frozenset(
    b"a an and are as at be by code data default error file for from get has have if in is it line "
    b"list name new not of on one or our return set test that the this to try type use user using "
    b"value was where which will with you your".split()
)
_COMMON_SHARE: Final = 5e-4
# However unlikely its letters, a word is a word of some language.
_RAREST: Final = 3e-6
_LETTERS: Final = re.compile(rb"[a-z]+")
# What so few lines pass needs no further thought.
_RARE: Final = 0.003
_LINE: Final = 40  # bytes of a usual line
# Two lists of needs no longer than this are joined pair by pair.
_PAIRED: Final = 16
# So many sequences at most come from one pattern's alternatives.
_SPREAD: Final = 24


class Need(NamedTuple):
    """A line must hold `word` (any line does where it is empty) and bear `marks`.

    A lower-case letter of a word stands for either case, any other byte for itself.
    """

    word: bytes
    marks: int


class _Run(NamedTuple):
    """The least that a part of a pattern matches in one class of bytes."""

    whole: int | None  # its length, where all of it lies in the class
    head: int  # in one run from its start
    tail: int  # in one run to its end
    best: int  # in any one run


class _Part(NamedTuple):
    """What a part of a pattern needs: one of `needs`; its words, where it matches just a few.

    `first` and `last` are the bytes that it may start and end with, where it is never empty.
    """

    needs: frozenset[Need]
    words: frozenset[bytes] | None
    runs: tuple[_Run, ...]
    counts: tuple[int, ...]
    first: frozenset[int] | None = None
    last: frozenset[int] | None = None


_INSIDE: Final = _Run(1, 1, 1, 1)
_OUTSIDE: Final = _Run(None, 0, 0, 0)
_ANY: Final = frozenset((Need(b"", 0),))
_NOTHING: Final = _Part(
    _ANY, frozenset((b"",)), tuple(_Run(0, 0, 0, 0) for _ in RUNS), tuple(0 for _ in COUNTED)
)


def needs(superset: bytes) -> frozenset[Need]:
    """Return the alternatives of which each line where a superset matches fulfils at least one."""
    nodes = list(_parser.parse(superset.decode("ascii")))
    found = _sequence(nodes).needs
    if _passing(found) <= _RARE:
        return found
    spread = frozenset[Need]().union(*(_sequence(one).needs for one in _spread(nodes)))
    return min(found, spread, key=_passing)


def _spread(nodes: list[Any]) -> list[list[Any]]:
    """Multiply short lists of alternatives out: what stands around each of them then counts, too."""
    listed: list[list[Any]] = [[]]
    for node in nodes:
        choices = _choices(node)
        if len(listed) * len(choices) > _SPREAD:
            choices = [[node]]
        listed = [[*before, *choice] for before in listed for choice in choices]
    return listed


def _choices(node: Any) -> list[list[Any]]:
    """Return what a node may stand for, each as a list of nodes."""
    kind, value = node
    if kind is op.BRANCH:
        return [one for branch in value[1] for one in _spread(list(branch))]
    if kind is op.SUBPATTERN:
        return _spread(list(value[3]))
    return [[node]]


def frequency(word: bytes) -> float:
    """Estimate how often a word stands at a place of a text, between 0 and 1."""
    letters = _LETTERS.findall(word.lower())
    if letters and all(one in _COMMON for one in letters):
        return _COMMON_SHARE
    share = 1.0
    for byte in word:
        other = _OTHER_PERCENT if byte < _ASCII else _HIGH_PERCENT
        share *= _DENSER * _PERCENT.get(byte, other) / 100
    return max(share, _RAREST)


def _sequence(nodes: Any) -> _Part:
    """Join the parts of a concatenation; words that follow each other grow into longer ones."""
    needs, words = _ANY, frozenset((b"",))
    runs, counts = _NOTHING.runs, _NOTHING.counts
    spelled, pairs = True, 0
    parts = [_part(node) for node in nodes]
    for before, after in pairwise(parts):
        pairs |= _meeting(before, after)
    for part in parts:
        runs = tuple(map(_joined, runs, part.runs))
        counts = tuple(map(int.__add__, counts, part.counts))
        if part.words is not None and len(words) * len(part.words) <= _MANY:
            words = frozenset(one + more for one in words for more in part.words)
            continue
        spelled = False
        needs = _both(needs, _spelled(words))
        words = part.words or frozenset((b"",))
        needs = _both(needs, part.needs)
    needs = _both(needs, _spelled(words))
    return _Part(
        _with(needs, _marks(runs, counts) | pairs),
        words if spelled else None,
        runs,
        counts,
        parts[0].first if parts else None,
        parts[-1].last if parts else None,
    )


def _meeting(before: _Part, after: _Part) -> int:
    """Return the marks of the bytes that meet where one part follows another."""
    if before.last is None or after.first is None:
        return 0
    return paired(before.last, after.first)


def _part(node: Any) -> _Part:
    kind, value = node
    if kind in (op.LITERAL, op.IN):
        return _one(_members(kind, value))
    if kind is op.MAX_REPEAT:
        low, high, inner = value
        return _repeated(_sequence(inner), low, high)
    if kind is op.SUBPATTERN:
        return _sequence(value[3])
    if kind is op.BRANCH:
        return _either([_sequence(branch) for branch in value[1]])
    if kind is op.AT:
        return _NOTHING
    raise ValueError(f"no superset holds the regex construct {kind}")


def _members(kind: Any, value: Any) -> frozenset[int]:
    """List the bytes of a class."""
    if kind is op.LITERAL:
        return frozenset((value,))
    listed: set[int] = set()
    for of, item in value:
        listed |= set(range(item[0], item[1] + 1)) if of is op.RANGE else {item}
    return frozenset(listed)


@cache
def _one(members: frozenset[int]) -> _Part:
    """Describe one byte of a class."""
    words = frozenset(
        bytes((byte | _TO_LOWER if byte in _UPPER and byte | _TO_LOWER in members else byte,))
        for byte in members
    )
    runs = tuple(_INSIDE if members <= steps.members else _OUTSIDE for steps in RUNS)
    counts = tuple(int(members <= steps.members) for steps in COUNTED)
    marks = present(members) | _marks(runs, counts)
    known = words if len(words) <= _FEW else None
    return _Part(frozenset((Need(b"", marks),)), known, runs, counts, members, members)


def _repeated(part: _Part, low: int, high: Any) -> _Part:
    words = _repeated_words(part.words, low, high)
    if low == 0:
        runs = tuple(_Run(None if one.whole is None else 0, 0, 0, 0) for one in part.runs)
        return _Part(_ANY, words, runs, _NOTHING.counts)
    runs = tuple(
        _Run(None, one.head, one.tail, max(one.best, one.tail + one.head if low > 1 else 0))
        if one.whole is None
        else _Run(*(one.whole * low,) * 4)
        for one in part.runs
    )
    counts = tuple(count * low for count in part.counts)
    marks = _marks(runs, counts) | (_meeting(part, part) if low > 1 else 0)
    return _Part(_with(part.needs, marks), words, runs, counts, part.first, part.last)


def _repeated_words(words: frozenset[bytes] | None, low: int, high: Any) -> frozenset[bytes] | None:
    """Spell out a repeat where that gives few words."""
    if words is None or high > _FEW or len(words) ** high > _MANY:
        return None
    return frozenset(
        b"".join(some) for times in range(low, high + 1) for some in product(words, repeat=times)
    )


def _either(parts: list[_Part]) -> _Part:
    words: frozenset[bytes] | None = None
    if all(part.words is not None for part in parts):
        words = frozenset(word for part in parts for word in part.words or ())
    return _Part(
        frozenset().union(*(part.needs for part in parts)),
        words if words is not None and len(words) <= _MANY else None,
        tuple(map(_least, zip(*(part.runs for part in parts), strict=True))),
        tuple(map(min, zip(*(part.counts for part in parts), strict=True))),
        _any_of([part.first for part in parts]),
        _any_of([part.last for part in parts]),
    )


def _any_of(sets: list[frozenset[int] | None]) -> frozenset[int] | None:
    known = [members for members in sets if members is not None]
    return frozenset().union(*known) if len(known) == len(sets) else None


def _least(runs: tuple[_Run, ...]) -> _Run:
    wholes = [one.whole for one in runs if one.whole is not None]
    return _Run(
        min(wholes) if len(wholes) == len(runs) else None,
        min(one.head for one in runs),
        min(one.tail for one in runs),
        min(one.best for one in runs),
    )


def _joined(first: _Run, second: _Run) -> _Run:
    return _Run(
        None if first.whole is None or second.whole is None else first.whole + second.whole,
        first.head if first.whole is None else first.whole + second.head,
        second.tail if second.whole is None else first.tail + second.whole,
        max(first.best, second.best, first.tail + second.head),
    )


def _spelled(words: frozenset[bytes]) -> frozenset[Need]:
    """Return the need of one of these words; short ones and signs leave only their marks."""
    return frozenset(
        Need(word if len(word) > SHORTEST or _is_plain(word) else b"", _marks_of(word))
        for word in words
    )


def _is_plain(word: bytes) -> bool:
    return len(word) == SHORTEST and (word.isalnum() or min(word) >= _ASCII)


@cache
def _marks_of(word: bytes) -> int:
    """Return the marks of a line that holds a word."""
    marks, runs, counts = 0, _NOTHING.runs, _NOTHING.counts
    either = [frozenset((byte, byte ^ _TO_LOWER) if byte in _LOWER else (byte,)) for byte in word]
    for before, after in pairwise(either):
        marks |= paired(before, after)
    for members in either:
        one = _one(members)
        runs = tuple(map(_joined, runs, one.runs))
        counts = tuple(map(int.__add__, counts, one.counts))
        marks |= next(iter(one.needs)).marks
    return marks | _marks(runs, counts)


def _marks(runs: tuple[_Run, ...], counts: tuple[int, ...]) -> int:
    marks = 0
    for steps, one in zip(RUNS, runs, strict=True):
        marks |= reached(steps, one.best)
    for steps, count in zip(COUNTED, counts, strict=True):
        marks |= reached(steps, count)
    return marks


def _with(needs: frozenset[Need], marks: int) -> frozenset[Need]:
    return frozenset(Need(need.word, need.marks | marks) for need in needs) if marks else needs


def _both(first: frozenset[Need], second: frozenset[Need]) -> frozenset[Need]:
    """Return what a line that fulfils both needs: of the ways to say it, the one that fewest lines pass."""
    if second == _ANY:
        return first
    if first == _ANY:
        return second
    ways = [_with(first, _common(second)), _with(second, _common(first))]
    if len(first) * len(second) <= _PAIRED:
        ways.append(frozenset(_pair(one, other) for one in first for other in second))
    return min(ways, key=_passing)


def _pair(one: Need, other: Need) -> Need:
    """Ask for the rarer word of two, and all their marks."""
    words = sorted(filter(None, (one.word, other.word)), key=lambda word: (frequency(word), word))
    return Need(words[0] if words else b"", one.marks | other.marks)


def _common(needs: frozenset[Need]) -> int:
    marks = -1
    for need in needs:
        marks &= need.marks
    return marks


def _passing(needs: frozenset[Need]) -> float:
    """Guess which share of lines fulfils one of the needs; the sum of the parts may exceed 1."""
    return fsum(
        min(1.0, _LINE * frequency(need.word)) * share(need.marks)
        if need.word
        else share(need.marks)
        for need in needs
    )
