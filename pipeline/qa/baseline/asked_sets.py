"""The questions that a baseline is trained and tried on, from any number of releases and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from manifests.checksum import sha256_hex
from manifests.manifest import MANIFEST
from pipeline.errors import InputError
from pipeline.published import read_manifest
from pipeline.qa.asked import read_asked
from pipeline.qa.baseline.model_file import Source
from pipeline.sources.fields import spelled_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from filters.qa import Question


class Set(NamedTuple):
    """Questions in the order of their places; `synthetic` ones were left out."""

    questions: list[Question]
    synthetic: int


def read_set(paths: Sequence[Path], splits: Collection[str] = (), *, synthetic: bool = True) -> Set:
    """Read questions of some splits, all if none is named; what has no split belongs to each.

    Raises:
        InputError: a file does not read, one id is there twice, or nothing is left.
        IntegrityError: a release is damaged.
    """
    questions: list[Question] = []
    seen: set[str] = set()
    left_out = 0
    for path in paths:
        for asked in read_asked(path):
            if splits and asked.split and asked.split not in splits:
                continue
            if asked.synthetic and not synthetic:
                left_out += 1
                continue
            if asked.question.id in seen:
                name = spelled_id(asked.question.id)
                raise InputError(f"baseline: {path}: the id {name} is there twice")
            seen.add(asked.question.id)
            questions.append(asked.question)
    if not questions:
        named = f" of split {' or '.join(sorted(splits))}" if splits else ""
        raise InputError(f"baseline: {', '.join(map(str, paths))}: no question{named}")
    return Set(questions, left_out)


def source_of(path: Path) -> Source:
    """Name what questions come from, without its place."""
    if (path / MANIFEST).is_file():
        manifest = read_manifest(path)
        return Source(manifest.name, manifest.version, manifest.content_root)
    return Source(path.name, sha256=sha256_hex(path.read_bytes()))
