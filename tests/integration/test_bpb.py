"""`gristmill bpb` on a release: its sums are exact, it says the same each time, and it refuses what cannot be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from pipeline.bpb.choose import BUILT_IN
from pipeline.catalog import open_catalog
from tests.conftest import write_zst

if TYPE_CHECKING:
    from tests.conftest import Ask

FEW = ("--train-bytes", "200000")
MIX = """
[mix]
name = "more-docs"
[mix.epochs]
code = 0.5
docs = 3.0
"""


@pytest.fixture(scope="module")
def told(release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process of its own says, with the lines of its documents under `lines`."""
    return _told(release, tmp_path_factory.mktemp("bpb"), "0")


def _told(release: Path, folder: Path, hash_seed: str) -> dict[str, Any]:
    call = "from pipeline.cli.app import main; raise SystemExit(main())"
    lines = folder / "documents.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", call, "bpb", release, *FEW, "--documents", lines, "--json"],
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": hash_seed, "HOME": str(folder), "PATH": ""},
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"lines": lines.read_text(encoding="utf-8")}


def test_another_process_says_the_same(told: dict[str, Any], release: Path, tmp_path: Path) -> None:
    assert _told(release, tmp_path, "12345") == told


def test_bits_of_documents_sum_to_those_of_sources_and_of_the_release(
    told: dict[str, Any], release: Path
) -> None:
    lines = [json.loads(line) for line in told["lines"].splitlines()]
    names = [model["name"] for model in told["models"]]
    assert names == list(BUILT_IN)
    for group in (*told["groups"], told["all"]):
        mine = [line for line in lines if group.get("name", line["source"]) == line["source"]]
        assert group["documents"] == len(mine)
        assert group["bytes"] == sum(line["bytes"] for line in mine)
        for name in names:
            bits = sum(line["bits"][name] for line in mine)
            assert group["bits"][name] == bits
            exact = Fraction(bits, group["bytes"] << told["fraction_bits"])
            assert group["bits_per_byte"][name] == float(exact)
    with open_catalog(release) as opened:
        sizes = {each["id"]: len(each["text"].encode()) for each in opened.documents(split="test")}
    assert {line["id"]: line["bytes"] for line in lines} == sizes


def test_parts_are_what_they_are_in_the_whole(
    told: dict[str, Any], release: Path, ask: Ask
) -> None:
    code = ask("bpb", release, *FEW, "--source", "code", "--json").row()
    assert code["groups"] == [each for each in told["groups"] if each["name"] == "code"]
    by_license = ask("bpb", release, *FEW, "--by", "license", "--json").row()
    assert by_license["all"] == told["all"]
    licenses = {json.loads(line)["license"] for line in told["lines"].splitlines()}
    assert [each["name"] for each in by_license["groups"]] == sorted(licenses)
    validation, both = (
        ask("bpb", release, *FEW, "--split", split, "--json").row()["all"]["bits"]
        for split in ("validation", "both")
    )
    for name in BUILT_IN:
        assert validation[name] + told["all"]["bits"][name] == both[name]


def test_models_that_have_read_the_train_split_tell_more(told: dict[str, Any]) -> None:
    for group in told["groups"]:
        rates = group["bits_per_byte"]
        assert 0.5 < rates["ngram-adaptive"] < min(rates["zstd"], rates["xz"], rates["bz2"]) < 8
        assert rates["ngram-adaptive"] < rates["ngram"]
        assert rates["zstd-dict"] < rates["zstd"]


def test_a_mix_weighs_the_sources(
    told: dict[str, Any], release: Path, ask: Ask, tmp_path: Path
) -> None:
    recipe = tmp_path / "more-docs.toml"
    recipe.write_text(MIX, encoding="utf-8")
    found = ask("bpb", release, *FEW, "--mix", recipe, "--json").row()
    mix = ask("mix", release, recipe, "--json").row()["mix"]
    taken = {share["name"]: share["mixed"]["bytes"] for share in mix["sources"]}
    assert found["mix"]["weights"] == taken
    rates = {each["name"]: each["bits_per_byte"] for each in told["groups"]}
    for name in BUILT_IN:
        expected = sum(size * rates[source][name] for source, size in taken.items())
        assert found["mix"]["bits_per_byte"][name] == pytest.approx(expected / sum(taken.values()))
        assert found["mean"][name] == pytest.approx((rates["code"][name] + rates["docs"][name]) / 2)
    table = ask("bpb", release, *FEW, "--mix", recipe).out
    assert "mean by more-docs" in table


def test_the_table_says_what_was_measured_and_how(release: Path, ask: Ask) -> None:
    said = ask("bpb", release, *FEW, "--curve")
    assert said.code == 0
    head, *rows = said.out.splitlines()
    assert head == "bits per byte: test of mill-1.0.0"
    assert rows[0].split()[:4] == ["source", "documents", "bytes", "%"]
    assert [row.split("  ")[1] for row in rows[1:5]] == [
        "code",
        "docs",
        "all, by bytes",
        "mean of each source",
    ]
    for name in (*BUILT_IN, "ngram/64"):
        assert any(row.startswith(f"{name}: ") for row in rows)
    assert "learnt from bytes of train: 100,000 of code, " in said.out


def test_the_page_shows_the_figures(release: Path, ask: Ask, tmp_path: Path) -> None:
    arguments = ("bpb", release, "--model", "zstd", "--model", "xz", "--max-bytes", "2000")
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    found = [ask(*arguments, "--html", page, "--json").row() for page in pages]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    text = pages[0].read_text(encoding="utf-8")
    svg = re.search(r"<svg class=\"rates\".*?</svg>", text, re.DOTALL)
    assert svg is not None
    bars = ET.fromstring(svg[0]).findall("rect")  # noqa: S314  our own page
    assert len(bars) == 2 * 4  # two sources, all of them, their mean
    widths = [float(bar.get("width", "")) for bar in bars[:2]]
    rates = found[0]["groups"][0]["bits_per_byte"]
    assert widths[0] / widths[1] == pytest.approx(rates["zstd"] / rates["xz"], abs=0.01)
    assert f"{rates['zstd']:.4f}" in text
    assert "no more once there are 2,000 bytes" in text


@pytest.fixture(scope="module")
def unequal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in which one source is too small to hold anything out, and one holds questions."""
    from pipeline.cli.app import main

    folder = tmp_path_factory.mktemp("unequal")
    many = [
        {"id": f"many/{n}", "text": f"{n} {n * n} mills of {n} wheels each\n"} for n in range(60)
    ]
    write_zst(folder / "many.jsonl.zst", many)
    write_zst(folder / "one.jsonl.zst", [{"id": "one/7", "text": "One mill alone.\n"}])
    lines = ['[release]\nname = "unequal"\nshards = 1']
    lines += [
        f'[[sources]]\nname = "{name}"\npaths = ["{name}.jsonl.zst"]' for name in ("many", "one")
    ]
    lines += ["[dedup]\nnear = false", "[split]\nvalidation = 0.2"]
    (folder / "unequal.toml").write_text("\n".join(lines), encoding="utf-8")
    assert (
        main(["run", str(folder / "unequal.toml"), "--out", str(folder), "--executor", "sync"]) == 0
    )
    return folder / "unequal-1.0.0"


def test_a_source_that_holds_nothing_out_is_named(unequal: Path, ask: Ask) -> None:
    said = ask("bpb", unequal, "--split", "validation", "--model", "ngram")
    assert said.code == 0
    assert "holds nothing out, not measured: one" in said.out.splitlines()
    found = ask("bpb", unequal, "--split", "validation", "--model", "zstd", "--json").row()
    assert found["nothing_held_out"] == ["one"]
    assert found["trained_on"] == {}


def test_what_cannot_be_measured_is_refused_with_a_next_step(
    unequal: Path, release: Path, ask: Ask, tmp_path: Path
) -> None:
    said = ask("bpb", unequal)
    assert (said.code, said.out) == (2, "")
    assert "no document is in test: ask for --split validation" in said.err
    said = ask("bpb", unequal, "--split", "both", "--source", "one")
    assert "give the config a [split]" in said.err
    assert "did you mean 'many'?" in ask("bpb", unequal, "--source", "mani").err
    assert "is no release" in ask("bpb", tmp_path).err
    recipe = tmp_path / "more-docs.toml"
    recipe.write_text(MIX, encoding="utf-8")
    recipe.write_text(MIX.replace("docs = 3.0\n", ""), encoding="utf-8")
    assert (
        "takes nothing of the sources"
        in ask("bpb", release, "--mix", recipe, "--source", "docs").err
    )
    assert "--mix weighs sources" in ask("bpb", release, "--mix", recipe, "--by", "license").err
