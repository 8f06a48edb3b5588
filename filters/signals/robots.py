"""robots.txt (RFC 9309): which paths a site closes to AI agents, named or by its `*` groups.

A path closed to one agent of a purpose is closed for that purpose. A path that a rule opens to a
named agent is a yes; what a `*` group opens, it opens to search engines and says nothing about AI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from filters.signals.groups import Party, parties, scan
from filters.signals.model import Answer, Rule, RuleSet, reading
from filters.signals.patterns import is_pattern

if TYPE_CHECKING:
    from filters.signals.model import Options, Reading, Recording

NAME: Final = "robots"
VERSION: Final = "rfc9309"


def parse(recording: Recording, options: Options) -> Reading:
    """Read the rules for AI agents out of a robots.txt; never raises."""
    found = scan(recording.body)
    problems = [
        (f"line {line.number}", "the path begins with neither / nor *: the rule matches nothing")
        for group in found.groups
        for line in group.rules
        if line.field in {"allow", "disallow"} and line.value and not is_pattern(line.value)
    ]
    sets = [
        _rules(each)
        for each in parties(found.groups, options.agents, named_only=options.named_only)
    ]
    return reading(NAME, VERSION, recording, sets, (*found.problems, *problems))


def _rules(party: Party) -> RuleSet:
    opened: Answer = "unknown" if party.name == "*" else "yes"
    rules: list[Rule] = []
    for line in party.rules:
        where = f"line {line.number} ({party.name})"
        if line.field == "disallow" and is_pattern(line.value):
            rules.append(Rule(line.value, "no", where))
        elif line.field == "disallow" and not line.value:  # nothing is closed
            rules.append(Rule("", opened, where))
        elif line.field == "allow" and is_pattern(line.value):
            rules.append(Rule(line.value, opened, where))
    return RuleSet(party.purpose, tuple(rules))
