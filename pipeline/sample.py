"""Sample: some of the documents that a run removed as duplicates, each beside the one that it lost to.

Which documents are drawn depends on their contents and the seed, not on the order or the cut of the
inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.decided import DecidedRun, find_run
from pipeline.dedup.mixing import mixed
from pipeline.errors import ConfigError
from pipeline.job import DEFAULT_MEMORY
from pipeline.stages import place
from pipeline.stages.ledger import STAGE_OF, measured
from pipeline.stages.part import NO_LINE, read_texts, values
from pipeline.tables import suggestion
from pipeline.tasks import refs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

Kind = Literal["exact", "near", "contained", "fork", "passages"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_KIND_OF: Final[dict[int, Kind]] = {
    place.EXACT: "exact",
    place.NEAR: "near",
    place.CONTAINED: "contained",
    place.FORK: "fork",
    place.EMPTIED: "passages",
}
_COPIES: Final[dict[int, Kind]] = {place.COPY_EXACT: "exact", place.COPY_NEAR: "near"}
_DRAWN = np.dtype([("key", "<u8"), ("line", "<i8")])


class Wanted(NamedTuple):
    """Which removed documents to draw from (`None`: all), and how many.

    `id` is that of the removed document or of the one that it lost to.
    """

    source: str | None = None
    kind: Kind | None = None
    id: str | None = None
    most: int = 5
    seed: int = 0


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """A document as the release has it or would have had it: redacted, before passages are cut.

    One of an earlier release has no `source`, its `input` names release and shard.
    """

    id: str
    source: str
    input: str
    row: int
    text: str


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A removed document and the one that it lost to, with stage and reason as in the ledger.

    `similarity` is `shared` of `union` shingles; of a contained document it is `shared` of its own
    `shingles`. What was not measured is `None`.
    """

    kind: Kind
    stage: str
    reason: str
    similarity: float | None
    shared: int | None
    union: int | None
    shingles: int | None
    removed: Side
    kept: Side


class Sample(NamedTuple):
    """The pairs drawn, of how many that were found.

    `copies` are those of opted-out documents, whose text is kept nowhere, and `textless` documents
    without a kept one whose text is at hand: no pair shows these.
    """

    pairs: tuple[Pair, ...]
    found: int
    copies: int
    textless: int


def sample_config(
    config_path: Path,
    wanted: Wanted,
    *,
    overrides: tuple[str, ...] = (),
    out: Path,
    work: Path | None = None,
    memory: int = DEFAULT_MEMORY,
) -> Sample:
    """Draw from what a run of this config removed; it may have been stopped by the loss alarm.

    Raises:
        ConfigError: the run is not there, or nothing is called as `wanted` says.
    """
    run = find_run(config_path, overrides=overrides, out=out, work=work, memory=memory)
    names = [source.name for source in run.job.config.sources]
    if wanted.source is not None and wanted.source not in names:
        raise ConfigError(
            f"sample: no source is called {wanted.source!r}{suggestion(wanted.source, names)}"
        )
    return _draw(run, wanted)


def _draw(run: DecidedRun, wanted: Wanted) -> Sample:
    """Draw by a hash of seed and release line, so that a larger sample holds the smaller ones."""
    drawn, found = np.zeros(0, _DRAWN), [0, 0, 0]
    named = None if wanted.id is None else _lines_called(run, wanted.id)
    textless = _without_text(run)
    for ordinal, item in enumerate(run.job.inputs):
        if wanted.source not in (None, item.source):
            continue
        here = run.placed[run.lines(ordinal)]
        lines = np.arange(run.first[ordinal], run.first[ordinal + 1])
        called = _called(lines, here["survivor"], named)
        lost = called & np.isin(here["fate"], _fates(_KIND_OF, wanted.kind))
        shown = lost & ~textless[here["survivor"]]
        copies = called & np.isin(here["fate"], _fates(_COPIES, wanted.kind))
        found = [
            count + int(np.count_nonzero(mask))
            for count, mask in zip(found, (shown, copies, lost & ~shown), strict=True)
        ]
        drawn = _first(np.concatenate([drawn, _keyed(run, ordinal, lines, shown, wanted)]), wanted)
    if wanted.id is not None and not any(found):
        raise ConfigError("sample: no document of this id was removed or took another's place")
    return Sample(tuple(_pairs(run, drawn["line"])), *found)


def _fates(kinds: dict[int, Kind], kind: Kind | None) -> list[int]:
    return [fate for fate, each in kinds.items() if kind in (None, each)]


def _lines_called(run: DecidedRun, name: str) -> NDArray[np.int64]:
    found = [
        run.first[ordinal]
        + np.flatnonzero(pc.equal(run.rows(ordinal, "id")["id"], pa.scalar(name)))
        for ordinal in range(len(run.parts))
    ]
    return np.concatenate([np.zeros(0, np.int64), *found])


def _called(
    lines: NDArray[np.int64], survivor: NDArray[np.int64], named: NDArray[np.int64] | None
) -> NDArray[np.bool_]:
    if named is None:
        return np.ones(len(lines), np.bool_)
    called: NDArray[np.bool_] = np.isin(lines, named) | np.isin(survivor, named)
    return called


def _without_text(run: DecidedRun) -> NDArray[np.bool_]:
    """Tell the lines that have no text: ghosts, and at the end, for survivor -1, nobody."""
    textless = np.ones(len(run.placed) + 1, np.bool_)
    for ordinal in range(len(run.parts)):
        frames = run.rows(ordinal, "frame")["frame"].to_numpy()
        textless[run.lines(ordinal)] = frames == NO_LINE
    return textless


def _keyed(
    run: DecidedRun, ordinal: int, lines: NDArray[np.int64], mask: NDArray[np.bool_], wanted: Wanted
) -> NDArray[np.void]:
    """Give lines their places in the draw; the digest of a line is already in the part."""
    keyed = np.zeros(int(np.count_nonzero(mask)), _DRAWN)
    digests = run.rows(ordinal, "tie")["tie"].to_numpy()[mask]
    seed = mixed(np.array([wanted.seed % (1 << 64)], np.uint64))
    keyed["key"], keyed["line"] = mixed(digests ^ seed), lines[mask]
    return _first(keyed, wanted)


def _first(drawn: NDArray[np.void], wanted: Wanted) -> NDArray[np.void]:
    return drawn[np.lexsort([drawn["line"], drawn["key"]])[: wanted.most]]


def _pairs(run: DecidedRun, lines: NDArray[np.int64]) -> Iterator[Pair]:
    placed = run.placed[lines]
    sides = _sides(run, np.union1d(lines, placed["survivor"]))
    columns = (placed[name].tolist() for name in ("fate", "survivor", "inter", "of"))
    for line, fate, survivor, inter, of in zip(lines.tolist(), *columns, strict=True):
        yield _pair(fate, inter, of, sides[line], sides[survivor])


def _pair(fate: int, inter: int, of: int, removed: Side, kept: Side) -> Pair:
    """Spell a verdict as the ledger does."""
    reason, facts = measured(fate, inter, of)
    return Pair(
        kind=_KIND_OF[fate],
        stage=STAGE_OF[fate],
        reason=reason,
        similarity=facts.get("similarity", facts.get("containment")),
        shared=facts.get("shared"),
        union=facts.get("union"),
        shingles=facts.get("shingles"),
        removed=removed,
        kept=kept,
    )


def _sides(run: DecidedRun, lines: NDArray[np.int64]) -> dict[int, Side]:
    """Read the documents of some sorted lines, a part at a time."""
    sides: dict[int, Side] = {}
    ordinals = np.searchsorted(run.first, lines, side="right") - 1
    for ordinal in np.unique(ordinals).tolist():
        mine = lines[ordinals == ordinal]
        rows = mine - run.first[ordinal]
        (part,) = refs([run.parts[ordinal]])
        texts: dict[int, str] = {}
        for found, block in read_texts(part, run.context, rows):
            texts |= zip(found, block, strict=True)
        table = run.rows(ordinal, "id", "row").take(rows)
        columns = (values(table, name) for name in ("id", "row"))
        source, path = _origin(run, ordinal)
        for line, row, name, number in zip(mine.tolist(), rows.tolist(), *columns, strict=True):
            sides[line] = Side(id=name, source=source, input=path, row=number, text=texts[row])
    return sides


def _origin(run: DecidedRun, ordinal: int) -> tuple[str, str]:
    """Name source and input; a part of an earlier release is named by its task."""
    if ordinal >= len(run.job.inputs):
        return "", run.parts[ordinal].name
    item = run.job.inputs[ordinal]
    return item.source, item.path
