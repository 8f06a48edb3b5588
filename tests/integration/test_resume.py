"""A run that finds everything done loads nothing that tasks need; one that has a task to run does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = "phonenumbers"  # comes with the redaction rules, which alone take over a second
SCRIPT = f"""
import sys
from pathlib import Path
from pipeline.engine.crew import SYNC
from pipeline.run import run_config
run_config(Path(sys.argv[1]), out=Path("out"), work=Path("work"), crew=SYNC)
print("{HEAVY}" in sys.modules)
"""
CONFIG = """
[release]
name = "small"
[[sources]]
name = "made"
paths = ["made.jsonl"]
license = "CC0-1.0"
"""


def run(folder: Path) -> bool:
    """Make the release in a process of its own; tell whether it loaded what tasks need."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder / "small.toml")],
        cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(Path.home())},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()[-1] == "True"


def test_a_finished_run_is_found_without_warming_up(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(CONFIG)
    records = [{"text": f"The wheel of mill {number} turns slowly."} for number in range(3)]
    (tmp_path / "made.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    assert run(tmp_path)
    assert not run(tmp_path)
    (tmp_path / "made.jsonl").write_text(json.dumps(records[0]) + "\n")
    (tmp_path / "out" / "small-1.0.0").rename(tmp_path / "gone")
    assert run(tmp_path)
