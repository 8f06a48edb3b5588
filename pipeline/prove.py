"""Prove that a document is, or is not, in a release: read the shards of its number, and no others."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from manifests import proof
from manifests.addressing import address
from manifests.content import folder_of
from manifests.manifest import shard_path
from pipeline.catalog import read_lines
from pipeline.errors import IntegrityError
from pipeline.published import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifests.manifest import Manifest


def prove(release: Path, name: str) -> proof.Proof:
    """Prove that the id `name` is in a release or is not.

    Raises:
        IntegrityError: the release is damaged.
    """
    try:
        manifest = read_manifest(release)
        return proof.prove(manifest, name, sorted(_entries(release, manifest, name)))
    except ValueError as error:
        raise IntegrityError(f"prove: {release}: {error}: verify it") from error


def _entries(release: Path, manifest: Manifest, name: str) -> Iterator[proof.Entry]:
    """Yield all records of the shard number to which an id belongs."""
    number = proof.shard_number(manifest, name)
    for file in manifest.files:
        place = shard_path(file.path)
        if place is not None and place.shard == number:
            for line in read_lines(release, frozenset([file.path])):
                at = address(manifest.build.seed, msgspec.json.decode(line, type=_Named).id)
                yield proof.Entry(at, folder_of(file.path), sha256(line).digest())


class _Named(msgspec.Struct, frozen=True):
    """What of a record says where it lies."""

    id: str
