"""Detectors from outside, such as a model that finds names: called by name, checked, then trusted.

A recogniser is any function that takes a text and yields `(start, end, type)` in code points, with
a type of `rule.TYPES`. It is named `module:function` in the config. It must give the same answer
for the same text, or releases stop being reproducible; that is for its author to see to.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import cast

from filters.document import Span
from filters.redact.rule import TYPES

Recogniser = Callable[[str], Iterable[tuple[int, int, str]]]


def recognise(names: tuple[str, ...], text: str) -> Iterator[Span]:
    """Yield what the named recognisers find in a text.

    Raises:
        ValueError: when one answers with a span outside the text or an unknown type.
    """
    for name in names:
        for start, end, kind in load(name)(text):
            if not 0 <= start < end <= len(text) or kind not in TYPES:
                raise ValueError(f"redact: {name}: a span of it is outside the text or of no type")
            yield Span(start, end, kind, name)


@cache
def load(name: str) -> Recogniser:
    """Import a recogniser.

    Raises:
        ValueError: when there is no such function.
    """
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except (ImportError, ValueError):
        found = None
    if not callable(found):
        raise ValueError(f"redact: {name!r} is no recogniser: name it module:function")  # noqa: TRY004  a mistake in a config
    return cast("Recogniser", found)
