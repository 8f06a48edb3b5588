"""Read one question a record, from JSON lines or Parquet: the shapes that people exchange, and a release's own.

Answers are `{"text": [...], "answer_start": [...]}`, or a list of `{"text", "start"}` or `{"text",
"answer_start"}`, each with an `end` or without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.qa import SCHEMA
from filters.redact.carried import Carried, trusted
from pipeline.sources.adapter import LINES, Adapter, Reading
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.questions.pages import CONTEXT, page_questions
from pipeline.sources.questions.record import KEYS, make_record, unfit, without
from pipeline.sources.records import MAX_RECORD, Item, Raw
from pipeline.sources.stretch import WHOLE, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import InputFile
    from pipeline.sources.questions.record import Level

_DERIVED: Final = ("schema", "context_sha256", "language", "group", "quality", "meta", "source")
"""What a release's record says of itself, and the next release finds out anew."""

_REDACTED: Final = {"redactions": "context", "question_redactions": "question"}
"""Which key of a release's `meta` has the spans of which text, in the order of `Carried`."""


def read_question_lines(
    path: InputFile,
    *,
    max_record: int = MAX_RECORD,
    stretch: Stretch = WHOLE,
    source: str = "",
) -> Iterator[Item]:
    """Give one item for each record, as `read_jsonl` and `read_parquet` do.

    A record whose answers are two empty lists and that says nothing of `is_impossible` has no
    answer (SQuAD 2.0 as it is passed on). Of a release's record `meta.extra` is what its input
    held besides the question; where it came from stays as `source`, unless that is this `source`,
    and what was redacted is carried on.
    """
    if path.name.endswith(".parquet"):
        # imported here: pyarrow's readers take 10 MB that a task on JSON lines need not carry
        from pipeline.sources.parquet import read_parquet  # noqa: PLC0415  see above

        items = read_parquet(path, max_record=max_record)
    else:
        items = read_jsonl(path, max_record=max_record, stretch=stretch)
    for item in items:
        yield _asked(item, source) if isinstance(item, Raw) else item


def _asked(item: Raw, source: str) -> Raw:
    given = item.record
    if "answer" in given and "answers" not in given:  # KorQuAD 2, a question a record
        around = without(given, "title", "context", "raw_html")
        (found,) = page_questions(given.get("title"), given.get("context"), [around], (), CONTEXT)
        return Raw(item.row, item.line, found.value, edited=found.edited)
    answers = given.get("answers")
    levels, carried = _levels(given, source)
    record = make_record(
        name=given.get("id"),
        title=given.get("title"),
        context=given.get("context"),
        question=given.get("question"),
        answers=_answers(answers),
        is_impossible=given.get("is_impossible", _is_silent(answers)),
        plausible_answers=_answers(given.get("plausible_answers")),
        levels=levels,
    )
    return Raw(item.row, item.line, record, carried=carried)


def _levels(given: dict[str, Any], source: str) -> tuple[list[Level], Carried]:
    """Take what a record carries along, and where it was redacted; of a release's, empty strings say nothing.

    Spans that cannot be those of its texts stay in the extra.
    """
    meta = given.get("meta")
    if given.get("schema") != SCHEMA or not isinstance(meta, dict):
        return [("question", without(given, *KEYS))], Carried()
    extra = _parsed(meta.get("extra"), dict[str, Any])
    # records of earlier releases say nothing of redactions in the question's own text
    meta = {"question_redactions": "[]"} | meta
    told = [_parsed(meta.get(key), list[Any]) for key in _REDACTED]
    if extra is None or None in told:
        return [("question", without(given, *KEYS))], Carried()
    if given.get("source") != source:
        extra.setdefault("source", given.get("source", ""))
    found = [
        trusted(spans, given.get(name))
        for spans, name in zip(told, _REDACTED.values(), strict=True)
    ]
    for key, spans, own in zip(_REDACTED, told, found, strict=True):
        if own is None:
            extra.setdefault(key, spans)
    around = {key: value for key, value in without(given, *KEYS, *_DERIVED).items() if value != ""}
    return [("question", around), ("extra", extra)], Carried(*(own or () for own in found))


def _parsed(text: Any, kind: Any) -> Any:
    """Parse JSON within JSON; `None` where it is none that a record may hold."""
    try:
        value = msgspec.json.decode(text, type=kind) if isinstance(text, str) else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return value if unfit(value) == "" else None


def _is_silent(answers: Any) -> bool:
    """Tell the two empty lists of a question without an answer."""
    return isinstance(answers, dict) and answers.get("text") == [] == answers.get("answer_start")


def _answers(answers: Any) -> Any:
    """Give every answer its text and start; what is of another shape stays for `to_question` to refuse."""
    match answers:
        case None:
            return []
        case {"text": list(texts), "answer_start": list(starts)} if len(texts) == len(starts):
            return [
                {"text": text, "start": start} for text, start in zip(texts, starts, strict=True)
            ]
        case list() if all(isinstance(each, dict) for each in answers):
            return [_answer(each) for each in answers]
    return answers


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    """Read one answer; an end that tells of another length refuses the start."""
    text, end = answer.get("text"), answer.get("end")
    start = answer.get("start", answer.get("answer_start"))
    if type(end) is int and type(start) is int and isinstance(text, str):
        start = start if end - start in _lengths(text) else -1
    return {"text": text, "start": start}


def _lengths(text: str) -> set[int]:
    """Measure a text in each unit that offsets come in; the end may be inside the span."""
    whole = {len(text), len(text.encode()), len(text.encode("utf-16-le")) // 2}
    return whole | {len(text) - 1}


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_question_lines(
        path, max_record=how.max_record, stretch=how.stretch, source=how.said.name
    )


ADAPTER: Final = Adapter(read=_read, suffixes=(*LINES, ".parquet"), asks=True, is_lines=True)
