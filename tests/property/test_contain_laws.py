"""Laws of containment: anchors by their definition, and pairs whatever the order and the cut."""

from __future__ import annotations

import random
import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.anchors import Anchors, AnchorSpec, anchors, least_shared, sample
from pipeline.dedup.minhash import sign
from pipeline.dedup.shingles import shingle_runs, shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.spill import BANDS, PREFIXES, KeySpill
from pipeline.stages import contain
from pipeline.stages.candidates import read_pairs
from pipeline.stages.order import LINE, ORDER
from pipeline.stages.part import PartRef, save_parts

M64 = (1 << 64) - 1
SIGNATURE = SignatureSpec()
COLUMNS = [(name, LINE[name]) for name in LINE.names or () if name != "anchors"]
ANCHORED_LINE = np.dtype([*COLUMNS, ("anchors", "<u4")])
BASE = [f"w{number}" for number in random.Random(3).choices(range(40), k=400)]

specs = st.builds(
    AnchorSpec, one_in=st.integers(1, 4), least=st.integers(1, 8), probes=st.integers(1, 12)
)
passages = st.tuples(st.integers(0, 380), st.integers(0, 90))
texts = st.lists(passages, max_size=3).map(
    lambda cuts: " ".join(word for start, size in cuts for word in BASE[start : start + size])
)
corpora = st.lists(texts, max_size=12)


def mix(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & M64
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & M64
    return value ^ (value >> 33)


def oracle_anchors(text: str, spec: AnchorSpec) -> list[tuple[int, bool]]:
    """Names of a document's anchors with whether they are probes, said slowly."""
    if sign([text], SIGNATURE).shingles[0] < spec.least:
        return []
    hashes = {
        mix(value ^ 0x8C3A5D1E96F7B24B) for value in shingle_sets([text], SIGNATURE).flat.tolist()
    }
    sampled = sorted(value for value in hashes if value < (1 << 64) // spec.one_in)
    swapped = [(value << 32 & M64) | value >> 32 for value in sampled]
    return [(value >> 1, place < spec.probes) for place, value in enumerate(swapped)]


def anchors_of(batch: list[str], spec: AnchorSpec, **bounds: int) -> Anchors:
    runs = shingle_runs(batch, SIGNATURE.shingle, **bounds)
    return anchors([sample(run, spec) for run in runs], sign(batch, SIGNATURE).shingles, spec)


@given(corpora, specs)
@settings(max_examples=40, deadline=None)
def test_anchors_are_those_of_the_definition(batch: list[str], spec: AnchorSpec) -> None:
    found = anchors_of(batch, spec)
    expected = [oracle_anchors(text, spec) for text in batch]
    assert found.counts.tolist() == [len(one) for one in expected]
    assert found.documents.tolist() == [n for n, one in enumerate(expected) for _ in one]
    named = [(key >> 1, bool(key & 1)) for key in found.keys.tolist()]
    assert named == [each for one in expected for each in one]


@given(corpora, specs, st.integers(1, 60), st.integers(9, 40))
@settings(max_examples=40, deadline=None)
def test_anchors_do_not_depend_on_how_texts_are_cut(
    batch: list[str], spec: AnchorSpec, block: int, capacity: int
) -> None:
    whole, pieces = anchors_of(batch, spec), anchors_of(batch, spec, block=block, capacity=capacity)
    assert [column.tolist() for column in whole] == [column.tolist() for column in pieces]
    alone = [anchors_of([text], spec).keys.tolist() for text in batch]
    assert whole.keys.tolist() == [key for keys in alone for key in keys]


def ranks(batch: list[str]) -> list[int]:
    """Longer texts first, then by content; the batch has no text twice."""
    order = sorted(range(len(batch)), key=lambda n: (-len(batch[n]), batch[n]))
    return np.argsort(order).tolist() if batch else []


def pairs_of(
    batch: list[str], spec: AnchorSpec, share: str, parts: list[int], cuts: list[int]
) -> set[tuple[str, str]]:
    """Run both tasks over the batch cut into parts, and prefixes cut into ranges."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        refs, counts = [], np.zeros(len(batch), ANCHORED_LINE)
        bounds = [0, *sorted(min(part, len(batch)) for part in parts), len(batch)]
        for number, (start, stop) in enumerate(pairwise(bounds)):
            found = anchors_of(batch[start:stop], spec)
            records = np.zeros(len(found.keys), BANDS)
            records["key"], records["at"] = found.keys, found.documents
            (root / "screen" / str(number)).mkdir(parents=True)
            spill = KeySpill(root / "screen" / str(number) / contain.ANCHOR_KEYS)
            spill.add(records)
            spill.close()
            refs.append(PartRef("screen", str(number), stop - start))
            counts["anchors"][start:stop] = found.counts
        counts["rank"] = ranks(batch)
        (root / "order" / "o").mkdir(parents=True)
        np.save(root / "order" / "o" / ORDER, counts)
        edges = list(pairwise([0, *sorted(cuts), PREFIXES]))
        for first, end in edges:
            (root / "anchored" / f"{first}-{end}").mkdir(parents=True, exist_ok=True)
            contain.anchored(
                contain.AnchoredSpec(
                    parts=save_parts(Work(root), refs),
                    order="o",
                    first=first,
                    end=end,
                    containment=share,
                ),
                Context(root, Work(root), root / "anchored" / f"{first}-{end}"),
            )
        names = tuple(dict.fromkeys(f"{first}-{end}" for first, end in edges))
        spec_ = contain.UniteSpec(order="o", anchored=names, anchors=spec, containment=share)
        contain.unite(spec_, Context(root, Work(root), root))
        rank = counts["rank"]
        pairs = [sorted(pair, key=rank.__getitem__) for pair in read_pairs(root).tolist()]
    return {(batch[holder], batch[held]) for holder, held in pairs}


shares = st.sampled_from(("0.5", "0.8", "0.9", "1.0"))
cuts = st.lists(st.integers(0, PREFIXES), max_size=3)
unique = st.lists(texts, max_size=12, unique=True)


@given(unique, specs, shares, cuts)
@settings(max_examples=25, deadline=None)
def test_within_the_cap_pairs_are_those_of_the_definition(
    batch: list[str], spec: AnchorSpec, share: str, at: list[int]
) -> None:
    named = {text: oracle_anchors(text, spec) for text in batch}
    least, rank = least_shared(spec, Fraction(share)), dict(zip(batch, ranks(batch), strict=True))
    expected = {
        (holder, held)
        for held in batch
        for holder in batch
        if rank[holder] < rank[held]
        and sum(
            probe and name in {other for other, _ in named[holder]} for name, probe in named[held]
        )
        >= least[min(len(named[held]), spec.probes)]
    }
    found = pairs_of(batch, spec, share, [], at)
    # A holder with too few anchors of its own is left out: it cannot hold so much.
    assert found <= expected
    roomy = {(a, b) for a, b in expected if len(named[a]) >= len(named[b])}
    assert roomy <= found


@given(
    unique, specs, shares, st.integers(1, 4), st.integers(1, 3), st.randoms(use_true_random=False),
    st.lists(st.integers(0, 12), max_size=3), cuts,
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_order_parts_and_ranges_change_nothing(
    batch: list[str], spec: AnchorSpec, share: str, cap: int, window: int,
    draw: random.Random, parts: list[int], at: list[int],
) -> None:  # fmt: skip
    with patch.object(contain, "_RUN_CAP", cap), patch.object(contain, "_WINDOW", window):
        expected = pairs_of(batch, spec, share, [], [])
        draw.shuffle(batch)
        assert pairs_of(batch, spec, share, parts, at) == expected


@given(unique, specs, shares, st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_whoever_asks_in_a_crowd_within_the_window_is_answered(
    batch: list[str], spec: AnchorSpec, share: str, cap: int, window: int
) -> None:
    """The first documents in the order are hosts in all of their runs: no pair with them is lost."""
    whole = pairs_of(batch, spec, share, [], [])
    with patch.object(contain, "_RUN_CAP", cap), patch.object(contain, "_WINDOW", window):
        found = pairs_of(batch, spec, share, [], [])
    first = {text for text, rank in zip(batch, ranks(batch), strict=True) if rank < window}
    assert {pair for pair in whole if pair[0] in first} <= found
