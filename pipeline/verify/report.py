"""What a check of a release found: problems, each with the file, frame and document it lies in."""

from __future__ import annotations

from typing import Final

import msgspec

from pipeline.errors import at
from pipeline.terminal import printable

LIMIT: Final = 50


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with one file; `path` is relative to the release, `frame` counts from 0."""

    path: str
    problem: str
    frame: int | None = None
    document: str | None = None

    def __str__(self) -> str:
        """Spell the problem as errors are spelled."""
        parts = [
            *([] if self.frame is None else [f"frame {self.frame}"]),
            *([] if self.document is None else [f"document {self.document}"]),
            self.problem,
        ]
        return printable(at("verify", self.path, ": ".join(parts)))


class Report(msgspec.Struct, frozen=True):
    """The outcome: problems, and how much was looked at (`bytes` as they lie on disk).

    `signer` is the fingerprint of the key that signed the release, `""` when nobody did; `name`,
    `version` and `content_root` are what its manifest says it is, empty where that does not read.
    """

    problems: tuple[Problem, ...]
    files: int
    bytes: int
    documents: int
    questions: int
    deep: bool
    signer: str = ""
    name: str = ""
    version: str = ""
    content_root: str = ""

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


class Findings:
    """Collects problems; after `LIMIT` for one file it only counts that file's further ones."""

    def __init__(self) -> None:
        self._found: dict[str, list[Problem]] = {}
        self._further: dict[str, int] = {}

    def add(
        self, path: str, problem: str, *, frame: int | None = None, document: str | None = None
    ) -> None:
        """Take down a problem; one that is known already counts once."""
        new = Problem(path, problem, frame, document)
        found = self._found.setdefault(path, [])
        if new in found:
            return
        if len(found) < LIMIT:
            found.append(new)
        else:
            self._further[path] = self._further.get(path, 0) + 1

    def names(self, path: str) -> bool:
        """Say whether something is wrong with this file."""
        return path in self._found

    def problems(self) -> tuple[Problem, ...]:
        """Return everything, in the order of paths and, within a file, as found."""
        return tuple(
            problem
            for path in sorted(self._found, key=_bytes)
            for problem in (*self._found[path], *self._rest(path))
        )

    def _rest(self, path: str) -> list[Problem]:
        """Say how many problems of a file are not listed."""
        further = self._further.get(path, 0)
        return [Problem(path, f"{further} further problems")] if further else []


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
