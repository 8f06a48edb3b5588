"""Facts that several forms ask for, each counted in one place: sources, languages, licences, stages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from manifests.manifest import SPLITS
from manifests.markdown import code, number
from manifests.metadata.forms import Table
from manifests.metadata.stated import NOASSERTION, licenses_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manifests.figures import Figures, Share
    from manifests.manifest import Manifest

BY_HAND: Final = "no config key says this: add it by hand"
_PROSE: Final = re.compile(r"[a-z]{2,3}")  # ISO 639; Linguist's names are longer or in capitals
UNDETERMINED: Final = "und"  # the language of a document is not known
_UNKNOWN: Final = frozenset({"unknown", "unstated"})
_BANDS: Final = ((10**9, "less than 1 billion tokens"), (10**13, "1 billion to 10 trillion tokens"))
_TOP_BAND: Final = "more than 10 trillion tokens"
_MOST_BYTES: Final = 16  # of text in a token: no tokenizer in use averages more


def sources(manifest: Manifest) -> Table:
    """Count what each source gave: inputs, records read and kept, bytes of JSON lines kept."""
    inputs: dict[str, int] = {}
    for each in manifest.inputs:
        inputs[each.source] = inputs.get(each.source, 0) + 1
    rows = tuple(
        (each.name, each.kind, inputs.get(each.name, 0), each.read, each.kept, each.bytes)
        for each in manifest.sources
    )
    return Table(("source", "kind", "input files", "records read", "kept", "bytes"), rows)


def splits(manifest: Manifest) -> Table:
    """Count the records of each split, by source."""
    rows = tuple(
        (each.name, split, each.splits[split])
        for each in manifest.sources
        for split in SPLITS
        if each.splits.get(split)
    )
    return Table(("source", "split", "records"), rows)


def licenses(manifest: Manifest) -> Table:
    """Count records by licence expression, the commonest first."""
    counts = licenses_of(manifest)
    ranked = sorted(counts, key=lambda each: (-counts[each], each))
    return Table(("licence", "records"), tuple((code(each), counts[each]) for each in ranked), 20)


def license_figures(manifest: Manifest, classes: Mapping[str, str]) -> dict[str, int]:
    """Count records that are given to the public domain, that have no known licence, and all others.

    `classes` is licence expression -> class; one without a class is taken for a licence.
    """
    counts = licenses_of(manifest)
    by_class = {name: classes.get(name, "") for name in counts}
    free = sum(counts[name] for name, kind in by_class.items() if kind == "public-domain")
    unknown = sum(
        counts[name] for name, kind in by_class.items() if name == NOASSERTION or kind in _UNKNOWN
    )
    total = sum(counts.values())
    return {
        "records": total,
        "public_domain": free,
        "unknown_license": unknown,
        "licensed": total - free - unknown,
    }


def flow(manifest: Manifest) -> Table:
    """Follow the records through the stages."""
    rows = tuple(
        (each.stage, each.entered, sum(each.dropped.values()), each.left)
        for each in manifest.stages
    )
    return Table(("stage", "in", "dropped", "out"), rows)


def dropped(manifest: Manifest, stage: str) -> int:
    """Count the records that a stage dropped; 0 for a stage that there is none of."""
    return sum(sum(each.dropped.values()) for each in manifest.stages if each.stage == stage)


def redacted(manifest: Manifest) -> Table:
    """Count the spans that redaction replaced, by type."""
    spans = sorted(manifest.redact.counts.items())
    return Table(("type", "spans replaced"), tuple((code(kind), count) for kind, count in spans))


def shares(head: str, counted: Mapping[str, Share]) -> Table:
    """Tell documents and bytes of text, the largest first."""
    ranked = sorted(counted, key=lambda name: (-counted[name].bytes, name))
    rows = tuple((code(name), counted[name].documents, counted[name].bytes) for name in ranked)
    return Table((head, "documents", "bytes of text"), rows, len(rows))


def is_prose(language: str) -> bool:
    """Tell a natural language (ISO 639) from one of code, markup or data (GitHub Linguist)."""
    return _PROSE.fullmatch(language) is not None


def text_bytes(manifest: Manifest, figures: Figures | None) -> int:
    """Return the bytes of the documents' text and of the questions' lines; of all lines without figures."""
    if figures is None:
        return manifest.bytes_raw
    return figures.total.bytes + sum(
        each.bytes for each in manifest.sources if each.kind == "question"
    )


def size_bands(size: int) -> tuple[str, ...]:
    """Return the bands of the Commission's template in which a text of `size` bytes may lie.

    A token is at least a byte and on average at most 16, so one band is certain without a tokenizer
    and two mean that the tokens have to be counted.
    """
    return tuple(dict.fromkeys((_band(size // _MOST_BYTES), _band(size))))


def _band(tokens: int) -> str:
    return next((name for limit, name in _BANDS if tokens < limit), _TOP_BAND)


def top_domains(figures: Figures) -> tuple[Table, int]:
    """List the tenth of all domains with most bytes, and say how many that tenth is."""
    wanted = -(-figures.all_domains // 10)
    listed = shares("domain", figures.domains)
    return Table(listed.head, listed.rows[:wanted], shown=wanted), wanted


def opted_out(manifest: Manifest) -> tuple[str, ...]:
    """Say which opt-out registries were honoured, by the head of each chain."""
    if not manifest.registries:
        return ("No opt-out registry was configured: no request was honoured.",)
    return tuple(
        f"An opt-out registry with {number(each.requests)} requests was honoured; the hash at the "
        f"head of its chain is {code(each.head)}."
        for each in manifest.registries
    )
