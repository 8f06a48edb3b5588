"""Amended: the shards and the ledger of a release without what goes, written as those of a run are.

A shard in which nothing goes is linked; of the others every frame in which nothing goes comes out
as it was.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.addressing import address, shard_name
from pipeline.published import read_manifest
from pipeline.release import DECISIONS, FRAMES_PATH, SPLITS_PATH, ledger_parts, link, write_parquet
from pipeline.shards import Frame
from pipeline.stages.ledger import license_rules_of, rules_of
from pipeline.stages.line_sort import Emitted
from pipeline.stages.old_ledger import DUPLICATES, KEEP
from pipeline.stages.part import values
from pipeline.stages.released_index import find_shard, read_index
from pipeline.stages.removals import read_changes, read_gone
from pipeline.stages.shard_writer import Held, Target, write_shards
from pipeline.stages.splits import SPLITS, family_key

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.manifest import File
    from pipeline.engine.task import Context
    from pipeline.engine.work import Record
    from pipeline.stages.line_sort import Lines
    from pipeline.stages.old_ledger import Change


class AmendedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A release by the digest of its manifest, the finished removals task, and the shard to write, if one is."""

    release: str
    removals: str
    target: Target | None


class _Named(msgspec.Struct, frozen=True):
    """What of a line tells whether it goes; `group` is a question's."""

    id: str
    group: str = ""


class _Shard(NamedTuple):
    """A shard of the release: all its lines, and the shard itself as it lies there."""

    lines: list[Emitted]
    held: Held


def amend_shard(spec: AmendedSpec, context: Context) -> Record:
    """Write one shard number of one source, as the emit stage does."""
    target: Any = spec.target
    release = context.work.release(spec.release)
    files = {file.path: file for file in read_manifest(release).files}
    gone = read_gone(context.folder("removals", spec.removals)).get(target.source, set())
    lines: dict[str, Lines] = {}
    held: dict[str, Held] = {}
    for split in SPLITS:
        path = shard_name(target.folder, split, target.bucket, target.shards)
        if path not in files:
            continue
        shard = _read_shard(spec.release, target, files[path], context)
        stay = [each for each in shard.lines if each.id not in gone]
        if stay:
            lines[split] = sorted(stay)
        if len(stay) == len(shard.lines):
            held[split] = shard.held
    return write_shards(target, context.out, lines, held)


def _read_shard(release: str, target: Target, entry: File, context: Context) -> _Shard:
    """Read the lines of a shard with their addresses and families."""
    shard = find_shard(context.work, release, entry.path)
    frames, read = [], list[tuple[_Named, bytes]]()
    facts = _frames(context.work.release(release), entry.path)
    for number, found in shard.read(context.work, range(len(shard.frames))):
        frames.append(_frame(facts[number], found))
        read += ((msgspec.json.decode(line, type=_Named), line) for line in found)
    if target.folder.startswith("data/"):
        families = values(read_index(context.work, shard, ["family"]), "family")
    else:
        families = _families(context.work.release(release), [named for named, _ in read])
    lines = [
        Emitted(address(target.seed, named.id), named.id, line + b"\n", family)
        for (named, line), family in zip(read, families, strict=True)
    ]
    return _Shard(lines, Held(context.work.release(release), entry, tuple(frames)))


def _families(release: Path, questions: list[_Named]) -> list[str]:
    """Look the families of questions up; where another source has the id too, its group may tell which it is."""
    names = pa.array([each.id for each in questions], pa.string())
    table = pq.read_table(
        release / SPLITS_PATH, columns=["id", "family"], filters=pc.field("id").isin(names)
    )
    known: dict[str, list[str]] = {}
    for name, family in zip(values(table, "id"), values(table, "family"), strict=True):
        known.setdefault(name, []).append(family)
    own = (f"{family_key(f'group:{each.group}'):016x}" for each in questions)
    return [
        family if family in known[each.id] else min(known[each.id])
        for each, family in zip(questions, own, strict=True)
    ]


def _frames(release: Path, shard: str) -> list[dict[str, Any]]:
    table = pq.read_table(release / FRAMES_PATH)
    return table.filter(pc.equal(table["shard"], pa.scalar(shard))).sort_by("frame").to_pylist()


def _frame(facts: dict[str, Any], lines: list[bytes]) -> Frame:
    """Describe a frame that is there already."""
    offsets, at = [], 0
    for line in lines:
        offsets.append(at)
        at += len(line) + 1
    return Frame(
        facts["offset"], facts["length"], facts["raw_length"], facts["merkle"], tuple(offsets)
    )


def amend_ledger(spec: AmendedSpec, context: Context) -> Record:
    """Write the ledger, part by part, those where nothing changes as they are; the record is that of the ledger stage.

    `known` counts by source what was dropped because an earlier release holds it.
    """
    folder = context.work.release(spec.release) / "ledger"
    by_part = {
        part: list(mine)
        for part, mine in groupby(
            read_changes(context.folder("removals", spec.removals)), lambda each: each.part
        )
    }
    rows = 0
    rules, licenses, known = Counter[str](), Counter[str](), Counter[str]()
    for number, path in enumerate(ledger_parts(folder)):
        table = pq.read_table(path)
        if number in by_part:
            table = _changed(table, by_part[number])
            write_parquet(context.out / path.name, table)
        else:
            link(path, context.out / path.name)
        rows += len(table)
        rules += rules_of(table)
        licenses += license_rules_of(table)
        known += _known(table)
    return {
        "rows": rows,
        "rules": dict(sorted(rules.items())),
        "licenses": dict(sorted(licenses.items())),
        "known": dict(sorted(known.items())),
    }


def _changed(table: pa.Table, changes: list[Change]) -> pa.Table:
    """Put what changes into its rows."""
    rows = pa.array([each.row for each in changes])
    marked = pc.is_in(pa.array(range(len(table))), rows)
    fresh = {"verdict": ["keep" if each.stage == KEEP else "drop" for each in changes]}
    for name in ("stage", "reason", "detail", "survivor"):
        fresh[name] = [getattr(each, name) for each in changes]
    for name, column in fresh.items():
        at = table.schema.get_field_index(name)
        new = pc.replace_with_mask(
            table[name].combine_chunks(), marked, pa.array(column, pa.string())
        )
        table = table.set_column(at, DECISIONS.field(name), new)
    return table


def _known(table: pa.Table) -> Counter[str]:
    """Count what lost to a document of an earlier release."""
    duplicates = pc.is_in(table["stage"], pa.array(DUPLICATES))
    named = pc.match_substring(table["detail"], '"release":')
    mine = table.filter(pc.and_(duplicates, named))
    return Counter(values(mine, "source"))
