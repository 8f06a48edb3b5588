"""A record that brings workers down is found and put aside, and nobody else with it."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.engine.crew import SYNC
from pipeline.run import run_config
from tests import command, snares
from tests.conftest import Record

pytestmark = pytest.mark.timeout(900)  # many processes

CONFIG = """
[release]
name = "m"
version = "1.0.0"
shards = 4
[[sources]]
name = "s"
paths = ["in"]
format = "{format}"
[limits]
bad_records = 0.05
[split]
validation = 0.1
test = 0.1
[redact]
level = "off"  # no snare is there, and each of the many processes would load its rules
"""
SHARDS = 6
Rows = dict[tuple[int, int], str]
"""The snares by shard and row."""


class Corpus(NamedTuple):
    """A config, the environment with the snares, and where they note that they were met."""

    config: Path
    environment: dict[str, str]
    snares: Path


def texts(count: int, words: int = 30) -> list[Record]:
    draw = random.Random(3)
    return [
        {"id": f"r{n}", "text": " ".join(f"w{draw.randrange(4000)}" for _ in range(words))}
        for n in range(count)
    ]


def snared(record: Record, word: str) -> Record:
    """Outside ASCII a text goes through the function that springs the snare."""
    return record | {"text": f"{record['text']} caf\u00e9 {word}"}


def write_lines(path: Path, records: Iterable[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(each, ensure_ascii=False) + "\n" for each in records)
    path.write_text("".join(lines), encoding="utf-8")


def write_corpus(root: Path, records: list[Record], rows: Rows, shards: int = SHARDS) -> Corpus:
    for shard in range(shards):
        mine = records[shard::shards]
        for (where, row), word in rows.items():
            if where == shard:
                mine[row] = snared(mine[row], word)
        write_lines(root / f"in/{shard}.jsonl", mine)
    (root / "m.toml").write_text(CONFIG.format(format="jsonl"))
    return Corpus(root / "m.toml", snares.lay(root / "snares"), root / "snares")


def broken(corpus: Corpus, rows: Iterable[tuple[int, int]], to: Path) -> Path:
    """Make the release of the same input whose snared lines are no JSON; nobody meets a snare here."""
    shutil.copytree(corpus.config.parent / "in", to / "in")
    for shard, row in rows:
        path = to / f"in/{shard}.jsonl"
        lines = path.read_text(encoding="utf-8").split("\n")
        lines[row] = "{" + lines[row]
        path.write_text("\n".join(lines), encoding="utf-8")
    shutil.copyfile(corpus.config, to / "m.toml")
    return run_config(to / "m.toml", out=to / "out", crew=SYNC).release


@pytest.fixture(scope="module", autouse=True)
def _springs() -> Iterator[None]:
    """Have forks and their workers meet what new processes meet."""
    with command.FORKING.before_all(snares.SPRINGS):
        yield


def run(corpus: Corpus, *arguments: str, anew: bool = False) -> command.Done:
    """Run the command over a corpus, its workers too forks of a process that has loaded all, or all `anew`."""
    given = ["run", str(corpus.config), "--out", str(corpus.config.parent / "out"), *arguments]
    begin = command.started if anew else command.forked
    return begin(given, 900, os.environ | corpus.environment)


def ledger(release: Path) -> dict[tuple[str, int], Record]:
    rows = pq.read_table(release / "ledger/decisions-00000.parquet").to_pylist()
    return {(row["input"], row["row"]): row for row in rows}


def contents(release: Path) -> dict[str, bytes]:
    """What a release holds and where, without what names the reasons and the inputs' digests."""
    paths = [path for folder in ("data", "index") for path in (release / folder).rglob("*")]
    paths.append(release / "ledger/splits.parquet")
    return {
        path.relative_to(release).as_posix(): path.read_bytes() for path in paths if path.is_file()
    }


def quarantine(corpus: Corpus) -> Record:
    path = corpus.config.parent / "out/.work/m/quarantine/manifest.json"
    found: Record = json.loads(path.read_text())
    return found


def check(corpus: Corpus, done: Any, expected: dict[tuple[int, int], str], to: Path) -> None:
    """Hold a run against the one whose lines are broken: the same but for the reasons."""
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "SNARE" not in done.stderr + done.stdout
    release = Path(done.stdout.splitlines()[-1])
    twin = broken(corpus, expected, to)
    assert contents(release) == contents(twin)
    made, wanted = ledger(release), ledger(twin)
    assert made.keys() == wanted.keys()
    differing = {key for key in made if made[key] != wanted[key]}
    assert differing == {(f"in/{shard}.jsonl", row) for shard, row in expected}
    for (shard, row), reason in expected.items():
        row_of = made[f"in/{shard}.jsonl", row]
        assert (row_of["verdict"], row_of["stage"], row_of["reason"]) == ("drop", "read", reason)
        assert row_of["id"] == f"in/{shard}.jsonl#{row}"
    listed = quarantine(corpus)
    assert {
        (int(each["input"][3:-6]), record["row"]): record["reason"]
        for each in listed["inputs"]
        for record in each["records"]
    } == expected
    assert listed["sources"]["s"]["poison"] == listed["sources"]["s"]["bad"] == len(expected)
    assert "put aside: " in done.stdout
    kept = [
        json.loads(line)
        for each in listed["inputs"]
        for line in (corpus.config.parent / "out/.work/m" / each["lines"]).read_text().splitlines()
    ]
    assert len(kept) == len(expected)
    assert not list(release.rglob("*quarantine*"))


def test_what_kills_its_worker_is_found_wherever_it_is(tmp_path: Path) -> None:
    """Killed, left, raised, out of memory, dead while parsing; in the first row, the last and between.

    An error of the operating system says of itself what a library wants: it is not repeated.
    """
    rows = {
        (0, 0): snares.KILL,
        (0, 399): snares.KEY,
        (1, 399): snares.EXIT,
        (1, 250): snares.PARSE,
        (1, 33): snares.MEMORY,
        (2, 100): snares.SEGV,
        (2, 77): snares.SYSTEM,
    }
    corpus = write_corpus(tmp_path, texts(1200), rows, shards=3)
    done = run(corpus, "--executor", "local", "--workers", "2", anew=True)
    died = "poison:died"
    expected = {
        (0, 0): died,
        (0, 399): "poison:KeyError",
        (1, 399): died,
        (1, 250): died,
        (1, 33): "poison:memory",
        (2, 100): died,
        (2, 77): "poison:OSError",
    }
    check(corpus, done, expected, tmp_path / "twin")
    met = snares.sprung(corpus.snares)
    again = run(corpus, "--executor", "sync")
    assert again.returncode == 0, again.stderr
    assert snares.sprung(corpus.snares) == met  # it is known
    assert "again alone" not in again.stderr


SEVERAL = """
import json, sys
from pathlib import Path
from pipeline.cli.app import main
from tests import snares

for overrides in (
    [],
    ["release.version=2.0.0"],
    ["release.version=3.0.0", "release.seed=5"],
    ["release.version=4.0.0", "limits.bad_records=0.001"],
):
    more = [word for each in overrides for word in ("--set", each)]
    code = main(["run", "m.toml", "--out", "out", "--executor", "sync", *more])
    print(json.dumps([code, snares.sprung(Path("snares"))]))
"""


def test_what_is_known_holds_for_this_config_alone(tmp_path: Path) -> None:
    """Four runs, one after the other, in a process that loads all once; of the last too much is bad."""
    corpus = write_corpus(tmp_path, texts(300), {(5, 7): snares.KEY})
    done = subprocess.run(
        [sys.executable, "-P", "-c", SEVERAL],
        cwd=tmp_path,
        env=os.environ | corpus.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert [code for code, _ in told] == [0, 0, 0, 3]
    met, again, more, _ = (count for _, count in told)
    assert 0 < met == again < more
    assert "1 of 300 records are bad" in done.stderr
    assert "in/5.jsonl:8: poison:KeyError" in done.stderr


@pytest.mark.parametrize("executor", ["sync", "local"])
def test_a_single_input_is_no_danger_to_the_run(tmp_path: Path, executor: str) -> None:
    """A single task is run beside the driver, not in it; `sync` outlives what raises."""
    word = snares.KEY if executor == "sync" else snares.KILL
    corpus = write_corpus(tmp_path, texts(400), {(0, 200): word}, shards=1)
    done = run(corpus, "--executor", executor, "--workers", "1")
    reason = "poison:KeyError" if executor == "sync" else "poison:died"
    check(corpus, done, {(0, 200): reason}, tmp_path / "twin")


def test_what_hangs_is_put_aside(tmp_path: Path) -> None:
    """The limit is far above what a task takes on a busy machine; each halving of the rows waits for it."""
    corpus = write_corpus(tmp_path, texts(24), {(2, 3): snares.HANG})
    done = run(corpus, "--workers", "2", "--task-timeout", "20")
    assert "it hung" in done.stderr
    check(corpus, done, {(2, 3): "poison:hung"}, tmp_path / "twin")


def test_a_record_in_one_stretch_of_a_large_file(tmp_path: Path) -> None:
    records = texts(3600, words=1000)
    corpus = write_corpus(tmp_path, records, {(0, 3400): snares.KILL}, shards=1)
    assert (tmp_path / "in/0.jsonl").stat().st_size > 16 << 20
    done = run(
        corpus, "--workers", "2",
        "--set", "dedup.near=false", "--set", "redact.level=off",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    row = ledger(Path(done.stdout.splitlines()[-1]))["in/0.jsonl", 3400]
    assert row["reason"] == "poison:died"
    assert [each["bad"] for each in quarantine(corpus)["inputs"]] == [1]


def test_rows_of_parquet(tmp_path: Path) -> None:
    records = texts(900)
    corpus = write_corpus(tmp_path, records, {})
    shutil.rmtree(tmp_path / "in")
    for name, snare in (("in", snares.KILL), ("twin/in", "")):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        mine = [*records]
        if snare:
            mine[450] = snared(mine[450], snare)
        else:
            del mine[450]
        pq.write_table(pa.Table.from_pylist(mine[:600]), folder / "a.parquet")
        pq.write_table(pa.Table.from_pylist(mine[600:]), folder / "b.parquet")
    corpus.config.write_text(CONFIG.format(format="parquet"))
    shutil.copyfile(corpus.config, tmp_path / "twin/m.toml")
    done = run(corpus, "--workers", "2")
    assert done.returncode == 0, done.stderr
    release = Path(done.stdout.splitlines()[-1])
    twin = run_config(tmp_path / "twin/m.toml", out=tmp_path / "twin/out", crew=SYNC).release
    assert contents(release) == contents(twin)
    assert ledger(release)["in/a.parquet", 450]["reason"] == "poison:died"


def question(number: int, context: str) -> Record:
    answers = [{"text": context[:3], "answer_start": 0}]
    asked = {"id": f"q{number}", "question": f"What begins text {number}?", "answers": answers}
    return {"context": context, "qas": [asked]}


def test_questions(tmp_path: Path) -> None:
    contexts = [each["text"] for each in texts(60)]
    contexts[40] = snared({"text": contexts[40]}, snares.KILL)["text"]
    (tmp_path / "in").mkdir()
    for name, chosen in (("a", range(30)), ("b", range(30, 60))):
        article = {"title": name, "paragraphs": [question(n, contexts[n]) for n in chosen]}
        (tmp_path / f"in/{name}.json").write_text(json.dumps({"data": [article]}))
    (tmp_path / "m.toml").write_text(CONFIG.format(format="squad"))
    corpus = Corpus(tmp_path / "m.toml", snares.lay(tmp_path / "snares"), tmp_path / "snares")
    done = run(corpus, "--workers", "2")
    assert done.returncode == 0, done.stderr
    rows = ledger(Path(done.stdout.splitlines()[-1]))
    assert rows["in/b.json", 10]["reason"] == "poison:died"
    assert [row["verdict"] for row in rows.values()].count("keep") == 59


def test_who_fails_among_others_alone_is_not_to_blame(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, texts(300), {(1, row): snares.CROWD for row in range(50)})
    done = run(corpus, "--workers", "2")
    assert done.returncode == 1
    assert "screen: in/1.jsonl: its process dies (SIGKILL)" in done.stderr
    assert "put aside" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out/m-1.0.0").exists()


def test_bad_luck_puts_nobody_aside(tmp_path: Path) -> None:
    """The task dies twice, on two workers, and is found to be sound when it is run alone."""
    corpus = write_corpus(tmp_path, texts(300), {(3, 20): snares.TWICE})
    done = run(corpus, "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert "it is run again alone" in done.stderr
    assert "aside" not in done.stderr + done.stdout
    rows = ledger(Path(done.stdout.splitlines()[-1]))
    assert {row["verdict"] for row in rows.values()} == {"keep"}


def test_too_many_failures_end_the_run_early(tmp_path: Path) -> None:
    rows = {(shard, 5): snares.KEY for shard in range(SHARDS)}
    corpus = write_corpus(tmp_path, texts(300), rows)
    for most, executor in (("0", "sync"), ("2", "local")):
        done = run(
            corpus, "--executor", executor, "--workers", "1",
            "--set", f"limits.faults={most}",
        )  # fmt: skip
        assert done.returncode == 1
        assert f"tasks failed by accident, and limits.faults is {most}" in done.stderr
        assert "KeyError" in done.stderr
        assert "SNARE" not in done.stderr
        assert "again alone" not in done.stderr
    early = tmp_path / "early"
    single = write_corpus(early, texts(60), {(0, 3): snares.KEY, (0, 6): snares.KEY})
    done = run(single, "--executor", "sync", "--set", "limits.faults=1")
    assert done.returncode == 1
    assert "KeyError" in done.stderr
    assert not (early / "out/m-1.0.0").exists()
