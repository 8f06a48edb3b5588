"""What readers learn, from what, and what their folders say of it: files, releases, other networks."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.engine.crew import SYNC
from pipeline.qa.asked import read_asked
from pipeline.run import run_config
from tests.capitals import answers, paragraphs, write
from tests.conftest import Ask
from tests.learned import NET, learn, refused, right

torch = pytest.importorskip("torch", reason="the extra [model] is not installed")
transformers = pytest.importorskip("transformers", reason="the extra [model] is not installed")

CONFIG = """\
[release]
name = "lands"
version = "2.1.0"
shards = 1

[[sources]]
name = "lands"
format = "squad"
paths = ["lands.json"]
license = "CC0-1.0"

[dedup]
near = false

[split]
validation = 0.2
test = 0.0
"""
FAMILIES = ("electra", "mobilebert", "distilbert")
KNOWN = paragraphs(60, 1)
OTHERS = paragraphs(20, 2)
ABSENT = [
    one | {"qas": [each | {"answers": [], "is_impossible": True} for each in other["qas"]]}
    for one, other in zip(OTHERS, OTHERS[::-1], strict=True)
]  # each asked of another paragraph


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("asked") / "asked.json", KNOWN)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Other countries."""
    return write(tmp_path_factory.mktemp("others") / "others.json", OTHERS)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions in a release, treat it as read-only."""
    folder = tmp_path_factory.mktemp("lands")
    write(folder / "lands.json", paragraphs(45, 3))
    (folder / "lands.toml").write_text(CONFIG, encoding="utf-8")
    return run_config(folder / "lands.toml", out=folder / "out", crew=SYNC).release


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_learned_holds_for_other_questions(
    ask: Ask, asked: Path, others: Path, tmp_path: Path, family: str
) -> None:
    head = learn(ask, tmp_path / "reader", asked, "--family", family, "--epochs", "3")
    assert head["learned"]["steps"] == head["curve"][-1]["step"] > 8
    assert head["curve"][-1]["loss"] < head["curve"][0]["loss"]
    if family != "distilbert":  # whose tokens have no hints: it learns too slowly for a test
        assert right(ask, tmp_path / "reader", others, answers(OTHERS)) > 0.9
        assert head["curve"][0]["exact"] < 50 < head["curve"][-1]["exact"]
    net = transformers.AutoModelForQuestionAnswering.from_pretrained(tmp_path / "reader")
    assert net.config.model_type == family
    assert sum(each.numel() for each in net.parameters()) == head["learned"]["parameters"]


def test_one_that_learned_to_be_silent_abstains(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path / "asked.json", paragraphs(130, 4, towns=2, silent=2))
    asked = paragraphs(20, 5, towns=2, silent=2)
    file, wanted = write(tmp_path / "others.json", asked), answers(asked)
    head = learn(ask, tmp_path / "reader", tmp_path / "asked.json", "--epochs", "4")
    assert head["learned"]["impossible"] > 0
    assert head["learned"]["made"] == 0
    assert 0 <= head["sureness"]["threshold"] < 1
    silent = {name: text for name, text in wanted.items() if not text}
    assert len(silent) == 40
    assert right(ask, tmp_path / "reader", file, silent) > 0.8
    rest = {name: text for name, text in wanted.items() if text}
    assert right(ask, tmp_path / "reader", file, rest) > 0.8
    assert head["learned"]["held_out_by"] == "group"
    card = (tmp_path / "reader/README.md").read_text()
    assert " questions on other articles were held out" in card
    assert "It abstains where its null odds are above" in card
    assert f"of which {head['learned']['impossible']:,} have no answer" in card


def test_questions_without_an_answer_are_made_where_there_are_none(
    ask: Ask, tmp_path: Path
) -> None:
    asked = write(tmp_path / "asked.json", paragraphs(250, 6, towns=2))
    plain = learn(ask, tmp_path / "plain", asked, "--epochs", "0.1")
    head = learn(ask, tmp_path / "reader", asked, "--silent", "0.5", "--epochs", "5")
    made = head["learned"]["made"]
    assert made == head["learned"]["impossible"] > 100
    assert head["learned"]["questions"] == plain["learned"]["questions"] + made
    assert plain["sureness"]["threshold"] == 1 > head["sureness"]["threshold"]
    card = (tmp_path / "reader/README.md").read_text()
    assert f"{made:,} of them made so by changing one word" in card
    assert "answers always" in (tmp_path / "plain/README.md").read_text()
    file = write(tmp_path / "absent.json", ABSENT)
    assert right(ask, tmp_path / "reader", file, answers(ABSENT)) > 0.8
    assert right(ask, tmp_path / "plain", file, answers(ABSENT)) == 0


def test_a_release_is_named_by_version_and_content_root(
    ask: Ask, release: Path, asked: Path, tmp_path: Path
) -> None:
    manifest = json.loads((release / "manifest.json").read_bytes())
    head = learn(ask, tmp_path / "reader", release, asked, "--epochs", "0.1")
    root = manifest["content_root"]
    one, other = head["learned"]["sources"]
    assert (one["name"], other["name"]) == ("asked.json", "lands")
    assert (other["version"], other["content_root"]) == ("2.1.0", root)
    card = (tmp_path / "reader/README.md").read_text()
    assert f"- release `lands` 2.1.0, content root `{root}`\n" in card
    assert "- file `asked.json`, SHA-256 `" in card
    assert str(release.parent) not in card + json.dumps(head)


def test_nothing_but_the_split_that_is_named_is_learned_from(
    ask: Ask, release: Path, tmp_path: Path
) -> None:
    splits = Counter(each.split for each in read_asked(release))
    assert splits["validation"] > 0
    learned = learn(ask, tmp_path / "reader", release, "--epochs", "0.1")["learned"]
    assert learned["questions"] + learned["held_out"] == splits["train"]
    for split, problem in (
        ("validation", "fewer than 50"),
        ("other", "no question of split other"),
    ):
        given = ("qa", "train", release, "--split", split, "--out", tmp_path / split, *NET)
        assert problem in refused(ask, *given, code=3)


def test_questions_that_nobody_asked_are_left_out(ask: Ask, release: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.jsonl.zst"
    assert ask("qa", "make", release, "--method", "swap", "--seed", "1", "--out", made).code == 0
    said = refused(ask, "qa", "train", made, "--out", tmp_path / "reader", *NET, code=3)
    assert "no question" in said
    plain = learn(ask, tmp_path / "plain", release, made, "--epochs", "0.1")
    head = learn(ask, tmp_path / "reader", release, made, "--epochs", "0.1", "--synthetic")
    assert plain["learned"]["impossible"] == 0 < head["learned"]["impossible"]
