"""Laws of licence expressions: canonical forms, equivalence with license-expression, strictness."""

from __future__ import annotations

import functools
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing

from filters.document import Document
from filters.licenses.attributes import attributes
from filters.licenses.evidence import Outcome
from filters.licenses.policies import Policy
from filters.licenses.policy import LicenseFilter
from filters.licenses.spdx import (
    Combination,
    Expression,
    License,
    classify,
    combine,
    normalise,
    parse,
    render,
    strictness,
)

IDS = (
    "MIT", "Apache-2.0", "BSD-3-Clause", "CC0-1.0", "MPL-2.0", "LGPL-2.1-or-later", "GPL-2.0-only",
    "GPL-3.0-or-later", "AGPL-3.0-only", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "SSPL-1.0", "EPL-2.0",
)  # fmt: skip
EXCEPTIONS = ("Classpath-exception-2.0", "LLVM-exception", "GCC-exception-3.1")
plain = st.builds(License, st.sampled_from(IDS))
excepted = st.builds(
    License, st.sampled_from(IDS), st.just(value=False), st.sampled_from(EXCEPTIONS)
)
other = st.sampled_from(
    [
        License("LicenseRef-x"),
        License("NOASSERTION"),
        License("NONE"),
        License("Apache-2.0", plus=True),
    ]
)


def trees(leaves: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            combine, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=1, max_size=4)
        ),
        max_leaves=10,
    )


known = trees(plain | excepted)
anything = trees(plain | excepted | other)
ENTRIES = (*IDS, "weak-copyleft", "MIT OR MPL-2.0")
bases = st.builds(
    Policy,
    name=st.just("own.toml"),
    allow=st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=3).map(tuple),
    deny=st.lists(st.sampled_from((*IDS, "non-commercial")), max_size=2).map(tuple),
    exceptions=st.lists(st.sampled_from(EXCEPTIONS), max_size=2).map(tuple),
    unstated=st.sampled_from(["keep", "drop"]),
    none=st.sampled_from(["keep", "drop"]),
    no_derivatives=st.sampled_from(["drop", "unmodified"]),
)
filters = st.builds(
    LicenseFilter,
    policy=st.sampled_from([None, "permissive"]),
    exceptions=st.lists(st.sampled_from(EXCEPTIONS), max_size=2).map(tuple),
    allow=st.lists(st.sampled_from(ENTRIES), max_size=3).map(tuple),
    deny=st.lists(st.sampled_from((*IDS, "network-copyleft", "unknown")), max_size=3).map(tuple),
    unknown=st.sampled_from(["keep", "drop"]),
) | st.builds(LicenseFilter, policy=st.just("own.toml"), base=bases)


@functools.cache
def oracle() -> Any:
    return get_spdx_licensing()


@given(anything)
def test_parse_undoes_render(expression: Expression) -> None:
    assert parse(render(expression)) == expression


@given(anything)
def test_a_canonical_form_is_a_fixed_point(expression: Expression) -> None:
    found = normalise(render(expression))
    assert not found.repaired
    assert normalise(found.expression) == found


@given(st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9.+() /,-]{0,50}", fullmatch=True))
def test_any_text_normalises_to_a_fixed_point(text: str) -> None:
    found = normalise(text)
    assert normalise(found.expression).expression == found.expression
    assert render(parse(found.expression)) == found.expression


def assignments(expression: Expression) -> frozenset[frozenset[str]]:
    """The minimal sets of licences that satisfy the expression: its reduced DNF."""
    if isinstance(expression, License):
        return frozenset({frozenset({render(expression)})})
    sets = [assignments(part) for part in expression.parts]
    if expression.operator == "OR":
        joined = frozenset().union(*sets)
    else:
        joined = functools.reduce(lambda a, b: frozenset(x | y for x in a for y in b), sets)
    return frozenset(each for each in joined if not any(less < each for less in joined))


def oracle_assignments(text: str) -> frozenset[frozenset[str]]:
    """The same by license-expression (boolean.py)."""
    rules = oracle()
    dnf = rules.dnf(rules.parse(text))
    terms = dnf.args if isinstance(dnf, rules.OR) else (dnf,)
    return frozenset(
        frozenset(each.render() for each in (term.args if isinstance(term, rules.AND) else (term,)))
        for term in terms
    )


@given(known)
def test_our_reading_is_equivalent_to_license_expressions(expression: Expression) -> None:
    text = render(expression)
    assert assignments(parse(normalise(text).expression)) == oracle_assignments(text)


@given(known)
def test_deprecated_spellings_are_equivalent_too(expression: Expression) -> None:
    text = render(expression).replace("-or-later", "+").replace("-only", "").lower()
    assert assignments(parse(normalise(text).expression)) == oracle_assignments(text)


WORDS = """MIT License Apache 2.0 BSD the and with exception ( ) file version + , & ; 3 later public
domain licensed under not # :: https://opensource.org/licenses/MIT dual w/ same terms as itself [
CC BY 4.0 non-commercial modified style only see LICENSE (MIT) OSI Approved CC0 zlib ISC"""
words = st.sampled_from(WORDS.split())


@given(
    st.lists(words, max_size=6), st.sampled_from(["GPL", "GPLv3", "LGPL", "AGPL-3.0"]), st.data()
)
def test_a_claim_that_names_a_copyleft_licence_offers_no_way_around_it_unless_it_says_or(
    others: list[str], copyleft: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(others)))
    claim = " ".join([*others[:at], copyleft, *others[at:]])
    assert classify(claim) not in {"permissive", "public-domain"}


NAMES = (
    "MIT", "Apache License, Version 2.0", "BSD 3-Clause", "CC BY 4.0", "public domain", "ISC",
    "License :: OSI Approved :: MIT License", "CC0", "zlib/libpng License", "Python-2.0",
)  # fmt: skip
STRICT = (
    "GPL (>= 2)", "GNU Lesser General Public License v3 (LGPLv3)", "CC BY-NC 4.0", "MPL 2.0",
    "License :: OSI Approved :: GNU General Public License v3 (GPLv3)", "CC BY-ND 2.0 KR", "SSPL",
    "All rights reserved", "Artistic License", "openrail", "AGPLv3+", "GPL 3",
)  # fmt: skip
JOINTS = (
    " ", ", ", " and ", " & ", "; ", " with ", " + ", " (", ") ", " - ", ": ", ", and ", "\n", ". ",
    " w/ ", " plus ", " except ", " not ", " for ",
)  # fmt: skip


@given(st.lists(st.sampled_from(NAMES), max_size=3), st.sampled_from(STRICT), st.data())
def test_names_that_nothing_joins_by_or_are_no_freer_than_the_strictest(
    free: list[str], strict: str, data: st.DataObject
) -> None:
    parts = data.draw(st.permutations([*free, strict]))
    claim = parts[0] + "".join(data.draw(st.sampled_from(JOINTS)) + part for part in parts[1:])
    assert classify(claim) not in {"permissive", "public-domain"}


@given(anything, anything)
def test_and_is_never_less_strict_and_or_never_stricter(
    left: Expression, right: Expression
) -> None:
    one, two = strictness(render(left)), strictness(render(right))
    assert strictness(render(combine("AND", [left, right]))) == max(one, two)
    assert strictness(render(combine("OR", [left, right]))) == min(one, two)


@given(anything)
def test_order_of_the_parts_does_not_matter(expression: Expression) -> None:
    if isinstance(expression, Combination):
        turned = Combination(expression.operator, expression.parts[::-1])
        assert classify(render(turned)) == classify(render(expression))


@given(anything, anything, anything, filters)
def test_or_and_and_commute_associate_and_absorb(
    a: Expression, b: Expression, c: Expression, rule: LicenseFilter
) -> None:
    def seen(expression: Expression) -> tuple[str, str, bool, tuple[str, ...]]:
        text = render(expression)
        found = rule.decide(text)
        return classify(text), found.decision, found.keep, attributes(text)

    plain_rule = not joined_entries(rule)
    for one, two in (("AND", "OR"), ("OR", "AND")):
        assert seen(combine(one, [a, b])) == seen(combine(one, [b, a]))
        assert seen(combine(one, [a, combine(one, [b, c])])) == seen(
            combine(one, [combine(one, [a, b]), c])
        )
        absorbed = seen(combine(one, [a, combine(two, [a, b])]))
        assert absorbed[0] == seen(a)[0]
        if plain_rule:
            assert absorbed[:3] == seen(a)[:3]


def joined_entries(rule: LicenseFilter) -> bool:
    """Whether the filter allows a combination as a whole, which its parts do not decide."""
    base = () if rule.base is None else rule.base.allow
    return any(" " in entry for entry in (*rule.allow, *base))


DECISIONS = {"deny": 0, "unknown": 1, "allow": 2}


@given(anything, filters, st.sampled_from(["found", "none", "unrecognised", "failed"]))
def test_a_shorter_allow_list_never_allows_more_and_a_shorter_deny_list_never_less(
    expression: Expression, rule: LicenseFilter, outcome: Outcome
) -> None:
    text = render(expression)
    whole = DECISIONS[rule.decide(text, outcome).decision]
    if rule.policy is not None or len(rule.allow) > 1:  # without any list all else is allowed
        for at in range(len(rule.allow)):
            less = (*rule.allow[:at], *rule.allow[at + 1 :])
            narrower = msgspec.structs.replace(rule, allow=less)
            assert DECISIONS[narrower.decide(text, outcome).decision] <= whole
    for at in range(len(rule.deny)):
        wider = msgspec.structs.replace(rule, deny=(*rule.deny[:at], *rule.deny[at + 1 :]))
        assert DECISIONS[wider.decide(text, outcome).decision] >= whole


@given(anything, filters, st.sampled_from(EXCEPTIONS))
def test_an_exception_more_only_relaxes(
    expression: Expression, rule: LicenseFilter, exception: str
) -> None:
    more = msgspec.structs.replace(rule, exceptions=(*rule.exceptions, exception))
    before, after = (each.decide(render(expression)) for each in (rule, more))
    assert DECISIONS[after.decision] >= DECISIONS[before.decision]
    assert after.license_class == before.license_class


@given(anything, filters, st.sampled_from(["none", "unrecognised", "failed"]))
def test_a_search_that_found_no_licence_never_frees(
    expression: Expression, rule: LicenseFilter, outcome: Outcome
) -> None:
    text = render(expression)
    found, missed = rule.decide(text), rule.decide(text, outcome)
    assert missed.license_class not in {"permissive", "public-domain"}
    if expression != License("NOASSERTION"):
        assert DECISIONS[missed.decision] <= DECISIONS[found.decision]
    assert missed.keep == rule.verdict(text, outcome).keep


@given(known, filters)
def test_judge_is_pure_and_gives_a_reason_exactly_when_it_drops(
    expression: Expression, rule: LicenseFilter
) -> None:
    document = Document(id="1", text="", sha256="", source="s", license=render(expression))
    verdict = rule.judge(document)
    assert verdict == rule.judge(document)
    assert verdict.keep == (verdict.reason == "")


@given(anything, anything, filters)
def test_decisions_follow_three_valued_logic(
    left: Expression, right: Expression, rule: LicenseFilter
) -> None:
    order = {"deny": 0, "unknown": 1, "allow": 2}
    one, two = (order[rule.decide(render(each)).decision] for each in (left, right))
    either = order[rule.decide(render(combine("OR", [left, right]))).decision]
    assert either >= min(one, two)
    both = order[rule.decide(render(combine("AND", [left, right]))).decision]
    if not joined_entries(rule):  # an allowed AND may beat its parts
        assert (either, both) == (max(one, two), min(one, two))


@given(anything, filters)
def test_the_elected_branch_decides_as_the_whole(
    expression: Expression, rule: LicenseFilter
) -> None:
    found = rule.decide(render(expression))
    if found.elected and not joined_entries(rule):
        assert rule.decide(found.elected).decision == found.decision
