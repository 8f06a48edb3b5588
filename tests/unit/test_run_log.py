"""An event log is read while it grows and after it was torn; the page about it stays small and shows nothing raw."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.work import Work
from pipeline.run_page.page import render
from pipeline.run_page.timeline import lanes
from pipeline.watch import event_log
from pipeline.watch.event_log import EventLog
from pipeline.watch.run_log import Worker, last_finished, log_names, read_log

MOST = 1_000_000  # bytes of a page

Event = dict[str, Any]


def stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def phase(at: float, name: str, tasks: int, **more: int) -> Event:
    zero = dict.fromkeys(("bytes", "found", "found_bytes", "found_seconds", "found_bad"), 0)
    return {"t": stamp(at), "event": "phase", "phase": name, "tasks": tasks, **zero, **more}


def task(at: float, name: str, number: int, **more: Any) -> Event:
    return {
        "t": stamp(at),
        "event": "task",
        "phase": name,
        "name": f"part-{number}",
        "fingerprint": f"{number:032x}",
        "host": "h",
        "pid": 1,
        "seconds": 1.0,
        "cpu_seconds": 0.5,
        "peak_mib": 100,
        "bytes_in": 10,
        "bytes_out": 3,
        "bad": 0,
        **more,
    }


def run(at: float, **more: Any) -> Event:
    return {"t": stamp(at), "event": "run", "name": "n", "version": "1.0.0", "steps": [], **more}


def end(at: float, code: int = 0) -> Event:
    outcome = "failed" if code else "finished"
    return {"t": stamp(at), "event": "end", "outcome": outcome, "exit": code, "message": ""}


def encode(events: list[Event]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def long_run(workers: int, tasks: int) -> Iterator[Event]:
    """A run of three phases whose workers die now and then."""
    draw, number, now = random.Random(3), 0, 1000.0
    pids = list(range(workers))
    yield run(now)
    for name, mean in (("survey", 0.3), ("screen", 20.0), ("emit", 4.0)):
        yield phase(now, name, tasks // 3, bytes=10 * (tasks // 3))
        free, done = [now] * workers, []
        for _ in range(tasks // 3):
            worker = min(range(workers), key=free.__getitem__)
            seconds = 0.01 + draw.expovariate(1 / mean)
            free[worker] += seconds
            number += 1
            host = f"host{worker % 2}"
            done.append(
                task(free[worker], name, number, host=host, pid=pids[worker], seconds=seconds)
            )
            if draw.random() < 0.01:
                pids[worker] += 1000
                free[worker] += 1
        yield from sorted(done, key=lambda event: event["t"])
        now = max(free)
    yield end(now)


def test_a_log_is_read_up_to_where_it_is_torn() -> None:
    events = [run(0), phase(1, "screen", 2, bytes=20), task(3, "screen", 1), task(4, "screen", 2)]
    data = encode([*events, end(5)])
    cut = len(encode(events[:3])) + 40
    torn = read_log([("", data[:cut])])
    assert [(span.done, span.total) for span in torn.spans] == [(1, 2)]
    assert torn.end is None
    whole = read_log([("", data)])
    assert (whole.spans[0].done, whole.spans[0].ended) == (2, 5.0)
    assert whole.end is not None
    assert whole.end["exit"] == 0
    assert whole.spans[0].rate == pytest.approx(20 / 3)


@given(st.data())
def test_cut_anywhere_a_log_tells_what_stands_before(data: st.DataObject) -> None:
    """Of a whole line all is told, of a torn one nothing."""
    events = list(long_run(3, 30))
    text = encode(events)
    cut = data.draw(st.integers(0, len(text)))
    lines = text[: cut + 1].count(b"\n")  # a line is whole without its line feed, too
    torn, before = read_log([("", text[:cut])]), read_log([("", encode(events[:lines]))])
    assert torn.spans == before.spans
    assert torn.workers == before.workers


def test_several_ranks_tell_of_a_task_once_and_one_that_ends_well_is_enough() -> None:
    mine = [run(0), phase(1, "screen", 3), task(2, "screen", 1), task(3, "screen", 2), end(9)]
    other = [
        run(0.5),
        phase(1.5, "screen", 3, found=1),
        task(3.5, "screen", 2),
        task(4, "screen", 3),
    ]
    log = read_log([("a", encode(mine)), ("b", encode([*other, end(5, 1)]))])
    assert len(log.spans) == 1
    assert (log.spans[0].done, log.spans[0].found) == (3, 0)
    assert log.end is not None
    assert log.end["exit"] == 0


def test_the_newest_logs_stay_and_those_of_every_rank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "_KEPT", 3)
    work = Work(tmp_path)
    made = []
    for _ in range(5):
        log = EventLog(work)
        log.put_page(b"page")
        log.close()
        made.append(log.path.name)
    for _ in range(2):
        EventLog(work, rank=1).close()
    assert [name for name in log_names(work) if "rank" not in name] == made[-3:]
    assert len(log_names(work)) == 5
    assert len(list((tmp_path / "log").glob("*.html"))) == 3


def test_the_last_run_that_was_finished_is_what_the_next_expects(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    for number, code in ((1, 0), (2, 0), (3, 1)):
        events = [
            run(0),
            phase(0, "warm", 0),
            phase(50, "screen", 4, found=2, found_seconds=6 * number),
            task(60, "screen", 1, seconds=3.0),
            task(61, "screen", 2, seconds=3.0),
            phase(62, "seal", 0),
            end(70, code),
        ]
        (tmp_path / f"log/2026110{number}T000000.000000Z-7.jsonl").write_bytes(encode(events))
    last = last_finished(Work(tmp_path))
    assert last is not None
    idle = 12 - 6  # of one worker between the phase's beginning and the next's
    assert last.steps(2) == (("screen", 1, (12 + 6) / 2 + idle), ("seal", 1, 8.0))
    assert last.steps(100)[0].seconds == 18 / 4 + idle  # no more workers than tasks


@given(
    st.lists(
        st.builds(
            lambda host, pid, began, long: Worker(host, pid, began, began + long),
            st.sampled_from(["a", "b"]),
            st.integers(1, 10_000),
            st.floats(0, 100),
            st.floats(0.1, 50),
        ),
        unique_by=lambda worker: (worker.host, worker.pid),
        max_size=20,
    )
)
def test_every_worker_has_one_lane_and_no_lane_two_at_a_time(workers: list[Worker]) -> None:
    known = {(worker.host, worker.pid): worker for worker in workers}
    found = lanes(workers)
    assert sorted(key for lane in found for key in lane.workers) == sorted(known)
    for lane in found:
        assert {host for host, _ in lane.workers} <= {lane.host}
        for one, next_ in pairwise(lane.workers):
            assert known[one].ended <= known[next_].began + 0.1


@pytest.mark.parametrize(("workers", "tasks"), [(1, 30), (16, 5000), (200, 6000), (3, 0)])
def test_a_page_stays_small_and_fetches_nothing(workers: int, tasks: int) -> None:
    page = render(read_log([("", encode(list(long_run(workers, tasks))))])).decode()
    assert len(page) < MOST
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)
    drawn = set(re.findall(r"(host\d) #(\d+)", page))
    assert len(drawn) == min(workers, 64) * bool(tasks)
    assert "NaN" not in page


def test_what_a_name_holds_is_text_on_the_page() -> None:
    evil = "<script>alert(1)</script>\u202e"
    events = [
        run(0, command=["gristmill", evil], host=evil),
        phase(0, "screen", 1),
        task(2, "screen", 1, host=evil) | {"name": evil},
        {"t": stamp(3), "event": "warning", "message": evil},
        {
            "t": stamp(3),
            "event": "failed",
            "phase": "emit",
            "name": evil,
            "kind": "x",
            "message": evil,
        },
        end(4),
    ]
    page = render(read_log([("", encode(events))])).decode()
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert page.count("&lt;script&gt;") >= 5
