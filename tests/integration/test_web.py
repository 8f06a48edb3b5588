"""A release of web archives: pages and converted texts, opt-outs by their sites and by their own word."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from filters.subjects import subject
from pipeline.catalog import read_documents
from pipeline.optout import add
from pipeline.sources import read
from pipeline.store import RemoteFile
from pipeline.verify import verify
from tests import object_store
from tests.conftest import Ask, Bucket
from tests.web_archives import DATE, http, name, packed, page, record, sha1

CONFIG = """
[release]
name = "web"
shards = 2
[[sources]]
name = "pages"
format = "warc"
paths = ["crawl"]
data_kind = "web"
[[sources]]
name = "texts"
format = "wet"
paths = ["texts/*.wet.gz"]
data_kind = "web"
license = "CC0-1.0"
[license]
policy = "permissive"
[optout]
registry = "optout/events.jsonl"
[dedup]
near = false
"""
CANARY = "canary" + "-91bc"
CC_BY = '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
RAISED = ("--set", "limits.bad_records=1")


def story(about: str) -> str:
    return f"The {about} is opened at dawn, and by noon the {about} has fed the wheel from above."


def free(about: str, head: str = "") -> bytes:
    return http(page(story(about), CC_BY + head))


def corpus(folder: Path) -> Path:
    """Two archives of pages, one of converted texts, and a registry that names a site."""
    (folder / "crawl").mkdir()
    (folder / "texts").mkdir()
    (folder / "crawl/a.warc.gz").write_bytes(
        packed(
            [
                record(b"software: mill\r\n", 900, kind="warcinfo", Content_Type="application/warc-fields"),
                record(free("race"), 1, WARC_Block_Digest=sha1(free("race"))),
                record(free("weir"), 2, WARC_Target_URI="https://www.private.example/weir.html"),
                record(free("sluice", '<meta name="robots" content="noai">'), 3),
                record(http(page(story("grindstone"))), 4),
                record(free(CANARY), 5, WARC_Block_Digest=sha1(b"else")),
                record(http(b"", status="404 Not Found"), 6),
                record(http(b"", "image/png"), 7),
                record(free("tailrace"), 8),
            ]
        )
    )  # fmt: skip
    (folder / "crawl/b.warc").write_bytes(record(free("hopper"), 21) + record(free("race"), 22))
    text = record(story("hoist").encode(), 31, kind="conversion", Content_Type="text/plain")
    (folder / "texts/a.warc.wet.gz").write_bytes(packed([text]))
    registry = folder / "optout/events.jsonl"
    registry.parent.mkdir()
    add(registry, [subject("domain", "private.example")], reason="domain", copies="none")
    config = folder / "web.toml"
    config.write_text(CONFIG)
    return config


def ledger(release: Path) -> dict[tuple[str, int], tuple[str, str, str]]:
    rows = [
        row
        for path in sorted((release / "ledger").glob("decisions-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    found = {
        (Path(row["input"]).name, row["row"]): (row["verdict"], row["stage"], row["reason"])
        for row in rows
    }
    assert len(found) == len(rows)
    return found


def test_pages_are_released_and_each_record_has_its_row(tmp_path: Path, ask: Ask) -> None:
    done = ask("run", corpus(tmp_path), "--out", tmp_path / "out", "--executor", "sync", *RAISED)
    assert done.code == 0, done.err
    release = Path(done.out.splitlines()[-1])
    assert verify(release, deep=True).ok
    assert ledger(release) == {
        ("a.warc.gz", 0): ("keep", "keep", "kept"),
        ("a.warc.gz", 1): ("drop", "optout", "domain"),
        ("a.warc.gz", 2): ("drop", "read", "signal:noai"),
        ("a.warc.gz", 3): ("drop", "license", "unknown:none"),
        ("a.warc.gz", 4): ("drop", "read", "digest:block"),
        ("a.warc.gz", 5): ("drop", "read", "status:404"),
        ("a.warc.gz", 6): ("drop", "read", "type:image"),
        ("a.warc.gz", 7): ("keep", "keep", "kept"),
        ("b.warc", 0): ("keep", "keep", "kept"),
        ("b.warc", 1): ("drop", "exact", "sha256"),
        ("a.warc.wet.gz", 0): ("keep", "keep", "kept"),
    }
    documents = [*read_documents(release)]
    assert len(documents) == 4
    race = next(each for each in documents if each["url"] == "https://mill.example/1")
    assert race["id"] == name(1)
    assert (race["license"], race["created"], race["language"]) == ("CC-BY-4.0", DATE, "en")
    assert json.loads(race["meta"]["extra"]) == {"title": "The mill"}
    assert CANARY.encode() not in b"".join(
        path.read_bytes() for path in sorted(release.rglob("*")) if path.is_file()
    )


def test_a_broken_archive_is_named_and_nothing_is_published(tmp_path: Path, ask: Ask) -> None:
    config = corpus(tmp_path)
    path = tmp_path / "crawl/b.warc"
    path.write_bytes(path.read_bytes()[:-100])
    done = ask("run", config, "--out", tmp_path / "out", "--executor", "sync", *RAISED)
    assert done.code == 3
    assert "crawl/b.warc" in done.err
    assert "truncated" in done.err
    assert CANARY not in done.err
    assert not list((tmp_path / "out").glob("web-*"))


def test_archives_in_a_store_are_those_in_a_folder(tmp_path: Path, bucket: Bucket) -> None:
    corpus(tmp_path)
    object_store.upload(bucket.foreign, bucket.name, tmp_path / "crawl", "crawl/")
    for path in sorted((tmp_path / "crawl").iterdir()):
        far = RemoteFile(f"{bucket.url}/crawl/{path.name}")
        found = list(read(far, "warc"))
        assert found == list(read(path, "warc"))
        assert len(found) > 1
