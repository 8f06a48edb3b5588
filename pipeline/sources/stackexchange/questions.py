"""Read questions with their accepted answers from the `Posts.xml` of a Stack Exchange data dump.

The context is the accepted answer's text, all of which is the answer. A dump has up to 100 GB: it is
read three times, and no more of it than ids is held (`pipeline.sources.stackexchange.posts`).
"""

from __future__ import annotations

import re
import tempfile
from typing import TYPE_CHECKING, Any, Final

from filters.document import Document
from filters.html_text import html_text
from pipeline.sources.adapter import Adapter, Reading, packed
from pipeline.sources.questions.record import make_record, unfit
from pipeline.sources.records import MAX_RECORD, RAW_LIMIT, Bad, Damage, Item, Raw
from pipeline.sources.stackexchange.posts import Accepted, Lines, Post, parse_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import InputFile
    from pipeline.sources.lines import Line

NO_ACCEPTED: Final = "no-accepted-answer"
# meta.stackexchange.com/questions/347758: under which version of CC BY-SA a post of that day is.
_VERSIONS: Final = (("2018-05-02", "4.0"), ("2011-04-08", "3.0"), ("", "2.5"))
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STATED: Final = re.compile(r"CC BY-SA ([0-9]\.[0-9])")
_OTHER_KINDS: Final = re.compile(r"[2-9]|[1-9][0-9]+")
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

    A question without an accepted answer in the file is a `Raw` with a reason to drop it. A line
    that is no sound row is `Bad`, `xml` (or `oversize`), and so is a question without its title, `shape:post`. Other
    posts are no records. `site` is the host that ids and addresses begin with.
    """
    with tempfile.TemporaryFile() as spool:
        accepted = Accepted(path, max_record, spool)
        lines, row = Lines(path, max_record), 0
        for line in lines:
            item = _item(row, line, accepted, site)
            if item is not None:
                yield item
                row += 1
        if lines.damage is not None:
            yield Damage(row, lines.damage.reason, lines.damage.detail)


def _item(row: int, line: Line, accepted: Accepted, site: str) -> Raw | Bad | None:
    """Read one line; `None` for a post that asks nothing."""
    if line.oversize:
        return Bad(row, line.number, "oversize", line.data)
    post = parse_row(line.data)
    if post is None:
        return Bad(row, line.number, "xml", line.data[:RAW_LIMIT])
    kind = post.get("PostTypeId", "")
    if kind != "1":
        sound = _OTHER_KINDS.fullmatch(kind) is not None
        return None if sound else Bad(row, line.number, "shape:post", line.data[:RAW_LIMIT])
    if not post.get("Id") or not post.get("Title", "").strip():
        return Bad(row, line.number, "shape:post", line.data[:RAW_LIMIT])
    answer = accepted.find(post.get("AcceptedAnswerId", ""))
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
    question = "\n\n".join(filter(None, (post["Title"].strip(), _text(post))))
    context = question if answer is None else _text(answer)
    return make_record(
        name=f"{site}/q/{post['Id']}" if site else post["Id"],
        context=context,
        question=question,
        answers=[] if answer is None else [{"text": context, "start": 0}],
        levels=[("post", _around(post, answer, site))],
    )


def _origins(post: Post, answer: Post | None, site: str) -> tuple[Document, ...]:
    """Name the two posts as people do, and who wrote them: each has an address, so that each may be opted out."""
    if not site:
        return ()
    paths = [f"{kind}/{post['Id']}" for kind in ("q", "questions")]
    if answer is not None:
        paths.append(f"a/{answer['Id']}")
    posts = [post] if answer is None else [post, answer]
    paths += (f"users/{each['OwnerUserId']}" for each in posts if each.get("OwnerUserId"))
    addresses = (f"https://{site}/{path}" for path in dict.fromkeys(paths))
    return tuple(Document(id="", text="", sha256="", source=site, url=each) for each in addresses)


def _text(post: Post) -> str:
    return html_text(post.get("Body", "")).text


def _around(post: Post, answer: Post | None, site: str) -> dict[str, Any]:
    """Say under what licence the two posts are, where they lie, and whose they are."""
    posts = [post] if answer is None else [post, answer]
    last = posts[-1]
    address = f"https://{site}/{'q' if answer is None else 'a'}/{last.get('Id', '')}"
    told: dict[str, Any] = {
        "license": " AND ".join(dict.fromkeys(filter(None, map(license_of, posts)))),
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


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_stackexchange(path, max_record=how.max_record, site=how.said.site)


ADAPTER: Final = Adapter(read=_read, suffixes=packed("Posts.xml"), asks=True)
