"""How far a run has come never goes back, ends at the end, and its time left is not wild."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import check_config
from pipeline.watch.forecast import DEDUP, TYPICAL, Forecast, Outlook, Pace, Step, expected, typical
from pipeline.watch.progress import outlook, spell


class Phase(NamedTuple):
    """A phase as it goes: its name, how many tasks, how many of them were found done, the seconds of each."""

    name: str
    tasks: int
    found: int
    each: float
    weight: int


PHASES = st.lists(
    st.builds(
        lambda name, tasks, found, each, weight: Phase(
            name, tasks, min(found, tasks), each, weight
        ),
        st.sampled_from("abcdef"),
        st.integers(0, 6),
        st.integers(0, 6),
        st.floats(0.01, 1e4),
        st.sampled_from([0, 0, 7]),
    ),
    max_size=8,
)
STEPS = st.lists(
    st.builds(Step, st.sampled_from("abcdefg"), st.integers(1, 2), st.floats(0, 1e5)),
    unique_by=lambda step: step[:2],
    max_size=8,
)


def walk(
    steps: list[Step], phases: list[Phase], *, idle: bool = True
) -> tuple[Forecast, list[tuple[float, Outlook]]]:
    """Go through the phases; return every outlook with its time, `idle` ones while nothing happens too."""
    forecast, now, seen = Forecast(steps), 100.0, []
    for phase in phases:
        whole, before = phase.tasks * phase.weight, phase.found * phase.weight
        forecast.start(now, phase.name, phase.tasks, whole, phase.found, before)
        seen.append((now, forecast.outlook(now)))
        for _ in range(phase.tasks - phase.found):
            if idle:
                seen.append((now + phase.each / 2, forecast.outlook(now + phase.each / 2)))
            now += phase.each
            forecast.advance(now, phase.weight)
            seen.append((now, forecast.outlook(now)))
    return forecast, seen


def starts(phases: list[Phase]) -> list[tuple[float, Phase]]:
    """Tell when each phase with something to do begins."""
    began = [100.0]
    for phase in phases:
        began.append(began[-1] + (phase.tasks - phase.found) * phase.each)
    return [(at, each) for at, each in zip(began, phases, strict=False) if each.found < each.tasks]


@given(STEPS, PHASES)
def test_the_share_never_falls_and_ends_at_the_end(steps: list[Step], phases: list[Phase]) -> None:
    forecast, seen = walk(steps, phases)
    shares = [each.share for _, each in seen]
    assert all(0 <= share <= 1 for share in shares)
    assert all(earlier <= later for earlier, later in pairwise(shares))
    assert all(each.left is None or each.left >= 0 for _, each in seen)
    forecast.end()
    assert forecast.outlook(1e9) == Outlook(1.0, 0.0)


@given(STEPS, PHASES)
def test_the_end_is_never_put_off_by_more_than_the_time_that_has_passed(
    steps: list[Step], phases: list[Phase]
) -> None:
    """If the run has twice its time behind it, it is expected to take twice as long at most."""
    began = next((at for at, _ in starts(phases)), 0.0)
    _, seen = walk(steps, phases, idle=False)
    told = [(at - began, o.left) for at, o in seen if o.left is not None and o.share < 1]
    for (earlier, before), (later, after) in pairwise(told):
        assert (later + after) * earlier <= later * (earlier + before) * (1 + 1e-9)


@given(st.floats(0.01, 1e3), st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_a_run_that_goes_as_expected_is_told_its_true_end(each: float, counts: list[int]) -> None:
    steps = [Step(f"p{at}", 1, count * each) for at, count in enumerate(counts)]
    phases = [Phase(f"p{at}", count, 0, each, 0) for at, count in enumerate(counts)]
    _, seen = walk(steps, phases)
    end = 100.0 + sum(counts) * each
    for now, found in seen:
        if found.left is not None and found.share < 1:
            assert now + found.left == pytest.approx(end)


@given(st.integers(1, 50), st.integers(0, 50))
def test_what_was_done_before_counts_as_done_and_at_no_time(tasks: int, found: int) -> None:
    """A run that finds half of it done is no faster for that: the rest takes as long as it takes."""
    found = min(found, tasks - 1)
    forecast = Forecast([Step("a", 1, 1.0)])
    forecast.start(0.0, "a", tasks, 0, found, 0)
    assert forecast.outlook(0.0).share == pytest.approx(found / tasks)
    forecast.advance(10.0, 0)
    left = forecast.outlook(10.0).left
    assert left == pytest.approx(10.0 * (tasks - found - 1))
    pace = Pace(0.0, tasks, 0, found, 0)
    pace.advance(0)
    assert (pace.left(10.0) or 0.0) == pytest.approx(left or 0.0)


def test_what_a_run_leaves_out_is_passed_and_what_is_unknown_moves_nothing() -> None:
    forecast = Forecast([Step("a", 1, 1.0), Step("b", 1, 1.0), Step("c", 1, 2.0)])
    forecast.start(0.0, "new", 1, 0, 0, 0)
    forecast.advance(1.0, 0)
    assert forecast.outlook(1.0) == Outlook(0.0, None)
    forecast.start(1.0, "c", 2, 0, 0, 0)
    assert forecast.outlook(1.0).share == 0.5
    forecast.start(1.0, "a", 1, 0, 1, 0)  # once more from the start
    assert forecast.outlook(1.0).share == 0.5


def test_while_nothing_happens_the_time_left_runs_down_to_what_later_phases_need() -> None:
    forecast = Forecast([Step("a", 1, 2.0), Step("b", 1, 1.0)])
    forecast.start(0.0, "a", 2, 0, 0, 0)
    forecast.advance(10.0, 0)
    assert forecast.outlook(10.0).left == pytest.approx(20.0)
    assert forecast.outlook(15.0).left == pytest.approx(15.0)
    assert forecast.outlook(99.0).left == pytest.approx(10.0)


def config(**tables: object) -> object:
    table = {"release": {"name": "n"}, "sources": [{"name": "s", "paths": ["x"]}], **tables}
    return check_config(table, "test")


def test_the_usual_costs_are_those_of_the_phases_that_a_config_has() -> None:
    plain = [cost.phase for cost in typical(config())]  # type: ignore[arg-type]
    assert {"screen", "emit", "seal"} <= set(plain)
    assert not {"names", "pardons", "earlier", "anchored", "forks", "repeats"} & set(plain)
    full = config(
        optout={"registry": "r"},
        dedup={
            "near": {"containment": 0.9},
            "repositories": {},
            "passages": {},
            "against": ["old"],
        },
    )
    assert typical(full) == TYPICAL  # type: ignore[arg-type]
    assert all(cost.seconds > 0 for cost in (*TYPICAL, *DEDUP))


def test_more_workers_shorten_what_is_shared_alone() -> None:
    one, four = (expected(TYPICAL, workers) for workers in (1, 4))
    for cost, alone, among in zip(TYPICAL, one, four, strict=True):
        assert among.seconds == pytest.approx(alone.seconds / (4 if cost.shared else 1))


def test_times_and_shares_are_spelt_for_people() -> None:
    told = [spell(seconds) for seconds in (0.4, 20, 89, 90, 720, 5400, 12_600, 181_440)]
    assert told == ["0 s", "20 s", "89 s", "2 min", "12 min", "1.5 h", "3.5 h", "2.1 days"]
    assert outlook(Outlook(0.434, 720.0)) == "43 %, about 12 min left"
    assert outlook(Outlook(0.9999, None)) == "99 %"
    assert outlook(Outlook(1.0, 0.0)) == "100 %"


def test_the_first_of_several_at_once_tells_nothing_of_the_pace() -> None:
    """Four workers begin four tasks: when one of 40 is done, the run is not 40 times as long as it."""
    forecast = Forecast([Step("a", 1, 1.0)], workers=4)
    forecast.start(0.0, "a", 40, 0, 0, 0)
    pace = Pace(0.0, 40, 0, 0, 0, workers=4)
    for _ in range(3):
        forecast.advance(10.0, 0)
        pace.advance(0)
        assert forecast.outlook(10.0).left is None
        assert pace.left(10.0) is None
    forecast.advance(10.0, 0)
    pace.advance(0)
    assert forecast.outlook(10.0).left == pytest.approx(90.0)
    assert pace.left(10.0) == pytest.approx(90.0)
