"""What the benchmarks of the engine reduce their samples to is right where it can be worked out by hand."""

import ast
import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pipeline.engine.task import Marker
from pipeline.job import run_tasks

Load = Callable[[str], ModuleType]
FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


def nap(worker: int, began: float, ended: float) -> Marker:
    record = {"worker": worker, "process": 1, "began": began, "ended": ended}
    return Marker("nap", "n", "f", (), record, 0.0, 0)


def test_gaps_are_those_of_one_worker_and_shares_are_over_wall_seconds(script: Load) -> None:
    done = [nap(1, 0, 10), nap(2, 0, 12), nap(1, 11, 20), nap(2, 15, 25), nap(1, 22, 30)]
    rows = np.array([(float(t), t * 0.2, t * 0.1, t * 1.0) for t in range(31)])
    found = script("scheduler").steady(rows, done, 5.0)
    assert found["busy"] == pytest.approx(0.2)
    assert found["gap_ms"] == pytest.approx(2000.0)  # of 1, 2 and 3 seconds
    assert found["rate"] == pytest.approx(3 / 17)  # three ended from 5 up to 22, the last start
    assert found["scheduler_ms"] == pytest.approx(0.2 * 17 / 3 * 1000)


def measured(script: Load) -> Any:
    model = script("cost_model")
    return model.Measured(
        documents=1000,
        text=5_000_000,
        inputs=1_000_000,
        workers=1,
        wall=1.0,
        driver={"seal: deep check": 2.0},
        driver_mib=1,
        phases={
            "screen": model.Phase(2, 7.0, 1, {"lines.bin": 4000, "bands.bin": 600}, 1e-6),
            "emit": model.Phase(1, 1.0, 1, {"documents.arrow": 100}, None),
            "place": model.Phase(1, 0.5, 1, {"placed.npy": 34_000}, None),
        },
    )


@pytest.fixture
def driver(script: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script("cost_model"), "_DRIVER", {"seal: deep check": "text"})


@pytest.mark.usefixtures("driver")
def test_text_costs_by_the_byte_and_keys_by_the_document(script: Load) -> None:
    found = measured(script)
    costs = script("cost_model").predict(
        found, 10_000, 2500
    )  # ten times the documents, half as long
    assert costs["screen"].cpu == pytest.approx(25.0)  # the rate, without what start-up took
    assert costs["screen"].written == 4000 * 5 + 600 * 10
    assert costs["emit"].cpu == pytest.approx(5.0)
    assert costs["place"].cpu == pytest.approx(5.0)
    assert costs["seal: deep check"].cpu == pytest.approx(10.0)
    assert costs["place"].single
    assert not costs["emit"].single


def test_time_counts_once_for_the_innermost(script: Load) -> None:
    watch = script("resume").Watch()

    def spin(seconds: float) -> None:
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass

    inner = watch.around("inner", lambda: spin(0.05))
    outer = watch.around("outer", lambda: (spin(0.01), inner(), inner()))
    began = time.process_time()
    watch.turn()
    outer()
    watch.turn()
    spent = time.process_time() - began
    assert watch.calls == {"outer": 1, "inner": 2}
    assert watch.seconds["inner"] >= 0.1
    assert 0.01 <= watch.seconds["outer"] <= spent - watch.seconds["inner"] + 1e-6


def phases() -> set[str]:
    """What the pipeline calls its tasks."""
    calls = (
        node
        for path in (FOLDER.parent / "pipeline").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Task"
    )
    firsts = (call.args[0] for call in calls if call.args)
    return {first.value for first in firsts if isinstance(first, ast.Constant)}


def test_the_cost_model_names_what_a_run_does(script: Load) -> None:
    model = script("cost_model")
    watched = {label for _, label in script("resume")._WATCHED}
    assert {"screen", "emit", "ledger"} <= phases()
    assert watched >= set(model._DRIVER)
    assert phases() >= {*model._BY_TEXT, *model._SINGLE}
    assert phases() | watched >= set(model.HELD)


def test_a_function_is_watched_wherever_it_is_called_from(script: Load) -> None:
    resume = script("resume")
    homes = [
        module
        for name, module in sys.modules.items()
        if name.startswith("pipeline") and vars(module).get("run_tasks") is run_tasks
    ]
    assert {"pipeline.job", "pipeline.decide"} <= {module.__name__ for module in homes}
    wrapped = resume.Watch().around("tasks", run_tasks)
    resume.substitute([(run_tasks, wrapped)])
    found = {vars(module)["run_tasks"] for module in homes}
    resume.substitute([(wrapped, run_tasks)])
    assert found == {wrapped}
    assert {vars(module)["run_tasks"] for module in homes} == {run_tasks}


def test_what_a_stopped_run_says_is_told_from_its_progress(script: Load) -> None:
    errors = b"warm\nscreen: 1/3 in 0.5 s; all: 27 %\nseal\nstopped: run it again\nTraceback (most"
    said = list(script("kills")._said(errors))
    assert said == ["stopped: run it again", "Traceback (most"]


def test_one_other_byte_is_another_result(script: Load, tmp_path: Path) -> None:
    digest = script("faults").digest
    (tmp_path / "a").write_bytes(b"one")
    before = digest(tmp_path)
    assert digest(tmp_path) == before
    (tmp_path / "a").write_bytes(b"onf")
    assert digest(tmp_path) != before
