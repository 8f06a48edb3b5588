"""Laws of the opt-out form: whatever a tracker makes of the answers, the same answers are read back."""

from __future__ import annotations

import re

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.forms import read_form_file
from pipeline.optout_form import QUESTIONS, Answers, Question, read_form

_FIELDS = [each for each in yaml.safe_load(read_form_file("opt-out.yml"))["body"] if "id" in each]
_OTHER = read_form_file("opt-out.md").decode()
_NO_ANSWERS = {"", "noresponse", "noanswer", "na", "tbd", "todo"}


def _is_an_answer(text: str) -> bool:
    """Leave out what no form can tell from an empty answer or from its own marks."""
    plain = "".join(re.findall(r"\w+", text.casefold().replace("_", "")))
    return plain not in _NO_ANSWERS and "<!--" not in text


# A line of an answer may be anything but a heading, a tick box or a quotation.
_LINES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="#>[*_"),
    max_size=30,
)
_TEXTS = (
    st.lists(_LINES, min_size=1, max_size=4).map("\n".join).map(str.strip).filter(_is_an_answer)
)


def _choice(name: str) -> st.SearchStrategy[str]:
    (question,) = (each for each in QUESTIONS if each.name == name)
    return st.sampled_from([each.value for each in question.choices])


_KINDS = st.lists(_choice("kinds").filter(lambda each: each != "all"), unique=True, max_size=8)
ANSWERS = st.builds(
    Answers,
    what=_TEXTS,
    authority=_choice("authority"),
    copies=_choice("copies"),
    future=st.booleans(),
    kinds=_KINDS.map(sorted).map(tuple),
    basis=_choice("basis"),
    contact=st.just("") | _TEXTS,
    proof=st.just("") | _TEXTS,
    remarks=st.just("") | _TEXTS,
)


def _ticked(answers: Answers, question: Question) -> set[str]:
    value = getattr(answers, question.name)
    if question.name == "kinds":
        return set(value)
    return {("yes" if value else "no") if question.name == "future" else value}


def as_github_shows(answers: Answers) -> str:
    """Render the issue that GitHub makes of the form: headings, answers, `_No response_`."""
    parts = []
    for field, question in zip(_FIELDS, QUESTIONS, strict=True):
        chosen = _ticked(answers, question) if question.choices else set()
        if field["type"] == "checkboxes":
            answer = "\n".join(
                f"- [{'X' if each.value in chosen else ' '}] {each.label}"
                for each in question.choices
            )
        elif question.choices:
            answer = ", ".join(each.label for each in question.choices if each.value in chosen)
        else:
            answer = getattr(answers, question.name)
        parts.append(f"### {field['attributes']['label']}\n\n{answer or '_No response_'}\n\n")
    return "".join(parts)


def as_people_fill_in(answers: Answers) -> str:
    """Fill in the form for other trackers: below each heading, boxes ticked, comments left in."""
    sections = re.split(r"(?m)^(?=### )", _OTHER)
    filled = sections[:1]
    for section, question in zip(sections[1:], QUESTIONS, strict=True):
        done = section
        for choice in question.choices:
            if choice.value in _ticked(answers, question):
                done = done.replace(f"- [ ] {choice.label}\n", f"- [x] {choice.label}\n")
        written = "" if question.choices else f"{getattr(answers, question.name)}\n"
        filled.append(done + written)
    return "".join(filled)


@settings(max_examples=150)
@given(ANSWERS, st.integers(0, 2))
def test_what_github_shows_reads_back(answers: Answers, quotes: int) -> None:
    shown = as_github_shows(answers)
    quoted = "".join(f"{'> ' * quotes}{line}\n" for line in shown.split("\n"))
    form = read_form(quoted)
    assert (form.answers, form.unclear, form.missing) == (answers, (), ())
    assert form.what_line <= quoted.count("\n")


@settings(max_examples=100)
@given(ANSWERS)
def test_the_other_form_reads_back(answers: Answers) -> None:
    form = read_form(as_people_fill_in(answers))
    assert (form.answers, form.unclear, form.missing) == (answers, (), ())


@settings(max_examples=150)
@given(st.text() | st.lists(st.sampled_from([*_OTHER.splitlines(), "x", "> "])).map("\n".join))
def test_any_text_is_read_and_what_is_required_is_missing_or_answered(text: str) -> None:
    form = read_form(text)
    for question in QUESTIONS:
        if question.required:
            said = bool(getattr(form.answers, question.name))
            unclear = any(each.startswith(f"{question.heading}: write") for each in form.unclear)
            assert said + unclear + (question.heading in form.missing) == 1
