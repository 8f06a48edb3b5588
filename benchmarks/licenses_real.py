"""Which licence the files of real packages are under, beside what the packages declare.

python benchmarks/licenses_real.py --sdists FOLDER --markdown packages.md

Every distribution that this interpreter has installed, and every source archive or unpacked folder in
FOLDER, is a tree of its own. Each text file is judged as `gristmill inspect TREE` judges it, under one
policy; files are grouped by what was resolved and by what decided. A file differs where its expression is
not the one that the package's METADATA or PKG-INFO declares.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tarfile
import zipfile
from collections import Counter, defaultdict
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from filters.document import Document
from filters.licenses.policy import LicenseFilter
from filters.licenses.spdx import NOASSERTION, parse, render
from filters.licenses.syntax import Combination
from filters.licenses.tree import Place, Tree, place_kind, read_place
from pipeline.detector import detect, open_matcher
from pipeline.sources.fields import nfc
from pipeline.sources.python_env import distributions
from pipeline.stages.licensing import Licensing
from pipeline.stages.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from filters.licenses.resolve import Resolution
    from filters.licenses.syntax import Expression

_HERE: Final = "."  # the repository that a tree is
_ABOUT: Final = ("METADATA", "PKG-INFO")
_EXAMPLES: Final = 3
_NARROW: Final = 60


class Package(NamedTuple):
    """A package, its version, where it comes from, and its files: path and bytes, by path."""

    name: str
    version: str
    origin: str
    files: dict[str, bytes]


class Group(NamedTuple):
    """Files that came out alike: by what kind of evidence, and in which file that evidence stands."""

    expression: str
    outcome: str
    kept: bool
    differs: bool
    rule: str
    kind: str
    where: str
    conflict: bool


class Report(NamedTuple):
    """What a package declares, what its licence files alone say of its root, and its files by group."""

    package: Package
    declared: str
    said: str
    groups: dict[Group, list[str]]

    def number(self, *, kept: bool | None = None, differs: bool | None = None) -> int:
        """Count the files that were kept or not, and that differ or not."""
        return sum(
            len(paths)
            for group, paths in self.groups.items()
            if kept in {None, group.kept} and differs in {None, group.differs}
        )


def installed(wanted: frozenset[str]) -> Iterator[Package]:
    """Read the distributions of this interpreter: what they put into site-packages, nothing else."""
    for each in distributions():
        if wanted and each.name not in wanted:
            continue
        found = metadata.Distribution.at(each.path)
        paths = {file.as_posix(): Path(str(found.locate_file(file))) for file in found.files or ()}
        files = {
            name: path.read_bytes()
            for name, path in sorted(paths.items())
            if not _leaves(name) and path.is_file()
        }
        yield Package(each.name, each.version, "installed", files)


def _leaves(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or path.suffix == ".pyc"


def unpacked(folder: Path, wanted: frozenset[str]) -> Iterator[Package]:
    """Read the source archives and the folders in `folder`, sorted by name."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            found = {
                file.relative_to(path).as_posix(): file.read_bytes()
                for file in sorted(path.rglob("*"))
                if file.is_file() and not file.is_symlink()
            }
        elif path.name.endswith(".zip"):
            found = _below_top(_zipped(path))
        elif path.name.endswith((".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
            found = _below_top(_tarred(path))
        else:
            continue
        name, _, version = _stem(path.name).rpartition("-")
        if not wanted or name in wanted:
            yield Package(name, version, "sdist", found)


def _stem(name: str) -> str:
    for suffix in (".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"):
        name = name.removesuffix(suffix)
    return name


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for each in archive.infolist():
            if not each.is_dir():
                yield each.filename, archive.read(each)


def _tarred(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for each in archive:
            data = archive.extractfile(each) if each.isfile() else None
            if data is not None:
                yield each.name, data.read()


def _below_top(files: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Strip the one folder that a source archive holds."""
    return dict(sorted((name.partition("/")[2], data) for name, data in files if "/" in name))


def judge(package: Package, rule: LicenseFilter) -> Report:
    """Judge every text file of a package that is not hidden; hidden ones are evidence alone."""
    texts = {
        path: text for path, data in package.files.items() if (text := _text(data)) is not None
    }
    read = (
        read_place(path, text, open_matcher())
        for path, text in texts.items()
        if place_kind(path) is not None
    )
    places = [each for each in read if each is not None]
    licensing = Licensing(filter=rule, trees=Trees({_HERE: places}), repository=_HERE)
    declared = _declared(texts)
    groups: dict[Group, list[str]] = defaultdict(list)
    for path, text in texts.items():
        if any(part.startswith(".") for part in path.split("/")):
            continue
        found = licensing.resolve(_document(path, text))
        groups[_group(found, licensing, declared)].append(path)
    return Report(package, declared, _said(places), dict(groups))


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else nfc(text)


def _document(path: str, text: str) -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(id=digest, text=text, sha256=digest, source="real", repo=_HERE, path=path)


def _declared(texts: dict[str, str]) -> str:
    """Say what the METADATA of an installed package declares, or the PKG-INFO of an archive."""
    found = [path for path in texts if path.rpartition("/")[2] in _ABOUT]
    found.sort(key=lambda path: (path.count("/"), path))
    return detect(texts[found[0]], found[0]).expression if found else NOASSERTION


def _said(places: list[Place]) -> str:
    """Say what the licence files alone come to for a file in the root."""
    nearest = Tree(each for each in places if each.kind == "license").nearest("file")
    if nearest is None:
        return NOASSERTION
    return nearest.expression if nearest.outcome == "found" else f"LicenseRef-{nearest.outcome}"


def _group(found: Resolution, licensing: Licensing, declared: str) -> Group:
    first = found.evidence[0] if found.evidence else None
    return Group(
        found.expression,
        found.outcome,
        licensing.judge(found).keep,
        not _same(found.expression, declared),
        found.rule,
        "" if first is None else f"{first.kind}{' ' if first.note else ''}{first.note}",
        "" if first is None else first.path,
        found.conflict,
    )


def _same(one: str, other: str) -> bool:
    """Tell equal expressions in any order; words that are none equal themselves."""
    if " " not in one or " " not in other or one == other:
        return one == other
    return _ordered(parse(one)) == _ordered(parse(other))


def _ordered(expression: Expression) -> Expression:
    if not isinstance(expression, Combination):
        return expression
    parts = sorted(map(_ordered, expression.parts), key=render)
    return Combination(expression.operator, tuple(parts))


def show(report: Report, every: bool) -> Iterator[str]:
    """Yield a package's lines for people: its own, then a line for each group with files to look at."""
    package = report.package
    total, kept = report.number(), report.number(kept=True)
    yield f"{package.name} {package.version} ({package.origin}): {total} files, {kept} kept"
    yield f"  declared {report.declared}; licence files {report.said}; {report.number(differs=True)} differ"
    ordered = sorted(report.groups.items(), key=lambda each: (-len(each[1]), each[0]))
    for group, paths in ordered:
        fate = "keep" if group.kept else "drop"
        mark = "≠" if group.differs else " "
        doubt = ", in conflict" if group.conflict else ""
        licence = group.expression if group.outcome == "found" else group.outcome
        where = f" in {group.where}" if group.where else ""
        yield f"  {len(paths):>6} {fate} {mark} {licence}: {group.rule}, {group.kind}{where}{doubt}"
        shown = paths if every else paths[:_EXAMPLES]
        yield from (f"           {path}" for path in shown if group.differs)


def markdown(reports: list[Report]) -> Iterator[str]:
    """Yield the table for the docs, a row a package: decided is what most of its files are under."""
    yield "| package | declared | decided | kept | dropped | differ |"
    yield "|---|---|---|---|---|---|"
    for each in reports:
        name = f"{each.package.name} {each.package.version}"
        origin = ", sdist" if each.package.origin == "sdist" else ""
        decided = "the same" if _same(most(each), each.declared) else _short(most(each))
        counts = (each.number(kept=True), each.number(kept=False), each.number(differs=True))
        cells = (f"{name}{origin}", _short(each.declared), decided, *map(str, counts))
        yield f"| {' | '.join(cells)} |"


def most(report: Report) -> str:
    """Say what most files of a package are under."""
    files: Counter[str] = Counter()
    for group, paths in report.groups.items():
        files[group.expression if group.outcome == "found" else group.outcome] += len(paths)
    return max(sorted(files), key=lambda name: files[name])


def _short(expression: str) -> str:
    return expression if len(expression) <= _NARROW else f"{expression[:_NARROW].rstrip()} …"


def as_json(report: Report) -> dict[str, Any]:
    """Say everything, every path included."""
    return {
        "name": report.package.name,
        "version": report.package.version,
        "origin": report.package.origin,
        "declared": report.declared,
        "licence_files": report.said,
        "groups": [{**group._asdict(), "paths": paths} for group, paths in report.groups.items()],
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sdists", type=Path, help="a folder of source archives or unpacked trees")
    parser.add_argument(
        "--only", nargs="*", default=(), metavar="NAME", help="these packages alone"
    )
    parser.add_argument("--no-installed", action="store_true", help="leave out what is installed")
    parser.add_argument("--policy", default="permissive", help="the policy of the decisions")
    parser.add_argument("--every", action="store_true", help="list every file that differs")
    parser.add_argument("--markdown", type=Path, help="write the table of packages there")
    parser.add_argument("--json", type=Path, help="write everything there")
    return parser.parse_args()


def main() -> None:
    """Judge the packages one by one and print what came out."""
    args = arguments()
    wanted = frozenset(args.only)
    rule = LicenseFilter(policy=args.policy)
    reports: list[Report] = []
    sources = [] if args.no_installed else [installed(wanted)]
    sources += [] if args.sdists is None else [unpacked(args.sdists, wanted)]
    for package in (package for source in sources for package in source):
        report = judge(package, rule)
        print(*show(report, args.every), sep="\n", flush=True)
        reports.append(report._replace(package=package._replace(files={})))
    if not reports:
        sys.exit("no package to look at")
    totals = Counter({"files": 0, "kept": 0, "differ": 0})
    for each in reports:
        totals.update(
            files=each.number(), kept=each.number(kept=True), differ=each.number(differs=True)
        )
    print(", ".join([f"{len(reports)} packages", *(f"{n} {key}" for key, n in totals.items())]))
    if args.markdown is not None:
        args.markdown.write_text("\n".join([*markdown(reports), ""]), encoding="utf-8")
    if args.json is not None:
        args.json.write_bytes(orjson.dumps([as_json(each) for each in reports]))


if __name__ == "__main__":
    main()
