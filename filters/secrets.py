"""Detect secrets: detect-secrets' own plugins behind an exact prefilter, and rules of ours.

Of detect-secrets only regexes and pure functions are used. Its settings are process-global,
mutable and not thread-safe, its values are capture groups rather than spans, and its verification
talks to the network; none of the three is touched here. Every regex runs with `finditer`, so that
the span of the whole token is known. Left out: the public-IP plugin (`pii_network` judges
addresses) and the private-key plugin (`rules_keys` takes the whole block, not the header line).
"""

from __future__ import annotations

import math
import re
from functools import cache, partial
from typing import Any, Final, NamedTuple

from detect_secrets.plugins import (
    artifactory,
    aws,
    azure_storage_key,
    basic_auth,
    cloudant,
    discord,
    github_token,
    gitlab_token,
    ibm_cloud_iam,
    ibm_cos_hmac,
    jwt,
    keyword,
    mailchimp,
    npm,
    openai,
    pypi_token,
    sendgrid,
    slack,
    softlayer,
    square_oauth,
    stripe,
    telegram_token,
    twilio,
)

from filters.rules_assignments import assignment_rules, is_login, is_resource_type
from filters.rules_base import Check, Level, Range, Rule, backslashes, ends_free, starts_free
from filters.rules_keys import key_rules
from filters.rules_tokens import token_rules
from filters.rules_values import entropy, is_filtered, is_password, is_random, is_specimen

# Bits of entropy a character, chosen by eye on installed packages; not yet measured for recall.
_FLOOR: Final = 2.8


class Plugin(NamedTuple):
    """One detect-secrets plugin: its class and what each of its regexes' matches mean."""

    source: Any
    check: Check


def _token(match: re.Match[str]) -> Range | None:
    """Accept a whole match that stands free and is no specimen."""
    start, end = _trimmed(match)
    line = match.string
    free = starts_free(line, start) and ends_free(line, end)
    return (start, end) if free and not is_specimen(line[start:end]) else None


def _trimmed(match: re.Match[str]) -> Range:
    """Return the span without the delimiters that some plugins match along."""
    start, end = match.span()
    token = match[0]
    return start + len(token) - len(token.lstrip(' \t=:"')), end - len(token) + len(
        token.rstrip(' \t\r"')
    )


def _first_group(match: re.Match[str]) -> Range | None:
    """Accept the value of an assignment: the first group."""
    start, end = match.span(1)
    value = match.string[start:end]
    return None if is_specimen(value) or is_filtered(value, "") else (start, end)


def _mixed_token(match: re.Match[str]) -> Range | None:
    """Accept a token that has digits, unlike the class names which this plugin matches too."""
    span = _token(match)
    return span if span is not None and is_random(match.string[slice(*span)], _FLOOR) else None


def _mixed_group(match: re.Match[str]) -> Range | None:
    """Accept the value of an assignment that has digits, unlike joined words."""
    span = _first_group(match)
    return span if span is not None and is_random(match.string[slice(*span)], _FLOOR) else None


def _after_sign(match: re.Match[str]) -> Range | None:
    start = match.string.index("=", match.start()) + 1
    return None if is_specimen(match.string[start : match.end()]) else (start, match.end())


def _login(match: re.Match[str]) -> Range | None:
    start, end = match.span(1)
    return (start, end) if is_login(match.string[start:end]) else None


def _web_token(match: re.Match[str]) -> Range | None:
    """Accept what the plugin itself accepts; `rules_keys` adds the signature."""
    valid = jwt.JwtTokenDetector.is_formally_valid(match[0])
    return match.span() if valid and starts_free(match.string, match.start()) else None


_REGISTRY_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+")


def _registry(match: re.Match[str]) -> Range | None:
    """Accept the token alone; the plugin's group runs on to the end of the line."""
    token = _REGISTRY_TOKEN.match(match.string, match.start(1))
    return None if token is None or is_specimen(token[0]) else token.span()


PLUGINS: Final = (
    Plugin(artifactory.ArtifactoryDetector, _mixed_token),
    Plugin(azure_storage_key.AzureStorageKeyDetector, _after_sign),
    Plugin(basic_auth.BasicAuthDetector, _login),
    Plugin(cloudant.CloudantDetector, _first_group),
    Plugin(discord.DiscordBotTokenDetector, _token),
    Plugin(github_token.GitHubTokenDetector, _token),
    Plugin(gitlab_token.GitLabTokenDetector, _token),
    Plugin(ibm_cloud_iam.IbmCloudIamDetector, _mixed_group),
    Plugin(ibm_cos_hmac.IbmCosHmacDetector, _first_group),
    Plugin(jwt.JwtTokenDetector, _web_token),
    Plugin(mailchimp.MailchimpDetector, _token),
    Plugin(npm.NpmDetector, _registry),
    Plugin(openai.OpenAIDetector, _token),
    Plugin(pypi_token.PypiTokenDetector, _token),
    Plugin(sendgrid.SendGridDetector, _token),
    Plugin(slack.SlackDetector, _token),
    Plugin(softlayer.SoftlayerDetector, _first_group),
    Plugin(square_oauth.SquareOAuthDetector, _token),
    Plugin(stripe.StripeDetector, _token),
    Plugin(telegram_token.TelegramBotTokenDetector, _token),
    Plugin(twilio.TwilioKeyDetector, _token),
)


def _plugin_rule(source: Any, regex: re.Pattern[str], check: Check, level: Level) -> Rule:
    name = f"detect-secrets:{source.__name__}"
    return Rule(name, "SECRET", level, regex, check, cut=True)


@cache
def plugin_rules() -> tuple[Rule, ...]:
    """Return every regex of every plugin as a rule on cut-out lines."""
    rules = [
        _plugin_rule(plugin.source, regex, plugin.check, "permissive")
        for plugin in PLUGINS
        for regex in plugin.source.denylist
    ]
    key_id, secret_key = aws.AWSKeyDetector.denylist
    rules += [
        _plugin_rule(aws.AWSKeyDetector, key_id, _token, "permissive"),
        _plugin_rule(aws.AWSKeyDetector, secret_key, _first_group, "permissive"),
    ]
    rules += [
        _plugin_rule(
            keyword.KeywordDetector, possessive(regex), partial(_keyword, group), "balanced"
        )
        for regex, group in keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP.items()
    ]
    return tuple(rules)


def possessive(regex: re.Pattern[str]) -> re.Pattern[str]:
    r"""Make one of KeywordDetector's regexes linear in the length of a word, with equal matches.

    `\w*` after a keyword is followed by something that no word character can start, so giving
    characters back never helps; and the look-ahead for anything at all always holds. Both made
    the plugin cubic: a line of 32 kB could take a minute.
    """
    anything = r"(?=[^\v\'\"]*)"
    text = regex.pattern.replace(anything, "")
    head, suffix, tail = text.rpartition(r"na)\w*")
    if tail:
        text = head + suffix + "+" + tail
    return re.compile(text, regex.flags)


def _keyword(group: int, match: re.Match[str]) -> Range | None:
    """Accept the value of a keyword assignment that is plausibly a credential."""
    start, end = match.span(group)
    end -= backslashes(match.string, end) % 2
    value = match.string[start:end]
    if is_resource_type(match.string, match.start()):
        return None
    return (start, end) if is_password(value) and not is_filtered(value, match.string) else None


# The plugins' own limits, in bits a character, and the fewest characters that can exceed them:
# n different characters have log2(n) bits.
_BASE64_LIMIT: Final = 4.5
_HEX_LIMIT: Final = 3.0
_BASE64: Final = re.compile(r"(['\"])([A-Za-z0-9+/=_\-]{23,})(\1)")
_HEX: Final = re.compile(r"(['\"])([0-9a-fA-F]{9,})(\1)")


def _entropy(limit: float, match: re.Match[str]) -> Range | None:
    value = match[2]
    # detect-secrets discounts numbers, whose digits are often all different by chance
    discount = 1.2 / math.log2(len(value)) if value.isdigit() else 0.0
    fits = entropy(value) - discount > limit and not is_filtered(value, match.string)
    return match.span(2) if fits else None


def _entropy_rules() -> tuple[Rule, ...]:
    rows = (("Base64", _BASE64, _BASE64_LIMIT), ("Hex", _HEX, _HEX_LIMIT))
    return tuple(
        Rule(
            f"detect-secrets:{name}HighEntropyString",
            "SECRET",
            "strict",
            regex,
            partial(_entropy, limit),
            cut=True,
        )
        for name, regex, limit in rows
    )


@cache
def secret_rules() -> tuple[Rule, ...]:
    """Return every rule for secrets, of all levels."""
    return key_rules() + token_rules() + assignment_rules() + plugin_rules() + _entropy_rules()
