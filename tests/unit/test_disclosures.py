"""The disclosure forms have the items of the law, the figures of the manifest, and marks for the rest."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from manifests.about import About
from manifests.figures import Figures, Share
from manifests.manifest import Manifest
from manifests.metadata import facts
from manifests.metadata.california import CALIFORNIA_DATA, CALIFORNIA_PAGE
from manifests.metadata.datasheet import DATASHEET
from manifests.metadata.eu_summary import EU_DATA, EU_PAGE
from manifests.metadata.papers import disclosure_papers

CLASSES = {"CC0-1.0": "public-domain", "MIT OR Apache-2.0": "permissive", "NOASSERTION": "unstated"}


def statistics(figures: Figures | None) -> bytes:
    return msgspec.json.encode({"content": figures, "classes": CLASSES, "stages": []})


def items(manifest: Manifest, figures: Figures | None, path: str) -> dict[str, dict[str, Any]]:
    told = json.loads(disclosure_papers(manifest, statistics(figures))[path])
    return {each["number"]: each for each in told["items"]}


def test_the_papers_lie_where_they_are_expected(mill: Manifest, figures: Figures) -> None:
    papers = disclosure_papers(mill, statistics(figures))
    assert sorted(papers) == [
        "DATASHEET.md",
        "compliance/california-ab2013.json",
        "compliance/california-ab2013.md",
        "compliance/eu-ai-act.json",
        "compliance/eu-ai-act.md",
    ]
    assert all(data.endswith(b"\n") and not data.endswith(b"\n\n") for data in papers.values())
    assert DATASHEET in papers


def test_statistics_of_a_release_without_figures_will_do(mill: Manifest) -> None:
    papers = disclosure_papers(mill, b"{}")
    assert b"**not stated**: the domains were not counted" in papers[EU_PAGE]


def test_the_items_are_those_of_the_template_and_of_the_law(
    mill: Manifest, figures: Figures
) -> None:
    eu = items(mill, figures, EU_DATA)
    assert [number[0] for number in eu] == ["1"] * 5 + ["2"] * 6 + ["3"] * 2
    assert list(eu) == sorted(eu)
    assert list(items(mill, figures, CALIFORNIA_DATA)) == [str(n) for n in range(1, 13)]


def test_page_and_data_mark_the_same_gaps(mill: Manifest, figures: Figures) -> None:
    papers = disclosure_papers(mill, statistics(figures))
    for page, data in ((EU_PAGE, EU_DATA), (CALIFORNIA_PAGE, CALIFORNIA_DATA)):
        gaps = [gap for each in json.loads(papers[data])["items"] for gap in each["missing"]]
        assert len(gaps) > 5
        text = papers[page].decode()
        assert text.count("**not stated**: ") == len(gaps)
        assert all(f"**not stated**: {gap}" in text for gap in gaps)


def test_what_people_say_fills_what_it_can(mill: Manifest, about: About, figures: Figures) -> None:
    said = msgspec.structs.replace(mill, about=about)
    for path in (EU_DATA, CALIFORNIA_DATA):
        gaps = [gap for each in items(said, figures, path).values() for gap in each["missing"]]
        assert not [gap for gap in gaps if gap.startswith("`about.")]
        assert [gap for gap in gaps if facts.BY_HAND in gap]
    eu = items(said, figures, EU_DATA)
    assert eu["1.1"]["said"] == ["Mill Works", "mill@example.org"]
    assert eu["1.5"]["said"][-1] == "2026-03"
    california = items(said, figures, CALIFORNIA_DATA)
    assert california["11"]["status"] == "stated"
    assert california["6"]["status"] == "not stated"


def test_rights_and_opt_outs_are_counted(mill: Manifest, figures: Figures) -> None:
    found = items(mill, figures, EU_DATA)["3.1"]
    assert found["figures"] == {"optout_requests": 2, "optout_dropped": 2, "license_dropped": 5}
    assert mill.registries[0].head in " ".join(found["said"])


def test_licences_are_told_apart(mill: Manifest, figures: Figures) -> None:
    found = items(mill, figures, CALIFORNIA_DATA)["5"]["figures"]
    assert found == {"records": 13, "public_domain": 3, "unknown_license": 1, "licensed": 9}


def test_prose_is_told_from_code(mill: Manifest, figures: Figures) -> None:
    found = items(mill, figures, EU_DATA)["1.4"]["figures"]
    assert found == {
        "prose_documents": 2,
        "code_documents": 7,
        "unknown_documents": 1,
        "questions": 3,
    }


def test_the_top_tenth_of_domains_is_listed_by_bytes(mill: Manifest, figures: Figures) -> None:
    found = items(mill, figures, EU_DATA)["2.3"]
    assert found["figures"] == {"domains": 21, "top_tenth": 3, "listed": 3}
    (table,) = found["tables"]
    assert [row["domain"] for row in table] == ["`d00.org`", "`d01.org`", "`d02.org`"]


def test_domains_that_were_cut_are_marked(mill: Manifest, figures: Figures) -> None:
    many = msgspec.structs.replace(figures, all_domains=200)
    found = items(mill, many, EU_DATA)["2.3"]
    assert found["figures"] == {"domains": 200, "top_tenth": 20, "listed": 12}
    assert found["missing"][0] == "the other 8 domains of the top tenth"
    none = msgspec.structs.replace(figures, all_domains=0, domains={})
    assert items(mill, none, EU_DATA)["2.3"]["tables"] == []


@pytest.mark.parametrize(
    ("size", "bands"),
    [
        (0, ["less than 1 billion tokens"]),
        (10**9 - 1, ["less than 1 billion tokens"]),
        (10**9, ["less than 1 billion tokens", "1 billion to 10 trillion tokens"]),
        (16 * 10**9, ["1 billion to 10 trillion tokens"]),
        (10**13 - 1, ["1 billion to 10 trillion tokens"]),
        (10**13, ["1 billion to 10 trillion tokens", "more than 10 trillion tokens"]),
        (16 * 10**13, ["more than 10 trillion tokens"]),
    ],
)
def test_a_band_is_named_alone_only_when_bytes_settle_it(size: int, bands: list[str]) -> None:
    assert list(facts.size_bands(size)) == bands


def test_a_band_that_bytes_do_not_settle_asks_for_tokens(mill: Manifest, figures: Figures) -> None:
    large = msgspec.structs.replace(figures, total=Share(10, 2 * 10**9))
    found = items(mill, large, EU_DATA)["1.3"]
    assert found["status"] == "partly stated"
    assert found["figures"]["text_bytes"] == 2 * 10**9 + 1_000  # the questions' lines
    assert items(mill, figures, EU_DATA)["1.3"]["status"] == "stated"


def test_a_release_without_filters_says_so(mill: Manifest, figures: Figures) -> None:
    bare = msgspec.structs.replace(
        mill,
        registries=(),
        license="none",
        optout="none",
        redact=msgspec.structs.replace(mill.redact, level="off", counts={}),
    )
    eu, california = items(bare, figures, EU_DATA), items(bare, figures, CALIFORNIA_DATA)
    assert "no request was honoured" in eu["3.1"]["said"][0]
    assert "No licence policy" in " ".join(eu["3.1"]["said"])
    assert "Redaction was off" in california["7"]["said"][0]


def test_the_page_has_every_language_as_the_json_does(mill: Manifest, figures: Figures) -> None:
    many = {f"Language {n:03}": Share(1, n + 1) for n in range(90)}
    told = msgspec.structs.replace(figures, languages=many)
    papers = disclosure_papers(mill, statistics(told))
    for path in (EU_PAGE, DATASHEET, CALIFORNIA_PAGE):
        assert all(f"`{name}`".encode() in papers[path] for name in many), path
        assert b"more." not in papers[path], path
