"""The dataset card of a release, README.md, from figures.

No text of a document goes into them, and no date: equal releases have equal cards.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from manifests.frontmatter import configs, front_matter
from manifests.markdown import code, number, size_text, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from manifests.manifest import Manifest, Source

_NAMED_LICENSES: Final = 3


def dataset_card(manifest: Manifest) -> str:
    """Return README.md: front matter for the Hugging Face Hub, then what a reader needs to know."""
    sections = (
        f"# {manifest.name} {manifest.version}",
        _summary(manifest),
        "## What is inside",
        _sources_table(manifest.sources),
        _LICENSES,
        "## How it was made",
        _making(manifest),
        "## How to read it",
        _reading(manifest),
        "## How to check it",
        _CHECKING,
    )
    return front_matter(manifest) + "\n" + "\n\n".join(sections) + "\n"


_LICENSES: Final = """\
The licence of every document stands in its record. LICENSES.md counts them, `licenses/` holds their
texts and says whom to attribute."""

_CHECKING: Final = """\
`sha256sum -c SHA256SUMS` checks every file. `gristmill verify .` also finds files that should not
be there, and `gristmill verify . --deep` decodes every record and names the file, the frame and
the document that is wrong. `content_root` in manifest.json is a Merkle root over the records: it
stays the same when the files are compressed anew."""


_READING: Final = """\
Shards are zstd files of several frames, one JSON object a line, every key always present. Some
readers stop after the first frame (python-zstandard's `read_to_iter`, a single `.read()`); these
do not:

```sh
zstdcat GLOB | jq -r .id
```

```python
from datasets import load_dataset

print(load_dataset(CONFIG)[0])
```

```python
import duckdb

print(duckdb.sql("SELECT source, count(*) FROM read_json('GLOB', format='newline_delimited', \
maximum_object_size=1073741824) GROUP BY source"))
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
    what = f"{' and '.join(parts)}, {size_text(manifest.bytes_raw)} of JSON lines"
    parent = "" if manifest.parent is None else f" It replaces version {manifest.parent.version}."
    notes = "".join(f"\n- {note}" for note in manifest.notes)
    return f"{what}.{parent}" + (f"\n\nNote:\n{notes}" if notes else "")


def _sources_table(sources: Iterable[Source]) -> str:
    """One row a source: how much, in which splits, under which licences."""
    cells = (
        (
            source.name,
            "questions" if source.kind == "question" else "documents",
            number(source.kept),
            size_text(source.bytes),
            ", ".join(f"{split} {number(n)}" for split, n in source.splits.items() if n),
            _top_licenses(source.licenses),
        )
        for source in sources
    )
    return table(("source", "kind", "number", "bytes", "splits", "licences"), cells)


def _top_licenses(licenses: Mapping[str, int]) -> str:
    """Name the most frequent licences, and how many others there are."""
    ranked = sorted(licenses, key=lambda name: (-licenses[name], name))
    named = [f"{code(name)} {number(licenses[name])}" for name in ranked[:_NAMED_LICENSES]]
    others = len(ranked) - _NAMED_LICENSES
    return ", ".join([*named, *([f"{others} more"] if others > 0 else [])])


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
        lines.append(
            f"Redaction was {manifest.redact.level}; what it replaced bears a placeholder, and "
            "`meta.redactions` says where."
        )
        lines.append(table(("redacted", "spans"), ((code(t), number(n)) for t, n in spans)))
    return "\n\n".join(lines)


def _reading(manifest: Manifest) -> str:
    """Give readers that read every frame; several in common use stop after the first one."""
    glob = "data/*/*.jsonl.zst" if manifest.documents else "qa/*/*.jsonl.zst"
    config = next(iter(configs(manifest)), None)
    name = '"default"' if config is None else json.dumps(config.name)
    split = "train" if config is None or not config.splits else config.splits[0].name
    return _READING.replace("GLOB", glob).replace("CONFIG", f'".", {name}, split="{split}"')
