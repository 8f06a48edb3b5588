"""Quality filters drop for the rule they name; a threshold of 0 is a threshold."""

from __future__ import annotations

import pickle

import msgspec
import pytest

from filters.document import KEEP, Document
from filters.quality import C4, GopherQuality, GopherRepetition, quality_filters, scores

SENTENCES = (
    "The mill stands at the edge of the river and has ground grain for three hundred years.",
    "Its wheel turns slowly, but the stones above it turn fast enough to warm the flour.",
    "Farmers bring their wheat in autumn and wait with their carts along the narrow road.",
    "Nobody remembers who built the first house here, although a date is cut into the beam.",
    "In winter the water freezes, so the miller repairs what the summer has worn out.",
    "Children like to watch the gears, which are made of oak and greased with tallow.",
)
GOOD = "\n".join(SENTENCES)


def document(text: str) -> Document:
    return Document(id="1", text=text, sha256="", source="s")


@pytest.mark.parametrize("each", quality_filters(["gopher", "gopher-repetition", "c4"]))
def test_good_prose_is_kept(each: GopherQuality | GopherRepetition | C4) -> None:
    assert each.judge(document(GOOD)) == KEEP


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "words"),
        ("the cat sat", "words"),
        ("a the of " * 40, "mean-length"),
        ("internationalisation the of counterrevolutionary extraterritorial " * 30, "mean-length"),
        (GOOD + " #" * 20, "symbols"),
        (GOOD + " 12345" * 60, "alphabetic"),
        ("purple monkey dishwasher seven " * 20, "stop-words"),
        ("\n".join(f"- {line}" for line in SENTENCES), "bulleted"),
        ("\n".join(line[:-1] + "..." for line in SENTENCES), "ellipsis"),
    ],
)
def test_gopher_quality_names_the_rule(text: str, rule: str) -> None:
    assert GopherQuality().judge(document(text)).reason == f"gopher:{rule}"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("one line here\n" * 10, "lines"),
        ("\n".join([*(f"short {n}" for n in range(12)), *SENTENCES[:1] * 3]), "line-characters"),
        ("\n\n".join(["a b c\nd e f"] * 3 + ["g h i\nj k l"]), "lines"),
        ("spam ham " * 50, "top-2-gram"),
        (
            SENTENCES[0] + " " + " ".join(SENTENCES) + " " + " ".join(SENTENCES[:4]),
            "repeated-5-gram",
        ),
    ],
)
def test_gopher_repetition_names_the_rule(text: str, rule: str) -> None:
    assert GopherRepetition().judge(document(text)).reason == f"gopher-repetition:{rule}"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (GOOD + "\nfunction f() {", "curly-bracket"),
        (GOOD + "\nLorem ipsum dolor sit amet.", "lorem-ipsum"),
        ("One sentence only stands here.", "sentences"),
        ("no end\n" * 20, "sentences"),
        ("", "sentences"),
    ],
)
def test_c4_names_the_rule(text: str, rule: str) -> None:
    assert C4().judge(document(text)).reason == f"c4:{rule}"


def test_a_threshold_of_zero_is_a_threshold() -> None:
    assert GopherQuality(max_bulleted=0.0).judge(document(f"- {GOOD}")).reason == "gopher:bulleted"
    assert GopherQuality(max_symbols=0.0).judge(document(f"# {GOOD}")).reason == "gopher:symbols"
    assert (
        GopherQuality(min_words=0, min_stop_words=0, min_mean_length=0, min_alphabetic=0).judge(
            document("")
        )
        == KEEP
    )
    twice = f"{GOOD}\nSo it goes.\nSo it goes."
    assert GopherRepetition().judge(document(twice)) == KEEP
    strict = GopherRepetition(max_lines=0.0)
    assert strict.judge(document(twice)).reason == "gopher-repetition:lines"
    assert C4(min_sentences=0).judge(document("")) == KEEP


def test_repeated_ngram_characters_are_counted_once() -> None:
    # ten words, then the same ten: the second ten are repeated, whatever n is
    words = " ".join(f"word{n:02d}" for n in range(10))
    found = scores(f"{words} {words}")
    assert found["repeated-5-gram"] == found["repeated-10-gram"] == pytest.approx(60 / 139)
    assert found["top-2-gram"] == pytest.approx(24 / 139)


def test_scores_are_the_figures_of_the_reasons() -> None:
    text = GOOD + " #" * 20
    verdict = GopherQuality().judge(document(text))
    assert verdict.detail["figure"] == pytest.approx(scores(text)["symbols"], abs=1e-6)
    assert all(figure == 0 for figure in scores("").values())


def test_names_give_filters_and_unknown_ones_a_suggestion() -> None:
    assert quality_filters(["c4", "gopher"]) == (C4(), GopherQuality())
    with pytest.raises(ValueError, match=r"quality: .*'gophr'; did you mean 'gopher'.*'xyz'"):
        quality_filters(["gophr", "xyz", "c4"])


def test_filters_are_values_from_config() -> None:
    rule = msgspec.convert({"min_words": 0}, GopherQuality)
    assert rule == GopherQuality(min_words=0)
    assert pickle.loads(pickle.dumps(rule)) == rule
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"min_word": 0}, GopherQuality)
