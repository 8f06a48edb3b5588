"""Laws of decontamination: every shared n-gram is found, and nothing that is not there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from filters.decontam import Keys, Protected, make_keys
from filters.decontam_index import Passage, build
from filters.decontam_words import words_of
from filters.document import Document

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY = [f"{one}{other}x" for one in LETTERS for other in "aeiou"]
words = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=60)
few_words = st.lists(st.sampled_from(VOCABULARY[:12]), min_size=1, max_size=60)
separators = st.sampled_from(
    [" ", "\n", ", ", " <b>", "** ", " — ", "&nbsp;", "\t\t", ".\r\n", "[7] "]
)
NONE: Keys = make_keys(())


def protect(passages: list[list[str]], ngram: int) -> Protected:
    index = build((Passage(0, str(n), " ".join(each)) for n, each in enumerate(passages)), ngram)
    return Protected(ngram=ngram, by=("ngram",), sets=("set",), index=index, ids=NONE, titles=NONE)


def keeps(protected: Protected, text: str) -> bool:
    return protected.judge(Document(id="d", text=text, sha256="", source="s")).keep


def grams(text: list[str], ngram: int) -> set[tuple[str, ...]]:
    """The n-grams that say something."""
    every = zip(*(text[start:] for start in range(ngram)), strict=False)
    return {gram for gram in every if len(set(gram)) > ngram // 2}


def contains(text: list[str], passage: list[str]) -> bool:
    size = len(passage)
    return any(text[at : at + size] == passage for at in range(len(text) - size + 1))


@given(st.lists(few_words, max_size=4), few_words, st.integers(8, 20))
def test_a_document_goes_exactly_if_it_shares_an_ngram_or_a_whole_shorter_passage(
    passages: list[list[str]], text: list[str], ngram: int
) -> None:
    found = any(grams(text, ngram) & grams(each, ngram) for each in passages) or any(
        5 <= len(each) < ngram and len(set(each)) >= 4 and contains(text, each) for each in passages
    )
    assert keeps(protect(passages, ngram), " ".join(text)) != found


@given(
    st.integers(4, 14),
    st.lists(st.integers(0, 49), min_size=1, max_size=4),
    st.integers(0, 9),
    st.integers(0, 9),
    st.booleans(),
)
def test_what_a_crowd_of_passages_begins_with_hides_none_of_them(
    shared: int, chosen: list[int], first: int, end: int, whole: bool
) -> None:
    opening = VOCABULARY[:shared]
    passages = [
        [*opening, VOCABULARY[20 + at], VOCABULARY[72 + at], *VOCABULARY[60 : 60 + at % 6]]
        for at in range(50)
    ]
    pieces = [passages[at][first : None if whole else end] for at in chosen]
    text = [word for piece in pieces for word in [*piece, "between"]]
    found = any(grams(text, 13) & grams(each, 13) for each in passages) or any(
        len(each) < 13 and contains(text, each) for each in passages
    )
    assert keeps(protect(passages, 13), " ".join(text)) != found


@given(words, words, words, st.lists(separators, min_size=1, max_size=9))
def test_a_planted_passage_is_found_in_any_dress(
    before: list[str], passage: list[str], after: list[str], between: list[str]
) -> None:
    if len(set(passage)) < 13:
        return
    dressed = "".join(word.upper() + between[at % len(between)] for at, word in enumerate(passage))
    text = f"{' '.join(before)} {dressed} {' '.join(after)}"
    assert not keeps(protect([passage], 13), text)


@given(st.text(max_size=200), st.booleans())
def test_places_are_in_order_and_inside_and_change_no_word(text: str, twice: bool) -> None:
    text = text * 2 if twice else text
    cut = words_of(text, places=True)
    assert cut.hashes.tolist() == words_of(text).hashes.tolist()
    flat = [place for pair in zip(cut.starts, cut.ends, strict=True) for place in pair]
    assert flat == sorted(flat)
    assert all(0 <= place <= len(text.encode("utf-8", "surrogatepass")) for place in flat)
    assert all(start < end for start, end in zip(cut.starts, cut.ends, strict=True))


@given(st.lists(words, max_size=6), words)
def test_the_order_of_passages_changes_no_verdict(
    passages: list[list[str]], text: list[str]
) -> None:
    spelled = " ".join(text)
    assert keeps(protect(passages, 8), spelled) == keeps(protect(passages[::-1], 8), spelled)


@given(st.text(max_size=300))
def test_any_text_is_judged(text: str) -> None:
    protected = protect([VOCABULARY[:20]], 13)
    assert keeps(protected, text)
