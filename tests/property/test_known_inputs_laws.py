"""What is known of an input is true of the file that lies there now, whatever was done to it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import known_inputs
from pipeline.engine.crew import Rank
from pipeline.engine.work import Work
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
        loaded = KnownInputs.load(Work(root / "work"))
        known = KnownInputs(loaded._earlier, now=later)
        for name in NAMES:
            assert known.digest(name, root / name) == digest(root / name)
        known.save(Work(root / "work"))


def test_what_did_not_change_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"flour")
    first = KnownInputs(now=later)
    found = first.digest("a", path)
    first.save(Work(tmp_path / "work"))
    monkeypatch.delattr(known_inputs, "digest")  # what is read now fails
    assert KnownInputs.load(Work(tmp_path / "work")).digest("a", path) == found


def test_what_was_changed_just_now_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"flour")
    known = KnownInputs()
    known.digest("a", path)
    known.save(Work(tmp_path / "work"))
    assert KnownInputs.load(Work(tmp_path / "work"))._earlier == {}


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
    known.save(Work(root))
    file = root / "inputs/digests"
    raw = file.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    flip = data.draw(st.integers(1, 255))
    cut = data.draw(st.booleans())
    file.write_bytes(raw[:at] if cut else raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :])
    assert KnownInputs.load(Work(root))._earlier == {}
    file.write_bytes(raw)
    assert len(KnownInputs.load(Work(root))._earlier) == 1


def test_an_object_is_known_by_its_version(
    tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.store import RemoteFile

    url = f"{bucket.url}/a"
    bucket.foreign.put_object(Bucket=bucket.name, Key="a", Body=b"flour")
    known = KnownInputs()
    found = known.digest(url, RemoteFile(url))
    known.save(Work(tmp_path))
    with monkeypatch.context() as blind:
        blind.delattr(known_inputs, "digest")
        assert KnownInputs.load(Work(tmp_path)).digest(url, RemoteFile(url)) == found
    bucket.foreign.put_object(Bucket=bucket.name, Key="a", Body=b"dough")
    again = KnownInputs.load(Work(tmp_path)).digest(url, RemoteFile(url))
    assert again == digest(RemoteFile(url))
    assert again != found


def test_ranks_share_the_hashing_of_large_inputs(tmp_path: Path) -> None:
    """What one rank has hashed the other takes from it, which a false digest in its note shows."""
    (tmp_path / "small").write_bytes(b"a")
    (tmp_path / "large").write_bytes(bytes(16 << 20))
    work = Work(tmp_path / "work")
    ranks = [KnownInputs(now=later) for _ in range(2)]
    for number, each in enumerate(ranks):
        each.share(work, Rank(number, 2))
    true = {name: ranks[0].digest(name, tmp_path / name) for name in ("small", "large")}
    (name,) = work.names("hashed")  # it takes less long to hash a small one than to ask
    record = msgspec.msgpack.decode(work.look("hashed", name) or b"", type=known_inputs.Record)
    false = msgspec.structs.replace(record, sha256="0" * 64)
    work.leave("hashed", name, [msgspec.msgpack.encode(false)])
    assert ranks[1].digest("large", tmp_path / "large").sha256 == "0" * 64
    assert ranks[1].digest("small", tmp_path / "small") == true["small"]
    time.sleep(TICK)
    with (tmp_path / "large").open("r+b") as file:
        file.write(b"x")
    assert KnownInputs.digest(ranks[1], "large", tmp_path / "large").sha256 not in {
        "0" * 64,
        true["large"].sha256,
    }


@given(
    st.integers(0, 50),
    st.integers(1, 8).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))),
)
def test_every_rank_hashes_all_inputs_in_an_order_of_its_own(
    count: int, rank: tuple[int, int]
) -> None:
    known = KnownInputs()
    known.share(Work(Path()), Rank(*rank))
    assert sorted(known.turns(count)) == list(range(count))
    assert next(known.turns(count), None) == (count * rank[0] // rank[1] if count else None)
