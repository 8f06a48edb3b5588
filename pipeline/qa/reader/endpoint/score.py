"""Azure Machine Learning, online endpoints: answers of the reader in the registered model, or in `model` beside this."""

from __future__ import annotations

import os
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.qa.reader.endpoint.answering import Answering


@cache
def _answering() -> Answering:
    return Answering(Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent))


def init() -> None:
    """Load the reader, once."""
    _answering()


def run(raw_data: str) -> Any:
    """Answer a body as the one that `handler.py` takes; another shape gets 400 and says why, quoting nothing."""
    try:
        return _answering().answer_json(raw_data)
    except InputError as error:
        return _refused(str(error))


def _refused(problem: str) -> Any:
    told = {"error": problem}
    try:
        from azureml_inference_server_http.api.aml_response import (  # noqa: PLC0415  is there where Azure runs this
            AMLResponse,
        )
    except ImportError:
        return told
    return AMLResponse(told, HTTPStatus.BAD_REQUEST.value, json_str=True)
