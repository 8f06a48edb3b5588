"""Folders for hosted endpoints: their entry functions answer as `qa predict` does, and refuse without a word of it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from filters.qa import Question
from pipeline.cli.app import main
from pipeline.qa.asked import read_asked
from pipeline.qa.reader.endpoint import score
from pipeline.qa.reader.endpoint.answering import Answering
from pipeline.qa.reader.serve.refusal import RefusedError
from tests.apart import run_apart
from tests.conftest import Ask
from tests.untrained import write_untrained

for _name in ("torch", "transformers", "tokenizers", "onnxscript", "onnxruntime"):
    pytest.importorskip(_name, reason=f"{_name} comes with the extra [model]")

CONTEXT = "Zoë bought the mill café in Zürich. Jürg sold the sluice of Füssen. 방앗간 주인은 Åse."
ASKED = (
    "Who bought the café?",
    "Where is the sluice?",
    "Who is Åse?",
    "What was sold?",
    "누구인가?",
)


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "asked.json"
    answer = {"text": "Zoë", "answer_start": 0}
    qas = [{"id": f"q{at}", "question": each, "answers": [answer]} for at, each in enumerate(ASKED)]
    told = {"title": "Mill", "paragraphs": [{"context": CONTEXT, "qas": qas}]}
    path.write_text(json.dumps({"version": "1.1", "data": [told]}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small reader that learned nothing, in three forms."""
    folder = tmp_path_factory.mktemp("forms")
    reader = write_untrained(folder / "reader")
    given = ("qa", "export-model", reader, "--to", "safetensors,onnx,onnx-int8", "--out")
    assert main([str(each) for each in (*given, folder / "out")]) == 0
    return folder / "out"


def asked_of(path: Path) -> list[Question]:
    return [each.question for each in read_asked(path)]


ENDPOINTS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from handler import EndpointHandler
import score
body = json.loads(sys.argv[2])
handler = EndpointHandler(sys.argv[1])
score.init()
print(json.dumps(handler(body)))
print(json.dumps(score.run(json.dumps(body))))
print(json.dumps(handler({"inputs": body["inputs"][0], "parameters": {"threshold": 0.0}})))
"""


def bundle(model: Path, out: Path) -> Path:
    assert main(["qa", "bundle", str(model), "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize("name", ["safetensors", "onnx"])
def test_entry_points_of_a_bundle_answer_as_predict_does(
    name: str, forms: Path, questions: Path, tmp_path: Path, ask: Ask
) -> None:
    model = forms / name
    given = ("--out", tmp_path / "a.json", "--lines", tmp_path / "lines", "--device", "cpu")
    assert ask("qa", "predict", model, questions, *given).code == 0
    lines = (tmp_path / "lines").read_text("utf-8").splitlines()
    asked = asked_of(questions)
    inputs = [{"id": each.id, "question": each.question, "context": each.context} for each in asked]
    folder = bundle(model, tmp_path / "bundle")
    told = run_apart(ENDPOINTS, folder, json.dumps({"inputs": inputs}), path=tmp_path)
    wanted = [json.loads(line) for line in lines]
    assert json.loads(told[0]) == json.loads(told[1]) == wanted
    assert json.loads(told[2])["answer"] == ""


def test_offsets_of_an_endpoint_are_of_the_text_as_it_was_given(
    forms: Path, questions: Path
) -> None:
    answering = Answering(forms / "onnx")
    moved = 0
    for each in asked_of(questions):
        context = unicodedata.normalize("NFD", each.context)
        body = {
            "inputs": {"question": unicodedata.normalize("NFD", each.question), "context": context}
        }
        told = answering.answer(body)
        plain = answering.answer({"inputs": {"question": each.question, "context": each.context}})
        assert context[told["start"] : told["end"]] == told["answer"]
        assert unicodedata.normalize("NFC", told["answer"]) == plain["answer"]
        assert told["confidence"] == plain["confidence"]
        moved += (told["start"], told["end"]) != (plain["start"], plain["end"])
    assert moved


def test_a_request_of_another_shape_is_refused_without_a_word_of_it(
    forms: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(forms / "onnx"))
    score.init()
    answering = Answering(forms / "onnx")
    one = {"question": "Who?", "context": "Secret."}
    bad: list[Any] = [
        [], 5, {}, {"inputs": "secret"}, {"inputs": {"question": "secret"}}, {"inputs": [one, 5]},
        {"inputs": one | {"secret": 1}}, {"secret` - at `": 1}, {"inputs": []}, {"inputs": [one] * 257},
        {"inputs": one, "parameters": {"threshold": "secret"}}, {"inputs": one, "parameters": {"secret": 1}},
        {"inputs": one, "parameters": ["secret"]}, {"inputs": [one], "parameters": {"question": "secret"}},
        {"inputs": one | {"context": 7}}, {"inputs": one | {"context": " "}},
        {"inputs": one | {"context": "secret \ud800"}},
    ]  # fmt: skip
    for body in bad:
        with pytest.raises(RefusedError) as caught:
            answering.answer(body)
        refused = score.run(json.dumps(body))
        assert "secret" not in f"{caught.value}{refused}".lower()
        assert list(refused) == ["error"]
    with pytest.raises(RefusedError, match="no JSON"):
        answering.answer({"inputs": one | {"context": object()}})
    for raw in ("{secret", "", "[" * 100_000):
        assert score.run(raw) == {"error": "body: it is no JSON in UTF-8"}
    told = answering.answer({"inputs": one, "parameters": {"n_best": 1}})
    assert told == answering.answer(one | {"n_best": 1})
    assert len(told["options"]) == 1


def test_a_bundle_names_what_it_runs_with(forms: Path, tmp_path: Path) -> None:
    for name, package in (("safetensors", "torch"), ("onnx-int8", "onnxruntime")):
        folder = bundle(forms / name, tmp_path / name)
        lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
        names = [line.split("==")[0] for line in lines]
        assert {"gristmill", "tokenizers", package} < set(names)
        assert all("+" not in line and line.count("==") == 1 for line in lines)
        assert ("torch" in names) is (name == "safetensors")
        assert (folder / "handler.py").read_bytes().count(b"class EndpointHandler") == 1
        assert (folder / "README.md").is_file()
