"""Values given to names of credentials are found whole, in every form, and nothing else."""

from __future__ import annotations

from functools import cache

import pytest

from filters.redact.database import Scanner, build
from filters.redact.examples import fill, spell
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from filters.redact.rule import Rule
from filters.redact.secrets.assignments import assignment_rules
from filters.redact.secrets.keywords import Grade, grade


@cache
def scanner() -> Scanner:
    return build(assignment_rules())


EXAMPLES = [(rule, template) for rule in assignment_rules() for template in rule.yes]
COUNTERS = [(rule, template) for rule in assignment_rules() for template in rule.no]


def found(text: str) -> list[str]:
    return [text[s.start : s.end] for s in merged(find(scanner(), text), text)]


@pytest.mark.parametrize(("rule", "template"), EXAMPLES, ids=lambda x: getattr(x, "id", None))
def test_what_a_rule_must_find(rule: Rule, template: str) -> None:
    text, wanted = spell(template)
    assert wanted in found(text)


@pytest.mark.parametrize(("rule", "template"), COUNTERS, ids=lambda x: getattr(x, "id", None))
def test_what_a_rule_must_leave(rule: Rule, template: str) -> None:
    assert found(fill(template)) == []


def test_every_engine_finds_the_same() -> None:
    text = "\n".join(spell(template)[0] for _, template in EXAMPLES + COUNTERS)
    assert find(scanner(), text) == find(build(assignment_rules(), "re"), text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("spring.datasource.password", Grade.PASSWORD),
        ("dbPassword", Grade.PASSWORD),
        ("PASSWORD_PROD", Grade.PASSWORD),
        ("rootPw", Grade.PASSWORD),
        ("contrase\u00f1a", Grade.PASSWORD),
        ("\ube44\ubc00\ubc88\ud638", Grade.PASSWORD),
        ("pass", Grade.LOOSE),
        ("API_KEY", Grade.SECRET),
        ("SECRET_KEY_BASE", Grade.SECRET),
        ("token", Grade.WEAK),
        ("SENDGRID_KEY", Grade.WEAK),
        ("key", Grade.BARE),
        ("pin", Grade.SHORT),
        ("password_field", Grade.NONE),
        ("cacheKey", Grade.NONE),
        ("public_key", Grade.NONE),
        ("tokenizer", Grade.NONE),
        ("compass", Grade.NONE),
        ("monkey", Grade.NONE),
        ("token_type", Grade.NONE),
    ],
)
def test_names_are_graded(name: str, expected: Grade) -> None:
    assert grade(name) is expected


@pytest.mark.parametrize(
    "unit",
    ['key="1', "PASSWORD '", 'name="password" value', "\ube44\ubc00\ubc88\ud638 ", "pass a="],
)
def test_a_long_hostile_line_is_bounded(unit: str) -> None:
    # the suite's time limit is the assertion: a rule that is not linear would take minutes
    assert find(scanner(), unit * (200_000 // len(unit))) == find(scanner(), "")
