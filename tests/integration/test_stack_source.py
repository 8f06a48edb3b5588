"""Runs over records of The Stack v2: licences, opt-outs by every name, a store, and contents that come later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from filters.git_ids import content_id
from pipeline.catalog import read_documents
from pipeline.verify import verify
from tests import object_store
from tests.conftest import Ask, Bucket
from tests.stacks import file_of, keep, repository, row, sha1, write_lines, write_parquet

CONFIG = """
[release]
name = "stack"
shards = 2

[[sources]]
name = "code"
format = "stack-v2"
paths = ["rows"]
[sources.options]
contents = "CONTENTS"
max_bytes = 100_000

[license]
policy = "permissive"

[optout]
registry = "optout.jsonl"

[dedup]
near = false

[limits]
bad_records = BAD
"""
LICENSE = (Path(__file__).parents[2] / "LICENSE").read_bytes()
SILENT: dict[str, Any] = {"detected_licenses": [], "license_type": "no_license"}
URL = "https://github.com/mill/stones"


def code(name: str) -> bytes:
    return f"def {name}():\n    return {name!r} * 3\n".encode()


FILES = {name: code(name) for name in ("wheel", "race", "sluice", "apron", "hopper", "shoe")}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two tables of metadata, one of each shape, and the contents beside them but for one."""
    rows = tmp_path / "rows"
    rows.mkdir()
    (tmp_path / "optout.jsonl").touch()
    keep(tmp_path / "contents", LICENSE, b"\0picture", *FILES.values())
    whole = repository(
        file_of("LICENSE", LICENSE, **SILENT),
        *(file_of(f"src/{name}.py", FILES[name], **SILENT) for name in ("wheel", "race")),
        file_of("logo.png", b"\0picture"),
        file_of("lost.py", code("lost"), **SILENT),
    )
    write_lines(rows / "repositories.jsonl", whole)
    others = [
        row("lib/sluice.py", FILES["sluice"], repo_name="race/free"),
        row(
            "lib/apron.py",
            FILES["apron"],
            repo_name="race/strict",
            detected_licenses=["GPL-3.0-only"],
        ),
        row("lib/hopper.py", FILES["hopper"], repo_name="race/untold", **SILENT),
        # of the repository whose licence file stands in the other table
        row("lib/shoe.py", FILES["shoe"], **SILENT),
    ]
    write_parquet(rows / "files.parquet", *others)
    return tmp_path


def run(
    corpus: Path, ask: Ask, out: str, *, bad: float = 0.5, contents: str = "contents", **more: str
) -> Path:
    config = corpus / "stack.toml"
    config.write_text(CONFIG.replace("CONTENTS", contents).replace("BAD", str(bad)))
    executor = more.get("executor", "sync")
    done = ask(
        "run",
        config,
        "--out",
        corpus / out,
        "--work",
        corpus / out / "work",
        "--executor",
        executor,
    )
    assert done.code == 0, done.err
    release = Path(done.out.splitlines()[-1])
    assert verify(release, deep=True).ok
    return release


def decisions(release: Path) -> dict[str, tuple[str, str]]:
    """Read the ledger by path."""
    rows = [
        each
        for part in sorted((release / "ledger").glob("decisions-*.parquet"))
        for each in pq.read_table(part).to_pylist()
    ]
    return {each["id"].rpartition("path=/")[2]: (each["stage"], each["reason"]) for each in rows}


def root_of(release: Path) -> str:
    return str(json.loads((release / "manifest.json").read_bytes())["content_root"])


def test_records_become_documents(corpus: Path, ask: Ask) -> None:
    release = run(corpus, ask, "out")
    found = decisions(release)
    kept = {each["meta"]["path"]: each for each in read_documents(release)}
    assert kept.keys() == {"LICENSE", "src/wheel.py", "src/race.py", "lib/sluice.py", "lib/shoe.py"}
    assert {path: each["license"] for path, each in kept.items() if "lib/sl" not in path} == {
        path: "Apache-2.0" for path in kept if "lib/sl" not in path
    }
    assert kept["lib/sluice.py"]["license"] == "MIT"
    assert {path: found[path] for path in found.keys() - kept.keys()} == {
        "logo.png": ("read", "binary"),
        "lost.py": ("read", "missing"),
        "lib/apron.py": ("license", "policy:GPL-3.0-only"),
        "lib/hopper.py": ("license", "unknown:none"),
    }
    one = kept["src/wheel.py"]
    assert one["text"].encode() == FILES["wheel"]
    assert (one["meta"]["repo"], one["created"]) == (URL, "2020-02-03T04:05:06Z")
    extra = json.loads(one["meta"]["extra"])
    assert extra["blob_id"] == sha1(FILES["wheel"])
    assert extra["star_events_count"] == 7
    shown = (release / "manifest.json").read_bytes() + b"".join(
        path.read_bytes() for path in (release / "config").rglob("*") if path.is_file()
    )
    assert str(corpus).encode() not in shown


@pytest.mark.parametrize(
    ("subject", "gone"),
    [
        (["--swhid", f"swh:1:cnt:{content_id(FILES['wheel'])}"], {"src/wheel.py"}),
        (["--sha1-git", content_id(FILES["race"])], {"src/race.py"}),
        (
            ["--swhid", f"swh:1:cnt:{content_id(FILES['shoe'])};origin={URL};path=/lib/shoe.py"],
            {"lib/shoe.py"},
        ),
        (
            ["--repo", "github.com/mill/stones"],
            {"LICENSE", "src/wheel.py", "src/race.py", "lib/shoe.py"},
        ),
        (["--repo", URL, "--path", "src/*"], {"src/wheel.py", "src/race.py"}),
        (["--owner", "https://github.com/race"], {"lib/sluice.py"}),
        (
            ["--swhid", f"swh:1:rev:{'e' * 40}"],
            {"LICENSE", "src/wheel.py", "src/race.py", "lib/sluice.py", "lib/shoe.py"},
        ),
    ],
)
def test_requests_find_files_by_every_name(
    corpus: Path, ask: Ask, subject: list[str], gone: set[str]
) -> None:
    done = ask("optout", "add", "--registry", corpus / "optout.jsonl", *subject, "--copies", "none")
    assert done.code == 0, done.err
    found = decisions(run(corpus, ask, "out"))
    asked = {path for path, (stage, _) in found.items() if stage == "optout"}
    assert {
        path
        for path in asked
        if path in {"LICENSE", "src/wheel.py", "src/race.py", "lib/sluice.py", "lib/shoe.py"}
    } == gone


def test_where_contents_lie_and_how_many_work_changes_nothing(
    corpus: Path, bucket: Bucket, ask: Ask
) -> None:
    near = run(corpus, ask, "near")
    many = run(corpus, ask, "many", executor="local", contents=str(corpus / "contents"))
    assert (many / "SHA256SUMS").read_bytes() == (near / "SHA256SUMS").read_bytes()
    object_store.upload(bucket.foreign, bucket.name, corpus / "contents", "content/")
    far = run(corpus, ask, "far", contents=f"{bucket.url}/content")
    assert root_of(far) == root_of(near)
    assert decisions(far) == decisions(near)


def test_a_content_that_comes_later_is_read_then(corpus: Path, ask: Ask) -> None:
    config = corpus / "stack.toml"
    config.write_text(CONFIG.replace("CONTENTS", "contents").replace("BAD", "0"))
    work = corpus / "out/work"
    done = ask("run", config, "--out", corpus / "out", "--work", work, "--executor", "sync")
    assert done.code == 3
    assert "rows/repositories.jsonl:1: missing" in done.err
    keep(corpus / "contents", code("lost"))
    found = decisions(run(corpus, ask, "out", bad=0))
    assert found["lost.py"][0] == "keep"


def test_a_file_that_two_tables_name_is_one_document(corpus: Path, ask: Ask) -> None:
    again = row(
        "lib/shoe.py",
        FILES["shoe"],
        **SILENT,
        star_events_count=8,
        visit_date="2022-01-01T00:00:00",
    )
    write_lines(corpus / "rows/again.jsonl", again)
    release = run(corpus, ask, "out")
    rows = [
        each
        for part in sorted((release / "ledger").glob("decisions-*.parquet"))
        for each in pq.read_table(part).to_pylist()
        if each["id"].endswith("path=/lib/shoe.py")
    ]
    assert sorted(each["stage"] for each in rows) == ["exact", "keep"]
    assert [each["meta"]["path"] for each in read_documents(release)].count("lib/shoe.py") == 1
