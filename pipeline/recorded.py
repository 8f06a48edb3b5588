"""What a release says of how it was made: its config and its inputs, to make it once more, or its successor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.config import check_config
from pipeline.errors import InputError
from pipeline.plan import Input, digest_input
from pipeline.release import CONFIG_PATH

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.manifest import Manifest
    from pipeline.config import Config


class Given(NamedTuple):
    """What the release does not hold: the config's folder, the files with the keys, where its parent lies.

    `keys` are pairs such as `("redact.key", path)`.
    """

    root: Path
    keys: tuple[tuple[str, str], ...] = ()
    parent: Path | None = None


def recorded_table(release: Path, manifest: Manifest, given: Given) -> dict[str, Any]:
    """Read the release's own config as a table; its parent is not in it, other releases lie beside it."""
    table: dict[str, Any] = _without_nulls(json.loads((release / CONFIG_PATH).read_bytes()))
    if manifest.against:
        places = release.resolve().parent
        table["dedup"]["against"] = [
            str(places / f"{e.name}-{e.version}") for e in manifest.against
        ]
    for key, path in given.keys:
        section, _, name = key.partition(".")
        table.setdefault(section, {})[name] = path
    return table


def recorded_config(release: Path, manifest: Manifest, given: Given) -> Config:
    """Return the config that made the release."""
    table = recorded_table(release, manifest, given)
    if manifest.parent is not None:
        beside = release.resolve().with_name(f"{manifest.name}-{manifest.parent.version}")
        table["release"]["parent"] = str((given.parent or beside).resolve())
    return check_config(table, str(release / CONFIG_PATH))


def _without_nulls(value: Any) -> Any:
    """Leave out what is not set: a config is TOML, which has no null."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def recorded_inputs(config: Config, manifest: Manifest, root: Path) -> tuple[Input, ...]:
    """Find the inputs that the manifest lists; what else the config's paths match by now is no matter.

    Raises:
        InputError: some are missing or other files now; all of them are named.
    """
    sources = {source.name: source for source in config.sources}
    problems, etags = [], []
    for each in manifest.inputs:
        try:
            hashed = digest_input(root, each.path, sources[each.source])
        except (InputError, KeyError):
            problems.append(f"start: {each.path}: is missing (source {each.source!r})")
            continue
        etags.append(hashed.etag)
        if hashed.sha256 != each.sha256:
            problems.append(f"start: {each.path}: is another file than then: its SHA-256 differs")
    if problems:
        raise InputError("\n".join(problems))
    return tuple(
        Input(
            ordinal=ordinal,
            source=each.source,
            path=each.path,
            bytes=each.bytes,
            sha256=each.sha256,
            etag=etag,
        )
        for ordinal, (each, etag) in enumerate(zip(manifest.inputs, etags, strict=True))
    )
