"""Confidence is judged by laws that any system keeps, and the page shows figures and nothing else."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.qa import score as command
from pipeline.errors import InputError
from pipeline.qa.likeness import SQUAD_1
from pipeline.qa.score import Gold, judged, score_one
from pipeline.qa.scored.confidence import (
    BINS,
    Sure,
    bins,
    brier,
    calibration_error,
    coverage_curve,
    error_by_chance,
    figures,
    paired,
    wilson,
)
from pipeline.qa.scored.kinds import ANSWER, CONTEXT, class_of, classes
from tests.conftest import Ask
from tests.unit.test_qa_published import SHARED
from tests.unit.test_report import HOSTILE, read

published = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no published QA sets under {SHARED}")
SHARES = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0.0, 1.0))
PREDICTIONS = st.tuples(SHARES, st.booleans(), SHARES).map(
    lambda drawn: Sure(drawn[0], float(drawn[1]), 1.0 if drawn[1] else drawn[2])
)
ANSWERS = st.lists(PREDICTIONS, min_size=1, max_size=120)
PRECISIONS = (1.0, 50.0, 80.0, 100.0)


@given(ANSWERS, st.integers(0, 9), st.randoms(use_true_random=False))
def test_no_figure_depends_on_the_order(
    sure: list[Sure], missing: int, chance: random.Random
) -> None:
    mixed = chance.sample(sure, len(sure))
    assert figures(mixed, missing, PRECISIONS) == figures(sure, missing, PRECISIONS)
    assert coverage_curve(mixed, missing) == coverage_curve(sure, missing)
    assert bins(mixed) == bins(sure)


@given(ANSWERS)
def test_errors_are_shares_and_bins_hide_some_of_them(sure: list[Sure]) -> None:
    off = calibration_error(sure)
    each = math.fsum(abs(one.confidence - one.exact) for one in sure) / len(sure)
    whole = abs(math.fsum(one.confidence - one.exact for one in sure)) / len(sure)
    assert 0.0 <= off <= 1.0
    assert whole - 1e-9 <= off <= each + 1e-9
    assert 0.0 <= brier(sure) <= each + 1e-9
    assert 0.0 <= error_by_chance(sure) <= 1.0


@given(ANSWERS)
def test_bins_hold_all_and_equal_confidences_together(sure: list[Sure]) -> None:
    found = bins(sure)
    assert len(found) <= BINS
    assert sum(each.answers for each in found) == len(sure)
    assert [each.confidence for each in found] == sorted(each.confidence for each in found)
    assert all(0.0 <= each.low <= each.exact <= each.high <= 1.0 for each in found)
    if len({each.confidence for each in sure}) == len(sure):
        assert {each.answers for each in found} <= {len(sure) // BINS, -(-len(sure) // BINS)}


@given(st.lists(st.integers(0, 10), min_size=1, max_size=40, unique=True), st.integers(1, 4))
def test_who_is_right_as_often_as_he_says_has_no_error(tenths: list[int], times: int) -> None:
    sure = [
        Sure(tenth / 10, float(at < tenth), float(at < tenth))
        for tenth in tenths
        for at in range(10)
        for _ in range(times)
    ]
    assert calibration_error(sure) == pytest.approx(0.0, abs=1e-12)
    assert all(each.low <= each.confidence <= each.high for each in bins(sure))


def test_the_error_of_true_confidences_falls_to_nothing_as_chance_says() -> None:
    chance = random.Random(11)

    def drawn(number: int) -> list[Sure]:
        shares = [chance.random() for _ in range(number)]
        return [Sure(share, right := float(chance.random() < share), right) for share in shares]

    errors = []
    for number in (150, 1_500, 15_000, 150_000):
        sure = drawn(number)
        errors.append(calibration_error(sure))
        assert errors[-1] == pytest.approx(error_by_chance(sure), rel=0.5)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.006


def test_errors_that_can_be_told_by_hand() -> None:
    assert calibration_error([Sure(1.0, 0.0, 0.0)] * 9) == 1.0
    assert brier([Sure(0.5, 1.0, 1.0), Sure(0.5, 0.0, 0.0)]) == 0.25
    # sixteen right and thirteen wrong at 0.25, one bin: |29 * 0.25 - 16| / 29
    sure = [Sure(0.25, 1.0, 1.0)] * 16 + [Sure(0.25, 0.0, 0.0)] * 13
    assert calibration_error(sure) == pytest.approx((16 - 29 / 4) / 29)


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_those_of_the_tables(right: int, count: int, low: float, high: float) -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263
    assert wilson(right, count) == pytest.approx((low, high), abs=5e-5)


@given(ANSWERS, st.integers(0, 9))
def test_all_answered_is_what_all_score(sure: list[Sure], missing: int) -> None:
    curve = coverage_curve(sure, missing)
    last = curve.points[-1]
    assert last.answered == curve.total == len(sure) + missing
    assert last.exact == pytest.approx(math.fsum(each.exact for each in sure))
    assert last.f1 == pytest.approx(math.fsum(each.f1 for each in sure))
    assert curve.coverage_at(last.exact / curve.total) == 1.0
    assert curve.coverage_at(0.5) >= curve.coverage_at(0.8) >= curve.coverage_at(1.0) >= 0.0


@given(ANSWERS, st.integers(0, 9))
def test_the_best_order_has_the_largest_area_and_no_order_the_share(
    sure: list[Sure], missing: int
) -> None:
    share = math.fsum(each.exact for each in sure) / len(sure)
    best = coverage_curve([each._replace(confidence=each.exact) for each in sure], missing)
    worst = coverage_curve([each._replace(confidence=1 - each.exact) for each in sure], missing)
    found = coverage_curve(sure, missing).area("exact")
    assert 0.0 <= worst.area("exact") <= found + 1e-9 <= best.area("exact") + 2e-9 <= 1.0 + 3e-9
    none = coverage_curve([each._replace(confidence=0.5) for each in sure])
    assert none.area("exact") == pytest.approx(share)


@given(st.lists(PREDICTIONS, min_size=1, max_size=5))
def test_equal_confidences_count_as_the_mean_of_their_orders(sure: list[Sure]) -> None:
    def area(order: tuple[Sure, ...]) -> float:
        right = [
            math.fsum(each.exact for each in order[:at]) / at for at in range(1, len(sure) + 1)
        ]
        return math.fsum(right) / len(sure)

    falling = [
        order
        for order in permutations(sure)
        if list(order) == sorted(order, key=lambda each: -each.confidence)
    ]
    mean = math.fsum(map(area, falling)) / len(falling)
    assert coverage_curve(sure).area("exact") == pytest.approx(mean)


@given(
    st.lists(
        st.tuples(st.sampled_from(["mill", "old mill", "wheel"]), st.booleans(), SHARES),
        min_size=1,
    ).filter(lambda asked: any(there for _, there, _ in asked))
)
def test_the_curve_ends_where_the_scorer_does(asked: list[tuple[str, bool, float]]) -> None:
    gold = [Gold(str(at), ("mill", "the old mill")) for at in range(len(asked))]
    told = {str(at): text for at, (text, there, _) in enumerate(asked) if there}
    sure = {str(at): share for at, (_, _, share) in enumerate(asked)}
    scores = score_one(gold, told, SQUAD_1)
    pairs = paired(judged(gold, told, SQUAD_1), sure, Path("sure.json"))
    last = coverage_curve(pairs, scores["missing"]).points[-1]
    assert 100 * last.exact / last.answered == pytest.approx(scores["exact_match"])
    assert 100 * last.f1 / last.answered == pytest.approx(scores["f1"])


def test_a_prediction_without_a_confidence_is_named_but_no_address() -> None:
    scored = judged([Gold("a", ("x",)), Gold("b@c.d", ("x",))], {"a": "x", "b@c.d": "x"}, SQUAD_1)
    with pytest.raises(InputError, match="of 2 predictions 1 have no confidence, 'a' is the first"):
        paired(scored, {"b@c.d": 1.0}, Path("sure.json"))
    with pytest.raises(InputError, match="may hold an address"):
        paired(scored, {"a": 1.0}, Path("sure.json"))


@given(st.integers(-1, 20_000), st.sampled_from([ANSWER, CONTEXT]))
def test_every_length_has_itsclass_of(value: int, ends: tuple[int, ...]) -> None:
    names = classes(ends)
    assert len(names) == len(set(names))
    assert names.index(class_of(value, ends)) <= names.index(class_of(value + 1, ends))


def asked(name: str, question: str, answers: list[str], **more: str) -> dict[str, Any]:
    context = f"A private passage of {' and '.join(answers) or 'nothing'}."
    spans = [{"text": each, "answer_start": context.index(each)} for each in answers]
    return {"id": name, "question": question, "context": context, "answers": spans} | more


ASKED = [
    asked("id-1", "Who built the mill?", ["Miller"], source="a", language="en"),
    asked("id-2", "When was the mill built?", ["in 1923"], source="b@c.example", language="en"),
    asked("id-3", "누가 방앗간을 지었나?", ["방앗간 주인"], source=HOSTILE, language="ko"),
    asked("id-4", "What was it of?", [], source="a" * 300),
]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Write questions of all kinds, answers, odds and confidences."""
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(each) + "\n" for each in ASKED))
    for name, values in (
        ("told", {"id-1": "the Miller", "id-2": "1923", "id-3": "", "id-4": ""}),
        ("odds", {"id-1": -3.5, "id-2": 0.25, "id-3": 2.0, "id-4": 7.0}),
        ("sure", {"id-1": 0.9, "id-2": 0.4, "id-3": 0.5, "id-4": 1, "of another set": 0.1}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(values))
    found = {path.stem: path for path in tmp_path.iterdir()}
    return found | {"page": tmp_path / "page.html"}


def scored(files: dict[str, Path], kind: str, *more: object) -> tuple[object, ...]:
    given = ("--gold", files["gold"], "--predictions", files["told"], "--format", kind)
    return ("qa", "score", *given, *more)


def test_confidence_adds_figures_and_changes_none(ask: Ask, files: dict[str, Path]) -> None:
    for kind, more in (("squad-v1", ()), ("squad-v2", ("--null-odds", files["odds"]))):
        before = ask(*scored(files, kind, *more, "--json")).row()
        sure = ("--confidence", files["sure"], "--precision", "50", "--precision", "99.5")
        found = ask(*scored(files, kind, *more, *sure, "--json")).row()
        assert {key: found[key] for key in before} == before
        assert sorted(found.keys() - before.keys()) == [
            "brier", "coverage_at_50", "coverage_at_99.5", "ece", "ece_by_chance", "pc_exact_area",
            "pc_f1_area",
        ]  # fmt: skip
    # the abstention from id-4 is right, that from id-3 is not: by falling confidence 1, 1, 2/3, 2/4
    assert found["brier"] == pytest.approx((0.0 + 0.1**2 + 0.5**2 + 0.4**2) / 4)
    assert found["pc_exact_area"] == pytest.approx(100 * (1 + 1 + 2 / 3 + 1 / 2) / 4)
    assert (found["coverage_at_50"], found["coverage_at_99.5"]) == (100.0, 50.0)


@pytest.mark.parametrize("kind", ["squad-v1", "squad-v2", "korquad", "korquad-v2"])
def test_the_page_stands_alone_and_tells_no_text(
    ask: Ask, files: dict[str, Path], kind: str
) -> None:
    odds = ("--null-odds", files["odds"], "--threshold", "1.5") if kind == "squad-v2" else ()
    made = scored(files, kind, *odds, "--confidence", files["sure"], "--report", files["page"])
    assert ask(*made).code == 0
    page = files["page"].read_bytes()
    assert ask(*made).code == 0
    assert files["page"].read_bytes() == page
    reader = read(page)
    for tag, attrs in reader.tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        assert not {"src", "srcset", "action", "xlink:href", "data"} & attrs.keys()
        assert (attrs.get("href") or "#").startswith("#")
    anchors = {str(attrs["href"])[1:] for tag, attrs in reader.tags if tag == "a"}
    assert anchors <= set(reader.ids)
    assert ("silence" in anchors) == (kind == "squad-v2")
    text = page.decode()
    for each in ASKED:
        for secret in (each["id"], each["question"], each["context"]):
            assert secret not in text
        assert not any(answer["text"] in text for answer in each["answers"])
    for secret in ("1923", "c.example", "a" * 41, "<script>alert", "<img"):
        assert secret not in text
    assert "not shown: it may hold an address" in text


def test_kinds_without_a_mark_in_the_input_are_not_shown(ask: Ask, files: dict[str, Path]) -> None:
    bare = [{key: each[key] for key in ("id", "question", "context", "answers")} for each in ASKED]
    files["gold"].write_text("".join(json.dumps(each) + "\n" for each in bare))
    assert ask(*scored(files, "squad-v1", "--report", files["page"])).code == 0
    text = "".join(read(files["page"].read_bytes()).text)
    assert "Word of asking" in text
    assert not any(title in text for title in ("Source", "Language", "confidence", "threshold"))


def test_a_page_of_nothing_predicted_can_be_made(ask: Ask, files: dict[str, Path]) -> None:
    files["told"].write_text("{}")
    for kind, told in (("squad-v1", "wrong"), ("squad-v2", "left out")):
        assert ask(*scored(files, kind, "--report", files["page"])).code == 0
        text = "".join(read(files["page"].read_bytes()).text)
        assert f"4 questions not predicted: {told}" in text


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("sure", '{"id-1": 1.01}', "stands at 'id-1' is no probability from 0 to 1"),
        ("sure", '{"id-1": -1e-9}', "is no probability"),
        ("sure", '{"id-1": NaN}', "is no probability"),
        ("sure", '{"id-1": true}', "is no probability"),
        ("sure", '{"id-1": "0.5"}', "is no probability"),
        ("sure", '{"a@b.c": 2}', "(not shown: it may hold an address) is no probability"),
        ("sure", "[0.5]", "is no JSON object"),
        ("sure", '{"of another set": 1}', "of 4 predictions 4 have no confidence, 'id-1' is the"),
        ("told", '{"of another set": "x"}', "none of the questions is predicted"),
        ("odds", '{"id-1": NaN}', "odds.json: what stands at 'id-1' is no number"),
        ("odds", '{"id-1": Infinity}', "odds.json: what stands at 'id-1' is no number"),
        ("odds", f'{{"id-1": 1{"0" * 400}}}', "odds.json: what stands at 'id-1' is no number"),
    ],
)
def test_what_is_no_confidence(
    ask: Ask, files: dict[str, Path], name: str, value: str, problem: str
) -> None:
    files[name].write_text(value)
    more = ("--null-odds", files["odds"], "--confidence", files["sure"], "--report", files["page"])
    said = ask(*scored(files, "squad-v2", *more))
    assert said.code == 3
    assert problem in said.err
    assert not files["page"].exists()


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (("--precision", "80"), "--precision needs --confidence"),
        (("--precision", "0"), "'0' is no number above 0"),
        (("--precision", "nan"), "'nan' is no number above 0"),
    ],
)
def test_options_that_do_not_go_together(
    ask: Ask, files: dict[str, Path], more: tuple[str, ...], problem: str
) -> None:
    said = ask(*scored(files, "squad-v1", *more))
    assert said.code == 2
    assert problem in said.err


@published
def test_a_page_of_what_was_published(ask: Ask, tmp_path: Path) -> None:
    told = SHARED / "squad/predictions-v1.1/logistic-regression.json"
    # numbers that have nothing to do with the answers: no order is better than another
    sure = {
        name: int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / (1 << 32)
        for name in json.loads(told.read_bytes())
    }
    (tmp_path / "sure.json").write_text(json.dumps(sure))
    page = tmp_path / "page.html"
    found = ask(
        "qa", "score", "--gold", SHARED / "squad/dev-v1.1.json", "--format", "squad-v1",
        "--predictions", told, "--confidence", tmp_path / "sure.json", "--report", page, "--json",
    ).row()  # fmt: skip
    assert found["exact_match"] == pytest.approx(40.14, abs=0.01)
    assert found["pc_exact_area"] == pytest.approx(found["exact_match"], abs=2.0)
    assert found["ece"] > 10 * found["ece_by_chance"]
    assert len(page.read_bytes()) < 100_000
    text = "".join(read(page.read_bytes()).text)
    for row in ("who", "more than 10", "65 to 128", "dev-v1.1.json", "40.14 %"):
        assert row in text
    for article in json.loads((SHARED / "squad/dev-v1.1.json").read_bytes())["data"]:
        for paragraph in article["paragraphs"]:
            assert all(each["question"] not in text for each in paragraph["qas"])


def test_every_option_is_in_the_guide() -> None:
    page = (Path(__file__).parents[2] / "docs/qa.md").read_text(encoding="utf-8")
    parts = argparse.ArgumentParser().add_subparsers()
    command.add_part(parts)
    options = {each for each in parts.choices["score"]._option_string_actions if each[:2] == "--"}
    assert {each for each in options - {"--help"} if f"`{each}" not in page} == set()
