"""Readers that commands make, small enough for a test: how they are asked for, and how right they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import Ask

NET = ("--layers", "1", "--width", "64", "--vocab", "300", "--device", "cpu", "--batch", "1024")


def learn(ask: Ask, out: Path, *given: object) -> dict[str, Any]:
    """Train a reader of one layer; return its `reader.json`."""
    return head_of(ask, out, "train", *given, *NET)


def head_of(ask: Ask, out: Path, *arguments: object) -> dict[str, Any]:
    """Have a command of `gristmill qa` write a reader; return its `reader.json`."""
    said = ask("qa", *arguments, "--out", out)
    assert said.code == 0, said
    head: dict[str, Any] = json.loads((out / "reader.json").read_bytes())
    return head


def told(ask: Ask, model: Path, file: Path) -> dict[str, str]:
    """Return what a reader answers to each question of a file."""
    out = file.with_name(f"{model.name}-answers.json")
    assert ask("qa", "predict", model, file, "--out", out, "--device", "cpu").code == 0
    found: dict[str, str] = json.loads(out.read_bytes())
    out.unlink()
    return found


def right(ask: Ask, model: Path, file: Path, wanted: dict[str, str]) -> float:
    """Return the share of questions, all of them in a file, that a reader answers exactly."""
    found = told(ask, model, file)
    return sum(found[name] == text for name, text in wanted.items()) / len(wanted)


def refused(ask: Ask, *arguments: object, code: int = 2) -> str:
    """Ask for what cannot be; return the one line that says so: 2 blames the options, 3 the input."""
    said = ask(*arguments)
    assert said.code == code, said
    assert "fault of gristmill" not in said.err
    assert "Traceback" not in said.err
    return said.err.splitlines()[-1]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
