"""The id of a folder or an archive as a whole is the one that git gives its tree."""

from __future__ import annotations

import io
import tarfile
import tempfile
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.git_ids import content_id
from pipeline.sources import Raw, Said, read
from tests.repositories import run_git

# names that sort otherwise as folders than as files, hidden ones, and ones that are not ASCII
letters = st.sampled_from(["a", "b", ".", "-", "0", " ", "é", ";", "%"])
names = (
    st.lists(letters, min_size=1, max_size=3)
    .map("".join)
    .filter(lambda name: name not in {".", "..", " "})
)
kinds = st.sampled_from(["file", "program", "link"])
entries = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map("/".join),
    st.tuples(kinds, st.binary(min_size=1, max_size=20).filter(lambda raw: b"\0" not in raw)),
    min_size=1,
    max_size=8,
)
Tree = dict[str, tuple[str, bytes]]
HERE = settings(max_examples=40, deadline=None)


def sound(tree: Tree) -> Tree:
    """Leave out what lies below a file."""
    return {
        path: each
        for path, each in tree.items()
        if not any(path.startswith(f"{other}/") for other in tree)
    }


def lay(root: Path, tree: Tree) -> None:
    for path, (kind, raw) in tree.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if kind == "link":
            place.symlink_to(raw.decode("latin-1"))
        else:
            place.write_bytes(raw)
            place.chmod(0o755 if kind == "program" else 0o644)


def told_by_git(root: Path) -> str:
    run_git(root, "init", "--quiet")
    run_git(
        root,
        "-c",
        "core.autocrlf=false",
        "-c",
        "core.precomposeunicode=false",
        "add",
        "--all",
        "--force",
        ".",
    )
    return run_git(root, "write-tree")


def told_by_us(place: Path, kind: str, **options: object) -> str:
    records = [
        each.record
        for each in read(place, kind, said=Said("s", options={"swhid": True, **options}))
        if isinstance(each, Raw)
    ]
    told = {each["directory_id"] for each in records if "directory_id" in each}
    for each in records:
        if "swhid" in each:
            assert each["swhid"].startswith(f"swh:1:cnt:{each['content_id']};anchor=swh:1:dir:")
    assert len(told) == 1
    return str(told.pop())


@HERE
@given(tree=entries.map(sound), packed=st.sampled_from(["", ":gz"]), deep=st.integers(0, 2))
def test_a_folder_and_its_archives_have_the_id_of_write_tree(
    tree: Tree, packed: str, deep: int
) -> None:
    above = "".join(f"top{at}/" for at in range(deep))
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "tree"
        root.mkdir()
        lay(root, tree)
        told = told_by_git(root)
        assert told_by_us(root, "folder", hidden=True) == told
        with tarfile.open(Path(place) / "t.tar", f"w{packed}") as tar:
            for path in tree:
                tar.add(root / path, above + path, recursive=False)
        assert told_by_us(Path(place) / "t.tar", "archive", strip=deep) == told
        with zipfile.ZipFile(Path(place) / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path, (kind, raw) in tree.items():
                mode = {"file": 0o100644, "program": 0o100755, "link": 0o120777}[kind]
                about = zipfile.ZipInfo(above + path)
                about.create_system, about.external_attr = 3, mode << 16
                archive.writestr(about, raw.decode("latin-1").encode() if kind == "link" else raw)
        assert told_by_us(Path(place) / "t.zip", "archive", strip=deep) == told


@HERE
@given(raw=st.binary(max_size=30), others=st.lists(st.binary(max_size=30), max_size=3))
def test_of_members_with_one_path_the_last_counts(raw: bytes, others: list[bytes]) -> None:
    def write(contents: list[bytes]) -> bytes:
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w") as tar:
            for each in contents:
                about = tarfile.TarInfo("a.txt")
                about.size = len(each)
                tar.addfile(about, io.BytesIO(each))
        return held.getvalue()

    with tempfile.TemporaryDirectory() as place:
        one, many = Path(place) / "one.tar", Path(place) / "many.tar"
        one.write_bytes(write([raw]))
        many.write_bytes(write([*others, raw]))
        assert told_by_us(many, "archive") == told_by_us(one, "archive")
        said = Said("s", options={"swhid": True})
        for each in read(many, "archive", said=said):
            assert isinstance(each, Raw)
            if "content_id" in each.record:
                assert ("swhid" in each.record) == (each.record["content_id"] == content_id(raw))
