"""Scores are taken once: other thresholds are cut from what is stored, with the verdicts of a fresh run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.engine.crew import SYNC, Crew
from pipeline.errors import ConfigError
from pipeline.run import run_config
from pipeline.scored import score_paths, score_run

SENTENCES = (
    "The mill stands at the edge of the river and has ground grain for three hundred years.",
    "Its wheel turns slowly, but the stones above it turn fast enough to warm the flour.",
    "Farmers bring their wheat in autumn and wait with their carts along the narrow road.",
    "Nobody remembers who built the first house here, although a date is cut into the beam.",
)
RECORDS = [
    *({"id": f"long-{n}", "text": f"Number {n * 7919}. " + " ".join(SENTENCES)} for n in range(9)),
    *({"id": f"short-{n}", "text": f"Mill {n}: {SENTENCES[0]}"} for n in range(9)),
    {"id": "twice", "text": f"Mill 3: {SENTENCES[0]}"},
    {"id": "korean", "text": "물레방아는 강가에 서 있다. " * 3},
    {"id": "code", "text": "x = 1\n" * 9 + "y" * 2000, "path": "a.py"},
    {"id": "secret", "text": f"Write to miller{'@'}watermill-museum.org. {' '.join(SENTENCES)}"},
]
TOML = """
[release]
name = "m"
shards = 1
[[sources]]
name = "s"
paths = ["*.jsonl"]
[dedup]
near = false
[split]
validation = 0
test = 0
[quality]
filters = ["gopher", "code"]
"""


def write(root: Path, *, shards: int = 2, backwards: bool = False) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    records = RECORDS[::-1] if backwards else RECORDS
    for number in range(shards):
        mine = records[number::shards]
        (root / f"{number}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in mine))
    (root / "m.toml").write_text(TOML)
    return root / "m.toml"


def ledger(release: Path) -> dict[str, tuple[str, ...]]:
    names = ["id", "verdict", "stage", "reason", "detail", "survivor"]
    rows: dict[str, tuple[str, ...]] = {}
    for path in sorted(release.glob("ledger/decisions-*.parquet")):
        for row in pq.read_table(path).select(names).to_pylist():
            rows[row["id"]] = tuple(row[name] for name in names[1:])
    return rows


def tasks(work: Path, phase: str) -> dict[str, int]:
    """Every finished task of a phase, with when its marker was written."""
    return {path.parent.name: path.stat().st_mtime_ns for path in work.glob(f"{phase}/*/marker*")}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A config, its output folder and its first release."""
    root = tmp_path_factory.mktemp("quality")
    config = write(root)
    return config, root / "out", run_config(config, out=root / "out", crew=SYNC).release


def test_a_verdict_is_in_the_ledger_with_its_figure(run: tuple[Path, Path, Path]) -> None:
    rows = ledger(run[2])
    assert len(rows) == len(RECORDS)
    assert rows["short-1"][:3] == ("drop", "quality", "gopher:words")
    assert json.loads(rows["short-1"][3]) == {"figure": 19.0}
    assert rows["code"][:3] == ("drop", "quality", "code:mean-line")
    assert {name for name, row in rows.items() if row[0] == "keep"} == {
        *(f"long-{n}" for n in range(9)), "korean", "secret"
    }  # fmt: skip
    assert rows["twice"][1] == rows["short-3"][1] == "quality"  # what is unfit is no duplicate


def test_another_threshold_takes_no_score_again(run: tuple[Path, Path, Path]) -> None:
    config, out, _ = run
    before = tasks(out / ".work/m", "screen")
    refused = tasks(out / ".work/m", "refuse")
    assert len(before) == len(refused) == 2
    asked = ("quality.gopher.min_words=0", "quality.filters=['code', 'gopher', 'fineweb']")
    again = run_config(config, overrides=(*asked, "release.version=2.0.0"), out=out, crew=SYNC)
    assert tasks(out / ".work/m", "screen") == before
    assert len(tasks(out / ".work/m", "refuse")) == 4
    fresh = write(config.parent / "fresh", shards=3, backwards=True)
    anew = run_config(
        fresh, overrides=(*asked, "release.version=2.0.0"), out=fresh.parent / "out", crew=SYNC
    )
    assert ledger(again.release).keys() == ledger(anew.release).keys()
    rows, others = ledger(again.release), ledger(anew.release)
    assert {name for name in rows if rows[name] != others[name]} <= {"twice", "short-3"}
    assert {rows["twice"][1], rows["short-3"][1]} == {"exact", "keep"}


def test_what_if_is_told_from_what_is_stored(run: tuple[Path, Path, Path]) -> None:
    config, out, release = run
    found = score_run(config, (), out, None)["s"]
    dropped = sum(row[1] == "quality" for row in ledger(release).values())
    assert found["documents"] == len(RECORDS)
    assert found["dropped"] == sum(found["reasons"].values()) == dropped
    lax = score_run(config, ("quality.gopher.min_words=0",), out, None)["s"]
    assert lax["dropped"] < dropped
    (words,) = (
        each for each in found["filters"]["gopher"]["rules"] if each["threshold"] == "min_words"
    )
    assert (words["at"], words["score"], words["drops"]) == (50.0, "words", 10)
    assert found["filters"]["code"]["judged"] == 1
    assert sum(found["scores"]["words"]["histogram"]["counts"]) == len(RECORDS) - 1  # of prose
    shards = sorted(config.parent.glob("*.jsonl"))
    fresh: dict[str, Any] = score_paths(shards, config, ())
    assert sum(each["dropped"] for each in fresh.values()) == dropped


def test_many_workers_judge_as_one(run: tuple[Path, Path, Path], tmp_path: Path) -> None:
    made = run_config(run[0], out=tmp_path, crew=Crew(workers=2)).release
    assert (made / "SHA256SUMS").read_bytes() == (run[2] / "SHA256SUMS").read_bytes()


def test_no_scores_without_a_run(tmp_path: Path) -> None:
    config = write(tmp_path)
    with pytest.raises(ConfigError, match="no scores are stored"):
        score_run(config, (), tmp_path / "out", None)
