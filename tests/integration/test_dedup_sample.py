"""`gristmill dedup sample`: the pairs of the ledger, with their texts; and the loss alarm that it goes with."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from filters.subjects import subject
from pipeline.cli import dedup
from pipeline.cli.app import main
from pipeline.engine.crew import SYNC
from pipeline.optout import add
from pipeline.run import run_config
from pipeline.sample import KINDS

Record = dict[str, Any]
SECRET = "miller" + "@" + "watermill-museum.org"
TOML = """
[release]
name = "m"
shards = 2
[[sources]]
name = "a"
paths = ["a.jsonl"]
[[sources]]
name = "b"
paths = ["b*.jsonl"]
priority = 2
[optout]
registry = "events.jsonl"
[dedup]
near = { threshold = 0.85, containment = 0.85 }
passages = { unit = "line", least = 40 }
"""


def prose(name: object, lines: int = 20) -> list[str]:
    draw = random.Random(str(name))
    return [
        " ".join("".join(draw.choices("abcdefgh", k=5)) for _ in range(8)) for _ in range(lines)
    ]


def nearly(lines: list[str]) -> list[str]:
    """Change one word in the middle, and the end of the last line."""
    return [*lines[:10], f"otherwise {lines[10][6:]}", *lines[11:-1], f"{lines[-1]} and so on"]


def document(name: str, lines: list[str]) -> Record:
    return {"id": name, "text": "\n".join(lines)}


def corpus() -> dict[str, list[Record]]:
    a = [document(f"d{n}", [*prose(n), f"Write to {SECRET} for more."]) for n in range(12)]
    b = [document(f"exact{n}", a[n]["text"].split("\n")) for n in range(3)]
    b += [document(f"near{n}", nearly(a[n]["text"].split("\n"))) for n in range(3, 8)]
    b += [document(f"inside{n}", a[n]["text"].split("\n")[:14]) for n in range(8, 11)]
    b += [document(f"own{n}", prose(f"own{n}")) for n in range(2)]
    b.append(document("pieces", [*prose(10)[:10], *prose(11)[:10]]))
    gone = prose("gone")
    a.append({**document("gone", gone), "url": "https://gone.example/page"})
    b += [document("gone-exact", gone), document("gone-near", nearly(gone))]
    return {"a": a, "b": b}


def write(root: Path, shards: dict[str, list[Record]], toml: str = TOML) -> Path:
    for name, records in shards.items():
        text = "".join(json.dumps(record) + "\n" for record in records)
        (root / f"{name}.jsonl").write_text(text)
    (root / "m.toml").write_text(toml)
    return root / "m.toml"


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def pairs(self) -> list[Record]:
        return [json.loads(line) for line in self.out.splitlines()]


Ask = Callable[..., Said]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Call `dedup sample` in this process; capsys is no terminal."""

    def call(config: Path, *arguments: object) -> Said:
        out = ("--out", config.parent / "out")
        code = main([str(each) for each in ("dedup", "sample", config, *out, *arguments)])
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config that was run; treat its folder as read-only."""
    root = tmp_path_factory.mktemp("sample")
    add(root / "events.jsonl", [subject("domain", "gone.example")])
    path = write(root, corpus())
    run_config(path, out=root / "out", crew=SYNC)
    return path


def losers(release: Path) -> list[Record]:
    """Give the ledger's rows of what lost to a kept document."""
    rows = [
        row
        for path in release.glob("ledger/decisions-*")
        for row in pq.read_table(path).to_pylist()
    ]
    return [row for row in rows if row["survivor"]]


def summed(rows: list[Record]) -> set[tuple[object, ...]]:
    return {
        (row["id"], row["source"], row["input"], row["row"], row["stage"], row["reason"], row["survivor"])
        for row in rows
    }  # fmt: skip


def test_the_pairs_are_those_of_the_ledger_with_the_texts_of_the_release(
    mill: Path, ask: Ask
) -> None:
    pairs = ask(mill, "--json", "--count", 100).pairs
    rows = losers(mill.parent / "out/m-1.0.0")
    flat = [{**pair, **pair["removed"], "survivor": pair["kept"]["id"]} for pair in pairs]
    assert len(pairs) == len(rows) >= 10
    assert summed(flat) == summed(rows)
    details = {row["id"]: json.loads(row["detail"]) for row in rows}
    texts = {each["id"]: each["text"] for records in corpus().values() for each in records}
    for pair in pairs:
        detail = details[pair["removed"]["id"]]
        assert pair["similarity"] == detail.get("similarity", detail.get("containment"))
        for name in ("shared", "union", "shingles"):
            assert pair[name] == detail.get(name)
        for side, other in (("removed", "insert"), ("kept", "delete")):
            told = "".join(text for kind, text in pair["difference"] if kind != other)
            assert told == pair[side]["text"]
            told = re.sub(r"REDACTED_EMAIL\w*", SECRET, told)
            assert told == texts[pair[side]["id"]]
    assert {pair["kind"] for pair in pairs} == {"exact", "near", "contained", "passages"}


def test_a_seed_draws_the_same_pairs_and_more_of_them_hold_the_fewer(mill: Path, ask: Ask) -> None:
    drawn = {
        (seed, count): [pair["removed"]["id"] for pair in ask(mill, "--json", "--seed", seed, "--count", count).pairs]
        for seed in range(4)
        for count in (2, 5, 100)
    }  # fmt: skip
    assert (
        ask(mill, "--json", "--count", 2).out == ask(mill, "--json", "--count", 2, "--seed", 0).out
    )
    for seed in range(4):
        assert drawn[seed, 100][:5] == drawn[seed, 5]
        assert drawn[seed, 5][:2] == drawn[seed, 2]
    assert len({tuple(drawn[seed, 5]) for seed in range(4)}) > 1


def test_the_draw_depends_on_no_order_and_no_cut_of_the_inputs(
    mill: Path, ask: Ask, tmp_path: Path
) -> None:
    records = corpus()
    shards = {"a": records["a"][::-1], "b0": records["b"][7::-1], "b1": records["b"][8:]}
    shutil.copy(mill.parent / "events.jsonl", tmp_path)
    recut = write(tmp_path, shards)
    run_config(recut, out=tmp_path / "out", crew=SYNC)
    named = [
        [(pair["removed"]["id"], pair["kept"]["id"], pair["difference"]) for pair in ask(each, "--json").pairs]
        for each in (mill, recut)
    ]  # fmt: skip
    assert named[0] == named[1]


def test_source_kind_and_id_say_what_to_draw_from(mill: Path, ask: Ask) -> None:
    def ids(*arguments: object) -> set[str]:
        return {
            pair["removed"]["id"] for pair in ask(mill, "--json", "--count", 99, *arguments).pairs
        }

    assert ids("--source", "a") == set()
    everything = ids("--source", "b")
    assert everything == ids()
    assert ids("--kind", "exact") == {"exact0", "exact1", "exact2"}
    assert ids("--kind", "near") == {f"near{n}" for n in range(3, 8)}
    assert ids("--kind", "contained") == {f"inside{n}" for n in range(8, 11)}
    assert ids("--kind", "passages") == {"pieces"}
    assert ids("--id", "near4") == ids("--id", "d4") == {"near4"}
    assert ids("--count", 0) == set()
    for arguments, problem in (
        (("--source", "bb"), "no source is called 'bb'"),
        (("--id", "own0"), "no document of this id was removed or took another's place"),
        (("--id", "nobody"), "no document of this id"),
    ):
        said = ask(mill, *arguments)
        assert (said.code, said.out) == (2, "")
        assert problem in said.err
    assert set(dedup._KINDS) == set(KINDS)


def test_plain_text_is_neither_wrapped_nor_coloured(
    mill: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = ask(mill, "--id", "near3")
    assert said.code == 0
    lines = said.out.splitlines()
    assert re.fullmatch(r"1 of 1: near, jaccard:0\.\d{4}, \d+ of \d+ shingles shared", lines[0])
    assert lines[1:3] == [
        "  removed  near3  (source b, b.jsonl#3)",
        "  kept     d3  (source a, a.jsonl#3)",
    ]
    assert "\x1b" not in said.out
    (word,) = (line for line in lines if "[-otherwise-]{+" in line)
    assert word.endswith(prose(3)[10][6:])
    assert any(line.endswith("[- and so on-]") for line in lines)
    assert [line for line in lines if "…" in line] == [
        f"  | … {n} lines the same …" for n in (4, 3)
    ]


def test_opted_out_documents_and_their_copies_are_counted_and_not_shown(
    mill: Path, ask: Ask
) -> None:
    said = ask(mill, "--count", 99)
    last = said.out.splitlines()[-1]
    assert re.fullmatch(
        r"\d+ of \d+ removed documents; not shown: 2 copies of opted-out .*nowhere", last
    )
    for arguments, copies in (
        (("--kind", "near"), 1),
        (("--kind", "contained"), 0),
        (("--id", "gone-exact"), 1),
    ):
        assert (f"{copies} copies" in ask(mill, *arguments).out) == bool(copies)
    as_json = ask(mill, "--count", 99, "--json")
    assert "2 copies of opted-out documents" in as_json.err
    for line in prose("gone"):
        assert line not in said.out + as_json.out


def test_nothing_that_was_redacted_is_shown(mill: Path, ask: Ask) -> None:
    for arguments in ((), ("--json",)):
        said = ask(mill, "--count", 99, *arguments)
        assert "REDACTED" in said.out
        assert SECRET not in said.out + said.err
        assert "watermill" not in said.out + said.err


def test_without_a_run_it_says_to_run_first_and_writes_nothing(ask: Ask, tmp_path: Path) -> None:
    add(tmp_path / "events.jsonl", [subject("domain", "gone.example")])
    path = write(tmp_path, corpus())
    before = sorted(tmp_path.rglob("*"))
    said = ask(path)
    assert said.code == 2
    assert f"2 survey tasks are not done: run `gristmill run {path}` first" in said.err
    assert sorted(tmp_path.rglob("*")) == before
    run_config(path, out=tmp_path / "out", crew=SYNC)
    assert ask(path).code == 0
    changed = ask(path, "--set", "dedup.near.threshold=0.9")  # the same screen, another comparison
    assert changed.code == 2
    assert " tasks are not done" in changed.err


def test_the_loss_alarm_stops_the_run_sample_shows_and_accepted_lets_it_through(
    ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(tmp_path / "events.jsonl", [subject("domain", "gone.example")])
    path = write(tmp_path, corpus(), TOML + "max_loss = 0.5\n")

    def run(*sets: str) -> Said:
        given = [part for each in sets for part in ("--set", each)]
        code = main(
            ["run", str(path), "--out", str(tmp_path / "out"), "--executor", "sync", *given]
        )
        return Said(code, *capsys.readouterr())

    stopped = run()
    assert stopped.code == 3
    assert "source 'b' loses 12 of 14 documents as duplicates: 85.7%, more than 50%" in stopped.err
    assert "gristmill dedup sample CONFIG --source b" in stopped.err
    assert '[dedup] accepted = ["b"]' in stopped.err
    assert "source 'a'" not in stopped.err
    assert not (tmp_path / "out/m-1.0.0").exists()
    assert len(ask(path, "--source", "b", "--json").pairs) == 5
    done = run('dedup.accepted=["b"]')
    assert done.code == 0
    note = "loss of source 'b' accepted: 85.7% of its documents are duplicates"
    assert f"note: {note}" in done.out
    assert "warning" not in done.err
    manifest = json.loads((tmp_path / "out/m-1.0.0/manifest.json").read_bytes())
    assert note in manifest["notes"]


def test_what_an_earlier_release_holds_is_shown_and_is_no_loss(
    mill: Path, ask: Ask, tmp_path: Path
) -> None:
    first = mill.parent / "out/m-1.0.0"
    old = [document(f"old-{n}", nearly(prose(f"own{n}"))) for n in range(2)]
    again = [document(f"own{n}", prose(f"own{n}")) for n in range(2)]
    new = [document(f"new{n}", prose(f"new{n}")) for n in range(3)]
    toml = '[release]\nname = "n"\n[[sources]]\nname = "c"\npaths = ["c.jsonl"]\n'
    toml += f'[dedup]\nmax_loss = 0.1\nagainst = ["{first}"]\n'
    path = write(tmp_path, {"c": [*old, *again, *new]}, toml)
    made = run_config(path, out=tmp_path / "out", crew=SYNC)
    assert made.counts.sources[0].kept == 3
    pairs = ask(path, "--json").pairs
    assert {pair["removed"]["id"]: pair["kept"]["id"] for pair in pairs} == {
        "old-0": "own0", "old-1": "own1", "own0": "own0", "own1": "own1",
    }  # fmt: skip
    for pair in pairs:
        assert pair["kept"]["source"] == ""
        assert pair["kept"]["input"].startswith("m-1.0.0: data/b/")
        assert pair["kept"]["text"] == "\n".join(prose(pair["kept"]["id"]))
    assert "(earlier release, m-1.0.0: data/b/" in ask(path).out


def test_files_that_went_with_a_fork_stand_beside_those_of_the_other_repository(
    ask: Ask, tmp_path: Path
) -> None:
    files = [
        {**document(f"mill{n}", prose(f"mill{n}")), "repo": "https://github.com/one/mill"}
        for n in range(6)
    ]
    fork = [
        {**document(f"fork{n}", nearly(prose(f"mill{n}"))), "repo": "https://github.com/two/mill"}
        for n in range(4)
    ]
    fork.append({**document("added", prose("added")), "repo": "https://github.com/two/mill"})
    toml = '[release]\nname = "r"\n[[sources]]\nname = "code"\npaths = ["code.jsonl"]\n'
    path = write(
        tmp_path,
        {"code": [*files, *fork]},
        toml + "[dedup]\nrepositories = { share = 0.7, least = 3 }\n",
    )
    rows = losers(run_config(path, out=tmp_path / "out", crew=SYNC).release)
    said = ask(path, "--json", "--kind", "fork")
    assert summed(
        [{**pair, **pair["removed"], "survivor": pair["kept"]["id"]} for pair in said.pairs]
    ) == summed(rows)
    assert {pair["removed"]["id"] for pair in said.pairs} == {f"fork{n}" for n in range(4)}
    assert all(0.8 < pair["similarity"] < 1 for pair in said.pairs)
    assert "not shown: 1 that went without a kept document" in said.err
    assert "near, fork, " in ask(path).out
