"""Judge files or records as a run would, without one: the same filters, nothing written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.document import Document, Filter
from filters.licenses.attributes import attributes
from filters.licenses.tree import place_kind, read_place
from filters.optout import OptOutFilter
from filters.quality import Measures, QualityFilter, Scored, score
from filters.redact.redactor import Redactor
from filters.subjects import content_swhid
from pipeline.config import Config, Source, load_config
from pipeline.detector import open_matcher
from pipeline.errors import ConfigError, InputError, at
from pipeline.filtering import STAGE as FILTERED
from pipeline.filtering import Opened, open_filters
from pipeline.gate import open_gate
from pipeline.plan import sources_by_path
from pipeline.policy_file import open_licenses
from pipeline.redaction import Redact, open_redactor
from pipeline.sources import read
from pipeline.sources.fields import field_map, nfc, paper_text, to_document
from pipeline.sources.records import Raw
from pipeline.stages.judge import HOLDS
from pipeline.stages.licensing import RECORDING, Licensing
from pipeline.stages.survey import survey_file
from pipeline.stages.trees import Trees
from pipeline.tagging import Tags, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.licenses.resolve import Resolution
    from filters.redact.edits import Edit, Redaction

_SHARDS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst", ".parquet")
_HERE: Final = "."  # the repository that a folder is
_NO_SOURCE: Final = Source(name="inspect")


class Inspector(msgspec.Struct, frozen=True):
    """The filters of a config, or their defaults."""

    licensing: Licensing
    optout: OptOutFilter | None
    redactor: Redactor
    quality: tuple[QualityFilter, ...] = ()
    measures: Measures = Measures()
    filters: tuple[Opened, ...] = ()

    def judge(self, path: str, document: Document) -> dict[str, Any]:
        """Say everything that a run would find; spans are code points of the text before any edit."""
        tags = tag(document)
        found = self.licensing.resolve(document)
        document = msgspec.structs.replace(document, license=found.expression)
        redaction = self.redactor.redact(document.text)
        scored = score(redaction.text, tags, self.measures)
        verdict, reason = self._verdict(document, found, redaction, scored)
        return {
            "path": path,
            "id": document.id,
            "sha256": document.sha256,
            "swhid": content_swhid(document.text.encode()),
            **_tagged(tags),
            "license": self.explain(found),
            "redactions": [_placed(document.text, edit) for edit in redaction.edits],
            "quality": scored.figures,
            "verdict": verdict,
            "reason": reason,
        }

    def explain(self, found: Resolution) -> dict[str, Any]:
        """Say what the licence is, what the policy makes of it, and all the evidence."""
        decided = self.licensing.filter.decide(found.expression, found.outcome)
        return {
            "expression": decided.expression,
            "class": decided.license_class,
            "decision": decided.decision,
            "elected": decided.elected,
            "outcome": found.outcome,
            "decided_by": found.rule,
            "conflict": found.conflict,
            "boundary": found.boundary,
            "attributes": list(attributes(found.expression)),
            "evidence": found.shown(),
        }

    def _verdict(
        self, document: Document, found: Resolution, redaction: Redaction, scored: Scored
    ) -> tuple[str, str]:
        """Apply the filters in the order of the screen."""
        digest = hashlib.sha256(redaction.text.encode()).hexdigest()
        clean = msgspec.structs.replace(document, text=redaction.text, sha256=digest)
        optout: tuple[Filter, ...] = () if self.optout is None else (self.optout,)
        licensed = self.licensing.judge(found)
        reason = "" if licensed.keep else f"license:{licensed.reason}"
        reason = reason or _objection(document, optout) or _objection(clean, optout)
        if not reason and redaction.refused:
            reason = f"redact:{HOLDS}:{redaction.refused}"
        if not reason and (changed := self.licensing.changed(found, document, redaction)):
            reason = f"license:{changed}"
        for filter_ in () if reason else self.filters:
            refused = filter_.judge(clean)
            reason = reason or ("" if refused.keep else f"{FILTERED}:{refused.reason}")
        for each in self.quality:
            judged = each.judge_scored(scored)
            reason = reason or ("" if judged.keep else f"{each.stage}:{judged.reason}")
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
    """Judge each file, each file of a folder, or each record of a shard.

    What a config says of a shard's source holds for it. A folder is a repository: its licence files
    and manifests speak for the files below them.

    Raises:
        ConfigError: before anything is judged, when a path is not there.
        InputError: after all the others, when some could not be judged; each is named.
    """
    absent = [at("inspect", path, "is not there") for path in paths if not Path(path).exists()]
    if absent:
        raise ConfigError("\n".join(absent))
    config = None if config_path is None else load_config(config_path)
    root = Path() if config_path is None else config_path.resolve().parent
    inspector = _inspector(config, root)
    sources = {} if config is None else sources_by_path(config, root)
    problems: list[str] = []
    for path in paths:
        source = sources.get(Path(path).resolve(), _NO_SOURCE)
        for where, trees, document in _documents(path, source, problems):
            licensing = msgspec.structs.replace(inspector.licensing, trees=trees)
            yield msgspec.structs.replace(inspector, licensing=licensing).judge(where, document)
    if problems:
        raise InputError("\n".join(problems))


def _documents(
    path: str, source: Source, problems: list[str]
) -> Iterator[tuple[str, Trees, Document]]:
    """Yield each document of a path with the name to show and what speaks for it."""
    if Path(path).is_dir():
        yield from _folder(Path(path))
    elif path.endswith(_SHARDS) or source is not _NO_SOURCE:
        trees = Trees(survey_file(Path(path), source))
        yield from ((path, trees, document) for document in _records(path, source, problems))
    else:
        yield from ((path, Trees({}), document) for document in _file(path, problems))


def _folder(folder: Path) -> Iterator[tuple[str, Trees, Document]]:
    """Take the text files of a folder as the documents of one repository, by path; hidden ones are evidence alone."""
    names = sorted(
        (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()),
        key=str.encode,
    )
    places = [
        read_place(name, paper_text((folder / name).read_bytes()), open_matcher())
        for name in names
        if ".git/" not in f"{name}/" and place_kind(name) is not None
    ]
    trees = Trees({_HERE: [each for each in places if each is not None]})
    for name in names:
        text = None if _is_hidden(name) else _text(folder / name)
        if text is not None:
            shown = str(folder / name)
            yield shown, trees, msgspec.structs.replace(_document(text, name), repo=_HERE)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _text(path: Path) -> str | None:
    """Read a text file of a folder; what is no text is no document."""
    try:
        text = nfc(path.read_bytes().decode())
    except (OSError, UnicodeDecodeError):
        return None
    return None if "\0" in text else text


def _inspector(config: Config | None, root: Path) -> Inspector:
    if config is None:
        return Inspector(Licensing(), None, open_redactor(Redact(), root))
    gate = open_gate(config, root)
    licenses = open_licenses(config, root)
    return Inspector(
        Licensing(filter=licenses.filter or RECORDING, decisions=licenses.decisions),
        None if gate is None else gate.filter,
        open_redactor(config.redact, root),
        tuple(each for _, each in config.quality.chosen),
        config.quality.measures or Measures(),
        open_filters(config.filters),
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
    yield _document(text, path)


def _document(text: str, path: str) -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(id=digest[:32], text=text, sha256=digest, source="inspect", path=path)


def _records(path: str, source: Source, problems: list[str]) -> Iterator[Document]:
    fields = field_map(source.fields)
    for item in read(Path(path), "parquet" if path.endswith(".parquet") else "jsonl"):
        document = (
            to_document(
                item.record,
                source=source.name,
                license_claim=source.license,
                fields=fields,
                id_prefix=source.id_prefix,
                kind=source.data_kind,
            )
            if isinstance(item, Raw)
            else item.reason
        )
        if isinstance(document, Document):
            yield document
        else:
            problems.append(at("inspect", path, document, line=getattr(item, "line", None)))
