"""Give a release in somebody's format: copied out of it, made from its manifest, or by an exporter of a plug-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from manifests.checksum import sha256_hex
from manifests.metadata.california import CALIFORNIA_DATA, CALIFORNIA_PAGE
from manifests.metadata.cyclonedx import cyclonedx
from manifests.metadata.datasheet import DATASHEET
from manifests.metadata.eu_summary import EU_DATA, EU_PAGE
from manifests.metadata.provenance import PROVENANCE
from manifests.metadata.spdx3 import spdx3
from pipeline.catalog import open_catalog
from pipeline.errors import ConfigError, IntegrityError
from pipeline.plugins import Loaded, blamed, load, offers
from pipeline.published import read_manifest
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from manifests.manifest import Manifest
    from pipeline.catalog.open import Release

    Exporter = Callable[[Manifest, Release], Iterator[bytes]]
    """What a package offers: from a manifest and the release, open for reading, to the bytes of one file."""

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

_WHAT: Final = "a function of a manifest and an open release that yields bytes"


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


def export_by_plugin(release: Path, name: str) -> Iterator[bytes]:
    """Yield what the exporter of a plug-in makes of a release; `name` is not one of ours.

    Raises:
        ConfigError: at once, where there is no such exporter; and where it yields anything but bytes.
        IntegrityError: the release is damaged.
        FaultError: the exporter raised something.
    """
    loaded = load_exporter(name)
    if loaded is None:
        known = (*MADE, *HELD, *(each.name for each in offers("exporter")))
        raise ConfigError(f"export: no format is called {name!r}{suggestion(name, known)}")
    return _made(loaded, release)


def load_exporter(name: str) -> Loaded | None:
    """Load an exporter, `None` where there is none of that name; errors as `load`."""
    return load("exporter", name, callable, _WHAT)


def _made(loaded: Loaded, release: Path) -> Iterator[bytes]:
    exporter: Exporter = loaded.value
    manifest = read_manifest(release)
    with open_catalog(release) as opened:
        with blamed(loaded.offer):
            pieces = iter(exporter(manifest, opened))
        while True:
            with blamed(loaded.offer):
                piece: Any = next(pieces, None)
            if piece is None:
                return
            if not isinstance(piece, bytes):
                raise ConfigError(f"{loaded.offer}: it must yield bytes")
            yield piece


def _copied(release: Path, manifest: Manifest, path: str) -> bytes:
    """Read a file of the release, as its manifest lists it."""
    listed = {file.path: file.sha256 for file in manifest.files}
    if path not in listed:
        raise ConfigError(f"export: {release}: there is no {path} in it: make the release again")
    data = (release / path).read_bytes() if (release / path).is_file() else b""
    if sha256_hex(data) != listed[path]:
        raise IntegrityError(f"export: {release / path}: is not what the manifest lists: verify it")
    return data
