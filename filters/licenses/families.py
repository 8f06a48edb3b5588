"""Families of licences whose names are built from parts: GNU's and Creative Commons'."""

from __future__ import annotations

import re
from typing import Final

from filters.licenses.facts import GNU_VERSIONS
from filters.licenses.ids import index

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
# countries to whose law Creative Commons ported its texts up to 3.0, and "IGO"
_PORTS: Final = frozenset(
    re.findall(
        r"[a-z]+",
        "am ar at au az be bg br ca ch cl cn co "
        "cr cy cz de dk ec ee eg es fi fr ge gr "
        "gt hk hr hu ie igo il in is it jo jp kr "
        "kz lk lu mk mt mx my ng nl nz pe ph pl "
        "pr pt ro rs ru rw sg si sk th tn tr tw "
        "ua ug uk us uy ve vn za",
    )
)
_CC_ORDER: Final = ("BY", "NC", "SA", "ND")
_CC_FILL: Final = frozenset(
    [
        "cc",
        "creative",
        "commons",
        "public",
        "international",
        "unported",
        "generic",
        "deed",
        "non",
        "no",
    ]
)


def gnu(words: list[str]) -> str | None:
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
    plain = {"general", "public"} <= words or {"gnu", "public"} <= words
    return "GPL" if "gpl" in words or plain else None


def creative_commons(words: list[str]) -> str | None:
    """`CC BY-SA 4.0` and its long forms; a country's port that is not listed counts as the text."""
    if "cc" not in words and "creative" not in words:
        return None
    rest = [word for word in words if word not in _CC_FILL]
    parts = {_CC_PARTS[word] for word in rest if word in _CC_PARTS}
    others = [word for word in rest if word not in _CC_PARTS]
    numbers = [word for word in others if word[0].isdigit()]
    country = [word for word in others if not word[0].isdigit()]
    if "BY" not in parts or len(numbers) > 1 or len(country) > 1 or not _PORTS.issuperset(country):
        return None
    number = numbers[0] if numbers else "4"
    stem = "-".join(("CC", *(part for part in _CC_ORDER if part in parts)))
    full = f"{stem}-{number if '.' in number else number + '.0'}"
    known = index().licenses
    port = known.get("-".join((full, *country)).lower())
    return port if port is not None else known.get(full.lower())
