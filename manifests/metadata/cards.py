"""The dataset card of a release, README.md, from figures and from what people said in `[about]`.

No text of a document goes into it, and no date but the stated one: equal releases have equal cards.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from manifests.manifest import SPLITS
from manifests.markdown import code, number, size_text, table
from manifests.metadata.citation import bibtex, title_of
from manifests.metadata.frontmatter import configs, front_matter
from manifests.metadata.stated import about_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manifests.figures import Figures, Share
    from manifests.manifest import Manifest, Source

_NAMED_LICENSES: Final = 3
_NAMED_LANGUAGES: Final = 10


def dataset_card(manifest: Manifest, figures: Figures | None = None) -> str:
    """Return README.md: front matter for the Hugging Face Hub, then what a reader needs to know."""
    about = about_of(manifest)
    sections = (
        f"# {title_of(manifest)} {manifest.version}",
        about.description,
        _summary(manifest),
        "## What is inside",
        _sources_table(manifest.sources),
        _languages(figures),
        _LICENSES,
        *_section("What it is for", about.purpose),
        *_section("What it is not for", about.out_of_scope),
        *_section("Known biases", about.biases),
        "## How it was made",
        about.collection,
        _making(manifest),
        "## How to read it",
        _reading(manifest),
        "## How to check it",
        _CHECKING.replace("ROOT", manifest.content_root),
        "## How to cite it",
        _citing(manifest),
        *_section("Maintenance", about.maintenance),
        *_section("Contact", ", ".join(filter(None, [about.publisher, about.contact]))),
    )
    body = "\n\n".join(filter(None, sections))
    return front_matter(manifest, figures) + "\n" + body + "\n"


def _section(title: str, text: str) -> tuple[str, ...]:
    """Set a text under its title; what nobody said has no section."""
    return (f"## {title}", text) if text else ()


_LICENSES: Final = """\
The licence of every document stands in its record. LICENSES.md counts them, `licenses/` holds their
texts and says whom to attribute."""

_CHECKING: Final = """\
```sh
sha256sum -c SHA256SUMS          # every file has the bytes that were published
gristmill verify .               # and no file is there that should not be
gristmill verify . --deep        # decodes every record; names the file, the frame, the document
gristmill prove . ID --out proof.json
python3 check_proof.py proof.json --root ROOT
```

The last two lines prove to anyone that a document is, or is not, in this release: `check_proof.py`
needs Python alone. `content_root` in manifest.json, the root in that line, is a Merkle root over the
records: it stays the same when the files are compressed anew."""


_READING: Final = """\
Shards are zstd files of several frames, one JSON object a line, every key always present. Some
readers stop after the first frame (python-zstandard's `read_to_iter`, a single `.read()`); these
do not:

```sh
zstdcat GLOB | jq -r .id
```

```python
import os

from datasets import load_dataset

print(load_dataset(CONFIG)[0])
```

```python
import duckdb

print(duckdb.sql("SELECT source, count(*) FROM read_json('GLOB', format='newline_delimited', \
maximum_object_size=134217728) GROUP BY source"))
```

```python
import polars

print(polars.scan_ndjson("GLOB").select("id", "license").collect())
```

Documents stand in a random order, so the first shards are a uniform sample of the whole.
`meta.redactions` (a list of `[start, end, type]` in code points) and `meta.extra` are JSON in
strings."""


def _summary(manifest: Manifest) -> str:
    """Say in a sentence or two what the release is."""
    parts = [f"{number(manifest.documents)} documents"]
    if manifest.questions:
        parts.append(f"{number(manifest.questions)} questions")
    packed = sum(file.bytes for file in manifest.files if file.records is not None)
    size = f"{size_text(manifest.bytes_raw)} of JSON lines in {size_text(packed)} of zstd"
    parent = "" if manifest.parent is None else f" It replaces version {manifest.parent.version}."
    notes = "".join(f"\n- {note}" for note in manifest.notes)
    said = f"**{' and '.join(parts)}**, {size}.{parent}"
    return said + (f"\n\nNote:\n{notes}" if notes else "")


def _sources_table(sources: Iterable[Source]) -> str:
    """One row a source: how much, in which splits, under which licences."""
    cells = [
        (
            source.name,
            "questions" if source.kind == "question" else "documents",
            number(source.kept),
            size_text(source.bytes),
            ", ".join(f"{split} {number(source.splits[split])}" for split in _splits(source)),
            _top_licenses(source.licenses),
        )
        for source in sources
    ]
    return table(("source", "kind", "number", "bytes", "splits", "licences"), cells)


def _splits(source: Source) -> list[str]:
    return [split for split in SPLITS if source.splits.get(split)]


def _top_licenses(licenses: Mapping[str, int]) -> str:
    """Name the most frequent licences, and how many others there are."""
    ranked = sorted(licenses, key=lambda name: (-licenses[name], name))
    named = [f"{code(name)} {number(licenses[name])}" for name in ranked[:_NAMED_LICENSES]]
    others = len(ranked) - _NAMED_LICENSES
    return ", ".join([*named, *([f"{others} more"] if others > 0 else [])])


def _languages(figures: Figures | None) -> str:
    """Count documents by language, those with most text first: prose by its ISO 639 code."""
    if figures is None or not figures.languages:
        return ""
    ranked = sorted(figures.languages.items(), key=lambda item: (-item[1].bytes, item[0]))
    rows = [_language_row(name, share) for name, share in ranked[:_NAMED_LANGUAGES]]
    others = [share for _, share in ranked[_NAMED_LANGUAGES:]]
    if others:
        documents = sum(share.documents for share in others)
        size = sum(share.bytes for share in others)
        rows.append((f"{len(others)} more", number(documents), size_text(size)))
    return table(("language", "documents", "bytes of text"), rows)


def _language_row(name: str, share: Share) -> tuple[str, str, str]:
    return name, number(share.documents), size_text(share.bytes)


def _making(manifest: Manifest) -> str:
    """Tell the way from the input records to the kept ones, drop by drop."""
    read = sum(source.read for source in manifest.sources)
    kept = sum(source.kept for source in manifest.sources)
    dropped = [
        (stage.stage, reason, n) for stage in manifest.stages for reason, n in stage.dropped.items()
    ]
    account = f"{number(read)} records were read, {number(kept)} are kept"
    lines = [f"{account}; `ledger/` says of each where it went, and why."]
    if dropped:
        cells = ((stage, code(reason), number(n)) for stage, reason, n in sorted(dropped))
        lines.append(table(("dropped at", "reason", "records"), cells))
    if manifest.redact.counts:
        spans = sorted(manifest.redact.counts.items())
        says = "`meta.redactions` says"
        if manifest.questions:  # which have a text of their own beside their context
            says = "`meta.redactions` and `meta.question_redactions` say"
        lines.append(
            f"Redaction was {manifest.redact.level}; what was replaced bears a placeholder, and "
            f"{says} where."
        )
        lines.append(table(("redacted", "spans"), ((code(t), number(n)) for t, n in spans)))
    return "\n\n".join(lines)


def _reading(manifest: Manifest) -> str:
    """Give readers that read every frame; several in common use stop after the first one."""
    glob = "data/*/*.jsonl.zst" if manifest.documents else "qa/*/*.jsonl.zst"
    config = next(iter(configs(manifest)), None)
    name = '"default"' if config is None else json.dumps(config.name)
    split = "train" if config is None or not config.splits else config.splits[0].name
    return _READING.replace("GLOB", glob).replace("CONFIG", f'os.getcwd(), {name}, split="{split}"')


def _citing(manifest: Manifest) -> str:
    """Give the citation that people asked for, and the entry of this very release."""
    asked = about_of(manifest).citation
    entry = f"```bibtex\n{bibtex(manifest)}\n```"
    if not asked:
        return entry
    return f"{_fenced(asked)}\n\nThis very version is\n\n{entry}"


def _fenced(text: str) -> str:
    """Set a BibTeX entry in a fence, prose as it is."""
    return f"```bibtex\n{text.strip()}\n```" if text.lstrip().startswith("@") else text.strip()
