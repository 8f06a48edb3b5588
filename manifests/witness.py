"""Does a manifest agree with the config that made it and with its provenance? Each flaw is said in words.

Both repeat what the manifest says of its making, so one that was edited alone, with SHA256SUMS made
anew, contradicts them. Who edits all of them is found out by a signature or a quoted content root.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from manifests.checksum import canonical_sha256
from manifests.manifest import HELD_OUT
from manifests.metadata.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests.manifest import Manifest


def config_flaws(manifest: Manifest, config: bytes) -> Iterator[str]:
    """Say in what a manifest contradicts config/config.json; raises `ValueError` for what is no JSON object."""
    try:
        told = json.loads(config)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(told, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004  the file's fault, not a caller's
    if canonical_sha256(told) != manifest.build.config_sha256:
        yield "build.config_sha256 is not that of config/config.json"
    redact = manifest.redact
    whole = "dedup" in told and _at(told, "dedup", "passages") is None
    # where passages were cut, the rules tell of the texts as they were before
    if whole and sum(redact.counts.values()) != sum(redact.rules.values()):
        yield "redact: counts and rules do not add up to the same"
    for key, mine, configured in _pairs(manifest, told):
        if mine != configured:
            yield f"{key} is not what config/config.json says"


def _pairs(manifest: Manifest, config: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield what the manifest repeats of the config: key, as the manifest says it, as the config does."""
    build, redact = manifest.build, manifest.redact
    yield "name", manifest.name, _at(config, "release", "name")
    yield "version", manifest.version, _at(config, "release", "version")
    yield "build.seed", build.seed, _at(config, "release", "seed")
    yield "build.shards", build.shards, _at(config, "release", "shards")
    yield "redact.level", redact.level, _at(config, "redact", "level")
    yield "redact.actions", redact.actions, _at(config, "redact", "replace")
    yield "redact.recognisers", list(redact.recognisers), _at(config, "redact", "recognisers")
    yield "about", _built(manifest.about) or {}, config.get("about") or {}
    yield "sources", [each.name for each in manifest.sources], _each(config.get("sources"), "name")
    yield "build.plugins", _plugins(manifest, "filter"), _each(config.get("filters") or [], "name")
    yield "registries", len(manifest.registries), 0 if config.get("optout") is None else 1
    yield from _filters(manifest, config)


def _filters(manifest: Manifest, config: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield what is configured of licences and of decontamination."""
    shown = None if manifest.license == "none" else manifest.license
    settings = config.get("license")
    if shown is None or settings is None:
        filters = any(_at(config, "license", key) for key in ("policy", "allow", "deny"))
        decided = bool(_at(config, "license", "decisions"))
        # decisions that decide nothing yet leave no trace
        yield "license", shown is not None, filters or (shown is not None and decided)
    elif "policy" in shown:
        for key in ("policy", "allow", "deny", "exceptions", "unknown"):
            yield f"license.{key}", shown.get(key), _at(config, "license", key)
    sets = () if manifest.decontam is None else manifest.decontam.sets
    given = [each for each in sets if each.format != HELD_OUT]
    yield "decontam", not given, config.get("decontam") is None
    for each in sets:
        table, key = ("qa", "protect") if each.format == HELD_OUT else ("decontam", "by")
        by = _at(config, table, key)
        yield f"{table}.{key}", sorted(each.by), sorted(by, key=str) if isinstance(by, list) else by
    if given and manifest.decontam is not None:
        yield "decontam.ngram", manifest.decontam.ngram, _at(config, "decontam", "ngram")
        protect = _at(config, "decontam", "protect")
        yield "decontam.sets", sorted(each.name for each in given), _each(protect, "name")


def _plugins(manifest: Manifest, kind: str) -> list[str]:
    return sorted(each.name for each in manifest.build.plugins if each.kind == kind)


def _at(config: dict[str, Any], section: str, key: str) -> Any:
    table = config.get(section)
    return table.get(key) if isinstance(table, dict) else None


def _each(tables: Any, key: str) -> Any:
    """Return what each of a list of tables says, sorted; `None` for what is no such list."""
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        return None
    return sorted((each.get(key) for each in tables), key=str)


def _built(value: Any) -> Any:
    """Make lists of tuples and tables of structs, as JSON has them."""
    return msgspec.json.decode(msgspec.json.encode(value))


def provenance_flaw(manifest: Manifest, config: bytes, found: bytes) -> str | None:
    """Say where provenance.json is not what manifest and config give, or `None`; raises `ValueError` as those do."""
    try:
        expected = provenance(manifest, config)
        if found == expected:
            return None
        place = _first_difference(json.loads(expected), json.loads(found), "")
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return f"is not what manifest.json and config/config.json give{place and f': {place}'}"


def _first_difference(expected: Any, found: Any, place: str) -> str:
    """Name the first member that differs, as `a.b.0`; empty where only the spelling does."""
    if isinstance(expected, dict) and isinstance(found, dict):
        pairs = [(k, expected.get(k), found.get(k)) for k in dict.fromkeys([*expected, *found])]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [(str(n), *each) for n, each in enumerate(zip(expected, found, strict=True))]
    else:
        return "" if expected == found else place
    inner = (_first_difference(mine, his, f"{place}.{key}".strip(".")) for key, mine, his in pairs)
    return next(filter(None, inner), "")
