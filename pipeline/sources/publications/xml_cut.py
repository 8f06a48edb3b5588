"""Cut a stream of XML into its records, so that each is parsed by itself and none takes others with it.

A record is an element of a known name, wherever it stands: as a document, behind another document's end, or
among thousands in one element. Only bytes are looked at: what stands around a record is never parsed, so that
no entity can have been declared (`pipeline.sources.publications.xml_tree`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.records import RAW_LIMIT, BrokenStreamError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DECLARATION: Final = rb"\?xml[ \t\r\n][^<>]{0,200}\?>"
_LONGEST: Final = 256  # bytes of the longest token that is looked for
_ENCODING: Final = re.compile(rb"""encoding[ ]?=[ ]?["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS: Final = {b"utf-8", b"utf8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"}


class Names(NamedTuple):
    """What elements are records of a format, and what may stand around them without being one."""

    records: tuple[str, ...]
    around: tuple[str, ...] = ()


class Piece(NamedTuple):
    """The bytes of one record, from line `line` of the file on, in the encoding that was declared.

    `flaw` is why it is none: `truncated` where it has no end, `oversize`, `root` for a document that is none of
    the format; `data` are then the first bytes of it.
    """

    line: int
    data: bytes
    encoding: str = "utf-8"
    flaw: str = ""


def cut(chunks: Iterable[bytes], names: Names, limit: int) -> Iterator[Piece]:
    """Yield the records of a stream; what has more than `limit` bytes is passed over.

    Raises:
        BrokenStreamError: it is in UTF-16 or UTF-32, in which nothing here is found.
    """
    cutter = _Cutter(names, limit)
    for chunk in chunks:
        yield from cutter.feed(chunk)
    yield from cutter.end()


def _tokens(*kinds: bytes) -> re.Pattern[bytes]:
    """Look for one of these behind a `<`; what all begin with is what is looked for first."""
    return re.compile(rb"<(?:" + rb"|".join(kinds) + rb")")


class _Cutter:
    """Where the reader stands: `_held` are bytes that are still needed, and up to `_at` they are looked through."""

    def __init__(self, names: Names, limit: int) -> None:
        known = "|".join(map(re.escape, names.records)).encode()
        around = "|".join(map(re.escape, names.around or ("\0",))).encode()
        after = rb"(?=[ \t\r\n/>])"
        declared = rb"(?P<declared>" + _DECLARATION + rb")"
        begin = rb"(?P<begin>(?P<name>" + known + rb")" + after + rb")"
        frame = rb"(?P<frame>(?:" + around + rb")" + after + rb")"
        self._outside = _tokens(begin, declared, frame, rb"(?P<other>[A-Za-z_])")
        self._inside = {
            name: _tokens(
                rb"(?P<end>/" + re.escape(name) + rb"[ \t\r\n]{0,9}>)",
                rb"(?P<again>" + re.escape(name) + after + rb")",
                declared,
            )
            for name in map(str.encode, names.records)
        }
        self._limit = limit
        self._held = bytearray()
        self._at = 0
        self._line = 1
        self._encoding = "utf-8"
        self._name = b""  # of the record that is open
        self._large = b""  # the first bytes of one that is too large
        self._other: Piece | None = None  # where an element stands that is no record
        self._is_known = False  # this document holds records, or could
        self._is_first = True
        self._is_blank = True

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        self._held += chunk
        if self._is_first and len(self._held) >= 4:  # noqa: PLR2004  bytes of a mark and a sign
            self._is_first = False
            if self._held.startswith((b"\xff\xfe", b"\xfe\xff")) or 0 in self._held[:4]:
                raise BrokenStreamError("format", "the file is UTF-16 or UTF-32, not XML in bytes")
        yield from self._look(len(self._held) - _LONGEST)
        self._pass(max(self._at, len(self._held) - _LONGEST))

    def _look(self, certain: int) -> Iterator[Piece]:
        """Meet what is in the held bytes; of a tag from `certain` on its name may still be to come."""
        while True:
            pattern = self._inside[self._name] if self._name else self._outside
            found = pattern.search(self._held, self._at)
            if found is None:
                return
            if found.lastgroup == "other" and found.start() >= certain:
                self._at = found.start()
                return
            self._at = found.end()
            before = len(self._held)
            yield from self._meet(found)
            certain -= before - len(self._held)

    def _meet(self, found: re.Match[bytes]) -> Iterator[Piece]:
        kind = found.lastgroup if found.lastgroup != "name" else "begin"
        if kind == "begin":
            self._begin(found.start(), bytes(found["name"]))
        elif kind == "end":
            yield self._close(found.end())
        elif kind == "again":
            name = self._name
            yield self._close(found.start(), "truncated")
            self._begin(0, name)
        elif kind == "declared":
            declared, length = bytes(found["declared"]), found.end() - found.start()
            if self._name:
                yield self._close(found.start(), "truncated")
                self._at = length
            yield from self._document()
            self._declare(declared)
        elif kind == "frame":
            self._is_known = True
        elif self._other is None:
            self._drop(found.start())
            self._at = 1
            self._other = Piece(self._line, bytes(self._held[:_LONGEST]), flaw="root")

    def _begin(self, start: int, name: bytes) -> None:
        self._drop(start)
        self._at = len(name) + 1
        self._name, self._is_known = name, True

    def _close(self, stop: int, flaw: str = "") -> Piece:
        """End the record that is open, and go to where it ends."""
        line = self._line
        if self._large or stop > self._limit:
            piece = Piece(line, self._large or self._head(stop), flaw="oversize")
        else:
            data = self._head(stop) if flaw else bytes(self._held[:stop])
            piece = Piece(line, data, self._encoding, flaw)
        self._name, self._large = b"", b""
        self._drop(stop)
        return piece

    def _pass(self, at: int) -> None:
        """Give up bytes that are no longer needed, once they are looked through up to `at`."""
        self._at = max(self._at, at)
        if not self._name:
            self._drop(self._at)
        elif len(self._held) > self._limit + _LONGEST:
            self._large = self._large or self._head(self._limit)
            self._drop(self._at)

    def _head(self, stop: int) -> bytes:
        return bytes(self._held[: min(stop, self._limit, RAW_LIMIT)])

    def _drop(self, size: int) -> None:
        size = max(0, size)
        self._is_blank = self._is_blank and not self._held[:size].strip()
        self._line += self._held.count(b"\n", 0, size)
        del self._held[:size]
        self._at = max(0, self._at - size)

    def _declare(self, declared: bytes) -> None:
        found = _ENCODING.search(declared)
        name = b"utf-8" if found is None else found[1].lower()
        self._encoding = name.decode() if name in _ENCODINGS else "?"

    def _document(self) -> Iterator[Piece]:
        """Leave a document behind: one without a record is a row all the same."""
        if self._other is not None and not self._is_known:
            yield self._other
        self._other, self._is_known, self._encoding = None, False, "utf-8"

    def end(self) -> Iterator[Piece]:
        """Leave the stream behind."""
        yield from self._look(len(self._held))
        if self._name:
            yield self._close(len(self._held), "truncated")
        self._drop(len(self._held))
        if not self._is_known and self._other is None and not self._is_blank:
            self._other = Piece(1, b"", flaw="root")
        yield from self._document()
