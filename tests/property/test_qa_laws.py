"""Laws of spans: they stay true through NFC and redaction, or they are dropped."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from filters.normalise import Edit, OffsetMap, nfc, offset_map
from filters.qa import Answer, Question, check, qa_record, remap
from pipeline.sources.questions.record import repair, to_question

# Letters, marks of several combining classes, jamo, composites, exclusions, Indic and Tibetan
# vowels that decompose to marks alone, a compatibility ideograph, and an emoji.
MARKS = "\u0301\u0323\u0344\u0f71\u0f72\u0f73\u3099\u1161"
ALPHABET = (
    "abe<>= \u00e9\u00e0\u1e69\u0301\u0307\u0323\u0327\u0338\u0345\u0344\u0651\u064e\u0628"
    "\u1100\u1161\u11a8\uac00\uac01\u0958\u0915\u093c\u0f71\u0f72\u0f73\u0f81\u09c7\u09be\u0dd9"
    "\u0dca\u0dcf\u212b\uf900\u1b05\u1b35\u3099\u304b\u304c\U0001f33e\U00011131\U00011127"
)
characters = st.characters(codec="utf-8", exclude_characters="\0")
texts = st.text(st.one_of(st.sampled_from(ALPHABET), characters), max_size=40)
plain = st.text("ab é물\U0001f33e", max_size=30)


@st.composite
def spans(draw: st.DrawFn, length: int) -> tuple[int, int]:
    start = draw(st.integers(0, length - 1))
    return start, draw(st.integers(start + 1, length))


@st.composite
def spanned(draw: st.DrawFn, of: st.SearchStrategy[str]) -> tuple[str, tuple[int, int]]:
    text = draw(of.filter(bool))
    return text, draw(spans(len(text)))


class Edited(msgspec.Struct, frozen=True):
    """A text after edits, none of which a span may touch."""

    text: str
    change: OffsetMap
    edits: tuple[Edit, ...]

    def forward(self, start: int, end: int) -> tuple[int, int] | None:
        touched = any(edit.start < end and start < edit.end for edit in self.edits)
        return None if touched else self.change.forward(start, end)


@st.composite
def redacted(draw: st.DrawFn, text: str) -> Edited:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    pieces, edits, done = [], [], 0
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        placeholder = draw(st.sampled_from(["<EMAIL>", "<물>", "a", ""]))
        pieces += [text[done:start], placeholder]
        edits.append(Edit(start, end, len(placeholder)))
        done = end
    return Edited("".join(pieces) + text[done:], offset_map(edits), tuple(edits))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Question, Edited]:
    context = draw(plain.filter(lambda text: text.strip() != ""))
    places = draw(st.lists(spans(len(context)), min_size=1, max_size=5))
    answers = tuple(Answer(context[a:b], a, b) for a, b in places if context[a:b].strip())
    impossible = answers == () or draw(st.booleans())
    question = Question(
        id="q",
        question="?",
        context=context,
        answers=() if impossible else answers,
        is_impossible=impossible,
        plausible_answers=answers if impossible else (),
        title="t",
        group="t",
    )
    return question, draw(redacted(context))


@given(texts)
def test_the_text_is_nfc(text: str) -> None:
    assert nfc(text)[0] == unicodedata.normalize("NFC", text)


@given(
    st.text("ae\u1100", min_size=1, max_size=3),
    st.lists(st.text(MARKS, min_size=1, max_size=9), min_size=8),
)
def test_long_runs_of_marks_are_sorted_as_short_ones_are(letters: str, runs: list[str]) -> None:
    text = letters + "".join(runs) * 9  # beyond what is left to the interpreter's own sort
    assert nfc(text)[0] == unicodedata.normalize("NFC", text)


def test_a_run_of_marks_takes_no_time_of_its_square() -> None:
    """With the interpreter's sort it takes hours."""
    text = "a" + "\u0301\u0323" * 500_000
    new, change = nfc(text)
    assert new == "\u1ea1" + "\u0323" * 499_999 + "\u0301" * 500_000
    assert change.forward(0, len(text)) == (0, len(new))


@given(spanned(texts))
def test_a_span_moves_to_the_nfc_of_its_text_and_back(case: tuple[str, tuple[int, int]]) -> None:
    old, span = case
    new, change = nfc(old)
    moved = change.forward(*span)
    if moved is not None:
        piece = new[slice(*moved)]
        assert unicodedata.normalize("NFD", piece) == unicodedata.normalize(
            "NFD", old[slice(*span)]
        )
        assert change.backward(*moved) == span


@given(texts, st.data())
def test_a_span_of_the_nfc_leads_back_to_the_same_text(text: str, data: st.DataObject) -> None:
    old = unicodedata.normalize("NFD", text)
    new, change = nfc(old)
    span = data.draw(spans(len(new))) if new != "" else (0, 0)
    back = change.backward(*span)
    if back is not None:
        assert nfc(old[slice(*back)])[0] == new[slice(*span)]


@given(texts)
def test_the_whole_text_is_never_cut(text: str) -> None:
    new, change = nfc(text)
    assert change.forward(0, len(text)) == (0, len(new))
    assert change.backward(0, len(new)) == (0, len(text))


@given(texts)
def test_what_stands_between_two_edits_is_untouched(text: str) -> None:
    new, change = nfc(text)
    old_gaps = zip((0, *change.old_ends), (*change.old_starts, len(text)), strict=True)
    new_gaps = zip((0, *change.new_ends), (*change.new_starts, len(new)), strict=True)
    for old_gap, new_gap in zip(old_gaps, new_gaps, strict=True):
        assert text[slice(*old_gap)] == new[slice(*new_gap)]


@given(questions())
def test_every_answer_that_is_left_is_true(case: tuple[Question, Edited]) -> None:
    question, redaction = case
    assert check(question) is None
    moved = remap(question, redaction)
    if isinstance(moved, Question):
        assert check(moved) is None
        for answer in moved.answers + moved.plausible_answers:
            assert moved.context[answer.start : answer.end] == answer.text


@given(questions())
def test_an_answer_is_dropped_exactly_when_it_is_touched(case: tuple[Question, Edited]) -> None:
    question, redaction = case
    whole = [a.text for a in question.answers if redaction.forward(a.start, a.end) is not None]
    moved = remap(question, redaction)
    if isinstance(moved, Question):
        assert [answer.text for answer in moved.answers] == whole
    elif moved == "answer-redacted":
        assert whole == []


@given(questions())
def test_the_record_says_what_the_question_says(case: tuple[Question, Edited]) -> None:
    question, _ = case
    line = qa_record(question, source="s", license="", language="", url="", redactions=[], extra={})
    record = json.loads(line)
    assert msgspec.convert(record["answers"], tuple[Answer, ...]) == question.answers
    assert record["context"] == question.context


def raw(context: str, text: str, start: Any) -> dict[str, Any]:
    answers = [{"text": text, "start": start}]
    found = {"id": "q", "title": "", "context": context, "question": "?", "answers": answers}
    return found | {"is_impossible": False, "plausible_answers": []}


@given(spanned(texts))
def test_a_right_start_gives_the_span_or_cuts_a_cluster(
    case: tuple[str, tuple[int, int]],
) -> None:
    context, (start, end) = case
    found = repair(raw(context, context[start:end], start))
    if isinstance(found, str):
        cut = nfc(context)[1].forward(start, end) is None
        assert found == ("qa:cut-cluster" if cut else "qa:empty-answer")
    else:
        assert found.repairs == ()
        assert nfc(context)[1].backward(*_ends(found.question)) == (start, end)


def _ends(question: Question) -> tuple[int, int]:
    return question.answers[0].start, question.answers[0].end


@given(texts, texts, st.one_of(st.none(), st.integers(-5, 50), st.floats(), st.text()))
def test_any_answer_at_all_gives_a_sound_question_or_a_reason(
    context: str, text: str, start: Any
) -> None:
    found = to_question(raw(context, text, start))
    if isinstance(found, Question):
        assert check(found) is None
        wanted = unicodedata.normalize("NFD", text)
        assert unicodedata.normalize("NFD", found.answers[0].text) == wanted
    else:
        assert found.startswith("qa:")
