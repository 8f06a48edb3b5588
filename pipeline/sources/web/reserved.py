"""What a page itself says against training on it: in the headers it came with, and in its head.

The words are those that `optout signals` reads from recordings (docs/optout.md). Here the page is at hand, so what it
says is about this very text, whatever its URL.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from filters.signals.agents import builtin_agents
from filters.signals.combine import Signals
from filters.signals.model import Options, Recording
from filters.signals.vocabularies import DEFAULT, read
from pipeline.sources.web.fields import spelled

if TYPE_CHECKING:
    from pipeline.sources.web.fields import Fields

_HERE: Final = "https://page.invalid/"  # a page whose URL is none speaks all the same
_SAYING: Final = frozenset({"x-robots-tag", "tdm-reservation", "content-usage"})


def reservation(fields: Fields, html: str) -> str:
    """Return the vocabulary in which a page reserves its text, `""` where it does in none."""
    headers = tuple((name, spelled(value)) for name, value in fields.pairs if name in _SAYING)
    recordings = [Recording(_HERE, "headers", headers=headers)] if headers else []
    recordings += [Recording(_HERE, "html", html)] if html else []
    readings = [each for one in recordings for each in read(one, _options(), DEFAULT.values())]
    found = Signals(readings).answer(_HERE)
    return found.because[0].vocabulary if found.answer == "no" else ""


@functools.cache
def _options() -> Options:
    return Options(agents=builtin_agents().purposes())
