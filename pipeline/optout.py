"""The opt-out registry on disk: nothing recorded is ever lost, and damage is named, never skipped.

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
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from filters.optout import OptOutFilter, Request, optout_filter
from filters.subjects import Subject, SubjectError, stored_subject, text_subject
from manifests.registry import (
    EMPTY_HEAD,
    ChainError,
    ChainReport,
    Copies,
    Draft,
    Entry,
    Event,
    Fold,
    RequestState,
    State,
    check_chain,
    encode,
    seal,
)
from pipeline.errors import ConfigError, RegistryError, at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Registry(msgspec.Struct, frozen=True):
    """A checked registry: every request's state, the active ones as the filter takes them."""

    state: State
    requests: tuple[Request, ...]
    head: str
    counts: dict[str, int]
    events: int
    latest: str  # the time of the last event, "" without any

    def filter(self, key: bytes = b"") -> OptOutFilter:
        """Build the opt-out filter; raises `RegistryError` when author subjects lack their key."""
        try:
            return optout_filter(self.requests, key=key)
        except SubjectError as error:
            raise RegistryError(f"optout: {error}") from None


def load(path: Path, *, head: str | None = None) -> Registry:
    """Read and check a registry. Raises `RegistryError` when it is missing or a line is wrong.

    An empty file is a registry without requests. `head` is one that a manifest remembers: a
    registry that does not contain it is older than that release.
    """
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            report = check_chain(file, head=_remembered(path))
    except OSError as error:
        raise RegistryError(at("optout", str(path), _why(error))) from None
    _require_intact(path, report)
    if head not in {None, EMPTY_HEAD, *(each.hash for each in report.events)}:
        raise RegistryError(at("optout", str(path), "the registry is older than the release"))
    return _registry(path, report)


def load_as_of(path: Path, head: str) -> Registry:
    """Read a registry as it was when `head` was its head; raises `RegistryError` as `load` does."""
    load(path, head=head)
    until = 0
    with path.open("rb") as file:
        lines = file.readlines()
    if head != EMPTY_HEAD:
        events = check_chain(lines).events
        until = next(number for number, each in enumerate(events, start=1) if each.hash == head)
    return _registry(path, check_chain(lines[:until]))


def _registry(path: Path, report: ChainReport) -> Registry:
    state = State(report.requests, report.head)
    active = tuple(
        Request(each.request, _subject(path, each, entry), each.copies)
        for each in state.active()
        for entry in each.subjects
    )
    counts = Counter[str](each.status for each in state.requests)
    latest = report.events[-1].ts if report.events else ""
    return Registry(state, active, report.head, dict(counts), len(report.events), latest)


def _subject(path: Path, state: RequestState, entry: Entry) -> Subject:
    try:
        return stored_subject(entry.kind, entry.value, repo=entry.repo)
    except SubjectError as error:
        problem = f"request {state.request}: {error}"
        raise RegistryError(at("optout", str(path), problem)) from None


def _require_intact(path: Path, report: ChainReport) -> None:
    if not report.intact:
        raise RegistryError(at("optout", str(path), report.problem, line=report.line))


def _why(error: OSError) -> str:
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
            report = check_chain(_whole_lines(path, file), head=_remembered(path))
            _require_intact(path, report)
            sealed = _sealed(report, drafts, now or utc_now())
            _write(path, file, sealed)
    except OSError as error:
        raise RegistryError(at("optout", str(path), _why(error))) from None
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
    report = check_chain(lines, head=_remembered(path))
    if not report.intact:  # the line was acknowledged, or the damage is elsewhere: touch nothing
        return [*lines, torn]
    with Path(f"{path}.torn").open("ab") as kept:
        kept.write(torn + b"\n")
        kept.flush()
        os.fsync(kept.fileno())
    file.truncate(sum(map(len, lines)))
    return lines


def _sealed(report: ChainReport, drafts: Sequence[Draft], now: str) -> tuple[Event, ...]:
    folded = Fold(report.requests)
    previous = report.events[-1] if report.events else None
    sealed: list[Event] = []
    for draft in drafts:
        if not draft.request and draft.event in {"verify", "reject"} and sealed:
            draft = msgspec.structs.replace(draft, request=sealed[-1].request)  # noqa: PLW2901  the same draft, now with its request
        previous = seal(previous, draft, now)
        try:
            folded.take(previous)
        except ChainError as error:
            raise ConfigError(f"optout: {draft.event} {draft.request}: {error}") from None
        sealed.append(previous)
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


def _head_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.head")


def _remembered(path: Path) -> str | None:
    """Return the head after the last acknowledged event, when the file beside the log is there."""
    try:
        return _head_path(path).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None


def _remember(path: Path, head: str) -> None:
    """Replace the head beside the log; the caller holds the lock."""
    partial = _head_path(path).with_suffix(".head.tmp")
    with partial.open("w", encoding="ascii") as file:
        file.write(f"{head}\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(_head_path(path))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def add(
    path: Path,
    subjects: Sequence[Subject],
    *,
    copies: Copies = "near",
    reason: str = "",
    pending: bool = False,
) -> tuple[Event, ...]:
    """Record a request for one or more subjects and, unless it is pending, its verification."""
    entries = tuple(Entry(each.kind, each.value, each.repo) for each in subjects)
    submit = Draft(event="submit", subjects=entries, copies=copies, reason=reason)
    return append(path, [submit] if pending else [submit, Draft(event="verify")])


def verify(path: Path, request: str) -> Event:
    """Record that a pending request, or its amendment, has been verified."""
    return _one(path, Draft(event="verify", request=request))


def reject(path: Path, request: str, *, reason: str = "") -> Event:
    """Record that a request does not hold."""
    return _one(path, Draft(event="reject", request=request, reason=reason))


def revoke(path: Path, request: str, *, reason: str = "") -> Event:
    """Record that a request has been taken back; the next release has its documents again."""
    return _one(path, Draft(event="revoke", request=request, reason=reason))


def _one(path: Path, draft: Draft) -> Event:
    if not path.exists():  # what is about an earlier request never starts a registry
        raise RegistryError(at("optout", str(path), _why(FileNotFoundError())))
    return append(path, [draft])[0]


def requests(path: Path) -> tuple[RequestState, ...]:
    """List every request with its state, in the order of submission."""
    return load(path).state.requests


def read_text_subject(path: Path) -> Subject:
    """Name the text in a file, for `--text FILE`. Raises `ConfigError` when it is no UTF-8 text."""
    try:
        return text_subject(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise ConfigError(at("optout", str(path), "the file is no readable UTF-8 text")) from None


def open_key(root: Path, name: str) -> bytes:
    """Read the key that a config names relative to its folder; no name, no key."""
    return read_key(root / name) if name else b""


def read_key(path: Path) -> bytes:
    """Read the key of author subjects, without a line feed at its end."""
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise RegistryError(at("optout", str(path), f"the key: {error.strerror}")) from None
