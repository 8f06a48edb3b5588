"""What docs/licences.md shows is what happens: its files load, its commands run, its output is theirs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from filters.licenses.facts import LICENSE_CLASSES
from filters.licenses.policies import SHIPPED, parse_policy
from pipeline.policy_file import load_decisions

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/licences.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, str]]:
    """Every command of the console blocks with the output shown under it."""
    parts = [part for block in blocks("console") for part in block.split("$ ")[1:]]
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the page shows, each named by its first line or its language."""
    folder = tmp_path_factory.mktemp("licences")
    (folder / "data").mkdir()
    (records,) = blocks("jsonl")
    (folder / "data/shop.jsonl").write_text(records, encoding="utf-8")
    for block in blocks("toml"):
        name, _, content = block.removeprefix("# ").partition("\n")
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def shape(text: str, place: Path) -> list[str]:
    """Where it ran and how long it took differ from machine to machine."""
    lines = text.replace(f"{place.resolve()}{os.sep}", "").splitlines()
    return [re.sub(r" in [\d.]+ s, [\d.]+ MB/s", " in S", line).rstrip() for line in lines if line]


def test_every_command_prints_what_is_shown(place: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    commands = [command.split()[1] for command, _ in sessions()]
    assert commands == ["inspect", "run", "explain", "license"]
    for command, shown in sessions():
        done = subprocess.run(
            command.split(),
            cwd=place,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert shape(done.stdout, place) == shape(shown, place)


def test_the_policy_and_the_decisions_load(place: Path) -> None:
    policy = parse_policy(tomllib.loads((place / "mine.toml").read_text(encoding="utf-8")), "mine")
    assert policy.allow[-1] == "MPL-2.0"
    assert len(load_decisions(place / "decisions.toml")) == 1


def test_every_policy_and_class_is_named() -> None:
    assert all(f"| `{name}` |" in PAGE for name in SHIPPED)
    assert ", ".join(LICENSE_CLASSES) in PAGE


def test_the_table_of_packages_adds_up() -> None:
    rows = re.findall(r"^\|.*\| (\d+) \| (\d+) \| (\d+) \| .+ \|$", PAGE, re.MULTILINE)
    lists = re.findall(r"^- `[^`]+`: (.+)\.$", PAGE, re.MULTILINE)
    alike = [int(each.rpartition(" ")[2]) for line in lists for each in line.split(", ")]
    ((files, differ),) = re.findall(r"archives: ([\d,]+) files, .*?; ([\d,]+) files are", PAGE)
    judged = sum(int(kept) + int(dropped) for kept, dropped, _ in rows)
    assert judged + sum(alike) == int(files.replace(",", ""))
    assert sum(int(each) for _, _, each in rows) == int(differ.replace(",", ""))
