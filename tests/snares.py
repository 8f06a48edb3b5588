"""Snares: records that bring down whoever reads them, by what a library does, none of it ours.

The folder `tests/springs` goes before all others on the path of the processes under test; its
`sitecustomize.py` wraps functions of libraries, which die, hang or raise when they meet a word.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
SPRINGS: Final = ROOT / "tests/springs"

KILL: Final = "SNARE-KILL"
EXIT: Final = "SNARE-EXIT"
SEGV: Final = "SNARE-SEGV"
KEY: Final = "SNARE-KEY"
SYSTEM: Final = "SNARE-SYSTEM"
MEMORY: Final = "SNARE-MEMORY"
HANG: Final = "SNARE-HANG"
PARSE: Final = "SNARE-PARSE"
TWICE: Final = "SNARE-TWICE"
CROWD: Final = "SNARE-CROWD"
"""A process that has met 40 of them is killed; one by one they do no harm."""


def lay(folder: Path) -> dict[str, str]:
    """Return the environment of a process that is to meet them, and notes it in a folder."""
    folder.mkdir()
    path = os.pathsep.join([str(SPRINGS), str(ROOT), *os.environ.get("PYTHONPATH", "").split(":")])
    return {"PYTHONPATH": path, "TEST_SNARES": str(folder)}


def sprung(folder: Path) -> int:
    """Count how often a word was met while a text was judged."""
    log = folder / "log"
    return len(log.read_text().splitlines()) if log.exists() else 0
