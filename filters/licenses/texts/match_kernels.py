"""The compiled loops that find licence texts: which templates share words with a text, and how each aligns with it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.jit import kernel

_EMPTY: Final = np.uint64(0)
_PLAIN: Final = 0
# A word of the text that is in no template, and one that a licence found before has taken.
UNKNOWN, TAKEN = -1, -2
# Between two runs of common words, so many words on either side are compared one by one.
COMPARED: Final = 64
COMMON: Final = 100  # places of a trigram above which it is common
_REACH: Final = 80  # words by which a text may be longer than its template, beside a third of it
_WORD: Final = 4  # what a word weighs against one that a gap takes in
# The columns of what an alignment gives
MATCHED, REQUIRED, MISSING, EXTRA, FIRST, LAST = range(6)


@kernel
def look_up(keys: Any, values: Any, wanted: Any, found: Any) -> None:
    """Fill `found` with the value of each wanted key of an open-addressing table, or `UNKNOWN`."""
    mask = np.uint64(len(keys) - 1)
    for at in range(len(wanted)):
        key = wanted[at]
        slot = key & mask
        found[at] = UNKNOWN
        while keys[slot] != _EMPTY:
            if keys[slot] == key:
                found[at] = values[slot]
                break
            slot = (slot + np.uint64(1)) & mask


@kernel
def fill(keys: Any, values: Any, wanted: Any) -> None:
    """Enter each distinct key of `wanted`, which is not 0, with its index as the value."""
    mask = np.uint64(len(keys) - 1)
    for at in range(len(wanted)):
        slot = wanted[at] & mask
        while keys[slot] != _EMPTY:
            slot = (slot + np.uint64(1)) & mask
        keys[slot] = wanted[at]
        values[slot] = at


@kernel
def trigram(first: int, second: int, third: int) -> Any:
    """Pack three words into one key, and mix it (the finaliser of MurmurHash3)."""
    key = np.uint64(first + 1) << np.uint64(42) | np.uint64(second) << np.uint64(21)
    key |= np.uint64(third)
    key = (key ^ (key >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    key = (key ^ (key >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return key ^ (key >> np.uint64(33))


@kernel
def trigrams(ids: Any, keys: Any) -> None:
    """Fill `keys` with the trigram that starts at each word, 0 where a word is unknown or taken."""
    for at in range(len(keys)):
        keys[at] = _EMPTY
        if at + 2 < len(ids) and ids[at] >= 0 and ids[at + 1] >= 0 and ids[at + 2] >= 0:
            keys[at] = trigram(ids[at], ids[at + 1], ids[at + 2])


@kernel
def vote(
    found: Any, starts: Any, places: Any, owner: Any, seen: Any, stamp: int, votes: Any
) -> None:
    """Count in `votes`, for each template, how many of its places share a trigram with the text.

    `places[starts[g]:starts[g + 1]]` are where trigram `g` stands among the words of all templates,
    `owner` whose word each is; `seen` bears the `stamp` of the last text that met a place. Common
    trigrams are passed over: a third of a percent of all take most of the time and tell nothing.
    """
    for at in range(len(found)):
        gram = found[at]
        if gram < 0 or starts[gram + 1] - starts[gram] > COMMON:
            continue
        for entry in range(starts[gram], starts[gram + 1]):
            place = places[entry]
            if seen[place] != stamp:
                seen[place] = stamp
                votes[owner[place]] += 1


@kernel
def _first_from(places: Any, low: int, high: int, wanted: int) -> int:
    """Find the first entry of a sorted range that is not less than `wanted`."""
    while low < high:
        middle = (low + high) // 2
        if places[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def gather(
    found: Any, starts: Any, places: Any, owner: Any, begins: Any, chosen: Any, slots: Any,
    cursors: Any, here: Any, there: Any,
) -> None:  # fmt: skip
    """Write the pairs of each chosen template from its cursor on, by place in the text; among equals the last first.

    With empty `here` and `there`, only the cursors move: that is how many pairs there are.
    """
    writing = len(here) > 0
    for at in range(len(found)):
        gram = found[at]
        if gram < 0:
            continue
        low, high = starts[gram], starts[gram + 1]
        if high - low <= COMMON:
            for entry in range(high - 1, low - 1, -1):
                slot = slots[owner[places[entry]]]
                if slot >= 0:
                    if writing:
                        here[cursors[slot]] = at
                        there[cursors[slot]] = places[entry] - begins[chosen[slot]]
                    cursors[slot] += 1
            continue
        for slot in range(len(chosen)):
            first, end = begins[chosen[slot]], begins[chosen[slot] + 1]
            start = _first_from(places, low, high, first)
            for entry in range(_first_from(places, start, high, end) - 1, start - 1, -1):
                if writing:
                    here[cursors[slot]] = at
                    there[cursors[slot]] = places[entry] - first
                cursors[slot] += 1


@kernel
def densest(here: Any, reach: int) -> Any:
    """Return the range of pairs that lie within `reach` words of the text and are the most."""
    best = left = first = last = 0
    for right in range(len(here)):
        while here[right] - here[left] > reach:
            left += 1
        if right - left + 1 > best:
            best = right - left + 1
            first, last = left, right + 1
    return first, last


@kernel
def longest_chain(here: Any, there: Any, chain: Any) -> int:
    """Fill `chain` with the longest run of pairs that rise on both sides; return its length (patience sorting)."""
    size = len(here)
    tails = np.empty(size, np.int64)
    before = np.empty(size, np.int64)
    length = 0
    for at in range(size):
        low, high = 0, length
        while low < high:
            middle = (low + high) // 2
            if there[tails[middle]] < there[at]:
                low = middle + 1
            else:
                high = middle
        before[at] = tails[low - 1] if low > 0 else -1
        tails[low] = at
        if low == length:
            length += 1
    at = tails[length - 1] if length > 0 else -1
    for place in range(length - 1, -1, -1):
        chain[place] = at
        at = before[at]
    return length


@kernel
def pair_words(ids: Any, theirs: Any, a: int, a_end: int, b: int, b_end: int, mate: Any) -> None:
    """Pair the words between two runs: a longest common subsequence of `ids[a:a_end]` and `theirs[b:b_end]`."""
    rows, columns = a_end - a, b_end - b
    if rows <= 0 or columns <= 0 or rows > COMPARED or columns > COMPARED:
        return
    best = np.zeros((rows + 1, columns + 1), np.int16)
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            if ids[a + row] == theirs[b + column] and ids[a + row] >= 0:
                best[row, column] = best[row + 1, column + 1] + 1
            else:
                best[row, column] = max(best[row + 1, column], best[row, column + 1])
    row = column = 0
    while row < rows and column < columns:
        if ids[a + row] == theirs[b + column] and ids[a + row] >= 0:
            mate[b + column] = a + row
            row, column = row + 1, column + 1
        elif best[row + 1, column] >= best[row, column + 1]:
            row += 1
        else:
            column += 1


@kernel
def mate_words(ids: Any, theirs: Any, here: Any, there: Any, chain: Any, mate: Any) -> None:
    """Fill `mate` with the place in the text of each word of a template, -1 where there is none."""
    mate[:] = -1
    for at in range(len(chain)):
        for offset in range(3):
            mate[there[chain[at]] + offset] = here[chain[at]] + offset
    # trigrams that overlap on one side only would give a word to two
    last = -1
    for place in range(len(mate)):
        if mate[place] >= 0 and mate[place] <= last:
            mate[place] = -1
        last = max(last, mate[place])
    last_a, last_b = -1, -1
    for place in range(len(mate)):
        if mate[place] >= 0:
            if last_b >= 0 and (place - last_b > 1 and mate[place] - last_a > 1):
                pair_words(ids, theirs, last_a + 1, mate[place], last_b + 1, place, mate)
            last_a, last_b = mate[place], place
    if len(chain) > 0:
        ahead = here[chain[0]]
        start = there[chain[0]]
        reach = min(start, ahead, COMPARED)
        pair_words(ids, theirs, ahead - reach, ahead, start - reach, start, mate)
        behind, end = last_a + 1, last_b + 1
        reach = min(len(theirs) - end, len(ids) - behind, COMPARED)
        pair_words(ids, theirs, behind, behind + reach, end, end + reach, mate)


@kernel
def between(kinds: Any, ids: Any, first: int, end: int) -> int:
    """Count the words that make a difference."""
    count = 0
    for at in range(first, end):
        count += kinds[at] == _PLAIN and ids[at] != TAKEN
    return count


@kernel
def measure(ids: Any, kinds: Any, optional: Any, gaps: Any, mate: Any, result: Any) -> None:
    """Score the best stretch of an alignment into `result`: its matched words less what is missing and extra.

    Words that are missing at either end count as missing, words of the text outside of the stretch
    as nothing. A stretch ends where going on would cost more than it gives (Kadane's algorithm);
    what a gap takes in costs a little, or a few stray words would draw the end of a text far away.
    """
    total = 0
    for place in range(len(mate)):
        total += not optional[place]
    best = net = -1
    matched = required = missing = extra = start = 0
    last = room = gone = -1
    for place in range(len(mate)):
        room = max(room, 0) + gaps[place]
        if mate[place] < 0:
            gone += not optional[place]
            continue
        more = cost = 0
        if last >= 0:
            strange = between(kinds, ids, last + 1, mate[place])
            more = max(0, strange - room)
            cost = _WORD * (gone + more) + strange - more
        if last < 0 or net < cost:
            matched = required = missing = extra = net = 0
            start = mate[place]
        else:
            missing += gone
            extra += more
            net -= cost
        matched += 1
        required += not optional[place]
        net += _WORD
        last, room, gone = mate[place], 0, 0
        if net >= best:
            best = net
            result[MATCHED], result[REQUIRED] = matched, required
            result[MISSING], result[EXTRA] = total - required, extra
            result[FIRST], result[LAST] = start, last


@kernel
def align(
    ids: Any, kinds: Any, theirs: Any, optional: Any, gaps: Any, here: Any, there: Any, mate: Any,
    result: Any,
) -> None:  # fmt: skip
    """Align one template with the part of the text where most of its trigrams are."""
    first, last = densest(here, len(theirs) + len(theirs) // 3 + _REACH)
    here, there = here[first:last], there[first:last]
    chain = np.empty(len(here), np.int64)
    length = longest_chain(here, there, chain)
    mate_words(ids, theirs, here, there, chain[:length], mate)
    measure(ids, kinds, optional, gaps, mate, result)


@kernel
def align_all(
    ids: Any, kinds: Any, chosen: Any, begins: Any, theirs: Any, optional: Any, gaps: Any,
    bounds: Any, here: Any, there: Any, results: Any,
) -> None:  # fmt: skip
    """Align every chosen template; a row of `results` for each."""
    for slot in range(len(chosen)):
        first, end = begins[chosen[slot]], begins[chosen[slot] + 1]
        mate = np.empty(end - first, np.int64)
        results[slot] = 0
        if bounds[slot + 1] > bounds[slot]:
            align(
                ids, kinds, theirs[first:end], optional[first:end], gaps[first:end],
                here[bounds[slot] : bounds[slot + 1]], there[bounds[slot] : bounds[slot + 1]],
                mate, results[slot],
            )  # fmt: skip


@kernel
def take(ids: Any, first: int, last: int) -> None:
    """Mark the words of a licence that was found."""
    ids[first : last + 1] = TAKEN
