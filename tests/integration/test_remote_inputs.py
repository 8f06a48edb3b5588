"""Inputs by URL: the release is that of the same files in a folder, and what is replaced is refused."""

from __future__ import annotations

import glob
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import stretched
from pipeline.config import Near, load_config
from pipeline.dedup_run import remove_duplicates
from pipeline.engine.crew import SYNC, Crew
from pipeline.errors import ConfigError, InputError
from pipeline.means import Means
from pipeline.plan import freeze_inputs
from pipeline.run import Outcome, prepare, run_config, run_prepared
from pipeline.sources import read
from pipeline.sources.stretch import WHOLE, Stretched, cut_file
from pipeline.store import RemoteFile, remote
from pipeline.store.matching import fixed_part, matches
from pipeline.verify import verify
from tests import object_store
from tests.conftest import Ask, Bucket, code_records, prose_records, write_zst

CONFIG = """
[release]
name = "mill"
version = "1.0.0"
shards = 2
[[sources]]
name = "code"
paths = ["ROOT/code/**/*.jsonl.zst", "ROOT/code/one.jsonl"]
[[sources]]
name = "prose"
format = "parquet"
paths = ["ROOT/prose"]
license = "CC0-1.0"
[[sources]]
name = "asked"
format = "squad"
paths = ["ROOT/asked/questions.json"]
license = "CC0-1.0"
[split]
validation = 0.1
test = 0.1
"""


def questions() -> dict[str, Any]:
    context = "The upper race feeds the wheel from above, and the tail race takes the water away."
    asked = [
        {
            "id": f"q{number}",
            "question": f"What feeds the wheel, asked for the {number}th time?",
            "answers": [{"text": "The upper race", "answer_start": 0}],
        }
        for number in range(3)
    ]
    paragraph = {"context": context, "qas": asked}
    return {"version": "1.1", "data": [{"title": "Wheels", "paragraphs": [paragraph]}]}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder `files` with inputs of each format."""
    files = tmp_path / "files"
    code = code_records(40)
    write_zst(files / "code/a.jsonl.zst", code[:25], per_frame=5)
    write_zst(files / "code/deep/er/b.jsonl.zst", code[25:], per_frame=5)
    (files / "code/.hidden").mkdir()
    (files / "code/.hidden/c.jsonl.zst").write_bytes(b"no input")
    (files / "code/one.jsonl").write_text(json.dumps({"text": "one = 1\n" * 30}) + "\nbroken\n")
    (files / "prose/old").mkdir(parents=True)
    prose = [{key: record[key] for key in ("text", "url")} for record in prose_records(60)]
    pq.write_table(pa.Table.from_pylist(prose), files / "prose/p.parquet", row_group_size=20)
    pq.write_table(pa.Table.from_pylist(prose), files / "prose/old/data.parquet")
    (files / "prose/old/SHA256SUMS").write_text("")
    (files / "asked").mkdir()
    (files / "asked/questions.json").write_text(json.dumps(questions()))
    return tmp_path


def write_config(folder: Path, root: str, text: str = CONFIG) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "mill.toml").write_text(text.replace("ROOT", root) + "[limits]\nbad_records = 0.5\n")
    return folder / "mill.toml"


def make(config: Path, out: Path) -> Outcome:
    return run_config(config, out=out, crew=SYNC)


def data(release: Path) -> dict[str, bytes]:
    paths = [*release.glob("data/*/*"), *release.glob("qa/*/*"), *release.glob("index/*")]
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in paths}


def manifest(release: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release / "manifest.json").read_bytes())
    return found


def test_the_release_is_that_of_the_same_files_in_a_folder(corpus: Path, bucket: Bucket) -> None:
    object_store.upload(bucket.foreign, bucket.name, corpus / "files", "in/")
    near = make(write_config(corpus / "near", "../files"), corpus / "out-near").release
    far = make(write_config(corpus / "far", f"{bucket.url}/in"), corpus / "out-far").release
    assert data(far) == data(near)
    assert manifest(far)["content_root"] == manifest(near)["content_root"]
    assert verify(far, deep=True).ok
    there = [{**each, "path": ""} for each in manifest(far)["inputs"]]
    assert there == [{**each, "path": ""} for each in manifest(near)["inputs"]]
    assert [each["path"] for each in manifest(far)["inputs"]] == [
        f"{bucket.url}/in/asked/questions.json",
        f"{bucket.url}/in/code/a.jsonl.zst",
        f"{bucket.url}/in/code/deep/er/b.jsonl.zst",
        f"{bucket.url}/in/code/one.jsonl",
        f"{bucket.url}/in/prose/p.parquet",
    ]
    rows = pq.read_table(far / "ledger/decisions-00000.parquet").to_pylist()
    assert {row["input"] for row in rows} == {each["path"] for each in manifest(far)["inputs"]}
    (bad,) = (row for row in rows if row["stage"] == "read")
    assert bad["id"] == f"{bucket.url}/in/code/one.jsonl#1"


def test_a_cut_object_gives_the_same_release(
    corpus: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    object_store.upload(bucket.foreign, bucket.name, corpus / "files", "in/")
    config = write_config(corpus / "far", f"{bucket.url}/in")
    whole = make(config, corpus / "whole").release
    monkeypatch.setattr(stretched, "_LARGE", 1)
    monkeypatch.setattr(stretched, "STRETCH", 40_000)
    outcome = run_config(config, out=corpus / "cut", crew=Crew(workers=2))
    assert data(outcome.release) == data(whole)
    assert len(list((corpus / "cut/.work/mill/screen").iterdir())) > 6


def test_a_stretch_is_read_by_range(
    tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an object of many frames, and of one of a single frame, no more is fetched than it takes."""
    draw = random.Random(3)
    lines = [{"text": draw.randbytes(500).hex()} for _ in range(6000)]
    write_zst(tmp_path / "many.jsonl.zst", lines, per_frame=200)
    write_zst(tmp_path / "single.jsonl.zst", lines[:4500], per_frame=4500)
    fetched: list[int] = []
    fetch = remote.RemoteReader._fetch

    def counted(reader: remote.RemoteReader, start: int, stop: int) -> bytes:
        fetched.append(stop - start)
        return fetch(reader, start, stop)

    monkeypatch.setattr(remote.RemoteReader, "_fetch", counted)
    monkeypatch.setattr(remote, "_FIRST", 4 << 10)
    monkeypatch.setattr(remote, "_MOST", 64 << 10)
    for name in ("many", "single"):
        local = tmp_path / f"{name}.jsonl.zst"
        bucket.foreign.put_object(Bucket=bucket.name, Key=local.name, Body=local.read_bytes())
        file = RemoteFile(f"{bucket.url}/{local.name}")
        stretches = cut_file(local, 1_000_000)
        assert cut_file(file, 1_000_000) == stretches
        assert len(stretches) > 3
        raw = sum(len(chunk) for chunk in Stretched(local, WHOLE))
        for number, stretch in enumerate(stretches):
            fetched.clear()
            assert b"".join(Stretched(file, stretch)) == b"".join(Stretched(local, stretch))
            if number < len(stretches) - 1:
                size = local.stat().st_size
                share = (stretch.skip + (stretch.size or 0)) * size // raw
                slack = 300 << 10  # what a decoder asks for at once
                assert sum(fetched) < share * 1.1 + slack, (name, number)


def test_an_object_replaced_after_the_plan_is_refused(corpus: Path, bucket: Bucket) -> None:
    object_store.upload(bucket.foreign, bucket.name, corpus / "files", "in/")
    path = write_config(corpus / "far", f"{bucket.url}/in")
    config = load_config(path)
    keys = ("code/a.jsonl.zst", "code/one.jsonl", "prose/p.parquet", "asked/questions.json")
    for number, key in enumerate(keys):
        prepared = prepare(config, path.parent)
        body = (corpus / "files" / key).read_bytes()
        bucket.foreign.put_object(Bucket=bucket.name, Key=f"in/{key}", Body=body + b"\n")
        with pytest.raises(InputError, match=f"{bucket.url}/in/{key}: changed while it was read"):
            run_prepared(prepared, Means(corpus / f"out-{number}", crew=Crew("sync")))
        assert not list((corpus / f"out-{number}").glob("mill-*"))
        bucket.foreign.put_object(Bucket=bucket.name, Key=f"in/{key}", Body=body)
    assert verify(make(path, corpus / "out-0").release, deep=True).ok


@pytest.mark.parametrize("suffix", ["jsonl.zst", "parquet"])
def test_an_object_that_goes_while_it_is_read_is_no_damage(
    tmp_path: Path, bucket: Bucket, suffix: str
) -> None:
    """A run that tolerates damaged shards must not take a change for damage."""
    records = code_records(60)
    local = tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        texts = [{"text": record["text"]} for record in records]
        pq.write_table(pa.Table.from_pylist(texts), local, row_group_size=4, compression="none")
    else:
        write_zst(local, records, per_frame=2)
    bucket.foreign.put_object(Bucket=bucket.name, Key=local.name, Body=local.read_bytes())
    file = RemoteFile(f"{bucket.url}/{local.name}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remote, "_FIRST", 1 << 10)
        patch.setattr(remote, "_MOST", 1 << 10)
        patch.setattr(remote, "_HELD", 4 << 10)
        items = read(file, "parquet" if suffix == "parquet" else "jsonl")
        next(items)
        bucket.foreign.put_object(Bucket=bucket.name, Key=local.name, Body=b"another")
        with pytest.raises(InputError, match=r"read: s3://.*: changed while it was read"):
            list(items)


def test_damage_is_told_by_url(tmp_path: Path, bucket: Bucket) -> None:
    write_zst(tmp_path / "a.jsonl.zst", code_records(20), per_frame=4)
    whole = (tmp_path / "a.jsonl.zst").read_bytes()
    bucket.foreign.put_object(Bucket=bucket.name, Key="a.jsonl.zst", Body=whole[: len(whole) // 2])
    config = write_config(
        tmp_path / "far",
        bucket.url,
        '[release]\nname = "mill"\n[[sources]]\nname = "code"\npaths = ["ROOT/a.jsonl.zst"]\n',
    )
    with pytest.raises(InputError, match=f"{bucket.url}/a.jsonl.zst"):
        make(config, tmp_path / "out")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("s3://no-such-bucket-here/in", "there is no such bucket"),
        ("BUCKET/none/*.jsonl", "matches no jsonl file"),
        ("BUCKET/none.jsonl", "matches no jsonl file"),
        ("s3://KEYID:s3cr3t@bucket/in", "a user or a password"),
        ("gs://bucket/in", "a package is missing"),
        ("quern://bucket/in", "no package knows"),
        ("s3://*/in.jsonl", "names no bucket"),
    ],
)
def test_what_cannot_be_an_input_is_told_at_once(
    tmp_path: Path, bucket: Bucket, ask: Ask, path: str, problem: str
) -> None:
    config = write_config(
        tmp_path / "far",
        path.replace("BUCKET", bucket.url),
        '[release]\nname = "mill"\n[[sources]]\nname = "code"\npaths = ["ROOT"]\n',
    )
    said = ask("run", config, "--out", tmp_path / "out", "--executor", "sync")
    assert said.code == 2
    assert problem in said.err
    assert "s3cr3t" not in said.err
    assert "Traceback" not in said.err


def test_plan_lists_objects(corpus: Path, bucket: Bucket, ask: Ask) -> None:
    object_store.upload(bucket.foreign, bucket.name, corpus / "files", "in/")
    config = write_config(corpus / "far", f"{bucket.url}/in")
    rows = ask("plan", config, "--out", corpus / "out", "--json").rows()
    assert f"{bucket.url}/in/code/deep/er/b.jsonl.zst" in {row["path"] for row in rows}
    assert not (corpus / "out").exists()


def test_duplicates_are_removed_from_objects(corpus: Path, bucket: Bucket) -> None:
    object_store.upload(bucket.foreign, bucket.name, corpus / "files", "in/")
    asked = {"near": Near(), "fields": {}, "crew": SYNC}
    here = remove_duplicates((str(corpus / "files/code/*.zst"),), corpus / "here", **asked)
    there = remove_duplicates((f"{bucket.url}/in/code/*.zst",), corpus / "there", **asked)
    assert there.counts == here.counts
    kept = [path.read_bytes() for path in sorted((corpus / "here").rglob("*.jsonl.zst"))]
    assert [path.read_bytes() for path in sorted((corpus / "there").rglob("*.jsonl.zst"))] == kept


def test_the_order_of_sources_does_not_depend_on_where_they_lie(
    corpus: Path, bucket: Bucket
) -> None:
    object_store.upload(bucket.foreign, bucket.name, corpus / "files", "in/")
    path = write_config(corpus / "far", f"{bucket.url}/in")
    inputs = freeze_inputs(load_config(path), path.parent)
    assert [each.path for each in inputs] == sorted(each.path for each in inputs)
    assert all(each.etag and "/" not in each.etag for each in inputs)


names = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name.strip("."))
paths = st.lists(names, min_size=1, max_size=3)
wild = st.sampled_from(["*", "**", "a*", "?", "[ab]", ".*", "*b", "[!a]*"])


@given(
    st.lists(paths, max_size=6),
    st.lists(st.one_of(names, wild), min_size=1, max_size=4),
)
def test_a_glob_in_a_store_is_a_glob_in_a_folder(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[str]], pattern: list[str]
) -> None:
    root = tmp_path_factory.mktemp("globs")
    for parts in files:
        place = root.joinpath(*parts)
        if not place.exists() and all(
            not each.is_file() for each in place.parents if each.is_relative_to(root)
        ):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    keys = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    local = glob.glob("/".join(pattern), root_dir=root, recursive=True)  # noqa: PTH207  what plans use
    expected = {match for match in local if (root / match).is_file()}
    assert {key for key in keys if matches(key.split("/"), pattern)} == expected


def test_what_a_url_names_outright() -> None:
    assert fixed_part("s3://b/in/*.zst") == ("s3://b/in", ("*.zst",))
    assert fixed_part("s3://b/in/") == ("s3://b/in", ())
    assert fixed_part("s3://b") == ("s3://b", ())
    assert fixed_part("s3://b/**/x?/y") == ("s3://b", ("**", "x?", "y"))
    with pytest.raises(ConfigError):
        fixed_part("s3://*/in")


def test_a_release_of_objects_is_made_once_more(corpus: Path, bucket: Bucket, ask: Ask) -> None:
    object_store.upload(bucket.foreign, bucket.name, corpus / "files", "in/")
    config = write_config(corpus / "far", f"{bucket.url}/in")
    release = make(config, corpus / "out").release
    again = ("reproduce", release, "--inputs", corpus / "far", "--out", corpus / "again")
    assert ask(*again, "--executor", "sync").code == 0
    bucket.foreign.delete_object(Bucket=bucket.name, Key="in/code/one.jsonl")
    said = ask(*again, "--executor", "sync")
    assert said.code == 3
    assert f"start: {bucket.url}/in/code/one.jsonl: is missing" in said.err
