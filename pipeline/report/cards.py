"""Sample cards: a few records as they were emitted, redactions marked, whatever script they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.report.html import code, esc, name, number, section

if TYPE_CHECKING:
    from pipeline.report.data import Facts
    from pipeline.report.samples import Sample


def cards(facts: Facts) -> str:
    """Make the section of samples, a sheet for each source."""
    sheets: dict[str, list[Sample]] = {}
    for sample in facts.samples:
        sheets.setdefault(sample.source, []).append(sample)
    if not sheets:
        return ""
    body = "".join(
        f'<div class="sheet" id="sample-{at}" data-title="{esc(source)}"><h3>{name(source)}</h3>'
        f"{''.join(map(_card, samples))}</div>"
        for at, (source, samples) in enumerate(sheets.items())
    )
    lead = (
        "The records with the lowest addresses of each source, which is to say a random draw that "
        "stays the same; redacted, as they are in the release."
    )
    return section(
        "samples",
        "Samples",
        lead,
        f'<div class="tabbed" data-label="Source">{body}</div>',
    )


def _card(sample: Sample) -> str:
    tags = "".join(
        f"<li>{name(each)}</li>" for each in (sample.license, sample.language, sample.split)
    )
    asked = ""
    if sample.question:
        answers = "; ".join(map(name, sample.answers)) or "not answerable from the text"
        question = _marked(sample.question, sample.question_spans)
        asked = f'<p class="q" dir="auto">{question}</p><p class="a">{answers}</p>'
    shown = len(sample.text)
    cut = f"first {number(shown)} of {number(sample.characters)} characters"
    foot = cut if shown < sample.characters else f"{number(shown)} characters, whole"
    marks = len(sample.spans) + len(sample.question_spans)
    redacted = f" \u00b7 {marks} redacted here" if marks else ""
    more = "\u2026" if shown < sample.characters else ""
    return (
        f'<article class="sample"><header><h4>{code(sample.id)}</h4><ul class="tags">{tags}</ul>'
        f'</header>{asked}<pre dir="auto" tabindex="0">{_marked(sample.text, sample.spans)}{more}</pre>'
        f"<footer>{cut if shown < sample.characters else foot}{redacted}</footer></article>"
    )


def _marked(text: str, spans: tuple[tuple[int, int, str], ...]) -> str:
    """Escape a text and mark the redactions in it."""
    parts, at = [], 0
    for start, end, kind in spans:
        if start < at:  # spans that overlap have one mark
            continue
        parts.append(esc(text[at:start]))
        parts.append(f'<mark title="redacted: {esc(kind)}">{esc(text[start:end])}</mark>')
        at = end
    parts.append(esc(text[at:]))
    return "".join(parts)
