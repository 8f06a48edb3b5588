"""Loose licence claims ("Apache 2.0", "MIT/Apache-2.0", "GPLv3+") rewritten as SPDX expressions.

Every rule asks for the whole claim: one word too many and there is no answer, because a guess from
part of a sentence is how a copyleft document comes to look permissive.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import files
from typing import Final

import msgspec

from filters.licenses.facts import GNU_VERSIONS
from filters.licenses.ids import index

MAX_NAME: Final = 160  # code points; a longer name is a text, not a name
_WORD: Final = re.compile(r"[a-z]+|\d+(?:\.\d+)*|\+|>=|[^\s\w.,:;'\"()\[\]/#!_-]+|[^\W\da-z_]+")
_LATER: Final = re.compile(
    r",?\s*\b(?:or|and)\s+(?:\(?at your option\)?\s+)?(?:any\s+)?"
    r"(?:later|newer|greater|higher|above)(?:\s+versions?)?\b",
    re.IGNORECASE,
)
_CRAN_FILE: Final = re.compile(r"\s*[+|]\s*file\s+licen[cs]e\s*$", re.IGNORECASE)
_SEPARATOR: Final = re.compile(
    r"\s*(?:\b(and|or|with)\b|(//?|\|\|?)|([,;&]+)|([()]))\s*", re.IGNORECASE
)
_URL: Final = re.compile(r"<?https?://(?:www\.)?([a-z.]+)/(\S+?)>?", re.IGNORECASE)
_TROVE: Final = "License :: "
_FILLERS: Final = frozenset(
    [
        "the",
        "a",
        "licence",
        "license",
        "licences",
        "licenses",
        "licensed",
        "under",
        "v",
        "ver",
        "version",
        "versions",
        "of",
        "software",
    ]
)
_GNU_WORDS: Final = frozenset(
    [
        "gnu",
        "general",
        "public",
        "gpl",
        "lgpl",
        "agpl",
        "gfdl",
        "fdl",
        "lesser",
        "library",
        "affero",
        "free",
        "documentation",
        "only",
    ]
)
_CC_PARTS: Final = {
    "by": "BY", "attribution": "BY",
    "nc": "NC", "noncommercial": "NC", "commercial": "NC",
    "nd": "ND", "noderivatives": "ND", "noderivs": "ND", "derivatives": "ND", "derivs": "ND",
    "sa": "SA", "sharealike": "SA", "share": "SA", "alike": "SA",
}  # fmt: skip
_CC_ORDER: Final = ("BY", "NC", "SA", "ND")
_CC_FILL: Final = frozenset(
    ["cc", "creative", "commons", "international", "unported", "generic", "deed", "non", "no"]
)


class _Names(msgspec.Struct, frozen=True):
    """How people write names: keys are what `_fold` leaves of them, values official."""

    licenses: dict[str, tuple[str, ...]]
    exceptions: dict[str, str]


@functools.cache
def _names() -> tuple[dict[str, str], dict[str, str]]:
    data = files("filters.licenses").joinpath("names.json").read_bytes()
    names = msgspec.json.decode(data, type=_Names)
    licenses = {key: expression for expression, keys in names.licenses.items() for key in keys}
    return licenses, names.exceptions


def rewrite(claim: str) -> str | None:
    """Write the claim as an SPDX expression, or `None` where any part of it is not understood."""
    claim = claim.removeprefix(_TROVE).rpartition(" :: ")[2] if _TROVE in claim else claim
    claim = _CRAN_FILE.sub("", claim.strip())
    whole = name(claim) or _from_url(claim)
    if whole is not None:
        return whole
    pieces = _SEPARATOR.split(_LATER.sub("+", claim))
    written: list[str] = []
    for at in range(0, len(pieces), 5):
        piece, word, alternative, joint, paren = [*pieces[at : at + 5], *[None] * 4][:5]
        if piece:
            spelt = _piece(piece, after_with=written[-1:] == [" WITH "])
            if spelt is None:
                return None
            written.append(spelt)
        # a slash or bar has always meant a choice (Cargo before 2018, CRAN); a list means all
        written.append(
            f" {word.upper()} "
            if word
            else " OR "
            if alternative
            else " AND "
            if joint
            else paren or ""
        )
    return "".join(written)


def _piece(piece: str, *, after_with: bool) -> str | None:
    if after_with:
        known = index().exceptions.get(piece.lower())
        return known if known is not None else _names()[1].get(" ".join(_fold(piece)))
    spelt = name(piece) or _from_url(piece)
    return f"({spelt})" if spelt is not None and " " in spelt and " WITH " not in spelt else spelt


def name(text: str) -> str | None:
    """Read one licence's name or id, with or without a repetition in parentheses."""
    if len(text) > MAX_NAME or text.count("(") != text.count(")"):
        return None
    listed = _listed(text)
    if listed is not None:
        return listed
    words = _fold(_LATER.sub("+", text))
    found = _names()[0].get(" ".join(words)) or _gnu(words) or _creative_commons(words)
    if found is not None or not text.endswith(")"):
        return found
    outer, _, inner = text[:-1].partition("(")
    first = name(outer)
    return first if first is not None and first == name(inner) else None


def _listed(text: str) -> str | None:
    """Find a listed or deprecated id in any case, blanks or underscores for hyphens."""
    lower = "-".join(text.lower().replace("_", " ").split())
    known = index()
    return known.licenses.get(lower, known.successors.get(lower))


def _fold(text: str) -> list[str]:
    """Lower-case words without fillers, the `v` before and the `.0` after a number."""
    words = _WORD.findall(text.lower())
    folded: dict[str, None] = {}
    for word, following in zip(words, [*words, ""][1:], strict=True):
        if following[:1].isdigit() and word.endswith("v") and word != "v":
            word = word[:-1]  # noqa: PLW2901  the folded word takes the place of the written one
        if word[:1].isdigit():
            word = re.sub(r"(?:\.0)+$", "", word)  # noqa: PLW2901  the same
        if word not in _FILLERS:
            folded[word] = None
    return list(folded)


def _gnu(words: list[str]) -> str | None:
    """Read a GNU licence: family, at most one version, `+` for later ones; no version means any."""
    rest = {word for word in words if word not in _GNU_WORDS}
    later = bool(rest & {"+", ">="})
    numbers = rest - {"+", ">="}
    family = _gnu_family(set(words))
    if family is None or len(numbers) > 1 or (later and "only" in words):
        return None
    versions = GNU_VERSIONS[family]
    if not numbers:
        # the texts say so: without a number any published version may be chosen
        first = "3.0" if family == "AGPL" else versions[0]
        return f"{family}-{first}-or-later"
    number = numbers.pop()
    version = number if "." in number else f"{number}.0"
    if version not in versions:
        return None
    return f"{family}-{version}-{'or-later' if later else 'only'}"


def _gnu_family(words: set[str]) -> str | None:
    if words & {"agpl", "affero"}:
        return "AGPL"
    if words & {"lgpl", "lesser", "library"}:
        return "LGPL"
    if words & {"gfdl", "fdl"} or {"free", "documentation"} <= words:
        return "GFDL"
    return "GPL" if "gpl" in words or {"general", "public"} <= words else None


def _creative_commons(words: list[str]) -> str | None:
    """`CC BY-SA 4.0` and its long forms; a country's port that is not listed counts as the text."""
    if "cc" not in words and "creative" not in words:
        return None
    rest = [word for word in words if word not in _CC_FILL]
    parts = {_CC_PARTS[word] for word in rest if word in _CC_PARTS}
    others = [word for word in rest if word not in _CC_PARTS]
    numbers = [word for word in others if word[0].isdigit()]
    country = [word for word in others if not word[0].isdigit()]
    if "BY" not in parts or len(numbers) > 1 or len(country) > 1 or len("".join(country)) > 3:  # noqa: PLR2004  "IGO" is the longest
        return None
    number = numbers[0] if numbers else "4"
    stem = "-".join(("CC", *(part for part in _CC_ORDER if part in parts)))
    full = f"{stem}-{number if '.' in number else number + '.0'}"
    known = index().licenses
    port = known.get("-".join((full, *country)).lower())
    return port if port is not None else known.get(full.lower())


def _from_url(text: str) -> str | None:
    """Name the licence that a well-known address of a licence text stands for."""
    match = _URL.fullmatch(text.strip())
    if match is None:
        return None
    path = match[2].rstrip("/")
    if match[1].lower() == "creativecommons.org":
        kind = path.removesuffix("/legalcode").removesuffix("/deed.en")
        kind = kind.replace("publicdomain/zero", "cc-0").replace("publicdomain/mark", "cc-pdm")
        return name(kind.replace("licenses/", "cc-").replace("/", " "))
    if match[1].lower() in {"opensource.org", "spdx.org", "gnu.org", "apache.org"}:
        last = re.sub(r"\.(?:html|txt|php)$", "", path.rpartition("/")[2])
        prefix = "Apache-" if match[1].lower() == "apache.org" else ""
        return name(prefix + last.removeprefix("LICENSE-"))
    return None
