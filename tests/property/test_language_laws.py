"""Laws of the language of a file: no fault on any input, and nothing beyond the head or the evidence."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from filters._language_lines import by_mark, by_modeline, by_shebang
from filters._language_table import tables
from filters.language import HEAD, language_evidence, programming_language
from filters.origin import is_generated, is_vendored

_EXTENSIONS = sorted(tables().extensions)
_SIGNS = st.sampled_from(
    [
        "#!/bin/sh\n",
        "# -*- perl -*-\n",
        "% x\n",
        "(* a *)\n",
        "class A {\n",
        "\\a\n",
        ":- b.\n",
        "\r\n",
    ]
)
_TEXTS = st.one_of(
    st.text(alphabet=st.characters(), max_size=300),
    st.lists(st.one_of(_SIGNS, st.text(max_size=20)), max_size=30).map("".join),
)
_PATHS = st.one_of(
    st.text(alphabet=st.characters(), max_size=60),
    st.sampled_from(_EXTENSIONS).map(lambda each: f"a/b.{each}"),
)


@given(_PATHS, _TEXTS)
def test_any_text_and_path_has_an_answer_of_the_table(path: str, text: str) -> None:
    told = language_evidence(path, text)
    assert (told.language is None) == (told.by == "")
    assert told.language is None or told.language in tables().kinds
    assert programming_language(path, text) in {told.language, None}
    assert is_vendored(path) in {True, False}
    assert is_generated(path, text) in {True, False}


@given(_PATHS, st.lists(_TEXTS, min_size=1, max_size=4), _TEXTS)
def test_what_lies_behind_the_head_does_not_count(path: str, parts: list[str], behind: str) -> None:
    seed = "".join(parts) or "x"
    head = (seed * (HEAD // len(seed) + 1))[:HEAD]
    assert language_evidence(path, head + behind) == language_evidence(path, head)


@given(st.sampled_from(_EXTENSIONS), _TEXTS)
def test_an_extension_gives_one_of_its_languages_unless_a_line_says_otherwise(
    extension: str, text: str
) -> None:
    told = language_evidence(f"a.{extension}", text)
    if told.by not in {"shebang", "modeline"}:
        assert told.language is None or told.language in tables().extensions[extension]
    else:
        head = text.removeprefix("\ufeff")
        assert told.language in {*by_shebang(head), by_modeline(head)}


@given(_TEXTS)
def test_no_line_is_read_beyond_its_bounds(text: str) -> None:
    assert by_modeline("x\n" * 3000 + text + "x\n" * 3000) == by_modeline("x\n" * 9000)
    assert by_mark(" " * 300 + text) is None


@given(st.sampled_from(_EXTENSIONS), _TEXTS)
def test_leaving_the_classifier_out_only_takes_answers_away(extension: str, text: str) -> None:
    name = f"a.{extension}"
    full, without = language_evidence(name, text), language_evidence(name, text, classifier=False)
    assert full == without or full.by == "classifier"
