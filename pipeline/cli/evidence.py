"""The evidence for a licence in words, for people: what was found, where, how sure, and what decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS: Final = {
    "tag": "an SPDX tag",
    "notice": "a notice",
    "text": "a licence text",
    "reuse": "a REUSE rule",
    "metadata": "a package manifest",
    "claim": "the claim of the record or its source",
    "decision": "a decision",
}
_RULES: Final = {
    "decision": "a person decided",
    "header": "what stands in the document itself decided",
    "reuse": "REUSE information decided",
    "directory": "the nearest folder with a licence decided",
    "root": "the root of its repository decided",
    "claim": "nothing was found, so the claim of the record or its source decided",
    "vendored": "it lies in vendored code, in which no licence was found",
    "none": "nothing was found and nothing is claimed",
}
_NOTES: Final = {
    "modified": "the text was modified",
    "family": "its family shares the words",
    "partial": "only a piece of it",
}
_OUTCOMES: Final = {
    "unrecognised": "words of a licence were found, which one cannot be told",
    "failed": "the search for a licence failed",
}


def tell_account(account: dict[str, Any]) -> Iterator[str]:
    """Say in lines how a licence was decided: `account` is what the ledger or `inspect` says of it."""
    why = _RULES.get(account["decided_by"], account["decided_by"])
    outcome = _OUTCOMES.get(account.get("outcome", ""), "")
    boundary = account.get("boundary", "")
    parts = [
        why,
        *([outcome] if outcome else []),
        *([_conflict(account["decided_by"])] if account.get("conflict") else []),
        *([f"inheritance stops at {boundary}"] if boundary else []),
    ]
    yield "; ".join(parts)
    for each in account.get("evidence", []):
        yield tell(each)


def _conflict(rule: str) -> str:
    if rule == "decision":
        return "for its folder; its own header is stricter, so a person should look"
    return "the evidence disagrees, so all of it holds"


def tell(evidence: dict[str, Any]) -> str:
    """Say one finding: its kind, the expression, where it stands, and how sure it is."""
    kind = _KINDS.get(evidence["kind"], evidence["kind"])
    said = f"{kind}: {evidence['expression']}"
    if evidence["kind"] == "decision":
        return f"{said}, by {evidence['by']} on {evidence['when']}: {evidence['why']}"
    notes = [each for each in (_score(evidence), _NOTES.get(evidence.get("note", ""))) if each]
    return ", ".join([said, *_where(evidence), *notes])


def _where(evidence: dict[str, Any]) -> list[str]:
    """Say the file and the place in it, by line where that is known."""
    path = [f"in {evidence['path']}"] if "path" in evidence else []
    if "line" in evidence:
        return [*path, f"line {evidence['line']}, column {evidence['column']}"]
    if "end" in evidence:
        return [*path, f"characters {evidence.get('start', 0)} to {evidence['end']}"]
    return path


def _score(evidence: dict[str, Any]) -> str:
    score = evidence.get("score", 1.0)
    return f"{score:.1%} alike" if score < 1 else ""
