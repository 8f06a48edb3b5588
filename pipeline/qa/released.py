"""The questions and the documents of a release as their records stand in it, with their split."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from manifests.manifest import shard_path
from manifests.record import Question, Record, decode, decode_question
from pipeline.catalog.read import frames, read_frame
from pipeline.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from manifests.manifest import ShardPath


class Document(NamedTuple):
    """A document's record and the split that it is in."""

    split: str
    record: Record


class Released(NamedTuple):
    """A question's record and the split that it is in."""

    split: str
    record: Question


def splits_of(release: Path) -> list[str]:
    """Name the splits that hold questions, in the order of their names."""
    return sorted({place.split for place in _places(release)})


def sources_of(release: Path, kind: str = "qa") -> list[str]:
    """Name the sources that have questions, or with `data` documents, in the order of their names."""
    return sorted({place.source for place in _places(release, kind)})


def _places(release: Path, kind: str = "qa") -> Iterator[ShardPath]:
    for row in frames(release).select(["shard"]).to_pylist():
        place = shard_path(row["shard"])
        if place is not None and place.kind == kind:
            yield place


def released(
    release: Path, splits: Collection[str] = (), sources: Collection[str] = ()
) -> Iterator[Released]:
    """Yield the questions of these splits and sources (of all where none is named) in the order of the shards.

    Memory holds one frame.

    Raises:
        IntegrityError: the release is damaged.
    """
    for row in frames(release).to_pylist():
        place = shard_path(row["shard"])
        if place is None or place.kind != "qa":
            continue
        if (splits and place.split not in splits) or (sources and place.source not in sources):
            continue
        for number, line in enumerate(
            read_frame(release, row["shard"], row["offset"], row["length"])
        ):
            try:
                record = decode_question(line)
            except (ValueError, RecursionError) as error:
                where = f"{release / row['shard']}: frame {row['frame']} line {number}"
                raise IntegrityError(f"qa: {where}: is no question: verify the release") from error
            yield Released(place.split, record)


def documents(release: Path, splits: Collection[str] = ()) -> Iterator[Document]:
    """Yield the documents of these splits (of all where none is named) in the order of the shards.

    Memory holds one frame.

    Raises:
        IntegrityError: the release is damaged.
    """
    for row in frames(release).to_pylist():
        place = shard_path(row["shard"])
        if place is None or place.kind != "data" or (splits and place.split not in splits):
            continue
        for number, line in enumerate(
            read_frame(release, row["shard"], row["offset"], row["length"])
        ):
            try:
                record = decode(line)
            except (ValueError, RecursionError) as error:
                where = f"{release / row['shard']}: frame {row['frame']} line {number}"
                raise IntegrityError(f"qa: {where}: is no document: verify the release") from error
            yield Document(place.split, record)
