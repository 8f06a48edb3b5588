"""The look-up page: its script names and counts things as Python does, and no name stands in it."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from msgspec.structs import replace

from filters.document import Document
from filters.subject_keys import document_keys, subject_key
from filters.subject_names import names_of_repo, names_of_url
from filters.subjects import Subject, author_value, subject
from manifests.manifest import Manifest
from manifests.manifest import encode as encode_manifest
from manifests.record import Tombstone, encode
from pipeline.errors import ConfigError
from pipeline.optout import add
from pipeline.optout_page import write_page
from pipeline.optout_page.pack import count_keys, pack_counts, pack_pairs, short
from pipeline.optout_page.releases import coarse, key_of
from pipeline.release import TOMBSTONES_PATH, write_bytes
from pipeline.withdrawals import Withdrawal, withdraw
from tests.page_script import needs_node, run_script

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@needs_node
def test_hashes_are_those_of_subject_keys() -> None:
    values = [
        ("id", "a"),
        ("domain", "example.org"),
        ("id", "ü" * 30),
        *(("id", "x" * n) for n in range(140)),
    ]
    found = run_script("given[0].map(([kind, value]) => hashOf(kind, value))", values)
    assert found == [short(subject_key(Subject(*each))) for each in values]
    place = run_script("hashOf('place', 'github.com/foo/bar')")
    assert place == short(subject_key(Subject("repo", "github.com/foo/bar")))


@needs_node
def test_packed_hashes_come_out_as_they_went_in() -> None:
    keys = np.array([1 << 16, 1 << 16, (1 << 64) - 1, 300 << 16, 0], dtype=np.uint64)
    packed = pack_counts([count_keys(keys), count_keys(keys[:1])])
    asked = [0, 1, 300, (1 << 48) - 1, 2]
    body = "(() => { const find = unpack(given[0]); return given[1].map(find); })()"
    given = json.loads(
        json.dumps({"count": packed.count, "hashes": packed.hashes, "rows": packed.rows})
    )
    assert run_script(body, given, asked) == [[[0, 1]], [[0, 2], [1, 1]], [[0, 1]], [[0, 1]], None]
    pairs = pack_pairs({7: [(0, 1)], 3: [(1, 0), (2, 1)]})
    given = {"count": pairs.count, "hashes": pairs.hashes, "rows": pairs.rows}
    assert run_script(body, given, [3, 7, 8]) == [[[1, 0], [2, 1]], [[0, 1]], None]
    empty = pack_counts([count_keys(keys[:0])])
    assert (empty.count, empty.hashes) == (0, "")


def test_what_the_page_counts_are_keys_of_the_document() -> None:
    text = "x"
    document = Document(id="d", text=text, sha256="0" * 64, source="s", url="https://example.org/a/b/c?d=e",
        repo="https://gitlab.com/A/B/C", path="", language="", extra={})  # fmt: skip
    names = coarse([*names_of_repo(document.repo), *names_of_url(document.url)])
    assert ("place", "example.org/a/b") in names
    assert ("place", "example.org/a/b/c") not in names
    assert ("domain", "www.example.org") not in names
    keys = {key_of("url" if kind == "place" else kind, value) for kind, value in names}
    assert keys <= document_keys(document)


PERSON = "someone@example.org"
REPOS = ("https://github.com/Foo/Bar", "https://github.com/Foo/Other", "https://gitlab.com/A/B/C")


def _records() -> list[dict[str, Any]]:
    """Make three documents in each of three repositories, and two pages."""
    made = [
        {"id": f"d{at}-{n}", "url": "", "meta": {"repo": repo}}
        for at, repo in enumerate(REPOS)
        for n in range(3)
    ]
    pages = [f"https://blog.example.org/a/b/{n}/x" for n in range(2)]
    return made + [{"id": f"p{n}", "url": url, "meta": {}} for n, url in enumerate(pages)]


def _publish(
    folder: Path, manifest: Manifest, gone: dict[str, str], records: list[dict[str, Any]]
) -> Path:
    """Write what the page reads of a release; `gone` are ids that left and the requests behind them."""
    path = folder / f"{manifest.name}-{manifest.version}"
    frame = zstandard.compress(b"".join(json.dumps(each).encode() + b"\n" for each in records))
    write_bytes(path / "data" / "a.jsonl.zst", frame)
    row = {"shard": "data/a.jsonl.zst", "frame": 0, "offset": 0, "length": len(frame)}
    (path / "index").mkdir()
    pq.write_table(pa.Table.from_pylist([row]), path / "index" / "frames.parquet")
    verdicts = [
        {"stage": "optout", "detail": json.dumps({"request": each})} for each in gone.values()
    ]
    (path / "ledger").mkdir()
    table = pa.Table.from_pylist([*verdicts, {"stage": "keep", "detail": ""}])
    pq.write_table(table, path / "ledger" / "decisions-00000.parquet")
    tombs = [
        Tombstone(id=name, removed_in=manifest.version, reason="optout:repo", request=request)
        for name, request in gone.items()
    ]
    write_bytes(path / TOMBSTONES_PATH, b"".join(map(encode, tombs)))
    write_bytes(path / "manifest.json", encode_manifest(manifest))
    return path


@pytest.fixture
def releases(tmp_path: Path, mill: Manifest) -> Path:
    """Publish a release, opt things out, and publish its successor."""
    registry = tmp_path / "events.jsonl"
    by_repo = add(registry, [subject("repo", "foo/bar")])[0].request
    by_id = add(registry, [subject("id", "p0")])[0].request
    add(registry, [subject("path", "docs/*", repo="foo/other")], pending=True)
    add(registry, [Subject("author", author_value(PERSON, bytes(range(16))))], pending=True)
    gone = {"d0-0": by_repo, "d0-1": by_repo, "keyed:00": by_repo, "p0": by_id}
    kept = [each for each in _records() if each["id"] not in {*gone, "d0-2"}]
    old, new = (
        replace(mill, name="mill", version=version, content_root=root * 64)
        for version, root in (("1.0.0", "a"), ("1.0.1", "b"))
    )
    out = tmp_path / "out"
    _publish(out, old, {}, _records())
    _publish(out, new, gone, kept)
    withdraw(out, Withdrawal(
        release="mill-1.0.0", content_root=old.content_root, replaced_by="mill-1.0.1", documents=4,
        replacement_root=new.content_root, registry="0" * 64, requests=(by_repo, by_id), withdrawn="2026-01-31",
    ))  # fmt: skip
    return tmp_path


@pytest.fixture
def page(releases: Path) -> str:
    made = write_page(
        [releases / "out"], releases / "events.jsonl", releases / "page.html", title="T & <t>"
    )
    text = (releases / "page.html").read_text()
    assert made.size == len(text.encode())
    assert (made.releases, made.requests, made.left_out) == (2, 4, ())
    return text


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


FINDS = [
    ("git@github.com:Foo/Bar.git", {"mill-1.0.0": 3}, [("verified", 0)]),
    ("https://github.com/foo/other", {"mill-1.0.0": 3, "mill-1.0.1": 3}, [("pending", 1)]),
    ("foo", {"mill-1.0.0": 6, "mill-1.0.1": 3}, [("verified", 1), ("pending", 1)]),
    ("https://gitlab.com/a/b/c/-/tree/main", {"mill-1.0.0": 3, "mill-1.0.1": 3}, []),
    ("example.org", {"mill-1.0.0": 2, "mill-1.0.1": 1}, []),
    ("https://blog.example.org/a/", {"mill-1.0.0": 2, "mill-1.0.1": 1}, []),
    ("https://blog.example.org/a/b/1/x", {"mill-1.0.0": 2, "mill-1.0.1": 1}, []),
    ("id: p0", {"mill-1.0.0": 1}, [("verified", 0)]),
    ("id: d0-1", {"mill-1.0.0": 1}, [("verified", 0)]),
    ("id: d0-2", {"mill-1.0.0": 1}, []),
    ("id: d1-1", {"mill-1.0.0": 1, "mill-1.0.1": 1}, []),
    ("nobody/nothing", {}, []),
    ("other.org", {}, []),
]


@needs_node
def test_the_page_finds_what_is_in_and_what_went(page: str) -> None:
    data = data_of(page)
    found = run_script(
        "given[1].map((each) => lookup(given[0], reading(each)))",
        data,
        [typed for typed, _, _ in FINDS],
    )
    names = [f"{each['name']}-{each['version']}" for each in data["releases"]]
    told = [
        (
            typed,
            {names[at]: count for at, count in one["present"]},
            [(each["fields"][1], each["how"]) for each in one["requests"]],
        )
        for (typed, _, _), one in zip(FINDS, found, strict=True)
    ]
    assert told == FINDS


def test_the_page_says_what_each_request_did_and_which_release_is_withdrawn(page: str) -> None:
    data = data_of(page)
    new, old = data["releases"]
    assert (new["version"], new["withdrawn"]) == ("1.0.1", "")
    assert (old["version"], old["by"]) == ("1.0.0", "mill-1.0.1")
    assert old["withdrawn"] == "2026-01-31"
    effects = [each[5] for each in data["requests"]]
    assert effects == [[[0, 3, 3]], [[0, 1, 1]], [], []]


def test_no_name_and_no_person_stands_in_the_page(page: str) -> None:
    for name in ("foo/bar", "gitlab.com/a", "blog.example", PERSON):
        assert name not in page.lower()
    digest = author_value(PERSON, bytes(range(16)))
    assert digest not in page
    data = data_of(page)
    assert (
        sum(len(each["subjects"]) if isinstance(each, dict) else 0 for each in data["requests"])
        == 0
    )
    asked = {
        short(subject_key(Subject("author", digest))),
        short(subject_key(Subject("id", PERSON))),
    }
    raw = base64.b64decode(data["asked"]["hashes"])
    assert data["asked"]["count"] < len(raw)
    assert not asked & _hashes(raw, data["asked"]["count"])


def _hashes(raw: bytes, count: int) -> set[int]:
    """Decode what `pack` encodes, by the definition of LEB128."""
    numbers, value, shift = [], 0, 0
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    assert len(numbers) == 2 * count
    return set(np.cumsum(numbers[0::2]).tolist())


def test_the_page_is_one_file_that_may_fetch_nothing(page: str) -> None:
    markup = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    assert set(re.findall(r"""(?:src|href)=["']?([^"'> ]*)""", markup)) == {"#name"}
    assert "default-src 'none'" in page
    assert "unsafe" not in page.partition("</head>")[0].partition("<style>")[0]
    assert "<title>T &amp; &lt;t&gt;</title>" in page
    assert "url(" not in page


def test_equal_inputs_give_equal_pages(releases: Path, page: str) -> None:
    again = releases / "again.html"
    named = [releases / "out" / "mill-1.0.0", releases / "out" / "mill-1.0.1"]
    write_page(named, releases / "events.jsonl", again, title="T & <t>")
    assert again.read_text() == page


def test_what_does_not_fit_is_left_out_and_said(releases: Path) -> None:
    small = releases / "small.html"
    made = write_page([releases / "out"], releases / "events.jsonl", small, title="T", largest=100)
    assert made.left_out == ("ids", "parts")
    assert "ids are too many for this page" in small.read_text()
    with pytest.raises(ConfigError, match="is no release and holds none"):
        write_page([releases], releases / "events.jsonl", small, title="T")


def test_the_terms_of_a_text_are_not_looked_up(tmp_path: Path, releases: Path) -> None:
    registry = tmp_path / "other" / "events.jsonl"
    add(registry, [Subject("near", "0" * 64), Subject("swhid", f"swh:1:cnt:{'0' * 40}")])
    write_page([releases / "out"], registry, tmp_path / "page.html", title="T")
    assert data_of((tmp_path / "page.html").read_text())["asked"]["count"] == 1


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("github.com/Foo/Bar", ["Repository", "Only in 1 withdrawn release", "Left out"]),
        (PERSON, ["People are not looked up here"]),
    ],
)
def test_a_browser_shows_the_answer(releases: Path, page: str, typed: str, said: list[str]) -> None:
    assert page
    address = f"{(releases / 'page.html').as_uri()}#{typed}"
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={releases / 'chromium'}",
    ]
    done = subprocess.run(
        [CHROMIUM or "", *flags, "--dump-dom", address], capture_output=True, check=True, timeout=60
    )
    shown = done.stdout.decode().partition('<div id="found"')[2].partition("</main>")[0]
    for each in said:
        assert each in shown
