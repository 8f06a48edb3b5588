"""Related: whose contexts are alike, who asks the same, who contradicts whom; all of it in memory."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from filters.decontam_index import Passage, build, find
from filters.decontam_words import words_of
from filters.qa_same import plain_question, say_the_same
from pipeline.dedup.in_memory import near_pairs
from pipeline.dedup.survivors import Families

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

ALONE: Final = 0
"""The number of the group of a question that nobody asks again."""
_NOBODY: Final = -1
_MOST_ANSWERS: Final = 64
"""Distinct answers of one question that are compared two by two; among more some contradict each other."""


class Asking(NamedTuple):
    """Questions by line: the numbers of their contexts and groups, -1 for a line that is none, and what is asked.

    `texts` and `groups` are the distinct contexts and groups, each with its number.
    """

    context: NDArray[np.int64]
    group: NDArray[np.int64]
    question: NDArray[np.uint64]
    texts: dict[str, int]
    groups: dict[str, int]

    @classmethod
    def of(cls, size: int) -> Asking:
        """Make room for so many lines."""
        nobody = np.full(size, _NOBODY, np.int64)
        return cls(nobody, nobody.copy(), np.zeros(size, np.uint64), {}, {})

    def take(self, line: int, context: str, group: str, question: str) -> None:
        """Note a question."""
        self.context[line] = self.texts.setdefault(context, len(self.texts))
        self.group[line] = self.groups.setdefault(group, len(self.groups))
        digest = hashlib.sha256(plain_question(question).encode()).digest()
        self.question[line] = int.from_bytes(digest[:8], "big")

    @property
    def lines(self) -> NDArray[np.int64]:
        """The lines that are questions."""
        return np.flatnonzero(self.context != _NOBODY)


class Related(NamedTuple):
    """Pairs of contexts that are near-duplicates, and that share a passage; `again` is a number for each line.

    Lines of one number ask the same over contexts that are alike; `ALONE` is that of the others.
    """

    near: NDArray[np.int64]
    shared: NDArray[np.int64]
    again: NDArray[np.uint32]

    def families(self, asking: Asking) -> NDArray[np.int64]:
        """Return the label of the family of each group: groups and contexts are one graph."""
        contexts = components(len(asking.texts), np.concatenate([self.near, self.shared]))
        lines = asking.lines
        edges = np.stack(
            [asking.group[lines], len(asking.groups) + contexts[asking.context[lines]]], axis=1
        )
        labels = components(len(asking.groups) + len(contexts), np.unique(edges, axis=0))
        return labels[: len(asking.groups)]


def relate(asking: Asking, threshold: str, ngram: int) -> Related:
    """Compare all contexts: near-duplicates from `threshold` on, and passages of `ngram` words."""
    texts = list(asking.texts)
    near = near_pairs(texts, threshold)
    alike = components(len(texts), near)
    return Related(near, shared_passages(texts, ngram), _asked_again(asking, alike))


def components(size: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Label each of so many with the smallest of its connected component; `pairs` are int64[p, 2]."""
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


def _asked_again(asking: Asking, alike: NDArray[np.int64]) -> NDArray[np.uint32]:
    again = np.full(len(asking.context), ALONE, np.uint32)
    lines = asking.lines
    contexts = alike[asking.context[lines]].astype(np.uint64)
    keys = np.stack([contexts, asking.question[lines]], axis=1)
    _, number, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    many = np.cumsum(counts > 1)
    again[lines] = np.where(counts[number] > 1, many[number], ALONE)
    return again


class Answered(NamedTuple):
    """The context of a question, by any name, and the text, start and end of each answer, sorted."""

    context: str
    answers: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, context: str, answers: Iterable[tuple[str, int, int]]) -> Answered:
        """Sort the answers, each once: annotators repeat each other."""
        return cls(context, tuple(sorted(set(answers))))


def contradictions(
    again: NDArray[np.uint32], answers: Iterable[tuple[int, Answered]]
) -> NDArray[np.int64]:
    """Return for each line one that contradicts it, -1 for none; `answers` are those of lines that are not alone.

    Where two of those who ask the same contradict each other, all of them are in doubt.
    """
    found = np.full(len(again), _NOBODY, np.int64)
    groups: dict[int, dict[Answered, int]] = defaultdict(dict)
    members: dict[int, list[int]] = defaultdict(list)
    for line, answered in answers:
        groups[int(again[line])].setdefault(answered, line)
        members[int(again[line])].append(line)
    for group, by_answer in groups.items():
        pair = _contradiction(by_answer)
        if pair is not None:
            found[members[group]] = pair[1]
            found[pair[1]] = pair[0]
    return found


def _contradiction(answered: dict[Answered, int]) -> tuple[int, int] | None:
    """Find two lines whose answers have nothing in common."""
    distinct = sorted(answered.items())
    for place, (one, line) in enumerate(distinct[:_MOST_ANSWERS]):
        for other, another in distinct[place + 1 : _MOST_ANSWERS]:
            if not agree(one, other):
                return line, another
    return None if len(distinct) <= _MOST_ANSWERS else (distinct[0][1], distinct[-1][1])


def agree(one: Answered, other: Answered) -> bool:
    """Tell whether an answer of one is one of the other; no answer agrees with no answer alone."""
    if not one.answers or not other.answers:
        return one.answers == other.answers
    pairs = [(mine, theirs) for mine in one.answers for theirs in other.answers]
    if any(say_the_same(a[0], b[0]) for a, b in pairs):
        return True
    same = one.context == other.context
    return same and any(max(a[1], b[1]) < min(a[2], b[2]) for a, b in pairs)
