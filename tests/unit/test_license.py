"""The licence filter allows, denies or leaves open, and says which licence decided."""

from __future__ import annotations

import pickle

import msgspec
import pytest

from filters.document import KEEP, Document
from filters.licenses.policy import LicenseFilter


def claimed(text: str) -> Document:
    return Document(id="1", text="", sha256="", source="s", license=text)


PERMISSIVE = LicenseFilter(policy="permissive")


@pytest.mark.parametrize("claim", ["MIT", "CC0-1.0", "Apache 2.0", "GPL-3.0 OR MIT", "BSD"])
def test_the_permissive_policy_keeps_permissive_and_public_domain(claim: str) -> None:
    assert PERMISSIVE.judge(claimed(claim)) == KEEP


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("GPL-3.0", "policy:GPL-3.0-only"),
        ("MIT AND GPL-3.0-only", "policy:GPL-3.0-only"),
        (
            "GPL-2.0 WITH Classpath-exception-2.0",
            "policy:GPL-2.0-only WITH Classpath-exception-2.0",
        ),
        ("CC-BY-NC-4.0", "policy:CC-BY-NC-4.0"),
        ("", "unknown:NOASSERTION"),
        ("NONE", "unknown:NONE"),
        ("MIT AND (", "unknown:NOASSERTION"),
        ("Foo-1.0", "unknown:LicenseRef-Foo-1.0"),
        ("MIT AND LicenseRef-x", "unknown:LicenseRef-x"),
        ("GPL-3.0-only AND LicenseRef-x", "policy:GPL-3.0-only"),
        ("GPL-3.0-only OR LicenseRef-x", "unknown:LicenseRef-x"),
    ],
)
def test_the_permissive_policy_drops_with_the_deciding_licence(claim: str, reason: str) -> None:
    verdict = PERMISSIVE.judge(claimed(claim))
    assert (verdict.keep, verdict.reason) == (False, reason)


def test_the_detail_holds_the_whole_decision() -> None:
    verdict = PERMISSIVE.judge(claimed("MPL-2.0 or GPL-2.0"))
    assert verdict.detail == {
        "expression": "MPL-2.0 OR GPL-2.0-only",
        "class": "weak-copyleft",
        "decision": "deny",
        "elected": "MPL-2.0",
    }


def test_or_elects_the_best_branch_and_and_keeps_all() -> None:
    found = PERMISSIVE.decide("(GPL-2.0-only OR MIT) AND (ISC OR MPL-2.0) AND Zlib")
    assert (found.decision, found.elected) == ("allow", "MIT AND ISC AND Zlib")
    assert PERMISSIVE.decide("MIT AND ISC").elected == ""


def test_unknown_keep_keeps_what_cannot_be_told_and_nothing_denied() -> None:
    lenient = LicenseFilter(policy="permissive", unknown="keep")
    assert lenient.judge(claimed("")).keep
    assert lenient.decide("").decision == "unknown"
    assert not lenient.judge(claimed("GPL-3.0-only")).keep


def test_without_lists_everything_is_kept_and_still_decided() -> None:
    recorder = LicenseFilter()
    assert recorder.judge(claimed("")) == recorder.judge(claimed("Proprietary")) == KEEP
    assert recorder.decide("GPL-3.0-only").decision == "allow"
    assert recorder.decide("nonsense claim").decision == "unknown"


def test_allow_lists_ids_expressions_and_classes() -> None:
    rule = LicenseFilter(allow=("MPL-2.0", "weak-copyleft", "MIT AND GPL-3.0-only"))
    assert rule.judge(claimed("MPL-2.0")).keep
    assert rule.judge(claimed("LGPL-3.0")).keep
    assert rule.judge(claimed("GPL-3.0 AND MIT")).keep
    assert rule.judge(claimed("MIT")).reason == "allow:MIT"


def test_allow_adds_to_the_policy() -> None:
    rule = LicenseFilter(policy="permissive", allow=("MPL-2.0",))
    assert rule.judge(claimed("MIT")).keep
    assert rule.judge(claimed("MPL-2.0")).keep
    assert not rule.judge(claimed("EPL-2.0")).keep


def test_deny_alone_allows_all_else_that_is_known() -> None:
    rule = LicenseFilter(deny=("MPL-2.0",))
    assert rule.judge(claimed("MPL-2.0")).reason == "deny:MPL-2.0"
    assert rule.judge(claimed("GPL-3.0-only")).keep
    assert rule.judge(claimed("")).reason == "unknown:NOASSERTION"


def test_deny_wins_over_allow_and_reaches_through_exceptions() -> None:
    rule = LicenseFilter(
        allow=("strong-copyleft", "MIT AND GPL-3.0-only"), deny=("GPL-2.0-only", "GPL-3.0-only")
    )
    assert not rule.judge(claimed("GPL-2.0 WITH Classpath-exception-2.0")).keep
    assert not rule.judge(claimed("MIT AND GPL-3.0-only")).keep
    assert rule.judge(claimed("GPL-1.0-only")).keep


def test_an_allowed_licence_is_allowed_with_an_exception_that_grants_but_not_one_that_takes() -> (
    None
):
    rule = LicenseFilter(allow=("Apache-2.0",))
    assert rule.judge(claimed("Apache-2.0 WITH LLVM-exception")).keep
    assert rule.judge(claimed("Apache-2.0+")).keep
    assert not rule.judge(claimed("Apache-2.0 WITH LicenseRef-scancode-commons-clause")).keep
    assert not rule.judge(claimed("Apache-2.0 WITH AdditionRef-mine")).keep


def test_an_exception_can_be_allowed_on_its_own() -> None:
    rule = LicenseFilter(allow=("GPL-2.0-only WITH Classpath-exception-2.0",))
    assert rule.judge(claimed("GPL-2.0-with-classpath-exception")).keep
    assert not rule.judge(claimed("GPL-2.0-only")).keep


def test_references_and_no_assertion_can_be_allowed_by_name() -> None:
    rule = LicenseFilter(policy="permissive", allow=("LicenseRef-mine", "NOASSERTION"))
    assert rule.judge(claimed("LicenseRef-mine")).keep
    assert rule.judge(claimed("")).keep
    assert not rule.judge(claimed("LicenseRef-other")).keep


def test_every_config_mistake_is_named_with_a_suggestion() -> None:
    with pytest.raises(ValueError, match="license: ") as caught:
        LicenseFilter(allow=("MTI", "Apache 2.0", "MIT OR (", "MIT"), deny=("weak-copylft",))
    message = str(caught.value)
    assert "'MTI'" in message
    assert "did you mean 'MIT'?" in message
    assert "did you mean 'Apache-2.0'?" in message
    assert "'MIT OR ('" in message
    assert "deny: 'weak-copylft'" in message
    assert "did you mean 'weak-copyleft'?" in message
    assert message.count("; allow: ") + message.count("; deny: ") == 3


def test_a_config_table_becomes_the_filter_and_unknown_keys_are_errors() -> None:
    table = {"policy": "permissive", "deny": ["MIT"], "unknown": "keep"}
    expected = LicenseFilter(policy="permissive", deny=("MIT",), unknown="keep")
    assert msgspec.convert(table, LicenseFilter) == expected
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"polcy": "permissive"}, LicenseFilter)
    with pytest.raises(msgspec.ValidationError, match="did you mean 'MIT'"):
        msgspec.convert({"allow": ["MTI"]}, LicenseFilter)


def test_the_filter_is_a_small_picklable_value() -> None:
    packed = pickle.dumps(PERMISSIVE)
    assert pickle.loads(packed) == PERMISSIVE
    assert len(packed) < 200
