"""Whatever a question holds, it comes back out of the SQuAD shape as it was, and tokens cover its answers."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from filters.qa import Answer, Question, group_of, qa_record
from manifests.record import Question as Record
from manifests.record import decode_question
from pipeline.qa.asked import read_asked
from pipeline.qa.shapes import mrqa, squad

texts = st.text("ab .é물\U0001f33e\n_-", min_size=1, max_size=30).filter(
    lambda text: text.strip() != ""
)


@st.composite
def records(draw: st.DrawFn, number: int) -> Record:
    context = draw(texts)
    starts = draw(st.lists(st.integers(0, len(context) - 1), min_size=1, max_size=3))
    spans = [(start, draw(st.integers(start + 1, len(context)))) for start in starts]
    answers = tuple(Answer(context[a:b], a, b) for a, b in spans if context[a:b].strip())
    impossible = not answers or draw(st.booleans())
    title = draw(st.sampled_from(["", "Mill", " ", "물"]))
    question = Question(
        id=f"q{number}",
        question=draw(texts),
        context=context,
        answers=() if impossible else answers,
        is_impossible=impossible,
        plausible_answers=answers if impossible else (),
        title=title,
        group=group_of(title, context),
    )
    line = qa_record(
        question,
        source="s",
        license=draw(st.sampled_from(["MIT", "CC0-1.0"])),
        language="en",
        url="",
        redactions=[],
        extra={},
    )
    return decode_question(line)


@st.composite
def sets(draw: st.DrawFn) -> list[Record]:
    return [draw(records(number)) for number in range(draw(st.integers(1, 5)))]


@given(sets(), st.randoms(use_true_random=False))
def test_squad_reads_back_equal_in_whatever_order_it_came(
    asked: list[Record], chance: Random
) -> None:
    shaped = squad(asked)
    shuffled = list(asked)
    chance.shuffle(shuffled)
    assert squad(shuffled) == shaped
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_text(json.dumps(shaped), encoding="utf-8")
        back = {each.question.id: each.question for each in read_asked(path)}
    assert back == {
        each.id: msgspec.convert(each, Question, from_attributes=True) for each in asked
    }


@given(sets())
def test_the_tokens_of_an_answer_hold_it_and_no_token_more(asked: list[Record]) -> None:
    possible = [each for each in asked if not each.is_impossible]
    for passage in list(mrqa(possible, "d", "train"))[1:]:
        tokens, text = passage["context_tokens"], passage["context"]
        for each in passage["qas"]:
            for answer in each["detected_answers"]:
                ((start, last),) = answer["char_spans"]
                ((first, end),) = answer["token_spans"]
                touched = [
                    number
                    for number, (token, at) in enumerate(tokens)
                    if at <= last and start < at + len(token)
                ]
                assert (first, end) == (touched[0], touched[-1])
                assert text[start : last + 1] == answer["text"]
