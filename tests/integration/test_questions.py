"""Questions of all sources together: no split leaks into another or into the text, and no two answers contradict."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.engine.crew import SYNC
from pipeline.errors import ConfigError, InputError
from pipeline.planned import plan_config
from pipeline.qa.asked import Asked, read_asked
from pipeline.release import ledger_parts
from pipeline.run import run_config
from pipeline.verify import verify
from tests.conftest import Ask

CONFIG = """\
[release]
name = "qa"
version = "{version}"
shards = 2
[[sources]]
name = "asked"
format = "squad"
paths = ["asked/*.json"]
license = "CC0-1.0"
[[sources]]
name = "text"
paths = ["text.jsonl"]
license = "CC0-1.0"
[split]
validation = 0.2
test = 0.2
{more}
"""
WORDS = 40
ROOT = Path(__file__).parents[2]
Row = dict[str, Any]


def passage(draw: random.Random, words: int = WORDS) -> str:
    return " ".join(f"word{draw.randrange(4000)}" for _ in range(words))


def asked(name: str, question: str, context: str, *answers: str) -> Row:
    spans = [{"text": each, "answer_start": context.index(each)} for each in answers]
    return {"id": name, "question": question, "answers": spans, "is_impossible": not answers}


def article(title: str, *paragraphs: tuple[str, list[Row]]) -> Row:
    return {"title": title, "paragraphs": [{"context": c, "qas": qas} for c, qas in paragraphs]}


def write(folder: Path, articles: dict[str, list[Row]], texts: list[Row], **config: str) -> Path:
    (folder / "asked").mkdir(parents=True, exist_ok=True)
    for name, some in articles.items():
        (folder / "asked" / f"{name}.json").write_text(json.dumps({"data": some}))
    (folder / "text.jsonl").write_text("".join(json.dumps(each) + "\n" for each in texts))
    path = folder / "qa.toml"
    path.write_text(CONFIG.format(**{"version": "1.0.0", "more": ""} | config))
    return path


def make(config: Path) -> Path:
    made = run_config(config, out=config.parent / "out", crew=SYNC).release
    assert verify(made, deep=True).problems == ()
    return made


def ledger(release: Path) -> dict[str, Row]:
    rows = pq.read_table(ledger_parts(release / "ledger")).to_pylist()
    found: dict[str, Row] = {row["id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def many(seed: int) -> list[Row]:
    """Articles of which some share a paragraph, some a near copy of one, and some fifteen words in a row."""
    draw = random.Random(seed)
    paragraphs = [[passage(draw) for _ in range(3)] for _ in range(30)]
    for number in range(0, 28, 4):
        paragraphs[number + 1][0] = paragraphs[number][0]
        near = paragraphs[number + 1][1].split()
        near[7] = "other"
        paragraphs[number + 2][1] = " ".join(near)
        quoted = " ".join(paragraphs[number + 2][2].split()[5:20])
        paragraphs[number + 3][2] = f"{passage(draw, 12)} {quoted} {passage(draw, 12)}"
    return [
        article(
            f"Article {number}",
            *(
                (text, [asked(f"question-{number}-{place}", f"What of {number} {place}?", text, text.split()[3])])
                for place, text in enumerate(texts)
            ),
        )
        for number, texts in enumerate(paragraphs)
    ]  # fmt: skip


def grams(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return set(zip(*(words[start:] for start in range(13)), strict=False))


def leaks(held: list[Asked]) -> list[tuple[str, str]]:
    """Pairs of questions in two splits whose contexts have a group, themselves or 13 words in a row in common."""
    keyed = [(each, grams(each.question.context)) for each in held]
    return [
        (one.question.id, other.question.id)
        for place, (one, mine) in enumerate(keyed)
        for other, theirs in keyed[place + 1 :]
        if one.split != other.split
        and (one.question.group == other.question.group or not mine.isdisjoint(theirs))
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_split_shares_a_passage_with_another_nor_with_a_document(
    tmp_path: Path, seed: int
) -> None:
    articles = many(seed)
    contexts = [each["context"] for one in articles for each in one["paragraphs"]]
    texts = [
        {"id": f"page-{number}", "text": f"A page says: {context} And more."}
        for number, context in enumerate(contexts)
    ]
    release = make(write(tmp_path, {"all": articles}, texts))
    held = list(read_asked(release))
    assert {each.split for each in held} == {"train", "validation", "test"}
    assert leaks(held) == []
    rows = ledger(release)
    of_test = [grams(each.question.context) for each in held if each.split != "train"]
    for text in texts:
        bad = any(not grams(text["text"]).isdisjoint(each) for each in of_test)
        row = rows[text["id"]]
        assert (row["stage"] == "decontam") == bad, row
    told = (release / "reports/decontamination.jsonl").read_text().splitlines()
    assert {json.loads(line)["set"] for line in told} == {"asked"}
    assert all(
        each["done"] for each in plan_config(tmp_path / "qa.toml", (), tmp_path / "out", None)
    )


def test_files_and_their_order_change_nothing(tmp_path: Path) -> None:
    articles = many(3)
    one = make(write(tmp_path / "one", {"all": articles}, []))
    shuffled = random.Random(5).sample(articles, len(articles))
    other = make(write(tmp_path / "two", {"a": shuffled[:11], "b": shuffled[11:]}, []))
    roots = [
        json.loads((each / "manifest.json").read_text())["content_root"] for each in (one, other)
    ]
    assert roots[0] == roots[1]


def test_what_is_held_out_stays_so_when_articles_are_added(tmp_path: Path) -> None:
    first = make(write(tmp_path, {"all": many(4)}, []))
    before = {each.question.id: each.split for each in read_asked(first)}
    draw = random.Random(9)
    context = many(4)[0]["paragraphs"][0]["context"]
    more = [article("A", (context, [asked("added-1", "What more?", context, context.split()[5])]))]
    for number in range(9):
        text = passage(draw)
        more.append(article(f"B{number}", (text, [asked(f"b-{number}", "Who?", text, text[:5])])))
    second = make(write(tmp_path, {"more": more}, [], version="1.1.0"))
    after = {each.question.id: each.split for each in read_asked(second)}
    assert before.items() <= after.items()
    assert after["added-1"] == before["question-0-0"]


def test_a_document_goes_for_the_id_or_the_title_of_what_is_held_out(tmp_path: Path) -> None:
    articles = many(6)
    pages = [
        {"id": f"t{number}", "text": f"Another page {number}.", "title": f"article_{number}"}
        for number in range(30)
    ]
    off = make(write(tmp_path / "off", {"all": articles}, pages, more="[qa]\nprotect = []"))
    splits = {each.question.title: each.split for each in read_asked(off)}
    held = [number for number in range(30) if splits[f"Article {number}"] != "train"]
    same = [{"id": f"question-{n}-0", "text": f"Nothing of it {n}."} for n in held]
    release = make(write(tmp_path / "on", {"all": articles}, pages + same))
    rows = pq.read_table(ledger_parts(release / "ledger")).to_pylist()
    told = {row["id"]: row["reason"] for row in rows if row["source"] == "text"}
    assert told == {f"question-{n}-0": "id:asked" for n in held} | {
        f"t{n}": "title:asked" if n in held else "kept" for n in range(30)
    }
    assert not any(row["stage"] == "decontam" for row in ledger(off).values())
    assert not (off / "reports/decontamination.jsonl").exists()


def test_questions_that_contradict_each_other_go_and_the_same_is_asked_once(
    tmp_path: Path,
) -> None:
    text = passage(random.Random(8), 120)
    near = text.replace(text.split()[20], "other", 1)
    word = text.split()
    articles = [
        article(
            "A",
            (text, [
                asked("said", "Which one?", text, word[3]),
                asked("unsaid", "which ONE", text),
                asked("three", "What was it?", text, word[5]),
                asked("clear", "How many?", text, f"{word[7]} {word[8]}"),
                asked("sign", "Is a < b?", text, word[9]),
                asked("other-sign", "Is a > b?", text, word[12]),
                asked("noise", "  ,,,,,,,,  ,,, what  ,,,,,,,, ", text, word[1]),
            ]),
        ),
        article(
            "B",
            (near, [
                asked("three-b", "What was it", near, word[30]),
                asked("clear-b", "How many ?", near, word[8]),
            ]),
        ),
    ]  # fmt: skip
    release = make(write(tmp_path, {"all": articles}, []))
    rows = ledger(release)
    told = {name: (row["verdict"], row["stage"], row["reason"]) for name, row in rows.items()}
    contradicted = ("drop", "qa", "contradiction")
    assert [told[each] for each in ("said", "unsaid", "three", "three-b")] == [contradicted] * 4
    assert json.loads(rows["said"]["detail"]) == {"contradicts": "unsaid"}
    kept, lost = sorted(("clear", "clear-b"), key=lambda name: told[name][0] == "drop")
    assert told[kept][0] == "keep"
    assert told[lost] == ("drop", "near", "question")
    assert rows[lost]["survivor"] == kept
    assert told["sign"][0] == told["other-sign"][0] == "keep"
    assert told["noise"] == ("drop", "qa", "malformed-question")
    splits = defaultdict(set)
    for each in read_asked(release):
        splits[each.split].add(each.question.id)
    assert len(splits) == 1
    kept_all = make(
        write(tmp_path / "keep", {"all": articles}, [], more='[qa]\ncontradictions = "keep"')
    )
    assert {"said", "unsaid"} < {each.question.id for each in read_asked(kept_all)}


def test_answers_that_a_redaction_touches_are_counted(tmp_path: Path) -> None:
    text = "Write to ada@lovelace-mills.org in the old mill, or come to the mill."
    some = asked(
        "some", "Where?", text, "old mill", "lovelace-mills.org in the old mill", "the mill"
    )
    none = asked("none", "To whom?", text, "ada@lovelace-mills.org")
    release = make(write(tmp_path, {"all": [article("A", (text, [some, none]))]}, []))
    rows = ledger(release)
    assert rows["none"]["reason"] == "answer-redacted"
    assert json.loads(rows["some"]["detail"])["answers_redacted"] == 1
    (held,) = read_asked(release)
    assert [each.text for each in held.question.answers] == ["old mill", "the mill"]


def test_a_type_that_is_dropped_drops_a_question_that_asks_with_it(tmp_path: Path) -> None:
    text = passage(random.Random(22))
    some = asked("asks", "Is ada@lovelace-mills.org the second?", text, text.split()[1])
    other = asked("plain", "Which is the third?", text, text.split()[2])
    config = write(
        tmp_path,
        {"all": [article("A", (text, [some, other]))]},
        [],
        more='[redact]\nreplace = { EMAIL = "drop" }\n',
    )
    rows = ledger(make(config))
    assert (rows["asks"]["stage"], rows["asks"]["reason"]) == ("redact", "holds:EMAIL")
    assert rows["plain"]["verdict"] == "keep"


def test_what_is_redacted_on_both_sides_is_found_all_the_same(tmp_path: Path) -> None:
    staff = [
        f"Keeper {name} looks after hall {number}, {name}.brook@quarry-museum.org"
        for number, name in enumerate(("ada", "ben", "cleo", "dan"))
    ]
    text = "; ".join(staff)
    config = write(
        tmp_path,
        {"all": many(18)[:1]},
        [{"id": "a-copy-of-it", "text": f"Seen on a wall:\n{text}\nNothing else."}],
        more=MORE.format(license="CC0-1.0"),
    )
    held = article("Staff", (text, [asked("exam-staff", "Who is in hall 2?", text, "Keeper cleo")]))
    (tmp_path / "exam.json").write_text(json.dumps({"data": [held]}))
    assert ledger(make(config))["a-copy-of-it"]["reason"] == "ngram:exam"


def test_a_held_out_question_is_taken_down_by_a_patch(ask: Ask, tmp_path: Path) -> None:
    """What it kept out of the text comes back, and what has its id goes with it."""
    quoted, other = passage(random.Random(19)), passage(random.Random(20))
    pages = [
        {"id": "a-page", "text": f"Seen: {quoted}"},
        {"id": "exam-held-0", "text": "A page that has the id of a question."},
        {"id": "another-page", "text": "A page about something else."},
    ]
    registry = tmp_path / "reg/events.jsonl"
    registry.parent.mkdir()
    registry.touch()
    more = MORE.format(license="CC0-1.0") + '[optout]\nregistry = "reg/events.jsonl"\n'
    config = write(tmp_path, {"all": many(21)[:1]}, pages, more=more)
    exam = [
        article(f"E{n}", (text, [asked(f"exam-held-{n}", "Why?", text, text.split()[2])]))
        for n, text in enumerate((quoted, other))
    ]
    (tmp_path / "exam.json").write_text(json.dumps({"data": exam}))
    first = make(config)
    rows = ledger_rows(first)
    assert (rows["text", "a-page"], rows["text", "exam-held-0"]) == ("ngram:exam", "id:exam")
    assert (
        ask("optout", "add", "--registry", registry, "--id", "exam-held-0", "--copies", "none").code
        == 0
    )
    said = ask("optout", "apply", first, "--registry", registry, "--out", tmp_path / "applied")
    assert said.code == 0, said.err
    rows = ledger_rows(Path(said.out.splitlines()[-1]))
    assert rows["text", "a-page"] == "kept"
    assert rows["text", "exam-held-0"] == rows["exam", "exam-held-0"] == "id"
    full = write(tmp_path, {"all": many(21)[:1]}, pages, more=more, version="1.0.1")
    assert ledger_rows(make(full)) == rows


def ledger_rows(release: Path) -> dict[tuple[str, str], str]:
    rows = pq.read_table(ledger_parts(release / "ledger")).to_pylist()
    return {(row["source"], row["id"]): row["reason"] for row in rows}


MORE = """\
[[sources]]
name = "exam"
format = "squad"
paths = ["exam.json"]
license = "{license}"
split = "test"
"""


def test_a_source_goes_into_the_split_that_it_is_given_and_takes_its_like_along(
    tmp_path: Path,
) -> None:
    draw = random.Random(10)
    mine = [passage(draw) for _ in range(12)]
    exam = [
        article(f"E{number}", (text, [asked(f"exam-{number:02}", "Why?", text, text.split()[2])]))
        for number, text in enumerate(mine)
    ]
    copies = [
        article(f"C{number}", (text, [asked(f"copy-{number:02}", "When?", text, text.split()[4])]))
        for number, text in enumerate(mine[:6])
    ]
    config = write(tmp_path, {"all": [*copies, *many(11)]}, [], more=MORE.format(license="CC0-1.0"))
    (tmp_path / "exam.json").write_text(json.dumps({"data": exam}))
    splits = {each.question.id: each.split for each in read_asked(make(config))}
    assert {splits[f"exam-{n:02}"] for n in range(12)} == {"test"}
    assert {splits[f"copy-{n:02}"] for n in range(6)} == {"test"}
    drawn = {split for name, split in splits.items() if name.startswith("question")}
    assert drawn >= {"train", "validation"}


def test_a_question_may_outlive_its_double_of_another_source(tmp_path: Path) -> None:
    context = passage(random.Random(12))
    double = [article("A", (context, [asked("exam-double", "Why?", context, context.split()[2])]))]
    own = [article("A", (context, [asked("asked-double", "Why?", context, context.split()[2])]))]
    config = write(tmp_path, {"all": own}, [], more=MORE.format(license="CC0-1.0"))
    (tmp_path / "exam.json").write_text(json.dumps({"data": double}))
    rows = ledger(make(config))
    assert sorted(row["verdict"] for row in rows.values()) == ["drop", "keep"]


@pytest.mark.parametrize("policy", ["", '[license]\nallow = ["CC-BY-ND-2.0", "CC0-1.0"]\n'])
def test_what_must_not_be_changed_is_there_to_be_tested_on_and_only_as_it_is(
    tmp_path: Path, policy: str
) -> None:
    plain, personal = (
        "The gate was built in 1743 by masons.",
        "Write to ada@lovelace-mills.org in 1743.",
    )
    composed = "Das Mu\u0308hlrad drehte sich 1743."
    exam = [
        article("A", (plain, [asked("as-it-is", "When was it built?", plain, "1743")])),
        article("B", (personal, [asked("redacted", "When?", personal, "1743")])),
        article("C", (composed, [asked("normalised", "Wann?", composed, "1743")])),
        article(
            "of eve@lovelace-mills.org",
            (f"{plain} Twice.", [asked("titled", "Wie?", plain, "1743")]),
        ),
    ]
    more = MORE.format(license="CC BY-ND 2.0 KR") + policy
    config = write(tmp_path, {"all": many(13)[:2]}, [], more=more)
    (tmp_path / "exam.json").write_text(json.dumps({"data": exam}))
    rows = ledger(make(config))
    assert rows["as-it-is"]["verdict"] == "keep"
    for name in ("redacted", "normalised"):
        assert (rows[name]["stage"], rows[name]["reason"]) == ("license", f"no-derivatives:{name}")
    assert rows["titled"]["reason"] == "no-derivatives:redacted"
    config.write_text(config.read_text().replace('split = "test"\n', ""))
    rows = ledger(run_config(config, out=tmp_path / "train", crew=SYNC).release)
    assert {rows[name]["reason"] for name in ("as-it-is", "redacted")} == {"no-derivatives:train"}


def test_what_a_run_would_find_is_told_before_there_is_a_config(ask: Ask, tmp_path: Path) -> None:
    text = passage(random.Random(16), 120)
    near = text.replace(text.split()[20], "other", 1)
    word = text.split()
    off = asked("off", "Where?", text, word[40])
    off["answers"][0]["answer_start"] += 2
    lost = asked("lost", "Whom?", text, word[41])
    lost["answers"][0]["text"] = "nowhere"
    first = article("A", (text, [asked("one", "What?", text, word[3]), off, lost]))
    second = article(
        "B", (near, [asked("two", "what", near, word[60]), asked("one", "Why?", near, word[9])])
    )
    for name, each in (("a", first), ("b", second)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"data": [each]}))
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    found = ask("qa", "validate", *files, "--json").row()
    assert found["repaired"] == {"near": 1}
    assert found["reasons"] == {"contradiction": 2, "id-taken": 1, "qa:span": 1}
    assert (found["records"], found["questions"], found["families"], found["near"]) == (5, 4, 1, 1)
    assert {"input": str(files[0]), "row": 2, "id": "lost", "reason": "qa:span"} in found[
        "problems"
    ]
    said = ask("qa", "validate", *files, "--show", "1", "--strict")
    assert (said.code, f"{files[0]}#2: lost: qa:span" in said.out) == (3, True)
    assert text[:40] not in said.out + said.err


def test_a_release_says_of_itself_that_nothing_leaks(ask: Ask, tmp_path: Path) -> None:
    made = make(write(tmp_path, {"all": many(17)}, []))
    found = ask("qa", "validate", made, "--json").row()
    assert (found["leaks"], found["problems"]) == (0, [])
    assert found["shared"] > 0


def test_the_config_for_questions_and_text_makes_both(tmp_path: Path) -> None:
    made = run_config(ROOT / "configs/qa.toml", out=tmp_path, crew=SYNC).release
    assert verify(made, deep=True).problems == ()
    held = list(read_asked(made))
    assert {each.source for each in held} == {"asked", "bread", "exam", "faq", "mrqa"}
    assert {each.split for each in held if each.source == "exam"} == {"test"}
    assert leaks(held) == []
    rows = ledger(made)
    assert rows["page-ice"]["reason"] == "ngram:exam"
    assert rows["page-slate"]["reason"] == "title:exam"
    assert rows["no-questions"]["reason"] == "no-pair"
    assert rows["page-mill"]["verdict"] == "keep"
    assert sorted(path.name for path in (made / "data").iterdir()) == ["pages"]


def test_a_bad_question_is_named_by_its_row(tmp_path: Path) -> None:
    config = write(tmp_path, {"all": many(15)[:1]}, [])
    one = json.loads((tmp_path / "asked/all.json").read_text())
    one["data"][0]["paragraphs"][1]["qas"][0]["answers"] = [{"text": " ", "answer_start": 0}]
    (tmp_path / "asked/all.json").write_text(json.dumps(one))
    with pytest.raises(InputError, match=r"read: asked/all\.json#1: qa:empty-answer"):
        run_config(config, out=tmp_path / "out", crew=SYNC)


def test_an_unknown_split_or_rule_is_refused(tmp_path: Path) -> None:
    config = write(tmp_path, {"all": many(14)[:1]}, [], more='[qa]\nprotect = ["smell"]')
    with pytest.raises(ConfigError, match=r"qa\.protect"):
        run_config(config, out=tmp_path / "out", crew=SYNC)
