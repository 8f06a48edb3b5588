"""What two texts differ in, as pieces that add up to both; the work is bounded, whatever the texts.

Lines are compared first, then words inside the blocks of lines that changed. Short stretches go to
difflib, which looks for the longest common run; where that would take long, a stretch is cut first
at what stands once in both ("patience diff"): difflib takes quadratic time where much repeats.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import regex  # type: ignore[import-untyped]  # it ships no types

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

_WORK: Final = 8_000_000  # steps over one pair of texts: some three seconds
_STEP: Final = 50_000  # a longest common run that takes more is looked for between anchors
_LONGEST_ANCHOR: Final = 64  # tokens

_UNSPACED: Final = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Hangul}"
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
)
_TOKEN: Final = rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{_UNSPACED}]]+|[{_UNSPACED}]\p{{M}}*|\S"


Kind = Literal["equal", "delete", "insert"]
_KINDS: Final[tuple[Kind, ...]] = ("equal", "delete", "insert")


class Piece(NamedTuple):
    """A stretch of text that both have, or the first alone ("delete"), or the second alone ("insert")."""

    kind: Kind
    text: str


class Difference(NamedTuple):
    """All pieces in order; a deletion comes before the insertion at its place.

    `cut_short`: so much repeats or differs that some of what is equal is told as deleted and inserted.
    """

    pieces: tuple[Piece, ...]
    cut_short: bool


def difference(first: str, second: str, work: int = _WORK) -> Difference:
    """Compare two texts by lines, then by words and spaces (characters where no spaces part words).

    The equal and deleted pieces add up to `first`, the equal and inserted ones to `second`. `work`
    bounds the steps.
    """
    budget = _Budget(work)
    pieces = tuple(_merged(_by_lines(first, second, budget)))
    return Difference(pieces, budget.overdrawn)


class _Budget:
    """Steps that are left to take."""

    def __init__(self, steps: int) -> None:
        self._left = steps
        self.overdrawn = False

    def take(self, steps: int) -> bool:
        """Take steps; with too few left, take none."""
        if steps > self._left:
            self.overdrawn = True
            return False
        self._left -= steps
        return True


def _by_lines(first: str, second: str, budget: _Budget) -> Iterator[Piece]:
    """Compare lines; hand the blocks that changed on to the words."""
    a, b = first.splitlines(keepends=True), second.splitlines(keepends=True)
    i = j = 0
    for run in _common(a, b, budget):
        yield from _by_words("".join(a[i : run.i]), "".join(b[j : run.j]), budget)
        i, j = run.i + run.size, run.j + run.size
        yield Piece("equal", "".join(a[run.i : i]))
    yield from _by_words("".join(a[i:]), "".join(b[j:]), budget)


@cache
def _token() -> regex.Pattern[str]:
    """Compile what is compared as one: a word, a character of a script without spaces, or a sign."""
    return regex.compile(_TOKEN, regex.V1)


def _by_words(first: str, second: str, budget: _Budget) -> Iterator[Piece]:
    """Compare words; the spaces between two words are told as they are."""
    a = list(_token().finditer(first)) if second else []
    b = list(_token().finditer(second)) if first else []
    x = y = 0
    for run in _common([match.group() for match in a], [match.group() for match in b], budget):
        both = zip(a[run.i : run.i + run.size], b[run.j : run.j + run.size], strict=True)
        for one, other in both:
            yield from _between(first[x : one.start()], second[y : other.start()])
            yield Piece("equal", one.group())
            x, y = one.end(), other.end()
    yield from _between(first[x:], second[y:])


def _between(first: str, second: str) -> Iterator[Piece]:
    """Tell two stretches without a common word; the spaces that they begin and end with may be equal."""
    head = _same_spaces(first, second)
    old, new = first[head:], second[head:]
    tail = _same_spaces(old[::-1], new[::-1])
    yield Piece("equal", first[:head])
    yield Piece("delete", old[: len(old) - tail])
    yield Piece("insert", new[: len(new) - tail])
    yield Piece("equal", old[len(old) - tail :])


def _same_spaces(first: str, second: str) -> int:
    """Count the spaces that two texts begin with and share."""
    pairs = enumerate(zip(first, second, strict=False))
    shorter = min(len(first), len(second))
    return next((at for at, (a, b) in pairs if a != b or not a.isspace()), shorter)


class _Segment(NamedTuple):
    """What is equal, and the change after it."""

    equal: list[str]
    delete: list[str]
    insert: list[str]


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Put pieces of a kind together; a space between two replaced words is replaced with them."""
    segments = [_Segment([], [], [])]
    for kind, text in pieces:
        if not text:
            continue
        if kind == "equal" and (segments[-1].delete or segments[-1].insert):
            segments.append(_Segment([], [], []))
        getattr(segments[-1], kind).append(text)
    for segment in _joined(segments):
        for kind in _KINDS:
            text = "".join(getattr(segment, kind))
            if text:
                yield Piece(kind, text)


def _joined(segments: list[_Segment]) -> list[_Segment]:
    joined = segments[:1]
    for segment in segments[1:]:
        space = "".join(segment.equal)
        if all((*joined[-1][1:], *segment[1:])) and space.isspace() and "\n" not in space:
            joined[-1].delete.extend([space, *segment.delete])
            joined[-1].insert.extend([space, *segment.insert])
        else:
            joined.append(segment)
    return joined


class _Run(NamedTuple):
    """`a[i:i + size]` is `b[j:j + size]`."""

    i: int
    j: int
    size: int


class _Range(NamedTuple):
    """`a[i:i_end]` against `b[j:j_end]`."""

    i: int
    i_end: int
    j: int
    j_end: int

    def around(self, runs: list[_Run]) -> list[_Range]:
        """Give the ranges before, between and behind runs, those at the back first, as a stack wants them."""
        ends = [*((run.i, run.j) for run in runs), (self.i_end, self.j_end)]
        starts = [(self.i, self.j), *((run.i + run.size, run.j + run.size) for run in runs)]
        ranges = [_Range(i, e, j, f) for (i, j), (e, f) in zip(starts, ends, strict=True)]
        return [each for each in reversed(ranges) if each.i < each.i_end and each.j < each.j_end]


def _common(a: Sequence[str], b: Sequence[str], budget: _Budget) -> list[_Run]:
    """Find runs that both sequences have, in the order of both."""
    found: list[_Run] = []
    todo = _Range(0, len(a), 0, len(b)).around([])
    while todo:
        whole = todo.pop()
        ends = _equal_ends(a, b, whole)
        found += ends
        for here in whole.around(ends):
            runs = [
                _Run(here.i + i, here.j + j, size)
                for i, j, size in _inside(a[here.i : here.i_end], b[here.j : here.j_end], budget)
            ]
            found += runs
            todo += here.around(runs) if runs else []
    return sorted(found)


def _equal_ends(a: Sequence[str], b: Sequence[str], here: _Range) -> list[_Run]:
    """Find what a range begins with on both sides, and what it ends with; runs may be empty."""
    most = min(here.i_end - here.i, here.j_end - here.j)
    head = 0
    while head < most and a[here.i + head] == b[here.j + head]:
        head += 1
    tail = 0
    while tail < most - head and a[here.i_end - tail - 1] == b[here.j_end - tail - 1]:
        tail += 1
    return [_Run(here.i, here.j, head), _Run(here.i_end - tail, here.j_end - tail, tail)]


def _inside(a: Sequence[str], b: Sequence[str], budget: _Budget) -> list[_Run]:
    """Find one or more common runs; none where there is none, or no more work can be done."""
    if not budget.take(len(a) + len(b)):
        return []
    of_b = Counter(b)
    steps = sum(of_b[token] for token in a)
    if steps > _STEP:
        runs = _anchors(a, b, budget)
        if runs:
            return runs
    if steps == 0 or not budget.take(steps):
        return []
    return [_Run(*SequenceMatcher(None, a, b, autojunk=False).find_longest_match())]


def _anchors(a: Sequence[Hashable], b: Sequence[Hashable], budget: _Budget) -> list[_Run]:
    """Find what stands once in both, in the order of both: tokens, else runs of 2, 4, 8 and so on."""
    size = 1
    while size <= _LONGEST_ANCHOR and budget.take(len(a) + len(b)):
        runs: list[_Run] = []
        for i, j in _rising(_once_in_both(a, b)):
            if not runs or (i >= runs[-1].i + size and j >= runs[-1].j + size):
                runs.append(_Run(i, j, size))
        if runs:
            return runs
        names: dict[tuple[Hashable, Hashable], int] = {}  # of runs twice as long
        a, b = (
            [names.setdefault(pair, len(names)) for pair in zip(each, each[size:], strict=False)]
            for each in (a, b)
        )
        size *= 2
    return []


def _once_in_both(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pair the places of what stands once in `a` and once in `b`, in the order of `a`."""
    place = {token: j for j, token in enumerate(b)}
    of_a, of_b = Counter(a), Counter(b)
    return [
        (i, place[token])
        for i, token in enumerate(a)
        if of_a[token] == 1 and of_b.get(token, 0) == 1
    ]


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take the longest series of pairs that rises on both sides (patience sorting)."""
    lowest: list[int] = []  # the least end of a series of each length
    ends: list[int] = []  # which pair that is
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(lowest, j)
        before.append(ends[length - 1] if length else -1)
        lowest[length : length + 1], ends[length : length + 1] = [j], [number]
    series = []
    number = ends[-1] if ends else -1
    while number >= 0:
        series.append(pairs[number])
        number = before[number]
    return series[::-1]
