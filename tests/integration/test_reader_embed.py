"""`gristmill qa embed` and `tokenizer` as people call them: what is written, who reads it, what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from manifests.record import decode_question
from pipeline.catalog import read_lines
from pipeline.engine.crew import SYNC
from pipeline.run import run_config
from tests.conftest import Ask, write_zst

pytest.importorskip("tokenizers", reason="the extra [tokenizers] is not installed")
pytest.importorskip("torch", reason="the extra [model] is not installed")
pytest.importorskip("transformers", reason="the extra [model] is not installed")

from pipeline.qa.wordpiece import load
from tests.untrained import TEXTS, write_untrained

CONFIG = """\
[release]
name = "both"
version = "1.0.0"
shards = 2

[[sources]]
name = "mills"
format = "squad"
paths = ["asked.json"]
license = "CC-BY-SA-4.0"

[[sources]]
name = "prose"
paths = ["prose.jsonl"]
license = "CC0-1.0"

[dedup]
near = false

[split]
validation = 0.2
test = 0.0
"""
WORDS = "miller weir sluice larch guild spring stone wheel water flour dam ford".split()  # noqa: SIM905  a list of words reads as one
ROOT = Path(__file__).parents[2]


def prose(number: int) -> str:
    return " ".join(WORDS[(number * 7 + at * at) % len(WORDS)] for at in range(20 + number)) + "."


def asked(texts: list[str]) -> dict[str, Any]:
    paragraphs = [
        {
            "context": text,
            "qas": [
                {
                    "id": f"q{number}-{turn}",
                    "question": f"What is {number} {turn}?",
                    "answers": [{"text": text.split()[0], "answer_start": 0}],
                }
                for turn in range(2)
            ],
        }
        for number, text in enumerate(texts)
    ]
    data = [{"title": f"t{number}", "paragraphs": [each]} for number, each in enumerate(paragraphs)]
    return {"version": "1.1", "data": data}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_untrained(tmp_path_factory.mktemp("reader") / "reader")


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four contexts, of which one stands there twice, with two questions each."""
    path = tmp_path_factory.mktemp("questions") / "asked.json"
    path.write_text(json.dumps(asked([*TEXTS, TEXTS[0]])), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents and questions; treat it as read-only."""
    folder = tmp_path_factory.mktemp("both")
    contexts = [f"{prose(number)} Number {number} of the mills." for number in range(8)]
    (folder / "asked.json").write_text(json.dumps(asked(contexts)), encoding="utf-8")
    lines = [json.dumps({"id": f"d{n}", "text": prose(n + 20)}) for n in range(12)]
    (folder / "prose.jsonl").write_text("\n".join(lines), encoding="utf-8")
    path = folder / "both.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return run_config(path, out=folder / "out", crew=SYNC).release


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def rows(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


def sha256(text: str) -> str:
    return hashlib.sha256(nfc(text).encode()).hexdigest()


def embed(ask: Ask, *arguments: object) -> dict[str, Any]:
    said = ask("qa", "embed", *arguments, "--json")
    return said.row()


def test_a_file_of_questions_gives_each_context_once(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "v.parquet"
    told = embed(ask, reader, questions, "--out", out)
    assert (told["texts"], told["vectors"], told["files"], told["width"]) == (4, 4, 1, 32)
    found = rows(out)
    assert [each["sha256"] for each in found] == [sha256(text) for text in TEXTS]
    assert all(each["id"] == each["sha256"] and each["kind"] == "context" for each in found)
    assert all(len(each["vector"]) == 32 for each in found)
    both = embed(ask, reader, questions, "--what", "both", "--out", tmp_path / "b.parquet")
    assert both["vectors"] == 4 + 10
    kinds = [each["kind"] for each in rows(tmp_path / "b.parquet")]
    assert kinds[:5] == ["context", "question", "question", "context", "question"]


def test_what_vectors_are_made_with_stands_in_the_file_and_no_text(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "v.parquet"
    embed(ask, reader, questions, "--pool", "cls", "--length", 20, "--stride", 4, "--out", out)
    schema = pq.read_schema(out)
    told = json.loads(schema.metadata[b"gristmill.embeddings"])
    assert told["model"] == hashlib.sha256((reader / "reader.json").read_bytes()).hexdigest()
    wanted = hashlib.sha256((reader / "model.safetensors").read_bytes()).hexdigest()
    assert told["weights"] == wanted
    assert (told["pool"], told["length"], told["stride"], told["level"]) == (
        *("cls", 20, 4, "passage"),
    )
    assert "text" not in schema.names
    data = out.read_bytes()
    assert not any(word.encode() in data for word in ("miller", "sluice", "물레방아"))
    embed(ask, reader, questions, "--texts", "--out", tmp_path / "t.parquet")
    assert [each["text"] for each in rows(tmp_path / "t.parquet")] == [nfc(text) for text in TEXTS]


def test_equal_input_gives_equal_bytes(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path
) -> None:
    for level in ("passage", "token"):
        one, two = tmp_path / f"1{level}.parquet", tmp_path / f"2{level}.parquet"
        for out in (one, two):
            embed(ask, reader, questions, "--level", level, "--out", out)
        assert one.read_bytes() == two.read_bytes()


def test_the_vector_of_a_text_does_not_depend_on_the_file_it_stands_in(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.json"
    turned.write_text(json.dumps(asked(list(TEXTS[::-1]))), encoding="utf-8")
    found = []
    for number, path in enumerate((questions, turned)):
        out = tmp_path / f"{number}.parquet"
        embed(ask, reader, path, "--out", out)
        found.append({each["sha256"]: np.float32(each["vector"]).tobytes() for each in rows(out)})
    assert found[0] == found[1]


def test_offsets_of_tokens_map_back(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "v.parquet"
    embed(ask, reader, questions, "--level", "token", "--texts", "--out", out)
    tokenizer = load((reader / "tokenizer.json").read_bytes(), "t")
    found = rows(out)
    for text in map(nfc, TEXTS):
        own = [each for each in found if each["sha256"] == sha256(text)]
        spans = [(each["start"], each["end"]) for each in own]
        assert spans == list(tokenizer.encode(text).offsets)
        assert [each["token"] for each in own] == list(range(len(own)))
        assert [text[start:end] for start, end in spans] == [each["text"] for each in own]


def test_a_release_gives_documents_contexts_and_questions_with_source_and_split(
    ask: Ask, reader: Path, release: Path, tmp_path: Path
) -> None:
    out = tmp_path / "v.parquet"
    told = embed(ask, reader, release, "--what", "both", "--out", out)
    found = rows(out)
    by_kind = {
        kind: {each["id"]: each for each in found if each["kind"] == kind}
        for kind in ("document", "context", "question")
    }
    assert [len(each) for each in by_kind.values()] == [12, 8, 16]
    assert told["vectors"] == 36
    assert {each["source"] for each in by_kind["document"].values()} == {"prose"}
    asked_ = [decode_question(line) for line in read_lines(release) if b'"schema"' in line]
    for record in asked_:
        assert by_kind["context"][record.context_sha256]["source"] == record.source
        assert by_kind["question"][record.id]["sha256"] == sha256(record.question)
    train = embed(ask, reader, release, "--split", "train", "--out", tmp_path / "t.parquet")
    assert 0 < train["vectors"] < 20
    assert {each["split"] for each in rows(tmp_path / "t.parquet")} == {"train"}
    shards = sorted(release.glob("data/*/*.zst"))
    alone = embed(ask, reader, *shards, "--out", tmp_path / "s.parquet")
    assert alone["vectors"] == 12
    for each in rows(tmp_path / "s.parquet"):
        wanted = by_kind["document"][each["id"]]
        assert (each["vector"], each["source"]) == (wanted["vector"], "prose")


def test_pyarrow_polars_and_duckdb_read_the_same_numbers(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path
) -> None:
    import duckdb
    import polars as pl

    for flag, kind in ((), np.float32), (("--float16",), np.float16):
        out = tmp_path / f"{kind.__name__}.parquet"
        embed(ask, reader, questions, *flag, "--out", out)
        wanted = np.array([each["vector"] for each in rows(out)], kind)
        assert wanted.shape == (4, 32)
        if kind is np.float32:
            assert (np.array(pl.read_parquet(out)["vector"].to_list(), kind) == wanted).all()
        read = duckdb.sql(f"select vector from read_parquet('{out}')").fetchall()  # noqa: S608  our own path
        assert (np.array([each for (each,) in read], kind) == wanted).all()


def test_the_code_of_the_guide_reads_vectors(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed(ask, reader, questions, "--out", tmp_path / "passages.parquet")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/readers-embed.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    found: dict[str, Any] = {}
    exec(compile(code, "docs/readers-embed.md", "exec"), found)  # noqa: S102  our own page
    wanted = [each["vector"] for each in rows(tmp_path / "passages.parquet")]
    assert found["vectors"].tolist() == wanted
    assert found["made"]["schema"] == "qa-embeddings/1"


def test_a_folder_holds_what_a_file_does(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path
) -> None:
    for level in ("passage", "token"):
        one, many = tmp_path / f"{level}.parquet", tmp_path / level
        embed(ask, reader, questions, "--level", level, "--out", one)
        told = embed(ask, reader, questions, "--level", level, "--out", many)
        assert told["files"] == len(list(many.iterdir())) == 1
        assert pq.read_table(many).to_pylist() == rows(one)


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("--level", "token", "--pool", "mean"), 2, "--pool is for passages"),
        (("--length", 2), 2, "takes windows of"),
        (("--length", 600), 2, "takes windows of"),
        (("--length", 24, "--stride", 23), 2, "cannot share 23"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    ask: Ask, reader: Path, questions: Path, tmp_path: Path, arguments: tuple[object, ...],
    code: int, problem: str,
) -> None:  # fmt: skip
    said = ask("qa", "embed", reader, questions, "--out", tmp_path / "v.parquet", *arguments)
    assert (said.code, problem in said.err) == (code, True), said.err
    assert not list(tmp_path.iterdir())


def test_what_is_damaged_is_named_and_nothing_is_left(
    ask: Ask, reader: Path, questions: Path, release: Path, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    out = tmp_path / "out" / "v.parquet"
    write_zst(given / "cut.jsonl.zst", [{"id": f"d{n}", "text": prose(n)} for n in range(40)])
    whole = (given / "cut.jsonl.zst").read_bytes()
    (given / "cut.jsonl.zst").write_bytes(whole[:-7])
    (given / "bad.jsonl").write_text('{"text": "secret-word here"}\n{"text": 3}\n')
    (given / "broken.jsonl").write_text('{"text": "secret-word here"}\n{"text": "secret-wo\n')
    (given / "none.jsonl").write_text("")
    (given / "some.json").write_text('{"data": [{"paragraphs": [{"context": "secret-word"')
    cases = {
        given / "cut.jsonl.zst": "cut.jsonl.zst",
        given / "bad.jsonl": "bad.jsonl#1: text-type",
        given / "broken.jsonl": "broken.jsonl#1: json",
        given / "none.jsonl": "none.jsonl",
        given / "some.json": "some.json",
        given / "absent.jsonl": "absent.jsonl: No such file",
        given: "given: Is a directory",
    }
    for path, problem in cases.items():
        said = ask("qa", "embed", reader, path, "--out", out)
        assert (said.code, problem in said.err) == (3, True), (path, said.err)
        assert "secret-wo" not in said.err
    assert not list(tmp_path.glob("out/*"))
    said = ask("qa", "embed", release, questions, "--out", out)
    assert (said.code, "is no reader" in said.err) == (3, True)
    out.parent.mkdir(exist_ok=True)
    out.write_bytes(b"mine")
    said = ask("qa", "embed", reader, questions, "--out", out)
    assert (said.code, "is there already" in said.err) == (3, True)
    assert out.read_bytes() == b"mine"
    said = ask("qa", "embed", reader, release, "--split", "tset", "--out", tmp_path / "n.parquet")
    assert (said.code, "no context of split tset" in said.err) == (3, True)


@pytest.mark.parametrize("name", ["v.parquet", "folder"])
def test_what_is_interrupted_leaves_nothing(reader: Path, tmp_path: Path, name: str) -> None:
    given, out = tmp_path / "many.jsonl", tmp_path / "out"
    given.write_text("".join(json.dumps({"text": prose(n % 400)}) + "\n" for n in range(6_000)))
    out.mkdir()
    code = "import sys; from pipeline.cli.app import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "qa", "embed", reader, given, "--out", out / name]
    running = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 120
    while not list(out.iterdir()) and running.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert [path.suffix for path in out.iterdir()] == [".tmp"]
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 128 + signal.SIGTERM
    assert not list(out.iterdir())


def test_the_tokenizer_command_trains_tells_and_writes_the_same_again(
    ask: Ask, questions: Path, release: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "1.json", tmp_path / "2.json"
    said = ask("qa", "tokenizer", questions, release, "--vocab", 300, "--out", one, "--json")
    told = said.row()
    assert told["splits_hangul"] is False
    tokenizer = load(one.read_bytes(), "1.json")
    assert told["vocabulary"] == tokenizer.size <= 300
    sets = {(each["source"], each["split"]): each for each in told["sets"]}
    assert sets["asked.json", ""]["questions"] == 10
    assert ("mills", "train") in sets
    assert all(0 <= each["unknown_share"] <= 1 for each in sets.values())
    assert ask("qa", "tokenizer", release, questions, "--vocab", 300, "--out", two).code == 0
    assert two.read_bytes() == one.read_bytes()


def test_a_tokenizer_learns_from_the_documents_of_a_release_too(
    ask: Ask, questions: Path, release: Path, tmp_path: Path
) -> None:
    made = {}
    for name, more in ("alone", ()), ("more", ("--with", release)):
        out = tmp_path / f"{name}.json"
        said = ask("qa", "tokenizer", questions, *more, "--vocab", 700, "--out", out, "--json")
        made[name] = (json.loads(out.read_bytes())["model"]["vocab"], said.row()["texts"])
    assert "flour" not in made["alone"][0]
    assert "flour" in made["more"][0]
    assert made["more"][1] > made["alone"][1]


def test_a_tokenizer_of_no_question_is_refused(ask: Ask, release: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.json"
    said = ask("qa", "tokenizer", release, "--split", "tset", "--out", out)
    assert (said.code, "no question of split tset" in said.err) == (3, True)
    assert not out.exists()
