"""Looking up in a damaged release, by many at once, and what is asked in a way that cannot be."""

from __future__ import annotations

import importlib.util
import os
import pickle
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.catalog import (
    Query,
    UnknownIdError,
    count,
    count_by,
    explain,
    export_folder,
    find,
    lines,
    open_catalog,
    rows,
    searched,
)
from pipeline.catalog.frames import load_frames
from pipeline.errors import ConfigError, IntegrityError
from pipeline.verify import verify

GOLDEN = Path(__file__).parents[1] / "golden/regenerate.py"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden release: documents of two sources, questions, three splits; read-only."""
    spec = importlib.util.spec_from_file_location("golden_release", GOLDEN)
    assert spec is not None
    assert spec.loader is not None
    golden = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(golden)
    made: Path = golden.build(tmp_path_factory.mktemp("golden"))
    return made


@pytest.fixture
def copy(release: Path, tmp_path: Path) -> Path:
    """One to damage."""
    return Path(shutil.copytree(release, tmp_path / "copy"))


def ids(release: Path) -> list[str]:
    with open_catalog(release) as catalog:
        return [row["id"] for row in rows(catalog, Query())]


def test_every_record_of_a_real_release_is_found(release: Path) -> None:
    with open_catalog(release) as catalog:
        table = pq.read_table(release / "index/documents.parquet").to_pylist()
        assert list(rows(catalog, Query(kind="document"))) == table
        for row in table:
            assert catalog.document(row["id"])["sha256"] == row["sha256"]
            assert catalog.row(row["id"]) == row
        asked = list(rows(catalog, Query(kind="question")))
        assert {row["source"] for row in asked} == {"questions"}
        assert all(catalog.document(row["id"])["context_sha256"] == row["sha256"] for row in asked)
        assert len(table) + len(asked) == len(catalog) == len(list(lines(catalog, Query())))
        total = count(catalog, Query())
        assert (total.documents, total.questions) == (len(table), len(asked))
        assert catalog.row(asked[0]["id"]) is None
    assert verify(release, deep=True).ok, "a reader leaves nothing behind"


def test_documents_come_by_source_and_split(release: Path) -> None:
    with open_catalog(release) as catalog:
        whole = [record["id"] for record in catalog.documents()]
        parts = [
            record["id"]
            for source in ("code", "prose")
            for split in ("test", "train", "validation")
            for record in catalog.documents(source, split)
        ]
        assert parts == whole
        assert list(catalog.documents("questions")) == []


def test_an_id_that_is_not_there_is_a_key_error_that_reads_well(release: Path) -> None:
    with open_catalog(release) as catalog, pytest.raises(KeyError) as error:
        catalog.document("nobody")
    assert isinstance(error.value, UnknownIdError)
    assert isinstance(error.value, ConfigError)
    assert str(error.value) == f"query: {release}: holds no document or question 'nobody'"
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_many_threads_and_a_pickled_release_read_the_same(release: Path) -> None:
    names = ids(release) * 8
    with open_catalog(release, cache=2_000) as catalog, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(catalog.line, names))
        again = pickle.loads(pickle.dumps(catalog))
        with again:
            assert [again.line(name) for name in names] == found
        catalog.close()
        assert catalog.line(names[0]) == found[0], "it opens again"


def flip_text(copy: Path) -> None:
    """Change a letter of a document inside its frame; the frame's own checksum is made to fit."""
    import zstandard

    frames = load_frames(copy)
    shard = next(each for each in frames.shards if each.path.startswith("data/code/train"))
    path = copy / shard.path
    frame = shard.frames.start
    raw = frames.decode(frame).replace(b"open_gate", b"shut_gate")
    packed = zstandard.ZstdCompressor(level=19, write_checksum=True).compress(raw)
    room = int(frames.length[frame])
    assert len(packed) <= room
    filler = room - len(packed)
    data = bytearray(path.read_bytes())
    start = int(frames.offset[frame])
    data[start : start + room] = packed + bytes(filler)
    path.write_bytes(bytes(data))


def cut_shard(copy: Path) -> None:
    for path in copy.glob("data/code/train-*"):
        path.write_bytes(path.read_bytes()[:60])


def lose_shard(copy: Path) -> None:
    for path in copy.glob("data/code/train-*"):
        path.unlink()


def move_rows(copy: Path) -> None:
    path = copy / "index/documents.parquet"
    table = pq.read_table(path)
    moved = [at + 1 for at in table["offset"].to_pylist()]
    pq.write_table(table.set_column(5, "offset", [moved]), path)


def lose_rows(copy: Path) -> None:
    path = copy / "index/documents.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)


def stretch_rows(copy: Path) -> None:
    path = copy / "index/documents.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(6, "length", [[1 << 31] * table.num_rows]), path)


def spoil_index(copy: Path) -> None:
    (copy / "index/documents.parquet").write_bytes(b"PAR1 and nothing else")


def spoil_frames(copy: Path) -> None:
    (copy / "index/frames.parquet").write_bytes(b"")


def lose_frames(copy: Path) -> None:
    path = copy / "index/frames.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)


def spoil_manifest(copy: Path) -> None:
    (copy / "manifest.json").write_bytes(b"[" * 2_000)


def rename_shard(copy: Path) -> None:
    path = copy / "index/frames.parquet"
    table = pq.read_table(path)
    names = [f"../{name}" for name in table["shard"].to_pylist()]
    pq.write_table(table.set_column(0, "shard", [names]), path)


@pytest.mark.parametrize(
    "damage",
    [flip_text, cut_shard, lose_shard, move_rows, lose_rows, stretch_rows, spoil_index, spoil_frames, lose_frames,
     spoil_manifest, rename_shard],
)  # fmt: skip
def test_damage_is_an_integrity_error_and_never_another_document(
    release: Path, copy: Path, damage: Callable[[Path], None]
) -> None:
    with open_catalog(release) as catalog:
        whole = {name: catalog.line(name) for name in ids(release)}
    damage(copy)
    refused = []
    for name, line in whole.items():
        try:
            with open_catalog(copy) as catalog:
                assert catalog.line(name) == line
        except IntegrityError as error:
            refused.append(str(error))
    assert refused
    assert all("verify" in problem for problem in refused)
    assert not any("gate_" in problem for problem in refused), "no text in an error"


def test_a_failed_export_leaves_nothing(release: Path, copy: Path, tmp_path: Path) -> None:
    cut_shard(copy)
    with open_catalog(copy) as catalog, pytest.raises(IntegrityError):
        export_folder(catalog, Query(), tmp_path / "subset")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_the_cache_holds_no_more_than_it_may(release: Path) -> None:
    with open_catalog(release, cache=1_500) as catalog:
        for name in ids(release) * 3:
            catalog.line(name)
            assert catalog._decoded.size <= 1_500
        assert catalog._decoded.size > 0


@pytest.mark.parametrize(
    "query",
    [
        Query(where={"licence": ("MIT",)}),
        Query(without={"text": ("x",)}),
        Query(where={"license_class": ("free",)}),
        Query(fraction="0"),
        Query(fraction="-1/2"),
        Query(fraction="half"),
        Query(pattern="a{1001}"),
        Query(pattern="\ud800"),
        Query(where={"path": ("[b-a]*",)}),
    ],
)
def test_what_cannot_be_asked_is_refused(release: Path, query: Query) -> None:
    with open_catalog(release) as catalog, pytest.raises(ConfigError, match=r"^query: "):
        list(find(catalog, query))
    with open_catalog(release) as catalog, pytest.raises(ConfigError, match="did you mean"):
        count_by(catalog, Query(), ("langage",))


def test_a_search_reads_only_frames_with_candidates(release: Path) -> None:
    heard: list[int] = []
    with open_catalog(release) as catalog:
        query = Query(where={"source": ("prose",)}, pattern="mill")
        assert list(find(catalog, query, tell=heard.append))
        assert (len(heard), sum(heard)) == searched(catalog, query)
        assert 0 < len(heard) < len(catalog.frames.offset)


def test_explain_still_says_where_a_survivor_lies(release: Path) -> None:
    (story,) = explain(release, "code-exact-copy")
    places = {
        row["id"]: row for row in pq.read_table(release / "index/documents.parquet").to_pylist()
    }
    survivor = story["survivor"] or story["id"]
    assert story["place"] == places[survivor]
    assert explain(release, "nobody") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_shard_that_may_not_be_read_is_named(copy: Path) -> None:
    name = ids(copy)[0]
    for path in copy.glob("data/*/*"):
        path.chmod(0)
    with open_catalog(copy) as catalog, pytest.raises(IntegrityError, match="data/"):
        catalog.line(name)
