"""The cues of subtitles in SubRip (.srt) and WebVTT (.vtt): when each is shown, and its lines as they stand there.

SubRip has no standard: what players read is read, with blank lines missing or too many, times with dots, commas
and blanks, and texts that are numbers.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIME: Final = r"(?:(-?[0-9]{1,4})[:;])?([0-9]{1,2})[:;]([0-9]{1,2})(?:[,.:;] ?([0-9]{1,3}))?"
_TIMING: Final = re.compile(
    rf"[ \t]{{0,8}}{_TIME}[ \t]{{0,8}}-{{1,2}} ?>[ \t]{{0,8}}{_TIME}(?:[ \t].*)?"
)
_UNREADABLE: Final = re.compile(r"[^\n]{0,40}-->[^\n]{0,40}")
_NUMBER: Final = re.compile(r"[ \t]{0,8}[0-9]{1,7}[ \t]{0,8}")


UNTOLD: Final = -1


class Cue(NamedTuple):
    """What is shown at once; `start` and `end` are in milliseconds, `UNTOLD` where they cannot be read."""

    start: int
    end: int
    lines: tuple[str, ...]


def parse_srt(text: str) -> Iterator[Cue]:
    """Parse SubRip; what stands before the first time is passed over."""
    timing: re.Match[str] | None = None
    held: list[str] = []
    for line in text.split("\n"):
        found = _timing(line)
        if found is None:
            held.append(line)
            continue
        if timing is not None:
            yield _cue(timing, _without_number(held))
        timing, held = found, []
    if timing is not None:
        yield _cue(timing, held)


def parse_vtt(text: str) -> Iterator[Cue]:
    """Parse WebVTT (W3C): blocks of lines, of which those with a time are cues."""
    block: list[str] = []
    for line in (*text.split("\n"), ""):
        if line.strip():
            block.append(line)
            continue
        for at, each in enumerate(block[:2]):  # the first may be the cue's name
            timing = _timing(each)
            if timing is not None:
                yield _cue(timing, [unescape(line) for line in _markless(block[at + 1 :])])
                break
        block.clear()


def _timing(line: str) -> re.Match[str] | None:
    if ">" not in line:
        return None
    return _TIMING.fullmatch(line) or _UNREADABLE.fullmatch(line)


def _markless(lines: list[str]) -> list[str]:
    """Leave out tags before references are resolved: what `&lt;` stands for is none."""
    return [re.sub(r"<[^<>]{0,200}>", "", line) for line in lines]


def _cue(timing: re.Match[str], lines: list[str]) -> Cue:
    times = timing.groups("0")
    start = _milliseconds(times[:4]) if times else UNTOLD
    end = _milliseconds(times[4:]) if times else UNTOLD
    return Cue(start, end, tuple(line.strip() for line in lines if line.strip()))


def _milliseconds(parts: tuple[str, ...]) -> int:
    hours, minutes, seconds = (int(each) for each in parts[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(parts[3].ljust(3, "0"))


def _without_number(lines: list[str]) -> list[str]:
    """Leave out the number of the next cue: the last line, unless it is all that stands there without a blank."""
    at = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip()), -1)
    return lines[:at] if at > 0 and _NUMBER.fullmatch(lines[at]) is not None else lines
