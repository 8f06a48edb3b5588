"""`gristmill qa export`, `make` and `features` as people call them: what is printed, written and refused."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.crew import SYNC
from pipeline.run import run_config
from tests.conftest import Ask
from tests.unit.test_qa_published import SHARED

CONFIG = """\
[release]
name = "asked"
version = "1.0.0"
shards = 1

[[sources]]
name = "mills"
format = "squad"
paths = ["asked.json"]
license = "CC-BY-SA-4.0"

[split]
validation = 0.0
test = 0.0
"""


def asked(name: str, context: str, question: str, *answers: str) -> dict[str, Any]:
    found = [{"text": each, "answer_start": context.index(each)} for each in answers]
    return {"id": name, "question": question, "answers": found, "is_impossible": not answers}


def write(path: Path, *contexts: tuple[str, list[dict[str, Any]]]) -> Path:
    paragraphs = [{"context": text, "qas": qas} for text, qas in contexts]
    data = {"version": "v2.0", "data": [{"title": "Mill", "paragraphs": paragraphs}]}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


ONE = "The guild of Konstanz paid 1,200 florins in 1743. The ruin was sold in 1820 by Jakob Weber."
TWO = "The wheel was sold to a guild in Lindau in 1902. It was built of larch by Anna Huber."


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    first = [
        asked("a", ONE, "What did the guild of Konstanz pay in 1743?", "1,200 florins"),
        asked("b", ONE, "Who baked?"),
    ]
    write(
        folder / "asked.json", (ONE, first), (TWO, [asked("c", TWO, "Who built it?", "Anna Huber")])
    )
    (folder / "asked.toml").write_text(CONFIG, encoding="utf-8")
    return run_config(folder / "asked.toml", out=folder / "out", crew=SYNC).release


def test_an_export_says_what_is_in_which_file(ask: Ask, release: Path, tmp_path: Path) -> None:
    said = ask("qa", "export", release, "--format", "mrqa", "--out", tmp_path / "out")
    assert said.code == 0
    assert said.out.splitlines()[-4:] == [
        "  file                    questions",
        "  train.jsonl.zst                 2",
        "  left out: unanswerable          1",
        str(tmp_path / "out"),
    ]
    again = ask("qa", "export", release, "--format", "hf", "--out", tmp_path / "out")
    assert (again.code, again.out) == (2, "")
    assert "is there already" in again.err
    row = ask("qa", "export", release, "--format", "hf", "--out", tmp_path / "hf", "--json").row()
    assert row == {"files": {"train.jsonl.zst": 3}, "left_out": {}, "path": str(tmp_path / "hf")}


def test_what_is_made_and_what_not_is_counted(ask: Ask, release: Path, tmp_path: Path) -> None:
    out = tmp_path / "swap.jsonl.zst"
    options = ("--method", "swap", "--seed", "3", "--out", out)
    said = ask("qa", "make", release, *options)
    assert said.code == 0
    assert said.out.splitlines()[-6:] == [
        "  what                   number",
        "  questions read              3",
        "  questions made              1",
        "  skipped: no-value           1",
        "  skipped: unanswerable       1",
        str(out),
    ]
    row = ask("qa", "make", release, *options[:-1], tmp_path / "b.jsonl.zst", "--json").row()
    assert row["report"]["skipped"] == {"no-value": 1, "unanswerable": 1}
    assert (tmp_path / "b.jsonl.zst").read_bytes() == out.read_bytes()
    other = tmp_path / "c.jsonl.zst"
    said = ask("qa", "make", release, "--method", "cloze", "--seed", "3", "--out", other)
    assert (said.code, "nothing can be made" in said.err) == (2, True)


def test_features_are_counted_by_source_and_split(ask: Ask, release: Path, tmp_path: Path) -> None:
    saved = tmp_path / "t.json"
    told = ask("qa", "features", release, "--save-tokenizer", saved, "--json").row()
    (row,) = told["sets"]
    assert (row["source"], row["split"], row["questions"], row["impossible"]) == ("mills", "train", 3, 1)  # fmt: skip
    assert (row["answers"], row["whole"], row["exact"], row["unknown"]) == (2, 2, 2, 0)
    again = ask("qa", "features", release, "--tokenizer", saved, "--json").row()
    assert again == told
    both = ask("qa", "features", release, "--tokenizer", saved, "--save-tokenizer", saved)
    assert (both.code, "--save-tokenizer" in both.err) == (2, True)
    narrow = ask("qa", "features", release, "--length", "20", "--stride", "9", "--question", "9")
    assert (narrow.code, "cannot overlap" in narrow.err) == (2, True)


def test_the_gate_names_what_is_below_it(ask: Ask, tmp_path: Path) -> None:
    text = "The miller of the weir " + "ground the corn and " * 40 + "slept."
    path = write(tmp_path / "x.json", (text, [asked("a", text, "What did he do?", text[23:-1])]))
    said = ask("qa", "features", path, "--length", "64", "--stride", "16", "--least", "0.99")
    assert said.code == 4
    assert "x.json" in said.err
    assert "0.000%" in said.out
    assert ask("qa", "features", path, "--least", "0.99").code == 0


def test_a_question_longer_than_its_cap_is_cut_and_counted(ask: Ask, tmp_path: Path) -> None:
    # as one of SQuADShifts, at which a tokenizer that truncates passages alone gives up
    question = "Who baked?" + " ," * 130
    path = write(tmp_path / "x.json", (ONE, [asked("a", ONE, question, "1,200 florins")]))
    (row,) = ask("qa", "features", path, "--stride", "32", "--length", "128", "--json").row()[
        "sets"
    ]
    assert (row["capped"], row["whole"]) == (1, 1)


def test_decomposed_input_gives_what_composed_input_gives(ask: Ask, tmp_path: Path) -> None:
    text = "서울은 대한민국의 수도이다. 한강은 서울을 지난다. 서울의 이름은 오래다."
    told = []
    for form in ("NFC", "NFD"):
        context = unicodedata.normalize(form, text)  # type: ignore[arg-type]  # one of four
        answer = unicodedata.normalize(form, "서울")  # type: ignore[arg-type]  # likewise
        path = write(tmp_path / "x.json", (context, [asked("a", context, "수도는?", answer)]))
        told.append(ask("qa", "features", path, "--vocab", "200", "--json").row())
    assert told[0] == told[1]
    assert told[0]["splits_hangul"] is False
    assert told[0]["sets"][0]["unknown"] == 0


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no published QA sets under {SHARED}")
def test_korquad_is_whole_in_windows_and_three_quarters_of_it_end_at_tokens(ask: Ask) -> None:
    path = SHARED / "korquad/dev-v1.0.json"
    told = ask("qa", "features", path, "--least", "0.999", "--json").row()
    (row,) = told["sets"]
    assert row["answers"] == row["whole"] == 5_774
    assert row["exact_share"] == pytest.approx(0.76, abs=0.02)
    assert row["unknown_share"] < 0.001
