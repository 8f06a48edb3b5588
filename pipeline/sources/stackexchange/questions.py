"""Read questions with their accepted answers from the `Posts.xml` of a Stack Exchange data dump.

The context is the accepted answer's text, all of which is the answer. A dump has up to 100 GB: it is
read three times, and no more of it than ids is held (`pipeline.sources.stackexchange.posts`).
"""

from __future__ import annotations

import re
import tempfile
from typing import TYPE_CHECKING, Any, Final

from filters.document import Document
from pipeline.sources.adapter import Adapter, Reading, packed
from pipeline.sources.questions.record import make_record, unfit
from pipeline.sources.records import MAX_RECORD, RAW_LIMIT, Bad, Item, Raw
from pipeline.sources.stackexchange.posts import (
    Accepted,
    Post,
    addresses,
    licenses_of,
    read_questions,
    tags_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import InputFile
    from pipeline.sources.lines import Line

NO_ACCEPTED: Final = "no-accepted-answer"
_SITE: Final = re.compile(
    r"(?:[a-z0-9-]+\.)+stackexchange\.com"
    r"|(?:[a-z0-9-]+\.)*(?:stackoverflow\.com|serverfault\.com|superuser\.com|askubuntu\.com"
    r"|stackapps\.com|mathoverflow\.net)"
)


def site_of(*names: str) -> str:
    """Return the first name, or nearest part of a path, that is a site of the network; `""` if none is."""
    parts = (part for name in names for part in reversed(name.replace("\\", "/").split("/")))
    return next((part for part in parts if _SITE.fullmatch(part)), "")


def read_stackexchange(
    path: InputFile, *, max_record: int = MAX_RECORD, site: str = ""
) -> Iterator[Item]:
    """Give one item for each question post, in file order; rows count questions and bad rows.

    A question without an accepted answer in the file is a `Raw` with a reason to drop it; what is bad is as
    `read_questions` has it. `site` is the host that ids and addresses begin with.
    """
    with tempfile.TemporaryFile() as spool:
        accepted = Accepted(path, max_record, spool)

        def take(row: int, line: Line, post: Post) -> Item:
            return _item(row, line, post, accepted.find(post.get("AcceptedAnswerId", "")), site)

        yield from read_questions(path, max_record, take)


def _item(row: int, line: Line, post: Post, answer: Post | None, site: str) -> Item:
    sound = answer is not None and answer.get("ParentId") == post["Id"]
    record = _record(post, answer if sound else None, site)
    problem = unfit(record)
    if problem:
        return Bad(row, line.number, problem, line.data[:RAW_LIMIT])
    drop = "" if sound else NO_ACCEPTED
    origins = _origins(post, answer if sound else None, site)
    return Raw(row, line.number, record, drop=drop, edited=True, origins=origins)


def _record(post: Post, answer: Post | None, site: str) -> dict[str, Any]:
    """Make the record; without an answer the question stands where the context would."""
    question = "\n\n".join(filter(None, (post["Title"].strip(), text_of(post))))
    context = question if answer is None else text_of(answer)
    return make_record(
        name=f"{site}/q/{post['Id']}" if site else post["Id"],
        context=context,
        question=question,
        answers=[] if answer is None else [{"text": context, "start": 0}],
        levels=[("post", _around(post, answer, site))],
    )


def _origins(post: Post, answer: Post | None, site: str) -> tuple[Document, ...]:
    """Name the two posts as people do, and who wrote them: each has an address, so that each may be opted out."""
    named = addresses([post] if answer is None else [post, answer], site)
    return tuple(Document(id="", text="", sha256="", source=site, url=each) for each in named)


def _around(post: Post, answer: Post | None, site: str) -> dict[str, Any]:
    """Say under what licence the two posts are, where they lie, and whose they are."""
    posts = [post] if answer is None else [post, answer]
    last = posts[-1]
    address = f"https://{site}/{'q' if answer is None else 'a'}/{last.get('Id', '')}"
    told: dict[str, Any] = {
        "license": licenses_of(posts),
        "url": address if site else "",
        "site": site,
        "created": last.get("CreationDate", ""),
        "author": last.get("OwnerDisplayName", ""),
        "tags": tags_of(post.get("Tags", "")),
    }
    names = ("Id", "OwnerUserId", "OwnerDisplayName", "Score", "CreationDate")
    for which, each in zip(("question", "answer"), posts, strict=False):
        told[which + "_post"] = {name: each[name] for name in names if each.get(name)}
    return {key: value for key, value in told.items() if value}


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_stackexchange(path, max_record=how.max_record, site=how.said.site)


ADAPTER: Final = Adapter(read=_read, suffixes=packed("Posts.xml"), asks=True)
