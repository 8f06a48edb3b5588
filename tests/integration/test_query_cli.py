"""`gristmill query`, as docs/query.md shows it: its commands and its code run, and print what stands there."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.catalog import Query, open_catalog
from pipeline.cli.app import main
from pipeline.engine.crew import SYNC
from pipeline.run import run_config
from tests.conftest import Said
from tests.pages import Page

PAGE = Page("query.md")


Ask = Callable[..., Said]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's release; what a test writes there has a name of its own."""
    folder = tmp_path_factory.mktemp("query")
    (folder / "data").mkdir()
    (records,), (asked,), (config,) = PAGE.blocks("jsonl"), PAGE.blocks("json"), PAGE.blocks("toml")
    (folder / "data/works.jsonl").write_text(records, encoding="utf-8")
    (folder / "data/asked.json").write_text(asked, encoding="utf-8")
    (folder / "mill.toml").write_text(config, encoding="utf-8")
    run_config(folder / "mill.toml", out=folder / "out", crew=SYNC)
    return folder


@pytest.fixture
def ask(place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Ask:
    """Run the command in the page's folder."""
    monkeypatch.chdir(place)

    def call(*arguments: str) -> Said:
        try:
            code = main(list(arguments))
        except SystemExit as stop:  # argparse
            code = int(stop.code or 0)
        return Said(code, *capfd.readouterr())

    return call


def text(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def query(ask: Ask, *arguments: str) -> Said:
    return ask("query", "out/mill-1.0.0", *arguments)


def test_every_command_prints_what_is_shown(ask: Ask) -> None:
    assert len(PAGE.sessions()) == 15
    for command, shown in PAGE.sessions():
        program, *arguments = shlex.split(command)
        said = ask(*arguments)
        assert (program, said.code, said.out + said.err) == ("gristmill", 0, shown), command


def test_the_code_prints_what_is_shown(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    (code,), (shown,) = PAGE.blocks("python"), PAGE.blocks("text")
    exec(compile(code, "docs/query.md", "exec"), {})  # noqa: S102  the page's own code
    assert capfd.readouterr().out == shown


def test_every_option_is_on_the_page(ask: Ask) -> None:
    options = set(re.findall(r"--[a-z-]+", ask("query", "--help").out)) - {"--help"}
    missing = {name for name in options if not name.startswith("--not-") and name not in PAGE.text}
    assert not missing


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--count-by", "licens"], "'licens' is no column; did you mean 'license'?"),
        (["--license-class", "permisive"], "did you mean 'permissive'?"),
        (["--fraction", "1/0"], "is no share"),
        (["--fraction", "2"], "is no share"),
        (["--pattern", "(?=a)"], "not a regular expression as RE2 knows them"),
        (["--pattern", "("], "not a regular expression"),
        (["--get", "nobody"], "holds no document or question 'nobody'"),
        (["--get", "race", "--count"], "not allowed with"),
        (["--export", "x", "--limit", "1"], "use --sample"),
        (["--export", "x.json"], ".jsonl"),
        (["--export", "x.csv", "--text"], "CSV"),
        (["--export", "x", "--path", "none"], "nothing fits"),
        (["--export", "out/mill-1.0.0/mine"], "lies in the release"),
        (["--export", "out/mill-1.0.0/mine.csv"], "lies in the release"),
        (["--export", "data"], "is there already"),
        (["--export", "data", "--force"], "is there already"),
        (["--colour", "x"], "unrecognized"),
        (["--min-bytes", "-1"], "no number"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    ask: Ask, place: Path, arguments: list[str], problem: str
) -> None:
    before = sorted(place.rglob("*"))
    said = query(ask, *arguments)
    assert (said.code, said.out) == (2, "")
    assert problem in said.err
    assert sorted(place.rglob("*")) == before


def test_a_folder_is_no_release_without_its_manifest(ask: Ask) -> None:
    assert ask("query", "data").code == 2
    assert ask("query", "nowhere", "--get", "x").code == 2


def test_people_read_an_export_as_they_read_a_release(ask: Ask, place: Path) -> None:
    said = query(ask, "--kind", "document", "--export", "subset", "--json")
    assert json.loads(said.out) == {"path": "subset", "records": 6, "bytes": 2469}
    shards = sorted((place / "subset").glob("data/*/*.jsonl.zst"))
    ids = [name for shard in shards for name in pl.read_ndjson(shard)["id"]]
    with open_catalog(place / "out/mill-1.0.0") as release:
        assert ids == [record["id"] for record in release.documents()]


@pytest.mark.parametrize("more", [[], ["--text"]])
def test_a_file_is_replaced_only_by_force(ask: Ask, place: Path, more: list[str]) -> None:
    name = f"kept{len(more)}.jsonl"
    (place / name).write_text("mine")
    said = query(ask, *more, "--export", name)
    assert (said.code, said.out) == (2, "")
    assert f"{name}: is there already: give --force to replace it" in said.err
    assert (place / name).read_text() == "mine"
    assert query(ask, *more, "--export", name, "--force").code == 0
    assert len((place / name).read_bytes().splitlines()) == 7


@pytest.mark.parametrize("kind", ["document", "question", "any"])
def test_records_and_rows_in_one_file(ask: Ask, place: Path, kind: str) -> None:
    wanted = [json.loads(line) for line in query(ask, "--kind", kind, "--text").out.splitlines()]
    documents = [each for each in wanted if "text" in each]
    for name in (f"{kind}.jsonl", f"{kind}.jsonl.zst", f"{kind}.parquet"):
        assert query(ask, "--kind", kind, "--text", "--export", name).code == 0
    assert [json.loads(line) for line in text(place / f"{kind}.jsonl")] == wanted
    assert pl.read_ndjson(place / f"{kind}.jsonl.zst")["id"].to_list() == [
        each["id"] for each in wanted
    ]
    columns = pl.read_parquet(place / f"{kind}.parquet").to_dicts()
    assert columns == (wanted if kind == "question" else documents)
    assert query(ask, "--kind", kind, "--export", f"{kind}.csv").code == 0
    rows = [json.loads(line) for line in query(ask, "--kind", kind, "--json").out.splitlines()]
    with (place / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert told == [{name: str(value) for name, value in row.items()} for row in rows]


def test_nothing_found_is_an_empty_file(ask: Ask, place: Path) -> None:
    assert query(ask, "--path", "none", "--text", "--export", "none.jsonl.zst").code == 0
    assert query(ask, "--path", "none", "--export", "none.parquet").code == 0
    assert pl.read_parquet(place / "none.parquet").height == 0
    with open_catalog(place / "out/mill-1.0.0") as release:
        assert list(release.lines(source="none")) == []
        assert Query() == Query(where={}, pattern="")


def test_several_ids_and_several_kinds_of_one_id(ask: Ask) -> None:
    said = query(ask, "--get", "q-1", "--get", "race")
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == ["q-1", "race"]
