"""The licence detector of this process: the index of texts, loaded from the cache, and proof that it works.

A detector that silently finds nothing would turn every document into one without a licence, so each
process first shows that it finds texts, tags, names and notices that everybody knows (canaries).
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from typing import Final

import msgspec

from filters.licenses.scan import Scan, scan
from filters.licenses.texts.index import TextIndex, build, dump, load
from filters.licenses.texts.match import Matcher
from filters.licenses.texts.templates import canaries, templates, versions
from filters.licenses.texts.words import words
from pipeline.cache import keep, read_cached
from pipeline.errors import GristmillError
from pipeline.footprint import lean
from pipeline.preflight import code_digest

_SHORT: Final = 16
_REMEMBERED: Final = 1 << 11  # documents: copies of a licence lie near each other
_WORDS: Final = (
    ("# SPDX-License-Identifier: MIT\n", "MIT"),
    ("# SPDX-License-Identifier: The MIT License\n", "MIT"),
    ("// Licensed under the Apache License, Version 2.0\n", "Apache-2.0"),
)


class Kept(msgspec.Struct, frozen=True):
    """What the cache holds: the index, and texts of well-known licences with their ids."""

    index: bytes
    canaries: tuple[tuple[str, str], ...]


@cache
def open_matcher() -> Matcher:
    """Return the matcher of this process.

    Raises:
        GristmillError: it does not find what everybody knows.
    """
    words("")  # loads the kernels' machinery before the index, and most of that goes again
    lean()
    name = index_name()
    with suppress(OSError, ValueError, msgspec.DecodeError):
        kept = msgspec.msgpack.decode(read_cached(name), type=Kept)
        return _checked(load(kept.index), kept.canaries)
    index, texts = build(templates()), canaries()
    keep(name, msgspec.msgpack.encode(Kept(dump(index), texts)))
    return _checked(index, texts)


def index_name() -> str:
    """Return the name of the index in the cache."""
    return f"licenses-{detector_version()}.idx"


def _checked(index: TextIndex, texts: tuple[tuple[str, str], ...]) -> Matcher:
    matcher = Matcher(index)
    check_canaries(matcher, texts)
    return matcher


def detect(text: str, path: str, digest: str = "") -> Scan:
    """Look for licences in one document; with its digest what is found is remembered for its copies."""
    known = _known()
    found = known.get((digest, path)) if digest else None
    if found is None:
        found = scan(text, path, open_matcher())
        if digest and found.findings:  # that nothing is found is quickly found again
            if len(known) >= _REMEMBERED:
                known.clear()
            known[digest, path] = found
    return found


@cache
def _known() -> dict[tuple[str, str], Scan]:
    return {}


def check_canaries(matcher: Matcher, texts: tuple[tuple[str, str], ...]) -> None:
    """See to it that well-known texts, tags and a notice are found.

    Raises:
        GristmillError: naming the licence that was not.
    """
    for text, wanted in texts:
        # asked for the text alone: its title is found without an index
        if [each.names[0] for each in matcher.find(text)] != [wanted]:
            raise _blind(wanted)
    for text, wanted in (*texts, *_WORDS):
        if scan(text, "", matcher).expression != wanted:
            raise _blind(wanted)


def _blind(wanted: str) -> GristmillError:
    return GristmillError(
        f"licenses: the detector does not find {wanted} in its own text: nothing was judged;"
        " reinstall gristmill and the packages of licence texts"
    )


def detector_version() -> str:
    """Name the detector: its code and the packages that the texts come from."""
    texts = ";".join(f"{name}={number}" for name, number in sorted(versions().items()))
    return hashlib.sha256(f"{code_digest()};{texts}".encode()).hexdigest()[:_SHORT]
