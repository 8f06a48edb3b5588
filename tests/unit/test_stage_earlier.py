"""Parts of earlier releases, and the signatures that releases keep: the same from texts and from files."""

from __future__ import annotations

import json
import random
import shutil
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from manifests.manifest import Manifest, decode
from pipeline.catalog import read_documents
from pipeline.config import check_config
from pipeline.dedup.anchors import AnchorSpec
from pipeline.dedup.minhash import Signatures, sign
from pipeline.dedup.spec import SignatureSpec
from pipeline.engine.commit import execute
from pipeline.engine.crew import SYNC
from pipeline.engine.task import Context, Task
from pipeline.engine.work import Work
from pipeline.errors import ConfigError, IntegrityError
from pipeline.published import Published, open_earlier, open_release
from pipeline.release import FRAMES
from pipeline.run import run_config
from pipeline.signatures import (
    open_signatures,
    recut,
    same_minima,
    signatures_path,
    write_signatures,
)
from pipeline.spill import EARLIER
from pipeline.stages.earlier import EarlierSpec, earlier
from pipeline.stages.part import ROWS, PartRef, read_stream, read_texts
from pipeline.stages.released import Frame
from pipeline.stages.released_index import find_shard, read_index
from pipeline.verify.report import Findings
from pipeline.verify.signatures import check_signatures

CUT = """
[dedup]
near = false
passages = { unit = "line", least = 20 }
"""


def text(draw: random.Random, words: int) -> str:
    return " ".join(f"w{draw.randrange(5000)}" for _ in range(words))


def make(root: Path, name: str, records: list[dict[str, Any]], more: str = "") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    table = f'[release]\nname = "{name}"\nshards = 2\nsignatures = true\n'
    (root / "m.toml").write_text(f'{table}[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n{more}')
    return run_config(root / "m.toml", out=root / "out", crew=SYNC).release


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Some three megabytes, so that shards have several frames; one text is empty of words."""
    draw = random.Random(3)
    records = [{"id": f"d{number}", "text": text(draw, 9000)} for number in range(60)]
    made = make(tmp_path_factory.mktemp("web"), "web", [*records, {"id": "-", "text": "..."}])
    return open_release(made, "the release")


def shards(manifest: Manifest) -> list[str]:
    return [file.path for file in manifest.files if file.path.startswith("data/")]


def part_of(
    release: Published,
    work: Path,
    path: str,
    signature: SignatureSpec,
    anchors: AnchorSpec | None = None,
) -> tuple[Path, Any]:
    release.link(Work(work))
    spec = EarlierSpec(
        release=release.name,
        manifest=release.digest,
        path=path,
        sha256="",
        signature=signature,
        anchors=anchors,
    )
    marker = execute(Task("earlier", path, earlier, spec), work, Work(work))
    return work / "earlier" / marker.fingerprint, marker


def without_signatures(release: Published, root: Path) -> Published:
    copy = root / "copy"
    shutil.copytree(release.path, copy)
    shutil.rmtree(copy / "signatures")
    return release._replace(path=copy)


def files(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name != "marker.json"}


def test_a_part_is_the_same_from_stored_signatures_and_from_texts(
    release: Published, tmp_path: Path
) -> None:
    bare = without_signatures(release, tmp_path)
    rows = 0
    for path in shards(release.manifest):
        stored, first = part_of(release, tmp_path / "a", path, SignatureSpec())
        signed, second = part_of(bare, tmp_path / "b", path, SignatureSpec())
        assert (first.record["signed"], second.record["signed"]) == (False, True)
        assert files(stored) == files(signed)
        assert first.record["rows"] == second.record["rows"]
        rows += first.record["rows"]
    assert rows == release.manifest.documents == 61
    assert (
        max(
            len(find_shard(Work(tmp_path / "a"), release.digest, p).frames)
            for p in shards(release.manifest)
        )
        > 1
    )


def test_other_bands_group_the_same_minima_and_another_seed_does_not(
    release: Published, tmp_path: Path
) -> None:
    path = shards(release.manifest)[0]
    bare = without_signatures(release, tmp_path)
    for number, (spec, anew) in enumerate(
        [
            (SignatureSpec(bands=10, rows=12), False),
            (SignatureSpec(seed=2), True),
            (SignatureSpec(minima=256), True),
            (SignatureSpec(minima=256, bands=36, rows=7), True),  # more than the stored ones hold
            (SignatureSpec(minima=64, bands=16, rows=4), True),
            (SignatureSpec(shingle=4), True),
        ]
    ):
        assert same_minima(spec, SignatureSpec()) is not anew
        found, marker = part_of(release, tmp_path / f"a{number}", path, spec)
        signed, _ = part_of(bare, tmp_path / f"b{number}", path, spec)
        assert marker.record["signed"] is anew
        assert files(found) == files(signed)


def test_anchors_are_taken_from_texts(release: Published, tmp_path: Path) -> None:
    path = shards(release.manifest)[0]
    bare = without_signatures(release, tmp_path)
    found, first = part_of(release, tmp_path / "a", path, SignatureSpec(), AnchorSpec())
    signed, second = part_of(bare, tmp_path / "b", path, SignatureSpec(), AnchorSpec())
    assert first.record["signed"] is second.record["signed"] is True
    assert files(found) == files(signed)
    assert sum(read_stream(found / ROWS)["anchors"].to_pylist()) > 0


def test_rows_are_those_of_the_release_and_texts_are_found_again(
    release: Published, tmp_path: Path
) -> None:
    documents = {each["id"]: each["text"] for each in read_documents(release.path)}
    seen: list[str] = []
    for path in shards(release.manifest):
        folder, marker = part_of(release, tmp_path, path, SignatureSpec())
        table = read_stream(folder / ROWS).to_pylist()
        for row in table:
            assert (row["flags"], row["group"]) == (EARLIER, "web-1.0.0")
            digest = sha256(documents[row["id"]].encode()).digest()
            assert (row["high"], row["low"]) == tuple(
                int.from_bytes(digest[at : at + 8], "big") for at in (0, 8)
            )
        part = PartRef("earlier", marker.fingerprint, marker.record["rows"])
        wanted = np.arange(0, part.rows, 2)
        for rows, texts in read_texts(part, Context(tmp_path, Work(tmp_path), tmp_path), wanted):
            assert texts == [documents[table[row]["id"]] for row in rows]
            seen += [table[row]["id"] for row in rows]
    assert len(set(seen)) == len(seen) >= 30


def test_a_part_does_not_say_where_the_release_lies(release: Published, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(release.path, moved)
    path = shards(release.manifest)[0]
    folder, first = part_of(release, tmp_path / "work", path, SignatureSpec())
    before = files(folder)
    assert str(release.path).encode() not in b"".join(before.values())
    again, second = part_of(release._replace(path=moved), tmp_path / "work", path, SignatureSpec())
    assert (again, second) == (folder, first)
    part = PartRef("earlier", second.fingerprint, second.record["rows"])
    found = [
        each
        for _, texts in read_texts(
            part, Context(tmp_path, Work(tmp_path / "work"), tmp_path), np.arange(part.rows)
        )
        for each in texts
    ]
    assert len(found) == part.rows


def test_a_torn_frame_is_a_matter_of_integrity(release: Published, tmp_path: Path) -> None:
    bare = without_signatures(release, tmp_path)
    path = shards(release.manifest)[0]
    data = bytearray((bare.path / path).read_bytes())
    data[len(data) // 2] ^= 0xFF
    (bare.path / path).write_bytes(data)
    with pytest.raises(IntegrityError, match=f"{path}: frame .* does not decode"):
        part_of(bare, tmp_path / "work", path, SignatureSpec())


def test_signatures_that_do_not_fit_the_shard_are_no_witness(
    release: Published, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(release.path, copy)
    one, other = (copy / signatures_path(path) for path in shards(release.manifest)[:2])
    one.write_bytes(other.read_bytes())
    with pytest.raises(IntegrityError, match="do not fit one another"):
        part_of(release._replace(path=copy), tmp_path, shards(release.manifest)[0], SignatureSpec())


def test_a_shard_is_found_among_others_and_questions_whatever_the_row_groups(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "releases" / "r"
    (folder / "index").mkdir(parents=True)
    sizes = {"data/a/x": [2, 3], "data/a-b/x": [4], "data/b/x": [1, 1, 1], "qa/a/x": [9]}
    order = sorted(sizes, key=str.encode)
    names = FRAMES.names
    frames = [
        dict.fromkeys(names, 0)
        | {"shard": shard, "merkle": "", "frame": number, "documents": count}
        for shard in order
        for number, count in enumerate(sizes[shard])
    ]
    pq.write_table(pa.Table.from_pylist(frames, schema=FRAMES), folder / "index/frames.parquet")
    ids = [
        f"{shard}-{number}"
        for shard in order
        if shard.startswith("data/")
        for number in range(sum(sizes[shard]))
    ]
    for group in (1, 2, 5, 100):
        pq.write_table(
            pa.table({"id": ids}), folder / "index/documents.parquet", row_group_size=group
        )
        for shard in order[:3]:
            found = find_shard(Work(tmp_path), "r", shard)
            assert found.frames == tuple(Frame(0, 0, count) for count in sizes[shard])
            rows = read_index(Work(tmp_path), found, ["id"])["id"].to_pylist()
            assert rows == [f"{shard}-{number}" for number in range(sum(sizes[shard]))]


def test_stored_signatures_are_those_of_the_emitted_texts(tmp_path: Path) -> None:
    """Passages that were cut after the screen are not in them."""
    draw = random.Random(5)
    shared = text(draw, 40)
    records = [
        {"id": f"d{number}", "text": f"{text(draw, 60)}\n{shared}\n{text(draw, 60)}"}
        for number in range(12)
    ]
    made = make(tmp_path, "cut", records, CUT)
    documents = {each["id"]: each["text"] for each in read_documents(made)}
    assert sum(shared in each for each in documents.values()) == 1 < len(documents)
    manifest = decode((made / "manifest.json").read_bytes())
    index = pq.read_table(made / "index/documents.parquet").to_pylist()
    spec = SignatureSpec()
    for path in shards(manifest):
        texts = [documents[row["id"]] for row in index if row["shard"] == path]
        expected = sign(texts, spec)
        stored = open_signatures(made / signatures_path(path), spec)
        assert stored is not None
        assert stored.rows == len(texts)
        (found,) = stored.blocks
        assert found.minima.tolist() == expected.minima.tolist()
        assert found.shingles.tolist() == expected.shingles.tolist()


def test_stored_signatures_open_in_the_tools_that_people_use(release: Published) -> None:
    for path in shards(release.manifest):
        file = release.path / signatures_path(path)
        rows = pq.read_table(file)["minima"].to_pylist()
        assert pl.read_parquet(file)["minima"].to_list() == rows
        assert duckdb.execute("select minima[1] from read_parquet(?)", [str(file)]).fetchall() == [
            (row[0],) for row in rows
        ]
        minhash = MinHash(hashvalues=np.array(rows[0], np.uint32), scheme="affine32", seed=1)
        assert minhash.jaccard(minhash) == 1


blocks = st.lists(st.integers(0, 6), max_size=8)


@given(blocks, st.lists(st.integers(1, 7), max_size=8))
def test_cutting_anew_keeps_every_row_in_its_place(sizes: list[int], wanted: list[int]) -> None:
    total = sum(sizes)
    minima = np.arange(total * 2, dtype=np.uint32).reshape(-1, 2)
    counts = np.arange(total)
    ends = np.cumsum([0, *sizes]).tolist()
    given_blocks = [Signatures(minima[a:b], counts[a:b]) for a, b in pairwise(ends)]
    cut = list(recut(given_blocks, iter([*wanted, 1 << 20])))
    assert (
        np.concatenate([np.zeros(0, int), *(each.shingles for each in cut)]).tolist()
        == counts.tolist()
    )
    assert [row for each in cut for row in each.minima.tolist()] == minima.tolist()
    assert all(len(a.shingles) == b for a, b in zip(cut[:-1], wanted, strict=False))


def test_files_of_signatures_do_not_depend_on_blocks(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    spec = SignatureSpec(minima=8, bands=2, rows=4)
    whole = Signatures(draw.integers(0, 2**32, (40_000, 8), np.uint32), np.arange(40_000))
    for number, step in enumerate((40_000, 7_001, 999)):
        pieces = [
            Signatures(whole.minima[at : at + step], whole.shingles[at : at + step])
            for at in range(0, 40_000, step)
        ]
        write_signatures(tmp_path / f"{number}.parquet", pieces, spec)
    assert len({sha256(path.read_bytes()).digest() for path in tmp_path.iterdir()}) == 1
    stored = open_signatures(tmp_path / "0.parquet", spec)
    assert stored is not None
    read = list(stored.blocks)
    assert np.array_equal(np.concatenate([each.minima for each in read]), whole.minima)
    assert np.array_equal(np.concatenate([each.shingles for each in read]), whole.shingles)


def flaws(release: Published, path: Path) -> list[str]:
    findings = Findings()
    manifest = decode((release.path / "manifest.json").read_bytes())
    sound = frozenset(file.path for file in manifest.files)
    check_signatures(path, manifest, sound, findings)
    return [str(each) for each in findings.problems()]


def test_verify_holds_signatures_against_shards(release: Published, tmp_path: Path) -> None:
    assert flaws(release, release.path) == []
    copy = tmp_path / "copy"
    shutil.copytree(release.path, copy)
    first, second, *_ = shards(release.manifest)
    spec = SignatureSpec()
    write_signatures(copy / signatures_path(first), [sign(["a b c d e f"], spec)], spec)
    (found,) = flaws(release, copy)
    assert f"{signatures_path(first)}: has 1 rows, its shard" in found
    (copy / signatures_path(second)).write_bytes(b"PAR1 no more")
    assert "cannot be read as signatures" in flaws(release, copy)[1]
    pq.write_table(pa.table({"id": ["a"]}), copy / signatures_path(second))
    assert "does not say how documents were signed" in flaws(release, copy)[1]


def test_verify_wants_all_signatures_or_none(release: Published) -> None:
    first = signatures_path(shards(release.manifest)[0])
    less = tuple(file for file in release.manifest.files if file.path != first)
    none = tuple(file for file in less if not file.path.startswith("signatures/"))
    more = [file for file in release.manifest.files if file.path == first]
    stray = msgspec.structs.replace(more[0], path="signatures/s/stray.parquet")
    for listed, problem in (
        (less, "is not listed"),
        (none, None),
        ((*release.manifest.files, stray), "of no shard"),
    ):
        findings = Findings()
        manifest = msgspec.structs.replace(release.manifest, files=listed)
        check_signatures(release.path, manifest, frozenset(file.path for file in less), findings)
        problems = [str(each) for each in findings.problems()]
        assert len(problems) == (problem is not None)
        assert problem is None or problem in problems[0]


def config(name: str, *against: str) -> Any:
    return check_config(
        {
            "release": {"name": name},
            "sources": [{"name": "s", "paths": ["in.jsonl"]}],
            "dedup": {"against": list(against)},
        },
        "m.toml",
    )


def test_earlier_releases_come_in_one_order_and_once(release: Published, tmp_path: Path) -> None:
    other = make(tmp_path, "also", [{"id": "x", "text": "one two three four five six"}])
    web = str(release.path)
    names = [
        [each.name for each in open_earlier(config("new", *paths), tmp_path)]
        for paths in ([web, str(other)], ["out/also-1.0.0", web, f"{web}/../web-1.0.0"])
    ]
    assert names == [["also-1.0.0", "web-1.0.0"]] * 2


def test_an_earlier_release_is_another_release(release: Published, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"web-1\.0\.0 is the release to be made"):
        open_earlier(config("web", str(release.path)), tmp_path)
    with pytest.raises(ConfigError, match=r"nothing: the earlier release .* has no manifest\.json"):
        open_earlier(config("new", "nothing"), tmp_path)
    double = make(tmp_path, "web", [{"id": "x", "text": "one two three four five six"}])
    with pytest.raises(ConfigError, match=r"two releases called web-1\.0\.0 differ"):
        open_earlier(config("new", str(release.path), str(double)), tmp_path)
    with pytest.raises(ConfigError, match=r"dedup\.against: a path is empty"):
        config("new", "")


def test_the_config_of_a_release_does_not_say_where_others_lie(tmp_path: Path) -> None:
    one, other = config("new", "/somewhere/web-1.0.0"), config("new")
    assert one.canonical(tmp_path) == other.canonical(tmp_path)
