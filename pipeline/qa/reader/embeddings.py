"""Vectors of texts, or of their tokens, out of a reader's encoder: each as its text alone makes it."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from pipeline.qa.reader.alone import HEAD, alone, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy.typing as npt

    from pipeline.qa.reader.alone import Alone, Cut, Part
    from pipeline.qa.reader.network import Network
    from pipeline.qa.reader.texts import Text
    from pipeline.qa.wordpiece import WordPiece

    Floats = npt.NDArray[np.float32]
    Integers = npt.NDArray[np.int32]

Level = Literal["passage", "token"]
Pool = Literal["mean", "cls"]
_AT_ONCE: Final = (
    256  # windows that are put together by length; 300 MB of vectors at 384 tokens of 768
)


class Vectors(NamedTuple):
    """Some vectors of one text: of all of it (one row), or of its tokens from number `first` on.

    `offsets` are code points of the text, of shape (rows, 2); `vectors` (rows, width). `tokens` is how many the
    whole text has, at the level of passages; at that of tokens it is the rows.
    """

    text: Text
    first: int
    tokens: int
    offsets: Integers
    vectors: Floats


class _Piece(NamedTuple):
    """A window of the text with a number, and the vectors of its tokens with those of the marks."""

    number: int
    text: Text
    alone: Alone
    part: Part
    hidden: Floats

    def own(self) -> Floats:
        """Return the vectors of the tokens that are taken from this window."""
        part = self.part
        return self.hidden[HEAD + part.first - part.begin : HEAD + part.end - part.begin]


class Embedder:
    """Makes vectors with a network and its tokenizer; `hints`: it was trained with them."""

    def __init__(self, network: Network, tokenizer: WordPiece, cut: Cut, *, hints: bool) -> None:
        self._network, self._tokenizer, self._cut, self._hints = network, tokenizer, cut, hints

    def passages(
        self, texts: Iterable[Text], pool: Pool, advance: Callable[[Text], None]
    ) -> Iterator[Vectors]:
        """Yield one vector a text, in order; where none of a text is a token, its mean is zero.

        `mean` is over all tokens of the text, `cls` over the `[CLS]` of its windows.
        """
        for _, group in groupby(self._pieces(texts), key=lambda each: each.number):
            total, rows = np.zeros(self._network.width, np.float64), 0
            for piece in group:
                taken = piece.own() if pool == "mean" else piece.hidden[:HEAD]
                total += taken.sum(axis=0, dtype=np.float64)
                rows += len(taken)
            text, size = piece.text, len(piece.alone.ids)
            offsets = np.array([[0, len(text.text)]], np.int32)
            mean = (total / max(rows, 1)).astype(np.float32)
            yield Vectors(text, 0, size, offsets, mean[None])
            advance(text)

    def tokens(self, texts: Iterable[Text], advance: Callable[[Text], None]) -> Iterator[Vectors]:
        """Yield the vectors of the tokens of each text, window by window, in order."""
        for piece in self._pieces(texts):
            part = piece.part
            offsets, vectors = piece.alone.offsets[part.first : part.end], piece.own()
            yield Vectors(piece.text, part.first, len(vectors), offsets, vectors)
            if part.end == len(piece.alone.ids):
                advance(piece.text)

    def _pieces(self, texts: Iterable[Text]) -> Iterator[_Piece]:
        """Run windows, some hundred at a time: however long a text is, memory holds the vectors of these alone."""
        cut = self._windows(texts)
        while some := list(islice(cut, _AT_ONCE)):
            hidden = self._network.hidden([part.window for _, _, _, part in some])
            for each, vectors in zip(some, hidden, strict=True):
                yield _Piece(*each, vectors)

    def _windows(self, texts: Iterable[Text]) -> Iterator[tuple[int, Text, Alone, Part]]:
        for number, text in enumerate(texts):
            asks = text.kind == "question"
            read = alone(self._tokenizer, text.text, asks=asks, hints=self._hints)
            for part in parts(self._tokenizer, read, self._cut):
                yield number, text, read, part
