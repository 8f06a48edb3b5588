"""The closing table of `run` and `demo`: read, kept, dropped by stage and reason, redactions, speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.manifest import STAGES
from pipeline.cli.options import print_json, print_table
from pipeline.summary import as_json as counts_as_json
from pipeline.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.run import Outcome
    from pipeline.summary import Counts

_REASONS_SHOWN = 4


def report_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print the closing table and, as the last line, the release's path; or all of it as one JSON object."""
    if not as_json:
        print_closing_table(outcome)
        say(outcome.place)
        return
    print_json(
        counts_as_json(outcome.counts)
        | {
            "redactions": outcome.redactions,
            "licenses": outcome.licenses,
            "notes": outcome.notes,
            "seconds": round(outcome.seconds, 3),
            "aside": outcome.aside,
            "release": outcome.place,
        }
    )


def print_closing_table(outcome: Outcome) -> None:
    """Print what became of every record."""
    said = [f"redacted: {_listed(outcome.redactions)}"] if outcome.redactions else []
    said += _licenses(outcome)
    said += [outcome.aside] if outcome.aside else []
    said += [f"note: {note}" for note in outcome.notes]
    print_counts(outcome.counts, outcome.seconds, said)


def _licenses(outcome: Outcome) -> list[str]:
    """Say by which evidence licences were decided, and what a person should look at: as the release has it."""
    told = outcome.licenses
    lines = [f"licences decided by: {_listed(told['decided_by'])}"] if told["decided_by"] else []
    if told["review"]:
        total = sum(told["review"].values())
        lines.append(
            f"licences to review: {total:,} documents ({_listed(told['review'])}):"
            f" gristmill license review {outcome.place}"
        )
    return lines


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{kind} {n:,}" for kind, n in sorted(counts.items()))


def print_counts(counts: Counts, seconds: float, said: Sequence[str] = ()) -> None:
    """Print the records of each source by stage, the commonest reasons, what else is to say, the speed."""
    stages = [stage for stage in STAGES if stage in counts.dropped]
    rows = [
        (
            source.name,
            f"{source.read:,}",
            *(f"{sum(source.dropped.get(stage, {}).values()):,}" for stage in stages),
            f"{source.kept:,}",
        )
        for source in counts.sources
    ]
    read, kept = sum(s.read for s in counts.sources), sum(s.kept for s in counts.sources)
    totals = (f"{sum(counts.dropped[stage].values()):,}" for stage in stages)
    rows.append(("all", f"{read:,}", *totals, f"{kept:,}"))
    header = ("source", "records", *stages, "kept")
    print_table("records: all, dropped by stage, kept", header, rows)
    for stage in stages:
        reasons = counts.dropped[stage].most_common()
        named = [f"{reason} {count:,}" for reason, count in reasons[:_REASONS_SHOWN]]
        others = f", {len(reasons) - _REASONS_SHOWN} more" if len(reasons) > _REASONS_SHOWN else ""
        say(f"  {stage}: {', '.join(named)}{others}")
    for line in said:
        say(f"  {line}")
    size = sum(source.text_bytes for source in counts.sources)
    say(f"  {size / 1e6:,.1f} MB of text in {seconds:.1f} s, {size / 1e6 / seconds:.1f} MB/s")
