"""Laws of comments: no fault on any text, nothing that is not in it, and what is put in is told."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from filters._scripts import count_scripts
from filters.comments import _scanners, comment_language, comments
from filters.prose import natural_language, supported_languages

_LANGUAGES = st.sampled_from(sorted(_scanners()))
_SIGNS = st.sampled_from(
    [
        "#",
        "//",
        "/*",
        "*/",
        '"',
        "'",
        '"""',
        "\\",
        "\n",
        "--",
        "{-",
        "-}",
        "(*",
        "*)",
        "%",
        ";",
        "<!--",
    ]
)
_TEXTS = st.one_of(
    st.text(alphabet=st.characters(), max_size=300),
    st.lists(st.one_of(_SIGNS, st.text(max_size=12)), max_size=40).map("".join),
)
_CODES = supported_languages() | {"und"}
_KOREAN = "맷돌이 곡식을 갈면 가루가 자루 안으로 떨어지고 물이 적으면 움직이지 않는다."
_WAYS = {
    "C": "/* {} */",
    "Python": "# {}",
    "Haskell": "-- {}",
    "Common Lisp": "; {}",
    "Erlang": "% {}",
    "OCaml": "(* {} *)",
    "XML": "<!-- {} -->",
}


@given(_LANGUAGES, _TEXTS)
def test_any_text_has_comments_that_stand_in_it_in_order(language: str, text: str) -> None:
    place = 0
    for comment in comments(language, text):
        place = text.index(comment, place) + len(comment)
    assert comment_language(language, text) in _CODES


@given(_TEXTS)
def test_any_text_has_a_code_that_is_supported(text: str) -> None:
    assert natural_language(text) in _CODES
    found = count_scripts(text)
    assert found.letters == int(found.counts[1:].sum())


@given(st.sampled_from(sorted(_WAYS)), st.integers(0, 30), st.integers(0, 30))
def test_comments_put_in_give_their_language(language: str, before: int, behind: int) -> None:
    said = _WAYS[language].format(_KOREAN)
    text = "x = f(1)\n" * before + said + "\n" + "y = g(2)\n" * behind
    assert comment_language(language, text) == "ko"


@given(_LANGUAGES, _TEXTS, _TEXTS)
def test_what_lies_behind_the_head_does_not_count(language: str, text: str, behind: str) -> None:
    head = ((text or "x") * 8_192)[:8_192]
    assert comment_language(language, head + behind) == comment_language(language, head)
