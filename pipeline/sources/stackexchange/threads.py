"""Read questions with their answers as running text from the `Posts.xml` of a Stack Exchange data dump.

A thread is the question, title first, and its best answers, as The Pile has it (Gao et al. 2020,
arXiv:2101.00027, appendix C). A dump has up to 100 GB: it is read three times, answers lie in a temporary
file meanwhile, and 40 bytes for each of them are in memory.
"""

from __future__ import annotations

import re
import tempfile
from typing import IO, TYPE_CHECKING, Annotated, Any, Final

import msgspec
import numpy as np

from pipeline.sources.adapter import Adapter, Reading, Said, packed
from pipeline.sources.options import option_flaws, read_options
from pipeline.sources.records import RAW_LIMIT, Bad, Item, Raw
from pipeline.sources.stackexchange.posts import (
    ANSWER,
    ID,
    Lines,
    Post,
    accepted_ids,
    addresses,
    kind_of,
    licenses_of,
    parse_row,
    read_questions,
    tags_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.sources.file import InputFile
    from pipeline.sources.lines import Line

LOW_SCORE, NO_ANSWER = "low-score", "no-answer"
_PARENT: Final = re.compile(rb"""[\s]ParentId=["']([0-9]{1,18})["']""")
_SCORE: Final = re.compile(rb"""[\s]Score=["'](-?[0-9]{1,9})["']""")
_HELD: Final = np.dtype(
    [("parent", "<i8"), ("score", "<i8"), ("id", "<i8"), ("start", "<i8"), ("size", "<i8")]
)
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_BATCH: Final = 1 << 14  # answers that are held as tuples, which take five times as much


class ThreadOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]`: the least score of a question and of an answer, and how many answers at most."""

    min_score: int = 3
    answers: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3


def read_threads(path: InputFile, how: Reading) -> Iterator[Item]:
    """Give one item for each question post, in file order; rows count questions and bad rows.

    A question below the score, or without an answer that reaches it, is a `Raw` with a reason to
    drop it; what is bad is as `read_questions` has it.
    """
    options = read_options(how.said, ThreadOptions)
    with tempfile.TemporaryFile() as spool:
        answers = _Answers(path, how.max_record, options, spool)

        def take(row: int, line: Line, post: Post) -> Item:
            return _item(row, line, post, answers, how.said.site, options)

        yield from read_questions(path, how.max_record, take)


class _Answers:
    """The answers of a dump that may be taken: their rows in a file, where they lie there in memory."""

    def __init__(
        self, path: InputFile, max_record: int, options: ThreadOptions, spool: IO[bytes]
    ) -> None:
        self._file, self._most = spool, options.answers
        self._held = self._spool(path, max_record, options.min_score)

    def best(self, question: Post) -> list[Post]:
        """Return the answers to a question, the accepted one first, then by score and age."""
        name = int(question["Id"])
        first, end = np.searchsorted(self._held["parent"], [name, name + 1])
        accepted = question.get("AcceptedAnswerId", "")
        rows = self._held[first:end]
        mine = rows["id"] == (int(accepted) if accepted.isdecimal() else -1)
        order = [*rows[mine], *rows[~mine]][: self._most]
        posts = [self._read(int(each["start"]), int(each["size"])) for each in order]
        return [post for post in posts if post is not None and text_of(post)]

    def _spool(self, path: InputFile, max_record: int, least: int) -> NDArray[np.void]:
        batch: list[tuple[int, ...]] = []
        held = [np.zeros(0, _HELD)]
        accepted = accepted_ids(path, max_record)
        end = 0
        for line in Lines(path, max_record):
            if line.oversize or kind_of(line.data) != ANSWER:
                continue
            name, parent, score = (_number(each, line.data) for each in (ID, _PARENT, _SCORE))
            if name is None or parent is None:
                continue
            if (score or 0) >= least or _is_in(accepted, name):
                batch.append((parent, score or 0, name, end, len(line.data)))
                end += self._file.write(line.data)
            if len(batch) >= _BATCH:
                held.append(np.array(batch, _HELD))
                batch.clear()
        rows = np.concatenate([*held, np.array(batch, _HELD)])
        return rows[np.lexsort((rows["id"], -rows["score"], rows["parent"]))]

    def _read(self, start: int, size: int) -> Post | None:
        self._file.seek(start)
        return parse_row(self._file.read(size))


def _number(pattern: re.Pattern[bytes], data: bytes) -> int | None:
    found = pattern.search(data)
    return None if found is None else int(found[1])


def _is_in(ids: NDArray[np.int64], name: int) -> bool:
    at = int(np.searchsorted(ids, name))
    return at < len(ids) and int(ids[at]) == name


def _item(
    row: int, line: Line, post: Post, answers: _Answers, site: str, options: ThreadOptions
) -> Item:
    if not _NUMBER.fullmatch(post["Id"]):
        return Bad(row, line.number, "shape:post", line.data[:RAW_LIMIT])
    is_low = _score(post) < options.min_score
    posts = [post] if is_low else [post, *answers.best(post)]
    drop = LOW_SCORE if is_low else "" if len(posts) > 1 else NO_ANSWER
    return Raw(row, line.number, _record(posts, site), drop=drop, edited=True)


def _score(post: Post) -> int:
    try:
        return int(post.get("Score", "0"))
    except ValueError:
        return 0


def _record(posts: list[Post], site: str) -> dict[str, Any]:
    """Make the record of a thread; what each post is called by stands under `origins`, for opt-outs."""
    question, *answers = posts
    address = f"https://{site}/questions/{question['Id']}" if site else ""
    asked = ("Q:", question["Title"].strip(), text_of(question))
    answered = [f"A:\n\n{text_of(each)}" for each in answers]
    told = {
        "id": f"{site}/questions/{question['Id']}" if site else question["Id"],
        "text": "\n\n".join([*filter(None, asked), *answered]),
        "url": address,
        "license": licenses_of(posts),
        "created": question.get("CreationDate", ""),
        "author": question.get("OwnerDisplayName", ""),
        "site": site,
        "title": question["Title"].strip(),
        "tags": tags_of(question.get("Tags", "")),
        "score": _score(question),
        "origins": [{"url": each} for each in addresses(posts, site) if each != address],
    }
    return {name: value for name, value in told.items() if value not in ("", [])}


def _flaws(said: Said) -> list[str]:
    return option_flaws(said, ThreadOptions)


ADAPTER: Final = Adapter(
    read=read_threads,
    suffixes=packed("Posts.xml"),
    options={
        "min_score": "the least score of a question, and of an answer unless it is the accepted one",
        "answers": "how many answers of a question are taken, the best first",
    },
    flaws=_flaws,
)
