"""A release made once more from what it holds itself: the same bytes, and when not, the reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import zstandard

from filters.subjects import subject
from manifests.manifest import MANIFEST, decode
from pipeline import reproduce as module
from pipeline.cli.app import main
from pipeline.engine.crew import Crew
from pipeline.errors import ConfigError, InputError, IntegrityError
from pipeline.means import Means
from pipeline.optout import add
from pipeline.recorded import Given
from pipeline.reproduce import reproduce
from pipeline.run import run_config

CONFIG = """\
[release]
name = "r"
version = "{version}"
shards = 2
[[sources]]
name = "web"
paths = ["in/*.jsonl"]
license = "MIT"
[license]
policy = "own.toml"
[optout]
registry = "registry/events.jsonl"
[split]
test = 0.2
"""


class Place:
    """A folder with a config, its inputs and what was made of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "in").mkdir()
        (root / "own.toml").write_text('description = "ours"\nallow = ["MIT"]\n')
        self.write("a", range(40))
        add(root / "registry/events.jsonl", [subject("id", "d7")])

    def write(self, name: str, numbers: Any) -> None:
        lines = [{"id": f"d{n}", "text": f"Document {n}: " + f"word{n} " * 60} for n in numbers]
        path = self.root / f"in/{name}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def release(self, version: str) -> Path:
        config = self.root / "r.toml"
        config.write_text(CONFIG.format(version=version))
        return run_config(config, out=self.root / "out", crew=Crew("sync")).release

    def again(self, release: Path, name: str = "again", **given: Any) -> module.Reproduction:
        means = Means(self.root / name, crew=Crew("sync"))
        return reproduce(release, Given(self.root, **given), means)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_release_comes_out_again_byte_for_byte_whatever_was_added_since(place: Place) -> None:
    """Inputs and requests that came later are left out: the manifest says what there was."""
    first = place.release("1.0.0")
    place.write("b", range(40, 60))
    second = place.release("1.1.0")
    place.write("c", range(60, 70))
    add(place.root / "registry/events.jsonl", [subject("id", "d9")])
    (place.root / "r.toml").unlink()
    for release in (first, second):
        found = place.again(release, f"again-{release.name}")
        assert found.identical, found.files
        assert found.sound
        assert found.departures == ()


def test_inputs_that_changed_are_all_named_and_nothing_is_made(place: Place) -> None:
    place.write("b", range(40, 50))
    release = place.release("1.0.0")
    place.write("a", range(41))
    (place.root / "in/b.jsonl").unlink()
    with pytest.raises(InputError) as caught:
        place.again(release)
    assert "in/a.jsonl: is another file" in str(caught.value)
    assert "in/b.jsonl: is missing" in str(caught.value)
    assert not list((place.root / "again").glob("r-*"))


def test_another_compressor_is_explained_and_not_failed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A libzstd that writes other bytes, as versions of it do: another level stands for it here."""
    release = place.release("1.0.0")
    monkeypatch.setattr("pipeline.shards.LEVEL", 7)
    monkeypatch.setattr(zstandard, "ZSTD_VERSION", (1, 9, 9))
    found = place.again(release)
    assert not found.identical
    assert found.content
    assert found.sound
    now = [each for each in found.departures if each.what == "libzstd"]
    assert [each.now for each in now] == ["1.9.9"]
    assert any(path.startswith("data/web/") for path in found.files)
    made = decode((found.release / MANIFEST).read_bytes())
    assert made.content_root == decode((release / MANIFEST).read_bytes()).content_root


def test_other_bytes_from_the_same_tools_are_a_fault(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = place.release("1.0.0")
    monkeypatch.setattr("pipeline.shards.LEVEL", 7)
    found = place.again(release)
    assert found.content
    assert not found.sound


def test_other_records_are_counted_and_exit_with_4(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    release = place.release("1.0.0")
    (place.root / "own.toml").write_text('description = "ours"\nallow = ["ISC"]\n')
    arguments = ["reproduce", str(release), "--inputs", str(place.root), "--executor", "sync"]
    assert main([*arguments, "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert (told["identical"], told["same_content"]) == (False, False)
    assert told["changes"]["removed"] == 39
    assert main(arguments) == 4
    assert "other records" in capsys.readouterr().out


def test_a_damaged_release_a_lost_parent_and_a_missing_key_are_told_apart(place: Place) -> None:
    first = place.release("1.0.0")
    place.write("b", range(40, 60))
    second = place.release("1.1.0")
    moved = Path(shutil.move(first, place.root / "elsewhere"))
    with pytest.raises(ConfigError, match="is no release"):
        place.again(second)
    assert place.again(second, parent=moved).identical
    (second / "README.md").write_text("other\n")
    with pytest.raises(IntegrityError, match="is damaged"):
        place.again(second, parent=moved)
