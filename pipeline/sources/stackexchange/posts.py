"""Rows of a Stack Exchange dump's `Posts.xml`: one element a line, each parsed by itself.

A line is parsed without the document around it, so no entity can have been declared, and none is resolved.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final
from xml.parsers import expat

import numpy as np

from pipeline.sources.compressed import Trusted
from pipeline.sources.jsonl import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.sources.file import InputFile
    from pipeline.sources.lines import Line
    from pipeline.sources.records import BrokenStreamError

Post = dict[str, str]
"""The attributes of a row."""

QUESTION: Final = b"1"
ANSWER: Final = b"2"
# The first and the last line of a dump say nothing.
_FRAME: Final = re.compile(rb"<\?xml [^<>]*\?>|</?posts>|<\?xml [^<>]*\?>\s*<posts>")
# Quotes cannot stand inside a value as themselves, so these find attributes and nothing else in a sound row.
_KIND: Final = re.compile(rb"""[\s]PostTypeId=["']([0-9]{1,9})["']""")
ID: Final = re.compile(rb"""[\s]Id=["']([0-9]{1,18})["']""")
_ACCEPTED: Final = re.compile(rb"""[\s]AcceptedAnswerId=["']([0-9]{1,18})["']""")


class Lines:
    """The lines of a dump that are rows, or should be; after the last one `damage` says what is wrong."""

    def __init__(self, path: InputFile, max_record: int) -> None:
        self._source = Trusted(path)
        self._max_record = max_record

    def __iter__(self) -> Iterator[Line]:
        for line in read_lines(self._source, max_record=self._max_record):
            if line.oversize or _FRAME.fullmatch(line.data.strip()) is None:
                yield line

    @property
    def damage(self) -> BrokenStreamError | None:
        """What is wrong with the file after the last line."""
        return self._source.damage


def kind_of(data: bytes) -> bytes:
    """Tell the type of a post without parsing the row; `b""` where it says none."""
    found = _KIND.search(data)
    return b"" if found is None else found[1]


class _RefusedError(Exception):
    """The row holds what no row has."""


def parse_row(data: bytes) -> Post | None:
    """Return the attributes of a row, `None` for what is no sound `<row/>`."""
    found: list[Post] = []
    parser = expat.ParserCreate("utf-8")

    def start(name: str, attributes: Post) -> None:
        if name != "row" or found:
            raise _RefusedError
        found.append(attributes)

    def refuse(*_: object) -> None:
        raise _RefusedError

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data.strip(), True)
    except (expat.ExpatError, _RefusedError):
        return None
    return found[0]


class Accepted:
    """The accepted answers of a dump: their rows lie in a file, `spool`, their ids alone in memory.

    8 bytes a question with an accepted answer, and 12 more for each of these answers.
    """

    def __init__(self, path: InputFile, max_record: int, spool: IO[bytes]) -> None:
        self._ids = accepted_ids(path, max_record)
        self._starts = np.full(len(self._ids), -1, np.int64)
        self._sizes = np.zeros(len(self._ids), np.int32)
        self._file = spool
        self._spool(path, max_record)

    def find(self, name: str) -> Post | None:
        """Return the accepted answer of this id; `None` where the file has no sound one."""
        at = self._place(name.encode()) if name.isascii() and name.isdecimal() else -1
        if at < 0 or self._starts[at] < 0:
            return None
        self._file.seek(int(self._starts[at]))
        post = parse_row(self._file.read(int(self._sizes[at])))
        sound = post is not None and post.get("PostTypeId") == "2" and post.get("Id") == name
        return post if sound else None

    def _spool(self, path: InputFile, max_record: int) -> None:
        end = 0
        for line in Lines(path, max_record):
            found = None if line.oversize or kind_of(line.data) != ANSWER else ID.search(line.data)
            at = -1 if found is None else self._place(found[1])
            if at >= 0 and self._starts[at] < 0:  # of two rows with one id the first counts
                self._starts[at], self._sizes[at] = end, len(line.data)
                end += self._file.write(line.data)

    def _place(self, name: bytes) -> int:
        wanted = int(name[:19])
        at = int(np.searchsorted(self._ids, wanted)) if wanted < 1 << 63 else len(self._ids)
        return at if at < len(self._ids) and self._ids[at] == wanted else -1


def accepted_ids(path: InputFile, max_record: int) -> NDArray[np.int64]:
    """Return the ids of all answers that questions accept, sorted."""
    found: list[int] = []
    chunks: list[NDArray[np.int64]] = []
    for line in Lines(path, max_record):
        if line.oversize or kind_of(line.data) != QUESTION:
            continue
        accepted = _ACCEPTED.search(line.data)
        if accepted is not None:
            found.append(int(accepted[1]))
            if len(found) >= 1 << 16:  # a list takes five times as much
                chunks.append(np.array(found, np.int64))
                found.clear()
    return np.unique(np.concatenate([*chunks, np.array(found, np.int64)]))
