"""Find whole licence texts: each by the template that explains most of its words, one after another.

A template is chosen by the trigrams that it shares with the text, then aligned word by word. The
score is Dice's coefficient over words: 2 matched / (2 matched + missing + extra), where a word that
the template says may be missing or differ counts as neither.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from filters.licenses.texts.compare_kernels import STRANGE, compare
from filters.licenses.texts.differences import Difference, differences
from filters.licenses.texts.index import TextIndex, gram_ids, word_ids
from filters.licenses.texts.match_kernels import (
    COMMON,
    EXTRA,
    FIRST,
    LAST,
    MATCHED,
    MISSING,
    UNKNOWN,
    align_all,
    gather,
    take,
    vote,
)
from filters.licenses.texts.words import Words, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACCEPTED: Final = 0.85  # the score from which a text is that licence
_CERTAIN: Final = 3  # missing and extra words up to which a text is accepted beside a better one
_SHARE: Final = 0.4  # of a template's required words must be met by trigrams before it is aligned
_MOST: Final = 16  # templates that are aligned in one round
_HELD: Final = 8  # of so many matched words, gaps may take in one each
_COST: Final = 2  # explained words that one missing or extra word outweighs, among rivals
# Texts of which the matches are remembered: most licence files are copies. What differs is remembered,
# too, so that four thousand texts of an unusual corpus were 20 MB.
_KNOWN: Final = 1 << 10
_ROUNDS: Final = 64  # licences in one text
_LEAST: Final = 5  # pairs of trigrams below which no template is looked at


class TextMatch(NamedTuple):
    """A licence text that was found: `names` are the ids of its template, best first.

    `start` and `end` are code points, `missing` and `extra` words of the template and of the text;
    `added` are the stretches, in code points, that the text has and the template has not, also where
    it lets anything stand; `differences` are what lies between two words that both have.
    """

    names: tuple[str, ...]
    start: int
    end: int
    score: float
    matched: int
    missing: int
    extra: int
    added: tuple[tuple[int, int], ...] = ()
    differences: tuple[Difference, ...] = ()


class Matcher:
    """An index and the working memory of one process."""

    def __init__(self, index: TextIndex) -> None:
        self.index = index
        # a trigram counts for a template where it is not common, and the words must be there
        counts = np.diff(index.starts)
        telling = index.places[np.repeat(counts <= COMMON, counts)]
        wanted = telling[~index.optional[telling]]
        self.required = np.maximum(np.bincount(index.owner[wanted], minlength=len(index.names)), 1)
        self._hashes = np.zeros(int(index.words.max()) + 1, np.uint64)
        self._hashes[index.word_ids[index.word_ids >= 0]] = index.word_keys[index.word_ids >= 0]
        self._seen = np.zeros(len(index.words), np.int64)
        self._stamp = 0
        self._known: dict[bytes, list[TextMatch]] = {}

    def find(self, text: str) -> list[TextMatch]:
        """Find all licence texts, in the order of the text."""
        found = words(text).compared()
        ids = word_ids(self.index, found.hashes)
        key = hashlib.sha256(found.hashes.tobytes()).digest()
        known = self._known.get(key)
        if known is None:
            known = self._find(ids, found)
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[key] = known
        return [_at(match, found) for match in known]

    def _find(self, ids: NDArray[np.int32], found: Words) -> list[TextMatch]:
        """Find all licence texts; places are those of words."""
        matches: list[TextMatch] = []
        for _ in range(_ROUNDS):
            fresh = self._round(ids, found)
            if not fresh:
                break
            matches += fresh
        return sorted(matches, key=lambda match: match.start)

    def _round(self, ids: NDArray[np.int32], found: Words) -> list[TextMatch]:
        """Accept the best alignments that do not overlap, and take their words."""
        pairs = self._pairs(ids)
        if pairs is None:
            return []
        results = self._align(ids, found.kinds, pairs)
        missing, extra = results[:, MISSING], results[:, EXTRA]
        matched = results[:, MATCHED]
        scores = 2 * matched / np.maximum(2 * matched + missing + extra, 1)
        # words that a gap takes in are explained, too, unless they are a clause of their own
        held = results[:, LAST] - results[:, FIRST] + 1 - extra - matched
        explained = matched + np.minimum(held, matched // _HELD)
        gains = np.where(scores >= ACCEPTED, explained - _COST * (missing + extra), 0)
        order = np.lexsort([pairs.chosen, -matched, -gains])
        order = order[: np.count_nonzero(gains > 0)]
        # a text of which the own template may have been left out waits for those that are beyond doubt
        crowded = len(pairs.chosen) == _MOST and bool((missing + extra <= _CERTAIN)[order].any())
        accepted = self._accept(ids, found, pairs, results, order, sure=crowded)
        if crowded and not accepted:
            accepted = self._accept(ids, found, pairs, results, order, sure=False)
        return accepted

    def _accept(
        self, ids: NDArray[np.int32], found: Words, pairs: _Pairs, results: NDArray[np.int64],
        order: NDArray[np.intp], *, sure: bool,
    ) -> list[TextMatch]:  # fmt: skip
        """Take alignments in their order, where they do not overlap: if `sure`, those alone that are beyond doubt."""
        accepted: list[TextMatch] = []
        waiting = np.zeros(len(ids), np.bool_)
        for slot in order:
            row = results[slot]
            errors = row[MISSING] + row[EXTRA]
            # the second copy of a text must not go to a rival that was aligned with it meanwhile
            mine = slice(row[FIRST], row[LAST] + 1)
            unsure = (sure or bool(accepted)) and errors > _CERTAIN
            if unsure or waiting[mine].any() or (ids[mine] < UNKNOWN).any():
                waiting[mine] = True
                continue
            score = 2 * row[MATCHED] / (2 * row[MATCHED] + errors)
            accepted.append(self._match(ids, found, pairs, int(slot), row, float(score)))
            take(ids, int(row[FIRST]), int(row[LAST]))
            accepted += self._copies(ids, found, pairs, int(slot))
        return accepted

    def _copies(
        self, ids: NDArray[np.int32], found: Words, pairs: _Pairs, slot: int
    ) -> list[TextMatch]:
        """Take further copies of a text that was accepted: what gains more was accepted before it."""
        copies: list[TextMatch] = []
        for _ in range(_ROUNDS):
            left = pairs.only(slot, ids)
            if len(left.here) < _LEAST:
                break
            row = self._align(ids, found.kinds, left)[0]
            errors = row[MISSING] + row[EXTRA]
            if errors > _CERTAIN or row[MATCHED] < _LEAST:
                break
            score = 2 * row[MATCHED] / (2 * row[MATCHED] + errors)
            copies.append(self._match(ids, found, left, 0, row, float(score)))
            take(ids, int(row[FIRST]), int(row[LAST]))
        return copies

    def _pairs(self, ids: NDArray[np.int32]) -> _Pairs | None:
        """Choose the templates of which enough words are met, those first that are met most wholly."""
        index = self.index
        grams = gram_ids(index, ids)
        if np.count_nonzero(grams >= 0) < _LEAST:
            return None
        met = np.zeros(len(index.names), np.int64)
        self._stamp += 1
        vote(grams, index.starts, index.places, index.owner, self._seen, self._stamp, met)
        enough = np.flatnonzero((met >= _LEAST) & (met >= _SHARE * self.required))
        order = np.lexsort([enough, -met[enough] / self.required[enough]])
        chosen = enough[order][:_MOST]
        slots = np.full(len(index.names), -1, np.int64)
        slots[chosen] = np.arange(len(chosen))
        counts = np.zeros(len(chosen), np.int64)
        nowhere = np.empty(0, np.int64)
        self._gather(grams, chosen, slots, counts, nowhere, nowhere)
        bounds = np.cumsum([0, *counts], dtype=np.int64)
        here, there = np.empty(bounds[-1], np.int64), np.empty(bounds[-1], np.int64)
        self._gather(grams, chosen, slots, bounds[:-1].copy(), here, there)
        return _Pairs(chosen, bounds, here, there)

    def _gather(
        self, grams: NDArray[np.int32], chosen: NDArray[np.intp], slots: NDArray[np.int64],
        cursors: NDArray[np.int64], here: NDArray[np.int64], there: NDArray[np.int64],
    ) -> None:  # fmt: skip
        index = self.index
        gather(
            grams, index.starts, index.places, index.owner, index.begins, chosen, slots, cursors,
            here, there,
        )  # fmt: skip

    def _align(
        self, ids: NDArray[np.int32], kinds: NDArray[np.uint8], pairs: _Pairs
    ) -> NDArray[np.int64]:
        index = self.index
        results = np.zeros((len(pairs.chosen), 6), np.int64)
        align_all(
            ids, kinds, pairs.chosen, index.begins, index.words, index.optional, index.gaps,
            pairs.bounds, pairs.here, pairs.there, results,
        )  # fmt: skip
        return results

    def _match(
        self, ids: NDArray[np.int32], found: Words, pairs: _Pairs, slot: int,
        row: NDArray[np.int64], score: float,
    ) -> TextMatch:  # fmt: skip
        match = TextMatch(
            self.index.names[pairs.chosen[slot]],
            int(row[FIRST]),
            int(row[LAST]) + 1,
            score,
            int(row[MATCHED]),
            int(row[MISSING]),
            int(row[EXTRA]),
        )
        if row[LAST] - row[FIRST] + 1 == row[MATCHED] and not row[MISSING]:
            return match
        return self._compared(match, ids, found, pairs, slot)

    def _compared(
        self, match: TextMatch, ids: NDArray[np.int32], found: Words, pairs: _Pairs, slot: int
    ) -> TextMatch:
        """Say what the text has that the template has not, and what it lacks."""
        index = self.index
        mine = slice(*index.begins[pairs.chosen[slot] : pairs.chosen[slot] + 2])
        own = slice(*pairs.bounds[slot : slot + 2])
        theirs = index.words[mine]
        mate = np.empty(len(theirs), np.int64)
        added = np.zeros(len(ids), np.uint8)
        lost = np.zeros(len(theirs), np.bool_)
        compare(
            ids, found.kinds, theirs, index.optional[mine], index.gaps[mine],
            pairs.here[own], pairs.there[own], mate, added, lost,
        )  # fmt: skip
        known = np.maximum(ids, 0)
        ours = np.where(ids >= 0, self._hashes[known], found.hashes)
        between = differences(mate, lost, added == STRANGE, self._hashes[theirs], ours)
        return match._replace(added=_runs(added > 0), differences=tuple(between))


def _at(match: TextMatch, found: Words) -> TextMatch:
    """Say in code points of one text what was found in its words."""
    start, end = _place(found, (match.start, match.end))
    return match._replace(
        start=start,
        end=end,
        added=tuple(_place(found, each) for each in match.added),
        differences=tuple(
            each._replace(start=int(found.starts[each.start]), end=int(found.ends[each.end - 1]))
            if each.strange
            else each
            for each in match.differences
        ),
    )


def _place(found: Words, run: tuple[int, int]) -> tuple[int, int]:
    return int(found.starts[run[0]]), int(found.ends[run[1] - 1])


def _runs(marked: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Find the stretches of marked words."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]])))
    return tuple((int(first), int(end)) for first, end in edges.reshape(-1, 2))


class _Pairs(NamedTuple):
    """The chosen templates, and where their trigrams meet the text: those of slot `s` are `bounds[s:s + 2]`."""

    chosen: NDArray[np.intp]
    bounds: NDArray[np.int64]
    here: NDArray[np.int64]
    there: NDArray[np.int64]

    def only(self, slot: int, ids: NDArray[np.int32]) -> _Pairs:
        """Keep of one template what no licence has taken."""
        own = slice(*self.bounds[slot : slot + 2])
        free = ids[self.here[own]] >= 0
        here, there = self.here[own][free], self.there[own][free]
        bounds = np.array([0, len(here)], np.int64)
        return _Pairs(self.chosen[slot : slot + 1], bounds, here, there)
