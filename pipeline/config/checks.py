"""What types cannot say of a config: the mistakes in each table, as `key: problem`."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.language import language_name
from filters.licenses.policies import policy_name_mistake
from filters.prose import UNDETERMINED, language_code
from filters.quality import QUALITY_FILTERS, FineWeb, QualityFilter, quality_filters
from filters.quality.rule import EVERY, SPACED
from manifests.about import About, about_flaws
from manifests.version import parse as parse_version
from pipeline.config.tables import (
    Config,
    Dedup,
    License,
    Limits,
    Near,
    OptOut,
    Quality,
    Release,
    Repositories,
    Source,
    Split,
)
from pipeline.decontam import Decontam, Protect, check_decontam, check_protect
from pipeline.dedup.passages import PassageRule, flaws
from pipeline.errors import ConfigError
from pipeline.filtering import PluginFilter
from pipeline.filtering import check_filter as check_plugin_filter
from pipeline.redaction import Redact, check_redact
from pipeline.sources.adapter import Said
from pipeline.sources.fields import FieldMap
from pipeline.sources.formats import adapter_of, asks, format_names
from pipeline.store import is_url
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DEVICE: Final = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_MAX_SHARDS: Final = 65_536


def _check_sources(config: Config) -> list[str]:
    names = [source.name for source in config.sources]
    found = [] if names else ["sources: at least one [[sources]] table is needed"]
    twice = sorted({name for name in names if names.count(name) > 1})
    found += [f"sources: the name {name!r} is used twice" for name in twice]
    return found + _check_alike(sorted(set(names))) + _check_named(config)


def _check_config(config: Config) -> list[str]:
    names = [each.name for each in config.filters]
    twice = sorted({name for name in names if names.count(name) > 1})
    return _check_sources(config) + [f"filters: {name!r} is there twice" for name in twice]


def _check_alike(names: list[str]) -> list[str]:
    """Keep the folders of sources apart on file systems that ignore case."""
    first: dict[str, str] = {}
    return [
        f"sources: the names {first[name.lower()]!r} and {name!r} differ in case alone:"
        " on Windows and macOS they are one folder"
        for name in names
        if first.setdefault(name.lower(), name) != name
    ]


def _check_named(config: Config) -> list[str]:
    """Look for the sources that `[dedup]` names."""
    documents = [source.name for source in config.sources if _gives_documents(source)]
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


def _gives_documents(source: Source) -> bool:
    """Tell a source of documents; one whose format has no adapter is told elsewhere."""
    try:
        return not asks(source.format)
    except (KeyError, ConfigError):
        return True


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
    found = _check_name(source.name) or _check_folder(source.name)
    try:
        adapter = adapter_of(source.format)
    except KeyError:
        return [
            *found,
            f"format: no format is called {source.format!r}{suggestion(source.format, format_names())}",
        ]
    except ConfigError as error:
        return [*found, f"format: {error}"]
    found += [
        f"options.{key}: unknown key{suggestion(key, adapter.options)}"
        for key in sorted(source.options.keys() - adapter.options.keys())
    ]
    if adapter.flaws is not None and source.options.keys() <= adapter.options.keys():
        found += adapter.flaws(Said(include=source.include, options=source.options))
    if not source.paths and adapter.unit != "installed":
        found.append("paths: at least one path is needed")
    if adapter.unit == "folder":
        found += [
            f"paths: {path!r} is no folder of this machine, which is what format {source.format!r} reads"
            for path in source.paths
            if is_url(path)
        ]
    if "" in source.paths:
        found.append("paths: a path is empty: write '.' for the folder of the config")
    if abs(source.priority) > 1_000_000:  # noqa: PLR2004  it is packed into 32 bits of the survivor order
        found.append("priority: between -1000000 and 1000000")
    if source.fields and not adapter.takes_fields:
        found.append(f"fields: the keys of format {source.format!r} have names of their own")
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


def _check_folder(name: str) -> list[str]:
    """Refuse what Windows cannot have as a folder (learn.microsoft.com, Naming Files, Paths, and Namespaces)."""
    if _DEVICE.fullmatch(name) is not None:
        return [
            f"name: {name!r} is the name of a device on Windows: no folder can be called so there"
        ]
    if name.endswith("."):
        return ["name: it ends in '.', which Windows leaves away"]
    return []


def _check_optout(optout: OptOut) -> list[str]:
    if optout.max_age_days is not None and optout.max_age_days < 0:
        return [f"max_age_days: {optout.max_age_days} is no age"]
    if optout.common < 1:
        return [f"common: {optout.common} is no number of owners"]
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
    twice = sorted({name for name in quality.filters if quality.filters.count(name) > 1})
    found = [f"filters: {name!r} is there twice" for name in twice]
    return found + [
        f"{each.name}: has thresholds, and is not in quality.filters"
        for each in QUALITY_FILTERS
        if each.name not in quality.filters and quality.table(each.name) != each
    ]


def _check_filter(each: QualityFilter) -> list[str]:
    """Refuse what is no number, which drops nothing whatever it is compared with, and unknown languages."""
    values = msgspec.structs.asdict(each)
    found = [
        f'{name}: nan is no threshold: write "off" to leave the rule out'
        for name, value in values.items()
        if isinstance(value, float) and math.isnan(value)
    ]
    for name in sorted(name for name in values if name.endswith("languages")):
        own = {EVERY, SPACED} if name == "languages" else set()
        for language in values[name]:
            named = language_name(language) if each.kind == "code" else language_code(language)
            if language not in {*own, UNDETERMINED, named}:
                found.append(f"{name}: {language!r} names no language{_spelled(named)}")
    if isinstance(each, FineWeb) and each.short_line < 0:
        found.append(f"short_line: {each.short_line} is no length")
    return found


def _spelled(name: str | None) -> str:
    return "" if name is None else f"; write {name!r}"


def _check_limits(limits: Limits) -> list[str]:
    found = []
    if not 0 <= limits.bad_records <= 1:
        found.append(f"bad_records: {limits.bad_records} is no share of records")
    if limits.damaged_shards < 0:
        found.append(f"damaged_shards: {limits.damaged_shards} is no number of shards")
    if limits.faults < 0:
        found.append(f"faults: {limits.faults} is no number of records")
    if limits.max_record_mib < 1:
        found.append("max_record_mib: must be at least 1")
    return found


CHECKS: Final[dict[type, Callable[[Any], list[str]]]] = {
    About: about_flaws,
    License: _check_license,
    Config: _check_config,
    Release: _check_release,
    Source: _check_source,
    OptOut: _check_optout,
    Near: _check_near,
    Dedup: _check_dedup,
    Split: _check_split,
    Quality: _check_quality,
    **dict.fromkeys(map(type, QUALITY_FILTERS), _check_filter),
    PassageRule: flaws,
    Repositories: _check_repositories,
    PluginFilter: check_plugin_filter,
    Limits: _check_limits,
    Redact: check_redact,
    Decontam: check_decontam,
    Protect: check_protect,
}
"""Kind of table -> what finds the mistakes in one."""
