"""Whose code runs: a stranger's package of the same name is named before it runs, and our code has one digest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.preflight import PACKAGES, check_siblings, code_digest, locate, package_versions

ROOT = Path(__file__).parents[2]
DIGEST = "from pipeline.preflight import code_digest; print(code_digest())"


def python(code: str, *path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code with folders before all others on the path, away from the checkout."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), **environment},
        cwd=path[0] if path else "/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the three packages, to be changed."""
    for name in PACKAGES:
        target = tmp_path / "copy" / name
        shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def test_our_own_packages_pass() -> None:
    assert check_siblings() == ROOT
    assert all(locate(name) == ROOT / name for name in PACKAGES)


@pytest.mark.parametrize("name", ["filters", "manifests"])
@pytest.mark.parametrize("form", ["package", "module"])
def test_a_stranger_is_named_before_its_code_runs(tmp_path: Path, name: str, form: str) -> None:
    ran = tmp_path / "ran"
    file = tmp_path / (f"{name}/__init__.py" if form == "package" else f"{name}.py")
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"open({str(ran)!r}, 'w').close()\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("gristmill"), "plan", "any.toml"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"package {name!r}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not ran.exists()


def test_a_package_without_code_of_its_own_is_a_stranger_too(tmp_path: Path) -> None:
    """A bare folder of the name, first on the path: Python would prefer ours, which is fine."""
    (tmp_path / "filters").mkdir()
    done = python("from pipeline.preflight import check_siblings; check_siblings()", tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ConfigError, match="'no_such_package_of_ours' is not installed"):
        locate("no_such_package_of_ours")


def test_a_sibling_that_was_left_out_is_named(copy: Path) -> None:
    shutil.rmtree(copy / "manifests")
    code = (
        "from pipeline.preflight import check_siblings\n"
        "from pipeline.errors import ConfigError\n"
        "try:\n    check_siblings()\nexcept ConfigError as error:\n    print(error)"
    )
    assert "'manifests'" in python(code, copy).stdout


def test_the_digest_is_that_of_the_code_wherever_it_lies(copy: Path) -> None:
    first = python(DIGEST, copy, PYTHONHASHSEED="1").stdout.strip()
    assert first == python(DIGEST, copy, PYTHONHASHSEED="2").stdout.strip()
    assert len(first) == 64
    assert first == python(DIGEST, ROOT).stdout.strip() == code_digest()


@pytest.mark.parametrize(
    "change",
    [
        "filters/licenses/spdx.py",
        "filters/_tables/languages.json",
        "filters/_tables/language_rules.toml",
        "filters/_tables/language_model.bin",
        "pipeline/stages/screen.py",
    ],
)
def test_any_change_of_code_or_table_is_another_digest(copy: Path, change: str) -> None:
    before = python(DIGEST, copy).stdout
    with (copy / change).open("a") as file:
        file.write("\n")
    assert python(DIGEST, copy).stdout != before


def test_a_new_or_renamed_module_is_another_digest(copy: Path) -> None:
    before = python(DIGEST, copy).stdout
    (copy / "filters/tags.py").rename(copy / "filters/tagz.py")
    renamed = python(DIGEST, copy).stdout
    (copy / "filters/tagz.py").rename(copy / "filters/tags.py")
    (copy / "manifests/extra.py").touch()
    added = python(DIGEST, copy).stdout
    assert len({before, renamed, added}) == 3


def test_what_is_no_code_changes_no_digest(copy: Path) -> None:
    before = python(DIGEST, copy).stdout
    (copy / "filters/notes.txt").write_text("x")
    (copy / "filters/__pycache__").mkdir(exist_ok=True)
    (copy / "filters/__pycache__/spdx.cpython-311.pyc.123").write_bytes(b"x")
    assert python(DIGEST, copy).stdout == before


def test_versions_are_everybody_s_own() -> None:
    package_versions().clear()
    assert package_versions()["zstandard"] == version("zstandard")
