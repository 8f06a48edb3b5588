"""How quality scores are distributed, and what thresholds would drop: told before anybody chooses one.

Takes scores that are stored or were just taken; no text is looked at here.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from filters.quality import QUALITY_FILTERS, rule_score
from pipeline.stages.refuse import judge_stored, reasons_of
from pipeline.stages.scores import Stored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from filters.quality import QualityFilter
    from pipeline.stages.refuse import Chosen

QUANTILES: Final = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_BARS: Final = 20


class Told(NamedTuple):
    """The stored scores of one source."""

    source: str
    stored: Stored


def gather(parts: Iterable[tuple[str, Stored]]) -> list[Told]:
    """Put the parts of each source together, sorted by source."""
    tables: defaultdict[str, list[pa.Table]] = defaultdict(list)
    for source, stored in parts:
        tables[source].append(stored.table)
    return [Told(name, Stored(pa.concat_tables(tables[name]))) for name in sorted(tables)]


def describe(sources: list[Told], filters: Chosen) -> dict[str, Any]:
    """Tell of each source how its scores lie, and what the filters would drop of it."""
    return {
        each.source: {
            "documents": len(each.stored.table),
            "scores": _scores(each.stored),
            **_verdicts(each.stored, filters),
        }
        for each in sources
    }


def _scores(stored: Stored) -> dict[str, Any]:
    """Describe each score over the documents of the kind that a filter judges by it."""
    of_kind: defaultdict[str, list[NDArray[np.int64]]] = defaultdict(list)
    for kind, _, rows in stored.groups():
        of_kind[kind].append(rows)
    columns = {
        kind: stored.columns(np.sort(np.concatenate(rows))) for kind, rows in of_kind.items()
    }
    return {
        name: {"kind": each.kind, **_distribution(columns[each.kind][name])}
        for each in QUALITY_FILTERS
        for name in dict.fromkeys(map(rule_score, each.rules))
        if each.kind in columns
    }


def _distribution(figures: NDArray[np.float64]) -> dict[str, Any]:
    """Give quantiles, and counts in bars of equal width up to the last quantile but one, with all beyond."""
    quantiles = np.quantile(figures, QUANTILES, method="lower").tolist()
    least, most = quantiles[0], quantiles[-2]
    counts, _ = np.histogram(
        np.minimum(figures, most), bins=_BARS, range=(least, most if most > least else least + 1.0)
    )
    return {
        "quantiles": {
            f"{share:.0%}": value for share, value in zip(QUANTILES, quantiles, strict=True)
        },
        "histogram": {"from": least, "to": most, "counts": counts.tolist()},
    }


def _verdicts(stored: Stored, filters: Chosen) -> dict[str, Any]:
    """Count what all filters drop together, by reason, and what each rule would drop if it stood alone."""
    refused = judge_stored(stored, filters)
    reasons = reasons_of(filters)
    dropped: defaultdict[str, int] = defaultdict(int)
    for number in refused["reason"].tolist():
        dropped[reasons[number]] += 1
    return {
        "dropped": len(refused),
        "reasons": dict(sorted(dropped.items())),
        "filters": {name: _alone(stored, each) for name, each in filters},
    }


def _alone(stored: Stored, each: QualityFilter) -> dict[str, Any]:
    """Count what a filter judges and would drop with no other, and each of its rules with no other."""
    judged = dropped = 0
    drops = [0] * len(each.rules)
    for kind, language, rows in stored.groups():
        if each.judges(kind, language):
            columns = stored.columns(rows)
            judged += len(rows)
            dropped += int((each.failures(kind, language, columns, len(rows)) >= 0).sum())
            for place, rule in enumerate(each.rules):
                failed = each.failed(rule, language, columns)
                drops[place] += 0 if failed is None else int(failed.sum())
    return {
        "judged": judged,
        "dropped": dropped,
        "rules": [
            {
                "threshold": rule.field,
                "at": getattr(each, rule.field),
                "score": rule_score(rule),
                "drops": count,
            }
            for rule, count in zip(each.rules, drops, strict=True)
        ],
    }
