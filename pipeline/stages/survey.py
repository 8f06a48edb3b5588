"""Survey: what the licence files and manifests of one input say, by repository, before anything is judged.

A document's licence may stand in another record, or in another shard: so the records whose names
promise evidence are read first, and every repository that an input has records of is noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from filters.licenses.tree import Place, read_place
from filters.repos import canonical_repo
from filters.urls import SubjectError
from manifests.manifest import Plugin
from pipeline.config import Source
from pipeline.detector import open_matcher
from pipeline.plan import read_input, read_papers
from pipeline.plugins import require
from pipeline.sources.fields import field_map
from pipeline.sources.file import input_file
from pipeline.sources.formats import adapter_of, asks
from pipeline.sources.glance import Sight, glance, sights
from pipeline.sources.records import MAX_RECORD
from pipeline.sources.stretch import WHOLE, Stretch
from pipeline.sources.trees.files import may_speak

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

PLACES, REPOSITORIES = "places.bin", "repositories.bin"
Survey = dict[str, list[Place]]


class SurveySpec(msgspec.Struct, frozen=True, kw_only=True):
    """The input; `source` has no paths. `plugins` is what reads it, where that is of another package."""

    path: str
    sha256: str
    source: Source
    stretch: Stretch = WHOLE
    etag: str = ""
    plugins: tuple[Plugin, ...] = ()
    max_record_mib: int


def survey(spec: SurveySpec, context: Context) -> Record:
    """Write the places of each repository, and the names of all repositories."""
    require(spec.plugins, "survey")
    found: Survey = {}
    repositories: set[str] = set()
    for repository, path, text in _files(spec, context):
        repositories.add(repository)
        place = None if text is None else read_place(path, text, open_matcher())
        if place is not None:
            found.setdefault(repository, []).append(place)
    ordered = {name: found[name] for name in sorted(found)}
    (context.out / PLACES).write_bytes(msgspec.msgpack.encode(ordered))
    (context.out / REPOSITORIES).write_bytes(msgspec.msgpack.encode(sorted(repositories)))
    return {"places": sum(map(len, found.values())), "repositories": len(repositories)}


def survey_file(path: Path, source: Source) -> Survey:
    """Survey one file of JSON lines or parquet by itself."""
    found: Survey = {}
    fields = field_map(source.fields)
    for sight in glance(path, fields, may_speak, max_record=MAX_RECORD):
        place = None if sight.text is None else read_place(sight.path, sight.text, open_matcher())
        if place is not None:
            found.setdefault(repository_key(sight.repo), []).append(place)
    found.pop("", None)
    return found


def _files(spec: SurveySpec, context: Context) -> Iterator[tuple[str, str, str | None]]:
    """Yield repository, path and, of a file that may speak of others, the text."""
    source = spec.source
    papers = read_papers(spec.path, source)
    if papers is not None:
        for path, text in papers:
            yield spec.path, path, text
    elif not asks(source.format):
        home = home_of(source, spec.path)
        for sight in _sights(spec, context):
            repository = repository_key(sight.repo) or home
            if repository:
                yield repository, sight.path, sight.text


def _sights(spec: SurveySpec, context: Context) -> Iterator[Sight]:
    """Look through the input: of JSON lines only what names the place of a record is decoded."""
    source, limit = spec.source, spec.max_record_mib << 20
    fields = field_map(source.fields)
    if source.format == "jsonl":
        place = input_file(context.root, spec.path, spec.etag)
        return glance(place, fields, may_speak, max_record=limit, stretch=spec.stretch)
    items = read_input(
        context.root,
        spec.path,
        source,
        max_record=limit,
        stretch=spec.stretch,
        etag=spec.etag,
        wanted=may_speak,
    )
    return sights(items, fields, may_speak)


def home_of(source: Source, path: str) -> str:
    """Return the key of the repository that the records of an input are of where they name none.

    That is the input itself where its files are those of one tree, else there is none.
    """
    return path if adapter_of(source.format).is_tree else ""


def repository_key(repo: str) -> str:
    """Bring a repository's name to one spelling; one that is no URL stays as it is."""
    if not repo:
        return ""
    try:
        return canonical_repo(repo)
    except SubjectError:
        return repo


def read_survey(data: bytes) -> Survey:
    """Read `places.bin`, or a file of trees."""
    return msgspec.msgpack.decode(data, type=Survey)
