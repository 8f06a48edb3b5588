"""Tasks run once, commit whole or not at all, and tell where they failed without telling what they read."""

from __future__ import annotations

import errno
import importlib
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from pipeline import release_tasks
from pipeline.config import Config, check_config
from pipeline.engine.commit import execute, finished
from pipeline.engine.crew import SYNC, Cluster, Crew, open_executor
from pipeline.engine.executor import SyncExecutor
from pipeline.engine.task import Context, Task
from pipeline.engine.work import MARKER, Work
from pipeline.errors import (
    ConfigError,
    FaultError,
    GristmillError,
    InputError,
    IntegrityError,
    LostError,
    RegistryError,
    StorageError,
    at,
)
from pipeline.plan import Input
from pipeline.policy_file import open_licenses
from pipeline.run import run_config
from pipeline.tasks import signature_of
from tests.workers import workers_of

ROOT = Path(__file__).parents[2]
TEXT = "what the document says"


class Spec(msgspec.Struct, frozen=True):
    number: int = 0
    where: str = ""


def write(spec: Spec, context: Context) -> dict[str, Any]:
    """Leave two files, and one line more in a log outside, which tells how often this ran."""
    (context.out / "a.bin").write_bytes(b"a" * spec.number)
    (context.out / "b.bin").write_bytes(b"b")
    with (context.root / "log").open("a") as log:
        log.write(f"{spec.number}\n")
    return {"number": spec.number}


def runs(root: Path) -> int:
    log = root / "log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def task(number: int = 3, **changes: Any) -> Task:
    return Task("phase", f"task-{number}", write, Spec(number))._replace(**changes)


def folder(root: Path, each: Task) -> Path:
    return root / "work" / each.phase / each.fingerprint


def test_a_task_runs_once(tmp_path: Path) -> None:
    first = execute(task(), tmp_path, Work(tmp_path / "work"))
    assert execute(task(), tmp_path, Work(tmp_path / "work")) == first
    assert runs(tmp_path) == 1
    assert [(each.name, each.size) for each in first.outputs] == [("a.bin", 3), ("b.bin", 1)]
    assert first.record == {"number": 3}
    assert not list((tmp_path / "work/tmp").iterdir())


def remove(path: Path) -> None:
    (path / "a.bin").unlink()


def truncate(path: Path) -> None:
    (path / "a.bin").write_bytes(b"aa")


def lengthen(path: Path) -> None:
    (path / "b.bin").write_bytes(b"bb")


def overwrite(path: Path) -> None:
    (path / "a.bin").write_bytes(b"xxx")
    touch(path)


def touch(path: Path) -> None:
    later = (path / MARKER).stat().st_mtime_ns + 1_000_000_000
    os.utime(path / "a.bin", ns=(later, later))


def lose_marker(path: Path) -> None:
    (path / MARKER).unlink()


def tear_marker(path: Path) -> None:
    (path / MARKER).write_bytes((path / MARKER).read_bytes()[:-20])


def empty_marker(path: Path) -> None:
    (path / MARKER).write_bytes(b"")


def foreign_marker(path: Path) -> None:
    marker = json.loads((path / MARKER).read_bytes())
    (path / MARKER).write_text(json.dumps({**marker, "fingerprint": "0" * 32}))


def odd_marker(path: Path) -> None:
    (path / MARKER).write_bytes(b'{"phase": "\xff"}')


@pytest.mark.parametrize(
    "harm",
    [
        remove,
        truncate,
        lengthen,
        overwrite,
        lose_marker,
        tear_marker,
        empty_marker,
        foreign_marker,
        odd_marker,
    ],
)
def test_a_marker_without_its_data_is_void_and_the_task_runs_again(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    first = execute(task(), tmp_path, Work(tmp_path / "work"))
    harm(folder(tmp_path, task()))
    assert finished(task(), Work(tmp_path / "work")) is None
    again = execute(task(), tmp_path, Work(tmp_path / "work"))
    assert runs(tmp_path) == 2
    assert again.outputs == first.outputs
    assert finished(task(), Work(tmp_path / "work")) == again
    assert (folder(tmp_path, task()) / "a.bin").read_bytes() == b"aaa"


def test_a_file_that_was_only_touched_is_what_was_committed(tmp_path: Path) -> None:
    first = execute(task(), tmp_path, Work(tmp_path / "work"))
    touch(folder(tmp_path, task()))
    assert execute(task(), tmp_path, Work(tmp_path / "work")) == first
    assert runs(tmp_path) == 1


def other(spec: Spec, context: Context) -> dict[str, Any]:
    return write(spec, context)


def test_the_fingerprint_follows_phase_function_and_spec_alone() -> None:
    same = [task(), task(name="x"), task(weight=9)]
    assert len({each.fingerprint for each in same}) == 1
    differ = [task(), task(4), task(phase="other"), task(function=other), task(spec=Spec(3, "x"))]
    assert len({each.fingerprint for each in differ}) == len(differ)


def config(**tables: Any) -> Config:
    source = {"name": "s", "paths": ["a.jsonl"]}
    return check_config({"release": {"name": "m"}, "sources": [source], **tables}, "test")


def screened(
    made: Config, item: Input, requests: str | None = None, evidence: str = "", decisions: str = ""
) -> str:
    licenses = open_licenses(made, Path())
    handed = release_tasks.Handed(licenses.filter, decisions, "")
    signature = signature_of(made, (item,))
    return release_tasks.screen_task(
        made, item, release_tasks.Findings(evidence, requests), handed, signature
    ).fingerprint


ITEM = Input(ordinal=0, source="s", path="a.jsonl", bytes=1, sha256="1" * 64)


def test_a_screen_depends_on_its_input_and_on_the_settings_it_reads() -> None:
    base = screened(config(), ITEM)
    touching = [
        screened(config(license={"policy": "permissive"}), ITEM),
        screened(config(redact={"level": "strict"}), ITEM),
        screened(config(quality={"filters": ["gopher"]}), ITEM),
        screened(config(dedup={"near": {"bands": 16, "rows": 8}}), ITEM),
        screened(config(limits={"max_record_mib": 1}), ITEM),
        screened(config(release={"name": "m", "shards": 8}), ITEM),
        screened(config(release={"name": "m", "seed": 8}), ITEM),
        screened(config(sources=[{"name": "s", "paths": ["a.jsonl"], "license": "MIT"}]), ITEM),
        screened(config(), msgspec.structs.replace(ITEM, sha256="2" * 64)),
        screened(config(), msgspec.structs.replace(ITEM, path="b.jsonl")),
        screened(config(), ITEM, "digest of the requests"),
        screened(config(), ITEM, evidence="digest of the places"),
        screened(config(), ITEM, decisions="digest of the decisions"),
    ]
    assert len({base, *touching}) == len(touching) + 1
    indifferent = [
        screened(config(release={"name": "other", "version": "2.0.0"}), ITEM),
        screened(config(split={"test": 0.5}), ITEM),
        screened(config(dedup={"near": {"threshold": 0.81}}), ITEM),
        screened(config(limits={"bad_records": 0.5}), ITEM),
        screened(config(sources=[{"name": "s", "paths": ["./a.jsonl", "b.jsonl"]}]), ITEM),
        screened(config(), msgspec.structs.replace(ITEM, ordinal=7)),
    ]
    assert set(indifferent) == {base}


KILLED = """
import os, signal, sys
from pathlib import Path
import msgspec
from pipeline.engine import commit
from pipeline.engine import task as engine
from pipeline.engine.work import Work

class Spec(msgspec.Struct, frozen=True):
    number: int

def write(spec, context):
    for name in ("a.bin", "b.bin"):
        (context.out / name).write_bytes(name.encode() * spec.number)
    return {"number": spec.number}

root = Path(sys.argv[1])
each = engine.Task("phase", "t", write, Spec(3))
print(each.fingerprint)
for last in range(40):  # in a child of its own: die at the n-th call that touches the disk
    work = root / str(last)
    pid = os.fork()
    if pid == 0:
        calls = 0
        def deadly(function):
            def call(*arguments, **named):
                global calls
                calls += 1
                if calls > last:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **named)
            return call
        os.fsync, os.rename, os.mkdir = deadly(os.fsync), deadly(os.rename), deadly(os.mkdir)
        commit.execute(each, root, Work(work))
        os._exit(0)
    if os.waitpid(pid, 0)[1] == 0:
        print(last)
        break
"""


def test_a_task_that_is_killed_leaves_all_or_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    fingerprint, steps = done.stdout.split()
    assert int(steps) >= 7  # the scratch folder, each file, the marker, the folders, the rename
    whole = []
    for last in range(int(steps) + 1):
        final = tmp_path / str(last) / "phase" / fingerprint
        whole.append(final.exists())
        if final.exists():
            marker = json.loads((final / MARKER).read_bytes())
            assert marker["fingerprint"] == fingerprint
            assert (final / "a.bin").read_bytes() == b"a.bin" * 3
            assert (final / "b.bin").read_bytes() == b"b.bin" * 3
    assert whole == sorted(whole)  # nothing, up to the rename, and everything from then on
    assert whole[-1]
    assert not whole[-3]


def after(error: Exception, cause: Exception) -> Exception:
    """An error that arose while another was being dealt with."""
    error.__context__ = cause
    return error


def refuse(spec: Spec, context: Context) -> dict[str, Any]:
    error, _, _ = FAULTS[spec.number]
    raise error


FAULTS: list[tuple[BaseException, type[GristmillError], str]] = [
    (ValueError(TEXT), FaultError, "ValueError"),
    (KeyError(TEXT), FaultError, "KeyError"),
    (UnicodeDecodeError("utf-8", TEXT.encode(), 0, 1, TEXT), FaultError, "UnicodeDecodeError"),
    (OSError(errno.ENOSPC, "No space", f"/data/{TEXT}"), StorageError, "no space left"),
    (OSError(errno.EROFS, "Read-only", f"/data/{TEXT}"), StorageError, "Read-only file system"),
    (OSError(errno.EIO, "Input/output error", f"/data/{TEXT}"), FaultError, "OSError: Input"),
    (OSError(errno.EIO, TEXT), FaultError, "OSError: Input"),
    (OSError(TEXT), FaultError, "OSError"),
    (after(ValueError(TEXT), OSError(errno.ENOSPC, TEXT)), StorageError, "no space left"),
    (after(ValueError(TEXT), KeyError(TEXT)), FaultError, "ValueError"),
    (SystemExit(TEXT), FaultError, "its process was told to end"),
    (RecursionError(TEXT), FaultError, "RecursionError"),
    (MemoryError(TEXT), LostError, "ran out of memory"),
    (msgspec.ValidationError(TEXT), FaultError, "ValidationError"),
    (pa.ArrowInvalid(TEXT), FaultError, "ArrowInvalid"),
    (ExceptionGroup(TEXT, [ValueError(TEXT)]), FaultError, "ExceptionGroup"),
]


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_an_unexpected_fault_names_the_place_and_quotes_nothing(
    tmp_path: Path, number: int
) -> None:
    each = Task("phase", "in.jsonl", refuse, Spec(number))
    with pytest.raises(GristmillError) as caught:
        execute(each, tmp_path, Work(tmp_path / "work"))
    error = caught.value
    _, kind, said = FAULTS[number]
    assert type(error) is kind
    assert str(error).startswith("phase: in.jsonl: ")
    assert said in str(error)
    for shown in (str(error), repr(error), "".join(traceback.format_exception(error))):
        assert TEXT not in shown
    # a cluster pickles what an error arose from along with it
    assert error.__context__ is None
    assert b"says" not in pickle.dumps(error)
    assert not list((tmp_path / "work/tmp").iterdir())
    assert not folder(tmp_path, each).exists()


def test_an_unexpected_fault_is_placed_in_the_line_that_raised_it(tmp_path: Path) -> None:
    with pytest.raises(
        GristmillError, match=r"unexpected ValueError at test_engine\.py:\d+ \(refuse\)"
    ):
        execute(Task("phase", "t", refuse, Spec(0)), tmp_path, Work(tmp_path / "work"))


def bad_input(spec: Spec, context: Context) -> dict[str, Any]:
    raise InputError(at("read", "in.jsonl", "cannot be read", line=spec.number))


def test_an_error_raised_on_purpose_comes_through_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^read: in\.jsonl:4: cannot be read$"):
        execute(Task("phase", "t", bad_input, Spec(4)), tmp_path, Work(tmp_path / "work"))


@pytest.mark.parametrize(
    "kind",
    [
        GristmillError,
        FaultError,
        LostError,
        StorageError,
        ConfigError,
        InputError,
        IntegrityError,
        RegistryError,
    ],
)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_survive_pickle(kind: type[GristmillError], protocol: int) -> None:
    error = kind(at("read", "in.jsonl", "wrong", line=3))
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is kind
    assert str(again) == str(error) == "read: in.jsonl:3: wrong"
    assert again.exit_code == error.exit_code
    assert again.__dict__ == error.__dict__
    assert {each.exit_code for each in GristmillError.__subclasses__()} == {1, 2, 3, 4, 5}


MEET = threading.Barrier(4)


def meet(spec: Spec, context: Context) -> dict[str, Any]:
    (context.out / "a.bin").write_bytes(b"a" * 5000)
    MEET.wait(timeout=20)
    return {}


@pytest.mark.parametrize("void", [False, True])
def test_twins_of_a_task_end_in_one_result(tmp_path: Path, void: bool) -> None:
    """A cluster may run a task twice at once; whoever is later takes what is there."""
    work = Work(tmp_path / "work")
    for attempt in range(15):
        each = Task("phase", "t", meet, Spec(attempt))
        if void:
            folder(tmp_path, each).mkdir(parents=True)
            (folder(tmp_path, each) / "a.bin").write_bytes(b"half")
        results: list[Any] = []

        def run_one(each: Task = each, results: list[Any] = results) -> None:
            try:
                results.append(execute(each, tmp_path, work))
            except GristmillError as error:
                results.append(error)

        threads = [threading.Thread(target=run_one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not [result for result in results if isinstance(result, GristmillError)]
        assert len({marker.outputs for marker in results}) == 1
        assert finished(each, work) is not None


def mixed(spec: Spec, context: Context) -> dict[str, Any]:
    if spec.number % 3 == 1:
        raise InputError(f"number {spec.number}")
    return write(spec, context)


def test_in_one_process_a_failed_task_stops_no_other(tmp_path: Path) -> None:
    every = [Task("phase", f"{n}", mixed, Spec(n)) for n in range(8)]
    done: list[str] = []
    errors = SyncExecutor().run(
        every, tmp_path, Work(tmp_path / "work"), lambda each, _: done.append(each.name)
    )
    assert [str(failed.error) for failed in errors] == ["number 1", "number 4", "number 7"]
    assert done == ["0", "2", "3", "5", "6"]


@pytest.mark.parametrize(("name", "scheduler"), [("local", "tcp://x:1"), ("dask", None)])
def test_executor_and_scheduler_must_go_together(
    tmp_path: Path, name: Any, scheduler: str | None
) -> None:
    with (
        pytest.raises(ConfigError, match="--scheduler"),
        open_executor(Crew(name, 1, Cluster(scheduler)), Work(tmp_path)),
    ):
        pass


# From here on with real worker processes. They import what they run, so it lies in a module.

WORKER_TASKS = """
import os, signal, time
import msgspec
from pathlib import Path

class Spec(msgspec.Struct, frozen=True):
    number: int
    kind: str = "slow"

def work(spec, context):
    (context.root / f"began-{spec.number}").touch()
    if spec.kind == "raise":
        raise ValueError("what the document says")
    if spec.kind == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.25)
    (context.out / "out.bin").write_bytes(b"%d" % spec.number * 1000)
    return {"pid": os.getpid()}
"""


@pytest.fixture(scope="module")
def worker_tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    home = tmp_path_factory.mktemp("modules")
    (home / "mill_worker_tasks.py").write_text(WORKER_TASKS)
    sys.path.insert(0, str(home))  # a worker process is started with the path of this one
    yield importlib.import_module("mill_worker_tasks")
    sys.path.remove(str(home))


@pytest.fixture(scope="module")
def cluster(worker_tasks: ModuleType) -> Iterator[Any]:
    from pipeline.engine.local_cluster import local_cluster

    with local_cluster(2) as client:
        yield client


def jobs(worker_tasks: ModuleType, kinds: list[str], first: int = 0) -> list[Task]:
    return [
        Task("phase", f"t{n}", worker_tasks.work, worker_tasks.Spec(n, kind), weight=n)
        for n, kind in enumerate(kinds, first)
    ]


def outputs(done: dict[str, Any]) -> dict[str, Any]:
    return {name: marker.outputs for name, marker in done.items()}


def run_all(executor: Any, every: list[Task], root: Path) -> tuple[dict[str, Any], list[Any]]:
    done: dict[str, Any] = {}
    errors = executor.run(
        every, root, Work(root / "work"), lambda each, marker: done.update({each.name: marker})
    )
    return done, errors


def living(cluster: Any) -> list[int]:
    """The process ids of both workers; another test may just have killed one, so this waits for it."""
    for _ in range(300):
        found = list(cluster.run(os.getpid, on_error="ignore").values())
        if len(found) == 2:
            return found
        time.sleep(0.1)
    pytest.fail("the workers did not come back")


def test_a_worker_that_is_killed_costs_nothing_but_time(
    tmp_path: Path, worker_tasks: ModuleType, cluster: Any
) -> None:
    from pipeline.engine.dask_executor import DaskExecutor

    every = jobs(worker_tasks, ["slow"] * 10)
    victims = living(cluster)
    done: dict[str, Any] = {}

    def on_done(each: Task, marker: Any) -> None:
        done[each.name] = marker
        if len(done) == 2:
            os.kill(victims[0], signal.SIGKILL)

    errors = DaskExecutor(cluster).run(every, tmp_path, Work(tmp_path / "work"), on_done)
    assert errors == []
    assert victims[0] not in living(cluster)
    quiet = tmp_path / "alone"
    quiet.mkdir()
    alone, _ = run_all(SyncExecutor(), every, quiet)
    assert outputs(done) == outputs(alone)
    assert len(done) == 10


def test_on_workers_a_task_that_raises_stops_no_other(
    tmp_path: Path, worker_tasks: ModuleType, cluster: Any
) -> None:
    from pipeline.engine.dask_executor import DaskExecutor

    every = jobs(worker_tasks, ["slow", "raise", "slow", "raise", "slow"], first=100)
    done, errors = run_all(DaskExecutor(cluster), every, tmp_path)
    assert sorted(done) == ["t100", "t102", "t104"]
    assert [str(each.error).partition(" (")[0].rpartition(":")[0] for each in errors] == [
        f"phase: {name}: unexpected ValueError at commit.py" for name in ("t101", "t103")
    ]
    assert not [each for each in errors if TEXT in str(each.error)]


@pytest.mark.timeout(120)  # nobody waits for a result that died with its worker
def test_a_task_that_kills_its_worker_each_time_takes_no_other_down(
    tmp_path: Path, worker_tasks: ModuleType, cluster: Any
) -> None:
    from pipeline.engine.dask_executor import DaskExecutor

    every = jobs(worker_tasks, ["slow", "slow", "die", "slow", "slow"], first=200)
    done, errors = run_all(DaskExecutor(cluster), every, tmp_path)
    assert sorted(done) == ["t200", "t201", "t203", "t204"]
    assert [str(each.error) for each in errors] == [
        "phase: t202: the worker died each time it tried this task"
    ]


def big_records(count: int) -> list[str]:
    return [
        json.dumps({"id": f"r{n}", "text": " ".join(f"word{n * 7 + each}" for each in range(400))})
        for n in range(count)
    ]


def test_a_run_whose_workers_are_killed_makes_the_same_release(tmp_path: Path) -> None:
    for number in range(6):
        path = tmp_path / f"in/{number}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(big_records(300)[number::6]) + "\n")
    (tmp_path / "m.toml").write_text(
        '[release]\nname = "m"\nshards = 4\n[[sources]]\nname = "s"\npaths = ["in"]\n'
    )
    quiet = run_config(tmp_path / "m.toml", out=tmp_path / "quiet", crew=SYNC).release
    before = {each.pid for each in workers_of(os.getpid())}  # of a cluster that other tests share
    killed: list[int] = []
    over = threading.Event()
    tmp = tmp_path / "out/.work/m/tmp"

    def kill_some() -> None:
        while not over.is_set() and len(killed) < 2:
            at_work = [path for path in tmp.glob("*") if path.is_dir()] if tmp.exists() else []
            known = {*before, *killed}
            alive = [each.pid for each in workers_of(os.getpid()) if each.pid not in known]
            if at_work and alive:
                os.kill(alive[0], signal.SIGKILL)
                killed.append(alive[0])
                time.sleep(0.5)

    killer = threading.Thread(target=kill_some)
    killer.start()
    try:
        made = run_config(tmp_path / "m.toml", out=tmp_path / "out", crew=Crew(workers=2)).release
    finally:
        over.set()
        killer.join()
    assert killed
    assert {each.pid for each in workers_of(os.getpid())} <= before
    assert (made / "SHA256SUMS").read_bytes() == (quiet / "SHA256SUMS").read_bytes()
    shutil.rmtree(tmp_path / "out")
