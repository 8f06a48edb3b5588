"""A question over a context whose answers are spans of it, and stay so through every edit.

The shape follows SQuAD 2.0 (Rajpurkar et al. 2018); offsets are Unicode code points of the NFC
context, end exclusive, and `context[start:end] == text` holds for every answer.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from filters.qa_quality import quality_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SCHEMA: Final = "qa/1"
_METHOD: Final = re.compile(r"[a-z][a-z0-9_.-]{0,31}")
_SEEDS: Final = 1 << 63


class Answer(msgspec.Struct, frozen=True):
    """A span `[start, end)` of the context and its text."""

    text: str
    start: int
    end: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its context; `check` says what must hold.

    `answers` keeps the input's order and repetitions (several annotators). `plausible_answers`
    are the spans that look right and are wrong, for questions without an answer. `group` names
    what must not straddle a split: see `group_of`.
    """

    id: str
    question: str
    context: str
    answers: tuple[Answer, ...]
    is_impossible: bool = False
    plausible_answers: tuple[Answer, ...] = ()
    title: str = ""
    group: str


class Synthetic(msgspec.Struct, frozen=True):
    """How a question was made that nobody asked: the method and its seed; `""` is asked by a person."""

    method: str = ""
    seed: int = 0


class Redaction(Protocol):
    """An edited text and the way of a span into it."""

    @property
    def text(self) -> str:
        """The text after the edit."""
        ...

    def forward(self, start: int, end: int, /) -> tuple[int, int] | None:
        """Move a span of the text before to the text after; `None` when the edit touches it."""
        ...


def context_sha256(context: str) -> str:
    """Return the hex digest of the context's UTF-8 bytes."""
    return hashlib.sha256(context.encode()).hexdigest()


def group_of(title: str, context: str) -> str:
    """Name what must not straddle a split: the article, or the context where it has no title."""
    return title if title.strip() else context_sha256(context)


def check(question: Question) -> str | None:
    """Return the reason of the first law that `question` breaks, or `None`."""
    return next((reason for reason, broken in _LAWS if broken(question)), None)


def synthetic_of(value: object) -> Synthetic | str:
    """Read what an input says under `synthetic`, or return the reason that it says nothing of the kind.

    A method is a short name in lower case (so that it can hold no datum of anybody), a seed fits into
    63 bits; the empty method has seed 0. What is not there (`None`) is asked by a person.
    """
    if value is None:
        return Synthetic()
    match value:
        case {"method": str(method), "seed": int(seed), **rest} if not rest:
            named = _METHOD.fullmatch(method) is not None or (method == "" and seed == 0)
            if named and not isinstance(seed, bool) and 0 <= seed < _SEEDS:
                return Synthetic(method, seed)
    return "qa:synthetic"


def remap(
    question: Question, redaction: Redaction, *, redacted_question: str | None = None
) -> Question | str:
    """Move the answers into the redacted context, or return the reason that nothing is left.

    `redaction` edits the context; `redacted_question` is the question's own text after its
    redaction (default: unchanged). An answer that the redaction touches is dropped, never
    shifted; an answerable question that loses all of its answers is `answer-redacted`.
    """
    answers = _moved(question.answers, redaction)
    if question.answers and not answers:
        return "answer-redacted"
    asked = question.question if redacted_question is None else redacted_question
    moved = Question(
        id=question.id,
        question=asked,
        context=redaction.text,
        answers=answers,
        is_impossible=question.is_impossible,
        plausible_answers=_moved(question.plausible_answers, redaction),
        title=question.title,
        # The digest of a context before its redaction would let a guess at the secret be checked.
        group=group_of(question.title, redaction.text),
    )
    return moved if (reason := check(moved)) is None else reason


def qa_record(
    question: Question,
    *,
    source: str,
    license: str,  # noqa: A002  the record's key
    language: str,
    url: str,
    redactions: Iterable[tuple[int, int, str]],
    question_redactions: Iterable[tuple[int, int, str]] = (),
    extra: Mapping[str, Any],
    synthetic: Synthetic = Synthetic(),  # noqa: B008  it is frozen
) -> bytes:
    """Encode the release's record: one JSON line in UTF-8, without its newline.

    Every key is always there, in one order, none of them null. `redactions` are
    `(start, end, type)` spans of the emitted context, `question_redactions` of the question's
    own text; they and `extra` become JSON strings, as in the document record.
    """
    return msgspec.json.encode(
        {
            "id": question.id,
            "schema": SCHEMA,
            "context": question.context,
            "context_sha256": context_sha256(question.context),
            "question": question.question,
            "answers": question.answers,
            "is_impossible": question.is_impossible,
            "plausible_answers": question.plausible_answers,
            "source": source,
            "license": license,
            "language": language,
            "url": url,
            "title": question.title,
            "group": question.group,
            "synthetic": synthetic,
            "quality": quality_of(
                question.question, question.context, question.answers, question.plausible_answers
            ),
            "meta": {
                "redactions": _compact([list(span) for span in redactions]),
                "question_redactions": _compact([list(span) for span in question_redactions]),
                "extra": _compact(extra),
            },
        }
    )


def _moved(answers: tuple[Answer, ...], redaction: Redaction) -> tuple[Answer, ...]:
    """Move what the redaction leaves whole, in the same order."""
    after = redaction.text
    spans = ((answer, redaction.forward(answer.start, answer.end)) for answer in answers)
    return tuple(
        Answer(answer.text, *span)
        for answer, span in spans
        if span is not None and after[slice(*span)] == answer.text
    )


def _compact(value: object) -> str:
    """Encode as JSON without spaces, keys sorted, text as it is; integers of any size survive."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _is_blank(text: str) -> bool:
    return not text.strip()


def _is_broken(answer: Answer, context: str) -> bool:
    """Whether the span is empty, out of the context, or holds something else."""
    start, end = answer.start, answer.end
    return not (0 <= start < end <= len(context) and context[start:end] == answer.text)


def _is_nfc(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


_LAWS: Final[tuple[tuple[str, Callable[[Question], bool]], ...]] = (
    ("qa:no-id", lambda q: _is_blank(q.id)),
    ("qa:no-question", lambda q: _is_blank(q.question)),
    ("qa:no-context", lambda q: _is_blank(q.context)),
    ("qa:no-group", lambda q: _is_blank(q.group)),
    ("qa:not-nfc", lambda q: not (_is_nfc(q.context) and _is_nfc(q.question))),
    ("qa:nul", lambda q: "\0" in q.context or "\0" in q.question or "\0" in q.title),
    ("qa:no-answer", lambda q: not q.answers and not q.is_impossible),
    ("qa:answer-to-impossible", lambda q: bool(q.answers) and q.is_impossible),
    (
        "qa:empty-answer",
        lambda q: any(_is_blank(answer.text) for answer in q.answers + q.plausible_answers),
    ),
    (
        "qa:span",
        lambda q: any(_is_broken(each, q.context) for each in q.answers + q.plausible_answers),
    ),
)
