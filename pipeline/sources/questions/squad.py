"""Read SQuAD-shaped JSON (v1.1, v2.0, KorQuAD 1.0 and 2.x): one item a question, in file order.

The file is one JSON value, so it is read whole (the published sets are tens of MB) and refused
beyond a bound. Shape: `{"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question",
"answers": [{"text", "answer_start"}], "is_impossible", "plausible_answers"}]}]}]}`. An article of
KorQuAD 2.0 and 2.1 is a whole page, told by its lack of paragraphs: `pipeline.sources.questions.pages` reads it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from pipeline.sources.adapter import Adapter, Reading, packed
from pipeline.sources.compressed import decode, probe
from pipeline.sources.questions.pages import CONTEXT, SERVED, Naming, Page, page_questions
from pipeline.sources.questions.record import KEYS, Found, Level, make_record, numbered, without
from pipeline.sources.records import Damage, Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.file import InputFile

MAX_BYTES: Final = 256 << 20
_NO_LINE: Final = 0  # the whole file is one value; a question has a row and no line of its own


class Paragraph(NamedTuple):
    """A context with its questions, the title it stands under, and what else is said around it.

    `page` says how the answers are named of one whose questions are of KorQuAD 2's shape.
    """

    title: Any
    context: Any
    qas: list[Any]
    levels: tuple[Level, ...]
    page: Naming | None = None

    @property
    def text(self) -> Any:
        """The context as questions are asked over it: of a page, its text."""
        return self.context if self.page is None else Page(self.context, self.page).text


def read_squad(path: InputFile, *, max_bytes: int = MAX_BYTES) -> Iterator[Item]:
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
    document = load(path, max_bytes)
    if isinstance(document, Damage):
        yield document
        return
    yield from numbered(_questions(document), _NO_LINE)


def load(path: InputFile, max_bytes: int = MAX_BYTES) -> dict[str, Any] | Damage:
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


def paragraphs(document: dict[str, Any]) -> Iterator[Paragraph | Found]:
    """Give each paragraph of a parsed file, and what has another shape."""
    file = ("file", without(document, "data"))
    for article in document["data"]:
        if _holds(article, "paragraphs"):
            outer = (("article", without(article, "title", "paragraphs")), file)
            for paragraph in article["paragraphs"]:
                if not _holds(paragraph, "qas"):
                    yield Found(paragraph, "shape:paragraph")
                    continue
                levels = (("paragraph", without(paragraph, "context", "qas")), *outer)
                title, context = article.get("title"), paragraph.get("context")
                yield Paragraph(title, context, paragraph["qas"], levels)
        elif _holds(article, "qas"):
            # the markup as it was served is several times the page, and says nothing more
            level = ("article", without(article, "title", "context", "raw_html", "qas"))
            naming = SERVED if article.get("context") is None else CONTEXT
            context = article.get(naming.context)
            yield Paragraph(article.get("title"), context, article["qas"], (level, file), naming)
        else:
            yield Found(article, "shape:article")


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


def _questions(document: dict[str, Any]) -> Iterator[Found]:
    """Give the record of each question, and what has another shape."""
    for found in paragraphs(document):
        if not isinstance(found, Paragraph):
            yield found
        elif found.page is not None:
            yield from page_questions(
                found.title, found.context, found.qas, found.levels, found.page
            )
        else:
            for asked in found.qas:
                if isinstance(asked, dict):
                    yield Found(_record(found, asked))
                else:
                    yield Found(asked, "shape:question")


def _record(around: Paragraph, asked: dict[str, Any]) -> dict[str, Any]:
    """Flatten one question with what stands around it."""
    own = ("question", _marks(asked.get("answers")) | without(asked, *KEYS))
    name = asked.get("id")
    return make_record(
        name=None if type(name) is int else name,
        title=around.title,
        context=around.context,
        question=asked.get("question"),
        answers=_answers(asked.get("answers")),
        is_impossible=asked.get("is_impossible"),
        plausible_answers=_answers(asked.get("plausible_answers")),
        levels=(own, *around.levels),
    )


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
    told = [each for each in answers if isinstance(each, dict)]
    extras = [without(each, "text", "answer_start", "ambiguous") for each in told]
    marks: dict[str, Any] = {"answer_extra": extras} if any(extras) else {}
    if any(each.get("ambiguous") is True for each in told):
        marks["ambiguous"] = True
    return marks


def _holds(value: Any, key: str) -> bool:
    """Whether `value` is an object with a list under `key`."""
    return isinstance(value, dict) and isinstance(value.get(key), list)


def _read(path: InputFile, how: Reading) -> Iterator[Item]:  # noqa: ARG001  as every adapter reads
    return read_squad(path)


ADAPTER: Final = Adapter(read=_read, suffixes=packed(".json"), asks=True)
