"""Give memory back that can be had again at once: pages of libraries that lie in files, and free heap.

A worker maps compilers and readers of which it needs little once its kernels are loaded: 120 of the
400 MB that a screen task took were such pages. They are clean copies of files, so they come back by
themselves where they are touched, and no result can depend on them.
"""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SMAPS: Final = Path("/proc/self/smaps")
_STATM: Final = Path("/proc/self/statm")
_DONTNEED: Final = 4  # MADV_DONTNEED of Linux, on every architecture but Alpha
_LEAST_KB: Final = 256  # of a mapping: less is not worth a call
_LEAST_MB: Final = 64  # of all files together: 30 to 40 of them come back at once in a task
_MAPPING: Final = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) r-[-x]p \S+ \S+ [1-9]\d* .*\.so[.0-9]*\n")


def lean() -> None:
    """Drop the resident pages of libraries, and hand free heap back; elsewhere than on Linux do nothing.

    Pages are left where they are few: to look for them and to have them back takes 20 ms and more.
    """
    try:
        many, libc = _of_files() >= _LEAST_MB << 20, ctypes.CDLL(None)
        madvise, trim = libc.madvise, libc.malloc_trim
        text = _SMAPS.read_bytes() if many else b""
    except (OSError, AttributeError):  # no Linux, or another C library
        return
    trim(ctypes.c_size_t(0))
    for start, end in _droppable(text):
        madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _DONTNEED)


def _of_files() -> int:
    """Return the bytes of files that are resident, as the kernel counts them: pages of libraries mostly."""
    return int(_STATM.read_bytes().split()[2]) * os.sysconf("SC_PAGE_SIZE")


def _droppable(smaps: bytes) -> Iterator[tuple[int, int]]:
    """Yield the mappings of libraries that nobody can have written to and of which nothing was.

    A private page that was written to, as by the loader's relocations, is `Anonymous`, or in `Swap`: it would
    be lost.
    """
    for entry in re.split(rb"\n(?=[0-9a-f]+-)", smaps):
        mapping = _MAPPING.match(entry)
        written = _kb(entry, b"Anonymous"), _kb(entry, b"Swap")
        if mapping and written == (0, 0) and _kb(entry, b"Rss") >= _LEAST_KB:
            yield int(mapping[1], 16), int(mapping[2], 16)


def _kb(entry: bytes, name: bytes) -> int:
    found = re.search(rb"\n%s: +(\d+) kB" % name, entry)
    return -1 if found is None else int(found[1])
