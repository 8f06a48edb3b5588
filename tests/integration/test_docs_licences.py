"""What docs/licences.md shows is what happens: its files load, its commands run, its output is theirs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from filters.licenses.facts import LICENSE_CLASSES
from filters.licenses.policies import SHIPPED, parse_policy
from pipeline.policy_file import load_decisions
from tests.pages import Page

PAGE = Page("licences.md")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the page shows, each named by its first line or its language."""
    folder = tmp_path_factory.mktemp("licences")
    (folder / "data").mkdir()
    (records,) = PAGE.blocks("jsonl")
    (folder / "data/shop.jsonl").write_text(records, encoding="utf-8")
    PAGE.write_files(folder, "toml")
    return folder


def test_every_command_prints_what_is_shown(place: Path) -> None:
    commands = [command.split()[1] for command, _ in PAGE.sessions()]
    assert commands == ["inspect", "run", "explain", "license"]
    PAGE.check_sessions(place)


def test_the_policy_and_the_decisions_load(place: Path) -> None:
    policy = parse_policy(tomllib.loads((place / "mine.toml").read_text(encoding="utf-8")), "mine")
    assert policy.allow[-1] == "MPL-2.0"
    assert len(load_decisions(place / "decisions.toml")) == 1


def test_every_policy_and_class_is_named() -> None:
    assert all(f"| `{name}` |" in PAGE.text for name in SHIPPED)
    assert ", ".join(LICENSE_CLASSES) in PAGE.text


def test_the_table_of_packages_adds_up() -> None:
    rows = re.findall(r"^\|.*\| (\d+) \| (\d+) \| (\d+) \| .+ \|$", PAGE.text, re.MULTILINE)
    lists = re.findall(r"^- `[^`]+`: (.+)\.$", PAGE.text, re.MULTILINE)
    alike = [int(each.rpartition(" ")[2]) for line in lists for each in line.split(", ")]
    ((files, differ),) = re.findall(r"archives: ([\d,]+) files, .*?; ([\d,]+) files are", PAGE.text)
    judged = sum(int(kept) + int(dropped) for kept, dropped, _ in rows)
    assert judged + sum(alike) == int(files.replace(",", ""))
    assert sum(int(each) for _, _, each in rows) == int(differ.replace(",", ""))
