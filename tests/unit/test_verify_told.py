"""What `gristmill verify` says it verified: name, version and content, not the name of the folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from manifests.manifest import MANIFEST, decode
from pipeline.cli.app import main
from tests.unit.test_verify import build


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("told") / "tiny-1.0.0")


def test_the_closing_line_names_what_was_verified(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = decode((sound / MANIFEST).read_bytes()).content_root
    assert main(["verify", str(sound)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    said = f"verified: tiny-1.0.0, content root {root[:12]}, "
    assert line.startswith(f"{sound}: {said}")
    other = Path(shutil.copytree(sound, tmp_path / "tiny-9.9.9"))
    assert main(["verify", str(other)]) == 0
    first, note = capsys.readouterr().out.splitlines()
    assert said in first
    assert note == "note: the folder is called tiny-9.9.9, what is in it is tiny-1.0.0"
    plain = other.rename(tmp_path / "downloaded")
    assert main(["verify", str(plain)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_content_root_can_be_required(
    sound: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    root = decode((sound / MANIFEST).read_bytes()).content_root
    assert main(["verify", str(sound), "--content-root", root, "--json"]) == 0
    told = json.loads(capsysbinary.readouterr().out)
    assert told["report"]["content_root"] == root
    assert (told["report"]["name"], told["report"]["version"]) == ("tiny", "1.0.0")
    assert main(["verify", str(sound), "--content-root", "0" * 64, "--json"]) == 4
    assert json.loads(capsysbinary.readouterr().out)["ok"] is False
    for wrong in (root.upper(), root[:12], ""):
        with pytest.raises(SystemExit) as stopped:
            main(["verify", str(sound), "--content-root", wrong])
        assert stopped.value.code == 2
