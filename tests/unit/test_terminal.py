"""What comes from data reaches a terminal escaped, and the machine as it is."""

from __future__ import annotations

import json
import sys
import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.app import main
from pipeline.cli.license import _quoted
from pipeline.cli.options import print_table
from pipeline.engine.crew import SYNC
from pipeline.run import run_config
from pipeline.terminal import cell, printable

EVIL = "a\x1b[2J\r\n\u202egnp\u2066b\x9b\u2028z\t"
SPELLED = r"a\x1b[2J\r\n\u202egnp\u2066b\x9b\u2028z\t"


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    shown = printable(text)
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}
    assert not {unicodedata.category(each) for each in shown} & bad
    assert printable(shown) == shown
    assert (shown == text) == text.isprintable()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_value_is_one_printable_line_of_toml(text: str) -> None:
    assert _quoted(text).isprintable()
    assert tomllib.loads(f"a = {_quoted(text)}") == {"a": text}


def test_a_table_escapes_and_cuts_on_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "y" * 5000
    print_table("t\n", ("id",), [(EVIL,), (long,)])
    assert capsys.readouterr().out.splitlines() == ["t\\n", "  id", f"  {SPELLED}", f"  {long}"]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cell(long) == "y" * 119 + "…"
    assert cell("y" * 120) == "y" * 120
    assert cell(EVIL) == SPELLED


def test_commands_show_an_evil_id_escaped(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    line = json.dumps({"id": EVIL, "text": "The mill grinds what the farmer brings."})
    (tmp_path / "in.jsonl").write_text(line + "\n" + json.dumps({"id": "b", "text": "Water."}))
    (tmp_path / "m.toml").write_text(
        '[release]\nname = "m"\nshards = 1\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'
    )
    made = run_config(tmp_path / "m.toml", out=tmp_path / "out", crew=SYNC).release
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "b", "text": "Water."}))
    later = run_config(
        tmp_path / "m.toml",
        overrides=("release.version=2.0.0",),
        out=tmp_path / "out",
        crew=SYNC,
    ).release
    capsysbinary.readouterr()
    for arguments in (
        ["query", str(made)],
        ["explain", str(made), EVIL],
        ["diff", str(made), str(later), "--documents"],
        ["prove", str(made), EVIL, "--out", str(tmp_path / "p.json")],
    ):
        assert main(arguments) == 0, arguments
        shown = capsysbinary.readouterr().out.decode()
        assert SPELLED in shown, arguments
        assert all(line.isprintable() for line in shown.split("\n"))
    assert main(["query", str(made), "--get", "no\u202esuch"]) == 2
    assert b"no\\u202esuch" in capsysbinary.readouterr().err
    assert main(["query", str(made), "--id", "a*", "--json"]) == 0
    assert json.loads(capsysbinary.readouterr().out)["id"] == EVIL
