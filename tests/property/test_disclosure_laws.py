"""Laws of the descriptions: every figure in them is the manifest's, whatever the manifest."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.about import About
from manifests.figures import Figures, Share
from manifests.manifest import (
    SCHEMA_VERSION,
    Build,
    File,
    Input,
    Manifest,
    Redact,
    Registry,
    Source,
    Stage,
    encode,
)
from manifests.metadata.california import CALIFORNIA_DATA, CALIFORNIA_PAGE
from manifests.metadata.cyclonedx import cyclonedx
from manifests.metadata.datasheet import DATASHEET
from manifests.metadata.eu_summary import EU_DATA, EU_PAGE
from manifests.metadata.papers import disclosure_papers
from manifests.metadata.provenance import provenance
from manifests.metadata.spdx3 import spdx3

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
names = st.from_regex(r"[a-z][a-z0-9-]{0,7}", fullmatch=True)
hashes = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
counts = st.integers(0, 10**12)
shares = st.builds(Share, counts, counts)
licenses = st.sampled_from(["MIT", "CC0-1.0", "NOASSERTION", "MIT OR ISC", "LicenseRef-x"])
sources = st.builds(
    Source,
    name=names,
    kind=st.sampled_from(["document", "question"]),
    read=counts,
    kept=counts,
    bytes=counts,
    splits=st.dictionaries(st.sampled_from(["train", "validation", "test"]), counts),
    licenses=st.dictionaries(licenses, counts),
)
stages = st.builds(
    Stage,
    stage=st.sampled_from(["license", "optout", "redact", "quality"]),
    entered=counts,
    left=counts,
    dropped=st.dictionaries(names, counts, max_size=3),
)
files = st.builds(File, path=names, sha256=hashes, bytes=counts)
manifests = st.builds(
    Manifest,
    schema_version=st.just(SCHEMA_VERSION),
    name=names,
    version=st.just("1.0.0"),
    change=st.just("initial"),
    content_root=hashes,
    branches=st.just(()),
    documents=counts,
    questions=counts,
    bytes_raw=counts,
    build=st.builds(
        Build,
        code_sha256=hashes,
        config_sha256=hashes,
        libzstd=st.just("1.5.7"),
        packages=st.dictionaries(names, names, max_size=3),
        seed=counts,
        shards=st.just(1),
    ),
    inputs=st.lists(
        st.builds(
            Input,
            source=names,
            path=words.filter(bool),
            sha256=hashes,
            bytes=counts,
            records=counts,
        ),
        max_size=3,
    ).map(tuple),
    registries=st.lists(st.builds(Registry, head=hashes, requests=counts), max_size=2).map(tuple),
    license=st.just("none"),
    optout=st.just("none"),
    redact=st.just(Redact(level="off", counts={}))
    | st.builds(
        Redact,
        level=st.just("balanced"),
        counts=st.dictionaries(st.sampled_from(["EMAIL", "IP", "SECRET"]), counts),
    ),
    stages=st.lists(stages, max_size=4, unique_by=lambda each: each.stage).map(tuple),
    sources=st.lists(sources, max_size=3, unique_by=lambda each: each.name).map(tuple),
    quarantined=st.just({}),
    notes=st.lists(words, max_size=2).map(tuple),
    files=st.lists(files, max_size=4, unique_by=lambda each: each.path).map(tuple),
    about=st.none()
    | st.builds(About, title=words, purpose=words, biases=words, creators=st.tuples(words)),
)
figures = st.builds(
    Figures,
    total=shares,
    sources=st.just({}),
    languages=st.dictionaries(st.sampled_from(["Python", "C", "en", "kor", "und"]), shares),
    natural_languages=st.dictionaries(st.sampled_from(["en", "und"]), shares),
    licenses=st.just({}),
    lengths=st.just({}),
    clusters=st.just({}),
    years=st.just({}),
    first_created=st.sampled_from(["", "2020"]),
    last_created=st.sampled_from(["", "2024"]),
    domains=st.dictionaries(names, shares, max_size=5),
    all_domains=st.integers(5, 90),
)


def papers(manifest: Manifest, figures: Figures | None) -> dict[str, bytes]:
    return disclosure_papers(manifest, msgspec.json.encode({"content": figures}))


def by_number(data: bytes) -> dict[str, dict[str, Any]]:
    return {each["number"]: each for each in json.loads(data)["items"]}


@settings(max_examples=20)
@given(manifests, st.none() | figures)
def test_every_figure_of_the_european_form_is_the_manifests(
    manifest: Manifest, figures: Figures | None
) -> None:
    form = by_number(papers(manifest, figures)[EU_DATA])
    dropped = Counter[str]()
    for stage in manifest.stages:
        dropped[stage.stage] += sum(stage.dropped.values())
    size = form["1.3"]["figures"]
    assert size["documents"] == manifest.documents
    assert size["questions"] == manifest.questions
    assert size["bytes_raw"] == manifest.bytes_raw
    kept = {f"kept:{source.name}": source.kept for source in manifest.sources}
    assert form["2.1"]["figures"] == kept
    assert form["3.1"]["figures"] == {
        "optout_requests": sum(each.requests for each in manifest.registries),
        "optout_dropped": dropped["optout"],
        "license_dropped": dropped["license"],
    }
    assert form["3.2"]["figures"] == {
        "redacted_spans": sum(manifest.redact.counts.values()),
        "quality_dropped": dropped["quality"],
    }
    if figures is not None:
        told = form["1.4"]["figures"]
        assert told.pop("questions") == manifest.questions
        assert sum(told.values()) == sum(each.documents for each in figures.languages.values())


@settings(max_examples=20)
@given(manifests, st.none() | figures)
def test_every_figure_of_the_californian_form_is_the_manifests(
    manifest: Manifest, figures: Figures | None
) -> None:
    form = by_number(papers(manifest, figures)[CALIFORNIA_DATA])
    assert form["3"]["figures"] == {
        "documents": manifest.documents,
        "questions": manifest.questions,
        "bytes_raw": manifest.bytes_raw,
    }
    licensed = form["5"]["figures"]
    total = sum(sum(source.licenses.values()) for source in manifest.sources)
    assert licensed.pop("records") == sum(licensed.values()) == total
    assert form["7"]["figures"]["redacted_spans"] == sum(manifest.redact.counts.values())
    assert form["9"]["figures"] == {
        "read": sum(source.read for source in manifest.sources),
        "kept": sum(source.kept for source in manifest.sources),
    }


@settings(max_examples=20)
@given(manifests, st.none() | figures)
def test_tables_hold_every_source_stage_and_split_as_the_manifest_does(
    manifest: Manifest, figures: Figures | None
) -> None:
    form = by_number(papers(manifest, figures)[CALIFORNIA_DATA])
    (told,) = form["1"]["tables"]
    assert [(row["source"], row["records read"], row["kept"], row["bytes"]) for row in told] == [
        (each.name, each.read, each.kept, each.bytes) for each in manifest.sources
    ]
    (told,) = form["3"]["tables"]
    assert {(row["source"], row["split"]): row["records"] for row in told} == {
        (each.name, split): count
        for each in manifest.sources
        for split, count in each.splits.items()
        if count
    }
    (told,) = form["9"]["tables"]
    assert [(row["stage"], row["in"], row["dropped"], row["out"]) for row in told] == [
        (each.stage, each.entered, sum(each.dropped.values()), each.left)
        for each in manifest.stages
    ]


@settings(max_examples=20)
@given(manifests, st.none() | figures)
def test_the_pages_say_the_figures_of_the_data(manifest: Manifest, figures: Figures | None) -> None:
    made = papers(manifest, figures)
    for page, data in ((EU_PAGE, EU_DATA), (CALIFORNIA_PAGE, CALIFORNIA_DATA)):
        text = made[page].decode()
        spelled = {int(each.replace(",", "")) for each in re.findall(r"[0-9][0-9,]*", text)}
        for item in json.loads(made[data])["items"]:
            assert spelled.issuperset(item["figures"].values())
            for table in item["tables"]:
                cells = (cell for row in table for cell in row.values())
                assert spelled.issuperset(cell for cell in cells if isinstance(cell, int))
    sheet = made[DATASHEET].decode()
    assert f"{manifest.documents:,} documents and {manifest.questions:,} questions" in sheet


@settings(max_examples=20)
@given(manifests, figures)
def test_the_order_of_keys_in_a_manifest_does_not_matter(
    manifest: Manifest, figures: Figures
) -> None:
    again = msgspec.json.decode(encode(manifest), type=Manifest)
    assert papers(again, figures) == papers(manifest, figures)
    assert cyclonedx(again) == cyclonedx(manifest)
    assert spdx3(again) == spdx3(manifest)
    assert provenance(again, b"{}") == provenance(manifest, b"{}")


@settings(max_examples=20)
@given(manifests)
def test_every_description_names_every_file_by_its_hash(manifest: Manifest) -> None:
    subjects = json.loads(provenance(manifest, b"{}"))["subject"]
    listed = {(file.path, file.sha256) for file in manifest.files}
    assert {(each["name"], each["digest"]["sha256"]) for each in subjects} == listed
    for made in (spdx3(manifest), cyclonedx(manifest)):
        assert made == made.strip() + b"\n"
        json.loads(made)
        assert all(digest.encode() in made for _, digest in listed)
