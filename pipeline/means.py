"""Means: where a run writes and what it may use. None of it changes a byte of the release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.engine.crew import Crew, Needs
from pipeline.engine.work import Work
from pipeline.job import DEFAULT_MEMORY
from pipeline.optout import open_key
from pipeline.plugged import of_config
from pipeline.redaction import read_key as read_redaction_key
from pipeline.store import Store, is_url

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.plan import Input

OUT: Final = "out"
"""Where a release is put together in the work folder, if it goes into a store."""

Place = Path | Store
"""A folder of this machine, or one in an object store."""


class Means(NamedTuple):
    """`out` is where releases go, `work` where intermediate files go; unset, it lies beside the releases."""

    out: Place = Path("out")
    work: Place | None = None
    crew: Crew = Crew()
    memory: int = DEFAULT_MEMORY


def work_of(config: Config, means: Means) -> Work:
    """Find the work folder; the next version of a release of the same name reuses it."""
    rank = means.crew.rank
    nook = "" if rank is None else f"rank-{rank.number}"
    place = _beside(means.out, config.release.name) if means.work is None else means.work
    return Work(place.resolve() if isinstance(place, Path) else place, nook)


def _beside(out: Place, name: str) -> Place:
    if isinstance(out, Path):
        return out / ".work" / name
    return Store(f"{out.url.rstrip('/')}/.work/{name}")


def out_of(means: Means, work: Work) -> Path:
    """Return where releases are put together: where they go, or in the work folder if that is in a store."""
    return means.out.resolve() if isinstance(means.out, Path) else work.path / OUT


def needs_of(config: Config, root: Path, inputs: tuple[Input, ...], ids: tuple[str, str]) -> Needs:
    """Say what machines that read inputs need of what the driver has; the config lies in the folder `root`.

    `ids` are those of the keys of redaction and of author subjects, `""` where there is none.
    """
    if not inputs:
        return Needs()
    redaction, authors = ids
    keys = {}
    if redaction:
        keys[redaction] = read_redaction_key(config.redact, root)
    if authors and config.optout is not None:
        keys[authors] = open_key(root, config.optout.key)
    local = [root / item.path for item in inputs if not is_url(item.path)]
    return Needs(tuple(keys.items()), tuple(local[:1]), of_config(config))
