"""Find exactly what detect-secrets 1.5 finds line by line, some hundred times faster.

`findings` equals running all 27 plugins with their default settings on every line of a text, and
the default heuristic filters on each result; only lines where a plugin's superset fires are looked
at. Nothing of detect-secrets' global state is used: its settings are process-wide, mutable and not
thread-safe, and its verification talks to the network.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from detect_secrets.filters import heuristic
from detect_secrets.plugins import azure_storage_key, base, jwt, npm

from filters.redact.database import BEST, Engine, Scanner, build
from filters.redact.linear import Search, keyword_group, matches, searches, values
from filters.redact.prefilter import zones
from filters.redact.rule import Range, Rule, whole
from filters.redact.secrets.values import is_indirect_reference

if TYPE_CHECKING:
    from collections.abc import Iterator


class Finding(NamedTuple):
    """One result of one plugin.

    `plugin` is its secret type, `line` counts from 1, `value` is what detect-secrets reports: a
    capture group, often a part of the token. `[start, end)` is the whole token in the text, in code
    points.
    """

    plugin: str
    line: int
    value: str
    start: int
    end: int


def findings(
    text: str, filename: str = "", *, filtered: bool = True, engine: Engine = BEST
) -> list[Finding]:
    """Return what the plugins report in a text, split into lines at newlines alone, in order.

    `filename` chooses KeywordDetector's regexes, as it does in detect-secrets; without one they are
    those for quoted values. `filtered` leaves out what the default heuristic filters drop.
    """
    found: set[Finding] = set()
    group = keyword_group(filename)
    table = searches(group)
    done = line = 0
    for zone in zones(_scanner(group, engine), text):
        line += text.count("\n", done, zone.start)
        done = zone.start
        search = table[int(zone.rule.id)]
        found.update(_on_line(search, text, (zone.start, zone.end), line + 1, filtered=filtered))
    return sorted(found, key=lambda each: (each.start, each.end, each.plugin, each.value))


def _on_line(
    search: Search, text: str, bounds: Range, number: int, *, filtered: bool
) -> Iterator[Finding]:
    kind = search.plugin.secret_type
    found = matches(search, text, *bounds)
    line = text[slice(*bounds)] if found and filtered else ""
    for match in found:
        start, end = token(search, match)
        for value in values(search, match):
            if not (filtered and is_dropped(value, line, search.plugin)):
                yield Finding(kind, number, value, start, end)


@cache
def _scanner(group: str, engine: Engine) -> Scanner:
    """Compile the searches as rules without a check: only their zones are asked for."""
    rules = (
        Rule(str(index), "SECRET", "strict", search.finder, whole, trigger=search.trigger)
        for index, search in enumerate(searches(group))
    )
    return build(tuple(rules), engine)


# Those whose capture group is a part of the token, or none
_WHOLE: Final = ("GitHubTokenDetector", "GitLabTokenDetector", "SlackDetector")
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9-_=.]*")
_REGISTRY_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+")


def token(search: Search, match: re.Match[str]) -> Range:
    """Return the range of the whole token: the value itself where the match names its variable too.

    A web token goes on over its signature, which the plugin's lazy regex leaves out; a registry
    token ends before the quote or the space that the plugin takes along.
    """
    plugin = search.plugin
    if plugin is jwt.JwtTokenDetector:
        return match.start(), _end(_SIGNATURE, match, match.end())
    if plugin is npm.NpmDetector:
        return match.start(1), _end(_REGISTRY_TOKEN, match, match.start(1))
    if plugin is azure_storage_key.AzureStorageKeyDetector:
        return match.start() + len("AccountKey="), match.end()
    if search.group:
        return match.span(search.group)
    if match.re.groups == 0 or plugin.__name__ in _WHOLE:
        return _trimmed(match)
    return match.span(1)


def _end(tail: re.Pattern[str], match: re.Match[str], start: int) -> int:
    more = tail.match(match.string, start)
    return start if more is None else more.end()


def _trimmed(match: re.Match[str]) -> Range:
    """Return the span without the delimiters that some plugins match along."""
    text, start = match[0], match.start()
    return start + len(text) - len(text.lstrip('\n\r \t=:"')), start + len(text.rstrip(' \t\r\n"'))


def is_dropped(value: str, line: str, plugin: Any) -> bool:
    """Tell whether a default heuristic filter of detect-secrets drops a value of a plugin.

    Those that look at the value, the line and the plugin. The comments that allow a secret and the
    file names that are left out do not count: a source must not switch off its own redaction.
    """
    return (
        is_formless(value)
        or is_indirect_reference(line)
        or (not issubclass(plugin, base.RegexBasedDetector) and is_likely_id(value, line))
    )


def is_formless(value: str) -> bool:
    """Tell whether detect-secrets drops a value for itself: a sequence, an UUID, a template."""
    return (
        heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
    )


# The regex of detect-secrets' filter of identifiers: a name that ends in `id`
_ID: Final = re.compile(r"(^(id|myid|userid)|_id)s?[^a-z0-9]", re.IGNORECASE)


def is_likely_id(value: str, line: str) -> bool:
    """Tell whether the first place of a value on its line stands after the name of an identifier.

    Asks what detect-secrets asks, without a search of the line for each of its values: no match
    ends before the first one does.
    """
    first = _first_id(line)
    return first >= 0 and line.find(value, 0, first + len(value) - 1) < 0


@lru_cache(maxsize=64)
def _first_id(line: str) -> int:
    """Return where the first name of an identifier ends on a line; -1 if there is none."""
    match = _ID.search(line)
    return -1 if match is None else match.end()
