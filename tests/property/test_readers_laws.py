"""Laws of the readers of questions: what was written is read, spans hold, and nothing that is wrong raises."""

from __future__ import annotations

import gzip
import html
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.html_text import html_text
from filters.qa import Question, check
from filters.question_pairs import question_pairs
from pipeline.config import Source
from pipeline.sources import Bad, Damage, Item, Raw, Said, read
from pipeline.sources.formats import asks, format_names
from pipeline.sources.questions.faq import LONGEST
from pipeline.sources.questions.record import make_record, to_question
from pipeline.sources.questions.told import tell_format
from pipeline.sources.stretch import cut_file
from pipeline.stages.questions import Read, Unasked, read_question
from tests.property.test_qa_laws import texts
from tests.shapes import Asked, dump, flat, korquad_2, listed, mrqa, row, squad

FORMATS = [name for name in format_names() if asks(name)]
BREAKS = " \t\n\f\r"
words = texts.map(
    lambda text: " ".join(text.translate(dict.fromkeys(map(ord, BREAKS), " ")).split(" ")).strip(
        BREAKS
    )
)


@st.composite
def asked(draw: st.DrawFn, of: st.SearchStrategy[str] = texts, most: int = 3) -> Asked:
    context = draw(of.filter(lambda text: text.strip() != ""))
    spans = []
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(context) - 1))
        end = draw(st.integers(start + 1, len(context)))
        piece = context[start:end]
        start += len(piece) - len(piece.lstrip())
        if piece.strip():
            spans.append((start, start + len(piece.strip())))
    begin = len(context) - len(context.lstrip())
    spans = spans or [(begin, len(context.rstrip()))]
    return Asked("", draw(texts.filter(lambda text: text.strip() != "")), context, tuple(spans))


def lists(**options: Any) -> st.SearchStrategy[list[Asked]]:
    found = st.lists(asked(**options), min_size=1, max_size=4)
    return found.map(
        lambda each: [
            Asked(f"q{at}", one.question, one.context, one.spans) for at, one in enumerate(each)
        ]
    )


def items(data: bytes, kind: str, name: str = "asked.json", **said: Any) -> list[Item]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        return list(read(path, kind, said=Said(**said)))


def wanted(each: Asked, title: str) -> Question | str:
    """What a record with right spans is: a question, or the reason that it cuts a cluster."""
    answers = [
        {"text": text, "start": start} for text, start in zip(each.texts, each.starts, strict=True)
    ]
    return to_question(
        make_record(
            name=each.id, title=title, context=each.context, question=each.question, answers=answers
        )
    )


@pytest.mark.parametrize(
    ("kind", "write", "title"),
    [
        ("squad", squad, "t"),
        ("mrqa", mrqa, ""),
        ("questions", flat, "t"),
        ("questions", listed, ""),
    ],
)
@given(questions=lists())
def test_what_was_written_is_read(
    kind: str, write: Callable[[list[Asked]], bytes], title: str, questions: list[Asked]
) -> None:
    found = items(write(questions), kind)
    assert [item.row for item in found] == list(range(len(questions)))
    assert [to_question(item.record) for item in found if isinstance(item, Raw)] == [
        wanted(each, title) for each in questions
    ]


@given(lists(of=words, most=1))
def test_a_page_of_html_gives_its_text_and_the_answers_in_it(questions: list[Asked]) -> None:
    found = items(korquad_2(questions), "squad")
    assert len(found) == len(questions)
    for item, each in zip(found, questions, strict=True):
        assert isinstance(item, Raw)
        assert item.edited
        read_, right = to_question(item.record), wanted(each, "t")
        assert read_ == right
        assert item.record["url"] == "https://ko.wikipedia.org/wiki/x"
        assert "raw_html" not in item.record


@given(lists(), st.sampled_from([".jsonl", ".jsonl.gz"]))
def test_the_format_of_a_file_is_told(questions: list[Asked], suffix: str) -> None:
    pack = gzip.compress if suffix.endswith(".gz") else bytes
    shapes = {
        squad: "squad", korquad_2: "squad", mrqa: "mrqa", flat: "questions", listed: "questions",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for write, kind in shapes.items():
            path = Path(folder, f"file{suffix}")
            path.write_bytes(pack(write(questions)))
            assert tell_format(path) == kind
        (Path(folder) / "Posts.xml").write_bytes(dump(""))
        assert tell_format(Path(folder) / "Posts.xml") == "stackexchange"


@given(lists(), st.integers(1, 2000))
def test_questions_are_the_same_cut_or_not(questions: list[Asked], size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.jsonl")
        path.write_bytes(flat(questions))
        cut = [
            item for each in cut_file(path, size) for item in read(path, "questions", stretch=each)
        ]
        assert cut == list(read(path, "questions"))


plain = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufffe\uffff"
    ),
    min_size=1,
).filter(lambda text: text.strip() != "" and html_text(html.escape(text)).text.strip() != "")


@given(st.lists(st.tuples(plain, plain, st.booleans()), max_size=4))
def test_a_dump_gives_each_question_once(posts: list[tuple[str, str, bool]]) -> None:
    rows = ""
    for at, (question, answer, accepted) in enumerate(posts):
        link = {"AcceptedAnswerId": str(1000 - at)} if accepted else {}
        rows += row(Id=str(at), PostTypeId="1", Title=question, Body=html.escape(question), **link)
        rows += row(Id=str(1000 - at), PostTypeId="2", ParentId=str(at), Body=html.escape(answer))
    found = items(dump(rows), "stackexchange", "Posts.xml", site="superuser.com")
    assert [item.row for item in found] == list(range(len(posts)))
    for item, (_, answer, accepted) in zip(found, posts, strict=True):
        assert isinstance(item, Raw)
        assert bool(item.drop) is not accepted
        if accepted:
            asked_ = to_question(item.record)
            assert isinstance(asked_, Question)
            assert [each.text for each in asked_.answers] == [asked_.context]
            assert item.record["context"] == html_text(html.escape(answer)).text


@given(
    st.text(
        st.sampled_from("<>/!-?&;#=\"' \n\tabpPé\u0338\U0001f33eQA:.?#12*=-`文")
        | st.characters(codec="utf-8"),
        max_size=200,
    )
)
def test_spans_of_any_text_hold(text: str) -> None:
    extracted = html_text(text)
    change = extracted.change
    old = zip((0, *change.old_ends), (*change.old_starts, len(text)), strict=True)
    new = zip((0, *change.new_ends), (*change.new_starts, len(extracted.text)), strict=True)
    for old_gap, new_gap in zip(old, new, strict=True):
        assert text[slice(*old_gap)] == extracted.text[slice(*new_gap)]
    asked_ = [pair.asked for pair in question_pairs(text)]
    assert asked_ == sorted(set(asked_))
    for pair in question_pairs(text):
        assert pair.question.strip()
        assert pair.asked < pair.start < pair.end <= len(text)
        assert text[pair.start : pair.end].strip() == text[pair.start : pair.end]


styles = st.sampled_from(
    [
        "Q: {}\nA: {}\n",
        "Q{n}. {}\nA{n}. {}\n",
        "## {}?\n\n{}\n\n",
        "**질문:** {}\n**답변:** {}\n",
        "{}?\n======\n{}\n\n",
    ]
)
lines = (
    st.text(st.sampled_from("ab 물é\U0001f33e"), min_size=1, max_size=2500)
    .map(str.strip)
    .filter(bool)
)


@given(st.lists(st.tuples(styles, lines, lines), min_size=1, max_size=9), st.booleans())
def test_pairs_are_found_as_they_were_laid_out(
    pairs: list[tuple[str, str, str]], crlf: bool
) -> None:
    text = "".join(
        style.format(question, answer, n=at)
        for at, (style, question, answer) in enumerate(pairs, 1)
    )
    text = text.replace("\n", "\r\n") if crlf else text
    kept = [each for each in pairs if len(each[1]) < 2000]
    found = items(json.dumps({"id": "d", "text": text}).encode(), "faq", name="s.jsonl")
    assert [item.row for item in found] == list(range(max(1, len(kept))))
    for item, (_, question, answer) in zip(found, kept, strict=False):
        assert isinstance(item, Raw)
        read_ = to_question(item.record)
        assert isinstance(read_, Question)
        assert [each.text for each in read_.answers] == [answer]
        assert read_.question.rstrip("?") == question
        assert len(read_.context) <= max(LONGEST, len(answer) + len(question) + 99)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("id"),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["data", "paragraphs", "qas", "context", "id", "question", "answers", "answer",
                         "text", "start", "answer_start", "end", "char_spans", "detected_answers",
                         "header", "title", "is_impossible", "plausible_answers", "meta", "extra",
                         "schema", "raw_html", "url", "license", "repo"]),
        inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


def mutate(value: Any, path: Iterator[int], instead: Any) -> Any:
    """Put something else somewhere into a parsed file."""
    turn = next(path, 0)
    children = (
        list(value)
        if isinstance(value, dict)
        else list(range(len(value)))
        if isinstance(value, list)
        else []
    )
    if not children or turn % 5 == 0:
        return instead
    key = children[turn % len(children)]
    changed = value.copy()
    changed[key] = mutate(value[key], path, instead)
    return changed


def assert_accounted(found: list[Item]) -> None:
    assert [item.row for item in found] == list(range(len(found)))
    assert all(not isinstance(item, Damage) for item in found[:-1])
    source = Source(name="s", format="squad")
    for item in found:
        if isinstance(item, Raw):
            outcome = read_question(source, item)
            if isinstance(outcome, Read):
                assert check(outcome.question) is None
            else:
                assert isinstance(outcome, Unasked | str)
        else:
            assert isinstance(item, Bad | Damage)


@given(
    lists(),
    st.sampled_from([squad, korquad_2, mrqa, flat, listed]),
    st.lists(st.integers(0, 99), max_size=9),
    json_values,
    st.sampled_from(FORMATS),
)
def test_values_of_any_type_raise_nothing(
    questions: list[Asked],
    write: Callable[[list[Asked]], bytes],
    path: list[int],
    instead: Any,
    kind: str,
) -> None:
    broken = [
        mutate(json.loads(line), iter(path), instead) for line in write(questions).splitlines()
    ]
    data = b"".join(json.dumps(each).encode() + b"\n" for each in broken)
    assert_accounted(items(data, kind))


@given(
    lists(),
    st.sampled_from(
        [squad, mrqa, flat, lambda _: dump(row(Id="1", PostTypeId="1", Title="a", Body="b"))]
    ),
    st.integers(0, 400),
    st.sampled_from(FORMATS),
    st.binary(max_size=40),
)
def test_what_is_cut_or_torn_raises_nothing(
    questions: list[Asked],
    write: Callable[[list[Asked]], bytes],
    cut: int,
    kind: str,
    noise: bytes,
) -> None:
    data = write(questions)
    packed = gzip.compress(data, mtime=0)
    for each in (data[:cut] + noise + data[cut:], packed[: cut or None], packed[:cut] + noise):
        assert_accounted(items(each, kind))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"data":' * 50_000,
        b'{"context": "a", "qas": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]><row Id="1" Title="&d;"/>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<row Id="1" PostTypeId="1" Title="&b;"/>',
        b"",
    ],
)
def test_what_is_built_to_break_readers_is_told(kind: str, data: bytes) -> None:
    found = items(data, kind)
    assert_accounted(found)
    assert not any(isinstance(item, Raw) for item in found)
    assert found or not data or kind == "mrqa"
