"""Which ghosts take no copies along: what the pardons task found, for the stages that look for copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context

PARDONS = "pardons.npy"
PARDON = np.dtype([("line", "<i8"), ("owners", "<i8"), ("copies", "<i8")])
"""A ghost, how many strangers have copies of it, and how many copies that are."""


KEPT_COPIES = "kept.npy"
KEPT_COPY = np.dtype([("line", "<i8"), ("ghost", "<i8"), ("inter", "<i8"), ("of", "<i8")])
"""A line that would have gone as a copy of a pardoned ghost: `inter` of `of` shingles are the ghost's."""


def read_kept_copies(context: Context, fingerprint: str | None) -> NDArray[np.void]:
    """Read which lines were spared, sorted by line; without a task none was."""
    if fingerprint is None:
        return np.zeros(0, KEPT_COPY)
    array: NDArray[np.void] = np.load(context.folder("pardons", fingerprint) / KEPT_COPIES)
    return array


def read_pardons(context: Context, fingerprint: str | None) -> NDArray[np.void]:
    """Read what a pardons task wrote, sorted by line; without a task nobody is pardoned."""
    if fingerprint is None:
        return np.zeros(0, PARDON)
    array: NDArray[np.void] = np.load(context.folder("pardons", fingerprint) / PARDONS)
    return array
