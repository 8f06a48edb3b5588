"""Review: one input's part in, the groups of its documents whose licence a person should look at out.

The part says how each licence was found; where a document lies is read once more from the input, and
only of inputs that have something to review. Counted are the records of the input, before duplicates
go. What its owner opted out is on no list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import orjson

from filters.document import Document
from filters.licenses.spdx import NOASSERTION
from filters.redact.redactor import Redactor
from pipeline.config import Source
from pipeline.plan import is_package, read_input
from pipeline.redaction import Redact, open_redactor
from pipeline.sources.formats import asks
from pipeline.sources.records import Raw
from pipeline.sources.stretch import WHOLE, Stretch
from pipeline.spill import GHOST, REFUSED, read_frames
from pipeline.stages.document_reading import read_document
from pipeline.stages.licensing import digest_of_redacted
from pipeline.stages.part import DROPPED, LINES, ROWS, PartRef, read_stream, values
from pipeline.stages.question_reading import read_question
from pipeline.stages.requests import read_requests
from pipeline.stages.review_list import (
    Account,
    Group,
    Groups,
    Key,
    Reason,
    add,
    deciding,
    merge,
    reason_of,
    strictest,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    import pyarrow as pa

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Folder, Record

GROUPS: Final = "groups.bin"
_ACCOUNTED: Final = '"decided_by":'


class ReviewSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an input and the input itself; `source` has no paths, `requests` is the digest of the opt-outs."""

    part: PartRef
    path: str
    source: Source
    stretch: Stretch = WHOLE
    etag: str = ""
    requests: str | None
    redact: Redact
    key: str
    max_record_mib: int


class Case(NamedTuple):
    """Why a record is on the list, and the id that the ledger has for it."""

    account: Account
    reason: Reason
    license_class: str
    name: str = ""


def review(spec: ReviewSpec, context: Context) -> Record:
    """Write the groups of one input; the record counts its documents on the list."""
    cases = _cases(spec.part.folder(context))
    optout = None if spec.requests is None else read_requests(context.work, spec.requests)
    redactor = open_redactor(spec.redact, context.root, spec.key) if cases else Redactor("off")
    groups: Groups = {}
    for row, read in _documents(spec, context, cases) if cases else ():
        case = cases[row]
        # where its own id is an address, it may be asked for by that still
        origins = read.origins if case.name == read.id else (read, *read.origins)
        document = msgspec.structs.replace(read, id=case.name, origins=origins)
        if optout is None or optout.judge(document).keep:
            shown = digest_of_redacted(redactor, document.text)
            document = msgspec.structs.replace(document, sha256=shown)
            add(groups, document, case.account, case.reason, case.license_class)
    (context.out / GROUPS).write_bytes(msgspec.msgpack.encode(list(groups.items())))
    return {"documents": sum(group.documents for group in groups.values())}


def gather(folders: Iterable[Files]) -> Groups:
    """Unite the groups of all inputs."""
    found: Groups = {}
    for folder in folders:
        data = (folder / GROUPS).read_bytes()
        merge(found, dict(msgspec.msgpack.decode(data, type=list[tuple[Key, Group]])))
    return found


def _cases(folder: Folder) -> dict[int, Case]:
    """Find by row the records to review: refused ones and those that passed, without opted-out ones."""
    rows = read_stream(folder / ROWS).select(["row", "flags", "detail", "frame", "place"])
    flags = rows["flags"].to_numpy()
    opted_out = set(rows["row"].to_numpy()[(flags & (GHOST | REFUSED)) == GHOST].tolist())
    found = _cases_of_passed(folder, rows)
    dropped = read_stream(folder / DROPPED)
    columns = (values(dropped, name) for name in ("row", "id", "stage", "detail"))
    for row, name, stage, detail in zip(*columns, strict=True):
        if stage == "license" and _ACCOUNTED in detail and row not in opted_out:
            case = case_of(orjson.loads(detail))
            if case is not None:
                found[row] = case._replace(name=name)
    return found


def case_of(account: Account, expression: str = "") -> Case | None:
    """Say why a record is on the list; `expression` is its licence, `""` where only its findings tell."""
    said = sorted({each["expression"] for each in deciding(account)} - {NOASSERTION})
    known = expression or account.get("expression", "")
    reason = reason_of(account, known or " AND ".join(f"({each})" for each in said))
    if reason is None:
        return None
    return Case(account, reason, account.get("class") or strictest([known] if known else said))


def _cases_of_passed(folder: Folder, rows: pa.Table) -> dict[int, Case]:
    """Look at the documents that passed; what their licence came to stands in their line."""
    waiting: dict[int, dict[int, tuple[int, Account]]] = {}
    columns = (values(rows, name) for name in ("row", "flags", "detail", "frame", "place"))
    for row, flags, detail, frame, place in zip(*columns, strict=True):
        if not flags & GHOST and _ACCOUNTED in detail:
            account = orjson.loads(detail)["license"]
            if case_of(account) is not None:
                waiting.setdefault(frame, {})[place] = row, account
    found: dict[int, Case] = {}
    for frame, lines in read_frames(folder.ranged(LINES), waiting):
        for place, (row, account) in waiting[frame].items():
            record = orjson.loads(lines[place])
            case = case_of(account, record["license"])
            if case is not None:
                found[row] = case._replace(name=record["id"])
    return found


def _documents(
    spec: ReviewSpec, context: Context, wanted: Container[int]
) -> Iterator[tuple[int, Document]]:
    """Read some records of the input again, with their rows."""
    source = msgspec.structs.replace(spec.source, license="")  # what the record itself says counts
    limit = spec.max_record_mib << 20
    for item in read_input(
        context.root,
        spec.path,
        spec.source,
        max_record=limit,
        stretch=spec.stretch,
        etag=spec.etag,
    ):
        if not isinstance(item, Raw) or item.row not in wanted:
            continue
        document = _document(item, source)
        if not isinstance(document, Document):
            continue
        if is_package(spec.source) and not document.repo:
            document = msgspec.structs.replace(document, repo=document.url)
        yield item.row, document


def _document(item: Raw, source: Source) -> Document | str:
    """Read a document; of a question that is its context, which was looked through for a licence."""
    if not asks(source.format):
        return read_document(source, item)
    read = read_question(source, item)
    return read if isinstance(read, str) else read.document
