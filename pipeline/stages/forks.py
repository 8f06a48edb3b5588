"""Forks: a repository whose files are mostly those of another before it goes as a whole, and what that moves.

It stands between the verified pairs and the last word on near-duplicates: files of forks leave the
groups of equal documents, and a group whose survivor left elects the first of those that stay.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from filters.repos import canonical_repo
from filters.urls import SubjectError
from pipeline.dedup.repositories import Files, Forks, Pairs, Partners, elect_heirs, find_forks
from pipeline.spill import EARLIER, GHOST, QUESTION
from pipeline.stages.edges import EDGE, chunks, is_inside, is_near, map_edges
from pipeline.stages.order import FATE, LOST_UNFIT, ORDER
from pipeline.stages.part import ROWS, PartRef, bases, read_stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

FORKED, FORKS, HEIRS = "forked.npy", "forks.arrow", "heirs.npy"

FILE = np.dtype(
    [("line", "<i8"), ("fork", "<i8"), ("partner", "<i8"), ("inter", "<i8"), ("union", "<i8")]
)
HEIR = np.dtype([("line", "<i8"), ("heir", "<i8")])
_FORKS: dict[str, pa.DataType] = {
    "repository": pa.string(),
    "fork_of": pa.string(),
    "shared": pa.int64(),
    "files": pa.int64(),
}
FORKS_SCHEMA = pa.schema(_FORKS)
_STRICTNESS_SHIFT, _PRIORITY_MASK = 40, (1 << 39) - 1  # of `rank` in a part, see judge.py
_SPELLED: Any = pa.dictionary(pa.int32(), pa.string())


class ForksSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The parts, the finished verify tasks, and the rule; similarities and shares are decimal strings.

    A repository of at least `least` files goes when `share` of them are another's, equal or near from
    `threshold` on. `containment` and `copies` are those of resolve: they say which copies of
    opted-out documents go with these.
    """

    parts: tuple[PartRef, ...]
    order: str
    verify: tuple[str, ...]
    threshold: str
    containment: str
    copies: str
    share: str
    least: int


class _Repositories(NamedTuple):
    """Each line's repository (-1: none), each line's `rank` of its part, and the names by number."""

    of: NDArray[np.int64]
    rank: NDArray[np.uint64]
    names: list[str]


def forks(spec: ForksSpec, context: Context) -> Record:
    """Write what goes with a fork, and what that changes.

    forked.npy   one FILE for each file of a fork, by line: `fork` is a row of the table, `partner` the
                 line of the most similar file in what it is a fork of (-1: none; equal files: 1 / 1)
    forks.arrow  one row for each fork, by name
    exact.npy    the LOSER array of the order without files of forks, under survivors that stay
    heirs.npy    one HEIR for each line that stood for a group and left, by line: who stands for it now
                 (-1: nobody)
    """
    folder = context.folder("order", spec.order)
    lines, losers = np.load(folder / ORDER), np.load(folder / FATE)
    edges = map_edges(context, spec.verify)
    survivor = np.arange(len(lines))
    survivor[losers["line"]] = losers["survivor"]
    inside = ~_outsiders(lines, survivor, _haunted(edges, lines, spec))
    repositories = _sort_repositories(_read_repositories(spec, context), inside)
    which = np.flatnonzero(inside)
    files = _files(which, lines, survivor, repositories)
    decision = find_forks(
        files,
        _near_pairs(edges, files, len(lines), spec),
        len(repositories.names),
        share=Fraction(spec.share),
        least=spec.least,
    )
    dropped = np.zeros(len(lines), np.bool_)
    dropped[which[decision.partners.file]] = True
    rows = _write_table(decision.forks, repositories.names, context)
    _write_files(decision.partners, which, rows[repositories.of], context)
    left = _write_losers(losers, elect_heirs(survivor, lines["rank"], dropped), dropped, context)
    return {"forks": int((rows >= 0).sum()), "files": int(dropped.sum()), "exact": left}


def _haunted(
    edges: list[NDArray[np.void]], lines: NDArray[np.void], spec: ForksSpec
) -> NDArray[np.int64]:
    """List the lines that go as near copies of an opted-out document, or as parts of one: those of resolve."""
    ghost = (lines["flags"] & GHOST) != 0
    found = [np.zeros(0, np.int64)]
    for chunk in chunks(edges):
        piece = chunk[ghost[chunk["a"]] != ghost[chunk["b"]]]
        taken = is_near(piece, spec.copies) | is_inside(piece, lines["rank"], spec.containment)
        found.append(np.where(ghost[piece["a"]], piece["b"], piece["a"])[taken])
    return np.concatenate(found)


def _outsiders(
    lines: NDArray[np.void],
    survivor: NDArray[np.int64],
    haunted: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Tell the lines that are no file of a repository here, nor a copy of one.

    Those are questions, documents of earlier releases, unfit ones, opted-out ones and their copies: what a request
    takes is gone whatever repositories do, and is no evidence for anything.
    """
    taken = (lines["flags"] & GHOST) != 0
    taken[haunted] = True
    other = (lines["flags"] & (EARLIER | QUESTION)) != 0
    out: NDArray[np.bool_] = taken[survivor] | other | (lines["lost"] == LOST_UNFIT)
    return out


def _read_repositories(spec: ForksSpec, context: Context) -> _Repositories:
    """Read what the parts say; a repository has one number however it is spelled."""
    first = bases(spec.parts)
    rank = np.zeros(first[-1], np.uint64)
    codes: list[Any] = []
    for part, start, stop in zip(spec.parts, first[:-1], first[1:], strict=True):
        table = read_stream(part.folder(context) / ROWS).select(["rank", "repo"])
        rank[start:stop] = table["rank"].to_numpy()
        codes.append(table["repo"].combine_chunks().dictionary_encode())
    column: Any = pa.chunked_array(codes, _SPELLED)
    spelled: Any = pa.table({"repo": column}).unify_dictionaries()["repo"]
    spellings = spelled.chunk(0).dictionary.to_pylist() if spelled.num_chunks else []
    numbers: dict[str, int] = {}
    by_code = np.array([_number(spelling, numbers) for spelling in spellings], np.int64)
    of = [by_code[chunk.indices.to_numpy()] for chunk in spelled.chunks]
    return _Repositories(np.concatenate([np.zeros(0, np.int64), *of]), rank, list(numbers))


def _number(spelling: str, numbers: dict[str, int]) -> int:
    """Give a repository its number; its name is canonical, or as it stands where it is of no known form."""
    if not spelling:
        return -1
    try:
        name = canonical_repo(spelling)
    except SubjectError:
        name = spelling
    return numbers.setdefault(name, len(numbers))


def _sort_repositories(found: _Repositories, inside: NDArray[np.bool_]) -> _Repositories:
    """Renumber repositories in their order: source priority, more files first, digest of the name.

    Of a repository in several sources the best priority counts. See docs/decisions/0013.
    """
    lines = np.flatnonzero(inside & (found.of >= 0))
    of = found.of[lines]
    size = np.bincount(of, minlength=len(found.names))
    priority = np.full(len(found.names), _PRIORITY_MASK, np.uint64)
    np.minimum.at(priority, of, (found.rank[lines] >> np.uint64(1)) & np.uint64(_PRIORITY_MASK))
    digests = [hashlib.sha256(name.encode(errors="surrogatepass")).digest() for name in found.names]
    halves = np.frombuffer(b"".join(digests), ">u8").reshape(-1, 4)
    order = np.lexsort((halves[:, 1], halves[:, 0], -size, priority))
    number = np.append(np.argsort(order), -1)
    return found._replace(of=number[found.of], names=[found.names[each] for each in order.tolist()])


def _files(
    which: NDArray[np.int64],
    lines: NDArray[np.void],
    survivor: NDArray[np.int64],
    repositories: _Repositories,
) -> Files:
    strictness = (repositories.rank[which] >> np.uint64(_STRICTNESS_SHIFT)).astype(np.int64)
    return Files(repositories.of[which], survivor[which], strictness, lines["rank"][which])


def _near_pairs(edges: list[NDArray[np.void]], files: Files, count: int, spec: ForksSpec) -> Pairs:
    """Collect the edges from the threshold on that touch a repository: a corpus of prose has none."""
    held = np.zeros(count, np.bool_)
    held[files.group[files.repository >= 0]] = True
    found = [np.zeros(0, EDGE)]
    for chunk in chunks(edges):
        piece = chunk[held[chunk["a"]] | held[chunk["b"]]]
        found.append(piece[is_near(piece, spec.threshold)])
    near = np.concatenate(found)
    return Pairs(*(near[name].copy() for name in ("a", "b", "inter", "union")))


def _write_table(found: Forks, names: list[str], context: Context) -> NDArray[np.int64]:
    """Write the forks by name. Returns the row of each repository, -1 of one that stays, and -1 more at the end."""
    gone = sorted(np.flatnonzero(found.fork_of >= 0).tolist(), key=names.__getitem__)
    columns: dict[str, Any] = {
        "repository": [names[each] for each in gone],
        "fork_of": [names[each] for each in found.fork_of[gone].tolist()],
        "shared": found.shared[gone],
        "files": found.files[gone],
    }
    with pa.ipc.new_stream(str(context.out / FORKS), FORKS_SCHEMA) as file:
        file.write_batch(pa.record_batch(columns, schema=FORKS_SCHEMA))
    rows = np.full(len(names) + 1, -1)
    rows[gone] = np.arange(len(gone))
    return rows


def _write_files(
    partners: Partners, which: NDArray[np.int64], row: NDArray[np.int64], context: Context
) -> None:
    """Write what goes with forks; `which` turns files into lines, `row` is the fork of a line."""
    gone = np.zeros(len(partners.file), FILE)
    gone["line"] = which[partners.file]
    gone["fork"] = row[gone["line"]]
    gone["partner"] = np.where(partners.partner < 0, -1, which[partners.partner])
    gone["inter"], gone["union"] = partners.intersection, partners.union
    np.save(context.out / FORKED, gone)


def _write_losers(
    losers: NDArray[np.void],
    heir: NDArray[np.int64],
    dropped: NDArray[np.bool_],
    context: Context,
) -> int:
    """Write heirs, and the losers without dropped lines and heirs, each under who stands for it now."""
    vacant = np.flatnonzero(heir != np.arange(len(heir)))
    heirs = np.zeros(len(vacant), HEIR)
    heirs["line"], heirs["heir"] = vacant, heir[vacant]
    np.save(context.out / HEIRS, heirs)
    left = losers[~dropped[losers["line"]]]
    left["survivor"] = heir[left["survivor"]]
    left = left[left["survivor"] != left["line"]]
    np.save(context.out / FATE, left)
    return len(left)
