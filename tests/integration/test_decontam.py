"""Protected evaluation sets: what holds a passage of one is not in the release, and the books say why."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.engine.crew import SYNC
from pipeline.errors import ConfigError, InputError
from pipeline.planned import plan_config
from pipeline.run import run_config
from pipeline.verify import verify

CONTEXT = (
    "The old mill of Überlingen was built in 1743, when the river Aach still carried grain"
    " barges from the lake to the upper town, and it burned down twice before the guild's"
    " masons replaced its timber with sandstone in the spring of 1811."
)
OTHER = (
    "Moths of the genus Calliteara rest with their forelegs stretched out, which makes them easy"
    " to tell apart from their relatives even at dusk, when colours can no longer be trusted."
)
QUESTION = "Which material did the masons of the guild use to replace the timber of the mill?"
CLEAN = (
    "A clean page about kites, which fly higher the longer their tail is, says the boy next door."
)
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Old_Mill",
            "paragraphs": [
                {
                    "context": context,
                    "qas": [
                        {
                            "id": name,
                            "question": question,
                            "answers": [{"text": answer, "answer_start": context.index(answer)}],
                            "is_impossible": False,
                        }
                    ],
                }
                for name, context, question, answer in (
                    ("5726mill0001", CONTEXT, QUESTION, "sandstone"),
                    ("5726moth0002", OTHER, "What do they do with their legs?", "stretched out"),
                )
            ],
        }
    ],
}
TRAIN = {
    "data": [
        {
            "title": "Bread",
            "paragraphs": [
                {
                    "context": "Rye bread keeps for two weeks because its crumb binds more water than wheat does.",
                    "qas": [
                        {
                            "id": "train-bread-1",
                            "question": "How long does rye bread keep?",
                            "answers": [{"text": "two weeks", "answer_start": 20}],
                        }
                    ],
                },
                {
                    "context": f"From another reader: {CONTEXT}",
                    "qas": [
                        {
                            "id": "train-mill-9",
                            "question": "When was it built?",
                            "answers": [{"text": "1743", "answer_start": 58}],
                        }
                    ],
                },
            ],
        }
    ]
}
CONFIG = """
[release]
name = "guarded"
shards = 2
[[sources]]
name = "pages"
paths = ["pages.jsonl"]
[[sources]]
name = "qa"
paths = ["qa/*.json"]
format = "squad"
id_prefix = "qa/"
[redact]
level = "off"
[decontam]
ngram = 13
[[decontam.protect]]
name = "mill-dev"
paths = ["held/dev.json"]
format = "squad"
"""
PAGES: tuple[dict[str, Any], ...] = (
    {"id": "clean", "text": CLEAN},
    {"id": "whole", "text": f"Found on the web:\n\n{CONTEXT}\n\nNice, isn't it?"},
    {"id": "half", "text": CONTEXT[: len(CONTEXT) // 2]},
    {
        "id": "dressed",
        "text": f"<p>{OTHER.upper().replace(' ', '  ').replace('which', '<i>which</i>')}",
    },
    {"id": "decomposed", "text": unicodedata.normalize("NFD", CONTEXT)},
    {"id": "asked", "text": f"{CLEAN} {QUESTION}"},
    {"id": "5726mill0001", "text": "A page that has the id of a question, and nothing else of it."},
    {"id": "quoting", "text": "The old mill of Überlingen was built in 1743, they say."},
    {"id": "titled", "text": "Nothing but the title is the same here.", "title": "old mill"},
)
LEAKED = {"whole", "half", "dressed", "decomposed", "asked", "5726mill0001"}


def lay_out(root: Path, config: str = CONFIG) -> Path:
    root.mkdir(exist_ok=True)
    (root / "held").mkdir(exist_ok=True)
    (root / "qa").mkdir(exist_ok=True)
    (root / "held/dev.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    (root / "qa/dev.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    (root / "qa/train.json").write_text(json.dumps(TRAIN), encoding="utf-8")
    lines = [json.dumps(each, ensure_ascii=False) + "\n" for each in PAGES]
    (root / "pages.jsonl").write_text("".join(lines), encoding="utf-8")
    path = root / "guarded.toml"
    path.write_text(config, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One release of a corpus in which a protected set is hidden; treat it as read-only."""
    root = tmp_path_factory.mktemp("guarded")
    return run_config(lay_out(root), out=root / "out", crew=SYNC).release


def rows(release: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted((release / "ledger").glob("decisions-*.parquet")):
        found += pq.read_table(path).to_pylist()
    return found


def dropped(release: Path) -> dict[str, str]:
    return {row["id"]: row["reason"] for row in rows(release) if row["stage"] == "decontam"}


def test_what_holds_a_passage_of_a_protected_set_is_dropped_for_it(guarded: Path) -> None:
    found = dropped(guarded)
    assert {name for name in found if not name.startswith("qa/")} == LEAKED
    assert found["whole"] == "ngram:mill-dev"
    assert found["5726mill0001"] == "id:mill-dev"


def test_questions_on_a_protected_context_go_unless_they_are_the_set_itself(guarded: Path) -> None:
    kept = {row["id"] for row in rows(guarded) if row["source"] == "qa" and row["stage"] == "keep"}
    assert kept == {"qa/5726mill0001", "qa/5726moth0002", "qa/train-bread-1"}
    assert dropped(guarded)["qa/train-mill-9"] == "ngram:mill-dev"


def test_the_books_add_up_and_the_release_verifies(guarded: Path) -> None:
    assert not verify(guarded, deep=True).problems
    manifest = json.loads((guarded / "manifest.json").read_bytes())
    stage = next(each for each in manifest["stages"] if each["stage"] == "decontam")
    assert stage["dropped"] == {"id:mill-dev": 1, "ngram:mill-dev": 6}
    assert stage["in"] == stage["out"] + 7
    (held,) = manifest["decontam"]["sets"]
    assert (held["name"], held["items"], held["passages"]) == ("mill-dev", 2, 3)
    assert manifest["decontam"]["ngram"] == 13


def test_the_report_tells_where_and_how_much_and_quotes_nothing(guarded: Path) -> None:
    data = (guarded / "reports/decontamination.jsonl").read_bytes()
    lines = {row["id"]: row for row in map(json.loads, data.splitlines())}
    assert lines.keys() == LEAKED | {"qa/train-mill-9"}
    whole = lines["whole"]
    text = next(page["text"] for page in PAGES if page["id"] == "whole")
    assert text[slice(*whole["span"])] == CONTEXT.rstrip(".")
    assert (whole["set"], whole["item"], whole["method"]) == ("mill-dev", "5726mill0001", "ngram")
    assert whole["score"] == 1.0
    assert 0 < lines["half"]["score"] < 1
    assert lines["5726mill0001"]["span"] is None
    assert b"sandstone" not in data.lower()
    assert b"masons" not in data.lower()


def test_titles_are_compared_when_asked_for(tmp_path: Path) -> None:
    asked = CONFIG.replace("ngram = 13", 'ngram = 13\nby = ["title"]')
    release = run_config(lay_out(tmp_path, asked), out=tmp_path / "out", crew=SYNC).release
    assert dropped(release) == {"titled": "title:mill-dev"}


def test_a_cached_screen_depends_on_what_the_sets_hold_and_not_on_where_they_lie(
    tmp_path: Path,
) -> None:
    config, out = lay_out(tmp_path), tmp_path / "out"
    run_config(config, out=out, crew=SYNC)

    def done() -> bool:
        return all(each["done"] for each in plan_config(config, (), out, None))

    (tmp_path / "moved").mkdir()
    (tmp_path / "held/dev.json").rename(tmp_path / "moved/away.json")
    config.write_text(CONFIG.replace("held/dev.json", "moved"), encoding="utf-8")
    assert done()
    with (tmp_path / "moved/away.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert not done()


def test_a_set_that_is_not_there_or_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    config = lay_out(tmp_path)
    (tmp_path / "held/dev.json").write_text('{"data": [{"paragraphs": 3}]}', encoding="utf-8")
    with pytest.raises(InputError, match=r"dev\.json: a protected set cannot be read"):
        run_config(config, out=tmp_path / "out", crew=SYNC)
    (tmp_path / "held/dev.json").unlink()
    with pytest.raises(ConfigError, match=r"held/dev\.json: matches no file"):
        run_config(config, out=tmp_path / "out", crew=SYNC)


def test_mistakes_in_the_table_are_told_together(tmp_path: Path) -> None:
    table = CONFIG.replace("ngram = 13", "ngram = 3").replace('"mill-dev"', '"../dev"')
    with pytest.raises(ConfigError) as error:
        run_config(lay_out(tmp_path, table), out=tmp_path / "out", crew=SYNC)
    assert "decontam.ngram: between 8 and 64 words" in str(error.value)
    assert "decontam.protect.0.name" in str(error.value)
