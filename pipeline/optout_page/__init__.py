"""`optout page`: one file on which anybody looks up what stands in releases and what was removed.

It is read without a network. Whoever opens it can test a name that he knows; no name stands in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from pipeline.errors import ConfigError
from pipeline.optout import load
from pipeline.optout_page.asked import keys_of_requests, show_requests
from pipeline.optout_page.layout import lay_out
from pipeline.optout_page.pack import pack_counts, pack_pairs
from pipeline.optout_page.releases import count_release, find_releases, show_release
from pipeline.release import write_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.optout_page.pack import Packed
    from pipeline.optout_page.releases import Counts, Keys

__all__ = ["Made", "write_page"]

LARGEST: Final = 20 << 20  # bytes of hashes; phones load such a page in seconds


class Made(msgspec.Struct, frozen=True):
    """What was written: bytes, releases, hashes of what stands in them, requests, and what found no place."""

    size: int
    releases: int
    keys: int
    requests: int
    left_out: tuple[str, ...]


def write_page(
    paths: Sequence[Path],
    registry: Path,
    out: Path,
    *,
    title: str,
    contact: str = "",
    largest: int = LARGEST,
) -> Made:
    """Write the page of these releases and folders of releases; equal inputs give equal bytes.

    Raises:
        ConfigError: a path holds no release, or the page cannot be written.
        IntegrityError: a release does not read.
        RegistryError: the registry is missing or broken.
    """
    found = find_releases(paths)
    loaded = load(registry)
    states = loaded.state.requests
    releases = [(show_release(path), path) for path in found]
    keys = [count_release(path, loaded.aliases) for path in found]
    present, left_out = _fitting(keys, largest)
    asked = show_requests(states, releases)
    data = {
        "releases": [shown for shown, _ in releases],
        "requests": asked,
        "present": present,
        "asked": pack_pairs(keys_of_requests(states, releases, loaded.aliases)),
        "left_out": left_out,
    }
    page = lay_out(data, [shown for shown, _ in releases], asked, title=title, contact=contact)
    try:
        write_bytes(out, page)
    except OSError as error:
        raise ConfigError(f"optout: {out}: {error.strerror}") from error
    return Made(len(page), len(releases), present.count, len(states), left_out)


def _fitting(keys: Sequence[Keys], largest: int) -> tuple[Packed, tuple[str, ...]]:
    """Pack as much as fits: without ids where that is too much, then without parts of sites."""
    packed = pack_counts([_joined(each.names, each.parts, each.ids) for each in keys])
    if len(packed.hashes) <= largest:
        return packed, ()
    packed = pack_counts([_joined(each.names, each.parts) for each in keys])
    if len(packed.hashes) <= largest:
        return packed, ("ids",)
    return pack_counts([each.names for each in keys]), ("ids", "parts")


def _joined(*counts: Counts) -> Counts:
    """Put counts together; they share no hash but by chance, and then they add up."""
    found, where = np.unique(np.concatenate([each for each, _ in counts]), return_inverse=True)
    times = np.concatenate([each for _, each in counts])
    return found, np.bincount(where.reshape(-1), times, minlength=len(found)).astype(np.int64)
