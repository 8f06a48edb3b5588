"""Folders: which files are read, in which order, and what becomes of those that are no text."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from filters.git_ids import content_id
from pipeline.config import load_config
from pipeline.errors import ConfigError, InputError
from pipeline.plan import freeze_inputs, read_input
from pipeline.sources import Bad, Item, Raw, Said, read
from pipeline.sources.trees.folder import digest_folder

FILES = {
    "LICENSE": b"Do as you like.\n",
    "a/deep/er.txt": b"deep\n",
    "a-b.txt": b"dash\n",
    "a.txt": b"dot\n",
    "empty.txt": b"",
    "image.png": b"\x89PNG\0",
    "latin.txt": b"caf\xe9\n",
    "z.py": b"turns = 1\n",
}
HIDDEN = {".env": b"KEY=1\n", ".git/config": b"[core]\n", "a/.cache/x.txt": b"x\n"}
DROPS = {"empty.txt": "empty", "image.png": "binary", "latin.txt": "not-utf8"}


def grow(folder: Path, files: dict[str, bytes] = FILES | HIDDEN) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def items(folder: Path, **said: Any) -> list[Item]:
    return list(read(folder, "folder", said=Said(**said)))


def told(found: list[Item]) -> dict[str, str]:
    """What became of each file, by its path."""
    return {
        each.record["path"] if isinstance(each, Raw) else each.name: each.drop
        if isinstance(each, Raw)
        else each.reason
        for each in found
    }


def test_files_come_in_the_order_of_their_paths_bytes(tmp_path: Path) -> None:
    found = items(grow(tmp_path / "mill"))
    assert found == [
        Raw(
            row,
            row + 1,
            {
                "id": f"mill/{path}",
                "path": path,
                "text": "" if path in DROPS else FILES[path].decode(),
                "content_id": content_id(FILES[path]),
            },
            drop=DROPS.get(path, ""),
        )
        for row, path in enumerate(sorted(FILES, key=os.fsencode))
    ]


def test_hidden_files_are_read_where_that_is_asked_for_but_not_gits(tmp_path: Path) -> None:
    found = told(items(grow(tmp_path), options={"hidden": True}))
    assert found.keys() == FILES.keys() | {".env", "a/.cache/x.txt"}


def test_globs_choose_files_and_licences_speak_all_the_same(tmp_path: Path) -> None:
    said = {"include": ("*.txt", "z.py"), "options": {"exclude": ["a/"], "max_bytes": 5}}
    assert told(items(grow(tmp_path), **said)) == {
        "LICENSE": "too-large",
        "a-b.txt": "",
        "a.txt": "",
        "empty.txt": "empty",
        "latin.txt": "not-utf8",
        "z.py": "too-large",
    }
    found = items(tmp_path, include=("z.py",), options={"repo": "r", "url": "u"})
    assert [(each.drop, each.record["text"]) for each in found if isinstance(each, Raw)] == [
        ("not-included", "Do as you like.\n"),
        ("", "turns = 1\n"),
    ]
    assert all(
        isinstance(each, Raw) and (each.record["repo"], each.record["url"]) == ("r", "u")
        for each in found
    )


def test_no_link_is_followed_and_nothing_else_than_files_is_read(tmp_path: Path) -> None:
    outside = grow(tmp_path / "outside", {"secret.txt": b"secret\n"})
    root = grow(tmp_path / "mill", {"good.txt": b"good\n"})
    (root / "file.txt").symlink_to(outside / "secret.txt")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "nowhere").symlink_to("gone")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(os.path.relpath(root / "plug"))  # an address has 108 bytes at most
        found = items(root)
    assert told(found) == {
        "file.txt": "symlink",
        "folder": "symlink",
        "good.txt": "",
        "loop": "symlink",
        "nowhere": "symlink",
        "pipe": "special",
        "plug": "special",
    }
    assert "secret" not in repr(
        [each for each in found if isinstance(each, Raw) and each.record["text"]]
    )


def test_names_that_no_path_may_have_are_bad_rows(tmp_path: Path) -> None:
    names = {b"bell\x07": "path:control", b"back\\slash": "path:backslash", b"c:": "path:drive"}
    if sys.platform == "linux":  # macOS refuses to make such a file
        names[b"caf\xe9"] = "path:utf8"
    for name in names:
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:  # noqa: PTH123  a path is text
            file.write(b"x\n")
    grow(tmp_path, {"good.txt": b"good\n"})
    found = items(tmp_path)
    assert {each.raw: each.reason for each in found if isinstance(each, Bad)} == names
    assert [each.record["path"] for each in found if isinstance(each, Raw)] == ["good.txt"]


def test_what_vanishes_while_it_is_read_is_a_bad_row(tmp_path: Path) -> None:
    root = grow(
        tmp_path / "mill", {"a.txt": b"a\n", "b.txt": b"b\n", "c/d.txt": b"d\n", "e.txt": b"e\n"}
    )
    reading: Iterator[Item] = read(root, "folder")
    first = next(reading)
    (root / "b.txt").unlink()
    shutil.rmtree(root / "c")
    (root / "e.txt").unlink()
    (root / "e.txt").symlink_to(root / "a.txt")
    rest = list(reading)
    assert isinstance(first, Raw)
    assert [(each.row, each.reason, each.raw) for each in rest if isinstance(each, Bad)] == [
        (1, "unreadable", b"b.txt"),
        (2, "unreadable", b"c"),
        (3, "unreadable", b"e.txt"),
    ]
    assert len(rest) == 3
    with pytest.raises(InputError, match="No such file"):
        items(tmp_path / "gone")


def test_equal_trees_have_equal_digests_wherever_they_lie(tmp_path: Path) -> None:
    one, two = grow(tmp_path / "one"), grow(tmp_path / "else/two")
    os.utime(two / "z.py", (0, 0))
    (two / "z.py").chmod(0o755)
    (two / ".env").write_bytes(b"KEY=2\n")
    (two / "nothing").mkdir()
    first = digest_folder(one, Said())
    assert digest_folder(two, Said()) == first
    assert first.bytes == sum(map(len, FILES.values()))
    changed = {"z.py": b"turns = 2\n", "new.txt": b"x\n", "image.png": b"\x89PNG\0\0"}
    others = {
        digest_folder(grow(tmp_path / each, {**FILES, each: data}), Said()).sha256
        for each, data in changed.items()
    }
    assert len({first.sha256, *others}) == len(changed) + 1
    (two / "link").symlink_to("z.py")
    assert digest_folder(two, Said()) != first


def test_what_is_not_read_does_not_count(tmp_path: Path) -> None:
    said = Said(include=("*.py",), options={"max_bytes": 100})
    one, two = grow(tmp_path / "one"), grow(tmp_path / "two", FILES | {"a.txt": b"other\n"})
    assert digest_folder(one, said) == digest_folder(two, said)
    (two / "LICENSE").write_bytes(b"Do not.\n")
    assert digest_folder(one, said) != digest_folder(two, said)
    for folder, size in ((one, 200), (two, 300)):
        (folder / "LICENSE").write_bytes(b"x" * size)
    assert digest_folder(one, said) == digest_folder(two, said)


def test_who_looks_for_few_files_has_the_texts_of_those_alone(tmp_path: Path) -> None:
    whole = items(grow(tmp_path))
    found = list(read(tmp_path, "folder", wanted=lambda path: path == "LICENSE"))
    assert [each.row for each in found] == [each.row for each in whole]
    texts = [each.record["text"] for each in found if isinstance(each, Raw)]
    assert [text for text in texts if text] == ["Do as you like.\n"]


CONFIG = """
[release]
name = "mill"
[[sources]]
name = "trees"
format = "folder"
paths = [%s]
"""


def config(folder: Path, text: str) -> Path:
    path = folder / "mill.toml"
    path.write_text(text)
    return path


def test_each_folder_of_a_glob_is_an_input(tmp_path: Path) -> None:
    for name in ("one", "two"):
        grow(tmp_path / "trees" / name, {"a.txt": name.encode()})
    grow(tmp_path / "trees", {"loose.txt": b"x\n"})
    said = load_config(config(tmp_path, CONFIG % '"trees/*"'))
    inputs = freeze_inputs(said, tmp_path)
    assert [each.path for each in inputs] == ["trees/one", "trees/two"]
    found = [
        item.record["id"]
        for each in inputs
        for item in read_input(tmp_path, each.path, said.sources[0], max_record=1000)
        if isinstance(item, Raw)
    ]
    assert found == ["one/a.txt", "two/a.txt"]


def test_a_folder_without_a_name_of_its_own_lends_none_to_ids(tmp_path: Path) -> None:
    grow(tmp_path / "here", {"a.txt": b"x\n"})
    said = load_config(config(tmp_path / "here", CONFIG % '"."'))
    found = read_input(tmp_path / "here", ".", said.sources[0], max_record=1000)
    assert [each.record["id"] for each in found if isinstance(each, Raw)] == ["a.txt", "mill.toml"]


def test_options_are_checked_with_the_config(tmp_path: Path) -> None:
    text = CONFIG % '"."' + 'include = ["["]\noptions = { max_bytes = 0 }\n'
    with pytest.raises(ConfigError, match=r"options: Expected `int` >= 1 - at `\$.max_bytes`"):
        load_config(config(tmp_path, text))
    with pytest.raises(ConfigError, match="hiden: unknown key; did you mean 'hidden'"):
        load_config(config(tmp_path, CONFIG % '"."' + "options = { hiden = true }\n"))
    with pytest.raises(ConfigError, match=r"options.exclude: '\[': a \[ without"):
        load_config(config(tmp_path, CONFIG % '"."' + 'options = { exclude = ["["] }\n'))
