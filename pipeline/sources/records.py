"""What a reader yields: a parsed record, a line that is none, or the damage that ends a shard."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from filters.document import Document
from filters.redact.carried import Carried

MAX_RECORD: Final = 32 << 20
"""Bytes of the longest line that is parsed; a longer one is skipped as `oversize`."""

RAW_LIMIT: Final = 64 << 10
"""Bytes of a bad line that reach the quarantine file."""


class Raw(msgspec.Struct, frozen=True):
    """One record as parsed: JSON values only, integers of any size exact, no NaN or infinity.

    `row` counts the input's non-blank lines from 0, `line` its physical lines from 1; where a line holds
    several questions or none, rows count questions. `drop` is the reason why a sound record gives
    nothing all the same; of a document's record the text may then be missing. `odd` names what is odd of
    it and no reason to drop it. `edited` says that its text is not as it stood in the input. `origins` are
    the works that it was taken from or made of, beside those that its record tells of, and `carried` is
    where its texts were redacted before, in the release whose record this is.
    """

    row: int
    line: int
    record: dict[str, Any]
    drop: str = ""
    odd: tuple[str, ...] = ()
    edited: bool = False
    origins: tuple[Document, ...] = ()
    carried: Carried = Carried()


class Bad(msgspec.Struct, frozen=True):
    """One line that gives no record. `raw` holds its first bytes, for the quarantine file alone.

    `reason` is one of `json`, `utf8`, `surrogate`, `number`, `depth`, `not-object`, `oversize`, `value` (a
    parquet value that JSON has no word for), or of a file of a repository `missing`, `corrupt` (it is not
    what its id says) or `path` (no folder can hold such a name), of a folder's or an archive's `unreadable`,
    `path:` or `member:` and what is wrong with it (docs/sources.md). `name` is the id of what parsed and is
    unfit all the same, where it has one, as it stands there.
    """

    row: int
    line: int
    reason: str
    raw: bytes
    name: str = ""


class Damage(msgspec.Struct, frozen=True):
    """The unreadable rest of a shard, at most one and always last; `row` is the first row lost.

    `reason` is one of `truncated`, `corrupt-frame`, `window`, `dictionary`, `garbage`, `gzip-crc`,
    `format`, `parquet`, `missing-tree`, or of an archive `bomb` or `members`. `detail` says where and what,
    without a byte of the text.
    """

    row: int
    reason: str
    detail: str


Item = Raw | Bad | Damage


class BrokenStreamError(Exception):
    """A decoder met the damage that ends its stream; it never leaves this package."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
