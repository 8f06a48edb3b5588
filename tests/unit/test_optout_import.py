"""Free-form lists: what is clear becomes one request, what is not is listed, nothing is lost in silence."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli.app import main
from pipeline.errors import RegistryError
from pipeline.optout import requests
from pipeline.optout_unclear import Unclear, keep_unclear, read_unclear, unclear_path

LIST = """# Please
- https://github.com/Foo/Bar.git
* [x] example.org/blog/
- [ ] foo/kept

someone@example.org
all
foo/baz thanks
solo
"""
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text(LIST)

    def call(*arguments: object) -> tuple[int, str, str]:
        common = ("import", "--registry", "reg/events.jsonl")
        code = main(["optout", *common, *map(str, arguments)])
        return code, *capsys.readouterr()

    return call


def test_one_pending_request_and_every_line_is_accounted_for(ask: Ask, tmp_path: Path) -> None:
    code, out, _ = ask("list.txt", "--copies", "exact")
    assert code == 0
    registry = tmp_path / "reg" / "events.jsonl"
    (state,) = requests(registry)
    named = [(each.kind, each.value) for each in state.subjects]
    assert named == [
        ("repo", "github.com/foo/bar"),
        ("url", "example.org/blog"),
        ("repo", "github.com/foo/baz"),
    ]
    assert (state.status, state.copies) == ("pending", "exact")
    unclear = read_unclear(registry)
    assert [each.line for each in unclear] == [6, 7, 8, 9]
    assert {each.file for each in unclear} == {hashlib.sha256(LIST.encode()).hexdigest()}
    assert {each.request for each in unclear} == {state.request}
    shown = {int(line.split()[0]) for line in out.splitlines() if line[:5].strip().isdigit()}
    assert shown == {2, 3, 6, 7, 8, 9}
    assert out.splitlines()[-1].endswith("4 lines unclear, listed in reg/unclear.jsonl")


def test_the_list_of_unclear_lines_holds_no_line_and_is_private(ask: Ask, tmp_path: Path) -> None:
    ask("list.txt")
    path = unclear_path(tmp_path / "reg" / "events.jsonl")
    kept = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "someone" not in kept
    assert "foo" not in kept
    line = hashlib.sha256(b"someone@example.org").hexdigest()
    assert line not in kept


def test_the_same_list_twice_is_one_request(ask: Ask, tmp_path: Path) -> None:
    first, second = (json.loads(ask("list.txt", "--json")[1]) for _ in range(2))
    assert (first["known"], second["known"]) == (False, True)
    assert first["request"] == second["request"]
    registry = tmp_path / "reg" / "events.jsonl"
    assert len(requests(registry)) == 1
    assert len(read_unclear(registry)) == 4
    assert json.loads(ask("list.txt", "--json", "--copies", "none")[1])["known"] is False


def test_a_dry_run_writes_nothing(ask: Ask, tmp_path: Path) -> None:
    code, out, _ = ask("list.txt", "--dry-run")
    assert code == 0
    assert "dry run: 3 subjects" in out
    assert not (tmp_path / "reg").exists()
    said = json.loads(ask("list.txt", "--dry-run", "--json")[1])
    assert (said["request"], len(said["unclear"])) == ("", 4)


def test_what_is_verified_at_once_is_clear(ask: Ask, tmp_path: Path) -> None:
    ask("list.txt", "--verified", "--host", "github.com")
    (state,) = requests(tmp_path / "reg" / "events.jsonl")
    assert state.status == "verified"
    values = [each.value for each in state.subjects]
    assert values == ["github.com/foo/bar", "example.org/blog", "github.com/solo"]


def test_a_list_without_a_name_makes_no_request(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("all\n\x1b[31mmine\n")
    code, out, _ = ask("list.txt")
    assert code == 0
    assert "no request: 0 subjects" in out
    assert "\x1b" not in out
    registry = tmp_path / "reg" / "events.jsonl"
    assert not registry.exists()
    assert len(read_unclear(registry)) == 2


def test_wrong_files_and_hosts(ask: Ask) -> None:
    assert ask("no.txt")[0] == 2
    assert ask("list.txt", "--host", "com")[0] == 2


def test_the_list_survives_a_torn_line_and_names_a_wrong_one(tmp_path: Path) -> None:
    registry = tmp_path / "events.jsonl"
    entries = [Unclear("0" * 64, line, "why") for line in (1, 2)]
    assert keep_unclear(registry, entries) == 2
    path = unclear_path(registry)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert keep_unclear(registry, entries) == 1
    assert path.read_bytes() == whole
    path.write_bytes(b"{}\n" + whole)
    with pytest.raises(RegistryError, match=r"unclear\.jsonl:1: is no unclear line"):
        read_unclear(registry)
