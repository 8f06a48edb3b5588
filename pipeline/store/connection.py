"""Connections: the only place that imports fsspec, and only where a URL asks for it.

fsspec keeps what it opened and listed: a connection by its arguments, though the endpoint stands in
the environment, and listings until they are dropped, though others write. Neither is kept here.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Final

from pipeline.store.address import check_url, scheme_of
from pipeline.store.faults import prepare

_NAMES: Final = ("AWS_", "AZURE_", "FSSPEC_", "GCSFS_", "GOOGLE_")

# One request at a time: an object read in pieces side by side might be of two versions, and a
# part that is being sent is held in memory. Tasks run side by side instead.
_S3: Final = {"max_concurrency": 1, "default_cache_type": "none", "default_fill_cache": False}
_OPTIONS: Final = {"s3": _S3, "s3a": _S3}


def connect(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the URL as a path in it.

    Raises:
        ConfigError: there is no package for it, or the URL holds what none may.
    """
    check_url(url)
    named = ((name, value) for name, value in os.environ.items() if name.startswith(_NAMES))
    system = prepare(url, _open, scheme_of(url), os.getpid(), tuple(sorted(named)))
    return system, system._strip_protocol(url)  # noqa: SLF001  the way that fsspec itself has its paths made


@functools.lru_cache(maxsize=4)
def _open(scheme: str, process: int, environment: tuple[tuple[str, str], ...]) -> Any:
    """Open a file system once for a process and what its environment says of it."""
    del process, environment
    import fsspec  # noqa: PLC0415  who works on local paths pays nothing for it

    options = _OPTIONS.get(scheme, {})
    return fsspec.filesystem(scheme, skip_instance_cache=True, use_listings_cache=False, **options)
