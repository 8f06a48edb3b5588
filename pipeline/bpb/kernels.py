"""Kernels of the byte n-gram model: a trie of counts, probabilities and code lengths, in integers alone.

A node stands for a run of up to order + 1 symbols and is found by its parent and its last symbol, so
contexts are exact, not hashed. Symbols are bytes and one mark, 256, which ends a document and, as
context, begins it. No floating point takes part: every platform gives the same bits.

Probabilities are interpolated modified Kneser-Ney (Chen and Goodman 1999, "An empirical study of
smoothing techniques for language modeling", section 3), with a discount for each order and count:

    P(s | h) = (c(hs) - D(c(hs)) + (sum over t of D(c(ht))) P(s | h')) / c(h)

where h' is h without its first symbol. A run is counted in the shorter context only when it is new in
the longer one, so the counts below the highest order are how many symbols a run was seen behind.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.jit import kernel

SYMBOLS: Final = 257
MARK: Final = 256
SCALE: Final = 46  # a probability is a number of 2^-46: times 64 x 3 x 257 it fits 63 bits
STEPS: Final = 64  # a discount is a number of 64ths
_HALF: Final = SCALE // 2
_FRACTION_BITS: Final = 20  # pipeline/bpb/model.py; a kernel takes no value from another file
_FREE: Final = -1
_PACKED: Final = 10  # bits for how many symbols were seen once, twice, more often: 257 at most
_MASK: Final = (1 << _PACKED) - 1
_HASH: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio (Knuth, TAOCP 3, 6.4)


@kernel
def find(table: Any, shift: Any, node: Any, symbol: Any) -> Any:
    """Return a node's child; where there is none, -1 less the slot of the table where it would go."""
    key = node * 512 + symbol
    slot = np.int64((np.uint64(key) * _HASH) >> np.uint64(shift))
    while table[slot, 0] != key:
        if table[slot, 0] == _FREE:
            return -1 - slot
        slot = (slot + 1) & (table.shape[0] - 1)
    return table[slot, 1]


@kernel
def _add(table: Any, node: Any, symbol: Any, slot: Any, used: Any) -> Any:
    """Give a node a child at a free slot."""
    child = used[0]
    table[slot, 0], table[slot, 1] = node * 512 + symbol, child
    used[0] += 1
    return child


@kernel
def rehash(table: Any, larger: Any, shift: Any) -> None:
    """Enter all that a table holds into a larger one, which is free."""
    for row in table:
        if row[0] != _FREE:
            slot = np.int64((np.uint64(row[0]) * _HASH) >> np.uint64(shift))
            while larger[slot, 0] != _FREE:
                slot = (slot + 1) & (larger.shape[0] - 1)
            larger[slot, 0], larger[slot, 1] = row[0], row[1]


@kernel
def _kind(count: Any) -> Any:
    """Return one in the place where runs of a count are counted: seen once, twice, more often."""
    return np.int64(0) if count <= 0 else np.int64(1) << (_PACKED * (min(count, 3) - 1))


@kernel
def _move(nodes: Any, node: Any, child: Any, step: Any) -> Any:
    """Count a child so many times more, or fewer, and keep what its parent knows; returns the count before."""
    before = nodes[child, 0]
    after = before + step
    nodes[child, 0] = after
    nodes[node, 1] += step
    if min(before, 3) != min(after, 3):
        nodes[node, 2] += _kind(after) - _kind(before)
    return before


@kernel
def _note(tallies: Any, order: Any, low: Any) -> None:
    """Keep how many runs of an order were seen once, twice, three and four times."""
    if 0 < low < tallies.shape[1]:
        tallies[order, low] -= 1
    if low + 1 < tallies.shape[1]:
        tallies[order, low + 1] += 1


@kernel
def _learn(
    symbol: Any, path: Any, table: Any, shift: Any, nodes: Any, used: Any, tallies: Any, log: Any, at: Any, step: Any
) -> Any:  # fmt: skip
    """Count a symbol `step` times in its contexts and step on; returns where the log (parent, child, slot) ends then.

    Without rows in `tallies` nothing is tallied, without rows in `log` nothing is logged. Whatever is
    added is counted as well, so the log holds it.
    """
    new = True
    for order in range(path.size - 2, -1, -1):
        node = path[order]
        if node < 0:
            continue
        child, slot = find(table, shift, node, symbol), np.int64(_FREE)
        if child < 0:
            slot = -1 - child
            child = _add(table, node, symbol, slot, used)
        path[order + 1] = child
        if new:
            low = _move(nodes, node, child, step)
            new = low == 0
            if tallies.shape[0] > 0:
                _note(tallies, order, low)
            if log.shape[0] > 0:
                log[at, 0], log[at, 1], log[at, 2] = node, child, slot
                at += 1
    return at


@kernel
def learn(
    symbols: Any, path: Any, table: Any, shift: Any, nodes: Any, used: Any, tallies: Any, log: Any
) -> None:
    """Count symbols; `path` int64[order + 2] holds the nodes of the contexts before them, and after."""
    for symbol in symbols:
        _learn(
            np.int64(symbol),
            path,
            table,
            shift,
            nodes,
            used,
            tallies,
            log,
            np.int64(0),
            np.int64(1),
        )


@kernel
def _probability(
    symbol: Any, path: Any, table: Any, shift: Any, nodes: Any, discounts: Any, after: Any
) -> Any:
    """Return a symbol's probability behind a path, in 2^-46, and put the path that it leads to in `after`.

    All divisions round down and every symbol is given one more unit than its share of what a last
    65,536th leaves, so that all probabilities of a context add up to 1 at most (Kraft 1949).
    """
    chance = np.int64((1 << SCALE) // SYMBOLS)
    for order in range(path.size - 1):
        node = path[order]
        after[order + 1] = -1
        if node < 0:
            continue
        child = find(table, shift, node, symbol)
        count = np.int64(0)
        if child >= 0:
            after[order + 1] = child
            count = np.int64(nodes[child, 0])
        if nodes[node, 1] == 0:
            continue
        kinds = np.int64(nodes[node, 2])
        held = (
            (kinds & _MASK) * discounts[order, 1]
            + ((kinds >> _PACKED) & _MASK) * discounts[order, 2]
            + (kinds >> (2 * _PACKED)) * discounts[order, 3]
        )
        whole = STEPS * np.int64(nodes[node, 1])
        own = STEPS * count - discounts[order, min(count, 3)]
        first = (own << _HALF) // whole
        rest = ((own << _HALF) - first * whole) << _HALF
        chance = (first << _HALF) + rest // whole + held * chance // whole
    return chance - (chance >> 16) + 1


@kernel
def code_length(chance: Any) -> Any:
    """Return -log2 of a probability in 2^-46, in units of 2^-20 bit, less than one unit too long.

    The digits of the logarithm come one by one, by squaring (Knuth, TAOCP 1, 1.2.2, exercise 25).
    """
    whole = np.int64(31)
    mantissa = np.uint64(chance)
    while mantissa >> np.uint64(32) != np.uint64(0):
        mantissa >>= np.uint64(1)
        whole += 1
    while mantissa >> np.uint64(31) == np.uint64(0):
        mantissa <<= np.uint64(1)
        whole -= 1
    for _ in range(_FRACTION_BITS):
        mantissa = (mantissa * mantissa) >> np.uint64(31)
        digit = mantissa >> np.uint64(32)
        mantissa >>= digit
        whole = 2 * whole + np.int64(digit)
    return np.int64(SCALE << _FRACTION_BITS) - whole


@kernel
def score(symbols: Any, path: Any, table: Any, shift: Any, nodes: Any, discounts: Any) -> Any:
    """Add up the code lengths of symbols behind a path, and step along; nothing is learnt."""
    total, after = np.int64(0), np.empty_like(path)
    for symbol in symbols:
        total += code_length(
            _probability(np.int64(symbol), path, table, shift, nodes, discounts, after)
        )
        path[1:] = after[1:]
    return total


@kernel
def score_and_learn(
    symbols: Any, path: Any, table: Any, shift: Any, nodes: Any, used: Any, discounts: Any, tallies: Any,
    log: Any, step: Any,
) -> Any:  # fmt: skip
    """Add up the code lengths of symbols, each learnt `step` times once it is told; then all is forgotten."""
    total, at, after = np.int64(0), np.int64(0), np.empty_like(path)
    for each in symbols:
        symbol = np.int64(each)
        total += code_length(_probability(symbol, path, table, shift, nodes, discounts, after))
        at = _learn(symbol, path, table, shift, nodes, used, tallies, log, at, step)
    for row in range(at - 1, -1, -1):  # last in, first out: the table comes to be as it was
        node, child, slot = log[row, 0], log[row, 1], np.int64(log[row, 2])
        _move(nodes, node, child, -step)
        if slot != _FREE:
            table[slot, 0] = _FREE
            used[0] -= 1
    return total


@kernel
def spread(path: Any, table: Any, shift: Any, nodes: Any, discounts: Any) -> Any:
    """Return the probabilities of all symbols behind a path, in 2^-46."""
    found, after = np.empty(SYMBOLS, np.int64), np.empty_like(path)
    for symbol in range(SYMBOLS):
        found[symbol] = _probability(np.int64(symbol), path, table, shift, nodes, discounts, after)
    return found
