"""The wheel: what is in it, that it is the same each time, and that it runs where strangers lie in wait."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("filters", "manifests", "pipeline")


def build(out: Path) -> Path:
    """Build the wheel from the checkout; hatchling is a test dependency, no index is asked."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = out.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in a folder of its own, without its dependencies."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--target", target, wheel],
        check=True,
        capture_output=True,
    )
    lend_kernels(target)
    return target


def lend_kernels(target: Path) -> None:
    """Give a copy of the code the kernels that were compiled for the checkout, which takes long: they are the same.

    The compiler knows a file by its size and time.
    """
    for kernel in (path for name in PACKAGES for path in (ROOT / name).rglob("*.nb[ci]")):
        shutil.copy(kernel, (target / kernel.relative_to(ROOT)).parent)
        source = kernel.parents[1] / f"{kernel.name.partition('.')[0]}.py"
        if source.is_file():
            shutil.copystat(source, target / source.relative_to(ROOT))


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tracked(pattern: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob(pattern)
        if "__pycache__" not in path.parts
    }


def test_the_wheel_holds_all_our_code_and_data(wheel: Path) -> None:
    found = names(wheel)
    assert tracked("*.py") <= found
    assert tracked("*.json") <= found
    assert {f"{package}/py.typed" for package in PACKAGES} <= found
    assert {name for name in found if name.startswith("filters/_tables/")}
    demo = {
        f"pipeline/{path.relative_to(ROOT).as_posix()}"
        for path in [ROOT / "configs/demo.toml", *(ROOT / "configs/demo").rglob("*")]
        if path.is_file()
    }
    assert "pipeline/configs/demo.toml" in demo
    assert demo <= found


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert tops == {
        "filters",
        "manifests",
        "pipeline",
        f"gristmill-{version('gristmill')}.dist-info",
    }
    for name in names(wheel):
        assert not name.endswith((".pyc", ".pyo", "~")), name
        assert not {"tests", "test", "benchmarks", "docs", "__pycache__"} & set(name.split("/")), (
            name
        )


def test_equal_checkouts_give_equal_wheels(wheel: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def elsewhere(installed: Path, code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run code on the installed wheel: this environment's libraries without its editable gristmill.

    `-I` keeps the current folder and the environment's variables out; `-S` keeps out the `.pth`
    files, one of which would bring the checkout back.
    """
    libraries = sysconfig.get_path("purelib")
    head = f"import sys; sys.path[1:1] = [{str(installed)!r}]; sys.path.append({libraries!r})\n"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", head + code],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def decoys(folder: Path) -> Path:
    """A folder in which the names of all our packages are taken."""
    for name in ("pipeline", "filters", "manifests"):
        (folder / f"{name}.py").write_text("raise SystemExit('a stranger ran')\n")
    return folder


COMMAND = (
    "import sys; from pipeline.cli.app import main; sys.argv[0] = 'gristmill'; sys.exit(main({}))"
)


def test_the_installed_command_runs_among_decoys(installed: Path, tmp_path: Path) -> None:
    done = elsewhere(installed, COMMAND.format(["--version"]), decoys(tmp_path))
    assert (done.returncode, done.stdout) == (0, f"gristmill {version('gristmill')}\n"), done.stderr
    done = elsewhere(installed, "import pipeline; print(pipeline.__file__)", tmp_path)
    assert done.stdout.strip() == str(installed / "pipeline/__init__.py")


def test_the_script_of_this_environment_runs_among_decoys(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("gristmill")
    done = subprocess.run(
        [program, "--version"], cwd=decoys(tmp_path), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"gristmill {version('gristmill')}\n"), done.stderr


def test_the_wheel_and_the_checkout_are_the_same_code(installed: Path, tmp_path: Path) -> None:
    code = (
        "from pipeline.preflight import code_digest, check_siblings; "
        "print(check_siblings()); print(code_digest())"
    )
    home, digest = elsewhere(installed, code, tmp_path).stdout.split()
    assert Path(home) == installed
    here = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert digest == here.stdout.split()[1]


def test_the_wheel_makes_a_release(installed: Path, tmp_path: Path) -> None:
    """All of it, the tables and the demo's config among it, comes from the wheel."""
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "The mill turns by day."}\n')
    (tmp_path / "m.toml").write_text(
        '[release]\nname = "m"\nshards = 1\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'
    )
    done = elsewhere(
        installed,
        COMMAND.format(["run", "m.toml", "--out", "out", "--executor", "sync"]),
        decoys(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/m-1.0.0/SHA256SUMS").is_file()
    done = elsewhere(
        installed, "from pipeline.cli.demo import demo_config; print(demo_config())", tmp_path
    )
    assert Path(done.stdout.strip()) == installed / "pipeline/configs/demo.toml", done.stderr
