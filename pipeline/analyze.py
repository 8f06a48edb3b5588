"""Statistics of raw shards: what keys, licences, languages and lengths there are, and what is broken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from filters.licenses.policy import LicenseFilter
from filters.tags import tag
from pipeline.errors import ConfigError
from pipeline.sources import read
from pipeline.sources.fields import to_document
from pipeline.sources.records import Raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from filters.document import Document
    from pipeline.sources.records import Item

_SUFFIXES = (".jsonl", ".ndjson", ".json", ".gz", ".zst", ".parquet")
_QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)


class Statistics(msgspec.Struct):
    """What has been counted so far, over all shards."""

    shards: dict[str, dict[str, int]]
    keys: Counter[str]
    licenses: Counter[str]
    languages: Counter[str]
    bad_reasons: Counter[str]
    lengths: list[int]
    seen: set[bytes]


def analyze_paths(paths: list[Path]) -> dict[str, Any]:
    """Read every shard once. Memory: a few numbers and a digest for each record.

    Raises:
        ConfigError: there is no shard under a path.
    """
    found = Statistics({}, Counter(), Counter(), Counter(), Counter(), [], set())
    for path in shards_under(paths):
        _analyze_shard(path, found)
    lengths = np.array(found.lengths or [0])
    return {
        "shards": found.shards,
        "records": sum(shard["records"] for shard in found.shards.values()),
        "keys": dict(found.keys.most_common()),
        "licenses": dict(found.licenses.most_common()),
        "languages": dict(found.languages.most_common()),
        "bad_reasons": dict(found.bad_reasons.most_common()),
        "length": {
            f"{share:.0%}": int(np.quantile(lengths, share, method="lower")) for share in _QUANTILES
        },
    }


def documents_in(path: Path) -> Iterator[Document]:
    """Yield the documents of a shard; what is broken is left out."""
    for item in _items(path):
        document = to_document(item.record, source="analyze") if isinstance(item, Raw) else ""
        if not isinstance(document, str):
            yield document


def _items(path: Path) -> Iterator[Item]:
    yield from read(path, "parquet" if path.suffix == ".parquet" else "jsonl")


def shards_under(paths: list[Path]) -> list[Path]:
    """List the shards that paths name or hold.

    Raises:
        ConfigError: there is none.
    """
    shards: list[Path] = []
    for path in paths:
        inside = (
            sorted(p for p in path.rglob("*") if p.is_file() and p.name.endswith(_SUFFIXES))
            if path.is_dir()
            else [path]
        )
        if not inside or not inside[0].is_file():
            raise ConfigError(f"analyze: {path}: there is no shard here")
        shards += inside
    return shards


def _analyze_shard(path: Path, found: Statistics) -> None:
    counts = Counter(records=0, bad=0, bytes=path.stat().st_size, text_bytes=0, duplicates=0)
    for item in _items(path):
        counts["records"] += 1
        document = (
            to_document(item.record, source="analyze") if isinstance(item, Raw) else item.reason
        )
        if isinstance(item, Raw):
            found.keys.update(item.record.keys())
        if isinstance(document, str):
            counts["bad"] += 1
            found.bad_reasons[document] += 1
        else:
            _count(document, counts, found)
    found.shards[str(path)] = dict(counts)


def _count(document: Document, counts: Counter[str], found: Statistics) -> None:
    digest = bytes.fromhex(document.sha256)[:16]
    counts["text_bytes"] += len(document.text.encode())
    counts["duplicates"] += digest in found.seen
    found.seen.add(digest)
    found.licenses[LicenseFilter().decide(document.license).expression] += 1
    found.languages[tag(document).language] += 1
    found.lengths.append(len(document.text))
