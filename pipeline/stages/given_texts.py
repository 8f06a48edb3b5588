"""Given texts: the texts that opt-out requests were given with, as a part whose only rows are ghosts.

No document of any input need be such a text: its near copies go all the same. Of a text only the
shingles are known, see `pipeline.optout.texts`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.dedup.anchors import AnchorSpec
from pipeline.dedup.shingles import ShingleSets
from pipeline.dedup.spec import SignatureSpec
from pipeline.optout.texts import GivenText
from pipeline.spill import GHOST, GIVEN
from pipeline.stages.part import concatenate
from pipeline.stages.part_writer import PartWriter, Passed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record, Work

_TEXTS = "texts"


class GivenTextsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The texts, by their digest in the work folder, and how documents are compared."""

    texts: str
    signature: SignatureSpec
    anchors: AnchorSpec | None


def save_texts(work: Work, texts: Sequence[GivenText]) -> str:
    """Leave the texts for the task; return the digest that its spec holds."""
    raw = msgspec.msgpack.encode(texts)
    digest = sha256(raw).hexdigest()
    work.leave(_TEXTS, digest, [raw])
    return digest


def read_given(work: Work, digest: str) -> list[GivenText]:
    """Read them."""
    return msgspec.msgpack.decode(work.find(_TEXTS, digest).read_bytes(), type=list[GivenText])


def given_texts(spec: GivenTextsSpec, context: Context) -> Record:
    """Write the part: a ghost for each text, in the order of the requests."""
    texts = read_given(context.work, spec.texts)
    part = PartWriter(context.out, spec.signature, anchors=spec.anchors)
    try:
        sets = ShingleSets(*concatenate([np.frombuffer(each.shingles, "<u8") for each in texts]))
        part.haunt([_ghost(row, each) for row, each in enumerate(texts)], sets, spec.signature)
    finally:
        record = part.close()
    return record


def _ghost(row: int, text: GivenText) -> Passed:
    """Make the row of a text; its digest is that of no document, and without `raw` its id meets no id."""
    return Passed(
        row=row,
        id=text.name,
        text="",
        content=bytes.fromhex(text.value),
        raw=b"",
        rank=0,
        line=b"",
        bucket=0,
        flags=GHOST | GIVEN,
        request=text.request,
    )
