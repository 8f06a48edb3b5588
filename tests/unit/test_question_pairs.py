"""Questions and answers that a text lays out."""

from __future__ import annotations

import pytest

from filters.question_pairs import question_pairs


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (
            "Q: Who?\nA: She.\nQ: Why?\nA: So.\n\nMore.\n\n---\nfoot",
            [("Who?", "She."), ("Why?", "So.\n\nMore.")],
        ),
        ("**Q:** Who?\n\n**A:** She.", [("Who?", "She.")]),
        (
            "Q1. One? A: First.\nQ2. Two\nlines?\nA2. Second.",
            [("One?", "First."), ("Two\nlines?", "Second.")],
        ),
        ("Question 3: Who?\nANSWER: She.", [("Who?", "She.")]),
        (
            "문 1) 무엇인가?\n답) 물레방아.\n질문：뭐?\n답변：그것.",
            [("무엇인가?", "물레방아."), ("뭐?", "그것.")],
        ),
        ("# Page\n\n## Who? ##\nShe.\n\n### Notes\nnone", [("Who?", "She.")]),
        ("Who?\n----\nShe.\n\nNotes\n=====\nnone", [("Who?", "She.")]),
        ("====\nWho?\n====\n\nShe.\n\n====\nNote\n====\nx", [("Who?", "She.")]),
        ("## Q: Who?\nA: She.\n## Empty?\n## Full？\nx", [("Who?", "She."), ("Full？", "x")]),
        ("## Which?\nfirst\nA. one\nB! two\n", [("Which?", "first\nA. one\nB! two")]),
        ("```\n# who?\nno\n```\nQ: x", []),
        ("Q: Which?\nA. one\nB. two\nAnswer: A", []),  # a choice, no answer
        ("Is this a question?\nNo pair.", []),
        ("Q. Smith wrote to A. Jones.", []),
        ("Q: asked, and never answered", []),
        ("A: answered, and never asked", []),
        ("", []),
    ],
)
def test_pairs_are_those_that_are_laid_out(text: str, pairs: list[tuple[str, str]]) -> None:
    found = question_pairs(text)
    assert [(each.question, text[each.start : each.end]) for each in found] == pairs


@pytest.mark.parametrize(
    "text",
    [
        "# " + " " * 50_000 + "x?\ny",
        "Q" + " " * 50_000 + "x",
        "# a?\nA:\nA:\n" * 20_000,
        "- " * 50_000 + "x",
    ],
)
def test_the_time_grows_with_the_text_alone(text: str) -> None:
    """Each of these took minutes with a pattern that goes back."""
    assert isinstance(question_pairs(text), list)
