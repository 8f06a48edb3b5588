"""The part that a screen leaves: every file says the same, ghosts leave no text, bad lines lie aside."""

from __future__ import annotations

import base64
import json
import unicodedata
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalog import read_documents
from pipeline.dedup.minhash import band_keys, sign
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.engine.crew import SYNC
from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.run import run_config
from pipeline.sources.records import Bad, Damage
from pipeline.spill import (
    BANDS,
    EXACT,
    GHOST,
    IDS,
    PREFIXES,
    Records,
    gather,
    map_array,
    read_frames,
    read_partitions,
)
from pipeline.stages.part import (
    BAND_KEYS,
    DROPPED,
    EXACT_KEYS,
    ID_KEYS,
    LINES,
    NO_LINE,
    QUARANTINE,
    ROWS,
    SKETCHES,
    PartRef,
    bases,
    concatenate,
    read_ghosts,
    read_stream,
    read_texts,
    text_of,
)
from pipeline.stages.part_writer import Dropped, PartWriter, Passed

SPEC = SignatureSpec()


def passed(row: int, text: str, **changes: Any) -> Passed:
    digest = sha256(text.encode()).digest()
    line = json.dumps({"id": f"d{row}", "text": text}).encode() + b"\n"
    values: dict[str, Any] = {
        "row": row,
        "id": f"d{row}",
        "text": text,
        "content": digest,
        "raw": digest,
        "rank": row * 3,
        "line": line,
        "bucket": row % 3,
    } | changes
    return Passed(**values)


def text(number: int) -> str:
    return " ".join(f"word{number}x{each}" for each in range(30))


TEXTS = {0: text(0), 1: "", 3: "opted out " + text(99), 4: text(4)}  # what passes, by row


@pytest.fixture
def part(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """Two blocks: documents, a ghost, drops, bad lines and damage."""
    writer = PartWriter(tmp_path, SPEC)
    ghost = passed(3, TEXTS[3], flags=GHOST, line=b"", request="r-1")
    bad = writer.quarantine(Bad(5, 9, "json", b'{"text": "broken'), "in.jsonl", "read")
    refused = Dropped(row=2, id="x", stage="license", reason="deny:GPL", raw=b"1" * 32)
    writer.write([passed(0, text(0)), passed(1, "")], [refused, bad])
    lost = writer.quarantine(Damage(7, "truncated", "at byte 12"), "in.jsonl", "read")
    gone = Dropped(row=3, id="d3", stage="optout", reason="id", raw=ghost.raw)
    writer.write([ghost, passed(4, text(4))], [gone, lost])
    return tmp_path, writer.close()


def test_the_record_counts_everything_once(part: tuple[Path, dict[str, Any]]) -> None:
    assert part[1] == {
        "rows": 4,
        "passed": 3,
        "dropped": {
            "license": {"deny:GPL": 1},
            "optout": {"id": 1},
            "read": {"json": 1, "truncated": 1},
        },
        "ghosts": 1,
        "bad": 1,
        "bad_lines": [(9, 5, "json")],
        "damage": "truncated: from row 7 on: at byte 12",
    }


def test_rows_lines_and_signatures_belong_together(part: tuple[Path, dict[str, Any]]) -> None:
    folder = part[0]
    rows = read_stream(folder / ROWS).to_pylist()
    assert [row["row"] for row in rows] == [0, 1, 3, 4]
    frames = dict(read_frames(folder / LINES))
    signed = sign([TEXTS[row["row"]] for row in rows], SPEC)
    sketches = map_array(folder / SKETCHES, np.uint8, SPEC.minima)
    assert sketches.tolist() == (signed.minima % 256).tolist()
    assert [row["shingles"] for row in rows] == signed.shingles.tolist()
    texts = {0: text(0), 1: "", 4: text(4)}
    for row in rows:
        if row["flags"] & GHOST:
            assert (row["frame"], row["request"]) == (NO_LINE, "r-1")
        else:
            assert text_of(frames[row["frame"]][row["place"]]) == texts[row["row"]]
    assert rows[1]["shingles"] == 0


def keys_of(path: Path, dtype: np.dtype[Any]) -> Records:
    return gather(read_partitions([(100, path)], dtype, 0, PREFIXES), dtype)


def test_keys_name_the_lines_and_ids_the_rows(part: tuple[Path, dict[str, Any]]) -> None:
    folder = part[0]
    exact = keys_of(folder / EXACT_KEYS, EXACT)
    assert sorted(exact["at"].tolist()) == [100, 101, 102, 103]
    texts = list(TEXTS.values())
    for record in exact:
        content = sha256(texts[record["at"] - 100].encode()).digest()
        assert int(record["high"]) == int.from_bytes(content[:8], "big")
        assert int(record["low"]) == int.from_bytes(content[8:16], "big")
        assert record["flags"] == (GHOST if record["at"] == 102 else 0)
    ids = keys_of(folder / ID_KEYS, IDS)
    # bad lines have no id of their own; the ghost stands under its id twice, with one content
    assert sorted(ids["at"].tolist()) == [100, 101, 102, 103, 103, 104]
    assert len(set(ids["content"][ids["at"] == 103].tolist())) == 1
    bands = keys_of(folder / BAND_KEYS, BANDS)
    signed = [number for number, text in enumerate(texts) if text]  # the empty text has none
    keys = band_keys(sign([texts[number] for number in signed], SPEC).minima, SPEC).tolist()
    expected = [
        (key, 100 + number) for number, mine in zip(signed, keys, strict=True) for key in mine
    ]
    assert sorted(bands.tolist()) == sorted(expected)


def test_texts_are_read_by_line_and_those_of_ghosts_are_not(
    tmp_path: Path, part: tuple[Path, dict[str, Any]]
) -> None:
    folder = tmp_path / "screen" / "f"
    folder.parent.mkdir()
    folder.symlink_to(part[0])
    ref, context = PartRef("screen", "f", 4), Context(tmp_path, Work(tmp_path), tmp_path)
    for wanted in ([0, 1, 2, 3], [3, 0], [2], []):
        read = read_texts(ref, context, np.array(wanted, np.int64))
        found = {
            line: text_ for lines, texts in read for line, text_ in zip(lines, texts, strict=True)
        }
        assert found == {n: t for n, t in enumerate(TEXTS.values()) if n in wanted and n != 2}


def test_lines_are_numbered_through_all_parts() -> None:
    parts = [PartRef("screen", "a", 3), PartRef("screen", "b", 0), PartRef("sign", "c", 2)]
    assert bases(parts).tolist() == [0, 3, 3, 5]
    assert bases([]).tolist() == [0]


def test_a_ghost_leaves_its_shingles_and_no_text(part: tuple[Path, dict[str, Any]]) -> None:
    folder = part[0]
    ghosts = read_ghosts(folder)
    flat, _ = shingle_sets([TEXTS[3]], SPEC)
    assert list(ghosts) == [2]  # by line, not by row
    assert ghosts[2].tolist() == flat.tolist()
    lines = [line for _, found in read_frames(folder / LINES) for line in found]
    assert not any(b"opted" in line for line in lines)
    for path in folder.iterdir():
        assert b"opted out" not in path.read_bytes(), path.name
        assert b"word99x" not in path.read_bytes(), path.name


def test_bad_lines_lie_in_quarantine_and_not_in_the_ledger(
    part: tuple[Path, dict[str, Any]],
) -> None:
    folder = part[0]
    entries = [json.loads(line) for line in (folder / QUARANTINE).read_text().splitlines()]
    assert [(entry["input"], entry["row"], entry["reason"]) for entry in entries] == [
        ("in.jsonl", 5, "json"),
        ("in.jsonl", 7, "truncated"),
    ]
    assert base64.b64decode(entries[0]["raw"]) == b'{"text": "broken'
    dropped = read_stream(folder / DROPPED).to_pylist()
    assert [row["row"] for row in dropped] == [2, 5, 3, 7]
    assert dropped[1]["id"] == "in.jsonl#5"
    assert json.loads(dropped[1]["detail"]) == {"line": 9}
    assert "broken" not in json.dumps(dropped)


def test_a_part_of_nothing_can_be_read(tmp_path: Path) -> None:
    record = PartWriter(tmp_path, SPEC).close()
    assert record["rows"] == record["passed"] == record["ghosts"] == 0
    assert len(read_stream(tmp_path / ROWS)) == len(read_stream(tmp_path / DROPPED)) == 0
    assert read_ghosts(tmp_path) == {}
    assert map_array(tmp_path / SKETCHES, "u1", SPEC.minima).shape == (0, SPEC.minima)
    assert list(read_frames(tmp_path / LINES)) == []


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=5), max_size=6))
def test_sets_laid_end_to_end_are_found_again(sets: list[list[int]]) -> None:
    flat, offsets = concatenate([np.array(each, np.uint64) for each in sets])
    assert [flat[a:b].tolist() for a, b in pairwise(offsets)] == sets


# each ends in letters that no combining mark joins, so that the mark stays behind the redaction
SECRETS = {
    "EMAIL": "anna.miller" + "@" + "watermill-museum.net",
    "IP": "203.0.114" + ".77",
    "SECRET": "ghp_" + "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0UvWx19",
}
MARKS = [
    "\u0301",
    "\u0327",
    "\u030c",
    "\u0323",
    "\u0301\u0327",
    "\u0327\u0301",
    "\u0302\u0323\u0301",
]


def test_emitted_text_is_nfc_though_combining_marks_follow_what_is_redacted(tmp_path: Path) -> None:
    texts = {
        f"{kind}{number}": f"Zu finden: {secret}{marks} und mehr."
        for kind, secret in SECRETS.items()
        for number, marks in enumerate(MARKS)
    }
    lines = [json.dumps({"id": name, "text": text_}) + "\n" for name, text_ in texts.items()]
    (tmp_path / "in.jsonl").write_text("".join(lines))
    (tmp_path / "m.toml").write_text(
        '[release]\nname = "m"\nshards = 1\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'
        "[dedup]\nexact = false\nnear = false\n"
    )
    made = run_config(tmp_path / "m.toml", out=tmp_path / "out", crew=SYNC).release
    found = {document["id"]: document for document in read_documents(made)}
    assert found.keys() == texts.keys()
    redacted = set()
    for name, document in found.items():
        assert unicodedata.is_normalized("NFC", document["text"]), name
        for start, end, kind in json.loads(document["meta"]["redactions"]):
            assert document["text"][start:end] == f"REDACTED_{kind}"
            redacted.add(kind)
    assert redacted == set(SECRETS)


def test_nothing_is_signed_where_nothing_compares_and_the_records_are_the_same(
    tmp_path: Path,
) -> None:
    texts = ["the same words " * 9, "the same words " * 9, "a mail to ann@corp-mail.org " * 5, ""]
    records = [{"id": f"d{n}", "text": text, "n": n} for n, text in enumerate(texts)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    (tmp_path / "o.jsonl").touch()
    plain = (
        '[release]\nname = "r"\nshards = 1\nsignatures = true\n[split]\nvalidation = 0\ntest = 0\n'
        '[dedup]\nnear = false\n[[sources]]\nname = "s"\npaths = ["a.jsonl"]\n'
    )
    held: list[dict[str, bytes]] = []
    sketched: list[int] = []
    for name, more in (("off", ""), ("on", '[optout]\nregistry = "o.jsonl"\n')):
        (tmp_path / f"{name}.toml").write_text(plain + more)
        work = tmp_path / f"work-{name}"
        made = run_config(
            tmp_path / f"{name}.toml", out=tmp_path / name, work=work, crew=SYNC
        ).release
        folders = ("data", "index", "ledger", "signatures")
        files = (file for folder in folders for file in (made / folder).rglob("*"))
        held.append(
            {str(f.relative_to(made)): f.read_bytes() for f in sorted(files) if f.is_file()}
        )
        sketched.append(sum(file.stat().st_size for file in work.rglob(SKETCHES)))
    assert sketched[0] == 0 < sketched[1]
    assert held[0] == held[1]
    assert any(path.startswith("signatures/") for path in held[0])
