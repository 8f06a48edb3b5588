"""The licence of a path from all the evidence in its repository, case by case."""

from __future__ import annotations

import random
from typing import Final

import pytest

from filters.licenses.decisions import Decision
from filters.licenses.evidence import Evidence
from filters.licenses.policy import LicenseFilter
from filters.licenses.resolve import Resolution, resolve
from filters.licenses.scan import FAILED, NOTHING, Scan, scan
from filters.licenses.spdx import NOASSERTION, classify
from filters.licenses.texts.templates import _plain
from filters.licenses.tree import EMPTY, Place, Tree, place_kind, read_place
from pipeline.detector import open_matcher

TEXTS: Final = _plain()
FREE: Final = {"public-domain", "permissive"}
UNREAD: Final = Scan(
    "unrecognised", NOASSERTION, (Evidence(kind="notice", expression=NOASSERTION),)
)


def of(files: dict[str, str]) -> Tree:
    found = [read_place(path, text, open_matcher()) for path, text in files.items()]
    return Tree([each for each in found if each is not None])


def header(expression: str) -> Scan:
    text = f"# SPDX-License-Identifier: {expression}\n"
    return scan(text, "a.py", open_matcher())


def decided(found: Resolution) -> tuple[str, str]:
    return found.expression, found.rule


MIT: Final = TEXTS["MIT"]
GPL: Final = TEXTS["GPL-3.0-only"]


@pytest.mark.parametrize(
    ("files", "path", "own", "claim", "wanted"),
    [
        ({}, "a.py", NOTHING, "", (NOASSERTION, "none")),
        ({}, "a.py", NOTHING, "MIT", ("MIT", "claim")),
        ({}, "a.py", NOTHING, "Apache 2.0", ("Apache-2.0", "claim")),
        ({}, "a.py", header("ISC"), "MIT", ("ISC", "header")),
        ({"LICENSE": MIT}, "a.py", NOTHING, "", ("MIT", "root")),
        ({"LICENSE": MIT}, "a.py", NOTHING, "GPL-3.0-only", ("MIT", "root")),
        ({"LICENSE": GPL}, "a.py", NOTHING, "MIT", ("GPL-3.0-only", "root")),
        ({"LICENSE": MIT}, "a/b/c.py", NOTHING, "", ("MIT", "root")),
        ({"LICENSE": MIT, "a/LICENSE": GPL}, "a/b/c.py", NOTHING, "", ("GPL-3.0-only", "directory")),
        ({"LICENSE": MIT, "a/LICENSE": GPL}, "b/c.py", NOTHING, "", ("MIT", "root")),
        ({"LICENSE": MIT}, "a.py", header("GPL-2.0-only"), "", ("GPL-2.0-only", "header")),
        ({"LICENSE": GPL}, "a.py", header("MIT"), "", ("MIT", "header")),
        ({"package.json": '{"license": "ISC"}'}, "lib/a.js", NOTHING, "", ("ISC", "root")),
        ({"README.md": "## License\n\nReleased under the MIT license.\n"}, "a.py", NOTHING, "", ("MIT", "root")),
        ({"README.md": "Released under the MIT license.\n", "LICENSE": GPL}, "a.py", NOTHING, "",
         ("GPL-3.0-only", "root")),
        ({"LICENSES/MIT.txt": MIT}, "a.py", NOTHING, "", ("MIT", "root")),
        ({"a.png.license": "SPDX-License-Identifier: CC0-1.0\n", "LICENSE": MIT}, "a.png", NOTHING, "",
         ("CC0-1.0", "reuse")),
        ({"LICENSE": MIT}, "", NOTHING, "", ("MIT", "root")),
    ],
)  # fmt: skip
def test_the_nearest_evidence_decides(
    files: dict[str, str], path: str, own: Scan, claim: str, wanted: tuple[str, str]
) -> None:
    assert decided(resolve(of(files), path, own, claim)) == wanted


@pytest.mark.parametrize(
    ("path", "wall"),
    [
        ("node_modules/left-pad/index.js", "node_modules/left-pad"),
        ("vendor/github.com/x/y/z.go", "vendor/github.com/x/y"),
        ("third_party/zlib/inflate.c", "third_party/zlib"),
        ("venv/lib/python3.11/site-packages/diffoscope/main.py", "venv/lib/python3.11/site-packages/diffoscope"),
        ("a/_vendor/six.py", "a/_vendor"),
    ],
)  # fmt: skip
def test_a_boundary_stops_what_stands_above(path: str, wall: str) -> None:
    found = resolve(
        of({"LICENSE": MIT, "package.json": '{"license": "MIT"}'}), path, NOTHING, "MIT"
    )
    assert (found.outcome, found.expression, found.rule) == ("none", NOASSERTION, "vendored")
    assert found.boundary == wall
    inside = of({"LICENSE": MIT, f"{wall}/LICENSE": GPL})
    assert resolve(inside, path, NOTHING, "MIT").expression == "GPL-3.0-only"


def test_a_claim_restricts_behind_a_boundary_and_grants_nothing() -> None:
    path = "vendor/x/a.c"
    assert resolve(EMPTY, path, NOTHING, "MIT").rule == "vendored"
    found = resolve(EMPTY, path, NOTHING, "GPL-2.0-only")
    assert (decided(found), found.boundary) == (("GPL-2.0-only", "claim"), "vendor/x")


@pytest.mark.parametrize(
    ("own", "outcome"), [(UNREAD, "unrecognised"), (FAILED, "failed")], ids=["unread", "failed"]
)
def test_an_own_header_that_cannot_be_told_is_never_permissive(own: Scan, outcome: str) -> None:
    found = resolve(of({"LICENSE": MIT}), "a.py", own, "MIT")
    assert (found.outcome, found.expression, found.rule) == (outcome, NOASSERTION, "header")
    assert not LicenseFilter(policy="permissive").verdict(found.expression, found.outcome).keep


@pytest.mark.parametrize(
    "files",
    [
        {"LICENSE": "Ask the miller whether you may use this; he has a licence for it."},
        {"LICENSE": "Water turns the wheel."},
        {"LICENSE": MIT, "COPYING": "Ask the miller, he has terms of his own."},
        {"LICENSE": MIT, "package.json": '{"license": '},
        {"src/LICENSE": "See the terms at our site.", "LICENSE": MIT},
    ],
)
def test_a_licence_file_that_cannot_be_told_is_never_permissive(files: dict[str, str]) -> None:
    found = resolve(of(files), "src/a.py", NOTHING, "MIT")
    assert found.outcome in {"unrecognised", "failed"}
    assert found.expression == NOASSERTION
    assert not LicenseFilter(policy="permissive").verdict(found.expression, found.outcome).keep


def test_licence_files_of_one_folder_both_hold_and_the_stricter_class_counts() -> None:
    found = resolve(of({"LICENSE-MIT": MIT, "COPYING": GPL}), "a.py", NOTHING)
    assert classify(found.expression) == "strong-copyleft"
    assert "MIT" in found.expression


@pytest.mark.parametrize("stated", ["MIT OR Apache-2.0", "Apache-2.0 OR MIT"])
def test_a_manifest_says_how_two_texts_join(stated: str) -> None:
    manifest = f'[package]\nname = "mill"\nlicense = "{stated}"\n'
    files = {"LICENSE-MIT": MIT, "LICENSE-APACHE": TEXTS["Apache-2.0"], "Cargo.toml": manifest}
    found = resolve(of(files), "src/lib.rs", NOTHING)
    assert (set(found.expression.split(" OR ")), found.conflict) == ({"MIT", "Apache-2.0"}, False)


def test_a_manifest_that_disagrees_with_the_text_is_a_conflict() -> None:
    found = resolve(of({"LICENSE": GPL, "package.json": '{"license": "MIT"}'}), "a.js", NOTHING)
    assert found.conflict
    assert classify(found.expression) == "strong-copyleft"
    assert {each.kind for each in found.evidence} == {"text", "metadata"}


def test_a_manifest_refines_the_text_of_its_family() -> None:
    files = {"COPYING": GPL, "package.json": '{"license": "GPL-3.0-or-later"}'}
    assert resolve(of(files), "a.js", NOTHING).expression == "GPL-3.0-or-later"


def test_a_header_that_names_the_family_alone_is_settled_by_the_licence_file() -> None:
    own = scan(
        "# Use of this source code is governed by a BSD-style license.\n", "a.py", open_matcher()
    )
    found = resolve(of({"LICENSE": TEXTS["BSD-3-Clause"]}), "a.py", own)
    assert (decided(found), found.conflict) == (("BSD-3-Clause", "header"), False)


def test_a_decision_overrides_all() -> None:
    made = Decision(
        expression="ISC", by="legal", why="asked the author", when="2026-01-02", sha256="0" * 64
    )
    for own in (NOTHING, FAILED, UNREAD, header("GPL-3.0-only")):
        found = resolve(of({"LICENSE": GPL}), "vendor/x/a.c", own, "AGPL-3.0-only", made)
        assert (found.outcome, decided(found)) == ("found", ("ISC", "decision"))
        assert found.decision == made
        assert found.shown()[0] == {
            "kind": "decision", "expression": "ISC", "by": "legal", "why": "asked the author", "when": "2026-01-02",
        }  # fmt: skip


REUSE: Final = """version = 1
[[annotations]]
path = "{path}"
precedence = "{precedence}"
SPDX-FileCopyrightText = "2020 The Mill"
SPDX-License-Identifier = "{expression}"
"""


@pytest.mark.parametrize(
    ("precedence", "own", "wanted"),
    [
        ("closest", NOTHING, "CC0-1.0"),
        ("closest", "MIT", "MIT"),
        ("override", NOTHING, "CC0-1.0"),
        ("override", "MIT", "CC0-1.0"),
        ("aggregate", NOTHING, "CC0-1.0"),
        ("aggregate", "MIT", "MIT AND CC0-1.0"),
    ],
)
def test_the_precedence_of_reuse(precedence: str, own: Scan | str, wanted: str) -> None:
    rules = REUSE.format(path="data/**", precedence=precedence, expression="CC0-1.0")
    found = resolve(
        of({"REUSE.toml": rules, "LICENSE": GPL}),
        "data/a.csv",
        header(own) if isinstance(own, str) else own,
    )
    assert set(found.expression.split(" AND ")) == set(wanted.split(" AND "))
    assert found.rule == ("header" if wanted == "MIT" else "reuse")


def test_reuse_rules_say_nothing_of_other_files() -> None:
    rules = REUSE.format(path="data/**", precedence="override", expression="CC0-1.0")
    assert (
        resolve(of({"REUSE.toml": rules, "LICENSE": GPL}), "src/a.py", NOTHING).expression
        == "GPL-3.0-only"
    )


def test_nearer_reuse_rules_come_first() -> None:
    far = REUSE.format(path="**", precedence="closest", expression="MIT")
    near = REUSE.format(path="*.csv", precedence="closest", expression="CC0-1.0")
    both = of({"REUSE.toml": far, "data/REUSE.toml": near})
    assert resolve(both, "data/a.csv", NOTHING).expression == "CC0-1.0"
    assert resolve(both, "src/a.csv", NOTHING).expression == "MIT"


def test_broken_reuse_rules_grant_nothing() -> None:
    found = resolve(of({"REUSE.toml": "version = [", "LICENSE": MIT}), "a.py", NOTHING)
    assert classify(found.expression) not in FREE


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("LICENSE", "license"),
        ("a/COPYING.md", "license"),
        ("package.json", "metadata"),
        ("README.rst", "readme"),
        ("a.png.license", "sidecar"),
        ("x/.gitignore.license", "sidecar"),
        ("x/zlib.license", "license"),
        ("REUSE.toml", "reuse"),
        (".reuse/dep5", "reuse"),
        ("src/a.py", None),
        ("license.py", None),
        ("", None),
    ],
)
def test_which_files_speak_of_others(path: str, kind: str | None) -> None:
    assert place_kind(path) == kind
    assert kind is not None or read_place(path, MIT, open_matcher()) is None


def test_distributions_on_one_shelf_stay_apart() -> None:
    shelf = "venv/lib/python3.11/site-packages"
    files = {
        "LICENSE": TEXTS["ISC"],
        f"{shelf}/one-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: one\nLicense-Expression: MIT\n",
        f"{shelf}/two-2.0.dist-info/licenses/LICENSE": GPL,
    }
    made = of(files)
    assert resolve(made, f"{shelf}/one/a.py", NOTHING).expression == "MIT"
    assert resolve(made, f"{shelf}/two/b.py", NOTHING).expression == "GPL-3.0-only"
    assert resolve(made, f"{shelf}/three/c.py", NOTHING).outcome == "none"


def test_the_order_of_places_does_not_matter() -> None:
    files = {
        "LICENSE": MIT,
        "COPYING": GPL,
        "a/LICENSE": TEXTS["ISC"],
        "package.json": '{"license": "MIT"}',
        "README.md": "MIT licensed",
        "REUSE.toml": REUSE.format(path="d/**", precedence="aggregate", expression="CC0-1.0"),
    }
    places = [read_place(path, text, open_matcher()) for path, text in files.items()]
    known: list[Place] = [each for each in places if each is not None]
    draw = random.Random(2)
    wanted = [resolve(Tree(known), path, NOTHING) for path in ("x.py", "a/x.py", "d/x.py")]
    for _ in range(5):
        draw.shuffle(known)
        assert [
            resolve(Tree(known), path, NOTHING) for path in ("x.py", "a/x.py", "d/x.py")
        ] == wanted
