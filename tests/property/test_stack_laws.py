"""Records of The Stack v2: every file is one row, whatever stands in its record and wherever its content lies."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.git_ids import content_id
from pipeline.sources import Bad, Item, Raw, Said, read, to_document
from tests.stacks import file_of, keep, repository, row, sha1, write_lines, write_parquet

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)
names = st.text("abc.é~; %", min_size=1, max_size=6).filter(lambda name: name not in {".", ".."})
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
files = st.dictionaries(paths, texts, min_size=1, max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.text(max_size=9)
    | st.just("a" * 40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.sampled_from([
    "blob_id", "content_id", "sha1", "sha1_git", "sha256", "path", "repo_name", "repo_url", "revision_id",
    "directory_id", "length_bytes", "length", "src_encoding", "detected_licenses", "gha_license_id",
    "committer_date", "visit_date", "content", "data", "text", "status", "files", "id", "language", "license",
])  # fmt: skip
records = st.dictionaries(keys, values, max_size=12)
HERE = settings(max_examples=60, deadline=None)


def read_from(folder: Path, path: Path, **options: Any) -> list[Item]:
    said = Said("stack", options={"contents": "contents", **options}, root=folder)
    return list(read(path, "stack-v2", said=said))


@HERE
@given(found=files, whole=st.booleans(), table=st.booleans(), fetches=st.sampled_from([1, 3]))
def test_what_is_written_is_read(
    found: dict[str, str], whole: bool, table: bool, fetches: int
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        raws = {path: text.encode() for path, text in found.items()}
        keep(folder / "contents", *raws.values())
        rows = (
            [repository(*(file_of(path, raw) for path, raw in raws.items()))]
            if whole
            else [row(path, raw) for path, raw in raws.items()]
        )
        path = folder / ("m.parquet" if table else "m.jsonl")
        (write_parquet if table else write_lines)(path, *rows)
        items = read_from(folder, path, fetches=fetches)
    assert [each.row for each in items] == list(range(len(found)))
    read_back = {each.record["path"]: each.record for each in items if isinstance(each, Raw)}
    assert {path: each["text"] for path, each in read_back.items()} == found
    for name, each in read_back.items():
        assert each["content_id"] == content_id(raws[name])
        assert each["id"].startswith(f"swh:1:cnt:{content_id(raws[name])};origin=")


@HERE
@given(given=st.lists(records, max_size=6), contents=st.lists(st.binary(max_size=40), max_size=3))
def test_no_record_stops_the_others(given: list[dict[str, Any]], contents: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        keep(folder / "contents", b"wheel = 1\n", *contents)
        last = row("wheel.py", b"wheel = 1\n")
        items = read_from(folder, write_lines(folder / "m.jsonl", *given, last))
    assert [each.row for each in items] == list(range(len(items)))
    assert {each.line for each in items if isinstance(each, Raw | Bad)} == set(
        range(1, len(given) + 2)
    )
    end = items[-1]
    assert isinstance(end, Raw)
    assert end.record["text"] == "wheel = 1\n"
    for each in items:
        if isinstance(each, Raw):
            to_document(each.record, source="stack")
            json.dumps(each.record)


@HERE
@given(raw=st.binary(max_size=200), put=st.binary(max_size=200), pack=st.booleans())
def test_no_byte_is_taken_that_has_not_its_id(raw: bytes, put: bytes, pack: bool) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        keep(folder / "contents")
        (folder / "contents" / sha1(raw)).write_bytes(gzip.compress(put) if pack else put)
        items = read_from(folder, write_lines(folder / "m.jsonl", row("a.py", raw)))
    assert len(items) == 1
    one = items[0]
    if isinstance(one, Raw) and not one.drop:
        assert one.record["text"].encode() == raw == put
    elif raw == put or not raw:
        assert isinstance(one, Raw)
    else:
        assert isinstance(one, Bad)
        assert one.reason == "corrupt"
