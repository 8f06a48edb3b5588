"""Runs that tell the SWHID of folders and archives: it is in every record, and requests find them by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.catalog import read_documents
from pipeline.sources.trees.ids import folder_id
from pipeline.verify import verify
from tests.archives import header, member, real_tar
from tests.conftest import Ask

CONFIG = """
[release]
name = "trees"
shards = 2
[[sources]]
name = "folders"
format = "folder"
paths = ["tree"]
include = ["*.py"]
[sources.options]
swhid = true
[[sources]]
name = "archives"
format = "archive"
paths = ["*.tar*"]
include = ["*.py"]
[sources.options]
swhid = true
strip = 1
[optout]
registry = "optout.jsonl"
[dedup]
near = false
exact = false
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder, an archive of it, and an archive whose tree cannot be told."""
    files = {
        f"{name}.py": f"def {name}():\n    return {name!r}\n".encode() for name in ("wheel", "race")
    }
    files["logo.png"] = b"\0picture"
    (tmp_path / "tree").mkdir()
    for name, raw in files.items():
        (tmp_path / "tree" / name).write_bytes(raw)
    (tmp_path / "mill.tar.gz").write_bytes(
        real_tar({f"mill/{name}": raw for name, raw in files.items()})
    )
    odd = [member(b"odd/odd.py", b"odd = True\n"), header(b"odd/pipe", 0, b"6"), bytes(1024)]
    (tmp_path / "odd.tar").write_bytes(b"".join(odd))
    (tmp_path / "mill.toml").write_text(CONFIG)
    (tmp_path / "optout.jsonl").touch()
    return tmp_path


def build(corpus: Path, ask: Ask, out: str) -> tuple[Path, str]:
    done = ask("run", corpus / "mill.toml", "--out", corpus / out, "--executor", "sync")
    assert done.code == 0, done.err
    release = Path(done.out.splitlines()[-1])
    assert verify(release, deep=True).ok
    return release, done.out


def test_records_bear_the_id_of_their_tree(corpus: Path, ask: Ask) -> None:
    told = folder_id(corpus / "tree").directory
    release, said = build(corpus, ask, "out")
    documents = [
        (each["meta"]["path"], json.loads(each["meta"]["extra"]))
        for each in read_documents(release)
    ]
    assert sorted(path for path, _ in documents) == ["odd.py", *["race.py"] * 2, *["wheel.py"] * 2]
    for path, extra in documents:
        if path == "odd.py":
            assert extra["odd"] == ["directory-untold"]
            assert "swhid" not in extra
        else:
            core = f"swh:1:cnt:{extra['content_id']}"
            assert extra["swhid"] == f"{core};anchor=swh:1:dir:{told};path=/{path}"
            assert extra["directory_id"] == told
    assert "note: odd in source 'archives': directory-untold" in said


@pytest.mark.parametrize("core", ["dir", "cnt"])
def test_requests_find_a_tree_by_its_id(corpus: Path, ask: Ask, core: str) -> None:
    release, _ = build(corpus, ask, "first")
    extras = [json.loads(each["meta"]["extra"]) for each in read_documents(release)]
    extra = next(each for each in extras if "swhid" in each)
    name = {"dir": extra["directory_id"], "cnt": extra["content_id"]}[core]
    done = ask(
        *("optout", "add", "--registry", corpus / "optout.jsonl"),
        *("--swhid", f"swh:1:{core}:{name}", "--copies", "none"),
    )
    assert done.code == 0, done.err
    left = list(read_documents(build(corpus, ask, "second")[0]))
    assert len(left) == {"dir": 1, "cnt": 3}[core]
