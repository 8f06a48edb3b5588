"""Make the golden release anew and write down what came out: `python tests/golden/regenerate.py`.

With `--input` the input under tests/golden/input is written again first (all of it is our own,
made up here, and holds no real datum). A changed expected.json is a changed promise: it needs a
line in CHANGELOG.md that says why equal inputs give other releases now.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from filters.subjects import subject
from manifests.manifest import decode
from manifests.registry import Draft, Entry
from pipeline.engine.crew import SYNC
from pipeline.optout import append
from pipeline.run import run_config

HERE = Path(__file__).resolve().parent
INPUT, EXPECTED = HERE / "input", HERE / "expected.json"

Record = dict[str, Any]

CONFIG = """\
[release]
name = "golden"
version = "1.0.0"
shards = 2
seed = 7

[[sources]]
name = "code"
paths = ["code.jsonl"]
priority = 1

[[sources]]
name = "prose"
paths = ["prose"]
license = "CC0-1.0"
priority = 2

[[sources]]
name = "questions"
format = "squad"
paths = ["qa.json"]
license = "CC0-1.0"

[license]
policy = "permissive"

[optout]
registry = "optout/events.jsonl"

[split]
validation = 0.15
test = 0.15

[limits]
bad_records = 0.2
"""

# what is to be redacted stands in the committed input under these names, never as it is
MAIL, ADDRESS = "%MAIL%", "%ADDRESS%"
VALUES = {
    MAIL: "old.miller" + "@" + "watermill-museum.net",
    ADDRESS: "203.0.114" + ".77",
}


def function(number: int, *, name: str = "sluice") -> str:
    """A made-up source file; files of different numbers share no shingle of note."""
    body = "\n".join(
        f"    {name}_{number}_{step} = open_gate_{number}(level={number * 31 + step}, side={step * number})"
        for step in range(12)
    )
    return f'"""Gate {number}."""\n\n\ndef {name}_{number}(water):\n{body}\n    return water\n'


def code() -> list[bytes]:
    """Files under licences that a policy tells apart, with an exact and a near copy, and an opted-out owner."""
    licenses = ("MIT", "Apache-2.0", "GPL-3.0-only", "MIT OR GPL-2.0-only", "", "BSD-3-Clause")
    records: list[Record] = [
        {
            "id": f"code-{number}",
            "text": function(number),
            "license": licenses[number % 6],
            "meta": {
                "repo": f"https://github.com/owner{number % 4}/mill{number}",
                "path": f"src/gate_{number}.py",
                "stars": 2**64 + number,
            },
        }
        for number in range(14)
    ]
    first = records[1]
    records.append({**first, "id": "code-exact-copy"})
    near = first["text"].replace("sluice_1_5", "renamed_1_5")
    records.append({**first, "id": "code-near-copy", "text": near})
    # of the opted-out owner's document there is a copy under another roof
    records.append({"id": "code-leaked", "text": records[3]["text"], "license": "MIT"})
    lines = [json.dumps(record, ensure_ascii=False).encode() for record in records]
    return [*lines[:5], b'{"id": "broken", "text": "no end', *lines[5:]]


def prose() -> list[list[bytes]]:
    """Sentences in several scripts, some with something to redact, in two files; one line is repeated."""
    sentences = [
        "The stone turns slowly while the water falls over the wheel of mill number {n}.",
        "Der Mu\u0308ller von Mühle {n} mahlt das Korn vor dem Morgengrauen und geht dann schlafen.",
        "Le moulin nume\u0301ro {n} tourne jour et nuit, et le boulanger achète sa farine à l'aube.",
        "水車 {n} はゆっくり回り、村の人々は朝早くから粉を買いに来ます。",
        f"Write to {MAIL}\u0301 for the plans of mill {{n}}, or call at the house behind the pond.",
        f"The gauge of mill {{n}} answers at {ADDRESS} and reports the level of the race each hour.",
    ]
    records = [
        {"text": sentences[n % 6].format(n=n), "url": f"https://mill{n % 3}.net/page/{n}"}
        for n in range(18)
    ]
    lines = [json.dumps(record).encode() for record in records]
    return [[*lines[:10], b'{"text": 7}', b""], [*lines[10:], lines[2]]]


def questions() -> Record:
    """Three questions, the second after something that is redacted, the third without an answer."""
    wheel = (
        f"Write to {MAIL} about the breastshot wheel; it takes the water at the height of its axle."
    )
    stone = "The runner stone turns above the bed stone, which lies still."

    def ask(id_: str, question: str, context: str, answer: str) -> Record:
        shift = len(VALUES[MAIL]) - len(MAIL) if MAIL in context else 0
        start = context.index(answer) + shift
        answers = [{"text": answer, "answer_start": start}] if answer else []
        impossible = answer == ""
        return {"id": id_, "question": question, "answers": answers, "is_impossible": impossible}

    return {
        "version": "golden",
        "data": [
            {
                "title": "Mill parts",
                "paragraphs": [
                    {
                        "context": stone,
                        "qas": [ask("qa-1", "Which stone turns?", stone, "The runner stone")],
                    },
                    {
                        "context": wheel,
                        "qas": [
                            ask("qa-2", "Where does the water enter?", wheel, "at the height of its axle"),
                            ask("qa-3", "Who built it?", wheel, ""),
                        ],
                    },
                ],
            }
        ],
    }  # fmt: skip


def write_input() -> None:
    """Write the committed input."""
    (INPUT / "prose").mkdir(parents=True, exist_ok=True)
    (INPUT / "golden.toml").write_text(CONFIG, encoding="utf-8")
    (INPUT / "code.jsonl").write_bytes(b"".join(line + b"\n" for line in code()))
    for number, lines in enumerate(prose()):
        (INPUT / f"prose/{number}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    data = json.dumps(questions(), ensure_ascii=False, indent=1) + "\n"
    (INPUT / "qa.json").write_text(data, encoding="utf-8")
    write_registry()


def write_registry() -> None:
    """Write a registry with one verified request; its clock stands still."""
    registry = INPUT / "optout/events.jsonl"
    for path in registry.parent.glob("events.jsonl*"):
        path.unlink()
    owner = subject("owner", "https://github.com/owner3")
    submit = Draft(event="submit", subjects=(Entry(owner.kind, owner.value, owner.repo),))
    append(registry, [submit, Draft(event="verify")], now="2026-01-01T00:00:00Z")


def lay_out(folder: Path) -> Path:
    """Copy the committed input with the real values in it; return its config."""
    for path in sorted(INPUT.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            for name, value in VALUES.items():
                data = data.replace(name.encode(), value.encode())
            target = folder / path.relative_to(INPUT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return folder / "golden.toml"


def build(folder: Path) -> Path:
    """Make the release of the committed input in a folder."""
    return run_config(lay_out(folder / "in"), out=folder / "out", crew=SYNC).release


def summary(release: Path) -> Record:
    """Everything about a release that must come out again; compressed digests go with a libzstd."""
    manifest = decode((release / "manifest.json").read_bytes())
    shards = {file.path: file for file in manifest.files if file.merkle_root is not None}
    decisions = [
        row
        for path in sorted((release / "ledger").glob("decisions-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    splits = pq.read_table(release / "ledger/splits.parquet").to_pylist()
    return {
        "content_root": manifest.content_root,
        "merkle_root": {path: file.merkle_root for path, file in shards.items()},
        "redactions": dict(manifest.redact.counts),
        "decisions": [list(row.values()) for row in decisions],
        "splits": {row["id"]: [row["split"], row["family"]] for row in splits},
        "libzstd": manifest.build.libzstd,
        "sha256": {path: file.sha256 for path, file in shards.items()},
    }


def main() -> None:
    """Write expected.json, and before it the input if asked to."""
    if "--input" in sys.argv[1:]:
        write_input()
    with tempfile.TemporaryDirectory() as folder:
        made = summary(build(Path(folder)))
    data = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    EXPECTED.write_text(data, encoding="utf-8")
    print(f"{EXPECTED}: {made['content_root']}")


if __name__ == "__main__":
    main()
