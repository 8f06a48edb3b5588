"""A quality filter: rules over the figures of a document, each with its threshold.

Figures do not depend on thresholds, so they are taken once and thresholds can be cut again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple, TypeAlias

import msgspec
import numpy as np

from filters.document import KEEP, Document, Verdict, drop
from filters.language import kind_of
from filters.quality.figures import Measures, measure
from filters.tags import tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from filters.tags import Tags

Limit: TypeAlias = float | Literal["off"]
"""A threshold. 0 is one like any other; a rule is left out by `"off"` alone."""

Kind: TypeAlias = Literal["prose", "code"]

EVERY: Final = "*"
SPACED: Final = "spaced"
UNSPACED: Final = frozenset({"bo", "dz", "ii", "ja", "km", "lo", "my", "th", "yue", "zh"})
"""Languages written without blanks between words, in which a word rule counts something else."""


class Rule(NamedTuple):
    """Drop for `reason` when a figure is below a least (`least`) or above a greatest threshold.

    `field` is the threshold's name in the filter. With `spared`, the rule is not for the languages
    that this field of the filter lists; with `only`, for none but these.
    """

    reason: str
    field: str
    least: bool = False
    spared: str = ""
    only: str = ""


class Scored(msgspec.Struct, frozen=True):
    """All that quality filters know of a document: its figures and what it is written in.

    `language` is Linguist's name for code and the ISO 639 code for prose.
    """

    kind: Kind
    language: str
    figures: dict[str, float]


def score(text: str, tags: Tags, measures: Measures) -> Scored:
    """Take the figures of a document under its tags.

    Code is what Linguist calls programming, markup or data; all else is prose, Markdown too.
    """
    code = kind_of(tags.language) in {"programming", "markup", "data"}
    return Scored(
        "code" if code else "prose",
        tags.language if code else tags.natural_language,
        {
            **measure(text, measures),
            "generated": float(tags.generated),
            "vendored": float(tags.vendored),
        },
    )


class RuleFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the filters have in common.

    `languages` are those that it judges: ISO 639 codes (`und` for what cannot be told) or Linguist's
    names, `spaced` for every one that is written with blanks between words, `*` for every one.
    """

    stage: ClassVar[str] = "quality"
    name: ClassVar[str]
    kind: ClassVar[Kind]
    rules: ClassVar[tuple[Rule, ...]]

    languages: tuple[str, ...]

    def judges(self, kind: str, language: str) -> bool:
        """Say whether it judges what is of a kind and written in a language."""
        spaced = SPACED in self.languages and language not in UNSPACED
        named = EVERY in self.languages or spaced or language in self.languages
        return kind == self.kind and named

    def limit(self, rule: Rule, language: str) -> float | None:
        """Give the threshold of a rule for a language, `None` where the rule is off."""
        spared = rule.spared and language in getattr(self, rule.spared)
        outside = rule.only and language not in getattr(self, rule.only)
        found: Limit = getattr(self, rule.field)
        return None if found == "off" or spared or outside else float(found)

    @property
    def measures(self) -> Measures:
        """What its figures are to be taken with."""
        return Measures()

    def judge(self, document: Document, /) -> Verdict:
        """Keep the document, or drop it for the first rule that it fails."""
        return self.judge_scored(score(document.text, tag(document), self.measures))

    def judge_scored(self, scored: Scored) -> Verdict:
        """Judge the same from figures that were taken before."""
        if not self.judges(scored.kind, scored.language):
            return KEEP
        for rule in self.rules:
            limit, figure = self.limit(rule, scored.language), scored.figures[rule_score(rule)]
            if limit is not None and (figure < limit if rule.least else figure > limit):
                return drop(f"{self.name}:{rule.reason}", figure=round(figure, 6))
        return KEEP

    def failures(
        self, kind: str, language: str, columns: Mapping[str, NDArray[np.float64]], count: int
    ) -> NDArray[np.int8]:
        """For `count` documents of one kind and language, the place of the first rule that each fails; -1 for none."""
        first = np.full(count, -1, np.int8)
        if not self.judges(kind, language):
            return first
        for place, rule in enumerate(self.rules):
            failed = self.failed(rule, language, columns)
            if failed is not None:
                first[failed & (first < 0)] = place
        return first

    def failed(
        self, rule: Rule, language: str, columns: Mapping[str, NDArray[np.float64]]
    ) -> NDArray[np.bool_] | None:
        """Say which documents of a language fail one rule; `None` where the rule is off."""
        limit, figures = self.limit(rule, language), columns[rule_score(rule)]
        if limit is None:
            return None
        return figures < limit if rule.least else figures > limit


def rule_score(rule: Rule) -> str:
    """Name the figure that a rule asks for: what its reason names, but for reasons of one figure."""
    return _SCORE_OF.get(rule.reason, rule.reason)


_SCORE_OF: Final = {
    "short": "words",
    "longest-line-of-data": "longest-line",
    "data-lines": "code-lines",
    "alphanumeric": "alphanumeric-characters",
}
