"""Read by every Python that has this folder on PYTHONPATH: tasks wait a while before they begin.

`TEST_NAPS` is `SEED LEAST MOST`, the last two in seconds. How long a task waits depends on the seed and
the task alone, so a run can be drawn out, and the order in which tasks end be shaken, again and again alike.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import random
import sys
import time
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_TARGET = "pipeline.engine.commit"


class _Napping(importlib.abc.Loader):
    """Loads the module that runs tasks, and lets them sleep first."""

    def __init__(self, inner: importlib.abc.Loader) -> None:
        self._inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        seed, least, most = os.environ["TEST_NAPS"].split()
        call = module.call  # type: ignore[attr-defined]  # it is the module named above

        def nap(task: Any, context: Any) -> Any:
            draw = random.Random(f"{seed} {task.fingerprint}")
            time.sleep(draw.uniform(float(least), float(most)))
            return call(task, context)

        module.call = nap  # type: ignore[attr-defined]  # as above


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != _TARGET:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Napping(spec.loader)
        return spec


if "TEST_NAPS" in os.environ:
    sys.meta_path.insert(0, _Finder())
