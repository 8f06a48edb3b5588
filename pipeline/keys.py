"""Keys that a process was lent: workers on other machines see neither the files nor the environment of the driver.

They go over the cluster's own connection and lie in the memory of processes alone, in the environment
of a worker, so that processes which it starts have them too.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE: Final = "GRISTMILL_LENT_KEYS_"


def lend(run: str, keys: Mapping[str, bytes]) -> None:
    """Keep the keys of a run by their ids; several runs may share a worker."""
    os.environ[_VARIABLE + run] = json.dumps({name: key.hex() for name, key in keys.items()})


def forget(run: str) -> None:
    """Forget the keys of a run."""
    os.environ.pop(_VARIABLE + run, None)


def lent(name: str) -> bytes | None:
    """Return the key with an id, if this process was lent it."""
    for variable, value in os.environ.items():
        if variable.startswith(_VARIABLE) and name in (keys := json.loads(value)):
            return bytes.fromhex(keys[name])
    return None
