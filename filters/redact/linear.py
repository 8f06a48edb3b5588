"""Every regex of every detect-secrets 1.5 plugin, with the same matches, in time linear in the line.

Some of the plugins' regexes are quadratic or cubic: a line of 32 kB can take a minute. None is
changed in what it matches. Where a failed start tells that the other starts of the same run fail
too, a `finder` passes over the whole run, and the plugin's regex is tried at the run's first start
alone. Elsewhere a repeat that gains nothing by giving characters back is made possessive.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins import (
    artifactory,
    high_entropy_strings,
    jwt,
    keyword,
    npm,
    openai,
)
from detect_secrets.util.filetype import FileType, determine_file_type

if TYPE_CHECKING:
    from collections.abc import Callable

# On lines above this many code points a backquoted value before a semicolon is looked for in
# `_NEAR` characters: the one regex that no rewriting makes linear.
LONG_LINE: Final = 4096
_NEAR: Final = 256


class Search(NamedTuple):
    """One regex of one plugin.

    `finder` runs over a line; `confirm` turns each of its matches into the plugin's own match, or
    None. `trigger` matches inside every match that is confirmed: the prefilter's superset comes
    from it, and mostly it is the plugin's regex. `first` says that the plugin takes the first
    match of a line alone, and `group` which group is its value: 0 stands for what `findall` returns.
    """

    plugin: Any
    finder: re.Pattern[str]
    trigger: re.Pattern[str]
    confirm: Callable[[re.Match[str]], re.Match[str] | None]
    first: bool = False
    group: int = 0


def values(search: Search, match: re.Match[str]) -> list[str]:
    """Return what the plugin takes for secrets in one match, as `findall` and it would."""
    if search.group:
        return [match[search.group]]
    if match.re.groups == 0:
        return [match[0]]
    if match.re.groups == 1:
        return [match[1] or ""]
    return [value for value in match.groups() if value]


def matches(search: Search, text: str, start: int, end: int) -> list[re.Match[str]]:
    """Return the plugin's matches on the line `[start, end)` of a text, in order."""
    found: list[re.Match[str]] = []
    for candidate in search.finder.finditer(text, start, end):
        match = search.confirm(candidate)
        if match is not None:
            found.append(match)
            if search.first:
                break
    return found


@cache
def searches(group: str = "quoted") -> tuple[Search, ...]:
    """Return all searches, with KeywordDetector's for one group of file types (`keyword_group`)."""
    return (*_token_searches(), *_keyword_searches(KEYWORDS[group]))


KEYWORDS: Final = {
    "quoted": keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP,
    "config": keyword.CONFIG_DENYLIST_REGEX_TO_GROUP,
    "go": keyword.GOLANG_DENYLIST_REGEX_TO_GROUP,
    "c": keyword.COMMON_C_DENYLIST_REGEX_TO_GROUP,
    "c++": keyword.C_PLUS_PLUS_REGEX_TO_GROUP,
}


def keyword_group(filename: str) -> str:
    """Name the group of KeywordDetector's regexes that detect-secrets takes for a file name."""
    kind: FileType = determine_file_type(filename)
    regexes = keyword.REGEX_BY_FILETYPE.get(kind)
    return next((name for name, each in KEYWORDS.items() if each is regexes), "quoted")


@cache
def _token_searches() -> tuple[Search, ...]:
    plugins: Any = get_mapping_from_secret_type_to_class().values()
    return tuple(
        _search(plugin, regex)
        for plugin in sorted(plugins, key=lambda plugin: str(plugin.__name__))
        for regex in _regexes(plugin)
    )


def _regexes(plugin: Any) -> tuple[re.Pattern[str], ...]:
    if issubclass(plugin, high_entropy_strings.HighEntropyStringsPlugin):
        return (plugin().regex,)
    return tuple(getattr(plugin, "denylist", ()))


def _search(plugin: Any, regex: re.Pattern[str]) -> Search:
    """Choose the form of one regex that is linear."""
    if plugin is openai.OpenAIDetector:
        return Search(plugin, _KEY_RUN, regex, partial(_again, regex))
    if plugin is npm.NpmDetector:
        return Search(plugin, _REST, regex, partial(_again, regex))
    if plugin is jwt.JwtTokenDetector:
        return Search(plugin, _WEB_TOKEN, regex, _valid_web_token)
    if plugin is high_entropy_strings.Base64HighEntropyString:
        return Search(plugin, regex, _BASE64, partial(_random, plugin(), _BASE64_DISTINCT), group=2)
    if plugin is high_entropy_strings.HexHighEntropyString:
        return Search(plugin, regex, _HEX, partial(_random, plugin(), _HEX_DISTINCT), group=2)
    if plugin is artifactory.ArtifactoryDetector:
        # on a line of a longer text `^` has to be said otherwise; `$` holds at the end asked for
        regex = re.compile(regex.pattern.replace("|^)", r"|(?<![^\n]))"), regex.flags)
    linear = re.compile(regex.pattern.replace(_SPACED_SIGN, _LINEAR_SIGN), regex.flags)
    return Search(plugin, linear, regex, _same)


def _same(match: re.Match[str]) -> re.Match[str]:
    return match


def _again(regex: re.Pattern[str], candidate: re.Match[str]) -> re.Match[str] | None:
    """Try the plugin's regex where a run starts; if it fails there it fails in the whole run."""
    return regex.match(candidate.string, candidate.start(), candidate.endpos)


# `sk-`, and the rest of a run of what OpenAI's keys are made of: the last key of a run is matched
# from its first `sk-`.
_KEY_RUN: Final = re.compile(r"sk-[A-Za-z0-9-_]*+")
# From the first `//` on: npm's regex runs over anything, to the end of the line.
_REST: Final = re.compile(r"//.*")
# A web token, or a run that starts like one; a run without the second part fails as a whole.
_WEB_TOKEN: Final = re.compile(r"eyJ[A-Za-z0-9-_=]++(\.[A-Za-z0-9-_=]++\.?)?")

# What stands between a name and its value, in every regex from `build_assignment_regex`: any
# number of spaces around a sign, or spaces alone. What follows is never a space or a sign.
_SPACED_SIGN: Final = r"(?: *)(?:=|:|:=|=>| +|::)(?: *)"
_LINEAR_SIGN: Final = r"(?: *+(?:(?:=>?|:[:=]?) *+|(?<= )))"


def _valid_web_token(match: re.Match[str]) -> re.Match[str] | None:
    if match[1] is None:
        return None
    try:
        valid = jwt.JwtTokenDetector.is_formally_valid(match[0])
    except RecursionError:  # thousands of nested brackets; the plugin itself would stop here
        return None
    # one group less, so that the value is the whole match
    return _WHOLE.match(match.string, match.start(), match.end()) if valid else None


_WHOLE: Final = re.compile(r".*")

# The plugins' limits are 4.5 and 3.0 bits a character. n different characters have log2(n) bits at
# most, so a value needs 23 or 9 different ones; the supersets ask for as many characters.
_BASE64_DISTINCT: Final = 23
_HEX_DISTINCT: Final = 9
_BASE64: Final = re.compile(r"(['\"])([A-Za-z0-9+/\\\-_=]{23,})(\1)")
_HEX: Final = re.compile(r"(['\"])([0-9a-fA-F]{9,})(\1)")


def _random(plugin: Any, distinct: int, match: re.Match[str]) -> re.Match[str] | None:
    """Accept a value above the plugin's limit of entropy."""
    value = match[2]
    if len(value) < distinct or len(set(value)) < distinct:
        return None
    return match if plugin.calculate_shannon_entropy(value) > plugin.entropy_limit else None


def _keyword_searches(regexes: dict[re.Pattern[str], int]) -> tuple[Search, ...]:
    return tuple(_keyword_search(regex, group) for regex, group in regexes.items())


def _keyword_search(regex: re.Pattern[str], group: int) -> Search:
    plugin = keyword.KeywordDetector
    if regex is keyword.PRECEDED_BY_EQUAL_COMPARISON_SIGNS_QUOTES_REQUIRED_REGEX:
        confirm = partial(_again, possessive(regex))
        return Search(plugin, _OPENING, _COMPARED, confirm, first=True, group=group)
    trigger = _ASSIGNED if regex in KEYWORDS["quoted"] else regex
    if regex is keyword.FOLLOWED_BY_QUOTES_AND_SEMICOLON_REGEX:
        confirm = partial(_before_semicolon, possessive(regex))
        return Search(plugin, _by_words(regex, tail=""), trigger, confirm, first=True, group=group)
    tail = possessive(regex).pattern.rpartition(_WORD_END)[2]
    finder = _by_words(regex, tail=tail)
    return Search(plugin, finder, trigger, partial(_with, group), first=True, group=group)


# Inside every match of the four regexes of quoted values behind a keyword: one superset for all
_ANY_KEYWORD: Final = "|".join(keyword.DENYLIST)
_ASSIGNED: Final = re.compile(
    rf"(?:{_ANY_KEYWORD})\w*(?:\S{{0,50}}\s*|[]'\"]{{0,2}}\s*[:=!>]{{1,3}}\s*)['\"`]\w",
    re.IGNORECASE,
)
# Inside every match of the regex of values before a comparison; with the closing quote, for
# Vectorscan 5.4.12 misses some matches of what begins with `[!=]{2}`.
_COMPARED: Final = re.compile(rf"['\"`]\s*[!=]{{2,3}}\s*\w*(?:{_ANY_KEYWORD})")


def _by_words(regex: re.Pattern[str], *, tail: str) -> re.Pattern[str]:
    """Match a keyword, the rest of its word and, where it can be, what has to follow.

    All starts in one word stand before the same thing, so the first one stands for all. The first
    letters stand in a class of their own, without IGNORECASE: with it `re` skips ahead.
    """
    rests: dict[str, list[str]] = {}
    for word in keyword.DENYLIST:
        rests.setdefault(word[0], []).append(word[1:])
    words = "|".join(f"(?<={first})(?:{'|'.join(rest)})" for first, rest in rests.items())
    letters, scope = "".join(rests), ""
    if regex.flags & re.IGNORECASE:
        letters += letters.upper() + "\u017f\u212a"  # what equals s and k
        scope = "i"
    return re.compile(rf"([{letters}](?{scope}:{words}))\w*+(?{scope}:{tail})?")


def _with(group: int, match: re.Match[str]) -> re.Match[str] | None:
    return match if match.start(group) >= 0 else None


# Where a value before a comparison may start: any quote, but of the backquotes between two others
# the first alone, for what a later one would match up to ends a match of that one too.
_OPENING: Final = re.compile(r"['\"]|`(?=\w)[^\v'\"]*+")
_WORD_END: Final = r"na)\w*+"
_ANYTHING: Final = r"(?=[^\v\'\"]*)"


def possessive(regex: re.Pattern[str]) -> re.Pattern[str]:
    r"""Make one of KeywordDetector's regexes linear in the length of a word, with equal matches.

    `\w*` after a keyword is followed by something that no word character can start, or by any
    characters up to a quote, so giving characters back never helps; and the look-ahead for
    anything at all always holds.
    """
    head, _, tail = regex.pattern.replace(_ANYTHING, "").rpartition(r"na)\w*")
    return re.compile(head + _WORD_END + tail, regex.flags)


def _before_semicolon(linear: re.Pattern[str], candidate: re.Match[str]) -> re.Match[str] | None:
    closing = _closing(candidate.string, candidate.pos, candidate.endpos)
    if closing == (False, False):
        return None
    if candidate.endpos - candidate.pos <= LONG_LINE:
        return _again(linear, candidate)
    regexes = zip(closing, _by_quote(linear), strict=True)
    tried = (_again(regex, candidate) for there, regex in regexes if there)
    # the plugin takes the first quote that opens a value
    return min(filter(None, tried), key=lambda match: match.start(_QUOTE_GROUP), default=None)


@lru_cache(maxsize=16)
def _closing(text: str, start: int, end: int) -> tuple[bool, bool]:
    """Tell whether a quote, and whether a backquote, stands before a semicolon on a line."""
    quoted = text.find("';", start, end) >= 0 or text.find('";', start, end) >= 0
    return quoted, text.find("`;", start, end) >= 0


_QUOTE_GROUP: Final = 2


@cache
def _by_quote(linear: re.Pattern[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Split a regex by the quote: backquotes, the only ones that may stand in a value, come near."""
    value = r"(?=\w+)[^\v\'\"]*"
    quoted = linear.pattern.replace(keyword.QUOTE, "['\"]", 1)
    backquoted = linear.pattern.replace(keyword.QUOTE, "`", 1)
    near = backquoted.replace(value, rf"(?=\w)[^\v\'\"]{{0,{_NEAR}}}", 1)
    return re.compile(quoted, linear.flags), re.compile(near, linear.flags)
