"""`[about]`: what is taken, what is refused, and what a citation makes of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from manifests.about import About, about_flaws, is_date, is_url
from manifests.manifest import Manifest, decode, encode
from manifests.metadata.citation import bibtex, cite_as
from pipeline.config import load_config
from pipeline.errors import ConfigError

SOUND = """{
  "branches": [{"records": 0, "root": "%s"}], "build": {"code_sha256": "%s", "config_sha256": "%s",
  "libzstd": "1", "packages": {}, "python": "", "seed": 0, "shards": 1}, "bytes_raw": 0,
  "change": "initial", "content_root": "%s", "documents": 0, "files": [], "inputs": [],
  "license": "none", "name": "tiny", "notes": [], "optout": "none", "quarantined": {}, "questions": 0,
  "redact": {"level": "off", "counts": {}, "rules": {}, "actions": {}, "key": "", "recognisers": []},
  "registries": [], "schema_version": 3, "sources": [], "stages": [], "version": "1.2.3"
}""" % (("0" * 64,) * 4)


def manifest(**said: Any) -> Manifest:
    import msgspec

    made = msgspec.json.decode(SOUND, type=Manifest)
    return msgspec.structs.replace(made, about=About(**said) if said else None)


@pytest.mark.parametrize("date", ["2026-11-20", "2024-02-29", "0001-01-01"])
def test_days_of_the_calendar(date: str) -> None:
    assert is_date(date, whole=True)


@pytest.mark.parametrize(
    "date", ["2026-02-30", "2025-02-29", "0000-01-01", "2026-13-01", "2026-1-1", "2026", "20261120",
             "2026-11-20T00:00:00Z", "2026-00-10", "٢٠٢٦-11-20", "2026-11-20\n", ""]
)  # fmt: skip
def test_what_is_no_day(date: str) -> None:
    assert not is_date(date, whole=True)


@pytest.mark.parametrize("date", ["2026", "2026-11", "2026-11-20"])
def test_part_of_a_date_will_do_where_the_day_is_not_asked(date: str) -> None:
    assert is_date(date, whole=False)


def test_addresses_have_a_scheme_and_a_host() -> None:
    assert is_url("https://mill.example.org/x?y#z")
    for text in (
        "mill.example.org",
        "ftp://x.org",
        "https://",
        "https:///x",
        "http://a b",
        "//x",
        "https://[x",
    ):
        assert not is_url(text)


def test_every_mistake_is_named() -> None:
    about = About(
        title="two\nlines",
        creators=("", "Mill"),
        keywords=(" x",),
        url="mill",
        published="2026",
        first_used="soon",
        collected=("2026", "2025"),
    )
    keys = [flaw.partition(":")[0] for flaw in about_flaws(about)]
    assert keys == ["title", "creators", "keywords", "url", "published", "first_used", "collected"]
    assert about_flaws(About()) == []
    assert about_flaws(About(collected=("2025-01", "2025-01-05"), first_used="2026")) == []


def test_a_manifest_holds_it_and_leaves_out_an_empty_one() -> None:
    full = manifest(title="Mill", keywords=("a",))
    assert decode(encode(full)) == full
    assert b"about" not in encode(manifest())
    assert b'"publisher"' not in encode(full)


def test_the_entry_names_the_version_and_the_root() -> None:
    entry = bibtex(
        manifest(title="50% & more_{x}\\", creators=("Doe, Ann", "A_B"), published="2026-11-20")
    )
    assert entry.startswith("@misc{tiny-1.2.3,\n")
    assert r"title = {{50\% \& more\_\{x\}\textbackslash{}}}" in entry
    assert r"author = {Doe, Ann and {A\_B}}" in entry
    assert "year = {2026}" in entry
    assert f"content root {'0' * 64}" in entry
    unescaped = re.sub(r"\\[{}]", "", entry)
    assert unescaped.count("{") == unescaped.count("}")


def test_what_nobody_said_is_not_cited() -> None:
    entry = bibtex(manifest())
    assert re.findall(r"^  (\w+)", entry, re.MULTILINE) == ["title", "version", "note"]
    assert cite_as(manifest()) == entry
    assert cite_as(manifest(citation="Mill (2026)")) == "Mill (2026)"


CONFIG = '[release]\nname = "x"\n[[sources]]\nname = "a"\npaths = ["a"]\n'


def test_source_date_epoch_says_the_day_unless_about_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.toml"
    path.write_text(CONFIG, encoding="utf-8")
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert load_config(path).about.published == ""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795046399")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert load_config(path).about.published == "2026-11-18"
    assert b'"published":"2026-11-18"' in load_config(path).canonical(tmp_path)
    given = ('about.published="2026-01-02"',)
    assert load_config(path, given).about.published == "2026-01-02"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    with pytest.raises(ConfigError, match="SOURCE_DATE_EPOCH"):
        load_config(path)


def test_mistakes_and_unknown_keys_of_the_table_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(CONFIG + '[about]\nurl = "x"\ntittle = "y"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert "about.url: 'x' is no web address" in str(caught.value)
    assert "about.tittle: unknown key; did you mean 'title'?" in str(caught.value)
