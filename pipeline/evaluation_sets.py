"""Items of evaluation sets as their files have them: SQuAD's shape, MRQA's, and JSON lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipeline.errors import InputError, at
from pipeline.sources import Damage, Raw, read
from pipeline.sources.fields import may_hold_address
from pipeline.sources.questions.mrqa import is_header
from pipeline.sources.questions.squad import Paragraph, load, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.decontam import Protect

_IDS: Final = ("id", "qid", "task_id")
_NO_TEXT: Final = frozenset({*_IDS, "title", "url", "source", "license"})
_MRQA_MARKS: Final = re.compile(r"\[(?:TLE|DOC|PAR|SEP)\]")
_MAX_RECORD: Final = 256 << 20


class File(NamedTuple):
    """A file of a protected set and its SHA-256."""

    path: Path
    sha256: str


class Item(NamedTuple):
    """An item of a set: its name, its own id and its article's title where it has them, and its texts.

    A question is sought if it is long enough; of two items on one context one has it.
    """

    name: str
    id: str
    title: str
    texts: tuple[str, ...]
    question: str = ""


def items(protect: Protect, files: tuple[File, ...]) -> Iterator[Item]:
    """Give the items of a set; one whose id may be somebody's address goes by its place, for reports name it.

    Raises:
        InputError: a file is not what its format says; no text of it is quoted.
    """
    for file in files:
        squad = protect.format == "squad"
        found = _squad_items(file) if squad else _line_items(protect, file)
        for number, item in enumerate(found):
            hidden = may_hold_address(item.name)
            yield item._replace(name=f"{file.sha256[:12]}#{number}") if hidden else item


def _squad_items(file: File) -> Iterator[Item]:
    """Give each question; a context goes with the first question over it, or by itself where there is none."""
    document = load(file.path, _MAX_RECORD)
    if isinstance(document, Damage):
        shape = "it is not of SQuAD's shape: " if document.reason == "format" else ""
        raise _broken(file, shape + document.detail)
    for number, found in enumerate(paragraphs(document)):
        text = found.text if isinstance(found, Paragraph) else None
        if not isinstance(found, Paragraph) or not isinstance(text, str):
            raise _broken(file, "it is not of SQuAD's shape")
        texts: tuple[str, ...] = (text,)
        for asked in found.qas:
            name = _name(asked)
            if not name:
                raise _broken(file, "it is not of SQuAD's shape")
            yield Item(name, name, _or_nothing(found.title), texts, _text(asked, "question"))
            texts = ()
        if texts:
            yield Item(f"{file.sha256[:12]}#{number}", "", _or_nothing(found.title), texts)


def _name(asked: Any) -> str:
    """Take the id of a question; KorQuAD 2 numbers them."""
    name = asked.get("id") if isinstance(asked, dict) else None
    return str(name) if type(name) is int else _or_nothing(name)


def _or_nothing(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _line_items(protect: Protect, file: File) -> Iterator[Item]:
    for line in read(file.path, "jsonl", max_record=_MAX_RECORD):
        if not isinstance(line, Raw):
            raise _broken(file, f"line {getattr(line, 'line', 0)} is no JSON object")
        if protect.format == "mrqa":
            yield from _mrqa_items(file, line)
        else:
            yield _jsonl_item(protect, file, line)


def _mrqa_items(file: File, line: Raw) -> Iterator[Item]:
    """Give the questions of a line of MRQA 2019; the first line of a file is a header."""
    if is_header(line.record):
        return
    context, questions = line.record.get("context"), line.record.get("qas")
    if not isinstance(context, str) or not isinstance(questions, list):
        raise _broken(file, f"line {line.line} is not of MRQA's shape")
    texts: tuple[str, ...] = tuple(_MRQA_MARKS.split(context))
    for asked in questions:
        name = _text(asked, "qid") or _text(asked, "id")
        yield Item(name or _row(file, line), name, "", texts, _text(asked, "question"))
        texts = ()
    if texts:
        yield Item(_row(file, line), "", "", texts)


def _jsonl_item(protect: Protect, file: File, line: Raw) -> Item:
    """Take the texts of the named fields, or every string that is no id, title or address."""
    record = line.record
    missing = [name for name in protect.fields if name not in record]
    if missing:
        raise _broken(file, f"line {line.line} has no field {missing[0]!r}")
    chosen = protect.fields or tuple(sorted(record.keys() - _NO_TEXT))
    name = next((str(record[key]) for key in _IDS if isinstance(record.get(key), str | int)), "")
    texts = tuple(text for key in chosen for text in _strings(record[key]))
    return Item(name or _row(file, line), name, _text(record, "title"), texts)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key in sorted(value.keys() - _NO_TEXT):
            yield from _strings(value[key])
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _text(record: Any, key: str) -> str:
    return _or_nothing(record.get(key) if isinstance(record, dict) else None)


def _row(file: File, line: Raw) -> str:
    """Name an item without an id."""
    return f"{file.sha256[:12]}#{line.row}"


def _broken(file: File, problem: str) -> InputError:
    return InputError(at("plan", str(file.path), f"a protected set cannot be read: {problem}"))
