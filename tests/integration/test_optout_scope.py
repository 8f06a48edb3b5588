"""Releases honour how far a request reaches, from when, and for which releases; and are made again so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from filters.subjects import subject
from manifests.registry import Draft, Entry, Scope, Terms
from pipeline.cli.app import main
from pipeline.optout import add, append, load

CONFIG = """
[release]
name = "t"
shards = 1
[[sources]]
name = "code"
paths = ["code.jsonl"]
data_kind = "code"
[[sources]]
name = "pages"
paths = ["pages.jsonl"]
data_kind = "web"
[[sources]]
name = "other"
paths = ["other.jsonl"]
[optout]
registry = "events.jsonl"
[dedup]
near = false
"""


def lay_out(folder: Path) -> Path:
    """Write four documents of each source, all of them of one owner."""
    for source in ("code", "pages", "other"):
        records = [
            {
                "id": f"{source}-{name}",
                "text": f"value = {number}  # {source}\n",
                "path": f"a.{name}",
                "repo": "o/n",
                "created": created,
            }
            for number, (name, created) in enumerate(
                [("py", "2026-01-01"), ("rb", "2026-01-01"), ("lua", "2026-03-01"), ("go", "")]
            )
        ]
        (folder / f"{source}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    (folder / "mill.toml").write_text(CONFIG)
    return folder / "mill.toml"


def kept(folder: Path, capsys: pytest.CaptureFixture[str], version: str) -> tuple[Path, set[str]]:
    """Make a release; return it with the ids in it."""
    arguments = ["run", folder / "mill.toml", "--out", folder / "out", "--executor", "sync"]
    more = ["--set", f"release.version={version}"]
    assert main([*map(str, arguments), *more]) == 0
    release = Path(capsys.readouterr().out.splitlines()[-1])
    assert main(["query", str(release), "--json"]) == 0
    return release, {json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()}


def test_a_release_honours_the_scope_of_each_request_and_is_made_again_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path)
    registry = tmp_path / "events.jsonl"
    everything = {f"{s}-{n}" for s in ("code", "pages", "other") for n in ("py", "rb", "lua", "go")}
    python = Terms(scope=Scope(kinds=("code",), languages=("Python",), copies="none"))
    add(registry, [subject("repo", "o/n")], terms=python)
    lua = Scope(languages=("Lua", "Ruby"), future=False, kinds=("code",), copies="none")
    draft = Draft(event="submit", subjects=(Entry("repo", "github.com/o/n"),), scope=lua)
    append(registry, [draft, Draft(event="verify")], now="2026-02-01T00:00:00Z")
    add(registry, [subject("id", "pages-go")], terms=Terms(effective="2999-01-01"))
    add(registry, [subject("id", "pages-py")], terms=Terms(applies=("t-7.0.0",)))
    gone = {"code-py", "other-py", "code-rb", "other-rb"}
    release, found = kept(tmp_path, capsys, "1.0.0")
    assert found == everything - gone
    manifest = json.loads((release / "manifest.json").read_bytes())
    state = load(registry)
    assert manifest["optout"] == {"head": state.head, "cutoff": state.cutoff}
    assert manifest["registries"] == [{"head": state.head, "requests": 2}]
    add(registry, [subject("id", "pages-rb")])
    arguments = ["reproduce", release, "--inputs", tmp_path, "--executor", "sync", "--json"]
    assert main([*map(str, arguments)]) == 0
    assert json.loads(capsys.readouterr().out)["identical"]
    _, found = kept(tmp_path, capsys, "7.0.0")
    assert found == everything - gone - {"pages-rb", "pages-py"}
