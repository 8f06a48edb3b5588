"""Read Hacker News from JSON lines, an item of its API on each: a story and all that was said of it is a document.

A story's comments stand anywhere behind it, among those of others. So the lines are copied to a temporary file, and
of each 28 bytes are held: the numbers of the item and of what it answers, and where its line lies. While they are
sorted it is 90 (measured): 40 million items, about all that there are, take 3.6 GB; who has less reads some years at
a time.
"""

from __future__ import annotations

import tempfile
from array import array
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np

from filters.html_text import html_text
from pipeline.sources.adapter import LINES, Adapter, Reading
from pipeline.sources.compressed import Trusted
from pipeline.sources.conversations.encodings import printable
from pipeline.sources.conversations.irc_lines import Line
from pipeline.sources.conversations.nicks import People
from pipeline.sources.jsonl import read_lines
from pipeline.sources.options import read_options
from pipeline.sources.records import RAW_LIMIT, Bad, Damage, Item, Raw
from pipeline.sources.trees.files import TOO_LARGE
from pipeline.sources.trees.folder_files import NO_TEXT
from pipeline.sources.trees.paths import (
    TREE_OPTIONS,
    TreeOptions,
    largest,
    tree_flaws,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.sources.adapter import Said
    from pipeline.sources.file import InputFile

SITE: Final = "news.ycombinator.com"
NO_STORY: Final = "no-story"
"""The story that a comment is about is not in the file."""
DEAD: Final = "dead"
"""The story was taken back, or down."""

_STORIES: Final = frozenset({"story", "job", "poll"})
_DEEPEST: Final = 10  # dashes before a comment
_MOST: Final = 1 << 62  # numbers of items
_LATEST: Final = 1 << 34  # seconds since 1970 that a time may have: the year 2514


class HackerNewsOptions(TreeOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]` of Hacker News; `max_bytes` is of a story with all its comments."""

    names: Literal["numbered", "kept"] = "numbered"


class Post(msgspec.Struct, frozen=True):
    """What is read of an item (github.com/HackerNews/API); everything but its number may be missing."""

    id: int
    type: str | None = ""
    by: str | None = ""
    time: int | None = None
    text: str | None = ""
    title: str | None = ""
    url: str | None = ""
    parent: int | None = None
    poll: int | None = None
    kids: list[int] | None = None
    dead: bool | None = False
    deleted: bool | None = False
    score: int | None = None

    @property
    def is_gone(self) -> bool:
        """Whether it was taken back, or down."""
        return bool(self.dead or self.deleted)


_DECODER: Final = msgspec.json.Decoder(Post)


def read_hackernews(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each line that is none, in order, then one for each story, by its number.

    Comments whose story is not in the file are one item for each first of them, with a reason to be dropped.
    """
    options = read_options(how.said, HackerNewsOptions, tree_flaws)
    source = Trusted(path)
    with tempfile.TemporaryFile() as spool:
        posts = _Posts(spool)
        row = 0
        for line in read_lines(source, max_record=how.max_record):
            reason = "oversize" if line.oversize else posts.add(line.data)
            if reason:
                yield Bad(row, line.number, reason, line.data[:RAW_LIMIT])
                row += 1
        for story in posts.stories(largest(how, options)):
            yield _item(row, story, numbered=options.names == "numbered")
            row += 1
    if source.damage is not None:
        yield Damage(row, source.damage.reason, source.damage.detail)


class _Posts:
    """The items of a file, by number; of two with one number the first counts."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._ids, self._parents, self._starts = array("q"), array("q"), array("q")
        self._sizes = array("i")
        self._end = 0

    def add(self, data: bytes) -> str:
        """Note an item, or say why it is none."""
        try:
            post = _DECODER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return "shape:item"
        parent = post.poll if post.parent is None else post.parent
        if not 0 < post.id < _MOST:
            return "shape:item"
        # what is said is said after what it answers, so there is no circle
        self._parents.append(parent if parent is not None and 0 < parent < post.id else 0)
        self._ids.append(post.id)
        self._starts.append(self._end)
        self._sizes.append(len(data))
        self._end += self._spool.write(data)
        return ""

    def stories(self, most: int) -> Iterator[list[Post] | int]:
        """Yield the items of each tree, its first one first, or only its number where they have over `most` bytes."""
        ids, kept = np.unique(np.array(self._ids, np.int64), return_index=True)
        if not len(ids):
            return
        roots = _roots(ids, np.array(self._parents, np.int64)[kept])
        order = np.argsort(roots, kind="stable")
        starts = np.flatnonzero(np.diff(roots[order], prepend=-1))
        for start, end in zip(starts, np.append(starts[1:], len(order)), strict=True):
            group = order[start:end]
            places = kept[group]
            if sum(self._sizes[each] for each in places) > most:
                yield int(ids[group[0]])
            else:
                yield [self._read(int(each)) for each in places]

    def _read(self, at: int) -> Post:
        self._spool.seek(self._starts[at])
        return _DECODER.decode(self._spool.read(self._sizes[at]))


def _roots(ids: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each item, sorted by number, the place of the one that its tree begins with."""
    at = np.minimum(np.searchsorted(ids, parents), len(ids) - 1)
    above = np.where(ids[at] == parents, at, np.arange(len(ids)))
    while True:  # each turn halves the way up
        further = above[above]
        if np.array_equal(further, above):
            return above
        above = further


def _item(row: int, story: list[Post] | int, *, numbered: bool) -> Raw:
    if isinstance(story, int):
        return Raw(row, row + 1, {**_named(story), "text": ""}, drop=TOO_LARGE)
    first = story[0]
    said = list(_walk(story))
    lines = [Line("talk", post.by or "nobody", _text(post)) for post, _ in said]
    people = People(lines, numbered=numbered)
    blocks = ["\n".join(filter(None, (_plain(first.title), _plain(first.url))))]
    comments = gone = 0
    for (post, depth), line in zip(said, lines, strict=True):
        if post.is_gone:
            gone += 1
        elif line.text:
            comments += depth > 0
            blocks.append(f"{'-' * min(depth, _DEEPEST)} {people.spell(line)}".strip())
    text = "\n\n".join(filter(None, blocks))
    record = _named(first.id) | {
        "text": text,
        "created": _created(first.time),
        "author": " ".join(f"{name}@{SITE}" for name in people.speakers() if name != "nobody"),
        "comments": comments,
    }
    record |= {"score": first.score} if first.score is not None else {}
    record |= {"left_out": {"dead": gone}} if gone else {}
    return Raw(row, row + 1, record, drop=_drop(first, text), edited=True)


def _drop(first: Post, text: str) -> str:
    if first.type not in _STORIES:
        return NO_STORY
    if first.is_gone:
        return DEAD
    return "" if text else NO_TEXT


def _walk(story: list[Post]) -> Iterator[tuple[Post, int]]:
    """Yield the items of a tree and how deep each is: answers behind what they answer, as the site ranks them."""
    below: dict[int, list[Post]] = {}
    for each in story[1:]:
        parent = each.poll if each.parent is None else each.parent
        below.setdefault(parent or 0, []).append(each)
    waiting = [(story[0], 0)]
    while waiting:
        post, depth = waiting.pop()
        yield post, depth
        rank = {name: at for at, name in enumerate(post.kids or ())}
        answers = sorted(
            below.pop(post.id, ()), key=lambda each: (rank.get(each.id, len(rank)), each.id)
        )
        waiting += [(each, depth + 1) for each in reversed(answers)]


def _text(post: Post) -> str:
    return "" if post.is_gone else html_text(printable(post.text or "")).text.strip()


def _plain(text: str | None) -> str:
    return " ".join(printable(text or "").split())


def _named(number: int) -> dict[str, Any]:
    return {"id": f"hackernews/{number}", "url": f"https://{SITE}/item?id={number}"}


def _created(time: int | None) -> str:
    if time is None or not 0 < time < _LATEST:
        return ""
    return datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")


def _flaws(said: Said) -> list[str]:
    return tree_flaws(said, HackerNewsOptions)


ADAPTER: Final = Adapter(
    read=read_hackernews,
    suffixes=LINES,
    options={
        "max_bytes": TREE_OPTIONS["max_bytes"],
        "names": "numbered: who writes is user1, user2 in each document; kept: as on the site",
    },
    flaws=_flaws,
)
