"""Releases of archives and folders: good files beside hostile ones, licences beside the files that they are for."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.sources import read
from pipeline.store import RemoteFile
from pipeline.verify import verify
from tests import archives, object_store
from tests.archives import TARS, ZIPS, Packed, header, make_zip, member, tar
from tests.conftest import Ask, Bucket

CONFIG = """
[release]
name = "mill"
shards = 2
[[sources]]
name = "archives"
format = "archive"
paths = ["ROOT/archives"]
[[sources]]
name = "trees"
format = "folder"
paths = ["trees/*"]
include = ["*.py"]
[license]
policy = "permissive"
"""
LICENSES = Path(__file__).parents[2] / "LICENSE"
CANARY = "canary" + "-51de"
RAISED = ("--set", "limits.bad_records=1", "--set", "limits.damaged_shards=99")
SLOW = {"heavy.zip"}  # it gives documents of 30 MiB before it is found out
HOSTILE = [each for each in (*TARS, *ZIPS) if each.name not in SLOW]


def prose(name: str) -> bytes:
    draw = random.Random(name)
    lines = (" ".join("".join(draw.choices("abcdefghij", k=6)) for _ in range(9)) for _ in range(9))
    return ("\n".join(lines) + "\n").encode()


def code(name: str) -> bytes:
    draw = random.Random(name)
    return b"".join(b"wheel_%d = %d\n" % (at, draw.randrange(10**9)) for at in range(30))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with archives and trees, of which some say under which licence they are."""
    license_text = LICENSES.read_bytes()
    free = {
        "mill-1.0/LICENSE": license_text,
        "mill-1.0/wheel.py": code("a"),
        "mill-1.0/race.txt": prose("b"),
    }
    folder = tmp_path / "archives"
    folder.mkdir()
    (folder / "mill-1.0.tar.gz").write_bytes(archives.real_tar(free))
    (folder / "mill.zip").write_bytes(
        archives.real_zip({"LICENSE": license_text, "deep/sluice.py": code("c")})
    )
    (folder / "untold.zip").write_bytes(archives.real_zip({"untold.py": code("d")}))
    bad = [member(b"../%d" % at, CANARY.encode() * 9) for at in range(3)]
    (folder / "mixed.tar").write_bytes(
        tar(
            member(b"LICENSE", license_text),
            *bad,
            member(b"good.py", code("e")),
            header(b"s", 0, b"2"),
            member(b"b.bin", CANARY.encode() + bytes(9)),
        )
    )
    (folder / "mixed.zip").write_bytes(
        make_zip(
            Packed(b"LICENSE", license_text),
            Packed(b"bad.py", CANARY.encode() * 9, crc=1),
            Packed(b"fine.py", code("f")),
        )
    )
    for name, files in {
        "told": {"LICENSE": license_text, "a/wheel.py": code("g"), "a/notes.txt": prose("h")},
        "untold": {"wheel.py": code("i")},
    }.items():
        for path, data in files.items():
            (tmp_path / "trees" / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "trees" / name / path).write_bytes(data)
    (tmp_path / "trees/told/a/link.py").symlink_to("/etc/passwd")
    return tmp_path


def config(corpus: Path, root: str = ".") -> Path:
    path = corpus / "mill.toml"
    path.write_text(CONFIG.replace("ROOT", root))
    return path


def ledger(release: Path) -> dict[str, tuple[str, str, str]]:
    rows = [
        row
        for path in sorted((release / "ledger").glob("decisions-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    found = {row["id"]: (row["verdict"], row["stage"], row["reason"]) for row in rows}
    assert len(found) == len(rows)
    return found


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


KEPT = {
    "mill-1.0.tar.gz/mill-1.0/race.txt",
    "mill-1.0.tar.gz/mill-1.0/wheel.py",
    "mill.zip/deep/sluice.py",
    "mixed.tar/good.py",
    "mixed.tar/good.txt",
    "mixed.zip/fine.py",
    "told/a/wheel.py",
}
DROPPED = {
    "archives/mixed.tar#2": ("read", "path:outside"),
    "archives/mixed.tar#3": ("read", "path:outside"),
    "archives/mixed.tar#4": ("read", "path:outside"),
    "mixed.tar/s": ("read", "symlink"),
    "mixed.tar/b.bin": ("read", "binary"),
    "mixed.zip/bad.py": ("read", "member:crc"),
    "told/LICENSE": ("read", "not-included"),
    "told/a/link.py": ("read", "symlink"),
}


def test_good_files_are_released_beside_bad_ones(corpus: Path, ask: Ask) -> None:
    done = ask("run", config(corpus), "--out", corpus / "out", "--executor", "sync", *RAISED)
    assert done.code == 0, done.err
    release = Path(done.out.splitlines()[-1])
    assert verify(release, deep=True).ok
    found = ledger(release)
    licences = {name for name in found if name.endswith("/LICENSE")} - DROPPED.keys()
    assert {name for name, row in found.items() if row[0] == "keep"} - licences == KEPT
    assert {name: found[name][1:] for name in DROPPED} == DROPPED
    refused = {name for name, row in found.items() if row[1] == "license"}
    assert refused == {"untold.zip/untold.py", "untold/wheel.py"}
    assert found.keys() == KEPT | DROPPED.keys() | refused | licences
    # all are the same text: one is kept
    assert sorted(found[name][1] for name in licences) == ["exact"] * (len(licences) - 1) + ["keep"]
    assert CANARY.encode() not in everything(release)


def test_members_are_named_where_nothing_is_published(corpus: Path, ask: Ask) -> None:
    done = ask("run", config(corpus), "--out", corpus / "out", "--executor", "sync")
    assert done.code == 3
    for number in (3, 4, 5):
        assert f"read: archives/mixed.tar:{number}: path:outside" in done.err
    assert "read: archives/mixed.zip:2: member:crc" in done.err
    assert CANARY not in done.err
    assert "binary" not in done.err  # what is no text is no mistake


def test_archives_in_a_store_are_those_in_a_folder(corpus: Path, bucket: Bucket, ask: Ask) -> None:
    object_store.upload(bucket.foreign, bucket.name, corpus / "archives", "archives/")
    for path in sorted((corpus / "archives").iterdir()):
        far = RemoteFile(f"{bucket.url}/archives/{path.name}")
        assert list(read(far, "archive")) == list(read(path, "archive"))
    releases = []
    for name, root in (("near", "."), ("far", bucket.url)):
        done = ask(
            "run", config(corpus, root), "--out", corpus / name, "--executor", "sync", *RAISED
        )
        assert done.code == 0, done.err
        releases.append(
            json.loads((Path(done.out.splitlines()[-1]) / "manifest.json").read_bytes())
        )
    near, far = releases
    assert near["content_root"] == far["content_root"]


def test_the_place_and_the_times_of_trees_change_nothing(
    corpus: Path, tmp_path: Path, ask: Ask
) -> None:
    other = tmp_path / "else" / "where"
    shutil.copytree(corpus / "archives", other / "archives")
    shutil.copytree(corpus / "trees", other / "trees", symlinks=True)
    found: list[dict[str, Any]] = []
    for place in (corpus, other):
        done = ask("run", config(place), "--out", place / "out", "--executor", "sync", *RAISED)
        assert done.code == 0, done.err
        found.append(json.loads((Path(done.out.splitlines()[-1]) / "manifest.json").read_bytes()))
    assert found[0] == found[1]


@pytest.mark.slow
def test_every_hostile_archive_is_refused_and_its_neighbours_are_released(
    tmp_path: Path, ask: Ask
) -> None:
    (tmp_path / "archives").mkdir()
    for each in HOSTILE:
        each.write(tmp_path / "archives" / each.name)
    clean = {"fine.py": code("z"), "LICENSE": LICENSES.read_bytes()}
    (tmp_path / "archives/clean.tar.gz").write_bytes(archives.real_tar(clean))
    (tmp_path / "mill.toml").write_text(
        CONFIG.partition('[[sources]]\nname = "trees"')[0].replace("ROOT/", "")
    )
    done = ask(
        "run", tmp_path / "mill.toml", "--out", tmp_path / "out", "--executor", "sync", *RAISED
    )
    assert done.code == 0, done.err
    release = Path(done.out.splitlines()[-1])
    assert verify(release, deep=True).ok
    rows = ledger(release)
    assert rows["clean.tar.gz/fine.py"][0] == "keep"
    reasons = {row[2] for row in rows.values() if row[1] == "read"}
    assert reasons >= {reason for each in HOSTILE for reason in each.said}
