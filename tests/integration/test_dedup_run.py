"""`gristmill dedup run`: the kept lines are those that came in, in a shard for each input; the ledger has the rest."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from manifests.checksum import parse_sums
from pipeline.config import Near
from pipeline.dedup_run import Distinct, remove_duplicates
from pipeline.engine.crew import SYNC
from pipeline.errors import ConfigError, InputError

Record = dict[str, Any]
WORDS = [f"w{number}" for number in range(300)]


def prose(seed: object, words: int = 60) -> str:
    return " ".join(random.Random(str(seed)).choices(WORDS, k=words))


def lines(records: Iterable[Record]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def write(path: Path, records: Iterable[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = lines(records)
    packed = {".gz": gzip.compress, ".zst": zstandard.compress}.get(path.suffix, bytes)(data)
    path.write_bytes(packed)


DEFAULT = Near()


def distinct(*paths: str, out: str = "out", near: Near = DEFAULT, **fields: str) -> Distinct:
    return remove_duplicates(paths, Path(out), near=near, fields=fields, crew=SYNC)


def kept(folder: Path) -> dict[str, list[bytes]]:
    """The lines of every shard; each must be a whole zstd file, also where nothing is left."""
    found = {}
    for path in sorted((folder / "data").rglob("*.zst")):
        data = path.read_bytes()
        assert data.startswith(zstandard.FRAME_HEADER), path
        name = path.relative_to(folder / "data").as_posix()
        with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as file:
            found[name] = file.read().splitlines()
    return found


def removed(folder: Path) -> dict[tuple[str, int], tuple[str, str]]:
    rows = [
        row for path in (folder / "ledger").iterdir() for row in pq.read_table(path).to_pylist()
    ]
    return {
        (row["input"], row["row"]): (row["reason"].partition(":")[0], row["survivor"])
        for row in rows
        if row["verdict"] == "drop"
    }


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder below the one of the test, so that a path may lead out of it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_plain_gzip_and_zstd_and_records_of_every_kind() -> None:
    texts = [prose(n) for n in range(6)]
    huge = 10**400  # an integer that only some readers of JSON take
    near = texts[1].replace(" ", "  ", 1) + " more"
    write(Path("in/a.jsonl"), [{"id": n, "text": text} for n, text in enumerate(texts)])
    write(
        Path("in/sub/a.jsonl.gz"), [{"id": 7, "text": near, "n": huge}, {"text": ""}, {"text": ""}]
    )
    write(Path("in/z.jsonl.zst"), [{"id": 0, "text": texts[0]}, {"id": huge, "text": "new"}])
    Path("in/none.jsonl").write_bytes(b"\n\n")
    Path("in/empty.jsonl").write_bytes(b"")
    line = b'{"id": "r", "text": "one two three"}'
    Path("in/crlf.jsonl").write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n" + line[:-1] + b" }")
    folder = distinct("in").folder
    lost = removed(folder)
    assert sorted(reason for reason, _ in lost.values()) == [
        "jaccard",
        "sha256",
        "sha256",
        "sha256",
    ]
    shards = kept(folder)
    assert set(shards) == {
        f"{name}.jsonl.zst" for name in ("a", "sub/a", "z", "none", "empty", "crlf")
    }
    for path, name in (
        ("in/a.jsonl", "a"),
        ("in/sub/a.jsonl.gz", "sub/a"),
        ("in/z.jsonl.zst", "z"),
    ):
        data = Path(path).read_bytes()
        if path.endswith("gz"):
            data = gzip.decompress(data)
        elif path.endswith("zst"):
            data = zstandard.decompress(data)
        left = [each for row, each in enumerate(data.splitlines()) if (path, row) not in lost]
        assert shards[f"{name}.jsonl.zst"] == left
    assert len(shards["crlf.jsonl.zst"]) == 1
    assert not Path(".out.work").exists()


def test_inputs_above_the_current_folder_stay_inside_the_output(tmp_path: Path) -> None:
    write(Path("in/a.jsonl"), [{"id": 1, "text": prose(1)}])
    write(tmp_path / "other/a.jsonl", [{"id": 2, "text": prose(2)}])
    folder = distinct("in/a.jsonl", "../other/a.jsonl").folder
    assert set(kept(folder)) == {"here/in/a.jsonl.zst", "other/a.jsonl.zst"}


def test_what_is_in_the_folder_is_listed_and_no_input_of_the_next_run() -> None:
    write(Path("in/a.jsonl"), [{"id": n, "text": prose(n % 3)} for n in range(5)])
    first = distinct("in", out="in/first")
    second = distinct("in", out="in/second")
    assert kept(first.folder) == kept(second.folder)
    assert [source.read for source in second.counts.sources] == [5]
    sums, bad = parse_sums((first.folder / "SHA256SUMS").read_text())
    assert not bad
    assert sums == {
        path.relative_to(first.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in first.folder.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }


def test_two_inputs_of_one_name_are_refused() -> None:
    for suffix in ("", ".gz"):
        write(Path(f"in/a.jsonl{suffix}"), [{"text": "x"}])
    with pytest.raises(ConfigError, match="would be written to one file"):
        distinct("in")


def test_a_work_folder_among_the_inputs_is_refused() -> None:
    write(Path("in/a.jsonl"), [{"text": "x"}])
    options: Record = {"near": DEFAULT, "fields": {}, "work": Path("in/w"), "crew": SYNC}
    remove_duplicates(("in",), Path("one"), **options)
    with pytest.raises(ConfigError, match="is in the work folder"):
        remove_duplicates(("in",), Path("two"), **options)


@pytest.mark.parametrize(
    "near",
    [
        Near(threshold=1.5),
        Near(threshold=float("nan")),
        Near(containment=0.0),
        Near(containment=1.5),
    ],
)
def test_a_share_that_is_none_is_refused_before_any_work(near: Near) -> None:
    write(Path("in/a.jsonl"), [{"text": "x"}])
    with pytest.raises(ConfigError, match="above 0 and up to 1"):
        distinct("in", near=near)
    assert sorted(path.name for path in Path().iterdir()) == ["in"]


def test_text_and_id_may_be_nested() -> None:
    texts = [prose(1), prose(1) + " more", prose(2)]
    records = [{"body": {"content": text}, "k": {"id": f"d{n}"}} for n, text in enumerate(texts)]
    write(Path("a.jsonl"), records)
    folder = distinct("a.jsonl", text="body.content", id="k.id").folder
    ((reason, survivor),) = removed(folder).values()
    assert (reason, survivor in {"d0", "d1"}) == ("jaccard", True)


def test_which_of_two_equal_texts_of_one_id_stays_is_not_up_to_the_files() -> None:
    pair = [{"id": "x", "text": prose(1), "from": name} for name in ("here", "there")]
    found = []
    for number, records in enumerate((pair, pair[::-1])):
        for record, name in zip(records, "ab", strict=True):
            write(Path(f"{number}/{name}.jsonl"), [record])
        shards = kept(distinct(str(number), out=f"out{number}").folder)
        found.append([line for name in sorted(shards) for line in shards[name]])
    assert found[0] == found[1]


def test_damage_and_lines_without_text_stop_the_run() -> None:
    write(Path("in/a.jsonl.zst"), [{"text": prose(n)} for n in range(50)])
    whole = Path("in/a.jsonl.zst").read_bytes()
    Path("in/a.jsonl.zst").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="damaged shards"):
        distinct("in")
    Path("in/a.jsonl.zst").write_bytes(whole)
    write(Path("in/b.jsonl"), [{"words": "x"}])
    with pytest.raises(InputError, match="text-missing"):
        distinct("in")
    assert not Path("out").exists()


def test_a_run_that_was_killed_goes_on_to_the_same_bytes() -> None:
    for shard in range(6):
        records = [{"text": prose(n % 150 + n // 400, 200)} for n in range(shard, 900, 6)]
        write(Path(f"in/{shard}.jsonl"), records)
    whole = distinct("in", out="whole")
    code = "import sys; from pipeline.cli.app import main; sys.exit(main(sys.argv[1:]))"
    options = ("dedup", "run", "in", "--out", "out", "--executor", "sync")
    process = subprocess.Popen((sys.executable, "-c", code, *options), stderr=subprocess.DEVNULL)
    while not list(Path().glob(".out.work/sign/*/marker.json")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not Path("out").exists()
    again = distinct("in")
    assert removed(again.folder) == removed(whole.folder)
    assert kept(again.folder) == kept(whole.folder)


def test_a_work_folder_on_another_file_system_is_reused(tmp_path: Path) -> None:
    # in memory and on the disk: one of them is another file system, and the folder in it is our own
    folders = [path for path in map(Path, ("/dev/shm", "/var/tmp")) if path.is_dir()]  # noqa: S108  as above
    others = [path for path in folders if path.stat().st_dev != tmp_path.stat().st_dev]
    if not others:
        pytest.skip("there is one file system only")
    work = others[0] / f"gristmill-{os.getpid()}"
    write(Path("in/a.jsonl"), [{"id": n, "text": prose(n % 3)} for n in range(5)])
    try:
        for out in ("one", "two"):
            remove_duplicates(("in",), Path(out), near=Near(), fields={}, work=work, crew=SYNC)
            kept_files = sorted(work.glob("keep/*/kept.jsonl.zst"))
            assert len(kept_files) == 1
    finally:
        shutil.rmtree(work)
    assert kept(Path("one")) == kept(Path("two"))
