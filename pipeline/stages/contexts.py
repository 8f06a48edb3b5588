"""Contexts: what the questions of a run have in common, over all of their sources.

A family is what must not straddle two splits: the contexts of one group (an article), those that are
near-duplicates of one another, and those that share so many words in a row that one would be
contaminated by the other. Over contexts that are near-duplicates, the same question is asked
again, or its answers contradict each other. Memory: the distinct contexts, and 32 bytes a question.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import orjson
import pyarrow as pa

from pipeline.related import ALONE, Answered, Asking, contradictions, relate
from pipeline.stages.part import PartRef, bases, lines_of
from pipeline.stages.splits import NONE, Draw, assign, family_key, parent_splits, splits_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

CONTEXTS: Final = "contexts.npy"
CONTEXT: Final = np.dtype(
    [("family", "<u8"), ("split", "u1"), ("again", "<u4"), ("contradicts", "<i8")]
)
"""Of each question: its family and split, the group of those that ask the same, and the line, among the
questions, of one whose answers contradict its own, else -1."""


class ContextsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The parts that hold questions, the split that the config has fixed for each, and how others are drawn.

    `threshold` is the similarity from which two contexts are near-duplicates, a decimal string; `ngram`
    is how many words in a row no two splits have in common.
    """

    parts: tuple[PartRef, ...]
    fixed: tuple[int, ...]
    threshold: str
    ngram: int
    draw: Draw


def contexts(spec: ContextsSpec, context: Context) -> Record:
    """Write one CONTEXT a line; the record counts what was found."""
    asking, ids = _read(spec.parts, context)
    related = relate(asking, spec.threshold, spec.ngram)
    found = np.zeros(len(ids), CONTEXT)
    found["again"] = related.again
    again = _answers(spec.parts, context, related.again != ALONE)
    found["contradicts"] = contradictions(related.again, again)
    found["family"][asking.lines] = _name_families(asking, related.families(asking))
    _split(found, asking, ids, spec, context)
    np.save(context.out / CONTEXTS, found)
    return {
        "contexts": len(asking.texts),
        "near": len(related.near),
        "shared": len(related.shared),
        "families": len(np.unique(found["family"][asking.lines])),
        "contradictions": int(np.count_nonzero(found["contradicts"] >= 0)),
        "held_out": _held_out(spec.parts, context, found["split"] > 0),
    }


class Held(msgspec.Struct, frozen=True, order=True):
    """What of a question says what it is about, and whose it is."""

    source: str
    id: str
    title: str
    context: str
    question: str


def read_held(parts: tuple[PartRef, ...], context: Context, held: NDArray[np.bool_]) -> list[Held]:
    """Read the questions that are held out of train, sorted."""
    records = (record for _, record in _records(parts, context, held))
    return sorted(msgspec.convert(record, Held) for record in records)


def _held_out(parts: tuple[PartRef, ...], context: Context, held: NDArray[np.bool_]) -> str:
    """Digest them; `""` for none."""
    questions = read_held(parts, context, held) if held.any() else []
    return hashlib.sha256(msgspec.json.encode(questions)).hexdigest() if questions else ""


def _read(parts: tuple[PartRef, ...], context: Context) -> tuple[Asking, list[str]]:
    """Read all questions, and the ids of all lines."""
    size = int(bases(parts)[-1])
    asking, ids = Asking.of(size), [""] * size
    for line, record in _records(parts, context):
        ids[line] = record["id"]
        asking.take(line, record["context"], record["group"], record["question"])
    return asking, ids


def _records(
    parts: tuple[PartRef, ...], context: Context, wanted: NDArray[np.bool_] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the record of every line that is no ghost's, or of the wanted ones."""
    for part, first in zip(parts, bases(parts).tolist(), strict=False):
        mine = None if wanted is None else wanted[first : first + part.rows]
        for row, line in lines_of(part, context, mine):
            yield first + row, orjson.loads(line)


def _answers(
    parts: tuple[PartRef, ...], context: Context, wanted: NDArray[np.bool_]
) -> Iterator[tuple[int, Answered]]:
    for line, record in _records(parts, context, wanted) if wanted.any() else ():
        spans = ((each["text"], each["start"], each["end"]) for each in record["answers"])
        yield line, Answered.of(record["context_sha256"], spans)


def _name_families(asking: Asking, labels: NDArray[np.int64]) -> list[int]:
    """Name the family of each question by the smallest of its groups."""
    smallest: dict[int, str] = {}
    for name, label in zip(asking.groups, labels.tolist(), strict=True):
        smallest[label] = min(smallest.get(label, name), name)
    keys = {label: family_key(f"group:{name}") for label, name in smallest.items()}
    return [keys[label] for label in labels[asking.group[asking.lines]].tolist()]


def _split(
    found: NDArray[np.void], asking: Asking, ids: list[str], spec: ContextsSpec, context: Context
) -> None:
    lines = asking.lines
    sizes = [part.rows for part in spec.parts]
    fixed = np.repeat(np.array(spec.fixed, np.int8), sizes)[lines]
    held = np.full(len(lines), NONE, np.int8)
    parent = parent_splits(spec.draw, context)
    if parent is not None:
        held = splits_of(pa.array([ids[line] for line in lines], pa.string()), parent)
    found["split"][lines] = assign(found["family"][lines], fixed, held, spec.draw)
