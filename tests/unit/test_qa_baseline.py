"""Baselines: what they answer, what they write, and that the same questions give the same bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from filters.qa import Answer, Question
from pipeline.errors import ConfigError, InputError
from pipeline.qa.asked import read_asked
from pipeline.qa.baseline.calibration import isotonic
from pipeline.qa.baseline.cues import cue_of
from pipeline.qa.baseline.labels import grades, right_spans
from pipeline.qa.baseline.model_file import Source, read_model, write_model
from pipeline.qa.baseline.page import page_of, prompt_of
from pipeline.qa.baseline.ranker import Ranker, Told, answers
from pipeline.qa.baseline.training import Trained, lightgbm, train
from pipeline.qa.baseline.unanswerable import made_unanswerable
from pipeline.qa.baseline.units import DATE, PARTICLE, YEAR, units_of
from pipeline.qa.baseline.unlearned import best_sentence, sliding_window
from pipeline.watch.progress import PlainDisplay
from tests.conftest import Ask
from tests.unit.test_qa_published import SHARED

published = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no published QA sets under {SHARED}")
MILL = "The old mill burned down in 1848. Ada Stone rebuilt it with bricks (from Kent). Today it is a museum."


@pytest.fixture(scope="module", autouse=True)
def ranker_loads() -> None:
    try:
        lightgbm()
    except ConfigError as error:
        pytest.skip(str(error))


def asked(number: int, seed: int = 0) -> list[Question]:
    """Questions of a small world in which names build things in towns and years."""
    chance = random.Random(seed)
    return [one(index, chance) for index in range(number)]


def one(index: int, chance: random.Random) -> Question:
    name = f"{chance.choice(('Ada', 'Ben', 'Cleo', 'Dan'))} {chance.choice(('Stone', 'Miller', 'Wood'))}"
    town, year = chance.choice(("Kent", "Bath", "York", "Hull")), str(chance.randint(1500, 1999))
    thing = chance.choice(("mill", "bridge", "tower", "school"))
    context = f"Number {index} is short. {name} built the {thing} in {town} in {year}. Nobody knows why it is red."
    question, answer = chance.choice(
        (
            (f"Who built the {thing}?", name),
            (f"Where did {name} build the {thing}?", town),
            (f"When was the {thing} in {town} built?", year),
        )
    )
    at = context.index(answer)
    return Question(
        id=f"q{index}", question=question, context=context, group=f"g{index}",
        answers=(Answer(answer, at, at + len(answer)),),
    )  # fmt: skip


def squad(path: Path, questions: Sequence[Question]) -> Path:
    data = [
        {
            "title": each.group,
            "paragraphs": [
                {
                    "context": each.context,
                    "qas": [
                        {
                            "id": each.id,
                            "question": each.question,
                            "answers": [
                                {"text": one.text, "answer_start": one.start}
                                for one in each.answers
                            ],
                        }
                    ],
                }
            ],
        }
        for each in questions
    ]
    path.write_text(json.dumps({"version": "1.1", "data": data}))
    return path


@pytest.fixture(scope="module")
def small() -> Trained:
    return train(asked(400), 7, 1, PlainDisplay())


def texts(context: str) -> list[str]:
    units = units_of(context)
    return [context[start:end] for start, end in zip(units.start, units.end, strict=True)]


def spans(context: str) -> set[str]:
    page = page_of(context)
    return {context[slice(*page.span(index))] for index in range(len(page.places))}


def test_units_are_words_numbers_and_marks() -> None:
    assert texts("Newton's $1,200.50 (12%), U.S. don't!") == [
        "Newton", "'s", "$1,200.50", "(", "12%", ")", ",", "U.S.", "don't", "!",
    ]  # fmt: skip


def test_particles_are_units_of_their_own() -> None:
    text = "임종석은 1989년에 《서울》의 회사를 '농민'으로부터 샀다"
    found = texts(text)
    for word in ("임종석", "1989년", "서울", "회사", "농민"):
        assert word in found
        assert word in spans(text)
    units = units_of(text)
    for particle in ("은", "에", "의", "를", "으로부터"):
        assert units.shapes[found.index(particle)] & PARTICLE
    assert units.shapes[found.index("1989년")] & YEAR
    assert units.shapes[found.index("1989년")] & DATE


def test_sentences_end_at_marks_and_not_behind_titles() -> None:
    text = 'Mr. Smith left. "Really?" It was 3.5 p.m. then.\nA line'
    units = units_of(text)
    firsts = [units.start[units.sentence == number][0] for number in range(4)]
    starts = [text[first:][:6] for first in firsts]
    assert starts == ["Mr. Sm", '"Reall', "It was", "A line"]


def test_spans_close_what_they_open() -> None:
    found = spans(MILL)
    assert {"1848", "Ada Stone", "bricks (from Kent)", "from Kent"} <= found
    assert not any(each.count("(") != each.count(")") or each.startswith("The ") for each in found)


@pytest.mark.parametrize(
    ("question", "opening", "head"),
    [
        ("What year did it burn?", "what year", "year"),
        ("In the end, what was the population of Kent?", "what was", "population"),
        ("How many bricks?", "how many", "many"),
        ("지명수배 된 날은?", "- 지명수배", "날"),
    ],
)
def test_a_cue_is_what_follows_the_word_of_asking(question: str, opening: str, head: str) -> None:
    units = units_of(question)
    found = cue_of(units)
    assert found.opening == opening
    assert units.words[found.head] == head


def test_a_gold_answer_is_a_span_without_its_article_and_marks() -> None:
    page = page_of(MILL)
    start = MILL.index("The old")
    right = right_spans(
        page, [Answer("The old mill", start, start + 12), Answer("(from Kent).", 67, 79)]
    )
    found = {MILL[slice(*page.span(index))]: share for index, share in right}
    assert found == {"old mill": 0.5, "from Kent": 0.5}


def test_grades_rise_with_what_is_shared() -> None:
    page = page_of(MILL)
    start = MILL.index("Ada Stone")
    right = right_spans(page, [Answer("Ada Stone", start, start + 9)])
    import numpy as np

    every = np.arange(len(page.places), dtype=np.int32)
    given = {
        MILL[slice(*page.span(index))]: grade
        for index, grade in enumerate(grades(page, every, right))
    }
    assert given["Ada Stone"] == 4
    assert given["Ada"] == given["Ada Stone rebuilt it"] == 2
    assert given["1848"] == 0


def test_the_best_sentence_and_the_window_look_where_the_question_is() -> None:
    page, prompt = page_of(MILL), prompt_of("Who rebuilt the mill with bricks?")
    start, end = best_sentence(page, prompt)
    assert MILL[start:end] == "Ada Stone rebuilt it with bricks (from Kent)."
    start, end = sliding_window(page, prompt)
    assert MILL[start:end] in "Ada Stone rebuilt it with bricks (from Kent)."


def test_a_small_world_is_learned(small: Trained) -> None:
    others = asked(200, seed=1)
    told = list(answers(small.ranker, others))
    right = sum(each.answer == one.answers[0].text for each, one in zip(told, others, strict=True))
    assert right > 150
    for each, one in zip(told, others, strict=True):
        assert 0.0 <= each.confidence <= 1.0
        assert 0.0 <= each.f1 <= 1.0
        assert 0.0 <= each.null_odds <= 1.0
        assert sum(option.probability for option in each.options) <= 1.0 + 1e-9
        assert each.options[0].text == each.answer
        for option in each.options:
            assert one.context[option.start : option.end] == option.text


def test_the_order_of_questions_and_their_company_change_nothing(small: Trained) -> None:
    others = asked(90, seed=2)
    told = {each.id: each for each in answers(small.ranker, others)}
    assert told == {each.id: each for each in answers(small.ranker, others[::-1])}
    assert [told[others[4].id]] == list(answers(small.ranker, others[4:5]))


def test_an_empty_context_is_met_with_silence(small: Trained) -> None:
    nothing = Question(
        id="q", question="Who?", context="...", group="g", answers=(), is_impossible=True
    )
    assert list(answers(small.ranker, [nothing])) == [Told("q", "", 0.0, 0.0, 1.0)]


def written(trained: Trained, folder: Path) -> dict[str, bytes]:
    write_model(folder, trained, 7, (Source("b", sha256="1"), Source("a", sha256="2")))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_same_questions_and_seed_same_bytes(small: Trained, tmp_path: Path) -> None:
    shuffled = asked(70)
    first = written(train(shuffled, 7, 1, PlainDisplay()), tmp_path / "first")
    random.Random(3).shuffle(shuffled)
    again = written(train(shuffled, 7, 2, PlainDisplay()), tmp_path / "again")
    assert sorted(first) == ["doubts.txt", "ranker.json", "trees.txt"]
    assert first == again
    assert first != written(train(asked(70), 8, 1, PlainDisplay()), tmp_path / "other")


def test_a_model_that_was_read_answers_as_the_one_that_was_written(
    small: Trained, tmp_path: Path
) -> None:
    written(small, tmp_path / "model")
    ranker, learned = read_model(tmp_path / "model")
    assert (learned.seed, learned.questions + learned.held_out, learned.contexts) == (7, 400, 400)
    assert [each.name for each in learned.sources] == ["a", "b"]
    others = asked(60, seed=4)
    assert list(answers(ranker, others)) == list(answers(small.ranker, others))


@pytest.mark.parametrize("name", ["ranker.json", "trees.txt", "doubts.txt"])
def test_a_damaged_model_is_named(small: Trained, tmp_path: Path, name: str) -> None:
    written(small, tmp_path / "model")
    path = tmp_path / "model" / name
    path.write_bytes(
        path.read_bytes().replace(b"1", b"2", 1).replace(b"qa-baseline/2", b"qa-baseline/9")
    )
    with pytest.raises(InputError, match=name if name.endswith("txt") else "model"):
        read_model(tmp_path / "model")


def test_few_questions_are_refused() -> None:
    with pytest.raises(InputError, match="fewer than 50 questions"):
        train(asked(40), 0, 1, PlainDisplay())


def test_too_few_contexts_are_refused() -> None:
    first = asked(1)[0]
    same = [msgspec.structs.replace(first, id=f"s{number}") for number in range(200)]
    with pytest.raises(InputError, match=r"fewer than 50|too few contexts"):
        train(same, 0, 1, PlainDisplay())


def test_impossible_questions_are_learned_from() -> None:
    silent = [
        msgspec.structs.replace(
            each,
            id=f"n{each.id}",
            question="Which king slept here?",
            answers=(),
            is_impossible=True,
        )
        for each in asked(200, seed=5)
    ]
    trained = train(asked(400) + silent, 0, 1, PlainDisplay())
    assert trained.impossible == 200
    sure, doubtful = (
        sum(each.null_odds for each in answers(trained.ranker, some)) / len(some)
        for some in (asked(100, seed=5), silent[:100])
    )
    assert doubtful > sure + 0.3


def test_a_question_made_unanswerable_differs_in_one_word() -> None:
    others = asked(50)
    for each in others[:20]:
        changed = made_unanswerable(each, others, random.Random(each.id))
        if changed is not None:
            assert changed != each.question
            before, after = texts(each.question), texts(changed)
            assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_isotonic_means_are_those_of_what_was_right() -> None:
    given = [index / 100 for index in range(100)]
    right = [float(index >= 50) for index in range(100)]
    steps = isotonic(given, right)
    assert steps(0.0) == 0.0
    assert steps(1.0) == 1.0


def test_the_commands_go_together(ask: Ask, tmp_path: Path) -> None:
    learn, other = (
        squad(tmp_path / "learn.json", asked(300)),
        squad(tmp_path / "other.json", others()),
    )
    model, out, odds = tmp_path / "model", tmp_path / "out.json", tmp_path / "odds.json"
    best = tmp_path / "best.json"
    learned = ask("qa", "baseline", "train", learn, "--out", model, "--seed", 3, "--json").row()
    assert learned["questions"] + learned["held_out"] == 300
    assert learned["sources"][0]["name"] == "learn.json"
    ask(
        "qa", "baseline", "predict", other, "--method", "ranker", "--model", model, "--out", out,
        "--null-odds", odds, "--n-best", best, "--json",
    ).row()  # fmt: skip
    scored = ask(
        "qa", "score", "--gold", other, "--predictions", out, "--null-odds", odds,
        "--format", "squad-v2", "--json",
    ).row()  # fmt: skip
    assert scored["exact"] > 60
    listed = json.loads(best.read_bytes())
    assert {name: each[0]["text"] for name, each in listed.items()} == json.loads(out.read_bytes())
    tried = ask("qa", "baseline", "try", learn, "--on", other, "--seed", 3, "--json").row()
    rows = {row["method"]: row for row in tried["rows"]}
    assert list(rows) == ["sentence", "window", "ranker"]
    assert rows["ranker"]["exact"] == pytest.approx(scored["exact"])


def others() -> list[Question]:
    return [msgspec.structs.replace(each, id=f"o{each.id}") for each in asked(80, seed=9)]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (("--method", "ranker"), "needs --model"),
        (("--method", "window", "--null-odds", "x.json"), "--null-odds is for --method ranker"),
        (("--method", "sentence", "--threshold", "0.5"), "--threshold is for --method ranker"),
    ],
)
def test_options_that_do_not_go_together(
    ask: Ask, tmp_path: Path, given: tuple[str, ...], problem: str
) -> None:
    questions = squad(tmp_path / "q.json", asked(3))
    result = ask("qa", "baseline", "predict", questions, "--out", tmp_path / "out.json", *given)
    assert result.code == ConfigError.exit_code
    assert problem in result.err


def test_what_is_learned_from_is_not_scored_on(ask: Ask, tmp_path: Path) -> None:
    questions = squad(tmp_path / "q.json", asked(60))
    result = ask("qa", "baseline", "try", questions, "--on", questions)
    assert result.code == ConfigError.exit_code
    assert "60 questions would be learned from and scored on" in result.err


@published
def test_a_slice_of_a_published_set_is_learned() -> None:
    read = [each.question for each in read_asked(SHARED / "squadshifts/new_wiki.json")]
    known = {each.group for each in read[:4000]}
    other = [each for each in read if each.group not in known][:200]
    trained = train(read[:4000], 0, 1, PlainDisplay(), 300)
    told = answers(trained.ranker, other)
    exact = sum(
        any(given.answer.lower() == each.text.lower() for each in one.answers)
        for given, one in zip(told, other, strict=True)
    )
    assert exact > 0.15 * len(other)


@published
def test_korean_is_learned_and_answers_end_before_particles() -> None:
    read = [each.question for each in read_asked(SHARED / "korquad/dev-v1.0.json")]
    trained = train(read[:300], 0, 1, PlainDisplay())
    other = read[-100:]
    told = {each.id: each for each in answers(trained.ranker, other)}
    exact = sum(told[each.id].answer == each.answers[0].text for each in other)
    assert exact > 0.1 * len(other)
    assert inside(trained.ranker, other) > 0


def inside(ranker: Ranker, questions: Sequence[Question]) -> int:
    """Count the answers that end within a word."""
    found = 0
    for each, told in zip(questions, answers(ranker, questions), strict=True):
        behind: Any = each.context[told.options[0].end : told.options[0].end + 1]
        found += behind.isalpha()
    return found


RELEASE = """
[release]
name = "asked"
version = "1.2.0"
[[sources]]
name = "mills"
paths = ["asked.json"]
format = "squad"
license = "CC0-1.0"
[redact]
level = "off"
[dedup]
near = false
[split]
validation = 0.15
test = 0.15
"""


def test_a_release_is_tried_in_one_command(ask: Ask, tmp_path: Path) -> None:
    squad(tmp_path / "asked.json", asked(300))
    (tmp_path / "asked.toml").write_text(RELEASE)
    ran = ask("run", tmp_path / "asked.toml", "--out", tmp_path / "out", "--executor", "sync")
    release = Path(ran.out.splitlines()[-1])
    tried = ask("qa", "baseline", "try", release, "--json").row()
    ranker = tried["rows"][-1]
    assert ranker["method"] == "ranker"
    assert 40 < ranker["questions"] < 150
    assert ranker["exact"] > 60
    learned = ask(
        "qa",
        "baseline",
        "train",
        release,
        "--out",
        tmp_path / "model",
        "--questions",
        150,
        "--json",
    ).row()
    manifest = json.loads((release / "manifest.json").read_bytes())
    assert learned["questions"] + learned["held_out"] == 150
    assert learned["sources"] == [
        {
            "name": "asked",
            "version": "1.2.0",
            "content_root": manifest["content_root"],
            "sha256": "",
        }
    ]
    again = ask("qa", "baseline", "train", release, "--out", tmp_path / "model")
    assert again.code == ConfigError.exit_code
