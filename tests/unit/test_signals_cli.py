"""`gristmill optout signals` on the command line, and the filter that asks URL by URL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from filters.signals.agents import builtin_agents
from filters.signals.combine import Signals
from filters.signals.model import Options, Recording
from filters.signals.vocabularies import choose, read
from pipeline.cli.app import main

CLOSED = "User-agent: GPTBot\nDisallow: /*.pdf$\nDisallow: /a/\n\nUser-agent: *\nDisallow: /b/\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "example.org" / "robots.txt"
    path.parent.mkdir(parents=True)
    path.write_text(CLOSED)
    return tmp_path / "in"


def run(*arguments: object) -> int:
    return main(["optout", "signals", *map(str, arguments)])


def test_a_run_is_printed_for_people_and_machines(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    registry = tmp_path / "events.jsonl"
    assert run("--registry", registry, "--dry-run", folder) == 0
    text = capfd.readouterr().out
    assert "1 recordings, 0 known already, 1 changes would be recorded" in text
    assert "url example.org/a, url example.org/b" in text
    assert "/*.pdf$" in text
    assert not registry.exists()
    assert run("--registry", registry, "--json", folder) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["agents"] == builtin_agents().version
    assert [each["event"] for each in found["report"]["changes"]] == ["submit"]
    assert [each["pattern"] for each in found["report"]["review"]] == ["/*.pdf$"]
    assert main(["optout", "verify", "--registry", str(registry)]) == 0


def test_a_choice_of_vocabularies_agents_and_groups(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    agents = tmp_path / "agents.json"
    agents.write_text(
        '{"version": "7", "agents": [{"token": "OurBot", "operator": "us", "purpose": "train-ai"}]}'
    )
    subjects = {
        (): ["example.org/a", "example.org/b"],
        ("--named-only",): ["example.org/a"],
        ("--vocabulary", "tdmrep", "--vocabulary", "aipref@08"): [],
        ("--agents", agents): ["example.org/b"],
        ("--agents", agents, "--named-only"): [],
    }
    for given, wanted in subjects.items():
        assert run("--registry", tmp_path / "none", "--dry-run", "--json", *given, folder) == 0
        changes = json.loads(capfd.readouterr().out)["report"]["changes"]
        assert [entry["value"] for each in changes for entry in each["subjects"]] == wanted


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("--vocabulary", "c2pa"), 2), (("--field", "robots"), 2), (("--field", "page=x"), 2),
        (("--agents", "/nowhere"), 2), (("/nowhere/robots.txt",), 2),
    ],
)  # fmt: skip
def test_mistakes(given: tuple[str, ...], code: int, folder: Path, tmp_path: Path) -> None:
    assert run("--registry", tmp_path / "r", folder, *given) == code
    assert not (tmp_path / "r").exists()


def test_what_no_subject_expresses_is_answered_url_by_url() -> None:
    recording = Recording("https://example.org/robots.txt", "robots", CLOSED)
    signals = Signals(read(recording, Options(builtin_agents().purposes()), choose([])))
    open_ = ("https://example.org/c", "https://example.org/x.pdf?y", "https://other.example/x.pdf")
    for url in (*open_, ""):
        assert signals.answer(url).answer != "no"
    found = signals.answer("https://example.org/x.pdf")
    assert (found.answer, found.because[0].where) == ("no", "line 2 (gptbot)")
    assert found.because[0].sha256 == recording.digest
