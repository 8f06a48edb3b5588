"""Recordings become requests once, follow a recording that changes, and never widen what it says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import zstandard

from filters.signals.agents import builtin_agents
from filters.signals.model import Options
from filters.signals.vocabularies import choose
from manifests.registry import RequestState
from pipeline.errors import InputError
from pipeline.optout import load, reject, requests
from pipeline.signal_recordings import Recordings, header_pairs
from pipeline.signals import Report, record_signals

OPTIONS = Options(builtin_agents().purposes())
CLOSED = "User-agent: GPTBot\nDisallow: /\n"


def site(folder: Path, host: str, **files: str) -> Path:
    names = {"robots": "robots.txt", "aitxt": "ai.txt", "tdmrep": ".well-known/tdmrep.json"}
    for name, text in files.items():
        path = folder / host / names[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def shard(path: Path, *records: object) -> Path:
    raw = "".join(f"{json.dumps(each)}\n" for each in records).encode()
    path.write_bytes(zstandard.compress(raw) if path.suffix == ".zst" else raw)
    return path


def record(registry: Path, *paths: Path, dry_run: bool = False, **fields: str) -> Report:
    source = Recordings(paths, fields)
    return record_signals(registry, source, OPTIONS, choose([]), dry_run=dry_run)


def active(registry: Path) -> Sequence[RequestState]:
    return load(registry).state.active()


def values(registry: Path) -> list[tuple[str, str]]:
    return sorted((entry.kind, entry.value) for each in active(registry) for entry in each.subjects)


def test_a_folder_of_files_named_by_host(tmp_path: Path) -> None:
    registry = tmp_path / "r" / "events.jsonl"
    folder = site(
        tmp_path / "in",
        "example.org",
        robots=CLOSED,
        tdmrep='[{"location": "/a/", "tdm-reservation": 1}]',
    )
    site(folder, "www.example.com:8080", aitxt="User-agent: *\nDisallow: /b/\n")
    site(folder, "open.example", robots="User-agent: *\nAllow: /\n")
    (folder / "README").write_text("no recording")
    (folder / "crawl.warc.gz").write_bytes(b"no recording")
    report = record(registry, folder)
    assert values(registry) == [
        ("url", "example.com:8080/b"),
        ("url", "example.org"),
        ("url", "example.org/a"),
    ]
    assert report.recordings == 4
    by_reason = {each.reason: each for each in active(registry)}
    assert sorted(by_reason) == ["signal-aitxt-www", "signal-robots", "signal-tdmrep"]
    assert {each.authority.level for each in by_reason.values()} == {"signal"}
    assert by_reason["signal-tdmrep"].basis == "dsm-4"
    assert by_reason["signal-robots"].basis == ""
    assert {each.copies for each in by_reason.values()} == {"none"}
    assert {each.authority.evidence for each in active(registry)} == {
        each.evidence for each in report.changes
    }
    assert {each.request for each in report.changes} == {each.request for each in active(registry)}


def test_the_same_recording_twice_adds_nothing(tmp_path: Path) -> None:
    registry, folder = (
        tmp_path / "events.jsonl",
        site(tmp_path / "in", "example.org", robots=CLOSED),
    )
    record(registry, folder)
    before = registry.read_bytes()
    report = record(registry, folder, folder / "example.org" / "robots.txt")
    assert registry.read_bytes() == before
    assert (report.changes, report.same, report.recordings) == ((), 1, 1)


def test_a_changed_recording_replaces_the_request_of_its_place(tmp_path: Path) -> None:
    registry, folder = (
        tmp_path / "events.jsonl",
        site(tmp_path / "in", "example.org", robots=CLOSED),
    )
    site(folder, "example.com", robots=CLOSED)
    record(registry, folder)
    site(folder, "example.org", robots="User-agent: CCBot\nDisallow: /a/\n")
    report = record(registry, folder)
    assert [each.event for each in report.changes] == ["revoke", "submit"]
    assert values(registry) == [("url", "example.com"), ("url", "example.org/a")]
    site(folder, "example.org", robots="")
    assert [each.event for each in record(registry, folder).changes] == ["revoke"]
    assert values(registry) == [("url", "example.com")]
    site(folder, "example.org", robots=CLOSED)  # as it was at first
    record(registry, folder)
    assert values(registry) == [("url", "example.com"), ("url", "example.org")]
    assert not record(registry, folder).changes


def test_a_recording_that_is_absent_revokes_nothing(tmp_path: Path) -> None:
    registry, folder = (
        tmp_path / "events.jsonl",
        site(tmp_path / "in", "example.org", robots=CLOSED),
    )
    record(registry, folder)
    record(registry, site(tmp_path / "other", "example.com", robots=CLOSED))
    assert values(registry) == [("url", "example.com"), ("url", "example.org")]


def test_www_and_the_bare_host_stand_side_by_side(tmp_path: Path) -> None:
    registry, folder = (
        tmp_path / "events.jsonl",
        site(tmp_path / "in", "example.org", robots=CLOSED),
    )
    record(registry, site(folder, "www.example.org", robots="User-agent: *\nDisallow: /\n"))
    assert len(active(registry)) == 2
    assert not record(registry, folder).changes
    site(tmp_path / "next", "www.example.org", robots="")
    record(registry, tmp_path / "next")
    assert values(registry) == [("url", "example.org")]


def test_what_a_person_has_rejected_is_not_recorded_again(tmp_path: Path) -> None:
    registry, folder = (
        tmp_path / "events.jsonl",
        site(tmp_path / "in", "example.org", robots=CLOSED),
    )
    request = record(registry, folder).changes[0].request
    reject(registry, request)
    assert not record(registry, folder).changes
    assert not active(registry)


def test_a_dry_run_records_nothing_and_says_what_it_would(tmp_path: Path) -> None:
    registry, folder = (
        tmp_path / "events.jsonl",
        site(tmp_path / "in", "example.org", robots=CLOSED),
    )
    report = record(registry, folder, dry_run=True)
    assert [(each.event, each.request, each.where) for each in report.changes] == [
        ("submit", "", ("line 2 (gptbot)",))
    ]
    assert not registry.exists()


@pytest.mark.parametrize("name", ["crawl.jsonl", "crawl.jsonl.zst"])
def test_a_shard_of_records(tmp_path: Path, name: str) -> None:
    registry = tmp_path / "events.jsonl"
    path = shard(
        tmp_path / name,
        {"url": "https://example.org/a/b.html", "headers": {"X-Robots-Tag": ["noindex", "noai"]}},
        {"url": "https://example.org/", "id": "doc-1", "headers": [["TDM-Reservation", "1"]]},
        {
            "url": "https://example.org/",
            "html": "<meta name=robots content=noai>",
        },  # no id, no file
        {"url": "https://example.com/x", "robots": CLOSED},
        {"url": "https://example.com/x", "robots": CLOSED, "html": 7, "headers": None},
    )
    report = record(registry, path)
    assert values(registry) == [
        ("id", "doc-1"),
        ("url", "example.com"),
        ("url", "example.org/a/b.html"),
    ]
    assert [(each.signal.place, each.signal.where) for each in report.review] == [
        ("example.org", "meta, line 1")
    ]
    assert [each.basis for each in active(registry)].count("dsm-4") == 1
    assert not record(registry, path).changes
    changed = shard(
        tmp_path / "next.jsonl",
        {"url": "https://example.org/", "id": "doc-1", "headers": {"A": "b"}},
    )
    assert [each.event for each in record(registry, changed).changes] == ["revoke"]


def test_fields_have_the_names_that_a_crawler_gives_them(tmp_path: Path) -> None:
    registry = tmp_path / "events.jsonl"
    path = shard(
        tmp_path / "warc.jsonl",
        {
            "warc": {
                "target": "https://example.org/a.html",
                "block": "HTTP/1.1 200 OK\r\nX-Robots-Tag: noai\r\n",
            }
        },
    )
    record(registry, path, url="warc.target", headers="warc.block")
    assert values(registry) == [("url", "example.org/a.html")]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    registry = tmp_path / "events.jsonl"
    path = tmp_path / "crawl.jsonl"
    path.write_text(
        '{"url": "https://example.org/", "robots": "User-agent: *\\nDisallow: /"}\n{\n{"a": 1}\n'
    )
    site(tmp_path, "no host", robots=CLOSED)
    report = record(registry, path, tmp_path / "no host")
    assert [each.partition(str(tmp_path))[2] for each in report.unreadable] == [
        "/crawl.jsonl:2: json",
        "/crawl.jsonl:3: the record has no URL",
        "/no host/robots.txt: the folder is not named by a host",
    ]
    assert values(registry) == [("url", "example.org")]
    with pytest.raises(InputError, match="there is no such recording"):
        record(registry, tmp_path / "missing")


def test_what_no_subject_says_goes_to_review_and_stays_out_of_the_registry(tmp_path: Path) -> None:
    registry = tmp_path / "events.jsonl"
    text = "User-agent: GPTBot\nDisallow: /*.pdf$\nDisallow: /x\nnonsense\n"
    report = record(registry, site(tmp_path / "in", "example.org", robots=text))
    assert values(registry) == [("url", "example.org/x")]
    assert [(each.pattern, each.signal.where) for each in report.review] == [
        ("/*.pdf$", "line 2 (gptbot)"), ("/x", "line 3 (gptbot)"),
    ]  # fmt: skip
    assert [each.where for each in report.problems if each.vocabulary == "robots"] == ["line 4"]
    assert requests(registry)[0].status == "verified"


def test_headers_as_crawlers_keep_them() -> None:
    pairs = (("A", "b"), ("A", "c"))
    assert header_pairs({"A": ["b", "c"]}) == pairs
    assert header_pairs([["A", "b"], ["A", "c"], ["bad"], 1, [1, 2]]) == pairs
    assert header_pairs("HTTP/1.1 200 OK\nA: b\nA:c") == pairs
    assert header_pairs(None) == header_pairs(7) == header_pairs([]) == ()
