"""Readers in other forms: each is made by the command, read again, and says what its original says."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from filters.qa import Question
from pipeline.cli.app import main
from pipeline.qa.asked import read_asked
from pipeline.qa.baseline.ranker import Told
from pipeline.qa.reader.forms import FILES
from pipeline.qa.reader.model_file import Opened, read_reader
from pipeline.qa.reader.serve import desk
from pipeline.qa.reader.serve.batching import Queue
from pipeline.qa.reader.serve.guard import Door
from tests.apart import run_apart
from tests.conftest import Ask

for _name in ("torch", "transformers", "tokenizers", "onnxscript", "onnxruntime"):
    pytest.importorskip(_name, reason=f"{_name} comes with the extra [model]")

ROOT = Path(__file__).parents[2]
FAMILIES = ("electra", "mobilebert", "distilbert")
NEEDS = {"openvino": "openvino", "tflite": "litert_torch"}
THERE = [
    name
    for name in ("safetensors", "onnx", "onnx-int8", "openvino", "tflite")
    if name not in NEEDS or find_spec(NEEDS[name])
]
QUICK = [name for name in THERE if name != "tflite"]
PEOPLE = ("Anna", "Jakob", "Ruth", "Emil", "Lena", "Otto", "Ida", "Paul", "Vera", "Max")
PLACES = ("Lindau", "Konstanz", "Bregenz", "Zürich", "Ulm", "Bern", "Basel", "Genf")
TRADES = ("miller", "baker", "weaver", "smith")


def ask_about(person: str, place: str, trade: str) -> dict[str, Any]:
    context = (
        f"The {trade} {person} lived in {place} for many years. Nobody knows why the mill was sold. "
        f"Grain came by ship, and {trade}s were paid in silver."
    )
    asked = [
        ("who", f"Who was the {trade} of {place}?", person),
        ("where", f"Where did {person} live?", place),
    ]
    return {
        "context": context,
        "qas": [
            {
                "id": f"{person}-{place}-{trade}-{kind}",
                "question": question,
                "answers": [{"text": answer, "answer_start": context.index(answer)}],
            }
            for kind, question, answer in asked
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some three hundred questions that say where somebody lived."""
    path = tmp_path_factory.mktemp("asked") / "asked.json"
    paragraphs = [ask_about(*each) for each in list(product(PEOPLE, PLACES, TRADES))[::2]]
    told = {"version": "1.1", "data": [{"title": "Mill", "paragraphs": paragraphs}]}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def readers(questions: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A very small reader of each family."""
    folder = tmp_path_factory.mktemp("readers")
    for family in FAMILIES:
        out = folder / family
        size = ("--layers", 1, "--width", 32, "--vocab", 400, "--length", 96, "--epochs", 3)
        given = ("qa", "train", questions, "--family", family, *size, "--out", out, "--json")
        assert main([str(each) for each in given]) == 0
    return {family: folder / family for family in FAMILIES}


@pytest.fixture(scope="module")
def exports(
    readers: dict[str, Path], questions: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """All forms of each reader, held against it; TFLite, which takes a while to make, of one."""
    folder = tmp_path_factory.mktemp("exports")
    for family, reader in readers.items():
        forms = ",".join(THERE if family == "electra" else QUICK)
        given = ("qa", "export-model", reader, "--to", forms, "--out", folder / family)
        check = ("--check", questions, "--questions", 100, "--json")
        assert main([str(each) for each in (*given, *check)]) == 0
    return {family: folder / family for family in readers}


def asked_of(path: Path) -> list[Question]:
    return [each.question for each in read_asked(path)]


def opened_of(folder: Path) -> Opened:
    return read_reader(folder, "cpu")


def test_each_form_says_what_the_original_says(exports: dict[str, Path]) -> None:
    for family, folder in exports.items():
        checks = json.loads((folder / "checks.json").read_bytes())
        assert sorted(checks) == sorted(THERE if family == "electra" else QUICK)
        for name, found in checks.items():
            assert found["questions"] == 100
            assert found["original_f1"] > 10, family
            assert abs(found["f1"] - found["original_f1"]) <= 1.0, (family, name)
            if name != "onnx-int8":
                assert found["agreement"] == 1.0, (family, name)
                assert found["difference"] < 1e-4, (family, name)
        assert checks["safetensors"]["difference"] == 0.0
        assert 0.0 < checks["onnx-int8"]["difference"] < 1.0
        assert checks["onnx-int8"]["bytes"] < checks["onnx"]["bytes"]


@pytest.mark.parametrize("name", THERE)
def test_predict_takes_every_form(
    name: str,
    readers: dict[str, Path],
    exports: dict[str, Path],
    questions: Path,
    tmp_path: Path,
    ask: Ask,
) -> None:
    answers = []
    for number, model in enumerate((readers["electra"], exports["electra"] / name)):
        out = tmp_path / f"{number}.json"
        done = ask("qa", "predict", model, questions, "--out", out, "--device", "cpu", "--json")
        assert done.code == 0, done
        answers.append(json.loads(out.read_bytes()))
    alike = sum(answers[0][key] == answers[1][key] for key in answers[0])
    assert alike >= (0.95 if name == "onnx-int8" else 1.0) * len(answers[0])
    assert answers[0].keys() == answers[1].keys()


@pytest.mark.parametrize("name", THERE)
def test_what_stands_beside_a_window_does_not_change_its_scores(
    name: str, exports: dict[str, Path], questions: Path
) -> None:
    opened = opened_of(exports["electra"] / name)
    prepare = opened.reader.preparer.inputs
    windows = [prepare(each.context, each.question)[0] for each in asked_of(questions)[:20]]
    windows.append(prepare("Nobody came.", "Who?")[0])
    together = opened.runtime.scores(windows)
    for window, beside in zip(windows, together, strict=True):
        alone = opened.runtime.scores([window])[0]
        assert all(np.array_equal(*pair) for pair in zip(alone, beside, strict=True))
        assert [len(part) for part in alone] == [len(window.ids)] * 2


def test_a_graph_takes_any_number_of_windows_of_any_length(exports: dict[str, Path]) -> None:
    import onnxruntime

    for family, folder in exports.items():
        session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")
        names = [each.name for each in session.get_inputs()]
        wanted = ["input_ids", "attention_mask", "token_type_ids"]
        assert names == (wanted[:2] if family == "distilbert" else wanted)
        for shape in ((1, 9), (5, 33), (3, 512)):
            given = dict.fromkeys(names, np.ones(shape, np.int64))
            first, last = session.run(["start_logits", "end_logits"], given)
            assert first.shape == last.shape == shape


def test_equal_readers_give_equal_bytes_that_name_no_place(
    readers: dict[str, Path], exports: dict[str, Path], tmp_path: Path, ask: Ask
) -> None:
    out = tmp_path / "again"
    given = ("--to", ",".join(QUICK), "--out", out)
    assert ask("qa", "export-model", readers["distilbert"], *given).code == 0
    for name in QUICK:
        both = (out / name, exports["distilbert"] / name)
        assert {each.name for each in both[0].iterdir()} == {
            each.name for each in both[1].iterdir()
        }
        for path in both[0].iterdir():
            assert path.read_bytes() == (both[1] / path.name).read_bytes(), path.name
    assert not (out / "checks.json").read_text("utf-8").count("agreement")
    for path in [*exports["distilbert"].rglob("*"), *exports["electra"].rglob("*")]:
        data = path.read_bytes() if path.is_file() else b""
        places = (str(ROOT), sys.prefix, str(Path.home()), ".py", str(tmp_path.parent))
        assert not [each for each in places if each.encode() in data], path.name


def test_an_export_says_what_it_was_made_from(
    readers: dict[str, Path], exports: dict[str, Path]
) -> None:
    weights = sha256((readers["electra"] / "model.safetensors").read_bytes()).hexdigest()
    for name in set(THERE) - {"safetensors"}:
        folder = exports["electra"] / name
        form = opened_of(folder).head.form
        assert (form.name, form.made_from) == (name, weights)
        assert "torch" in form.versions
        assert {*FILES[form.name]} < {path.name for path in folder.iterdir()}
        assert weights in (folder / "README.md").read_text("utf-8")
        assert "Of the reader that it was made from." in (folder / "README.md").read_text("utf-8")
        assert not (folder / "model.safetensors").exists()


def test_a_reader_that_was_written_before_there_were_forms_is_one_of_pytorch(
    readers: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(readers["electra"], tmp_path / "old")
    head = json.loads((folder / "reader.json").read_bytes())
    assert head.pop("form")["name"] == "safetensors"
    (folder / "reader.json").write_text(json.dumps(head), encoding="utf-8")
    opened = opened_of(folder)
    assert opened.network is opened.runtime


WITHOUT_TORCH = """
import json, sys
from pathlib import Path
sys.modules["torch"] = sys.modules["transformers"] = None
from pipeline.qa.asked import read_asked
from pipeline.qa.reader.model_file import read_reader
opened = read_reader(Path(sys.argv[1]), "auto")
asked = [each.question for each in read_asked(Path(sys.argv[2]))][:10]
print(json.dumps([each.answer for each in opened.reader.answers(asked)]))
print(sys.modules.get("openvino_telemetry"))
"""


@pytest.mark.parametrize("name", [each for each in QUICK if each != "safetensors"])
def test_forms_run_without_pytorch_and_report_to_nobody(
    name: str, exports: dict[str, Path], questions: Path, tmp_path: Path
) -> None:
    folder = exports["mobilebert"] / name
    answers, telemetry = run_apart(WITHOUT_TORCH, folder, questions, path=tmp_path)
    told = opened_of(folder).reader.answers(asked_of(questions)[:10])
    assert json.loads(answers) == [each.answer for each in told]
    assert telemetry == "None"


def test_an_export_is_served(exports: dict[str, Path], questions: Path) -> None:
    folder = exports["distilbert"] / "onnx"
    one = asked_of(questions)[0]

    async def ask_desk() -> tuple[dict[str, Any], list[Told]]:
        limits = desk.Limits(1000, 10.0)
        found = desk.Desk(
            "one", lambda: opened_of(folder), Queue(0.0, 8), limits, None, Door(local=True)
        )
        await found.open()
        told = await found.worker.put([one]).told
        found.worker.stop()
        return found.about, told

    about, told = asyncio.run(ask_desk())
    weights = sha256((folder / "model.onnx").read_bytes()).hexdigest()
    assert (about["weights"], about["device"], about["ready"]) == (weights, "cpu", True)
    assert told == list(opened_of(folder).reader.answers([one]))


def test_what_is_not_good_enough_is_not_written(
    readers: dict[str, Path], questions: Path, tmp_path: Path, ask: Ask
) -> None:
    option = ("--questions", 20, "--most-drop", -200)
    given = ("--to", "safetensors", "--check", questions, *option)
    done = ask("qa", "export-model", readers["electra"], *given, "--out", tmp_path / "out")
    assert done.code == 4, done
    assert "safetensors" in done.out
    assert "export: not written: safetensors: " in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [each for each in THERE if each != "safetensors"])
def test_damage_is_named(
    name: str, exports: dict[str, Path], questions: Path, tmp_path: Path, ask: Ask
) -> None:
    copy = shutil.copytree(exports["electra"] / name, tmp_path / "copy")
    predict = ("qa", "predict", copy, questions, "--out", tmp_path / "a.json", "--device")
    weights = copy / FILES[opened_of(copy).head.form.name][0]
    weights.write_bytes(weights.read_bytes()[:1000])
    damaged = ask(*predict, "cpu")
    assert (damaged.code, "is not what reader.json says" in damaged.err) == (3, True)
    told = (copy / "reader.json").read_text("utf-8")
    head = json.loads(told)
    head["files"][weights.name] = sha256(weights.read_bytes()).hexdigest()
    (copy / "reader.json").write_text(json.dumps(head), encoding="utf-8")
    garbage = ask(*predict, "cpu")
    assert (garbage.code, "its runtime does not take it" in garbage.err) == (3, True), garbage
    head["files"].pop(weights.name)
    (copy / "reader.json").write_text(json.dumps(head), encoding="utf-8")
    unnamed = ask(*predict, "cpu")
    assert (unnamed.code, "does not name the files" in unnamed.err) == (3, True), unnamed
    head["files"] |= json.loads(told)["files"] | {"../outside": sha256(b"x").hexdigest()}
    (tmp_path / "outside").write_bytes(b"x")
    (copy / "reader.json").write_text(json.dumps(head), encoding="utf-8")
    outside = ask("qa", "bundle", copy, "--out", tmp_path / "b")
    assert (outside.code, "does not name the files" in outside.err) == (3, True), outside
    (tmp_path / "outside").unlink()
    (copy / "reader.json").write_text(told, encoding="utf-8")
    weights.unlink()
    assert ask("qa", "bundle", copy, "--out", tmp_path / "b").code == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_an_interrupt_leaves_nothing(readers: dict[str, Path], tmp_path: Path) -> None:
    code = "import sys; from pipeline.cli.app import main; sys.exit(main())"
    given = ("qa", "export-model", str(readers["distilbert"]), "--to", "onnx", "--out", "out")
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", code, *given],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process:
        while not list(tmp_path.iterdir()):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
    assert process.returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_done_is_said(
    readers: dict[str, Path], exports: dict[str, Path], questions: Path, tmp_path: Path, ask: Ask
) -> None:
    export, taken = exports["electra"] / "onnx", tmp_path / "taken"
    taken.mkdir()
    again = ("qa", "export-model", export, "--to", "onnx", "--out")
    embed = ("qa", "embed", export, questions, "--out", tmp_path / "c")
    predict = ("qa", "predict", export, questions, "--out", tmp_path / "a.json")
    wanted: list[tuple[int, str, tuple[Any, ...]]] = [
        (2, "name the one that it was made from", (*again, tmp_path / "b")),
        (2, "name the one that it was made from", ("qa", "distil", export, questions, "--out", tmp_path / "c")),
        (2, "name the one that it was made from", embed),
        (2, "runs on a CPU", (*predict, "--device", "cuda")),
        (2, "'coreml' is none of", (*again[:4], "onnx,coreml", "--out", tmp_path / "b")),
        (2, "is no share", (*again, tmp_path / "b", "--least-agreement", "nan")),
        (2, "there already", (*again, taken)),
        (2, "there already", ("qa", "bundle", export, "--out", taken)),
        (3, "is no reader", ("qa", "bundle", taken, "--out", tmp_path / "b")),
    ]  # fmt: skip
    for code, problem, given in wanted:
        done = ask(*given)
        assert (done.code, problem in done.err) == (code, True), (given, done)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert not list(taken.iterdir())


def test_a_package_that_is_missing_is_named(
    readers: dict[str, Path], tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = (
        ("openvino", "openvino", "edge"),
        ("litert_torch", "tflite", "edge"),
        ("onnxscript", "onnx", "model"),
    )
    for module, name, extra in (each for each in packages if each[1] in THERE):
        monkeypatch.setitem(sys.modules, module, None)
        done = ask("qa", "export-model", readers["electra"], "--to", name, "--out", tmp_path / name)
        problem = f"export: it needs {module.replace('_', '-')}: pip install 'gristmill[{extra}]'"
        assert (done.code, problem in done.err) == (2, True), done
    assert list(tmp_path.iterdir()) == []
