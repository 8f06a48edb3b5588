"""What a run of a config would do, and what of it is done already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import release_tasks, tasks
from pipeline.config import load_config
from pipeline.gate import open_gate
from pipeline.known_inputs import KnownInputs
from pipeline.lineage import find_parent
from pipeline.means import Means, Place, out_of, work_of
from pipeline.plan import freeze_inputs
from pipeline.policy_file import open_licenses
from pipeline.protected import find_protected
from pipeline.redaction import key_id
from pipeline.screening import known_findings, known_screens
from pipeline.stretched import known_stretches

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.config import Config
    from pipeline.engine.work import Marker, Work
    from pipeline.plan import Input


class Planned(NamedTuple):
    """The inputs of a config, each with its finished screen if there is one, and the work folder."""

    config: Config
    inputs: tuple[Input, ...]
    screens: list[Marker | None]
    work: Work


def find_screens(
    config_path: Path, overrides: tuple[str, ...], out: Place, work: Place | None
) -> Planned:
    """Look up which screens of a config are done; nothing is written."""
    config = load_config(config_path, overrides)
    root = config_path.resolve().parent
    gate = open_gate(config, root)
    folder = work_of(config, Means(out, work))
    frozen = freeze_inputs(config, root, KnownInputs.load(folder))
    inputs = known_stretches(config, frozen, folder)
    signature = tasks.signature_of(config, inputs)
    handed = release_tasks.handed(
        open_licenses(config, root),
        key_id(config.redact, root),
        find_protected(config, root).digest,
    )
    known = known_findings(
        config,
        inputs,
        folder,
        None if gate is None else gate.filter,
        "" if gate is None else gate.key,
    )
    parent = find_parent(config, root, out_of(Means(out, work), folder))
    sticky = "" if parent is None else parent.splits
    screens = known_screens(config, inputs, known, handed, signature, folder, sticky)
    return Planned(config, inputs, screens, folder)


def plan_config(
    config_path: Path, overrides: tuple[str, ...], out: Place, work: Place | None
) -> list[dict[str, Any]]:
    """List every input with whether its screen is done already; nothing is written."""
    found = find_screens(config_path, overrides, out, work)
    planned: dict[tuple[str, str], dict[str, Any]] = {}
    for item, done in zip(found.inputs, found.screens, strict=True):
        entry = planned.setdefault(
            (item.source, item.path),
            {
                "source": item.source,
                "path": item.path,
                "bytes": 0,
                "sha256": item.sha256,
                "done": True,
            },
        )
        entry["bytes"] += item.bytes
        entry["done"] &= done is not None
    return list(planned.values())
