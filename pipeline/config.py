"""The config: a TOML file becomes one frozen value, and every mistake in it is reported at once."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from filters.license import LicenseFilter
from filters.quality import quality_filters
from filters.redact import Redactor
from manifests.version import parse as parse_version
from pipeline.errors import ConfigError
from pipeline.tables import build_table

Format = Literal["jsonl", "parquet", "python-env", "squad"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MAX_SHARDS = 65_536


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """`[release]`: what comes out. `shards` is per source and split, a power of two."""

    name: str
    version: str = "1.0.0"
    shards: int = 16
    seed: int = 0
    parent: str = ""


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


class OptOut(msgspec.Struct, frozen=True, kw_only=True):
    """`[optout]`: the registry to honour; its last event must not be older than `max_age_days`.

    `key` is the file with the key of author subjects, which is kept apart from the registry.
    """

    registry: str
    key: str = ""
    max_age_days: int | None = None


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """`[dedup] near`: remove a document whose Jaccard similarity to a kept one reaches `threshold`."""

    threshold: float = 0.8
    bands: int = 32
    rows: int = 4


class Dedup(msgspec.Struct, frozen=True, kw_only=True):
    """`[dedup]`: `max_loss` is the share of a source above which the run stops."""

    exact: bool = True
    near: Near | bool = Near()
    max_loss: float | None = None

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
    license: LicenseFilter | None = None
    optout: OptOut | None = None
    redact: Redactor = Redactor()
    quality: Quality = Quality()
    dedup: Dedup = Dedup()
    split: Split = Split()
    limits: Limits = Limits()

    def canonical(self, root: Path) -> bytes:
        """Render as canonical JSON, with every path relative to the config's folder `root`."""
        data = msgspec.to_builtins(self)
        for source in data["sources"]:
            source["paths"] = sorted(relative_to(root, path) for path in source["paths"])
            source["include"] = sorted(source["include"])
        data["sources"] = sorted(data["sources"], key=lambda source: source["name"])
        # which parent a release continues is said by content in the manifest, not by place
        del data["release"]["parent"]
        if data["optout"] is not None:
            del data["optout"]["key"]
            data["optout"]["registry"] = relative_to(root, data["optout"]["registry"])
        return msgspec.json.encode(data, order="deterministic")


def relative_to(root: Path, path: str) -> str:
    """Spell `path`, as a config gives it, relative to the config's folder, with `/` on any system."""
    return Path(os.path.relpath(root / path, root)).as_posix()


def load_config(path: Path, overrides: tuple[str, ...] = ()) -> Config:
    """Read a TOML config; `overrides` are `a.b=value` pairs with TOML values.

    Raises:
        ConfigError: with one line for every mistake found.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"config: {path}: cannot be read: {type(error).__name__}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"config: {path}: not valid TOML: {error}") from error
    for override in overrides:
        _apply_override(table, override)
    return check_config(table, str(path))


def check_config(table: dict[str, Any], where: str) -> Config:
    """Turn a parsed table into a `Config`, or raise one error that lists all mistakes."""
    problems: list[str] = []
    config = build_table(Config, table, "", problems)
    if config is not None:
        problems += _mistakes(config)
    if problems or config is None:
        raise ConfigError("\n".join(f"config: {where}: {problem}" for problem in problems))
    return config


def _mistakes(config: Config) -> list[str]:
    """Check what types cannot say."""
    found = [*_release_mistakes(config.release), *_source_mistakes(config.sources)]
    for name, share in (("validation", config.split.validation), ("test", config.split.test)):
        if not 0 <= share < 1:
            found.append(f"split.{name}: {share} is no share between 0 and 1")
    if config.split.validation + config.split.test >= 1:
        found.append("split: validation and test leave nothing for train")
    near = config.dedup.near_or_none
    if near is not None and not 0 < near.threshold <= 1:
        found.append(f"dedup.near.threshold: {near.threshold} is no similarity above 0 and up to 1")
    if near is not None and (near.bands < 1 or near.rows < 1 or near.bands * near.rows > 1024):  # noqa: PLR2004  a signature of 4 KiB
        found.append("dedup.near: bands and rows must be positive and give at most 1024 minima")
    if not 0 <= config.limits.bad_records <= 1:
        found.append(f"limits.bad_records: {config.limits.bad_records} is no share of records")
    if config.limits.max_record_mib < 1:
        found.append("limits.max_record_mib: must be at least 1")
    if config.dedup.max_loss is not None and not 0 <= config.dedup.max_loss <= 1:
        found.append(f"dedup.max_loss: {config.dedup.max_loss} is no share of documents")
    try:
        quality_filters(config.quality.filters)
    except ValueError as error:
        found.append(f"quality.filters: {error}")
    return found


def _release_mistakes(release: Release) -> list[str]:
    found = []
    if _NAME.fullmatch(release.name) is None:
        found.append(
            "release.name: letters, digits, '.', '_' and '-' only, at most 100, not starting with '.'"
        )
    try:
        parse_version(release.version)
    except ValueError as error:
        found.append(f"release.version: {error}")
    shards = release.shards
    if not 0 <= release.seed < 1 << 64:
        found.append("release.seed: between 0 and 2^64 - 1")
    if shards < 1 or shards > _MAX_SHARDS or shards & (shards - 1) != 0:
        found.append(f"release.shards: {shards} is no power of two between 1 and {_MAX_SHARDS}")
    return found


def _source_mistakes(sources: tuple[Source, ...]) -> list[str]:
    found = [] if sources else ["sources: at least one [[sources]] table is needed"]
    names = [source.name for source in sources]
    found += [
        f"sources: the name {n!r} is used twice"
        for n in sorted({n for n in names if names.count(n) > 1})
    ]
    for number, source in enumerate(sources):
        where = f"sources.{number}"
        if _NAME.fullmatch(source.name) is None:
            found.append(
                f"{where}.name: letters, digits, '.', '_' and '-' only, not starting with '.'"
            )
        if not source.paths and source.format != "python-env":
            found.append(f"{where}.paths: at least one path is needed")
        if abs(source.priority) > 1_000_000:  # noqa: PLR2004  it is packed into 32 bits of the survivor order
            found.append(f"{where}.priority: between -1000000 and 1000000")
    return found


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
