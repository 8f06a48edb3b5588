"""Trees: the licence evidence that each input needs, gathered from the surveys of its source.

Most repositories lie in one input whole. Of those that are spread over several, each input gets what
all of them say. What an input gets is named by its digest, so an input whose evidence is the same as
in the last run is not screened again.
"""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from filters.licenses.tree import EMPTY, Tree
from pipeline.stages.survey import PLACES, REPOSITORIES, Survey, read_survey

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.engine.task import Context
    from pipeline.engine.work import Files, Folder, Record, Work

_KIND = "evidence"


class TreesSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The finished surveys of all inputs, with the source of each."""

    surveys: tuple[tuple[str, str], ...]


def trees(spec: TreesSpec, context: Context) -> Record:
    """Write a file for each input that has evidence; the record lists their digests, `""` for none."""
    digests: list[str] = []
    for source in dict.fromkeys(source for source, _ in spec.surveys):
        folders = [context.folder("survey", name) for own, name in spec.surveys if own == source]
        shared = _shared(folders)
        digests += [_write(context.out, _of(folder, shared)) for folder in folders]
    return {"trees": digests}


def _shared(folders: list[Folder]) -> Survey:
    """Collect the places of the repositories that several inputs have records of."""
    if len(folders) == 1:
        return {}
    counts = Counter(name for folder in folders for name in _names(folder))
    spread = {name for name, count in counts.items() if count > 1}
    shared: Survey = {}
    for folder in folders if spread else ():
        for name, places in read_survey((folder / PLACES).read_bytes()).items():
            if name in spread:
                shared.setdefault(name, []).extend(places)
    return shared


def _names(folder: Files) -> list[str]:
    return msgspec.msgpack.decode((folder / REPOSITORIES).read_bytes(), type=list[str])


def _of(folder: Files, shared: Survey) -> Survey:
    own = read_survey((folder / PLACES).read_bytes())
    if not shared:
        return own
    wanted = {name: shared[name] for name in _names(folder) if name in shared}
    both = own | wanted
    return {name: sorted(both[name], key=_by_path) for name in sorted(both)}


def _by_path(place: object) -> bytes:
    return msgspec.json.encode(place, order="deterministic")


def _write(out: Path, survey: Survey) -> str:
    if not survey:
        return ""
    data = msgspec.msgpack.encode(survey)
    digest = hashlib.sha256(data).hexdigest()
    (out / digest).write_bytes(data)
    return digest


def keep_trees(work: Work, finished: Files, digests: list[str]) -> None:
    """Leave the files of a finished task where the screen finds them by digest alone."""
    for digest in filter(None, dict.fromkeys(digests)):
        if not work.find(_KIND, digest).exists():
            work.leave(_KIND, digest, [(finished / digest).read_bytes()])


class Trees:
    """The trees of one input, each built when a document of its repository comes."""

    def __init__(self, survey: Survey) -> None:
        """Hold the places; `survey` is by repository."""
        self._survey = survey
        self._tree = functools.lru_cache(maxsize=64)(self._build)

    def of(self, repository: str) -> Tree:
        """Return the tree of a repository, an empty one where nothing is known."""
        return self._tree(repository) if repository in self._survey else EMPTY

    def _build(self, repository: str) -> Tree:
        return Tree(self._survey[repository])


def open_trees(work: Work, digest: str) -> Trees:
    """Load the trees of an input."""
    return Trees(read_survey(work.find(_KIND, digest).read_bytes()) if digest else {})
