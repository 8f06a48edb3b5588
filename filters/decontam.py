"""Drop a document that holds a passage of a protected evaluation set: by n-gram, by id, or by title.

Any n-gram in common is contamination, as for GPT-3 (Brown et al. 2020, appendix C), provided that it
says something: more than half of its words differ and are no numbers, so that tables and counting
convict nobody. A passage of fewer words than n, but of five, must be there as a whole.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NamedTuple
from urllib.parse import unquote

import msgspec
import numpy as np
import numpy.typing as npt

from filters.decontam_index import Index, Run, find, weigh
from filters.decontam_words import WORD_WEIGHT, words_of
from filters.document import KEEP, Document, Verdict, drop

if TYPE_CHECKING:
    from collections.abc import Iterable

Method = Literal["ngram", "id", "title"]
LEAST_ID: Final = 8  # characters: shorter ids are counters, and other people count as well


class Keys(NamedTuple):
    """Digests of ids or titles, uint64 and rising, and of each a bit for every set that has it."""

    digests: npt.NDArray[np.uint64]
    sets: npt.NDArray[np.uint64]

    def holders(self, digest: int) -> int:
        """Return the bits of the sets that have it."""
        at = int(np.searchsorted(self.digests, np.uint64(digest)))
        there = at < len(self.digests) and int(self.digests[at]) == digest
        return int(self.sets[at]) if there else 0


class Protected(msgspec.Struct, frozen=True, kw_only=True):
    """The protected sets, as one document after the other is asked about.

    `sets` are their names, by number. `spared` has a bit for each set that does not count here, and
    `prefix` is what the source put before the ids of its own.
    """

    stage: ClassVar[str] = "decontam"

    ngram: int
    by: tuple[Method, ...]
    sets: tuple[str, ...]
    index: Index
    ids: Keys
    titles: Keys
    spared: int = 0
    prefix: str = ""

    def judge(self, document: Document) -> Verdict:
        """Keep, or drop for `method:set`.

        The detail says `set`, `item`, `method`, and of n-grams `span` in code points of the text,
        how many `ngrams` of the item there are, and their share of all of it as `score`.
        """
        verdict = self._by_ngram(document.text) if "ngram" in self.by else KEEP
        if verdict.keep and "id" in self.by:
            verdict = self._by_id(document)
        if verdict.keep and "title" in self.by:
            verdict = self._by_title(document)
        return verdict

    def _by_ngram(self, text: str) -> Verdict:
        hashes = words_of(text).hashes
        runs = find(self.index, hashes, self.ngram)
        best = self._best(runs) if runs else None
        if best is None:
            return KEEP
        longest = max(best.runs, key=lambda run: (run.end - run.start, -run.start))
        return self._drop(
            "ngram",
            int(self.index.sets[best.passage]),
            self.index.name(best.passage),
            span=list(_place(text, longest)),
            ngrams=best.ngrams,
            score=round(best.ngrams / best.all, 4),
        )

    def _best(self, runs: list[Run]) -> _Match | None:
        """Pick the passage of which most is there; the first of equals."""
        passages = np.searchsorted(self.index.firsts, [run.first for run in runs], "right") - 1
        by_passage: dict[int, list[Run]] = {}
        for passage, run in zip(passages.tolist(), runs, strict=True):
            if int(self.index.sets[passage]) & ~self.spared:
                by_passage.setdefault(passage, []).append(run)
        matches = [self._match(passage, mine) for passage, mine in sorted(by_passage.items())]
        return max(matches, key=lambda match: match.ngrams, default=None)

    def _match(self, passage: int, runs: list[Run]) -> _Match:
        """Count the n-grams of a passage that are in its runs, each once."""
        start, end = self.index.firsts[passage : passage + 2].tolist()
        end -= 1  # the boundary
        counted = np.zeros(end - start, np.bool_)
        for run in runs:
            first, last = run.first - start, run.first - start + run.end - run.start
            counted[first:last] |= self._closes(run.first, run.first + run.end - run.start)
        whole = int(self._closes(start, end).sum())
        return _Match(passage, runs, max(int(counted.sum()), 1), max(whole, 1))

    def _closes(self, start: int, end: int) -> npt.NDArray[np.bool_]:
        """Tell at which words of a stretch of the index an n-gram ends."""
        return np.cumsum(weigh(self.index.words[start:end])) >= self.ngram * WORD_WEIGHT

    def _by_id(self, document: Document) -> Verdict:
        name = document.id.removeprefix(self.prefix)
        verdict = self._drop("id", self._holders(name), name)
        for origin in document.origins if verdict.keep else ():
            # an origin's id may be one that must not be shown
            verdict = self._drop("id", self._holders(origin.id.removeprefix(self.prefix)), "")
            if not verdict.keep:
                break
        return verdict

    def _holders(self, name: str) -> int:
        """Return the bits of the sets that have an item of this id."""
        return self.ids.holders(digest_of(name)) if len(name) >= LEAST_ID else 0

    def _by_title(self, document: Document) -> Verdict:
        title = title_of(document.extra)
        holders = self.titles.holders(title_digest(title)) if title else 0
        return self._drop("title", holders, "")

    def _drop(self, method: Method, holders: int, item: str, **facts: Any) -> Verdict:
        """Name the first of the sets that hold it and count."""
        counting = holders & ~self.spared
        if counting == 0:
            return KEEP
        name = self.sets[(counting & -counting).bit_length() - 1]
        return drop(f"{method}:{name}", method=method, set=name, item=item, **facts)


class _Match(NamedTuple):
    """A passage's number, its runs, how many of its n-grams are in these, and how many it has."""

    passage: int
    runs: list[Run]
    ngrams: int
    all: int


def make_keys(digests: Iterable[tuple[int, int]]) -> Keys:
    """Make keys of pairs of a digest and the number of a set that has it."""
    holders: dict[int, int] = {}
    for digest, number in digests:
        holders[digest] = holders.get(digest, 0) | 1 << number
    rising = sorted(holders)
    return Keys(
        np.array(rising, np.uint64), np.array([holders[each] for each in rising], np.uint64)
    )


def digest_of(name: str) -> int:
    """Return 64 bits of the SHA-256 of a name."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8], "big")


def title_digest(title: str) -> int:
    """Digest the words of a title, however it is spelled; one of no words is digested as it is."""
    hashes = words_of(unquote(title)).hashes
    return int.from_bytes(hashlib.sha256(hashes.tobytes() or title.encode()).digest()[:8], "big")


def title_of(extra: dict[str, Any]) -> str:
    """Find the title that a record carries along, at its top or under `meta` or `metadata`."""
    for place in (extra, extra.get("meta"), extra.get("metadata")):
        title = place.get("title") if isinstance(place, dict) else None
        if isinstance(title, str) and title.strip():
            return title
    return ""


def _place(text: str, run: Run) -> tuple[int, int]:
    """Say where the words of a run stand, in code points."""
    words = words_of(text, places=True)
    data = text.encode("utf-8", "surrogatepass")
    start, end = int(words.starts[run.start]), int(words.ends[run.end - 1])
    before = len(data[:start].decode("utf-8", "surrogatepass"))
    return before, before + len(data[start:end].decode("utf-8", "surrogatepass"))
