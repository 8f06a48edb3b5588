"""The YAML head of a dataset card, from which `load_dataset` finds shards, splits and schema.

Keys and names are those of the Hugging Face Hub's dataset card metadata. Every value is written as
a JSON string, which YAML reads as it stands: nothing turns into a number, a date or a Boolean.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from manifests.manifest import SPLITS, shard_path
from manifests.metadata.citation import title_of
from manifests.metadata.stated import about_of, licenses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manifests.figures import Figures
    from manifests.manifest import Manifest, Source

HUB_LICENSES: Final = {
    "Apache-2.0": "apache-2.0",
    "BSD-2-Clause": "bsd-2-clause",
    "BSD-3-Clause": "bsd-3-clause",
    "BSL-1.0": "bsl-1.0",
    "CC-BY-4.0": "cc-by-4.0",
    "CC-BY-SA-3.0": "cc-by-sa-3.0",
    "CC-BY-SA-4.0": "cc-by-sa-4.0",
    "CC0-1.0": "cc0-1.0",
    "ISC": "isc",
    "MIT": "mit",
    "MPL-2.0": "mpl-2.0",
    "PDDL-1.0": "pddl",
    "PostgreSQL": "postgresql",
    "Unlicense": "unlicense",
    "Zlib": "zlib",
}
"""SPDX identifier -> the Hub's name for it, where the Hub has one."""

_HUB_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_TASKS: Final = {"document": "text-generation", "question": "question-answering"}
_SIZES: Final = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")

_DOCUMENT: Final = """\
  - name: id
    dtype: string
  - name: text
    dtype: string
  - name: source
    dtype: string
  - name: license
    dtype: string
  - name: language
    dtype: string
  - name: url
    dtype: string
  - name: created
    dtype: string
  - name: sha256
    dtype: string
  - name: meta
    struct:
    - name: pile_set_name
      dtype: string
    - name: repo
      dtype: string
    - name: path
      dtype: string
    - name: natural_language
      dtype: string
    - name: redactions
      dtype: string
    - name: extra
      dtype: string
"""

_ANSWERS: Final = """\
    list:
    - name: text
      dtype: string
    - name: start
      dtype: int64
    - name: end
      dtype: int64
"""

_QUESTION: Final = f"""\
  - name: id
    dtype: string
  - name: schema
    dtype: string
  - name: context
    dtype: string
  - name: context_sha256
    dtype: string
  - name: question
    dtype: string
  - name: answers
{_ANSWERS}  - name: is_impossible
    dtype: bool
  - name: plausible_answers
{_ANSWERS}  - name: source
    dtype: string
  - name: license
    dtype: string
  - name: language
    dtype: string
  - name: url
    dtype: string
  - name: title
    dtype: string
  - name: group
    dtype: string
  - name: synthetic
    struct:
    - name: method
      dtype: string
    - name: seed
      dtype: int64
  - name: quality
    struct:
    - name: question_words
      dtype: int64
    - name: answer_words
      dtype: int64
    - name: overlap
      dtype: float64
    - name: leak
      dtype: bool
    - name: places
      dtype: int64
  - name: meta
    struct:
    - name: redactions
      dtype: string
    - name: question_redactions
      dtype: string
    - name: extra
      dtype: string
"""


class Split(NamedTuple):
    """A split of a config: its records, their raw bytes, and the bytes of its files."""

    name: str
    records: int
    bytes: int
    packed: int


class Config(NamedTuple):
    """What `load_dataset` takes as one: the folder of its shards, its schema, its splits."""

    name: str
    folder: str
    features: str
    splits: tuple[Split, ...]


def configs(manifest: Manifest) -> list[Config]:
    """Return one config for each source and question set, and `default` for all documents."""
    sources = sorted(manifest.sources, key=lambda source: (source.kind, source.name))
    totals = _totals(manifest)
    wanted = [Config("default", "data/*", _DOCUMENT, _splits(totals, "data", None))]
    for source in sources:
        kind, features = _place(source)
        splits = _splits(totals, kind, source.name)
        wanted.append(Config(_config_name(source), f"{kind}/{source.name}", features, splits))
    return [config for config in wanted if config.splits]


def front_matter(manifest: Manifest, figures: Figures | None = None) -> str:
    """Return the YAML head with its fences; `figures` adds the natural languages."""
    kinds = sorted({source.kind for source in manifest.sources if source.kept})
    head = [
        "---",
        f"pretty_name: {_quoted(f'{title_of(manifest)} {manifest.version}')}",
        *_licenses(manifest),
        *_list("language", _languages(figures)),
        *_list("task_categories", [_TASKS[kind] for kind in kinds]),
        *_list("tags", about_of(manifest).keywords),
        "size_categories:",
        f"- {size_category(manifest.documents + manifest.questions)}",
    ]
    every = configs(manifest)
    if every:
        head += ["configs:", *(line for config in every for line in _data_files(config))]
        head += ["dataset_info:", *(line for config in every for line in _info(config))]
    return "\n".join([*head, "---"]) + "\n"


def _list(key: str, values: Iterable[str]) -> list[str]:
    """Spell a list; an empty one is left out."""
    lines = [f"- {_quoted(value)}" for value in values]
    return [f"{key}:", *lines] if lines else []


def _languages(figures: Figures | None) -> list[str]:
    """List the natural languages by their ISO 639 codes."""
    found = () if figures is None else figures.natural_languages
    return sorted(name for name in found if _HUB_LANGUAGE.fullmatch(name) and name != "und")


def size_category(records: int) -> str:
    """Return the Hub's class for a number of records."""
    lower = None
    for upper, name in zip((10**power for power in range(3, 13)), _SIZES, strict=True):
        if records < upper:
            return f"n<{name}" if lower is None else f"{lower}<n<{name}"
        lower = name
    return "n>1T"


def _licenses(manifest: Manifest) -> list[str]:
    """Give the stated licence, else those of the documents: the Hub's names, or `other` where it has none."""
    stated = about_of(manifest).license
    found = [stated] if stated else sorted(licenses_of(manifest))
    if found and all(name in HUB_LICENSES for name in found):
        return ["license:", *(f"- {HUB_LICENSES[name]}" for name in found)]
    name = _quoted(stated) if stated else "mixed"
    return ["license: other", f"license_name: {name}", "license_link: LICENSES.md"]


def _config_name(source: Source) -> str:
    """Return a config's name: the source's, set apart where another config would bear it too."""
    if source.kind == "question":
        return f"qa-{source.name}"
    return f"source-{source.name}" if source.name.startswith(("default", "qa-")) else source.name


def _place(source: Source) -> tuple[str, str]:
    """Return where a source's shards lie and what its records hold."""
    return ("qa", _QUESTION) if source.kind == "question" else ("data", _DOCUMENT)


def _totals(manifest: Manifest) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    """Add up the shards: (kind, source, split) -> (records, raw bytes, bytes)."""
    totals: dict[tuple[str, str, str], tuple[int, int, int]] = {}
    for file in manifest.files:
        place = shard_path(file.path)
        if place is not None:
            key = place.kind, place.source, place.split
            records, size, packed = totals.get(key, (0, 0, 0))
            totals[key] = (
                records + (file.records or 0),
                size + (file.raw_bytes or 0),
                packed + file.bytes,
            )
    return totals


def _splits(
    totals: dict[tuple[str, str, str], tuple[int, int, int]], kind: str, source: str | None
) -> tuple[Split, ...]:
    """Return the splits of one source, or of all of a kind for `None`, that hold any record."""
    found = []
    for split in SPLITS:
        own = [
            total
            for (kind_, source_, split_), total in totals.items()
            if (kind_, split_) == (kind, split) and source in {None, source_}
        ]
        records, size, packed = (sum(total[axis] for total in own) for axis in range(3))
        found.append(Split(split, records, size, packed))
    return tuple(split for split in found if split.records)


def _data_files(config: Config) -> Iterator[str]:
    """Say which files make up the splits of a config."""
    yield f"- config_name: {_quoted(config.name)}"
    yield "  data_files:"
    for split in config.splits:
        yield f"  - split: {split.name}"
        yield f"    path: {_quoted(f'{config.folder}/{split.name}-*.jsonl.zst')}"


def _info(config: Config) -> Iterator[str]:
    """Give the schema and the size of a config."""
    yield f"- config_name: {_quoted(config.name)}"
    yield "  features:"
    yield config.features.rstrip("\n")
    yield "  splits:"
    for split in config.splits:
        yield f"  - name: {split.name}"
        yield f"    num_bytes: {split.bytes}"
        yield f"    num_examples: {split.records}"
    yield f"  download_size: {sum(split.packed for split in config.splits)}"
    yield f"  dataset_size: {sum(split.bytes for split in config.splits)}"


def _quoted(text: str) -> str:
    return json.dumps(text)
