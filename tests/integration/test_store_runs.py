"""Runs whose inputs, work folder and releases lie in an object store make the bytes of a run on local folders."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.app import main
from pipeline.engine.crew import SYNC, Crew
from pipeline.engine.work import Work
from pipeline.errors import ConfigError, GristmillError
from pipeline.outlet import fetch
from pipeline.run import run_config
from pipeline.store import Store
from tests.command import Fork
from tests.conftest import Bucket
from tests.object_store import upload
from tests.quiz import SOURCE, write_quiz

CONFIG = (
    """
[release]
name = "m"
version = "{version}"
shards = 2
[[sources]]
name = "s"
paths = ["in"]
[split]
validation = 0.1
"""
    + SOURCE
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four shards with equal and similar documents, and what a local run makes of them."""
    root = tmp_path_factory.mktemp("store-runs")
    (root / "in").mkdir()
    for shard in range(4):
        lines = [
            json.dumps({"text": " ".join(f"word{(n * 13 + each) % 900}" for each in range(200))})
            for n in range(shard * 30, shard * 30 + 45)
        ]
        (root / f"in/{shard}.jsonl").write_text("\n".join(lines) + "\n")
    write_quiz(root, *(" ".join(f"word{n * 17 + each}" for each in range(30)) for n in range(3)))
    (root / "m.toml").write_text(CONFIG.format(version="1.0.0"))
    made = run_config(root / "m.toml", out=root / "local", crew=SYNC)
    assert made.counts.dropped["decontam"]["ngram:quiz"] > 0
    return root


@pytest.fixture(autouse=True)
def mirrors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Mirrors go where the test can look; none is left."""
    folder = tmp_path / "mirrors"
    folder.mkdir()
    monkeypatch.setenv("GRISTMILL_MIRRORS", str(folder))
    yield folder
    assert not [path for path in folder.rglob("*") if path.is_file()]


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def there(bucket: Bucket, prefix: str) -> dict[str, bytes]:
    pages = bucket.foreign.get_paginator("list_objects_v2").paginate(
        Bucket=bucket.name, Prefix=prefix
    )
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    read = {
        key: bucket.foreign.get_object(Bucket=bucket.name, Key=key)["Body"].read() for key in keys
    }
    return {key.removeprefix(prefix): data for key, data in read.items()}


@pytest.mark.parametrize("crew", [SYNC, Crew(workers=2)])
def test_everything_in_a_store_makes_the_same_release(
    corpus: Path, bucket: Bucket, crew: Crew, mirrors: Path
) -> None:
    outcome = run_config(
        corpus / "m.toml",
        out=Store(f"s3://{bucket.name}/releases"),
        work=Store(f"s3://{bucket.name}/work"),
        crew=crew,
    )
    assert outcome.place == f"s3://{bucket.name}/releases/m-1.0.0"
    assert there(bucket, "releases/m-1.0.0/") == files(corpus / "local/m-1.0.0")
    left = there(bucket, "releases/")
    assert {key.partition("/")[0] for key in left} == {"m-1.0.0"}
    work = there(bucket, "work/")
    assert (
        len([key for key in work if key.startswith("screen/") and key.endswith("marker.json")]) == 5
    )
    assert not [key for key in work if key.startswith(("tmp/", "probe/", "claims/"))]


def test_a_second_run_finds_everything_done(corpus: Path, bucket: Bucket) -> None:
    work, out = Store(f"s3://{bucket.name}/work"), Store(f"s3://{bucket.name}/releases")
    run_config(corpus / "m.toml", out=out, work=work, crew=SYNC)
    before = {key: version for key, version in versions(bucket).items() if "marker" in key}
    again = run_config(corpus / "m.toml", out=out, work=work, crew=SYNC)
    assert {key: version for key, version in versions(bucket).items() if "marker" in key} == before
    assert again.place == f"s3://{bucket.name}/releases/m-1.0.0"


def versions(bucket: Bucket) -> dict[str, object]:
    pages = bucket.foreign.get_paginator("list_objects_v2").paginate(Bucket=bucket.name)
    return {e["Key"]: e["LastModified"] for page in pages for e in page.get("Contents", [])}


def test_a_marker_whose_data_is_gone_is_void(corpus: Path, bucket: Bucket) -> None:
    work = Store(f"s3://{bucket.name}/work")
    run_config(corpus / "m.toml", out=Store(f"s3://{bucket.name}/a"), work=work, crew=SYNC)
    lost = [key for key, _ in work.list("screen") if key.endswith("rows.arrow")][:2]
    lost += [key for key, _ in work.list("emit") if key.endswith(".bin") or ".zst" in key][:1]
    work.remove(lost)
    run_config(corpus / "m.toml", out=Store(f"s3://{bucket.name}/b"), work=work, crew=SYNC)
    assert there(bucket, "b/m-1.0.0/") == files(corpus / "local/m-1.0.0")
    assert {*lost} <= {key for key, _ in work.list()}


def test_the_next_version_continues_from_the_one_in_the_store(
    corpus: Path, bucket: Bucket, tmp_path: Path
) -> None:
    shutil.copytree(corpus / "in", tmp_path / "in")
    shutil.copy(corpus / "quiz.json", tmp_path)
    with (tmp_path / "in/6.jsonl").open("w") as file:
        file.write(json.dumps({"text": "a document that was not there before " * 9}) + "\n")
    (tmp_path / "m.toml").write_text(CONFIG.format(version="1.1.0"))
    shutil.copytree(corpus / "local/m-1.0.0", tmp_path / "local/m-1.0.0")
    run_config(tmp_path / "m.toml", out=tmp_path / "local", crew=SYNC)
    out, work = Store(f"s3://{bucket.name}/r"), Store(f"s3://{bucket.name}/w")
    upload(bucket.foreign, bucket.name, corpus / "local/m-1.0.0", "r/m-1.0.0/")
    run_config(tmp_path / "m.toml", out=out, work=work, crew=SYNC)
    assert there(bucket, "r/m-1.1.0/") == files(tmp_path / "local/m-1.1.0")
    fetched = fetch(Store(f"{out.url}/m-1.1.0"), tmp_path / "fetched")
    assert files(fetched) == files(tmp_path / "local/m-1.1.0")
    assert [path.name for path in (tmp_path / "fetched").iterdir()] == ["m-1.1.0"]


def test_a_release_is_fetched_whole_or_not_at_all(
    corpus: Path, bucket: Bucket, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upload(bucket.foreign, bucket.name, corpus / "local/m-1.0.0", "r/m-1.0.0/")
    url, out = f"s3://{bucket.name}/r/m-1.0.0", tmp_path / "out"
    assert main(["verify", url]) == 2
    assert "gristmill fetch" in capsys.readouterr().err
    assert main(["fetch", f"{url}/", "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(out / "m-1.0.0")
    assert main(["verify", str(out / "m-1.0.0"), "--deep"]) == 0
    assert main(["fetch", url, "--out", str(out)]) == 2
    shutil.rmtree(out)
    bucket.foreign.put_object(Bucket=bucket.name, Key="r/m-1.0.0/README.md", Body=b"another")
    assert main(["fetch", url, "--out", str(out)]) == 4
    assert "README.md" in capsys.readouterr().err
    assert list(out.iterdir()) == []
    bucket.foreign.delete_object(Bucket=bucket.name, Key="r/m-1.0.0/SHA256SUMS")
    assert main(["fetch", url, "--out", str(out)]) == 2
    with pytest.raises(SystemExit, match="2"):
        main(["fetch", "out/m-1.0.0"])


def test_a_version_that_is_published_otherwise_is_refused(
    corpus: Path, bucket: Bucket, tmp_path: Path
) -> None:
    out = Store(f"s3://{bucket.name}/r")
    run_config(corpus / "m.toml", out=out, work=tmp_path / "work", crew=SYNC)
    before = there(bucket, "r/")
    with pytest.raises(ConfigError, match="published with other content"):
        run_config(
            corpus / "m.toml",
            overrides=("split.validation=0.2",),
            out=out,
            work=tmp_path / "work",
            crew=SYNC,
        )
    assert there(bucket, "r/") == before
    bucket.foreign.delete_object(Bucket=bucket.name, Key="r/m-1.0.0/README.md")
    with pytest.raises(GristmillError, match=r"damaged.*\n.*README\.md"):
        run_config(corpus / "m.toml", out=out, work=tmp_path / "work", crew=SYNC)


def test_a_release_that_was_half_sent_is_sent_again(
    corpus: Path, bucket: Bucket, tmp_path: Path
) -> None:
    out = Store(f"s3://{bucket.name}/r")
    half = files(corpus / "local/m-1.0.0")
    for key in sorted(half)[: len(half) // 2]:
        if key != "SHA256SUMS":
            bucket.foreign.put_object(Bucket=bucket.name, Key=f"r/m-1.0.0/{key}", Body=b"half")
    bucket.foreign.put_object(Bucket=bucket.name, Key="r/m-1.0.0/stray.bin", Body=b"x")
    run_config(corpus / "m.toml", out=out, work=tmp_path / "work", crew=SYNC)
    assert there(bucket, "r/m-1.0.0/") == half
    bucket.foreign.delete_object(Bucket=bucket.name, Key="r/m-1.0.0/SHA256SUMS")
    bucket.foreign.put_object(Bucket=bucket.name, Key="r/.m-1.0.0.partial", Body=b"0" * 64)
    with pytest.raises(ConfigError, match="another release of this version is being sent"):
        run_config(corpus / "m.toml", out=out, work=tmp_path / "work", crew=SYNC)


def start(corpus: Path, bucket: Bucket, *more: str) -> Fork:
    url = f"s3://{bucket.name}"
    options = ["run", "m.toml", "--out", f"{url}/r", "--work", f"{url}/w", "--executor", "sync"]
    return Fork([*options, *more], os.environ | {"TMPDIR": tempfile.mkdtemp(dir=corpus)}, corpus)


def test_ranks_of_several_machines_meet_in_a_store(corpus: Path, bucket: Bucket) -> None:
    started = [start(corpus, bucket, f"--rank={rank}", "--world=3") for rank in range(3)]
    said = [each.communicate() for each in started]
    assert [each.returncode for each in started] == [0, 0, 0], said
    assert [out.splitlines()[-1] for out, _ in said] == [f"s3://{bucket.name}/r/m-1.0.0"] * 3
    assert there(bucket, "r/m-1.0.0/") == files(corpus / "local/m-1.0.0")


def test_a_run_that_is_killed_goes_on_elsewhere(
    corpus: Path, bucket: Bucket, mirrors: Path
) -> None:
    first = start(corpus, bucket)
    work = Store(f"s3://{bucket.name}/w")
    while not [key for key, _ in work.list("screen") if key.endswith("marker.json")]:
        assert first.poll() is None
        time.sleep(0.05)
    first.kill()
    first.communicate()
    shutil.rmtree(mirrors)  # another machine has none
    mirrors.mkdir()
    again = start(corpus, bucket)
    said = again.communicate()
    assert again.returncode == 0, said
    assert there(bucket, "r/m-1.0.0/") == files(corpus / "local/m-1.0.0")


def test_two_runs_in_one_work_folder_are_refused(corpus: Path, bucket: Bucket) -> None:
    first = start(corpus, bucket)
    work = Work(Store(f"s3://{bucket.name}/w"))
    while not work.names("ranks"):
        assert first.poll() is None
        time.sleep(0.05)
    os.kill(first.pid, 19)  # SIGSTOP: it is there still, and says nothing
    os.kill(first.pid, 18)
    second = start(corpus, bucket)
    _, said = second.communicate()
    finished = first.poll() is not None
    assert second.returncode == 2 or finished, said
    assert "another run is at work here" in said or finished
    first.communicate()
    assert first.returncode == 0
