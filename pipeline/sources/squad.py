"""Read SQuAD-shaped JSON (v1.1, v2.0, KorQuAD 1.0): one item a question, in file order.

The file is one JSON value, so it is read whole (the published sets are tens of MB) and refused
beyond a bound. Shape: `{"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question",
"answers": [{"text", "answer_start"}], "is_impossible", "plausible_answers"}]}]}]}`.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from filters.qa import Answer, Question, check, group_of
from filters.qa_place import locate, page_of
from pipeline.sources.compressed import decode, probe
from pipeline.sources.jsonl import MAX_DEPTH
from pipeline.sources.records import RAW_LIMIT, Bad, Damage, Item, Raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.sources.file import InputFile

MAX_BYTES: Final = 256 << 20
# What a question's record holds of its own; every other key of it is the input's extra.
KEYS: Final = (
    "id",
    "title",
    "context",
    "question",
    "answers",
    "is_impossible",
    "plausible_answers",
)
_NO_LINE: Final = 0  # the whole file is one value; a question has a row and no line of its own
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read(path: InputFile, *, max_bytes: int = MAX_BYTES) -> Iterator[Item]:
    """Give a `Raw` for each question, its row the 0-based index of the question in the file.

    The record is `{"id", "title", "context", "question", "answers": [{"text", "start"}],
    "is_impossible", "plausible_answers"}` with the values as they stand (`to_question` judges
    them), then every other key of the question, its paragraph, its article and the file, the
    nearest first; an outer key whose name is taken is called `paragraph.key` and so on. Keys of
    an answer beyond its text and start go to `answer_extra`, and `"ambiguous": true` there marks
    the question `ambiguous`: a start that is only the first of several places.

    An article, paragraph or question of another shape is one `Bad` row, `shape:article` and so
    on, and so is a question that holds what no record may: `surrogate`, `number`, `depth`. A
    file that is not UTF-8, not JSON or not of this shape is one `Damage`, `format`, and one of
    more than `max_bytes` decoded is `oversize`. `line` is always 0. OSError as `open` raises it.
    """
    document = _load(path, max_bytes)
    if isinstance(document, Damage):
        yield document
        return
    for row, (reason, value) in enumerate(_walk(document)):
        problem = reason if reason != "" else _unfit(value)
        if problem == "":
            yield Raw(row, _NO_LINE, value)
        else:
            yield Bad(row, _NO_LINE, problem, json.dumps(value).encode()[:RAW_LIMIT])


class Repaired(NamedTuple):
    """A sound question, and the name of the repair behind each answer whose start was wrong."""

    question: Question
    repairs: tuple[str, ...]


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
    title = unicodedata.normalize("NFC", record["title"])
    question = Question(
        id=record["id"],
        question=unicodedata.normalize("NFC", record["question"]),
        context=page.text,
        answers=answers[:split],
        is_impossible=record["is_impossible"],
        plausible_answers=answers[split:],
        title=title,
        group=group_of(title, page.text),
    )
    reason = check(question)
    return Repaired(question, tuple(p.how for p in placed if p.how)) if reason is None else reason


def extra_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a question's record holds beyond the question itself."""
    return _without(record, *KEYS)


def _load(path: InputFile, max_bytes: int) -> dict[str, Any] | Damage:
    """Parse the file, leniently: what no record may hold is told question by question."""
    good_bytes, damage = probe(path)
    if damage is not None:
        return Damage(0, damage.reason, damage.detail)
    if good_bytes > max_bytes:
        return Damage(0, "oversize", f"more than {max_bytes} bytes, and it is read whole")
    try:
        document = json.loads(b"".join(decode(path, good_bytes)).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Damage(0, "format", _problem(error))
    if not _holds(document, "data"):
        return Damage(0, "format", "no object with a list under `data`")
    return cast("dict[str, Any]", document)


def _problem(error: ValueError | RecursionError) -> str:
    """Say why the file cannot be parsed without quoting it."""
    match error:
        case UnicodeDecodeError():
            return f"not UTF-8 at byte {error.start}"
        case json.JSONDecodeError():
            return f"not JSON at line {error.lineno} column {error.colno}"
        case RecursionError():
            return "JSON that is nested too deeply"
        case _:
            return "an integer of thousands of digits"


def _walk(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give `("", record)` for each question and `(reason, value)` for what has another shape."""
    file = ("file", _without(document, "data"))
    for article in document["data"]:
        if not _holds(article, "paragraphs"):
            yield "shape:article", article
            continue
        outer = (("article", _without(article, "title", "paragraphs")), file)
        for paragraph in article["paragraphs"]:
            if not _holds(paragraph, "qas"):
                yield "shape:paragraph", paragraph
                continue
            levels = (("paragraph", _without(paragraph, "context", "qas")), *outer)
            for asked in paragraph["qas"]:
                if isinstance(asked, dict):
                    yield "", _record(article, paragraph, asked, levels)
                else:
                    yield "shape:question", asked


def _record(
    article: dict[str, Any],
    paragraph: dict[str, Any],
    asked: dict[str, Any],
    levels: tuple[tuple[str, dict[str, Any]], ...],
) -> dict[str, Any]:
    """Flatten one question with what stands around it."""
    record = {
        "id": asked.get("id"),
        "title": _or(article.get("title"), ""),
        "context": paragraph.get("context"),
        "question": asked.get("question"),
        "answers": _answers(asked.get("answers")),
        "is_impossible": _or(asked.get("is_impossible"), default=False),
        "plausible_answers": _answers(asked.get("plausible_answers")),
    }
    record |= _marks(asked.get("answers"))
    for level, extra in (("question", _without(asked, *KEYS)), *levels):
        for key, value in extra.items():
            record[f"{level}.{key}" if key in record else key] = value
    return record


def _answers(answers: Any) -> Any:
    """Rename `answer_start`; what is no list of objects stays for `to_question` to refuse."""
    if answers is None:
        return []
    if not (isinstance(answers, list) and all(isinstance(each, dict) for each in answers)):
        return answers
    return [{"text": each.get("text"), "start": each.get("answer_start")} for each in answers]


def _marks(answers: Any) -> dict[str, Any]:
    """Carry along what the answers say beyond their text and start."""
    if not isinstance(answers, list):
        return {}
    extras = [_without(each, "text", "answer_start", "ambiguous") for each in answers if _is(each)]
    marks: dict[str, Any] = {"answer_extra": extras} if any(extras) else {}
    if any(each.get("ambiguous") is True for each in answers if _is(each)):
        marks["ambiguous"] = True
    return marks


def _unfit(record: Mapping[str, Any]) -> str:
    """Return the reason that a value in `record` can be in no record, or `""`."""
    todo: list[tuple[Any, int]] = [(record, MAX_DEPTH)]
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


def _is(value: Any) -> bool:
    return isinstance(value, dict)


def _holds(value: Any, key: str) -> bool:
    """Whether `value` is an object with a list under `key`."""
    return isinstance(value, dict) and isinstance(value.get(key), list)


def _without(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key not in keys}


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


_TYPES: Final = (
    ("id", str, "qa:no-id"),
    ("title", str, "qa:title"),
    ("context", str, "qa:no-context"),
    ("question", str, "qa:no-question"),
    ("answers", list, "qa:answers"),
    ("is_impossible", bool, "qa:is-impossible"),
    ("plausible_answers", list, "qa:answers"),
)


def _wrong_type(record: Mapping[str, Any]) -> str | None:
    """Return the reason of the first value that has not the type it must have."""
    for key, kind, reason in _TYPES:
        if not isinstance(record.get(key), kind):
            return reason
    both = record["answers"] + record["plausible_answers"]
    return None if all(_is(each) for each in both) else "qa:answers"
