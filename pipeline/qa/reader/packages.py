"""PyTorch and transformers, which are heavy and an extra; nothing is ever downloaded."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, NamedTuple

from pipeline.errors import ConfigError


class Packages(NamedTuple):
    """The two modules."""

    torch: Any
    transformers: Any


@cache
def packages() -> Packages:
    """Import both.

    Raises:
        ConfigError: one is not installed.
    """
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}  # read when they load
    try:
        import torch  # noqa: PLC0415  heavy, and an extra
        import transformers  # noqa: PLC0415  likewise
    except ImportError as error:
        raise ConfigError(
            "reader: it needs torch and transformers: pip install 'gristmill[model]'"
        ) from error
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return Packages(torch, transformers)


def pick_device(wanted: str) -> str:
    """Return `cpu` or `cuda` for what is wanted, which may be `auto`.

    Raises:
        ConfigError: a GPU is asked for and there is none that PyTorch can use.
    """
    there = packages().torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise ConfigError("reader: --device cuda: there is none that PyTorch can use")
    return "cuda" if there and wanted != "cpu" else "cpu"
