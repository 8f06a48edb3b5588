"""The record in which every reader of questions hands one on, and the question that it is."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from filters.qa import Answer, Question, check, group_of
from filters.qa_place import locate, page_of
from pipeline.sources.fields import nfc
from pipeline.sources.jsonl import MAX_DEPTH
from pipeline.sources.records import RAW_LIMIT, Bad, Raw

KEYS: Final = (
    "id",
    "title",
    "context",
    "question",
    "answers",
    "is_impossible",
    "plausible_answers",
)
"""What a record holds of the question itself; every other key of it is the input's extra.

An answer is `{"text", "start"}`, and `"how"` where its place was repaired already.
"""

Level = tuple[str, Mapping[str, Any]]
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TYPES: Final = (
    ("id", str, "qa:no-id"),
    ("title", str, "qa:title"),
    ("context", str, "qa:no-context"),
    ("question", str, "qa:no-question"),
    ("answers", list, "qa:answers"),
    ("is_impossible", bool, "qa:is-impossible"),
    ("plausible_answers", list, "qa:answers"),
)


class Found(NamedTuple):
    """What a reader found: a record, or a value that is none and the reason; `edited` as in `Raw`."""

    value: Any
    reason: str = ""
    edited: bool = False


class Repaired(NamedTuple):
    """A sound question, and the name of the repair behind each answer whose start was wrong."""

    question: Question
    repairs: tuple[str, ...]


def make_record(
    *,
    name: Any,
    context: Any,
    question: Any,
    answers: Any,
    title: Any = "",
    is_impossible: Any = False,
    plausible_answers: Any = (),
    levels: Iterable[Level] = (),
) -> dict[str, Any]:
    """Make the record of a question with what stands around it, the values as they are.

    Of `levels` the nearest goes first: a key that is taken is called `level.key`. A number is an id as well,
    and what is null is left to its default.
    """
    record = {
        "id": str(name) if type(name) is int else name,
        "title": "" if title is None else title,
        "context": context,
        "question": question,
        "answers": answers,
        "is_impossible": False if is_impossible is None else is_impossible,
        "plausible_answers": [] if plausible_answers == () else plausible_answers,
    }
    for level, extra in levels:
        for key, value in extra.items():
            record[f"{level}.{key}" if key in record else key] = value
    return record


def to_question(record: Mapping[str, Any]) -> Question | str:
    """Return the question of a record, its spans moved to the NFC context, or a reason."""
    repaired = repair(record)
    return repaired if isinstance(repaired, str) else repaired.question


def repair(record: Mapping[str, Any]) -> Repaired | str:
    """Do what `to_question` does and tell what it took.

    A wrong or missing start is repaired only where that is certain, see `filters.qa_place`.
    One answer without a certain place spoils its question.
    """
    reason = _wrong_type(record)
    if reason is not None:
        return reason
    page = page_of(record["context"])
    given = record["answers"] + record["plausible_answers"]
    found = [locate(page, each.get("text"), each.get("start")) for each in given]
    placed = [each for each in found if not isinstance(each, str)]
    if len(placed) < len(found):
        return next(each for each in found if isinstance(each, str))
    answers = tuple(Answer(page.text[start:end], start, end) for start, end, _ in placed)
    split = len(record["answers"])
    title = nfc(record["title"])
    question = Question(
        id=record["id"],
        question=nfc(record["question"]),
        context=page.text,
        answers=answers[:split],
        is_impossible=record["is_impossible"],
        plausible_answers=answers[split:],
        title=title,
        group=group_of(title, page.text),
    )
    reason = check(question)
    if reason is not None:
        return reason
    ways = (place.how or each.get("how", "") for place, each in zip(placed, given, strict=True))
    return Repaired(question, tuple(how for how in ways if how))


def extra_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a question's record holds beyond the question itself."""
    return without(record, *KEYS)


def without(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Leave keys out."""
    return {key: each for key, each in value.items() if key not in keys}


def numbered(found: Iterable[Found], line: int, row: int = 0) -> Iterator[Raw | Bad]:
    """Make items of what was found, in order, the first of them of this row.

    A record that holds what none may is bad as well: `surrogate`, `number`, `depth`.
    """
    for at, (value, reason, edited) in enumerate(found, row):
        problem = reason if reason != "" else unfit(value)
        if problem == "":
            yield Raw(at, line, value, edited=edited)
        else:
            # what has another shape is no question, so an id in it is none of a question
            name = value.get("id") if reason == "" and isinstance(value, dict) else None
            raw = json.dumps(value).encode()[:RAW_LIMIT]
            yield Bad(at, line, problem, raw, name if isinstance(name, str) else "")


def unfit(value: Any) -> str:
    """Return the reason that a value, or one inside it, can be in no record, or `""`."""
    todo: list[tuple[Any, int]] = [(value, MAX_DEPTH)]
    while todo:
        value, levels = todo.pop()
        match value:
            case str():
                if not value.isascii() and _SURROGATE.search(value) is not None:
                    return "surrogate"
            case float():
                if not math.isfinite(value):
                    return "number"
            case dict() | list() if levels == 0:
                return "depth"
            case dict():
                todo += ((each, levels - 1) for pair in value.items() for each in pair)
            case list():
                todo += ((each, levels - 1) for each in value)
    return ""


def _wrong_type(record: Mapping[str, Any]) -> str | None:
    """Return the reason of the first value that has not the type it must have."""
    for key, kind, reason in _TYPES:
        if not isinstance(record.get(key), kind):
            return reason
    both = record["answers"] + record["plausible_answers"]
    return None if all(isinstance(each, dict) for each in both) else "qa:answers"
