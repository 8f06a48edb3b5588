"""A page of the documentation as a test reads it: its blocks, and its console sessions run for real."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests import command

ROOT = Path(__file__).parents[1]


class Page:
    """A Markdown file below docs/."""

    def __init__(self, name: str) -> None:
        self.text = (ROOT / "docs" / name).read_text(encoding="utf-8")

    def blocks(self, language: str) -> list[str]:
        return re.findall(rf"^```{language}\n(.*?)^```", self.text, re.MULTILINE | re.DOTALL)

    def sessions(self) -> list[tuple[str, str]]:
        """Every command of the console blocks with the output shown under it."""
        parts = [part for block in self.blocks("console") for part in block.split("$ ")[1:]]
        return [(command, output) for command, _, output in (p.partition("\n") for p in parts)]

    def write_files(self, folder: Path, *languages: str) -> None:
        """Write the blocks of these languages, each named by the comment in its first line."""
        for block in (block for language in languages for block in self.blocks(language)):
            name, _, content = block.removeprefix("# ").partition("\n")
            (folder / name).write_text(content, encoding="utf-8")

    def check_sessions(self, folder: Path, volatile: tuple[tuple[str, str], ...] = ()) -> None:
        """Run the commands in their order; each prints what is shown, but for the `volatile` patterns."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        for line, shown in self.sessions():
            done = _done(line.split(), folder, {**os.environ, "PATH": path})
            assert done.returncode == 0, f"{line}: {done.stderr}"
            assert shape(done.stdout, folder, volatile) == shape(shown, folder, volatile), line


def _done(words: list[str], folder: Path, environment: dict[str, str]) -> command.Done:
    """Run a command; one of ours is a fork."""
    if words[0] == "gristmill":
        return command.forked(words[1:], 240, environment, folder)
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def shape(text: str, folder: Path, volatile: tuple[tuple[str, str], ...]) -> list[str]:
    """Where it ran and how long it took differ from machine to machine; so does what is named."""
    lines = text.replace(f"{folder.resolve()}{os.sep}", "").splitlines()
    timed = ((r" in [\d.]+ s, [\d.]+ MB/s", " in S"), *volatile)
    for pattern, stand_in in timed:
        lines = [re.sub(pattern, stand_in, line) for line in lines]
    return [line.rstrip() for line in lines if line]
