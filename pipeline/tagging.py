"""Tags of documents, with the second language model as the cache has it.

The package's own form takes 3 s and 80 MB to read; what is kept of it takes 10 ms and 10 MB.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from filters._opinion_model import dump, load, read_model
from filters._second_opinion import read_with
from filters.tags import Tags, tag
from pipeline.cache import keep, made_alone, read_cached
from pipeline.preflight import code_digest

if TYPE_CHECKING:
    from filters._opinion_model import Model

__all__ = ["Tags", "model_name", "read_kept_model", "tag"]

_SHORT: Final = 16


def model_name() -> str:
    """Return the name of the model in the cache."""
    return f"languages-{version('py3langid')}-{code_digest()[:_SHORT]}.model"


@cache
def read_kept_model() -> Model:
    """Read the second language model from the cache, where one process puts it if it is not there."""
    name = model_name()
    with suppress(OSError, ValueError):
        return load(read_cached(name))
    with made_alone("languages"):
        with suppress(OSError, ValueError):  # somebody has made it meanwhile
            return load(read_cached(name))
        model = read_model()
        keep(name, dump(model))
    return model


read_with(read_kept_model)
