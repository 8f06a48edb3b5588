"""What an input says of how a question was made is in the release, under its own key, or is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from manifests.record import decode_question
from pipeline.catalog.read import frames, read_frame
from pipeline.engine.crew import SYNC
from pipeline.errors import InputError
from pipeline.qa.asked import read_asked
from pipeline.run import run_config
from pipeline.verify import verify

CONTEXT = "The wheel of the mill turns twice a minute. Its stone came from La Ferté."
CONFIG = """\
[release]
name = "made"
version = "1.0.0"
shards = 1

[[sources]]
name = "asked"
format = "squad"
paths = ["qa.json"]
license = "CC0-1.0"
"""


def asked(name: str, question: str, answer: str, **more: Any) -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": CONTEXT.index(answer)}]
    return {"id": name, "question": question, "answers": answers, **more}


def lay_out(folder: Path, *questions: dict[str, Any]) -> Path:
    paragraph = {"context": CONTEXT, "qas": questions}
    data = {"version": "1", "data": [{"title": "Mill", "paragraphs": [paragraph]}]}
    (folder / "qa.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "made.toml").write_text(CONFIG, encoding="utf-8")
    return folder / "made.toml"


def test_the_label_is_carried_and_the_measures_are_those_of_the_emitted_question(
    tmp_path: Path,
) -> None:
    made = {"method": "cloze", "seed": 7}
    config = lay_out(
        tmp_path,
        asked("a", "Where did the stone of La Ferté come from?", "La Ferté"),
        asked("b", "The wheel turns how often?", "twice a minute", synthetic=made, hard=True),
    )
    release = run_config(config, out=tmp_path / "out", crew=SYNC).release
    assert verify(release, deep=True).problems == ()
    (row,) = [row for row in frames(release).to_pylist() if row["shard"].startswith("qa/")]
    lines = read_frame(release, row["shard"], row["offset"], row["length"])
    found = {each.id: each for each in map(decode_question, lines)}
    assert (found["a"].synthetic.method, found["a"].synthetic.seed) == ("", 0)
    assert (found["b"].synthetic.method, found["b"].synthetic.seed) == ("cloze", 7)
    assert json.loads(found["b"].meta.extra) == {"hard": True, "version": "1"}
    assert found["a"].quality.leak
    assert not found["b"].quality.leak
    assert (found["b"].quality.answer_words, found["b"].quality.places) == (3, 1)
    assert {each.question.id: each.synthetic for each in read_asked(release)} == {
        "a": "",
        "b": "cloze",
    }


def test_another_thing_under_that_key_is_refused(tmp_path: Path) -> None:
    config = lay_out(tmp_path, asked("a", "How often?", "twice", synthetic=True))
    with pytest.raises(InputError, match="qa:synthetic"):
        run_config(config, out=tmp_path / "out", crew=SYNC)
