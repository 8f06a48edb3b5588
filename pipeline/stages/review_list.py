"""The review list: what licence detection could not settle, grouped so that one decision settles a group.

A group's subject stands in a decisions file as it is: a repository with the path that covers the
group, or the digest of a text. Where neither is known (records without a repository that claim what
nobody knows) the source stands for it, and it is the claim that wants mending.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from filters.licenses.merge import stems_of
from filters.licenses.spdx import NOASSERTION, class_rank, classify
from pipeline.stages.review_subject import (
    any_of,
    clean,
    is_plain,
    literal,
    names_address,
    repository_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from filters.document import Document

Reason = Literal["unrecognised", "failed", "conflict", "claim-disagrees", "modified", "vendored"]
Account = dict[str, Any]  # what the ledger says of how a licence was found
_EXAMPLES: Final = 3
_EVIDENCE: Final = 4
_AROUND: Final = frozenset({"reuse", "directory", "root"})  # rules that ask the files around


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of compliance/license-review.jsonl; `documents` counts records of the input."""

    subject: dict[str, str]
    reason: Reason
    expressions: tuple[str, ...]
    license_class: str = msgspec.field(name="class")
    documents: int
    example_ids: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...]


class Key(NamedTuple):
    """What documents of one group share; `where` tells groups of one repository apart."""

    sha256: str
    source: str
    repository: str
    where: tuple[str, ...]
    reason: Reason
    expressions: tuple[str, ...]
    license_class: str


class Group(msgspec.Struct, array_like=True):
    """A group as it grows: the folder that covers it, its first ids, and the evidence for the first."""

    folder: str
    path: str
    documents: int
    ids: list[str]
    evidence: list[dict[str, Any]]


Groups = dict[Key, Group]


def reason_of(account: Account, expression: str) -> Reason | None:
    """Say why a person should look at a resolution, `None` where detection settled it.

    `expression` is what was resolved. What was not found at all is settled: there is no licence.
    """
    if account["decided_by"] == "decision":
        # for a folder, while a header in it is stricter
        return "conflict" if account.get("conflict", False) else None
    outcome = account.get("outcome", "found")
    signs: tuple[tuple[Reason, bool], ...] = (
        ("failed", outcome == "failed"),
        ("unrecognised", outcome == "unrecognised"),
        ("conflict", account.get("conflict", False)),
        ("vendored", account["decided_by"] == "vendored"),
    )
    seen: Reason | None = next((reason for reason, shown in signs if shown), None)
    return seen if seen is not None or outcome == "none" else _doubt(account, expression)


def _doubt(account: Account, expression: str) -> Reason | None:
    """Say what is doubtful in a licence that was found."""
    found = deciding(account)
    altered = "LicenseRef-modified-" in expression
    if altered or any(each.get("note") == "modified" for each in found):
        return "modified"
    if found and classify(expression) == "unknown":
        return "unrecognised"
    around = account["decided_by"] in _AROUND
    return "claim-disagrees" if around and _is_disputed(account, expression) else None


def deciding(account: Account) -> list[dict[str, Any]]:
    """Pick the findings that decided: of the document itself, of the files around it, or the claim."""
    rule = account["decided_by"]
    shown: list[dict[str, Any]] = account.get("evidence", [])
    if rule in {"claim", "vendored", "none"}:
        return [each for each in shown if each["kind"] == "claim"]
    if rule in {"header", "decision"}:
        aside = {"claim", "decision"}
        return [each for each in shown if each["kind"] not in aside and "path" not in each]
    return [each for each in shown if "path" in each]


def _is_disputed(account: Account, expression: str) -> bool:
    """Tell a claim of one licence where the files have another; one that says more or less is no dispute."""
    if account.get("boundary"):
        return False
    found = stems_of(expression)
    claims = [stems_of(each["expression"]) for each in _claims(account)]
    return any(not (claimed <= found or found <= claimed) for claimed in claims)


def _claims(account: Account) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = account.get("evidence", [])
    return [each for each in shown if each["kind"] == "claim" and each["expression"] != NOASSERTION]


def add(
    groups: Groups, document: Document, account: Account, reason: Reason, license_class: str
) -> None:
    """Put a document into its group."""
    key = key_of(document, account, reason, license_class)
    path = clean(document.path) if key.repository and is_plain(document.path) else ""
    wall = clean(account["boundary"]) if reason == "vendored" and path else ""
    folder = wall or posixpath.dirname(path)
    evidence = [_public(each) for each in account.get("evidence", [])[:_EVIDENCE]]
    _join(groups, key, Group(folder, path, 1, [document.id], evidence))


def merge(groups: Groups, others: Groups) -> None:
    """Add the groups of another input; the order of the inputs does not matter."""
    for key, group in others.items():
        _join(groups, key, group)


def _join(groups: Groups, key: Key, group: Group) -> None:
    known = groups.get(key)
    if known is None:
        groups[key] = group
        return
    known.folder = _common(known.folder, group.folder)
    known.path = min(known.path, group.path)
    known.documents += group.documents
    known.evidence = min(known, group, key=_first).evidence
    known.ids = sorted({*known.ids, *group.ids})[:_EXAMPLES]


def _first(group: Group) -> tuple[str, bytes]:
    return group.ids[0], msgspec.json.encode(group.evidence, order="deterministic")


def _common(one: str, other: str) -> str:
    """Return the deepest folder that both lie in."""
    return posixpath.commonpath([one, other]) if one and other else ""


def key_of(document: Document, account: Account, reason: Reason, license_class: str) -> Key:
    """Say which group a document belongs to."""
    rule = account["decided_by"]
    found = [*deciding(account), *(_claims(account) if reason == "claim-disagrees" else [])]
    said = {each["expression"] for each in found}
    expressions = tuple(sorted(said - {NOASSERTION} or said))
    repository = repository_of(document.repo)
    place = document.source, repository, reason, expressions, license_class
    if repository and is_plain(document.path):
        return _key_of(place, _where(clean(document.path), account))
    if rule == "claim":
        return _key_of(place, ("claim",))
    return Key(document.sha256, "", "", (), reason, expressions, license_class)


def _key_of(place: tuple[str, str, Reason, tuple[str, ...], str], where: tuple[str, ...]) -> Key:
    source, repository, reason, expressions, license_class = place
    own = "" if repository else source
    return Key("", own, repository, where, reason, expressions, license_class)


def _where(path: str, account: Account) -> tuple[str, ...]:
    """Say what documents of a repository must share to be one group.

    The files that decided, the vendored folder, or their own folder and suffix.
    """
    rule = account["decided_by"]
    folder = posixpath.dirname(path)
    if rule == "vendored":
        return rule, clean(account["boundary"])
    if rule == "decision":  # its folder is decided: what is open is the one file
        return rule, path
    if rule == "header":
        suffix = posixpath.splitext(path)[1]
        return rule, folder, suffix or posixpath.basename(path)
    if rule == "claim":
        return (rule,)
    files = sorted({each["path"] for each in deciding(account)})
    return (rule, *files) if files else (rule, "", folder)


def _public(evidence: dict[str, Any]) -> dict[str, Any]:
    """Leave out a path that names a person's address."""
    if names_address(evidence.get("path", "")):
        return {key: value for key, value in evidence.items() if key != "path"}
    return evidence


def entries(groups: Groups) -> list[Entry]:
    """List the groups: those with the most documents first, then by subject."""
    found = [
        Entry(
            subject=subject_of(key, group),
            reason=key.reason,
            expressions=key.expressions,
            license_class=key.license_class,
            documents=group.documents,
            example_ids=tuple(group.ids),
            evidence=tuple(group.evidence),
        )
        for key, group in groups.items()
    ]
    return sorted(found, key=by_weight)


def by_weight(entry: Entry) -> tuple[int, bytes]:
    """Order the list."""
    return -entry.documents, msgspec.json.encode(entry, order="deterministic")


def subject_of(key: Key, group: Group) -> dict[str, str]:
    """Spell what a decision on the group would name."""
    if key.sha256:
        return {"sha256": key.sha256}
    if key.source:
        return {"source": key.source}
    path = _path_of(key, group)
    return {"repository": key.repository} | ({"path": path} if path else {})


def _path_of(key: Key, group: Group) -> str:
    """Cover the group as closely as a pattern can: one file, the files of a suffix, or a folder."""
    rule, *rest = key.where
    if rule != "header":
        return literal(group.folder)
    return literal(group.path) if group.documents == 1 else any_of(group.folder, rest[-1])


def totals(listed: Iterable[Entry]) -> dict[str, int]:
    """Count the documents on the list by reason."""
    counts: dict[str, int] = {}
    for each in listed:
        counts[each.reason] = counts.get(each.reason, 0) + each.documents
    return dict(sorted(counts.items()))


def strictest(expressions: Iterable[str]) -> str:
    """Name the strictest class among expressions, `unknown` for none."""
    return max(map(classify, expressions), key=class_rank, default="unknown")


def encode(listed: Iterable[Entry]) -> bytes:
    """Return compliance/license-review.jsonl."""
    return b"".join(msgspec.json.encode(each, order="sorted") + b"\n" for each in listed)


def decode(data: bytes) -> list[Entry]:
    """Read it; raises `ValueError` for what is none."""
    return [msgspec.json.decode(line, type=Entry) for line in data.splitlines()]
