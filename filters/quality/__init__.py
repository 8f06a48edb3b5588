"""Quality rules from the literature as filters: frozen values, each threshold a field, each drop with its figure.

None runs unless asked for. A filter judges what it was made for: prose in some languages, or code.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from filters.quality.code import Code
from filters.quality.figures import SCORES, Measures, measure
from filters.quality.gopher import GopherQuality, GopherRepetition
from filters.quality.rule import Rule, RuleFilter, Scored, rule_score, score
from filters.quality.web import C4, FineWeb

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "C4",
    "QUALITY_FILTERS",
    "SCORES",
    "Code",
    "FineWeb",
    "GopherQuality",
    "GopherRepetition",
    "Measures",
    "QualityFilter",
    "Rule",
    "RuleFilter",
    "Scored",
    "measure",
    "measures_of",
    "quality_filters",
    "rule_score",
    "score",
]

QualityFilter: TypeAlias = GopherQuality | GopherRepetition | C4 | FineWeb | Code
QUALITY_FILTERS: Final[tuple[QualityFilter, ...]] = (
    GopherQuality(),
    GopherRepetition(),
    C4(),
    FineWeb(),
    Code(),
)


def quality_filters(names: Iterable[str]) -> tuple[QualityFilter, ...]:
    """Give the filters of these names with their papers' thresholds, in the order given.

    Raises `ValueError` that names every unknown one, with a suggestion.
    """
    known = {each.name: each for each in QUALITY_FILTERS}
    wanted = list(names)
    mistakes = [_unknown(name, known) for name in wanted if name not in known]
    if mistakes:
        raise ValueError("quality: " + "; ".join(mistakes))
    return tuple(known[name] for name in wanted)


def measures_of(filters: Iterable[QualityFilter]) -> Measures:
    """Say what the figures of these filters are taken with; what none of them sets is as the papers have it."""
    asked: dict[str, object] = {}
    usual = Measures()
    for each in filters:
        for name in Measures.__struct_fields__:
            if getattr(each.measures, name) != getattr(usual, name):
                asked[name] = getattr(each.measures, name)
    return msgspec.structs.replace(usual, **asked)


def _unknown(name: str, known: dict[str, QualityFilter]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
    return f"no filter is called {name!r}{hint}"
