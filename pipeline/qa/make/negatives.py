"""Questions without an answer, by another passage: one that is asked of a passage meets another of its article.

Clark and Gardner 2018 (Simple and Effective Multi-Paragraph Reading Comprehension) pair a question with
other paragraphs of its document in this way; the hardest is the one that has most of its words.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from filters.korean import is_hangul
from filters.qa import Answer, Question
from filters.qa_quality import says
from filters.qa_words import content_words, sentence_around
from pipeline.qa.likeness import KORQUAD_1, SQUAD_2
from pipeline.qa.make.origin import (
    Made,
    Work,
    distinct,
    key_of,
    name_of,
    origin_of,
    redactions_of,
    works_of_context,
)
from pipeline.qa.make.values import kind_of, values_beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from filters.qa import Synthetic
    from manifests.record import Question as Record


class Passage(NamedTuple):
    """A context of the article, its redactions, two plain texts to look answers up in, and whose it is."""

    text: str
    redactions: str
    plain: str
    close: str
    works: tuple[Work, ...]


class Passages(NamedTuple):
    """The contexts of an article in the order of their texts, and which of them hold a word."""

    all: list[Passage]
    holding: dict[str, list[int]]


def negatives(article: Sequence[Record], made: Synthetic, least: float) -> Iterator[Made | str]:
    """Yield one question without an answer for each of the article, or the reason that there is none.

    The passage has at least the share `least` of the question's content words, one word at least, and
    no answer's text in any spelling.
    """
    passages = _passages(article)
    for each in article:
        if len(passages.all) == 1:
            yield "one-passage"
        else:
            yield _hardest(each, passages, made, least)


def _hardest(record: Record, passages: Passages, made: Synthetic, least: float) -> Made | str:
    """Pair a question with the passage that has most of its words and no answer; chance decides among equals."""
    wanted = content_words(record.question)
    shared = Counter(number for word in wanted for number in passages.holding.get(word, ()))
    enough = {number: count for number, count in shared.items() if count >= least * len(wanted)}
    for _, numbers in groupby(
        sorted(enough, key=lambda n: (-enough[n], n)), key=enough.__getitem__
    ):
        equal = [passages.all[number] for number in numbers]
        for _, at in sorted((key_of(made, record.id, [p.text]), at) for at, p in enumerate(equal)):
            if equal[at].text != record.context and not _says(equal[at], record):
                return _made(record, equal[at], made)
    return "too-easy"


def _passages(article: Sequence[Record]) -> Passages:
    texts: dict[str, list[Record]] = {}
    for each in article:
        texts.setdefault(each.context, []).append(each)
    found = [_passage(text, texts[text]) for text in sorted(texts)]
    holding: dict[str, list[int]] = {}
    for number, passage in enumerate(found):
        for word in sorted(content_words(passage.text)):
            holding.setdefault(word, []).append(number)
    return Passages(found, holding)


def _passage(text: str, records: Sequence[Record]) -> Passage:
    works = [work for each in records for work in works_of_context(each)]
    spans, plain = records[-1].meta.redactions, f" {SQUAD_2.plain(text)} "
    return Passage(text, spans, plain, _close(text), tuple(distinct(works)))


def _says(passage: Passage, record: Record) -> bool:
    """Tell whether a passage holds the text of an answer, by the rules that answers are compared by."""
    for answer in record.answers:
        if answer.text.casefold() in passage.text.casefold():
            return True
        plain = SQUAD_2.plain(answer.text)
        if plain and f" {plain} " in passage.plain:
            return True
        if any(map(is_hangul, answer.text)) and _close(answer.text) in passage.close:
            return True
    return False


def _close(text: str) -> str:
    """Spell a text as KorQuAD compares it, without blanks."""
    return "".join(KORQUAD_1.plain(text).split())


def _made(record: Record, passage: Passage, made: Synthetic) -> Made:
    key = key_of(made, record.id, [passage.text])
    question = Question(
        id=name_of(made, key),
        question=record.question,
        context=passage.text,
        answers=(),
        is_impossible=True,
        plausible_answers=tuple(_plausible(record, passage)),
        title=record.title,
        group=record.group,
    )
    spans = redactions_of(passage.redactions)
    asked = redactions_of(record.meta.question_redactions)
    return Made(key, question, origin_of(record), spans, {}, asked, passage.works)


def _plausible(record: Record, passage: Passage) -> Iterator[Answer]:
    """Yield what a hasty reader would take: of the right kind, in the sentence with most of the words."""
    kind, text = kind_of(record.answers[0].text), passage.text
    wanted = content_words(record.question)
    alike = [
        value
        for value in values_beside(text, redactions_of(passage.redactions))
        if value.kind == kind and not says(record.question, text[value.start : value.end])
    ]
    if alike:
        near = {each: sentence_around(text, each.start, each.end) for each in alike}
        best = max(
            alike, key=lambda v: (len(wanted & content_words(text[slice(*near[v])])), -v.start)
        )
        yield Answer(text[best.start : best.end], best.start, best.end)
