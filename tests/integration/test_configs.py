"""The configs that lie beside the code, and their mixes, run as they stand, over the inputs that lie beside them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.catalog import read_documents
from pipeline.engine.crew import SYNC, Crew
from pipeline.release import ledger_parts
from pipeline.run import run_config
from tests.conftest import Ask

CONFIGS = Path(__file__).parents[2] / "configs"


def ledger(release: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(ledger_parts(release / "ledger")).to_pylist()
    return rows


def repository(name: str) -> str:
    return name.partition(";origin=")[2].partition(";")[0].rpartition("/")[2]


def test_code_as_the_stack_has_it(tmp_path: Path, ask: Ask) -> None:
    made = run_config(CONFIGS / "stack-like.toml", out=tmp_path, crew=SYNC)
    rows = ledger(made.release)
    why = Counter((repository(row["id"]), row["stage"], row["reason"]) for row in rows)
    assert why == {
        ("granary.git", "keep", "kept"): 4,
        ("hopper.git", "optout", "repo"): 2,  # in the registry
        ("mill.git", "near", "fork"): 8,
        ("mill.git", "quality", "code:generated"): 1,
        ("mill.git", "quality", "code:vendored"): 2,
        ("our-mill.git", "keep", "kept"): 9,
        ("our-mill.git", "quality", "code:generated"): 1,
        ("our-mill.git", "quality", "code:vendored"): 2,
        ("wheel.git", "license", "policy:GPL-3.0-only"): 2,
    }
    found = ask("query", made.release, "--language", "C", "--license", "Apache-2.0", "--json")
    assert found.code == 0, found.err
    documents = map(json.loads, found.out.splitlines())
    assert sorted(each["path"] for each in documents) == ["granary.c", "granary.h"]
    (telemetry,) = (
        each for each in read_documents(made.release) if each["meta"]["path"] == "mill/telemetry.py"
    )
    assert "Ask REDACTED_EMAIL before" in telemetry["text"]
    assert ask("verify", made.release, "--deep").code == 0


# what each component's fixture says only when its own adapter has read it
TELLTALES = {
    "arxiv": r"\omega r \le \sqrt{2 g h}",
    "bookcorpus2": "of a country that she had never heard of",
    "books3": "THE FERRYMAN'S ACCOUNT",
    "dm-mathematics": "What is 17 times 23?\n391\n",
    "enron-emails": "Reach me at REDACTED_EMAIL or at home.",
    "europarl": "a field cannot wait for the second reading",
    "freelaw": "a reason is not a condition",
    "github": "double bin_fill(struct bin *bin",
    "gutenberg": "    The ice that sings is safe to tread,\n",
    "hackernews": "<user1> The wheel turns at nine revolutions",
    "nih-exporter": "DESCRIPTION: People who work at night",
    "opensubtitles": "I said it wouldn't hurry, and that is another thing.\n",
    "openwebtext2": "Nobody has asked the ship.",
    "philpapers": "ON PROMISING TO ONESELF",
    "pile-cc": "Why cold dough keeps its shape\n",
    "pubmed-abstracts": "RESULTS: Grip rose with the weight of dough",
    "pubmed-central": "Whole meal holds the oil of the germ, which oxygen spoils.",
    "stack-exchange": "A:\n\nIt is hungry.",
    "ubuntu-irc": "<user2> user1: is it on the battery",
    "uspto": "1. A bag clamp comprising a band of spring steel",
    "wikipedia": "Tide mill\n\nA tide mill is a water mill",
    "youtube-subtitles": "Hello everybody, and welcome back to the workshop.\n",
}


@pytest.fixture(scope="module")
def pile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pile")
    return run_config(CONFIGS / "pile-like.toml", out=out, crew=Crew(workers=2)).release


def test_all_components_of_the_pile(pile: Path, ask: Ask) -> None:
    texts: dict[str, str] = {}
    for each in read_documents(pile):
        texts[each["source"]] = texts.get(each["source"], "") + each["text"]
    assert texts.keys() == TELLTALES.keys()
    assert [name for name, telltale in TELLTALES.items() if telltale not in texts[name]] == []
    dropped = [row for row in ledger(pile) if row["verdict"] != "keep"]
    assert [(row["stage"], row["reason"]) for row in dropped] == [("read", "low-score")]
    assert ask("verify", pile, "--deep").code == 0


def test_what_is_told_of_whom_it_is(pile: Path) -> None:
    """Licences are those of the records, where these state one, and nobody's name is in a release of conversations."""
    licenses = {each["source"]: each["license"] for each in read_documents(pile)}
    assert licenses["pubmed-central"] == licenses["arxiv"] == "CC-BY-4.0"
    assert licenses["stack-exchange"] == "CC-BY-SA-2.5"
    assert licenses["github"] == "Apache-2.0"
    assert licenses["books3"] == licenses["pile-cc"] == "NOASSERTION"
    spoken = [
        each for each in read_documents(pile) if each["source"] in {"ubuntu-irc", "hackernews"}
    ]
    assert [
        each["id"] for each in spoken if "quernstone" in str(each) or "stonegap" in str(each)
    ] == []


@pytest.mark.parametrize("recipe", ["pile-like", "pile-weights"])
def test_the_mixes_of_the_pile(pile: Path, ask: Ask, recipe: str) -> None:
    found = ask("mix", pile, CONFIGS / f"mixes/{recipe}.toml", "--json")
    assert found.code == 0, found.err
    shares = {each["name"]: each for each in json.loads(found.out)["mix"]["sources"]}
    assert shares.keys() == TELLTALES.keys()
    assert shares["wikipedia"]["epochs"] == 3
    for share in shares.values():
        there, mixed = share["there"]["documents"], share["mixed"]["documents"]
        assert int(share["epochs"]) * there <= mixed <= -int(-share["epochs"] // 1) * there


def test_what_the_sources_read_is_counted_before_any_run(ask: Ask) -> None:
    found = ask("analyze", CONFIGS / "pile-like.toml", "--json")
    assert found.code == 0, found.err
    told = json.loads(found.out)
    assert {name.partition(":")[0] for name in told["shards"]} == TELLTALES.keys()
    assert told["records"] == 35
    assert told["bad_reasons"] == {}
    assert told["drop_reasons"] == {"low-score": 1}
    assert told["languages"] == {"en": 31, "C": 2, "JSON": 1}


def test_scores_of_a_config_are_told_by_source_before_any_run(ask: Ask) -> None:
    found = ask("analyze", CONFIGS / "stack-like.toml", "--scores", "--json")
    assert found.code == 0, found.err
    (told,) = json.loads(found.out).values()
    assert told["documents"] == 31
    assert told["filters"]["code"]["judged"] == 28
    assert told["reasons"]["code:generated"] == 2
