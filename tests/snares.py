"""Snares: records that bring down whoever reads them, by what a library does, none of it ours.

A folder with a `sitecustomize.py` goes before all others on the path of the processes under test; the
module wraps functions of libraries, which die, hang or raise when they meet a word.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

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

_MODULE: Final = """
import ctypes, os, signal, time, unicodedata
from pathlib import Path
import msgspec

HOME = Path(__file__).parent
crowd = 0

def spring(text):
    global crowd
    if "SNARE-" not in text:
        return
    with (HOME / "log").open("a") as log:
        log.write(f"{os.getpid()}\\n")
    if "SNARE-KILL" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "SNARE-EXIT" in text:
        os._exit(139)
    if "SNARE-SEGV" in text:
        ctypes.string_at(0)
    if "SNARE-KEY" in text:
        raise KeyError(text)
    if "SNARE-SYSTEM" in text:
        raise OSError(36, text)
    if "SNARE-MEMORY" in text:
        raise MemoryError
    if "SNARE-HANG" in text:
        time.sleep(10_000)
    if "SNARE-TWICE" in text:
        met = HOME / "met"
        with met.open("a") as file:
            file.write("x")
        if met.stat().st_size <= 2:
            os.kill(os.getpid(), signal.SIGKILL)
    if "SNARE-CROWD" in text:
        crowd += 1
        if crowd == 40:
            os.kill(os.getpid(), signal.SIGKILL)

plain = unicodedata.is_normalized

def is_normalized(form, text):
    spring(text)
    return plain(form, text)

unicodedata.is_normalized = is_normalized

Plain = msgspec.json.Decoder

class Decoder:
    def __init__(self, *arguments, **named):
        self.plain = Plain(*arguments, **named)
    def __class_getitem__(cls, item):
        return cls
    def decode(self, data):
        if b"SNARE-PARSE" in data:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.plain.decode(data)

msgspec.json.Decoder = Decoder
"""


def lay(folder: Path) -> dict[str, str]:
    """Write the module; return the environment of a process that is to meet it."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_MODULE, encoding="utf-8")
    path = os.pathsep.join([str(folder), str(ROOT), *os.environ.get("PYTHONPATH", "").split(":")])
    return {"PYTHONPATH": path}


def sprung(folder: Path) -> int:
    """Count how often a word was met while a text was judged."""
    log = folder / "log"
    return len(log.read_text().splitlines()) if log.exists() else 0
