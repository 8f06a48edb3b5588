"""Questions in the shapes that readers are trained from: SQuAD, the flat one of Hugging Face, MRQA, chat.

SQuAD: Rajpurkar et al. 2016 and 2018; MRQA: Fisch et al. 2019. Offsets are code points in all of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manifests.record import Answer, Question

Node = dict[str, Any]

SYSTEM: Final = "Answer the question with words of the text."
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")  # a run of letters and digits, else one sign


class Chat(NamedTuple):
    """What is said around a question: to the system (`""` for nothing), and where there is no answer.

    `labelled` says of each question how it was made.
    """

    system: str = SYSTEM
    refusal: str = ""
    labelled: bool = False


def squad(questions: Iterable[Question]) -> Node:
    """Return a file of the SQuAD shape: 2.0 where a question has no answer, else 1.1.

    An article is what has title, source, licence and URL in common. Articles, their contexts and the
    questions of a context are in the order of their texts and ids, whatever order they come in.
    """
    ordered = sorted(questions, key=_place)
    two = any(each.is_impossible for each in ordered)
    articles: dict[tuple[str, ...], dict[str, list[Node]]] = {}
    for each in ordered:
        key = (each.title, each.source, each.license, each.url)
        contexts = articles.setdefault(key, {})
        contexts.setdefault(each.context, []).append(_asked(each, two=two))
    data = [
        {
            **dict(zip(("title", "source", "license", "url"), key, strict=True)),
            "paragraphs": [{"context": text, "qas": asked} for text, asked in contexts.items()],
        }
        for key, contexts in articles.items()
    ]
    return {"version": "v2.0" if two else "1.1", "data": data}


def flat(question: Question, *, labelled: bool = False) -> Node:
    """Return the record that `datasets` calls the features of SQuAD; `labelled` says of each how it was made."""
    answers = question.answers
    return {
        "id": question.id,
        "title": question.title,
        "context": question.context,
        "question": question.question,
        "answers": {
            "text": [each.text for each in answers],
            "answer_start": [each.start for each in answers],
        },
        **(_said(question) if labelled else {}),
    }


def mrqa(questions: Iterable[Question], dataset: str, split: str) -> Iterator[Node]:
    """Yield the header, then one record a context; questions without an answer have no place there.

    `char_spans` and `token_spans` are inclusive. A token is a run of letters and digits, or any other
    sign that is no blank, with its offset; an answer's token span has all tokens that it touches.
    """
    yield {"header": {"dataset": dataset, "split": split}}
    contexts: dict[tuple[str, ...], list[Question]] = {}
    for each in sorted(questions, key=_place):
        key = (each.title, each.source, each.license, each.url, each.context)
        contexts.setdefault(key, []).append(each)
    for (title, source, license_, url, context), asked in contexts.items():
        tokens = tokens_of(context)
        yield {
            "id": asked[0].context_sha256,
            "title": title,
            "source": source,
            "license": license_,
            "url": url,
            "context": context,
            "context_tokens": tokens,
            "qas": [_detected(each, tokens) for each in asked],
        }


def chat(question: Question, said: Chat) -> Node:
    """Return a conversation: the context and the question, then the first answer or the refusal."""
    system = [{"role": "system", "content": said.system}] if said.system else []
    answer = question.answers[0].text if question.answers else said.refusal
    return {
        "messages": [
            *system,
            {"role": "user", "content": f"{question.context}\n\n{question.question}"},
            {"role": "assistant", "content": answer},
        ],
        "id": question.id,
        "source": question.source,
        "license": question.license,
        "language": question.language,
        "title": question.title,
        "url": question.url,
        **(_said(question) if said.labelled else {}),
    }


def tokens_of(text: str) -> list[tuple[str, int]]:
    """Return the tokens of a text with their offsets."""
    return [(match.group(), match.start()) for match in _TOKEN.finditer(text)]


_place = attrgetter("title", "source", "license", "url", "context", "id")


def _asked(question: Question, *, two: bool) -> Node:
    impossible: Node = {"is_impossible": question.is_impossible} if two else {}
    if question.plausible_answers:
        impossible["plausible_answers"] = [_started(each) for each in question.plausible_answers]
    answers = [_started(each) for each in question.answers]
    return {
        "id": question.id,
        "question": question.question,
        "answers": answers,
        **impossible,
        **_label(question),
    }


def _started(answer: Answer) -> Node:
    return {"text": answer.text, "answer_start": answer.start}


def _label(question: Question) -> Node:
    """Say of a made question that it is one; others bear no label."""
    return _said(question) if question.synthetic.method else {}


def _said(question: Question) -> Node:
    return {"synthetic": msgspec.to_builtins(question.synthetic)}


def _detected(question: Question, tokens: list[tuple[str, int]]) -> Node:
    starts = [start for _, start in tokens]
    detected = [
        {
            "text": each.text,
            "char_spans": [[each.start, each.end - 1]],
            "token_spans": [_touched(tokens, starts, each)],
        }
        for each in question.answers
    ]
    return {
        "id": question.id,
        "qid": question.id,
        "question": question.question,
        "question_tokens": tokens_of(question.question),
        "detected_answers": detected,
        "answers": list(dict.fromkeys(each.text for each in question.answers)),
        **_label(question),
    }


def _touched(tokens: list[tuple[str, int]], starts: list[int], answer: Answer) -> list[int]:
    """Return the first and the last token that an answer touches; of blanks alone, the one behind them."""
    first = max(bisect_right(starts, answer.start) - 1, 0)
    text, start = tokens[first]
    if start + len(text) <= answer.start:
        first = min(first + 1, len(tokens) - 1)
    last = max(bisect_right(starts, answer.end - 1) - 1, first)
    return [first, last]
