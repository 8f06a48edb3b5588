"""Laws of places and manifests: ancestors chain, boundaries enclose, and no text breaks a reader."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.licenses.metadata import MetadataError, read_metadata
from filters.licenses.metadata.names import BY_NAME, BY_SUFFIX
from filters.licenses.places import (
    ancestors,
    boundary,
    file_kind,
    folder,
    is_metadata_file,
    license_id_of_name,
    names_part,
    scope,
)
from filters.licenses.reuse import read_reuse
from filters.licenses.spdx import normalise

SEGMENTS = st.sampled_from(
    [
        "a",
        "src",
        "vendor",
        "node_modules",
        "@s",
        "github.com",
        "site-packages",
        "x-1.dist-info",
        "LICENSES",
        "licenses",
        "_vendor",
        "venv",
        "lib",
        "python3.11",
        "x.egg",
        "debian",
    ]
)
NAMES = st.sampled_from(["LICENSE", "x.py", "MIT.txt", "foo.LICENSE", "METADATA", "package.json"])
PATHS = st.builds(lambda parts, name: "/".join([*parts, name]), st.lists(SEGMENTS), NAMES)
ANY_PATH = PATHS | st.text(alphabet="aLICENSE/.-_ é", max_size=30)
MANIFESTS = st.sampled_from([*BY_NAME, *(f"x{each}" for each in BY_SUFFIX)])
PIECES = st.lists(
    st.sampled_from(
        [
            "license",
            "License: ",
            "licenses",
            " = ",
            ": ",
            '"MIT"',
            "'GPL-2.0'",
            "[",
            "]",
            "{",
            "}",
            "(",
            ")",
            "\n",
            "\r\n",
            "  ",
            "- ",
            ",",
            "|",
            "<license>",
            "</license>",
            "# ",
            "setup(",
            "---\n",
            "[project]\n",
            "\\",
            "é",
            "\u2028",
            "\x00",
            "Files: *\n",
            "License :: MIT",
        ]
    ),
    max_size=24,
).map("".join)
WILD = st.text(alphabet="ab/*", max_size=8)


@given(ANY_PATH)
def test_ancestors_are_the_chain_of_folders(path: str) -> None:
    chain = ancestors(path)
    assert chain[0] == folder(path)
    assert chain[-1] == ""
    assert all(folder(inner) == outer for inner, outer in pairwise(chain))


@given(ANY_PATH)
def test_boundary_and_scope_are_folders_above_the_path(path: str) -> None:
    assert boundary(path) in {"", *ancestors(path)}
    assert scope(path) in ancestors(path)


@given(PATHS, st.sampled_from(["a", "src", "deep/er"]))
def test_boundaries_do_not_see_what_lies_above(path: str, above: str) -> None:
    own = boundary(path)
    assert boundary(f"{above}/{path}") == (f"{above}/{own}" if own else "")


@given(ANY_PATH)
def test_names_are_answered_whatever_they_are(path: str) -> None:
    assert file_kind(path) in {"license", "third-party", "notice", "readme", ""}
    part = names_part(path)
    assert part == "" or not part.endswith("/")
    hint = license_id_of_name(path)
    assert hint == "" or normalise(hint).expression == hint


@settings(max_examples=400)
@given(MANIFESTS, PIECES | st.text(max_size=60))
def test_any_text_is_read_or_refused(path: str, text: str) -> None:
    assert is_metadata_file(path)
    try:
        found = read_metadata(path, text)
    except MetadataError:
        return
    for each in found or ():
        assert normalise(each.expression).expression == each.expression
        assert 0 <= each.start <= each.end <= len(text)


@given(st.lists(WILD, min_size=1, max_size=4), st.text(alphabet="ab/", max_size=10))
def test_reuse_patterns_match_as_regular_expressions_do(patterns: list[str], path: str) -> None:
    body = ", ".join(f'"{each}"' for each in patterns)
    text = f'version = 1\n[[annotations]]\npath = [{body}]\nSPDX-License-Identifier = "MIT"\n'
    rules = read_reuse("REUSE.toml", text)
    assert rules is not None
    fits = any(
        re.fullmatch(re.sub(r"\*\*|\*", lambda m: ".*" if m[0] == "**" else "[^/]*", each), path)
        for each in patterns
    )
    assert bool(rules.match(path)) is fits
