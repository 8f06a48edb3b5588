"""From the body of a request to questions, or to why there are none; nothing that is said quotes the body."""

from __future__ import annotations

import re
import unicodedata
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from filters.qa import Question
from pipeline.qa.baseline.lines import object_of
from pipeline.qa.reader.given import given
from pipeline.qa.reader.serve.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.qa.baseline.ranker import Told
    from pipeline.qa.reader.given import Given

MOST: Final = 256
"""Questions of one request."""
SHOWN: Final = 5
"""Answers of an n-best list, at most."""
_LONGEST: Final = {"question": 2_000, "context": 100_000, "id": 256}  # code points
_MARKS: Final = 30  # in a row, as in the Stream-Safe Text Format (Unicode Annex 15)
_UNKNOWN_KEY: Final = "Object contains unknown field "  # and the key, which is somebody's text
_KEY: Final = (
    r"question|context|id|threshold|n_best|inputs(?:\[\d+\](?:\.(?:question|context|id))?)?"
)
_PLACE: Final = re.compile(rf"(.*) - at `\$\.({_KEY})`", re.DOTALL)
_UNPROCESSABLE: Final = HTTPStatus(422)  # its name changed with RFC 9110


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question as it is asked."""

    question: str
    context: str
    id: str = ""


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body: one question, or several under `inputs`."""

    question: str | UnsetType = UNSET
    context: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    inputs: list[Input] | UnsetType = UNSET
    threshold: float | None = None
    n_best: int | None = None


class Asked(NamedTuple):
    """What is asked: questions as the reader takes them, their contexts as they came, and how to tell the answers.

    `several` if they came as a list; `threshold` is `None` unless the request has one.
    """

    questions: list[Question]
    contexts: list[Given]
    several: bool
    threshold: float | None
    shown: int

    def place(self, number: int) -> str:
        """Name an input of the request."""
        return f"inputs[{number}]." if self.several else ""

    def reply(self, told: Sequence[Told], threshold: float) -> bytes:
        """Return the answers as JSON: an object, or a list of them.

        Raises:
            RefusedError: a context has no token.
        """
        limit = threshold if self.threshold is None else self.threshold
        found = []
        for number, (each, context) in enumerate(zip(told, self.contexts, strict=True)):
            if not each.options:
                raise RefusedError(f"{self.place(number)}context: it has no token", _UNPROCESSABLE)
            object_ = object_of(context.back(each), limit)
            found.append(object_ | {"options": object_["options"][: self.shown]})
        return msgspec.json.encode(found if self.several else found[0])


def read_asked(body: bytes, most: int = MOST) -> Asked:
    """Read a body with at most so many questions.

    Raises:
        RefusedError: it is no JSON, of another shape, or beyond a limit.
    """
    told = _decode(body)
    several = not isinstance(told.inputs, UnsetType)
    inputs = _inputs(told)
    if not 0 < len(inputs) <= most:
        raise RefusedError(f"inputs: they are {len(inputs)}, not 1 to {most}", _UNPROCESSABLE)
    if told.threshold is not None and not 0 <= told.threshold <= 1:
        raise RefusedError("threshold: it is not between 0 and 1", _UNPROCESSABLE)
    if told.n_best is not None and not 0 <= told.n_best <= SHOWN:
        raise RefusedError(f"n_best: it is not between 0 and {SHOWN}", _UNPROCESSABLE)
    for number, each in enumerate(inputs):
        _check(each, f"inputs[{number}]." if several else "")
    contexts = [given(each.context) for each in inputs]
    questions = [
        Question(
            id=each.id, question=given(each.question).plain, context=context.plain, answers=(), group=""
        )
        for each, context in zip(inputs, contexts, strict=True)
    ]  # fmt: skip
    shown = SHOWN if told.n_best is None else told.n_best
    return Asked(questions, contexts, several, told.threshold, shown)


def _decode(body: bytes) -> _Body:
    try:
        return msgspec.json.decode(body, type=_Body)
    except msgspec.ValidationError as error:
        raise RefusedError(_without_text(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedError("body: it is no JSON in UTF-8") from None


def _without_text(problem: str) -> str:
    """Spell what is wrong with a value as `key: problem`, without a key that is none of ours."""
    found = _PLACE.fullmatch(problem)
    told, place = (problem, "body") if found is None else (found[1], found[2])
    return f"{place}: {'a key that is not known' if told.startswith(_UNKNOWN_KEY) else told}"


def _inputs(told: _Body) -> list[Input]:
    alone = {"question": told.question, "context": told.context, "id": told.id}
    if not isinstance(told.inputs, UnsetType):
        beside = next((key for key, value in alone.items() if value is not UNSET), None)
        if beside is not None:
            raise RefusedError(f"{beside}: it stands beside `inputs`")
        return told.inputs
    if isinstance(told.question, UnsetType):
        raise RefusedError("question: it is missing")
    if isinstance(told.context, UnsetType):
        raise RefusedError("context: it is missing")
    return [Input(told.question, told.context, "" if isinstance(told.id, UnsetType) else told.id)]


def _check(asked: Input, place: str) -> None:
    """See to it that a question may be asked."""
    for key, most in _LONGEST.items():
        text: str = getattr(asked, key)
        if len(text) > most:
            raise RefusedError(
                f"{place}{key}: it is longer than {most:,} code points", _UNPROCESSABLE
            )  # fmt: skip
        if "\0" in text:
            raise RefusedError(f"{place}{key}: it holds U+0000", _UNPROCESSABLE)
        if _marks_in_a_row(text) > _MARKS:
            raise RefusedError(
                f"{place}{key}: it has more than {_MARKS} combining marks in a row", _UNPROCESSABLE
            )  # fmt: skip
    for key in ("question", "context"):
        if not getattr(asked, key).strip():
            raise RefusedError(f"{place}{key}: it is empty", _UNPROCESSABLE)


def _marks_in_a_row(text: str) -> int:
    """Return the length of the longest run of combining marks: to sort them for NFC takes the square of it."""
    if text.isascii():
        return 0
    marks = {
        each: bool(unicodedata.combining(unicodedata.normalize("NFD", each)[0]))
        for each in set(text)
    }
    runs = (sum(1 for _ in run) for mark, run in groupby(text, marks.__getitem__) if mark)
    return max(runs, default=0)
