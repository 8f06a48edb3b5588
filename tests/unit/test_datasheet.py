"""DATASHEET.md answers what figures can answer, and marks what only people can say."""

from __future__ import annotations

import re

import msgspec
import pytest

from manifests.about import About
from manifests.figures import Figures
from manifests.manifest import Manifest
from manifests.metadata.datasheet import datasheet_form
from manifests.metadata.forms import markdown

PARTS = [
    "Motivation",
    "Composition",
    "Collection",
    "Preprocessing",
    "Uses",
    "Distribution",
    "Maintenance",
]
ASKED = {
    "biases",
    "citation",
    "collected",
    "collection",
    "contact",
    "creators",
    "first_used",
    "license",
    "maintenance",
    "out_of_scope",
    "published",
    "purpose",
    "url",
}


def sheet(manifest: Manifest, figures: Figures | None) -> str:
    return markdown(datasheet_form(manifest, figures))


def test_it_has_the_seven_parts_in_order(mill: Manifest, figures: Figures) -> None:
    assert re.findall(r"^## (.+)$", sheet(mill, figures), re.MULTILINE) == PARTS


def test_what_is_missing_names_the_key_that_would_fill_it(mill: Manifest) -> None:
    keys = set(re.findall(r"\*\*not stated\*\*: `about\.(\w+)`", sheet(mill, None)))
    assert keys == ASKED <= set(About.__struct_fields__)


def test_what_is_said_is_quoted_and_no_longer_missing(
    mill: Manifest, about: About, figures: Figures
) -> None:
    page = sheet(msgspec.structs.replace(mill, about=about), figures)
    assert "`about." not in page
    for words in (about.purpose, about.biases, about.maintenance, "2026-01 to 2026-03"):
        assert f"\n> {words}\n" in page


@pytest.mark.parametrize("key", sorted(ASKED))
def test_one_thing_missing_is_one_mark(mill: Manifest, about: About, key: str) -> None:
    gap = msgspec.structs.replace(about, **{key: type(getattr(about, key))()})
    page = sheet(msgspec.structs.replace(mill, about=gap), None)
    assert re.findall(r"`about\.(\w+)`", page) == [key]


def test_words_of_people_stay_inside_their_quotation(mill: Manifest, about: About) -> None:
    odd = msgspec.structs.replace(about, purpose="One.\n\n# Two\n**not stated**")
    page = sheet(msgspec.structs.replace(mill, about=odd), None)
    assert "\n> One. # Two **not stated**\n" in page


def test_the_figures_are_those_of_the_manifest(mill: Manifest, figures: Figures) -> None:
    page = sheet(mill, figures)
    assert "10 documents and 3 questions, 9,000 bytes" in page
    assert "24 records were read and 13 are kept" in page
    assert "| code | document | 1 | 20 | 10 | 8,000 |" in page
    assert "| `EMAIL` | 5 |" in page
    assert "| `Python` | 7 | 5,000 |" in page
    assert "created from `2024-02-01` to `2024-11`" in page
    assert "follows version 1.0.0" in page


def test_without_redaction_it_warns(mill: Manifest) -> None:
    off = msgspec.structs.replace(
        mill, redact=msgspec.structs.replace(mill.redact, level="off", counts={}), parent=None
    )
    page = sheet(off, None)
    assert "Redaction was off" in page
    assert "This is the first release." in page
