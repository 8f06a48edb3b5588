"""Near: band keys propose pairs, signatures thin them out, exact Jaccard decides, greedy keep-first removes.

    candidates  one range of key prefixes  -> pairs of documents that share a band key
    pairs       once                       -> unique pairs, and which documents are in one
    shingles    one part                   -> shingle sets of its documents in pairs
    verify      one slice of the pairs     -> pairs whose Jaccard similarity reaches the threshold
    resolve     once                       -> losers with their survivors and similarity, and families

Documents are named by their line in the order of the stage before. No text outlives its task.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.dedup.candidates import candidate_pairs, signature_filter
from pipeline.dedup.minhash import SignatureSpec
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.survivors import families, keep_first
from pipeline.dedup.verify import at_least, jaccard
from pipeline.spill import BANDS, GHOST, QUESTION, read_frames, read_partitions
from pipeline.stages.order import ORDER
from pipeline.stages.part import (
    BAND_KEYS,
    LINES,
    MINIMA,
    NO_LINE,
    ROWS,
    concatenate,
    read_ghosts,
    read_minima,
    read_stream,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context, Record

PAIRS, MEMBERS, SETS, EDGES, RESOLVED, FAMILIES = (
    "pairs.npy",
    "members.npy",
    "sets.npz",
    "edges.npy",
    "near.npy",
    "families.npy",
)
_RUN_CAP = 512
EDGE = np.dtype([("a", "<i8"), ("b", "<i8"), ("inter", "<i8"), ("union", "<i8")])
FATE = np.dtype(
    [("line", "<i8"), ("survivor", "<i8"), ("inter", "<i8"), ("union", "<i8"), ("optout", "u1")]
)


class CandidatesSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A range of band key prefixes. With `ghosts_only`, near-dedup is off and only opted-out texts are sought."""

    parts: tuple[str, ...]
    order: str
    first: int
    end: int
    minima: int
    threshold: str
    ghosts_only: bool


def candidates(spec: CandidatesSpec, context: Context) -> Record:
    """Write the pairs of lines whose signatures agree well enough to be worth an exact comparison."""
    lines = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")
    spills = ((n, context.folder("screen", part) / BAND_KEYS) for n, part in enumerate(spec.parts))
    bands = read_partitions(spills, BANDS, spec.first, spec.end)
    members = np.searchsorted(lines["gid"], bands["gid"])
    wanted = lines["lost"][members] == 0
    members, keys = members[wanted].astype(np.int64), bands["key"][wanted]
    found = candidate_pairs(keys, members, lines["rank"][members], _RUN_CAP)
    pairs = found.pairs[_useful(lines["flags"], found.pairs, ghosts_only=spec.ghosts_only)]
    haunted = _haunted_pairs(keys, members, (lines["flags"][members] & GHOST) != 0)
    kept = [each[_similar(spec, context, lines, each)] for each in chain([pairs], haunted)]
    pairs = np.unique(np.concatenate(kept), axis=0)
    np.save(context.out / PAIRS, pairs)
    return {"pairs": len(pairs), "capped_runs": found.capped_runs}


def _haunted_pairs(
    keys: NDArray[np.uint64], members: NDArray[np.int64], ghost: NDArray[np.bool_]
) -> Iterator[NDArray[np.int64]]:
    """Yield, in slices, every pair of a ghost and a living document in runs beyond the cap.

    The cap may leave out a pair of duplicates; it must not leave in a copy of opted-out text.
    """
    if not ghost.any():  # nothing was opted out, as in most ranges: do not sort for it
        return
    order = np.lexsort([members, keys])
    keys, members, ghost = keys[order], members[order], ghost[order]
    bounds = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1], True])
    long = np.diff(bounds) > _RUN_CAP
    for start, end in zip(bounds[:-1][long].tolist(), bounds[1:][long].tolist(), strict=True):
        living = members[start:end][~ghost[start:end]]
        for each in members[start:end][ghost[start:end]].tolist():
            yield np.stack([np.full(len(living), each), living], axis=1)


def _useful(
    flags: NDArray[np.uint8], pairs: NDArray[np.int64], *, ghosts_only: bool
) -> NDArray[np.bool_]:
    """Leave out pairs that decide nothing: two ghosts, or two questions with like contexts."""
    a, b = flags[pairs[:, 0]], flags[pairs[:, 1]]
    ghost: NDArray[np.bool_] = (a & GHOST) != (b & GHOST)
    if ghosts_only:
        return ghost
    either = a | b
    plain: NDArray[np.bool_] = (either & (GHOST | QUESTION)) == 0
    return ghost | plain


def _similar(
    spec: CandidatesSpec, context: Context, lines: NDArray[np.void], pairs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Compare the signatures of the pairs, slice by slice; each slice reads its documents part by part."""
    keep = np.zeros(len(pairs), bool)
    step = 100_000
    for start in range(0, len(pairs), step):
        piece = pairs[start : start + step]
        unique, inverse = np.unique(piece, return_inverse=True)
        minima = _load_minima(spec, context, lines[unique])
        inverse = inverse.reshape(piece.shape)
        keep[start : start + step] = signature_filter(
            minima[inverse[:, 0]], minima[inverse[:, 1]], Fraction(spec.threshold)
        )
    return keep


def _load_minima(
    spec: CandidatesSpec, context: Context, lines: NDArray[np.void]
) -> NDArray[np.uint32]:
    minima = np.zeros((len(lines), spec.minima), np.uint32)
    ordinals = (lines["gid"] >> np.uint64(32)).astype(np.int64)
    for ordinal in np.unique(ordinals):
        path = context.folder("screen", spec.parts[ordinal]) / MINIMA
        mine = ordinals == ordinal
        rows = path.stat().st_size // (4 * spec.minima)
        minima[mine] = read_minima(path, rows)[lines["position"][mine]]
    return minima


class PairsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The finished candidates tasks."""

    order: str
    candidates: tuple[str, ...]


def unite_pairs(spec: PairsSpec, context: Context) -> Record:
    """Write every pair once, sorted, and the lines that are in one; the record names their parts."""
    found = [np.load(context.folder("candidates", task) / PAIRS) for task in spec.candidates]
    pairs = np.unique(np.concatenate([np.zeros((0, 2), np.int64), *found]), axis=0)
    members = np.unique(pairs)
    np.save(context.out / PAIRS, pairs)
    np.save(context.out / MEMBERS, members)
    lines = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")
    ordinals = np.unique(lines["gid"][members] >> np.uint64(32))
    return {"pairs": len(pairs), "documents": len(members), "ordinals": ordinals.tolist()}


class ShinglesSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One part, by ordinal."""

    part: str
    ordinal: int
    order: str
    pairs: str
    signature: SignatureSpec


def shingles(spec: ShinglesSpec, context: Context) -> Record:
    """Write the shingle sets of this part's documents that are in a pair, in the order of the lines."""
    members = np.load(context.folder("pairs", spec.pairs) / MEMBERS)
    lines = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")[members]
    mine = (lines["gid"] >> np.uint64(32)) == spec.ordinal
    folder = context.folder("screen", spec.part)
    rows = (
        read_stream(folder / ROWS).select(["row", "frame", "place"]).take(lines["position"][mine])
    )
    ghosts = read_ghosts(folder)
    sets: dict[int, NDArray[np.uint64]] = {}
    wanted: dict[int, dict[int, int]] = {}
    places = (rows[name].to_pylist() for name in ("row", "frame", "place"))
    for member, row, frame, place in zip(members[mine].tolist(), *places, strict=True):
        if frame == NO_LINE:
            sets[member] = ghosts[row]
        else:
            wanted.setdefault(frame, {})[place] = member
    for frame, frame_lines in read_frames(folder / LINES, wanted):
        texts = [text_of(frame_lines[place]) for place in wanted[frame]]
        flat, offsets = shingle_sets(texts, spec.signature)
        for number, member in enumerate(wanted[frame].values()):
            sets[member] = flat[offsets[number] : offsets[number + 1]]
    named = sorted(sets)
    flat, offsets = concatenate([sets[member] for member in named])
    np.savez(context.out / SETS, members=np.array(named, np.int64), flat=flat, offsets=offsets)
    return {"documents": len(named)}


class VerifySpec(msgspec.Struct, frozen=True, kw_only=True):
    """A slice of the pairs, the finished shingles tasks, and the threshold as a decimal string."""

    pairs: str
    shingles: tuple[str, ...]
    first: int
    end: int
    threshold: str


def verify(spec: VerifySpec, context: Context) -> Record:
    """Write the pairs whose Jaccard similarity reaches the threshold, compared in integers."""
    pairs = np.load(context.folder("pairs", spec.pairs) / PAIRS, mmap_mode="r")[
        spec.first : spec.end
    ]
    members, inverse = np.unique(pairs, return_inverse=True)
    flat, offsets = _load_sets(spec, context, members)
    inverse = inverse.reshape(pairs.shape).astype(np.int64)
    inter, union = jaccard(flat, offsets, inverse[:, 0].copy(), inverse[:, 1].copy())
    close = at_least(inter, union, Fraction(spec.threshold))
    edges = np.zeros(int(close.sum()), EDGE)
    edges["a"], edges["b"] = pairs[close, 0], pairs[close, 1]
    edges["inter"], edges["union"] = inter[close], union[close]
    np.save(context.out / EDGES, edges)
    return {"compared": len(pairs), "edges": len(edges)}


def _load_sets(
    spec: VerifySpec, context: Context, members: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Gather the shingle sets of `members` (sorted) from the shingles tasks."""
    sets: list[NDArray[np.uint64]] = [np.zeros(0, np.uint64)] * len(members)
    for task in spec.shingles:
        with np.load(context.folder("shingles", task) / SETS) as saved:
            here, flat, offsets = saved["members"], saved["flat"], saved["offsets"]
        _, at, mine = np.intersect1d(members, here, assume_unique=True, return_indices=True)
        for target, number in zip(at.tolist(), mine.tolist(), strict=True):
            sets[target] = flat[offsets[number] : offsets[number + 1]]
    return concatenate(sets)


class ResolveSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The finished verify tasks; `remove` is off when only opted-out texts are sought."""

    order: str
    verify: tuple[str, ...]
    threshold: str
    remove: bool


def resolve(spec: ResolveSpec, context: Context) -> Record:
    """Write who loses to whom and how similar they are, and the family of every line in an edge."""
    lines = np.load(context.folder("order", spec.order) / ORDER)
    found = [np.load(context.folder("verify", task) / EDGES) for task in spec.verify]
    edges = np.concatenate([np.zeros(0, EDGE), *found])
    ghost = (lines["flags"] & GHOST) != 0
    haunted = ghost[edges["a"]] | ghost[edges["b"]]
    taken = _lose_to_ghosts(edges[haunted], ghost, lines["rank"])
    living = edges[~haunted]
    living = living[at_least(living["inter"], living["union"], Fraction(spec.threshold))]
    fates = [taken]
    if spec.remove:
        gone = np.zeros(len(lines), bool)
        gone[taken["line"]] = True
        fates.append(_keep_first(living[~gone[living["a"]] & ~gone[living["b"]]], lines["rank"]))
    united = np.concatenate(fates)
    np.save(context.out / RESOLVED, united[np.argsort(united["line"])])
    np.save(
        context.out / FAMILIES, families(np.stack([living["a"], living["b"]], axis=1), len(lines))
    )
    return {"edges": len(edges), "near": len(united) - len(taken), "optout": len(taken)}


def _lose_to_ghosts(
    edges: NDArray[np.void], ghost: NDArray[np.bool_], rank: NDArray[np.int64]
) -> NDArray[np.void]:
    """Let a near copy of an opted-out document go with it, named by the first ghost it resembles."""
    first_is_ghost = ghost[edges["a"]]
    fate = np.zeros(len(edges), FATE)
    fate["line"] = np.where(first_is_ghost, edges["b"], edges["a"])
    fate["survivor"] = np.where(first_is_ghost, edges["a"], edges["b"])
    fate["inter"], fate["union"], fate["optout"] = edges["inter"], edges["union"], 1
    fate = fate[np.lexsort([rank[fate["survivor"]], fate["line"]])]
    _, first = np.unique(fate["line"], return_index=True)
    return fate[first]


def _keep_first(edges: NDArray[np.void], rank: NDArray[np.int64]) -> NDArray[np.void]:
    """Walk the survivor order once; who has a kept neighbour before it loses to the most similar one."""
    line_at = np.argsort(rank)
    ranked = np.sort(np.stack([rank[edges["a"]], rank[edges["b"]]], axis=1), axis=1)
    decision = keep_first(ranked, edges["inter"], edges["union"], len(rank))
    lost = np.flatnonzero(~decision.kept)
    fate = np.zeros(len(lost), FATE)
    fate["line"], fate["survivor"] = line_at[lost], line_at[decision.survivor[lost]]
    fate["inter"], fate["union"] = decision.intersection[lost], decision.union[lost]
    return fate
