"""A submission to arXiv: its files, and the paper that they make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipeline.sources.publications.tex_source import Kept, find_main, include, without_comments
from pipeline.sources.publications.tex_text import BadTexError, paper_text
from pipeline.sources.records import BrokenStreamError
from pipeline.sources.trees.bundles import Part, parts
from pipeline.sources.trees.members import MemberError
from pipeline.sources.trees.paths import BadPathError, clean_path

if TYPE_CHECKING:
    from pipeline.sources.file import Openable

WITHDRAWN, PDF_ONLY, NO_TEX = "withdrawn", "pdf-only", "no-tex"
"""Why a sound submission gives no document."""

MAX_TEX: Final = 8 << 20
"""Bytes of the TeX of a paper, what is included counted as often as it is: a book has one or two million."""

_MEMBERS: Final = 20_000  # files of a submission
_SUFFIXES: Final = (".tex", ".ltx", ".latex", ".txt")
_README: Final = frozenset({"00readme.xxx", "00readme.json", "00readme"})
_WITHDRAWN: Final = re.compile(
    r"\b(?:paper|manuscript|article|submission|preprint|it)\s+(?:has\s+been|is|was|is\s+being|is\s+hereby)\s+withdrawn\b"
    r"|\bwithdrawn\s+(?:by\s+(?:the\s+)?(?:author|arxiv)|due\s+to|because)",
    re.IGNORECASE,
)
_SHORT: Final = 4000  # characters: a notice of withdrawal has a few lines, and a paper more
_NO_TEX: Final = (b"%!PS", b"<", b"\x04%!PS")


class DroppedError(Exception):
    """A sound submission that is no document; the reason is one of those above."""


class UnfitError(Exception):
    """A submission that cannot be read; the reason is what is wrong with an archive, or with TeX."""


def read_submission(path: Openable, limit: int) -> tuple[str, str]:
    """Return the title and the text of a paper; its TeX has `limit` bytes at most, and `MAX_TEX`.

    What is damaged in it is all of it, since what is missing may be what matters.

    Raises:
        DroppedError, UnfitError: there is none.
    """
    limit = min(limit, MAX_TEX)
    try:
        files, readme = _files(path, limit)
        if _is_withdrawn(files):
            raise DroppedError(WITHDRAWN)
        kept = Kept()
        bare = {name: without_comments(text, kept) for name, text in files.items()}
        main = find_main(bare, readme)
        if not main:
            raise DroppedError(NO_TEX)
        source = include(main, bare, limit)
        if not source:
            raise UnfitError("oversize")
        title, text = paper_text(source, kept)
    except BrokenStreamError as broken:
        raise UnfitError(broken.reason) from None
    except (MemberError, BadTexError) as error:
        raise UnfitError(str(error)) from None
    if not text:
        raise DroppedError(NO_TEX)
    return title, text


def _files(path: Openable, limit: int) -> tuple[dict[str, str], dict[str, str]]:
    """Return the TeX of a submission by its path, and what it says of itself."""
    names: list[str] = []
    texts: dict[str, str] = {}

    def note(name: str) -> bool:
        names.append(name)
        return _may_be_tex(name)

    left = limit
    for part in parts(path, note, most=_MEMBERS):
        data = _take(part, left)
        left -= len(data)
        if part.number == 0 and (data.startswith((b"%PDF", *_NO_TEX)) or b"\0" in data):
            raise DroppedError(PDF_ONLY if data.startswith(b"%PDF") else NO_TEX)
        clean = _clean(part)
        if clean and b"\0" not in data and not data.startswith(b"%PDF"):
            texts[clean] = _decode(data)
    readme = {name: text for name, text in texts.items() if _is_readme(name)}
    files = {name: text for name, text in texts.items() if name not in readme}
    if not files:
        raise DroppedError(
            PDF_ONLY if any(each.lower().endswith(".pdf") for each in names) else NO_TEX
        )
    return files, readme


def _may_be_tex(name: str) -> bool:
    last = name.rpartition("/")[2].lower()
    return last.endswith(_SUFFIXES) or "." not in last or last in _README


def _take(part: Part, limit: int) -> bytes:
    if part.flaw:
        raise MemberError(part.flaw)
    data = bytearray()
    for chunk in part.stream():
        data += chunk
        if len(data) > limit:
            raise UnfitError("oversize")
    return bytes(data)


def _clean(part: Part) -> str:
    """Return the path of a file; one that leads out of its archive is none, so nothing is included from there."""
    try:
        return clean_path(part.name.encode())
    except BadPathError:
        return ""


def _is_readme(name: str) -> bool:
    return name.rpartition("/")[2].lower() in _README


def _decode(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what papers before UTF-8 were in, mostly
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\1", " ")


def _is_withdrawn(files: dict[str, str]) -> bool:
    """Tell a notice that stands where a paper stood: short, and in words that say so."""
    whole = "".join(files.values())
    return len(whole) <= _SHORT and _WITHDRAWN.search(whole) is not None
