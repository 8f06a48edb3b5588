"""Questions without an answer, by another value: a date, figure or name in a question gives way to its like.

The entity swap and the number swap of Rajpurkar et al. 2018 (Know What You Don't Know), made by rule as in
Zhu et al. 2019 (Learning to Ask Unanswerable Questions).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.qa import Question
from filters.qa_quality import says
from filters.qa_words import sentence_around, words
from pipeline.qa.make.origin import Made, answers_of, key_of, name_of, origin_of, redactions_of
from pipeline.qa.make.values import Value, is_beside, values, values_beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from filters.qa import Synthetic
    from manifests.record import Question as Record


_ROOT: Final = 4  # signs
_BEFORE: Final = re.compile(
    r"(?P<place>\b(?:in|at|near|from|into|across) )?(?P<article>\b[Tt]he )?\Z"
)


class _Known(NamedTuple):
    """The values of an article by their sort: those of each passage, and those of all; each once, in order."""

    near: dict[str, dict[str, list[str]]]
    far: dict[str, list[str]]


def swaps(article: Sequence[Record], made: Synthetic) -> Iterator[Made | str]:
    """Yield a question with one value changed for each of the article, or the reason that there is none.

    The value that goes stands in the answer's sentence, so that the question depends on it; the one
    that comes is of its kind, from the same passage or else from the article, and stands in no
    sentence with an answer.
    """
    known = _known(article)
    for each in article:
        yield _swap(each, known, made)


def _swap(record: Record, known: _Known, made: Synthetic) -> Made | str:
    near = " ".join(_sentence(record, start, end) for start, end in _spans(record))
    redacted = redactions_of(record.meta.question_redactions)
    asked = [
        value
        for value in values(record.question)
        if is_beside(value, redacted)
        and says(near, _text(record.question, value))
        and not any(says(a.text, _text(record.question, value)) for a in record.answers)
    ]
    if not asked:
        return "no-value"
    for pools in (known.near[record.context], known.far):
        for value in sorted(asked, key=lambda v: key_of(made, record.id, [v.start])):
            old = _text(record.question, value)
            pool = pools.get(_sort(record.question, value), [])
            for new in _shuffled(pool, made, record.id):
                if _fits(record, near, old, new):
                    key = key_of(made, record.id, [value.start, new])
                    return _made(record, value, new, key, made)
    return "no-other-value"


def _shuffled(pool: list[str], made: Synthetic, name: str) -> list[str]:
    """Begin at a place that chance picks: as good as an order of chance for taking the first that fits."""
    at = int.from_bytes(key_of(made, name, [])[:8], "big") % len(pool) if pool else 0
    return pool[at:] + pool[:at]


def _made(record: Record, value: Value, text: str, key: bytes, made: Synthetic) -> Made:
    question = Question(
        id=name_of(made, key),
        question=record.question[: value.start] + text + record.question[value.end :],
        context=record.context,
        answers=(),
        is_impossible=True,
        plausible_answers=answers_of(record),
        title=record.title,
        group=record.group,
    )
    told = {"swapped": value.kind, "at": [value.start, value.start + len(text)]}
    longer = len(text) - (value.end - value.start)
    asked = [  # the value touches none of them
        (start + longer, end + longer, kind) if start >= value.end else (start, end, kind)
        for start, end, kind in redactions_of(record.meta.question_redactions)
    ]
    spans = redactions_of(record.meta.redactions)
    return Made(key, question, origin_of(record), spans, told, asked)


def _fits(record: Record, near: str, old: str, new: str) -> bool:
    """Tell whether the question with the new value asks for something that the passage does not say.

    A figure of one digit is left: what holds for numbers above 4 often holds for those above 5.
    """
    return not (
        (old.isdecimal() and len(old) == 1)
        or says(old, new)
        or says(new, old)
        or says(near, new)
        or says(record.question, new)
        or any(says(answer.text, new) or says(new, answer.text) for answer in record.answers)
        or len(new.split()) != len(old.split())
        or _roots(new) & (_roots(old) | _roots(near) | _roots(record.question))
    )


def _roots(text: str) -> set[str]:
    """Return how the words of a text begin: Thai and Thailand, Jews and Jewish are one for this."""
    return {word.casefold()[:_ROOT] for word in words(text) if len(word) >= _ROOT}


def _known(article: Sequence[Record]) -> _Known:
    near: dict[str, dict[str, list[str]]] = {}
    far: dict[str, set[str]] = {}
    for text, redacted in sorted({(each.context, each.meta.redactions) for each in article}):
        pools: dict[str, set[str]] = {}
        for value in values_beside(text, redactions_of(redacted)):
            sort = _sort(text, value)
            pools.setdefault(sort, set()).add(_text(text, value))
            far.setdefault(sort, set()).add(_text(text, value))
        near[text] = {kind: sorted(found) for kind, found in pools.items()}
    return _Known(near, {kind: sorted(found) for kind, found in far.items()})


def _sort(text: str, value: Value) -> str:
    """Say what a value can stand for: names are told apart by capitals, plural, article and preposition."""
    if value.kind != "name":
        return value.kind
    said = _text(text, value)
    before = _BEFORE.search(text, max(value.start - 12, 0), value.start)
    place = bool(before and before["place"])
    article = bool(before and before["article"])
    return f"name:{said.isupper():d}{said.endswith('s'):d}{place:d}{article:d}"


def _spans(record: Record) -> list[tuple[int, int]]:
    """Return where any answer stands, wherever its text comes again too."""
    spans = []
    for text in sorted({each.text for each in record.answers}):
        at = record.context.find(text)
        while at >= 0:
            spans.append((at, at + len(text)))
            at = record.context.find(text, at + 1)
    return spans


def _sentence(record: Record, start: int, end: int) -> str:
    return record.context[slice(*sentence_around(record.context, start, end))]


def _text(text: str, value: Value) -> str:
    return text[value.start : value.end]
