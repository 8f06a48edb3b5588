"""Hugging Face Inference Endpoints: answers of the reader that lies in `model` beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.qa.reader.endpoint.answering import Answering


class EndpointHandler:
    """Made once from the folder of the repository, then called with each request."""

    def __init__(self, path: str = "") -> None:
        self._answering = Answering(Path(path))

    def __call__(self, data: Any) -> Any:
        """Answer `{"inputs": {"question": …, "context": …}}`, or a list of such inputs with a list.

        Raises:
            RefusedError: the request has another shape; what it says quotes nothing of it.
        """
        return self._answering.answer(data)
