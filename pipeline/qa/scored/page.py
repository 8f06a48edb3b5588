"""The page of scored answers: scores, how far confidence can be trusted, silence, and kinds of question.

It shows no text of a question, a context or an answer, and no id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.qa.score import TWO
from pipeline.qa.scored import plots
from pipeline.qa.scored.kind_bars import STYLE, kind_panels
from pipeline.qa.scored.names import meaning, spelled
from pipeline.report import head
from pipeline.report.html import (
    Cell,
    code,
    counted,
    details,
    esc,
    name,
    named,
    number,
    panel,
    percent,
    plural,
    section,
    table,
    tiles,
)
from pipeline.report.script import SCRIPT
from pipeline.report.svg import columns

if TYPE_CHECKING:
    from pipeline.qa.scored.facts import Facts, Silence, Trust

_ENTRIES: Final = {
    "scores": "Scores",
    "confidence": "Confidence",
    "silence": "Silence",
    "kinds": "Kinds of question",
    "made": "What it was made of",
}
_COVERAGES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_TENTHS: Final = 10


def render(facts: Facts) -> bytes:
    """Make the page; it stands alone and fetches nothing."""
    body = (
        _scores(facts),
        "" if facts.trust is None else _confidence(facts.trust),
        "" if facts.silence is None else _silence(facts.silence),
        _kinds(facts),
        _made(facts),
    )
    title = "Predicted answers"
    entries = "".join(
        f'<li><a href="#{anchor}">{esc(entry)}</a></li>'
        for (anchor, entry), part in zip(_ENTRIES.items(), body, strict=True)
        if part
    )
    return (
        f"{head(title)}<body><style>{STYLE}{plots.STYLE}</style>"
        f'<a class="skip" href="#main">Skip to content</a><header class="top"><div class="in">'
        f'<p class="kicker">{title}</p><h1>{name(facts.inputs[1][1])}</h1>'
        f'<p class="about">on {name(facts.inputs[0][1])}, by the rules of {code(facts.format)}</p></div></header>'
        f'<nav aria-label="Contents"><div class="in"><ul>{entries}</ul></div></nav>'
        f'<main id="main"><div class="in">{"".join(body)}</div></main>'
        f"<script>{SCRIPT}</script></body></html>\n"
    ).encode()


def _scores(facts: Facts) -> str:
    """Set what the questions score, in tiles, in figures, and how F1 is spread."""
    rows = [
        [
            Cell(f"{esc(key)}<br><small>{esc(meaning(key))}</small>", key),
            Cell(spelled(key, value), value),
        ]
        for key, value in facts.named.items()
    ]
    shown = panel("In figures", table("Scores by their names", ("score", "value"), rows))
    spread = panel("How F1 is spread", _spread(facts))
    return section(
        "scores", "Scores", _lead(facts), _tiles(facts), f'<div class="two">{shown}{spread}</div>'
    )


def _lead(facts: Facts) -> str:
    """Say of how many questions, and what counts as what."""
    missing = facts.missing
    left = "left out" if facts.format == TWO else "wrong"
    told = f"{plural(len(facts.outcomes), 'question')}."
    if missing:
        told += (
            f" {plural(missing, 'question')} not predicted: {left}, as the set's own scorer has it."
        )
    if facts.silenced:
        told += (
            f" {plural(facts.silenced, 'answer')} with odds above the threshold count as abstentions; "
            "confidence is that of the answers all the same."
        )
    return told


def _tiles(facts: Facts) -> str:
    found = facts.named
    exact = found.get("exact_match", found.get("exact", 0.0))
    shown = [
        ("Exact", f"{exact:.2f} %", "of the questions"),
        ("F1", f"{found['f1']:.2f} %", "likeness with the nearest answer"),
    ]
    for part, label in (("HasAns_", "Has an answer"), ("NoAns_", "Has no answer")):
        if f"{part}f1" in found:
            about = (
                f"F1, exact {found[f'{part}exact']:.2f} % of {number(int(found[f'{part}total']))}"
            )
            shown.append((label, f"{found[f'{part}f1']:.2f} %", about))
    if "ece" in found:
        about = f"is off on average; {100 * found['ece_by_chance']:.1f} by chance alone"
        shown.append(("Confidence", f"{100 * found['ece']:.1f} %", about))
        shown.append(("Brier score", f"{found['brier']:.3f}", "0 is best"))
    return tiles(shown)


def _spread(facts: Facts) -> str:
    """Draw how many questions have which F1: none of it, tenths, all of it."""
    heads = ["0", "", *(str(10 * at) for at in range(1, _TENTHS)), "100"]
    stacks = [[0, 0] for _ in heads]
    for each in facts.outcomes:
        whole = _TENTHS + 1 if each.f1 >= 1.0 else 1 + int(each.f1 * _TENTHS)
        stacks[whole if each.f1 > 0.0 else 0][int(each.exact)] += 1
    total = len(facts.outcomes)
    drawn = []
    for at, (other, exact) in enumerate(stacks):
        what = (
            f"F1 {heads[at]} %"
            if at in (0, _TENTHS + 1)
            else f"F1 from {10 * at - 10} to {10 * at} %"
        )
        below = (other, 1, f"{what}, not exact: {number(other)}")
        drawn.append([below, (exact, 0, f"{what}, exact: {number(exact)}")])
    none, whole = (sum(stacks[at]) for at in (0, -1))
    told = (
        f"{percent(none, total)} share nothing with an answer, {percent(whole, total)} all of it."
    )
    return (
        f"{plots.legend(('s0', 'exact'), ('s1', 'not exact'))}"
        f"{columns('Questions by F1', heads, drawn)}<p>{told}</p>"
    )


def _confidence(trust: Trust) -> str:
    """Set calibration, and precision by coverage."""
    lead = (
        "Confidence is the probability that an answer is exactly right, of an abstention that there is no "
        "answer. Where it is true, answers with a confidence of 0.7 are right in seven of ten cases."
    )
    reliable = panel(
        "Is confidence true?",
        plots.legend(
            ("s0", "answers of like confidence, 95 % interval"), ("dash", "as it should be")
        ),
        plots.reliability(trust.bins),
        details("In figures", _bins(trust)),
    )
    covered = panel(
        "Precision when the least sure are left unanswered",
        plots.legend(
            ("s0", "exact"), ("s1", "F1"), ("dash", "exact in the best order, and in none")
        ),
        plots.coverage(trust.curve),
        details("In figures", _coverages(trust)),
    )
    return section(
        "confidence", _ENTRIES["confidence"], lead, f'<div class="two">{reliable}{covered}</div>'
    )


def _bins(trust: Trust) -> str:
    heads = ("confidence", "answers", "exact, %", "95 % from", "to")
    rows = [
        [
            Cell(f"{each.confidence:.3f}", each.confidence),
            counted(each.answers),
            *(Cell(f"{100 * share:.1f}", share) for share in (each.exact, each.low, each.high)),
        ]
        for each in trust.bins
    ]
    return table("Answers by confidence, in bins of like size (Wilson intervals)", heads, rows)


def _coverages(trust: Trust) -> str:
    """Tell the first point that answers enough, for some coverages."""
    points, total = trust.curve.points, trust.curve.total
    rows = []
    for wanted in _COVERAGES:
        found = next(each for each in points if each.answered >= wanted * total)
        shares = found.answered / total, found.exact / found.answered, found.f1 / found.answered
        cells = (Cell(f"{100 * share:.1f}", share) for share in shares)
        rows.append([*cells, Cell(f"{found.confidence:.3f}", found.confidence)])
    heads = ("coverage, %", "exact, %", "F1, %", "confidence from")
    return table("Precision by coverage", heads, rows)


def _silence(silence: Silence) -> str:
    """Set the scores by threshold."""
    lead = (
        "What the scores are if every answer whose odds of there being none are above a threshold is an "
        "abstention. The best is found on these very questions: an upper bound, no result."
    )
    drawn = panel(
        "Scores by threshold",
        plots.legend(("s0", "exact"), ("s1", "F1"), ("dash", f"held to: {silence.threshold:g}")),
        plots.by_threshold(silence),
    )
    told = panel("At some thresholds", _thresholds(silence))
    return section("silence", _ENTRIES["silence"], lead, f'<div class="two">{drawn}{told}</div>')


def _thresholds(silence: Silence) -> str:
    """Tell what is scored where a threshold says something: the last point up to it counts."""
    points = silence.points
    rows = []
    for words, threshold in (
        ("always silent", points[0]["threshold"]),
        ("best by exact", silence.exact.threshold),
        ("best by F1", silence.f1.threshold),
        ("held to", silence.threshold),
        ("never made silent", points[-1]["threshold"]),
    ):
        found = [each for each in points if each["threshold"] <= threshold] or points[:1]
        scores = (Cell(f"{found[-1][score]:.2f}", found[-1][score]) for score in ("exact", "f1"))
        shown = "" if found[-1] is points[0] else f"{threshold:.4g}"
        rows.append([named(words), Cell(shown, threshold), *scores])
    return table("Scores at thresholds", ("which", "threshold", "exact, %", "F1, %"), rows)


def _kinds(facts: Facts) -> str:
    lead = "Above exact with its 95 % interval, below F1. Kinds differ in more than what they are named by."
    legend = plots.legend(("s0", "exact"), ("s1", "F1"))
    return section("kinds", _ENTRIES["kinds"], lead, legend, kind_panels(facts.kinds))


def _made(facts: Facts) -> str:
    rows = [[named(part), named(file), Cell(code(digest))] for part, file, digest in facts.inputs]
    body = panel("Files", table("What was read", ("part", "file", "SHA-256"), rows))
    lead = "No text of a question, a context or an answer is on this page."
    return section("made", _ENTRIES["made"], lead, body)
