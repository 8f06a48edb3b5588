"""TDMRep, the TDM Reservation Protocol (final report of the W3C group, 10 May 2024).

A reservation is 1, its absence is 0; anything else counts as not set, and is told as a problem.
The protocol lets a page's header and tag override the site's file; here the strictest of them
wins, so that no later recording ever opens what an earlier one reserved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.signals.html import read_head
from filters.signals.model import Answer, Rule, RuleSet, reading
from filters.signals.patterns import is_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from filters.signals.model import Options, Reading, Recording

NAME: Final = "tdmrep"
VERSION: Final = "2024-05-10"
PURPOSE: Final = "tdm"
_KEY: Final = "tdm-reservation"
_ANSWERS: Final[dict[str, Answer]] = {"1": "no", "0": "yes"}
_LONGEST: Final = 1 << 20
_MOST: Final = 10_000


def parse(recording: Recording, options: Options) -> Reading:  # noqa: ARG001  every parser takes options
    """Read reservations from tdmrep.json, from headers or from meta tags; never raises."""
    if recording.carrier == "tdmrep":
        return _file(recording)
    if recording.carrier == "html":
        head = read_head(recording.body)
        values = [(f"meta, line {m.line}", m.content) for m in head.metas if m.name == _KEY]
        return _page(recording, values, head.problems)
    named = [value for name, value in recording.headers if name.strip().lower() == _KEY]
    return _page(recording, [(_KEY, value) for value in named], ())


def _page(
    recording: Recording,
    values: Iterable[tuple[str, str]],
    problems: Iterable[tuple[str, str]],
) -> Reading:
    sets: list[RuleSet] = []
    found = list(problems)
    for where, value in values:
        answer = _ANSWERS.get(value.strip())
        if answer is None:
            found.append((where, "a reservation is 0 or 1"))
        else:
            sets.append(RuleSet(PURPOSE, (Rule("", answer, where),)))
    return reading(NAME, VERSION, recording, sets, found)


def _file(recording: Recording) -> Reading:
    """Read `/.well-known/tdmrep.json`: the first rule that matches decides.

    A rule that is malformed says nothing, so that one after it may decide.
    """
    problems: list[tuple[str, str]] = []
    rules = [
        rule
        for number, each in enumerate(_rules(recording.body, problems)[:_MOST], start=1)
        if (rule := _rule(f"rule {number}", each, problems)) is not None
    ]
    sets = (RuleSet(PURPOSE, tuple(rules), "first"),)
    return reading(NAME, VERSION, recording, sets, problems)


def _rules(body: str, problems: list[tuple[str, str]]) -> list[Any]:
    try:
        found = msgspec.json.decode(body.removeprefix("\ufeff")) if len(body) <= _LONGEST else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        found = None
    if isinstance(found, list):
        return found
    problems.append(("file", "the file is no JSON array of rules"))
    return []


def _rule(where: str, rule: Any, problems: list[tuple[str, str]]) -> Rule | None:
    location = rule.get("location") if isinstance(rule, dict) else None
    if not isinstance(location, str) or not is_pattern(location):
        problems.append((where, "a rule has a location that begins with / or *"))
        return None
    value = rule.get(_KEY)
    answer = _ANSWERS.get(str(value)) if type(value) is int else None
    if answer is None:
        problems.append((where, "a reservation is the number 0 or 1"))
        return None
    return Rule(location, answer, where)
