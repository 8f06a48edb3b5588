"""Kernels that decide which repositories are forks, over an index of who has which group of equal files."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from filters.jit import kernel

Ints = npt.NDArray[np.int64]

_INT31: Final = (1 << 31) - 1
_MEMO: Final = 1 << 12


class Limits(NamedTuple):
    """What bounds the work.

    A file that more than `common` repositories have, or with more than `near` near groups, leads to
    no fork; a repository is compared in full with the `compared` others that share most of the rest.
    """

    common: int = 64
    near: int = 1024
    compared: int = 64


class Index(NamedTuple):
    """Entries are groups in repositories, sorted by both; near groups and holders lie by group."""

    starts: Ints  # entries of a repository
    groups: Ints
    counts: Ints  # files of an entry
    strictest: Ints
    near_starts: Ints  # near groups of a group, sorted
    near: Ints
    pairs: Ints  # their pair
    slots: Ints  # room for a group's holders


@kernel
def _find(sorted_numbers: Any, first: Any, end: Any, number: Any) -> Any:
    """Find a number in a sorted range; -1 where it is not."""
    stop = end
    while first < stop:
        middle = (first + stop) >> 1
        if sorted_numbers[middle] < number:
            first = middle + 1
        else:
            stop = middle
    return first if first < end and sorted_numbers[first] == number else -1


@kernel
def _next_copy(index: Any, repository: Any, group: Any, step: Any) -> Any:
    """Walk the near copies of a group in a repository by the shorter of two lists.

    Returns (entry, position among the near groups, next step); the entry is -1 at the end.
    """
    first, end = index.starts[repository], index.starts[repository + 1]
    near_first, near_end = index.near_starts[group], index.near_starts[group + 1]
    if near_end - near_first <= end - first:
        for position in range(near_first + step, near_end):
            entry = _find(index.groups, first, end, index.near[position])
            if entry >= 0:
                return entry, position, position + 1 - near_first
    else:
        for entry in range(first + step, end):
            position = _find(index.near, near_first, near_end, index.groups[entry])
            if position >= 0:
                return entry, position, entry + 1 - first
    return np.int64(-1), np.int64(-1), np.int64(0)


@kernel
def _equal_copy(index: Any, repository: Any, group: Any) -> Any:
    """Find the entry of a group in a repository, or -1."""
    return _find(index.groups, index.starts[repository], index.starts[repository + 1], group)


@kernel
def _has_as_strict(index: Any, repository: Any, group: Any, strictness: Any) -> Any:
    """Tell whether the repository has a copy, equal or near, at least as strict."""
    entry = _equal_copy(index, repository, group)
    if entry >= 0 and index.strictest[entry] <= strictness:
        return True
    entry, _, step = _next_copy(index, repository, group, 0)
    while entry >= 0:
        if index.strictest[entry] <= strictness:
            return True
        entry, _, step = _next_copy(index, repository, group, step)
    return False


@kernel
def _launders(index: Any, equal: Any, around: Any, mine: Any, other: Any) -> Any:
    """Tell whether a text would go on under a laxer licence only, were `mine` dropped for `other`.

    Where a laxer equal copy stands outside, `other` must have an equal one as strict; where a laxer
    near one does, an equal or near one.
    """
    for entry in range(index.starts[mine], index.starts[mine + 1]):
        group, strictness = index.groups[entry], index.strictest[entry]
        if _outside(equal, group, mine) > strictness:
            copy = _equal_copy(index, other, group)
            if copy < 0 or index.strictest[copy] > strictness:
                return True
        if _outside(around, group, mine) > strictness and not _has_as_strict(
            index, other, group, strictness
        ):
            return True
    return False


@kernel
def _outside(laxest: Any, group: Any, mine: Any) -> Any:
    """Give the laxest licence of a group's copies that are not in repository `mine`, or -1."""
    return laxest[group, 2] if laxest[group, 1] == mine else laxest[group, 0]


@kernel
def _offer(laxest: Any, group: Any, strictness: Any, holder: Any) -> None:
    """Hold a group's two laxest licences of two different repositories: (licence, holder) twice."""
    row = laxest[group]
    if holder == row[1]:
        row[0] = max(row[0], strictness)
    elif strictness > row[0]:
        row[2], row[3], row[0], row[1] = row[0], row[1], strictness, holder
    elif strictness > row[2]:
        row[2], row[3] = strictness, holder


@kernel
def offer_all(group: Any, strictness: Any, holder: Any, laxest: Any) -> None:
    """Offer each entry's laxest licence to its group."""
    for entry in range(group.size):
        _offer(laxest, group[entry], strictness[entry], holder[entry])


@kernel
def offer_near(a: Any, b: Any, equal: Any, around: Any) -> None:
    """Offer the laxest licences of each group to those near it."""
    for pair in range(a.size):
        for here, there in ((a[pair], b[pair]), (b[pair], a[pair])):
            _offer(around, here, equal[there, 0], equal[there, 1])
            _offer(around, here, equal[there, 2], equal[there, 3])


@kernel
def _meet(
    index: Any, group: Any, limits: Any, holders: Any, held: Any, stamp: Any, seen: Any, met: Any
) -> Any:
    """Collect the kept repositories so far that have a group or a near one; -1 where it is too common."""
    first, end = index.near_starts[group], index.near_starts[group + 1]
    if end - first > limits.near:
        return -1
    count = 0
    for position in range(first - 1, end):
        other = group if position < first else index.near[position]
        if held[other] > limits.common:
            return -1
        for slot in range(index.slots[other], index.slots[other] + held[other]):
            holder = holders[slot]
            if seen[holder] != stamp:
                if count == limits.common:
                    return -1
                seen[holder], met[count] = stamp, holder
                count += 1
    return count


@kernel
def _count_common(index: Any, common: Any, other: Any, memo: Any) -> Any:
    """Count files of common entries that `other` has too; what was asked last is remembered."""
    total = 0
    for entry in common:
        group = index.groups[entry]
        question = other * np.int64(index.slots.size) + group
        cell = question % memo.shape[0]
        if memo[cell, 0] != question:
            has = _equal_copy(index, other, group) >= 0
            if not has:
                has = _next_copy(index, other, group, 0)[0] >= 0
            memo[cell, 0], memo[cell, 1] = question, np.int64(has)
        total += memo[cell, 1] * index.counts[entry]
    return total


@kernel
def _best(
    index: Any, laxest: Any, mine: Any, need: Any, ranked: Any, tally: Any, common: Any, memo: Any
) -> Any:
    """Find the repository that has most files of `mine`, at least `need`, and launders none.

    Of equals it is the first. Returns it and the count, or (-1, 0).
    """
    more = index.counts[common].sum()
    found, most = np.int64(-1), np.int64(0)
    for key in ranked:
        other = key & _INT31
        if tally[other] + more < max(need, most):
            break
        shared = tally[other] + _count_common(index, common, other, memo)
        better = shared > most or (shared == most and other < found)
        if shared >= need and better and not _launders(index, laxest[0], laxest[1], mine, other):
            found, most = other, shared
    return found, most


@kernel
def decide(index: Any, laxest: Any, need: Any, limits: Any, fork_of: Any, shared: Any) -> None:
    """Walk the repositories in their order; `need` is how many shared files make one a fork, 0 for never."""
    groups, repositories = index.slots.size - 1, need.size
    holders, held = np.zeros(index.slots[-1], np.int64), np.zeros(groups, np.int64)
    seen, tally = np.full(repositories, -1), np.zeros(repositories, np.int64)
    touched, met = np.zeros(repositories, np.int64), np.zeros(limits.common, np.int64)
    memo = np.full((_MEMO, 2), -1)
    for mine in range(repositories):
        first, end = index.starts[mine], index.starts[mine + 1]
        if need[mine] > 0:
            count, few = 0, 0
            common = np.zeros(end - first, np.int64)
            for entry in range(first, end):
                found = _meet(index, index.groups[entry], limits, holders, held, entry, seen, met)
                if found < 0:
                    common[few] = entry
                    few += 1
                for holder in met[: max(found, 0)]:
                    if tally[holder] == 0:
                        touched[count] = holder
                        count += 1
                    tally[holder] += index.counts[entry]
            ranked = ((_INT31 - tally[touched[:count]]) << 31) | touched[:count]
            ranked.sort()
            fork_of[mine], shared[mine] = _best(
                index,
                laxest,
                mine,
                need[mine],
                ranked[: limits.compared],
                tally,
                common[:few],
                memo,
            )
            tally[touched[:count]] = 0
        if fork_of[mine] < 0:
            for group in index.groups[first:end]:
                if held[group] < limits.common:
                    holders[index.slots[group] + held[group]] = mine
                held[group] += held[group] <= limits.common


@kernel
def closest(
    index: Any,
    common: Any,
    union: Any,
    ranks: Any,
    repository: Any,
    group: Any,
    entry: Any,
    pair: Any,
) -> None:
    """For each (repository, group) find the entry of the most similar copy, by rank among equals."""
    for number in range(group.size):
        best = _equal_copy(index, repository[number], group[number])
        entry[number] = best
        if best >= 0:
            continue
        at, position, step = _next_copy(index, repository[number], group[number], 0)
        while at >= 0:
            new, old = index.pairs[position], pair[number]
            gain = np.int64(1)
            if best >= 0:
                gain = common[new] * union[old] - common[old] * union[new]
            if gain > 0 or (gain == 0 and ranks[at] < ranks[best]):
                best, entry[number], pair[number] = at, at, new
            at, position, step = _next_copy(index, repository[number], group[number], step)
