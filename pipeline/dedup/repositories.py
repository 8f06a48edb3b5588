"""Which repositories are forks: one whose files are mostly those of another before it goes as a whole.

Repositories are numbered in their order, 0 first. Walking in that order, a repository goes if and
only if one before it that stays has enough of its files, equal or near: nothing goes through a
chain. Files that many repositories have (licences, empty files) lead to no fork by themselves but
count in its share. All work is bounded by files and pairs, however large a group is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from filters.jit import frozen
from pipeline.dedup.fork_kernels import (
    Index,
    Ints,
    Limits,
    closest,
    decide,
    offer_all,
    offer_near,
)

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy.typing as npt

_LIMITS = Limits()
_MOST = (1 << 31) - 1  # repositories, and files of one


class Files(NamedTuple):
    """One element a file, int64[f] each.

    `repository` is -1 for a file of none; files of one `group` are equal; less `strictness` is
    stricter, from 0 on; `rank` is the place in the survivor order.
    """

    repository: Ints
    group: Ints
    strictness: Ints
    rank: Ints


class Pairs(NamedTuple):
    """Near pairs of groups, each pair once, int64[p] each; the similarity is intersection / union."""

    a: Ints
    b: Ints
    intersection: Ints
    union: Ints


class Forks(NamedTuple):
    """One element a repository, int64[r].

    `fork_of` is -1 where it stays; `shared` of its `files` are in the one that it is a fork of.
    """

    fork_of: Ints
    shared: Ints
    files: Ints


class Partners(NamedTuple):
    """One element a file of a fork, int64[d].

    `partner` is the most similar file of what that is a fork of, -1 where none is near. The similarity
    is intersection / union: 1 / 1 for equal files, 0 / 0 for none.
    """

    file: Ints
    partner: Ints
    intersection: Ints
    union: Ints


class Decision(NamedTuple):
    """What goes, and what it repeats."""

    forks: Forks
    partners: Partners


class _Entries(NamedTuple):
    """Groups in repositories, sorted by both; files of no repository count as those of one more."""

    repository: Ints
    group: Ints
    first: Ints  # its first file in the survivor order
    size: Ints
    strictest: Ints
    laxest: Ints


def find_forks(
    files: Files,
    pairs: Pairs,
    repositories: int,
    *,
    share: Fraction,
    least: int,
    limits: Limits = _LIMITS,
) -> Decision:
    """Decide over all files of `repositories` repositories, numbered in their order.

    A repository of at least `least` files goes when one before it that stays has `share` of them; of
    several it is a fork of the one that has most, then of the first. It stays where a text would
    go on under a laxer licence only: where a laxer equal copy of one of its files stands outside,
    the other repository must have an equal one as strict, and where a laxer near copy does, an equal
    or near one.

    Raises ValueError for more than 2**31 - 1 files.
    """
    if len(files.group) > _MOST:
        raise ValueError("find_forks: too many files for one decision")
    sizes = np.bincount(files.repository[files.repository >= 0], minlength=repositories)
    number = _number_groups(files.group, pairs)
    entries = _make_entries(files, number, repositories)
    pairs = _renumber(pairs, number)
    index = _make_index(entries, pairs, repositories, int(number.max(initial=-1)) + 1)
    need = -(-sizes * share.numerator // share.denominator)
    need[sizes < max(least, 1)] = 0
    fork_of, shared = np.full(repositories, -1), np.zeros(repositories, np.int64)
    decide(index, _laxest(entries, pairs, len(index.slots) - 1), need, limits, fork_of, shared)
    forks = Forks(fork_of, shared, sizes)
    return Decision(forks, _find_partners(files, number, forks, entries, pairs, index))


def _number_groups(group: Ints, pairs: Pairs) -> Ints:
    """Give numbers to groups that matter; most are of one file without a near one: -1."""
    top = max(int(each.max(initial=-1)) for each in (group, pairs.a, pairs.b)) + 1
    count = np.bincount(group, minlength=top)
    matters = count > 1
    matters[pairs.a] = matters[pairs.b] = True
    matters &= count > 0
    return np.where(matters, np.cumsum(matters) - 1, -1)


def _renumber(pairs: Pairs, number: Ints) -> Pairs:
    known = (number[pairs.a] >= 0) & (number[pairs.b] >= 0)
    a, b, intersection, union = (column[known] for column in pairs)
    return Pairs(number[a], number[b], intersection, union)


def _make_entries(files: Files, number: Ints, repositories: int) -> _Entries:
    which = np.flatnonzero(number[files.group] >= 0)
    group, holder = number[files.group[which]], files.repository[which]
    holder = np.where(holder < 0, repositories, holder)
    order = np.lexsort((files.rank[which], group, holder))
    which, group, holder = which[order], group[order], holder[order]
    new = np.ones(len(which), np.bool_)
    new[1:] = (group[1:] != group[:-1]) | (holder[1:] != holder[:-1])
    starts = np.flatnonzero(new)
    strictness = files.strictness[which]
    return _Entries(
        repository=holder[starts],
        group=group[starts],
        first=which[starts],
        size=np.diff(np.append(starts, len(which))),
        strictest=_reduce(np.minimum, strictness, starts),
        laxest=_reduce(np.maximum, strictness, starts),
    )


def _reduce(function: np.ufunc, values: Ints, starts: npt.NDArray[np.intp]) -> Ints:
    if len(starts) == 0:  # reduceat knows no empty input
        return values
    reduced: Ints = function.reduceat(values, starts)
    return reduced


def _make_index(entries: _Entries, pairs: Pairs, repositories: int, groups: int) -> Index:
    """Lay out who has what; only groups that a repository has are near groups."""
    held = np.bincount(entries.group[entries.repository < repositories], minlength=groups)
    use = np.flatnonzero((held[pairs.a] > 0) & (held[pairs.b] > 0))
    here = np.concatenate([pairs.a[use], pairs.b[use]])
    there = np.concatenate([pairs.b[use], pairs.a[use]])
    order = np.lexsort((there, here))
    return Index(
        starts=frozen(np.searchsorted(entries.repository, np.arange(repositories + 1)), np.int64),
        groups=frozen(entries.group, np.int64),
        counts=frozen(entries.size, np.int64),
        strictest=frozen(entries.strictest, np.int64),
        near_starts=frozen(_offsets(np.bincount(here, minlength=groups)), np.int64),
        near=frozen(there[order], np.int64),
        pairs=frozen(np.tile(use, 2)[order], np.int64),
        slots=frozen(_offsets(held), np.int64),
    )


def _offsets(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def _laxest(entries: _Entries, pairs: Pairs, groups: int) -> tuple[Ints, Ints]:
    """Find for each group the two laxest licences of different holders, of equal copies and of all."""
    equal = np.full((groups, 4), -1)
    group, laxest, holder = (
        frozen(column, np.int64) for column in (entries.group, entries.laxest, entries.repository)
    )
    offer_all(group, laxest, holder, equal)
    around = equal.copy()
    offer_near(frozen(pairs.a, np.int64), frozen(pairs.b, np.int64), equal, around)
    return equal, around


def _find_partners(
    files: Files, number: Ints, forks: Forks, entries: _Entries, pairs: Pairs, index: Index
) -> Partners:
    """Name for each file of a fork the most similar one; equal files of one fork ask once."""
    dropped = np.flatnonzero(files.repository >= 0)
    dropped = dropped[forks.fork_of[files.repository[dropped]] >= 0]
    group = number[files.group[dropped]]
    asked = group >= 0
    kept = forks.fork_of[files.repository[dropped]]
    questions, inverse = np.unique(
        np.stack([kept[asked], group[asked]], axis=1), axis=0, return_inverse=True
    )
    entry, pair = np.full(len(questions), -1), np.full(len(questions), -1)
    similarity = (frozen(pairs.intersection, np.int64), frozen(pairs.union, np.int64))
    ranks = frozen(files.rank[entries.first], np.int64)
    holder, wanted = frozen(questions.T, np.int64)
    closest(index, similarity[0], similarity[1], ranks, holder, wanted, entry, pair)
    partner = np.full(len(dropped), -1)
    shared = np.zeros((2, len(dropped)), np.int64)
    found = np.where(entry < 0, -1, np.append(entries.first, -1)[entry])
    partner[asked] = found[inverse]
    for row, column in zip(shared, similarity, strict=True):
        row[asked] = np.where(pair < 0, found >= 0, np.append(column, 0)[pair])[inverse]
    return Partners(dropped, partner, shared[0], shared[1])


def elect_heirs(survivor: Ints, rank: Ints, dropped: npt.NDArray[np.bool_]) -> Ints:
    """Say who stands for each line's group of equal ones once the `dropped` lines, bool[n], are gone.

    `survivor` int64[n] is the line that stood for it, `rank` the survivor order. Returns int64[n]: at
    a line that stood for a group the first of those left, -1 where none is; elsewhere the line itself.
    """
    heir = np.arange(len(survivor))
    vacant = np.zeros(len(survivor), np.bool_)
    vacant[survivor[dropped]] = True
    vacant &= dropped
    heir[vacant] = -1
    left = np.flatnonzero(vacant[survivor] & ~dropped)
    left = left[np.argsort(rank[left])][::-1]
    heir[survivor[left]] = left  # the first in rank is written last
    return heir


def move_ends(ends: Ints, old: Ints, new: Ints) -> Ints:
    """Put the heir, `new`, in the place of each line in `old` (sorted); -1 where nobody is left."""
    if len(old) == 0:
        return ends
    at = np.minimum(np.searchsorted(old, ends), len(old) - 1)
    return np.where(old[at] == ends, new[at], ends)
