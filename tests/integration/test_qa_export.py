"""Exports of a release's questions: nothing is lost in another shape, and nothing leaves that may not."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from filters.qa import Question
from manifests.record import Question as Record
from pipeline.engine.crew import SYNC
from pipeline.errors import ConfigError
from pipeline.qa.asked import read_asked
from pipeline.qa.export import Exported, Format, Wanted, export
from pipeline.qa.released import released
from pipeline.qa.shapes import Chat, tokens_of
from pipeline.run import run_config

CONFIG = """\
[release]
name = "asked"
version = "1.0.0"
shards = 2

[[sources]]
name = "free"
format = "squad"
paths = ["free.json"]
license = "CC-BY-SA-4.0"

[[sources]]
name = "fixed"
format = "squad"
paths = ["fixed.json"]
license = "CC-BY-ND-4.0"
split = "test"

[split]
validation = 0.5
test = 0.0
"""
MILL = "🌾 The mill of Überlingen stands on the Aach. Its wheel, of oak, turns twice a minute."
KOREAN = "서울은 대한민국의 수도이다. 세종특별자치시에는 정부 청사가 있다."


def asked(name: str, context: str, question: str, *answers: str, **more: Any) -> dict[str, Any]:
    found = [{"text": each, "answer_start": context.index(each)} for each in answers]
    key = "plausible_answers" if more.get("is_impossible") else "answers"
    return {"id": name, "question": question, "answers": [], key: found, **more}


def file(*articles: tuple[str, list[tuple[str, list[dict[str, Any]]]]]) -> str:
    data = [
        {"title": title, "paragraphs": [{"context": c, "qas": qas} for c, qas in paragraphs]}
        for title, paragraphs in articles
    ]
    return json.dumps({"version": "v2.0", "data": data})


def stone(number: int) -> tuple[str, list[tuple[str, list[dict[str, Any]]]]]:
    context = f"Stone {number} weighs {number} t."
    return f"Stone {number}", [
        (context, [asked(f"s{number}", context, "How much?", f"{number} t")])
    ]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    made = {"method": "cloze", "seed": 3}
    nfd = unicodedata.normalize("NFD", KOREAN)
    free = file(
        (
            "Mill",
            [
                (
                    MILL,
                    [
                        asked("m1", MILL, "What is the wheel made of?", "oak", "of oak", "oak"),
                        asked("m2", MILL, "Who built it?", "Aach", is_impossible=True),
                        asked("m3", MILL, "It turns ___ a minute.", "twice", synthetic=made),
                    ],
                )
            ],
        ),
        ("", [(nfd, [asked("k1", nfd, "수도는?", unicodedata.normalize("NFD", "서울"))])]),
        *(stone(n) for n in range(2, 12)),
    )  # fmt: skip
    (folder / "free.json").write_text(free, encoding="utf-8")
    law = "The law is as it is."
    fixed = file(("Law", [(law, [asked("l1", law, "How is it?", "as it is")])]))
    (folder / "fixed.json").write_text(fixed, encoding="utf-8")
    (folder / "asked.toml").write_text(CONFIG, encoding="utf-8")
    return run_config(folder / "asked.toml", out=folder / "out", crew=SYNC).release


def made(release: Path, folder: Path, form: Format, **more: Any) -> Exported:
    return export(release, Wanted(format=form, **more), folder)


def lines(path: Path) -> Iterator[Any]:
    data = zstandard.ZstdDecompressor().stream_reader(path.read_bytes(), read_across_frames=True)
    return (json.loads(line) for line in data.read().splitlines())


def questions(release: Path, *, synthetic: bool = False, answerable: bool = False) -> list[Record]:
    return [
        each
        for _, each in released(release)
        if each.source == "free"
        and (synthetic or not each.synthetic.method)
        and not (answerable and each.is_impossible)
    ]


def test_squad_reads_back_equal(release: Path, tmp_path: Path) -> None:
    found = made(release, tmp_path / "out", "squad")
    assert found.left_out == {"no-derivatives": 1, "synthetic": 1}
    back = {
        each.question.id: each.question
        for name in found.files
        for each in read_asked(tmp_path / "out" / name)
    }
    wanted = {
        each.id: msgspec.convert(each, Question, from_attributes=True)
        for each in questions(release)
    }
    assert back == wanted
    assert sum(found.files.values()) == len(wanted) == 13
    shaped = {name: json.loads((tmp_path / "out" / name).read_bytes()) for name in found.files}
    versions = {name: each["version"] for name, each in shaped.items()}
    split = next(split for split, each in released(release) if each.id == "m2")
    assert versions == {name: "v2.0" if name == f"{split}.json" else "1.1" for name in found.files}
    assert set(versions) == {"train.json", "validation.json"}


def test_made_questions_are_labelled_where_they_are_asked_for(
    release: Path, tmp_path: Path
) -> None:
    form: Format
    for form in ("squad", "hf", "mrqa", "chat"):
        made(release, tmp_path / form, form, synthetic=True)
        texts = [
            path.read_text(encoding="utf-8") if path.suffix == ".json"
            else "\n".join(json.dumps(each) for each in lines(path))
            for path in sorted((tmp_path / form).glob("*.json*"))
        ]  # fmt: skip
        assert sum(text.count('"cloze"') for text in texts) == 1, form


@pytest.mark.parametrize("form", ["squad", "hf", "mrqa", "chat"])
def test_an_export_is_the_same_each_time_and_says_whose_it_is(
    release: Path, tmp_path: Path, form: Format
) -> None:
    for name in ("a", "b"):
        made(release, tmp_path / name, form, sources=("free",))
    a, b = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "ab")
    assert a == b
    told = json.loads(a["LICENSES.json"])
    (license_,) = told["licenses"]
    assert license_["license"] == "CC-BY-SA-4.0"
    assert license_["asks"] == ["attribution", "share-alike"]
    assert {"source": "free", "title": "Stone 3", "url": "", "questions": 1} in license_["works"]
    assert sum(each["questions"] for each in license_["works"]) == sum(told["files"].values())
    assert "LICENSES.md" in a
    listed = {line.split("  ")[1] for line in a["SHA256SUMS"].decode().splitlines()}
    assert listed == set(a) - {"SHA256SUMS"}


def test_datasets_reads_the_flat_shape_as_squad(release: Path, tmp_path: Path) -> None:
    import datasets

    found = made(release, tmp_path / "out", "hf")
    text = datasets.Value("string")
    answers = {"text": datasets.List(text), "answer_start": datasets.List(datasets.Value("int32"))}
    features = datasets.Features(
        {"id": text, "title": text, "context": text, "question": text, "answers": answers}
    )
    read = datasets.load_dataset(
        "json",
        data_files={name.split(".")[0]: str(tmp_path / "out" / name) for name in found.files},
        features=features,
        cache_dir=str(tmp_path / "cache"),
    )
    rows = {row["id"]: row for split in read.values() for row in split}
    wanted = questions(release)
    assert set(rows) == {each.id for each in wanted}
    for each in wanted:
        row = rows[each.id]
        assert (row["context"], row["question"], row["title"]) == (each.context, each.question, each.title)  # fmt: skip
        found_answers = zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True)
        assert [(a.text, a.start) for a in each.answers] == list(found_answers)


def test_mrqa_spans_are_inclusive_and_true(release: Path, tmp_path: Path) -> None:
    found = made(release, tmp_path / "out", "mrqa")
    assert found.left_out == {"no-derivatives": 1, "synthetic": 1, "unanswerable": 1}
    seen = {}
    for name in found.files:
        header, *contexts = lines(tmp_path / "out" / name)
        assert header["header"] == {"dataset": "all", "split": name.split(".")[0]}
        for each in contexts:
            for token, offset in each["context_tokens"]:
                assert each["context"][offset : offset + len(token)] == token
            for qa in each["qas"]:
                seen[qa["qid"]] = [a["text"] for a in qa["detected_answers"]]
                for answer in qa["detected_answers"]:
                    _check_spans(each, answer)
    wanted = questions(release, answerable=True)
    assert seen == {each.id: [a.text for a in each.answers] for each in wanted}


def _check_spans(passage: dict[str, Any], answer: dict[str, Any]) -> None:
    ((start, last),) = answer["char_spans"]
    assert passage["context"][start : last + 1] == answer["text"]
    ((first_token, last_token),) = answer["token_spans"]
    tokens = passage["context_tokens"]
    low, high = tokens[first_token][1], tokens[last_token][1] + len(tokens[last_token][0])
    assert low <= start
    assert last < high
    assert tokens_of(passage["context"][low:high])[0][0] == tokens[first_token][0]


def test_chat_asks_over_the_context_and_refuses_as_told(release: Path, tmp_path: Path) -> None:
    made(release, tmp_path / "out", "chat", chat=Chat("", "It does not say."))
    rows = {each["id"]: each for path in (tmp_path / "out").glob("*.zst") for each in lines(path)}
    user, answer = rows["m2"]["messages"]
    assert user == {"role": "user", "content": f"{MILL}\n\nWho built it?"}
    assert answer == {"role": "assistant", "content": "It does not say."}
    assert rows["m1"]["messages"][-1]["content"] == "oak"
    assert rows["m1"]["license"] == "CC-BY-SA-4.0"
    made(release, tmp_path / "plain", "chat")
    rows = {each["id"]: each for path in (tmp_path / "plain").glob("*.zst") for each in lines(path)}
    assert [each["role"] for each in rows["m2"]["messages"]] == ["system", "user", "assistant"]
    assert rows["m2"]["messages"][-1]["content"] == ""


def test_what_cannot_be_exported_is_told_and_leaves_nothing(release: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="1 no-derivatives"):
        made(release, tmp_path / "out", "hf", sources=("fixed",))
    with pytest.raises(ConfigError, match="'free'"):
        made(release, tmp_path / "out", "hf", sources=("fre",))
    with pytest.raises(ConfigError, match="split 'exam'"):
        made(release, tmp_path / "out", "hf", splits=("exam",))
    with pytest.raises(ConfigError, match="lies in the release"):
        made(release, release / "out", "hf")
    assert list(tmp_path.iterdir()) == []
