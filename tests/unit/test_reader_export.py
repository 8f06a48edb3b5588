"""How an export is judged, and what a folder for endpoints holds: without a network or its packages."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from filters.qa import Question
from pipeline.errors import ConfigError, InputError, IntegrityError
from pipeline.qa.reader.endpoint.answering import reader_in
from pipeline.qa.reader.export.bundle import requirements
from pipeline.qa.reader.export.comparison import Compared, Heard, Limits, compare, refuse
from pipeline.qa.reader.inputs import Input
from pipeline.qa.reader.network import Scores


def heard(
    scores: list[tuple[list[float], list[float]]], windows: list[Input], answer: str
) -> Heard:
    arrays = [Scores(*(np.array(part, np.float32) for part in each)) for each in scores]
    return Heard(windows, arrays, {"one": answer, "two": "no"})


def window(*places: int) -> Input:
    row = np.array(places, np.int32)
    allowed = row >= 0
    allowed[0] = True
    return Input(row, row, row, allowed, allowed, ())


def test_agreement_is_of_questions_in_all_of_their_windows_over_what_may_be_an_answer() -> None:
    context = "Anna came."
    answers = [{"text": "Anna", "start": 0, "end": 4}]
    both = [
        msgspec.convert(
            {"id": name, "question": "Who came?", "context": context, "answers": answers, "group": ""},
            Question,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    windows = [window(-1, -1, 0, 1), window(-1, -1, 1, 2), window(-1, -1, 0, 1)]
    base = ([0.0, 9.0, 2.0, 1.0], [0.0, 0.0, 1.0, 2.0])
    outside = ([0.0, 5.0, 2.0, 1.0], [0.0, 7.0, 1.0, 2.0])  # other scores where no answer can be
    silent = ([3.0, 9.0, 2.0, 1.0], [0.0, 0.0, 1.0, 2.0])  # [CLS] has most: that counts
    original = heard([base, base, base], windows, "Anna")
    same = compare(both, [2, 1], original, heard([base, outside, base], windows, "Anna"))
    assert (same.agreement, same.difference, same.exact, same.drop) == (1.0, 7.0, (50, 50), 0)
    half = compare(both, [2, 1], original, heard([base, silent, base], windows, "came"))
    assert (half.agreement, half.difference, half.f1, half.drop) == (0.5, 3.0, (50, 0), 50)
    none = compare(both, [2, 1], original, heard([silent, base, silent], windows, "Anna"))
    assert none.agreement == 0.0


@pytest.mark.parametrize(
    ("name", "found", "problem"),
    [
        ("onnx", Compared(9, 0.995, 0.1, (1, 1), (50, 49)), ""),
        ("onnx", Compared(9, 0.994, 0.1, (1, 1), (50, 50)), "0.9940 of the questions agree"),
        ("onnx", Compared(9, 1.0, 0.1, (1, 1), (50, 48.9)), "loses 1.10 of F1"),
        ("onnx-int8", Compared(9, 0.5, 0.1, (1, 1), (50, 49)), ""),
        ("onnx-int8", Compared(9, 1.0, 0.1, (1, 1), (50, 48.9)), "loses 1.10 of F1"),
        ("tflite", Compared(9, 1.0, float("nan"), (1, 1), (50, 50)), "no numbers"),
    ],
)
def test_limits(name: Any, found: Compared, problem: str) -> None:
    if not problem:
        refuse({name: found}, Limits())
        return
    with pytest.raises(IntegrityError, match=problem):
        refuse({name: found}, Limits())


def test_requirements_name_versions_that_any_index_has() -> None:
    there = {"gristmill": "0.1.0", "numpy": "2.3.1", "tokenizers": "0.23.3", "torch": "2.13.0+cpu",
             "safetensors": "0.8.0", "transformers": "5.23.0"}  # fmt: skip

    def installed(name: str) -> str:
        if name not in there:
            raise PackageNotFoundError(name)
        return there[name]

    assert requirements("safetensors", installed) == [
        "gristmill==0.1.0", "numpy==2.3.1", "safetensors==0.8.0", "tokenizers==0.23.3",
        "torch==2.13.0", "transformers==5.23.0",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="openvino runs a reader as openvino"):
        requirements("openvino", installed)


def test_a_folder_has_one_reader(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds 0 readers"):
        reader_in(tmp_path)
    for name in ("a/b", "c"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "reader.json").write_bytes(b"{}")
    assert reader_in(tmp_path / "a") == tmp_path / "a/b"
    assert reader_in(tmp_path / "c") == tmp_path / "c"
    with pytest.raises(InputError, match="holds 2 readers"):
        reader_in(tmp_path)
