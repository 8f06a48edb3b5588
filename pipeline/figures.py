"""Count what the documents of a release are: a tally for each emitted shard, and the figures that all give."""

from __future__ import annotations

import hashlib
import re
from array import array
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pyarrow.parquet as pq

from filters.suffixes import registrable
from manifests.figures import Figures, Share
from pipeline.release import ledger_parts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.engine.work import Files

TALLY: Final = "figures.json"
DOMAINS_KEPT: Final = 1000
_AUTHORITY: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#]*)")
_NUMERIC: Final = re.compile(r"[0-9.]+|\[.*\]")
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?(?![0-9])"
)
_BATCH: Final = 1 << 16
_DUPLICATES: Final = ("exact", "near")

Cells = dict[str, list[int]]
"""Key -> [documents, bytes of text]."""


class Tally(msgspec.Struct, kw_only=True):
    """Counts over some documents, as `Figures` has them; tallies of parts add up to that of the whole."""

    splits: dict[str, Cells] = {}
    languages: Cells = {}
    natural_languages: Cells = {}
    licenses: Cells = {}
    domains: Cells = {}
    lengths: dict[str, dict[str, int]] = {}
    years: dict[str, int] = {}
    first: str = ""
    last: str = ""

    def take(
        self,
        source: str,
        split: str,
        size: int,
        *,
        language: str,
        natural_language: str,
        license: str,  # noqa: A002  the key has this name
        url: str,
        created: str,
    ) -> None:
        """Count a document by what its record says; `size` is that of its text in bytes of UTF-8."""
        _add(self.splits.setdefault(source, {}), split, 1, size)
        _add(self.languages, language, 1, size)
        _add(self.natural_languages, natural_language, 1, size)
        _add(self.licenses, license, 1, size)
        if url != "" and (domain := domain_of(url)) != "":
            _add(self.domains, domain, 1, size)
        lengths = self.lengths.setdefault(source, {})
        exponent = str(max(size, 1).bit_length() - 1)
        lengths[exponent] = lengths.get(exponent, 0) + 1
        self._date(created)

    def _date(self, created: str) -> None:
        found = _DATE.match(created)
        year = "" if found is None else found[1]
        self.years[year] = self.years.get(year, 0) + 1
        if found is not None:
            self._between(found[0], found[0])

    def _between(self, first: str, last: str) -> None:
        self.first = min(filter(None, (self.first, first)), default="")
        self.last = max(self.last, last)

    def add(self, other: Tally) -> None:
        """Add what another tally has counted."""
        for source, cells in other.splits.items():
            _merge(self.splits.setdefault(source, {}), cells)
        _merge(self.languages, other.languages)
        _merge(self.natural_languages, other.natural_languages)
        _merge(self.licenses, other.licenses)
        _merge(self.domains, other.domains)
        for source, lengths in other.lengths.items():
            _count(self.lengths.setdefault(source, {}), lengths)
        _count(self.years, other.years)
        self._between(other.first, other.last)


def _add(cells: Cells, key: str, documents: int, size: int) -> None:
    cell = cells.get(key)
    if cell is None:
        cells[key] = [documents, size]
    else:
        cell[0] += documents
        cell[1] += size


def _merge(cells: Cells, more: Cells) -> None:
    for key, (documents, size) in more.items():
        _add(cells, key, documents, size)


def _count(total: dict[str, int], more: dict[str, int]) -> None:
    for key, number in more.items():
        total[key] = total.get(key, 0) + number


def domain_of(url: str) -> str:
    """Return the registrable domain of a URL's host, `""` where the URL has none.

    One label below a public suffix, private ones included (https://publicsuffix.org/list/); a host
    that is an address or has no such domain stands for itself.
    """
    found = _AUTHORITY.match(url)
    return "" if found is None else _registrable(found[1])


@lru_cache(maxsize=1 << 16)
def _registrable(authority: str) -> str:
    host = re.sub(r":[0-9]*$", "", authority).strip(".").lower()
    if _NUMERIC.fullmatch(host):
        return host
    return registrable(host)


def save_tally(folder: Path, tallies: Iterable[Tally]) -> None:
    """Leave the sum of some tallies in a task's folder."""
    (folder / TALLY).write_bytes(msgspec.json.encode(total_of(tallies)))


def total_of(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total


def read_tally(folders: Iterable[Files]) -> Tally:
    """Add up what tasks left; memory holds every domain once."""
    decoder = msgspec.json.Decoder(Tally)
    return total_of(decoder.decode((folder / TALLY).read_bytes()) for folder in folders)


def figures_of(tally: Tally, clusters: dict[str, int]) -> Figures:
    """Turn a tally into the figures of a release, everything in the order of its key."""
    sources = {source: _sum(cells) for source, cells in tally.splits.items()}
    ranked = sorted(tally.domains.items(), key=lambda item: (-item[1][1], item[0]))
    return Figures(
        total=_sum({name: [each.documents, each.bytes] for name, each in sources.items()}),
        sources=dict(sorted(sources.items())),
        languages=_shares(tally.languages),
        natural_languages=_shares(tally.natural_languages),
        licenses=_shares(tally.licenses),
        lengths={source: by_exponent(found) for source, found in sorted(tally.lengths.items())},
        clusters=clusters,
        years=dict(sorted(tally.years.items())),
        first_created=tally.first,
        last_created=tally.last,
        domains=_shares(dict(ranked[:DOMAINS_KEPT])),
        all_domains=len(tally.domains),
        splits={source: _shares(cells) for source, cells in sorted(tally.splits.items())},
    )


def _sum(cells: Cells) -> Share:
    return Share(*(sum(cell[axis] for cell in cells.values()) for axis in (0, 1)))


def _shares(cells: Cells) -> dict[str, Share]:
    return {key: Share(*cells[key]) for key in sorted(cells)}


def by_exponent(counts: dict[str, int]) -> dict[str, int]:
    """Sort by a key that is a number in a string."""
    return dict(sorted(counts.items(), key=lambda item: int(item[0])))


def clusters_of(release: Path) -> dict[str, int]:
    """Count clusters by size from the ledger: a survivor, and the duplicates that name it.

    Memory: 8 bytes for each duplicate.
    """
    named = array("Q")
    for path in ledger_parts(release / "ledger"):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH, columns=["stage", "survivor"]):
                stages, survivors = batch.columns
                rows = zip(stages.to_pylist(), survivors.to_pylist(), strict=True)
                named.extend(_key(name) for stage, name in rows if name and stage in _DUPLICATES)
    _, duplicates = np.unique(np.frombuffer(named, np.uint64), return_counts=True)
    sizes, counts = np.unique(duplicates + 1, return_counts=True)
    return dict(zip(map(str, sizes.tolist()), counts.tolist(), strict=True))


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
