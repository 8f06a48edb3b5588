"""Read files that records name: each is looked up by its ids, checked, and read in the encoding that is told.

A file is a row whether its content is to be had or not, and rows come in the order of the records however
long each content was waited for.
"""

from __future__ import annotations

import hashlib
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.adapter import LINES, Adapter, Reading, Said
from pipeline.sources.fields import paper_text
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.options import read_options
from pipeline.sources.records import MAX_RECORD, Bad, Damage, Item, Raw
from pipeline.sources.stack.ahead import ask_ahead
from pipeline.sources.stack.contents import CORRUPT, Content, Contents, check
from pipeline.sources.stack.encodings import decode, encode
from pipeline.sources.stack.options import OPTIONS, StackOptions, stack_flaws
from pipeline.sources.stack.shape import Entry, entries_of, ids_elsewhere
from pipeline.sources.trees.files import EMPTY, LFS_POINTER, NOT_INCLUDED, TOO_LARGE, may_speak
from pipeline.sources.trees.paths import largest, tree_flaws, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import InputFile

_PARQUET: Final = b"PAR1"
_RAW: Final = frozenset(["content", "data", "text"])
_AT_ONCE: Final = (
    16  # contents that are asked for side by side where each takes a store's time to answer
)
_NOTHING: Final = Content()


def read_stack(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each file that the records of an input name.

    Rows count files, `line` is the record's. The record of a document has `id` (a qualified SWHID), `text`,
    `repo`, `path`, `created` (the committer's date), `license` (what was detected in it), `language`, and
    all other keys that its row has. Raises `OSError` where the input cannot be read, and what a store raises.
    """
    taker = _Taker(how)
    rows = count()
    entries = ((each, taker.size(each)) for each in _entries(path, how, taker.options))
    for entry, content in ask_ahead(entries, taker.fetch, at_once=taker.at_once):
        yield taker.item(next(rows), entry, content)


class _Passed(NamedTuple):
    """What is no record: a line that is none, or the damage at the end."""

    item: Bad | Damage


_Asked = Entry | _Passed


def _entries(path: InputFile, how: Reading, options: StackOptions) -> Iterator[_Asked]:
    for item in _records(path, how.max_record):
        if isinstance(item, Raw):
            yield from entries_of(item.record, item.line, options)
        else:
            yield _Passed(item)


def _records(path: InputFile, max_record: int) -> Iterator[Item]:
    with path.open("rb") as file:
        is_parquet = file.read(len(_PARQUET)) == _PARQUET
    if not is_parquet and not path.name.endswith(".parquet"):
        return read_jsonl(path, max_record=max_record)
    # imported here: pyarrow's readers take 10 MB that a task on JSON lines need not carry
    from pipeline.sources.parquet import read_parquet  # noqa: PLC0415  see above

    return read_parquet(path, max_record=max_record, raw=_RAW)


class _Taker:
    """Makes items of entries."""

    def __init__(self, how: Reading) -> None:
        self.options = read_options(how.said, StackOptions, tree_flaws)
        self._most = largest(how, self.options)
        self.contents = Contents(how.said.root, self.options, self._most)
        self._wanted = wanted(how.said, self.options)
        self._looked_for = how.wanted
        self.at_once = self.options.fetches or (_AT_ONCE if self.contents.is_far else 1)

    def size(self, asked: _Asked) -> int:
        """Return how many bytes an entry may come to hold."""
        if isinstance(asked, _Passed) or not self._is_read(asked):
            return 0
        return self._most if asked.ids.length is None else min(asked.ids.length, self._most)

    def _is_read(self, entry: Entry) -> bool:
        """Tell an entry whose content matters: for itself, or for what it says of others who look for that."""
        if entry.bad or entry.drop:
            return False
        if self._looked_for is not None:
            return bool(entry.path) and self._looked_for(entry.path)
        return self._is_included(entry)

    def _is_included(self, entry: Entry) -> bool:
        return not entry.path or self._wanted(entry.path)

    def fetch(self, asked: _Asked) -> Content:
        """Get the content of an entry: the one that stands in the record, or the one that lies elsewhere."""
        if isinstance(asked, _Passed) or not self._is_read(asked):
            return _NOTHING
        if asked.given is None:
            return self.contents.fetch(asked.ids)
        if len(asked.given) > self._most:
            return Content(flaw=TOO_LARGE)
        given = asked.given
        raw = encode(given, asked.encoding) if isinstance(given, str) else given
        return Content(flaw=CORRUPT) if raw is None else check(raw, asked.ids)

    def item(self, row: int, asked: _Asked, content: Content) -> Item:
        """Make the item of an entry."""
        if isinstance(asked, _Passed):
            return _renumbered(asked.item, row)
        record = asked.record(content.ids)
        bad = asked.bad or (content.flaw if content.is_bad else "")
        if bad:
            return Bad(row, asked.line, bad, b"", str(record.get("id", "")))
        drop = asked.drop or content.flaw or ("" if self._is_included(asked) else NOT_INCLUDED)
        text = ""
        if self._is_read(asked) and not content.flaw:
            text, flaw = decode(content.data, asked.encoding)
            drop = drop or flaw
            if drop:
                text = _paper(asked, content.data, text, flaw)
        return Raw(row, asked.line, {**record, "text": text}, drop=drop, odd=asked.odd)


def _paper(entry: Entry, data: bytes, text: str, flaw: str) -> str:
    """Return what a file that gives no document says of the licence of others, if it is one that may."""
    if flaw in {EMPTY, LFS_POINTER} or not may_speak(entry.path):
        return ""
    return text or paper_text(data)


def _renumbered(item: Bad | Damage, row: int) -> Bad | Damage:
    if isinstance(item, Damage):
        return Damage(row, item.reason, item.detail)
    return Bad(row, item.line, item.reason, item.raw, item.name)


def missing_contents(path: InputFile, said: Said) -> str:
    """Digest the ids of the contents that a folder lacks, so that what is there later is read then.

    Of a store nothing is asked: that would take a second request for each content.
    """
    options = read_options(said, StackOptions, tree_flaws)
    contents = Contents(said.root, options, largest(Reading(), options))
    if contents.is_far:
        return ""
    lost = {
        ids.get(options.key)
        for item in _records(path, MAX_RECORD)
        if isinstance(item, Raw)
        for ids in ids_elsewhere(item.record)
        if contents.lacks(ids)
    }
    return hashlib.sha256("".join(sorted(lost)).encode()).hexdigest() if lost else ""


ADAPTER: Final = Adapter(
    read=read_stack,
    suffixes=(*LINES, ".parquet"),
    options=OPTIONS,
    places=("contents",),
    flaws=stack_flaws,
    beside=missing_contents,
)
