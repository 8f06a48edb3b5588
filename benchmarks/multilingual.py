"""Build a multilingual corpus with natural and labelled near-duplicates: same downloads, same bytes.

`python benchmarks/multilingual.py --out DIR --mb 240` fetches Debian packages (apt-get download:
manuals and message catalogues in some forty languages), source archives (pip) and npm packages,
turns their files to text, takes a sample of the wanted size and writes `multi-*.jsonl.zst` with
`id`, `text`, `source`, `path`, `lang` and `meta`. `--held-out` takes other packages and chances. A
near-duplicate is natural where a manual exists for two architectures, a package in two versions, a
catalogue half translated, a page made from a template; EDITED of the documents are followed by an
edit of known rate whose `meta` names its parent. The Debian packages are those of release 12 and
take its corrections; what is in the cache is not fetched again, and `summary.json` names every
archive with its version. 1 MB is 10**6 bytes of UTF-8.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import html.parser
import json
import re
import struct
import subprocess
import sys
import tarfile
from collections import defaultdict
from pathlib import Path, PurePosixPath
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from corpus import (
    MAX_BYTES,
    Entry,
    decoded,
    digest,
    files,
    normalised,
    prose,
    source_of,
    write_shard,
)
from corpus import download as pip_download

if TYPE_CHECKING:
    from collections.abc import Iterator


class Recipe(NamedTuple):
    """What one corpus is made of: package names for each client, and the seed of every chance."""

    debian: str
    pypi: str
    npm: str
    seed: int


MAIN: Final = Recipe(
    "libreoffice-help-zh-cn libreoffice-help-ja libreoffice-help-ko libreoffice-help-ru "
    "libreoffice-help-el libreoffice-help-hi libreoffice-help-tr libreoffice-help-vi "
    "libreoffice-help-km libreoffice-help-fr libreoffice-help-pl libreoffice-help-en-us "
    "libreoffice-l10n-ar libreoffice-l10n-he libreoffice-l10n-th libreoffice-l10n-ta "
    "libreoffice-l10n-ka debian-handbook installation-guide-amd64 installation-guide-i386 "
    "gnome-user-docs iso-codes manpages-zh manpages-ja manpages-ja-dev manpages-ru manpages-tr "
    "manpages-vi manpages-uk manpages-fr evolution-common gedit-common",
    "django==4.2.17 django==5.1.4 sphinx==7.4.7 sphinx==8.1.3 mercurial==6.8.2 sympy==1.13.3 "
    "sqlalchemy==2.0.36 twisted==23.10.0 twisted==24.10.0 faker==33.1.0",
    "typescript@5.4.5 typescript@4.9.5 tinymce-i18n@24.7.29 tinymce-i18n@23.10.9",
    1,
)
HELD_OUT: Final = Recipe(
    "libreoffice-help-zh-tw libreoffice-help-hu libreoffice-help-es libreoffice-help-dz "
    "libreoffice-help-cs libreoffice-help-pt-br libreoffice-help-sk libreoffice-help-en-gb "
    "libreoffice-l10n-fa libreoffice-l10n-bn libreoffice-l10n-te libreoffice-l10n-bg "
    "libreoffice-l10n-uk libreoffice-l10n-be gimp-help-zh-cn gimp-help-ja gimp-help-ko "
    "gimp-help-ru gimp-help-el gimp-help-fa installation-guide-arm64 installation-guide-s390x "
    "debian-edu-doc-zh-cn debian-edu-doc-ja linuxcnc-doc-zh-cn debian-reference-zh-cn "
    "debian-reference-ja maint-guide-zh-cn maint-guide-ja maint-guide-ru developers-reference-ja "
    "developers-reference-ru aptitude-doc-ja aptitude-doc-ru debian-faq-ko debian-faq-zh-cn "
    "manpages-de manpages-es manpages-el kstars-data krita-l10n kate5-data digikam-data "
    "mate-user-guide nautilus-data gnumeric-common cinnamon-l10n libreoffice-l10n-ru "
    "libreoffice-l10n-el libreoffice-l10n-ko libreoffice-l10n-ja libreoffice-l10n-zh-cn "
    "libreoffice-l10n-zh-tw libreoffice-l10n-kk libreoffice-l10n-mn libreoffice-l10n-mr "
    "libreoffice-l10n-ne libreoffice-l10n-mk libreoffice-l10n-sr libreoffice-l10n-ug libreoffice-l10n-am",
    "weblate==5.9.1 plone.app.locales==6.0.20 plone.app.locales==6.0.7 octoprint==1.10.3 "
    "mailman==3.3.10 salt==3007.1 transformers==4.40.2 transformers==4.47.1 pyramid==2.0.2",
    "cldr-localenames-full@44.1.0 cldr-localenames-full@46.1.0 date-fns@3.6.0",
    2,
)

SHARES: Final = {"other script": 0.45, "accented": 0.17, "english": 0.16, "code": 0.22}
EDITED: Final = 0.08
RATES: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
MAX_HTML: Final = 2_000_000  # bytes of a page before its tags are taken away

# Where a path says which language a file is in; the first that matches counts.
_TAG: Final = r"(?P<lang>[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?(?:@\w+)?)"
TRANSLATED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"share/libreoffice/help/{_TAG}/text/.+\.html",
        rf"share/(?:help|gimp/2\.0/help|debian-reference|developers-reference)/{_TAG}/.+\.(?:page|docbook|html|txt)",
        rf"share/man/{_TAG}(?:\.UTF-8)?/man\w+/.+\.gz",
        rf"share/doc/.+/{_TAG}/.+\.html",
        rf"share/.+\.{_TAG}\.html",
        rf"(?:share/)?doc/[a-z-]+?-{_TAG}/.+\.(?:html|gz|txt)",
        rf"(?:^|/){_TAG}/LC_MESSAGES/.+\.(?:mo|po)",
        rf"(?:^|/){_TAG}/.+\.(?:ftl|properties|dtd)",
        rf"package/lib/{_TAG}/diagnosticMessages.+\.json",
        rf"package/main/{_TAG}/\w+\.json",
        rf"package/langs\w*/{_TAG}\.js",
        rf"package/locale/{_TAG}/.+\.js",
        rf"i18n/{_TAG}\.po",
    )
)
_BREAK_TAGS: Final = "p div li tr h1 h2 h3 h4 h5 pre dt dd br table title item note"
_BREAKS: Final = frozenset(_BREAK_TAGS.split())
_HIDDEN: Final = frozenset(("script", "style", "head"))
_ROFF: Final = re.compile(
    r"^[.'](?:\\\".*|[A-Za-z]{1,2}\s?)|\\f(?:\[\w*\]|.)|\\[&|^]", re.MULTILINE
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_OTHER_SCRIPT: Final = re.compile(r"[\u0370-\u1dff\u2c00-\u2dff\u2e80-\ud7ff\uf900-\uffef]")
_ACCENTED: Final = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
_UNSPACED: Final = re.compile(
    r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
)


class Archive(NamedTuple):
    """One fetched package: its name without version, the label with it, its client, its file."""

    name: str
    label: str
    client: str
    path: Path


class Page(html.parser.HTMLParser):
    """Collects the text of HTML or of a manual's XML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break the line at a block; enter what is never shown."""
        del attrs
        self.hidden += tag in _HIDDEN
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break the line at an empty block; it has no inside."""
        del attrs
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Leave what is never shown."""
        self.hidden -= tag in _HIDDEN and self.hidden > 0

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if self.hidden == 0:
            self.parts.append(data)


def page_text(markup: str) -> str:
    """Return the text of markup, with blanks collapsed and empty lines dropped."""
    page = Page()
    page.feed(markup)
    page.close()
    lines = (" ".join(line.split()) for line in "".join(page.parts).splitlines())
    return "\n".join(line for line in lines if line)


def catalogue(content: bytes) -> bytes:
    """Return the translations of a compiled message catalogue, a line each (GNU gettext, 10.3)."""
    order = "<" if content[:4] == b"\xde\x12\x04\x95" else ">"
    count, _, table = struct.unpack_from(f"{order}3I", content, 8)
    places = struct.iter_unpack(f"{order}2I", content[table : table + 8 * count])
    return b"\n".join(content[at : at + size].replace(b"\0", b"\n") for size, at in places)


def text_of(path: str, content: bytes) -> str | None:
    """Return a file's text: markup, compiled catalogues and roff macros taken away."""
    suffix = PurePosixPath(path).suffix
    if suffix == ".gz":
        content = gzip.decompress(content)
    if suffix == ".mo":
        content = catalogue(content)
    text = decoded(content)
    if text is not None and suffix in (".html", ".page", ".docbook"):
        return page_text(text)
    return _ROFF.sub("", text) if text is not None and "share/man/" in path else text


def pieces(text: str, low: int = 2500, high: int = 24_000) -> Iterator[str]:
    """Cut a long text at lines that their own content chooses, so that versions are cut alike."""
    part: list[str] = []
    size = 0
    for line in text.splitlines(keepends=True):
        part.append(line)
        size += len(line)
        if size >= high or (size >= low and digest(line) % 64 == 0):
            yield "".join(part)
            part, size = [], 0
    if part:
        yield "".join(part)


def unpacked(archive: Archive) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of what is in an archive; nothing is unpacked to disk."""
    if archive.client != "debian":
        prefix = "package/" if archive.client == "npm" else ""
        yield from ((prefix + path, content) for path, content in files(archive.path))
        return
    command = ["dpkg-deb", "--fsys-tarfile", str(archive.path)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as tar,
    ):
        for member in tar:
            handle = tar.extractfile(member) if member.isreg() else None
            if handle is not None and member.size <= MAX_HTML:
                yield member.name.removeprefix("./"), handle.read()


def language_of(path: str) -> str | None:
    """Return the language that a path claims, in lower case with a hyphen, else None."""
    for pattern in TRANSLATED:
        if (match := pattern.search(path)) is not None:
            tag = match["lang"].lower().replace("_", "-")
            return re.sub("^(?:doc|faq)-|-dev$", "", tag)
    return "en" if re.search(r"share/(?:help/C|doc)/.+\.(?:page|html)$", path) else None


def part_of(text: str, path: str) -> str:
    """Say which of SHARES a text belongs to, by its letters and not by what its path claims."""
    letters = max(1, len(_LETTER.findall(text)))
    if len(_OTHER_SCRIPT.findall(text)) >= 0.2 * letters:
        return "other script"
    if len(_ACCENTED.findall(text)) >= 0.01 * letters:
        return "accented"
    return "code" if source_of(path, len(text)) == "code" else "english"


def group_of(name: str, path: str) -> str:
    """Name what the versions of a file share, and the same manual for several architectures."""
    family = re.sub(r"-(?:amd64|i386|arm64|s390x)$", "", name)
    return f"{family}/{path.replace(name, family)}"


def entries_of(archive: Archive) -> Iterator[Entry]:
    """Yield the documents of one package."""
    for path, content in unpacked(archive):
        language = language_of(path)
        prose = archive.client == "pypi" and source_of(path, len(content)) is not None
        if language is None and (not prose or len(content) > MAX_BYTES):
            continue
        text = text_of(path, content)
        for number, piece in enumerate(pieces(text) if text is not None else ()):
            size = len(piece.encode())
            if size < 64:
                continue
            record = {
                "id": f"{archive.label}/{path}" + (f"#{number}" if number else ""),
                "text": piece,
                "source": archive.name,
                "path": path,
                "lang": language or "en",
                "meta": {},
            }
            yield Entry(record, group_of(archive.name, path), part_of(piece, path), size)


def given(folders: list[Path]) -> Iterator[Entry]:
    """Yield the documents of folders of jsonl.zst that lie outside, in this corpus' shape."""
    for entry in prose(folders):
        text, path = entry.record["text"], entry.record["path"]
        record = {"id": entry.record["id"], "text": text, "source": entry.record["meta"]["package"]}
        record |= {"path": path, "lang": "", "meta": {}}
        yield Entry(record, entry.group, part_of(text, ""), entry.size)


def fetched(spec: str, client: str, cache: Path) -> Archive:
    """Return the archive of one package from the cache, downloading it by its client if need be."""
    folder = cache / client
    folder.mkdir(parents=True, exist_ok=True)
    name, _, version = spec.partition("@" if client == "npm" else "==")
    stem = re.escape(name) + ("_.+" if client == "debian" else "-" + re.escape(version))
    wanted = re.compile(
        stem.replace(r"\-", "[-_.]").replace(r"\.", "[-_.]") + r"\.(deb|tar\.gz|tgz)"
    )
    for attempt in range(2):
        found = sorted(each for each in folder.iterdir() if wanted.fullmatch(each.name.lower()))
        if found:
            label = name if client == "debian" else f"{normalised(name)}-{version}"
            return Archive(normalised(name), label, client, found[-1])
        if attempt == 0:
            print(f"{client}: {spec}", file=sys.stderr)
            download(spec, client, folder)
    sys.exit(f"multilingual: {client} gave no archive for {spec}")


def download(spec: str, client: str, folder: Path) -> None:
    """Let the client of a registry fetch one package into a folder."""
    if client == "pypi":
        pip_download(spec, folder)
        return
    command = (
        ["npm", "pack", "--silent", spec] if client == "npm" else ["apt-get", "download", spec]
    )
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)


def sample(entries: list[Entry], megabytes: float) -> list[Entry]:
    """Take whole groups of each part, in order of a hash of their name, up to the part's share.

    A part that runs short leaves its room to `other script`, which has most.
    """
    groups: dict[str, dict[str, list[Entry]]] = {name: defaultdict(list) for name in SHARES}
    for entry in entries:
        groups[entry.source][entry.group].append(entry)
    taken: list[Entry] = []
    room = 0.0
    for name in reversed(SHARES):
        room += SHARES[name] * megabytes * 1e6
        for group in sorted(groups[name], key=digest):
            size = sum(entry.size for entry in groups[name][group])
            if size <= room:
                taken += groups[name][group]
                room -= size
            if room < 1000:
                break
    return taken


def altered(text: str, rate: float, chance: Random) -> str:
    """Delete, replace or insert words (characters where words are not spaced) at a rate."""
    unspaced = len(_UNSPACED.findall(text)) >= 0.3 * max(1, len(text))
    units = list(text) if unspaced else re.findall(r"\s+|\S+", text)
    own = [unit for unit in units if not unit.isspace()] or ["x"]
    made: list[str] = []
    for unit in units:
        if unit.isspace() or chance.random() >= rate:
            made.append(unit)
            continue
        kind = chance.choice(("delete", "replace", "insert"))
        if kind != "delete":
            made.append(chance.choice(own))
        if kind == "insert":
            made += ["" if unspaced else " ", unit]
    return "".join(made)


HEADER: Final = (
    "This page was copied from another place and may be out of date.\n"
    "Please see the original for the terms under which it may be used.\n\n"
)


def edit_of(entry: Entry, seed: int) -> Entry:
    """Return an edit of a document, labelled with its parent, its rate and its header."""
    name = entry.record["id"]
    chance = Random(digest(f"edit:{seed}:{name}"))
    rate, header = chance.choice(RATES), chance.random() < 0.3
    text = (HEADER if header else "") + altered(entry.record["text"], rate, chance)
    meta = {"parent": name, "rate": rate, "header": header}
    record = entry.record | {"id": f"{name}~edit", "text": text, "meta": meta}
    return Entry(record, entry.group, entry.source, len(text.encode()))


def with_edits(entries: list[Entry], seed: int) -> list[Entry]:
    """Add the edits of a share of the documents of 200 bytes and more."""
    chosen = [
        entry
        for entry in entries
        if entry.size >= 200 and digest(f"{seed}:{entry.record['id']}") < EDITED * 2**64
    ]
    return entries + [edit_of(entry, seed) for entry in chosen]


def write(out: Path, entries: list[Entry], shard_bytes: float) -> None:
    """Deal documents to shards by a hash of their id and write them."""
    out.mkdir(parents=True, exist_ok=True)
    for stale in out.glob("*.jsonl.zst"):
        stale.unlink()
    count = max(1, round(sum(entry.size for entry in entries) / shard_bytes))
    shards: list[list[Entry]] = [[] for _ in range(count)]
    for entry in entries:
        shards[digest(f"shard:{entry.record['id']}") % count].append(entry)
    for ordinal, members in enumerate(shards):
        write_shard(out / f"multi-{ordinal:03d}.jsonl.zst", members)


def summary(entries: list[Entry], archives: list[Archive]) -> dict[str, Any]:
    """Count documents and bytes by part and language, name the archives and digest the whole."""
    lines = sorted(f"{e.record['id']} {digest(e.record['text']):016x}" for e in entries)
    by: dict[str, dict[str, int]] = {"part": defaultdict(int), "lang": defaultdict(int)}
    for entry in entries:
        by["part"][entry.source] += entry.size
        by["lang"][entry.record["lang"]] += entry.size
    return {
        "documents": len(entries),
        "edits": sum("parent" in entry.record["meta"] for entry in entries),
        "bytes": sum(entry.size for entry in entries),
        "bytes_by_part": dict(sorted(by["part"].items())),
        "bytes_by_lang": dict(sorted(by["lang"].items(), key=lambda pair: -pair[1])),
        "archives": [archive.path.name for archive in archives],
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }


def main() -> None:
    """Build the corpus that the command line asks for and print what it holds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the shards")
    parser.add_argument("--mb", type=float, default=240, help="megabytes of text")
    parser.add_argument("--held-out", action="store_true", help="other packages, other chances")
    parser.add_argument("--shard-mb", type=float, default=8, help="megabytes of text in a shard")
    parser.add_argument("--cache", type=Path, help="folder of archives (default: beside OUT)")
    parser.add_argument(
        "--extra", type=Path, action="append", default=[], help="folder of jsonl.zst to take too"
    )
    args = parser.parse_args()
    recipe = HELD_OUT if args.held_out else MAIN
    cache = args.cache or args.out.absolute().parent / "multilingual-downloads"
    asked = {"debian": recipe.debian, "pypi": recipe.pypi, "npm": recipe.npm}
    archives = [
        fetched(spec, name, cache) for name, specs in asked.items() for spec in specs.split()
    ]
    entries = [entry for archive in archives for entry in entries_of(archive)]
    entries += given(args.extra)
    chosen = with_edits(sample(entries, args.mb / (1 + EDITED)), recipe.seed)
    write(args.out, chosen, args.shard_mb * 1e6)
    report = json.dumps(summary(chosen, archives), indent=1, ensure_ascii=False)
    (args.out / "summary.json").write_text(report + "\n", encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
