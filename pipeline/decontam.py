"""`[decontam]`: which evaluation sets are protected and how, and the index of them as tasks are handed it."""

from __future__ import annotations

import functools
import mmap
import re
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np

from filters.decontam import Keys, Method, Protected
from filters.decontam_index import MOST_SETS, Anchors, Index

if TYPE_CHECKING:
    import numpy.typing as npt

    from pipeline.engine.work import Work

Format = Literal["jsonl", "mrqa", "squad"]
_KIND: Final = "decontam"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LEAST_WORDS, _MOST_WORDS = 8, 64
_ALIGNED: Final = 64
_SIZE: Final = 8  # bytes in front that say how long the header is


class Protect(msgspec.Struct, frozen=True, kw_only=True):
    """`[[decontam.protect]]`: a protected evaluation set. `fields` are the texts of `jsonl`; unset, all strings."""

    name: str
    paths: tuple[str, ...]
    format: Format = "jsonl"
    fields: tuple[str, ...] = ()


class Decontam(msgspec.Struct, frozen=True, kw_only=True):
    """`[decontam]`: drop documents that hold `ngram` words in a row of a protected set, its ids, its titles."""

    ngram: int = 13
    by: tuple[Method, ...] = ("ngram", "id")
    protect: tuple[Protect, ...] = ()


class ProtectedSet(msgspec.Struct, frozen=True, kw_only=True):
    """A set as it was read: SHA-256 of its files, its items, and how many passages of it are sought."""

    name: str
    format: Format | Literal["held-out"]
    files: tuple[str, ...]
    items: int
    passages: int


class _Header(msgspec.Struct, frozen=True):
    """What stands before the arrays; `arrays` are the type and the length of each."""

    ngram: int
    by: tuple[Method, ...]
    sets: tuple[ProtectedSet, ...]
    arrays: tuple[tuple[str, int], ...]


def check_decontam(settings: Decontam) -> list[str]:
    """List what is wrong with the table itself."""
    found = []
    if not _LEAST_WORDS <= settings.ngram <= _MOST_WORDS:
        found.append(f"ngram: between {_LEAST_WORDS} and {_MOST_WORDS} words")
    if not settings.by:
        found.append('by: at least one of "ngram", "id" and "title" is needed')
    names = [each.name for each in settings.protect]
    if not names:
        found.append("protect: at least one [[decontam.protect]] table is needed")
    if len(names) > MOST_SETS:
        found.append(f"protect: at most {MOST_SETS} sets")
    twice = sorted({name for name in names if names.count(name) > 1})
    return found + [f"protect: the name {name!r} is used twice" for name in twice]


def check_protect(protect: Protect) -> list[str]:
    """List what is wrong with one set."""
    found = []
    if _NAME.fullmatch(protect.name) is None:
        found.append("name: letters, digits, '.', '_' and '-' only, at most 100")
    if not protect.paths or "" in protect.paths:
        found.append("paths: at least one path is needed, and none may be empty")
    if protect.fields and protect.format != "jsonl":
        found.append(f"fields: those of {protect.format} are known: only jsonl takes them")
    return found


def save_protected(
    work: Work, digest: str, protected: Protected, sets: tuple[ProtectedSet, ...]
) -> None:
    """Leave the index for the workers, in one file that they map."""
    arrays = list(_arrays(protected))
    header = _Header(
        protected.ngram, protected.by, sets, tuple((each.dtype.str, len(each)) for each in arrays)
    )
    encoded = msgspec.json.encode(header)
    pieces: list[bytes | memoryview] = [len(encoded).to_bytes(_SIZE, "little"), encoded]
    pieces.append(bytes(-(_SIZE + len(encoded)) % _ALIGNED))
    for each in arrays:
        pieces += (each.data, bytes(-each.nbytes % _ALIGNED))
    work.leave(_KIND, digest, pieces)


def is_saved(work: Work, digest: str) -> bool:
    """Tell whether the index of this digest is in the work folder."""
    return work.find(_KIND, digest).is_file()


@functools.lru_cache(maxsize=2)
def read_protected(work: Work, digest: str) -> tuple[Protected, tuple[ProtectedSet, ...]]:
    """Map the index, once for each process; processes of a machine share its pages."""
    with work.find(_KIND, digest).open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    size = int.from_bytes(data[:_SIZE], "little")
    header = msgspec.json.decode(data[_SIZE : _SIZE + size], type=_Header)
    at, arrays = _SIZE + size, []
    for kind, length in header.arrays:
        at += -at % _ALIGNED
        arrays.append(np.frombuffer(data, kind, length, at))
        at += arrays[-1].nbytes
    protected = _assemble(header, arrays)
    return protected, header.sets


def judge_of(work: Work, digest: str, prefix: str, spared: str) -> Protected:
    """Make the filter of one input; sets that have the file with SHA-256 `spared` are not held against it."""
    protected, sets = read_protected(work, digest)
    mask = sum(1 << number for number, each in enumerate(sets) if spared in each.files)
    return msgspec.structs.replace(protected, prefix=prefix, spared=mask)


def _arrays(protected: Protected) -> tuple[npt.NDArray[Any], ...]:
    index = protected.index
    own = (index.words, index.firsts, index.sets, index.names, index.cuts)
    return (*own, *index.grams, *index.wholes, *protected.ids, *protected.titles)


def _assemble(header: _Header, arrays: list[npt.NDArray[Any]]) -> Protected:
    """Put the arrays of `_arrays` where they belong."""
    words, firsts, sets, names, cuts, *rest = arrays
    each = len(Anchors._fields)
    grams, wholes, keys = rest[:each], rest[each : 2 * each], rest[2 * each :]
    return Protected(
        ngram=header.ngram,
        by=header.by,
        sets=tuple(each.name for each in header.sets),
        index=Index(words, firsts, sets, names, cuts, Anchors(*grams), Anchors(*wholes)),
        ids=Keys(*keys[:2]),
        titles=Keys(*keys[2:]),
    )
