"""Runs that seal the same release under the same folder take turns."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline.seal import alone


def test_one_after_the_other_though_the_lock_is_removed_each_time(tmp_path: Path) -> None:
    """A lock is of who opened the file, so that threads stand for processes."""
    inside: list[int] = []
    most = 0

    def seal(number: int) -> None:
        nonlocal most
        for _ in range(30):
            with alone(tmp_path / ".m.lock"):
                inside.append(number)
                most = max(most, len(inside))
                time.sleep(0.0005)
                inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(seal, range(8)))
    assert most == 1
    assert list(tmp_path.iterdir()) == []
