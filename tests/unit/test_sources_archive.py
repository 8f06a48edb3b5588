"""Archives: what each kind gives, what the config may say, and what is refused of those that lie."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from filters.git_ids import content_id
from pipeline.config import load_config
from pipeline.errors import ConfigError
from pipeline.sources import Bad, Damage, Item, Raw, Said, read
from tests import archives
from tests.archives import GOOD, TARS, ZIPS, Hostile, Packed, header, make_zip, member, tar

FILES = {
    "mill-1.0/LICENSE": b"Do as you like.\n",
    "mill-1.0/src/wheel.py": b"turns = 1\n",
    "mill-1.0/src/bär.txt": "bär\n".encode(),
    "mill-1.0/empty.txt": b"",
    "mill-1.0/image.png": b"\x89PNG\0",
    "mill-1.0/latin.txt": b"caf\xe9\n",
    "mill-1.0/.github/ci.yml": b"on: push\n",
    "mill-1.0/.git/config": b"[core]\n",
}


def items(path: Path, **said: Any) -> list[Item]:
    return list(read(path, "archive", said=Said(**said)))


def raws(path: Path, **said: Any) -> list[Raw]:
    return [each for each in items(path, **said) if isinstance(each, Raw)]


def texts(found: list[Item]) -> dict[str, str]:
    """Path and text of each document."""
    kept = [each.record for each in found if isinstance(each, Raw) and not each.drop]
    return {each["path"]: each["text"] for each in kept}


def reasons(found: list[Item]) -> list[str]:
    said = [each.drop if isinstance(each, Raw) else each.reason for each in found]
    return [each for each in said if each]


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


PACKINGS = {
    "mill.tar": bytes,
    "mill.tar.gz": gzip.compress,
    "mill.tgz": gzip.compress,
    "mill.tar.bz2": bz2.compress,
    "mill.tar.xz": lzma.compress,
    "mill.tar.zst": zstandard.compress,
}


@pytest.mark.parametrize("name", [*PACKINGS, "mill.zip"])
def test_every_kind_gives_the_same_files_in_its_order(tmp_path: Path, name: str) -> None:
    plain = archives.real_tar(FILES, "w")
    data = PACKINGS[name](plain) if name in PACKINGS else archives.real_zip(FILES)
    found = items(write(tmp_path, name, data))
    zone = "" if name.endswith(".zip") else "Z"
    paths = [path for path in FILES if ".git/" not in path]
    drops = {
        "mill-1.0/empty.txt": "empty",
        "mill-1.0/image.png": "binary",
        "mill-1.0/latin.txt": "not-utf8",
    }
    assert found == [
        Raw(
            row,
            list(FILES).index(path) + 1,
            {
                "id": f"{name}/{path}",
                "path": path,
                "created": f"2023-11-14T22:13:20{zone}",
                "text": "" if path in drops else FILES[path].decode(),
                "content_id": content_id(FILES[path]),
            },
            drop=drops.get(path, ""),
        )
        for row, path in enumerate(paths)
    ]


def test_the_place_of_an_archive_shows_nowhere(tmp_path: Path) -> None:
    data = archives.real_tar(FILES)
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, "mill.tar.gz", data)
    assert items(tmp_path / "here/mill.tar.gz") == items(tmp_path / "there/mill.tar.gz")


def test_globs_choose_files_and_licences_speak_all_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, "mill.tar.gz", archives.real_tar(FILES))
    found = raws(path, include=("*.py", "*.txt"), options={"exclude": ["mill-1.0/src/b*"]})
    assert [(each.record["path"], each.drop) for each in found] == [
        ("mill-1.0/LICENSE", "not-included"),
        ("mill-1.0/src/wheel.py", ""),
        ("mill-1.0/empty.txt", "empty"),
        ("mill-1.0/latin.txt", "not-utf8"),
    ]
    assert found[0].record["text"] == "Do as you like.\n"


def test_a_licence_that_is_no_utf8_still_has_its_words(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tar", archives.real_tar({"LICENSE": b"MIT \xa9 us\n"}, "w"))
    (found,) = raws(path)
    assert (found.drop, found.record["text"]) == ("not-utf8", "MIT © us\n")


def test_options_say_where_from_and_how_much(tmp_path: Path) -> None:
    path = write(tmp_path, "mill.tar.gz", archives.real_tar(FILES))
    said = {
        "repo": "https://example.org/o/mill",
        "url": "https://example.org/mill",
        "strip": 1,
        "max_bytes": 10,
    }
    found = raws(path, options=said)
    assert {each.record["repo"] for each in found} == {said["repo"]}
    assert {each.record["url"] for each in found} == {said["url"]}
    assert [(each.record["path"], each.drop) for each in found][:3] == [
        ("LICENSE", "too-large"),
        ("src/wheel.py", ""),
        ("src/bär.txt", ""),
    ]
    assert set(reasons(list(raws(path, options={"strip": 3})))) >= {"stripped"}


@pytest.mark.parametrize(
    ("said", "flaw"),
    [
        ({"options": {"max_bytes": 0}}, "max_bytes"),
        ({"options": {"max_bytes": "1 MB"}}, "max_bytes"),
        ({"options": {"exclude": "*.py"}}, "exclude"),
        ({"options": {"exclude": ["[a"]}}, r"\[a"),
        ({"options": {"strip": -1}}, "strip"),
        ({"options": {"repo": "https://me:word@example.org/o/mill"}}, "logs in"),
        ({"options": {"url": "https://example.org/mill?token=1"}}, "behind the path"),
        ({"options": {"max_ratio": True}}, "max_ratio"),
        ({"include": ("**",)}, "every file"),
        ({"include": ("../x",)}, "climb"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    tmp_path: Path, said: dict[str, Any], flaw: str
) -> None:
    path = write(tmp_path, "mill.tar.gz", archives.real_tar(FILES))
    with pytest.raises(ConfigError, match=flaw):
        items(path, name="mill", **said)


ABOUT = b"""Metadata-Version: 2.1
Name: Wind_Mill
Version: 1.0
License: MIT
Project-URL: Source, https://github.com/o/mill.git

Author: not a header
"""


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "wind_mill-1.0-py3-none-any.whl",
            archives.real_zip(
                {"mill.py": b"turns = 1\n", "wind_mill-1.0.dist-info/METADATA": ABOUT}
            ),
        ),
        (
            "wind_mill-1.0.tar.gz",
            archives.real_tar(
                {"wind_mill-1.0/mill.py": b"turns = 1\n", "wind_mill-1.0/PKG-INFO": ABOUT}
            ),
        ),
        (
            "wind_mill-1.0.zip",
            archives.real_zip(
                {"wind_mill-1.0/mill.py": b"turns = 1\n", "wind_mill-1.0/PKG-INFO": ABOUT}
            ),
        ),
    ],
)
def test_wheels_and_sdists_say_what_they_are(tmp_path: Path, name: str, data: bytes) -> None:
    first, second = raws(write(tmp_path, name, data))
    facts = {
        "license": "MIT",
        "repo": "https://github.com/o/mill",
        "url": "https://pypi.org/project/wind-mill/1.0/",
        "package": "wind-mill",
        "version": "1.0",
    }
    assert first.record.items() >= facts.items()
    assert second.record.items() >= facts.items()
    (said, _) = raws(tmp_path / name, options={"repo": "https://example.org/a/b"})
    assert said.record["repo"] == "https://example.org/a/b"


def test_metadata_that_lies_says_nothing(tmp_path: Path) -> None:
    about = {
        "a-1.0.tar.gz": ABOUT.replace(b"Version: 1.0", b"Version: ../../x"),
        "b-1.0.tar.gz": ABOUT.replace(b"Wind_Mill", b"W" * 200),
        "c-1.0.tar.gz": b"\xff" * 100_000,
        "d-1.0.tar.gz": ABOUT + bytes(2 << 20),
    }
    for name, data in about.items():
        stem = name.removesuffix(".tar.gz")
        files = {f"{stem}/x.py": b"x = 1\n", f"{stem}/PKG-INFO": data}
        assert "package" not in raws(write(tmp_path, name, archives.real_tar(files)))[0].record
    licence = ABOUT.replace(b"License: MIT", b"Classifier: License :: " + b"x" * 5000)
    files = {"e-1.0/x.py": b"x = 1\n", "e-1.0/PKG-INFO": licence}
    record = raws(write(tmp_path, "e-1.0.tar.gz", archives.real_tar(files)))[0].record
    assert (record["package"], "license" in record) == ("wind-mill", False)


def test_two_members_of_one_path_are_two_documents(tmp_path: Path) -> None:
    twice = tar(member(b"./good.txt", b"another\n"), member(b"dir//good.txt", b"third\n"))
    found = raws(write(tmp_path, "t.tar", twice), options={"strip": 0})
    assert [(each.record["id"], each.odd) for each in found] == [
        ("t.tar/good.txt", ()),
        ("t.tar/good.txt//2", ("path-twice",)),
        ("t.tar/dir/good.txt", ()),
    ]
    zipped = make_zip(Packed(b"a", b"one"), Packed(b"a", b"two"), Packed(b"a", b"three"))
    found = raws(write(tmp_path, "t.zip", zipped))
    assert [each.record["id"] for each in found] == ["t.zip/a", "t.zip/a//2", "t.zip/a//3"]


def test_modes_and_dates_are_told_where_they_mean_something(tmp_path: Path) -> None:
    script = header(b"run.sh", 2, at100=b"0000755\0", at136=b"00000000000\0") + archives.padded(
        b"x\n"
    )
    _, found = raws(write(tmp_path, "t.tar", tar(script)))
    assert (found.record["mode"], found.record["created"]) == ("100755", "")
    files = make_zip(Packed(b"run.sh", mode=0o100755), Packed(b"a.txt", mode=0o100644))
    first, second = raws(write(tmp_path, "t.zip", files))
    assert (first.record["mode"], "mode" in second.record) == ("100755", False)


def test_an_archive_behind_the_end_mark_is_read_as_well(tmp_path: Path) -> None:
    both = archives.real_tar({"a": b"a\n"}, "w") + archives.real_tar({"b": b"b\n"}, "w")
    assert texts(items(write(tmp_path, "two.tar", both))) == {"a": "a\n", "b": "b\n"}
    packed = archives.real_tar({"a": b"a\n"}) + archives.real_tar({"b": b"b\n"})
    assert texts(items(write(tmp_path, "two.tar.gz", packed))) == {"a": "a\n", "b": "b\n"}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_folders_of_every_format(tmp_path: Path, form: int) -> None:
    name = "deep/" * 25 + "n" * 90 + ".txt"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as made:
        folder = tarfile.TarInfo("deep")
        folder.type = tarfile.DIRTYPE
        made.addfile(folder)
        about = tarfile.TarInfo(name)
        about.size = 2
        made.addfile(about, io.BytesIO(b"x\n"))
    assert texts(items(write(tmp_path, "t.tar", out.getvalue()))) == {name: "x\n"}


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_who_looks_for_few_files_has_the_texts_of_those_alone(tmp_path: Path, kind: str) -> None:
    data = archives.real_zip(FILES) if kind == "zip" else archives.real_tar(FILES)
    path = write(tmp_path, f"mill.{kind}", data)
    found = list(read(path, "archive", wanted=lambda path: path.endswith("/LICENSE")))
    assert [each.row for each in found] == [each.row for each in items(path)]
    texts = [each.record["text"] for each in found if isinstance(each, Raw)]
    assert [text for text in texts if text] == ["Do as you like.\n"]


@pytest.mark.parametrize("hostile", [*TARS, *ZIPS], ids=lambda each: each.name)
def test_what_is_hostile_is_named_and_the_rest_goes_through(
    tmp_path: Path, hostile: Hostile
) -> None:
    path = tmp_path / hostile.name
    hostile.write(path)
    found = items(path)
    assert tuple(reasons(found)) == hostile.said
    good = texts(found)
    if hostile.good >= 0:
        assert len(good) == hostile.good
        assert good.get("good.txt", GOOD) == GOOD
    assert [each.row for each in found] == list(range(len(found)))
    for each in found:
        if isinstance(each, Bad):
            assert each.line == 2 or "shared" in hostile.name
            assert GOOD.encode() not in each.raw
        if isinstance(each, Damage):
            assert GOOD not in each.detail
            assert each is found[-1]


def test_checksums_of_old_writers_took_bytes_as_signed(tmp_path: Path) -> None:
    block = bytearray(header("bär.txt".encode(), 2))
    signed = sum(each - 256 * (each > 127) for each in block[:148] + b" " * 8 + block[156:])
    block[148:156] = b"%06o\0 " % signed
    path = write(tmp_path, "old.tar", tar(bytes(block) + archives.padded(b"x\n")))
    assert texts(items(path)) == {"good.txt": GOOD, "bär.txt": "x\n"}


def test_members_are_counted(tmp_path: Path) -> None:
    for name, make in (("m.tar.gz", archives.many_in_tar), ("m.zip", archives.many_in_zip)):
        make(tmp_path / name, 50)
        found = items(tmp_path / name, options={"max_members": 20})
        assert len(texts(found)) == 20
        assert reasons(found) == ["members"]


def test_what_may_be_unpacked_can_be_raised(tmp_path: Path) -> None:
    data = gzip.compress(archives.real_tar({"zeros": bytes(80 << 20), "last.txt": b"last\n"}, "w"))
    path = write(tmp_path, "zeros.tar.gz", data)
    assert reasons(items(path)) == ["too-large", "bomb"]
    raised = items(path, options={"max_ratio": 2000})
    assert (texts(raised), reasons(raised)) == ({"last.txt": "last\n"}, ["too-large"])


MEASURE = """
import json, sys
from pathlib import Path
from pipeline.sources import read
def peak():
    (line,) = (each for each in open("/proc/self/status") if each.startswith("VmHWM"))
    return int(line.split()[1])
found = {}
for name in ["%s", *sys.argv[1:]]:
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    for each in read(Path(name), "archive"):
        pass
    found[Path(name).name] = (peak() - before) // 1024
print(json.dumps(found))
"""
BOUND = 200
"""MiB: a record of 32 as bytes, as text and as its pieces, and the 64 that any archive may unpack to."""


def peaks(paths: list[Path], first: Path) -> dict[str, int]:
    """MiB by which reading each archive raises the peak of a process that has read one before."""
    command = [sys.executable, "-c", MEASURE % first, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="a process's own peak is known on Linux")
def test_memory_is_bounded_whatever_is_claimed(tmp_path: Path) -> None:
    first = write(tmp_path, "first.zip", make_zip(Packed(b"a")))
    for each in (*TARS, *ZIPS):
        each.write(tmp_path / each.name)
    found = peaks([tmp_path / each.name for each in (*TARS, *ZIPS)], first)
    assert len(found) == len(TARS) + len(ZIPS) + 1
    assert {name: peak for name, peak in found.items() if peak > BOUND} == {}


@pytest.mark.skipif(sys.platform != "linux", reason="a process's own peak is known on Linux")
@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_members_without_number_take_no_memory(tmp_path: Path, kind: str) -> None:
    make = archives.many_in_tar if kind == "tar.gz" else archives.many_in_zip
    few, many = (tmp_path / f"{name}.{kind}" for name in ("few", "many"))
    make(few, 17_000)  # what is unpacked is held up to 16 MiB: more than that in both
    make(many, 40_000)
    found = peaks([few, many], first=few)
    assert found[many.name] - found[few.name] < 4  # an object for each would be 10 and more


def test_the_guides_configs_are_right(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/sources.md").read_text(encoding="utf-8")
    shown = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "mill.toml").write_text('[release]\nname = "mill"\n' + "".join(shown))
    sources = load_config(tmp_path / "mill.toml").sources
    assert {each.format for each in sources} >= {"archive", "folder"}
