"""Rows of a Stack Exchange dump's `Posts.xml`: one element a line, each parsed by itself.

A line is parsed without the document around it, so no entity can have been declared, and none is resolved.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final
from xml.parsers import expat

import numpy as np

from filters.html_text import html_text
from pipeline.sources.compressed import Trusted
from pipeline.sources.jsonl import read_lines
from pipeline.sources.records import RAW_LIMIT, Bad, Damage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from pipeline.sources.file import InputFile
    from pipeline.sources.lines import Line
    from pipeline.sources.records import BrokenStreamError, Item

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
_OTHER_KINDS: Final = re.compile(r"[2-9]|[1-9][0-9]+")
# meta.stackexchange.com/questions/347758: under which version of CC BY-SA a post of that day is.
_VERSIONS: Final = (("2018-05-02", "4.0"), ("2011-04-08", "3.0"), ("", "2.5"))
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STATED: Final = re.compile(r"CC BY-SA ([0-9]\.[0-9])")


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


def read_questions(
    path: InputFile, max_record: int, take: Callable[[int, Line, Post], Item]
) -> Iterator[Item]:
    """Yield what `take` makes of the row, the line and the post of each question, in file order.

    Rows count questions and bad rows. A line that is no sound row is `Bad`, `xml` (or `oversize`), and
    so is a question without an id or a title, `shape:post`. Other posts are no records.
    """
    lines, row = Lines(path, max_record), 0
    for line in lines:
        post = _question(line)
        if post is None:
            continue
        if isinstance(post, str):
            yield Bad(row, line.number, post, line.data[:RAW_LIMIT])
        else:
            yield take(row, line, post)
        row += 1
    if lines.damage is not None:
        yield Damage(row, lines.damage.reason, lines.damage.detail)


def _question(line: Line) -> Post | str | None:
    """Read a question, or say what is wrong with the line; `None` for a post that asks nothing."""
    if line.oversize:
        return "oversize"
    post = parse_row(line.data)
    if post is None:
        return "xml"
    kind = post.get("PostTypeId", "")
    if kind != "1":
        return None if _OTHER_KINDS.fullmatch(kind) is not None else "shape:post"
    return post if post.get("Id") and post.get("Title", "").strip() else "shape:post"


def text_of(post: Post) -> str:
    """Return the text of a post, whose body is HTML."""
    return html_text(post.get("Body", "")).text


def addresses(posts: list[Post], site: str) -> list[str]:
    """List what leads to a question, to the answers behind it and to those who wrote them; nothing without a site."""
    if not site:
        return []
    question, *answers = posts
    paths = [f"{kind}/{question['Id']}" for kind in ("q", "questions")]
    paths += (f"a/{each['Id']}" for each in answers)
    paths += (f"users/{each['OwnerUserId']}" for each in posts if each.get("OwnerUserId"))
    return [f"https://{site}/{path}" for path in dict.fromkeys(paths)]


def licenses_of(posts: list[Post]) -> str:
    """Join the licences of posts, all of which hold."""
    return " AND ".join(dict.fromkeys(filter(None, map(license_of, posts))))


def license_of(post: Post) -> str:
    """Return the SPDX name of a post's licence: as stated, else by its date; `""` where neither is told."""
    stated = post.get("ContentLicense", "").strip()
    if stated:
        return _STATED.sub(r"CC-BY-SA-\1", stated)
    date = post.get("CreationDate", "")[:10]
    if _DATE.fullmatch(date) is None:
        return ""
    return next(f"CC-BY-SA-{version}" for first, version in _VERSIONS if date >= first)


def tags_of(tags: str) -> list[str]:
    """Return the names of tags, `<a><b>` or `|a|b|` as later dumps have it."""
    return [tag for tag in re.split(r"[<>|]+", tags) if tag]


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
