"""A store against a real server: created once, listed fresh, read by range, and its refusals told in our words."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ConfigError, GristmillError, InputError
from pipeline.store import RemoteFile, Store, faults, is_url, remote, shown
from tests import object_store
from tests.conftest import Bucket


def create_many(url: str, writer: int) -> list[bool]:
    """Try to create the same objects as others do."""
    return [Store(url).create(f"once/{number}", b"%d" % writer) for number in range(20)]


def test_what_is_written_is_read(bucket: Bucket, tmp_path: Path) -> None:
    store = Store(bucket.url)
    (tmp_path / "a").write_bytes(b"from a file")
    assert store.create("deep/er/b", b"from memory")
    store.put("a", tmp_path / "a")
    store.fetch("a", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"from a file"
    assert store.read("deep/er/b") == b"from memory"
    assert store.list() == [("a", 11), ("deep/er/b", 11)]
    assert Store(bucket.url + "/deep").list("er") == [("er/b", 11)]
    assert store.size("a") == 11
    assert store.size("deep") is None


def test_an_object_is_created_once(bucket: Bucket) -> None:
    store = Store(bucket.url)
    assert store.create("a", b"first")
    assert not store.create("a", b"second")
    assert store.read("a") == b"first"


def test_of_many_who_create_one_wins(bucket: Bucket) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as far, ThreadPoolExecutor(2) as near:
        waiting = [
            (far if writer < 2 else near).submit(create_many, bucket.url, writer)
            for writer in range(4)
        ]
        won = [each.result() for each in waiting]
    for number in range(20):
        winners = [writer for writer in range(4) if won[writer][number]]
        assert len(winners) == 1
        assert Store(bucket.url).read(f"once/{number}") == b"%d" % winners[0]


def test_a_store_that_creates_is_told_from_one_that_writes_over(bucket: Bucket) -> None:
    store = Store(bucket.url)
    store.require_create("probe")
    assert store.list() == []


def test_a_listing_shows_what_others_wrote_just_now(bucket: Bucket) -> None:
    store = Store(bucket.url)
    for number in range(3):
        assert store.list("in") == [(f"in/{each}", 4) for each in range(number)]
        assert store.size(f"in/{number}") is None
        assert store.read(f"in/{number}") is None
        bucket.foreign.put_object(Bucket=bucket.name, Key=f"in/{number}", Body=b"grit")
        assert store.size(f"in/{number}") == 4
        assert store.read(f"in/{number}") == b"grit"
    bucket.foreign.put_object(Bucket=bucket.name, Key="in/0", Body=b"longer")
    assert store.size("in/0") == 6
    assert store.read("in/0") == b"longer"
    bucket.foreign.delete_object(Bucket=bucket.name, Key="in/0")
    assert store.list("in") == [("in/1", 4), ("in/2", 4)]
    assert store.size("in/0") is None


def test_a_listing_is_of_a_folder(bucket: Bucket) -> None:
    store = Store(bucket.url)
    for key in ("in/b", "in/a.x/c", "inner/d", "in", "in/"):
        bucket.foreign.put_object(Bucket=bucket.name, Key=key, Body=b"x" * len(key))
    assert store.list("in") == [("in/a.x/c", 8), ("in/b", 4)]
    assert store.list("in/") == store.list("in")
    assert store.list("none") == []


def test_folders_right_below_are_named(bucket: Bucket) -> None:
    store = Store(bucket.url)
    assert store.folders() == ()
    for key in ("m-1.0.0/data/a", "m-1.0.0/b", "n-2/c", "loose", "made-by-hand/"):
        bucket.foreign.put_object(Bucket=bucket.name, Key=key, Body=b"")
    assert store.folders() == ("m-1.0.0", "made-by-hand", "n-2")
    assert Store(f"{bucket.url.rstrip('/')}/m-1.0.0").folders() == ("data",)


def test_more_objects_than_one_answer_lists(bucket: Bucket) -> None:
    store = Store(bucket.url)
    keys = [f"many/{number:04}" for number in range(1003)]
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(
            lambda key: bucket.foreign.put_object(Bucket=bucket.name, Key=key, Body=b"x"), keys
        )
        assert len(list(made)) == 1003
    assert store.list("many") == [(key, 1) for key in keys]
    store.remove(keys)
    assert store.list("many") == []


def test_removing_twice_is_no_matter(bucket: Bucket) -> None:
    store = Store(bucket.url)
    assert store.create("a", b"")
    store.remove(["a", "never"])
    store.remove(["a"])
    assert store.read("a") is None


def test_a_large_file_goes_in_parts_and_comes_back(bucket: Bucket, tmp_path: Path) -> None:
    data = os.urandom(1 << 20) * 37 + b"end"
    (tmp_path / "large").write_bytes(data)
    store = Store(bucket.url)
    store.put("large", tmp_path / "large")
    head = bucket.foreign.head_object(Bucket=bucket.name, Key="large")
    assert head["ETag"].strip('"').endswith("-3")  # parts of 16 MiB
    store.put("large", tmp_path / "large")
    assert bucket.foreign.head_object(Bucket=bucket.name, Key="large")["ETag"] == head["ETag"]
    store.fetch("large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == data
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "large"]


def test_what_is_missing_is_fetched_by_nobody(bucket: Bucket, tmp_path: Path) -> None:
    store = Store(bucket.url)
    with pytest.raises(InputError, match=r"read: s3://mill-\w+/no/where: is not there"):
        store.fetch("no/where", tmp_path / "back")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def large(s3_server: str) -> tuple[RemoteFile, bytes]:
    data = os.urandom(9 << 20)
    foreign = object_store.client(s3_server)
    foreign.create_bucket(Bucket="large-objects")
    foreign.put_object(Bucket="large-objects", Key="a.bin", Body=data)
    return RemoteFile("s3://large-objects/a.bin"), data


ranges = st.lists(st.tuples(st.integers(0, 10 << 20), st.integers(0, 5 << 20)), max_size=6)


@settings(max_examples=40)
@given(asked=ranges)
def test_a_range_is_a_slice(
    large: tuple[RemoteFile, bytes], s3_server: str, asked: list[tuple[int, int]]
) -> None:
    file, data = large
    with pytest.MonkeyPatch.context() as patch:
        for name, value in object_store.environment(s3_server).items():
            patch.setenv(name, value)
        with file.reader() as reader:
            for offset, size in asked:
                reader.seek(offset)
                assert reader.read(size) == data[offset : offset + size]
                assert reader.tell() == offset + len(data[offset : offset + size])
                assert reader.pread(size, offset) == data[offset : offset + size]
            reader.seek(-5, os.SEEK_END)
            assert reader.read() == data[-5:]


def test_a_few_bytes_cost_a_short_request(
    large: tuple[RemoteFile, bytes], bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[int] = []
    fetch = remote.RemoteReader._fetch

    def counted(reader: remote.RemoteReader, start: int, stop: int) -> bytes:
        fetched.append(stop - start)
        return fetch(reader, start, stop)

    monkeypatch.setattr(remote.RemoteReader, "_fetch", counted)
    file, data = large
    with file.reader() as reader:
        reader.pread(64, 0)
        assert sum(fetched) <= 256 << 10
        for offset in range(0, len(data), 1000):  # headers on the way through
            assert reader.pread(3, offset) == data[offset : offset + 3]
        assert len(data) - 10_000 <= sum(fetched) <= len(data)
        assert len(fetched) < 6


def test_what_is_read_is_of_one_version(bucket: Bucket) -> None:
    old, new = os.urandom(1 << 20), os.urandom(1 << 20)
    bucket.foreign.put_object(Bucket=bucket.name, Key="a", Body=old)
    file = Store(bucket.url).file("a")
    with file.reader() as reader:
        etag = reader.etag
        assert reader.pread(10, 0) == old[:10]
        bucket.foreign.put_object(Bucket=bucket.name, Key="a", Body=new)
        with pytest.raises(InputError, match="a: changed while it was read"):
            reader.pread(10, 900_000)
    with pytest.raises(InputError, match="a: changed while it was read"):
        file._replace(etag=etag).reader()
    bucket.foreign.put_object(Bucket=bucket.name, Key="a", Body=old)
    with file._replace(etag=etag).reader() as reader:
        assert reader.read() == old
        bucket.foreign.delete_object(Bucket=bucket.name, Key="a")
        reader._window.clear()
        with pytest.raises(InputError, match="a: changed while it was read"):
            reader.pread(1, 0)


def test_a_store_is_a_value_that_travels(bucket: Bucket) -> None:
    store = Store(bucket.url)
    assert store.create("a", b"here")
    assert pickle.loads(pickle.dumps(store)) == store
    assert hash(store) == hash(Store(bucket.url))
    code = (
        f"from pipeline.store import Store; assert Store({bucket.url!r}).read('a') == b'here'; "
        "import os; pid = os.fork()\n"
        f"if pid == 0: os._exit(0 if Store({bucket.url!r}).read('a') == b'here' else 1)\n"
        "raise SystemExit(os.waitpid(pid, 0)[1])"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("method", ["read", "size", "list"])
def test_a_missing_bucket_is_told(bucket: Bucket, method: str) -> None:
    store = Store("s3://there-is-no-such-bucket")
    with pytest.raises(ConfigError, match=r"start: s3://there-.*: there is no such bucket"):
        getattr(store, method)("a")
    with pytest.raises(ConfigError, match="there is no such bucket"):
        store.create("a", b"")


def test_missing_credentials_are_told(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ConfigError, match=r"start: .*/a: access is refused \(NoCredentials"):
        Store(bucket.url).read("a")


def test_a_store_out_of_reach_is_told(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_answered", set())
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(GristmillError, match=r"store: .*/a: cannot be reached \(EndpointConn"):
        Store(bucket.url).read("a")


def test_a_store_that_answered_is_waited_for(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with object_store.Gate(os.environ["AWS_ENDPOINT_URL"]) as gate:
        monkeypatch.setenv("AWS_ENDPOINT_URL", gate.address)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        store = Store(bucket.url)
        assert store.create("a", b"here")
        gate.close()
        with monkeypatch.context() as hasty:
            hasty.setattr(faults, "PATIENCE", 0.0)
            with pytest.raises(GristmillError, match="cannot be reached"):
                store.read("a")
        opening = threading.Timer(4, gate.open)
        opening.start()
        assert store.read("a") == b"here"
        opening.join()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("s3://KEYID:s3cr3t@bucket/dir", "a user or a password stands in it"),
        ("https://host/dir/a?X-Amz-Signature=s3cr3t", "a query stands in it"),
        ("simplecache::s3://bucket/dir", "one store in another"),
        ("s3://", "it names no bucket"),
        ("file:///mill", "is a local path"),
        ("/mill", "is a local path"),
        ("quern://bucket/dir", "no package knows this kind of store"),
        ("gs://bucket/dir", "a package is missing"),
    ],
)
def test_a_url_that_is_refused(url: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as told:
        Store(url).read("a")
    assert "s3cr3t" not in str(told.value)
    assert "s3cr3t" not in shown(url)


def test_what_a_url_is() -> None:
    assert is_url("s3://bucket/a")
    assert not is_url("file:///tmp/a")
    assert not is_url("FILE:///tmp/a")
    assert not is_url("data/*.jsonl")


def test_local_paths_load_no_fsspec() -> None:
    code = (
        "import sys; import pipeline.store, pipeline.plan; "
        "assert not {'fsspec', 's3fs'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_threads_share_a_store(bucket: Bucket) -> None:
    store = Store(bucket.url)
    begun = threading.Barrier(4)

    def write(number: int) -> bool:
        begun.wait()
        return store.create(f"threads/{number}", b"x")

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(write, range(4)))
    assert len(store.list("threads")) == 4
