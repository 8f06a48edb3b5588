"""One awkward release, read by the readers that people use: all find the same texts."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml  # type: ignore[import-untyped]  # no stubs installed

from manifests.manifest import Manifest, decode
from manifests.metadata import record_sets
from manifests.record import Question, Record
from pipeline.catalog import read_lines
from pipeline.engine.crew import SYNC
from pipeline.release import DOCUMENTS
from pipeline.run import run_config
from pipeline.twin import QUESTIONS, RECORDS, write_twin
from pipeline.verify.report import Findings
from pipeline.verify.twin import check_twins

PAGE = (Path(__file__).parents[2] / "docs/reading.md").read_text(encoding="utf-8")
CONFIG = """
[release]
name = "awkward"
shards = 4
parquet = %s

[[sources]]
name = "code"
paths = ["code.jsonl"]

[[sources]]
name = "prose"
paths = ["prose.jsonl"]
license = "CC0-1.0"

[[sources]]
name = "nothing"
paths = ["nothing.jsonl"]

[[sources]]
name = "asked"
format = "squad"
paths = ["asked.json"]
license = "CC0-1.0"

[dedup]
near = false

[limits]
bad_records = 0.1

[split]
validation = 0.1
test = 0.1
"""
ABOUT = """
[about]
title = "Awkward texts of mills & rivers"
description = "Made up for a test."
creators = ["Müller, Ada", "The Mill_Society"]
publisher = "The Mill Society"
url = "https://mill.example.org/awkward"
contact = "mill@example.org"
license = "CC0-1.0"
keywords = ["mills", "물레방아"]
published = "2026-11-20"
purpose = "Tests of readers."
"""


def snippets(language: str) -> dict[str, str]:
    """Code of the page by the title above it; of two under one title the second gets a number."""
    found: dict[str, str] = {}
    for section in PAGE.split("\n## ")[1:]:
        title = section.partition("\n")[0]
        for n, code in enumerate(re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)):
            found[title if n == 0 else f"{title} {n + 1}"] = code
    return found


PYTHON = snippets("python")


def write_input(folder: Path) -> None:
    filler = "the mill turns while water falls over the wheel and grain becomes flour "
    prose = [f"{filler * (1 + n % 3)}{n} 물레방아가 돌아간다 {n}" for n in range(40)]
    prose += [
        "line\u2028and\u2029paragraph\x85next\x0bvertical\x0cform\x1cfile\x1dgroup\x1erecord",
        "2026-01-01",
        "1.0",
        "null",
        '{"text": "in \\"text\\""}\\',
        "carriage\r\nreturn\rtab\t",
        "\ufeffmark \U0001f33e e\u0301 \u200b\u202ebidi",
        "long " + filler * 1500,
        "no \0 at all",
    ]
    lines = [{"text": text, "note": "a\0b", "url": ""} for text in prose]
    code = [
        {
            "text": f"def gate_{n}():\n    return {n}\n",
            "license": "MIT" if n % 2 else "Apache-2.0",
            "meta": {"repo": f"https://github.com/mill/r{n % 3}", "path": f"g/{n}.py"},
        }
        for n in range(30)
    ]
    english, korean = "The runner stone turns.", "윗돌은 아랫돌 위에서 돌아간다."
    asked = {
        "version": "v2.0",
        "data": [
            {
                "title": "Mill",
                "paragraphs": [
                    {"context": english, "qas": [ask("q-1", 0, "The runner stone"), ask("q-2")]},
                    {"context": korean, "qas": [ask("q-3", 0, "윗돌")]},
                ],
            }
        ],
    }
    write_lines(folder / "prose.jsonl", lines)
    write_lines(folder / "code.jsonl", code)
    write_lines(folder / "nothing.jsonl", [])
    (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")


def ask(name: str, start: int = 0, answer: str = "") -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": start}] if answer else []
    return {"id": name, "question": f"{name}?", "answers": answers, "is_impossible": not answer}


def write_lines(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def build(folder: Path, *, twin: bool, about: str) -> Path:
    write_input(folder)
    path = folder / "awkward.toml"
    path.write_text(CONFIG % str(twin).lower() + about, encoding="utf-8")
    return run_config(path, out=folder / "out", crew=SYNC).release


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a parquet twin, and with everything said; treat it as read-only."""
    return build(tmp_path_factory.mktemp("full"), twin=True, about=ABOUT)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without a twin, and with nothing said."""
    return build(tmp_path_factory.mktemp("bare"), twin=False, about="")


def manifest_of(release: Path) -> Manifest:
    return decode((release / "manifest.json").read_bytes())


def records(release: Path, prefix: str) -> list[dict[str, Any]]:
    """Our own reader: by the index, frame by frame."""
    shards = (file.path for file in manifest_of(release).files)
    wanted = frozenset(path for path in shards if re.match(prefix, path))
    return [orjson.loads(line) for line in read_lines(release, wanted)]


def digest(texts: list[str]) -> tuple[int, str]:
    return len(texts), hashlib.sha256("".join(texts).encode()).hexdigest()


def test_the_release_is_as_awkward_as_it_is_meant_to_be(full: Path) -> None:
    texts = [record["text"] for record in records(full, "data/")]
    assert max(map(len, texts)) > 100_000
    assert any("\u2028" in text and "\x1c" in text for text in texts)
    assert any("물레방아" in text for text in texts)
    assert not any("\0" in text for text in texts)
    assert manifest_of(full).quarantined["prose"] == 1
    assert next(each.kept for each in manifest_of(full).sources if each.name == "nothing") == 0


@pytest.mark.filterwarnings("ignore")  # some readers warn about themselves
@pytest.mark.parametrize("reader", [each for each in PYTHON if each != "torch 2"])
def test_what_the_page_shows_reads_every_text(
    reader: str, full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path)
    monkeypatch.chdir(full)
    found: dict[str, Any] = {}
    exec(compile(PYTHON[reader], f"docs/reading.md: {reader}", "exec"), found)  # noqa: S102  our own page
    wanted = [record["text"] for record in records(full, "data/[^/]+/train-")]
    assert digest(found["texts"]) == digest(wanted)


@pytest.mark.parametrize("workers", [1, 2, 3, 50])
def test_workers_share_the_shards_with_no_record_twice(
    workers: int, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(full)
    page: dict[str, Any] = {}
    exec(compile(PYTHON["torch"], "docs/reading.md: torch", "exec"), page)  # noqa: S102  our own page
    read = partial(page["read"], page["paths"], workers=workers)
    shares = [[record["id"] for record in read(worker)] for worker in range(workers)]
    wanted = [record["id"] for record in records(full, "data/[^/]+/train-")]
    assert sorted(chain(*shares)) == sorted(wanted)
    assert sum(map(bool, shares)) == min(workers, len(page["paths"]))


def worker_and_id(record: dict[str, Any]) -> tuple[int, str]:
    from torch.utils.data import get_worker_info

    info = get_worker_info()
    return (0 if info is None else info.id), record["id"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("workers", [0, 1, 2, 3])
def test_torch_reads_every_record_once_an_epoch(
    workers: int, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pytest.importorskip("torch.utils.data")
    monkeypatch.chdir(full)
    page: dict[str, Any] = {}
    code = PYTHON["torch"] + PYTHON["torch 2"]
    exec(compile(code, "docs/reading.md: torch", "exec"), page)  # noqa: S102  our own page
    release = page["Release"](page["paths"])
    loader = data.DataLoader(
        release, batch_size=None, num_workers=workers, collate_fn=worker_and_id
    )
    wanted = [record["id"] for record in records(full, "data/[^/]+/train-")]
    for _ in range(2):
        found = list(loader)
        assert sorted(name for _, name in found) == sorted(wanted)
        assert {worker for worker, _ in found} == set(range(max(1, workers)))
        if workers <= 1:
            assert [name for _, name in found] == wanted
    batches = data.DataLoader(release, batch_size=8, num_workers=workers)
    assert sorted(name for batch in batches for name in batch["id"]) == sorted(wanted)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_the_page_s_torch_runs_as_a_script(start: str, full: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing\n"
        f'if __name__ == "__main__":\n    multiprocessing.set_start_method("{start}")\n'
        f"{PYTHON['torch']}{PYTHON['torch 2']}    print(json.dumps(sorted(texts)))\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, script], cwd=full, capture_output=True, text=True, check=True
    )
    wanted = [record["text"] for record in records(full, "data/[^/]+/train-")]
    assert json.loads(done.stdout) == sorted(wanted)


@pytest.mark.filterwarnings("ignore")
def test_what_the_card_shows_runs(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card = (full / "README.md").read_text(encoding="utf-8")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path)
    monkeypatch.chdir(full)
    blocks = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102  our own card
    assert len(blocks) == 3
    assert "prose" in capsys.readouterr().out


def test_the_page_shows_every_reader_once() -> None:
    assert len(PYTHON) == 12


@pytest.mark.parametrize("title", snippets("sh"))
def test_commands_of_the_page_run(title: str, full: Path) -> None:
    command = f"set -o pipefail; {snippets('sh')[title]}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=full, capture_output=True, text=True, check=True
    )
    if "jq" in command:
        assert done.stdout.split() == [each["id"] for each in records(full, "data/[^/]+/train-")]


@pytest.mark.filterwarnings("ignore")
def test_hugging_face_checks_every_configuration(full: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    head = yaml.safe_load((full / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    for info in head["dataset_info"]:
        name = info["config_name"]
        loaded = load_dataset(
            str(full), name, cache_dir=str(tmp_path), verification_mode="all_checks"
        )
        sizes = {split["name"]: split["num_examples"] for split in info["splits"]}
        assert {split: len(rows) for split, rows in loaded.items()} == sizes
        streamed = load_dataset(str(full), name, streaming=True)
        for split, rows in loaded.items():
            assert [row["id"] for row in streamed[split]] == list(rows["id"])
    asked = load_dataset(str(full), "qa-asked", split="train", cache_dir=str(tmp_path))
    assert list(asked) == records(full, "qa/")


def test_the_twin_holds_the_records_and_no_statistics(full: Path) -> None:
    for kind in ("data", "qa"):
        wanted = {each["id"]: each for each in records(full, f"{kind}/")}
        found = {}
        for path in sorted(full.glob(f"parquet/{kind}/*/*.parquet")):
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                columns = [
                    file.metadata.row_group(0).column(at) for at in range(file.metadata.num_columns)
                ]
                assert not any(column.is_stats_set for column in columns)
                found |= {row["id"]: row for row in file.read().to_pylist()}
        assert found == wanted


def rewrite(path: Path, change: str) -> None:
    """Write a twin that is sound as parquet and wrong as a twin."""
    table = pq.read_table(path)
    if change == "edited":
        at = table.schema.get_field_index("created")
        values = [*table["created"].to_pylist()[:-1], "2026"]
        table = table.set_column(at, "created", [values])
    elif change == "short":
        table = table.slice(1)
    elif change == "long":
        table = pa.concat_tables([table, table.slice(0, 1)])
    elif change == "other columns":
        table = table.drop_columns(["url"])
    elif change == "null":
        at = table.schema.get_field_index("url")
        table = table.set_column(at, "url", pa.nulls(table.num_rows, pa.string()))
    pq.write_table(table, path, write_statistics=change == "statistics")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("none", ""),
        ("edited", "is not what its shard holds"),
        ("short", "row 0 is not what its shard holds"),
        ("long", "has more rows"),
        ("other columns", "its columns are not those of the records"),
        ("null", "cannot be read as parquet"),
        ("statistics", "has statistics"),
    ],
)
def test_a_twin_that_is_none_is_named(
    full: Path, tmp_path: Path, change: str, problem: str
) -> None:
    """With hashes that match: as if the manifest had been edited along with it."""
    copy = tmp_path / "copy"
    shutil.copytree(full, copy)
    path = min(copy.glob("parquet/data/code/train-*.parquet"))
    rewrite(path, change)
    manifest, findings = manifest_of(copy), Findings()
    check_twins(copy, manifest, frozenset(file.path for file in manifest.files), findings)
    found = findings.problems()
    assert [each.path for each in found] == ([str(path.relative_to(copy))] if problem else [])
    assert all(problem in each.problem for each in found)


def test_twins_are_for_all_shards_or_none(full: Path) -> None:
    manifest = manifest_of(full)
    files = [
        file for file in manifest.files if not file.path.startswith("parquet/data/code/train-")
    ]
    strange = msgspec.structs.replace(
        files[0], path="parquet/data/other/train-00000-of-00004.parquet"
    )
    findings = Findings()
    short = msgspec.structs.replace(manifest, files=(*files, strange))
    check_twins(full, short, frozenset(), findings)
    gone = len(manifest.files) - len(files)
    assert [each.path for each in findings.problems()] == ["manifest.json"] * gone + [strange.path]


def test_equal_lines_make_equal_twins_in_groups_of_bounded_size(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = "data/prose/train-00000-of-00001.jsonl.zst"
    lines = list(
        read_lines(
            full,
            frozenset(each.path for each in manifest_of(full).files if "/prose/train" in each.path),
        )
    )
    for name in ("a", "b"):
        write_twin(tmp_path / name, shard, iter(lines))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    monkeypatch.setattr("pipeline.twin.ROW_GROUP_BYTES", 2000)
    write_twin(tmp_path / "c", shard, lines)
    groups = pq.ParquetFile(tmp_path / "c").num_row_groups
    assert 3 < groups <= len(lines)
    assert pq.read_table(tmp_path / "c").equals(pq.read_table(tmp_path / "a"))


def test_croissant_knows_every_column() -> None:
    assert [each.name for each in record_sets.INDEX_COLUMNS] == DOCUMENTS.names
    for columns, schema, kind in (
        (record_sets.RECORD_COLUMNS, RECORDS, Record),
        (record_sets.QUESTION_COLUMNS, QUESTIONS, Question),
    ):
        assert tuple(schema.names) == kind.__struct_fields__
        assert [each.name for each in columns] == schema.names
        for column in columns:
            inner = schema.field(column.name).type
            inner = inner.value_type if column.many else inner
            names = [field.name for field in inner] if pa.types.is_struct(inner) else []
            assert [each.name for each in column.inner] == names


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("which", ["full", "bare"])
def test_croissant_is_valid_without_a_warning_and_counts_agree(
    which: str, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    import mlcroissant

    release: Path = request.getfixturevalue(which)
    manifest = manifest_of(release)
    dataset = mlcroissant.Dataset(release / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    found = {
        each.uuid: sum(1 for _ in dataset.records(each.uuid))
        for each in dataset.metadata.record_sets
    }
    twins = {"records": manifest.documents, "questions": manifest.questions}
    wanted = {"splits": 3, "documents": manifest.documents} | (twins if which == "full" else {})
    assert found == wanted
    assert not [each for each in caplog.records if each.levelname in {"WARNING", "ERROR"}]


def test_croissant_names_files_by_their_hash_and_makes_nothing_up(full: Path, bare: Path) -> None:
    for release in (full, bare):
        made = json.loads((release / "croissant.json").read_bytes())
        listed = {file.path: file for file in manifest_of(release).files}
        objects = [each for each in made["distribution"] if each["@type"] == "cr:FileObject"]
        for each in objects:
            file = listed[each["contentUrl"]]
            assert (each["sha256"], each["contentSize"]) == (file.sha256, f"{file.bytes} B")
        data = {path for path in listed if path.startswith(("data/", "qa/", "parquet/", "index/"))}
        assert data <= {each["contentUrl"] for each in objects}
        hashes = {each["@id"] for each in made["prov:wasDerivedFrom"]}
        assert hashes == {f"nih:sha-256;{each.sha256}" for each in manifest_of(release).inputs}
    assert made["datePublished"] == "1970-01-01"
    assert "is not stated" in made["description"]
    assert not made.keys() & {"url", "creator", "publisher", "keywords", "rai:dataUseCases"}
    said = json.loads((full / "croissant.json").read_bytes())
    assert said["datePublished"] == "2026-11-20"
    assert [each["@type"] for each in said["creator"]] == ["Person", "Organization"]
    assert said["license"][0] == "https://spdx.org/licenses/CC0-1.0"


def test_what_is_said_stands_in_the_card_and_the_manifest(full: Path, bare: Path) -> None:
    card = (full / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["pretty_name"] == "Awkward texts of mills & rivers 1.0.0"
    assert head["license"] == ["cc0-1.0"]
    assert head["tags"] == ["mills", "물레방아"]
    root = manifest_of(full).content_root
    assert f"content root {root}" in card
    assert r"author = {Müller, Ada and {The Mill\_Society}}" in card
    assert "## Contact\n\nThe Mill Society, mill@example.org" in card
    assert manifest_of(full).about is not None
    assert b'"about"' not in (bare / "manifest.json").read_bytes()
    assert manifest_of(bare).content_root == root
