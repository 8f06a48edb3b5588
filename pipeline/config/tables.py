"""The tables of a config, each one frozen value with its defaults."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import msgspec

from filters.decontam import Method
from filters.licenses.policies import Fate, Policy
from filters.licenses.policy import LicenseFilter
from filters.quality import (
    C4,
    QUALITY_FILTERS,
    Code,
    FineWeb,
    GopherQuality,
    GopherRepetition,
    Measures,
    QualityFilter,
    measures_of,
)
from manifests.about import About
from manifests.registry import DataKind
from pipeline.decontam import Decontam
from pipeline.dedup.passages import PassageRule
from pipeline.filtering import PluginFilter
from pipeline.redaction import Redact
from pipeline.sources.formats import adapter_of
from pipeline.store import is_url

SplitName = Literal["", "train", "validation", "test"]


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """`[release]`: what comes out. `shards` is per source and split, a power of two.

    With `signatures` it keeps those of its documents, for later runs that are `against` it; with
    `parquet` it holds every shard a second time in that format.
    """

    name: str
    version: str = "1.0.0"
    shards: int = 16
    seed: int = 0
    parent: str = ""
    signatures: bool = False
    parquet: bool = False


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """`[[sources]]`: one kind of input under one source tag. Lower `priority` wins among duplicates.

    With a `split` all of it goes there, and what is of one family with it. `options` are what the
    adapter of the format lets one choose.
    """

    name: str
    paths: tuple[str, ...] = ()
    format: str = "jsonl"
    license: str = ""
    priority: int = 1
    fields: dict[str, str] = {}
    id_prefix: str = ""
    include: tuple[str, ...] = ()
    options: dict[str, Any] = {}
    data_kind: DataKind | Literal[""] = ""
    split: SplitName = ""


class License(msgspec.Struct, frozen=True, kw_only=True):
    """`[license]`: which licences a document may be under; see `LicenseFilter` for the lists.

    `policy` is a shipped one's name or a file's path, `decisions` the file of what people decided.
    """

    policy: str | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    unknown: Fate | None = None
    exceptions: tuple[str, ...] = ()
    decisions: str = ""

    def __post_init__(self) -> None:
        LicenseFilter(allow=self.allow, deny=self.deny, exceptions=self.exceptions)

    @property
    def filters(self) -> bool:
        """Tell whether anything is refused; with `decisions` alone licences are recorded only."""
        return self.policy is not None or bool(self.allow or self.deny)

    def as_filter(self, base: Policy | None = None) -> LicenseFilter:
        """Make the filter; raises `ValueError` with every mistake in the lists."""
        return LicenseFilter(
            policy=self.policy,
            allow=self.allow,
            deny=self.deny,
            unknown=self.unknown,
            exceptions=self.exceptions,
            base=base,
        )


class OptOut(msgspec.Struct, frozen=True, kw_only=True):
    """`[optout]`: the registry to honour; its last event must not be older than `max_age_days`.

    `key` is the file with the key of author subjects, which is kept apart from the registry. Copies of
    an opted-out text stay where `common` strangers or more have them. `signers` is the file with the
    public keys of which one must have signed the registry's head.
    """

    registry: str
    key: str = ""
    max_age_days: int | None = None
    common: int = 10
    signers: str = ""


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """`[dedup] near`: remove a document whose Jaccard similarity to a kept one reaches `threshold`.

    With `containment`, also one of whose shingles that share lies in a kept one no shorter. Unset,
    `bands` and `rows` are chosen from the threshold and the size of the inputs; of one alone follows
    the other, as many as 128 minima give.
    """

    threshold: float = 0.8
    containment: float | None = None
    bands: int | None = None
    rows: int | None = None


class Repositories(msgspec.Struct, frozen=True, kw_only=True):
    """`[dedup.repositories]`: remove a repository whole when at least `share` of its files are another's.

    One of fewer than `least` files is left to the comparison of documents.
    """

    share: float = 0.8
    least: int = 3


class Dedup(msgspec.Struct, frozen=True, kw_only=True):
    """`[dedup]`: `max_loss` is the share of a source above which the run stops, but for `accepted` sources.

    `passages` cuts lines or paragraphs that a kept document repeats. `against` names releases whose
    documents outlive their copies here.
    """

    exact: bool = True
    near: Near | bool = Near()
    repositories: Repositories | None = None
    passages: PassageRule | None = None
    max_loss: float | None = None
    accepted: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def near_or_none(self) -> Near | None:
        """`near = true` means the defaults, `false` means off."""
        if isinstance(self.near, bool):
            return Near() if self.near else None
        return self.near


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """`[split]`: shares of the families of near-duplicates that are held out of train."""

    validation: float = 0.001
    test: float = 0.001


class QA(msgspec.Struct, frozen=True, kw_only=True):
    """`[qa]`: what tells documents that hold a held-out question, and what becomes of contradictions."""

    protect: tuple[Method, ...] = ("ngram", "id", "title")
    contradictions: Literal["drop", "keep"] = "drop"


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """`[quality]`: names of the quality filters to apply, in this order; none unless asked for.

    What a filter is called is also the name of the table with its thresholds.
    """

    filters: tuple[str, ...] = ()
    gopher: GopherQuality = GopherQuality()
    gopher_repetition: GopherRepetition = msgspec.field(
        default=GopherRepetition(), name="gopher-repetition"
    )
    c4: C4 = C4()
    fineweb: FineWeb = FineWeb()
    code: Code = Code()

    @property
    def chosen(self) -> tuple[tuple[str, QualityFilter], ...]:
        """The filters to apply, with their names."""
        return tuple((name, self.table(name)) for name in self.filters)

    @property
    def measures(self) -> Measures | None:
        """What the figures are taken with; `None` where no filter asks for any."""
        if not self.filters:
            return None
        return measures_of(self.table(each.name) for each in QUALITY_FILTERS)

    def table(self, name: str) -> QualityFilter:
        """Give a filter as its table has it."""
        found: QualityFilter = getattr(self, name.replace("-", "_"))
        return found


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`[limits]`: how much bad input is tolerated before nothing is published.

    `faults` are the records in all that may be put aside because they bring a worker down.
    """

    bad_records: float = 0.01
    damaged_shards: int = 0
    faults: int = 16
    max_record_mib: int = 32


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """A whole config, checked."""

    release: Release
    sources: tuple[Source, ...]
    license: License | None = None
    optout: OptOut | None = None
    redact: Redact = Redact()
    quality: Quality = Quality()
    filters: tuple[PluginFilter, ...] = ()
    qa: QA = QA()
    decontam: Decontam | None = None
    dedup: Dedup = Dedup()
    split: Split = Split()
    limits: Limits = Limits()
    about: About = About()

    def source(self, name: str) -> Source:
        """Find a source by its tag."""
        return next(source for source in self.sources if source.name == name)

    def canonical(self, root: Path) -> bytes:
        """Render as canonical JSON, with every path relative to the config's folder `root`."""
        data = msgspec.to_builtins(self)
        for source in data["sources"]:
            source["paths"] = sorted(relative_to(root, path) for path in source["paths"])
            source["include"] = sorted(source["include"])
            for key in adapter_of(source["format"]).places:
                if source["options"].get(key):
                    source["options"][key] = relative_to(root, source["options"][key])
        data["sources"] = sorted(data["sources"], key=lambda source: source["name"])
        # other releases are named by content in the manifest, not by place
        del data["release"]["parent"], data["dedup"]["against"], data["redact"]["key"]
        if data["license"] is not None and data["license"]["decisions"]:
            data["license"]["decisions"] = relative_to(root, data["license"]["decisions"])
        if data["optout"] is not None:
            del data["optout"]["key"]
            for key in ("registry", "signers"):
                path = data["optout"][key]
                data["optout"][key] = relative_to(root, path) if path else ""
        for protect in (data["decontam"] or {"protect": ()})["protect"]:
            protect["paths"] = sorted(relative_to(root, path) for path in protect["paths"])
        return msgspec.json.encode(data, order="deterministic")


def relative_to(root: Path, path: str) -> str:
    """Spell a config's `path` relative to the config's folder, with `/` on any system; a URL stays as it is."""
    if is_url(path):
        return path
    return Path(os.path.relpath(root / path.removeprefix("file://"), root)).as_posix()
