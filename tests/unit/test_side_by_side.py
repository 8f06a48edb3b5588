"""The difference of two texts: its pieces add up to both, and its work is bounded; how a pair is shown."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline.cli.pairs import as_json, closing, print_pairs
from pipeline.sample import Pair, Sample, Side
from pipeline.side_by_side import Difference, difference

TEXTS = st.text(st.sampled_from("ab \n\t.漢字\u0301\u200b\x1b\r\u2028é"), max_size=60)


def sides(found: Difference) -> tuple[str, str]:
    first = "".join(piece.text for piece in found.pieces if piece.kind != "insert")
    return first, "".join(piece.text for piece in found.pieces if piece.kind != "delete")


def told(first: str, second: str) -> str:
    signs = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(signs[kind].format(text) for kind, text in difference(first, second).pieces)


@given(TEXTS, TEXTS, st.sampled_from((0, 30, 10_000)))
def test_the_pieces_add_up_to_both_texts_whatever_work_is_allowed(
    a: str, b: str, work: int
) -> None:
    found = difference(a, b, work)
    assert sides(found) == (a, b)
    kinds = [piece.kind for piece in found.pieces]
    assert all(piece.text for piece in found.pieces)
    assert all(one != other for one, other in pairwise(kinds))
    assert ("insert", "delete") not in pairwise(kinds)


@given(TEXTS)
def test_a_text_is_equal_to_itself(text: str) -> None:
    assert difference(text, text, 0) == Difference((("equal", text),) if text else (), False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("the old mill turns", "the new mill turns", "the [-old-]{+new+} mill turns"),
        ("one two\n", "one two three\n", "one two{+ three+}\n"),
        ("a\nb\nc\n", "a\nc\n", "a\n[-b\n-]c\n"),
        ("x  y", "x y", "x [- -]y"),
        ("x\ny", "x y", "x[-\n-]{+ +}y"),
        ("some old words here", "some new signs here", "some [-old words-]{+new signs+} here"),
        ("水车转动", "水车停动", "水车[-转-]{+停+}动"),
        ("ที่นี่", "ที่นั่", "ที่[-นี่-]{+นั่+}"),
        ("naïve cafés", "naïve café", "naïve [-cafés-]{+café+}"),
        ("हिन्दी पाठ", "हिन्दी पाठक", "हिन्दी [-पाठ-]{+पाठक+}"),
        ("f(a, b)", "f(a, c)", "f(a, [-b-]{+c+})"),
        ("", "new", "{+new+}"),
        ("", "", ""),
    ],
)
def test_words_and_spaces_are_told_apart(first: str, second: str, expected: str) -> None:
    assert told(first, second) == expected


def megabyte(seed: int) -> list[str]:
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdefghij", k=draw.randrange(2, 9))) for _ in range(20_000)]
    return draw.choices(words, [1 / rank for rank in range(1, 20_001)], k=170_000)


def test_a_few_words_are_found_in_a_megabyte_on_one_line() -> None:
    words = megabyte(1)
    changed = list(words)
    for at in (5, 40_000, 169_000):
        changed[at] = "otherwise"
    found = difference(" ".join(words), " ".join(changed))
    assert not found.cut_short
    assert [p.text for p in found.pieces if p.kind == "delete"] == [words[a] for a in (5, 40_000, 169_000)]  # fmt: skip
    assert sides(found) == (" ".join(words), " ".join(changed))


def test_runs_of_tokens_anchor_where_no_token_stands_once() -> None:
    draw = random.Random(2)
    bits = draw.choices("01", k=30_000)
    less = [bit for at, bit in enumerate(bits) if at % 1_000 != 500]
    found = difference(" ".join(bits), " ".join(less))
    assert not found.cut_short
    assert sum(len(piece.text.split()) for piece in found.pieces if piece.kind == "delete") < 60


@pytest.mark.timeout(300)
def test_hopeless_texts_are_cut_short_in_bounded_time() -> None:
    draw = random.Random(3)
    first, second = ("\n".join(draw.choices("01", k=500_000)) for _ in range(2))
    found = difference(first, second)
    assert found.cut_short
    assert sides(found) == (first, second)


# ---- how a pair is shown


def pair(removed: str, kept: str) -> Pair:
    one, other = (
        Side(id=name, source="s", input="in.jsonl", row=row, text=text)
        for row, (name, text) in enumerate((("r\x1b[2J\n", removed), ("k", kept)))
    )
    return Pair(
        kind="near", stage="near", reason="jaccard:0.9000", similarity=0.9, shared=9, union=10,
        shingles=None, removed=one, kept=other,
    )  # fmt: skip


def shown(capsys: pytest.CaptureFixture[str], *pairs: Pair) -> list[str]:
    print_pairs(Sample(pairs, 12, 0, 0), None)
    return capsys.readouterr().out.splitlines()


def test_equal_lines_are_folded_and_changes_stand_in_marks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [f"line {number}" for number in range(40)]
    changed = [*lines[:20], "line twenty", *lines[21:]]
    said = shown(capsys, pair("\n".join(lines), "\n".join(changed)))
    assert said[0] == "1 of 1: near, jaccard:0.9000, 9 of 10 shingles shared"
    assert said[1] == "  removed  r<U+001B>[2J<U+000A>  (source s, in.jsonl#0)"
    assert said[2] == "  kept     k  (source s, in.jsonl#1)"
    body = [line.removeprefix("  | ") for line in said[3:-2]]
    assert body == [
        *lines[:3], "… 14 lines the same …", *lines[17:20],
        "line [-20-]{+twenty+}",
        *lines[21:24], "… 13 lines the same …", *lines[37:],
    ]  # fmt: skip
    assert said[-1] == "1 of 12 removed documents"


def test_long_stretches_are_folded_and_nothing_is_wrapped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = " ".join(f"w{number}" for number in range(2_000))
    said = shown(capsys, pair(f"{words} old {words}", f"{words} new {words}"))
    (line,) = (line for line in said if "[-" in line)
    assert "[-old-]{+new+}" in line
    assert line.count("characters the same …") == 2
    (gone,) = (line for line in shown(capsys, pair(words, "")) if "[-" in line)
    assert gone.startswith("  | [-w0 w1")
    assert " characters … " in gone


def test_lines_only_one_side_has_are_marked_line_by_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = shown(capsys, pair("a\nb\n\nc\nd\n", "a\nd\ne\n"))
    assert [line[4:] for line in said[3:-2]] == ["a", "[-b-]", "", "[-c-]", "d", "{+e+}"]


def test_what_nobody_sees_is_spelt_and_no_character_steers_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = shown(capsys, pair("a\u200bb \x1b[31m\u202e x\n y\x9b", "ab \x1b[31m\u202e x\ty\x9b"))
    text = "\n".join(said)
    assert not set("\x1b\u202e\u200b\x9b") & set(text)
    assert "<U+001B>[31m<U+202E>" in text
    assert "<U+200B>" in text
    assert "[-↵-]" in text
    assert "{+⇥+}" in text


def test_on_a_terminal_both_stand_side_by_side_in_colours_and_marks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console = Console(width=100, force_terminal=True, color_system="standard")
    both = pair("same\nthe old mill [b]x[/b]\n", "same\nthe new mill [b]x[/b]\n")
    print_pairs(Sample((both,), 1, 0, 0), console)
    out = capsys.readouterr().out
    assert "\x1b[1;31m[-old-]\x1b[0m" in out
    assert "\x1b[1;32m{+new+}\x1b[0m" in out
    (row,) = (line for line in out.splitlines() if "[-old-]" in line)
    assert row.count("mill [b]x[/b]") == 2
    assert row.index("[-old-]") < row.index("{+new+}")
    assert "[2J" not in out.replace("<U+001B>[2J", "")


def test_json_holds_all_of_the_difference_and_says_when_it_was_cut_short() -> None:
    made = as_json(pair("the old mill", "the new mill"))
    assert [list(piece) for piece in made["difference"]] == [
        ["equal", "the "], ["delete", "old"], ["insert", "new"], ["equal", " mill"],
    ]  # fmt: skip
    assert made["cut_short"] is False
    assert made["removed"]["text"] == "the old mill"
    place = {"id": "k", "source": "s", "input": "in.jsonl", "row": 1}
    assert made["kept"] == place | {"text": "the new mill"}


def test_the_last_line_counts_what_no_pair_shows() -> None:
    assert closing(Sample((), 0, 0, 0)) == "0 of 0 removed documents"
    said = closing(Sample((pair("a", "b"),), 1_234, 5, 6))
    assert said.startswith(
        "1 of 1,234 removed documents; not shown: 5 copies of opted-out documents"
    )
    assert said.endswith(", 6 that went without a kept document whose text is at hand")
