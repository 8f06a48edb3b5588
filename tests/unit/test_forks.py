"""A process that forks for each try of a task, also where it does not live to do so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from pipeline.engine.forks import Forks
from pipeline.engine.task import Context, Task
from pipeline.engine.work import Work


class Spec(msgspec.Struct, frozen=True):
    """Whether to end at once."""

    ends: bool


def work(spec: Spec, context: Context) -> dict[str, Any]:
    if spec.ends:
        os._exit(3)
    (context.out / "a").write_bytes(b"a")
    return {}


def test_a_fork_that_ends_is_told_and_the_next_one_is_run(tmp_path: Path) -> None:
    with Forks(tmp_path, Work(tmp_path / "work")) as forks:
        assert forks.load(Task("phase", "t", work, Spec(False)), 60)
        died = forks.run(Task("phase", "t", work, Spec(True)), 60, keep=True)
        assert (died.marker, died.reason) == (None, "died")
        assert str(died.error) == "phase: t: its process dies (exit 3)"
        done = forks.run(Task("phase", "t", work, Spec(False)), 60, keep=True)
        assert done.error is None
        assert done.marker is not None
        assert [each.name for each in done.marker.outputs] == ["a"]


def test_a_process_that_does_not_live_to_fork_holds_nothing_against_a_record(
    tmp_path: Path,
) -> None:
    with Forks(tmp_path, Work(tmp_path / "work")) as forks:
        assert not forks.load(Task("phase", "t", work, Spec(True)), 60)
        for _ in range(2):
            ended = forks.run(Task("phase", "t", work, Spec(False)), 60, keep=True)
            assert (ended.marker, ended.reason) == (None, "")
            assert str(ended.error) == "phase: t: its process dies"
