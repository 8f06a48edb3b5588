"""Read papers of arXiv from their TeX: one submission a file, or the bulk archives of them; one row for each paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import msgspec

from pipeline.sources.adapter import Adapter, Reading, packed
from pipeline.sources.file import HeldFile, InputFile, Openable, digest
from pipeline.sources.options import option_flaws, read_options
from pipeline.sources.publications.arxiv_about import About, read_about
from pipeline.sources.publications.arxiv_submission import DroppedError, UnfitError, read_submission
from pipeline.sources.publications.xml_records import known
from pipeline.sources.records import Bad, BrokenStreamError, Damage, Item, Raw
from pipeline.sources.trees.bundles import Part, parts
from pipeline.sources.trees.members import MemberError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Said

_ID: Final = re.compile(
    r"(?P<new>[0-9]{4}\.[0-9]{4,5})(?P<one>v[0-9]{1,3})?"
    r"|(?P<archive>[a-z-]{2,10}(?:\.[A-Z]{2})?)[_/]?(?P<old>[0-9]{7})(?P<two>v[0-9]{1,3})?"
)
_ENDS: Final = re.compile(r"(?:\.(?:tar|gz|tgz|zip|tex|pdf|ps|html|txt|zst))+\Z", re.IGNORECASE)
_OLD_YEAR: Final = 91  # arXiv began in 1991


class ArxivOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]`: what follows an input's name in that of the file that tells of its papers, if any."""

    metadata: Annotated[str, msgspec.Meta(pattern=r"^(?:\.[A-Za-z0-9_-]{1,40}){0,4}$")] = ""


class _Paper(NamedTuple):
    """What is known of a submission before it is opened."""

    row: int
    line: int
    name: str


def read_arxiv(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each paper; `line` is its number among the members of a bulk archive, from 1.

    A file that is named by an id of arXiv is a submission, packed as it may be; of any other archive each member
    that is so named is one.
    """
    if how.wanted is not None:  # a paper has no path to be looked for
        return
    about = _about(path, how.said)
    if paper_id(path.name):
        yield _read_paper(path, _Paper(0, 1, path.name), how.max_record, about)
        return
    row = 0
    try:
        for part in parts(path, lambda name: bool(paper_id(name))):
            yield _read_member(part, row, how.max_record, about)
            row += 1
        if row == 0:
            yield Damage(0, "format", "no file in it is named by an id of arXiv, nor is it")
    except BrokenStreamError as broken:
        yield Damage(row, broken.reason, broken.detail)


def paper_id(name: str) -> str:
    """Return the id of a paper by the name of its file, with its version where that is told; `""` for another file."""
    found = _ID.fullmatch(_ENDS.sub("", name.rpartition("/")[2]))
    if found is None:
        return ""
    if found["new"]:
        return f"arXiv:{found['new']}{found['one'] or ''}"
    return f"arXiv:{found['archive']}/{found['old']}{found['two'] or ''}"


def _read_member(part: Part, row: int, limit: int, about: About) -> Raw | Bad:
    paper = _Paper(row, max(1, part.number), part.name)
    if part.flaw:
        return Bad(row, paper.line, part.flaw, b"", paper_id(part.name))
    if part.size > limit:
        return Bad(row, paper.line, "oversize", b"", paper_id(part.name))
    try:
        data = b"".join(part.stream())
    except MemberError as error:
        return Bad(row, paper.line, str(error), b"", paper_id(part.name))
    return _read_paper(HeldFile(part.name.rpartition("/")[2], data), paper, limit, about)


def _read_paper(path: Openable, paper: _Paper, limit: int, about: About) -> Raw | Bad:
    name = paper_id(paper.name)
    record = {"id": name, **_told(name, about)}
    try:
        title, text = read_submission(path, limit)
    except DroppedError as dropped:
        return Raw(paper.row, paper.line, record, drop=str(dropped))
    except UnfitError as unfit:
        return Bad(paper.row, paper.line, str(unfit), b"", name)
    record["text"] = "\n\n".join(filter(None, (title, text))) + "\n"
    if title:
        record.setdefault("title", title)
    return Raw(paper.row, paper.line, record, edited=True)


def _told(name: str, about: About) -> dict[str, Any]:
    """Return what is told of a paper, and the month that its id has."""
    number = name.removeprefix("arXiv:")
    plain = re.sub(r"v[0-9]+\Z", "", number)
    digits = plain.rpartition("/")[2][:4]
    year = int(digits[:2])
    century = 1900 if "/" in plain and year >= _OLD_YEAR else 2000
    month = f"{century + year}-{digits[2:]}" if 1 <= int(digits[2:]) <= 12 else ""  # noqa: PLR2004  months
    told = about.get(plain)
    # of all versions one page: a request by it is one for each
    page = {"url": f"https://arxiv.org/abs/{plain}", "created": month}
    return known(**page | ({} if told is None else told))


def _flaws(said: Said) -> list[str]:
    return option_flaws(said, ArxivOptions)


def _beside(path: InputFile, said: Said) -> Path | None:
    """Return the file that tells of an input's papers, if there is one."""
    suffix = read_options(said, ArxivOptions).metadata
    if not suffix or not isinstance(path, Path):
        return None
    beside = path.with_name(path.name + suffix)
    return beside if beside.is_file() else None


def _about(path: InputFile, said: Said) -> About:
    beside = _beside(path, said)
    return {} if beside is None else read_about(beside)


def _digest(place: InputFile, said: Said) -> str:
    """Hash what tells of the papers of an input; `""` where nothing does."""
    beside = _beside(place, said)
    return "" if beside is None else digest(beside).sha256


ADAPTER: Final = Adapter(
    read=read_arxiv,
    suffixes=(".tar", ".tar.gz", ".tgz", *packed(".tex"), ".gz"),
    beside=_digest,
    options={
        "metadata": "what follows an input's name in that of the file that tells of its papers"
    },
    flaws=_flaws,
)
