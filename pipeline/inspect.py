"""Judge files or records as a run would, without one: the same filters, nothing written."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from filters.document import Document, Filter
from filters.license import LicenseFilter
from filters.optout import OptOutFilter
from filters.quality import quality_filters, scores
from filters.redact import Redactor
from filters.subjects import content_swhid
from filters.tags import Tags, tag
from pipeline.config import Config, load_config
from pipeline.errors import ConfigError, InputError, at
from pipeline.gate import open_gate
from pipeline.sources import read
from pipeline.sources.fields import nfc, to_document
from pipeline.sources.records import Raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SHARDS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst", ".parquet")


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
        verdict, reason = self._verdict(document)
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
            "redactions": [
                msgspec.to_builtins(span) for span in self.redactor.spans(document.text)
            ],
            "quality": scores(document.text),
            "verdict": verdict,
            "reason": reason,
        }

    def _verdict(self, document: Document) -> tuple[str, str]:
        """Apply the filters in the order of the screen."""
        clean = msgspec.structs.replace(document, text=self.redactor.redact(document.text).text)
        optout: tuple[Filter, ...] = () if self.optout is None else (self.optout,)
        for subject, filters in ((document, (self.license, *optout)), (clean, self.quality)):
            for each in filters:
                verdict = each.judge(subject)
                if not verdict.keep:
                    return "drop", f"{each.stage}:{verdict.reason}"
        return "keep", ""


def _tagged(tags: Tags) -> dict[str, Any]:
    names = ("language", "natural_language", "vendored", "generated")
    return {name: getattr(tags, name) for name in names}


def inspect_paths(paths: list[Path], config_path: Path | None) -> Iterator[dict[str, Any]]:
    """Judge each file, or each record of a shard.

    Raises:
        InputError: after all the others, when some could not be judged; each is named.
    """
    inspector = _inspector(config_path)
    problems: list[str] = []
    for path in paths:
        documents = (
            _records(path, problems) if path.name.endswith(_SHARDS) else _file(path, problems)
        )
        for document in documents:
            yield inspector.judge(str(path), document)
    if problems:
        raise InputError("\n".join(problems))


def _inspector(path: Path | None) -> Inspector:
    if path is None:
        return Inspector(LicenseFilter(), None, Redactor(), ())
    config: Config = load_config(path)
    gate = open_gate(config, path.resolve().parent)
    return Inspector(
        config.license or LicenseFilter(),
        None if gate is None else gate.filter,
        config.redact,
        quality_filters(config.quality.filters),
    )


def _file(path: Path, problems: list[str]) -> Iterator[Document]:
    """Take a whole file as one document; its id is a digest of the content."""
    try:
        text = nfc(path.read_bytes().decode())
    except OSError as error:
        raise ConfigError(at("inspect", str(path), error.strerror or "cannot be read")) from error
    except UnicodeDecodeError:
        problems.append(at("inspect", str(path), "not UTF-8 text"))
        return
    digest = hashlib.sha256(text.encode()).hexdigest()
    yield Document(id=digest[:32], text=text, sha256=digest, source="inspect", path=str(path))


def _records(path: Path, problems: list[str]) -> Iterator[Document]:
    for item in read(path, "parquet" if path.suffix == ".parquet" else "jsonl"):
        document = (
            to_document(item.record, source="inspect") if isinstance(item, Raw) else item.reason
        )
        if isinstance(document, Document):
            yield document
        else:
            problems.append(at("inspect", str(path), document, line=getattr(item, "line", None)))
