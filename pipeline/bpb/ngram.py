"""A byte n-gram model that is trained in seconds: how surprising a document is to who has read the train split.

It is the model of kernels.py. As `ngram` it is what the train split has taught it; as
`ngram-adaptive` it also learns from the document it is reading and forgets that again before the
next, as PPM compressors do, so that a document's bits never depend on another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from pipeline.bpb import kernels
from pipeline.bpb.kernels import MARK, STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

STATIC: Final = "ngram"
ADAPTIVE: Final = "ngram-adaptive"
MAX_ORDER: Final = 12
MOST_BYTES: Final = 1 << 30  # of training: counts are 32 bits
BLOCK: Final = (
    1 << 18
)  # bytes after which the adaptive model forgets: bounds what it adds to memory
_EMPHASIS: Final = np.int64(
    3
)  # what a document has itself counts so often; best of 1 to 8 on docs/bpb.md's
_CHUNK: Final = 1 << 16  # symbols for which room is made at a time
_ROOT: Final = 0
_BEGIN: Final = 1  # the node of the mark
_DEFAULTS: Final = (0, 48, 80, 96)  # 64ths; for orders with too few runs to tell
_NOTHING: Final = np.empty((0, 3), np.int32)
_UNTOLD: Final = np.empty((0, 5), np.int64)


class Counts:
    """How often which runs of up to `order` + 1 symbols were read: some 40 bytes of memory for each."""

    def __init__(self, order: int) -> None:
        self.order = order
        self._table = np.full((1 << 12, 2), -1, np.int64)  # (node and symbol, child)
        self._nodes = np.zeros(
            (1 << 11, 3), np.int32
        )  # (count, sum of children, kinds of children)
        self._used = np.ones(1, np.int64)
        self._tallies = np.zeros((order + 1, 5), np.int64)
        # the mark is a context before it was ever read
        self._table[-1 - kernels.find(self._table, self._shift, _ROOT, MARK)] = MARK, _BEGIN
        self._used[0] = _BEGIN + 1

    def __len__(self) -> int:
        return int(self._used[0])

    @property
    def _shift(self) -> int:
        return 65 - len(self._table).bit_length()

    def read(self, text: bytes, *, whole: bool = True) -> None:
        """Learn from a document, or from the first part of one, whose end is then not learnt."""
        path = self._begin()
        symbols = _symbols(text) if whole else _symbols(text)[:-1]
        for start in range(0, len(symbols), _CHUNK):
            part = symbols[start : start + _CHUNK]
            self._make_room(len(part))
            kernels.learn(
                part, path, self._table, self._shift, self._nodes, self._used, self._tallies, _NOTHING
            )  # fmt: skip

    def discounts(self) -> NDArray[np.int64]:
        """Return the discounts by order and count, in 64ths (Chen and Goodman 1999, equation 26)."""
        return np.array([_discounts(row) for row in self._tallies.tolist()], np.int64)

    def score(self, text: bytes, discounts: NDArray[np.int64]) -> int:
        """Return the bits of a document in 2^-20 bit, its end included."""
        path = self._begin()
        return int(
            kernels.score(_symbols(text), path, self._table, self._shift, self._nodes, discounts)
        )

    def score_adaptive(self, text: bytes, discounts: NDArray[np.int64]) -> int:
        """Return the bits of a document whose earlier parts, up to 256 KiB, are learnt from while it is read."""
        symbols, total = _symbols(text), 0
        context = symbols[:0]
        for start in range(0, len(symbols), BLOCK):
            part = symbols[start : start + BLOCK]
            self._make_room(len(part))
            log = np.empty(((self.order + 1) * len(part), 3), np.int32)
            total += int(
                kernels.score_and_learn(
                    part, self._behind(context), self._table, self._shift, self._nodes, self._used,
                    discounts, _UNTOLD, log, _EMPHASIS,
                )
            )  # fmt: skip
            context = part[-self.order :]
        return total

    def spread(self, context: bytes, discounts: NDArray[np.int64]) -> list[int]:
        """Return the probabilities of all 257 symbols behind the beginning of a document, in 2^-46."""
        path = self._behind(_symbols(context)[:-1])
        found: list[int] = kernels.spread(
            path, self._table, self._shift, self._nodes, discounts
        ).tolist()
        return found

    def _begin(self) -> NDArray[np.int64]:
        path = np.full(self.order + 2, -1, np.int64)
        path[:2] = _ROOT, _BEGIN
        return path

    def _behind(self, symbols: NDArray[np.int16]) -> NDArray[np.int64]:
        """Return the path behind symbols, of which there are none at the beginning of a document."""
        path = self._begin()
        kernels.score(
            symbols, path, self._table, self._shift, self._nodes,
            np.zeros((self.order + 1, 4), np.int64),
        )  # fmt: skip
        return path

    def _make_room(self, symbols: int) -> None:
        """Have a third of the table free, and a node for each run that so many symbols may add."""
        wanted = len(self) + (self.order + 1) * symbols
        if 3 * wanted > 2 * len(self._table):
            larger = np.full((1 << (3 * wanted // 2).bit_length(), 2), -1, np.int64)
            kernels.rehash(self._table, larger, 65 - len(larger).bit_length())
            self._table = larger
        if wanted > len(self._nodes):
            nodes = np.zeros((wanted + wanted // 2, 3), np.int32)
            nodes[: len(self._nodes)] = self._nodes
            self._nodes = nodes


class NGram(NamedTuple):
    """The model, trained; `adaptive` says whether it learns from a document while it reads it.

    `share` n is that of one which was trained on an n-th of the sample.
    """

    counts: Counts
    discounts: NDArray[np.int64]
    adaptive: bool = False
    share: int = 1

    @property
    def name(self) -> str:
        """What its column is called."""
        name = ADAPTIVE if self.adaptive else STATIC
        return name if self.share == 1 else f"{name}/{self.share}"

    @property
    def told(self) -> dict[str, Any]:
        """What its figures depend on beside the documents and the sample of the train split."""
        return {
            "kind": "byte n-gram",
            "order": self.counts.order,
            "smoothing": "interpolated modified Kneser-Ney",
            "adaptive_bytes": BLOCK if self.adaptive else 0,
            "share_of_sample": f"1/{self.share}",
            "end_counted": True,
            "runs": len(self.counts),
        }

    def bits(self, documents: Sequence[bytes]) -> list[int]:
        """Return the bits of each document in 2^-20 bit, that of its end included."""
        score = self.counts.score_adaptive if self.adaptive else self.counts.score
        return [score(text, self.discounts) for text in documents]


def train(order: int, texts: Iterable[tuple[bytes, bool]], share: int = 1) -> NGram:
    """Train a model on texts, each with whether it is a whole document; `share` only names it."""
    counts = Counts(order)
    for text, whole in texts:
        counts.read(text, whole=whole)
    return NGram(counts, counts.discounts(), share=share)


def _symbols(text: bytes) -> NDArray[np.int16]:
    """Return a document's bytes and the mark of its end."""
    symbols = np.empty(len(text) + 1, np.int16)
    symbols[:-1] = np.frombuffer(text, np.uint8)
    symbols[-1] = MARK
    return symbols


def _discounts(tallies: list[int]) -> tuple[int, ...]:
    """Return the discounts of runs seen never, once, twice and more often, each below its count."""
    _, once, twice, thrice, four = tallies
    if not (once and twice and thrice and four):
        return _DEFAULTS
    whole = once + 2 * twice
    found = (
        STEPS - 2 * STEPS * once * twice // (whole * once),
        2 * STEPS - 3 * STEPS * once * thrice // (whole * twice),
        3 * STEPS - 4 * STEPS * once * four // (whole * thrice),
    )
    return 0, *(min(max(each, 1), STEPS * n - 1) for n, each in enumerate(found, 1))
