"""The gate: a release is made only behind an opt-out registry that is there, whole and fresh enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from filters.subjects import SubjectError, key_id
from pipeline.config import OptOut
from pipeline.errors import RegistryError
from pipeline.optout import Registry, load, load_as_of, open_key
from pipeline.optout.texts import GivenText, read_texts
from pipeline.registry_signature import require_signature
from pipeline.signing import read_signers

if TYPE_CHECKING:
    from pathlib import Path

    from filters.optout import OptOutFilter
    from pipeline.config import Config


class Gate(NamedTuple):
    """The registry of a run and where it lies, the filter of its active requests, and the id of the authors' key.

    `texts` are those that requests were given with.
    """

    registry: Registry
    path: Path
    filter: OptOutFilter
    key: str = ""
    texts: tuple[GivenText, ...] = ()

    @property
    def state(self) -> dict[str, str]:
        """Name the state of the registry that the run honours, as a manifest does."""
        return {"head": self.registry.head, "cutoff": self.registry.cutoff}


def open_gate(config: Config, root: Path) -> Gate | None:
    """Load the registry, if one is configured; `root` is the config's folder.

    Raises:
        RegistryError: it is missing, broken, older than the config allows, not signed by one of
            those that the config names, or lacks its key.
        ConfigError: the file that names the signers is missing or names nobody.
    """
    return None if config.optout is None else _open(config, config.optout, root)


def reopen_gate(config: Config, root: Path, head: str, cutoff: str = "") -> Gate | None:
    """Load the registry as it was at a head and a cut-off, however old: to make a release once more.

    Raises:
        RegistryError: it is missing, broken, older than that, or lacks its key.
    """
    settings = config.optout
    if settings is None:
        return None
    return _gate(config, settings, root, load_as_of(root / settings.registry, head, cutoff))


def gate_of(config: Config, root: Path, path: Path, key: Path | None) -> Gate:
    """Open the registry at `path` as the one of the config, whose age limit and signers hold for it.

    Raises:
        RegistryError, ConfigError: as `open_gate` does.
    """
    settings = msgspec.structs.replace(
        config.optout or OptOut(registry=""),
        registry=str(path.resolve()),
        key="" if key is None else str(key.resolve()),
    )
    return _open(config, settings, root)


def _open(config: Config, settings: OptOut, root: Path) -> Gate:
    """Load the registry of today; where its signature is asked for, the chain is followed in any case."""
    path = root / settings.registry
    registry = load(path, trust_index=not settings.signers)
    if settings.max_age_days is not None:
        _refuse_stale(settings.registry, registry, settings.max_age_days)
    if settings.signers:
        require_signature(path, registry.head, read_signers(root / settings.signers, "optout"))
    return _gate(config, settings, root, registry)


def _gate(config: Config, settings: OptOut, root: Path, registry: Registry) -> Gate:
    key = open_key(root, settings.key)
    try:
        name = key_id(key) if key else ""
    except SubjectError as error:
        raise RegistryError(f"optout: {settings.key}: {error}") from None
    held = registry.of_release(config.release.name, config.release.version)
    path, optout = root / settings.registry, held.filter(key)
    return Gate(held, path, optout, name, read_texts(path, optout.requests))


def require_heads(gate: Gate | None, heads: tuple[str, ...]) -> None:
    """Check that the registry has seen what an earlier release honoured: `heads` of the log back then.

    Raises:
        RegistryError: it is older than that release, or another registry.
    """
    if gate is not None:
        for head in heads:
            load(gate.path, head=head)


def _refuse_stale(path: str, registry: Registry, limit: int) -> None:
    """Compare the last event with the clock, which decides whether to run and never what comes out."""
    latest = datetime.fromisoformat(registry.latest) if registry.latest else None
    if latest is None or datetime.now(UTC) - latest > timedelta(days=limit):
        said = "has no event" if latest is None else f"has its last event on {latest:%Y-%m-%d}"
        raise RegistryError(
            f"optout: {path}: the registry {said}, optout.max_age_days allows {limit}:"
            " fetch the current one"
        )
