"""The one form of a record in a release: fixed keys in a fixed order, strings, never null.

`encode` and `decode` are each other's inverse byte for byte: a line that says the same in other
words (another key order, an escape that is not needed, a key twice) is refused.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec


class Meta(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What lies under `meta`: `redactions` and `extra` are JSON *strings*, at least `[]`, `{}`."""

    pile_set_name: str
    repo: str
    path: str
    natural_language: str
    redactions: str
    extra: str


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A document as a release holds it; `sha256` is that of the emitted text's UTF-8, in hex."""

    id: str
    text: str
    source: str
    license: str
    language: str
    url: str
    created: str
    sha256: str
    meta: Meta


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer and its half-open range of code points in the context."""

    text: str
    start: int
    end: int


class QuestionMeta(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As in `Meta`, for a question: `redactions` are spans of the context, `question_redactions` of its own text."""

    redactions: str
    question_redactions: str
    extra: str


class Synthetic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a question was made that nobody asked; the method is `""` and the seed 0 where a person did."""

    method: str
    seed: int


class Quality(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is measured of a question (filters/qa_quality.py); `overlap` is a share from 0 to 1."""

    question_words: int
    answer_words: int
    overlap: float
    leak: bool
    places: int


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question with its context and answers as a release holds it."""

    id: str
    schema: str
    context: str
    context_sha256: str
    question: str
    answers: list[Answer]
    is_impossible: bool
    plausible_answers: list[Answer]
    source: str
    license: str
    language: str
    url: str
    title: str
    group: str
    synthetic: Synthetic
    quality: Quality
    meta: QuestionMeta


class Tombstone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of ledger/tombstones.jsonl: an id that left and why, never what it held."""

    id: str
    removed_in: str
    reason: str
    request: str


_ENCODER: Final = msgspec.json.Encoder()
_RECORDS: Final = msgspec.json.Decoder(Record)
_QUESTIONS: Final = msgspec.json.Decoder(Question)
_TOMBSTONES: Final = msgspec.json.Decoder(Tombstone)
_REDACTIONS: Final = msgspec.json.Decoder(list[tuple[int, int, str]])
_EXTRA: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def encode(record: Record | Question | Tombstone) -> bytes:
    """Return the record as one JSON line, newline included.

    Raises `ValueError` for a lone surrogate, which UTF-8 cannot hold.
    """
    return _ENCODER.encode(record) + b"\n"


def decode(line: bytes) -> Record:
    """Read a line, with or without its newline; `ValueError` unless `encode` gives it back."""
    body = line.removesuffix(b"\n")
    record = _RECORDS.decode(body)
    if _ENCODER.encode(record) != body:
        raise ValueError("the record is not in canonical form")
    return record


def decode_question(line: bytes) -> Question:
    """Read one line of a question shard, as strictly as `decode`."""
    body = line.removesuffix(b"\n")
    question = _QUESTIONS.decode(body)
    if _ENCODER.encode(question) != body:
        raise ValueError("the record is not in canonical form")
    return question


def decode_tombstone(line: bytes) -> Tombstone:
    """Read one line of ledger/tombstones.jsonl, as strictly as `decode`."""
    body = line.removesuffix(b"\n")
    tombstone = _TOMBSTONES.decode(body)
    if _ENCODER.encode(tombstone) != body:
        raise ValueError("the tombstone is not in canonical form")
    return tombstone


def redacted_spans(told: str) -> list[tuple[int, int, str]]:
    """Read `redactions` or `question_redactions` of a record's `meta`; raises `ValueError`, `RecursionError`."""
    return [] if told == "[]" else _REDACTIONS.decode(told)


def record_flaw(record: Record, text: bytes | None = None) -> str:
    """Say what is wrong with a record of the right shape, `""` if nothing; never quotes it.

    `text` is that of the record in UTF-8, for a caller who has it at hand.
    """
    data = record.text.encode() if text is None else text
    if sha256(data).hexdigest() != record.sha256:
        return "sha256 is not that of the text"
    return _empty_flaw(record) or _json_flaw(record.meta, len(record.text))


def question_flaw(question: Question) -> str:
    """Say what is wrong with a question of the right shape, `""` if nothing; never quotes it."""
    if sha256(question.context.encode()).hexdigest() != question.context_sha256:
        return "context_sha256 is not that of the context"
    return (
        _empty_flaw(question)
        or _answer_flaw(question)
        or _made_flaw(question.synthetic)
        or _quality_flaw(question)
        or _json_flaw(question.meta, len(question.context))
        or _spans_flaw(
            "question_redactions", question.meta.question_redactions, len(question.question)
        )
    )


def _answer_flaw(question: Question) -> str:
    """Check that every answer is what the context holds at its span."""
    for key, answers in (
        ("answers", question.answers),
        ("plausible_answers", question.plausible_answers),
    ):
        for number, answer in enumerate(answers):
            if not 0 <= answer.start <= answer.end <= len(question.context):
                return f"{key}[{number}] is out of the context's range"
            if question.context[answer.start : answer.end] != answer.text:
                return f"{key}[{number}] is not what the context holds there"
    return ""


def _made_flaw(synthetic: Synthetic) -> str:
    """Check that a question is either made, with a seed, or not."""
    if not 0 <= synthetic.seed < 1 << 63:
        return "synthetic.seed is out of range"
    if synthetic.method == "" and synthetic.seed != 0:
        return "synthetic.seed stands without a method"
    return ""


def _quality_flaw(question: Question) -> str:
    """Check what can be checked of the measures without measuring again."""
    found = question.quality
    if not 0.0 <= found.overlap <= 1.0:
        return "quality.overlap is no share"
    if min(found.question_words, found.answer_words) < 0:
        return "quality holds a negative count"
    first = question.answers[0].text if question.answers else ""
    if found.places != (question.context.count(first) if first else 0):
        return "quality.places is not how often the answer stands in the context"
    return ""


def _empty_flaw(record: Record | Question) -> str:
    """Name the first key that may not be empty and is."""
    if "" not in (record.id, record.source, record.license, record.language):
        return ""
    for key, value in (
        ("id", record.id),
        ("source", record.source),
        ("license", record.license),
        ("language", record.language),
    ):
        if value == "":
            return f"{key} is empty"
    return ""


def _json_flaw(meta: Meta | QuestionMeta, length: int) -> str:
    """Check `redactions` and `extra` under `meta`; `length` is the text's, in code points."""
    flaw = _spans_flaw("redactions", meta.redactions, length)
    try:
        if flaw == "" and meta.extra != "{}":
            _EXTRA.decode(meta.extra)
    except (ValueError, RecursionError):
        return "meta.extra is not a JSON object"
    return flaw


def _spans_flaw(key: str, told: str, length: int) -> str:
    """Check the spans in a JSON string under `meta`; `length` is that of their text, in code points."""
    try:
        spans = redacted_spans(told)
    except (ValueError, RecursionError):
        return f"meta.{key} is not a JSON list of [start, end, type]"
    if any(not 0 <= start <= end <= length for start, end, _ in spans):
        return f"meta.{key} holds a span outside the text"
    return ""
