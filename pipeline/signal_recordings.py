"""Recorded signals, read one by one from files named by host and from shards as crawlers keep them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from filters.signals.model import Carrier, Recording
from filters.urls import SubjectError, parse_url
from pipeline.errors import InputError, at
from pipeline.sources import Damage, Raw, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

FIELDS: Final = ("url", "id", "headers", "html", "robots", "tdmrep", "aitxt")
"""What a record of a shard may hold, under these names unless others are given."""

_FILES: Final[dict[str, tuple[Carrier, int]]] = {
    "robots.txt": ("robots", 0),
    "ai.txt": ("aitxt", 0),
    ".well-known/tdmrep.json": ("tdmrep", 1),
}
_SHARDS: Final = tuple(
    f"{kind}{packed}" for kind in (".jsonl", ".ndjson") for packed in ("", ".gz", ".zst", ".zstd")
)
_LARGEST: Final = 8 << 20  # bytes of one file that is read; no parser looks further
_TEXTS: Final[tuple[Carrier, ...]] = ("robots", "tdmrep", "aitxt", "html")


class Recordings:
    """The recordings under paths, one by one; `unreadable` fills up on the way.

    A folder holds `HOST/robots.txt`, `HOST/ai.txt` and `HOST/.well-known/tdmrep.json`, at any
    depth, and shards of JSON lines; other files are passed over. `fields` gives a record's names.
    Iterating raises `InputError` for a path that is missing or cannot be read.
    """

    def __init__(self, paths: Sequence[Path], fields: Mapping[str, str]) -> None:
        self._paths = paths
        self._fields = {name: fields.get(name, name) for name in FIELDS}
        self.unreadable: list[str] = []

    def __iter__(self) -> Iterator[Recording]:
        for path in self._paths:
            if path.is_dir():
                for each in sorted(each for each in path.rglob("*") if each.is_file()):
                    if _carrier(each) is not None or each.name.endswith(_SHARDS):
                        yield from self._file(each)
            elif path.exists():
                yield from self._file(path)
            else:
                raise InputError(at("optout", str(path), "there is no such recording"))

    def _file(self, path: Path) -> Iterator[Recording]:
        carrier = _carrier(path)
        if carrier is None:
            yield from self._shard(path)
        else:
            yield from self._site(path, *carrier)

    def _site(self, path: Path, carrier: Carrier, host: str) -> Iterator[Recording]:
        try:
            with path.open("rb") as file:
                raw = file.read(_LARGEST)
        except OSError as error:
            raise InputError(at("optout", str(path), error.strerror or "unreadable")) from error
        url = f"https://{host}/"
        try:
            parse_url(url)
        except SubjectError:
            self.unreadable.append(at("optout", str(path), "the folder is not named by a host"))
            return
        digest = hashlib.sha256(raw).hexdigest()
        yield Recording(url, carrier, raw.decode("utf-8", "replace"), sha256=digest)

    def _shard(self, path: Path) -> Iterator[Recording]:
        for item in read(path, "jsonl"):
            if isinstance(item, Damage):
                self.unreadable.append(at("optout", str(path), f"damaged: {item.reason}"))
            elif isinstance(item, Raw):
                yield from self._record(path, item)
            else:
                self.unreadable.append(at("optout", str(path), item.reason, line=item.line))

    def _record(self, path: Path, item: Raw) -> Iterator[Recording]:
        given = {name: _dig(item.record, path_) for name, path_ in self._fields.items()}
        url, name = given["url"], given["id"]
        if not isinstance(url, str):
            self.unreadable.append(at("optout", str(path), "the record has no URL", line=item.line))
            return
        document = name if isinstance(name, str) else ""
        for carrier in _TEXTS:
            body = given[carrier]
            if isinstance(body, str):
                yield Recording(url, carrier, body, id=document if carrier == "html" else "")
        pairs = header_pairs(given["headers"])
        if pairs:
            yield Recording(url, "headers", headers=pairs, id=document)


def _carrier(path: Path) -> tuple[Carrier, str] | None:
    whole = path.absolute()
    for name, (carrier, up) in _FILES.items():
        if whole.as_posix().endswith(f"/{name}"):
            return carrier, whole.parents[up].name
    return None


def _dig(record: dict[str, Any], name: str) -> Any:
    """Look up a field by its name, or by the names on the way to it, with dots between."""
    if name in record:
        return record[name]
    value: Any = record
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def header_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Return headers as pairs from an object, a list of pairs, or the block of lines itself."""
    if isinstance(value, str):
        lines = (line.partition(":") for line in value.splitlines())
        return tuple((name.strip(), rest.strip()) for name, colon, rest in lines if colon)
    items: Iterable[Any] = value.items() if isinstance(value, dict) else value or ()
    if not isinstance(value, dict | list):
        return ()
    found: list[tuple[str, str]] = []
    for item in items:
        if isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str):  # noqa: PLR2004  a pair
            values = item[1] if isinstance(item[1], list) else [item[1]]
            found += [(item[0], each) for each in values if isinstance(each, str)]
    return tuple(found)
