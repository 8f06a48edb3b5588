"""A glance at an input finds what reading it whole finds: the place of every record, the texts that are wanted."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import Raw, read
from pipeline.sources.fields import FieldMap, to_document
from pipeline.sources.glance import Sight, glance

LIMIT: Final = 1 << 20
Record = dict[str, Any]


def seen(path: Path, fields: FieldMap, limit: int = LIMIT) -> list[Sight]:
    return list(glance(path, fields, lambda _: True, max_record=limit))


def read_whole(path: Path, fields: FieldMap, limit: int = LIMIT) -> list[Sight]:
    """What the screen makes of the same records: all that become documents and have a path."""
    kind = "parquet" if path.name.endswith(".parquet") else "jsonl"
    found = []
    for item in read(path, kind, max_record=limit):
        document = (
            to_document(item.record, source="", fields=fields) if isinstance(item, Raw) else ""
        )
        if not isinstance(document, str) and document.path:
            found.append(Sight(document.repo, document.path, document.text))
    return found


def same(path: Path, fields: FieldMap, limit: int = LIMIT) -> bool:
    glanced = [each for each in seen(path, fields, limit) if each.text is not None]
    return glanced == read_whole(path, fields, limit)


PLACES: Final = st.sampled_from(
    [
        "",
        " ",
        None,
        3,
        True,
        ["x"],
        {"path": "y"},
        "LICENSE",
        "a/b.py",
        "é/ü",
        "github.com/o/r",
        "\u2028",
    ]
)
KEYS: Final = st.sampled_from(
    [
        "repo",
        "path",
        "text",
        "content",
        "meta",
        "metadata",
        "where",
        "repository.name",
        "repository",
        "url",
        "id",
    ]
)
LEAVES: Final = (
    PLACES | st.text(max_size=12) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES: Final = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4)
    ),
)
RECORDS: Final = st.dictionaries(KEYS, VALUES, max_size=7) | st.fixed_dictionaries(
    {"text": st.text(max_size=20)},
    optional={
        "path": PLACES,
        "repo": PLACES,
        "meta": st.dictionaries(KEYS, VALUES, max_size=4),
        "metadata": st.dictionaries(KEYS, VALUES, max_size=4),
        "where": VALUES,
        "repository": st.dictionaries(st.sampled_from(["name", "file"]), PLACES, max_size=2),
    },
)  # fmt: skip
MAPS: Final = st.sampled_from(
    [
        FieldMap(),
        FieldMap(text="content"),
        FieldMap(path="where", repo="repository.name"),
        FieldMap(path="meta.path", repo="metadata.repo"),
        FieldMap(path="repository.file", repo="repository.name", text="meta.text"),
    ]
)
LINES: Final = st.builds(lambda record: json.dumps(record).encode(), RECORDS) | st.sampled_from(
    [b"", b"[]", b"null", b"{", b'{"path": "a", "text": "b"', b"\xff", b'{"text": NaN, "path": "a"}', b'"x"',
     b'{"path": "LICENSE", "text": "\\ud800"}', b'{"text": "a", "path": "b", "path": "c"}',
     b'{"text": "a", "path": "p", "n": 123456789012345678901234567890}', b'{"text": "a", "path": "p", "n": 1e999}',
     b'{"text": "nul \\u0000", "path": "p"}', b'{"path": "p", "text": "a\xff"}', b'{"text": "x", "path": "p"} trailing',
     b'{"path": "deep", "text": "a", "x": ' + b"[" * 300 + b"]" * 300 + b"}"]
)  # fmt: skip


@settings(max_examples=250)
@given(st.lists(LINES, max_size=8), MAPS)
def test_a_glance_sees_what_reading_whole_sees(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], fields: FieldMap
) -> None:
    path = tmp_path_factory.getbasetemp() / "glance.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert same(path, fields)


@settings(max_examples=60)
@given(st.lists(LINES, max_size=8), MAPS)
def test_texts_that_nobody_wants_are_not_read(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], fields: FieldMap
) -> None:
    path = tmp_path_factory.getbasetemp() / "unwanted.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    places = [(each.repo, each.path) for each in seen(path, fields)]
    unwanted = list(glance(path, fields, lambda _: False, max_record=LIMIT))
    assert [(each.repo, each.path) for each in unwanted] == places
    assert all(each.text is None for each in unwanted)


RECORD: Final = {"text": "e\u0301 text", "path": "LICENSE", "meta": {"repo": "o/r"}}


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_compressed_shards(tmp_path: Path, suffix: str) -> None:
    data = b"".join(json.dumps({**RECORD, "path": f"p{at}"}).encode() + b"\n" for at in range(50))
    pack = {".jsonl": bytes, ".jsonl.gz": gzip.compress, ".jsonl.zst": zstandard.compress}[suffix]
    path = tmp_path / f"a{suffix}"
    path.write_bytes(pack(data))
    assert seen(path, FieldMap()) == [Sight("o/r", f"p{at}", "é text") for at in range(50)]


def test_a_damaged_shard_is_seen_up_to_the_damage(tmp_path: Path) -> None:
    data = b"".join(json.dumps({**RECORD, "n": at}).encode() + b"\n" for at in range(5000))
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zstandard.compress(data)[:-50])
    assert same(path, FieldMap())


def test_a_line_that_is_too_long_is_not_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    long = json.dumps({**RECORD, "text": "x" * 3000})
    path.write_text(f"{long}\n{json.dumps(RECORD)}\n")
    assert seen(path, FieldMap(), limit=1000) == [Sight("o/r", "LICENSE", "é text")]
    assert same(path, FieldMap(), limit=1000)


@pytest.mark.parametrize(
    "fields", [FieldMap(), FieldMap(text="content", path="where.file", repo="origin")]
)
def test_parquet(tmp_path: Path, fields: FieldMap) -> None:
    rows: list[Record] = [
        {"text": "a", "content": "A", "path": "LICENSE", "origin": "u", "where": {"file": "COPYING"}, "meta": None},
        {"text": None, "content": None, "path": "x", "origin": None, "where": None, "meta": {"repo": "m/r"}},
        {"text": "b", "content": "B", "path": None, "origin": "", "where": {"file": None}, "meta": {"repo": "m/r"}},
        {"text": "c\0", "content": "C", "path": "y", "origin": "v", "where": {"file": "z"}, "meta": {"repo": ""}},
    ]  # fmt: skip
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    assert same(path, fields)
    assert read_whole(path, fields)


def test_a_record_without_a_path_speaks_for_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "a", "repo": "o/r"}) + "\n")
    assert seen(path, FieldMap()) == []
