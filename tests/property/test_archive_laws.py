"""Laws of the readers of archives: what was packed comes out, and no damage raises or makes text up."""

from __future__ import annotations

import contextlib
import gzip
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import Damage, Item, Raw, read
from pipeline.sources.trees.paths import MAX_PATH, BadPathError, clean_path
from tests import archives

FORMS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
segments = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:"),
    min_size=1,
    max_size=30,
).filter(lambda name: name not in {".", "..", ".git"} and len(name.encode()) < 90)
contents = st.one_of(st.binary(max_size=2000), st.text(max_size=2000).map(str.encode))
trees = st.dictionaries(
    st.lists(segments, min_size=1, max_size=3).map("/".join), contents, max_size=5
)


def items(data: bytes) -> list[Item]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        path.write_bytes(data)
        return list(read(path, "archive"))


def is_text(data: bytes) -> bool:
    with contextlib.suppress(UnicodeDecodeError):
        return bool(data) and "\0" not in data.decode()
    return False


def documents(found: list[Item]) -> list[tuple[str, bytes]]:
    kept = [each.record for each in found if isinstance(each, Raw) and not each.drop]
    return [(each["path"], each["text"].encode()) for each in kept]


@given(trees, st.sampled_from(FORMS), st.booleans())
def test_what_python_packs_comes_out(tree: dict[str, bytes], form: int, zipped: bool) -> None:
    try:
        data = archives.real_zip(tree) if zipped else archives.real_tar(tree, "w", form)
    except ValueError:  # the oldest format has no room for such a name
        return
    found = items(data)
    assert documents(found) == [(path, text) for path, text in tree.items() if is_text(text)]
    assert len(found) == len(tree)
    assert all(isinstance(each, Raw) for each in found)


TREE = {f"{at}/wheel.txt": b"%d turns\n" % at * (at + 1) for at in range(6)}
WHOLE = {
    "tar": archives.real_tar(TREE, "w"),
    "tar.gz": archives.real_tar(TREE),
    "zip": archives.real_zip(TREE),
}


@pytest.mark.parametrize("kind", WHOLE)
@given(data=st.data())
def test_damage_raises_nothing_and_what_a_checksum_covers_is_true(
    kind: str, data: st.DataObject
) -> None:
    whole = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    stop = data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))
    found = items(bytes(whole[:stop]))
    assert [each.row for each in found] == list(range(len(found)))
    assert not any(isinstance(each, Damage) for each in found[:-1])
    if kind == "zip":
        assert {text for _, text in documents(found)} <= set(TREE.values())
    if kind == "tar.gz" and stop == len(whole):
        assert {text for _, text in documents(found)} <= set(TREE.values())


@given(
    st.binary(max_size=3000),
    st.sampled_from(
        [b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"]
    ),
)
def test_any_bytes_are_an_archive_or_damage(data: bytes, magic: bytes) -> None:
    assert not documents(items(magic + data))
    assert not documents(items(gzip.compress(data)))


@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(st.sampled_from([b"..", b".", b"/", b"a", b"C:", b"\\", b"\0"])).map(b"".join),
    )
)
def test_a_clean_path_stays_where_it_is(name: bytes) -> None:
    try:
        path = clean_path(name)
    except BadPathError as bad:
        assert str(bad).startswith("path:")  # noqa: PT017  either is right
        return
    assert clean_path(path.encode()) == path
    assert len(path.encode()) <= MAX_PATH
    parts = path.split("/") if path else []
    assert not {"", ".", ".."} & set(parts)
    assert "\\" not in path
    assert not Path(path).is_absolute()
