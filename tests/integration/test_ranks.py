"""Ranks: equal processes that share a run through the work folder, and do without whoever dies."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from pipeline.engine import ranks
from pipeline.engine.crew import SYNC
from pipeline.engine.executor import SyncExecutor
from pipeline.engine.ranks import Board, RankExecutor
from pipeline.engine.work import Work
from pipeline.errors import GristmillError
from pipeline.run import run_config
from tests.command import Fork
from tests.quiz import SOURCE, write_quiz


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight shards of documents, some of them equal or alike, and what one process makes of them."""
    root = tmp_path_factory.mktemp("ranks")
    (root / "in").mkdir()
    for shard in range(8):
        lines = [
            json.dumps({"text": " ".join(f"word{(n * 13 + each) % 900}" for each in range(300))})
            for n in range(shard * 40, shard * 40 + 60)
        ]
        (root / f"in/{shard}.jsonl").write_text("\n".join(lines) + "\n")
    write_quiz(root, *(" ".join(f"word{n * 17 + each}" for each in range(30)) for n in range(3)))
    (root / "m.toml").write_text(
        '[release]\nname = "m"\nshards = 4\n[[sources]]\nname = "s"\npaths = ["in"]\n'
        f"[split]\nvalidation = 0.1\n{SOURCE}"
    )
    run_config(root / "m.toml", out=root / "sync", crew=SYNC)
    return root


def start(corpus: Path, out: Path, rank: int, world: int, *more: str) -> Fork:
    options = ["run", "m.toml", "--out", str(out), "--executor", "sync", *more]
    ranks_ = [f"--rank={rank}", f"--world={world}"]
    return Fork([*options, *ranks_], dict(os.environ), corpus)


def sums(out: Path) -> bytes:
    return (out / "m-1.0.0/SHA256SUMS").read_bytes()


def test_three_ranks_make_what_one_process_makes(corpus: Path, tmp_path: Path) -> None:
    started = [start(corpus, tmp_path, rank, 3) for rank in range(3)]
    said = [each.communicate() for each in started]
    assert [each.returncode for each in started] == [0, 0, 0], said
    assert sums(tmp_path) == sums(corpus / "sync")
    release = str(tmp_path / "m-1.0.0")
    assert [out.splitlines()[-1] for out, _ in said] == [release] * 3
    work = tmp_path / ".work/m"
    notes = [json.loads(path.read_bytes()) for path in sorted((work / "ranks").iterdir())]
    assert [note["rank"] for note in notes] == [0, 1, 2]
    assert sum(note["done"] > 0 for note in notes) == 3
    assert not (work / "tmp").exists()
    assert not (work / "claims").exists()


def test_a_rank_that_is_killed_is_done_without(corpus: Path, tmp_path: Path) -> None:
    started = [start(corpus, tmp_path, rank, 3) for rank in range(3)]
    screens = tmp_path / ".work/m/screen"
    while not list(screens.glob("*/marker.json")):
        assert started[1].poll() is None
        time.sleep(0.01)
    started[0].kill()
    said = [each.communicate() for each in started]
    assert started[0].returncode == -signal.SIGKILL
    assert [each.returncode for each in started[1:]] == [0, 0], said
    assert sums(tmp_path) == sums(corpus / "sync")


def test_a_rank_alone_goes_on_with_what_others_left(corpus: Path, tmp_path: Path) -> None:
    first = start(corpus, tmp_path, 1, 2)
    screens = tmp_path / ".work/m/screen"
    while not list(screens.glob("*/marker.json")):
        time.sleep(0.01)
    first.kill()
    first.communicate()
    again = start(corpus, tmp_path, 0, 2)
    said = again.communicate()
    assert again.returncode == 0, said
    assert sums(tmp_path) == sums(corpus / "sync")


def test_what_fails_in_one_rank_fails_in_all(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/0.jsonl").write_text('{"text": "a"}\n{"text": \n')
    (tmp_path / "in/1.jsonl").write_text('{"text": "b"}\n')
    (tmp_path / "m.toml").write_text((corpus / "m.toml").read_text())
    shutil.copy(corpus / "quiz.json", tmp_path)
    started = [start(tmp_path, tmp_path / "out", rank, 2) for rank in range(2)]
    said = [each.communicate()[1] for each in started]
    assert [each.returncode for each in started] == [3, 3], said
    assert all("in/0.jsonl:2" in each for each in said)
    assert not (tmp_path / "out/m-1.0.0").exists()


def test_a_run_beside_ranks_is_refused(corpus: Path, tmp_path: Path) -> None:
    rank = start(corpus, tmp_path, 0, 1)
    while not (tmp_path / ".work/m/ranks/0.json").exists():
        time.sleep(0.01)
    # a fork begins at once: the rank has not ended by then
    beside = Fork(["run", "m.toml", "--out", str(tmp_path)], dict(os.environ), corpus)
    errors = beside.communicate()[1]
    assert beside.returncode == 2, errors
    assert "another run is at work here" in errors
    rank.communicate()
    assert rank.returncode == 0


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rank notes go stale at once: the test need not wait a minute."""
    monkeypatch.setattr(ranks, "_BEAT", 0.02)
    monkeypatch.setattr(ranks, "_FRESH", 0.0)


@pytest.mark.usefixtures("hasty")
def test_a_claim_is_of_one_rank_until_that_is_dead(tmp_path: Path) -> None:
    work = Work(tmp_path)
    one, two = Board(work, 0, 2), Board(work, 1, 2)
    one.post()
    two.post()
    assert one.claim("task")
    assert one.claim("task")
    assert not two.claim("task")
    for _ in range(40):  # as long as it says that it lives
        one.post()
        assert not two.claim("task")
        time.sleep(0.02)
    time.sleep(0.5)
    assert two.claim("task")


@pytest.mark.usefixtures("hasty")
def test_a_rank_that_is_started_again_frees_what_it_had(tmp_path: Path) -> None:
    work = Work(tmp_path)
    first, other = Board(work, 0, 2), Board(work, 1, 2)
    first.post()
    assert first.claim("task")
    assert not other.claim("task")
    second = Board(work, 0, 2)
    second.post()
    assert other.claim("task")
    assert not second.claim("task")


@pytest.mark.usefixtures("hasty")
def test_two_that_find_a_rank_dead_do_not_both_take_what_it_had(tmp_path: Path) -> None:
    work = Work(tmp_path)
    one, two, three = (Board(work, number, 3) for number in range(3))
    one.post()
    assert one.claim("task")
    assert not three.claim("task")
    one.note.ended = True
    one.post()
    two.post()
    three.post()
    assert two.claim("task")
    assert not three.claim("task")


def test_no_claim_is_left_by_a_run_that_has_ended_well(tmp_path: Path) -> None:
    work = Work(tmp_path)
    dead, one = Board(work, 0, 2), Board(work, 1, 2)
    dead.post()
    assert dead.claim("task")
    with pytest.raises(GristmillError), one.beating():
        raise GristmillError("another may go on")
    assert work.names("claims") == {"task"}
    with Board(work, 1, 2).beating():
        pass
    assert not work.names("claims")


@pytest.mark.usefixtures("hasty")
def test_what_a_rank_has_done_before_it_ended_is_not_done_again(tmp_path: Path) -> None:
    work = Work(tmp_path)
    first, late = Board(work, 0, 2), Board(work, 1, 2)
    with first.beating():
        assert RankExecutor(SyncExecutor(), first, 1).once("seal", lambda: "there") == "there"
    assert RankExecutor(SyncExecutor(), late, 1).once("seal", lambda: "again") == "there"
