"""What is kept between runs: named by notes, and made by one process at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from pipeline import cache


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "gristmill"


def test_a_note_holds_while_every_file_that_it_names_is_there(folder: Path) -> None:
    assert not cache.keeps_all("note")
    cache.keep("note", b"a\nb")
    cache.keep("a", b"1")
    assert not cache.keeps_all("note")
    cache.keep("b", b"2")
    assert cache.keeps_all("note")
    (folder / "note").write_bytes(b"damaged")
    assert not cache.keeps_all("note")


def test_who_holds_the_lock_and_does_nothing_keeps_nobody_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_PATIENCE", 0.2)
    folder.mkdir()
    with (folder / "thing.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with cache.made_alone("thing"):
            pass
    with (
        cache.made_alone("thing"),
        (folder / "thing.lock").open("w") as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
