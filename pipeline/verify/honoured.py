"""Whether an opt-out asks for a record: by its name, or as a near copy of a text that was given."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from pipeline.dedup.copies import COPY_THRESHOLD, seek, shared
from pipeline.dedup.shingles import ShingleSets, shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.dedup.verify import at_least
from pipeline.reach import as_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filters.optout import OptOutFilter
    from pipeline.dedup.copies import Sought
    from pipeline.optout.texts import GivenText

_SPEC: Final = SignatureSpec()


class Honoured(NamedTuple):
    """Requests without a scope of their own, since records may say less than the inputs did, and given texts."""

    optout: OptOutFilter
    texts: Sought | None

    @classmethod
    def of(cls, optout: OptOutFilter, texts: Sequence[GivenText]) -> Honoured:
        """Look the texts up by shingle."""
        sets = [np.frombuffer(each.shingles, "<u8") for each in texts]
        offsets = np.cumsum([0, *map(len, sets)], dtype=np.int64)
        sought = seek(ShingleSets(np.concatenate(sets), offsets)) if sets else None
        return cls(optout.unscoped(), sought)

    def flaw(self, record: dict[str, Any]) -> str:
        """Say which kind of request names a record; empty when none does."""
        verdict = self.optout.judge(as_document(record))
        if not verdict.keep:
            return f"is opted out (rule {verdict.reason})"
        if self.texts is not None and _resembles(record, self.texts):
            return "is a near copy of an opted-out text (rule near)"
        return ""


def _resembles(record: dict[str, Any], texts: Sought) -> bool:
    text = record["text"] if "text" in record else record["context"]
    mine = shingle_sets([text], _SPEC).flat
    common = shared(texts, mine)
    union = texts.sizes + len(mine) - common
    return bool(at_least(common, union, Fraction(COPY_THRESHOLD)).any())
