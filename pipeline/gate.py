"""The gate: a release is made only behind an opt-out registry that is there, whole and fresh enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from filters.subjects import SubjectError, key_id
from pipeline.config import OptOut
from pipeline.errors import RegistryError
from pipeline.optout import Registry, load, load_as_of, open_key

if TYPE_CHECKING:
    from pathlib import Path

    from filters.optout import OptOutFilter
    from pipeline.config import Config


class Gate(NamedTuple):
    """The registry of a run and where it lies, the filter of its active requests, and the id of the authors' key."""

    registry: Registry
    path: Path
    filter: OptOutFilter
    key: str = ""


def open_gate(config: Config, root: Path) -> Gate | None:
    """Load the registry, if one is configured; `root` is the config's folder.

    Raises:
        RegistryError: it is missing, broken, older than the config allows, or lacks its key.
    """
    settings = config.optout
    if settings is None:
        return None
    registry = load(root / settings.registry)
    if settings.max_age_days is not None:
        _refuse_stale(settings.registry, registry, settings.max_age_days)
    return _gate(settings, root, registry)


def reopen_gate(config: Config, root: Path, head: str) -> Gate | None:
    """Load the registry as it was at `head`, however old that is: to make a release once more.

    Raises:
        RegistryError: it is missing, broken, older than that, or lacks its key.
    """
    settings = config.optout
    if settings is None:
        return None
    return _gate(settings, root, load_as_of(root / settings.registry, head))


def gate_of(path: Path, key: Path | None) -> Gate:
    """Open a registry for a release that is made already, whatever its config says of one.

    Raises:
        RegistryError: as `open_gate` does.
    """
    settings = OptOut(registry=str(path.resolve()), key="" if key is None else str(key.resolve()))
    return _gate(settings, path.parent, load(path))


def _gate(settings: OptOut, root: Path, registry: Registry) -> Gate:
    key = open_key(root, settings.key)
    try:
        name = key_id(key) if key else ""
    except SubjectError as error:
        raise RegistryError(f"optout: {settings.key}: {error}") from None
    return Gate(registry, root / settings.registry, registry.filter(key), name)


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
