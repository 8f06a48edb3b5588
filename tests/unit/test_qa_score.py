"""Scores are those of the sets' own scorers: on what they published, and on what their rules say."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.qa.likeness import KORQUAD_1, KORQUAD_2, SQUAD_1, SQUAD_2, Rules
from pipeline.qa.score import Gold, score_one, score_two
from tests.conftest import Ask
from tests.unit.test_qa_published import SHARED

published = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no published QA sets under {SHARED}")
NEAR = 0.01
WORDS = st.lists(st.sampled_from(["the", "a", "Mill", "mill", "stone,", "!", "가 루", ""])).map(
    " ".join
)


def squad(tmp_path: Path, asked: list[dict[str, Any]]) -> Path:
    path = tmp_path / "gold.json"
    path.write_text(json.dumps({"data": [{"paragraphs": [{"qas": asked}]}]}))
    return path


@published
@pytest.mark.parametrize(
    ("name", "exact", "f1"),
    [
        ("bert-ensemble", 86.21, 92.20),
        ("r-net-plus", 82.47, 88.48),
        ("logistic-regression", 40.14, 50.98),
    ],
)
def test_what_was_published_for_squad_1(ask: Ask, name: str, exact: float, f1: float) -> None:
    found = ask(
        "qa", "score", "--gold", SHARED / "squad/dev-v1.1.json", "--format", "squad-v1",
        "--predictions", SHARED / f"squad/predictions-v1.1/{name}.json", "--json",
    ).row()  # fmt: skip
    assert found["exact_match"] == pytest.approx(exact, abs=NEAR)
    assert found["f1"] == pytest.approx(f1, abs=NEAR)
    assert found["total"] == 10_570


@published
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "bert-single",
            {"exact": 78.74, "f1": 81.78, "HasAns_exact": 74.11, "HasAns_f1": 80.18, "NoAns_f1": 83.36},
        ),
        ("nlnet", {"exact": 75.83, "f1": 78.78}),
    ],
)  # fmt: skip
def test_what_was_published_for_squad_2(ask: Ask, name: str, wanted: dict[str, float]) -> None:
    found = ask(
        "qa", "score", "--gold", SHARED / "squad/dev-v2.0.json", "--format", "squad-v2",
        "--predictions", SHARED / f"squad/predictions-v2.0/{name}.json", "--json",
    ).row()  # fmt: skip
    assert {key: found[key] for key in wanted} == pytest.approx(wanted, abs=NEAR)
    assert (found["HasAns_total"], found["NoAns_total"]) == (5_928, 5_945)


@published
def test_the_guide_shows_what_is_printed(ask: Ask) -> None:
    page = (Path(__file__).parents[2] / "docs/qa.md").read_text(encoding="utf-8")
    command, _, shown = (
        page.partition("$ gristmill qa score")[2].partition("```")[0].partition("\n\n")
    )
    places = {
        "dev-v2.0.json": SHARED / "squad/dev-v2.0.json",
        "nlnet.json": SHARED / "squad/predictions-v2.0/nlnet.json",
    }
    said = ask("qa", "score", *(places.get(each, each) for each in command.split()))
    assert said.code == 0
    assert said.out.split() == shown.split()


@published
def test_who_is_always_silent_gets_what_has_no_answer(ask: Ask, tmp_path: Path) -> None:
    gold = SHARED / "squad/dev-v2.0.json"
    names = [
        asked["id"]
        for article in json.loads(gold.read_bytes())["data"]
        for paragraph in article["paragraphs"]
        for asked in paragraph["qas"]
    ]
    (tmp_path / "p.json").write_text(json.dumps(dict.fromkeys(names, "")))
    found = ask(
        "qa", "score", "--gold", gold, "--predictions", tmp_path / "p.json",
        "--format", "squad-v2", "--json",
    ).row()  # fmt: skip
    assert found["exact"] == found["best_f1"] == pytest.approx(50.07, abs=NEAR)


@published
def test_korquad_answers_are_right_as_they_stand(ask: Ask, tmp_path: Path) -> None:
    gold = SHARED / "korquad/dev-v1.0.json"
    told = {
        asked["id"]: asked["answers"][0]["text"]
        for article in json.loads(gold.read_bytes())["data"]
        for paragraph in article["paragraphs"]
        for asked in paragraph["qas"]
    }
    (tmp_path / "p.json").write_text(json.dumps(told))
    found = ask(
        "qa", "score", "--gold", gold, "--predictions", tmp_path / "p.json",
        "--format", "korquad", "--json",
    ).row()  # fmt: skip
    assert found == {"exact_match": 100.0, "f1": 100.0, "total": 5_774, "missing": 0}


@pytest.mark.parametrize(
    ("rules", "told", "gold", "exact", "f1"),
    [
        (SQUAD_1, "The Mill!", "mill", True, 1.0),
        (SQUAD_1, "old mill stone", "the mill", False, 0.5),
        (SQUAD_1, "the", "the", True, 0.0),  # nothing is left that could overlap
        (SQUAD_2, "the", "", True, 1.0),
        (SQUAD_2, "mill", "", False, 0.0),
        (SQUAD_1, "mill mill", "mill", False, 2 / 3),  # a word counts as often as it is there
        (KORQUAD_1, "《물레방아》", "물레방아", True, 1.0),
        (KORQUAD_1, "물레방아는", "물레방아", False, 8 / 9),  # by characters
        (KORQUAD_1, "물레 방아", "물레방아", False, 1.0),  # the gap counts for what is equal alone
        (KORQUAD_1, "the mill", "mill", False, 8 / 11),  # no articles
        (KORQUAD_2, "<p>물레 <b>방아</b></p>", "물레방아", True, 1.0),
    ],
)
def test_likeness(rules: Rules, told: str, gold: str, exact: bool, f1: float) -> None:
    assert rules.exact(told, gold) is exact
    assert rules.f1(told, gold) == pytest.approx(f1)


@given(WORDS, WORDS, st.sampled_from([SQUAD_1, SQUAD_2, KORQUAD_1, KORQUAD_2]))
def test_likeness_goes_both_ways_and_equals_are_alike(told: str, gold: str, rules: Rules) -> None:
    assert rules.f1(told, gold) == rules.f1(gold, told)
    assert 0.0 <= rules.f1(told, gold) <= 1.0
    if rules.exact(told, gold) and (rules.empty or rules.units(rules.plain(gold))):
        assert rules.f1(told, gold) == 1.0


GOLD = [
    Gold("a", ("mill", "old mill")),
    Gold("b", ("stone",)),
    Gold("c", ()),
    Gold("d", ()),
]


def test_the_best_of_all_answers_counts_and_what_is_missing_is_wrong() -> None:
    assert score_one(GOLD[:2], {"a": "old mill"}, SQUAD_1) == {
        "exact_match": 50.0, "f1": 50.0, "total": 2, "missing": 1,
    }  # fmt: skip


def test_what_is_missing_is_left_out_of_squad_2() -> None:
    found = score_two(GOLD, {"a": "mill", "c": ""})
    assert (found["exact"], found["total"], found["missing"]) == (100.0, 2, 2)
    assert (found["HasAns_total"], found["NoAns_total"]) == (1, 1)


def test_a_threshold_silences_and_the_best_is_found() -> None:
    told = {"a": "mill", "b": "wheel", "c": "x", "d": "y"}
    odds = {"a": 0.1, "b": 0.6, "c": 0.5, "d": 0.9}
    found = score_two(GOLD, told, odds)
    assert found["exact"] == 25.0
    assert (found["best_exact"], found["best_exact_thresh"]) == (75.0, 0.1)
    assert score_two(GOLD, told, odds, threshold=0.1)["exact"] == 75.0
    assert score_two(GOLD, told, odds, threshold=0.0)["exact"] == 50.0


def test_odds_may_be_negative_as_logarithms_are() -> None:
    told = {"a": "mill", "b": "wheel", "c": "x", "d": "y"}
    odds = {"a": -6.0, "b": 2.0, "c": -1.0, "d": 5.0}
    found = score_two(GOLD, told, odds)
    assert (found["best_exact"], found["best_exact_thresh"]) == (75.0, -6.0)
    assert score_two(GOLD, told, odds, threshold=-6.0)["exact"] == 75.0


ODDS = st.sampled_from([0.0, 0.2, 0.5, 0.9])


@given(
    st.lists(
        st.tuples(
            st.sampled_from([(), ("mill",), ("old mill", "stone")]),
            st.sampled_from(["", "mill", "old mill", "wheel"]),
            ODDS,
        ),
        min_size=1,
    )
)
def test_no_threshold_is_better_than_the_best(asked: list[tuple[Any, str, float]]) -> None:
    gold = [Gold(str(at), answers) for at, (answers, _, _) in enumerate(asked)]
    told = {str(at): text for at, (_, text, _) in enumerate(asked)}
    odds = {str(at): sure for at, (_, _, sure) in enumerate(asked)}
    found = score_two(gold, told, odds)
    for name in ("exact", "f1"):
        every = [score_two(gold, told, odds, at)[name] for at in (-1.0, 0.0, 0.2, 0.5, 0.9)]
        assert found[f"best_{name}"] == pytest.approx(max(every))
        at = found[f"best_{name}_thresh"]
        if found[f"best_{name}"] > every[0]:
            assert score_two(gold, told, odds, at)[name] == pytest.approx(max(every))


def test_a_release_s_shard_is_gold_and_the_curve_is_written(ask: Ask, tmp_path: Path) -> None:
    rows = [{"id": each.id, "answers": [{"text": text} for text in each.answers]} for each in GOLD]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    gold = tmp_path / "train-00000-of-00001.jsonl.zst"
    gold.write_bytes(zstandard.compress(lines[:40]) + zstandard.compress(lines[40:]))
    (tmp_path / "p.json").write_text(json.dumps({"a": "mill", "b": "x", "c": "", "d": "y"}))
    (tmp_path / "o.json").write_text(json.dumps({"a": 0.1, "b": 0.2, "c": 1, "d": 0.2}))
    found = ask(
        "qa", "score", "--gold", gold, "--predictions", tmp_path / "p.json", "--format", "squad-v2",
        "--null-odds", tmp_path / "o.json", "--curve", tmp_path / "curve.csv", "--json",
    ).row()  # fmt: skip
    assert (found["exact"], found["best_exact"], found["best_exact_thresh"]) == (50.0, 75.0, 0.1)
    with (tmp_path / "curve.csv").open(newline="") as file:
        points = list(csv.DictReader(file))
    assert [float(each["threshold"]) for each in points] == [-1.0, 0.1, 0.2, 1.0]
    assert [float(each["exact"]) for each in points] == [50.0, 75.0, 50.0, 50.0]


@pytest.mark.parametrize(
    ("gold", "told", "problem"),
    [
        ("[", "{}", "gold.json: cannot be read: format: not JSON at line 1"),
        ('{"data": [{"paragraphs": 3}]}', "{}", "gold.json#0: shape:article"),
        ('{"data": []}', "{}", "gold.json: holds no question"),
        (None, "[]", "p.json: is no JSON object"),
        (None, '{"a": 3}', "p.json: what stands at 'a' is no text"),
    ],
)
def test_what_cannot_be_scored(
    ask: Ask, tmp_path: Path, gold: str | None, told: str, problem: str
) -> None:
    path = squad(tmp_path, [{"id": "a", "answers": [{"text": "a private text"}]}])
    if gold is not None:
        path.write_text(gold)
    (tmp_path / "p.json").write_text(told)
    said = ask(
        "qa", "score", "--gold", path, "--predictions", tmp_path / "p.json", "--format", "squad-v1"
    )
    assert said.code == 3
    assert problem in said.err
    assert "private" not in said.err
