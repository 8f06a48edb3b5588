"""A release of articles, citations, patents, books and papers beside bad ones, with a licence policy and opt-outs."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.sources import read
from pipeline.store import RemoteFile
from pipeline.verify import verify
from tests import object_store, papers
from tests.conftest import Ask, Bucket
from tests.papers import ARTICLE, BOOK, GRANT, SEQUENCES, bulk, citations, numbered

CONFIG = """
[release]
name = "mill"
shards = 2
[[sources]]
name = "pmc"
format = "jats"
paths = ["pmc"]
[[sources]]
name = "pubmed"
format = "pubmed"
paths = ["pubmed"]
license = "CC0-1.0"
[[sources]]
name = "uspto"
format = "uspto"
paths = ["uspto"]
license = "CC0-1.0"
[[sources]]
name = "books"
format = "gutenberg"
paths = ["books"]
[[sources]]
name = "arxiv"
format = "arxiv"
paths = ["arxiv"]
license = "CC-BY-4.0"
[license]
policy = "permissive"
[optout]
registry = "optout/events.jsonl"
key = "optout/key"
[dedup]
near = false
max_loss = 1.0
[limits]
bad_records = 0.5
"""
CANARY = "canary" + "-77a1"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name in ("pmc", "pubmed", "uspto", "books", "arxiv", "optout"):
        (tmp_path / name).mkdir()
    closed = numbered(ARTICLE, 3).replace("licenses/by/4.0/", "licenses/by-nc-nd/4.0/")
    broken = f"<article><body><p>{CANARY} &nosuchname;</p></body></article>"
    asked = numbered(ARTICLE, 4).replace("ann@mill.example", "gone@mill.example")
    articles = [numbered(ARTICLE, 1), numbered(ARTICLE, 2), closed, broken, asked]
    files = {f"PMC{at}.nxml": each.encode() for at, each in enumerate(articles)}
    (tmp_path / "pmc/oa.tar.gz").write_bytes(papers.tar(files))
    (tmp_path / "pubmed/a.xml.gz").write_bytes(gzip.compress(citations(1, 2).encode()))
    weekly = numbered(GRANT, 5) + numbered(SEQUENCES, 5) + numbered(GRANT, 6)
    (tmp_path / "uspto/a.zip").write_bytes(papers.pack_zip({"ipg.xml": weekly.encode()}))
    (tmp_path / "books/11-8.txt").write_bytes(numbered(BOOK, 11).encode("latin-1"))
    theirs = numbered(BOOK, 12).replace(
        "Language: English", "Language: English\n\nCopyright (C) 2002 by Ann Miller"
    )
    (tmp_path / "books/12.txt").write_text(theirs)
    (tmp_path / "arxiv/arXiv_src_2101_001.tar").write_bytes(
        bulk([1], {"2101/2101.00002.pdf": b"%PDF"})
    )
    (tmp_path / "optout/key").write_text("k" * 32)
    (tmp_path / "mill.toml").write_text(CONFIG)
    return tmp_path


def ledger(release: Path) -> dict[str, tuple[str, str, str]]:
    rows = [
        row
        for path in sorted((release / "ledger").glob("decisions-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    return {row["id"]: (row["verdict"], row["stage"], row["reason"]) for row in rows}


def test_texts_in_a_store_are_those_in_a_folder(corpus: Path, bucket: Bucket) -> None:
    for folder, kind in (
        ("pmc", "jats"),
        ("pubmed", "pubmed"),
        ("uspto", "uspto"),
        ("books", "gutenberg"),
        ("arxiv", "arxiv"),
    ):
        object_store.upload(bucket.foreign, bucket.name, corpus / folder, f"{folder}/")
        for path in sorted((corpus / folder).iterdir()):
            far = RemoteFile(f"{bucket.url}/{folder}/{path.name}")
            assert list(read(far, kind)) == list(read(path, kind))


def test_texts_of_all_kinds_are_released_and_accounted_for(corpus: Path, ask: Ask) -> None:
    registry = corpus / "optout/events.jsonl"
    for subject in (
        ["--author", "gone@mill.example", "--key", corpus / "optout/key"],
        ["--id", "US6B2"],
        ["--url", "https://pubmed.ncbi.nlm.nih.gov/2/"],
    ):
        added = ask("optout", "add", "--registry", registry, *subject, "--copies", "none")
        assert added.code == 0, added.err
    done = ask("run", corpus / "mill.toml", "--out", corpus / "out", "--executor", "sync")
    assert done.code == 0, done.err
    release = Path(done.out.splitlines()[-1])
    assert verify(release, deep=True).ok
    found = ledger(release)
    assert {name for name, row in found.items() if row[0] == "keep"} == {
        "PMC1", "PMC2", "PMID:1", "US5B2", "PG11", "arXiv:2101.00001",
    }  # fmt: skip
    assert found["PMC3"][1] == "license"
    assert found["PG12"][1] == "license"
    assert {found[each][1] for each in ("PMC4", "US6B2", "PMID:2")} == {"optout"}
    assert found["US5B2/sequence-listing"][1:] == ("read", "sequence-listing")
    assert found["arXiv:2101.00002"][1:] == ("read", "pdf-only")
    assert found["pmc/oa.tar.gz#3"][1:] == ("read", "entity")
    whole = b"".join(path.read_bytes() for path in release.rglob("*") if path.is_file())
    assert CANARY.encode() not in whole
    assert CANARY not in done.err
    assert b"ann@mill.example" not in whole
