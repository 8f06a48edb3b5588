"""Laws of licence expressions: canonical forms, equivalence with license-expression, strictness."""

from __future__ import annotations

import functools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing

from filters.document import Document
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
filters = st.builds(
    LicenseFilter,
    policy=st.sampled_from([None, "permissive"]),
    allow=st.lists(st.sampled_from((*IDS, "weak-copyleft", "MIT OR MPL-2.0")), max_size=3).map(
        tuple
    ),
    deny=st.lists(st.sampled_from((*IDS, "network-copyleft", "unknown")), max_size=3).map(tuple),
    unknown=st.sampled_from(["keep", "drop"]),
)


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


WORDS = """MIT License Apache 2.0 BSD the and with exception ( ) file version + , & ; 3 later public
domain licensed under not # :: https://opensource.org/licenses/MIT"""
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
    if not any(" " in entry for entry in rule.allow):  # an allowed AND may beat its parts
        assert (either, both) == (max(one, two), min(one, two))


@given(anything, filters)
def test_the_elected_branch_decides_as_the_whole(
    expression: Expression, rule: LicenseFilter
) -> None:
    found = rule.decide(render(expression))
    if found.elected and not any(" " in entry for entry in rule.allow):
        assert rule.decide(found.elected).decision == found.decision
