"""Who may import whom: the floor plan, checked on the syntax tree."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("filters", "manifests", "pipeline")
MAY_IMPORT = {"filters": {"filters"}, "manifests": {"manifests"}, "pipeline": set(PACKAGES)}
LAYERS = (  # a module may import from its own layer and from those before it
    {
        "errors",
        "plugins",
        "preflight",
        "tables",
        "side_by_side",
        "cache",
        "cuts",
        "footprint",
        "keys",
        "poison",
        "stop",
        "storage",
        "store",
        "terminal",
    },
    {
        "sources",
        "dedup",
        "release",
        "shards",
        "reach",
        "signatures",
        "twin",
        "spill",
        "optout",
        "optout_form",
        "optout_unclear",
        "forms",
        "signal_recordings",
        "signals",
        "watch",
        "redaction",
        "recognising",
        "filtering",
        "config",
        "decontam",
        "engine",
        "rule_cache",
        "detector",
        "tagging",
        "policy_file",
        "figures",
    },
    {
        "plan",
        "plugged",
        "known_inputs",
        "gate",
        "job",
        "faults",
        "work_folder",
        "means",
        "outlet",
        "evaluation_sets",
        "related",
        "protected",
        "verify",
        "catalog",
        "prove",
        "export",
        "installed",
        "published",
        "making",
        "signing",
        "registry_signature",
        "withdrawals",
    },
    {
        "subject_index",
        "optout_check",
        "optout_report",
        "stages",
        "inspect",
        "analyze",
        "distributions",
        "compare",
        "mirror",
        "lineage",
        "tombstones",
        "mix",
    },
    {
        "quarantine",
        "summary",
        "tasks",
        "near_tasks",
        "release_tasks",
        "residue",
        "decide",
        "held_out",
    },
    {
        "account",
        "branches",
        "decontaminated",
        "contents",
        "indexes",
        "report",
        "run_page",
        "license_review",
        "licenses_page",
        "screening",
        "stretched",
        "optout_review",
    },
    {"seal", "qa", "bpb"},
    {"watched", "warmth"},
    {
        "run",
        "planned",
        "scored",
        "dedup_run",
        "decided",
        "sample",
        "recorded",
        "reproduce",
        "amend",
        "apply",
    },
    {"preloaded"},
    {"optout_page"},
    {"cli"},
)


@cache
def modules() -> tuple[tuple[str, Path, ast.Module], ...]:
    """Parse all files, once for all tests."""
    return tuple(_parsed())


def _parsed() -> Iterator[tuple[str, Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every module imported anywhere in a file, with the level of a relative import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module or ''}.{alias.name}", node.level) for alias in node.names)


def test_the_leaves_import_neither_each_other_nor_the_root() -> None:
    for name, _, tree in modules():
        home = name.partition(".")[0]
        for target, _ in imported(tree):
            top = target.partition(".")[0]
            assert top not in PACKAGES or top in MAY_IMPORT[home], f"{name} imports {target}"


def test_imports_go_down_the_layers() -> None:
    floor = {module: number for number, layer in enumerate(LAYERS) for module in layer}
    for name, _, tree in modules():
        if not name.startswith("pipeline."):
            continue
        mine = name.split(".")[1]
        for target, _ in imported(tree):
            parts = target.split(".")
            if parts[0] == "pipeline" and len(parts) > 1 and parts[1] in floor:
                assert floor[parts[1]] <= floor[mine], f"{name} imports {target}"


def test_every_module_has_its_floor() -> None:
    known = set().union(*LAYERS)
    found = {name.split(".")[1] for name, _, _ in modules() if name.startswith("pipeline.")}
    assert found == known


def test_imports_are_absolute() -> None:
    for name, _, tree in modules():
        assert all(level == 0 for _, level in imported(tree)), name


def test_dask_is_imported_in_the_engine_only() -> None:
    users = {
        name
        for name, _, tree in modules()
        for target, _ in imported(tree)
        if target.partition(".")[0] in {"dask", "dask_jobqueue", "distributed"}
    }
    assert users == {
        f"pipeline.engine.{name}"
        for name in ("cluster", "dask_executor", "fleet", "local_cluster", "secure", "slurm")
    }


def test_fsspec_is_imported_in_one_module() -> None:
    users = {
        name
        for name, _, tree in modules()
        for target, _ in imported(tree)
        if target.partition(".")[0] in {"fsspec", "s3fs", "botocore", "boto3", "aiohttp"}
    }
    assert users == {"pipeline.store.connection"}


def test_the_leaves_touch_no_file_clock_or_chance() -> None:
    forbidden = {
        "time",
        "datetime",
        "random",
        "secrets",
        "subprocess",
        "socket",
        "shutil",
        "tempfile",
    }
    for name, _, tree in modules():
        if name.startswith("pipeline"):
            continue
        tops = {target.partition(".")[0] for target, _ in imported(tree)}
        assert not tops & forbidden, f"{name} imports {tops & forbidden}"


def top_level_imports(tree: ast.Module) -> set[str]:
    """What is imported when a module loads; names inside modules count as their module."""
    statements = (node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    targets = {target for node in statements for target, _ in imported(node)}
    return targets | {target.rpartition(".")[0] for target in targets}


def test_module_imports_have_no_cycle() -> None:
    names = {name for name, _, _ in modules()}
    graph = {name: (top_level_imports(tree) & names) - {name} for name, _, tree in modules()}
    # a module reaches its own package's __init__ anyway; only what __init__ imports back would matter
    TopologicalSorter(graph).prepare()


def test_assert_is_for_tests() -> None:
    for name, _, tree in modules():
        assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree)), name


def test_nothing_catches_everything_but_at_the_boundaries() -> None:
    broad = {
        name
        for name, _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    }
    # of a stage, of the command line, of plug-ins, where packages that share no error class answer for a store, and
    # where one question must take neither the server nor other questions along
    assert broad == {
        "pipeline.cli.app",
        "pipeline.engine.commit",
        "pipeline.plugins",
        "pipeline.qa.reader.serve.batching",
        "pipeline.store.faults",
    }


def test_readers_are_a_room_of_their_own() -> None:
    for name, _, tree in modules():
        if not name.startswith(("pipeline.qa.reader", "pipeline.cli.qa.")):
            strangers = [
                each for each, _ in imported(tree) if each.startswith("pipeline.qa.reader")
            ]
            assert not strangers, f"{name} imports {strangers}"


def test_commands_of_readers_load_the_room_for_who_asks_for_it() -> None:
    """Even the help of all commands would load it else."""
    for name, _, tree in modules():
        if name.startswith("pipeline.cli."):
            loaded = [
                each for each in top_level_imports(tree) if each.startswith("pipeline.qa.reader")
            ]
            assert not loaded, f"{name} imports {loaded}"


@pytest.mark.parametrize("asked", [["--help"], ["qa", "--help"], ["qa", "train", "--help"]])
def test_heavy_packages_load_for_who_needs_them_alone(asked: list[str]) -> None:
    """What a network is made of comes with extras, and takes seconds to load."""
    heavy = {"lightgbm", "safetensors", "tokenizers", "torch", "transformers"}
    program = (
        "import sys, pipeline.cli.app\n"
        f"try: pipeline.cli.app.main({asked})\n"
        f"finally: print(sorted({heavy} & sys.modules.keys()), file=sys.stderr)\n"
    )
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "qa" in done.stdout
    assert done.stderr == "[]\n"
