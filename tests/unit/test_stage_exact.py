"""Exact duplicates against a plain-Python oracle, ids that name two documents, and opted-out copies."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.subjects import subject
from pipeline.engine.crew import SYNC
from pipeline.errors import InputError
from pipeline.optout import add
from pipeline.plan import Input
from pipeline.run import run_config
from pipeline.spill import EARLIER, EXACT, GHOST, IDS, QUESTION, Records
from pipeline.stages.exact import COLLISION, find_collisions, find_losers, name_collisions

few = st.integers(0, 2)
flags = st.sampled_from((0, 0, 0, QUESTION, GHOST, EARLIER, EARLIER | GHOST))
entries = st.lists(
    st.tuples(few, few, few, few, few, st.integers(0, 50), flags),
    max_size=25,
    unique_by=lambda entry: entry[5],
)


def oracle(keys: list[Any], *, repeats_only: bool) -> dict[int, tuple[int, bool]]:
    """Loser to (survivor, opted out), said slowly.

    A ghost takes every copy; else one of an earlier release stays, else the least one.
    """
    lost: dict[int, tuple[int, bool]] = {}
    for high, low, name, _rank, _tie, line, flag in keys:
        if flag & (GHOST | EARLIER):
            continue
        same = [k for k in keys if (k[0], k[1]) == (high, low)]
        ghosts = [k for k in same if k[6] & GHOST]
        if ghosts:
            lost[line] = (min(ghosts, key=lambda k: (k[3], k[4], k[5]))[5], True)
            continue
        rivals = [k for k in same if k[2] == name] if repeats_only else same
        best = min(rivals, key=lambda k: (not k[6] & EARLIER, k[3], k[4], k[5]))[5]
        if best != line:
            lost[line] = (best, False)
    return lost


@given(entries, st.booleans(), st.randoms(use_true_random=False))
def test_losers_are_those_of_the_oracle_in_any_order(
    keys: list[Any], repeats_only: bool, draw: random.Random
) -> None:
    expected = oracle(keys, repeats_only=repeats_only)
    draw.shuffle(keys)
    losers = find_losers(np.array(keys, EXACT), repeats_only=repeats_only)
    found = {line: (survivor, bool(optout)) for line, survivor, optout in losers.tolist()}
    assert found == expected
    assert len(losers) == len(expected)


@given(
    st.lists(
        st.tuples(few, few, few, st.integers(0, 50)), max_size=25, unique_by=lambda entry: entry[3]
    )
)
def test_collisions_are_ids_with_two_contents(ids: list[tuple[int, int, int, int]]) -> None:
    found = dict(find_collisions(np.array(ids, IDS)).tolist())
    for high, low, content, record in ids:
        first = min((i for i in ids if i[:2] == (high, low)), key=lambda i: i[3])
        assert found.get(record) == (first[3] if content != first[2] else None)


def test_of_nothing_nothing_is_lost() -> None:
    none: Records = np.zeros(0, EXACT)
    assert len(find_losers(none, repeats_only=False)) == 0
    assert len(find_collisions(np.zeros(0, IDS))) == 0


def test_a_collision_is_named_by_input_and_row(tmp_path: Path) -> None:
    inputs = tuple(
        Input(ordinal=n, source="s", path=f"in/{n}.jsonl", bytes=1, sha256="") for n in range(2)
    )
    np.save(tmp_path / "c.npy", np.array([(1 << 32 | 7, 3)], COLLISION))
    (line,) = name_collisions(tmp_path / "c.npy", inputs)
    assert line.startswith("read: in/1.jsonl#7 and in/0.jsonl#3: one id on two different documents")


def run(root: Path, records: list[dict[str, Any]], toml: str = "", *arguments: str) -> list[Any]:
    """Run over one input; give the ledger."""
    (root / "in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    source = '[release]\nname = "m"\nshards = 1\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'
    (root / "m.toml").write_text(source + toml)
    made = run_config(root / "m.toml", out=root / "out", crew=SYNC, overrides=arguments)
    rows: list[Any] = pq.read_table(made.release / "ledger/decisions-00000.parquet").to_pylist()
    return rows


def fates(rows: list[Any]) -> dict[str, tuple[str, str, str]]:
    return {row["id"]: (row["stage"], row["reason"], row["survivor"]) for row in rows}


def test_the_stricter_licence_survives(tmp_path: Path) -> None:
    records = [
        {"id": id_, "text": "One and the same text.", "license": license_}
        for id_, license_ in (("lax", "MIT"), ("strict", "GPL-3.0-only"), ("mild", "MPL-2.0"))
    ]
    found = fates(run(tmp_path, records))
    assert found["strict"][0] == "keep"
    assert found["lax"] == found["mild"] == ("exact", "sha256", "strict")


def test_texts_that_differ_in_their_normal_form_alone_are_equal(tmp_path: Path) -> None:
    records = [{"id": "nfd", "text": "Cafe\u0301"}, {"id": "nfc", "text": "Caf\u00e9"}]
    stages = sorted(stage for stage, _, _ in fates(run(tmp_path, records)).values())
    assert stages == ["exact", "keep"]


def test_texts_that_redaction_makes_equal_are_equal(tmp_path: Path) -> None:
    mails = [f"miller{n}" + "@" + "watermill-museum.org" for n in range(3)]
    rows = run(tmp_path, [{"text": f"Write to {mail} for the plans."} for mail in mails])
    assert sorted(row["stage"] for row in rows) == ["exact", "exact", "keep"]


def test_one_id_on_two_documents_stops_the_run_and_names_both(tmp_path: Path) -> None:
    records = [
        {"id": "a", "text": "First."},
        {"id": "b", "text": "B."},
        {"id": "a", "text": "2nd."},
    ]
    with pytest.raises(InputError, match=r"in\.jsonl#2 and in\.jsonl#0: one id") as caught:
        run(tmp_path, records)
    assert "First" not in str(caught.value)
    assert not list((tmp_path / "out").glob("m-*"))


def test_without_exact_only_repeated_records_go(tmp_path: Path) -> None:
    text = "The same words."
    records = [{"id": "a", "text": text}, {"id": "a", "text": text}, {"id": "b", "text": text}]
    rows = run(tmp_path, records, "[dedup]\nexact = false\nnear = false\n")
    assert sorted((row["id"], row["stage"]) for row in rows) == [
        ("a", "exact"),
        ("a", "keep"),
        ("b", "keep"),
    ]


@pytest.mark.parametrize("exact", ["true", "false"])
@pytest.mark.parametrize("near", ["true", "false"])
@pytest.mark.parametrize("copies", ["exact", "near"])
@pytest.mark.parametrize("text", ["Short.", ".", "A sentence with more than five words in it."])
def test_an_exact_copy_goes_with_an_opted_out_document_whatever_dedup_is_set_to(
    tmp_path: Path, exact: str, near: str, copies: Any, text: str
) -> None:
    add(tmp_path / "events.jsonl", [subject("id", "gone")], copies=copies)
    records = [{"id": "gone", "text": text}, {"id": "copy", "text": text}, {"id": "c", "text": "C"}]
    toml = f'[optout]\nregistry = "events.jsonl"\n[dedup]\nexact = {exact}\nnear = {near}\n'
    found = fates(run(tmp_path, records, toml))
    assert found["gone"][:2] == ("optout", "id")
    assert found["copy"][0] == "optout"
    assert found["copy"][1].startswith("copy:")
    assert found["c"][0] == "keep"


def test_copies_stay_when_the_request_leaves_them(tmp_path: Path) -> None:
    add(tmp_path / "events.jsonl", [subject("id", "gone")], copies="none")
    records = [{"id": "gone", "text": "Same."}, {"id": "copy", "text": "Same."}]
    found = fates(run(tmp_path, records, '[optout]\nregistry = "events.jsonl"\n'))
    assert found["gone"][0] == "optout"
    assert found["copy"][0] == "keep"


def test_a_question_can_be_opted_out(tmp_path: Path) -> None:
    context = "An undershot wheel stands in the stream and is pushed by the current all day."
    other = "A breastshot wheel is a compromise that takes the water at the height of its axle."
    add(tmp_path / "events.jsonl", [subject("id", "q-gone")])
    paragraphs = [
        {
            "context": text,
            "qas": [
                {
                    "id": id_,
                    "question": "Which?",
                    "answers": [{"text": "wheel", "answer_start": at}],
                }
            ],
        }
        for id_, text, at in (("q-gone", context, 13), ("q-kept", other, 13))
    ]
    (tmp_path / "qa.json").write_text(
        json.dumps({"version": "1", "data": [{"title": "Wheels", "paragraphs": paragraphs}]})
    )
    toml = (
        '[[sources]]\nname = "qa"\nformat = "squad"\npaths = ["qa.json"]\n'
        '[optout]\nregistry = "events.jsonl"\n'
    )
    found = fates(run(tmp_path, [{"id": "d", "text": "Something else."}], toml))
    assert found["q-gone"][:2] == ("optout", "id")
    assert found["q-kept"][0] == found["d"][0] == "keep"
