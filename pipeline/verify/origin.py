"""The check of what a manifest says of its making: against the config, the provenance and the changelog beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from manifests.changelog import CHANGES, parse_steps
from manifests.manifest import MANIFEST
from manifests.metadata.provenance import PROVENANCE
from manifests.witness import config_flaws, provenance_flaw
from pipeline.release import CONFIG_PATH

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.manifest import Manifest
    from pipeline.verify.report import Findings

WITNESSES: Final = (CONFIG_PATH, PROVENANCE, CHANGES)


def check_origin(
    release: Path, manifest: Manifest, sound: frozenset[str], findings: Findings
) -> None:
    """Hold a sound manifest against the files that repeat it; a damaged one is no witness.

    A release that does not list one of them is no whole release: else leaving it out would silence it.
    """
    listed = {file.path for file in manifest.files}
    for path in WITNESSES:
        if path not in listed:
            findings.add(MANIFEST, f"files: {path} is not listed, and every release has it")
    read = {path: _read(release / path) for path in WITNESSES if path in sound}
    config = read.get(CONFIG_PATH)
    if config is not None:
        _check_config(manifest, config, findings)
    made = read.get(PROVENANCE)
    if config is not None and made is not None and not findings.names(CONFIG_PATH):
        _check_provenance(manifest, config, made, findings)
    changes = read.get(CHANGES)
    if changes is not None:
        _check_changes(manifest, changes, findings)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # it was there when it was hashed
        return None


def _check_config(manifest: Manifest, config: bytes, findings: Findings) -> None:
    try:
        for flaw in config_flaws(manifest, config):
            findings.add(MANIFEST, flaw)
    except (ValueError, RecursionError) as error:
        findings.add(CONFIG_PATH, f"cannot be read: {error}")


def _check_provenance(manifest: Manifest, config: bytes, made: bytes, findings: Findings) -> None:
    try:
        flaw = provenance_flaw(manifest, config, made)
    except (ValueError, RecursionError) as error:
        flaw = f"cannot be read: {error}"
    if flaw is not None:
        findings.add(PROVENANCE, flaw)


def _check_changes(manifest: Manifest, changes: bytes, findings: Findings) -> None:
    """Hold the newest step of the changelog against the manifest's head."""
    try:
        steps = parse_steps(changes)
    except (ValueError, RecursionError) as error:
        findings.add(CHANGES, f"cannot be read: {error}")
        return
    parent = manifest.parent
    line = [(manifest.version, manifest.content_root)]
    line += [] if parent is None else [(parent.version, parent.content_root)]
    before = "" if parent is None else parent.version
    if (
        [(step.version, step.content_root) for step in steps[:2]] != line
        or steps[0].change != manifest.change
        or steps[0].parent != before
    ):
        findings.add(CHANGES, "its newest release is not the one that manifest.json describes")
