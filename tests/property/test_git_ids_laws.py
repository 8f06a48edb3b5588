"""Ids of contents and folders are those that git gives them, and trees are walked in its order."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filters.git_ids import (
    EXECUTABLE,
    FILE,
    FOLDER,
    SUBMODULE,
    SYMLINK,
    Entry,
    content_id,
    directory_id,
    directory_of,
    parse_tree,
)
from pipeline.sources.git.objects import Objects
from pipeline.sources.git.walk import measure, walk
from tests.repositories import Repository

# names that sort otherwise as folders than as files, and all that bytes can be
letters = st.sampled_from(
    [b"a", b"b", b".", b"-", b"/"[:0], b"0", b" ", b"\n", b"\xe9", b"\xc3\xa9", b";", b"%"]
)
names = (
    st.lists(letters, min_size=1, max_size=4)
    .map(b"".join)
    .filter(lambda name: name not in {b"", b".", b".."})
)
raws = st.binary(max_size=40)
modes = st.sampled_from([FILE, EXECUTABLE, SYMLINK, SUBMODULE])
HERE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository.init(tmp_path_factory.mktemp("ids") / "r")


@HERE
@given(contents=st.lists(raws, min_size=1, max_size=8))
def test_a_content_has_the_id_of_hash_object(
    repository: Repository, tmp_path: Path, contents: list[bytes]
) -> None:
    for number, raw in enumerate(contents):
        (tmp_path / str(number)).write_bytes(raw)
    paths = [str(tmp_path / str(number)) for number in range(len(contents))]
    told = repository.git("hash-object", "--no-filters", *paths).split("\n")
    assert [content_id(raw) for raw in contents] == told


@HERE
@given(
    entries=st.dictionaries(
        names, st.tuples(st.sampled_from([FILE, EXECUTABLE, SYMLINK, FOLDER]), raws)
    )
)
def test_a_folder_has_the_id_of_mktree(
    repository: Repository, entries: dict[bytes, tuple[int, bytes]]
) -> None:
    made = [Entry(mode, name, content_id(raw)) for name, (mode, raw) in entries.items()]
    kinds = {FOLDER: b"tree"}
    lines = b"".join(
        b"%06o %b %b\t%b\0" % (mode, kinds.get(mode, b"blob"), found.encode(), name)
        for mode, name, found in made
    )
    told = repository.git("mktree", "--missing", "-z", data=lines)
    assert directory_id(made) == told
    assert directory_id(reversed(made)) == told
    raw = subprocess.run(
        ["git", "cat-file", "tree", told], cwd=repository.path, capture_output=True, check=True
    ).stdout
    assert sorted(parse_tree(raw)) == sorted(made)


@HERE
@given(
    files=st.dictionaries(
        st.lists(names, min_size=1, max_size=4).map(b"/".join), st.tuples(modes, raws)
    )
)
def test_files_have_the_id_of_write_tree(
    repository: Repository, files: dict[bytes, tuple[int, bytes]]
) -> None:
    above = {path[:at] for path in files for at in range(len(path)) if path[at : at + 1] == b"/"}
    leaves = [
        (path, mode, content_id(raw)) for path, (mode, raw) in files.items() if path not in above
    ]
    lines = b"".join(
        b"%06o %b\t%b\0" % (mode, found.encode(), path) for path, mode, found in leaves
    )
    repository.git("read-tree", "--empty")
    repository.git("update-index", "--add", "-z", "--index-info", data=lines)
    assert directory_of(leaves) == repository.git("write-tree", "--missing-ok")


@HERE
@given(
    files=st.dictionaries(
        st.lists(names, min_size=1, max_size=4).map(b"/".join), st.tuples(modes, raws)
    )
)
def test_a_tree_is_walked_as_ls_tree_lists_it(
    repository: Repository, files: dict[bytes, tuple[int, bytes]]
) -> None:
    above = {path[:at] for path in files for at in range(len(path)) if path[at : at + 1] == b"/"}
    lines = b"".join(
        b"%06o %b\t%b\0" % (mode, content_id(raw).encode(), path)
        for path, (mode, raw) in files.items()
        if path not in above
    )
    repository.git("read-tree", "--empty")
    repository.git("update-index", "--add", "-z", "--index-info", data=lines)
    tree = repository.git("write-tree", "--missing-ok")
    told = repository.git("ls-tree", "-r", "-z", "--full-tree", tree)
    with Objects(repository.path / ".git/objects", "r") as objects:
        found = list(walk(objects, tree))
        total = measure(objects, tree)
    assert [each.path for each in found] == sorted(each.path for each in found)
    kinds = {SUBMODULE: "commit"}
    assert (
        "".join(
            f"{each.mode:06o} {kinds.get(each.mode, 'blob')} {each.id}\t"
            f"{each.path.decode('utf-8', 'surrogateescape')}\0"
            for each in found
        )
        == told
    )
    assert (total.files, total.bytes) == (len(found), 0)  # the contents themselves are not there


@pytest.mark.parametrize(
    "files",
    [
        [(b"a", FILE, content_id(b"")), (b"a/b", FILE, content_id(b""))],
        [(b"a/b", FILE, content_id(b"")), (b"a", FILE, content_id(b""))],
        [(b"a", FILE, content_id(b"")), (b"a", FILE, content_id(b"1"))],
        [(b"a//b", FILE, content_id(b""))],
        [(b"../b", FILE, content_id(b""))],
        [(b"b", FILE, "12")],
    ],
)
def test_what_no_folder_can_hold_has_no_id(files: list[tuple[bytes, int, str]]) -> None:
    with pytest.raises(ValueError, match=r"path|entry|id"):
        directory_of(files)


@given(st.binary(max_size=60))
def test_what_is_no_tree_is_refused_or_read(raw: bytes) -> None:
    try:
        entries = parse_tree(raw)
    except ValueError:
        return
    assert sum(len(f"{each.mode:o}") + 22 + len(each.name) for each in entries) <= len(raw)
