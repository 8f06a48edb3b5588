"""The detector opens from its cache or makes it anew, the same either way, and a broken one judges nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pytest

from filters.licenses.texts.index import TextIndex, dump, fingerprint, load
from filters.licenses.texts.match import Matcher
from filters.licenses.texts.templates import canaries
from pipeline.cache import cache_folder, keep, read_cached
from pipeline.detector import Kept, check_canaries, detect, detector_version, open_matcher
from pipeline.errors import GristmillError

PROGRAM: Final = """
from filters.licenses.texts.index import fingerprint
from pipeline.detector import open_matcher
print(fingerprint(open_matcher().index))
"""


@pytest.fixture(scope="module")
def index() -> TextIndex:
    return open_matcher().index


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache, and a process that has not opened its detector yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    open_matcher.cache_clear()
    yield cache_folder()
    open_matcher.cache_clear()


def name() -> str:
    return f"licenses-{detector_version()}.idx"


def stored(index: TextIndex) -> bytes:
    return msgspec.msgpack.encode(Kept(dump(index), canaries()))


# ---- canaries


def without(index: TextIndex, wanted: str) -> TextIndex:
    """The index with the places of one template gone."""
    at = next(slot for slot, names in enumerate(index.names) if wanted in names)
    kept = index.owner[index.places] != at
    before = np.concatenate([[0], np.cumsum(kept)])
    return index._replace(places=index.places[kept], starts=before[index.starts].astype(np.int64))


def test_a_detector_that_works_passes(index: TextIndex) -> None:
    check_canaries(Matcher(index), canaries())


@pytest.mark.parametrize("wanted", ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only"])
def test_a_lost_template_is_noticed(index: TextIndex, wanted: str) -> None:
    with pytest.raises(GristmillError, match=f"does not find {wanted} in its own text"):
        check_canaries(Matcher(without(index, wanted)), canaries())


def test_an_emptied_index_is_noticed(index: TextIndex) -> None:
    empty = index._replace(
        gram_keys=np.zeros_like(index.gram_keys), gram_ids=np.full_like(index.gram_ids, -1)
    )
    with pytest.raises(GristmillError, match="does not find MIT"):
        check_canaries(Matcher(empty), canaries())


def test_texts_that_come_out_as_others_are_noticed(index: TextIndex) -> None:
    turned = index._replace(names=index.names[1:] + index.names[:1])
    with pytest.raises(GristmillError, match="nothing was judged"):
        check_canaries(Matcher(turned), canaries())


def test_a_text_that_is_not_what_it_is_called_is_noticed(index: TextIndex) -> None:
    texts = {name: text for text, name in canaries()}
    with pytest.raises(GristmillError, match="does not find MIT"):
        check_canaries(Matcher(index), ((texts["BSD-3-Clause"], "MIT"),))
    with pytest.raises(GristmillError, match="does not find MIT"):
        check_canaries(Matcher(index), ((f"{texts['MIT']}\n\nNot for commercial use.", "MIT"),))


def test_the_error_quotes_no_text(index: TextIndex) -> None:
    with pytest.raises(GristmillError) as caught:
        check_canaries(Matcher(without(index, "MIT")), canaries())
    assert "Permission is hereby" not in str(caught.value)
    assert caught.value.exit_code == 1


# ---- the cache


def test_a_cached_index_is_used(cache: Path, index: TextIndex) -> None:
    turned = without(index, "ISC")  # no canary, so it tells whether the file is read
    keep(name(), stored(turned))
    assert fingerprint(open_matcher().index) == fingerprint(turned)
    assert list(cache.iterdir()) == [cache / name()]


def test_a_cached_index_that_finds_nothing_stops_the_process(cache: Path, index: TextIndex) -> None:
    keep(name(), stored(without(index, "MIT")))
    with pytest.raises(GristmillError, match="does not find MIT"):
        open_matcher()
    with pytest.raises(GristmillError, match="nothing was judged"):
        detect("print()\n", "a.py")


@pytest.mark.parametrize("damage", ["flipped", "other"])
def test_a_damaged_cache_is_made_anew(cache: Path, index: TextIndex, damage: str) -> None:
    keep(name(), stored(index) if damage == "flipped" else b"\x92\xc4\x01x\x90")
    path = cache / name()
    if damage == "flipped":
        data = path.read_bytes()
        at = len(data) // 2
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    assert fingerprint(open_matcher().index) == fingerprint(index)
    again = msgspec.msgpack.decode(read_cached(name()), type=Kept)
    assert fingerprint(load(again.index)) == fingerprint(index)
    assert again.canaries == canaries()


def test_a_damaged_file_of_the_cache_is_not_read(cache: Path) -> None:
    keep("x", b"data")
    assert read_cached("x") == b"data"
    data = (cache / "x").read_bytes()
    for damaged in (b"", data[:-1], data[:10], data + b"x", b"x" + data, data[::-1]):
        (cache / "x").write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged"):
            read_cached("x")


def test_a_cache_that_cannot_be_written_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: TextIndex
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    keep("x", b"data")
    with pytest.raises(OSError, match="gristmill"):
        read_cached("x")


def test_a_fresh_process_makes_the_same_index_under_any_hash_seed(
    tmp_path: Path, index: TextIndex
) -> None:
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(tmp_path),
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == fingerprint(index)
    assert len(list((tmp_path / "gristmill").glob("licenses-*.idx"))) == 1


def test_the_version_names_code_and_texts() -> None:
    assert detector_version() == detector_version()
    assert len(detector_version()) == 16
