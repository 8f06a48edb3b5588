"""Build a corpus of real code and prose from pinned sdists: same downloads, same bytes out.

`python benchmarks/corpus.py --out benchmarks/corpus --mb 235` asks pip for the source archives
named in SPECS (several of them in two or three versions: natural near-duplicates), reads their
text files in memory, takes a sample of the wanted size and writes two sources,
`code-*.jsonl.zst` and `docs-*.jsonl.zst`. 1 MB is 10**6 bytes of text in UTF-8.
"""

from __future__ import annotations

import argparse
import email.parser
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECS = (
    "aiohttp==3.11.10 alembic==1.14.0 ansible-core==2.17.7 apache-libcloud==3.8.0 "
    "astroid==3.3.6 beets==2.2.0 black==24.10.0 boto==2.49.0 breezy==3.3.9 briefcase==0.3.20 "
    "brotli==1.1.0 buildbot==4.1.0 celery==5.4.0 cffi==1.17.1 coverage==7.6.9 cython==3.0.11 "
    "dask==2024.12.0 dask==2024.5.0 diffusers==0.31.0 distributed==2024.12.0 django-cms==4.1.4 "
    "django==4.2.17 django==5.0.10 django==5.1.4 djangorestframework==3.15.2 docutils==0.20.1 "
    "docutils==0.21.2 faker==33.1.0 fastapi==0.115.6 flask==2.3.3 flask==3.1.0 gevent==24.11.1 "
    "grpcio==1.68.1 hypothesis==6.122.3 ipython==8.30.0 jedi==0.19.2 jupyterlab==4.3.3 "
    "keras==3.7.0 kivy==2.3.0 luigi==3.6.0 lxml==5.3.0 mercurial==6.8.2 mypy==1.13.0 "
    "networkx==3.2.1 networkx==3.4.2 nltk==3.9.1 nuitka==2.5.6 numba==0.60.0 paramiko==3.5.0 "
    "peewee==3.17.8 pip==24.3.1 poetry==1.8.5 psutil==6.1.0 py4j==0.10.9.7 pycryptodome==3.21.0 "
    "pydantic==1.10.19 pydantic==2.10.3 pyglet==2.0.20 pygments==2.17.2 pygments==2.18.0 "
    "pyinstaller==6.11.1 pylint==3.3.2 pynacl==1.5.0 pyramid==2.0.2 pytest==7.4.4 pytest==8.3.4 "
    "requests==2.31.0 requests==2.32.3 rich==13.7.1 rich==13.9.4 salt==3007.1 scrapy==2.12.0 "
    "setuptools==69.5.1 setuptools==75.6.0 sphinx==7.4.7 sphinx==8.1.3 sqlalchemy==1.4.54 "
    "sqlalchemy==2.0.36 streamlink==7.1.2 sympy==1.12.1 sympy==1.13.3 textual==1.0.0 "
    "timm==1.0.12 tornado==6.4.2 trac==1.6 transformers==4.40.2 transformers==4.47.1 "
    "trio==0.27.0 twisted==23.10.0 twisted==24.10.0 uvloop==0.21.0 wagtail==6.3.1 "
    "werkzeug==2.3.8 werkzeug==3.1.3 xonsh==0.18.4 yt-dlp==2024.12.6 "
)

CODE_SUFFIXES = (
    ".py .pyi .pyx .pxd .c .h .cc .cpp .hpp .cxx .hxx .s .asm .rs .go .java .js .jsx .ts .tsx .mjs "
    ".css .scss .less .sh .bash .zsh .fish .bat .ps1 .cmd .pl .pm .rb .lua .php .r .jl .m .mm .cs "
    ".kt .scala .swift .hs .ml .erl .ex .clj .lisp .el .vim .f .f90 .pas .d .dart .sql .cmake .mk "
    ".ac .am .in .jinja .j2 .tmpl .html .htm .xml .json .yaml .yml .toml .ini .cfg .conf .t "
    ".proto .graphql .g4 .tcl .ino .cu .cuh .glsl .vert .frag"
)
CODE = frozenset(CODE_SUFFIXES.split())
PROSE = frozenset((".rst", ".md", ".txt", ".adoc", ".tex", ".texi", ".org", ".textile"))
BULKY = frozenset((".html", ".htm", ".xml", ".json", ".yaml", ".yml"))  # data more than text
MIN_BYTES, MAX_BYTES, MAX_BULKY_BYTES = 64, 400_000, 60_000
FRAME_BYTES = 1 << 20
DOCS_SHARE = 0.18  # of the text; the packages hold less prose than code

# What a trove classifier most often stands for; "BSD License" alone does not tell the clauses.
CLASSIFIERS = {
    "Academic Free License (AFL)": "AFL-3.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU General Public License (GPL)": "GPL-2.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-2.1-or-later",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Zope Public License": "ZPL-2.1",
    "Public Domain": "LicenseRef-public-domain",
}
EXPRESSION = re.compile(r"[A-Za-z]+-[0-9][\w.+-]*|MIT|ISC|Unlicense|.+ (?:OR|AND|WITH) .+")
FORGE = re.compile(r"https?://(?:github|gitlab|bitbucket|codeberg)\.(?:com|org)/[\w.-]+/[\w.-]+")
ARCHIVE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.tar\.gz")


class Package(NamedTuple):
    """One source archive: what pip calls it and where it lies."""

    name: str
    version: str
    archive: Path


class Entry(NamedTuple):
    """One document: its record, the group that its versions share, its source and its size."""

    record: dict[str, Any]
    group: str
    source: str
    size: int


def digest(text: str) -> int:
    """64 bits of SHA-256: the one source of order and chance here."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def normalised(name: str) -> str:
    """Spell a package name the one way (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def on_disk(folder: Path) -> dict[str, Package]:
    """Map `name==version` to each source archive in `folder`."""
    found = {}
    for archive in sorted(folder.glob("*.tar.gz")):
        if (match := ARCHIVE.fullmatch(archive.name)) is not None:
            name = normalised(match["name"])
            found[f"{name}=={match['version']}"] = Package(name, match["version"], archive)
    return found


def download(spec: str, folder: Path) -> None:
    """Let pip fetch one sdist; only this package is forced to source, its build backend is not."""
    name = spec.partition("==")[0]
    options = ("-q", "--disable-pip-version-check", "--no-deps", "--no-binary", name)
    command = [sys.executable, "-m", "pip", "download", *options, "-d", str(folder), spec]
    subprocess.run(command, check=True)


def fetch(folder: Path) -> list[Package]:
    """Return the packages of SPECS, in that order; what is not in `folder` yet is downloaded."""
    folder.mkdir(parents=True, exist_ok=True)
    specs = SPECS.split()
    for spec in specs:
        if spec not in on_disk(folder):
            print(f"pip download {spec}", file=sys.stderr)
            download(spec, folder)
    packages = on_disk(folder)
    return [packages[spec] for spec in specs]


def files(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (path below the archive's root folder, content); nothing is unpacked to disk."""
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts[1:]
            if member.isreg() and parts and ".." not in parts and member.size <= MAX_BYTES:
                handle = tar.extractfile(member)
                if handle is not None:
                    yield "/".join(parts), handle.read()


def source_of(path: str, size: int) -> str | None:
    """Say `code`, `docs`, or None for a file that is neither or is of no use as text."""
    pure = PurePosixPath(path)
    suffix = pure.suffix.lower()
    if size < MIN_BYTES or ".min." in pure.name or (suffix in BULKY and size > MAX_BULKY_BYTES):
        return None
    if suffix in CODE:
        return "code"
    bare = suffix == "" and pure.name.isupper()  # README, LICENSE, COPYING, NEWS
    return "docs" if suffix in PROSE or bare else None


def license_of(headers: email.message.Message) -> str:
    """Read an SPDX expression out of a package's metadata, else `NOASSERTION`.

    Several classifiers are read as all applying, which is the strict reading.
    """
    for key in ("License-Expression", "License"):
        value = str(headers.get(key, "")).strip()
        if "\n" not in value and EXPRESSION.fullmatch(value) is not None:
            return value
    tails = [line.rpartition(" :: ") for line in headers.get_all("Classifier", [])]
    known = [
        CLASSIFIERS[tail] for head, _, tail in tails if "License" in head and tail in CLASSIFIERS
    ]
    return " AND ".join(dict.fromkeys(known)) or "NOASSERTION"


def repo_of(headers: email.message.Message) -> str:
    """Find the forge URL among a package's links, else an empty string."""
    links = [*headers.get_all("Project-URL", []), *headers.get_all("Home-page", [])]
    for link in links:
        if (match := FORGE.search(str(link))) is not None:
            return match[0].removesuffix(".git")
    return ""


def decoded(content: bytes) -> str | None:
    """Return the text of a UTF-8 file, else None."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def entries_of(package: Package) -> Iterator[Entry]:
    """Yield the documents of one package."""
    members = dict(files(package.archive))
    metadata = members.get("PKG-INFO", b"").decode("utf-8", "replace")
    headers = email.parser.HeaderParser().parsestr(metadata)
    label = f"{package.name}-{package.version}"
    common = {
        "license": license_of(headers),
        "repo": repo_of(headers),
        "url": f"https://pypi.org/project/{package.name}/{package.version}/",
    }
    meta = {"package": package.name, "version": package.version}
    for path, content in members.items():
        source = source_of(path, len(content))
        text = decoded(content) if source is not None else None
        if source is not None and text is not None:
            record = {"id": f"{label}/{path}", "text": text, **common, "path": path, "meta": meta}
            yield Entry(record, f"{package.name}/{path}", source, len(text.encode()))


def prose(folders: list[Path]) -> Iterator[Entry]:
    """Yield the records of jsonl.zst files of prose that lie outside, in this corpus' shape."""
    for shard in sorted(file for folder in folders for file in folder.glob("*.jsonl.zst")):
        with zstandard.open(shard, "rt", encoding="utf-8") as lines:
            for line in lines:
                given = orjson.loads(line)
                name = f"{shard.name.partition('.')[0]}/{given['id']}"
                record = {
                    "id": name,
                    "text": given["text"],
                    "license": given.get("license", "NOASSERTION"),
                    "path": given["id"],
                    "meta": {"package": shard.name},
                }
                yield Entry(record, name, "docs", len(given["text"].encode()))


def pick(entries: list[Entry], source: str, target: float) -> list[Entry]:
    """Take whole groups of one source, in order of a hash of their name, up to `target` bytes.

    All versions of a file stay or go together, so that a small sample has as many
    near-duplicates as a large one.
    """
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.source == source:
            groups[entry.group].append(entry)
    taken: list[Entry] = []
    total = 0
    for group in sorted(groups, key=digest):
        if total >= target:
            break
        taken += groups[group]
        total += sum(entry.size for entry in groups[group])
    if total < target:
        sys.exit(f"corpus: {total / 1e6:.0f} MB of text at hand, {target / 1e6:.0f} asked for")
    return taken


def write_shard(path: Path, entries: list[Entry]) -> None:
    """Write records in an order given by a hash of their id, in frames of about 1 MiB."""
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    block = bytearray()
    with path.open("wb") as out:
        for entry in sorted(entries, key=lambda each: digest(each.record["id"])):
            block += orjson.dumps(entry.record, option=orjson.OPT_APPEND_NEWLINE)
            if len(block) >= FRAME_BYTES:
                out.write(compressor.compress(bytes(block)))
                block.clear()
        if block:
            out.write(compressor.compress(bytes(block)))


def write_source(out: Path, source: str, entries: list[Entry], shard_bytes: int) -> None:
    """Cut one source into shards of about `shard_bytes`; a group never straddles two shards.

    So a run over some of the shards meets the near-duplicates of a run over all of them.
    """
    count = max(1, round(sum(entry.size for entry in entries) / shard_bytes))
    shards: list[list[Entry]] = [[] for _ in range(count)]
    for entry in entries:
        shards[digest(f"shard:{entry.group}") % count].append(entry)
    for ordinal, members in enumerate(shards):
        write_shard(out / f"{source}-{ordinal:03d}.jsonl.zst", members)


def summary(entries: list[Entry]) -> dict[str, Any]:
    """Count documents and bytes by source and by licence, and digest the whole."""
    lines = sorted(f"{e.record['id']} {digest(e.record['text']):016x}" for e in entries)
    by: dict[str, dict[str, int]] = {"source": defaultdict(int), "license": defaultdict(int)}
    for entry in entries:
        by["source"][entry.source] += entry.size
        by["license"][entry.record["license"]] += entry.size
    return {
        "documents": len(entries),
        "bytes": sum(entry.size for entry in entries),
        "bytes_by_source": dict(sorted(by["source"].items())),
        "bytes_by_license": dict(sorted(by["license"].items(), key=lambda pair: -pair[1])),
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }


def main() -> None:
    """Build the corpus that the command line asks for and print what it holds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the shards")
    parser.add_argument("--mb", type=float, default=235, help="megabytes of text")
    parser.add_argument("--shard-mb", type=float, default=8, help="megabytes of text in a shard")
    parser.add_argument("--downloads", type=Path, help="folder of sdists (default: OUT/downloads)")
    parser.add_argument(
        "--prose", type=Path, action="append", default=[], help="folder of jsonl.zst"
    )
    args = parser.parse_args()
    if (shared := os.environ.get("GRISTMILL_PROSE")) is not None:
        args.prose.append(Path(shared))
    packages = fetch(args.downloads or args.out / "downloads")
    entries = [entry for package in packages for entry in entries_of(package)]
    entries += prose(args.prose)
    share = {"code": 1 - DOCS_SHARE, "docs": DOCS_SHARE}
    chosen = {name: pick(entries, name, args.mb * 1e6 * part) for name, part in share.items()}
    for stale in args.out.glob("*.jsonl.zst"):
        stale.unlink()
    for source, members in chosen.items():
        write_source(args.out, source, members, int(args.shard_mb * 1e6))
    report = json.dumps(summary([*chosen["code"], *chosen["docs"]]), indent=1)
    (args.out / "summary.json").write_text(report + "\n")
    print(report)


if __name__ == "__main__":
    main()
