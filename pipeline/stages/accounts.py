"""What the ledger is told of one record: redactions, drops, and what is put aside."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from manifests.checksum import canonical_json
from pipeline.sources.fields import encode_extra
from pipeline.sources.records import RAW_LIMIT, Bad, Raw
from pipeline.stages.part_writer import Dropped

if TYPE_CHECKING:
    from filters.document import Document, Verdict
    from filters.redact.edits import Redaction
    from filters.redact.redactor import Redactor


def counted(*redactions: Redaction) -> dict[str, Any]:
    """Count redactions by type, those of all texts together."""
    found = Counter(edit.type for each in redactions for edit in each.edits)
    return {"redactions": dict(found)} if found else {}


def audited(redactor: Redactor, redaction: Redaction, text: str, name: str) -> dict[str, Any]:
    """Account for what was redacted from `text`, for the detail of a kept document's ledger row."""
    spans = audit(redactor, redaction, text, name)
    return counted(redaction) | ({"spans": spans} if spans else {})


def audit(redactor: Redactor, redaction: Redaction, text: str, name: str) -> list[list[Any]]:
    """List `[start, end, type, rule, digest]` of each redaction, in code points of the `text` before.

    The digest is keyed and bound to the document's `name`, or empty where there is no key.
    """
    return [
        [
            edit.start,
            edit.end,
            edit.type,
            edit.rule,
            redactor.digest(edit.type, text[edit.start : edit.end], name),
        ]
        for edit in redaction.edits
    ]


def placed(redaction: Redaction) -> list[tuple[int, int, str]]:
    """List where placeholders stand in the emitted text, and of which type they are."""
    return [(edit.new_start, edit.new_end, edit.type) for edit in redaction.edits]


def compact(value: object) -> str:
    """Spell a value as canonical JSON."""
    return canonical_json(value).decode()


def unfit(item: Raw, reason: str, name: str) -> Bad:
    """Make a bad line of a record that parsed but is no document; `name` is its own id."""
    raw = encode_extra(item.record).encode(errors="replace")[:RAW_LIMIT]
    return Bad(item.row, item.line, reason, raw, name)


def make_dropped(row: int, document: Document, stage: str, verdict: Verdict, raw: bytes) -> Dropped:
    """Make the ledger row of a verdict; `raw` is the digest of the content under the document's id."""
    return Dropped(
        row=row,
        id=document.id,
        stage=stage,
        reason=verdict.reason,
        detail=compact(verdict.detail),
        raw=raw,
    )
