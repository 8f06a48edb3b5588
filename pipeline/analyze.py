"""Statistics of inputs before any run: what keys, licences, languages and lengths there are, and what is broken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from filters.document import Document
from filters.licenses.policy import LicenseFilter
from pipeline.config import Source, load_config
from pipeline.errors import ConfigError
from pipeline.plan import list_source, read_input
from pipeline.sources import read
from pipeline.sources.formats import asks
from pipeline.sources.records import MAX_RECORD, Raw
from pipeline.stages.document_reading import read_document
from pipeline.tagging import tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.sources.records import Item

_SUFFIXES = (".jsonl", ".ndjson", ".json", ".gz", ".zst", ".parquet")
_QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)
_CONFIG: Final = ".toml"


class Looked(NamedTuple):
    """One input: as it is called, whose it is (a source of a config, else its own), its bytes, how it is read."""

    name: str
    label: str
    bytes: int
    source: Source
    items: Iterator[Item]

    def documents(self) -> Iterator[Document]:
        """Yield the documents; what gives none is left out."""
        for item in self.items:
            found = read_document(self.source, item) if isinstance(item, Raw) else ""
            if isinstance(found, Document) and not (isinstance(item, Raw) and item.drop):
                yield found


class Statistics(msgspec.Struct):
    """What has been counted so far, over all inputs."""

    shards: dict[str, dict[str, int]]
    keys: Counter[str]
    licenses: Counter[str]
    languages: Counter[str]
    bad_reasons: Counter[str]
    drop_reasons: Counter[str]
    lengths: list[int]
    seen: set[bytes]


def analyze_paths(paths: list[Path]) -> dict[str, Any]:
    """Read every input once. Memory: a few numbers and a digest for each record.

    Raises:
        ConfigError: there is nothing to read under a path, or a config is wrong.
    """
    found = Statistics({}, Counter(), Counter(), Counter(), Counter(), Counter(), [], set())
    for each in inputs_under(paths):
        _analyze(each, found)
    lengths = np.array(found.lengths or [0])
    return {
        "shards": found.shards,
        "records": sum(shard["records"] for shard in found.shards.values()),
        "keys": dict(found.keys.most_common()),
        "licenses": dict(found.licenses.most_common()),
        "languages": dict(found.languages.most_common()),
        "bad_reasons": dict(found.bad_reasons.most_common()),
        "drop_reasons": dict(found.drop_reasons.most_common()),
        "length": {
            f"{share:.0%}": int(np.quantile(lengths, share, method="lower")) for share in _QUANTILES
        },
    }


def inputs_under(paths: list[Path]) -> Iterator[Looked]:
    """Yield the shards that paths name or hold, and of a config what its sources of documents read, as they read it.

    Raises:
        ConfigError: there is none, or the config is wrong.
    """
    for path in paths:
        yield from _of_config(path) if path.suffix == _CONFIG else _shards(path)


def _of_config(path: Path) -> Iterator[Looked]:
    config = load_config(path, ())
    problems: list[str] = []
    root, most = path.resolve().parent, config.limits.max_record_mib << 20
    sources = [source for source in config.sources if not asks(source.format)]
    named = [(source, name) for source in sources for name in list_source(source, root, problems)]
    if problems:
        raise ConfigError("\n".join(problems))
    for source, name in named:
        items = read_input(root, name, source, max_record=most)
        yield Looked(f"{source.name}: {name}", source.name, _size(root / name), source, items)


def _shards(path: Path) -> Iterator[Looked]:
    inside = (
        sorted(p for p in path.rglob("*") if p.is_file() and p.name.endswith(_SUFFIXES))
        if path.is_dir()
        else [path]
    )
    if not inside or not inside[0].is_file():
        raise ConfigError(f"analyze: {path}: there is no shard here")
    for each in inside:
        format_ = "parquet" if each.suffix == ".parquet" else "jsonl"
        source = Source(name="analyze", format=format_)
        items = read(each, format_, max_record=MAX_RECORD)
        yield Looked(str(each), str(each), _size(each), source, items)


def _size(place: Path) -> int:
    """Return the bytes of a file or of all files of a folder; 0 of what is neither, but in a store or installed."""
    if place.is_dir():
        return sum(each.lstat().st_size for each in place.rglob("*") if not each.is_dir())
    return place.stat().st_size if place.is_file() else 0


def _analyze(looked: Looked, found: Statistics) -> None:
    counts = Counter(records=0, bad=0, dropped=0, bytes=looked.bytes, text_bytes=0, duplicates=0)
    for item in looked.items:
        counts["records"] += 1
        document = read_document(looked.source, item) if isinstance(item, Raw) else item.reason
        if isinstance(item, Raw):
            found.keys.update(item.record.keys())
        if isinstance(document, str):
            counts["bad"] += 1
            found.bad_reasons[document] += 1
        elif isinstance(item, Raw) and item.drop:
            counts["dropped"] += 1
            found.drop_reasons[item.drop] += 1
        else:
            _count(document, counts, found)
    found.shards[looked.name] = dict(counts)


def _count(document: Document, counts: Counter[str], found: Statistics) -> None:
    digest = bytes.fromhex(document.sha256)[:16]
    counts["text_bytes"] += len(document.text.encode())
    counts["duplicates"] += digest in found.seen
    found.seen.add(digest)
    found.licenses[LicenseFilter().decide(document.license).expression] += 1
    found.languages[tag(document).language] += 1
    found.lengths.append(len(document.text))
