"""Sign: one input in, one part out that holds no text; for removing duplicates and nothing else.

Where `screen` judges a record by all filters, here its text is taken as it is, in Unicode NFC. The
part borrows its lines from the input, so what is kept later is the line that came in.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from unicodedata import normalize

import msgspec

from pipeline.config import Source
from pipeline.dedup.anchors import AnchorSpec
from pipeline.dedup.spec import SignatureSpec
from pipeline.plan import read_input
from pipeline.sources.records import Bad, Damage, Item, Raw
from pipeline.stages.blocks import Tally, blocks
from pipeline.stages.part import BORROWED, Borrowed, pick
from pipeline.stages.part_writer import PartWriter, Passed

if TYPE_CHECKING:
    from pipeline.engine.task import Context
    from pipeline.engine.work import Record


class SignSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One input; `source` maps the names of text and id and has no paths."""

    path: str
    sha256: str
    etag: str = ""
    source: Source
    signature: SignatureSpec
    anchors: AnchorSpec | None
    max_record_mib: int

    @property
    def text(self) -> str:
        """The key of the text, dotted where it is nested."""
        return self.source.fields.get("text", "text")


def sign_input(spec: SignSpec, context: Context) -> Record:
    """Sign one input; the record counts what was read and the UTF-8 bytes of its text."""
    limit = spec.max_record_mib << 20
    part = PartWriter(context.out, spec.signature, anchors=spec.anchors)
    tally = Tally()
    read = 0
    items = read_input(context.root, spec.path, spec.source, max_record=limit, etag=spec.etag)
    for block in blocks((_take(spec, item, tally) for item in items), _size):
        bad = [item for item in block if not isinstance(item, Passed)]
        passed = [item for item in block if isinstance(item, Passed)]
        part.write(passed, [part.quarantine(item, spec.path, "read") for item in bad])
        read += len(block)
    borrowed = Borrowed(spec.path, spec.text, limit, spec.etag)
    (context.out / BORROWED).write_bytes(msgspec.json.encode(borrowed))
    return part.close() | {"read": read, "text_bytes": tally.text_bytes}


def _take(spec: SignSpec, item: Item, tally: Tally) -> Passed | Bad | Damage:
    """Take a record's text and id; a record without text is a bad line."""
    if not isinstance(item, Raw):
        return item
    key = spec.text
    raw = pick(item.record, key)
    if not isinstance(raw, str):
        return Bad(item.row, item.line, "text-missing" if raw is None else "text-type", b"")
    text = raw if raw.isascii() else normalize("NFC", raw)
    name = pick(item.record, spec.source.fields.get("id", "id"))
    known = isinstance(name, str | int) and not isinstance(name, bool) and name != ""
    # among equal texts the rest of the record decides, not its file; a spelling that NFC changed is in it
    rest = {
        other: value for other, value in item.record.items() if other != key or value is not text
    }
    encoded = text.encode()
    tally.text_bytes += len(encoded)
    return Passed(
        row=item.row,
        id=str(name) if known else f"{spec.path}#{item.row}",
        text=text,
        content=hashlib.sha256(encoded).digest(),
        raw=b"",
        rank=0,
        line=b"",
        bucket=0,
        tie=msgspec.json.encode(rest),
    )


def _size(item: Passed | Bad | Damage) -> int:
    return len(item.text) if isinstance(item, Passed) else 0
