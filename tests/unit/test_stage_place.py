"""Splits: right shares, whole families, and what was held out once is never trained on."""

from __future__ import annotations

import json
import random
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.crew import SYNC
from pipeline.run import run_config
from pipeline.stages import place
from pipeline.stages.splits import SPLITS, draw_split

Record = dict[str, Any]
WORDS = [f"w{number}" for number in range(300)]


@pytest.mark.parametrize(("validation", "test"), [(0.1, 0.2), (0.0, 0.5), (0.3, 0.0), (0.0, 0.0)])
def test_shares_are_roughly_right(validation: float, test: float) -> None:
    count = 20_000
    drawn = Counter(
        draw_split(9, family, validation=validation, test=test) for family in range(count)
    )
    for split, share in (("validation", validation), ("test", test)):
        assert drawn[SPLITS.index(split)] == pytest.approx(share * count, abs=4 * count**0.5)
    assert share_of(drawn, "validation") + share_of(drawn, "test") <= count


def share_of(drawn: Counter[int], split: str) -> int:
    return drawn[SPLITS.index(split)]


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.floats(0, 0.4), st.floats(0, 0.4))
def test_larger_shares_take_nobody_back_into_train(
    seed: int, family: int, share: float, more: float
) -> None:
    before = draw_split(seed, family, validation=share, test=share)
    test_grown = draw_split(seed, family, validation=share, test=min(share + more, 0.59))
    validation_grown = draw_split(seed, family, validation=min(share + more, 0.59), test=share)
    if before != SPLITS.index("train"):
        assert test_grown != SPLITS.index("train")
        assert validation_grown == before
    if before == SPLITS.index("test"):
        assert test_grown == before


def test_another_seed_draws_other_splits() -> None:
    draws = [
        tuple(draw_split(seed, family, validation=0.3, test=0.3) for family in range(60))
        for seed in range(3)
    ]
    assert len(set(draws)) == 3


def base(count: int, prefix: str = "d") -> list[Record]:
    draw = random.Random(f"{prefix} texts")
    return [
        {"id": f"{prefix}{number}", "text": " ".join(draw.choices(WORDS, k=80))}
        for number in range(count)
    ]


def variant(record: Record, name: str, word: int) -> Record:
    """A near-duplicate under another id."""
    words = record["text"].split(" ")
    words[word] = "altered"
    return {"id": name, "text": " ".join(words)}


class Mill:
    """One series of releases; a later source has the better priority, so that its copies survive."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def release(
        self,
        version: str,
        sources: list[list[Record]],
        *,
        shares: tuple[float, float] = (0.2, 0.2),
        seed: int = 0,
        parent: str = "",
    ) -> dict[str, tuple[str, str]]:
        """Give id -> (split, family)."""
        text = f'[release]\nname = "m"\nshards = 2\nversion = "{version}"\nseed = {seed}\n'
        text += f'parent = "{parent}"\n' if parent else ""
        for number, records in enumerate(sources):
            lines = "".join(json.dumps(record) + "\n" for record in records)
            (self.root / f"{number}.jsonl").write_text(lines)
            text += f'[[sources]]\nname = "s{number}"\npaths = ["{number}.jsonl"]\n'
            text += f"priority = {-number}\n"
        text += f"[split]\nvalidation = {shares[0]}\ntest = {shares[1]}\n"
        (self.root / "m.toml").write_text(text)
        made = run_config(self.root / "m.toml", out=self.root / "out", crew=SYNC).release
        rows = pq.read_table(made / "ledger/splits.parquet").to_pylist()
        return {row["id"]: (row["split"], row["family"]) for row in rows}


@pytest.fixture
def mill(tmp_path: Path) -> Mill:
    return Mill(tmp_path)


def held(splits: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: split for name, (split, _) in splits.items() if split != "train"}


def test_a_held_out_document_stays_so_under_other_shares_and_another_seed(mill: Mill) -> None:
    first = mill.release("1.0.0", [base(60)])
    assert len(held(first)) > 10
    for version, shares, seed in (("2.0.0", (0.0, 0.0), 0), ("3.0.0", (0.01, 0.01), 77)):
        now = mill.release(version, [base(60)], shares=shares, seed=seed, parent="out/m-1.0.0")
        assert held(first).items() <= held(now).items()


def test_splits_do_not_depend_on_the_parent_when_nothing_changes(mill: Mill) -> None:
    first = mill.release("1.0.0", [base(40)])
    assert mill.release("1.1.0", [base(40), base(10, "new")]).items() >= first.items()


@pytest.mark.parametrize("prefix", ["a", "z"])  # a family is named by its smallest id
def test_an_exact_copy_of_a_held_out_document_is_held_out(mill: Mill, prefix: str) -> None:
    old = base(60)
    first = mill.release("1.0.0", [old])
    copies = [{**record, "id": prefix + record["id"]} for record in old]
    now = mill.release("2.0.0", [old, copies])
    assert not first.keys() & now.keys()
    for name, split in held(first).items():
        assert now[prefix + name][0] != "train", f"{name} was in {split}"
        assert split != "test" or now[prefix + name][0] == "test"


@pytest.mark.parametrize("prefix", ["a", "z"])
def test_a_near_copy_of_a_held_out_document_is_held_out(mill: Mill, prefix: str) -> None:
    old = base(60)
    first = mill.release("1.0.0", [old])
    copies = [variant(record, prefix + record["id"], 40) for record in old]
    now = mill.release("2.0.0", [old, copies])
    assert not first.keys() & now.keys()
    for name, split in held(first).items():
        assert now[prefix + name][0] != "train", f"{name} was in {split}"


def test_a_held_out_document_takes_its_whole_family_along(mill: Mill) -> None:
    """Two far members, joined by one in the middle that loses to both."""
    old = base(60)
    first = mill.release("1.0.0", [old])
    middle = [variant(record, "m" + record["id"], 20) for record in old]
    far = [variant(record, "f" + record["id"], 60) for record in middle]
    now = mill.release("2.0.0", [middle, old, far])
    joined = 0
    for record in old:
        name = record["id"]
        if name in now and f"fm{name}" in now:
            joined += 1
            assert now[name] == now[f"fm{name}"]
            if first[name][0] == "test":
                assert now[name][0] == "test"
            assert first[name][0] == "train" or now[name][0] != "train"
    assert joined > 30


def test_ids_are_looked_up_in_the_parent_a_block_at_a_time(
    mill: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of one part, of two, and of all give the same splits."""
    old = [base(30, prefix) for prefix in "abc"]
    first = mill.release("1.0.0", old)
    new = [*old, [variant(record, "v" + record["id"], 20) for record in old[1]]]
    found = []
    for number, block in enumerate((1, 40, 1 << 20)):
        monkeypatch.setattr(place, "_BLOCK", block)
        found.append(mill.release(f"2.{number}.0", new, seed=5, parent="out/m-1.0.0"))
    assert found[0] == found[1] == found[2]
    for name, (split, _) in first.items():
        heir = name if name in found[0] else "v" + name
        assert found[0][heir][0] == split


def test_a_family_is_named_by_its_smallest_id_over_all_parts(mill: Mill) -> None:
    old = base(12, "m")
    others = [variant(record, "a" + record["id"], 10) for record in old]
    together = mill.release("1.0.0", [old, others])
    assert set(together) == {record["id"] for record in others}
    names = {
        name: f"{int.from_bytes(sha256(f'id:{name}'.encode()).digest()[:8], 'big'):016x}"
        for name in together
    }
    assert {name: family for name, (_, family) in together.items()} == names
    apart = mill.release("2.0.0", [others, old], parent="out/m-1.0.0")  # now the others lose
    assert {name: family for name, (_, family) in apart.items()} == {
        name.removeprefix("a"): family for name, family in names.items()
    }


def test_questions_of_one_group_share_a_split(tmp_path: Path) -> None:
    data = []
    for article in range(30):
        qas = [
            {
                "id": f"{article}-{number}",
                "question": f"What is number {number}?",
                "answers": [{"text": "wheel", "answer_start": 4}],
            }
            for number in range(4)
        ]
        context = f"The wheel of article {article} turns."
        data.append({"title": f"Wheel {article}", "paragraphs": [{"context": context, "qas": qas}]})
    (tmp_path / "qa.json").write_text(json.dumps({"version": "1.1", "data": data}))
    (tmp_path / "m.toml").write_text(
        '[release]\nname = "m"\nshards = 2\n[[sources]]\nname = "qa"\nformat = "squad"\n'
        'paths = ["qa.json"]\n[split]\nvalidation = 0.3\ntest = 0.3\n'
    )
    made = run_config(tmp_path / "m.toml", out=tmp_path / "out", crew=SYNC).release
    rows = pq.read_table(made / "ledger/splits.parquet").to_pylist()
    assert len(rows) == 120
    splits: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        splits.setdefault(row["id"].partition("-")[0], set()).add((row["split"], row["family"]))
    assert all(len(found) == 1 for found in splits.values())
    assert {split for found in splits.values() for split, _ in found} == set(SPLITS)
