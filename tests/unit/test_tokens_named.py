"""Keys known by the provider's name beside them: every row, in every spelling, and what is no key."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from filters.redact.database import Scanner, build
from filters.redact.examples import fill, spell
from filters.redact.prefilter import find
from filters.redact.secrets.named_blocks import named_block_rules
from filters.redact.secrets.named_secrets import named_secret_rules
from filters.redact.tokens.named import TOKENS
from filters.redact.tokens.near import REACH, place
from filters.redact.tokens.token import rule_of

RULES = (*map(rule_of, TOKENS), *named_secret_rules(), *named_block_rules())
HEX = fill("{hex:32}")
UUID = fill("{uuid}")


@cache
def scanner() -> Scanner:
    return build(RULES)


def found(text: str) -> set[str]:
    """Return what the rules of this table find in a text, as `rule: value`."""
    return {f"{span.rule}: {text[span.start : span.end]}" for span in find(scanner(), text)}


def test_the_table_is_broad_and_its_rows_are_distinct() -> None:
    assert len({token.provider for token in TOKENS}) >= 400
    assert [rule for rule, times in Counter(rule.id for rule in RULES).items() if times > 1] == []


def test_every_row_has_examples_and_they_hold() -> None:
    wrong = []
    for rule in RULES:
        assert rule.yes
        assert rule.no
        for template in rule.yes:
            text, wanted = spell(template)
            if f"{rule.id}: {wanted}" not in found(text):
                wrong.append((rule.id, template))
        for template in rule.no:
            text, _ = spell(template)
            if any(line.startswith(f"{rule.id}: ") for line in found(text)):
                wrong.append((rule.id, template))
    assert wrong == []


@pytest.mark.parametrize(
    "line",
    [
        "DD_API_KEY=%s",
        '{"datadog": {"site": "eu", "apiKey": "%s"}}',
        'datadogKey("%s")',
        "--datadog-token %s",
        '<add key="DatadogAuthToken" value="%s"/>',
        "<datadog.api.key>%s</datadog.api.key>",
        'datadog.setAuthToken("%s")',
        "datadog.secret => '%s'",
        'DATADOG="%s"',
        "const datadogApiKey: string = `%s`",
        "https://api.datadoghq.com/v1?api_key=%s",
        "DD_KEY: ${DD_API_KEY:-%s}",
        "- {name: DATADOG_API_KEY, value: %s}",
        'datadog.New("abc", "%s")',
        r"{\"datadog_key\":\"%s\"}",
        "our datadog api key is %s, thanks",
        'key = os.environ.get("DATADOG_API_KEY", "%s")',
        'datadog_key = b"%s"',
        "| Datadog API key | `%s` |",
        "set -x DATADOG_API_KEY %s",
        "datadog:api_key: %s # production",
        "데이터독 datadog 키 api_key: %s",
    ],
)
def test_a_key_is_found_however_it_is_written(line: str) -> None:
    assert f"datadog-named-api-key: {HEX}" in found(line % HEX)


@pytest.mark.parametrize(
    "line",
    [
        "https://github.com/datadog/agent/commit/%s",
        "datadog-%s.tar.gz",
        "uses: datadog/action@%s",
        "datadog_agent_sha: %s",
        "datadog checksum: %s",
        "datadog_key_hash = '%s'",
        "FROM datadog/agent@sha256:%s",
        "datadog.api.commit=%s",
        "/static/datadog-key.%s.js",
        "datadog sits here; md5 %s",
        "datadogKey.%s.png",
        "the datadog key file, see key-%s",
    ],
)
def test_hashes_beside_a_providers_name_are_no_keys(line: str) -> None:
    assert found(line % HEX) == set()


def test_a_key_needs_a_random_value_and_a_provider_near() -> None:
    assert found("datadog_api_key = '" + "0123456789abcdef" * 2 + "'") == set()
    assert found("datadog_api_key = '" + "a" * 32 + "'") == set()
    assert found(f"datadog = 1; {'x' * REACH} cache = '{HEX}'") == set()
    assert found(f"heroku = {UUID}") == {f"heroku-named-api-key: {UUID}"}
    assert not any("heroku" in line for line in found(f"heroku_app_id = {UUID}"))


def test_a_value_is_found_across_windows_of_a_long_line() -> None:
    row = f'"datadog_api_key": "{HEX}", ' + "x" * 1500 + " "
    text = row * 40
    assert sum(span.rule == "datadog-named-api-key" for span in find(scanner(), text)) == 40


def test_the_prefilter_hides_nothing_that_a_rule_accepts() -> None:
    few = RULES[::40]
    lines = [spell(template)[0] for rule in few for template in (*rule.yes, *rule.no)]
    lines += [f"datadog_key{link}{HEX}" for link in ("+", "!", "?", ")", "~ ", ":-", "\u201c", "é")]
    text = "\n".join(lines)
    assert find(build(few), text) == find(build(few, "re"), text) != []


def test_the_name_before_a_value_is_read_leftwards() -> None:
    text = '<add key="Title" value="V"/>'
    where = place(text, text.index('V"'))
    assert where is not None
    assert (where.name, where.link) == ("Title", '" ="')
    assert place("V", 0) is None
    assert place("name/V", 5) is None
    assert place("value=V", 6) is not None


def test_a_block_names_the_provider_of_the_keys_in_it() -> None:
    assert found(f"twilio:\n  sid: AC1\n  auth: '{HEX}'") == {f"provider-block: {HEX}"}
    assert found(f"new-relic:\n  license_key: {fill('{hex:40}')}")
    assert found(f"cache:\n  auth: '{HEX}'") == set()
    assert found(f"twilio:\n\ncache:\n  auth: '{HEX}'") == set()
    assert found(f"twilio:\n  auth_hash: '{HEX}'") == set()
    assert found(f"twilio:\n  {'x' * 300} auth: '{HEX}'") == set()


def test_a_mnemonic_has_as_many_words_as_bip_39_says() -> None:
    words = fill(" ".join("{lower:5}" for _ in range(24))).split()
    for size in (11, 12, 13, 15, 18, 21, 23, 24):
        phrase = " ".join(words[:size])
        wanted = {f"mnemonic-phrase: {phrase}"} if size % 3 == 0 else set()
        assert found(f'mnemonic: "{phrase}"') == wanted
    assert found('mnemonic: "' + " ".join(["abandon"] * 11) + ' about"') == set()
    assert found('mnemonic: "' + " ".join([*words[:11], "the"]) + '"') == set()


@pytest.mark.parametrize(
    "text",
    [
        "datadog_key='%s' " * 3000,
        "datadog heroku twilio algolia key=" * 4000,
        "key: datadog\n" * 8000,
        "mnemonic = abandon able " * 5000,
        "seed phrase phrase " * 5000,
        "otp key = abc2 " * 7000,
        "AUTH_KEY', '" * 9000,
        "datadog_key" + " = " * 40000 + "'%s'",
    ],
)
def test_no_line_is_slow(text: str) -> None:
    found("")  # whoever is first compiles the rules
    found(text.replace("%s", HEX))
