"""A mix of a real release, counted and written: sizes as promised, the release's own lines, the same bytes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from manifests.addressing import address, in_fraction
from manifests.manifest import decode
from manifests.mix import addresses, limits_of
from manifests.mix_account import decode as decode_mix
from pipeline.catalog import read_lines
from pipeline.cli.app import main
from pipeline.mix import measure, write

ROOT = Path(__file__).parents[2]
KINDS = ("code", "web")
SMALL = """
[release]
name = "small"
shards = 4

[[sources]]
name = "python-code"
paths = ["texts/code"]

[[sources]]
name = "python-docs"
paths = ["texts/web"]

[dedup]
near = false

[redact]
level = "off"
"""
RECIPE = """
[mix]
name = "halves"
shards = 2

[mix.epochs]
python-code = 1.5
python-docs = 0.5
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 60 documents of each kind, a release of them, and a recipe."""
    folder = tmp_path_factory.mktemp("mix")
    for kind in KINDS:
        lines = [
            {
                "id": f"{kind}/{n}",
                "text": f"{kind} {n}: {n * n} " + f"{kind}-{n} é " * (n % 7),
                "license": "MIT",
            }
            for n in range(60)
        ]
        (folder / "texts" / kind).mkdir(parents=True)
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        (folder / "texts" / kind / "a.jsonl").write_text(text, encoding="utf-8")
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    (folder / "halves.toml").write_text(RECIPE, encoding="utf-8")
    out = ["--out", str(folder), "--executor", "sync"]
    assert main(["run", str(folder / "small.toml"), *out]) == 0
    return folder


def lines_of(folder: Path) -> list[bytes]:
    found: list[bytes] = []
    for path in sorted(folder.glob("mix-*.jsonl.zst")):
        with path.open("rb") as file:
            reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            found += reader.readall().split(b"\n")[:-1]
    return found


def made(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["mix", *map(str, arguments), "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_mix_is_the_lines_of_the_release_by_the_rule(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = place / "small-1.0.0"
    folder = Path(made(capsys, release, place / "halves.toml", "--out", tmp_path)["path"])
    epochs = {"python-code": Fraction(3, 2), "python-docs": Fraction(1, 2)}
    expected = []
    for line in read_lines(release):
        record = json.loads(line)
        limits = limits_of(epochs[record["source"]])
        expected += [(where, line) for where in addresses(0, limits, record["id"])]
    assert lines_of(folder) == [line for _, line in sorted(expected)]
    mix = decode_mix((folder / "mix.json").read_bytes())
    texts = [json.loads(line) for line in lines_of(folder)]
    for share in mix.sources:
        mine = [each["text"] for each in texts if each["source"] == share.name]
        assert share.mixed.documents == len(mine)
        assert share.mixed.bytes == sum(len(text.encode()) for text in mine)
        assert share.mixed.characters == sum(map(len, mine))
        assert share.epochs == float(epochs[share.name])
    assert mix.mixed.documents == len(texts) == sum(file.records or 0 for file in mix.files)
    assert mix.release.content_root == decode((release / "manifest.json").read_bytes()).content_root
    assert sum(share.weight for share in mix.sources) == pytest.approx(1)


def test_what_is_written_checks_and_reads_everywhere(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = place / "small-1.0.0"
    folder = Path(made(capsys, release, place / "halves.toml", "--out", tmp_path)["path"])
    subprocess.run(["sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, check=True)
    listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert {path.name for path in folder.iterdir()} == listed | {"SHA256SUMS"}
    ids = [json.loads(line)["id"] for line in lines_of(folder)]
    rows = duckdb.read_json(f"{folder}/mix-*.jsonl.zst", format="newline_delimited")
    assert Counter(row[0] for row in rows.select("id").fetchall()) == Counter(ids)


def test_the_bytes_are_the_same_whoever_counts(
    place: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release, recipe = place / "small-1.0.0", place / "halves.toml"
    one = made(capsys, release, recipe, "--out", tmp_path / "1", "--workers", "1")
    monkeypatch.setattr(measure, "_WORTH_A_PROCESS", 0)
    two = made(capsys, release, recipe, "--out", tmp_path / "2", "--workers", "2")
    assert bytes_of(Path(one["path"])) == bytes_of(Path(two["path"]))
    assert one["mix"] == two["mix"] == made(capsys, release, recipe)["mix"]


def test_a_fraction_is_a_sample_of_the_documents_and_reads_no_other_shard(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release, recipe = tmp_path / "release", place / "halves.toml"
    shutil.copytree(place / "small-1.0.0", release)
    whole = Path(made(capsys, release, recipe, "--out", tmp_path / "1")["path"])
    for path in release.glob("data/*/*-0000[23]-of-*"):
        path.write_bytes(b"")
    folder = Path(
        made(capsys, release, recipe, "--out", tmp_path / "2", "--fraction", "0.4")["path"]
    )
    names = {line: json.loads(line)["id"] for line in lines_of(whole)}
    seed = decode((release / "manifest.json").read_bytes()).build.seed
    expected = [
        line for line in lines_of(whole) if in_fraction(address(seed, names[line]), Fraction(2, 5))
    ]
    assert lines_of(folder) == expected
    assert 0 < len(expected) < len(lines_of(whole))
    assert decode_mix((folder / "mix.json").read_bytes()).fraction == "2/5"


def test_the_recipe_of_the_demo_runs(
    place: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    demo = ROOT / "configs/mixes/demo.toml"
    told = made(capsys, place / "small-1.0.0", demo, "--out", tmp_path)
    code, docs = told["mix"]["sources"]
    assert code["epochs"] == 1
    assert docs["epochs"] * docs["there"]["words"] * 9 == pytest.approx(code["there"]["words"])
    # the epochs that it found can be written down: the same mix, by another recipe
    pinned = tmp_path / "pinned.toml"
    epochs = "".join(f"{share['name']} = {share['epochs']!r}\n" for share in (code, docs))
    pinned.write_text(f'[mix]\nname = "pinned"\nunit = "words"\n[mix.epochs]\n{epochs}')
    again = Path(made(capsys, place / "small-1.0.0", pinned, "--out", tmp_path)["path"])
    assert lines_of(again) == lines_of(Path(told["path"]))


def test_nothing_is_left_of_a_mix_that_failed(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = tmp_path / "release"
    shutil.copytree(place / "small-1.0.0", release)
    victim = max(release.glob("data/*/train-*"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    arguments = ["mix", str(release), str(place / "halves.toml"), "--out", str(tmp_path / "out")]
    assert main(arguments) == 4
    assert victim.name in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_mix_is_not_written_over_another(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release, recipe = place / "small-1.0.0", place / "halves.toml"
    made(capsys, release, recipe, "--out", tmp_path)
    assert main(["mix", str(release), str(recipe), "--out", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["halves-small-1.0.0"]
    sample = made(capsys, release, recipe, "--out", tmp_path, "--fraction", "1/4")["path"]
    assert Path(sample) == tmp_path / "halves-small-1.0.0-sample-1-of-4"
    assert (
        main(["mix", str(release), str(recipe), "--out", str(tmp_path), "--fraction", "0.25"]) == 2
    )
    assert "is there already" in capsys.readouterr().err


def test_the_order_is_the_same_however_many_shards(
    place: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release, free = place / "small-1.0.0", tmp_path / "free.toml"
    free.write_text(RECIPE.replace("shards = 2", ""), encoding="utf-8")
    one = Path(made(capsys, release, free, "--out", tmp_path / "1")["path"])
    monkeypatch.setattr(write, "_SHARD_BYTES", 5_000)
    many = Path(made(capsys, release, free, "--out", tmp_path / "2")["path"])
    assert len(list(one.glob("mix-*"))) == 1
    assert len(list(many.glob("mix-*"))) >= 8
    assert lines_of(one) == lines_of(many)


def test_shards_that_would_not_fit_in_memory_are_refused(
    place: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(write, "_MOST_BYTES", 1_000)
    arguments = [str(place / "small-1.0.0"), str(place / "halves.toml"), "--out", str(tmp_path)]
    assert main(["mix", *arguments]) == 2
    assert "mix.shards: 2 shards of" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_sample_has_the_epochs_of_the_whole(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = ROOT / "configs/mixes/demo.toml"
    whole, sample = (
        made(capsys, place / "small-1.0.0", demo, *more)["mix"]
        for more in ((), ("--fraction", "1/3"))
    )
    assert [each["epochs"] for each in whole["sources"]] == [
        each["epochs"] for each in sample["sources"]
    ]
    assert sample["there"]["documents"] < whole["there"]["documents"]
