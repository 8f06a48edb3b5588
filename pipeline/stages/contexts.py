"""Contexts: what the questions of a run have in common, over all of their sources.

A family is what must not straddle two splits: the contexts of one group (an article), those that are
near-duplicates of one another, and those that share so many words in a row that one would be
contaminated by the other. Over contexts that are near-duplicates, the same question is asked
again, or its answers contradict each other. Memory: the distinct contexts, and 32 bytes a question.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np
import orjson
import pyarrow as pa

from filters.decontam_index import Passage, build, find
from filters.decontam_words import words_of
from filters.qa_same import plain_question, say_the_same
from pipeline.dedup.in_memory import near_pairs
from pipeline.dedup.survivors import Families
from pipeline.stages.part import PartRef, bases, lines_of
from pipeline.stages.splits import NONE, Draw, assign, family_key, parent_splits, splits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

CONTEXTS: Final = "contexts.npy"
ALONE: Final = 0
"""The number of the group of a question that nobody asks again."""
CONTEXT: Final = np.dtype(
    [("family", "<u8"), ("split", "u1"), ("again", "<u4"), ("contradicts", "<i8")]
)
"""Of each question: its family and split, the group of those that ask the same, and the line, among the
questions, of one whose answers contradict its own, else -1."""
_MOST_ANSWERS: Final = 64
"""Distinct answers of one question that are compared two by two; among more some contradict each other."""


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


class _Asked(NamedTuple):
    """Of each line: its id, the numbers of its context and group, -1 for a ghost, and a digest of the question."""

    ids: list[str]
    context: NDArray[np.int64]
    group: NDArray[np.int64]
    question: NDArray[np.uint64]


def contexts(spec: ContextsSpec, context: Context) -> Record:
    """Write one CONTEXT a line; the record counts what was found."""
    texts: dict[str, int] = {}
    groups: dict[str, int] = {}
    asked = _read(spec.parts, context, texts, groups)
    near = near_pairs(list(texts), spec.threshold)
    shared = shared_passages(list(texts), spec.ngram)
    found = np.zeros(len(asked.ids), CONTEXT)
    found["contradicts"] = -1
    alike = _components(len(texts), near)
    found["again"] = again = _asked_again(asked, alike)
    _contradictions(found, _answers(spec.parts, context, again != ALONE))
    related = _components(len(texts), np.concatenate([near, shared]))
    found["family"] = _name_families(asked, related, list(groups))
    _split(found, asked, spec, context)
    np.save(context.out / CONTEXTS, found)
    return {
        "contexts": len(texts),
        "near": len(near),
        "shared": len(shared),
        "families": len(np.unique(found["family"][asked.context >= 0])),
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


def _read(
    parts: tuple[PartRef, ...], context: Context, texts: dict[str, int], groups: dict[str, int]
) -> _Asked:
    """Read all questions; contexts and groups are numbered as they come."""
    size = int(bases(parts)[-1])
    asked = _Asked([""] * size, np.full(size, -1), np.full(size, -1), np.zeros(size, np.uint64))
    for line, record in _records(parts, context):
        asked.ids[line] = record["id"]
        asked.context[line] = texts.setdefault(record["context"], len(texts))
        asked.group[line] = groups.setdefault(record["group"], len(groups))
        asked.question[line] = _digest(plain_question(record["question"]))
    return asked


def _records(
    parts: tuple[PartRef, ...], context: Context, wanted: NDArray[np.bool_] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the record of every line that is no ghost's, or of the wanted ones."""
    for part, first in zip(parts, bases(parts).tolist(), strict=False):
        mine = None if wanted is None else wanted[first : first + part.rows]
        for row, line in lines_of(part, context, mine):
            yield first + row, orjson.loads(line)


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _components(size: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    families = Families(size)
    families.join(pairs)
    return families.labels()


def shared_passages(texts: list[str], ngram: int) -> NDArray[np.int64]:
    """Return pairs of texts that have a passage of `ngram` words in common, int64[p, 2]: each with one of its like."""
    index = build((Passage(0, str(number), text) for number, text in enumerate(texts)), ngram)
    pairs: set[tuple[int, int]] = set()
    for number, text in enumerate(texts):
        runs = find(index, words_of(text).hashes, ngram)
        passages = np.searchsorted(index.firsts, [run.first for run in runs], "right") - 1
        others = {int(index.name(passage)) for passage in passages.tolist()}
        pairs |= {(number, other) for other in others if other != number}
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def _asked_again(asked: _Asked, alike: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Give each line a number for those that ask the same over contexts that are alike; `ALONE` for the others."""
    again = np.zeros(len(asked.ids), np.uint32)
    real = np.flatnonzero(asked.context >= 0)
    keys = np.stack([alike[asked.context[real]].astype(np.uint64), asked.question[real]], axis=1)
    _, number, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    many = np.cumsum(counts > 1)
    again[real] = np.where(counts[number] > 1, many[number], ALONE)
    return again


class _Answered(NamedTuple):
    """A question's context, and the text, start and end of each answer."""

    context: str
    answers: tuple[tuple[str, int, int], ...]


def _answers(
    parts: tuple[PartRef, ...], context: Context, wanted: NDArray[np.bool_]
) -> Iterator[tuple[int, _Answered]]:
    for line, record in _records(parts, context, wanted) if wanted.any() else ():
        spans = {(each["text"], each["start"], each["end"]) for each in record["answers"]}
        yield line, _Answered(record["context_sha256"], tuple(sorted(spans)))


def _contradictions(found: NDArray[np.void], answers: Iterable[tuple[int, _Answered]]) -> None:
    """Mark every question that somebody else answers otherwise, and with it all that ask the same."""
    groups: dict[int, dict[_Answered, int]] = defaultdict(dict)
    for line, answered in answers:
        groups[int(found["again"][line])].setdefault(answered, line)
    for group, members_by_answer in groups.items():
        pair = _contradiction(members_by_answer)
        if pair is not None:
            members = np.flatnonzero(found["again"] == group)
            found["contradicts"][members] = pair[1]
            found["contradicts"][pair[1]] = pair[0]


def _contradiction(answered: dict[_Answered, int]) -> tuple[int, int] | None:
    """Find two lines whose answers have nothing in common."""
    distinct = sorted(answered.items())
    for place, (one, line) in enumerate(distinct[:_MOST_ANSWERS]):
        for other, another in distinct[place + 1 : _MOST_ANSWERS]:
            if not _agree(one, other):
                return line, another
    return None if len(distinct) <= _MOST_ANSWERS else (distinct[0][1], distinct[-1][1])


def _agree(one: _Answered, other: _Answered) -> bool:
    """Tell whether an answer of one is one of the other; no answer agrees with no answer alone."""
    if not one.answers or not other.answers:
        return one.answers == other.answers
    pairs = [(mine, theirs) for mine in one.answers for theirs in other.answers]
    if any(say_the_same(a[0], b[0]) for a, b in pairs):
        return True
    same = one.context == other.context
    return same and any(max(a[1], b[1]) < min(a[2], b[2]) for a, b in pairs)


def _name_families(
    asked: _Asked, related: NDArray[np.int64], groups: list[str]
) -> NDArray[np.uint64]:
    """Name each family by the smallest of its groups."""
    real = np.flatnonzero(asked.context >= 0)
    family = np.zeros(len(asked.ids), np.uint64)
    of_context = related[asked.context[real]]
    # groups and contexts are one graph: a context holds its groups together, a group its contexts
    size = len(groups) + len(related)
    edges = np.stack([asked.group[real], len(groups) + of_context], axis=1)
    labels = _components(size, np.unique(edges, axis=0))
    smallest: dict[int, str] = {}
    for name, label in zip(groups, labels.tolist(), strict=False):
        smallest[label] = min(smallest.get(label, name), name)
    keys = {label: family_key(f"group:{name}") for label, name in smallest.items()}
    family[real] = [keys[label] for label in labels[asked.group[real]].tolist()]
    return family


def _split(found: NDArray[np.void], asked: _Asked, spec: ContextsSpec, context: Context) -> None:
    real = np.flatnonzero(asked.context >= 0)
    sizes = [part.rows for part in spec.parts]
    fixed = np.repeat(np.array(spec.fixed, np.int8), sizes)[real]
    held = np.full(len(real), NONE, np.int8)
    parent = parent_splits(spec.draw, context)
    if parent is not None:
        held = splits_of(pa.array([asked.ids[line] for line in real], pa.string()), parent)
    found["split"][real] = assign(found["family"][real], fixed, held, spec.draw)
