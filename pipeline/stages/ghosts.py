"""Ghosts: what a document that must go leaves behind for its copies to be found by.

A ghost has the digest, the signature and the shingles of its text, and never the text itself.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from filters.origin import is_generated
from filters.owners import owner_key
from pipeline.spill import GHOST, REFUSED
from pipeline.stages.part_writer import Passed

if TYPE_CHECKING:
    from filters.document import Document
    from filters.licenses.resolve import Resolution
    from filters.optout import Request

_MOSTLY: Final = 0.8  # of a text: with a copyright line of its own it is still the licence's


def ghost_request(requests: tuple[Request, ...]) -> Request | None:
    """Pick the request that reaches furthest: near before exact; `none` makes no ghost."""
    for scope in ("near", "exact"):
        for request in requests:
            if request.copies == scope:
                return request
    return None


def protection(document: Document, found: Resolution) -> str:
    """Say why an opted-out text speaks for no copy of it, `""` where it does.

    The text of a licence is everybody's, and what a tool generates comes out alike for all who use it.
    """
    own = [each for each in found.evidence if each.kind == "text" and not each.path]
    if own and sum(each.end - each.start for each in own) >= _MOSTLY * len(document.text):
        return "license-text"
    return "generated" if is_generated(document.path, document.text) else ""


def make_ghost(
    row: int, document: Document, clean: Document, request: Request, raw: bytes
) -> Passed:
    """Keep of an opted-out document what its copies are found by; `clean` is it after redaction.

    A text that no near copy is sought of is left out.
    """
    return Passed(
        row=row,
        id=clean.id,
        text=clean.text if request.copies == "near" else "",
        content=hashlib.sha256(clean.text.encode()).digest(),
        raw=raw,
        rank=0,
        line=b"",
        bucket=0,
        flags=GHOST,
        request=request.request,
        owner=owner_key(document),
    )


def make_shadow(row: int, clean: Document, raw: bytes) -> Passed:
    """Keep of a document under a refused licence what its copies are found by, so that no copy passes for free."""
    return Passed(
        row=row,
        id=clean.id,
        text="",
        content=hashlib.sha256(clean.text.encode()).digest(),
        raw=raw,
        rank=1,  # a request that takes the copies is named before a licence that does
        line=b"",
        bucket=0,
        flags=GHOST | REFUSED,
        request=clean.license,
    )
