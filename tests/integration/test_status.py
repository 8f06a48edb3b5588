"""Whoever looks at a work folder sees how its run stands: while it goes on, after it has ended, after it was killed."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import check_config
from pipeline.engine.crew import Crew
from pipeline.engine.executor import SyncExecutor
from pipeline.engine.task import Context, Task
from pipeline.engine.work import Work
from pipeline.job import Job, run_tasks
from pipeline.policy_file import Licenses
from pipeline.store import Store
from pipeline.watch import event_log
from pipeline.watch.event_log import EventLog
from pipeline.watch.forecast import TYPICAL
from pipeline.watch.run_log import log_names
from pipeline.watch.status import read_status
from pipeline.watched import watched
from pipeline.work_folder import hold
from tests.command import Fork
from tests.conftest import Ask, Bucket

ROOT = Path(__file__).parents[2]
COMMAND = "import sys; from pipeline.cli.app import main; sys.exit(main())"
WHISPER = "the miller whispers"

Rows = list[dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six shards, one of them with a bad line."""
    (tmp_path / "in").mkdir()
    for shard in range(6):
        lines = [
            json.dumps(
                {"text": f"{WHISPER} " + " ".join(f"w{(n * 7 + k) % 500}" for k in range(99))}
            )
            for n in range(shard * 40, shard * 40 + 50)
        ]
        (tmp_path / f"in/{shard}.jsonl").write_text("\n".join([*lines, "{}"[: shard % 2]]) + "\n")
    (tmp_path / "m.toml").write_text(
        '[release]\nname = "m"\nshards = 2\n[[sources]]\nname = "s"\npaths = ["in"]\n'
        "[limits]\nbad_records = 0.5\n"
    )
    return tmp_path


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", COMMAND, "run", "m.toml", *more],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def fork(folder: Path, *more: str) -> Fork:
    """Start a run that has no workers."""
    return Fork(["run", "m.toml", "--executor", "sync", *more], dict(os.environ), folder)


def events(work: Path) -> list[Rows]:
    """Every log of a work folder, the oldest first."""
    return [
        [json.loads(line) for line in path.read_text().splitlines()]
        for path in sorted((work / "log").glob("*.jsonl"))
    ]


def test_a_run_is_followed_killed_resumed_and_finished(folder: Path, ask: Ask) -> None:
    work = folder / "out/.work/m"
    process = start(folder, "--workers", "2")
    while not list(work.glob("survey/*/marker.json")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    running = ask("status", work, "--json").row()
    assert (running["state"], running["name"], running["pid"]) == ("running", "m", process.pid)
    assert 0 <= running["share"] < 1
    assert "m 1.0.0: running" in ask("status", work).out
    while not list(work.glob("screen/*/marker.json")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    killed = ask("status", work, "--json").row()
    assert killed["state"] == "stopped"
    assert running["share"] <= killed["share"] < 1
    assert killed["left_seconds"] is None
    assert killed["exit"] is None
    assert "run the same command again" in ask("status", work).out

    said = start(folder, "--workers", "2")
    out, err = said.communicate()
    assert said.returncode == 0, err
    ended = ask("status", work, "--json").row()
    assert (ended["state"], ended["share"], ended["exit"]) == ("finished", 1.0, 0)
    assert ended["release"] == out.splitlines()[-1]
    phases = {phase["phase"]: phase for phase in ended["phases"]}
    assert "warm" in phases  # some tasks are left
    assert list(phases)[-1] == "seal"
    assert all(phase["done"] == phase["tasks"] for phase in ended["phases"])
    assert phases["survey"]["found"] == 6
    assert ended["put_aside"]["bad_records"] == 3
    assert sum(each["tasks"] for each in ended["workers"]) == sum(
        phase["tasks"] - phase["found"] for phase in ended["phases"]
    )
    table = ask("status", work).out
    assert "m 1.0.0: finished" in table
    assert "put aside: 3 bad records" in table
    assert "dashboard: http://127.0.0.1:" in err
    assert (
        f"survey: 6/6 in {err.partition('survey: 6/6 in ')[2].split()[0]} s, 6 of them before"
        in err
    )

    first, second = events(work)
    assert "end" not in {event["event"] for event in first}
    assert second[0]["event"] == "run"
    assert second[-1]["event"] == "end"
    page = (work / ended["page"]).read_text()
    for text in (page, json.dumps([first, second]), table):
        assert WHISPER not in text
    assert page.count("<script>") == 1


def test_a_run_that_fails_says_why(folder: Path, ask: Ask) -> None:
    (folder / "in/9.jsonl").write_text("no JSON\n" * 400)
    process = fork(folder)
    _, err = process.communicate()
    assert process.returncode == 3
    status = ask("status", folder / "out/.work/m", "--json").row()
    assert (status["state"], status["exit"], status["release"]) == ("failed", 3, "")
    assert status["problem"].splitlines()[0] in err
    assert "no JSON" not in json.dumps(events(folder / "out/.work/m"))
    assert "failed" in ask("status", folder / "out/.work/m").out


def test_a_run_that_is_asked_to_end_says_so(folder: Path, ask: Ask) -> None:
    work = folder / "out/.work/m"
    process = start(folder, "--executor", "sync")
    while not list(work.glob("survey/*/marker.json")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    status = ask("status", work, "--json").row()
    assert (status["state"], status["exit"]) == ("interrupted", 143)
    assert process.returncode == 143


def test_ranks_are_one_run(folder: Path, ask: Ask) -> None:
    started = [fork(folder, f"--rank={n}", "--world=2") for n in range(2)]
    said = [each.communicate() for each in started]
    assert [each.returncode for each in started] == [0, 0], said
    status = ask("status", folder / "out/.work/m", "--json").row()
    assert status["state"] == "finished"
    assert [note["rank"] for note in status["ranks"]] == [0, 1]
    assert len(status["logs"]) == 2
    assert all(phase["done"] == phase["tasks"] for phase in status["phases"])
    assert {each["pid"] for each in status["workers"]} <= {each.pid for each in started}
    screens = next(phase for phase in status["phases"] if phase["phase"] == "screen")
    assert screens["tasks"] == 6
    assert "ranks, of 2" in ask("status", folder / "out/.work/m").out


def test_the_next_run_expects_what_the_last_one_took(folder: Path) -> None:
    for _ in range(2):
        process = fork(folder)
        assert "m-1.0.0" in process.communicate()[0]
    first, second = events(folder / "out/.work/m")
    assert {phase for phase, _, _ in first[0]["steps"]} <= {cost.phase for cost in TYPICAL}
    told = [(event["phase"], 1) for event in first if event["event"] == "phase" and event["tasks"]]
    assert [(phase, turn) for phase, turn, _ in second[0]["steps"]] == [*told, ("seal", 1)]
    took = {event["phase"]: 0.0 for event in first if event["event"] == "task"}
    for event in first:
        if event["event"] == "task":
            took[event["phase"]] += event["seconds"]
    steps = {phase: seconds for phase, _, seconds in second[0]["steps"]}
    assert took["screen"] <= steps["screen"] + 1e-3


def test_what_is_no_work_folder_is_refused(tmp_path: Path, ask: Ask) -> None:
    said = ask("status", tmp_path)
    assert said.code == 2
    assert "is no work folder" in said.err
    with hold(Work(tmp_path / "work")):
        said = ask("status", tmp_path / "work")
    assert (said.code, said.out) == (0, f"{tmp_path / 'work'}: no run has left a log here\n")


def write(spec: Any, context: Context) -> dict[str, Any]:
    (context.out / "a").write_bytes(b"a" * 10)
    return {"bad": 2}


def config() -> Any:
    table = {"release": {"name": "n"}, "sources": [{"name": "s", "paths": ["x"]}]}
    return check_config(table, "test")


def act(work: Work, root: Path, crew: Crew) -> None:
    """Run a phase of two tasks as a run does."""
    with watched(work, config(), crew, TYPICAL) as reporter:
        executor = SyncExecutor()
        reporter.follow(executor)
        job = Job(config(), root, root, work, (), None, Licenses(), executor, reporter, 1 << 30)
        for phase in ("screen", "emit"):
            run_tasks(job, phase, [Task(phase, "one", write, config().release, 5)])


def test_a_log_in_a_store_is_put_there_while_the_run_goes_on(
    bucket: Bucket, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "_PUT_SECONDS", 0.05)
    monkeypatch.setattr(event_log, "BEAT_SECONDS", 0.05)
    store = Store(f"{bucket.url}/work")
    work = Work(store, "test")
    log = EventLog(work)
    log.write("run", name="n", version="1", steps=[], host="elsewhere")
    while not log_names(work):
        time.sleep(0.02)
    assert read_status(store).state == "running"
    while len((work.look("log", log.path.name) or b"").splitlines()) < 3:
        time.sleep(0.02)
    assert b'"beat"' in (work.look("log", log.path.name) or b"")
    log.close()
    act(work, tmp_path, Crew("sync"))
    status = ask("status", store.url, "--json").row()
    assert status["state"] == "finished"
    assert [phase["done"] for phase in status["phases"]] == [1, 1]
    assert status["put_aside"]["bad_records"] == 4
    assert store.read(status["page"]) is not None
    work.forget_mirror()


def test_a_terminal_shows_the_whole_run_above_its_phases(folder: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", COMMAND, "run", "m.toml", "--executor", "sync"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120", "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # Linux tells the end of a terminal so
        while data := os.read(ours, 1 << 16):
            shown += data
    os.close(ours)
    assert process.wait() == 0
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", shown.decode())
    rows = [line.split() for line in plain.splitlines() if line.strip()]
    shares = [int(row[row.index("%") - 1]) for row in rows if row[0] == "all" and "%" in row]
    # two threads draw: where the machine is busy a frame may come behind one that was drawn a moment later
    steady = [
        share
        for before, share, after in zip(shares, shares[1:], shares[2:], strict=False)
        if not share < before <= after
    ]
    assert steady == sorted(steady)
    assert shares[0] == 0
    assert shares[-1] == 100
    assert any(row[0] == "screen" and "6/6" in row for row in rows)
    assert not any("None" in row for row in rows)
