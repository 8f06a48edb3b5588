"""The same input gives the same bytes: whoever runs it, however it is cut, wherever it is interrupted."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard

from tests import local_cases

if TYPE_CHECKING:
    from conftest import Gristmill

# what must name the inputs themselves, and so may differ when the same records come in other files
ABOUT_INPUTS = (
    "ledger/decisions-",
    "manifest.json",
    "provenance.json",
    "croissant.json",
    "DATASHEET.md",
    "reports/index.html",
    "compliance/eu-ai-act",
    "compliance/california-ab2013",
)


def sums(release: Path) -> str:
    return (release / "SHA256SUMS").read_text()


def run(gristmill: Gristmill, config: Path, out: Path, *arguments: str, **environment: str) -> Path:
    done = gristmill("run", config, "--out", out, *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("workers", "folder", "anew"),
    [("1", "short", False), ("4", "short", True), ("2", "x" * 100, True)],
)
def test_local_workers(
    gristmill: Gristmill,
    corpus: Path,
    release: Path,
    tmp_path: Path,
    workers: str,
    folder: str,
    anew: bool,
) -> None:
    """Forked, or started anew where the folder for temporary files has no room for a socket's name."""
    (tmp_path / folder).mkdir()
    options = ["run", corpus / "mill.toml", "--out", tmp_path / "out", "--workers", workers]
    done = gristmill(*options, anew=anew, TMPDIR=str(tmp_path / folder))
    assert done.returncode == 0, done.stderr
    made = Path(done.stdout.splitlines()[-1])
    assert sums(made) == sums(release)


@pytest.mark.parametrize("case", ["tasks that end in any order", "3 workers killed", "3 ranks"])
def test_workers_that_wait_die_or_share_the_work(
    corpus: Path, release: Path, tmp_path: Path, case: str
) -> None:
    wanted = (release / "SHA256SUMS").read_bytes()
    local_cases.CASES[case](corpus / "mill.toml", tmp_path, wanted)


def test_a_dask_cluster_that_is_already_there(
    gristmill: Gristmill, corpus: Path, release: Path, tmp_path: Path
) -> None:
    file = tmp_path / "scheduler.json"
    dask = Path(sys.executable).with_name("dask")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    common = ["--scheduler-file", str(file)]
    scheduler = subprocess.Popen(
        [dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *common],
        **quiet,
    )
    workers = [
        subprocess.Popen(
            [
                dask,
                "worker",
                "--nthreads",
                "1",
                "--local-directory",
                str(tmp_path / str(n)),
                *common,
            ],
            **quiet,
        )
        for n in range(2)
    ]
    try:
        for _ in range(200):
            if file.exists() and file.stat().st_size:  # it is there before it is written
                break
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        made = run(
            gristmill,
            corpus / "mill.toml",
            tmp_path / "out",
            "--executor",
            "dask",
            "--scheduler",
            address,
        )
        assert sums(made) == sums(release)
    finally:
        for process in (*workers, scheduler):
            process.terminate()
        for process in (*workers, scheduler):
            process.wait(timeout=30)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "random", "TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8"},
    ],
)
def test_hash_seed_locale_and_time_zone(
    gristmill: Gristmill, corpus: Path, release: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    made = run(gristmill, corpus / "mill.toml", tmp_path, "--executor", "sync", **environment)
    assert sums(made) == sums(release)


def test_another_place_and_order_of_paths(
    gristmill: Gristmill, corpus: Path, release: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "else" / "where"
    shutil.copytree(corpus, elsewhere)
    paths = 'sources.0.paths=["code/part-2*", "code/part-0*", "code/part-1*", "code/*.zst"]'
    made = run(gristmill, elsewhere / "mill.toml", tmp_path / "a", "--executor", "sync")
    assert sums(made) == sums(release)
    shuffled = run(
        gristmill, elsewhere / "mill.toml", tmp_path / "b", "--executor", "sync", "--set", paths
    )
    quoting = {"manifest.json", "provenance.json", "DATASHEET.md", "reports/index.html"}
    assert differing(shuffled, release) <= {"config/config.json", *quoting}


def test_shuffled_and_re_cut_input(
    gristmill: Gristmill, corpus: Path, release: Path, tmp_path: Path
) -> None:
    """Every byte is the same but where the input's own files and rows are named."""
    recut = tmp_path / "recut"
    shutil.copytree(corpus / "optout", recut / "optout")
    shutil.copyfile(corpus / "mill.toml", recut / "mill.toml")
    (recut / "docs").mkdir()
    lines = {
        kind: subprocess.run(
            f"(zstdcat {kind}/*.zst; zcat {kind}/*.gz 2>/dev/null || true)",
            shell=True,
            cwd=corpus,
            capture_output=True,
            check=True,
        ).stdout.splitlines(keepends=True)
        for kind in ("code", "docs")
    }
    for each in lines.values():
        random.Random(3).shuffle(each)
    (recut / "code").mkdir()
    for number in range(7):
        blob = zstandard.compress(b"".join(lines["code"][number::7]))
        (recut / f"code/x{number}.jsonl.zst").write_bytes(blob)
    (recut / "docs/only.jsonl").write_bytes(b"".join(lines["docs"]))
    made = run(gristmill, recut / "mill.toml", tmp_path / "out", "--executor", "sync")
    different = differing(made, release)
    assert different
    assert all(path.startswith(ABOUT_INPUTS) for path in different), different


def differing(a: Path, b: Path) -> set[str]:
    first, second = ({line[66:]: line[:64] for line in sums(each).splitlines()} for each in (a, b))
    return {path for path in first.keys() | second.keys() if first.get(path) != second.get(path)}


@pytest.mark.slow
def test_killed_at_random_points_and_resumed(
    gristmill: Gristmill, corpus: Path, release: Path, tmp_path: Path
) -> None:
    """SIGKILL strikes the whole process group, so that workers die with the driver.

    benchmarks/kills.py strikes more often, and with other signals.
    """
    draw = random.Random(5)
    program = Path(sys.executable).with_name("gristmill")
    killed, attempt = 0, 0
    while killed < 6:
        attempt += 1
        assert attempt < 60
        out = tmp_path / f"out-{killed // 3}"  # a few kills on one work folder, then a fresh one
        executor = ("sync", "local")[killed % 2]
        process = subprocess.Popen(
            [
                program,
                "run",
                corpus / "mill.toml",
                "--out",
                out,
                "--executor",
                executor,
                "--workers",
                "2",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(timeout=draw.uniform(0.8, 5.0))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            assert not (out / "mill-1.0.0").exists() or sums(out / "mill-1.0.0") == sums(release)
        else:
            shutil.rmtree(out)
    for out in sorted(tmp_path.glob("out-*")):
        made = run(gristmill, corpus / "mill.toml", out, "--executor", "sync")
        assert sums(made) == sums(release)
        assert not list(out.glob(".*.partial"))
        assert not (out / ".work/mill/tmp").exists()


def test_a_finished_run_is_not_run_again(
    gristmill: Gristmill, corpus: Path, release: Path, tmp_path: Path
) -> None:
    first = run(gristmill, corpus / "mill.toml", tmp_path, "--executor", "sync")
    markers = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("marker.json")}
    again = run(gristmill, corpus / "mill.toml", tmp_path, "--executor", "sync")
    assert first == again
    assert markers == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("marker.json")}
    plan = gristmill("plan", corpus / "mill.toml", "--out", tmp_path, "--json")
    assert [json.loads(line)["done"] for line in plan.stdout.splitlines()] == [True] * 5


def test_a_changed_config_redoes_what_it_touches(
    gristmill: Gristmill, corpus: Path, tmp_path: Path
) -> None:
    run(gristmill, corpus / "mill.toml", tmp_path, "--executor", "sync")
    run(
        gristmill, corpus / "mill.toml", tmp_path, "--executor", "sync",
        "--set", "dedup.near.threshold=0.9", "--set", "release.version=2.0.0",
    )  # fmt: skip
    work = tmp_path / ".work/mill"
    count = {phase.name: len(list(phase.iterdir())) for phase in work.iterdir() if phase.is_dir()}
    assert count["screen"] == 5
    assert count["exact"] == count["order"] == 1
    assert count["resolve"] == count["place"] == 2
