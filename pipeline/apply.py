"""Apply an opt-out registry to a published release: its successor, made by the same run, and a withdrawal.

The run is the release's own: its config, its inputs, its work folder, with another registry. What a
request does not concern is found there as it was; so the successor is what a full run would make,
to the byte, at a fraction of the cost. Where what it was made of is not at hand, the successor is
made from the release alone (`pipeline.amend`).
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from manifests import version as versions
from manifests.content import content_root
from pipeline.amend import amend
from pipeline.compare import compare
from pipeline.config import check_config
from pipeline.errors import ConfigError, InputError
from pipeline.gate import gate_of
from pipeline.making import by_optouts_alone, making_of
from pipeline.policy_file import Licenses, open_licenses
from pipeline.protected import find_protected
from pipeline.published import open_earlier, open_release
from pipeline.recorded import recorded_inputs, recorded_table
from pipeline.redaction import key_id
from pipeline.run import Prepared, conduct, make
from pipeline.seal import seal
from pipeline.withdrawals import Withdrawal, withdraw, withdrawal_of
from pipeline.work_folder import sweep

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.amend import Amended
    from pipeline.compare import Comparison
    from pipeline.config import Config
    from pipeline.gate import Gate
    from pipeline.job import Job
    from pipeline.means import Means
    from pipeline.published import Published
    from pipeline.recorded import Given


class Applied(NamedTuple):
    """What came of it: the successor, or `None` where the release holds nothing that was opted out.

    `changes` compares the two, `requests` are those behind what went. `missing` says why the
    release was amended, empty where it was made once more; `not_re_elected` counts the duplicates
    that lost their survivor then and stay out, `unknown` says what the release alone did not tell.
    """

    successor: Path | None = None
    changes: Comparison | None = None
    requests: tuple[str, ...] = ()
    missing: str = ""
    not_re_elected: int = 0
    unknown: tuple[str, ...] = ()


def apply(
    release: Path,
    registry: Path,
    given: Given,
    means: Means,
    version: str = "",
    *,
    must_find: bool = False,
) -> Applied:
    """Make the release's successor under `means.out`, withdraw the release and sweep the work folder.

    `version` is the successor's, unset the next patch. With `must_find` it is an error when what the
    release was made of is not at hand, where it would be amended otherwise.

    Raises:
        ConfigError: the release was withdrawn before, or the version is no patch that may follow.
        GristmillError: as a run raises it.
    """
    published = open_release(release, "the release")
    _refuse_withdrawn(published)
    config = _config(published, registry, given, version)
    author_key = dict(given.keys).get("optout.key")
    key_path = None if author_key is None else given.root / author_key
    gate = gate_of(config, given.root, registry, key_path)
    try:
        prepared = _prepare(config, published, gate, given)
    except (ConfigError, InputError) as error:
        if must_find:
            raise
        return _amended(published, config, gate, given, means, str(error))
    used: set[Path] = set()

    def act(job: Job) -> Path | None:
        done = make(job)
        same = content_root(done.branches, config.release.seed) == published.manifest.content_root
        made = None if same else seal(job, done)
        sweep(job.work, used)  # what is in no release may be opted out all the same
        return made

    successor = conduct(prepared, means, act, used)
    return Applied() if successor is None else _withdrawn(published, successor)


def _amended(
    published: Published, config: Config, gate: Gate, given: Given, means: Means, missing: str
) -> Applied:
    """Make the successor from the release alone; `missing` says what is not at hand."""
    key = published.manifest.redact.key
    prepared = Prepared(config, given.root, gate, Licenses(), (), (), key)
    used: set[Path] = set()

    def act(job: Job) -> tuple[Path, Amended] | None:
        job.reporter.warn(f"optout: {published.name} is amended without its inputs:\n{missing}")
        found = amend(job, published)
        if found is None:
            return None
        made = seal(job, found.done)
        sweep(job.work, used)
        return made, found

    made = conduct(prepared, means, act, used)
    if made is None:
        return Applied(missing=missing)
    successor, found = made
    return _withdrawn(published, successor)._replace(
        missing=missing, not_re_elected=found.not_re_elected, unknown=found.unknown
    )


def _refuse_withdrawn(published: Published) -> None:
    found = withdrawal_of(published.path, published.name, published.manifest.content_root)
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


def _prepare(config: Config, published: Published, gate: Gate, given: Given) -> Prepared:
    """Open what the successor is made of: the very inputs of the release, and the registry as it is now.

    Raises:
        ConfigError: a file that the config names is missing or broken, or the key is another one.
        InputError: an input is missing or another one.
    """
    root = given.root
    find_protected(config, root)
    key = key_id(config.redact, root)
    if key != published.manifest.redact.key:
        raise ConfigError(
            "optout: the release was redacted with another key: give it with --redact-key"
        )
    return Prepared(
        config,
        root,
        gate,
        open_licenses(config, root),
        recorded_inputs(config, published.manifest, root),
        open_earlier(config, root),
        key,
    )


def _withdrawn(published: Published, successor: Path) -> Applied:
    """List the release as withdrawn, beside it and beside its successor."""
    before, after = published.manifest, open_release(successor, "the successor").manifest
    makings = making_of(published.path), making_of(successor)
    changes = compare(
        published.path, successor, reseeded=False, by_optouts=by_optouts_alone(*makings)
    )
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
