"""Make a release once more from its own config and its inputs, and compare: the same bytes, or why not."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, NamedTuple

from manifests.manifest import SUMS
from pipeline.account import shaping_versions
from pipeline.compare import compare
from pipeline.errors import ConfigError
from pipeline.gate import reopen_gate
from pipeline.plugins import identify, is_installed, missing
from pipeline.policy_file import open_licenses
from pipeline.preflight import code_digest
from pipeline.published import open_earlier, open_release, read_manifest
from pipeline.recorded import recorded_config, recorded_inputs
from pipeline.redaction import key_id
from pipeline.run import Prepared, run_prepared
from pipeline.shards import libzstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifests.manifest import Manifest, Plugin
    from pipeline.compare import Comparison
    from pipeline.config import Config
    from pipeline.means import Means
    from pipeline.recorded import Given


class Departure(NamedTuple):
    """Something that is not as it was when the release was made: `then` and `now`."""

    what: str
    then: str
    now: str


class Reproduction(NamedTuple):
    """What came out: `identical` to the byte, else the `files` that differ.

    `content` says that every record is the same; where it is not, `changes` says what differs.
    """

    release: Path
    identical: bool
    content: bool
    files: tuple[str, ...]
    departures: tuple[Departure, ...]
    changes: Comparison | None

    @property
    def sound(self) -> bool:
        """The same bytes, or the same records in other bytes where the tools are others."""
        return self.identical or (self.content and bool(self.departures))


def reproduce(release: Path, given: Given, means: Means) -> Reproduction:
    """Make the release once more under `means.out` and compare.

    Raises:
        ConfigError: a plug-in is not installed.
        IntegrityError: the release is damaged.
        InputError: an input is missing or is another one now; all of them are named.
        GristmillError: as a run raises it.
    """
    manifest = open_release(release, "the release").manifest
    _refuse_without_plugins(manifest)
    config = recorded_config(release, manifest, given)
    made = run_prepared(_prepare(config, manifest, given.root), means).release
    return _judge(release, made, manifest)


def _refuse_without_plugins(manifest: Manifest) -> None:
    """Tell all that is not installed; what is installed in another version is tried, and told in the end."""
    absent = missing(tuple(each for each in manifest.build.plugins if not is_installed(each)))
    if absent:
        raise ConfigError("\n".join(f"reproduce: {problem}" for problem in absent))


def _prepare(config: Config, manifest: Manifest, root: Path) -> Prepared:
    """Open what the release was made of: its very inputs, and the registry as it was."""
    inputs = recorded_inputs(config, manifest, root)
    gate = None
    if manifest.registries:
        state = {} if manifest.optout == "none" else manifest.optout
        gate = reopen_gate(config, root, manifest.registries[0].head, state.get("cutoff", ""))
    key = key_id(config.redact, root)
    if key != manifest.redact.key:
        raise ConfigError(
            "reproduce: the release was redacted with another key: give it with --redact-key"
        )
    licenses = open_licenses(config, root)
    return Prepared(config, root, gate, licenses, inputs, open_earlier(config, root), key)


def _judge(release: Path, made: Path, then: Manifest) -> Reproduction:
    now = read_manifest(made)
    departures = tuple(_departures(then))
    if (release / SUMS).read_bytes() == (made / SUMS).read_bytes():
        return Reproduction(made, True, True, (), departures, None)
    was = {file.path: file.sha256 for file in then.files}
    is_ = {file.path: file.sha256 for file in now.files}
    files = tuple(
        sorted(path for path in was.keys() | is_.keys() if was.get(path) != is_.get(path))
    )
    content = then.content_root == now.content_root
    changes = None if content else compare(release, made, reseeded=False)
    return Reproduction(made, False, content, files, departures, changes)


def _departures(then: Manifest) -> Iterator[Departure]:
    """Name what shapes bytes and is not as it was."""
    build = then.build
    pairs = {
        "gristmill's code": (build.code_sha256[:12], code_digest()[:12]),
        "libzstd": (build.libzstd, libzstd()),
        "python": (build.python, platform.python_version()),
    }
    now = shaping_versions()
    for name, version in build.packages.items():
        pairs[name] = (version, now.get(name, ""))
    for plugin in build.plugins:
        here = identify(plugin.kind, plugin.name)
        if here != plugin:
            what = f"{plugin.kind} {plugin.name}"
            pairs[what] = (_spelled(plugin), _spelled(here))
    return (Departure(what, *pair) for what, pair in pairs.items() if pair[0] != pair[1])


def _spelled(plugin: Plugin) -> str:
    return f"{plugin.distribution} {plugin.version}, code {plugin.sha256[:12]}".strip()
