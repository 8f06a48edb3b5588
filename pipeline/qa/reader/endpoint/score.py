"""Azure Machine Learning, online endpoints: answers of the registered model's reader, or of `model` beside this."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.qa.reader.endpoint.answering import Answering
from pipeline.qa.reader.serve.refusal import RefusedError


@cache
def _answering() -> Answering:
    return Answering(Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent))


def init() -> None:
    """Load the reader, once."""
    _answering()


def run(raw_data: str) -> Any:
    """Answer a body as the one that `handler.py` takes; another shape gets a 4xx that says why, quoting nothing."""
    try:
        return _answering().answer_json(raw_data)
    except RefusedError as refusal:
        return _refused(refusal)


def _refused(refusal: RefusedError) -> Any:
    told = {"error": str(refusal)}
    try:
        from azureml_inference_server_http.api.aml_response import (  # noqa: PLC0415  is there where Azure runs this
            AMLResponse,
        )
    except ImportError:
        return told
    return AMLResponse(told, refusal.status.value, json_str=True)
