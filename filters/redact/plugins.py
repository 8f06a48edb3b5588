"""The plugins of detect-secrets 1.5 as rules: at `strict` all that they report, before it what holds.

Every regex of every plugin is two rules on the same superset. `detect-secrets:<plugin>` applies
from `permissive` on (KeywordDetector's from `balanced` on) and has checks of ours;
`detect-secrets:<plugin>:reported` applies at `strict` and takes whatever the plugin reports and
the default filters keep, whole (`exact`). Entropy alone and the mention of a key's header count at
`strict` only. Of the public-IP plugin there is no rule: the filters drop all it can report, and
`network` judges addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Final

from filters.redact.exact import is_dropped, is_formless, token
from filters.redact.linear import LONG_LINE, Search, possessive, searches, values
from filters.redact.plugin_examples import EXAMPLES
from filters.redact.rule import (
    Check,
    Level,
    Range,
    Rule,
    backslashes,
    ends_free,
    starts_free,
)
from filters.redact.secrets.assignments import is_resource_type
from filters.redact.secrets.finding import line_around, name_before
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade, grade
from filters.redact.secrets.logins import is_login
from filters.redact.secrets.values import is_random, is_specimen

__all__ = ["plugin_rules", "possessive"]

# What every rule leaves alone
_NO: Final = ("the end of a line", "x = None")

# Tells whether the token `[start, end)` of a plugin's match may be a real secret.
Judge = Callable[[re.Match[str], int, int], bool]

# Bits of entropy a character, chosen by eye on installed packages; not yet measured for recall.
_FLOOR: Final = 2.8


def _free(match: re.Match[str], start: int, end: int) -> bool:
    """Accept a whole token that stands free and is no specimen."""
    text = match.string
    return starts_free(text, start) and ends_free(text, end) and not is_specimen(text[start:end])


def _value(match: re.Match[str], start: int, end: int) -> bool:
    """Accept the value of an assignment."""
    value = match.string[start:end]
    return not is_specimen(value) and not is_formless(value)


def _mixed_token(match: re.Match[str], start: int, end: int) -> bool:
    """Accept a token that has digits, unlike the class names which this plugin matches too."""
    return is_random(match.string[start:end], _FLOOR) and _free(match, start, end)


def _mixed_value(match: re.Match[str], start: int, end: int) -> bool:
    """Accept the value of an assignment that has digits, unlike joined words."""
    return is_random(match.string[start:end], _FLOOR) and _value(match, start, end)


def _login(match: re.Match[str], start: int, end: int) -> bool:
    """Accept a password in a URL; the user stands before its colon."""
    user = match.string[match.start() + len("://") : start - 1]
    value = match.string[start:end]
    return is_login(value, user) and not is_specimen(value) and not is_formless(value)


def _web_token(match: re.Match[str], start: int, end: int) -> bool:  # noqa: ARG001  a judge's shape
    return starts_free(match.string, start)


def _keyword(group: int, match: re.Match[str], start: int, end: int) -> bool:
    """Accept a value that is plausibly a credential by the name that holds the keyword."""
    text, word = match.string, match.start(group)
    if is_resource_type(text, word):
        return False
    rest = _WORD.match(text, word)
    name = name_before(text, word, word if rest is None else rest.end())
    if text[start - 1] != text[end : end + 1]:
        return False  # cut at a quote that stands in it
    value, known = text[start:end], grade(name)
    if not is_credential(value, known, "quoted"):
        return False  # most end here; the line can only take away
    around = "" if known >= Grade.SECRET else line_around(text, start, end)
    fits = around == "" or is_credential(value, known, "quoted", around)
    return fits and not _is_formless(value)


_is_formless = lru_cache(1 << 14)(is_formless)  # more than one regex may take a value


_WORD: Final = re.compile(r"\w+")

_JUDGES: Final[dict[str, Judge]] = {
    "ArtifactoryDetector": _mixed_token,
    "AWSKeyDetector": _free,
    "AzureStorageKeyDetector": _value,
    "BasicAuthDetector": _login,
    "CloudantDetector": _value,
    "DiscordBotTokenDetector": _free,
    "GitHubTokenDetector": _free,
    "GitLabTokenDetector": _free,
    "IbmCloudIamDetector": _mixed_value,
    "IbmCosHmacDetector": _value,
    "JwtTokenDetector": _web_token,
    "MailchimpDetector": _free,
    "NpmDetector": _free,
    "OpenAIDetector": _free,
    "PypiTokenDetector": _free,
    "SendGridDetector": _free,
    "SlackDetector": _free,
    "SoftlayerDetector": _value,
    "SquareOAuthDetector": _free,
    "StripeDetector": _free,
    "TelegramBotTokenDetector": _free,
    "TwilioKeyDetector": _free,
}


@cache
def plugin_rules() -> tuple[Rule, ...]:
    """Return two rules for every regex of every plugin, see above."""
    rows = [(search, _examples(search, index)) for index, search in enumerate(searches())]
    return tuple(
        rule
        for search, yes in rows
        if search.plugin.__name__ != "IPPublicDetector"
        for rule in (*_plausible_rule(search, yes), _reported_rule(search, yes))
    )


def _examples(search: Search, index: int) -> tuple[str, ...]:
    """Return the templates of what one regex finds: those at its place in its plugin's row."""
    name = search.plugin.__name__
    first = next(i for i, each in enumerate(searches()) if each.plugin is search.plugin)
    row = EXAMPLES.get(name, ())
    return row[index - first : index - first + 1]


def _plausible_rule(search: Search, yes: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rule with checks of ours, for the plugins that have one."""
    name = search.plugin.__name__
    judge = _judge(search)
    if judge is None:
        return ()
    level: Level = "balanced" if name == "KeywordDetector" else "permissive"
    check = partial(_plausible, search, judge)
    return (_rule(search, f"detect-secrets:{name}", level, check, yes),)


def _judge(search: Search) -> Judge | None:
    if search.plugin.__name__ == "KeywordDetector":
        # the name follows in the regex that takes its value first
        return partial(_keyword, 4 if search.group == 2 else 1)  # noqa: PLR2004  group numbers
    return _JUDGES.get(search.plugin.__name__)


def _reported_rule(search: Search, yes: tuple[str, ...]) -> Rule:
    name = f"detect-secrets:{search.plugin.__name__}:reported"
    return _rule(search, name, "strict", partial(_reported, search), yes)


def _rule(search: Search, name: str, level: Level, check: Check, yes: tuple[str, ...]) -> Rule:
    kind = "PRIVATE_KEY" if search.plugin.__name__ == "PrivateKeyDetector" else "SECRET"
    return Rule(name, kind, level, search.finder, check, trigger=search.trigger, yes=yes, no=_NO)


def _plausible(search: Search, judge: Judge, candidate: re.Match[str]) -> Range | None:
    """Accept the token of a plugin's match if a judge of ours does."""
    match = search.confirm(candidate)
    if match is None:
        return None
    start, end = _whole_escapes(match.string, *_token(search, match))
    return (start, end) if start < end and judge(match, start, end) else None


def _reported(search: Search, candidate: re.Match[str]) -> Range | None:
    """Accept the token of a plugin's match if the default filters keep one of its values.

    On long lines the filters that look at the line do not count: the more is redacted.
    """
    match = search.confirm(candidate)
    if match is None:
        return None
    low, high = candidate.pos, candidate.endpos
    line = match.string[low:high] if high - low <= LONG_LINE else ""
    if all(is_dropped(value, line, search.plugin) for value in values(search, match)):
        return None
    start, end = _whole_escapes(match.string, *_token(search, match))
    return (start, end) if start < end else None


_SIGNATURE: Final = re.compile(r"[A-Za-z0-9-_=.]*")
# A run of web tokens without an end must not be read to its end from each of them; `json-web-token`
# takes longer ones.
_LONGEST_SIGNATURE: Final = 2048


def _token(search: Search, match: re.Match[str]) -> Range:
    """Return the range of the whole token (`exact.token`), of a web token in bounded time."""
    if search.plugin.__name__ != "JwtTokenDetector":
        return token(search, match)
    end = match.end()
    more = _SIGNATURE.match(match.string, end, end + _LONGEST_SIGNATURE)
    return match.start(), end if more is None else more.end()


_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_LONGEST_ESCAPE: Final = 10


def _whole_escapes(text: str, start: int, end: int) -> Range:
    r"""Leave out an escape such as `\n` or `\u0041` that a range would take apart at either end."""
    if "\\" in text[max(0, start - _LONGEST_ESCAPE) : start]:
        start = _after_escape(text, start)
    if text[end - 1 : end] == "\\":
        end -= backslashes(text, end) % 2
    return start, end


def _after_escape(text: str, start: int) -> int:
    """Return where the escape ends that begins before `start` and runs over it; else `start`."""
    sign = text.rfind("\\", 0, start)
    if backslashes(text, sign + 1) % 2 == 0:
        return start
    escape = _ESCAPE.match(text, sign)
    return start if escape is None else max(start, escape.end())
