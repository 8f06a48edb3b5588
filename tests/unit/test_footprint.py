"""What is dropped is what comes back by itself: pages of libraries that nothing was written to."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.footprint import _droppable, lean

MAPPING = b"""7f0000000000-7f0000100000 %s 00000000 08:01 %d                     %s
Size:               1024 kB
Rss:                %4d kB
Anonymous:          %4d kB
Swap:               %4d kB
VmFlags: rd ex mr mw me
"""
DROPPED = (0x7F0000000000, 0x7F0000100000)


@pytest.mark.parametrize(
    ("mapping", "dropped"),
    [
        ((b"r-xp", 7, b"/lib/libllvmlite.so", 900, 0, 0), True),
        ((b"r--p", 7, b"/lib/a b/libarrow.so.2600", 900, 0, 0), True),
        ((b"r--p", 7, b"/lib/libarrow.so.2600", 900, 4, 0), False),  # relocated
        ((b"r--p", 7, b"/lib/libarrow.so.2600", 900, 0, 4), False),  # relocated, and swapped out
        ((b"rw-p", 7, b"/lib/libarrow.so.2600", 900, 0, 0), False),
        ((b"r--s", 7, b"/lib/libarrow.so.2600", 900, 0, 0), False),
        ((b"r--p", 7, b"/data/documents.parquet", 900, 0, 0), False),
        ((b"r-xp", 0, b"[vdso]", 900, 0, 0), False),
        ((b"r-xp", 7, b"/lib/libsmall.so", 8, 0, 0), False),
    ],
)
def test_only_clean_pages_of_libraries_go(
    mapping: tuple[bytes, int, bytes, int, int, int], *, dropped: bool
) -> None:
    other = MAPPING % (b"rw-p", 0, b"[heap]", 900, 900, 0)
    smaps = other + MAPPING % mapping + other
    assert list(_droppable(smaps)) == ([DROPPED] if dropped else [])


PROGRAM = """
from pathlib import Path
from filters.licenses.texts.words import words
from pipeline.footprint import lean

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1])

before = words("Permission is hereby granted, free of charge").hashes.tolist()
held = resident()
lean()
print(held - resident())
assert words("Permission is hereby granted, free of charge").hashes.tolist() == before
assert words("Permission is hereby granted, \u00e0 tous").hashes.tolist() != before
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is dropped")
def test_a_lean_process_holds_less_and_works_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) * 4096 > 16 << 20  # the compiler alone is 30 MB and more


FEW = """
from pipeline.footprint import _of_files, lean

held = _of_files()
lean()
print(held, _of_files())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is dropped")
def test_few_pages_are_left_alone() -> None:
    done = subprocess.run([sys.executable, "-c", FEW], check=True, capture_output=True, text=True)
    before, after = map(int, done.stdout.split())
    assert 0 < before <= after < 64 << 20


def test_lean_may_be_called_at_any_time() -> None:
    for _ in range(3):
        lean()
