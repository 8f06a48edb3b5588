"""Near-duplicates among texts in memory: the kernels of a run, one after the other, without a file."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.dedup.banding import choose_bands
from pipeline.dedup.candidates import (
    LIVING,
    Rule,
    Runs,
    all_pairs,
    compare_short,
    find_runs,
    lead_run,
    new_pairs,
    rule_at,
    unique_pairs,
)
from pipeline.dedup.minhash import band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.dedup.survivors import Decision, keep_first
from pipeline.dedup.verify import at_least, jaccard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Pairs = npt.NDArray[np.int64]
    Sketches = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.uint8]]


class _Edges(NamedTuple):
    """Verified pairs, the earlier text first, with what they share and have together."""

    pairs: Pairs
    shared: npt.NDArray[np.int64]
    union: npt.NDArray[np.int64]


def near_pairs(texts: Sequence[str], threshold: Fraction | str = "0.8") -> Pairs:
    """Return the pairs of texts whose similarity reaches the threshold, int64[p, 2], by their numbers.

    Their connected components are those of all such pairs: of a crowd that share a band key each is
    compared with the first of its kind. Raises ConfigError for a threshold that is none.
    """
    limit = Fraction(threshold)
    signed = _sign(texts, limit)
    found, _ = _first_round(signed.runs, signed.sketches, signed.rule)
    return _verify(found, texts, signed.spec, limit).pairs


def keep_distinct(texts: Sequence[str], threshold: Fraction | str = "0.8") -> Decision:
    """Keep each text that is no near-duplicate of one kept before it; the first in the list come first.

    The decision is that of a run whose survivor order is the order of the list. Equal texts are
    near-duplicates of similarity 1; a text without tokens is kept. Raises ConfigError for a threshold
    that is none.
    """
    limit = Fraction(threshold)
    runs, sketches, rule, spec = _sign(texts, limit)
    found, members = _first_round(runs, sketches, rule)
    edges = _verify(found, texts, spec, limit)
    while True:
        decision = keep_first(edges.pairs, edges.shared, edges.union, len(texts))
        known, found = found, _next_round(members, decision, sketches, rule)
        fresh = new_pairs(found, known)
        if len(fresh) == 0:
            return decision
        found = unique_pairs(np.concatenate([known, fresh]))
        more = _verify(fresh, texts, spec, limit)
        edges = _Edges(*(np.concatenate(each) for each in zip(edges, more, strict=True)))


class _Signed(NamedTuple):
    """Who shares band keys with whom, and how they are compared."""

    runs: Runs
    sketches: Sketches
    rule: Rule
    spec: SignatureSpec


def _sign(texts: Sequence[str], limit: Fraction) -> _Signed:
    """Sign the texts and gather them by band key; a text without tokens is in no run."""
    spec = SignatureSpec(*choose_bands(limit, 0))
    signatures = sign(texts, spec)
    signed = np.flatnonzero(signatures.shingles > 0)
    lines = np.repeat(signed, spec.bands)
    kinds = np.full(len(lines), LIVING, np.uint8)
    runs = find_runs(band_keys(signatures.minima[signed], spec).ravel(), lines, lines, kinds)
    rule = rule_at(limit, spec.minima, ghosts_only=False)
    rule = rule._replace(few=all_pairs(rule).few)  # no crowd is given up: all is in memory anyway
    return _Signed(runs, signatures.minima.astype(np.uint8).__getitem__, rule, spec)


_Members = list[tuple["npt.NDArray[np.int64]", "npt.NDArray[np.bool_]"]]


def _first_round(runs: Runs, sketches: Sketches, rule: Rule) -> tuple[Pairs, _Members]:
    """Return the pairs that agree, and the long runs with who was struck in them."""
    found = [np.zeros((0, 2), np.int64), *compare_short(runs, sketches, rule)]
    members: _Members = []
    for number in np.flatnonzero(runs.stops - runs.starts > rule.short).tolist():
        place = slice(runs.starts[number], runs.stops[number])
        led = lead_run(runs.lines[place], runs.kinds[place], sketches, rule, found.append)
        members.append((runs.lines[place], led.struck))
    return unique_pairs(np.concatenate(found)), members


def _next_round(members: _Members, decision: Decision, sketches: Sketches, rule: Rule) -> Pairs:
    """Compare all that stay of the long runs in which a struck member stays."""
    found = [np.zeros((0, 2), np.int64)]
    for lines, struck in members:
        if np.any(struck & decision.kept[lines]):
            stay = lines[decision.kept[lines]]
            kinds = np.full(len(stay), LIVING, np.uint8)
            lead_run(stay, kinds, sketches, all_pairs(rule), found.append)
    return unique_pairs(np.concatenate(found))


def _verify(pairs: Pairs, texts: Sequence[str], spec: SignatureSpec, limit: Fraction) -> _Edges:
    """Compare the shingle sets of the pairs exactly."""
    members, number = np.unique(pairs, return_inverse=True)
    flat, offsets = shingle_sets([texts[member] for member in members.tolist()], spec)
    first, second = number.reshape(-1, 2).T.copy()
    overlap = jaccard(flat, offsets, first, second)
    close = at_least(*overlap, limit)
    return _Edges(pairs[close], overlap.intersection[close], overlap.union[close])
