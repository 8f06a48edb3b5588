"""Give a release's description in somebody's format: copied out of the release, or made from its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from manifests.checksum import sha256_hex
from manifests.metadata.california import CALIFORNIA_DATA, CALIFORNIA_PAGE
from manifests.metadata.cyclonedx import cyclonedx
from manifests.metadata.datasheet import DATASHEET
from manifests.metadata.eu_summary import EU_DATA, EU_PAGE
from manifests.metadata.provenance import PROVENANCE
from manifests.metadata.spdx3 import spdx3
from pipeline.errors import ConfigError, IntegrityError
from pipeline.published import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manifests.manifest import Manifest

MADE: Final[dict[str, Callable[[Manifest], bytes]]] = {"spdx": spdx3, "cyclonedx": cyclonedx}
"""Formats that are made from the manifest."""

HELD: Final = {
    "datasheet": DATASHEET,
    "eu": EU_PAGE,
    "california": CALIFORNIA_PAGE,
    "croissant": "croissant.json",
    "provenance": PROVENANCE,
}
"""Formats that lie in the release, by path."""

HELD_JSON: Final = {"eu": EU_DATA, "california": CALIFORNIA_DATA}
"""Those that lie there a second time, for machines."""


def export(release: Path, name: str, *, machine: bool = False) -> bytes:
    """Return the description of a release in the format `name`, with `machine` as JSON where there is both.

    Raises:
        ConfigError: the release holds no such file.
        IntegrityError: the manifest, or the file that is copied, is damaged.
    """
    manifest = read_manifest(release)
    if name in MADE:
        return MADE[name](manifest)
    return _copied(release, manifest, (HELD_JSON if machine else {}).get(name, HELD[name]))


def _copied(release: Path, manifest: Manifest, path: str) -> bytes:
    """Read a file of the release, as its manifest lists it."""
    listed = {file.path: file.sha256 for file in manifest.files}
    if path not in listed:
        raise ConfigError(f"export: {release}: there is no {path} in it: make the release again")
    data = (release / path).read_bytes() if (release / path).is_file() else b""
    if sha256_hex(data) != listed[path]:
        raise IntegrityError(f"export: {release / path}: is not what the manifest lists: verify it")
    return data
