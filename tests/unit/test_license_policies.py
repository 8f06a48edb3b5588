"""Policies are files: shipped ones mean what they say, own ones are checked whole, lists refine both."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from filters.licenses.evidence import Outcome
from filters.licenses.policies import PERMISSIVE, SHIPPED, Policy, parse_policy
from filters.licenses.policy import LicenseFilter
from pipeline.errors import ConfigError
from pipeline.policy_file import load_policy

FOLDER = Path(__file__).parents[2] / "configs/policies"


def shipped(name: str) -> LicenseFilter:
    return LicenseFilter(policy=name, base=load_policy(name, Path("nowhere"))[0])


def own(**lists: object) -> LicenseFilter:
    table = {"description": "own", **lists}
    return LicenseFilter(policy="own.toml", base=parse_policy(table, "own.toml"))


def test_the_names_are_the_files_and_permissive_is_the_default() -> None:
    assert sorted(SHIPPED) == sorted(path.stem for path in FOLDER.glob("*.toml"))
    assert load_policy("permissive", Path())[0] == PERMISSIVE
    assert LicenseFilter(policy="permissive").decide("MPL-2.0").decision == "deny"


KEPT = {
    "permissive": {"CC0-1.0", "MIT", "GPL-3.0-only OR MIT"},
    "permissive-or-no-licence": {"CC0-1.0", "MIT", "GPL-3.0-only OR MIT", "NONE"},
    "copyleft-ok": {"CC0-1.0", "MIT", "GPL-3.0-only OR MIT", "MPL-2.0", "AGPL-3.0-only"}
    | {"GPL-2.0-only WITH Classpath-exception-2.0"},
    "public-domain": {"CC0-1.0"},
}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_shipped_policy_keeps(name: str) -> None:
    claims = set().union(*KEPT.values()) | {
        "", "LicenseRef-x", "SSPL-1.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "Proprietary",
    }  # fmt: skip
    rule = shipped(name)
    assert {each for each in claims if rule.verdict(each).keep} == KEPT[name]


OUTCOMES: tuple[Outcome, ...] = ("none", "unrecognised", "failed")


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_search_without_a_licence_is_unknown_and_kept_only_where_a_policy_says_so(
    name: str, outcome: Outcome
) -> None:
    found = shipped(name).decide("", outcome)
    assert found[:3] == ("NOASSERTION", "unknown", "unknown")
    assert (found.rule, found.by, found.outcome) == ("unknown", outcome, outcome)
    assert found.keep == (name == "permissive-or-no-licence" and outcome == "none")


def test_the_three_outcomes_are_three_reasons() -> None:
    rule = shipped("permissive")
    assert [rule.verdict("", each).reason for each in OUTCOMES] == [
        "unknown:none", "unknown:unrecognised", "unknown:failed",
    ]  # fmt: skip
    assert rule.verdict("", "failed").detail["outcome"] == "failed"
    assert rule.verdict("").reason == "unknown:NOASSERTION"
    assert "outcome" not in rule.verdict("").detail


def test_no_outcome_is_permissive_whatever_was_claimed_and_a_denied_licence_stays_denied() -> None:
    for outcome in OUTCOMES:
        assert shipped("permissive").decide("MIT", outcome)[1:3] == ("unknown", "unknown")
        assert shipped("permissive").decide("GPL-3.0-only", outcome).decision == "deny"
        assert own(deny=["unknown"]).decide("MIT", outcome).decision == "deny"
        assert LicenseFilter(allow=("NOASSERTION",)).decide("", outcome).decision == "allow"


@pytest.mark.parametrize(
    ("key", "expression", "outcome"),
    [
        ("unknown", "LicenseRef-x", "found"),
        ("unknown", "", "found"),
        ("unstated", "NONE", "found"),
        ("none", "", "none"),
        ("unrecognised", "", "unrecognised"),
        ("failed", "", "failed"),
    ],
)
def test_each_fate_keeps_its_own_kind_alone(key: str, expression: str, outcome: Outcome) -> None:
    keys = ("unknown", "unstated", "none", "unrecognised", "failed")
    kept = [
        each
        for each in keys
        if own(allow=["MIT"], **{each: "keep"}).decide(expression, outcome).keep
    ]
    assert kept == [key]
    by_list = LicenseFilter(policy="permissive", unknown="keep")
    assert by_list.decide(expression, outcome).keep
    refined = LicenseFilter(
        policy="own.toml",
        unknown="drop",
        base=Policy(name="own.toml", allow=("MIT",), **{key: "keep"}),
    )
    assert not refined.decide(expression, outcome).keep


def test_what_is_kept_though_unknown_must_be_so_in_every_part_of_an_and() -> None:
    rule = own(allow=["permissive"], unstated="keep")
    assert rule.decide("NONE AND MIT").keep
    assert not rule.decide("NONE AND LicenseRef-x").keep
    assert rule.decide("NONE OR LicenseRef-x").keep
    assert rule.decide("NONE OR LicenseRef-x").decision == "unknown"


CLASSPATH = "GPL-2.0-only WITH Classpath-exception-2.0"


def test_only_a_listed_exception_lifts_a_copyleft_licence_and_its_class_stays() -> None:
    rule = own(allow=["permissive"], exceptions=["Classpath-exception-2.0"])
    found = rule.decide(CLASSPATH)
    assert (found.decision, found.license_class) == ("allow", "strong-copyleft")
    assert rule.decide("GPL-2.0-only WITH GCC-exception-2.0").decision == "deny"
    assert rule.decide("GPL-2.0-only").decision == "deny"
    beside = LicenseFilter(policy="permissive", exceptions=("Classpath-exception-2.0",))
    assert beside.decide(CLASSPATH).decision == "allow"


def test_an_exception_lifts_nothing_that_is_denied_or_restricted_otherwise() -> None:
    listed = ("Classpath-exception-2.0",)
    for denied in ("GPL-2.0-only", "strong-copyleft", CLASSPATH):
        rule = LicenseFilter(policy="permissive", exceptions=listed, deny=(denied,))
        assert rule.decide(CLASSPATH).rule == "deny"
    rule = LicenseFilter(policy="permissive", exceptions=listed)
    for other in ("CC-BY-NC-4.0", "SSPL-1.0", "CC-BY-ND-4.0", "LicenseRef-x"):
        assert rule.decide(f"{other} WITH Classpath-exception-2.0").decision != "allow"


def test_an_own_addition_can_be_listed() -> None:
    rule = own(allow=["permissive"], exceptions=["AdditionRef-mine"])
    assert rule.decide("MIT WITH AdditionRef-mine").decision == "allow"
    assert rule.decide("GPL-3.0-only WITH AdditionRef-mine").decision == "allow"
    assert rule.decide("MIT WITH AdditionRef-other").decision == "unknown"
    assert rule.decide("Proprietary WITH AdditionRef-mine").decision != "allow"


def test_no_derivatives_pass_unmodified_where_the_policy_says_so() -> None:
    rule = own(**{"allow": ["permissive"], "no-derivatives": "unmodified"})
    found = rule.decide("CC-BY-ND-4.0")
    assert (found.decision, found.unmodified, found.license_class) == (
        "allow", True, "no-derivatives",
    )  # fmt: skip
    assert rule.decide("CC-BY-NC-ND-4.0").decision == "deny"
    assert not rule.decide("CC-BY-ND-4.0 OR CC-BY-4.0").unmodified
    both = own(**{"allow": ["permissive", "non-commercial"], "no-derivatives": "unmodified"})
    assert both.decide("CC-BY-NC-ND-4.0")[2] == "allow"
    assert own(allow=["no-derivatives"]).decide("CC-BY-ND-4.0").unmodified
    assert not own(allow=["permissive"]).decide("CC-BY-ND-4.0").keep


def test_a_policy_of_denials_allows_all_else_that_is_known() -> None:
    rule = own(deny=["non-commercial"])
    assert rule.decide("GPL-3.0-only").decision == "allow"
    assert rule.decide("CC-BY-NC-4.0").rule == "deny"
    assert not rule.decide("").keep


def test_lists_beside_a_policy_refine_it() -> None:
    rule = LicenseFilter(policy="copyleft-ok", deny=("AGPL-3.0-only",), allow=("SSPL-1.0",),
                         base=shipped("copyleft-ok").base)  # fmt: skip
    assert rule.decide("AGPL-3.0-only").rule == "deny"
    assert rule.decide("SSPL-1.0").decision == "allow"
    assert rule.decide("BUSL-1.1")[4:6] == ("policy", "BUSL-1.1")


KEYS = ("description", "allow", "deny", "exceptions", "unknown", "unstated", "none")
KEYS += ("unrecognised", "failed", "no-derivatives")
NEAR = "did you mean 'Classpath-exception-2.0'?"


def test_every_mistake_in_a_policy_is_named_with_a_suggestion() -> None:
    table = {
        "describtion": "x", "allow": ["MTI", "permisive"], "deny": "MIT", "unknown": "kep",
        "exceptions": ["Classpath-exception", "LicenseRef-scancode-commons-clause", "MIT"],
        "no-derivatives": True, "name": "x",
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"policy own\.toml: ") as caught:
        parse_policy(table, "own.toml")
    assert str(caught.value).splitlines() == [
        f"policy own.toml: {each}"
        for each in (
            "allow: 'MTI' is not on the SPDX licence list; did you mean 'MIT'?",
            "allow: 'permisive' is not on the SPDX licence list; did you mean 'permissive'?",
            "deny: a list of strings is expected",
            "describtion: unknown key; did you mean 'description'?",
            "description: say in one line what the policy is for",
            f"exceptions: 'Classpath-exception' is no exception of the SPDX list; {NEAR}",
            "exceptions: 'LicenseRef-scancode-commons-clause' takes rights away: it can lift nothing",
            "exceptions: 'MIT' is no exception of the SPDX list",
            f"name: unknown key; known: {', '.join(KEYS)}",
            "no-derivatives: one of 'drop', 'unmodified' is expected",
            "unknown: one of 'drop', 'keep' is expected; did you mean 'keep'?",
        )
    ]
    with pytest.raises(ValueError, match="allow: nothing is allowed"):
        parse_policy({"description": "x"}, "own.toml")


def test_a_name_that_is_neither_shipped_nor_a_file_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="did you mean 'permissive'"):
        LicenseFilter(policy="permisive")
    with pytest.raises(ValueError, match="base: write the policy into a file"):
        LicenseFilter(base=PERMISSIVE)


def test_a_policy_that_was_not_read_decides_nothing() -> None:
    with pytest.raises(ValueError, match="'copyleft-ok' has not been read"):
        LicenseFilter(policy="copyleft-ok").decide("MIT")


def test_an_own_file_lies_beside_the_config(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('description = "mine"\nallow = ["MIT"]\n')
    policy, digest = load_policy("mine.toml", tmp_path)
    assert policy == Policy(name="mine.toml", description="mine", allow=("MIT",))
    assert len(digest) == 64
    path.write_text('allow = ["MTI"]\n')
    with pytest.raises(ConfigError, match=r"config: policy mine\.toml: allow: 'MTI'"):
        load_policy("mine.toml", tmp_path)
    path.write_text("allow = [")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_policy("mine.toml", tmp_path)
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_policy("mine.toml", tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_policy("other.toml", tmp_path)
    with pytest.raises(ConfigError, match="neither shipped nor"):
        load_policy("permisive", tmp_path)


def test_shipped_files_say_in_one_line_what_they_are_for() -> None:
    for name in SHIPPED:
        table = tomllib.loads((FOLDER / f"{name}.toml").read_text())
        assert parse_policy(table, name).description == table["description"]
