"""What says which licence a document is under: one finding, where it stands, and how sure it is."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Kind = Literal["tag", "notice", "text", "reuse", "metadata", "claim", "decision"]
# How the search for a licence ended: with one, with none, with words of one that cannot be told, or
# with an error.
Outcome = Literal["found", "none", "unrecognised", "failed"]
Note = Literal["", "modified", "family", "partial", "bundled", "part"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One finding.

    `kind`: `tag` an SPDX-License-Identifier line, `notice` a sentence that names a licence, `text`
    a licence's own words, `reuse` REUSE.toml or .reuse/dep5, `metadata` a package's manifest,
    `claim` what the record or its source says, `decision` a person's. `expression` is normalised,
    `NOASSERTION` where words speak of a licence and which one cannot be told. `start` and `end` are
    code points of the NFC text of `path`, which is `""` for the document itself. `score` is 1 for
    what was read and the similarity for what was compared. `note`: the text is `modified`, the
    licence is one of a `family` whose members share the words (GPL "only" and "or later"), or
    `partial`, where only a piece of the text is there, or `bundled`: it is that of a part which a licence
    file lists behind the licence of the whole. `part`: the words speak of a part of the document.
    """

    kind: Kind
    expression: str
    start: int = 0
    end: int = 0
    score: float = 1.0
    note: Note = ""
    path: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what `inspect` and the ledger show, without what is empty."""
        shown = {"kind": self.kind, "expression": self.expression, "score": round(self.score, 4)}
        where = {"path": self.path} if self.path else {}
        span = {"start": self.start, "end": self.end} if self.end else {}
        return {**where, **shown, **span, **({"note": self.note} if self.note else {})}
