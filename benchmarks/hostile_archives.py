"""Memory and time of every hostile archive of the tests, and of a million tiny members.

usage: hostile_archives.py [MEMBERS]     (Linux: a process's own peak is read from /proc)
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipeline.sources import Raw, read  # noqa: E402  found by the line above
from tests import archives  # noqa: E402  the same


def peak() -> int:
    """Return the process's peak in KiB since it was last set back."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def measure(path: Path) -> None:
    """Read an archive; print its size, the time, by how much the peak rose, and what became of its members."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, start = peak(), time.process_time()
    told: dict[str, int] = {}
    for item in read(path, "archive"):
        reason = item.drop or "document" if isinstance(item, Raw) else item.reason
        told[reason] = told.get(reason, 0) + 1
    taken = time.process_time() - start
    size = path.stat().st_size
    print(
        f"{path.name:18} {size:>11,} B {taken:7.2f} s {(peak() - before) >> 10:>4} MiB  {told}",
        flush=True,
    )


def main() -> None:
    """Make each archive, measure it, and remove it."""
    members = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for each in (*archives.TARS, *archives.ZIPS):
            path = Path(folder, each.name)
            each.write(path)
            measure(path)
            path.unlink()
        archives.many_in_tar(Path(folder, "many.tar.gz"), members)
        measure(Path(folder, "many.tar.gz"))
        archives.many_in_zip(Path(folder, "many.zip"), members)
        measure(Path(folder, "many.zip"))


if __name__ == "__main__":
    main()
