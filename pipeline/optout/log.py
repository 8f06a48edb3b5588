"""The log file: what is acknowledged is on disk, and a crash in the middle of an append loses nothing.

Beside the log `events.jsonl` stands `events.jsonl.head`, the head after the last event that was
acknowledged; it is what tells a log that lost its last lines from a whole one. Writers hold an
exclusive `flock` on the log, readers a shared one. An event counts once it is synced to disk and
its head is written. A crash in between leaves either a whole event, which counts, or a torn last
line that nobody was promised: the next writer moves it to `events.jsonl.torn`.
"""

from __future__ import annotations

import fcntl
import io
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from manifests.registry import (
    ChainError,
    ChainReport,
    Draft,
    Event,
    Fold,
    check_chain,
    encode,
    seal,
)
from pipeline.errors import ConfigError, RegistryError, at
from pipeline.optout.renames import require_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Log(NamedTuple):
    """The bytes of a log as they were at one moment, and the head that was acknowledged then."""

    raw: bytes
    remembered: str | None

    def lines(self) -> list[bytes]:
        """Return the lines with their line feeds."""
        return io.BytesIO(self.raw).readlines()


def read_log(path: Path) -> Log:
    """Read a log between two appends. Raises `RegistryError` when there is none."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return Log(file.read(), remembered(path))
    except OSError as error:
        raise RegistryError(at("optout", str(path), why(error))) from None


def require_intact(path: Path, report: ChainReport) -> None:
    """Raise `RegistryError` that names the first bad line."""
    if not report.intact:
        raise RegistryError(at("optout", str(path), report.problem, line=report.line))


def why(error: OSError) -> str:
    """Say why there is no log to read or write."""
    if isinstance(error, FileNotFoundError):
        return "there is no opt-out registry: the first `optout add` makes one"
    return f"the opt-out registry cannot be read or written: {error.strerror}"


def append(path: Path, drafts: Sequence[Draft], *, now: str | None = None) -> tuple[Event, ...]:
    """Record events and return them sealed, once they are safe on disk.

    Makes the file and its folder when missing. A draft that follows a `submit` and names no
    request is about that request. Raises `RegistryError` for a broken registry, to which nothing
    is added, and `ConfigError` for an event that makes no sense after those before it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path) as file:
            report = check_chain(_whole_lines(path, file), head=remembered(path))
            require_intact(path, report)
            sealed = _sealed(report, drafts, now or utc_now())
            _write(path, file, sealed)
    except OSError as error:
        raise RegistryError(at("optout", str(path), why(error))) from None
    return sealed


def utc_now() -> str:
    """Return the wall clock in UTC to the second; no release byte depends on it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _locked(path: Path) -> Iterator[io.FileIO]:
    """Open the log for reading and appending, alone among all writers and readers."""
    with path.open("ab+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _whole_lines(path: Path, file: io.FileIO) -> list[bytes]:
    """Return the log's lines after mending what a crash in the middle of an append left."""
    file.seek(0)
    lines = io.BytesIO(file.read()).readlines()
    if not lines or lines[-1].endswith(b"\n"):
        return lines
    torn = lines.pop()
    if check_chain([*lines, torn + b"\n"]).intact:  # all but the line feed came through
        _write_all(file, b"\n")
        return [*lines, torn + b"\n"]
    report = check_chain(lines, head=remembered(path))
    if not report.intact:  # the line was acknowledged, or the damage is elsewhere: touch nothing
        return [*lines, torn]
    with Path(f"{path}.torn").open("ab") as kept:
        kept.write(torn + b"\n")
        kept.flush()
        os.fsync(kept.fileno())
    file.truncate(sum(map(len, lines)))
    return lines


def _sealed(report: ChainReport, drafts: Sequence[Draft], now: str) -> tuple[Event, ...]:
    folded = Fold(report.requests, report.renames)
    previous = report.events[-1] if report.events else None
    sealed: list[Event] = []
    for draft in drafts:
        if not draft.request and draft.event in {"verify", "reject"} and sealed:
            draft = msgspec.structs.replace(draft, request=sealed[-1].request)  # noqa: PLW2901  the same draft, now with its request
        try:
            previous = seal(previous, draft, now)
            folded.take(previous)
        except ChainError as error:
            about = f"{draft.event} {draft.request}".rstrip()
            raise ConfigError(f"optout: {about}: {error}") from None
        sealed.append(previous)
    require_names(folded, drafts)
    return tuple(sealed)


def _write(path: Path, file: io.FileIO, sealed: Sequence[Event]) -> None:
    if sealed:
        _write_all(file, b"".join(encode(each) for each in sealed))
        os.fsync(file.fileno())
        _remember(path, sealed[-1].hash)


def _write_all(file: io.FileIO, raw: bytes) -> None:
    view = memoryview(raw)
    while view:
        view = view[file.write(view) :]


def head_path(path: Path) -> Path:
    """Return where the head that was acknowledged last lies."""
    return path.with_name(f"{path.name}.head")


def remembered(path: Path) -> str | None:
    """Return the head after the last acknowledged event, when the file beside the log is there."""
    try:
        return head_path(path).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None


def _remember(path: Path, head: str) -> None:
    """Replace the head beside the log; the caller holds the lock."""
    partial = head_path(path).with_suffix(".head.tmp")
    with partial.open("w", encoding="ascii") as file:
        file.write(f"{head}\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(head_path(path))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
