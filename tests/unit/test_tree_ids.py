"""The id of a tree as a whole: what counts, what does not, and when there is none."""

from __future__ import annotations

import io
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from filters.git_ids import EXECUTABLE, FILE, content_id, directory_of
from pipeline.config import load_config
from pipeline.plan import digest_input, freeze_inputs, read_input
from pipeline.sources import Item, Raw, Said, read
from pipeline.sources.trees.ids import MOST_PATHS, archive_id
from pipeline.sources.trees.members import Member
from tests.archives import Packed, header, make_zip, member, pax, tar
from tests.repositories import Repository

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git's id of a tree without an entry


def items_of(place: Path, kind: str, **options: Any) -> list[Item]:
    said = Said("s", options={"swhid": True, **options})
    return list(read(place, kind, said=said))


def records_of(place: Path, kind: str, **options: Any) -> dict[str, dict[str, Any]]:
    return {
        each.record["path"]: each.record
        for each in items_of(place, kind, **options)
        if isinstance(each, Raw)
    }


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "src").mkdir(parents=True)
    (root / "src/a.py").write_bytes(b"a = 1\n")
    (root / "src/run").write_bytes(b"#!/bin/sh\n")
    (root / "src/run").chmod(0o755)
    (root / ".hidden").write_bytes(b"h\n")
    (root / "link").symlink_to("src/a.py")
    return root


def git_id(tree: Path) -> str:
    made = Repository.init(tree.with_name("git"))
    return made.git("--work-tree", str(tree), "add", "--all") + made.git("write-tree")


def test_records_name_their_tree_and_their_place_in_it(tree: Path) -> None:
    told = git_id(tree)
    found = records_of(tree, "folder")
    one = found["src/a.py"]
    assert one["directory_id"] == told
    assert (
        one["swhid"]
        == f"swh:1:cnt:{content_id(b'a = 1' + bytes([10]))};anchor=swh:1:dir:{told};path=/src/a.py"
    )
    assert found["link"]["directory_id"] == told
    assert "swhid" not in found["link"]
    assert one["id"] == "tree/src/a.py"


def test_without_the_option_nothing_is_told(tree: Path) -> None:
    for each in read(tree, "folder"):
        assert isinstance(each, Raw)
        assert {"directory_id", "swhid"}.isdisjoint(each.record)


def test_what_the_globs_and_the_limits_leave_out_counts_all_the_same(tree: Path) -> None:
    told = git_id(tree)
    said = Said(
        "s", options={"swhid": True, "exclude": ["src/run"], "max_bytes": 3}, include=("*.py",)
    )
    for each in read(tree, "folder", said=said):
        assert isinstance(each, Raw)
        assert each.record["directory_id"] == told


def test_the_folder_of_git_does_not_count(tmp_path: Path, tree: Path) -> None:
    told = records_of(tree, "folder")["src/a.py"]["directory_id"]
    Repository.init(tree / "git").path.joinpath(".git").rename(tree / ".git")
    (tree / "git").rmdir()
    assert records_of(tree, "folder")["src/a.py"]["directory_id"] == told


def test_empty_folders_count_as_software_heritage_has_them(tmp_path: Path) -> None:
    made = Repository.init(tmp_path / "git")
    name = made.blob(b"a\n")
    made.git("read-tree", "--empty")
    made.git("hash-object", "-w", "-t", "tree", "--stdin")
    told = made.git(
        "mktree", data=f"100644 blob {name}\ta.txt\n040000 tree {EMPTY}\tnone\n".encode()
    )
    root = tmp_path / "tree"
    (root / "none").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"a\n")
    assert records_of(root, "folder")["a.txt"]["directory_id"] == told
    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        archive.add(root, "top")
    assert records_of(tmp_path / "t.tar", "archive", strip=1)["a.txt"]["directory_id"] == told
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as packed:
        packed.mkdir("none")
        packed.writestr("a.txt", b"a\n")
    assert records_of(tmp_path / "t.zip", "archive")["a.txt"]["directory_id"] == told


def test_links_of_a_tar_are_those_of_the_tree(tmp_path: Path) -> None:
    far = "x" * 300
    held = io.BytesIO()
    for style in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w", format=style) as archive:
            one = tarfile.TarInfo("a.txt")
            one.size, one.mode = 2, 0o755
            archive.addfile(one, io.BytesIO(b"a\n"))
            for name, kind, target in (
                ("soft", tarfile.SYMTYPE, far),
                ("hard.txt", tarfile.LNKTYPE, "./a.txt"),
            ):
                about = tarfile.TarInfo(name)
                about.type, about.linkname = kind, target
                archive.addfile(about)
        (tmp_path / "t.tar").write_bytes(held.getvalue())
        files = [
            (b"a.txt", EXECUTABLE, content_id(b"a\n")),
            (b"hard.txt", EXECUTABLE, content_id(b"a\n")),
            (b"soft", 0o120000, content_id(far.encode())),
        ]
        assert records_of(tmp_path / "t.tar", "archive")["a.txt"]["directory_id"] == directory_of(
            files
        )


def test_a_large_member_counts_bit_by_bit(tmp_path: Path) -> None:
    zeros = bytes(40 << 20)
    told = directory_of([(b"a.txt", FILE, content_id(b"a\n")), (b"zeros", FILE, content_id(zeros))])
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.txt", b"a\n")
        packed.writestr("zeros", zeros)
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as archive:
        for name, raw in (("a.txt", b"a\n"), ("zeros", zeros)):
            about = tarfile.TarInfo(name)
            about.size = len(raw)
            archive.addfile(about, io.BytesIO(raw))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a.txt").write_bytes(b"a\n")
    (root / "zeros").write_bytes(zeros)
    del zeros
    for place, kind in (
        (root, "folder"),
        (tmp_path / "t.zip", "archive"),
        (tmp_path / "t.tar.gz", "archive"),
    ):
        tracemalloc.start()
        found = records_of(place, kind, max_bytes=1000)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found["a.txt"]["directory_id"] == told
        assert most < 32 << 20


@pytest.mark.parametrize(
    "odd",
    [
        member(b"../out.txt"),
        header(b"fifo", 0, b"6"),
        header(b"hard", 0, b"1", at157=b"gone.txt"),
        member(b"good.txt/below.txt"),
        pax(size="x") + member(b"flawed.txt"),
    ],
)
def test_a_tree_that_cannot_be_told_is_said_so(tmp_path: Path, odd: bytes) -> None:
    (tmp_path / "t.tar").write_bytes(tar(odd))
    found = [each for each in items_of(tmp_path / "t.tar", "archive") if isinstance(each, Raw)]
    assert found[0].odd == ("directory-untold",)
    assert {"directory_id", "swhid"}.isdisjoint(found[0].record)


def test_a_damaged_archive_has_no_id(tmp_path: Path) -> None:
    (tmp_path / "t.tar").write_bytes(tar(member(b"b.txt"))[:-1100])
    (tmp_path / "t.zip").write_bytes(make_zip(Packed(b"a.txt"), Packed(b"b.txt", crc=1)))
    for name in ("t.tar", "t.zip"):
        found = [each for each in items_of(tmp_path / name, "archive") if isinstance(each, Raw)]
        assert found
        assert all("directory-untold" in each.odd for each in found)


def test_a_pipe_in_a_folder_has_no_id(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    for each in items_of(tree, "folder"):
        assert isinstance(each, Raw)
        assert each.odd == ("directory-untold",)


@pytest.mark.parametrize("path", ["n" * 4000, "n/" * 250 + "n"])
def test_paths_are_held_up_to_a_bound(path: str) -> None:
    def members() -> Iterator[Member]:
        for number in count():
            name = f"{number}/{path}".encode()
            yield Member(number, name, "file", 0, bytes, lambda: iter(()))

    tracemalloc.start()
    assert archive_id(members(), 0).directory == ""
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1.5 * MOST_PATHS


def test_as_many_files_as_the_largest_trees_have_are_held_in_little_more() -> None:
    def members() -> Iterator[Member]:
        for number in range(30_000):
            name = f"linux/drivers/net/part{number // 50}/file{number}.c".encode()
            yield Member(number, name, "file", 0, bytes, lambda: iter(()))

    tracemalloc.start()
    assert archive_id(members(), 1).directory
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1.5 * MOST_PATHS * 30_000 / 450_000


def test_a_link_of_a_zip_costs_no_more_than_its_bytes(tmp_path: Path) -> None:
    claimed = bytes(40 << 20)
    link = Packed(b"link", claimed, mode=0o120777)
    (tmp_path / "t.zip").write_bytes(make_zip(Packed(b"a.txt", b"a\n"), link))
    told = directory_of(
        [(b"a.txt", FILE, content_id(b"a\n")), (b"link", 0o120000, content_id(claimed))]
    )
    del claimed, link
    tracemalloc.start()
    assert records_of(tmp_path / "t.zip", "archive")["a.txt"]["directory_id"] == told
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 16 << 20


CONFIG = """
[release]
name = "trees"
[[sources]]
name = "trees"
format = "folder"
paths = ["tree"]
include = ["*.py"]
[sources.options]
swhid = true
"""


def test_the_input_s_digest_tells_of_all_that_counts(tree: Path) -> None:
    root = tree.parent
    (root / "c.toml").write_text(CONFIG)
    config = load_config(root / "c.toml")
    told = git_id(tree)
    before = freeze_inputs(config, root)[0]
    assert before.etag == told
    items = list(read_input(root, "tree", config.sources[0], max_record=1000, etag=before.etag))
    assert [each.record["directory_id"] for each in items if isinstance(each, Raw)] == [told]
    (tree / "src/run").chmod(0o644)  # it is not read for its text
    after = digest_input(root, "tree", config.sources[0])
    assert after.sha256 != before.sha256
    assert after.etag != told


def test_the_option_is_true_or_false(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(CONFIG.replace("swhid = true", "swhid = 1"))
    with pytest.raises(Exception, match=r"options: Expected `bool`"):
        load_config(tmp_path / "c.toml")
