"""Several findings in one document become one expression: all of them hold, unless one explains another."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from filters.licenses.spdx import (
    NOASSERTION,
    class_rank,
    classify,
    combine,
    normalise,
    parse,
    render,
)
from filters.licenses.syntax import Expression, License

if TYPE_CHECKING:
    from filters.licenses.evidence import Evidence

# Which finding words the licence of those that say the same: a text does not know "or later".
_ORDER: Final = {
    "decision": 0, "tag": 1, "reuse": 2, "metadata": 3, "notice": 4, "text": 5, "claim": 6,
}  # fmt: skip
_WORDS: Final = 4  # from here on, who names the exception words the licence
# The text of the first is shipped beside that of the second, which refers to it.
_SUPPLEMENTS: Final = {"GPL-3.0": ("LGPL-3.0",), "GPL-2.0": ("LGPL-2.0", "LGPL-2.1")}


def merge(findings: list[Evidence]) -> str:
    """Join what the findings say by AND; a finding whose licences are all named already adds nothing.

    Beside a tag, which its author put there to be read by programs, words count only where they are
    stricter: they may be an older licence's, but must not be lost.
    """
    ranked = sorted(
        findings,
        key=lambda each: (
            min(_ORDER[each.kind], _WORDS),
            " WITH " not in each.expression,
            _ORDER[each.kind],
            each.start,
        ),
    )
    kept: list[Expression] = []
    named: set[str] = set()
    tagged = 0  # the class of the tags, from 1
    for each in ranked:
        expression = parse(each.expression)
        stems = stems_of(each.expression)
        if each.kind == "text" and _is_supplemented(stems, ranked):
            continue
        if tagged and each.kind in {"notice", "text"}:
            changed = {stem.removeprefix("LicenseRef-modified-") for stem in stems}
            if class_of(each.expression) <= tagged or changed <= named:
                continue
        if each.kind == "tag":
            tagged = max(tagged, class_of(each.expression))
        if not stems <= named:
            kept.append(expression)
            named |= stems
    return normalise(render(combine("AND", kept))).expression


def family_of(expression: str) -> str:
    """Name the family that all licences of an expression belong to, as `BSD` or `GPL`; `""` where they differ."""
    families = {stem.partition("-")[0] for stem in stems_of(expression)}
    return families.pop() if len(families) == 1 else ""


def class_of(expression: str) -> int:
    """Give the place of an expression's class, from 1 for the freest."""
    return 1 + class_rank(classify(expression))


def disagree(findings: tuple[Evidence, ...]) -> bool:
    """Tell whether a tag names a licence and words beside it another."""
    named = frozenset[str]()
    others = frozenset[str]()
    for each in findings:
        stems = stems_of(each.expression) - {NOASSERTION}
        if each.kind == "tag":
            named |= stems
        elif each.kind in {"notice", "text"}:
            others |= stems
    return bool(named) and not others <= named


def _is_supplemented(stems: frozenset[str], findings: list[Evidence]) -> bool:
    """Tell the GPL's text beside the LGPL's, which refers to it."""
    others = frozenset().union(
        *(stems_of(each.expression) for each in findings if each.kind == "text")
    )
    return all(others & set(_SUPPLEMENTS.get(stem, ())) for stem in stems)


@functools.lru_cache(maxsize=1 << 14)
def stems_of(expression: str) -> frozenset[str]:
    """Collect the licences of an expression without "only", "or later" and exceptions."""
    found: set[str] = set()
    queue = [parse(expression)]
    while queue:
        each = queue.pop()
        if isinstance(each, License):
            found.add(each.id.removesuffix("-only").removesuffix("-or-later"))
        else:
            queue += each.parts
    return frozenset(found)
