"""The formats of sources by name: our own adapters, and those that other installed packages bring."""

from __future__ import annotations

import functools
from importlib import import_module, metadata
from typing import Final

from pipeline.sources.adapter import Adapter

GROUP: Final = "gristmill.adapters"
"""The group of entry points under which packages offer adapters."""

_OWN: Final = {
    "archive": "archive",
    "arxiv": "arxiv",
    "faq": "faq",
    "folder": "folder",
    "git": "git",
    "gutenberg": "gutenberg",
    "jats": "jats",
    "jsonl": "jsonl",
    "mrqa": "mrqa",
    "parquet": "parquet_files",
    "pubmed": "pubmed",
    "python-env": "python_env",
    "questions": "question_lines",
    "squad": "squad",
    "stackexchange": "stackexchange",
    "uspto": "uspto",
}
"""Formats and the modules beside this one that read them; each is imported when it is first used."""


def format_names() -> list[str]:
    """List all formats, sorted."""
    return sorted({*_OWN, *_offered().names})


def adapter_of(name: str) -> Adapter:
    """Return the adapter of a format; of two with one name ours counts.

    Raises:
        KeyError: no format is called so.
        TypeError: what a package offers under that name is no adapter.
    """
    return _adapter(name)


@functools.cache
def _adapter(name: str) -> Adapter:
    mine = _OWN.get(name)
    found = _offered()[name].load() if mine is None else _own(mine)
    if not isinstance(found, Adapter):
        raise TypeError(f"{name}: the entry point of {GROUP} is no Adapter")
    return found


def _own(module: str) -> object:
    found: object = import_module(f"pipeline.sources.{module}").ADAPTER
    return found


def _offered() -> metadata.EntryPoints:
    return metadata.entry_points(group=GROUP)


def asks(name: str) -> bool:
    """Tell whether a source of this format gives questions; all others give documents."""
    return adapter_of(name).asks


def is_cut(name: str, path: str) -> bool:
    """Tell whether a large file is cut into stretches: each of its lines is one record."""
    return adapter_of(name).is_lines and not path.endswith(".parquet")
