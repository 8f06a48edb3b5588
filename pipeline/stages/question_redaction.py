"""What redaction makes of a question: of its context, of its own text, and of what was redacted in them before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from filters.qa_same import is_malformed
from filters.redact.carried import Carried, carry
from filters.redact.replace import OUTPUT
from manifests.manifest import CARRIED
from pipeline.stages.accounts import audit, counted, placed

if TYPE_CHECKING:
    from filters.redact.carried import Spans
    from filters.redact.edits import Redaction
    from filters.redact.redactor import Redactor


class Part(NamedTuple):
    """A text before and after redaction; `carried` are spans of it after, which were redacted before."""

    before: str
    redaction: Redaction
    carried: Spans

    def spans(self) -> list[tuple[int, int, str]]:
        """List everything in the text that stands for something redacted, whenever that was."""
        return sorted([*placed(self.redaction), *self.carried])


class Redacted(NamedTuple):
    """The two texts of a question."""

    context: Part
    question: Part

    def is_edited(self) -> bool:
        """Tell whether a text is not as it was first written."""
        return any(part.redaction.edits or part.carried for part in self)

    def account(self, redactor: Redactor, name: str) -> dict[str, Any]:
        """Account for both, for the detail of the question's ledger row; `name` is its id.

        `redactions` counts both together by type, `spans` and `question_spans` list each as `audit`
        does, and `carried` counts by type what a release's record says was redacted before.
        """
        spans = {
            key: audit(redactor, part.redaction, part.before, name)
            for key, part in (("spans", self.context), ("question_spans", self.question))
        }
        carried = Counter(kind for part in self for *_, kind in part.carried)
        return (
            counted(*(part.redaction for part in self))
            | {key: found for key, found in spans.items() if found}
            | ({CARRIED: dict(carried)} if carried else {})
        )


def redact_question(redactor: Redactor, text: str, context: Part, carried: Carried) -> Redacted:
    """Redact a question's own text beside its context: equal values get equal surrogates in both."""
    redaction = redactor.redact(text, redactor.scope_of(context.before))
    return Redacted(context, Part(text, redaction, carry(carried.question, redaction)))


def is_emptied(part: Part) -> bool:
    """Tell a question of which nothing is left to ask but what stands for something redacted."""
    left, end = "", 0
    for start, stop, _ in part.spans():
        left, end = f"{left}{part.redaction.text[end:start]} ", stop
    return is_malformed(OUTPUT.sub(" ", left + part.redaction.text[end:]))
