"""The formats of sources by name: our own adapters, and those that other installed packages bring."""

from __future__ import annotations

import functools
from importlib import import_module
from typing import Any, Final

from pipeline.plugins import load, offers
from pipeline.sources.adapter import Adapter
from pipeline.sources.foreign import guarded

_OWN: Final = {
    "archive": "trees.archive",
    "arxiv": "publications.arxiv",
    "europarl": "conversations.europarl",
    "faq": "questions.faq",
    "folder": "trees.folder",
    "git": "git",
    "gutenberg": "publications.gutenberg",
    "hackernews": "conversations.hackernews",
    "irc": "conversations.irc",
    "jats": "publications.jats",
    "jsonl": "jsonl",
    "mail": "conversations.mail",
    "mbox": "conversations.mbox",
    "mrqa": "questions.mrqa",
    "parquet": "parquet_files",
    "pubmed": "publications.pubmed",
    "python-env": "python_env",
    "questions": "questions.lines",
    "squad": "questions.squad",
    "stack-v2": "stack",
    "stackexchange": "stackexchange.questions",
    "stackexchange-threads": "stackexchange.threads",
    "subtitles": "conversations.subtitles",
    "uspto": "publications.uspto",
    "warc": "web.warc",
    "wet": "web.wet",
}
"""Formats and the modules beside this one that read them; each is imported when it is first used."""


def format_names() -> list[str]:
    """List all formats, sorted."""
    return sorted({*_OWN, *(each.name for each in offers("adapter"))})


def is_own(name: str) -> bool:
    """Tell a format of ours: of two with one name ours counts."""
    return name in _OWN


@functools.cache
def adapter_of(name: str) -> Adapter:
    """Return the adapter of a format.

    Raises:
        KeyError: no format is called so.
        ConfigError: what a package offers under that name is no adapter, or two packages offer one.
    """
    if is_own(name):
        return _own(_OWN[name])
    loaded = load("adapter", name, _fits, "a pipeline.sources.adapter.Adapter")
    if loaded is None:
        raise KeyError(name)
    return guarded(loaded)


def _own(module: str) -> Adapter:
    found: Adapter = import_module(f"pipeline.sources.{module}").ADAPTER
    return found


def _fits(value: Any) -> bool:
    return isinstance(value, Adapter)


def asks(name: str) -> bool:
    """Tell whether a source of this format gives questions; all others give documents."""
    return adapter_of(name).asks


def is_cut(name: str, path: str) -> bool:
    """Tell whether a large file is cut into stretches: each of its lines is one record."""
    return adapter_of(name).is_lines and not path.endswith(".parquet")
