"""Git repositories made by the git program itself, whatever its user has configured."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "C",
    "GIT_COMMITTER_EMAIL": "c@example.org",
    "LC_ALL": "C",
}
DAY = "2020-02-03T04:05:06Z"


def run_git(folder: Path, *arguments: str | bytes, data: bytes = b"", **environment: str) -> str:
    """Run git and return what it prints, without the end of the last line."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=inherited | _ENVIRONMENT | environment,
        input=data,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


class Repository(NamedTuple):
    """A repository with a working tree that is never used: contents go straight into the index."""

    path: Path

    @classmethod
    def init(cls, path: Path) -> Repository:
        path.mkdir(parents=True)
        run_git(path, "init", "--quiet", "--initial-branch=main")
        return cls(path)

    def git(self, *arguments: str | bytes, data: bytes = b"", **environment: str) -> str:
        return run_git(self.path, *arguments, data=data, **environment)

    def blob(self, raw: bytes) -> str:
        """Store a content; returns its id."""
        return self.git("hash-object", "-w", "--stdin", data=raw)

    def stage(self, path: str | bytes, name: str, mode: str = "100644") -> None:
        """Put an object into the index under a path."""
        where = path.encode() if isinstance(path, str) else path
        line = f"{mode} {name}\t".encode() + where + b"\0"
        self.git("update-index", "--add", "-z", "--index-info", data=line)

    def add(self, path: str | bytes, raw: bytes, mode: str = "100644") -> str:
        name = self.blob(raw)
        self.stage(path, name, mode)
        return name

    def commit(self, date: str = DAY, message: str = "m") -> str:
        """Commit the index; returns the commit's id. `date` is git's own spelling, or ISO 8601."""
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        self.git("commit", "--quiet", "--allow-empty", "-m", message, **dates)
        return self.git("rev-parse", "HEAD")

    def loose(self, name: str) -> Path:
        """Find the file of an object that is not packed."""
        return self.path / ".git/objects" / name[:2] / name[2:]

    def lose(self, name: str) -> None:
        """Take an object away, as a partial clone lacks it."""
        self.loose(name).unlink()
