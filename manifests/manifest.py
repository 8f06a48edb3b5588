"""manifest.json: what a release holds, what it was made of and how, in one canonical spelling.

No clock, host, user or absolute path stands in it, so equal inputs give an equal manifest. Its
figures must add up (manifests/audit.py), and SHA256SUMS follows from it byte for byte.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, Literal

import msgspec

from manifests.about import About
from manifests.checksum import sha256_hex, sums_text
from manifests.content import Branch
from manifests.diff import Change
from manifests.shapes import (
    Count,
    Digest,
    KeyId,
    Name,
    Place,
    ReleasePath,
    SemVer,
    Shards,
    Split,
    Tally,
)

SCHEMA_VERSION: Final = 3
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
SCHEMA: Final = "manifest.schema.json"
SPLITS: Final = ("train", "validation", "test")
STAGES: Final = (
    "read", "license", "optout", "redact", "quality", "decontam", "qa", "exact", "near"
)  # fmt: skip
"""What a record passes, in this order."""

_SHARD_PATH: Final = re.compile(
    r"(?P<kind>data|qa)/(?P<source>[^/]+)/(?P<split>[a-z]+)"
    r"-(?P<shard>[0-9]{5,})-of-(?P<shards>[0-9]{5,})\.jsonl\.zst"
)


class Parent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The release that this one follows."""

    version: SemVer
    content_root: Digest


class Against(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An earlier release whose documents this one does not repeat; the ledger says `<name>-<version>`."""

    name: Name
    version: SemVer
    content_root: Digest


class Plugin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, order=True):
    """What another package brought: its kind, what the config calls it, and the SHA-256 of its code.

    `distribution` and `version` are those of the package, `""` where the code belongs to none.
    """

    kind: str
    name: str
    distribution: str
    version: str
    sha256: Digest


class Build(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What the bytes depend on beside the inputs; `packages` is name -> version.

    `plugins` are those that took part, left out where there were none.
    """

    code_sha256: Digest
    config_sha256: Digest
    libzstd: str
    packages: dict[str, str]
    seed: Count
    shards: Shards
    python: str = ""
    plugins: tuple[Plugin, ...] = ()


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input file: path from the config's folder, size in bytes, records (its ledger rows)."""

    source: Name
    path: Place
    sha256: Digest
    bytes: Count
    records: Count


class Registry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opt-out registry as it was: the hash at the head of its chain, the requests in it."""

    head: Digest
    requests: Count


CARRIED: Final = "carried"
"""What stands for the rule of a span that was replaced before, as a release says whose records were read."""


class Redact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The level of redaction, and type -> spans replaced in the emitted documents and questions.

    `rules` counts the same spans by rule (or as `CARRIED`), `actions` says what types become other than placeholders,
    `key` names the key of surrogates and ledger digests without telling it, empty where there is
    none, and `recognisers` are the detectors from outside that took part.
    """

    level: str
    counts: Tally
    rules: Tally = {}
    actions: dict[str, str] = {}
    key: KeyId = ""
    recognisers: tuple[str, ...] = ()


HELD_OUT: Final = "held-out"
"""The format of a protected set that is no file's, but questions of the release itself."""


class ProtectedSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An evaluation set: SHA-256 of its files, its items, how many passages of it were sought, and by what.

    Of questions that the release itself holds out the format is `HELD_OUT`, and there are no files.
    """

    name: str
    format: str
    files: tuple[Digest, ...]
    items: Count
    passages: Count
    by: tuple[str, ...]


class Decontam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The evaluation sets that no document holds a passage of: `ngram` words in a row, an id, a title."""

    ngram: int
    sets: tuple[ProtectedSet, ...]


class Stage(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"entered": "in", "left": "out"},
):
    """What went in and out of a stage: `in = out + sum(dropped)`, by reason."""

    stage: str
    entered: Count
    left: Count
    dropped: Tally


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source: records read and kept, raw bytes of the kept, kept per split and per licence.

    `kind` says where its shards lie: documents under `data/`, questions under `qa/`.
    """

    name: Name
    kind: Literal["document", "question"]
    read: Count
    kept: Count
    bytes: Count
    splits: dict[Split, Count]
    licenses: Tally


class File(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A file; a shard also has the size of its raw lines, its records and Merkle root."""

    path: ReleasePath
    sha256: Digest
    bytes: Count
    raw_bytes: Count | None = None
    records: Count | None = None
    merkle_root: Digest | None = None


class Manifest(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A whole release. `bytes_raw` is the raw size of all its shards, questions included.

    `content_root` follows from `branches`, which follow from the records (manifests/content.py).
    `files` names every file but manifest.json, SHA256SUMS and a signature over it, in the byte order of the paths.
    `license` and `optout` are the configured policy, or `"none"`: then nothing was filtered.
    `quarantined` is source -> records that could not be read. `against` and `about` are left out where they are empty.
    """

    schema_version: int
    name: Name
    version: SemVer
    parent: Parent | None = None
    against: tuple[Against, ...] = ()
    change: Change
    content_root: Digest
    branches: tuple[Branch, ...]
    documents: Count
    questions: Count
    bytes_raw: Count
    build: Build
    inputs: tuple[Input, ...]
    registries: tuple[Registry, ...]
    license: dict[str, Any] | Literal["none"]
    optout: dict[str, Any] | Literal["none"]
    redact: Redact
    decontam: Decontam | None = None
    stages: tuple[Stage, ...]
    sources: tuple[Source, ...]
    quarantined: Tally
    notes: tuple[str, ...]
    files: tuple[File, ...]
    about: About | None = None


class _Schema(msgspec.Struct, frozen=True):
    """What every manifest says, whichever its schema."""

    schema_version: int


class _Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shape of a branch (manifests/content.py)."""

    root: Digest
    records: Count


class ShardPath(msgspec.Struct, frozen=True):
    """What the path of a shard says: `kind` is `data` or `qa`, `shard` one of `0 … shards - 1`."""

    kind: str
    source: str
    split: str
    shard: int
    shards: int


def encode(manifest: Manifest) -> bytes:
    """Return manifest.json: sorted keys, two spaces of indent, one newline at the end."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=2) + b"\n"


def decode(data: bytes) -> Manifest:
    """Read manifest.json; raises `ValueError` unless `encode` gives the same bytes back."""
    try:
        found = msgspec.json.decode(data, type=_Schema).schema_version
        if found != SCHEMA_VERSION:
            when = (
                "an earlier gristmill: make it again" if found < SCHEMA_VERSION else "a later one"
            )
            raise ValueError(f"the release was made by {when}")
        manifest = msgspec.json.decode(data, type=Manifest)
        msgspec.convert(manifest.branches, tuple[_Branch, ...], from_attributes=True)
    except RecursionError:
        raise ValueError("the manifest is nested too deeply") from None
    if encode(manifest) != data:
        raise ValueError("the manifest is not in canonical form")
    return manifest


@cache
def manifest_schema() -> bytes:
    """Return manifest.schema.json: the JSON Schema (2020-12) of manifest.json, for readers in any language."""
    told: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    told |= msgspec.json.schema(Manifest)
    definitions = told["$defs"]
    branch = msgspec.json.schema(_Branch)["$defs"]["_Branch"]
    definitions["Branch"]["properties"] = branch["properties"]
    definitions["Manifest"]["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return msgspec.json.format(msgspec.json.encode(told, order="sorted"), indent=2) + b"\n"


def checksums_text(manifest: Manifest, manifest_bytes: bytes) -> str:
    """Return SHA256SUMS: a line for every file but itself, manifest.json included."""
    sums = {file.path: file.sha256 for file in manifest.files}
    return sums_text({**sums, MANIFEST: sha256_hex(manifest_bytes)})


def shard_path(path: str) -> ShardPath | None:
    """Read what a path under `data/` or `qa/` says, or `None` when no shard is named so."""
    match = _SHARD_PATH.fullmatch(path)
    if match is None:
        return None
    shard, shards = int(match["shard"]), int(match["shards"])
    well_spelled = f"-{shard:05d}-of-{shards:05d}." in path
    if match["split"] not in SPLITS or shard >= shards or not well_spelled:
        return None
    return ShardPath(match["kind"], match["source"], match["split"], shard, shards)


def is_shard(path: str) -> bool:
    """Say whether a path lies where shards alone may lie."""
    return path.startswith(("data/", "qa/"))
