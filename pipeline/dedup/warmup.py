"""Compile or load every kernel once, before worker processes start and would each do it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from pipeline.dedup.candidates import candidate_pairs, signature_filter
from pipeline.dedup.minhash import band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.dedup.survivors import families, keep_first
from pipeline.dedup.verify import at_least, jaccard


def warm_up() -> None:
    """Run the whole of near-dup removal on two equal one-word documents."""
    spec, half, texts = SignatureSpec(), Fraction(1, 2), ["a", "a"]
    minima = sign(texts, spec).minima
    documents = np.repeat(np.arange(2), spec.bands)
    pairs = candidate_pairs(band_keys(minima, spec).ravel(), documents, documents, 2).pairs
    pairs = pairs[signature_filter(minima[pairs[:, 0]], minima[pairs[:, 1]], half)]
    sets = shingle_sets(texts, spec)
    overlap = jaccard(sets.flat, sets.offsets, pairs[:, 0], pairs[:, 1])
    edges = pairs[at_least(overlap.intersection, overlap.union, half)]
    keep_first(edges, overlap.intersection, overlap.union, 2)
    families(edges, 2)
