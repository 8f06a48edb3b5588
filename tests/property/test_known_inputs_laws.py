"""What is known of an input is true of the file that lies there now, whatever was done to it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import known_inputs
from pipeline.known_inputs import RACY, KnownInputs
from pipeline.sources import digest
from tests.conftest import Bucket

NAMES = ("a", "b")
TICK = 0.02  # seconds: more than a step of the file system's clock
deeds = st.tuples(
    st.sampled_from(("write", "write in place", "same size", "touch", "swap", "link", "nothing")),
    st.sampled_from(NAMES),
    st.binary(max_size=6),
)


def later() -> int:
    """Give a clock by which all that was done lies far enough in the past."""
    return time.time_ns() + 10 * RACY


def act(folder: Path, deed: str, name: str, data: bytes) -> None:
    """Do something to a file, and set the time of its last change of content back where there is one."""
    path = folder / name
    about = path.stat()
    match deed:
        case "write":
            path.write_bytes(data)
        case "write in place":
            with path.open("r+b") as file:
                file.write(data)
        case "same size":
            path.write_bytes(bytes(255 - each for each in path.read_bytes()))
        case "touch":
            path.touch()
        case "swap":
            (folder / "new").write_bytes(data)
            os.utime(folder / "new", ns=(about.st_atime_ns, about.st_mtime_ns))
            (folder / "new").replace(path)
        case "link":
            other = folder / NAMES[name == NAMES[0]]
            path.unlink()
            path.symlink_to(other) if not other.is_symlink() else path.write_bytes(data)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


@settings(max_examples=40)
@given(st.lists(deeds, min_size=1, max_size=6))
def test_what_is_known_is_true(
    tmp_path_factory: pytest.TempPathFactory, done: list[tuple[str, str, bytes]]
) -> None:
    root = tmp_path_factory.mktemp("known")
    for name in NAMES:
        (root / name).write_bytes(b"first")
    for each in [("nothing", "a", b""), *done]:
        time.sleep(TICK)
        act(root, *each)
        loaded = KnownInputs.load(root / "work")
        known = KnownInputs(loaded._earlier, now=later)
        for name in NAMES:
            assert known.digest(name, root / name) == digest(root / name)
        known.save(root / "work")


def test_what_did_not_change_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"flour")
    first = KnownInputs(now=later)
    found = first.digest("a", path)
    first.save(tmp_path / "work")
    monkeypatch.delattr(known_inputs, "digest")  # what is read now fails
    assert KnownInputs.load(tmp_path / "work").digest("a", path) == found


def test_what_was_changed_just_now_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"flour")
    known = KnownInputs()
    known.digest("a", path)
    known.save(tmp_path / "work")
    assert KnownInputs.load(tmp_path / "work")._earlier == {}


def test_a_file_that_changes_while_it_is_hashed_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"flour")

    def slowly(file: Path) -> known_inputs.Digest:
        found = digest(file)
        time.sleep(TICK)
        path.write_bytes(b"dough")
        return found

    monkeypatch.setattr(known_inputs, "digest", slowly)
    known = KnownInputs(now=later)
    known.digest("a", path)
    assert known._kept == {}


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_record_says_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("damage")
    (root / "a").write_bytes(b"flour")
    known = KnownInputs(now=later)
    known.digest("a", root / "a")
    known.save(root)
    file = root / "inputs/digests"
    raw = file.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    flip = data.draw(st.integers(1, 255))
    cut = data.draw(st.booleans())
    file.write_bytes(raw[:at] if cut else raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :])
    assert KnownInputs.load(root)._earlier == {}
    file.write_bytes(raw)
    assert len(KnownInputs.load(root)._earlier) == 1


def test_an_object_is_known_by_its_version(
    tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.store import RemoteFile

    url = f"{bucket.url}/a"
    bucket.foreign.put_object(Bucket=bucket.name, Key="a", Body=b"flour")
    known = KnownInputs()
    found = known.digest(url, RemoteFile(url))
    known.save(tmp_path)
    with monkeypatch.context() as blind:
        blind.delattr(known_inputs, "digest")
        assert KnownInputs.load(tmp_path).digest(url, RemoteFile(url)) == found
    bucket.foreign.put_object(Bucket=bucket.name, Key="a", Body=b"dough")
    again = KnownInputs.load(tmp_path).digest(url, RemoteFile(url))
    assert again == digest(RemoteFile(url))
    assert again != found
