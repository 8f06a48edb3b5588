"""Hostile input through the whole command: what is bad is named and counted, and never quoted."""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

Gristmill = Callable[..., subprocess.CompletedProcess[str]]

CANARY = "canary" + "-9f3c"  # stands in every bad line
MARK = "millmark" + "-77aa"  # stands in every good text

CONFIG = """
[release]
name = "hostile"
shards = 2
[[sources]]
name = "lines"
paths = ["lines"]
[[sources]]
name = "shards"
paths = ["shards"]
[[sources]]
name = "tables"
paths = ["tables"]
format = "parquet"
[[sources]]
name = "clean"
paths = ["clean"]
"""
RAISED = ("--set", "limits.bad_records=1", "--set", "limits.damaged_shards=9")

BAD_LINES = {  # by physical line of lines/bad.jsonl
    2: ("json", b'{"text":"%s'),
    6: ("utf8", b'{"text":"%s\xff\xfe"}'),
    7: ("surrogate", b'{"text":"%s\\ud800"}'),
    8: ("text-missing", b'{"id":"x8","note":"%s"}'),
    9: ("text-type", b'{"id":"x9","text":12,"note":"%s"}'),
    10: ("text-missing", b'{"text":null,"note":"%s"}'),
    11: ("nul", b'{"text":"%s\\u0000"}'),
    12: ("not-object", b'["%s"]'),
    13: ("json", b'{"text":"%s","x":NaN}'),
    14: ("number", b'{"text":"%s","x":1e999}'),
    15: ("depth", b'{"text":"%s","x":' + b"[" * 300 + b"]" * 300 + b"}"),
    16: ("json", b'{"text":"%s"} trailing'),
}


class Run(NamedTuple):
    """One run, its output and its release."""

    done: subprocess.CompletedProcess[str]
    out: Path

    @property
    def release(self) -> Path:
        return Path(self.done.stdout.splitlines()[-1])

    def ledger(self) -> list[dict[str, Any]]:
        paths = sorted((self.release / "ledger").glob("decisions-*.parquet"))
        return [row for path in paths for row in pq.read_table(path).to_pylist()]


def prose(name: str, words: int = 60) -> str:
    draw = random.Random(name)
    made = ("".join(draw.choices("abcdefghij", k=6)) for _ in range(words))
    return f"{MARK} {' '.join(made)}"


def good(name: str) -> bytes:
    return json.dumps({"id": name, "text": prose(name)}).encode()


def lines(prefix: str, count: int) -> list[bytes]:
    return [good(f"{prefix}{number}") + b"\n" for number in range(count)]


def frame(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def frames(prefix: str) -> list[bytes]:
    whole = lines(prefix, 30)
    return [frame(b"".join(whole[start : start + 10])) for start in (0, 10, 20)]


def make_lines(folder: Path) -> None:
    """A BOM, CRLF, blank lines and no newline at the end, with bad lines between good ones."""
    bad = {number: line.replace(b"%s", CANARY.encode()) for number, (_, line) in BAD_LINES.items()}
    fine = {1: b"\xef\xbb\xbf" + good("l0"), 3: good("l1") + b"\r", 4: b"", 5: b" \t\r"}
    written = bad | fine | {17: good("l2")}
    (folder / "bad.jsonl").write_bytes(b"\n".join(written[number] for number in sorted(written)))
    (folder / "empty.jsonl").write_bytes(b"")
    (folder / "blank.jsonl").write_bytes(b"\n\r\n  \n")
    (folder / "empty.jsonl.zst").write_bytes(frame(b""))
    (folder / "empty.jsonl.gz").write_bytes(gzip.compress(b"", mtime=0))
    compressor = zstandard.ZstdCompressor(level=1)
    with (folder / "huge.jsonl.zst").open("wb") as file, compressor.stream_writer(file) as writer:
        writer.write(good("h0") + b'\n{"text":"' + CANARY.encode())
        for _ in range(200):
            writer.write(b"x" * 1_000_000)
        writer.write(b'"}\n' + good("h1") + b"\n")


def make_shards(folder: Path) -> None:
    first, second, third = frames("t")
    (folder / "cut.jsonl.zst").write_bytes(first + second + third[: len(third) // 2])
    first, second, third = frames("c")
    flipped = bytearray(second)
    flipped[len(flipped) // 2] ^= 0x40
    (folder / "flipped.jsonl.zst").write_bytes(first + bytes(flipped) + third)
    packed = gzip.compress(b"".join(lines("z", 400)), mtime=0)
    (folder / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    # RFC 8878: a raw block in a frame that claims a window of nearly 4 GiB
    raw = b"".join(lines("w", 3))
    header = b"\x28\xb5\x2f\xfd" + bytes([0, (31 - 10) << 3 | 7])
    block = (len(raw) << 3 | 1).to_bytes(3, "little") + raw
    (folder / "bomb.jsonl.zst").write_bytes(header + block)
    (folder / "liar.jsonl.zst").write_bytes(CANARY.encode() * 50)
    (folder / "bzip.jsonl").write_bytes(b"BZh9" + CANARY.encode() * 50)


def make_tables(folder: Path) -> None:
    names = [f"p{number}" for number in range(300)]
    table = pa.table({"id": names, "text": [prose(name) for name in names]})
    path = folder / "page.parquet"
    options: dict[str, Any] = {"write_page_checksum": True, "row_group_size": 100}
    pq.write_table(table, path, use_dictionary=False, compression="none", **options)
    at = pq.ParquetFile(path).metadata.row_group(1).column(1).data_page_offset + 2000
    raw = bytearray(path.read_bytes())
    raw[at] ^= 0xFF
    path.write_bytes(bytes(raw))
    (folder / "liar.parquet").write_bytes(CANARY.encode() * 50)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    for name, make in (("lines", make_lines), ("shards", make_shards), ("tables", make_tables)):
        (root / name).mkdir()
        make(root / name)
    (root / "clean").mkdir()
    (root / "clean/good.jsonl").write_bytes(b"".join(lines("o", 5)))
    (root / "mill.toml").write_text(CONFIG)
    return root


@pytest.fixture(scope="module")
def refused(hostile: Path, gristmill: Gristmill) -> Run:
    out = hostile / "refused"
    return Run(gristmill("run", hostile / "mill.toml", "--out", out, "--executor", "sync"), out)


@pytest.fixture(scope="module")
def raised(hostile: Path, gristmill: Gristmill) -> Run:
    out = hostile / "raised"
    done = gristmill("run", hostile / "mill.toml", "--out", out, "--executor", "sync", *RAISED)
    assert done.returncode == 0, done.stderr
    return Run(done, out)


def test_beyond_the_limits_nothing_is_published(refused: Run) -> None:
    assert refused.done.returncode == 3
    assert refused.done.stdout == ""
    assert [path.name for path in refused.out.iterdir()] == [".work"]


def test_beyond_the_limits_every_file_and_line_is_named(refused: Run) -> None:
    said = refused.done.stderr.splitlines()
    for number, (reason, _) in BAD_LINES.items():
        assert f"read: lines/bad.jsonl:{number}: {reason}" in said
    assert "read: lines/huge.jsonl.zst:2: oversize" in said
    for path, reason in DAMAGE.items():
        named = [line for line in said if line.startswith(f"read: {path}:")]
        assert len(named) == 1, path
        assert reason in named[0]
    assert not [line for line in said if "clean" in line]
    assert "limits.bad_records allows 0.01" in refused.done.stderr
    assert "limits.damaged_shards allows 0" in refused.done.stderr


DAMAGE = {
    "shards/cut.jsonl.zst": "truncated",
    "shards/flipped.jsonl.zst": "corrupt-frame",
    "shards/cut.jsonl.gz": "truncated",
    "shards/bomb.jsonl.zst": "window",
    "shards/liar.jsonl.zst": "garbage",
    "shards/bzip.jsonl": "format",
    "tables/page.parquet": "parquet",
    "tables/liar.parquet": "parquet",
}


def test_within_the_limits_bad_lines_are_dropped_and_neighbours_kept(raised: Run) -> None:
    rows = {(row["input"], row["row"]): row for row in raised.ledger()}
    assert len(rows) == len(raised.ledger())
    # rows do not count blank lines, line numbers do
    for row, line in enumerate([1, 2, 3, *range(6, 18)]):
        found = rows.pop(("lines/bad.jsonl", row))
        if line in BAD_LINES:
            assert (found["verdict"], found["stage"]) == ("drop", "read")
            assert found["reason"] == BAD_LINES[line][0]
            # what parsed has its own id, if it has one
            assert found["id"] == {8: "x8", 9: "x9"}.get(line, f"lines/bad.jsonl#{row}")
            assert json.loads(found["detail"]) == {"line": line}
        else:
            assert (found["verdict"], found["id"]) == ("keep", f"l{(1, 3, 17).index(line)}")
    kept = {row["id"] for row in rows.values() if row["verdict"] == "keep"}
    assert {"h0", "h1"} <= kept
    assert rows["lines/huge.jsonl.zst", 1]["reason"] == "oversize"
    assert {row["input"] for row in rows.values()} == {*DAMAGE, "lines/huge.jsonl.zst", "clean/good.jsonl"}  # fmt: skip


def test_the_unreadable_rest_of_a_shard_is_one_row_after_the_readable_part(raised: Run) -> None:
    by_input: dict[str, list[dict[str, Any]]] = {}
    for row in raised.ledger():
        by_input.setdefault(row["input"], []).append(row)
    readable = {"shards/cut.jsonl.zst": 20, "shards/flipped.jsonl.zst": 10, "tables/page.parquet": 100}  # fmt: skip
    for path, reason in DAMAGE.items():
        *before, last = sorted(by_input[path], key=lambda row: row["row"])
        assert [row["row"] for row in (*before, last)] == list(range(len(before) + 1))
        assert all(row["verdict"] == "keep" for row in before)
        assert (last["stage"], last["reason"]) == ("read", reason)
        assert last["id"] == f"{path}#{last['row']}"
        if path != "shards/cut.jsonl.gz":
            assert len(before) == readable.get(path, 0)
        else:
            assert 50 < len(before) < 400


def test_counts_agree_everywhere(raised: Run) -> None:
    manifest = json.loads((raised.release / "manifest.json").read_bytes())
    rows = raised.ledger()
    assert sum(source["read"] for source in manifest["sources"]) == len(rows)
    assert manifest["documents"] == sum(row["verdict"] == "keep" for row in rows)
    assert manifest["quarantined"]["lines"] == len(BAD_LINES) + 1
    dropped = next(stage for stage in manifest["stages"] if stage["stage"] == "read")["dropped"]
    assert sum(dropped.values()) == len(BAD_LINES) + 1 + len(DAMAGE)
    assert re.search(r"read: .*json 3", raised.done.stdout)


def test_no_text_is_quoted_anywhere(refused: Run, raised: Run, gristmill: Gristmill) -> None:
    analysed = gristmill("analyze", refused.out.parent / "lines", "--json")
    inspected = gristmill("inspect", refused.out.parent / "lines/bad.jsonl", "--json")
    assert inspected.returncode == 3
    assert "bad.jsonl:6: utf8" in inspected.stderr
    verified = gristmill("verify", raised.release, "--deep")
    assert verified.returncode == 0
    for done in (refused.done, raised.done, analysed, inspected, verified):
        for quoted in (CANARY, MARK):
            assert quoted not in done.stdout + done.stderr


def test_bad_lines_lie_in_the_work_folder_alone(raised: Run) -> None:
    for path in raised.release.rglob("*"):
        if path.is_file():
            seen = path.read_bytes()
            if path.suffix == ".zst":
                opened = zstandard.ZstdDecompressor().stream_reader(seen, read_across_frames=True)
                seen = opened.readall()
                assert MARK.encode() in seen
            elif path.suffix == ".parquet":
                seen = str(pq.read_table(path).to_pylist()).encode()
            assert CANARY.encode() not in seen, path
            assert "quarantine" not in path.name
    kept = [
        json.loads(line)
        for path in raised.out.rglob(".work/**/quarantine.jsonl")
        for line in path.read_bytes().splitlines()
    ]
    held = [entry for entry in kept if CANARY.encode() in base64.b64decode(entry.get("raw", ""))]
    assert {entry["line"] for entry in held if entry["input"] == "lines/bad.jsonl"} == {*BAD_LINES}
    assert all(len(base64.b64decode(entry["raw"])) <= 65536 for entry in held)


def test_the_share_of_bad_records_is_counted_by_source(
    gristmill: Gristmill, tmp_path: Path
) -> None:
    """One of a hundred is within the limit of one per cent, whatever other sources hold."""
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines("a", 99)) + b"{\n")
    (tmp_path / "b.jsonl").write_bytes(b"".join(lines("b", 98)) + b"{\n")
    sources = '[release]\nname = "share"\n[[sources]]\nname = "a"\npaths = ["a.jsonl"]\n'
    (tmp_path / "a.toml").write_text(sources)
    (tmp_path / "b.toml").write_text(sources + '[[sources]]\nname = "b"\npaths = ["b.jsonl"]\n')
    common = ["--out", tmp_path / "out", "--executor", "sync"]
    within = gristmill("run", tmp_path / "a.toml", *common)
    assert within.returncode == 0, within.stderr
    beyond = gristmill("run", tmp_path / "b.toml", *common, "--set", "release.version=2.0.0")
    assert beyond.returncode == 3
    assert "source 'b': 1 of 99 records are bad" in beyond.stderr
    assert "source 'a'" not in beyond.stderr
    # one look is enough: the line that source a may have is named too
    assert "read: b.jsonl:99: json" in beyond.stderr
    assert "read: a.jsonl:100: json" in beyond.stderr


def test_many_bad_lines_say_where_the_rest_is_listed(gristmill: Gristmill, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{\n" * 1500)
    (tmp_path / "a.toml").write_text(
        '[release]\nname = "many"\n[[sources]]\nname = "a"\npaths = ["a.jsonl"]\n'
    )
    done = gristmill("run", tmp_path / "a.toml", "--out", tmp_path / "out", "--executor", "sync")
    assert done.returncode == 3
    named = re.findall(r"^read: a\.jsonl:(\d+): json$", done.stderr, re.MULTILINE)
    more = re.search(r"^read: a\.jsonl: (\d+) more bad lines, .* in (\S+)$", done.stderr, re.MULTILINE)  # fmt: skip
    if more is None:
        assert len(named) == 1500
    else:
        assert len(named) + int(more[1]) == 1500
        assert len(Path(more[2]).read_bytes().splitlines()) == 1500


def test_nothing_but_empty_files_is_a_release_without_documents(
    gristmill: Gristmill, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    (tmp_path / "b.jsonl").write_bytes(b"\n\n")
    (tmp_path / "a.toml").write_text(
        '[release]\nname = "none"\n[[sources]]\nname = "a"\npaths = ["*.jsonl"]\n'
    )
    done = gristmill("run", tmp_path / "a.toml", "--out", tmp_path / "out", "--executor", "sync")
    assert done.returncode == 0, done.stderr
    release = Path(done.stdout.splitlines()[-1])
    assert json.loads((release / "manifest.json").read_bytes())["documents"] == 0
    assert gristmill("verify", release, "--deep").returncode == 0


def test_names_of_files_that_only_some_systems_allow(gristmill: Gristmill, tmp_path: Path) -> None:
    names = ["a b#1.jsonl", "[x].jsonl", "ünï*.jsonl"]
    for name in names:
        (tmp_path / name).write_bytes(good(name) + b"\n")
    config = '[release]\nname = "names"\n[[sources]]\nname = "a"\npaths = %s\n'
    (tmp_path / "a.toml").write_text(config % json.dumps(names, ensure_ascii=False))
    plan = gristmill("plan", tmp_path / "a.toml", "--json")
    assert {json.loads(line)["path"] for line in plan.stdout.splitlines()} == set(names)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/quarantine.jsonl").write_bytes(good("hidden") + b"\n")
    (tmp_path / "a.toml").write_text(config % '["."]')
    assert len(gristmill("plan", tmp_path / "a.toml", "--json").stdout.splitlines()) == 3
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.jsonl")).write_bytes(good("bytes"))
    foreign = gristmill("plan", tmp_path / "a.toml")
    assert foreign.returncode == 2
    assert foreign.stderr.startswith("plan: ")
    assert "not UTF-8" in foreign.stderr


def test_what_a_record_carries_along_is_redacted_too(gristmill: Gristmill, tmp_path: Path) -> None:
    address = "miller" + "@" + "watermill-museum.org"
    record = {
        "id": "one",
        "text": "the upper race feeds the wheel while the lower race takes the water away",
        "url": f"https://host.org/page?contact={address}",
        "repo": f"https://miller:{'gr1nd' + 'st0ne'}@host.org/mill/stone.git",
        "created": f"by {address}",
        "by": [{"mail": address, "count": 3}],
        "votes": {address: 1, "x" + address: 2},
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (tmp_path / "c.toml").write_text(
        '[release]\nname = "t"\n[[sources]]\nname = "a"\npaths = ["a.jsonl"]\n', encoding="utf-8"
    )
    done = gristmill("run", tmp_path / "c.toml", "--out", tmp_path / "out", "--executor", "sync")
    assert done.returncode == 0, done.stderr
    shown = gristmill("query", tmp_path / "out/t-1.0.0", "--text").stdout
    assert "watermill-museum" not in shown
    assert "st0ne" not in shown
    document = json.loads(shown)
    assert document["created"] == "by REDACTED_EMAIL"
    assert json.loads(document["meta"]["extra"]) == {
        "by": [{"count": 3, "mail": "REDACTED_EMAIL"}],
        "votes": {"REDACTED_EMAIL": 1, "REDACTED_EMAIL#2": 2},
    }
    index = pq.read_table(tmp_path / "out/t-1.0.0/index/documents.parquet").to_pylist()
    assert "st0ne" not in str(index)
