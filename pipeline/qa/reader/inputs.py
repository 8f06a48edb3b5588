"""From a question and its passage to what a network reads: tokens, their types, and where they stand.

Either the passage is cut into windows that overlap (Devlin et al. 2019), or one window holds the sentences that
share most with the question, as many as fit: a shorter text to read, in which the answer nearly always stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec
import numpy as np

from pipeline.errors import ConfigError
from pipeline.qa.baseline.units import units_of
from pipeline.qa.reader.architecture import POSITIONS
from pipeline.qa.reader.fits import Fits
from pipeline.qa.reader.hints import compare, hint, looks, opening, weigh
from pipeline.qa.windows import CLS, answer_tokens, starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from filters.qa import Answer
    from pipeline.qa.baseline.units import Units
    from pipeline.qa.reader.hints import Asking, Compared, Hints, Rarity
    from pipeline.qa.wordpiece import WordPiece

    Integers = npt.NDArray[np.int32]
    Bools = npt.NDArray[np.bool_]

Way = Literal["sentences", "passage"]
_HELD: Final = 1 << 20  # code points of passages that are kept prepared
_BESIDE: Final = 1 << 10  # code points that weigh as much as what a passage takes beside its text
_AROUND: Final = 3  # [CLS] and two [SEP]
_ELSEWHERE: Final = -1


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How questions are read: tokens of a window, tokens that neighbours share, of a question, of an answer at most.

    `hints`: the types of tokens say what `pipeline.qa.reader.hints` knows, else 0 for the question and 1 for the
    passage.
    """

    way: Way = "sentences"
    length: int = 128
    stride: int = 128
    question: int = 64
    answer: int = 30
    hints: bool = True

    def check(self) -> None:
        """See to it that a window has room for a passage, and a network a place for each of its tokens.

        Raises:
            ConfigError: there is none, or neighbours share all of it.
        """
        if self.length > POSITIONS:
            raise ConfigError(
                f"reader: windows of {self.length} tokens: a network has places for {POSITIONS}"
            )
        room = self.length - self.question - _AROUND
        shared = self.stride if self.way == "passage" else 0
        if room <= shared or shared < 0 or self.answer < 1 or self.question < 1:
            raise ConfigError(
                f"reader: windows of {self.length} tokens with {self.question} of the question"
                f" leave {max(room, 0)} for the passage, of which neighbours share {shared}"
            )


class Input(NamedTuple):
    """One window; `ids`, `types` and `places` are of one length.

    `places` are the numbers of the passage's tokens, -1 for all others; they rise, by more than one where sentences
    were left out. `begins` and `ends` tell where an answer may begin and end: `[CLS]`, and where words do. `spans` are
    the first and last places in the window of right answers that are whole in it; a question without an answer has
    `[CLS]` for one.
    """

    ids: Integers
    types: Integers
    places: Integers
    begins: Bools
    ends: Bools
    spans: tuple[tuple[int, int], ...]


class Passage(NamedTuple):
    """A text, its tokens with their offsets in code points, its units, and which unit each token begins in.

    `begins` and `ends` tell the tokens that begin and end a unit, as answers do.
    """

    text: str
    ids: Integers
    offsets: Integers
    units: Units
    look: Integers
    unit: Integers
    begins: Bools
    ends: Bools

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return start and end of tokens in code points."""
        return int(self.offsets[first, 0]), int(self.offsets[last, 1])


class Preparer:
    """Makes inputs; passages that it saw lately are kept, since their questions mostly follow each other."""

    def __init__(
        self, tokenizer: WordPiece, reading: Reading, rarity: Rarity, fits: Fits | None = None
    ) -> None:
        self.tokenizer, self.reading, self.rarity = tokenizer, reading, rarity
        self.fits = fits or Fits()
        self._nats = rarity.nats()
        self._held: dict[str, Passage] = {}
        self._weight = 0

    def passage(self, text: str) -> Passage:
        """Prepare a passage in NFC, or return it."""
        found = self._held.get(text)
        if found is None:
            found = self._held[text] = self._prepared(text)
            self._weight += len(text) + _BESIDE
            while self._weight > _HELD and len(self._held) > 1:
                self._weight -= len(self._held.pop(next(iter(self._held))).text) + _BESIDE
        return found

    def inputs(
        self,
        context: str,
        question: str,
        answers: Sequence[Answer] = (),
        *,
        impossible: bool = False,
    ) -> list[Input]:
        """Return the windows of a question, at least one unless its passage has no token or is blank.

        `answers` and `impossible` are what there is to learn.
        """
        passage = self.passage(context)
        if not len(passage.ids) or not len(passage.units.start):
            return []
        asking, ids, offsets = self._asking(question)
        compared = compare(asking, passage.units, passage.look, self.fits)
        hints = hint(asking, passage.units, compared)
        types = self._types(asking, hints, passage, units_at(asking.units, offsets))
        right = _places(passage, answers)
        head = len(ids) + 2
        before = np.concatenate([[self.tokenizer.marks.cls], ids, [self.tokenizer.marks.sep]])
        return [
            Input(
                np.concatenate([before, passage.ids[kept], [self.tokenizer.marks.sep]]).astype(
                    np.int32
                ),
                np.concatenate([types[0], types[1][kept], types[2]]).astype(np.int32),
                np.concatenate([np.full(head, _ELSEWHERE), kept, [_ELSEWHERE]]).astype(np.int32),
                _allowed(passage.begins[kept], head),
                _allowed(passage.ends[kept], head),
                ((CLS, CLS),) if impossible else _within(right, kept, head),
            )
            for kept in self._cuts(passage, hints, self.reading.length - len(ids) - _AROUND)
        ]

    def compared(self, passage: Passage, question: str) -> Compared:
        """Compare a question with a passage, unit by unit."""
        asking, _, _ = self._asking(question)
        return compare(asking, passage.units, passage.look, self.fits)

    def _prepared(self, text: str) -> Passage:
        found = self.tokenizer.encode_once(text)
        units = units_of(text)
        offsets = np.array(found.offsets, np.int32).reshape(-1, 2)
        ids = np.array(found.ids, np.int32)
        unit = units_at(units, offsets)
        begins, ends = np.isin(offsets[:, 0], units.start), np.isin(offsets[:, 1], units.end)
        return Passage(text, ids, offsets, units, looks(units), unit, begins, ends)

    def _asking(self, question: str) -> tuple[Asking, Integers, Integers]:
        """Return what is asked, the question's tokens, and their offsets."""
        asked = self.tokenizer.encode(question)
        # some tokenizers have tokens for blanks, of which no unit comes
        ids = np.array(asked.ids[: self.reading.question if question.split() else 0], np.int32)
        offsets = np.array(asked.offsets, np.int32).reshape(-1, 2)[: len(ids)]
        units = units_of(question)
        return weigh(units, units_at(units, offsets), self._nats[ids]), ids, offsets

    def _types(
        self, asking: Asking, hints: Hints, passage: Passage, of_unit: Integers
    ) -> tuple[Integers, Integers, Integers]:
        """Return the types of `[CLS]`, question and mark, of all tokens of the passage, and of the last mark."""
        size = len(of_unit)
        if not self.reading.hints:
            zeros, ones = np.zeros(size + 2, np.int32), np.ones(len(passage.ids), np.int32)
            return zeros, ones, ones[:1]
        mark = np.zeros(1, np.int32)
        first = np.array([opening(asking)], np.int32)
        head = np.concatenate([first, hints.question[of_unit], mark])
        return head, hints.passage[passage.unit], mark

    def _cuts(self, passage: Passage, hints: Hints, room: int) -> Iterator[Integers]:
        """Yield the numbers of the tokens that each window holds."""
        if self.reading.way == "sentences":
            yield _best_sentences(passage, hints.ranks, room)
            return
        total = len(passage.ids)
        for first in starts(total, room, room - self.reading.stride):
            yield np.arange(first, min(first + room, total), dtype=np.int32)


def units_at(units: Units, offsets: Integers) -> Integers:
    """Return the unit in which each token begins."""
    if not len(units.start):
        return np.zeros(0, np.int32)
    found = np.searchsorted(units.start, offsets[:, 0], side="right") - 1
    return np.maximum(found, 0).astype(np.int32)


def _allowed(kept: Bools, head: int) -> Bools:
    found = np.zeros(head + len(kept) + 1, np.bool_)
    found[CLS] = True
    found[head:-1] = kept
    return found


def _best_sentences(passage: Passage, ranks: Integers, room: int) -> Integers:
    """Return the tokens of the best sentences that fit, in the order of the text; of the best one a part if need be."""
    sentence = passage.units.sentence[passage.unit]
    sizes = np.bincount(sentence, minlength=len(ranks))
    chosen, left = set[int](), room
    for number in np.argsort(ranks, kind="stable").tolist():
        if sizes[number] <= left or left == room:  # a sentence may have no token at all
            chosen.add(number)
            left -= int(sizes[number])
        if left <= 0:
            break
    kept = np.flatnonzero(np.isin(sentence, list(chosen)))[:room]
    return kept.astype(np.int32)


def _places(passage: Passage, answers: Sequence[Answer]) -> list[tuple[int, int]]:
    """Return the first and last token of each answer that touches any."""
    offsets = [(start, end) for start, end in passage.offsets.tolist()]
    found = {answer_tokens(offsets, (each.start, each.end)) for each in answers}
    return sorted(each for each in found if each is not None)


def _within(
    right: Sequence[tuple[int, int]], kept: Integers, head: int
) -> tuple[tuple[int, int], ...]:
    """Return where right answers stand in a window that holds them whole."""
    found = []
    for each in right:
        first, last = np.searchsorted(kept, each).tolist()
        if last < len(kept) and kept[last] == each[1] and last - first == each[1] - each[0]:
            found.append((first + head, last + head))
    return tuple(found)
