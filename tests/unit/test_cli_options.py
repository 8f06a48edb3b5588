"""Options that several commands share, and what a command says of a fault of ours."""

from __future__ import annotations

import argparse
import re

import msgspec
import pytest

from pipeline.cli import app, demo, run
from pipeline.cli.options import add_run_options, memory_size
from pipeline.job import DEFAULT_MEMORY

MIB, GIB = 1 << 20, 1 << 30


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MiB", 512 * MIB),
        ("512mib", 512 * MIB),
        ("512m", 512 * MIB),
        ("512MB", 512_000_000),
        ("2GB", 2_000_000_000),
        ("1g", GIB),
        (" 1 GiB ", GIB),
        ("1.5GiB", 3 * GIB // 2),
        ("0.1TiB", (1 << 40) // 10),
        ("70000KiB", 70_000 << 10),
        ("67108864", 64 * MIB),
        ("64MiB", 64 * MIB),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert memory_size(text) == size


@pytest.mark.parametrize("text", ["64MB", "63.9MiB", "1k", "64", "0", "0GiB", "67108863"])
def test_too_little_memory_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="too little: give at least 64MiB"):
        memory_size(text)


@pytest.mark.parametrize(
    "text",
    ["", "GiB", "-1GiB", "1 G i B", "1e3MiB", "1.GiB", ".5GiB", "1,5GiB", "1PiB", "0x10", "nan"],
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no size: write it as"):
        memory_size(text)


def test_a_size_beyond_all_machines_still_fits_into_a_spec() -> None:
    size = memory_size("9" * 400 + "TiB")
    assert msgspec.json.decode(msgspec.json.encode(size), type=int) == size > 1 << 60


def parse(module: object, *arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    module.add_parser(commands)  # type: ignore[attr-defined]  # each module of a command has it
    return parser.parse_args(arguments)


@pytest.mark.parametrize(("module", "command"), [(run, ("run", "m.toml")), (demo, ("demo",))])
def test_every_command_that_makes_a_release_takes_the_size(
    module: object, command: tuple[str, ...]
) -> None:
    assert parse(module, *command).memory == DEFAULT_MEMORY
    assert parse(module, *command, "--memory-limit", "64MiB").memory == 64 * MIB


def test_a_wrong_size_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_run_options(parser)
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(["--memory-limit", "plenty"])
    assert caught.value.code == 2
    assert "'plenty' is no size" in capsys.readouterr().err


def test_a_fault_of_ours_is_placed_and_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def handle(options: argparse.Namespace) -> int:
        raise KeyError(f"what {options.command} read in a document")

    parser = argparse.ArgumentParser()
    parser.set_defaults(handler=handle, command="broken")
    monkeypatch.setattr(app, "build_parser", lambda: parser)
    assert app.main([]) == 1
    said = capsys.readouterr().err
    assert re.fullmatch(
        r"broken: unexpected KeyError at \w+\.py:\d+ \(handle\): a fault of gristmill: .*\n", said
    )
