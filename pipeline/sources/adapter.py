"""An adapter: what a format of sources is. How its inputs are found, hashed and read is said in one place.

Each reader's module ends in the value `ADAPTER`; a package of somebody else has one behind an entry point
of the group `gristmill.adapters` (docs/plugins.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

import msgspec

from pipeline.sources.fields import PLAIN, FieldMap
from pipeline.sources.file import Digest, InputFile
from pipeline.sources.records import MAX_RECORD, Item
from pipeline.sources.stretch import WHOLE, Stretch


class Said(NamedTuple):
    """What the config says of a source that its reader must know, and the site that the source is of.

    `path` is the input as the plan spells it: relative to the config's folder, which is `root`, or a URL.
    """

    name: str = ""
    fields: FieldMap = PLAIN
    site: str = ""
    id_prefix: str = ""
    include: tuple[str, ...] = ()
    options: Mapping[str, Any] = MappingProxyType({})
    path: str = ""
    root: Path = Path()


class Reading(NamedTuple):
    """How an input is read: the longest record in bytes, which stretch of it, and what is said of its source.

    Who looks for few records alone says by path which are `wanted`: of all others the text may be left out.
    Where the input's digest told a `version` of it, that one is read, whatever became of it since.
    """

    max_record: int = MAX_RECORD
    stretch: Stretch = WHOLE
    said: Said = Said()
    wanted: Callable[[str], bool] | None = None
    version: str = ""


NOTHING: Final = Said()
Papers = Callable[[Path], Iterator[tuple[str, str]]]
"""Reads what an input as a whole says of its licence, as path and text."""


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """A format.

    `read` gives the items of one input, in order, and never raises for what is wrong in it. `suffixes` end
    the names of the files that are taken from a folder that is searched through. `unit` says what one input
    is: a file (or an object in a store), a folder as a whole, or an installed distribution. A folder has
    a `digest` of all that is read of it.

    `asks`: records are questions. `takes_fields`: `fields` may name the keys. `is_lines`: each line is one
    record, so that a large file may be cut. `is_tree`: the records of an input are files of one tree, whose
    licence files speak for them also where they name no repository. `options` maps the names of what
    `[sources.options]` may say to what it does, and `flaws` lists what is wrong with what is said; `places`
    are those of them that name a file, a folder or a URL. `beside` digests what else decides what
    an input gives, such as a file beside it, or what it names and is not there; `""` for nothing.
    """

    read: Callable[[InputFile, Reading], Iterator[Item]]
    suffixes: tuple[str, ...] = ()
    unit: Literal["file", "folder", "installed"] = "file"
    digest: Callable[[Path, Said], Digest] | None = None
    papers: Papers | None = None
    asks: bool = False
    takes_fields: bool = False
    is_lines: bool = False
    is_tree: bool = False
    options: dict[str, str] = {}
    places: tuple[str, ...] = ()
    flaws: Callable[[Said], list[str]] | None = None
    beside: Callable[[InputFile, Said], str] | None = None


def packed(*suffixes: str) -> tuple[str, ...]:
    """Return suffixes of plain and compressed files."""
    return tuple(suffix + end for end in ("", ".gz", ".zst") for suffix in suffixes)


LINES: Final = packed(".jsonl", ".json", ".ndjson")
"""How files of JSON lines are called."""
