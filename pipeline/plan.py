"""Freeze the inputs: which files or distributions there are, in a fixed order, with size and digest.

An input is named relative to the config's folder, so neither the machine nor the current folder
shows in a release; an installed distribution is named by its project and version.
"""

from __future__ import annotations

import functools
import glob
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from pipeline.config import Config, Source, relative_to
from pipeline.errors import ConfigError
from pipeline.known_inputs import KnownInputs
from pipeline.sources import Item, Said, digest, read
from pipeline.sources.fields import field_map
from pipeline.sources.file import Digest, InputFile, input_file
from pipeline.sources.formats import adapter_of
from pipeline.sources.python_env import distributions
from pipeline.sources.spare import spare
from pipeline.sources.stackexchange.questions import site_of
from pipeline.sources.stretch import WHOLE, Stretch
from pipeline.store import Store, is_url
from pipeline.store.matching import fixed_part, match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One input shard: a file, a folder, or one installed distribution of a `python-env` source.

    `path` is relative to the config's folder, a URL, or `name-version` of the distribution; `ordinal` is
    the input's place in the sorted list, so it does not depend on the order of arguments or folders.
    Of an object in a store, or of a repository, `etag` is the version that was hashed, and no other is read;
    of a folder it is the id of its tree, where that is asked for.
    Of a large file each `stretch` is an input of its own, with its share of the file's `bytes`.
    """

    ordinal: int
    source: str
    path: str
    bytes: int
    sha256: str
    etag: str = ""
    stretch: Stretch = WHOLE


def freeze_inputs(
    config: Config, root: Path, known: KnownInputs | None = None
) -> tuple[Input, ...]:
    """List and digest every input of every source, sorted by source and path.

    Of what is `known` from an earlier run no file is read; what is found out is added to it.

    Raises:
        ConfigError: a path matches nothing, or a file has a name that no release could list.
    """
    found: list[tuple[str, str, Source]] = []
    problems: list[str] = []
    for source in sorted(config.sources, key=lambda source: source.name):
        found += [(source.name, path, source) for path in list_source(source, root, problems)]
    problems += [
        f"plan: {path.encode('utf-8', 'backslashreplace').decode()}: the name is not UTF-8: rename it"
        for _, path, _ in found
        if not path.isascii() and _is_foreign(path)
    ]
    if problems:
        raise ConfigError("\n".join(problems))
    known = known or KnownInputs()
    with ThreadPoolExecutor(4) as pool:  # hashing releases the interpreter lock
        turns = list(known.turns(len(found)))
        each = pool.map(lambda turn: digest_input(root, *found[turn][1:], known), turns)
        digests = [digest for _, digest in sorted(zip(turns, each, strict=True))]
    return tuple(
        Input(
            ordinal=ordinal,
            source=source.name,
            path=path,
            bytes=hashed.bytes,
            sha256=hashed.sha256,
            etag=hashed.etag,
        )
        for ordinal, ((_, path, source), hashed) in enumerate(zip(found, digests, strict=True))
    )


def sources_by_path(config: Config, root: Path) -> dict[Path, Source]:
    """Say for every input file, as a resolved path, which source of JSON lines or parquet it belongs to."""
    return {
        (root / path).resolve(): source
        for source in config.sources
        if source.format in {"jsonl", "parquet"}
        for path in list_source(_local(source), root, [])
    }


def _local(source: Source) -> Source:
    paths = tuple(path for path in source.paths if not is_url(path))
    return msgspec.structs.replace(source, paths=paths)


def read_input(
    root: Path,
    path: str,
    source: Source,
    *,
    max_record: int,
    stretch: Stretch = WHOLE,
    etag: str = "",
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Item]:
    """Yield the items of one frozen input, or of a stretch of it; `etag` as in `Input`, `wanted` as in `Reading`."""
    place = _place(root, path, source, etag)
    items = read(
        place,
        source.format,
        max_record=max_record,
        stretch=stretch,
        said=_said(root, path, source),
        wanted=wanted,
        version=etag,
    )
    return spare(items, stretch.poison)


def _said(root: Path, path: str, source: Source) -> Said:
    return Said(
        source.name,
        field_map(source.fields),
        site_of(path, source.name),
        source.id_prefix,
        source.include,
        source.options,
        path,
        root,
    )


def read_papers(path: str, source: Source) -> Iterator[tuple[str, str]] | None:
    """Yield what an input as a whole says of its licence, as path and text; `None` where its records say it."""
    papers = adapter_of(source.format).papers
    return None if papers is None else papers(_installed()[path])


def is_package(source: Source) -> bool:
    """Tell a source whose inputs are installed packages, each under one licence that it states."""
    return adapter_of(source.format).unit == "installed"


def _place(root: Path, path: str, source: Source, etag: str) -> InputFile:
    return _installed()[path] if is_package(source) else input_file(root, path, etag)


def digest_input(root: Path, path: str, source: Source, known: KnownInputs | None = None) -> Digest:
    """Hash one input, unless it is `known`; raises `InputError` or `KeyError` where there is none."""
    adapter, said = adapter_of(source.format), _said(root, path, source)
    if adapter.digest is not None:
        return adapter.digest(_installed()[path] if is_package(source) else root / path, said)
    place = input_file(root, path)
    found = digest(place) if known is None else known.digest(path, place)
    beside = "" if adapter.beside is None else adapter.beside(place, said)
    if not beside:
        return found
    return found._replace(sha256=hashlib.sha256(f"{found.sha256} {beside}".encode()).hexdigest())


@functools.cache
def _installed() -> dict[str, Path]:
    """Find the distributions of this interpreter's environment by `name-version`."""
    return {f"{each.name}-{each.version}": each.path for each in distributions()}


def list_source(source: Source, root: Path, problems: list[str]) -> list[str]:
    """List the inputs of a source as paths from the config's folder, and add to the problems what matches nothing."""
    if is_package(source):
        return sorted(_installed())
    paths: set[str] = set()
    for pattern in source.paths:
        matched = _match(pattern, source, root)
        if not matched:
            problems.append(
                f"plan: {pattern}: matches no {source.format} file (source {source.name!r})"
            )
        paths.update(matched)
    return sorted(paths)


def _match(pattern: str, source: Source, root: Path) -> set[str]:
    """Expand a file, a folder (searched through) or a glob with `**`."""
    if is_url(pattern):
        return _match_url(pattern, source)
    pattern = pattern.removeprefix("file://")
    adapter = adapter_of(source.format)
    whole = root / pattern
    if adapter.unit == "folder":
        names = [pattern] if whole.is_dir() else _glob(pattern, root)
        return {relative_to(root, each) for each in names if (root / each).is_dir()}
    if whole.is_file():
        return {relative_to(root, pattern)}
    if whole.is_dir():
        files = (
            path
            for path in whole.rglob("*")
            if path.is_file()
            and not _is_hidden(path.relative_to(whole))
            and not _is_released(path, whole)
        )
        return {
            relative_to(root, str(path)) for path in files if path.name.endswith(adapter.suffixes)
        }
    names = _glob(pattern, root)
    return {relative_to(root, each) for each in names if (root / each).is_file()}


def _glob(pattern: str, root: Path) -> list[str]:
    """Expand a glob; the config's own folder is no part of it: its name may hold what a glob reads."""
    return glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207  Path.glob takes no absolute pattern


def _match_url(pattern: str, source: Source) -> set[str]:
    """Expand an object, a folder or a glob in a store."""
    folder, patterns = fixed_part(pattern)
    if Store(pattern).size("") is not None:  # its name may hold what a glob reads
        return {pattern}
    found = match(Store(folder), patterns, adapter_of(source.format).suffixes)
    return {f"{folder}/{key}" for key in found}


def _is_hidden(path: Path) -> bool:
    """Tell what a listing of the folder would not show: among others the work folder beside releases."""
    return any(part.startswith(".") for part in path.parts)


def _is_released(path: Path, whole: Path) -> bool:
    """Tell a file of a release: a folder that is searched through may hold what earlier runs put there."""
    folders = [folder for folder in path.parents if folder.is_relative_to(whole)]
    return any((folder / "SHA256SUMS").is_file() for folder in folders)


def _is_foreign(path: str) -> bool:
    """Tell a name whose bytes are not UTF-8; Python spells them as lone surrogates (PEP 383)."""
    return any("\ud800" <= character <= "\udfff" for character in path)
