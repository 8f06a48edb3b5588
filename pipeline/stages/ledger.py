"""Ledger: one row for every input record, with its verdict, the rule behind it and the survivor."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from manifests.checksum import canonical_json
from manifests.manifest import CARRIED
from pipeline.release import DECISIONS, write_parquet
from pipeline.spill import EARLIER
from pipeline.stages.forks import FORKED, FORKS
from pipeline.stages.pardoned import read_kept_copies, read_pardons
from pipeline.stages.part import DROPPED, ROWS, PartRef, bases, read_stream, values
from pipeline.stages.passages import HEIRS, NAMED, details_by_line, read_cuts
from pipeline.stages.place import (
    AGAIN,
    CONTAINED,
    CONTRADICTED,
    COPY_EXACT,
    COPY_NEAR,
    EMPTIED,
    EXACT,
    FATES,
    FORK,
    KEPT,
    NEAR,
    PLACED,
    SHADOWED,
    STANDING,
    UNFIT,
)
from pipeline.stages.refuse import Refusals, refusals_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

STAGE_OF = {
    KEPT: "keep",
    EXACT: "exact",
    NEAR: "near",
    CONTAINED: "near",
    FORK: "near",
    COPY_EXACT: "optout",
    COPY_NEAR: "optout",
    EMPTIED: "exact",
    STANDING: "",
    SHADOWED: "license",
    AGAIN: "near",
    CONTRADICTED: "qa",
    UNFIT: "quality",
}
_COPIES = {COPY_EXACT: "copy:exact", COPY_NEAR: "copy:near", SHADOWED: "copy:exact"}
_UNMEASURED: dict[int, tuple[str, dict[str, Any]]] = {
    EMPTIED: ("passages", {}),  # which documents hold its passages is said beside
    EXACT: ("sha256", {"similarity": 1.0}),
    AGAIN: ("question", {}),
}
Notes = dict[int, dict[str, object]]
"""What is added to the detail of some rows of a part, by row."""
_ROWS_PER_FILE = 1 << 16
"""A file ends with the first input that brings it there: in a removal the files of other inputs stay as they are."""


class LedgerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All parts, and source and path of the inputs, which are the first of them; then earlier releases."""

    parts: tuple[PartRef, ...]
    inputs: tuple[tuple[str, str], ...]
    place: str
    cuts: bool
    forks: str | None
    pardons: str | None
    refused: str | None = None
    ids_repeat: bool  # then a survivor is named by input and row as well


class Survivor(NamedTuple):
    """What the ledger says of a line that others lost to."""

    id: str
    request: str
    release: str
    row: int = -1
    input: str = ""


_NOBODY = Survivor("", "", "")


class _Told(NamedTuple):
    """What is known of the lines of one part, but for their fates."""

    named: dict[int, Survivor]
    notes: Notes
    pardoned: Notes
    refusals: Refusals


def ledger(spec: LedgerSpec, context: Context) -> Record:
    """Write `decisions-NNNNN.parquet`, sorted by source, input and row.

    Memory holds the rows of one file and the names of all survivors.
    """
    placed = np.load(context.folder("place", spec.place) / PLACED, mmap_mode="r")
    spared = read_kept_copies(context, spec.pardons)
    named = _survivors(spec, context, placed, spared)
    pardoned = read_pardons(context, spec.pardons)
    refusals = refusals_of(context, spec.refused)
    tables: list[pa.Table] = []
    files = rows = 0
    rules: Counter[str] = Counter()
    licenses: Counter[str] = Counter()
    based = zip(spec.inputs, spec.parts, bases(spec.parts).tolist(), strict=False)
    for number, ((source, path), part, first) in enumerate(based):
        mine = placed[first : first + part.rows]
        notes = _notes(spec, context, first, first + part.rows, named)
        for row, note in _spared(spared, first, mine, named).items():
            notes[row] = notes.get(row, {}) | note
        kept_copies = _pardoned(pardoned, first, part.rows)
        told = _Told(named, notes, kept_copies, refusals.between(first, first + part.rows))
        tables.append(_part_ledger(source, path, part, context, mine, told))
        rules += rules_of(tables[-1])
        licenses += license_rules_of(tables[-1])
        waiting = sum(map(len, tables))
        if waiting >= _ROWS_PER_FILE or number + 1 == len(spec.inputs):
            write_parquet(context.out / f"decisions-{files:05d}.parquet", pa.concat_tables(tables))
            tables, files, rows = [], files + 1, rows + waiting
    return {
        "rows": rows,
        "rules": dict(sorted(rules.items())),
        "licenses": dict(sorted(licenses.items())),
    }


def rules_of(table: pa.Table) -> Counter[str]:
    """Count the redactions of kept records by rule, as texts of documents were before passages were cut."""
    kept = table.filter(
        pc.match_substring_regex(table["detail"], '"(question_)?spans":|"carried":')
    )
    rules: Counter[str] = Counter()
    for detail in map(orjson.loads, values(kept, "detail")):
        for key in ("spans", "question_spans"):
            rules.update(rule for *_, rule, _ in detail.get(key, ()))
        rules[CARRIED] += sum(detail.get(CARRIED, {}).values())
    return +rules


def license_rules_of(table: pa.Table) -> Counter[str]:
    """Count documents, kept or dropped for their licence, by the kind of evidence that decided on it."""
    found = pc.extract_regex(table["detail"], r'"decided_by":"(?P<rule>[a-z]+)"')
    counts = pc.value_counts(pc.struct_field(found, "rule").drop_null())
    return Counter({each["values"]: each["counts"] for each in counts.to_pylist()})


def _survivors(
    spec: LedgerSpec, context: Context, placed: NDArray[np.void], spared: NDArray[np.void]
) -> dict[int, Survivor]:
    """Look up every line that some other line lost to or was spared from, or that holds a passage cut from another."""
    wanted = np.union1d(placed["survivor"], spared["ghost"])
    wanted = wanted[wanted >= 0]
    if spec.cuts:
        wanted = np.union1d(wanted, np.load(context.folder("place", spec.place) / NAMED))
    named: dict[int, Survivor] = {}
    for number, (first, part) in enumerate(
        zip(bases(spec.parts).tolist(), spec.parts, strict=False)
    ):
        mine = wanted[slice(*np.searchsorted(wanted, [first, first + part.rows]))]
        picked = read_stream(part.folder(context) / ROWS).take(mine - first)
        earlier = pa.array((picked["flags"].to_numpy() & EARLIER) != 0)
        releases = pc.if_else(earlier, picked["group"], "")
        columns = [picked["id"], picked["request"], releases]
        if spec.ids_repeat and number < len(spec.inputs):
            columns += [picked["row"], pa.repeat(spec.inputs[number][1], len(picked))]
        survivors = map(Survivor, *(each.to_pylist() for each in columns))
        named |= dict(zip(mine.tolist(), survivors, strict=True))
    return named


def _part_ledger(
    source: str,
    path: str,
    part: PartRef,
    context: Context,
    placed: NDArray[np.void],
    told: _Told,
) -> pa.Table:
    """Join what the screen dropped and what the later stages decided, for one input."""
    folder = part.folder(context)
    early = read_stream(folder / DROPPED)
    early = early.append_column("survivor", pa.repeat("", len(early)))
    late = read_stream(folder / ROWS).select(["row", "id", "detail"])
    early = _with_notes(early, _at_rows(early, late, told.pardoned))
    decided = _with_notes(_decided(late, placed, told), told.notes)
    decided = decided.filter(pa.array(placed["fate"] != STANDING))
    both = pa.concat_tables(
        [_ledger_rows(early, "drop", source, path), _ledger_rows(decided, None, source, path)]
    )
    return both.sort_by("row")


def _notes(
    spec: LedgerSpec, context: Context, first: int, end: int, named: dict[int, Survivor]
) -> Notes:
    """Say which passages were cut from documents, whose survivor was emptied by cuts, and what went with forks."""
    notes: Notes = {} if spec.forks is None else _fork_notes(context, spec.forks, first, end)
    if not spec.cuts:
        return notes
    folder = context.folder("place", spec.place)
    ids = {line: survivor.id for line, survivor in named.items()}
    cuts = details_by_line(read_cuts(folder, first, end), ids)
    notes |= {line - first: {"cuts": spelt} for line, spelt in cuts}
    heirs = np.load(folder / HEIRS)
    for line, emptied in heirs[(heirs["line"] >= first) & (heirs["line"] < end)].tolist():
        notes[line - first] = notes.get(line - first, {}) | {"emptied": ids[emptied]}
    return notes


def _fork_notes(context: Context, forks: str, first: int, end: int) -> Notes:
    """Say of each file of a fork which repository it went with, and how much of that is another's."""
    folder = context.folder("forks", forks)
    table = read_stream(folder / FORKS).rename_columns(
        ["repository", "fork_of", "shared_files", "files"]
    )
    facts = table.to_pylist()
    forked = np.load(folder / FORKED, mmap_mode="r")
    mine = forked[slice(*np.searchsorted(forked["line"], [first, end]))]
    return {
        line - first: facts[fork]
        for line, fork in zip(mine["line"].tolist(), mine["fork"].tolist(), strict=True)
    }


def _pardoned(pardons: NDArray[np.void], first: int, rows: int) -> Notes:
    """Say of opted-out documents of a part why their copies stay."""
    mine = pardons[slice(*np.searchsorted(pardons["line"], [first, first + rows]))]
    return {
        line - first: {"protected": "common", "owners": owners, "copies_kept": copies}
        for line, owners, copies in mine.tolist()
    }


def _spared(
    spared: NDArray[np.void], first: int, placed: NDArray[np.void], named: dict[int, Survivor]
) -> Notes:
    """Say of kept documents of a part which opted-out text they are a copy of."""
    mine = spared[slice(*np.searchsorted(spared["line"], [first, first + len(placed)]))]
    mine = mine[placed["fate"][mine["line"] - first] == KEPT]
    return {
        line - first: pardoned_note(named[ghost].request, named[ghost].id, inter, of)
        for line, ghost, inter, of in mine.tolist()
    }


def pardoned_note(request: str, ghost: str, inter: int, of: int) -> dict[str, object]:
    """Spell what the detail of a kept copy says: the request that spared it, and how near it is."""
    similarity = round(inter / of, 4) if of > 0 else 0.0
    return {"pardoned": {"request": request, "copy_of": ghost, "similarity": similarity}}


def _at_rows(early: pa.Table, late: pa.Table, notes: Notes) -> Notes:
    """Move notes on lines of ghosts to the rows in which the screen dropped these documents."""
    if not notes:
        return {}
    rows = late["row"].to_numpy()
    wanted = {int(rows[line]): note for line, note in notes.items()}
    columns = zip(values(early, "row"), values(early, "stage"), strict=True)
    return {
        place: wanted[row]
        for place, (row, stage) in enumerate(columns)
        if row in wanted and stage == "optout"
    }


def _with_notes(table: pa.Table, notes: Notes) -> pa.Table:
    """Add the notes to the details."""
    if not notes:
        return table
    rows = sorted(notes)
    details = values(table.take(rows), "detail")
    joined = [
        canonical_json(orjson.loads(detail) | notes[row]).decode()
        for row, detail in zip(rows, details, strict=True)
    ]
    marked = np.zeros(len(table), np.bool_)
    marked[rows] = True
    column = _put(table["detail"].combine_chunks(), pa.array(marked), tuple(joined))
    return table.set_column(table.column_names.index("detail"), "detail", column)


def _ledger_rows(table: pa.Table, verdict: str | None, source: str, path: str) -> pa.Table:
    """Arrange columns as the ledger has them; what stands for the whole input is repeated."""
    count = len(table)
    columns: dict[str, Any] = {name: table[name] for name in table.column_names}
    columns |= {"source": pa.repeat(source, count), "input": pa.repeat(path, count)}
    if verdict is not None:
        columns["verdict"] = pa.repeat(verdict, count)
    return pa.table([columns[name] for name in DECISIONS.names], names=DECISIONS.names).cast(
        DECISIONS
    )


def _decided(late: pa.Table, placed: NDArray[np.void], told: _Told) -> pa.Table:
    """Add verdict, stage, reason and survivor to the rows of the documents that passed the screen."""
    lost = (placed["fate"] != KEPT) & (placed["fate"] != STANDING)
    losses = list(_losses(placed[lost], told))
    stages = [STAGE_OF[fate] for fate in range(FATES)]
    reasons, details, survivors = zip(*losses, strict=True) if losses else ((), (), ())
    picked = pa.array(lost)
    blank = pa.repeat("", len(late))
    return (
        late.set_column(2, "detail", _put(late["detail"].combine_chunks(), picked, details))
        .append_column("verdict", pa.array(np.where(placed["fate"] == KEPT, "keep", "drop")))
        .append_column("stage", pa.array(stages).take(pa.array(placed["fate"])))
        .append_column("reason", _put(pa.repeat("kept", len(late)), picked, reasons))
        .append_column("survivor", _put(blank, picked, survivors))
    )


def _put(column: Any, where: Any, values: tuple[str, ...]) -> Any:
    """Put values in the places that `where` marks, in their order."""
    return pc.replace_with_mask(column, where, pa.array(values, pa.string()))


def _losses(placed: NDArray[np.void], told: _Told) -> Iterator[tuple[str, str, str]]:
    columns = (placed[name].tolist() for name in ("fate", "survivor", "inter", "of"))
    refused = iter(told.refusals.lines.tolist())  # by line, as the rows are
    for fate, survivor, inter, of in zip(*columns, strict=True):
        if fate == UNFIT:
            _, reason, figure = next(refused)
            facts = canonical_json({"figure": round(figure, 6)}).decode()
            yield told.refusals.reasons[reason], facts, ""
        else:
            yield _loss(fate, told.named.get(survivor, _NOBODY), inter, of)


def measured(fate: int, inter: int, of: int) -> tuple[str, dict[str, Any]]:
    """Spell the reason of a loss and what was measured of it; `inter` of `of` shingles, 0 of 0 for none."""
    if fate in _UNMEASURED:
        reason, facts = _UNMEASURED[fate]
        return reason, dict(facts)
    similarity = round(inter / of, 4) if of > 0 else 0.0
    if fate == CONTAINED:
        facts = {"containment": similarity, "shared": inter, "shingles": of}
        return f"contained:{similarity:.4f}", facts
    facts = {"similarity": similarity, "shared": inter, "union": of}
    if fate == FORK:
        # equal files are not counted, and a file that nobody shares is compared with none
        told = facts if inter < of else {"similarity": similarity}
        return "fork", told if of > 0 else {}
    if fate in _COPIES:
        return _COPIES[fate], facts
    return f"jaccard:{similarity:.4f}", facts


def _loss(fate: int, survivor: Survivor, inter: int, of: int) -> tuple[str, str, str]:
    """Spell reason, detail and survivor of a document that lost to another.

    A copy of an opted-out document, or of one under a refused licence, has no survivor: the detail
    names the request that took it, or that licence. A survivor in an earlier release is named with the release.
    """
    if fate == CONTRADICTED:
        return "contradiction", canonical_json({"contradicts": survivor.id}).decode(), ""
    reason, facts = measured(fate, inter, of)
    if fate in (COPY_EXACT, COPY_NEAR):
        facts |= {"request": survivor.request, "copy_of": survivor.id}
        return reason, canonical_json(facts).decode(), ""
    if fate == SHADOWED:
        facts |= {"expression": survivor.request, "copy_of": survivor.id}
        return reason, canonical_json(facts).decode(), ""
    if survivor.release:
        facts["release"] = survivor.release
    if survivor.input:
        facts |= {"survivor_input": survivor.input, "survivor_row": survivor.row}
    return reason, canonical_json(facts).decode(), survivor.id
