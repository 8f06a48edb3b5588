"""Read the text files of an installed Python distribution: a real corpus on every machine.

What a record says comes from the distribution alone, never from the machine: no absolute path, no
installer's trace, so equal installations give equal records.
"""

from __future__ import annotations

import fnmatch
import hashlib
import sys
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from filters.licenses.tree import place_kind
from pipeline.errors import InputError, at
from pipeline.sources.adapter import Adapter, Reading, Said
from pipeline.sources.fields import paper_text
from pipeline.sources.file import Digest, InputFile
from pipeline.sources.package_facts import normalise, package_facts
from pipeline.sources.records import RAW_LIMIT, Bad, Item, Raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

INCLUDE: Final = ("*.py", "*.pyi", "*.pyx", "*.md", "*.rst", "*.txt", "*.toml")
MAX_FILE: Final = 1 << 20

_NOTICES: Final = ("licen[cs]e*", "copying*", "notice*", "authors*", "copyright*")


class Installed(NamedTuple):
    """One installed distribution: normalised name, version, and its `.dist-info` folder."""

    name: str
    version: str
    path: Path


def distributions(site_packages: Iterable[Path] | None = None) -> list[Installed]:
    """List the installed distributions, sorted by normalised name.

    `site_packages` are the folders to look in, by default those of this interpreter. Of a name that
    is there twice the first counts, as it does for `import`.
    """
    found: dict[str, Installed] = {}
    folders = sys.path if site_packages is None else [str(each) for each in site_packages]
    for each in metadata.distributions(path=folders):
        installed = _installed(each)
        if installed is not None:
            found.setdefault(installed.name, installed)
    return [found[name] for name in sorted(found)]


def read_distribution(path: Path, *, include: tuple[str, ...] = INCLUDE) -> Iterator[Raw | Bad]:
    """Yield a record for each selected file of the distribution at `path`, sorted by file path.

    `row` counts the selected files. A file that is no UTF-8 is `Bad("utf8")`. The record's keys are
    `id` (`pypi/<name>/<version>/<path>`), `text`, `license`, `repo`, `url`, `path`, `created`,
    `package` and `version`.
    """
    found, installed = _open(path)
    facts = package_facts(found.metadata, installed.name, installed.version)
    for row, (name, file) in enumerate(_selected(found, include)):
        data = file.read_bytes()
        try:
            text = data.decode()
        except UnicodeDecodeError:
            yield Bad(row, row + 1, "utf8", data[:RAW_LIMIT])
            continue
        own = {"id": f"pypi/{installed.name}/{installed.version}/{name}", "text": text}
        yield Raw(row, row + 1, {**own, **facts, "path": name})


def papers(path: Path) -> Iterator[tuple[str, str]]:
    """Yield path and text of the files that speak of the distribution's licence, sorted by path.

    Its METADATA, and every licence file, manifest and README among the files that it installed.
    """
    found, _ = _open(path)
    for name, file in _papers(found, path):
        yield name, paper_text(file.read_bytes())


def _papers(found: metadata.Distribution, path: Path) -> list[tuple[str, Path]]:
    names = {each.as_posix() for each in found.files or ()}
    files = {
        name: Path(str(found.locate_file(name)))
        for name in names
        if place_kind(name) is not None and not _leaves(PurePosixPath(name))
    }
    files[f"{path.name}/METADATA"] = path / "METADATA"
    return sorted(
        (name, file)
        for name, file in files.items()
        if file.is_file() and file.stat().st_size <= MAX_FILE
    )


def _leaves(path: PurePosixPath) -> bool:
    """Tell a file outside of site-packages, a script or a manual page for instance."""
    return path.is_absolute() or ".." in path.parts


def digest_distribution(path: Path, *, include: tuple[str, ...] = INCLUDE) -> tuple[int, str]:
    """Return the selected files' size in bytes and a hex SHA-256 over their paths and contents.

    What speaks of the distribution's licence counts, selected or not.
    """
    found, _ = _open(path)
    total = hashlib.sha256()
    size = 0
    for name, file in sorted({*_selected(found, include), *_papers(found, path)}):
        data = file.read_bytes()
        size += len(data)
        total.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    return size, total.hexdigest()


def _installed(found: metadata.Distribution) -> Installed | None:
    """Return what `found` is, `None` for one without a name or a list of its files."""
    names = found.metadata.get_all("Name")
    for file in found.files or ():
        if names and file.name == "METADATA" and _in_dist_info(file) and len(file.parts) == 2:  # noqa: PLR2004  <name>.dist-info/METADATA
            path = Path(str(found.locate_file(file))).parent
            return Installed(normalise(names[0]), found.version, path)
    return None


def _open(path: Path) -> tuple[metadata.Distribution, Installed]:
    found = metadata.Distribution.at(path)
    installed = _installed(found)
    if installed is None:
        raise InputError(at("read", str(path), "no installed distribution with a RECORD"))
    return found, installed


def _selected(found: metadata.Distribution, include: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield the files to read, sorted: not empty, at most 1 MiB, inside site-packages."""
    for name in sorted({each.as_posix() for each in found.files or ()}):
        if not _wanted(PurePosixPath(name), include):
            continue
        file = Path(str(found.locate_file(name)))
        if file.is_file() and 0 < file.stat().st_size <= MAX_FILE:
            yield name, file


def _wanted(path: PurePosixPath, include: tuple[str, ...]) -> bool:
    if _leaves(path) or "__pycache__" in path.parts:
        return False
    if _in_dist_info(path) and not _matches(path.name.lower(), _NOTICES):
        return False
    # An editable install writes a finder module that holds absolute paths.
    return _matches(path.name, include) and not path.name.startswith("__editable__")


def _in_dist_info(path: PurePosixPath) -> bool:
    return path.parts[0].endswith((".dist-info", ".egg-info"))


def _matches(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs)


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    # it is installed here
    return read_distribution(cast("Path", path), include=how.said.include or INCLUDE)


def _digest(path: Path, said: Said) -> Digest:
    return Digest(*digest_distribution(path, include=said.include or INCLUDE))


ADAPTER: Final = Adapter(read=_read, unit="installed", digest=_digest, papers=papers)
