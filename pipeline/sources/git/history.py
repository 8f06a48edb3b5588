"""Which commit of a repository is read: what a ref names, or the first along first parents that is old enough."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.errors import ConfigError, InputError, at
from pipeline.sources.git.refs import ID, SHORT, find_ref, shallow_ends

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.sources.git.objects import Found, Objects
    from pipeline.sources.git.options import Options

EARLY, FUTURE = "date-early", "date-future"
"""What is odd of a commit's date: it lies before version control, or beyond what a clock can say today."""

_FIRST: Final = datetime(1972, 1, 1, tzinfo=UTC).timestamp()  # SCCS, the first version control
_LAST: Final = datetime(2035, 1, 1, tzinfo=UTC).timestamp()
# A fixed day and no clock: builds of one commit on different days must give the same bytes.

_TAGS: Final = 16  # tags of tags that are followed
_LARGEST: Final = 16 << 20  # bytes of a commit or a tag; a message may be long
_COMMITTER: Final = re.compile(rb"^committer .*> (-?[0-9]{1,18}) [+-][0-9]{4}$", re.MULTILINE)


class Commit(NamedTuple):
    """A commit: its id, that of its tree, those of its parents, and the committer's seconds since 1970."""

    id: str
    tree: str
    parents: tuple[str, ...]
    time: int | None

    @property
    def created(self) -> str:
        """The committer's date in UTC, as git has it; `""` where no calendar has it."""
        try:
            moment = datetime.fromtimestamp(self.time or 0, UTC)
        except (ValueError, OverflowError, OSError):
            return ""
        return "" if self.time is None else moment.isoformat().replace("+00:00", "Z")

    @property
    def odd(self) -> tuple[str, ...]:
        """Say whether that date is a lie."""
        if self.time is None or self.time >= _LAST:
            return (FUTURE,) if self.time is not None else ("date-unreadable",)
        return (EARLY,) if self.time < _FIRST else ()


def find_commit(objects: Objects, git_dir: Path, options: Options) -> Commit:
    """Return the commit that the options name.

    Raises:
        ConfigError: there is none, or the clone does not reach back far enough.
        InputError: the repository lacks it.
    """
    name = _resolve(objects, git_dir, options.ref)
    if not name:
        problem = (
            "has no commit yet" if options.ref == "HEAD" else f"has no ref called {options.ref!r}"
        )
        raise ConfigError(at("plan", str(git_dir), problem))
    commit = _peel(objects, git_dir, name)
    return commit if options.at is None else _as_of(objects, git_dir, commit, options.at)


def _resolve(objects: Objects, git_dir: Path, name: str) -> str:
    """Find what a name stands for: an id in full, a ref, a shortened id."""
    if ID.fullmatch(name.lower()):
        return name.lower()
    found = find_ref(git_dir, name)
    if not found and SHORT.fullmatch(name):
        head = next(objects.heads([name.lower()]))
        found = "" if head is None else head.id
    return found


def _peel(objects: Objects, git_dir: Path, name: str) -> Commit:
    """Follow tags to the commit."""
    for _ in range(_TAGS):
        found = _read(objects, git_dir, name)
        if found.kind == "commit":
            return parse_commit(name, found.raw)
        target = re.match(rb"object ([0-9a-f]{40})\n", found.raw) if found.kind == "tag" else None
        if target is None:
            break
        name = target[1].decode()
    raise ConfigError(at("plan", str(git_dir), "options.ref names no commit"))


def _as_of(objects: Objects, git_dir: Path, commit: Commit, moment: int) -> Commit:
    """Go back along first parents to the first commit whose committer's date is not after a moment.

    So does `git rev-list -1 --first-parent --before`. A date that cannot be read is not known to be before.
    """
    ends = shallow_ends(git_dir)
    while commit.time is None or commit.time > moment:
        if commit.id in ends:
            problem = (
                f"the clone is shallow and ends at {commit.created}, after options.at:"
                " `git fetch --unshallow` gets the rest"
            )
            raise ConfigError(at("plan", str(git_dir), problem))
        if not commit.parents:
            problem = f"no commit is as old as options.at: the first is of {commit.created}"
            raise ConfigError(at("plan", str(git_dir), problem))
        name = commit.parents[0]
        commit = parse_commit(name, _read(objects, git_dir, name).raw)
    return commit


def _read(objects: Objects, git_dir: Path, name: str) -> Found:
    found = objects.one(name, most=_LARGEST)
    if found.fault:
        raise InputError(at("read", str(git_dir), f"object {name} is {found.fault}"))
    return found


def parse_commit(name: str, raw: bytes) -> Commit:
    """Read the head of a commit, which ends at the first blank line; nothing of its message or people is kept."""
    head = raw.partition(b"\n\n")[0]
    tree = re.match(rb"tree ([0-9a-f]{40})$", head, re.MULTILINE)
    parents = re.findall(rb"^parent ([0-9a-f]{40})$", head, re.MULTILINE)
    dated = _COMMITTER.search(head)
    return Commit(
        id=name,
        tree="" if tree is None else tree[1].decode(),
        parents=tuple(each.decode() for each in parents),
        time=None if dated is None else int(dated[1]),
    )
