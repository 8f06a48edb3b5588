"""The review list: what goes on it, how it is grouped, and that a decision on a group reaches all of it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.document import Document
from filters.licenses.decisions import parse_decisions
from pipeline.cli.evidence import tell, tell_account
from pipeline.stages.review_list import (
    Account,
    Entry,
    Groups,
    add,
    decode,
    encode,
    entries,
    merge,
    reason_of,
    totals,
)

REPO = "https://github.com/Owner/mill.git"
SIGNED = {"expression": "", "by": "a role", "why": "looked at", "when": "2026-01-31"}


def document(name: str, *, path: str = "", repo: str = REPO, sha: str = "ab" * 32) -> Document:
    return Document(id=name, text="text", sha256=sha, source="code", repo=repo, path=path)


def finding(kind: str, expression: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "expression": expression, "score": 1.0, **more}


def account(rule: str, *evidence: dict[str, Any], **more: Any) -> Account:
    return {"decided_by": rule, "evidence": list(evidence), **more}


UNREAD = account("root", finding("text", "NOASSERTION", path="LICENSE"), outcome="unrecognised")
HEADER = account("header", finding("notice", "NOASSERTION"), outcome="unrecognised")


def listed(*cases: tuple[Document, Account]) -> list[Entry]:
    groups: Groups = {}
    for each, found in cases:
        add(groups, each, found, reason_of(found, "NOASSERTION") or "failed", "unknown")
    return entries(groups)


@pytest.mark.parametrize(
    ("found", "expression", "reason"),
    [
        (account("header", outcome="failed"), "NOASSERTION", "failed"),
        (HEADER, "NOASSERTION", "unrecognised"),
        (account("claim", finding("claim", "LicenseRef-x")), "LicenseRef-x", "unrecognised"),
        (account("header", finding("tag", "MIT"), conflict=True), "MIT AND ISC", "conflict"),
        (account("vendored", outcome="none", boundary="vendor/a"), "NOASSERTION", "vendored"),
        (account("header", finding("text", "MIT", note="modified")), "MIT", "modified"),
        (
            account("header", finding("text", "LicenseRef-modified-MIT")),
            "LicenseRef-modified-MIT",
            "modified",
        ),
        (
            account("root", finding("text", "MIT", path="LICENSE"), finding("claim", "ISC")),
            "MIT",
            "claim-disagrees",
        ),
        # settled: nothing there, a person, a header that needs no claim, a claim that says more
        (account("none", outcome="none"), "NOASSERTION", None),
        (account("decision", finding("decision", "MIT")), "MIT", None),
        (account("header", finding("tag", "MIT"), finding("claim", "ISC")), "MIT", None),
        (
            account("root", finding("text", "MIT", path="L"), finding("claim", "MIT OR ISC")),
            "MIT",
            None,
        ),
        (
            account("header", finding("tag", "MIT"), finding("text", "ISC", note="modified", path="L")),
            "MIT",
            None,
        ),
    ],
)  # fmt: skip
def test_only_what_is_open_is_reviewed(found: Account, expression: str, reason: str | None) -> None:
    assert reason_of(found, expression) == reason


def test_one_licence_file_is_one_group_at_the_folder_that_holds_its_documents() -> None:
    cases = [(document(f"d{n}", path=f"src/a/{n}.py"), UNREAD) for n in range(5)]
    (one,) = listed(*cases, (document("x", path="src/b.py"), UNREAD))
    assert one.subject == {"repository": "github.com/owner/mill", "path": "src"}
    assert (one.documents, one.reason, one.expressions) == (6, "unrecognised", ("NOASSERTION",))
    assert one.example_ids == ("d0", "d1", "d2")
    assert one.evidence[0]["path"] == "LICENSE"


def test_headers_are_grouped_by_folder_and_suffix_and_one_file_is_itself() -> None:
    found = listed(
        (document("a", path="src/a.c"), HEADER),
        (document("b", path="src/b.c"), HEADER),
        (document("c", path="src/c.h"), HEADER),
        (document("d", path="pages/[id].ts"), HEADER),
    )
    assert [each.subject.get("path") for each in found] == ["/src/*.c", "/pages/[[]id].ts", "src/c.h"]  # fmt: skip


def test_without_a_repository_the_text_is_the_subject_and_for_claims_the_source() -> None:
    claim = account("claim", finding("claim", "NOASSERTION"), outcome="unrecognised")
    found = listed(
        (document("a", repo=""), HEADER),
        (document("b", repo="no repository", sha="cd" * 32), HEADER),
        *((document(f"c{n}", repo="", sha=f"{n:064x}"), claim) for n in range(9)),
    )
    subjects = [each.subject for each in found]
    assert subjects == [{"source": "code"}, {"sha256": "ab" * 32}, {"sha256": "cd" * 32}]


def test_nobodys_address_is_shown() -> None:
    address = "jane" + "@" + "watermill.org"
    claim = account("claim", finding("claim", "NOASSERTION"), outcome="unrecognised")
    shown = {**HEADER, "evidence": [finding("text", "MIT", path=f"{address}/LICENSE")]}
    found = listed(
        (document("a", path=f"mail/{address}/a.py"), HEADER),
        (document("b", path=f"mail/{address}/b.py"), claim),
        (document("c", repo=f"https://{address}/owner/mill", path="c.py"), shown),
    )
    assert b"watermill" not in encode(found)


def test_the_list_depends_on_no_order_and_reads_back() -> None:
    draw = random.Random(5)
    cases = [(document(f"d{n}", path=f"src/{n % 3}/{n}.py"), HEADER) for n in range(20)]
    cases += [(document(f"e{n}", path=f"lib/{n}.py"), UNREAD) for n in range(7)]
    whole = encode(listed(*cases))
    for _ in range(5):
        draw.shuffle(cases)
        first, second = Groups(), Groups()
        for number, (each, found) in enumerate(cases):
            add(first if number < 11 else second, each, found, "unrecognised", "unknown")
        merge(second, first)
        assert encode(entries(second)) == whole
    assert encode(decode(whole)) == whole
    assert totals(decode(whole)) == {"unrecognised": 27}
    counts = [each.documents for each in decode(whole)]
    assert counts == sorted(counts, reverse=True)


NAMES = st.text("ab.[]*?! @é-", min_size=1, max_size=5)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@given(st.lists(PATHS, min_size=1, max_size=6, unique=True), st.sampled_from([HEADER, UNREAD]))
def test_a_decision_on_a_group_reaches_every_document_of_it(
    paths: list[str], found: Account
) -> None:
    groups: Groups = {}
    documents = [document(f"d{n}", path=path, sha=f"{n:064x}") for n, path in enumerate(paths)]
    for each in documents:
        add(groups, each, found, "unrecognised", "unknown")
    told = [
        {**SIGNED, "expression": "MIT", **subject}
        for subject in {tuple(each.subject.items()): each.subject for each in entries(groups)}.values()
    ]  # fmt: skip
    decisions = parse_decisions({"decision": told})
    for each in documents:
        assert decisions.find(each.sha256, each.repo, each.path) is not None


def test_evidence_in_words() -> None:
    assert tell(finding("text", "MIT", path="LICENSE", score=0.9312, end=90, note="modified")) == (
        "a licence text: MIT, in LICENSE, characters 0 to 90, 93.1% alike, the text was modified"
    )
    assert tell(finding("tag", "MIT", line=2, column=3, start=9, end=12)) == (
        "an SPDX tag: MIT, line 2, column 3"
    )
    made = {"kind": "decision", "expression": "MIT", "by": "counsel", "when": "2026-01-31", "why": "asked"}  # fmt: skip
    first, second = tell_account(account("decision", made, boundary="vendor/a"))
    assert first == "a person decided; inheritance stops at vendor/a"
    assert second == "a decision: MIT, by counsel on 2026-01-31: asked"
