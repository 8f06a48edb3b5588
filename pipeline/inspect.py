"""Judge files or records as a run would, without one: the same filters, nothing written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.document import Document, Filter
from filters.licenses.policy import LicenseFilter
from filters.optout import OptOutFilter
from filters.quality import quality_filters, scores
from filters.redact.redactor import Redactor
from filters.subjects import content_swhid
from filters.tags import Tags, tag
from pipeline.config import Config, Source, load_config
from pipeline.errors import ConfigError, InputError, at
from pipeline.gate import open_gate
from pipeline.plan import sources_by_path
from pipeline.redaction import Redact, open_redactor
from pipeline.sources import read
from pipeline.sources.fields import FieldMap, nfc, to_document
from pipeline.sources.records import Raw
from pipeline.stages.judge import HOLDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.redact.edits import Edit, Redaction

_SHARDS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst", ".parquet")
_NO_SOURCE: Final = Source(name="inspect")


class Inspector(msgspec.Struct, frozen=True):
    """The filters of a config, or their defaults."""

    license: LicenseFilter
    optout: OptOutFilter | None
    redactor: Redactor
    quality: tuple[Filter, ...]

    def judge(self, path: str, document: Document) -> dict[str, Any]:
        """Say everything that a run would find; spans are code points of the text before any edit."""
        tags = tag(document)
        decision = self.license.decide(document.license)
        redaction = self.redactor.redact(document.text)
        verdict, reason = self._verdict(document, redaction)
        return {
            "path": path,
            "id": document.id,
            "sha256": document.sha256,
            "swhid": content_swhid(document.text.encode()),
            **_tagged(tags),
            "license": {
                "expression": decision.expression,
                "class": decision.license_class,
                "decision": decision.decision,
                "evidence": [{"kind": "declared", "expression": decision.expression}]
                if document.license
                else [],
            },
            "redactions": [_placed(document.text, edit) for edit in redaction.edits],
            "quality": scores(document.text),
            "verdict": verdict,
            "reason": reason,
        }

    def _verdict(self, document: Document, redaction: Redaction) -> tuple[str, str]:
        """Apply the filters in the order of the screen."""
        digest = hashlib.sha256(redaction.text.encode()).hexdigest()
        clean = msgspec.structs.replace(document, text=redaction.text, sha256=digest)
        optout: tuple[Filter, ...] = () if self.optout is None else (self.optout,)
        reason = _objection(document, (self.license, *optout)) or _objection(clean, optout)
        if not reason and redaction.refused:
            reason = f"redact:{HOLDS}:{redaction.refused}"
        reason = reason or _objection(clean, self.quality)
        return ("drop", reason) if reason else ("keep", "")


def _objection(document: Document, filters: tuple[Filter, ...]) -> str:
    """Return the stage and reason of the first filter that drops the document."""
    for each in filters:
        verdict = each.judge(document)
        if not verdict.keep:
            return f"{each.stage}:{verdict.reason}"
    return ""


def _placed(text: str, edit: Edit) -> dict[str, Any]:
    """Say where a redaction would be made, by which rule: in code points, and for people by line."""
    return {
        "start": edit.start,
        "end": edit.end,
        "type": edit.type,
        "rule": edit.rule,
        "line": text.count("\n", 0, edit.start) + 1,
        "column": edit.start - text.rfind("\n", 0, edit.start),
    }


def _tagged(tags: Tags) -> dict[str, Any]:
    names = ("language", "natural_language", "vendored", "generated")
    return {name: getattr(tags, name) for name in names}


def inspect_paths(paths: list[str], config_path: Path | None) -> Iterator[dict[str, Any]]:
    """Judge each file, or each record of a shard; what a config says of a shard's source holds for it.

    Raises:
        ConfigError: before anything is judged, when a path is no file.
        InputError: after all the others, when some could not be judged; each is named.
    """
    absent = [
        at("inspect", path, "is no file")
        for path in paths
        if not Path(path).exists() or Path(path).is_dir()
    ]
    if absent:
        raise ConfigError("\n".join(absent))
    config = None if config_path is None else load_config(config_path)
    root = Path() if config_path is None else config_path.resolve().parent
    inspector = _inspector(config, root)
    sources = {} if config is None else sources_by_path(config, root)
    problems: list[str] = []
    for path in paths:
        source = sources.get(Path(path).resolve(), _NO_SOURCE)
        shard = path.endswith(_SHARDS) or source is not _NO_SOURCE
        documents = _records(path, source, problems) if shard else _file(path, problems)
        for document in documents:
            yield inspector.judge(path, document)
    if problems:
        raise InputError("\n".join(problems))


def _inspector(config: Config | None, root: Path) -> Inspector:
    if config is None:
        return Inspector(LicenseFilter(), None, open_redactor(Redact(), root), ())
    gate = open_gate(config, root)
    return Inspector(
        config.license or LicenseFilter(),
        None if gate is None else gate.filter,
        open_redactor(config.redact, root),
        quality_filters(config.quality.filters),
    )


def _file(path: str, problems: list[str]) -> Iterator[Document]:
    """Take a whole file as one document; its id is a digest of the content."""
    try:
        text = nfc(Path(path).read_bytes().decode())
    except OSError as error:
        raise ConfigError(at("inspect", path, error.strerror or "cannot be read")) from error
    except UnicodeDecodeError:
        problems.append(at("inspect", path, "not UTF-8 text"))
        return
    if "\0" in text:
        problems.append(at("inspect", path, "nul"))
        return
    digest = hashlib.sha256(text.encode()).hexdigest()
    yield Document(id=digest[:32], text=text, sha256=digest, source="inspect", path=path)


def _records(path: str, source: Source, problems: list[str]) -> Iterator[Document]:
    fields = FieldMap(**source.fields)
    for item in read(Path(path), "parquet" if path.endswith(".parquet") else "jsonl"):
        document = (
            to_document(
                item.record,
                source=source.name,
                license_claim=source.license,
                fields=fields,
                id_prefix=source.id_prefix,
            )
            if isinstance(item, Raw)
            else item.reason
        )
        if isinstance(document, Document):
            yield document
        else:
            problems.append(at("inspect", path, document, line=getattr(item, "line", None)))
