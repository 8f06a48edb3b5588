"""A filter that drops what recorded signals close, URL by URL: exact where no subject is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from filters.document import KEEP, Document, Verdict, drop
from filters.signals.combine import TRAINING, Signals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from filters.signals.model import Reading


class SignalsFilter:
    """Readings that are asked for each document's URL; a document without one is kept."""

    stage: ClassVar[str] = "optout"

    def __init__(self, readings: Iterable[Reading], purposes: frozenset[str] = TRAINING) -> None:
        self._signals = Signals(readings)
        self._purposes = purposes

    def judge(self, document: Document, /) -> Verdict:
        """Keep, or drop by the first signal that says no; `detail` gives its provenance."""
        found = self._signals.answer(document.url, self._purposes)
        if found.answer != "no":
            return KEEP
        first = found.because[0]
        return drop(
            "signal",
            vocabulary=first.vocabulary,
            version=first.version,
            purpose=first.purpose,
            where=first.where,
            recording=first.sha256,
        )
