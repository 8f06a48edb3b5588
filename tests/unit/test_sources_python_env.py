"""Installed distributions, real ones made in a folder and this interpreter's own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import InputError
from pipeline.sources import Bad, Raw, Said, read, to_document
from pipeline.sources.python_env import digest_distribution, distributions

if TYPE_CHECKING:
    from pathlib import Path

METADATA = """\
Metadata-Version: 2.1
Name: Some_Thing.Else
Version: 1.0
"""
FILES = {
    "pkg/b.py": b"b = 2\n",
    "pkg/a.py": "a = 'é'\n".encode(),
    "pkg/latin.txt": b"caf\xe9\n",
    "pkg/empty.py": b"",
    "pkg/wide.py": b"#" * (1 << 20) + b"\n",
    "pkg/data.bin": b"\0",
    "pkg/__pycache__/a.py": b"cached\n",
    "__editable___thing_finder.py": b"MAPPING = {}\n",
    "some_thing-1.0.dist-info/entry_points.txt": b"[console_scripts]\n",
    "some_thing-1.0.dist-info/licenses/LICENSE.txt": b"Do as you like.\n",
    "some_thing-1.0.dist-info/INSTALLER": b"pip\n",
    "../../bin/tool.py": b"outside\n",
}


def install(site: Path, about: str = "", files: dict[str, bytes] = FILES) -> Path:
    folder = site / "some_thing-1.0.dist-info"
    folder.mkdir(parents=True)
    everything = {**files, f"{folder.name}/METADATA": (METADATA + about).encode()}
    for name, data in everything.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(data)
    listed = [*everything, f"{folder.name}/RECORD", "/abs/olute.py", "pkg/gone.py"]
    (folder / "RECORD").write_text("".join(f"{each},,\n" for each in reversed(listed)))
    return folder


def test_a_distribution_gives_its_text_files_and_nothing_of_the_machine(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "site"
    about = "License: MIT\nProject-URL: Source, https://www.github.com/o/n.git/tree/main\n"
    found = list(read(install(site, about), "python-env"))
    facts = {
        "license": "MIT",
        "repo": "https://github.com/o/n",
        "url": "https://pypi.org/project/some-thing-else/1.0/",
        "created": "",
        "package": "some-thing-else",
        "version": "1.0",
    }
    texts = {
        "pkg/a.py": "a = 'é'\n",
        "pkg/b.py": "b = 2\n",
        "some_thing-1.0.dist-info/licenses/LICENSE.txt": "Do as you like.\n",
    }
    raws = [each for each in found if isinstance(each, Raw)]
    assert [each.record for each in raws] == [
        {"id": f"pypi/some-thing-else/1.0/{path}", "text": text, "path": path, **facts}
        for path, text in texts.items()
    ]
    assert [each for each in found if not isinstance(each, Raw)] == [
        Bad(2, 3, "utf8", b"caf\xe9\n")
    ]
    assert [each.row for each in found] == [0, 1, 2, 3]
    assert str(tmp_path) not in repr(found)


def test_globs_choose_the_files(tmp_path: Path) -> None:
    found = list(read(install(tmp_path), "python-env", said=Said(include=("a.*", "*.bin"))))
    assert [each.record["path"] for each in found if isinstance(each, Raw)] == [
        "pkg/a.py",
        "pkg/data.bin",
    ]


def test_the_digest_is_of_paths_contents_and_metadata(tmp_path: Path) -> None:
    first = digest_distribution(install(tmp_path / "a"))
    assert first == digest_distribution(install(tmp_path / "b"))
    assert first[0] == sum(len(FILES[each]) for each in FILES if each in SELECTED) + len(METADATA)
    others = [
        install(tmp_path / "c", "License: MIT\n"),
        install(tmp_path / "d", files={**FILES, "pkg/b.py": b"b = 3\n"}),
        install(tmp_path / "e", files={**FILES, "pkg/c.py": b"b = 2\n"}),
    ]
    assert len({first[1], *(digest_distribution(each)[1] for each in others)}) == 4
    unread = install(tmp_path / "f", files={**FILES, "pkg/data.bin": b"\1"})
    assert digest_distribution(unread) == first
    assert len(first[1]) == len(hashlib.sha256().hexdigest())


SELECTED = {
    "pkg/a.py",
    "pkg/b.py",
    "pkg/latin.txt",
    "some_thing-1.0.dist-info/licenses/LICENSE.txt",
}


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ("License-Expression: MIT OR ISC\nLicense: other\n", "MIT OR ISC"),
        ("License: BSD\n", "BSD"),
        ("License: UNKNOWN\n", ""),
        (
            "License: " + "long " * 40 + "\nClassifier: License :: OSI Approved :: MIT License\n",
            "License :: OSI Approved :: MIT License",
        ),
        (
            """License: two\n  lines
Classifier: License :: OSI Approved
Classifier: License :: A
Classifier: License :: B
""",
            "License :: A AND License :: B",
        ),
    ],
)
def test_the_licence_is_the_best_word_of_the_metadata(
    tmp_path: Path, about: str, expected: str
) -> None:
    found = next(read(install(tmp_path, about), "python-env"))
    assert isinstance(found, Raw)
    assert found.record["license"] == expected


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ("Home-page: https://gitlab.com/g/p\n", "https://gitlab.com/g/p"),
        ("Home-page: https://example.org/g/p\n", ""),
        ("Project-URL: Source Code, https://codeberg.org/a/b/\n", "https://codeberg.org/a/b"),
        ("Project-URL: Funding, https://github.com/sponsors/x\n", ""),
        ("Project-URL: Homepage, http://[bad\n", ""),
        (
            """Project-URL: Homepage, https://github.com/o/site
Project-URL: Repository, https://github.com/o/code
""",
            "https://github.com/o/code",
        ),
    ],
)
def test_the_repo_is_a_project_url_on_a_code_host(
    tmp_path: Path, about: str, expected: str
) -> None:
    found = next(read(install(tmp_path, about), "python-env"))
    assert isinstance(found, Raw)
    assert found.record["repo"] == expected


def test_distributions_are_sorted_and_the_first_of_a_name_counts(tmp_path: Path) -> None:
    one, two = install(tmp_path / "one"), install(tmp_path / "two")
    bare = tmp_path / "one" / "aaa-2.dist-info"
    bare.mkdir()
    (bare / "METADATA").write_text("Metadata-Version: 2.1\nName: aaa\nVersion: 2\n")
    (found,) = distributions([tmp_path / "one", tmp_path / "two"])
    assert (found.name, found.version, found.path) == ("some-thing-else", "1.0", one)
    assert distributions([tmp_path / "two", tmp_path / "one"])[0].path == two
    with pytest.raises(InputError, match="no installed distribution"):
        list(read(bare, "python-env"))


def test_this_interpreter_has_distributions_that_read_as_documents() -> None:
    found = distributions()
    assert [each.name for each in found] == sorted(each.name for each in found)
    pytest_itself = next(each for each in found if each.name == "pytest")
    records = [each.record for each in read(pytest_itself.path, "python-env") if type(each) is Raw]
    assert len(records) > 50
    document = to_document(records[0], source="pypi")
    assert not isinstance(document, str)
    assert document.license == "MIT"
    assert document.repo == "https://github.com/pytest-dev/pytest"
    assert str(pytest_itself.path.parent) not in "".join(str(each) for each in records)
