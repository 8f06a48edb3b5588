"""Quality filters drop for the rule they name; a threshold of 0 is a threshold."""

from __future__ import annotations

import pickle

import msgspec
import pytest

from filters.document import KEEP, Document
from filters.quality import (
    C4,
    QUALITY_FILTERS,
    SCORES,
    Code,
    FineWeb,
    GopherQuality,
    GopherRepetition,
    Measures,
    QualityFilter,
    measure,
    measures_of,
    quality_filters,
)
from filters.quality.signs import code_points, signs_of
from filters.quality.word_kernels import cut_words

SENTENCES = (
    "The mill stands at the edge of the river and has ground grain for three hundred years.",
    "Its wheel turns slowly, but the stones above it turn fast enough to warm the flour.",
    "Farmers bring their wheat in autumn and wait with their carts along the narrow road.",
    "Nobody remembers who built the first house here, although a date is cut into the beam.",
    "In winter the water freezes, so the miller repairs what the summer has worn out.",
    "Children like to watch the gears, which are made of oak and greased with tallow.",
)
GOOD = "\n".join(SENTENCES)


def document(text: str, path: str = "", language: str = "en") -> Document:
    return Document(id="1", text=text, sha256="", source="s", path=path, language=language)


def scores(text: str) -> dict[str, float]:
    return measure(text, Measures())


@pytest.mark.parametrize("each", QUALITY_FILTERS)
def test_good_prose_is_kept(each: QualityFilter) -> None:
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
        (GOOD + "\nIt reads f(x) = {1, 2} here.", "curly-bracket"),
        (GOOD + "\nLorem ipsum dolor sit amet.", "lorem-ipsum"),
        ("One sentence only stands here.", "sentences"),
        ("no end\n" * 20, "sentences"),
        (GOOD.replace("The mill", "Javascript").replace("Its wheel", "JavaScript"), "sentences"),
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
    assert found["top-2-gram"] == pytest.approx(2 * 13 / 139)  # with the blank between


def test_scores_are_the_figures_of_the_reasons() -> None:
    text = GOOD + " #" * 20
    verdict = GopherQuality().judge(document(text))
    assert verdict.detail["figure"] == pytest.approx(scores(text)["symbols"], abs=1e-6)
    assert all(figure == 0 for figure in scores("").values())


def test_names_give_filters_and_unknown_ones_a_suggestion() -> None:
    assert quality_filters(["c4", "gopher"]) == (C4(), GopherQuality())
    assert quality_filters(each.name for each in QUALITY_FILTERS) == QUALITY_FILTERS
    with pytest.raises(ValueError, match=r"quality: .*'gophr'; did you mean 'gopher'.*'xyz'"):
        quality_filters(["gophr", "xyz", "c4"])


def test_filters_are_values_from_config() -> None:
    rule = msgspec.convert({"min_words": 0}, GopherQuality)
    assert rule == GopherQuality(min_words=0)
    assert pickle.loads(pickle.dumps(rule)) == rule
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"min_word": 0}, GopherQuality)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("\n".join(SENTENCES).replace(".", ""), "terminal-lines"),
        ("\n".join([*SENTENCES, *(f"A short line {n}." for n in range(20))]), "short-lines"),
        ("\n".join([*SENTENCES, SENTENCES[0]]), "duplicate-characters"),
        ("\n".join(f"{'electroencephalograms' * 2} {n}." for n in range(20)), "newlines"),
        ("", "terminal-lines"),
    ],
)
def test_fineweb_names_the_rule(text: str, rule: str) -> None:
    assert FineWeb().judge(document(text)).reason == f"fineweb:{rule}"


PYTHON = "\n".join(f"def grind_{n}(wheat):\n    return wheat * {n}\n" for n in range(9))


@pytest.mark.parametrize(
    ("text", "path", "rule"),
    [
        (PYTHON + "x = 1  # " + "long " * 250, "a.py", "longest-line"),
        ("\n".join("y = " + "a_b + " * 20 for _ in range(9)), "a.py", "mean-line"),
        ("\n".join("1 + 2 * 3 - 4 / 5 ** 6" for _ in range(9)), "a.py", "alphabetic-characters"),
        (PYTHON + "\n".join(f'"{chr(65 + n) * 90}"' for n in range(20)), "a.py", "encoded"),
        (PYTHON + "\n" + "\n".join("Zm9vYmFy" * 9 for _ in range(40)), "a.py", "encoded-run"),
        (PYTHON + "\n" + "0x4d, 0x5a,\n" * 200, "a.py", "encoded-run"),
        ("# Generated by a tool. DO NOT EDIT.\n" + PYTHON, "a.py", "generated"),
        (PYTHON, "vendor/a.py", ""),
        (PYTHON + "\n" + "\\x4d\\x5a" * 40, "a.py", ""),
        ("word\n" * 600, "a.py", ""),  # a column of words is no base64
        ("[\n" + "1,\n" * 600 + "2]", "a.json", "alphabetic-characters"),
        ("{\n" + '"wheat": "flour",\n' * 600 + "}", "a.json", "data-lines"),
        ('{"wheat": "' + "flour " * 400 + '"}', "a.json", ""),  # a language of long lines
        (PYTHON, "a.py", ""),
    ],
)
def test_code_names_the_rule(text: str, path: str, rule: str) -> None:
    found = Code().judge(document(text, path, ""))
    assert found.reason == (f"code:{rule}" if rule else "")


def test_generated_and_vendored_files_go_on_demand() -> None:
    made = document("# Generated by a tool. DO NOT EDIT.\n" + PYTHON, "a.py", "")
    assert Code(max_generated="off").judge(made).keep
    assert Code(max_vendored=0).judge(document(PYTHON, "vendor/a.py", "")).reason == "code:vendored"


def test_each_filter_judges_what_it_was_made_for() -> None:
    korean = Document(
        id="1", text="물레방아는 강가에 서 있다. " * 9, sha256="", source="s", language="ko"
    )
    for each in QUALITY_FILTERS:
        on_code = each.judge(document("x" * 2000, "a.py", ""))
        on_prose = each.judge(document("x" * 2000))
        assert on_code.keep == (each.name != "code")
        assert (
            on_prose.keep == (each.name in {"code", "gopher-repetition"})
            or each.name == "gopher-repetition"
        )
    assert GopherQuality().judge(korean) == KEEP
    assert not GopherQuality(languages=("ko",)).judge(korean).keep
    assert not GopherQuality(languages=("*",)).judge(korean).keep
    assert not GopherRepetition().judge(korean).keep  # it is written with blanks
    assert GopherRepetition().judge(msgspec.structs.replace(korean, language="ja")) == KEEP
    assert Code(languages=("Rust",)).judge(document("x" * 2000, "a.py", "")) == KEEP


def test_a_rule_that_is_off_drops_nothing() -> None:
    off = {rule.field: "off" for rule in GopherQuality.rules}
    assert GopherQuality(**off).judge(document("")) == KEEP  # type: ignore[arg-type]  # all of them thresholds
    assert not GopherQuality(**{**off, "min_words": 1}).judge(document("")).keep  # type: ignore[arg-type]  # as above


def test_every_rule_has_a_threshold_and_a_figure() -> None:
    from filters.quality import rule_score

    for each in QUALITY_FILTERS:
        assert {rule_score(rule) for rule in each.rules} <= set(SCORES)
        assert all(hasattr(each, rule.field) for rule in each.rules)
        thresholds = {name for name in each.__struct_fields__ if name.startswith(("min_", "max_"))}
        assert thresholds == {rule.field for rule in each.rules}


def test_figures_depend_on_stop_words_and_short_lines_alone() -> None:
    assert measures_of(QUALITY_FILTERS) == Measures()
    assert measures_of([GopherQuality(min_words=0), C4(min_sentences=9)]) == Measures()
    filters = [GopherQuality(stop_words=("der", "die")), FineWeb(short_line=9), C4()]
    assert measures_of(filters) == Measures(stop_words=("der", "die"), short_line=9)
    assert measure("der die das", measures_of(filters))["stop-words"] == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The mill (old) isn't far.", "The mill ( old ) is n't far ."),
        ("It's e.g. the U.S. one, Mr. Miller's.", "It 's e.g. the U.S. one , Mr. Miller 's ."),
        ("well-known words, 10kg for $5", "well - known words , 10 kg for $ 5"),
        ("see https://a.example/b-c, or a.example/b-c.", "see https://a.example/b-c , or a.example/b-c ."),
        ("wait... what?!", "wait ... what ? !"),
        ("and/or x=y 3-4 -5 --all", "and / or x = y 3 - 4 -5 --all"),
        ("we'll they’ve I'd", "we 'll they ’ve I 'd"),
        ("물레방아는 돈다.", "물레방아는 돈다 ."),
        (" \n\t", ""),
        ("end.Next", "end . Next"),
    ],
)  # fmt: skip
def test_words_are_cut_as_in_a_treebank(text: str, words: str) -> None:
    points = code_points(text)
    spans = cut_words(points, signs_of(points)).tolist()
    assert [text[start:end] for start, end in spans] == words.split()
