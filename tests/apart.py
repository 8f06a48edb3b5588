"""Code in a process of its own, with nothing loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_apart(code: str, *arguments: object, path: Path) -> list[str]:
    """Run code in a folder, and return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error::UserWarning", "-c", code, *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd=path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
