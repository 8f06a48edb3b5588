"""A few questions to test with, over words of the corpora that tests make up: documents that hold them go."""

from __future__ import annotations

import json
from pathlib import Path

SOURCE = """
[[sources]]
name = "quiz"
format = "squad"
paths = ["quiz.json"]
split = "test"
"""


def write_quiz(folder: Path, *contexts: str) -> None:
    """Write one question over each context; it is answered by the context's second word."""
    articles = [
        {
            "title": f"Quiz {number}",
            "paragraphs": [
                {
                    "context": context,
                    "qas": [
                        {
                            "id": f"quiz-{number}",
                            "question": f"Which word is second in number {number}?",
                            "answers": [
                                {"text": context.split()[1], "answer_start": context.index(" ") + 1}
                            ],
                        }
                    ],
                }
            ],
        }
        for number, context in enumerate(contexts)
    ]
    (folder / "quiz.json").write_text(json.dumps({"data": articles}), encoding="utf-8")
