"""A folder that Hugging Face and Azure ML host as it is: a reader, two entry points, and what is to be installed."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.engine.commit import sync
from pipeline.errors import ConfigError
from pipeline.qa.reader.endpoint import handler, score
from pipeline.qa.reader.model_file import CARD, HEAD, read_head
from pipeline.release import whole_folder, write_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.qa.reader.forms import FormName
    from pipeline.qa.reader.model_file import Head

MODEL: Final = "model"
REQUIREMENTS: Final = "requirements.txt"
_ALWAYS: Final = ("gristmill", "numpy", "tokenizers")
_NEEDED: Final[dict[FormName, tuple[str, ...]]] = {
    "safetensors": ("safetensors", "torch", "transformers"),
    "onnx": ("onnxruntime",),
    "onnx-int8": ("onnxruntime",),
    "openvino": ("openvino",),
    "tflite": ("ai-edge-litert",),
}
"""What runs each form."""


def write_bundle(model: Path, out: Path) -> Head:
    """Write a bundle under a name that is free; returns what the reader says of itself.

    Raises:
        ConfigError: what runs the reader is not installed, so that its version cannot be told.
        InputError: the reader is damaged.
    """
    head = read_head(model)
    needed = requirements(head.form.name)
    with whole_folder(out) as staging:
        folder = staging / MODEL
        folder.mkdir()
        for name in (*head.files, HEAD, CARD):
            shutil.copyfile(model / name, folder / name)
            sync(folder / name)
        read_head(folder)
        for entry in (handler, score):
            path = Path(str(entry.__file__))
            write_bytes(staging / path.name, path.read_bytes())
        write_bytes(staging / REQUIREMENTS, "".join(f"{each}\n" for each in needed).encode())
        write_bytes(staging / CARD, _guide(head).encode())
    return head


def requirements(name: FormName, installed: Callable[[str], str] = version) -> list[str]:
    """Name what a form needs in the versions that are installed here, without what says where they were built.

    Raises:
        ConfigError: something is not installed.
    """
    found = []
    for each in sorted((*_ALWAYS, *_NEEDED[name])):
        try:
            found.append(f"{each}=={installed(each).partition('+')[0]}")
        except PackageNotFoundError as error:
            raise ConfigError(
                f"bundle: {each} runs a reader as {name} and is not installed here"
            ) from error
    return found


def _guide(head: Head) -> str:
    return f"""---
pipeline_tag: question-answering
tags:
- gristmill
- endpoints-template
---

# An endpoint that answers questions: {head.plan.family}, as {head.form.name}

`model/` holds the reader, its card says what it is. `requirements.txt` names what it was tried with; where
gristmill comes from no index, put its wheel beside it and name the file instead.

A request is `{{"inputs": {{"question": "…", "context": "…"}}}}`, or has a list of such inputs and gets a list; it may
say `"parameters": {{"threshold": 0.5, "n_best": 3}}`: abstain (answer `""`) where the null odds are higher, in place of
the reader's own threshold, and how many answers `options` lists. An answer has `answer`, `start` and `end` (code points
of the context as it was sent, end exclusive), `confidence`, `null_odds` and `options`. It is what `gristmill qa serve`
answers, with its limits; what has another shape is refused with a message that quotes nothing.

- Hugging Face Inference Endpoints: push this folder as a model repository; `handler.py` has the class
  `EndpointHandler`.
- Azure Machine Learning, managed online endpoint: `score.py` is the scoring script (`init`, `run`), this folder the
  code; the reader is taken from the registered model if there is one (`AZUREML_MODEL_DIR`), else from `model/`.
"""
