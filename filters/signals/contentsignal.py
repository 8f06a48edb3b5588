"""Content Signals: the line `Content-Signal` of robots.txt, which large hosts write by default.

Labels as in draft-romm-aipref-contentsignals-00: `search`, `ai-input`, `ai-train`, each yes or no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from filters.signals.model import Answer, reading
from filters.signals.usage import usage_rules

if TYPE_CHECKING:
    from filters.signals.model import Options, Reading, Recording

NAME: Final = "content-signal"
VERSION: Final = "00"
_PURPOSES: Final = {"search": "search", "ai-input": "ai-input", "ai-train": "train-ai"}
_ANSWERS: Final[dict[str, Answer]] = {"yes": "yes", "no": "no"}


def parse(recording: Recording, options: Options) -> Reading:
    """Read the signals in the groups that AI agents follow; never raises."""
    usage = usage_rules(recording.body, "content-signal", _stated, options)
    return reading(NAME, VERSION, recording, usage.sets, usage.problems)


def _stated(text: str) -> dict[str, Answer] | None:
    found: dict[str, Answer] = {}
    for each in text.lower().split(","):
        label, equals, value = (part.strip() for part in each.partition("="))
        if not equals:
            return None
        purpose, answer = _PURPOSES.get(label), _ANSWERS.get(value)
        if purpose is not None and answer is not None and found.get(purpose) != "no":
            found[purpose] = answer
    return found
