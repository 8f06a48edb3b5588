"""Review, decide, run again: what detection left open is settled by a file, and the ledger quotes it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from filters.subjects import subject
from pipeline.cli.app import main
from pipeline.engine.crew import SYNC
from pipeline.optout import add
from pipeline.run import run_config
from pipeline.verify import verify

CONFIG = """
[release]
name = "mill"
version = "{version}"
shards = 1
[[sources]]
name = "code"
paths = ["code/*.jsonl"]
[license]
policy = "permissive"
{decisions}
[optout]
registry = "optout/events.jsonl"
"""
OWN = (
    "Licence of this mill. You may look at the code and show it to friends, and must ask the miller"
    " for anything else.\n"
)
REVIEW = "compliance/license-review.jsonl"
SIGNED = {"by": "licence desk", "why": "the miller answered", "when": "2026-02-03"}


def record(repo: str, path: str, text: str) -> dict[str, Any]:
    return {
        "id": f"{repo}/{path}",
        "text": text,
        "repo": f"https://github.com/{repo}",
        "path": path,
    }


def corpus() -> list[dict[str, Any]]:
    odd = [
        record("anna/odd", f"src/{n}.py", f"def turn_{n}(stone):\n    return stone * {n} + 1\n")
        for n in range(4)
    ]
    odd.append(record("anna/odd", "LICENSE", OWN))
    both = "# SPDX-License-Identifier: MIT\n# Licensed under the Apache License, Version 2.0\nwheel = 'undershot'\n"
    mixed = [record("bela/mixed", "wheel.py", both)]
    gone = [
        record("carl/gone", "LICENSE", OWN + "Second mill.\n"),
        record("carl/gone", "a.py", "gate = 1\n"),
    ]
    alone = [
        {
            "id": "alone",
            "text": "# Licensed under the miller's licence, all rights are his.\nx = 1\n",
        }
    ]
    fine = [record("dora/fine", "a.py", "# SPDX-License-Identifier: ISC\nsluice = 3\n")]
    return [*odd, *mixed, *gone, *alone, *fine]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with records of repositories that are clear, odd, in conflict, and opted out."""
    (tmp_path / "code").mkdir()
    records = corpus()
    for number in range(2):  # repositories are spread over the inputs
        lines = [json.dumps(each) for each in records[number::2]]
        (tmp_path / f"code/{number}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    add(tmp_path / "optout/events.jsonl", [subject("owner", "https://github.com/carl")])
    return tmp_path


def run(place: Path, version: str, decisions: str = "", *, out: str = "out") -> Path:
    config = place / f"{version}.toml"
    config.write_text(CONFIG.format(version=version, decisions=decisions), encoding="utf-8")
    return run_config(config, out=place / out, crew=SYNC).release


def listed(release: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (release / REVIEW).read_text("utf-8").splitlines()]


def test_review_decide_and_run_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release = run(place, "1.0.0")
    by_subject = {json.dumps(each["subject"]): each for each in listed(release)}
    odd = by_subject['{"repository": "github.com/anna/odd"}']
    assert (odd["reason"], odd["class"], odd["documents"]) == ("unrecognised", "unknown", 5)
    assert odd["example_ids"] == ["anna/odd/LICENSE", "anna/odd/src/0.py", "anna/odd/src/1.py"]
    assert [each["path"] for each in odd["evidence"]] == ["LICENSE"]
    mixed = by_subject['{"path": "wheel.py", "repository": "github.com/bela/mixed"}']
    assert (mixed["reason"], mixed["expressions"]) == ("conflict", ["Apache-2.0", "MIT"])
    told = (release / REVIEW).read_text("utf-8")
    assert not any(word in told for word in ("carl", "dora", "friends", "undershot"))
    capsys.readouterr()

    assert main(["license", "review", str(release), "--toml"]) == 0
    skeleton = tomllib.loads(capsys.readouterr().out)["decision"]
    assert len(skeleton) == len(by_subject)
    assert all(each["expression"] == "" for each in skeleton)
    kept = [each for each in skeleton if each.get("repository", "").endswith(("odd", "mixed"))]
    tables = [{**each, **SIGNED, "expression": "BSD-3-Clause"} for each in kept]
    text = "".join(
        "[[decision]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in each.items())
        for each in tables
    )
    (place / "decisions.toml").write_text(text, encoding="utf-8")

    decided = run(place, "2.0.0", 'decisions = "decisions.toml"')
    left = {each["subject"].get("repository") for each in listed(decided)}
    assert "github.com/anna/odd" not in left
    assert "github.com/bela/mixed" not in left
    capsys.readouterr()
    assert main(["explain", str(decided), "anna/odd/src/1.py"]) == 0
    story = capsys.readouterr().out
    assert "licence: a person decided" in story
    assert "by licence desk on 2026-02-03: the miller answered" in story
    assert main(["explain", str(release), "anna/odd/src/1.py"]) == 0
    assert "which one cannot be told" in capsys.readouterr().out


def test_the_list_is_part_of_the_release_and_of_no_run(place: Path) -> None:
    release = run(place, "1.0.0")
    assert verify(release, deep=True).problems == ()
    again = run(place, "1.0.0", out="elsewhere")
    assert (again / "SHA256SUMS").read_bytes() == (release / "SHA256SUMS").read_bytes()
    statistics = json.loads((release / "reports/stats.json").read_bytes())["licenses"]
    counts = {each["reason"]: 0 for each in listed(release)}
    for each in listed(release):
        counts[each["reason"]] += each["documents"]
    assert statistics["review"] == counts
    assert statistics["decided_by"]["header"] >= 2
    (release / REVIEW).write_bytes(b"")
    assert [problem.path for problem in verify(release, deep=False).problems] == [REVIEW]


def test_the_texts_and_whom_to_name_are_in_the_release(place: Path) -> None:
    release = run(place, "1.0.0")
    text = (release / "licenses/ISC.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest() in (release / "LICENSES.md").read_text("utf-8")
    works = [
        json.loads(line)
        for line in (release / "licenses/attribution.jsonl").read_bytes().splitlines()
    ]
    assert {
        "source": "code",
        "repo": "https://github.com/dora/fine",
        "package": "",
        "license": "ISC",
        "documents": 1,
    } in works


def test_review_of_what_is_no_release_is_said(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["license", "review", str(place)]) == 2
    release = run(place, "1.0.0")
    capsys.readouterr()
    assert main(["license", "review", str(release), "--json", "--reason", "conflict"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["reason"] == "conflict"
    assert main(["license", "review", str(release), "--limit", "1"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].endswith("documents")
    (release / REVIEW).write_text("{}\n", encoding="utf-8")
    assert main(["license", "review", str(release)]) == 4
    (release / REVIEW).unlink()
    assert main(["license", "review", str(release)]) == 2


def test_a_text_is_named_by_what_redaction_leaves_of_it(place: Path) -> None:
    """By the digest of the text before, a guess at what was redacted could be checked; a decision may use either."""
    both = "# SPDX-License-Identifier: MIT\n# Licensed under the Apache License, Version 2.0\n"
    left = both + "# Write to REDACTED_EMAIL for yours.\ny = 2\n"
    text = left.replace("REDACTED_EMAIL", "miller" + "@" + "watermill-museum.net")
    with (place / "code/0.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "mailed", "text": text}) + "\n")
    release = run(place, "1.0.0")
    digests = [hashlib.sha256(each.encode()).hexdigest() for each in (left, text)]
    assert {"sha256": digests[0]} in [each["subject"] for each in listed(release)]
    files = [path.read_bytes() for path in release.rglob("*") if path.is_file()]
    assert not any(digests[1].encode() in data for data in files)
    for number, digest in enumerate(digests):
        table = {"sha256": digest, **SIGNED, "expression": "BSD-3-Clause"}
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in table.items()]
        (place / "decisions.toml").write_text("[[decision]]\n" + "".join(lines), encoding="utf-8")
        decided = run(place, f"{number + 2}.0.0", 'decisions = "decisions.toml"')
        assert "mailed" not in [name for each in listed(decided) for name in each["example_ids"]]
