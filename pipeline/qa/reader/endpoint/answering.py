"""From a request to its answers: offsets are code points of the text as it was given, in whatever normal form."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from filters.qa import Question
from pipeline.errors import InputError
from pipeline.qa.baseline.lines import object_of
from pipeline.qa.reader.given import given
from pipeline.qa.reader.model_file import HEAD, read_reader

if TYPE_CHECKING:
    from pathlib import Path


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question as it is asked."""

    question: str
    context: str
    id: str = ""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`threshold`: abstain where the null odds are higher; without it the reader's own."""

    threshold: float | None = None


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request."""

    inputs: Asked | list[Asked]
    parameters: Parameters = Parameters()


class Answering:
    """A reader of any form; requests that come at once wait for each other."""

    def __init__(self, folder: Path) -> None:
        self._opened = read_reader(reader_in(folder), "auto")
        self._lock = threading.Lock()

    def answer_json(self, body: str | bytes) -> Any:
        """Answer a body of JSON; see `answer`."""
        try:
            return self._answer(msgspec.json.decode(body, type=Body))
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise _refusal(error) from None

    def answer(self, body: Any) -> Any:
        """Return what `gristmill qa predict --lines` tells of a question, or a list for a list.

        Raises:
            InputError: the body has another shape; the message quotes nothing of it.
        """
        try:
            return self._answer(msgspec.convert(body, Body))
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise _refusal(error) from None

    def _answer(self, body: Body) -> Any:
        several = isinstance(body.inputs, list)
        inputs = body.inputs if isinstance(body.inputs, list) else [body.inputs]
        contexts = [given(_sound(each.context)) for each in inputs]
        questions = [
            Question(
                id=each.id,
                question=given(_sound(each.question)).plain,
                context=context.plain,
                answers=(),
                group="",
            )
            for each, context in zip(inputs, contexts, strict=True)
        ]
        with self._lock:
            told = list(self._opened.reader.answers(questions))
        limit = body.parameters.threshold
        threshold = self._opened.head.sureness.threshold if limit is None else limit
        found = [
            object_of(context.back(each), threshold)
            for context, each in zip(contexts, told, strict=True)
        ]
        return found if several else found[0]


def _sound(text: str) -> str:
    """Return a text; `UnicodeError` where it holds half of a surrogate pair."""
    text.encode()
    return text


def _refusal(error: Exception) -> InputError:
    """Say what is wrong with a body; the name of a key that is not known is somebody's text."""
    if isinstance(error, UnicodeError):
        return InputError("endpoint: a text is no sound Unicode")
    problem = str(error)
    if "unknown field" in problem:
        problem = "an object holds a key that is not known"
    return InputError(f"endpoint: {problem}")


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
