"""What was done for people: redaction, opt-outs, evaluation sets; and what changed since the release before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from manifests.registry import EMPTY_HEAD
from pipeline.report.html import (
    Cell,
    bars,
    code,
    counted,
    details,
    esc,
    name,
    named,
    number,
    pairs,
    panel,
    plural,
    section,
    size,
    table,
)

if TYPE_CHECKING:
    from manifests.diff import Step
    from pipeline.report.data import Before, Facts

_KINDS: Final = ("added", "removed", "changed", "relicensed", "moved")
_HAPPENED: Final = ("added", "removed", "changed", "re-licensed", "other split")
_RULES: Final = 80
_OPTOUT: Final = {
    "copy:exact": "exact copy of an opted-out document",
    "copy:near": "near copy of an opted-out document",
}


def care(facts: Facts) -> str:
    """Make the section on redaction and opt-outs."""
    lead = "What was taken out of the texts, and who asked not to be in them. No value is shown anywhere."
    body = f'<div class="two">{_redaction(facts)}{_optouts(facts)}</div>'
    return section("care", "Redaction and opt-outs", lead, body, _protected(facts))


def _redaction(facts: Facts) -> str:
    redact = facts.manifest.redact
    ranked = sorted(redact.counts.items(), key=lambda item: (-item[1], item[0]))
    level = f"<p>Level: <strong>{esc(redact.level)}</strong></p>"
    if not ranked:
        return panel("Redacted", level, '<p class="none">Nothing was replaced.</p>')
    drawn = bars("Redactions by type", ((code(each), n, number(n), "s0") for each, n in ranked))
    rules = sorted(redact.rules.items(), key=lambda item: (-item[1], item[0]))[:_RULES]
    rows = [(Cell(code(rule), rule), counted(n)) for rule, n in rules]
    shown = details("By rule", table("Redactions by rule", ("rule", "spans"), rows)) if rows else ""
    return panel("Redacted", level, drawn, shown)


def _optouts(facts: Facts) -> str:
    manifest = facts.manifest
    if not manifest.registries:
        return panel("Opt-outs", '<p class="none">No opt-out registry was configured.</p>')
    dropped: Counter[str] = Counter()
    for stage in manifest.stages:
        if stage.stage == "optout":
            dropped.update(stage.dropped)
    heads = pairs(
        pair
        for each in manifest.registries
        for pair in (("Requests", number(each.requests)), ("Registry head", _head(each.head)))
    )
    ranked = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))
    drawn = bars(
        "Documents left out by kind of request",
        ((esc(_OPTOUT.get(each, f"by {each}")), n, number(n), "s1") for each, n in ranked),
    )
    none = '<p class="none">No record was affected.</p>'
    return panel("Opt-outs", heads, drawn if ranked else none, _tombstones(facts))


def _head(head: str) -> str:
    return "no event yet" if head == EMPTY_HEAD else code(head)


def _tombstones(facts: Facts) -> str:
    if not facts.tombstones:
        return '<p class="none">No tombstones: nothing that was released has been removed.</p>'
    rows = [
        (named(release), Cell(code(reason), reason), counted(n))
        for (release, reason), n in facts.tombstones.items()
    ]
    total = sum(facts.tombstones.values())
    head = ("removed in", "reason", "documents")
    return details(plural(total, "tombstone"), table("Removed since the first release", head, rows))


def _protected(facts: Facts) -> str:
    """Show what was left out for evaluation sets, where any are protected."""
    counts: Counter[str] = Counter()
    for stage in facts.manifest.stages:
        if stage.stage == "decontam":
            counts.update(stage.dropped)
    sets = facts.manifest.decontam
    if sets is None and not counts:
        return ""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    drawn = bars(
        "Documents by evaluation set", ((code(each), n, number(n), "s3") for each, n in ranked)
    )
    none = '<p class="none">No document held a passage of one.</p>'
    listed = ""
    if sets is not None:
        rows = [(named(e.name), counted(e.items), counted(e.passages)) for e in sets.sets]
        head = ("evaluation set", "items", "passages sought")
        listed = table(f"Protected sets, {sets.ngram} words in a row", head, rows)
    return panel("Evaluation sets", _PROTECTED, drawn if ranked else none, listed)


_PROTECTED: Final = (
    "<p>Documents that hold a passage of a protected evaluation set were left out.</p>"
)


def since(facts: Facts) -> str:
    """Compare the release with the one before; nothing for a first one."""
    before = facts.statistics.parent
    if before is None:
        return ""
    step = facts.steps[0] if facts.steps else None
    lead = f"Against {name(facts.manifest.name)} {name(before.version)}, record by record."
    left = panel("Sizes", _sizes(facts, before))
    right = "" if step is None else panel("Changes", _changes(step), _reasons(step))
    return section("since", "Since the release before", lead, left, right, _line(facts))


def _sizes(facts: Facts, before: Before) -> str:
    now = {each.name: each for each in facts.manifest.sources}
    rows = []
    for source in sorted(before.sources.keys() | now.keys()):
        then, is_ = before.sources.get(source), now.get(source)
        old = (0, 0) if then is None else (then.kept, then.bytes)
        new = (0, 0) if is_ is None else (is_.kept, is_.bytes)
        row = (*map(counted, (old[0], new[0])), _delta(new[0] - old[0]))
        sizes = (Cell(size(old[1]), old[1]), Cell(size(new[1]), new[1]))
        rows.append((named(source), *row, *sizes))
    head = ("source", "records then", "now", "change", "raw then", "raw now")
    return table("Records and raw bytes, then and now", head, rows)


def _delta(value: int) -> Cell:
    sign = "+" if value > 0 else "\u2212" if value < 0 else "\u00b1"
    style = "up" if value > 0 else "down" if value < 0 else ""
    return Cell(f"{sign}{number(abs(value))}", value, style)


def _changes(step: Step) -> str:
    if not step.sources:
        return '<p class="none">No record was added, removed or changed.</p>'
    rows = [
        (named(each.source), *(counted(getattr(each, kind)) for kind in _KINDS))
        for each in step.sources
    ]
    foot = (Cell("all sources"), *_totals(step))
    head = ("source", *_HAPPENED)
    return table("Records by what happened to them", head, rows, foot if len(rows) > 1 else ())


def _totals(step: Step) -> list[Cell]:
    """Count over all sources what happened to their records."""
    return [counted(sum(getattr(each, kind) for each in step.sources)) for kind in _KINDS]


def _reasons(step: Step) -> str:
    if not step.reasons:
        return ""
    ranked = sorted(step.reasons.items(), key=lambda item: (-item[1], item[0]))
    return "<p>Why records left:</p>" + bars(
        "Why records left", ((code(each), n, number(n), "s1") for each, n in ranked[:20])
    )


def _line(facts: Facts) -> str:
    """List the releases before this one."""
    if len(facts.steps) < 2:  # noqa: PLR2004  this one and another
        return ""
    rows = [
        (
            named(step.version),
            named(step.change),
            *_totals(step),
            Cell(code(step.content_root[:16] + "\u2026"), step.content_root),
        )
        for step in facts.steps
    ]
    head = ("version", "change", *_HAPPENED, "content root")
    return panel("The line of releases", table("Newest first", head, rows))
