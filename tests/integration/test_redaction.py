"""Redaction through the whole command: surrogates, drops, the account in ledger and manifest, and no value anywhere."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

Gristmill = Callable[..., subprocess.CompletedProcess[str]]

KEY = "a key for tests, " + "k" * 16
MAIL = "miller" + "@" + "watermill-museum.org"
ADDRESS = "93.184." + "216.34"
CARD = "4539" + "578763" + "621486"
TEXTS = {
    "mail": f"the miller of the upper mill is {MAIL} and nobody else\nask {MAIL} about the stones",
    "host": f"é the lower mill answers at {ADDRESS} when the wheel turns, or ask {MAIL}",
    "card": f"the mill was paid with card {CARD} in the spring of that year by the owner",
    "none": "the race between the mills carries water all year and asks nobody for it",
}
QUESTIONS = {
    "data": [
        {
            "title": f"mill {MAIL}",
            "paragraphs": [
                {
                    "context": f"The mill of {MAIL} grinds oats and barley.",
                    "qas": [
                        {
                            "id": "q1",
                            "question": f"What does {MAIL} grind?",
                            "answers": [{"text": "oats", "answer_start": 20 + len(MAIL)}],
                        }
                    ],
                }
            ],
        }
    ]
}
CONFIG = """
[release]
name = "mills"
shards = 2
[[sources]]
name = "notes"
paths = ["notes.jsonl"]
[[sources]]
name = "asked"
paths = ["asked.json"]
format = "squad"
[split]
validation = 0.0
test = 0.0
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mills")
    lines = (
        json.dumps({"id": name, "text": text, "by": [MAIL], "url": f"https://mill.org/?by={MAIL}"})
        for name, text in TEXTS.items()
    )
    (folder / "notes.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "asked.json").write_text(json.dumps(QUESTIONS), encoding="utf-8")
    (folder / "mills.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "key").write_text(KEY + "\n", encoding="utf-8")
    return folder


def run(gristmill: Gristmill, folder: Path, out: Path, *settings: str, **environment: str) -> Path:
    sets = [part for setting in settings for part in ("--set", setting)]
    done = gristmill(
        "run", folder / "mills.toml", "--out", out, "--executor", "sync", *sets, **environment
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def documents(release: Path) -> dict[str, Any]:
    found = {}
    for path in sorted(release.glob("*/*/*.jsonl.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as lines:
            found |= {record["id"]: record for record in map(json.loads, lines)}
    return found


def ledger(release: Path) -> dict[str, Any]:
    rows = [
        row
        for path in sorted((release / "ledger").glob("decisions-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    return {row["id"]: row | {"detail": json.loads(row["detail"])} for row in rows}


SURROGATES = 'redact.replace={EMAIL="surrogate", IP="surrogate", CARD="drop"}'


@pytest.fixture(scope="module")
def keyed(folder: Path, gristmill: Gristmill, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("keyed")
    return run(gristmill, folder, out, SURROGATES, 'redact.key="key"')


def test_surrogates_stand_for_equal_values_in_text_and_beside_it(keyed: Path) -> None:
    kept = documents(keyed)
    mail = kept["mail"]
    spans = json.loads(mail["meta"]["redactions"])
    assert [kind for *_, kind in spans] == ["EMAIL", "EMAIL"]
    made = {mail["text"][start:end] for start, end, _ in spans}
    assert len(made) == 1
    surrogate = made.pop()
    assert surrogate.endswith("@example.com")
    assert json.loads(mail["meta"]["extra"]) == {"by": [surrogate]}
    assert mail["url"].endswith(surrogate)
    assert surrogate not in kept["host"]["text"]  # another text, another surrogate
    question = kept["q1"]
    assert question["question"].split()[2] in question["context"]
    assert question["title"].endswith("@example.com")
    (answer,) = question["answers"]
    assert question["context"][answer["start"] :].startswith("oats")


def test_a_type_can_take_its_document_along(keyed: Path) -> None:
    row = ledger(keyed)["card"]
    assert (row["verdict"], row["stage"], row["reason"]) == ("drop", "redact", "holds:CARD")
    assert row["detail"] == {"redactions": {"CARD": 1}}
    assert "card" not in documents(keyed)


def test_ledger_and_manifest_account_for_every_span(keyed: Path) -> None:
    rows = ledger(keyed)
    for name in ("mail", "host"):
        spans = rows[name]["detail"]["spans"]
        for start, end, kind, rule, digest in spans:
            assert TEXTS[name][start:end] == {"EMAIL": MAIL, "IP": ADDRESS}[kind]
            assert rule
            assert len(digest) == 32
        assert rows[name]["detail"]["redactions"] == {
            kind: sum(span[2] == kind for span in spans) for kind in {span[2] for span in spans}
        }
    digests = {
        name: {span[4] for span in rows[name]["detail"]["spans"] if span[2] == "EMAIL"}
        for name in ("mail", "host")
    }
    assert len(digests["mail"]) == 1  # equal values in one document
    assert not digests["mail"] & digests["host"]  # and nobody can tell that two documents share one
    said = json.loads((keyed / "manifest.json").read_bytes())["redact"]
    assert said["actions"] == {"CARD": "drop", "EMAIL": "surrogate", "IP": "surrogate"}
    assert said["counts"] == {"EMAIL": 5, "IP": 1}  # one of them in the question's own text
    assert said["rules"] == {"email-address": 5, "public-ipv4": 1}
    assert len(said["key"]) == 32


def test_no_value_and_no_key_is_anywhere_in_the_release_or_the_work_folder(keyed: Path) -> None:
    for path in keyed.parent.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in (KEY, CARD, MAIL, ADDRESS):
                assert secret.encode() not in data, path
            if path.suffix == ".zst":
                assert (
                    MAIL.encode() not in zstandard.ZstdDecompressor().stream_reader(data).readall()
                )


def test_the_environment_may_hold_the_key_and_gives_the_same_release(
    keyed: Path, folder: Path, gristmill: Gristmill, tmp_path: Path
) -> None:
    again = run(gristmill, folder, tmp_path, SURROGATES, GRISTMILL_REDACTION_KEY=KEY)
    assert (again / "SHA256SUMS").read_bytes() == (keyed / "SHA256SUMS").read_bytes()
    other = run(gristmill, folder, tmp_path / "2", SURROGATES, GRISTMILL_REDACTION_KEY=KEY + "!")
    assert documents(other)["mail"]["text"] != documents(keyed)["mail"]["text"]


def test_without_a_key_there_are_no_digests_and_no_surrogates(
    folder: Path, gristmill: Gristmill, tmp_path: Path
) -> None:
    plain = run(gristmill, folder, tmp_path)
    assert documents(plain)["card"]["text"].count("REDACTED_CARD") == 1
    spans = [span for row in ledger(plain).values() for span in row["detail"].get("spans", [])]
    assert len(spans) == 6
    assert {span[4] for span in spans} == {""}
    refused = gristmill("run", folder / "mills.toml", "--out", tmp_path / "no", "--set", SURROGATES)
    assert refused.returncode == 2
    assert "GRISTMILL_REDACTION_KEY" in refused.stderr
    assert not (tmp_path / "no" / "mills-1.0.0").exists()


def test_inspect_says_what_would_go_by_which_rule_and_shows_no_value(
    gristmill: Gristmill, tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(f"é first\nask {MAIL} today\n", encoding="utf-8")
    told = gristmill("inspect", path).stdout
    assert f"line 2, column 5: EMAIL, {len(MAIL)} characters, by email-address" in told
    assert MAIL not in told
    (found,) = json.loads(gristmill("inspect", path, "--json").stdout)["redactions"]
    assert found == {
        "start": 12, "end": 12 + len(MAIL), "type": "EMAIL", "rule": "email-address", "line": 2, "column": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('redact.replace={EMIAL="drop"}', "did you mean 'EMAIL'?"),
        ('redact.replace={CARD="surrogate"}', "only EMAIL and IP have surrogates"),
        ('redact.replace={CARD="burn"}', "redact.replace"),
        ('redact.recognisers=["nothing:here"]', "is no recogniser"),
        ('redact.allow=[""]', "a pattern is empty"),
        ('redact.key="absent"', "absent"),
        ('redact.key="mills.toml.short"', "shorter than 16 bytes"),
    ],
)
def test_mistakes_in_the_table_are_named(
    folder: Path, gristmill: Gristmill, tmp_path: Path, setting: str, said: str
) -> None:
    (folder / "mills.toml.short").write_text("too short")
    options = ("--out", tmp_path, "--executor", "sync", "--set", setting)
    done = gristmill("run", folder / "mills.toml", *options)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
