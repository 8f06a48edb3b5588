"""Whether an opt-out asks for a record: by its name, or as a near copy of a text that was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from filters.optout import optout_filter
from pipeline.dedup.copies import resembled, seek_shingles
from pipeline.reach import NO_KINDS, as_document, kinds_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from filters.optout import OptOutFilter
    from pipeline.dedup.copies import Sought
    from pipeline.optout.texts import GivenText


class Honoured(NamedTuple):
    """Requests that no scope narrows but one of kinds, since records may say less than the inputs did, and given texts.

    `kinds` are those of `kinds_of`: which kind of data a record is of, its source says.
    """

    optout: OptOutFilter
    texts: Sought | None
    kinds: Mapping[str, str] = NO_KINDS

    @classmethod
    def of(cls, optout: OptOutFilter, texts: Sequence[GivenText], release: Path) -> Honoured:
        """Look the texts up by shingle, and the kinds in the config of the release."""
        sought = seek_shingles(each.shingles for each in texts) if texts else None
        kinds = _kinds(release)
        told = (
            each
            for each in optout.requests
            if not (each.languages or each.until or (each.kinds and kinds is None))
        )
        return cls(
            optout_filter(told, key=optout.key), sought, NO_KINDS if kinds is None else kinds
        )

    def flaw(self, record: dict[str, Any]) -> str:
        """Say which kind of request names a record; empty when none does."""
        verdict = self.optout.judge(as_document(record, self.kinds))
        if not verdict.keep:
            return f"is opted out (rule {verdict.reason})"
        if self.texts is not None and resembled(self.texts, text_of(record)):
            return "is a near copy of an opted-out text (rule near)"
        return ""


def _kinds(release: Path) -> dict[str, str] | None:
    """Read the kinds, `None` where the config does not read, which is a problem of its own."""
    try:
        return kinds_of(release)
    except (OSError, ValueError, KeyError, TypeError):
        return None
