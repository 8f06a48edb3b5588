"""Every rule finds its own examples, alone and beside all others, and none of its counter-examples."""

from functools import cache

import pytest

from filters.redact.database import build
from filters.redact.examples import spell
from filters.redact.prefilter import find
from filters.redact.redactor import Redactor
from filters.redact.rule import Level, Rule
from filters.redact.rules import rules
from pipeline.rule_cache import cached_scanner
from tests.redactors import ready

RULES = rules("strict")


@cache
def redactor(level: Level) -> Redactor:
    return ready(level)


def test_rules_have_names_of_their_own() -> None:
    named = [rule.id for rule in RULES if not rule.id.startswith("detect-secrets:")]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.yes or rule.no], ids=lambda rule: rule.id
)
def test_a_rule_keeps_its_word(rule: Rule) -> None:
    everything, plain = cached_scanner("strict"), build((rule,), "re")
    for template in rule.yes:
        text, wanted = spell(template)
        found = [span for span in find(everything, text) if span.rule == rule.id]
        assert wanted in {text[span.start : span.end] for span in found}, template
        assert set(find(plain, text)) <= set(found), template
        united = redactor(rule.level).spans(text)
        assert wanted in {text[s.start : s.end] for s in united if s.type == rule.type}, template
    for template in rule.no:
        text, _ = spell(template)
        assert find(plain, text) == [], template
        assert [span for span in find(everything, text) if span.rule == rule.id] == [], template
