"""The registry's commands: what a person says of a request is recorded as it was meant, or refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pipeline.cli.app import main

ADDRESS = "jo" + "@" + "example.org"


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Ask = Callable[..., Said]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Call a part of `gristmill optout` on one registry, in a folder with a key and a proof."""
    monkeypatch.chdir(tmp_path)
    Path("key").write_bytes(b"k" * 32)
    Path("proof").write_bytes(b"a letter\n")
    private = Ed25519PrivateKey.generate()
    Path("id").write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    )

    def call(part: str, *arguments: str) -> Said:
        try:
            code = main(["optout", part, "--registry", "events.jsonl", *arguments])
        except SystemExit as stop:  # what argparse refuses
            code = int(stop.code or 0)
        return Said(code, *capsys.readouterr())

    return call


def listed(ask: Ask, *more: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ask("list", "--json", *more).out.splitlines()]


def test_all_that_is_said_of_a_request_is_recorded(ask: Ask) -> None:
    subjects = ["--repo", "o/n", "--repo", "O/M", "--repo", "o/n", "--domain", "example.org"]
    scope = ["--data-kind", "web", "--data-kind", "code", "--language", "py", "--language", "FR"]
    more = ["--copies", "exact", "--no-future", "--effective", "2027-01-01", "--applies", "next"]
    word = ["--authority", "owner", "--evidence", "proof", "--requester", ADDRESS, "--key", "key"]
    said = ask("add", *subjects, *scope, *more, *word, "--basis", "gdpr-17", "--json").json
    (state,) = listed(ask)
    assert [(each["kind"], each["value"]) for each in state["subjects"]] == [
        ("repo", "github.com/o/n"),
        ("repo", "github.com/o/m"),
        ("domain", "example.org"),
    ]
    assert state["scope"] == {
        "kinds": ["code", "web"],
        "copies": "exact",
        "future": False,
        "languages": ["Python", "fr"],
    }
    assert (state["effective"], state["applies"]) == ("2027-01-01", ["next"])
    evidence = hashlib.sha256(b"a letter\n").hexdigest()
    assert state["authority"] == {"level": "owner", "evidence": evidence}
    assert state["basis"] == "gdpr-17"
    days = [(datetime.now(UTC).date() + timedelta(days=n)).isoformat() for n in (29, 30)]
    assert state["due"] in days
    assert (said["request"], said["due"]) == (state["request"], state["due"])
    assert len(state["requester"]) == 73
    log = Path("events.jsonl").read_bytes()
    assert b"example.org" in log
    assert b"jo@" not in log
    assert b"letter" not in log


def test_an_amendment_keeps_what_it_does_not_speak_of(ask: Ask) -> None:
    request = ask("add", "--id", "a", "--data-kind", "code", "--due", "2026-12-01", "--json").json[
        "request"
    ]
    about = ["--request", request]
    assert ask("amend", *about, "--copies", "none", "--data-kind", "all").code == 0
    assert "proposed" in ask("amend", *about, "--id", "b", "--due", "").out
    assert listed(ask)[0]["due"] == "2026-12-01"
    assert ask("verify", *about).code == 0
    (state,) = listed(ask, "--status", "verified")
    assert (state["subjects"][0]["value"], state["copies"], state["due"]) == ("b", "none", "")
    assert state["scope"]["kinds"] == []
    assert not listed(ask, "--status", "pending")
    assert ask("amend", "--request", "r-000000000000", "--id", "b").code == 2


@pytest.mark.parametrize(
    "wrong",
    [
        ["--basis", "Article 17"],
        ["--language", "French"],
        ["--data-kind", "pictures"],
        ["--effective", "2026-02-30"],
        ["--due", "soon"],
        ["--applies", "my release"],
        ["--authority", "king"],
        ["--evidence", "missing"],
        ["--requester", ADDRESS],
        ["--requester", "Jo", "--key", "key"],
        ["--path", "docs", "--repo", "o/n", "--repo", "o/m"],
    ],
)
def test_what_cannot_be_honoured_is_refused_before_anything_is_written(
    ask: Ask, wrong: list[str]
) -> None:
    said = ask("add", "--id", "a", *wrong)
    assert said.code == 2
    assert wrong[0].removeprefix("--").replace("path", "one repository") in said.err
    assert ADDRESS not in said.err
    assert not Path("events.jsonl").exists()


def test_a_signature_holds_until_the_next_event_and_that_is_said(ask: Ask) -> None:
    assert ask("sign", "--identity", "id").code == 5  # there is no registry yet
    assert ask("add", "--id", "a").err == "optout: events.jsonl: began a new registry\n"
    assert ask("add", "--id", "z").err == ""
    assert ask("sign", "--identity", "missing").code == 2
    signed = ask("sign", "--identity", "id", "--json").json
    Path("allowed_signers").write_text(f"clerk {signed['public_key']}\n")
    found = ask("verify", "--signers", "allowed_signers", "--json").json
    assert (found["signer"], found["events"]) == (signed["signer"], 4)
    assert "is stale now: sign again" in ask("add", "--id", "b").err
    stale = ask("verify", "--signers", "allowed_signers")
    assert (stale.code, stale.out) == (5, "")
    assert "stale" in stale.err
    assert ask("verify").code == 0
    assert ask("sign", "--identity", "id").code == 0
    assert "signed by SHA256:" in ask("verify", "--signers", "allowed_signers").out


def test_an_address_is_no_id(ask: Ask) -> None:
    for wrong in (ADDRESS, f" {ADDRESS} "):
        said = ask("add", "--id", wrong)
        assert (said.code, ADDRESS in said.err) == (2, False)
        assert "that looks like an address: write --author" in said.err
    assert not Path("events.jsonl").exists()
    for fine in (f"mails:{ADDRESS}", f"mails/{ADDRESS}", "lib@1.0", "@"):
        assert ask("add", "--id", fine).code == 0, fine
    first = listed(ask)[0]["request"]
    assert ask("amend", "--request", first, "--id", ADDRESS).code == 2


@pytest.mark.parametrize(
    ("asked", "wide"),
    [
        (("--domain", "github.com"), True),
        (("--url", "https://github.com"), True),
        (("--url", "https://gitlab.example.org/"), True),
        (("--url", "https://github.com/o"), False),
        (("--domain", "example.org"), False),
    ],
)
def test_a_whole_code_host_is_recorded_and_told_of(
    ask: Ask, asked: tuple[str, str], wide: bool
) -> None:
    said = ask("add", *asked)
    assert (said.code, "covers a whole code host" in said.err) == (0, wide)


def test_a_request_is_shown_in_the_words_of_the_list(ask: Ask) -> None:
    said = ask("add", "--repo", "o/n", "--path", "docs/")
    assert "path github.com/o/n /docs/**" in said.out
    assert said.out.endswith(", verified\n")
    assert ask("add", "--id", "a", "--json").json["status"] == "active"
    assert ask("add", "--id", "b", "--pending").out.endswith(", pending\n")
    assert "path github.com/o/n /docs/**" in ask("list").out
    for text, advice in (
        ("scope/none", "write its whole https:// URL"),
        ("https://gist.github.com/" + "ab" * 16, "write gist.github.com/owner/id"),
    ):
        assert advice in ask("add", "--repo", text).err
