"""Questions written in the shapes that readers know: what the tests of readers read."""

from __future__ import annotations

import html
import json
from typing import Any
from xml.sax.saxutils import quoteattr

import msgspec


class Asked(msgspec.Struct, frozen=True):
    """A question to be written: spans are code points of the context, none of them blank."""

    id: str
    question: str
    context: str
    spans: tuple[tuple[int, int], ...]

    @property
    def texts(self) -> list[str]:
        return [self.context[start:end] for start, end in self.spans]

    @property
    def starts(self) -> list[int]:
        return [start for start, _ in self.spans]


def squad(questions: list[Asked]) -> bytes:
    paragraphs = [
        {
            "context": each.context,
            "qas": [
                {
                    "id": each.id,
                    "question": each.question,
                    "answers": [
                        {"text": text, "answer_start": start}
                        for text, start in zip(each.texts, each.starts, strict=True)
                    ],
                }
            ],
        }
        for each in questions
    ]
    return json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}).encode()


def marked(asked: Asked) -> tuple[str, list[tuple[int, int]]]:
    """Write a context as HTML in which each of its words is marked; give the spans there."""
    pieces: list[str] = ["<!DOCTYPE html>\n<div><p>"]
    starts: list[int] = []
    ends: list[int] = []
    size = len(pieces[0])
    for character in asked.context:
        piece = html.escape(character)
        if character.isalpha():
            piece = f"<b>{piece}</b><!-- {character} -->"
        starts.append(size)
        size += len(piece)
        ends.append(size)
        pieces.append(piece)
    pieces.append("</p></div><script>var a = '<p>';</script>")
    return "".join(pieces), [(starts[start], ends[end - 1]) for start, end in asked.spans]


def korquad_2(questions: list[Asked]) -> bytes:
    """Write pages; only the first span of each question, since a page's question has one answer."""
    data = []
    for each in questions:
        page, spans = marked(each)
        start, end = spans[0]
        answer = {"text": page[start:end], "answer_start": start}
        served = {"html_answer_text": "x", "html_answer_start": 7}
        qas = [{"id": each.id, "question": each.question, "answer": answer | served}]
        data.append(
            {
                "title": "t",
                "url": "https://ko.wikipedia.org/wiki/x",
                "context": page,
                "raw_html": "<p>served",
                "qas": qas,
            }
        )
    return json.dumps({"version": "KorQuAD_2.1_dev", "data": data}).encode()


def mrqa(questions: list[Asked]) -> bytes:
    lines: list[Any] = [{"header": {"dataset": "Mills", "split": "dev"}}]
    for each in questions:
        detected = [
            {"text": text, "char_spans": [[start, end - 1]]}
            for text, (start, end) in zip(each.texts, each.spans, strict=True)
        ]
        qas = [
            {
                "qid": each.id,
                "question": each.question,
                "detected_answers": detected,
                "answers": each.texts,
            }
        ]
        lines.append({"id": "", "context": each.context, "qas": qas})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def flat(questions: list[Asked]) -> bytes:
    rows = (
        {
            "id": each.id,
            "title": "t",
            "context": each.context,
            "question": each.question,
            "answers": {"text": each.texts, "answer_start": each.starts},
        }
        for each in questions
    )
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def listed(questions: list[Asked]) -> bytes:
    rows = (
        {
            "id": each.id,
            "context": each.context,
            "question": each.question,
            "answers": [
                {"text": text, "start": start, "end": end}
                for text, (start, end) in zip(each.texts, each.spans, strict=True)
            ],
        }
        for each in questions
    )
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def row(**attributes: str) -> str:
    """Write a row of a dump as the official ones do: line breaks within a value as references."""
    spelt = (
        f"{name}={quoteattr(value, {chr(10): '&#xA;', chr(13): '&#xD;', chr(9): '&#x9;'})}"
        for name, value in attributes.items()
    )
    return f"  <row {' '.join(spelt)} />\n"


def dump(rows: str) -> bytes:
    return f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n<posts>\n{rows}</posts>'.encode()
