"""Read MRQA 2019 (Fisch et al. 2019): JSON lines, a header and then a context with its questions on each.

`{"header": {"dataset", "split"}}`, then `{"id", "context", "qas": [{"qid", "id", "question",
"detected_answers": [{"text", "char_spans": [[first, last]]}], "answers": [text]}]}`. The last code
point of a span is inside it. The file is read a line at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipeline.sources.adapter import Adapter, Reading, packed
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.questions.record import Found, make_record, numbered, without
from pipeline.sources.records import MAX_RECORD, Damage, Item, Raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.sources.file import InputFile

_KEYS: Final = ("qid", "question", "detected_answers")


def read_mrqa(path: InputFile, *, max_record: int = MAX_RECORD) -> Iterator[Item]:
    """Give a `Raw` for each question, its row the 0-based index of the question in the file.

    Each span of a detected answer is an answer. Where text and span differ in case and white space alone the
    answer is what stands at the span; where they differ otherwise the text stays, and only a certain
    repair saves it. `answers`, the texts to be scored against, become `gold`. What stands beside the
    question, its context and in the header is carried along as in `read_squad`. A line of another
    shape is one `Bad` row, `shape:paragraph`, and so is a question, `shape:question`.
    """
    row = 0
    header: dict[str, Any] = {}
    for item in read_jsonl(path, max_record=max_record):
        if isinstance(item, Raw):
            if is_header(item.record):
                header = item.record["header"] if isinstance(item.record["header"], dict) else {}
                continue
            for each in numbered(_questions(item.record, header), item.line, row):
                yield each
                row += 1
        elif isinstance(item, Damage):
            yield Damage(row, item.reason, item.detail)
        else:
            yield type(item)(row, item.line, item.reason, item.raw)
            row += 1


def is_header(record: Mapping[str, Any]) -> bool:
    """Tell the line that says what the file is; it holds no context."""
    return "header" in record and "context" not in record


def _questions(line: dict[str, Any], header: dict[str, Any]) -> Iterator[Found]:
    context, questions = line.get("context"), line.get("qas")
    if not isinstance(context, str) or not isinstance(questions, list):
        yield Found(line, "shape:paragraph")
        return
    levels = (
        ("paragraph", without(line, "id", "context", "qas", "context_tokens")),
        ("file", header),
    )
    for asked in questions:
        if not isinstance(asked, dict):
            yield Found(asked, "shape:question")
            continue
        own = {"gold" if key == "answers" else key: asked[key] for key in without(asked, *_KEYS)}
        name = asked.get("qid") or own.pop("id", None)
        own.pop("question_tokens", None)
        record = make_record(
            name=name,
            context=context,
            question=asked.get("question"),
            answers=_answers(context, asked.get("detected_answers")),
            levels=(("question", own), *levels),
        )
        yield Found(record)


def _answers(context: str, detected: Any) -> Any:
    """Give an answer for each span; what is of another shape stays for `to_question` to refuse."""
    if not isinstance(detected, list) or not all(isinstance(each, dict) for each in detected):
        return [] if detected is None else detected
    found: list[Any] = []
    for each in detected:
        spans = each.get("char_spans")
        if isinstance(spans, list) and spans:
            found += [_answer(context, each.get("text"), span) for span in spans]
        else:
            found.append({"text": each.get("text"), "start": None})
    return found


def _answer(context: str, text: Any, span: Any) -> dict[str, Any]:
    match span:
        case [int(first), int(last)] if isinstance(text, str) and 0 <= first <= last:
            piece = context[first : last + 1]
            shown = piece.strip()
            if shown and _folded(piece) == _folded(text):
                return {"text": shown, "start": first + len(piece) - len(piece.lstrip())}
            return {"text": text, "start": first}
    return {"text": text, "start": -1}


def _folded(text: str) -> str:
    """Forget case and white space."""
    return "".join(text.split()).casefold()


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    return read_mrqa(path, max_record=how.max_record)


ADAPTER: Final = Adapter(read=_read, suffixes=packed(".jsonl", ".json"), asks=True)
