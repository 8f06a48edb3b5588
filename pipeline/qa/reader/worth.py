"""What a span is worth as a whole, beside the scores of its first and its last token.

The network scores the two apart, and so sees no span: not how long it is, not that it repeats the question or cuts
a name in two. A log-linear model weighs these over the best spans (conditional logit, McFadden 1974; reranking as
Collins and Koo 2005), in a dozen microseconds a span. It is fitted on held-out questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from pipeline.qa.baseline.units import BRACKET, CAPITAL, DIGIT, MARK, NUMERAL
from pipeline.qa.reader.hints import FUNCTION, OPENS
from pipeline.qa.reader.packages import packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from pipeline.qa.baseline.units import Units
    from pipeline.qa.reader.hints import Compared

    Bools = npt.NDArray[np.bool_]
    Doubles = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int32]

NAMES: Final = (
    "score",
    *("one_unit", "two_units", "three_units", "log_units", "tenth_of_units"),
    *("asked_share", "asked_any", "asked_all", "asked_rarity", "asked_before", "asked_behind"),
    *("fits_share", "fits_any", "misfits_share"),
    *("mark", "odd_bracket", "several_sentences", "nothing_told"),
    *("name_cut_before", "name_cut_behind", "figure_before", "figure_cut_behind"),
    *("begins_small", "ends_small", "small_before", "small_behind", "mark_before", "mark_behind"),
)
"""What is known of a span; `small` are function words, `asked` words that the question has, too."""
_WELL: Final = 2
_STRENGTH: Final = 10.0  # of the pull towards the score alone, as of so many questions
_STEPS: Final = 100
_DIGITS: Final = 4


class Worth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The weights of what is known of a span; without any, its score is what it is worth."""

    weights: dict[str, float] = {}

    def of(self, known: Doubles) -> Doubles:
        """Return what spans are worth; `known` has the shape (spans, names)."""
        if not self.weights:
            return known[:, 0]
        found: Doubles = np.einsum(
            "ij,j->i", known, np.array([self.weights.get(name, 0.0) for name in NAMES])
        )
        return found


class Case(NamedTuple):
    """A held-out question: what is known of its spans, and which are right."""

    known: Doubles
    right: Bools


def known_of(units: Units, compared: Compared, spans: Integers, scores: Doubles) -> Doubles:
    """Return what is known of spans of a passage, given as their first and last units: shape (spans, names)."""
    first, last = spans[:, 0], spans[:, 1]
    size = last - first + 1.0
    kinds = _Kinds.of(units, compared)
    before, behind = _beside(units, first, -1), _beside(units, last, 1)
    content, asked = _within(kinds.content, spans), _within(kinds.asked, spans)
    told = np.maximum(content, 1)
    columns = (
        scores,
        *(size == count for count in (1, 2, 3)), np.log(size), size / 10,
        asked / told, asked > 0, (asked == content) & (content > 0),
        _within(compared.weights, spans) / 10, _at(kinds.matched, before), _at(kinds.matched, behind),
        _within(compared.fits == _WELL, spans) / size, _within(compared.fits == _WELL, spans) > 0,
        _within(compared.fits == 0, spans) / size,
        _within(kinds.mark, spans) > 0, _within(kinds.bracket, spans) % 2,
        units.sentence[first] != units.sentence[last], content == 0,
        _at(kinds.name & ~kinds.opens, before) & kinds.name[first], _at(kinds.name, behind) & kinds.name[last],
        _at(kinds.figure, before), kinds.figure[last] & _at(kinds.content, behind),
        kinds.small[first], kinds.small[last], _at(kinds.small, before), _at(kinds.small, behind),
        (before < 0) | _at(kinds.mark, before), (behind < 0) | _at(kinds.mark, behind),
    )  # fmt: skip
    return np.stack([np.asarray(each, np.float64) for each in columns], axis=1)


class _Kinds(NamedTuple):
    """Which units of a passage are what."""

    mark: Bools
    bracket: Bools
    small: Bools
    name: Bools
    opens: Bools
    figure: Bools
    matched: Bools

    @classmethod
    def of(cls, units: Units, compared: Compared) -> _Kinds:
        shapes = units.shapes
        return cls(
            mark=(shapes & MARK) > 0,
            bracket=(shapes & BRACKET) > 0,
            small=compared.look == FUNCTION,
            name=(shapes & CAPITAL) > 0,
            opens=compared.look == OPENS,
            figure=(shapes & (DIGIT | NUMERAL)) > 0,
            matched=compared.match >= 0,
        )

    @property
    def content(self) -> Bools:
        return ~(self.mark | self.small)

    @property
    def asked(self) -> Bools:
        return self.matched & self.content


def _within(values: npt.NDArray[np.generic], spans: Integers) -> Doubles:
    """Return the sum of values of units over each span."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    found: Doubles = sums[spans[:, 1] + 1] - sums[spans[:, 0]]
    return found


def _beside(units: Units, places: Integers, step: int) -> Integers:
    """Return the unit before or behind each, -1 where the sentence ends there."""
    found = places + step
    inside = np.clip(found, 0, len(units.sentence) - 1)
    same = (found == inside) & (units.sentence[inside] == units.sentence[places])
    return np.where(same, found, -1).astype(np.int32)


def _at(kind: Bools, places: Integers) -> Bools:
    """Tell of which kind units are; -1 is of none."""
    found: Bools = kind[places] & (places >= 0)
    return found


def fit_worth(cases: Sequence[Case]) -> Worth:
    """Return the weights under which right spans are likeliest; those of no case with a right span are none."""
    torch = packages().torch
    cases = [each for each in cases if each.right.any() and not each.right.all()]
    if not cases:
        return Worth()
    most = max(len(each.right) for each in cases)
    known = np.zeros((len(cases), most, len(NAMES)))
    there, right = (np.zeros((len(cases), most), np.bool_) for _ in range(2))
    for row, each in enumerate(cases):
        size = len(each.right)
        known[row, :size], there[row, :size], right[row, :size] = each.known, True, each.right
    scale = known[there].std(0)
    scale[scale == 0] = 1.0
    begin = torch.zeros(len(NAMES), dtype=torch.float64)
    begin[0] = scale[0]
    tensors = tuple(torch.from_numpy(each) for each in (known / scale, there, right))
    weights = _descended(begin, *tensors) / scale
    return Worth(
        {
            name: round(float(weight), _DIGITS)
            for name, weight in zip(NAMES, weights, strict=True)
        }
    )  # fmt: skip


def _descended(begin: Any, known: Any, there: Any, right: Any) -> Doubles:
    """Return the best weights, by L-BFGS (Liu and Nocedal 1989)."""
    torch = packages().torch
    weights = begin.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([weights], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Any:
        optimiser.zero_grad()
        worth = (known * weights).sum(-1).masked_fill(~there, -torch.inf)
        likely = torch.logsumexp(worth.masked_fill(~right, -torch.inf), -1)
        told = (torch.logsumexp(worth, -1) - likely).sum()
        found = told + _STRENGTH / 2 * ((weights - begin) ** 2).sum()
        found.backward()
        return found

    optimiser.step(loss)
    found: Doubles = weights.detach().numpy()
    return found
