"""Build the labelled sample of source files: `python benchmarks/languages_sample.py --work DIR`.

Packages are fetched with `apt-get` (Debian 12 with `deb-src`) and `pip download` into DIR, unpacked
without running anything of theirs, and labelled by `languages_facts.py`. DIR/sample.jsonl has one
`{"package", "part", "path", "labels", "text"}` a line, in a fixed order; of a package and label at most
`_EACH` files are taken, by a hash of the path. None of it belongs in the repository.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson
from languages_facts import (
    CORRECTED,
    FRESH,
    FROM_PYPI,
    FROM_SOURCE,
    PACKAGES,
    SUITES,
    WORDS,
    Source,
)

from filters.language import kind_of, language_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_EACH: Final = {"train": 60, "dev": 10, "held": 10, "fresh": 10}
_LARGEST: Final = 1 << 20  # bytes
_SMALLEST: Final = 24
_PRISM_END: Final = "\n----------------------------------------------------"


class Sample(NamedTuple):
    """A file of a known language; several `labels` where the fact leaves it open between them."""

    package: str
    part: str
    path: str
    labels: tuple[str, ...]
    text: str


def read_sample(path: Path) -> list[Sample]:
    """Read what `main` wrote."""
    rows = (orjson.loads(line) for line in path.read_bytes().splitlines())
    return [
        Sample(row["package"], row["part"], row["path"], tuple(row["labels"]), row["text"])
        for row in rows
    ]


def fetch(package: str, work: Path) -> Path:
    """Download and unpack a package once; the folder stays empty where the mirror has it no longer."""
    tree = work / "trees" / package
    if tree.is_dir():
        return tree
    archives = work / "archives" / package
    archives.mkdir(parents=True, exist_ok=True)
    if package in FROM_PYPI:
        command = ["pip", "download", "-q", "--no-deps", "--no-binary", ":all:", package]
    elif package in FROM_SOURCE:
        command = ["apt-get", "source", "-q", "--download-only", package]
    else:
        command = ["apt-get", "download", "-q", package]
    subprocess.run(command, cwd=archives, check=False, capture_output=True)
    tree.mkdir(parents=True)
    for archive in sorted(archives.iterdir()):
        if archive.suffix == ".deb":
            subprocess.run(["dpkg-deb", "-x", archive, tree], check=True)
        elif ".orig.tar" in archive.name or archive.name.endswith(".tar.gz"):
            subprocess.run(["tar", "xf", archive, "-C", tree, "--strip-components=1"], check=True)
    return tree


def samples(source: Source, tree: Path) -> list[Sample]:
    """Label the files of a package, and draw from those of each label."""
    found: dict[tuple[str, ...], list[tuple[bytes, Sample]]] = {}
    for path in _files(tree):
        labels = _labels(source, path, tree)
        if not labels:
            continue
        text = _text(tree / path, prism=source.package == "node-prismjs")
        if text is not None:
            sample = Sample(source.package, source.part, path.removesuffix(".gz"), labels, text)
            order = hashlib.sha256(path.encode()).digest()
            found.setdefault(labels, []).append((order, sample))
    drawn = []
    for labels in sorted(found):
        drawn += [each for _, each in sorted(found[labels])[: _EACH[source.part]]]
    return drawn


def _files(tree: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(tree):
        folders.sort()
        for name in sorted(names):
            full = Path(folder, name)
            if not full.is_symlink() and full.is_file():
                yield full.relative_to(tree).as_posix()


def _labels(source: Source, path: str, tree: Path) -> tuple[str, ...]:
    """Say what the facts say of a file, in our names; nothing where we have no name for it."""
    corrected = CORRECTED.get(f"{source.package}/{path}")
    if corrected is not None:
        return (corrected,)
    for pattern, label in source.labels:
        match = re.fullmatch(pattern, path.removesuffix(".gz"))
        if match is None:
            continue
        if label == "ohcount:":
            return _ours(_by_ohcount(tree / "test/expected_dir" / Path(path).name))
        if label == "cloc:":
            return _ours(_by_cloc(tree / "tests/outputs" / f"{Path(path).name}.yaml"))
        return _ours(match.expand(label))
    return ()


def _by_ohcount(expected: Path) -> str:
    """Read in which language it expects the file's lines, if in one only."""
    if not expected.is_file():
        return ""
    lines = expected.read_text(errors="replace").splitlines()
    told = {line.partition("\t")[0] for line in lines if "\t" in line}
    return told.pop() if len(told) == 1 else ""


def _by_cloc(expected: Path) -> str:
    if not expected.is_file():
        return ""
    told = re.findall(r"^'?([^'\n]+?)'? ?:\s*$", expected.read_text(errors="replace"), re.MULTILINE)
    told = [each for each in told if each.strip() not in {"header", "SUM"}]
    return told[0] if len(told) == 1 else ""


def _ours(label: str) -> tuple[str, ...]:
    word = label.strip().lower()
    name = WORDS.get(word)
    if name is None:
        name = language_name(word) or language_name(word.replace("-", " ")) or label
    return tuple(each for each in name.split("|") if kind_of(each) is not None)


def _text(path: Path, *, prism: bool) -> str | None:
    if path.stat().st_size > _LARGEST:
        return None
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    if b"\0" in raw or not _SMALLEST <= len(raw) <= _LARGEST:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.partition(_PRISM_END)[0] if prism else text


def main() -> None:
    """Write the sample and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work.resolve()
    rows: list[Sample] = []
    for source in (*SUITES, *PACKAGES, *FRESH):
        drawn = samples(source, fetch(source.package, work))
        if not drawn:
            print(f"nothing from {source.package}")
        rows += drawn
    with (work / "sample.jsonl").open("wb") as out:
        out.writelines(orjson.dumps(row._asdict()) + b"\n" for row in rows)
    for part in _EACH:
        own = [row for row in rows if row.part == part]
        languages = {label for row in own for label in row.labels[:1]}
        packages = {row.package for row in own}
        print(f"{part}: {len(own)} files, {len(languages)} languages, {len(packages)} packages")


if __name__ == "__main__":
    main()
