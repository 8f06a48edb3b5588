"""The licence of a document from all the evidence for its path: the nearest decides.

A person's decision > the document's own header > REUSE > its directory > the directories above it >
what the record or its source claims. Where evidence of one place disagrees both licences hold, so
that the stricter class counts. Behind a vendored boundary a claim may restrict and grants nothing:
it speaks of the repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from filters.licenses.evidence import Evidence, Outcome
from filters.licenses.merge import disagree, family_of, merge
from filters.licenses.places import boundary
from filters.licenses.spdx import NOASSERTION, normalise, strictness

if TYPE_CHECKING:
    from filters.licenses.decisions import Decision
    from filters.licenses.scan import Scan
    from filters.licenses.tree import Tree

Rule = Literal["decision", "header", "reuse", "directory", "root", "claim", "vendored", "none"]


class Resolution(NamedTuple):
    """The licence of a document, and why.

    `expression` is `NOASSERTION` unless the outcome is `found`. `rule` says which kind of evidence
    decided. `evidence` holds what decided first, then what stood farther away. `conflict`: evidence
    of one place disagrees, or a file's own header is stricter than the decision for its folder.
    `boundary` is the vendored folder at which inheritance stopped. `decision` is the one that people
    made.
    """

    outcome: Outcome
    expression: str
    rule: Rule
    evidence: tuple[Evidence, ...]
    conflict: bool = False
    boundary: str = ""
    decision: Decision | None = None

    def shown(self) -> list[dict[str, Any]]:
        """Spell the evidence for `inspect` and the ledger, a decision with whoever made it, why and when."""
        if self.decision is None:
            return [each.as_json() for each in self.evidence]
        return [dict(self.decision.as_json()), *(each.as_json() for each in self.evidence[1:])]


def resolve(
    tree: Tree, path: str, own: Scan, claim: str = "", decision: Decision | None = None
) -> Resolution:
    """Find the licence of the document at `path`, given what was found in itself and what is claimed."""
    claimed = _claim(claim)
    wall = boundary(path) if path else ""
    if decision is not None:
        made = Evidence(kind="decision", expression=decision.expression)
        conflict = not _decides_alone(decision, path) and _is_stricter(own, decision.expression)
        found = Resolution(
            "found", decision.expression, "decision", (made, *own.findings), conflict
        )
        return found._replace(boundary=wall, decision=decision)
    chosen = (
        _by_reuse(tree, path, own)
        or _by_parts(tree, path, own, claimed)
        or _by_family(tree, path, own, claimed)
        or _by_itself(own)
        or _by_folder(tree, path, own)
    )
    if chosen is None:
        return _by_claim(claimed, own.findings, wall)
    return chosen._replace(evidence=(*chosen.evidence, *claimed), boundary=wall)


def _decides_alone(decision: Decision, path: str) -> bool:
    """Tell a decision for a content or one file from one for a folder, a pattern or a repository."""
    return bool(decision.sha256) or (bool(path) and decision.path.removeprefix("/") == path)


def _is_stricter(own: Scan, expression: str) -> bool:
    """Tell a header that asks for more than what was decided for the files around it."""
    return own.outcome == "found" and strictness(own.expression) > strictness(expression)


def _by_itself(own: Scan) -> Resolution | None:
    if own.outcome == "none":
        return None
    conflict = disagree(own.findings)
    return Resolution(own.outcome, own.expression, "header", own.findings, conflict)


def _by_parts(tree: Tree, path: str, own: Scan, claimed: tuple[Evidence, ...]) -> Resolution | None:
    """Join a header that speaks of parts alone ("based on code by X, under MIT") to what holds for the whole."""
    said = [each for each in own.findings if each.expression != NOASSERTION]
    if not said or any(each.note != "part" for each in said):
        return None
    nearest = _by_folder(tree, path, own)
    if nearest is None and claimed and not boundary(path):
        nearest = Resolution("found", claimed[0].expression, "claim", own.findings)
    if nearest is None or nearest.outcome != "found":
        return nearest
    whole = Evidence(kind="metadata", expression=nearest.expression)
    return nearest._replace(expression=merge([whole, *said]))


def _by_family(
    tree: Tree, path: str, own: Scan, claimed: tuple[Evidence, ...]
) -> Resolution | None:
    """Let the nearest member of a family settle a header that names the family alone ("BSD, see LICENSE")."""
    if own.outcome != "found" or any(
        each.note not in {"family", "partial"} for each in own.findings
    ):
        return None
    if any(each.kind == "text" for each in own.findings):
        return None
    nearest = tree.nearest(path)
    if nearest is not None and nearest.outcome == "found":
        near, evidence, conflict = nearest.expression, nearest.findings, nearest.conflict
    elif nearest is None and claimed and not boundary(path):
        near, evidence, conflict = claimed[0].expression, (), False
    else:
        return None
    if family_of(near) != family_of(own.expression) or not family_of(near):
        return None
    return Resolution("found", near, "header", (*own.findings, *evidence), conflict)


def _by_reuse(tree: Tree, path: str, own: Scan) -> Resolution | None:
    """Ask the sidecar, then the nearest rules: `closest` gives way to a header, `aggregate` joins it."""
    header = own.outcome == "found"
    sidecar = None if header else tree.sidecar(path)
    if sidecar is not None:
        return Resolution(sidecar.outcome, sidecar.expression, "reuse", sidecar.findings)
    for source, answer in tree.rules(path):
        if answer.precedence == "closest" and header:
            continue
        said = msgspec.structs.replace(answer.evidence, path=source)
        both = (said, *own.findings)
        counted = both if answer.precedence == "aggregate" else (said,)
        if said.expression == NOASSERTION:
            return Resolution("unrecognised", NOASSERTION, "reuse", both)
        settled = [each for each in counted if each.expression != NOASSERTION]
        return Resolution("found", merge(settled), "reuse", both)
    return None


def _by_folder(tree: Tree, path: str, own: Scan) -> Resolution | None:
    nearest = tree.nearest(path)
    if nearest is None:
        return None
    return Resolution(
        nearest.outcome,
        nearest.expression,
        "directory" if nearest.folder else "root",
        (*nearest.findings, *own.findings),
        nearest.conflict,
    )


def _claim(claim: str) -> tuple[Evidence, ...]:
    read = normalise(claim)
    if read.expression == NOASSERTION and not read.repaired:
        return ()  # nothing, or NOASSERTION, which claims nothing
    return (Evidence(kind="claim", expression=read.expression),)


def _by_claim(claimed: tuple[Evidence, ...], own: tuple[Evidence, ...], wall: str) -> Resolution:
    expression = claimed[0].expression if claimed else NOASSERTION
    if wall and not restricts(expression):
        return Resolution("none", NOASSERTION, "vendored", (*own, *claimed), boundary=wall)
    if not claimed:
        return Resolution("none", NOASSERTION, "none", own)
    outcome: Outcome = "unrecognised" if expression == NOASSERTION else "found"
    return Resolution(outcome, expression, "claim", (*claimed, *own), boundary=wall)


def restricts(expression: str) -> bool:
    """Tell a known licence that is stricter than a permissive one."""
    return strictness(expression) > 0
