"""`noai` and `noimageai` in X-Robots-Tag and in the meta tag robots, as DeviantArt began them.

Both say no and nothing else. A directive may be for one bot (`bot: noai`, or a meta tag with the
bot's name): a word against training counts whomever it is said to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from filters.signals.html import read_head
from filters.signals.model import Rule, RuleSet, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.signals.model import Options, Reading, Recording

NAME: Final = "noai"
VERSION: Final = "2022-11"
_PURPOSES: Final = {"noai": "train-ai", "noimageai": "train-image"}


def parse(recording: Recording, options: Options) -> Reading:
    """Read the directives of one page from its headers or its meta tags; never raises."""
    if recording.carrier == "headers":
        values = [
            ("X-Robots-Tag", value)
            for name, value in recording.headers
            if name.strip().lower() == "x-robots-tag"
        ]
        return reading(NAME, VERSION, recording, _sets(values))
    head = read_head(recording.body)
    bots = {"robots", *options.agents}
    tags = [(f"meta, line {meta.line}", meta.content) for meta in head.metas if meta.name in bots]
    return reading(NAME, VERSION, recording, _sets(tags), head.problems)


def _sets(values: list[tuple[str, str]]) -> Iterator[RuleSet]:
    for where, value in values:
        for each in value.lower().split(","):
            purpose = _PURPOSES.get(each.rpartition(":")[2].strip())
            if purpose is not None:
                yield RuleSet(purpose, (Rule("", "no", where),))
