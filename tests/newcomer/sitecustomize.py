"""Read by every Python that has this folder on PYTHONPATH: it finds few of the packages that are installed.

A corpus of installed packages is as large as the environment, and that of somebody who tests or trains models
holds ten times what `make demo` installs. What is imported is imported from where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from typing import Any

_KNOWN = {
    "click", "cloudpickle", "dask", "datasketch", "detect-secrets", "distributed", "fsspec", "gristmill",
    "license-expression", "locket", "markdown-it-py", "mdurl", "msgspec", "packaging", "protego", "psutil",
    "publicsuffixlist", "pygments", "requests", "rich", "tornado", "urllib3", "zict", "zstandard",
}  # fmt: skip

_every = metadata.distributions


def _few(**options: Any) -> Iterator[metadata.Distribution]:
    for each in _every(**options):
        name = each.metadata["Name"]
        if name is not None and name.lower().replace("_", "-") in _KNOWN:
            yield each


metadata.distributions = _few  # type: ignore[assignment]  # it yields what the library's own does
