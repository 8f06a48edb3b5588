"""Making: all that a release comes from, but for the opt-outs that it honours.

Two releases of one making differ by their opt-outs alone, whatever changed: texts that were cut for
a repeat, repositories that were somebody's fork, duplicates that come back or stand back again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from manifests.manifest import HELD_OUT
from pipeline.config import OptOut
from pipeline.published import read_manifest
from pipeline.release import CONFIG_PATH

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.manifest import Against, Build, Decontam, Input


class Making(NamedTuple):
    """Config, inputs and code; equal ones give equal releases for equal opt-outs."""

    config: dict[str, Any]
    inputs: tuple[Input, ...]
    against: tuple[Against, ...]
    license: dict[str, Any] | str
    decontam: Decontam | None
    key: str
    build: Build

    def but_optouts(self) -> Making:
        """Leave out what names the version and the registry; which texts are common stays.

        So does which evaluation sets are protected, but for the questions that the release itself
        holds out: these change with what is opted out of them.
        """
        release = {**self.config["release"], "version": ""}
        common = (self.config["optout"] or {}).get("common", OptOut(registry="").common)
        config = {**self.config, "release": release, "optout": {"common": common}}
        build = msgspec.structs.replace(self.build, config_sha256="")
        return self._replace(config=config, decontam=_but_held_out(self.decontam), build=build)


def _but_held_out(decontam: Decontam | None) -> Decontam | None:
    """Leave out the sets that are questions of the release itself."""
    if decontam is None:
        return None
    given = tuple(each for each in decontam.sets if each.format != HELD_OUT)
    return msgspec.structs.replace(decontam, sets=given) if given else None


def making_of(release: Path) -> Making:
    """Read what a sealed release says of its making.

    Raises:
        IntegrityError: its manifest does not read.
    """
    manifest = read_manifest(release)
    return Making(
        json.loads((release / CONFIG_PATH).read_bytes()),
        manifest.inputs,
        manifest.against,
        manifest.license,
        manifest.decontam,
        manifest.redact.key,
        manifest.build,
    )


def by_optouts_alone(old: Making, new: Making) -> bool:
    """Say whether two releases differ by their opt-outs and by nothing else."""
    return old.but_optouts() == new.but_optouts()
