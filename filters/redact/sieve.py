"""Keep the lines of a text on which some superset could match; many lines go at a glance.

One pass over the bytes looks for the words of all needs and notes the marks of each line (`needs`,
`marks`). What is kept, less than half of ordinary text, is copied together, line by line, for
Hyperscan to look at. A line that is left out holds no match of any superset.
"""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from filters.jit import frozen
from filters.redact import sieve_kernels as layout
from filters.redact.marks import COUNTED, PAIRS, PRESENT, RUNS, reached
from filters.redact.needs import SHORTEST, Need, frequency, needs

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

_CODES: Final = 1 << layout.CODE_BITS
_SECOND_HALF: Final = 0x40  # this bit is set in letters

Entry = tuple[int, int, int, int]


class Sieve(NamedTuple):
    """The needs of all supersets as tables for the kernel.

    `known` has a bit for each hash of four codes that words have, and `buckets` the row of `entries`
    where the list of these words starts (-1: none); `pairs` has the same for two codes. The columns
    of `entries` are those of `sieve_kernels`. `marks` are the conditions: first the `bare` ones,
    which are enough without a word, then those of the words.
    """

    known: npt.NDArray[np.uint64]  # one bit a key
    buckets: npt.NDArray[np.int32]  # one a key
    pairs: npt.NDArray[np.int32]  # one a pair of codes
    entries: npt.NDArray[np.int32]  # (entries, 5)
    codes: npt.NDArray[np.uint64]  # (entries, 2): a mask, and the codes of a word up to its key
    words: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.uint64]
    bare: int


class Kept(NamedTuple):
    """The kept lines, each with its newline, and where each run of them came from.

    The run that starts at byte `places[i]` of `data` started at byte `starts[i]` of the text.
    """

    data: bytes
    places: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]


def sift(sieve: Sieve, data: bytes) -> Kept:
    """Return the lines of a text (the UTF-8 of a folded one) on which some superset may match."""
    ended = np.frombuffer(data + b"\n", np.uint8)
    kept = np.empty(len(ended), np.uint8)
    places = np.empty((2, data.count(b"\n") + 1), np.int64)
    size, runs = layout.sift(ended, *sieve, *_tables(), kept, places)
    return Kept(kept[:size].tobytes(), places[0, :runs], places[1, :runs])


def build(supersets: Iterable[bytes]) -> Sieve:
    """Make the tables for some supersets; about a millisecond for each of them."""
    words, bare = _conditions(need for superset in supersets for need in needs(superset))
    spelled, marks = bytearray(), sorted(bare)
    by_key: dict[int, list[Entry]] = defaultdict(list)
    by_pair: dict[int, list[Entry]] = defaultdict(list)
    for word, conditions in sorted(words.items()):
        reach, keys = _keys(word)
        for condition in sorted(conditions):
            for key in keys:
                (by_pair if len(word) == layout.PAIR else by_key)[key].append(
                    (len(spelled), len(word), reach, len(marks))
                )
            marks.append(condition)
        spelled += word
    rows: list[tuple[int, ...]] = []
    buckets = _chained(by_key, layout.KEYS, rows)
    return Sieve(
        frozen(np.packbits(buckets >= 0, bitorder="little").view(np.uint64), np.uint64),
        buckets,
        _chained(by_pair, layout.PAIR_KEYS, rows),
        frozen(np.array(rows).reshape(-1, 5), np.int32),
        frozen(
            np.array([_before(row, spelled) for row in rows], np.uint64).reshape(-1, 2), np.uint64
        ),
        frozen(np.frombuffer(bytes(spelled), np.uint8), np.uint8),
        frozen(np.array(marks, np.uint64), np.uint64),
        len(bare),
    )


def dump(sieve: Sieve) -> bytes:
    """Return a sieve as bytes for `load`."""
    file = io.BytesIO()
    np.savez_compressed(file, **sieve._asdict())
    return file.getvalue()


def load(data: bytes | memoryview) -> Sieve:
    """Return the sieve that `dump` wrote. Raises ValueError when the data are damaged."""
    try:
        with np.load(io.BytesIO(data)) as arrays:
            known, buckets, pairs, entries, codes, words, marks, bare = (
                arrays[name] for name in Sieve._fields
            )
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError("a damaged sieve") from error
    return Sieve(
        frozen(known, np.uint64),
        frozen(buckets, np.int32),
        frozen(pairs, np.int32),
        frozen(entries, np.int32),
        frozen(codes, np.uint64),
        frozen(words, np.uint8),
        frozen(marks, np.uint64),
        int(bare),
    )


def _conditions(wanted: Iterable[Need]) -> tuple[dict[bytes, set[int]], set[int]]:
    """Return the marks to ask for beside each word, and without one; none that another implies."""
    by_word: dict[bytes, set[int]] = defaultdict(set)
    for need in wanted:
        by_word[need.word].add(need.marks)
    bare = _weakest(by_word.pop(b"", set()), ())
    kept: dict[bytes, set[int]] = {}
    for word in sorted(by_word, key=len):
        implied = [marks for part in _parts(word) for marks in kept.get(part, ())]
        if conditions := _weakest(by_word[word], (*implied, *bare)):
            kept[word] = conditions
    return kept, bare


def _weakest(conditions: set[int], others: Iterable[int]) -> set[int]:
    """Leave out each condition that asks for all that another one, here or among others, does."""
    return {
        one
        for one in conditions
        if not any(one & other == other for other in others)
        and not any(one & other == other for other in conditions - {one})
    }


def _parts(word: bytes) -> set[bytes]:
    """List the shorter words that stand wherever this one does."""
    size = len(word)
    return {
        whole[low:high]
        for whole in (word, word.lower())
        for low in range(size)
        for high in range(low + SHORTEST, size + 1)
        if high - low < size
    }


def _keys(word: bytes) -> tuple[int, list[int]]:
    """Return how far into the word the four bytes reach that stand for it, and their hashes.

    The rarest four are taken; before a word of three there may be any byte. A word of two stands
    for itself.
    """
    if len(word) == layout.PAIR:
        return layout.PAIR, [_joined(_code(byte) for byte in word)]
    size = min(len(word), layout.WINDOW)
    low = min(range(len(word) - size + 1), key=lambda at: (frequency(word[at : at + size]), at))
    codes = [(_code(byte),) for byte in word[low : low + size]]
    before = [range(_CODES)] * (layout.WINDOW - size)
    fours = map(_joined, product(*before, *codes))
    return low + size, sorted({int(layout.hashed(np.uint64(four))) for four in fours})


def _before(entry: tuple[int, ...], spelled: bytearray) -> tuple[int, int]:
    """Return a mask for the codes of the last bytes, and those that a word has up to its key."""
    start, _, reach, *_ = entry
    held = spelled[start : start + reach][-layout.HELD :]
    return (1 << layout.CODE_BITS * len(held)) - 1, _joined(map(_code, held))


def _joined(codes: Iterable[int]) -> int:
    key = 0
    for code in codes:
        key = key << layout.CODE_BITS | code
    return key


def _code(byte: int) -> int:
    """Return the code of a byte: signs and digits in one half, letters in the other, caseless."""
    half = _CODES // 2
    return byte % half + half * bool(byte & _SECOND_HALF)


def _chained(
    by_key: dict[int, list[Entry]], keys: int, rows: list[tuple[int, ...]]
) -> npt.NDArray[np.int32]:
    """Lay the lists of entries out one after the other in `rows`; keys with equal lists share one."""
    buckets = np.full(keys, -1, np.int32)
    starts: dict[tuple[Entry, ...], int] = {}
    for key, listed in sorted(by_key.items()):
        some = tuple(listed)
        if some not in starts:
            starts[some] = len(rows)
            last = len(some) - 1
            rows.extend((*entry, int(at < last)) for at, entry in enumerate(some))
        buckets[key] = starts[some]
    return frozen(buckets, np.int32)


@cache
def _tables() -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return what the kernel looks up for each byte, and for each count and length of a run."""
    glance = np.zeros((256, 6), np.uint64)
    glance[:, layout.CODE] = [_code(byte) for byte in range(256)]
    for place, mark in enumerate(PRESENT):
        glance[sorted(mark.members), layout.PRESENT] |= np.uint64(1 << place)
    for place, pair in enumerate(PAIRS, len(PRESENT)):
        glance[sorted(pair.first), layout.BEFORE] |= np.uint64(1 << place)
        glance[sorted(pair.second), layout.AFTER] |= np.uint64(1 << place)
    for place, steps in enumerate(COUNTED):
        counter = np.uint64(1 << place * layout.COUNTER_BITS)
        glance[sorted(steps.members), layout.COUNTERS] |= counter
    for place, steps in enumerate(RUNS):
        glance[sorted(steps.members), layout.KINDS] |= np.uint64(1 << place)
    met = [[reached(steps, count) for count in range(layout.STEPS)] for steps in (*COUNTED, *RUNS)]
    return frozen(glance, np.uint64), frozen(np.array(met, np.uint64), np.uint64)
