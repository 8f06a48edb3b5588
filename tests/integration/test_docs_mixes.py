"""What docs/mixes.md shows is what happens: its texts are made, its recipes run, its output is theirs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from manifests.mix import Recipe
from pipeline.cli.app import main
from tests.pages import Page

PAGE = Page("mixes.md")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the page shows, each named by its first line, and the release."""
    folder = tmp_path_factory.mktemp("mixes")
    PAGE.write_files(folder, "python", "toml")
    subprocess.run([sys.executable, "make.py"], cwd=folder, check=True)
    arguments = ["--out", str(folder / "out"), "--executor", "sync"]
    assert main(["run", str(folder / "grain.toml"), *arguments]) == 0
    return folder


def test_every_command_prints_what_is_shown(place: Path) -> None:
    assert len(PAGE.sessions()) == 3
    PAGE.check_sessions(place)
    written = {path.name for path in (place / "mixes").glob("*/*")}
    assert written == {"SHA256SUMS", "mix-00000-of-00001.jsonl.zst", "mix.json", "recipe.toml"}


def test_the_epochs_that_were_found_give_the_same_mix(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = str(place / "out/grain-1.0.0")
    told = []
    for recipe in ("by-weights.toml", "pinned.toml"):
        capsys.readouterr()
        assert main(["mix", release, str(place / recipe), "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out)["mix"])
        epochs = [f"{share['name']} = {share['epochs']!r}\n" for share in told[0]["sources"]]
        text = '[mix]\nname = "by-weights"\nunit = "words"\n[mix.epochs]\n' + "".join(epochs)
        (place / "pinned.toml").write_text(text, encoding="utf-8")
    assert told[0]["sources"] == told[1]["sources"]


def test_every_key_is_on_the_page() -> None:
    assert all(f"`mix.{key}`" in PAGE.text for key in Recipe.__struct_fields__)
