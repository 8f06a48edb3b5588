"""Each plugin of detect-secrets is there, finds its examples whole, and stays linear on hostile lines."""

from __future__ import annotations

import re
from functools import cache

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

from filters.redact.database import Scanner, build
from filters.redact.exact import Finding, findings
from filters.redact.examples import fill, spell
from filters.redact.linear import KEYWORDS, searches
from filters.redact.plugin_examples import EXAMPLES
from filters.redact.plugins import plugin_rules
from filters.redact.prefilter import WINDOW, find, zones
from filters.redact.rule import LEVELS, Level, Rule

PLUGINS = get_mapping_from_secret_type_to_class()
RULES = [rule for rule in plugin_rules() if rule.yes]


@cache
def at(level: Level) -> Scanner:
    """Return the scanner of the plugins' rules alone."""
    limit = LEVELS.index(level)
    return build(tuple(rule for rule in plugin_rules() if LEVELS.index(rule.level) <= limit))


def test_every_plugin_is_searched_for() -> None:
    assert len(PLUGINS) == 27
    assert {search.plugin for search in searches()} == set(PLUGINS.values())


def test_every_regex_of_every_plugin_is_a_search() -> None:
    for plugin in PLUGINS.values():
        here = sum(search.plugin is plugin for search in searches())
        wanted = len(KEYWORDS["quoted"]) if plugin.__name__ == "KeywordDetector" else 1
        assert here == len(getattr(plugin, "denylist", range(wanted)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_finds_its_example_whole(rule: Rule) -> None:
    for template in rule.yes:
        text, wanted = spell(template)
        assert [text[s.start : s.end] for s in find(build((rule,)), text)] == [wanted]
        assert find(build((rule,), "re"), text) == find(build((rule,)), text)
    for template in rule.no:
        assert find(build((rule,), "re"), fill(template)) == []


def test_every_rule_has_an_example() -> None:
    assert list(plugin_rules()) == RULES
    assert set(EXAMPLES) | {"IPPublicDetector"} == {p.__name__ for p in PLUGINS.values()}


def test_a_finding_has_the_value_of_the_plugin_and_the_span_of_the_token() -> None:
    text = fill("first\n  x = ghp_{an:36}\n")
    assert findings(text) == [Finding("GitHub Token", 2, "ghp", 12, 52)]


def test_a_public_address_is_found_and_always_filtered() -> None:
    text = "host 93.184." + "216.34"
    assert [each.plugin for each in findings(text, filtered=False)] == ["Public IP (ipv4)"]
    assert findings(text) == []


def test_the_file_name_chooses_what_a_keyword_assignment_is() -> None:
    text = fill("password: {an:12}")
    assert findings(text, "settings.py") == []
    assert [each.plugin for each in findings(text, "settings.yml")] == ["Secret Keyword"]


def test_before_strict_only_what_is_plausible_is_redacted() -> None:
    for text in (
        'password = "correct"',
        "secret = 'get-a-secret-from-the-vault'",
        fill("x = '{hex:40}'"),
        "BEGIN RSA " + "PRIVATE KEY",
    ):
        assert findings(text) != []
        assert find(at("balanced"), text) == []
        assert find(at("strict"), text) != []


def test_an_escape_before_a_token_stays_whole() -> None:
    text = fill(r'"a\nAKIA{up:16}\n"')
    assert {text[s.start : s.end] for s in find(at("strict"), text)} == {text[4:24]}
    (rule,) = (r for r in RULES if r.id.endswith("MailchimpDetector:reported"))
    text = fill(r'"\u00e9{hex:30}-us7"')
    assert find(build((rule,)), text)[0].start >= len(r'"\u00e9')


@pytest.mark.parametrize(
    "unit",
    [
        "secret", "password='", "pwd`a", 'secret"`', "`a", "sk-", "eyJ", "//", "://", "cl_key    ",
        "glagent-", "aws key ", "AP1", "'0a", "_id ", "password == 'a' == ", "BEGIN ",
    ],
)  # fmt: skip
def test_a_hostile_line_of_half_a_megabyte_is_no_trouble(unit: str) -> None:
    # a real one of each plugin at the end, so that every plugin looks at the line
    ends = " ".join(spell(row[0])[0] for row in EXAMPLES.values())
    text = unit * (500_000 // len(unit)) + " " + ends
    findings("", "")
    found = findings(text, filtered=False)
    assert found != []


def test_long_lines_are_searched_whole() -> None:
    value = fill("{an:12}") * (WINDOW // 8)
    text = "x" * WINDOW + f' password = "{value}"'
    assert [each.value for each in findings(text) if each.plugin == "Secret Keyword"] == [value]


def test_rules_with_one_superset_share_it() -> None:
    rules = tuple(rule for rule in plugin_rules() if "GitHubToken" in rule.id)
    scanner = build(rules)
    assert len(scanner.sharing) == 1
    text, _ = spell("x ghp_{an:36}")
    assert [zone.rule for zone in zones(scanner, text)] == list(rules)
    assert {span.rule for span in find(scanner, text)} == {rule.id for rule in rules}


def test_a_pattern_that_is_too_large_is_named() -> None:
    rule = RULES[0]._replace(id="huge", trigger=re.compile(r"(?:a|b[^c]d?){900}x"))
    with pytest.raises(ValueError, match="rule huge: "):
        build((rule,))
