"""A decision for a folder overrides a stricter header below it and leaves the file on the review list."""

from __future__ import annotations

import pytest

from filters.licenses.decisions import Decision
from filters.licenses.evidence import Evidence
from filters.licenses.places import boundary
from filters.licenses.resolve import Resolution, resolve
from filters.licenses.scan import NOTHING, Scan
from filters.licenses.tree import EMPTY
from pipeline.stages.review_list import reason_of

FILE = "vendor/fast/a.c"


def header(expression: str) -> Scan:
    found = Evidence(kind="tag", expression=expression, start=1, end=9)
    return Scan("found", expression, (found,))


def decided(path: str, own: Scan, *, sha256: str = "") -> Resolution:
    made = Decision(
        expression="MIT",
        by="data team",
        why="the authors say so",
        when="2026-11-20",
        sha256=sha256,
        repository="" if sha256 else "github.com/example/shop",
        path=path,
    )
    return resolve(EMPTY, FILE, own, decision=made)


@pytest.mark.parametrize("path", ["", "/vendor/fast", "/vendor/**/*.c"])
def test_a_stricter_header_below_a_folder_is_a_conflict(path: str) -> None:
    found = decided(path, header("GPL-3.0-only"))
    assert (found.expression, found.rule, found.conflict) == ("MIT", "decision", True)
    account = {"decided_by": found.rule, "conflict": True, "evidence": found.shown()}
    assert reason_of(account, found.expression) == "conflict"


@pytest.mark.parametrize("own", [NOTHING, header("ISC"), header("MIT")])
def test_a_header_that_asks_for_no_more_is_none(own: Scan) -> None:
    found = decided("/vendor/fast", own)
    assert not found.conflict
    assert reason_of({"decided_by": found.rule, "evidence": found.shown()}, "MIT") is None


def test_a_decision_for_the_file_itself_settles_it() -> None:
    assert not decided(f"/{FILE}", header("GPL-3.0-only")).conflict
    assert not decided("", header("GPL-3.0-only"), sha256="0" * 64).conflict


@pytest.mark.parametrize(
    ("path", "wall"),
    [
        ("Lib/venv/__init__.py", ""),
        ("typeshed/stdlib/venv/__init__.pyi", ""),
        ("Lib/venv/scripts/common/activate", ""),
        ("venv/bin/activate", "venv"),
        ("venv/Scripts/activate.bat", "venv"),
        ("x/venv/share/a.py", "x/venv"),
        (".venv/a.py", ".venv"),
    ],
)
def test_a_package_called_venv_is_no_environment(path: str, wall: str) -> None:
    assert boundary(path) == wall
