"""ai.txt as Spawning proposed it in May 2023: which files of a site may train models, by name.

The grammar is that of robots.txt and its patterns often name a kind of file (`*.jpg`). Everybody
that it names trains models, so every one of its groups counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from filters.signals.groups import rules_for, scan
from filters.signals.model import Answer, Rule, RuleSet, reading
from filters.signals.patterns import is_pattern

if TYPE_CHECKING:
    from filters.signals.model import Options, Reading, Recording

NAME: Final = "aitxt"
VERSION: Final = "2023-05"
_ANSWERS: Final[dict[str, Answer]] = {"allow": "yes", "disallow": "no"}


def parse(recording: Recording, options: Options) -> Reading:  # noqa: ARG001  every parser takes options
    """Read the rules of every group of an ai.txt; never raises."""
    found = scan(recording.body)
    tokens = sorted(frozenset[str]().union(*(group.tokens for group in found.groups)))
    sets = [
        RuleSet(
            "train-ai",
            tuple(
                Rule(line.value, _ANSWERS[line.field], f"line {line.number}")
                for line in rules_for(found.groups, token)
                if line.field in _ANSWERS and is_pattern(line.value)
            ),
        )
        for token in tokens
    ]
    return reading(NAME, VERSION, recording, dict.fromkeys(sets), found.problems)
