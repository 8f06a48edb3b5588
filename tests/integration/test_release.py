"""One release of the small corpus, looked at from outside: ledger, redaction, opt-out, readers."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
import zstandard

from manifests.manifest import decode

SHARDS = "data/*/*.jsonl.zst"


def ledger(release: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for path in sorted((release / "ledger").glob("decisions-*.parquet")):
        rows += pq.read_table(path).to_pylist()
    return rows


def documents(release: Path) -> list[dict[str, Any]]:
    found = []
    for path in sorted(release.glob(SHARDS)):
        with path.open("rb") as file:
            reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            found += [orjson.loads(line) for line in reader.readall().splitlines()]
    return found


def input_records(corpus: Path) -> int:
    lines = subprocess.run(
        "zstdcat code/*.zst docs/*.zst | wc -l; zcat docs/*.gz | wc -l",
        shell=True,
        cwd=corpus,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return sum(map(int, lines))


def test_every_input_record_has_one_row(release: Path, corpus: Path) -> None:
    rows = ledger(release)
    assert len(rows) == input_records(corpus)
    assert len({(row["input"], row["row"]) for row in rows}) == len(rows)
    kept = [row["id"] for row in rows if row["verdict"] == "keep"]
    assert sorted(kept) == sorted(document["id"] for document in documents(release))
    assert len(set(kept)) == len(kept)


def test_every_drop_names_its_rule_and_duplicates_their_survivor(release: Path) -> None:
    rows = ledger(release)
    kept = {row["id"] for row in rows if row["verdict"] == "keep"}
    dropped = [row for row in rows if row["verdict"] == "drop"]
    assert {row["stage"] for row in dropped} == {"license", "optout", "exact", "near"}
    for row in dropped:
        assert row["reason"]
        detail = json.loads(row["detail"])
        if row["stage"] in {"exact", "near"}:
            assert row["survivor"] in kept
            assert 0.8 <= detail["similarity"] <= 1
        else:
            assert row["survivor"] == ""
        if row["stage"] == "optout":
            assert detail["request"].startswith("r-")


def test_stages_in_the_manifest_add_up(release: Path) -> None:
    manifest = decode((release / "manifest.json").read_bytes())
    left = sum(source.read for source in manifest.sources)
    for stage in manifest.stages:
        assert stage.entered == left
        left = stage.left
        assert stage.entered == stage.left + sum(stage.dropped.values())
    assert left == manifest.documents + manifest.questions == sum(s.kept for s in manifest.sources)


def test_near_duplicates_are_what_they_are_said_to_be(release: Path, corpus: Path) -> None:
    """Similarity by an independent definition: sets of five lower-cased words."""
    texts = {}
    for path in corpus.glob("code/*.zst"):
        raw = (
            zstandard.ZstdDecompressor()
            .stream_reader(path.read_bytes(), read_across_frames=True)
            .readall()
        )
        texts |= {record["id"]: record["text"] for record in map(orjson.loads, raw.splitlines())}

    def shingles(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return set(zip(*(words[start:] for start in range(5)), strict=False))

    near = [row for row in ledger(release) if row["stage"] == "near"]
    assert near
    for row in near:
        a, b = shingles(texts[row["id"]]), shingles(texts[row["survivor"]])
        assert json.loads(row["detail"])["similarity"] == pytest.approx(
            len(a & b) / len(a | b), abs=0.02
        )


def test_opted_out_documents_and_their_copies_are_gone(release: Path) -> None:
    assert not [d for d in documents(release) if "/owner3/" in d["meta"]["repo"]]
    reasons = {row["reason"] for row in ledger(release) if row["stage"] == "optout"}
    assert "owner" in reasons


def test_redaction_is_recorded_in_the_emitted_text(release: Path) -> None:
    redacted = [d for d in documents(release) if d["meta"]["redactions"] != "[]"]
    assert len(redacted) >= 30
    for document in redacted:
        for start, end, kind in json.loads(document["meta"]["redactions"]):
            assert document["text"][start:end] == f"REDACTED_{kind}"
    everything = b"".join(path.read_bytes() for path in release.rglob("*") if path.is_file())
    assert b"watermill-museum" not in everything
    assert "watermill-museum" not in " ".join(document["text"] for document in documents(release))


def test_every_document_has_every_key_and_the_rest_is_carried(release: Path) -> None:
    for document in documents(release):
        assert list(document) == [
            "id", "text", "source", "license", "language", "url", "created", "sha256", "meta",
        ]  # fmt: skip
        assert all(
            type(value) is str
            for value in (*list(document.values())[:-1], *document["meta"].values())
        )
        if document["source"] == "code":
            assert "stars" in json.loads(document["meta"]["extra"])["meta"]
            assert document["language"] == "Python"
        else:
            assert document["language"] == "en"
            assert document["license"] == "CC0-1.0"


def test_families_stay_in_one_split(release: Path) -> None:
    splits: dict[str, set[str]] = {}
    for row in pq.read_table(release / "ledger/splits.parquet").to_pylist():
        splits.setdefault(row["family"], set()).add(row["split"])
    assert all(len(names) == 1 for names in splits.values())
    assert set().union(*splits.values()) == {"train", "validation", "test"}


def test_checksums_pass(release: Path) -> None:
    done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=release, check=False)
    assert done.returncode == 0


def test_the_readers_that_people_use_agree(release: Path) -> None:
    count = decode((release / "manifest.json").read_bytes()).documents
    paths = sorted(map(str, release.glob(SHARDS)))
    jq = subprocess.run(
        f"zstdcat {release}/data/*/*.zst | jq -r .id | wc -l",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(jq.stdout) == count
    query = "select count(*), count(distinct id) from read_json(?, format='newline_delimited')"
    assert duckdb.execute(query, [paths]).fetchall() == [(count, count)]
    assert sum(len(pl.read_ndjson(path)) for path in paths) == count
    assert sum(len(pd.read_json(path, lines=True)) for path in paths) == count


@pytest.mark.filterwarnings("ignore")  # the library warns about itself on some Python versions
def test_hugging_face_datasets_load_it(release: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    count = decode((release / "manifest.json").read_bytes()).documents
    whole = load_dataset(str(release), "default", cache_dir=str(tmp_path))
    assert sum(len(split) for split in whole.values()) == count
    streamed = load_dataset(str(release), "default", streaming=True)
    assert sum(1 for split in streamed.values() for _ in split) == count


def test_the_index_finds_each_document(release: Path) -> None:
    from pipeline.catalog import Query, open_catalog, rows

    with open_catalog(release) as catalog:
        found = list(rows(catalog, Query(where={"source": ("code",)})))
        assert found
        assert all(catalog.document(row["id"])["sha256"] == row["sha256"] for row in found)
