"""What the README shows is what happens: its commands run, its config loads, its output has this shape."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.command import FORKING, Done, forked

ROOT = Path(__file__).parents[2]
NEWCOMER = ROOT / "tests/newcomer"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, str]]:
    """Every command of the console blocks with the output shown under it."""
    found = []
    for block in blocks("console"):
        for part in block.split("$ ")[1:]:
            command, _, output = part.partition("\n")
            found.append((command.partition("  #")[0].strip(), output))
    return found


def shape(text: str) -> list[str]:
    """Numbers and runs of spaces differ from machine to machine."""
    plain = re.sub(r"\b[0-9a-f]{32,64}\b|(?<=content root )[0-9a-f]{12}\b", "HASH", text)
    return [re.sub(r"[\d,.]+", "N", " ".join(line.split())) for line in plain.splitlines() if line]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Path:
    """A folder in which the README's commands make sense."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copytree(corpus / "code", folder / "data/github")
    shutil.copytree(corpus / "docs", folder / "data/web")
    config, _ = blocks("toml")
    (folder / "mycorpus.toml").write_text(config.replace("content", "text"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def newcomer() -> Iterator[None]:
    """What is forked finds as few packages as what is started."""
    with FORKING.before_all(NEWCOMER):
        yield


def environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join((str(NEWCOMER), str(ROOT)))}


def run(command: str, place: Path) -> Done:
    """Run a command as a person does who types it."""
    return subprocess.run(
        command,
        shell=True,
        cwd=place,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def done_after(command: str, place: Path) -> Done:
    """Run a command of which another has shown that a person can type it: one of ours is a fork."""
    program, *words = shlex.split(command)
    if program != "gristmill":
        return run(command, place)
    return forked(words, 240, environment(), place)


def test_the_two_commands_of_the_first_screen_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [command for command, _ in sessions() if command.startswith("make ")]
    assert targets == ["make demo", "make test"]
    assert all(f"\n{target.removeprefix('make ')}: " in makefile for target in targets)


def test_the_table_of_redaction_is_one() -> None:
    from pipeline.redaction import Redact, check_redact

    _, table = blocks("toml")
    redact = msgspec.convert(tomllib.loads(table)["redact"], Redact)
    assert check_redact(redact) == []
    assert {"EMAIL", "CARD"} == redact.replace.keys()


@pytest.mark.slow
def test_the_demo_and_every_command_after_it(place: Path, newcomer: None) -> None:
    demo = run("gristmill demo --out out", place)
    assert demo.returncode == 0, demo.stderr
    shown = next(block for block in blocks("text") if "demo-1.0.0" in block)
    assert shape(shown)[0] == shape(demo.stdout)[0]
    assert demo.stdout.splitlines()[-1] == str(place.resolve() / "out/demo-1.0.0")
    for command, expected in sessions():
        if command.startswith(("make ", ". ")):
            continue
        done = done_after(command, place)
        assert done.returncode == 0, (command, done.stderr)
        if "query" in command:
            assert shape(done.stdout)[:2] == shape(expected)[:2]
        elif expected.strip():
            said = done.stdout.replace(str(place.resolve()), "/home/you/gristmill")
            assert shape(said) == shape(expected)


def test_every_config_key_is_documented() -> None:
    from filters.quality import QUALITY_FILTERS
    from manifests.about import About
    from pipeline.config import (
        QA,
        Config,
        Dedup,
        Limits,
        Near,
        OptOut,
        Quality,
        Release,
        Repositories,
        Source,
        Split,
    )  # fmt: skip
    from pipeline.decontam import Decontam, Protect
    from pipeline.dedup.passages import PassageRule
    from pipeline.filtering import PluginFilter
    from pipeline.redaction import Redact

    page = (ROOT / "docs/config.md").read_text(encoding="utf-8")
    tables: dict[str, type] = {
        "release": Release, "sources": Source, "optout": OptOut, "quality": Quality,
        "about": About, "decontam": Decontam, "decontam.protect": Protect, "dedup": Dedup,
        "split": Split, "limits": Limits, "redact": Redact, "qa": QA,
        "filters": PluginFilter,
    }  # fmt: skip
    assert {*Config.__struct_fields__, "decontam.protect"} == {*tables, "license"}
    tables |= {f"quality.{each.name}": type(each) for each in QUALITY_FILTERS}
    for name, table in tables.items():
        for field in (each.encode_name for each in msgspec.structs.fields(table)):
            known = f"`{name}.{field}`" in page or f"{name}.{field}" in tables
            assert known, f"{name}.{field}"
    for table in (Near, Repositories, PassageRule):
        for field in table.__struct_fields__:
            assert field in page, f"{table.__name__}.{field}"


def test_every_command_is_documented_and_has_help() -> None:
    from pipeline.cli.app import build_parser
    from pipeline.cli.commands import COMMANDS

    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        assert f"gristmill {name}" in README, name
        with pytest.raises(SystemExit) as ended:
            build_parser().parse_args([name, "--help"])
        assert ended.value.code == 0
