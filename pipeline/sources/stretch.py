"""Stretches: a large file of lines cut into runs of whole lines, which tasks read side by side.

Where a file is cut depends on its bytes alone. A stretch is read from the frame that its first line
lies in; of a file of one frame all before it is decoded, too, so such a file is cut into fewer.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from pipeline.poison import Poison
from pipeline.sources.compressed import Trusted, decode, open_decoder, read_plain
from pipeline.sources.records import BrokenStreamError
from pipeline.sources.zstd_frames import decode_zstd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import InputFile

STRETCH: Final = 32 << 20
"""Decoded bytes of a stretch: some three seconds of screening."""

_MOST_SKIPPED: Final = 8  # times the size of the file: a twentieth of what it takes to screen it
_LONGEST_HEAD: Final = 64 << 10  # bytes of a first line that may be blank
_BOM: Final = b"\xef\xbb\xbf"


class Stretch(msgspec.Struct, frozen=True):
    """`size` decoded bytes (`None`: all that follow) after `skip` of them, from the file's byte `seek` on.

    `row` and `line` are those of its first line, as records count them; `poison` are rows of it that are not read.
    """

    seek: int = 0
    skip: int = 0
    size: int | None = None
    row: int = 0
    line: int = 1
    poison: tuple[Poison, ...] = ()


WHOLE: Final = Stretch()


class Stretched:
    """The trusted bytes of a stretch; after the last stretch `damage` says what is wrong with the file.

    A stretch that another one follows was found good when the file was cut.
    """

    def __init__(self, path: InputFile, stretch: Stretch) -> None:
        self._path = path
        self._stretch = stretch
        self.damage: BrokenStreamError | None = None

    def __iter__(self) -> Iterator[bytes]:
        seek, skip, size = self._stretch.seek, self._stretch.skip, self._stretch.size
        if size is not None:
            yield from _after(decode(self._path, skip + size, seek), skip)
            return
        source = Trusted(self._path, seek)
        yield from _after(iter(source), skip)
        self.damage = source.damage


def _after(chunks: Iterator[bytes], skip: int) -> Iterator[bytes]:
    for chunk in chunks:
        if skip < len(chunk):
            yield chunk[skip:]
        skip = max(0, skip - len(chunk))


class _Start(NamedTuple):
    """Where a stretch may begin: its decoded byte, row and line, and the frame that it lies in."""

    at: int
    row: int
    line: int
    seek: int
    base: int

    @property
    def skip(self) -> int:
        """Count what is decoded for nothing before it."""
        return self.at - self.base


_FIRST: Final = _Start(0, 0, 1, 0, 0)


def cut_file(path: InputFile, size: int = STRETCH) -> tuple[Stretch, ...]:
    """Cut a file of lines, plain or compressed, into stretches of about `size` decoded bytes.

    Together they are the whole file; what is damaged lies in the last one.
    """
    starts, good = _find_starts(path, size)
    starts = [each for each in starts if each.at < good]
    while sum(each.skip for each in starts) > _MOST_SKIPPED * good:
        starts = starts[1::2]
    sizes = [end.at - start.at for start, end in pairwise([_FIRST, *starts])]
    return tuple(
        Stretch(each.seek, each.skip, length, each.row, each.line)
        for each, length in zip([_FIRST, *starts], [*sizes, None], strict=True)
    )


def _find_starts(path: InputFile, size: int) -> tuple[list[_Start], int]:
    """Decode the file once; return the starts of lines some `size` bytes apart, and how many bytes are good."""
    lines, starts = _Lines(size), list[_Start]()
    good = seek = base = 0
    try:
        with path.open("rb") as file:
            decoder = open_decoder(file, path, 0)
            stops: list[int] = []
            chunks = decode_zstd(file, stops) if decoder is decode_zstd else decoder(file)
            for chunk, sealed in chunks:
                for start in lines.take(chunk):
                    frame = (start.at, start.at) if decoder is read_plain else (seek, base)
                    starts.append(start._replace(seek=frame[0], base=frame[1]))
                if sealed:
                    good = lines.seen
                    if decoder is decode_zstd:
                        seek, base = stops[-1], good
                        starts += [each._replace(seek=seek, base=base) for each in lines.cut_here()]
    except BrokenStreamError as broken:
        good = lines.seen if broken.reason == "truncated" else good
    return starts, good


class _Lines:
    """Counts lines and rows as they come by."""

    def __init__(self, size: int) -> None:
        self.seen = 0
        self._size, self._last = size, 0
        self._begun = False  # a line
        self._row, self._line = 0, 1
        self._blank = True
        self._head = b""  # of the first line, which may hold a byte order mark and nothing else

    def take(self, chunk: bytes) -> Iterator[_Start]:
        """Count a chunk; yield a start where a line begins and enough has come by."""
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            self._read(piece)
            self.seen += 1
            self._row += not self._blank
            self._line += 1
            self._blank = True
            self._begun = False
            yield from self._cut(self._size)
        self._read(rest)

    def cut_here(self) -> Iterator[_Start]:
        """Yield a start at the beginning of a frame, where a line begins too and half as much will do."""
        if not self._begun:
            yield from self._cut(self._size // 2)

    def _cut(self, enough: int) -> Iterator[_Start]:
        if self.seen - self._last >= max(enough, 1):
            yield _Start(self.seen, self._row, self._line, 0, 0)
            self._last = self.seen

    def _read(self, piece: bytes) -> None:
        self.seen += len(piece)
        self._begun = self._begun or piece != b""
        if self._line == 1 and len(self._head) <= _LONGEST_HEAD:
            self._head += piece
            self._blank = not self._head.removeprefix(_BOM).strip()
        else:
            self._blank = self._blank and (not piece or piece.isspace())
