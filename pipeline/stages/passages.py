"""Passages: of lines or paragraphs that are equal in kept documents the first stays, the others are cut.

    repeats  one range of key prefixes -> which passages are cut, and where each one's first stands
    unite    once                      -> all cuts by document, and the last word on documents that they empty

First is who comes first in the survivor order, then in its document. A document is emptied when
all its text lies in passages and every one of them is cut; then none of its passages is a first
one, so nothing that another document was cut for goes with it.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.lib.format import dtype_to_descr, write_array_header_1_0

from manifests.checksum import canonical_json
from manifests.record import decode, encode
from pipeline.dedup.passages import PASSAGE, PASSAGES, cut
from pipeline.spill import gather, read_partitions
from pipeline.stages.order import ORDER
from pipeline.stages.part import ROWS, PartRef, bases, read_parts, read_stream
from pipeline.stages.place import EMPTIED, FATES, KEPT, PLACED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Record
    from pipeline.spill import Records

CUTS, OFFSETS, HEIRS, NAMED = "cuts.npy", "offsets.npy", "heirs.npy", "named.npy"
WHOLE = "whole"  # the column of rows.arrow with the second value of `passage_records`
_SLICE = 1 << 16  # documents whose cuts are united at a time

CUT = np.dtype([("line", "<i8"), ("start", "<u4"), ("end", "<u4"), ("first", "<i8")])
HEIR = np.dtype([("line", "<i8"), ("emptied", "<i8")])


class RepeatsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The inputs' parts, the finished order and place tasks, and the range of prefixes.

    Parts of earlier releases come after them and have no passages: a release is not cut for another.
    """

    parts: str
    order: str
    place: str
    first: int
    end: int


def repeats(spec: RepeatsSpec, context: Context) -> Record:
    """Write `cuts.npy` (CUT, sorted) of the passages under these prefixes."""
    rank = np.load(context.folder("order", spec.order) / ORDER, mmap_mode="r")["rank"]
    kept = np.load(context.folder("place", spec.place) / PLACED, mmap_mode="r")["fate"] == KEPT
    parts = read_parts(context.work, spec.parts)
    paths = (part.folder(context).ranged(PASSAGES) for part in parts)
    spills = zip(bases(parts)[:-1].tolist(), paths, strict=True)
    blocks = read_partitions(spills, PASSAGE, spec.first, spec.end)
    passages = gather((block[kept[block["at"]]] for block in blocks), PASSAGE)
    cuts = find_repeats(passages, rank)
    np.save(context.out / CUTS, cuts)
    return {"passages": len(passages), "cuts": len(cuts)}


def find_repeats(passages: Records, rank: NDArray[np.int64]) -> NDArray[np.void]:
    """Pair every passage that is not the first of its equals with the document of the first one.

    `rank` is that of each line in the survivor order; no two are equal, so nothing else decides.
    """
    passages = passages[_shared(passages["high"])]
    keys = [passages[name] for name in ("low", "high")]
    passages = passages[np.lexsort([passages["start"], rank[passages["at"]], *keys])]
    new = np.ones(len(passages), bool)
    new[1:] = (passages["high"][1:] != passages["high"][:-1]) | (
        passages["low"][1:] != passages["low"][:-1]
    )
    first = np.maximum.accumulate(np.where(new, np.arange(len(passages)), 0))
    cuts = np.zeros(int((~new).sum()), CUT)
    cuts["line"], cuts["first"] = passages["at"][~new], passages["at"][first[~new]]
    cuts["start"], cuts["end"] = passages["start"][~new], passages["end"][~new]
    return _sorted(cuts)


def _shared(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell the keys that occur twice: most passages are the only ones of their kind, and need no more."""
    order = np.argsort(keys)
    ahead = keys[order]
    twice = np.zeros(len(keys), bool)
    twice[1:] = ahead[1:] == ahead[:-1]
    twice[:-1] |= twice[1:]
    shared = np.zeros(len(keys), bool)
    shared[order[twice]] = True
    return shared


def _sorted(cuts: NDArray[np.void]) -> NDArray[np.void]:
    return cuts[np.lexsort([cuts["start"], cuts["line"]])]


class UniteSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The inputs' parts, the finished place task and the finished repeats tasks."""

    parts: tuple[PartRef, ...]
    place: str
    repeats: tuple[str, ...]
    forks: str | None  # passed on from the place task, like `pardons`
    pardons: str | None
    refused: str | None = None


def unite(spec: UniteSpec, context: Context) -> Record:
    """Write all cuts, and `placed.npy` as place left it but for the emptied documents.

    cuts.npy      all cuts, by line and position (CUT)
    offsets.npy   int64[lines + 1]: those of line `i` are `cuts[offsets[i]:offsets[i + 1]]`
    placed.npy    an emptied document's fate is EMPTIED and its survivor the document where its first
                  passage stands; who had lost to it has the same survivor
    heirs.npy     those who had lost to an emptied document, and to which (HEIR, sorted)
    named.npy     the lines whose ids the ledger needs beside the survivors', sorted
    """
    placed = np.load(context.folder("place", spec.place) / PLACED)
    united = _unite_cuts(spec, context, len(placed))
    counts = np.diff(united.offsets)
    wholes = _wholes(spec.parts, context)
    emptied = np.flatnonzero((wholes > 0) & (counts[: len(wholes)] == wholes))
    heirs = _empty(placed, emptied, united.cuts["first"][united.offsets[emptied]])
    united.named[heirs["emptied"]] = True
    np.save(context.out / OFFSETS, united.offsets)
    np.save(context.out / PLACED, placed)
    np.save(context.out / HEIRS, heirs)
    np.save(context.out / NAMED, np.flatnonzero(united.named))
    return {
        "fates": _count_fates(spec.parts, placed["fate"]),
        "cuts": len(united.cuts) - int(counts[emptied].sum()),
        "documents": int((counts > 0).sum()) - len(emptied),
        "emptied": len(emptied),
        "forks": spec.forks,
        "pardons": spec.pardons,
        "refused": spec.refused,
    }


class _United(NamedTuple):
    """All cuts, in a file, where those of each line begin, and which lines are some passage's first."""

    cuts: NDArray[np.void]
    offsets: NDArray[np.int64]
    named: NDArray[np.bool_]


def _unite_cuts(spec: UniteSpec, context: Context, lines: int) -> _United:
    """Merge the sorted files of all ranges, a slice of the lines at a time; memory holds one slice."""
    files = [
        np.load(context.folder("repeats", task) / CUTS, mmap_mode="r") for task in spec.repeats
    ]
    edges = np.arange(0, lines + _SLICE, _SLICE)
    bounds = [np.searchsorted(np.ascontiguousarray(file["line"]), edges) for file in files]
    total = sum(map(len, files))
    offsets, named = np.zeros(lines + 1, np.int64), np.zeros(lines, bool)
    # written, not mapped: a full disk ends a process that writes to a map
    with (context.out / CUTS).open("wb") as united:
        head = {"descr": dtype_to_descr(CUT), "fortran_order": False, "shape": (total,)}
        write_array_header_1_0(united, head)
        for number in range(len(edges) - 1):
            here = [
                file[each[number] : each[number + 1]]
                for file, each in zip(files, bounds, strict=True)
            ]
            piece = _sorted(np.concatenate([np.zeros(0, CUT), *here]))
            united.write(piece.tobytes())
            named[piece["first"]] = True
            first, end = edges[number], min(edges[number + 1], lines)
            offsets[first + 1 : end + 1] = np.bincount(piece["line"] - first, minlength=end - first)
    np.cumsum(offsets, out=offsets)
    return _United(np.load(context.out / CUTS, mmap_mode="r"), offsets, named)


def _wholes(parts: tuple[PartRef, ...], context: Context) -> NDArray[np.uint32]:
    """Read of every document how many passages it is made of, 0 when there is other text in it."""
    columns = [read_stream(part.folder(context) / ROWS)[WHOLE].to_numpy() for part in parts]
    return np.concatenate([np.zeros(0, np.uint32), *columns])


def _empty(
    placed: NDArray[np.void], emptied: NDArray[np.int64], survivor: NDArray[np.int64]
) -> NDArray[np.void]:
    """Take the emptied documents out; hand those who lost to one on to its survivor, and list them.

    All that an emptied document held stands in kept ones, so who repeated it repeats them.
    """
    heir = np.full(len(placed), -1, np.int64)
    heir[emptied] = survivor
    lost_to = placed["survivor"]
    handed = np.flatnonzero((lost_to >= 0) & (heir[lost_to] >= 0))
    heirs = np.zeros(len(handed), HEIR)
    heirs["line"], heirs["emptied"] = handed, lost_to[handed]
    placed["survivor"][handed] = heir[lost_to[handed]]
    placed["fate"][emptied], placed["survivor"][emptied] = EMPTIED, survivor
    placed["inter"][emptied] = placed["of"][emptied] = 1  # all of it stands elsewhere
    return heirs


def _count_fates(parts: tuple[PartRef, ...], fates: NDArray[np.uint8]) -> list[list[int]]:
    """Count the fates of each part, as the place task does."""
    return [
        np.bincount(fates[start:stop], minlength=FATES).tolist()
        for start, stop in pairwise(bases(parts).tolist())
    ]


def read_cuts(folder: Files, first: int, end: int) -> NDArray[np.void]:
    """Read the cuts of the lines `[first, end)` from what `unite` left, and no others."""
    offsets = np.load(folder / OFFSETS, mmap_mode="r")
    cuts = np.load(folder / CUTS, mmap_mode="r")
    return np.array(cuts[offsets[first] : offsets[end]])


def spans_by_line(
    cuts: NDArray[np.void], lines: NDArray[np.int64]
) -> dict[int, list[tuple[int, int]]]:
    """Give the spans to cut from each of `lines` that has any, for `apply`."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for line, start, end, _ in cuts[np.isin(cuts["line"], lines)].tolist():
        spans.setdefault(line, []).append((start, end))
    return spans


def details_by_line(
    cuts: NDArray[np.void], ids: Mapping[int, str]
) -> Iterator[tuple[int, list[tuple[int, int, str]]]]:
    """Yield each line with its cuts as the ledger spells them: start, end, id of the document of the first."""
    for each in np.split(cuts, np.flatnonzero(np.diff(cuts["line"])) + 1) if len(cuts) else []:
        spelt = [(start, end, ids[first]) for _, start, end, first in each.tolist()]
        yield int(each["line"][0]), spelt


def apply(line: bytes, spans: list[tuple[int, int]]) -> bytes:
    """Cut passages from a release line: text, redactions and digest change, the form stays canonical.

    Spans are those of the cuts, in code points of the text as it stands. The line comes back with
    its newline. Raises `ValueError` for spans that are not of this text, and where nothing is left.
    """
    record = decode(line)
    redactions = msgspec.json.decode(record.meta.redactions, type=list[tuple[int, int, str]])
    done = cut(record.text, redactions, spans)
    if not done.text.strip():
        raise ValueError("a cut leaves nothing of a document that is kept")
    meta = msgspec.structs.replace(record.meta, redactions=canonical_json(done.redactions).decode())
    digest = hashlib.sha256(done.text.encode()).hexdigest()
    return encode(msgspec.structs.replace(record, text=done.text, sha256=digest, meta=meta))
