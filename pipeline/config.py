"""The config: a TOML file becomes one frozen value, and every mistake in it is reported at once."""

from __future__ import annotations

import os
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from filters.licenses.policies import Fate, Policy, policy_name_mistake
from filters.licenses.policy import LicenseFilter
from filters.quality import quality_filters
from manifests.about import About, about_flaws
from manifests.version import parse as parse_version
from pipeline.decontam import Decontam, Protect, check_decontam, check_protect
from pipeline.dedup.passages import PassageRule, flaws
from pipeline.errors import ConfigError
from pipeline.redaction import Redact, check_redact
from pipeline.sources.fields import FieldMap
from pipeline.tables import build_table, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

Format = Literal["jsonl", "parquet", "python-env", "squad"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MAX_SHARDS = 65_536


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
    """`[[sources]]`: one kind of input under one source tag. Lower `priority` wins among duplicates."""

    name: str
    paths: tuple[str, ...] = ()
    format: Format = "jsonl"
    license: str = ""
    priority: int = 1
    fields: dict[str, str] = {}
    id_prefix: str = ""
    include: tuple[str, ...] = ()


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

    `key` is the file with the key of author subjects, which is kept apart from the registry.
    """

    registry: str
    key: str = ""
    max_age_days: int | None = None


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


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """`[quality]`: names of the quality filters to apply; none unless asked for."""

    filters: tuple[str, ...] = ()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`[limits]`: how much bad input is tolerated before nothing is published."""

    bad_records: float = 0.01
    damaged_shards: int = 0
    max_record_mib: int = 32


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """A whole config, checked."""

    release: Release
    sources: tuple[Source, ...]
    license: License | None = None
    optout: OptOut | None = None
    redact: Redact = Redact()
    quality: Quality = Quality()
    decontam: Decontam | None = None
    dedup: Dedup = Dedup()
    split: Split = Split()
    limits: Limits = Limits()
    about: About = About()

    def canonical(self, root: Path) -> bytes:
        """Render as canonical JSON, with every path relative to the config's folder `root`."""
        data = msgspec.to_builtins(self)
        for source in data["sources"]:
            source["paths"] = sorted(relative_to(root, path) for path in source["paths"])
            source["include"] = sorted(source["include"])
        data["sources"] = sorted(data["sources"], key=lambda source: source["name"])
        # other releases are named by content in the manifest, not by place
        del data["release"]["parent"], data["dedup"]["against"], data["redact"]["key"]
        if data["license"] is not None and data["license"]["decisions"]:
            data["license"]["decisions"] = relative_to(root, data["license"]["decisions"])
        if data["optout"] is not None:
            del data["optout"]["key"]
            data["optout"]["registry"] = relative_to(root, data["optout"]["registry"])
        for protect in (data["decontam"] or {"protect": ()})["protect"]:
            protect["paths"] = sorted(relative_to(root, path) for path in protect["paths"])
        return msgspec.json.encode(data, order="deterministic")


def relative_to(root: Path, path: str) -> str:
    """Spell `path`, as a config gives it, relative to the config's folder, with `/` on any system."""
    return Path(os.path.relpath(root / path.removeprefix("file://"), root)).as_posix()


def load_config(path: Path, overrides: tuple[str, ...] = ()) -> Config:
    """Read a TOML config; `overrides` are `a.b=value` pairs with TOML values.

    Raises:
        ConfigError: with one line for every mistake found.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"config: {path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"config: {path}: is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"config: {path}: not valid TOML: {error}") from error
    for override in overrides:
        _apply_override(table, override)
    return _dated(check_config(table, str(path)))


def _dated(config: Config) -> Config:
    """Let SOURCE_DATE_EPOCH say when the release is published, unless `[about]` does.

    Raises:
        ConfigError: it is no number of seconds (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch == "" or config.about.published:
        return config
    try:
        day = datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(
            f"config: SOURCE_DATE_EPOCH: {epoch!r} is no number of seconds since 1970"
        ) from error
    about = msgspec.structs.replace(config.about, published=day)
    return msgspec.structs.replace(config, about=about)


def check_config(table: dict[str, Any], where: str) -> Config:
    """Turn a parsed table into a `Config`, or raise one error that lists all mistakes."""
    problems: list[str] = []
    config = build_table(Config, table, "", problems, _CHECKS)
    if problems or config is None:
        raise ConfigError("\n".join(f"config: {where}: {problem}" for problem in problems))
    return config


def _check_sources(config: Config) -> list[str]:
    names = [source.name for source in config.sources]
    found = [] if names else ["sources: at least one [[sources]] table is needed"]
    twice = sorted({name for name in names if names.count(name) > 1})
    found += [f"sources: the name {name!r} is used twice" for name in twice]
    return found + _check_named(config)


def _check_named(config: Config) -> list[str]:
    """Look for the sources that `[dedup]` names."""
    documents = [source.name for source in config.sources if source.format != "squad"]
    rule = config.dedup.passages
    named = {
        "dedup.accepted": (config.dedup.accepted, [source.name for source in config.sources]),
        "dedup.passages.sources": (() if rule is None else rule.sources, documents),
    }
    return [
        f"{key}: no source of documents is called {name!r}{suggestion(name, known)}"
        for key, (names, known) in named.items()
        for name in names
        if name not in known
    ]


def _check_license(license_: License) -> list[str]:
    mistake = "" if license_.policy is None else policy_name_mistake(license_.policy)
    return [mistake] if mistake else []


def _check_release(release: Release) -> list[str]:
    found = _check_name(release.name)
    try:
        parse_version(release.version)
    except ValueError as error:
        found.append(f"version: {error}")
    shards = release.shards
    if shards < 1 or shards > _MAX_SHARDS or shards & (shards - 1) != 0:
        found.append(f"shards: {shards} is no power of two between 1 and {_MAX_SHARDS}")
    if not 0 <= release.seed < 1 << 64:
        found.append("seed: between 0 and 2^64 - 1")
    return found


def _check_source(source: Source) -> list[str]:
    found = _check_name(source.name)
    if not source.paths and source.format != "python-env":
        found.append("paths: at least one path is needed")
    if "" in source.paths:
        found.append("paths: a path is empty: write '.' for the folder of the config")
    if abs(source.priority) > 1_000_000:  # noqa: PLR2004  it is packed into 32 bits of the survivor order
        found.append("priority: between -1000000 and 1000000")
    known = FieldMap.__struct_fields__
    found += [
        f"fields.{key}: unknown key{suggestion(key, known)}"
        for key in sorted(source.fields.keys() - set(known))
    ]
    return found


def _check_name(name: str) -> list[str]:
    """Keep names of folders inside their folder, on any system."""
    if _NAME.fullmatch(name) is not None:
        return []
    return ["name: letters, digits, '.', '_' and '-' only, at most 100, not starting with '.'"]


def _check_optout(optout: OptOut) -> list[str]:
    if optout.max_age_days is not None and optout.max_age_days < 0:
        return [f"max_age_days: {optout.max_age_days} is no age"]
    return []


def _check_near(near: Near) -> list[str]:
    found = []
    if not 0 < near.threshold <= 1:
        found.append(f"threshold: {near.threshold} is no similarity above 0 and up to 1")
    if near.containment is not None and not 0 < near.containment <= 1:
        found.append(f"containment: {near.containment} is no share above 0 and up to 1")
    bands = 1 if near.bands is None else near.bands
    rows = 1 if near.rows is None else near.rows
    if min(bands, rows) < 1 or bands * rows > 1024:  # noqa: PLR2004  a signature of 4 KiB
        found.append("bands: bands and rows must be positive and give at most 1024 minima")
    return found


def _check_repositories(rule: Repositories) -> list[str]:
    found = []
    if not 0 < rule.share <= 1:
        found.append(f"share: {rule.share} is no share above 0 and up to 1")
    if rule.least < 1:
        found.append(f"least: {rule.least} is no number of files")
    return found


def _check_dedup(dedup: Dedup) -> list[str]:
    found = []
    if dedup.repositories is not None and dedup.near_or_none is None:
        return ["repositories: they are compared by near-duplicates: near must not be false"]
    if dedup.max_loss is not None and not 0 <= dedup.max_loss <= 1:
        found.append(f"max_loss: {dedup.max_loss} is no share of documents")
    if "" in dedup.against:
        found.append("against: a path is empty: name the folder of a release")
    return found


def _check_split(split: Split) -> list[str]:
    shares = (("validation", split.validation), ("test", split.test))
    found = [
        f"{name}: {share} is no share from 0 up to but not including 1"
        for name, share in shares
        if not 0 <= share < 1
    ]
    if not found and split.validation + split.test >= 1:
        found.append("validation: with test it leaves nothing for train")
    return found


def _check_quality(quality: Quality) -> list[str]:
    try:
        quality_filters(quality.filters)
    except ValueError as error:
        return [f"filters: {error}"]
    return []


def _check_limits(limits: Limits) -> list[str]:
    found = []
    if not 0 <= limits.bad_records <= 1:
        found.append(f"bad_records: {limits.bad_records} is no share of records")
    if limits.damaged_shards < 0:
        found.append(f"damaged_shards: {limits.damaged_shards} is no number of shards")
    if limits.max_record_mib < 1:
        found.append("max_record_mib: must be at least 1")
    return found


_CHECKS: Final[dict[type, Callable[[Any], list[str]]]] = {
    About: about_flaws,
    License: _check_license,
    Config: _check_sources,
    Release: _check_release,
    Source: _check_source,
    OptOut: _check_optout,
    Near: _check_near,
    Dedup: _check_dedup,
    Split: _check_split,
    Quality: _check_quality,
    PassageRule: flaws,
    Repositories: _check_repositories,
    Limits: _check_limits,
    Redact: check_redact,
    Decontam: check_decontam,
    Protect: check_protect,
}


def _apply_override(table: dict[str, Any], override: str) -> None:
    """Set one dotted key, creating tables on the way."""
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"config: --set {override!r}: write it as table.key=value")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is a string
    *parents, last = key.split(".")
    place: Any = table
    for name in parents:
        place = _step(place, name, key)
    if isinstance(place, list):
        raise ConfigError(
            f"config: --set {key}: name a key inside one of the tables, as in sources.0.name"
        )
    place[last] = value


def _step(place: Any, name: str, key: str) -> Any:
    if isinstance(place, list):
        if not name.isdigit() or int(name) >= len(place):
            raise ConfigError(f"config: --set {key}: there is no table number {name!r}")
        return place[int(name)]
    inner = place.setdefault(name, {})
    if not isinstance(inner, dict | list):
        raise ConfigError(f"config: --set {key}: {name!r} is no table")
    return inner
