"""Apply an opt-out registry to a published release: its successor, made by the same run, and a withdrawal.

The run is the release's own: its config, its inputs, its work folder, with another registry. What a
request does not concern is found there as it was; so the successor is what a full run would make,
to the byte, at a fraction of the cost.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from manifests import version as versions
from manifests.content import content_root
from pipeline.compare import compare
from pipeline.config import check_config
from pipeline.errors import ConfigError
from pipeline.gate import gate_of
from pipeline.job import sweep
from pipeline.policy_file import open_licenses
from pipeline.published import open_earlier, open_release
from pipeline.recorded import recorded_inputs, recorded_table
from pipeline.redaction import key_id
from pipeline.run import Prepared, conduct, make
from pipeline.seal import seal
from pipeline.withdrawals import Withdrawal, withdraw, withdrawal_of

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.compare import Comparison
    from pipeline.config import Config
    from pipeline.job import Job
    from pipeline.published import Published
    from pipeline.recorded import Given
    from pipeline.run import Means


class Applied(NamedTuple):
    """What came of it: the successor, or `None` where the release holds nothing that was opted out.

    `changes` compares the two, `requests` are those behind what went.
    """

    successor: Path | None
    changes: Comparison | None
    requests: tuple[str, ...]


_NOTHING = Applied(None, None, ())


def apply(release: Path, registry: Path, given: Given, means: Means, version: str = "") -> Applied:
    """Make the release's successor under `means.out`, withdraw the release and sweep the work folder.

    `version` is the successor's, unset the next patch.

    Raises:
        ConfigError: the release was withdrawn before, or the version is no patch that may follow.
        GristmillError: as a run raises it.
    """
    published = open_release(release, "the release")
    _refuse_withdrawn(published)
    config = _config(published, registry, given, version)
    prepared = _prepare(config, published, registry, given)
    used: set[Path] = set()

    def act(job: Job) -> Path | None:
        done = make(job)
        if content_root(done.branches, config.release.seed) == published.manifest.content_root:
            return None
        made = seal(job, done)
        sweep(job.work, used)
        return made

    successor = conduct(prepared, means, act, used)
    return _NOTHING if successor is None else _withdrawn(published, successor)


def _refuse_withdrawn(published: Published) -> None:
    found = withdrawal_of(published.path, published.manifest.content_root)
    if found is not None:
        raise ConfigError(
            f"optout: {published.path}: is withdrawn: {found.replaced_by} replaces it: apply to that"
        )


def _config(published: Published, registry: Path, given: Given, version: str) -> Config:
    """Write the config of the successor: that of the release, one patch on."""
    manifest = published.manifest
    table = recorded_table(published.path, manifest, given)
    before = versions.parse(manifest.version)
    table["release"] |= {
        "version": version or str(versions.least(before, "removal")),
        "parent": str(published.path.resolve()),
    }
    spelt = os.path.relpath(registry.resolve(), given.root)
    table["optout"] = {"registry": spelt} | table.get("optout", {})
    return check_config(table, str(published.path))


def _prepare(config: Config, published: Published, registry: Path, given: Given) -> Prepared:
    """Open what the successor is made of: the very inputs of the release, and the registry as it is now."""
    root = given.root
    key = key_id(config.redact, root)
    if key != published.manifest.redact.key:
        raise ConfigError(
            "optout: the release was redacted with another key: give it with --redact-key"
        )
    author_key = dict(given.keys).get("optout.key")
    return Prepared(
        config,
        root,
        gate_of(registry, None if author_key is None else root / author_key),
        open_licenses(config, root),
        recorded_inputs(config, published.manifest, root),
        open_earlier(config, root),
        key,
    )


def _withdrawn(published: Published, successor: Path) -> Applied:
    """List the release as withdrawn, beside it and beside its successor."""
    before, after = published.manifest, open_release(successor, "the successor").manifest
    changes = compare(published.path, successor, reseeded=False)
    requests = tuple(sorted({fate.request for fate in changes.fates.values() if fate.request}))
    entry = Withdrawal(
        release=f"{before.name}-{before.version}",
        content_root=before.content_root,
        replaced_by=f"{after.name}-{after.version}",
        replacement_root=after.content_root,
        registry=after.registries[0].head,
        requests=requests,
        documents=len(changes.difference.removed),
        withdrawn=datetime.now(UTC).date().isoformat(),
    )
    for folder in {published.path.resolve().parent, successor.resolve().parent}:
        withdraw(folder, entry)
    return Applied(successor, changes, requests)
