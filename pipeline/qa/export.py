"""Write the questions of a release in another shape: a folder with a file for each split, seen only when whole.

What may be passed on only as it is (no derivatives) is not written, for another shape is a copy that was
re-written. LICENSES.json says under which licences the rest is, and names every work.
"""

from __future__ import annotations

import shutil
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

import msgspec

from filters.licenses.attributes import attributes, requires_unmodified
from manifests.checksum import sums_text
from manifests.manifest import SUMS
from pipeline.catalog.export import pack_lines
from pipeline.errors import ConfigError
from pipeline.published import read_manifest
from pipeline.qa.released import released, sources_of, splits_of
from pipeline.qa.shapes import Chat, Node, chat, flat, mrqa, squad
from pipeline.release import atomic, listed, whole_folder, write_bytes
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from manifests.manifest import Manifest
    from manifests.record import Question

Format = Literal["squad", "hf", "mrqa", "chat"]
FORMATS: Final = get_args(Format)
LICENSES: Final = "LICENSES.json"
_TEXTS: Final = "LICENSES.md"  # of the release: the texts of its licences


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is exported: `splits` and `sources`, all where none is named, and made questions only if asked for."""

    format: Format
    splits: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    synthetic: bool = False
    chat: Chat = Chat()


class Exported(msgspec.Struct, frozen=True):
    """What came of it: questions by file, and how many were left out by reason."""

    files: dict[str, int]
    left_out: dict[str, int]


class _Work(NamedTuple):
    """What a question is taken from; attribution names it."""

    license: str
    source: str
    title: str
    url: str


class _Books(NamedTuple):
    """What is counted on the way."""

    left_out: Counter[str]
    works: Counter[_Work]


def export(release: Path, wanted: Wanted, folder: Path) -> Exported:
    """Write the export as a new folder. Memory: the questions of one split for squad and mrqa, else one frame.

    Raises:
        ConfigError: there is something at that path, a split or source has no questions, or none is left.
        IntegrityError: the release is damaged.
    """
    splits = _named("split", wanted.splits, splits_of(release))
    _named("source", wanted.sources, sources_of(release))
    if folder.exists() or folder.resolve().is_relative_to(release.resolve()):
        raise ConfigError(f"export: {folder}: is there already, or lies in the release")
    books = _Books(Counter(), Counter())
    files: dict[str, int] = {}
    with whole_folder(folder) as staging:
        for split in splits:
            before = books.works.total()
            name = f"{split}.json" if wanted.format == "squad" else f"{split}.jsonl.zst"
            questions = _kept(release, wanted, split, books)
            first = next(questions, None)
            if first is None:
                continue
            _write(staging / name, wanted, split, chain([first], questions))
            files[name] = books.works.total() - before
        if not files:
            raise ConfigError(f"export: {folder}: no question is left: {_told(books.left_out)}")
        found = Exported(files, dict(sorted(books.left_out.items())))
        write_bytes(staging / LICENSES, _account(read_manifest(release), wanted, found, books))
        if (release / _TEXTS).is_file():
            shutil.copyfile(release / _TEXTS, staging / _TEXTS)
        there = sorted(path.name for path in staging.iterdir())
        sums = {name: listed(staging, name).sha256 for name in there}
        write_bytes(staging / SUMS, sums_text(sums).encode())
    return found


def _named(what: str, given: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    """Return what is named, all where nothing is."""
    for name in given:
        if name not in known:
            raise ConfigError(
                f"export: no question is of the {what} {name!r}{suggestion(name, known)}"
            )
    return sorted(set(given)) or known


def _kept(release: Path, wanted: Wanted, split: str, books: _Books) -> Iterator[Question]:
    """Yield what may and shall be written; the rest is counted."""
    for _, each in released(release, (split,), wanted.sources):
        reason = _refused(each, wanted)
        if reason:
            books.left_out[reason] += 1
            continue
        books.works[_Work(each.license, each.source, each.title, each.url)] += 1
        yield each


def _refused(question: Question, wanted: Wanted) -> str:
    if requires_unmodified(question.license):
        return "no-derivatives"
    if question.synthetic.method and not wanted.synthetic:
        return "synthetic"
    return "unanswerable" if wanted.format == "mrqa" and question.is_impossible else ""


def _write(path: Path, wanted: Wanted, split: str, questions: Iterator[Question]) -> None:
    if wanted.format == "squad":
        write_bytes(path, msgspec.json.encode(squad(questions)) + b"\n")
        return
    nodes: Iterator[Node]
    if wanted.format == "hf":
        nodes = (flat(each, labelled=wanted.synthetic) for each in questions)
    elif wanted.format == "chat":
        said = wanted.chat._replace(labelled=wanted.synthetic)
        nodes = (chat(each, said) for each in questions)
    else:
        nodes = mrqa(questions, "+".join(wanted.sources) or "all", split)
    with atomic(path) as file:
        pack_lines(file, (msgspec.json.encode(node) + b"\n" for node in nodes))


def _account(manifest: Manifest, wanted: Wanted, found: Exported, books: _Books) -> bytes:
    """Say what was exported from which release, and under which licence which works are; no clock, no path."""
    works: dict[str, list[dict[str, object]]] = {}
    for work, count in sorted(books.works.items()):
        said = {"source": work.source, "title": work.title, "url": work.url, "questions": count}
        works.setdefault(work.license, []).append(said)
    told = {
        "release": f"{manifest.name}-{manifest.version}",
        "content_root": manifest.content_root,
        "format": wanted.format,
        "files": found.files,
        "left_out": found.left_out,
        "licenses": [
            {"license": name, "asks": attributes(name), "works": listed_}
            for name, listed_ in works.items()
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _told(left_out: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items())) or "0 read"
