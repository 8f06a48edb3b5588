"""The objects of a repository, asked for by id from `git cat-file`, in any number and without a deadlock.

git works in an empty repository of ours, which borrows the object store of the one that is read. So none of
that one's config is in force, no filter, hook or file monitor is known, nothing is fetched, and neither
replacements nor grafts stand in for an object. Whether an object is what its id says is checked here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple, Self

from filters.git_ids import object_id
from pipeline.errors import ConfigError, InputError, at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ONCE: Final = 256
"""Objects that are asked for before the first answer is read: their ids fit into any pipe (16 KiB), so
neither side waits for the other."""

_KNOWN: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The id of the empty tree, which every git can show in every repository."""

_CONFIG: Final = """\
[core]
	repositoryformatversion = 0
	bare = true
	hooksPath = /dev/null
	fsmonitor = false
	commitGraph = false
	warnAmbiguousRefs = false
[protocol]
	allow = never
[gc]
	auto = 0
"""
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}


class Head(NamedTuple):
    """What is known of an object before it is read: full id, kind, size in bytes."""

    id: str
    kind: str
    size: int


class Found(NamedTuple):
    """An object: `fault` is `missing`, `corrupt` (no such content, or that of another id) or `""`."""

    kind: str
    raw: bytes
    fault: str = ""


def find_git() -> str:
    """Return the path of the program.

    Raises:
        ConfigError: there is none.
    """
    program = shutil.which("git")
    if program is None:
        raise ConfigError(
            "read: git: there is no such program: sources of format 'git' need it"
            " (apt-get install git, dnf install git, brew install git)"
        )
    return program


def run_git(arguments: Sequence[str]) -> bytes:
    """Run git in no repository at all; returns what it prints, `b""` where it ends badly."""
    with tempfile.TemporaryDirectory(prefix="gristmill-git-") as nowhere:
        done = subprocess.run(
            [find_git(), *arguments],
            env=_environment(Path(nowhere), Path(nowhere)),
            cwd=nowhere,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=False,
        )
    return done.stdout if done.returncode == 0 else b""


class Objects:
    """The objects in one store, a folder called `objects`; `place` names the repository in errors."""

    def __init__(self, store: Path, place: str) -> None:
        self._heads = _CatFile(store, place, "--batch-check")
        self._bodies = _CatFile(store, place, "--batch")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._heads.stop()
        self._bodies.stop()

    def heads(self, names: Sequence[str]) -> Iterator[Head | None]:
        """Yield the head of each object, `None` for one that is missing. Ids may be shortened."""
        for name in self._heads.ask(names):
            line = self._heads.answer()
            if not line:
                self._heads.ended(name)
            yield _head(line) if line else None

    def read(self, ids: Sequence[str], *, most: int) -> Iterator[Found]:
        """Yield each object, in full and checked; one of more than `most` bytes counts as corrupt.

        All of it must be taken before anything else is asked.
        """
        for name in self._bodies.ask(ids):
            line = self._bodies.answer()
            head = _head(line) if line else None
            if not line or (head is not None and head.size > most):
                self._bodies.again() if line else self._bodies.ended(name)
                yield Found("", b"", "corrupt")
            elif head is None:
                yield Found("", b"", "missing")
            else:
                yield self._body(head, name)

    def one(self, name: str, *, most: int) -> Found:
        """Read a single object."""
        (found,) = self.read([name], most=most)
        return found

    def _body(self, head: Head, name: str) -> Found:
        raw = self._bodies.take(head.size)
        if raw is None:
            self._bodies.ended(name)
            return Found("", b"", "corrupt")
        sound = object_id(head.kind.encode(), raw) == head.id == name
        return Found(head.kind, raw) if sound else Found("", b"", "corrupt")


class _CatFile:
    """A running `git cat-file`, started anew where an object brought it down."""

    def __init__(self, store: Path, place: str, flag: str) -> None:
        self._store, self._place, self._flag = store, place, flag
        self._process: subprocess.Popen[bytes] | None = None
        self._stdin: IO[bytes]
        self._stdout: IO[bytes]
        self._waiting: list[str] = []

    def ask(self, names: Sequence[str]) -> Iterator[str]:
        """Ask for objects and yield their names one by one; each answer is to be taken at once."""
        for start in range(0, len(names), _ONCE):
            turn = list(names[start : start + _ONCE])
            self._send(turn)
            for number, name in enumerate(turn):
                self._waiting = turn[number + 1 :]
                yield name

    def answer(self) -> bytes:
        """Read the first line of an answer, without its end; `b""` where git has ended."""
        line = self._stdout.readline()
        return line[:-1] if line.endswith(b"\n") else b""

    def take(self, size: int) -> bytes | None:
        """Read the object behind that line; `None` where git has ended over it."""
        raw = self._stdout.read(size + 1)
        return raw[:-1] if len(raw) == size + 1 else None

    def again(self) -> None:
        """Start anew, and ask once more for what was to come next."""
        self.stop()
        if self._waiting:
            self._send(self._waiting)

    def ended(self, name: str) -> None:
        """Go on after an object over which git has ended.

        Raises:
            InputError: git was ended from outside, which is no fault of the object.
        """
        code = 0 if self._process is None else self._process.wait()
        if code < 0:
            problem = f"git was ended by signal {-code} over object {name}"
            raise InputError(at("read", self._place, problem))
        self.again()

    def stop(self) -> None:
        """End the program."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(BrokenPipeError):  # what it was still to be asked
                self._stdin.close()
            self._stdout.close()
            process.wait()

    def _send(self, names: list[str]) -> None:
        if self._process is None:
            self._start()
        try:
            self._stdin.write("".join(f"{name}\n" for name in names).encode())
            self._stdin.flush()
        except BrokenPipeError:  # it has ended, and nothing was asked of it
            self.stop()
            raise InputError(at("read", self._place, "git has ended before its time")) from None

    def _start(self) -> None:
        with tempfile.TemporaryDirectory(prefix="gristmill-git-") as nowhere:
            home = Path(nowhere)
            _make_empty(home)
            self._process = subprocess.Popen(
                [find_git(), "cat-file", self._flag],
                env=_environment(home, self._store),
                cwd=home,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=1 << 20,
                start_new_session=True,  # Ctrl-C is for us: who ends git makes an object look corrupt
            )
            if self._process.stdin is None or self._process.stdout is None:
                raise OSError("git has no pipes")
            self._stdin, self._stdout = self._process.stdin, self._process.stdout
            self._greet()  # once it has answered it needs the folder no more

    def _greet(self) -> None:
        self._send([_KNOWN])
        if not self.answer() or (self._flag == "--batch" and self.take(0) is None):
            self.stop()
            raise InputError(at("read", self._place, "git does not start on its objects"))


def _head(line: bytes) -> Head | None:
    """Read the line before an object; `missing` and `ambiguous` stand where there is none."""
    name, _, rest = line.decode("ascii", "replace").partition(" ")
    kind, _, size = rest.partition(" ")
    return Head(name, kind, int(size)) if size.isdigit() else None


def _make_empty(home: Path) -> None:
    """Make the repository in which git works."""
    (home / "refs").mkdir()
    (home / "HEAD").write_text("ref: refs/heads/none\n")
    (home / "config").write_text(_CONFIG)


def _environment(home: Path, store: Path) -> dict[str, str]:
    places = {"GIT_DIR": str(home), "GIT_OBJECT_DIRECTORY": str(store), "HOME": str(home)}
    inherited = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return inherited | _ENVIRONMENT | places
