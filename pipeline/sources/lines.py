"""Cut a stream of byte chunks into lines, with memory bound by the limit and never by the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.records import RAW_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_BOM: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A non-blank physical line, counted from 1, without its newline.

    Of an oversize line `data` holds the first bytes only.
    """

    number: int
    data: bytes
    oversize: bool


class _Tail:
    """The line that a chunk leaves open: whole as long as it fits, its first bytes afterwards."""

    __slots__ = ("_blank", "_limit", "_pieces", "_size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._clear()

    def _clear(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._blank = True

    def add(self, piece: bytes) -> None:
        fitted = self._size <= self._limit
        self._size += len(piece)
        if self._size <= self._limit:
            self._pieces.append(piece)
            return
        if fitted:
            piece = b"".join([*self._pieces, piece])
            self._pieces = []
        self._blank = self._blank and not piece.strip()
        room = RAW_LIMIT - sum(map(len, self._pieces))
        if room > 0:
            self._pieces.append(piece[:room])

    def take(self, number: int) -> Line | None:
        """Close the line and start the next; `None` for a blank one."""
        oversize = self._size > self._limit
        data = b"".join(self._pieces)
        if number == 1:
            data = data.removeprefix(_BOM)
        blank = self._blank if oversize else not data.strip()
        self._clear()
        return None if blank else Line(number, data, oversize)


def _always() -> bool:
    return True


def split_lines(
    chunks: Iterable[bytes],
    *,
    limit: int,
    keep_tail: Callable[[], bool] = _always,
    first: int = 1,
) -> Iterator[Line]:
    r"""Yield every non-blank line of the concatenated `chunks`; only `\n` ends a line.

    A line of more than `limit` bytes is passed over unbuffered. A byte order mark at the very start
    is dropped. `keep_tail` is asked after the last chunk whether a last line without newline is a line
    (a whole file) or the stump of one (a damaged file). `first` is the number of the first line. How
    the chunks are cut never shows.
    """
    tail = _Tail(limit)
    number = first - 1
    for chunk in chunks:
        head, *pieces = chunk.split(b"\n")
        tail.add(head)
        if not pieces:
            continue
        number += 1
        line = tail.take(number)
        if line is not None:
            yield line
        rest = pieces.pop()
        for number, data in enumerate(pieces, number + 1):  # noqa: B020  the count goes on
            if data and not data.isspace():
                oversize = len(data) > limit
                yield Line(number, data[:RAW_LIMIT] if oversize else data, oversize)
        tail.add(rest)
    line = tail.take(number + 1) if keep_tail() else None
    if line is not None:
        yield line
