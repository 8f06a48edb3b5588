"""A run over git repositories: every entry of the tree has its row, licence files decide, the clone does not matter."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pyarrow.parquet as pq
import pytest

from filters.git_ids import content_id
from filters.subjects import subject
from pipeline.catalog import read_documents
from pipeline.engine.crew import SYNC
from pipeline.optout import add
from pipeline.release import ledger_parts
from pipeline.run import run_config
from tests.conftest import Ask, Gristmill
from tests.repositories import Repository, run_git

URL = "https://github.com/mill/stones"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%b\nsize 9\n" % (b"a" * 64)
CONFIG = """
[release]
name = "git"
shards = 2

[[sources]]
name = "code"
format = "git"
paths = ["repo"]
%s

[license]
policy = "permissive"

[optout]
registry = "optout.jsonl"

[dedup]
near = false

[limits]
bad_records = %s
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with all that goes wrong in one, whose licence stands in a file of its own."""
    made = Repository.init(tmp_path / "work")
    made.add("LICENSE", (Path(__file__).parents[2] / "LICENSE").read_bytes())
    made.add("src/a.py", b"def turn():\n    return 'stone'\n")
    made.add("src/b.py", b"def grind():\n    return 'flour'\n")
    made.add("src/run.sh", b"#!/bin/sh\necho grinding\n", "100755")
    made.add(b"src/caf\xe9.py", b"name = 'not utf-8'\n")
    made.add("gpl/COPYING", b"SPDX-License-Identifier: GPL-3.0-only\n")
    made.add("gpl/c.py", b"def copyleft():\n    return 1\n")
    made.add("src/latin.txt", b"caf\xe9\n")
    made.add("src/logo.png", b"\x89PNG\0\0")
    made.add("src/empty.py", b"")
    made.add("src/model.bin", POINTER)
    made.add("src/link.py", b"a.py", "120000")
    made.stage("vendored/mill", "1" * 40, "160000")
    made.add("src/Wheel.py", b"wheel = 1\n")
    made.add("src/wheel.py", b"wheel = 2\n")
    lost = made.add("src/lost.py", b"lost = True\n")
    made.commit("@0 +0000")
    made.git("remote", "add", "origin", f"git@github.com:{URL.partition('.com/')[2]}.git")
    made.lose(lost)
    return made


def build(root: Path, out: Path, *, options: str = "", bad: float = 0.5) -> Path:
    (root / "git.toml").write_text(CONFIG % (options, bad))
    registry = root / "optout.jsonl"
    registry.touch()
    return Path(run_config(root / "git.toml", out=out, work=out / "work", crew=SYNC).place)


def decisions(release: Path) -> dict[str, dict[str, Any]]:
    """Read the ledger by path."""
    rows = [
        row for part in ledger_parts(release / "ledger") for row in pq.read_table(part).to_pylist()
    ]
    return {
        unquote_to_bytes(row["id"].rpartition("path=/")[2]).decode("latin-1"): row for row in rows
    }


def test_every_entry_of_a_tree_has_its_row(
    tmp_path: Path, repository: Repository, gristmill: Gristmill, ask: Ask
) -> None:
    root = tmp_path / "in"
    root.mkdir()
    (root / "repo").symlink_to(repository.path)
    (root / "git.toml").write_text(CONFIG % ("", 0.5))
    (root / "optout.jsonl").touch()
    done = gristmill("run", root / "git.toml", "--out", tmp_path / "out", "--executor", "sync")
    assert done.returncode == 0, done.stderr
    release = Path(done.stdout.splitlines()[-1])
    assert gristmill("verify", release, "--deep").returncode == 0
    found = decisions(release)
    assert {name: row["reason"] for name, row in found.items() if row["stage"] == "read"} == {
        "src/empty.py": "empty",
        "src/latin.txt": "not-utf8",
        "src/link.py": "symlink",
        "src/logo.png": "binary",
        "src/lost.py": "missing",
        "src/model.bin": "lfs-pointer",
        "vendored/mill": "submodule",
    }
    assert {name for name, row in found.items() if row["stage"] == "license"} == {
        "gpl/COPYING",
        "gpl/c.py",
    }
    kept = {row["meta"]["path"]: row for row in read_documents(release)}
    assert kept.keys() == {
        *("LICENSE", "src/a.py", "src/b.py", "src/run.sh", "src/caf\\xe9.py", "src/Wheel.py"),
        "src/wheel.py",
    }
    assert {row["license"] for row in kept.values()} == {"Apache-2.0"}
    one = kept["src/a.py"]
    commit = repository.git("rev-parse", "HEAD")
    name = content_id(one["text"].encode())
    assert one["id"] == f"swh:1:cnt:{name};origin={URL};anchor=swh:1:rev:{commit};path=/src/a.py"
    assert (one["meta"]["repo"], one["created"]) == (URL, "1970-01-01T00:00:00Z")
    extra = json.loads(one["meta"]["extra"])
    assert extra["revision_id"] == commit
    assert extra["directory_id"] == repository.git("rev-parse", "HEAD^{tree}")
    assert extra["odd"] == ["date-early"]
    assert "note: odd in source 'code': date-early 15, path-case 2, path-not-utf8 1" in done.stdout
    manifest = json.loads((release / "manifest.json").read_bytes())
    assert manifest["quarantined"] == {"code": 1}  # the lost one alone is damage
    told = ask("explain", release, found["src/model.bin"]["id"])
    assert "dropped at read: lfs-pointer" in told.out


def test_damage_counts_and_what_is_no_document_does_not(
    tmp_path: Path, repository: Repository, gristmill: Gristmill
) -> None:
    root = tmp_path / "in"
    root.mkdir()
    (root / "repo").symlink_to(repository.path)
    (root / "git.toml").write_text(CONFIG % ("", 0))
    (root / "optout.jsonl").touch()
    done = gristmill("run", root / "git.toml", "--out", tmp_path / "out", "--executor", "sync")
    assert done.returncode == 3
    assert "1 of 16 records are bad" in done.stderr
    assert "read: repo:" in done.stderr


def test_the_clone_does_not_matter(tmp_path: Path, repository: Repository) -> None:
    """The same commit gives the same bytes from a bare clone, a shallow one, and packed or not."""
    made = Repository.init(tmp_path / "whole")
    for line in repository.git("ls-files", "-s", "-z").split("\0"):
        about, _, path = line.partition("\t")
        if path and "lost" not in path:
            mode, name, _ = about.split()
            raw = b"" if mode == "160000" else cat(repository, name)
            made.stage(path.encode("utf-8", "surrogateescape"), name, mode)
            assert mode == "160000" or made.blob(raw) == name
    made.commit()
    made.git("remote", "add", "origin", URL)
    roots = {}
    for name, arguments in {"bare": ["--bare"], "shallow": ["--depth=1", "--no-checkout"]}.items():
        roots[name] = tmp_path / name
        roots[name].mkdir()
        source = f"file://{made.path}"
        run_git(roots[name], "clone", "--quiet", *arguments, source, "repo")
        run_git(roots[name] / "repo", "remote", "set-url", "origin", f"{URL}.git")
    roots["packed"] = tmp_path / "packed"
    roots["packed"].mkdir()
    made.git("gc", "--quiet")
    made.path.rename(roots["packed"] / "repo")
    sums = {
        name: (build(root, tmp_path / f"out-{name}") / "SHA256SUMS").read_bytes()
        for name, root in roots.items()
    }
    assert len(set(sums.values())) == 1


def cat(repository: Repository, name: str) -> bytes:
    return subprocess.run(
        ["git", "cat-file", "blob", name], cwd=repository.path, capture_output=True, check=True
    ).stdout


def test_a_licence_file_speaks_where_there_is_no_origin(
    tmp_path: Path, repository: Repository
) -> None:
    repository.git("remote", "remove", "origin")
    (tmp_path / "repo").symlink_to(repository.path)
    release = build(tmp_path, tmp_path / "out")
    licenses = Counter(row["license"] for row in read_documents(release))
    assert licenses == {"Apache-2.0": 7}
    assert decisions(release)["gpl/c.py"]["stage"] == "license"


def test_requests_find_files_by_repository_content_and_path(
    tmp_path: Path, repository: Repository, ask: Ask
) -> None:
    (tmp_path / "repo").symlink_to(repository.path)
    wheel = content_id(b"wheel = 1\n")
    core = f"swh:1:cnt:{content_id(b'wheel = 2' + bytes([10]))}"
    add(
        tmp_path / "optout.jsonl",
        [
            subject("swhid", f"swh:1:cnt:{wheel}"),
            subject("swhid", f"{core};origin={URL};path=/src/wheel.py"),
            subject("id", decisions(build(tmp_path, tmp_path / "first"))["src/a.py"]["id"]),
        ],
    )
    found = decisions(build(tmp_path, tmp_path / "out"))
    assert {name for name, row in found.items() if row["stage"] == "optout"} == {
        "src/Wheel.py",
        "src/wheel.py",
        "src/a.py",
    }
    add(tmp_path / "optout.jsonl", [subject("repo", URL)])
    found = decisions(build(tmp_path, tmp_path / "last"))
    counted = Counter(row["stage"] for row in found.values())
    assert counted == {"read": 7, "license": 2, "optout": 7}
    # applied to the first release, the registry is asked of the same rows: those of two refused texts, but
    # not of what gave no document
    first = tmp_path / "first/git-1.0.0"
    registry = ("--registry", tmp_path / "optout.jsonl", "--executor", "sync")
    done = ask("optout", "apply", first, *registry, "--out", tmp_path)
    assert done.code == 0, done.err
    release = Path(done.out.splitlines()[-1])
    assert Counter(row["stage"] for row in decisions(release).values()) == counted
    notes = json.loads((release / "manifest.json").read_bytes())["notes"]
    assert [each for each in notes if each.startswith("2 opted-out documents are not in the rel")]
