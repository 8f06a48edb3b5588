"""The way of a span through NFC."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from filters.normalise import IDENTITY, Edit, nfc, offset_map

SURROGATES = range(0xD800, 0xE000)
CAFE = "un cafe\u0301 noir"


def test_text_in_nfc_is_returned_as_it_is() -> None:
    text = "물레방아 und Mühle"
    same, change = nfc(text)
    assert same is text
    assert change is IDENTITY
    assert change.forward(3, 9) == (3, 9)


def test_a_span_behind_a_composed_cluster_moves() -> None:
    text, change = nfc(CAFE)
    assert text == "un caf\u00e9 noir"
    assert change.forward(9, 13) == (8, 12)
    assert change.backward(8, 12) == (9, 13)


def test_a_span_that_ends_on_a_cluster_takes_all_of_it() -> None:
    text, change = nfc(CAFE)
    moved = change.forward(3, 8)
    assert moved is not None
    assert text[slice(*moved)] == "caf\u00e9"


@pytest.mark.parametrize("span", [(3, 7), (7, 13), (7, 8)])
def test_a_span_that_cuts_a_cluster_has_no_place(span: tuple[int, int]) -> None:
    assert nfc(CAFE)[1].forward(*span) is None


def test_reordered_marks_leave_their_letter_out_of_the_edit() -> None:
    letter, shadda, fatha = "\u0628", "\u0651", "\u064e"
    text, change = nfc(letter + shadda + fatha + letter)
    assert text == letter + fatha + shadda + letter
    assert change.forward(0, 1) == (0, 1)
    assert change.forward(0, 2) is None
    assert change.forward(3, 4) == (3, 4)


def test_a_character_that_grows_pushes_what_follows() -> None:
    text, change = nfc("\u0958a")  # a composition exclusion: two code points in NFC
    assert text == "\u0915\u093ca"
    assert change.forward(1, 2) == (2, 3)
    assert change.forward(0, 1) == (0, 2)
    assert change.backward(1, 3) is None


def test_hangul_jamo_compose_syllable_by_syllable() -> None:
    old = unicodedata.normalize("NFD", "서울은 강")
    text, change = nfc(old)
    assert text == "서울은 강"
    assert change.forward(0, 5) == (0, 2)
    assert change.forward(0, 4) is None


def test_every_character_keeps_to_its_cluster() -> None:
    text = "".join(f"e\u0301{chr(code)}\u0323" for code in range(0x32000) if code not in SURROGATES)
    assert nfc(text)[0] == unicodedata.normalize("NFC", text)


def test_the_planes_that_are_not_searched_hold_nothing_to_compose() -> None:
    rest = "".join(map(chr, range(0x30000, sys.maxunicode + 1)))
    assert unicodedata.normalize("NFD", rest) == rest
    assert not any(map(unicodedata.combining, rest))


def test_edits_that_insert_and_delete_keep_spans_tight() -> None:
    change = offset_map([Edit(2, 2, 3), Edit(4, 6, 0)])  # "ab|cd(ef)gh"
    assert change.forward(0, 2) == (0, 2)
    assert change.forward(2, 4) == (5, 7)
    assert change.forward(6, 8) == (7, 9)
    assert change.forward(5, 8) is None
    assert change.backward(5, 7) == (2, 4)
    assert change.backward(7, 9) == (6, 8)


@pytest.mark.parametrize(
    "edits", [[Edit(3, 5, 1), Edit(4, 6, 1)], [Edit(5, 4, 1)], [Edit(0, 1, -1)]]
)
def test_edits_that_overlap_or_run_backwards_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="edit"):
        offset_map(edits)
