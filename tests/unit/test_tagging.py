"""The second language model is kept small, and says from the cache what it says from its package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from filters._opinion_model import dump, load, read_model
from pipeline.cache import cache_folder, is_kept
from pipeline.tagging import model_name, read_kept_model

ASK = """
from filters.document import Document
from pipeline.tagging import tag
text = "O moinho fica xunto ao río e a auga move a roda todo o día"
print(tag(Document(id="1", text=text, sha256="", source="s")).natural_language)
"""


def ask() -> str:
    done = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout


def test_what_was_dumped_is_loaded() -> None:
    model = read_model()
    found = load(dump(model))
    assert found.classes == model.classes
    arrays = zip(
        (*found.automaton, *found.weights, found.priors),
        (*model.automaton, *model.weights, model.priors),
        strict=True,
    )
    for one, other in arrays:
        assert one.dtype == other.dtype
        assert not one.flags.writeable
        assert np.array_equal(one, other)


@pytest.mark.parametrize("data", [b"", b"\x92\x90\x90", msgspec.msgpack.encode([[b"a"] * 10, []])])
def test_what_was_not_dumped_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, msgspec.DecodeError)):
        load(data)


def test_it_is_made_once_and_again_where_it_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    read_kept_model.cache_clear()
    read_kept_model()
    assert is_kept(model_name())
    path = cache_folder() / model_name()
    whole = path.read_bytes()
    made = path.stat().st_ino
    said = ask()
    assert said.strip() == "gl"
    assert path.stat().st_ino == made
    path.write_bytes(whole[:-1])
    assert ask() == said
    assert path.read_bytes() == whole
    read_kept_model.cache_clear()
