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

_VARIABLE: Final = "GRISTMILL_LENT_KEYS"


def lend(keys: Mapping[str, bytes]) -> None:
    """Keep keys by their ids, in place of those that were lent before; without any, forget them."""
    if keys:
        os.environ[_VARIABLE] = json.dumps({name: key.hex() for name, key in keys.items()})
    else:
        os.environ.pop(_VARIABLE, None)


def lent(name: str) -> bytes | None:
    """Return the key with an id, if this process was lent it."""
    found = json.loads(os.environ.get(_VARIABLE, "{}")).get(name)
    return None if found is None else bytes.fromhex(found)
