"""Take a few records of each source as the release holds them: those with the lowest addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
import pyarrow.parquet as pq

from manifests.addressing import address
from manifests.manifest import shard_path
from pipeline.catalog.read import decode
from pipeline.release import FRAMES_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifests.manifest import Manifest, ShardPath

SHOWN_CHARACTERS: Final = 600
_SHOWN_LINES: Final = 30
_MOST_EACH: Final = 3
_MOST: Final = 48
_BATCH: Final = 1 << 14


class Sample(NamedTuple):
    """A record in short: `spans` are the redactions in `text`, which is cut after some 600 characters.

    `characters` is the length of the whole text; `question`, with redactions of its own, and `answers`
    are empty for a document.
    """

    source: str
    id: str
    split: str
    license: str
    language: str
    text: str
    spans: tuple[tuple[int, int, str], ...]
    characters: int
    question: str
    answers: tuple[str, ...]
    question_spans: tuple[tuple[int, int, str], ...]


def read_samples(release: Path, manifest: Manifest) -> tuple[Sample, ...]:
    """Read the samples; each source's first frames are decoded, and nothing else.

    Many sources have fewer samples each, and of very many only the biggest have one.
    """
    names = [each.name for each in sorted(manifest.sources, key=lambda one: (-one.bytes, one.name))]
    each = max(1, min(_MOST_EACH, _MOST // max(1, len(names))))
    if not (release / FRAMES_PATH).is_file():
        return ()
    found: dict[str, list[tuple[bytes, Sample]]] = {}
    for place, shard, offset, length in _first_frames(release, frozenset(names[:_MOST]), each):
        raw = decode(release / shard, offset, length)
        for line in raw.split(b"\n", each)[:each]:
            if line:
                record = orjson.loads(line)
                key = address(manifest.build.seed, record["id"])
                sample = _sample(record, place.split)
                found.setdefault(place.source, []).append((key, sample))
    return tuple(sample for name in names for _, sample in sorted(found.get(name, []))[:each])


def _first_frames(
    release: Path, wanted: frozenset[str], each: int
) -> Iterator[tuple[ShardPath, str, int, int]]:
    """Yield place, shard, offset and length of the frames that hold the first records of every source and split."""
    held: dict[tuple[str, str, str], int] = {}
    columns = ["shard", "offset", "length", "documents"]
    with pq.ParquetFile(release / FRAMES_PATH) as file:
        for batch in file.iter_batches(_BATCH, columns=columns):
            for row in batch.to_pylist():
                place = shard_path(row["shard"])
                if place is None or place.source not in wanted:
                    continue
                key = (place.kind, place.source, place.split)
                if held.get(key, 0) < each:
                    held[key] = held.get(key, 0) + row["documents"]
                    yield place, row["shard"], row["offset"], row["length"]


def _sample(record: dict[str, Any], split: str) -> Sample:
    """Cut a record short, by characters and by lines, never inside a redaction."""
    text = record["text"] if "text" in record else record["context"]
    spans = sorted(orjson.loads(record["meta"]["redactions"]))
    asked = orjson.loads(record["meta"].get("question_redactions", "[]"))
    end = min(len(text), SHOWN_CHARACTERS)
    end = len("\n".join(text[:end].split("\n", _SHOWN_LINES)[:_SHOWN_LINES]))
    end = max([end, *(stop for start, stop, _ in spans if start < end)])
    return Sample(
        source=record["source"],
        id=record["id"],
        split=split,
        license=record["license"],
        language=record["language"],
        text=text[:end],
        spans=tuple((start, stop, kind) for start, stop, kind in spans if stop <= end),
        characters=len(text),
        question=record.get("question", ""),
        answers=tuple(answer["text"] for answer in record.get("answers", ())),
        question_spans=tuple(sorted(map(tuple, asked))),
    )
