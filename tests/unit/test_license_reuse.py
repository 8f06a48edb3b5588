"""REUSE.toml, .reuse/dep5 and debian/copyright answer for paths by the rules of their formats."""

from __future__ import annotations

import pickle

import pytest

from filters.licenses.metadata import MetadataError
from filters.licenses.reuse import ReuseRules, is_reuse_file, read_reuse

TOML = """version = 1

[[annotations]]
path = ["docs/*", "README.md"]
SPDX-License-Identifier = "CC-BY-4.0"

[[annotations]]
path = "src/**"
precedence = "override"
SPDX-License-Identifier = ["MIT", "Apache-2.0"]

[[annotations]]
path = "src/gen/**"
precedence = "aggregate"
SPDX-FileCopyrightText = "2020 A"
"""
DEP5 = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: a

Files: *
Copyright: a
License: MIT

Files: ./img/*.png
 data/v?.csv
Copyright: b
License: CC0-1.0
"""


def rules(path: str, text: str) -> ReuseRules:
    found = read_reuse(path, text)
    assert found is not None
    return found


def answer(found: ReuseRules, path: str) -> tuple[str, str] | None:
    answers = found.match(path)
    assert len(answers) < 2
    return (answers[0].evidence.expression, answers[0].precedence) if answers else None


def globbed(pattern: str, path: str) -> bool:
    quoted = pattern.replace("\\", "\\\\")
    text = f'version = 1\n[[annotations]]\npath = "{quoted}"\nSPDX-License-Identifier = "MIT"\n'
    return answer(rules("REUSE.toml", text), path) is not None


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_last_annotation_that_fits_answers(mark: str) -> None:
    found = rules("REUSE.toml", mark + TOML)
    assert answer(found, "docs/a.md") == ("CC-BY-4.0", "closest")
    assert answer(found, "README.md") == ("CC-BY-4.0", "closest")
    assert answer(found, "docs/a/b.md") is None
    assert answer(found, "src/a/b.c") == ("MIT AND Apache-2.0", "override")
    assert answer(found, "src/gen/b.c") is None
    evidence = found.match("src/a.c")[0].evidence
    assert (mark + TOML)[evidence.start : evidence.end] == 'MIT", "Apache-2.0'
    assert evidence.kind == "reuse"


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("a/*", "a/b", True),
        ("a/*", "a/b/c", False),
        ("a/**", "a/b/c", True),
        ("**/c", "a/b/c", True),
        ("**/c", "c", False),
        ("*.c", "a/b.c", False),
        ("**.c", "a/b.c", True),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        (r"a\\b", "a\\b", True),
        ("a", "a/b", False),
        ("a?", "ab", False),
        ("a?", "a?", True),
        ("[a]", "[a]", True),
        ("a*b*c", "a-b-b-c", True),
        ("a**b*c", "a/b/b-c", True),
        ("a*b", "a", False),
        ("", "a", False),
    ],
)
def test_reuse_patterns(pattern: str, path: str, fits: bool) -> None:
    assert globbed(pattern, path) is fits


def test_dep5_stars_cross_folders_and_add_to_headers() -> None:
    found = rules(".reuse/dep5", DEP5)
    assert answer(found, "a/b") == ("MIT", "aggregate")
    assert answer(found, "img/x/y.png") == ("CC0-1.0", "aggregate")
    assert answer(found, "data/v1.csv") == ("CC0-1.0", "aggregate")
    assert answer(found, "data/v12.csv") == ("MIT", "aggregate")


def test_debian_copyright_stands_behind_headers() -> None:
    found = rules("debian/copyright", "\ufeff" + DEP5)
    assert answer(found, "img/x.png") == ("CC0-1.0", "closest")
    evidence = found.match("img/x.png")[0].evidence
    assert (evidence.kind, ("\ufeff" + DEP5)[evidence.start : evidence.end]) == (
        "metadata",
        "CC0-1.0",
    )


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("REUSE.toml", True),
        ("a/b/REUSE.toml", True),
        (".reuse/dep5", True),
        ("debian/copyright", True),
        ("dep5", False),
        ("a/copyright", False),
        ("MYREUSE.toml", False),
    ],
)
def test_files_of_rules_are_known_by_name(path: str, known: bool) -> None:
    assert is_reuse_file(path) is known
    assert (read_reuse(path, TOML if path.endswith("toml") else DEP5) is not None) is known


def test_free_prose_has_no_rules() -> None:
    assert read_reuse("debian/copyright", "This package was made by A.\n") is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("REUSE.toml", "version = 2\n"),
        ("REUSE.toml", "version = [\n"),
        ("REUSE.toml", "version = 1\nannotations = 3\n"),
        ("REUSE.toml", "version = 1\nannotations = [3]\n"),
        ("REUSE.toml", 'version = 1\n[[annotations]]\nSPDX-License-Identifier = "MIT"\n'),
        ("REUSE.toml", 'version = 1\n[[annotations]]\npath = "a"\nprecedence = "MIT"\n'),
        (".reuse/dep5", "MIT for all\n"),
    ],
)
def test_broken_rules_are_named_and_not_quoted(path: str, text: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read_reuse(path, text)
    assert "MIT" not in str(caught.value)


def test_no_pattern_takes_long() -> None:
    assert not globbed("a*" * 60 + "b", "a" * 3000)
    assert not globbed("**a*" * 30 + "b", "a/" * 1500)


def test_rules_travel_to_workers() -> None:
    found = rules("REUSE.toml", TOML)
    assert pickle.loads(pickle.dumps(found)) == found
