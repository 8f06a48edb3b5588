"""The head of the report: which release this is, its size, and what it is composed of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.report.html import (
    Cell,
    counted,
    esc,
    name,
    named,
    number,
    panel,
    percent,
    plural,
    section,
    size,
    sized,
    table,
    tiles,
)
from pipeline.report.treemap import Box, squarify

if TYPE_CHECKING:
    from pipeline.report.data import Facts, Part

_CHANGE: Final = {
    "initial": "first release",
    "patch": "the same documents in other bytes",
    "removal": "removals on request: replace the release before by this one",
    "minor": "documents added",
    "major": "documents removed or edited, or a new schema or split",
}
_FORMS: Final = ("parquet", "signatures")


def header(facts: Facts) -> str:
    """Name the release, its identity and what was not done."""
    manifest = facts.manifest
    about = manifest.about
    title = manifest.name if about is None or not about.title else about.title
    text = "" if about is None else about.description
    notes = "".join(f"<li>{name(note)}</li>" for note in manifest.notes)
    parent = manifest.parent
    after = "" if parent is None else f" after {name(parent.version)}"
    kicker = f"Release report \u00b7 {esc(_CHANGE.get(manifest.change, manifest.change))}{after}"
    return (
        f'<header class="top"><div class="in"><p class="kicker">{kicker}</p>'
        f'<h1>{name(title)} <span class="v">{esc(manifest.version)}</span></h1>'
        + (f'<p class="about">{name(text)}</p>' if text else "")
        + '<div class="root"><span>Content root</span>'
        f'<code id="root">{esc(manifest.content_root)}</code>'
        '<button type="button" data-copy="root" hidden>Copy</button></div>'
        + (f'<ul class="notes" aria-label="What to know">{notes}</ul>' if notes else "")
        + "</div></header>"
    )


def headline(facts: Facts) -> str:
    """Set the numbers that everybody asks for."""
    manifest = facts.manifest
    content = facts.statistics.content
    read = sum(each.read for each in manifest.sources)
    kept = sum(each.kept for each in manifest.sources)
    of_read = f"of {plural(read, 'record')} read"
    rows = []
    if manifest.documents:
        rows.append(("Documents", number(manifest.documents), of_read))
    if manifest.questions:
        about = "with context and answers" if manifest.documents else of_read
        rows.append(("Questions", number(manifest.questions), about))
    elif content is not None:
        rows.append(("Languages", number(len(content.languages)), "of code, markup and prose"))
    if not manifest.documents:
        inputs = size(sum(each.bytes for each in manifest.inputs))
        rows += [
            ("Inputs", number(len(manifest.inputs)), inputs),
            ("Licences", number(len(facts.statistics.classes)), "every record bears one"),
        ]
    if content is not None and content.total.documents:
        mean = content.total.bytes // content.total.documents
        rows.append(("Text", size(content.total.bytes), f"UTF-8, {size(mean)} a document"))
    rows += [
        _download(facts),
        ("Sources", number(len(manifest.sources)), _files(facts)),
        (
            "Left out",
            percent(read - kept, read),
            f"{plural(read - kept, 'record')}, each with a reason",
        ),
        ("Redacted", number(sum(manifest.redact.counts.values())), "secrets and personal data"),
        _requests(facts),
    ]
    return f'<div class="in" style="padding-top:1.4rem">{tiles(rows)}</div>'


def _download(facts: Facts) -> tuple[str, str, str]:
    """Say how big the records are, in every form in which the release holds them."""
    forms = {each: facts.beside.get(each, 0) for each in _FORMS}
    raw = f"{size(facts.manifest.bytes_raw)} of JSON lines"
    told = "".join(f" + {each} {size(n)}" for each, n in forms.items() if n)
    whole = facts.stored + sum(forms.values())
    return "Download", size(whole), f"shards {size(facts.stored)}{told}; {raw}" if told else raw


def _requests(facts: Facts) -> tuple[str, str, str]:
    """Say how many requests were honoured, and what that took out."""
    registries = facts.manifest.registries
    if not registries:
        return "Opt-outs", "\u2013", "no registry was configured"
    stages = (stage for stage in facts.manifest.stages if stage.stage == "optout")
    lost = sum(sum(stage.dropped.values()) for stage in stages)
    requests = sum(each.requests for each in registries)
    return "Opt-outs", number(requests), f"{plural(lost, 'record')} left out on request"


def _files(facts: Facts) -> str:
    return plural(sum(part.shards for part in facts.parts), "shard")


def composition(facts: Facts) -> str:
    """Show the sources and splits by size."""
    rows = [part for part in sorted(facts.parts, key=lambda each: (-each.raw, each)) if part.raw]
    lead = "Raw JSON lines by source and split; the areas are in proportion to bytes."
    if not rows:
        return section(
            "composition", "Composition", "", '<p class="none">The release is empty.</p>'
        )
    return section(
        "composition",
        "Composition",
        lead,
        panel("By source and split", _map(facts, rows), _table(facts)),
    )


def _map(facts: Facts, parts: list[Part]) -> str:
    """Draw a treemap; the parts of a source share its colour, and what is not train is hatched."""
    total = sum(part.raw for part in parts)
    boxes = squarify([part.raw for part in parts], Box(0, 0, 100, 40))
    items = []
    for part, box in zip(parts, boxes, strict=True):
        tint = "" if part.split == "train" else " tint"
        told = f"{part.source}, {part.split}: {size(part.raw)}, {number(part.records)} records"
        items.append(
            f'<li class="s{facts.colours.get(part.source, 7)}{tint}" data-tip="{esc(told)}" '
            f'style="left:{box.x:.2f}%;top:{box.y * 2.5:.2f}%;width:{box.width:.2f}%;'
            f'height:{box.height * 2.5:.2f}%"><span>{name(part.source)}'
            f"<small>{esc(part.split)} \u00b7 {percent(part.raw, total)}</small></span></li>"
        )
    return f'<ul class="map" aria-label="Sources and splits by size">{"".join(items)}</ul>'


def _table(facts: Facts) -> str:
    content = facts.statistics.content
    rows = []
    for source in sorted(facts.manifest.sources, key=lambda each: (-each.bytes, each.name)):
        mine = [part for part in facts.parts if part.source == source.name]
        share = None if content is None else content.sources.get(source.name)
        dot = f'<span class="dot s{facts.colours.get(source.name, 7)}"></span> '
        splits = source.splits
        rows.append(
            (
                Cell(dot + name(source.name), source.name),
                named(source.kind),
                counted(source.kept),
                *(counted(splits.get(split, 0)) for split in ("train", "validation", "test")),
                Cell("\u2013", 0) if share is None else sized(share.bytes),
                sized(source.bytes),
                sized(sum(part.stored for part in mine)),
            )
        )
    head = ("source", "kind", "kept", "train", "validation", "test", "text", "raw", "stored")
    return table("Sources: records kept, and bytes", head, rows)
