"""Files of a release, how to check them, and what it was built with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.report.data import BESIDE
from pipeline.report.html import (
    Cell,
    code,
    counted,
    details,
    esc,
    named,
    number,
    pairs,
    panel,
    plural,
    section,
    size,
    sized,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manifests.manifest import Plugin
    from pipeline.report.data import Facts

_PAPERS: Final = (
    (
        "manifest.json",
        "everything in the release, with checksums; manifest.schema.json says its form",
    ),
    ("SHA256SUMS", "checksums for sha256sum"),
    ("README.md", "the dataset card"),
    ("DATASHEET.md", "the questions of a datasheet, answered"),
    ("LICENSES.md", "licences, what they ask, whom to attribute"),
    ("licenses/", "their texts"),
    ("CHANGELOG.md", "what changed from release to release"),
    ("croissant.json", "what loaders and dataset search read"),
    ("provenance.json", "what it was made of and how, as an in-toto statement"),
    ("compliance/", "forms for the EU and California, licences to review"),
    ("parquet/", "the same records in columns"),
    ("signatures/", "MinHash signatures of the documents"),
    ("index/", "where each document lies: shard, frame, offset"),
    ("ledger/", "what became of every input record, splits, tombstones"),
    ("reports/", "this page and its figures"),
    ("config/", "the resolved config"),
    ("check_proof.py", "checks proofs with Python alone"),
)
_INPUTS: Final = 100
_COMMANDS: Final = (
    ("sha256sum -c SHA256SUMS", "every file, with standard tools"),
    ("gristmill verify .", "every file, and what should not be there"),
    ("gristmill verify . --deep", "decodes every record; names file, frame and document"),
    ("gristmill prove . ID", "a proof that a record is in the release, or that it is not"),
    ("gristmill report .", "this page again, byte for byte"),
)
_IDENTITY: Final = "<p>The content root stays the same when the files are compressed anew; the checksums do not.</p>"


def files(facts: Facts) -> str:
    """Make the section on files and checks."""
    rows = [
        (
            Cell(code(f"{part.kind}/{part.source}/{part.split}-*"), part.source, "path"),
            counted(part.shards),
            counted(part.records),
            sized(part.raw),
            sized(part.stored),
            Cell(f"{part.raw / part.stored:.2f}\u00d7" if part.stored else "\u2013", part.raw),
        )
        for part in facts.parts
    ]
    head = ("shards", "files", "records", "raw", "stored", "ratio")
    papers = pairs(_papers(facts.beside))
    commands = "".join(
        f"<li><code>{esc(command)}</code><span>{esc(what)}</span></li>"
        for command, what in _COMMANDS
    )
    lead = "Shards are zstd files of several frames, one JSON object a line, in a random order."
    return section(
        "files",
        "Files, and how to check them",
        lead,
        panel("Shards", table("Shards by source and split", head, rows)),
        '<div class="two">',
        panel("Beside the shards", papers),
        panel("Check it", f'<ul class="commands">{commands}</ul>', _IDENTITY),
        "</div>",
    )


def _papers(beside: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield what lies beside the shards; a folder that not every release has, with its size."""
    for path, what in _PAPERS:
        folder = path.removesuffix("/")
        if folder in beside:
            yield path, f"{esc(what)} ({size(beside[folder])})"
        elif folder not in BESIDE:
            yield path, esc(what)


def build(facts: Facts) -> str:
    """Make the section on what the bytes depend on."""
    made = facts.manifest.build
    inputs = facts.manifest.inputs
    known = pairs(
        (
            ("Python", esc(made.python or "not recorded")),
            ("libzstd", esc(made.libzstd)),
            ("Seed", number(made.seed)),
            ("Shards a source", number(made.shards)),
            ("Config", code(made.config_sha256)),
            ("Code", code(made.code_sha256)),
        )
    )
    packages = "".join(
        f"<li><bdi>{esc(each)}</bdi> <span>{esc(version)}</span></li>"
        for each, version in sorted(made.packages.items())
    ) + "".join(
        f"<li><bdi>{esc(each.kind)} {esc(each.name)}</bdi> <span>{esc(_package(each))}</span></li>"
        for each in made.plugins
    )
    rows = [
        (
            Cell(code(each.path), each.path),
            named(each.source),
            counted(each.records),
            sized(each.bytes),
        )
        for each in inputs[:_INPUTS]
    ]
    beyond = len(inputs) - len(rows)
    more = f'<p class="none">{number(beyond)} more are in manifest.json.</p>' if beyond > 0 else ""
    listed = table("Inputs", ("input", "source", "records", "bytes"), rows)
    return section(
        "build",
        "Build",
        "The same inputs, config and packages give the same bytes.",
        panel("Made with", known),
        panel("Packages that shape the bytes", f'<ul class="packages">{packages}</ul>'),
        panel("Inputs", details(plural(len(inputs), "input file"), listed + more)),
    )


def _package(plugin: Plugin) -> str:
    return f"{plugin.distribution} {plugin.version}".strip() or plugin.sha256[:12]
