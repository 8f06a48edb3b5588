"""Compile or load every kernel once, before worker processes start and would each do it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from pipeline.dedup.candidates import Rule, allowed_pairs, compare_short, find_runs, lead_run
from pipeline.dedup.crowd import Members, join
from pipeline.dedup.minhash import band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.dedup.survivors import Families, keep_first
from pipeline.dedup.verify import at_least, jaccard


def warm_up() -> None:
    """Run the whole of near-dup removal on two equal one-word documents."""
    spec, half, texts = SignatureSpec(), Fraction(1, 2), ["a", "a"]
    minima = sign(texts, spec).minima
    lines, kinds = np.repeat(np.arange(2), spec.bands), np.zeros(2, np.uint8)
    runs = find_runs(band_keys(minima, spec).ravel(), lines, lines, np.repeat(kinds, spec.bands))
    rule = Rule(least=1, strike=1, allowed=allowed_pairs(ghosts_only=False), short=2)
    sketches = minima.astype(np.uint8)
    pairs = next(compare_short(runs, sketches.__getitem__, rule))
    lead_run(np.arange(2), kinds, sketches.__getitem__, rule, len)
    sets = shingle_sets(texts, spec)
    overlap = jaccard(sets.flat, sets.offsets, pairs[:, 0], pairs[:, 1])
    edges = pairs[at_least(overlap.intersection, overlap.union, half)]
    keep_first(edges, overlap.intersection, overlap.union, 2)
    members = Members(*sets, kinds, kinds > 0)
    join(members, half, allowed_pairs(ghosts_only=False))
    families = Families(2)
    families.join(edges)
    families.labels()
