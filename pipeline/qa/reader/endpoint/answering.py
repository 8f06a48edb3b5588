"""From what a hosted endpoint is given to its answers: a body is read and answered as `gristmill qa serve` does it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.errors import InputError
from pipeline.qa.reader.model_file import HEAD, read_reader
from pipeline.qa.reader.serve.asked import read_asked
from pipeline.qa.reader.serve.refusal import RefusedError

if TYPE_CHECKING:
    from pathlib import Path


class Answering:
    """A reader of any form; requests that come at once wait for each other."""

    def __init__(self, folder: Path) -> None:
        self._opened = read_reader(reader_in(folder), "auto")
        self._lock = threading.Lock()

    def answer(self, body: Any) -> Any:
        """Return the answer to a decoded body, or a list where it asks with one.

        Raises:
            RefusedError: it has another shape or is beyond a limit; the message quotes nothing of it.
        """
        try:
            encoded = msgspec.json.encode(_flat(body))
        except (TypeError, ValueError, RecursionError):
            raise RefusedError("body: it is no JSON in UTF-8") from None
        asked = read_asked(encoded)
        with self._lock:
            told = list(self._opened.reader.answers(asked.questions))
        return msgspec.json.decode(asked.reply(told, self._opened.head.sureness.threshold))

    def answer_json(self, body: str | bytes) -> Any:
        """Answer a body of JSON; see `answer`."""
        try:
            decoded = msgspec.json.decode(body)
        except (ValueError, RecursionError):
            raise RefusedError("body: it is no JSON in UTF-8") from None
        return self.answer(decoded)


def _flat(body: Any) -> Any:
    """Lay beside each other what Hugging Face's clients put under `inputs`, if it is one, and under `parameters`."""
    if not isinstance(body, dict):
        return body
    inner = {key: body[key] for key in ("inputs", "parameters") if isinstance(body.get(key), dict)}
    flat = {key: value for key, value in body.items() if key not in inner}
    for each in inner.values():
        flat = each | flat
    return flat


def reader_in(folder: Path) -> Path:
    """Find the reader in a folder: it is one, or holds one and no more.

    Raises:
        InputError: it holds none, or several.
    """
    if (folder / HEAD).is_file():
        return folder
    found = sorted(path.parent for path in folder.rglob(HEAD))
    if len(found) != 1:
        raise InputError(f"endpoint: {folder}: holds {len(found)} readers, not one")
    return found[0]
