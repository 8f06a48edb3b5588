"""Read the questions over a page of HTML, as KorQuAD 2.0 and 2.1 ask them: the context becomes text.

A page is `{"title", "url", "context", "raw_html", "qas": [{"id", "question", "answer": {"text",
"answer_start", "html_answer_text", "html_answer_start"}}]}`. `context` is the page's HTML without
the attributes of its tags, and `text` a piece of that at `answer_start`, tags and all; the other two speak
of `raw_html`, the page as it was served. Spans travel into the text, they are never sought in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from filters.html_text import Extracted, html_text, is_html
from filters.qa_place import locate, page_of
from pipeline.sources.questions.record import Found, make_record, without

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.sources.questions.record import Level

_KEYS: Final = ("id", "question", "answer", "answers")


class Naming(NamedTuple):
    """The keys of a page's HTML, and of an answer's text and start in it."""

    context: str
    text: str
    start: str


CONTEXT: Final = Naming("context", "text", "answer_start")
SERVED: Final = Naming("raw_html", "html_answer_text", "html_answer_start")


def page_questions(
    title: Any, context: Any, qas: Sequence[Any], levels: Sequence[Level], naming: Naming
) -> Iterator[Found]:
    """Give the record of each question over a page, and what is none."""
    page = Page(context, naming)
    for asked in qas:
        if not isinstance(asked, dict):
            yield Found(asked, "shape:question")
            continue
        answers = asked.get("answers", [asked["answer"]] if "answer" in asked else [])
        record = make_record(
            name=asked.get("id"),
            title=title,
            context=page.text,
            question=asked.get("question"),
            answers=page.answers(answers),
            levels=(("question", without(asked, *_KEYS)), *levels),
        )
        yield Found(record, edited=page.edited)


class Page:
    """A context that may be HTML: its text, and the way of answers into it.

    The text is taken from the HTML as it stands: NFC would join a combining mark to the `>` before it.
    """

    def __init__(self, context: Any, naming: Naming = CONTEXT) -> None:
        self.text = context
        self._naming = naming
        self._extracted: Extracted | None = None
        if isinstance(context, str) and is_html(context):
            self._page = page_of(context)
            self._extracted = html_text(context)
            self.text = self._extracted.text

    @property
    def edited(self) -> bool:
        """Whether the text is another than the context as it stood."""
        return self._extracted is not None

    def answers(self, answers: Any) -> Any:
        """Move answers into the text; one that has no place there keeps its words, and a start that is refused."""
        if not (isinstance(answers, list) and all(isinstance(each, dict) for each in answers)):
            return answers
        return [self._answer(each) for each in answers]

    def _answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        text: Any
        start: Any
        text, start = answer.get(self._naming.text), answer.get(self._naming.start)
        if self._extracted is None:
            return {"text": text, "start": start}
        place = locate(self._page, text, start)
        if isinstance(place, str):
            return {"text": text, "start": -1}
        # a place that took a repair is one in the HTML's NFC
        back = self._page.change.backward(place.start, place.end)
        found = back if place.how else (start, start + len(text))
        span = None if found is None else self._extracted.span(*found)
        if span is None:
            return {"text": text, "start": -1}
        moved = {"text": self.text[slice(*span)], "start": span[0]}
        return moved | ({"how": place.how} if place.how else {})
