"""Contents named by git's blob id and by what a reader sees: gone by a run, by `apply` and by amending."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.cli.app import main

CONFIG = """
[release]
name = "t"
shards = 2
[[sources]]
name = "a"
paths = ["a.jsonl"]
[dedup]
near = false
[optout]
registry = "events.jsonl"
"""


def prose(name: object, words: int = 60) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def git_blob(text: str) -> str:
    raw = text.encode()
    return hashlib.sha1(b"blob %d\0%b" % (len(raw), raw), usedforsecurity=False).hexdigest()


BLOB = f"{prose('blob')}\n"
READ = f"{prose('read')}."
TEXTS = {
    "blob": BLOB,
    "blob-but-for-the-line-feed": BLOB.strip(),
    "read": READ,
    "read-loudly": "  “" + READ.upper().replace(" ", ",\n") + "”!",
    "read-with-a-word-more": f"{READ} word",
    "strange": prose("strange"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contents")
    lines = [json.dumps({"id": name, "text": text}) + "\n" for name, text in TEXTS.items()]
    (folder / "a.jsonl").write_text("".join(lines))
    (folder / "mill.toml").write_text(CONFIG)
    (folder / "events.jsonl").touch()
    assert kept(make(folder, "out")) == set(TEXTS)
    return folder


def make(folder: Path, out: str) -> Path:
    run = ["run", folder / "mill.toml", "--out", folder / out, "--executor", "sync"]
    assert main([str(each) for each in run]) == 0
    return folder / out / "t-1.0.0"


def kept(release: Path) -> set[str]:
    paths = sorted((release / "ledger").glob("decisions-*"))
    found = [row for path in paths for row in pq.read_table(path).to_pylist()]
    return {row["id"] for row in found if row["verdict"] == "keep"}


@pytest.mark.parametrize("how", ["run", "apply", "amend"])
@pytest.mark.parametrize("named", ["blob", "read"])
def test_what_is_named_goes_and_what_differs_more_stays(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, named: str
) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(made, folder, symlinks=True)
    (folder / "text").write_text("\n\n" + READ.title())
    option = ["--sha1-git", git_blob(BLOB)] if named == "blob" else ["--normalised-text", folder / "text"]  # fmt: skip
    registry = ["--registry", folder / "events.jsonl"]
    add = ["optout", "add", *registry, *option, "--copies", "none"]
    assert main([str(each) for each in add]) == 0
    assert prose("read").split()[0] not in (folder / "events.jsonl").read_text().lower()
    if how == "run":
        release = make(folder, "again")
    else:
        given = ["--work", folder / "none"] if how == "amend" else ["--inputs", folder]
        first = folder / "out/t-1.0.0"
        apply = ["optout", "apply", first, *registry, *given, "--executor", "sync", "--json"]
        capsys.readouterr()
        assert main([str(each) for each in apply]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["amended"] == (how == "amend")
        release = Path(said["release"])
    gone = {"blob"} if named == "blob" else {"read", "read-loudly"}
    assert kept(release) == set(TEXTS) - gone
    verify = ["verify", release, "--deep", *registry]
    assert main([str(each) for each in verify]) == 0
