"""The checker that lies in every release, run as people run it: alone, on files that may be anything."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from manifests import check_proof, merkle, proof
from manifests.addressing import address
from manifests.content import Branch, content_root
from manifests.manifest import Manifest, encode

CHECKER = Path(check_proof.__file__)
LINE = b'{"id":"a"}'


@pytest.fixture
def place(tmp_path: Path, mill: Manifest) -> Path:
    """A folder with a manifest, a proof by it, and the line that it is of."""
    entries = sorted(
        proof.Entry(address(0, name), "data/code/train", sha256(line).digest())
        for name, line in (("a", LINE), ("b", b"{}"), ("c", b"[]"))
    )
    leaves = [
        check_proof.leaf(check_proof.record_entry(e.address, e.line_sha256, e.folder))
        for e in entries
    ]
    branches = (Branch(root=merkle.root(leaves).hex(), records=3),)
    held = msgspec.structs.replace(mill, branches=branches, content_root=content_root(branches, 0))
    (tmp_path / "manifest.json").write_bytes(encode(held))
    (tmp_path / "proof.json").write_bytes(proof.as_json(proof.prove(held, "a", entries)))
    (tmp_path / "line").write_bytes(LINE + b"\n")
    return tmp_path


def run(place: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(CHECKER), *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    told = done.stdout + done.stderr
    assert "Traceback" not in told
    return done.returncode, told


def change(place: Path, **new: Any) -> None:
    told = json.loads((place / "proof.json").read_bytes())
    (place / "proof.json").write_text(json.dumps(told | new))


def test_a_proof_holds_with_its_manifest_and_its_line(place: Path) -> None:
    root = json.loads((place / "manifest.json").read_bytes())["content_root"]
    for more in (
        ("--manifest", "manifest.json"),
        ("--root", root),
        ("--root", root, "--record", "line"),
    ):
        assert run(place, "proof.json", *more) == (0, "proved: a is in data/code/train\n")


def test_a_proof_that_names_another_root_or_release_is_refused(place: Path) -> None:
    root = json.loads((place / "manifest.json").read_bytes())["content_root"]
    change(place, content_root="0" * 64)
    assert run(place, "proof.json", "--root", root) == (
        1,
        "NOT PROVED: it is a proof for another content root\n",
    )
    change(place, content_root=root, release="mill-9.9.9")
    assert run(place, "proof.json", "--manifest", "manifest.json") == (
        1,
        "NOT PROVED: it says that it is for another release\n",
    )
    change(place, release=None)
    assert run(place, "proof.json", "--root", root)[0] == 1


def test_digits_are_in_lower_case(place: Path) -> None:
    told = json.loads((place / "proof.json").read_bytes())
    root = told["content_root"]
    assert run(place, "proof.json", "--root", root.upper())[0] == 2
    (leaf,) = told["leaves"]
    for key in ("address", "line_sha256"):
        change(place, leaves=[leaf | {key: leaf[key].upper()}])
        assert run(place, "proof.json", "--root", root)[0] == 1
    change(place, leaves=[leaf | {"path": [each.upper() for each in leaf["path"]]}])
    assert run(place, "proof.json", "--root", root)[0] == 1
    change(place, leaves=[leaf], branch=told["branch"] | {"root": told["branch"]["root"].upper()})
    assert run(place, "proof.json", "--root", root)[0] == 1


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"a":' * 100_000, b"", b"\xff", b"[]", b"9" * 5000, b"null"]
)
def test_what_is_no_proof_and_no_manifest_is_one_line(place: Path, data: bytes) -> None:
    (place / "bad").write_bytes(data)
    for arguments in (
        ("bad", "--manifest", "manifest.json"),
        ("proof.json", "--manifest", "bad"),
    ):
        code, told = run(place, *arguments)
        assert code == 2
        assert told.count("\n") == 1


def test_a_file_that_is_not_there_is_one_line(place: Path) -> None:
    root = json.loads((place / "manifest.json").read_bytes())["content_root"]
    for arguments in (
        ("none", "--root", root),
        ("proof.json", "--manifest", "none"),
        ("proof.json", "--root", root, "--record", "none"),
        (".", "--root", root),
    ):
        code, told = run(place, *arguments)
        assert code == 2
        assert told.count("\n") == 1


def test_an_id_that_steers_a_terminal_is_escaped(place: Path) -> None:
    change(place, id="a\x1b[2J\n")
    code, told = run(place, "proof.json", "--manifest", "manifest.json")
    assert (code, told.count("\n")) == (1, 1)
