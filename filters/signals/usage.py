"""Rules of robots.txt groups that state uses, with or without a path, for all AI agents at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from filters.signals.groups import parties, scan
from filters.signals.model import Answer, Rule, RuleSet
from filters.signals.patterns import is_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from filters.signals.groups import Line
    from filters.signals.model import Options

    States = Callable[[str], dict[str, Answer] | None]


class Usage(NamedTuple):
    """Sets of rules, one for each party and purpose, and what could not be read."""

    sets: tuple[RuleSet, ...]
    problems: tuple[tuple[str, str], ...]


def usage_rules(body: str, field: str, states: States, options: Options) -> Usage:
    """Read the lines of one field in the groups that AI agents follow.

    `states` turns a line's statement into answers by purpose, and is `None` for one that is
    malformed. A line of `*` speaks for every agent without a group of its own, whatever its
    purpose: what is stated is a use, not a crawler. Among equal paths the strictest line decides.
    """
    found = scan(body)
    lines = {
        line: _split(line.value, states)
        for group in found.groups
        for line in group.rules
        if line.field == field
    }
    problems = [
        (f"line {line.number}", f"the statement after {field} is malformed")
        for line, (_, answers) in lines.items()
        if answers is None
    ]
    sets: list[RuleSet] = []
    for party in parties(found.groups, options.agents, named_only=False):
        stated = [(line, *lines[line]) for line in party.rules if line in lines]
        sets += _sets(party.name, stated)
    return Usage(tuple(dict.fromkeys(sets)), tuple(problems))


def _split(value: str, states: States) -> tuple[str, dict[str, Answer] | None]:
    """Take a path, which is optional, from the statement after it."""
    path, *rest = re.split(r"[ \t]+", value, maxsplit=1)
    if is_pattern(path) and ("=" not in path or path.startswith("/")):
        return path, states(rest[0] if rest else "")
    return "", states(value)


def _sets(name: str, stated: list[tuple[Line, str, dict[str, Answer] | None]]) -> list[RuleSet]:
    purposes = sorted({each for _, _, answers in stated for each in answers or ()})
    return [
        RuleSet(
            purpose,
            tuple(
                Rule(path, answers.get(purpose, "unknown"), f"line {line.number} ({name})")
                for line, path, answers in stated
                if answers is not None
            ),
            "closed",
        )
        for purpose in purposes
    ]
