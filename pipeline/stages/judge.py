"""Judge one record by itself: licence, opt-out, redaction, filters, tags, scores, and the line it would become."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from filters.decontam import Protected
from filters.document import Document, Verdict, also
from filters.licenses.spdx import classify, strictness
from filters.optout import OptOutFilter, Request
from filters.owners import owner_key
from filters.quality import Measures, score
from filters.redact.redactor import Redactor
from filters.subject_forms import content_swhid
from filters.subject_keys import subject_key
from filters.subjects import Subject
from manifests.addressing import address, shard_of
from manifests.record import Meta, Record, encode
from pipeline.config import Source
from pipeline.filtering import STAGE as FILTERED
from pipeline.filtering import Opened
from pipeline.sources.fields import encode_extra, field_map, own_id
from pipeline.sources.records import Bad, Raw
from pipeline.spill import UNCUT
from pipeline.stages.accounts import audited, compact, counted, make_dropped, placed, unfit
from pipeline.stages.blocks import Tally
from pipeline.stages.document_reading import read_document
from pipeline.stages.emitted_ids import emitted
from pipeline.stages.ghosts import ghost_request, make_ghost, make_shadow, protection
from pipeline.stages.licensing import Licensing, clean_place, is_credible
from pipeline.stages.part_writer import Dropped, Passed
from pipeline.stages.shown_ids import is_address
from pipeline.tagging import Tags, tag

if TYPE_CHECKING:
    from filters.licenses.resolve import Resolution
    from filters.redact.edits import Redaction

Outcome = Passed | Dropped | Bad

_PRIORITY_OFFSET = 1 << 31  # priorities may be negative
_STRICTEST = 255
HOLDS = "holds"  # the reason of a drop at redaction: a type that the config wants no document of
_SILENT = {"unknown", "unstated"}
_SHORT = 64  # code points of a string that is remembered, and how many are
_REMEMBERED = 1 << 14


class Judge(msgspec.Struct, frozen=True, kw_only=True):
    """The filters of one screen task."""

    source: Source
    licensing: Licensing
    optout: OptOutFilter | None
    redactor: Redactor
    measures: Measures | None = None
    filters: tuple[Opened, ...] = ()
    decontam: tuple[Protected, ...] = ()
    seed: int
    shards: int
    tally: Tally
    renamed: set[int] = msgspec.field(
        default_factory=set
    )  # keys of what redacted texts are called by
    quiet: set[str] = msgspec.field(
        default_factory=set
    )  # short strings that hold nothing to redact
    whole: dict[str, str] = msgspec.field(default_factory=dict)  # the last text, and it redacted
    shown: dict[str, Document] = msgspec.field(
        default_factory=dict
    )  # the last document of questions by the id that it was read under

    def take(self, item: Raw) -> list[Outcome]:
        """Judge one record. An opted-out one whose copies go too is both dropped and a ghost."""
        read = read_document(self.source, item, partial(is_address, self.redactor))
        if isinstance(read, str):
            return [unfit(item, read, own_id(item.record, field_map(self.source.fields)))]
        self.tally.count_odd(item.odd)
        redaction, document = None, read
        # a refused one, too, is named in the ledger by what redaction leaves of it
        if read.derived:
            redaction = self.redactor.redact(read.text)
            document = emitted(self, read, redaction.text)
        if item.drop:
            return [make_dropped(item.row, document, "read", Verdict(False, item.drop), b"")]
        self.tally.count_text(read.text)
        # no other content can have the id of what is emitted
        raw = bytes.fromhex(read.sha256) if document.id == read.id else b""
        found = self.licensing.resolve(document)
        document = msgspec.structs.replace(document, license=found.expression)
        dropped, ghost = self.claims(item.row, document, found, raw)
        shadows = dropped is not None and dropped.stage == "license" and is_credible(found)
        if dropped is not None and ghost is None and self.optout is None and not shadows:
            return [dropped]
        if redaction is None:
            redaction = self.redactor.redact(document.text)
        clean = msgspec.structs.replace(document, text=redaction.text)
        if ghost is None and redaction.edits:
            again, ghost = self.claims_again(item.row, clean, found, raw)
            dropped = dropped or again
        dropped = dropped or self.refused(item.row, clean, redaction, raw)
        dropped = dropped or self.changed(item.row, clean, found, redaction, raw)
        dropped = dropped or self.filtered(item.row, clean, raw)
        dropped = dropped or self.leaked(item.row, document, clean.text, raw)
        if dropped is None:
            return [self._passed(item, document.text, clean, found, redaction, raw)]
        if ghost is not None:
            return [dropped, make_ghost(item.row, document, clean, ghost, dropped.raw)]
        return [dropped, make_shadow(item.row, clean, raw)] if shadows else [dropped]

    def claims_again(
        self, row: int, clean: Document, found: Resolution, raw: bytes
    ) -> tuple[Dropped | None, Request | None]:
        """Ask the registry about the redacted text: who takes a digest from a release has that of this one."""
        if self.optout is None:
            return None, None
        emitted = hashlib.sha256(clean.text.encode()).hexdigest()
        clean = msgspec.structs.replace(clean, sha256=emitted)
        for work in (clean, *(each for each in clean.origins if each.text)):
            self.renamed.add(subject_key(Subject("sha256", work.sha256)))
            self.renamed.add(subject_key(Subject("swhid", content_swhid(work.text.encode()))))
        return self.claims(row, clean, found, raw)

    def claims(
        self, row: int, document: Document, found: Resolution, raw: bytes
    ) -> tuple[Dropped | None, Request | None]:
        """Judge licence first, then opt-out.

        The registry is asked in any case: an opted-out document under a refused licence still takes
        its copies along. The second value is the request that makes it a ghost.
        """
        requests = self.optout.match(document) if self.optout is not None else ()
        ghost = ghost_request(requests)
        verdict = self.licensing.judge(found)
        if not verdict.keep:
            return make_dropped(row, document, "license", verdict, raw), ghost
        if self.optout is not None and requests:
            verdict = self.optout.judge(document)
            protected = "" if ghost is None else protection(document, found)
            if protected:
                ghost, verdict = None, also(verdict, protected=protected)
            # who has the id that is opted out goes, whoever else has it: that is no mistake of the input
            told = b"" if verdict.reason == "id" else raw
            return make_dropped(row, document, "optout", verdict, told), ghost
        return None, None

    def changed(
        self, row: int, document: Document, found: Resolution, redaction: Redaction, raw: bytes
    ) -> Dropped | None:
        """Drop a work that may be passed on only as it is, and is not as it was."""
        how = self.licensing.changed(found, document, redaction)
        if not how:
            return None
        verdict = Verdict(False, how, self.licensing.account(found))
        return make_dropped(row, document, "license", verdict, raw)

    def refused(
        self, row: int, document: Document, redaction: Redaction, raw: bytes
    ) -> Dropped | None:
        """Drop a document that holds a type for which the config wants it dropped as a whole."""
        if not redaction.refused:
            return None
        verdict = Verdict(False, f"{HOLDS}:{redaction.refused}", counted(redaction))
        return make_dropped(row, document, "redact", verdict, raw)

    def filtered(self, row: int, document: Document, raw: bytes) -> Dropped | None:
        """Drop what a filter of a plug-in refuses, for the first that does: they see the text after redaction."""
        for each in self.filters:
            verdict = each.judge(document)
            if not verdict.keep:
                return make_dropped(row, document, FILTERED, verdict, raw)
        return None

    def leaked(self, row: int, document: Document, clean: str, raw: bytes) -> Dropped | None:
        """Drop what is in a protected set.

        `document` is as it was read, since redaction may part a passage; `clean` is its text after
        redaction, as questions are that the release holds out.
        """
        for each in self.decontam:
            verdict = each.judge(document)
            if verdict.keep and clean != document.text:
                verdict = each.judge(msgspec.structs.replace(document, text=clean))
            if not verdict.keep:
                # who goes for its id has that of a question of this very run: it is no mistake of the input
                told = b"" if verdict.reason.startswith("id:") else raw
                return make_dropped(row, document, "decontam", verdict, told)
        return None

    def _passed(
        self,
        item: Raw,
        text: str,
        clean: Document,
        found: Resolution,
        redaction: Redaction,
        raw: bytes,
    ) -> Passed:
        odd = {"odd": list(item.odd)} if item.odd else {}
        tags = tag(clean)
        record = self._record(text, clean, tags, redaction, odd)
        return Passed(
            row=item.row,
            id=clean.id,
            text=clean.text,
            content=bytes.fromhex(record.sha256),
            raw=raw,
            rank=self.rank(clean),
            line=encode(record),
            bucket=self.bucket(clean.id),
            repo=record.meta.repo,
            owner=owner_key(clean),
            scored=None if self.measures is None else score(clean.text, tags, self.measures),
            flags=UNCUT if self.licensing.is_unmodified(found) else 0,
            detail=compact(
                {"license": self.licensing.account(found)}
                | audited(self.redactor, redaction, text, clean.id)
                | odd
            ),
        )

    def _record(
        self, text: str, clean: Document, tags: Tags, redaction: Redaction, odd: dict[str, Any]
    ) -> Record:
        """Make the release's record; `text` is that before redaction."""
        scope = self.redactor.scope_of(text)
        digest = bytes.fromhex(clean.sha256)
        if redaction.edits:
            digest = hashlib.sha256(clean.text.encode()).digest()
        flags = {name: True for name in ("vendored", "generated") if getattr(tags, name)}
        return Record(
            id=clean.id,
            text=clean.text,
            source=clean.source,
            license=clean.license,
            language=tags.language,
            url=self.claim(clean.url, scope),
            created=self.carried(clean.created, scope),
            sha256=digest.hex(),
            meta=Meta(
                pile_set_name=clean.source,
                repo=self.claim(clean.repo, scope),
                path=self.claim(clean.path, scope),
                natural_language=tags.natural_language,
                redactions=compact(placed(redaction)),
                extra=encode_extra({**self.carried(clean.extra, scope), **flags, **odd}),
            ),
        )

    def rank(self, document: Document) -> int:
        """Survivor order, first part; less wins: the strictest licence, the source's priority, any licence.

        A copy under a stricter licence outlives one under a laxer, so no licence is laundered; with
        the same priority one that states its licence outlives one that does not.
        """
        strict = _STRICTEST - strictness(document.license)
        silent = classify(document.license) in _SILENT
        return strict << 40 | (self.source.priority + _PRIORITY_OFFSET) << 1 | silent

    def claim(self, text: str, scope: str) -> str:
        """Redact a URL, repository or path where it may hold an address or a credential."""
        return clean_place(self.redactor, text, scope)

    def carried(self, value: Any, scope: str) -> Any:
        """Redact every string in what a record carries along; its shape stays.

        `scope` is that of the document's text: what stands in both becomes the same surrogate.
        """
        if isinstance(value, str):
            return self._clean(value, scope)
        if isinstance(value, dict):
            return self._carried_object(value, scope)
        if isinstance(value, list):
            return [self.carried(inner, scope) for inner in value]
        return value

    def _carried_object(self, value: dict[str, Any], scope: str) -> dict[str, Any]:
        """Redact keys as well; those that become the same are numbered in their order."""
        carried: dict[str, Any] = {}
        for key in sorted(value):
            name = clean = self._clean(key, scope)
            number = 1
            while name in carried:
                number += 1
                name = f"{clean}#{number}"
            carried[name] = self.carried(value[key], scope)
        return carried

    def _clean(self, text: str, scope: str) -> str:
        """Redact a string; what nothing is found in, in no scope, is remembered: keys and versions return."""
        if text in self.quiet:
            return text
        done = self.redactor.redact(text, scope)
        if not done.edits and len(text) <= _SHORT and len(self.quiet) < _REMEMBERED:
            self.quiet.add(text)
        return done.text

    def redact_whole(self, text: str) -> str:
        """Redact a text that many records in a row are pieces of; the last one is remembered."""
        if text not in self.whole:
            self.whole.clear()
            self.whole[text] = self.redactor.redact(text).text
        return self.whole[text]

    def bucket(self, name: str) -> int:
        """Find the output shard of an id."""
        return shard_of(address(self.seed, name), self.shards)
