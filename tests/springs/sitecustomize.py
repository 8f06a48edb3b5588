"""Read by every Python that has this folder on PYTHONPATH: who reads a snare (`tests/snares.py`) is brought down.

Functions of libraries are wrapped, which die, hang or raise when they meet a word. `TEST_SNARES` names the
folder in which it is noted; without it nothing happens.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
import unicodedata
from pathlib import Path
from typing import Any, Literal

import msgspec

_MANY = 40  # of a crowd
_TWICE = 2
_met = 0
_plain = unicodedata.is_normalized
_Plain = msgspec.json.Decoder


def _spring(text: str) -> None:
    if "SNARE-" not in text or "TEST_SNARES" not in os.environ:
        return
    home = Path(os.environ["TEST_SNARES"])
    with (home / "log").open("a") as log:
        log.write(f"{os.getpid()}\n")
    if "SNARE-KILL" in text:
        _die()
    if "SNARE-EXIT" in text:
        os._exit(139)
    if "SNARE-SEGV" in text:
        ctypes.string_at(0)
    _fail(text)
    if "SNARE-HANG" in text:
        time.sleep(10_000)
    if "SNARE-TWICE" in text:
        _die_twice(home / "met")
    if "SNARE-CROWD" in text:
        _die_of_many()


def _fail(text: str) -> None:
    if "SNARE-KEY" in text:
        raise KeyError(text)
    if "SNARE-SYSTEM" in text:
        raise OSError(36, text)
    if "SNARE-MEMORY" in text:
        raise MemoryError


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_twice(met: Path) -> None:
    with met.open("a") as file:
        file.write("x")
    if met.stat().st_size <= _TWICE:
        _die()


def _die_of_many() -> None:
    global _met  # noqa: PLW0603  a process counts for itself
    _met += 1
    if _met == _MANY:
        _die()


def _is_normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> bool:
    _spring(text)
    return _plain(form, text)


class _Decoder:
    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._plain = _Plain(*arguments, **named)

    def __class_getitem__(cls, item: Any) -> type[_Decoder]:
        return cls

    def decode(self, data: Any) -> Any:
        if b"SNARE-PARSE" in data and "TEST_SNARES" in os.environ:
            _die()
        return self._plain.decode(data)


unicodedata.is_normalized = _is_normalized
msgspec.json.Decoder = _Decoder  # type: ignore[assignment,misc]  # it does all that is asked of it
