"""Near-duplicates of whole runs: against a slow oracle, in a crowd of near copies, and of opted-out documents."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from hashlib import sha256
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from filters.licenses.spdx import strictness
from filters.subjects import subject
from pipeline.dedup.candidates import Rule
from pipeline.dedup.shingles import shingle_sets
from pipeline.dedup.spec import SignatureSpec
from pipeline.engine.crew import SYNC
from pipeline.optout import add
from pipeline.run import run_config

WORDS = [f"w{number}" for number in range(400)]
Record = dict[str, Any]


def run(root: Path, sources: dict[str, list[Record]], toml: str = "") -> tuple[Path, list[Any]]:
    """Run over one input a source, priorities in the order given; give the release and the ledger."""
    text = '[release]\nname = "m"\nshards = 2\n'
    for priority, (name, records) in enumerate(sources.items()):
        (root / f"{name}.jsonl").write_text(
            "".join(json.dumps(record) + "\n" for record in records)
        )
        text += f'[[sources]]\nname = "{name}"\npaths = ["{name}.jsonl"]\npriority = {priority}\n'
    (root / "m.toml").write_text(text + toml)
    made = run_config(root / "m.toml", out=root / "out", crew=SYNC).release
    return made, pq.read_table(made / "ledger/decisions-00000.parquet").to_pylist()


def mutants(seed: int, groups: int) -> list[Record]:
    """Families of texts that differ by a few words: similarities from far below to far above 0.8."""
    draw = random.Random(seed)
    records = []
    for group in range(groups):
        base = draw.choices(WORDS, k=draw.randrange(60, 120))
        for member in range(draw.randrange(1, 6)):
            words = list(base)
            for _ in range(draw.randrange(4)):
                words[draw.randrange(len(words))] = draw.choice(WORDS)
            records.append(
                {
                    "id": f"{group}-{member}",
                    "text": " ".join(words),
                    "license": draw.choice(("MIT", "Apache-2.0", "GPL-3.0-only")),
                }
            )
    draw.shuffle(records)
    return records


def similarities(texts: list[str]) -> dict[tuple[int, int], Fraction]:
    flat, offsets = shingle_sets(texts, SignatureSpec())
    sets = [set(flat[a:b].tolist()) for a, b in pairwise(offsets)]
    return {
        (a, b): Fraction(len(sets[a] & sets[b]), len(sets[a] | sets[b]))
        for a, b in combinations(range(len(sets)), 2)
        if sets[a] | sets[b]
    }


def oracle(
    sources: dict[str, list[Record]], threshold: Fraction
) -> tuple[dict[str, tuple[str, Fraction]], set[frozenset[str]]]:
    """Near losers with survivor and similarity, and the families; every pair is looked at."""
    entries = []
    for priority, records in enumerate(sources.values()):
        for record in records:
            digest = sha256(record["text"].encode()).hexdigest()[:32]
            rank = (-strictness(record["license"]), priority, digest)
            entries.append((rank, record["id"], record["text"]))
    entries.sort()
    names = [name for _, name, _ in entries]
    alike = similarities([text for _, _, text in entries])
    close = {pair: similarity for pair, similarity in alike.items() if similarity >= threshold}
    related = {pair for pair in alike if alike[pair] >= min(threshold, Fraction(4, 5))}
    lost: dict[str, tuple[str, Fraction]] = {}
    families = [{name} for name in names]
    for later in range(len(entries)):
        for earlier in range(later):
            if (earlier, later) in related:
                mine = next(family for family in families if names[later] in family)
                other = next(family for family in families if names[earlier] in family)
                if mine is not other:
                    families.remove(other)
                    mine |= other
        rivals = [
            (-close[earlier, later], earlier)
            for earlier in range(later)
            if (earlier, later) in close and names[earlier] not in lost
        ]
        if rivals:
            similarity, best = min(rivals)
            lost[names[later]] = (names[best], -similarity)
    return lost, {frozenset(family) for family in families}


@pytest.mark.parametrize(
    ("seed", "threshold", "short"),
    [(1, "0.8", 64), (2, "0.8", 64), (3, "0.9", 64), (4, "0.85", 64), (1, "0.8", 2), (2, "0.8", 1)],
)
def test_survivors_similarities_and_families_are_those_of_the_oracle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, threshold: str, short: int
) -> None:
    monkeypatch.setattr(Rule.__new__, "__defaults__", (short, 1 << 16, 8, 1 << 14, 1 << 17))
    records = mutants(seed, 12)
    sources = {"first": records[::2], "second": records[1::2]}
    made, rows = run(tmp_path, sources, f"[dedup]\nnear = {{ threshold = {threshold} }}\n")
    unique: dict[str, list[Record]] = {name: [] for name in sources}
    exact = {row["id"] for row in rows if row["stage"] == "exact"}
    for name, each in sources.items():
        unique[name] = [record for record in each if record["id"] not in exact]
    lost, families = oracle(unique, Fraction(threshold))
    assert lost
    found = {}
    for row in rows:
        if row["stage"] == "near" and row["id"] not in exact:
            detail = json.loads(row["detail"])
            found[row["id"]] = (row["survivor"], Fraction(detail["shared"], detail["union"]))
            assert row["reason"] == f"jaccard:{float(found[row['id']][1]):.4f}"
    # an exact copy of a near loser is reported near as well
    same = {name: fate for name, fate in found.items() if name in lost}
    assert same.keys() == lost.keys()
    copies = {record["text"] for each in unique.values() for record in each if record["id"] in lost}
    texts = {record["id"]: record["text"] for record in records}
    assert all(texts[name] in copies for name in found.keys() - lost.keys())
    if short < 64:  # in a long run, two that both lose are not compared
        return
    assert same == lost
    index = pq.read_table(made / "ledger/splits.parquet").to_pylist()
    label = {row["id"]: row["family"] for row in index}
    for family in families:
        assert len({label[name] for name in family if name in label}) <= 1
    assert len(set(label.values())) == sum(any(name in label for name in f) for f in families)


def chain() -> list[Record]:
    """Four texts, each a near-duplicate of the next, the first no near-duplicate of the third."""
    words = random.Random(5).sample(WORDS, 100)
    records = []
    for number in range(4):
        records.append({"id": f"c{number}", "text": " ".join(words)})
        words = list(words)
        words[10 + number * 20] = f"changed{number}"
        words[15 + number * 20] = f"altered{number}"
    close = similarities([record["text"] for record in records])
    assert {pair for pair, similarity in close.items() if similarity >= Fraction(4, 5)} == {
        (0, 1),
        (1, 2),
        (2, 3),
    }
    return records


@pytest.mark.parametrize("near", ["true", "false"])
def test_a_near_copy_of_an_opted_out_document_goes_and_its_own_copy_stays(
    tmp_path: Path, near: str
) -> None:
    add(tmp_path / "events.jsonl", [subject("id", "c0")], copies="near")
    sources = {"s": [{**record, "license": "MIT"} for record in chain()[:3]]}
    toml = f'[optout]\nregistry = "events.jsonl"\n[dedup]\nnear = {near}\n'
    made, rows = run(tmp_path, sources, toml)
    fates = {row["id"]: (row["stage"], row["reason"]) for row in rows}
    assert fates == {"c0": ("optout", "id"), "c1": ("optout", "copy:near"), "c2": ("keep", "kept")}
    detail = json.loads(next(row["detail"] for row in rows if row["id"] == "c1"))
    assert detail["copy_of"] == "c0"
    assert detail["similarity"] >= 0.8
    # what the opted-out document held is in no file of the work folder but the input itself
    secret = chain()[0]["text"][:200].encode()
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes()
    assert made.exists()


def test_nothing_is_removed_through_a_chain(tmp_path: Path) -> None:
    records = [{**record, "license": "MIT"} for record in chain()]
    _, rows = run(tmp_path, {f"s{n}": [record] for n, record in enumerate(records)})
    fates = {row["id"]: (row["stage"], row["survivor"]) for row in rows}
    assert fates == {
        "c0": ("keep", ""),
        "c1": ("near", "c0"),
        "c2": ("keep", ""),
        "c3": ("near", "c2"),
    }


def test_texts_too_short_for_a_shingle_are_no_near_duplicates(tmp_path: Path) -> None:
    records = [{"id": str(number), "text": text} for number, text in enumerate(("", ".", "!", "?"))]
    _, rows = run(tmp_path, {"s": records})
    assert {row["stage"] for row in rows} == {"keep"}


def test_a_similarity_that_equals_the_threshold_is_near(tmp_path: Path) -> None:
    words = [f"x{number}" for number in range(13)]  # 9 shingles; with a tail of one word 10
    records = [
        {"id": "a", "text": " ".join(words), "license": "MIT"},
        {"id": "b", "text": " ".join([*words, "tail"]), "license": "MIT"},
    ]
    ((pair, similarity),) = similarities([record["text"] for record in records]).items()
    assert (pair, similarity) == ((0, 1), Fraction(9, 10))
    _, rows = run(tmp_path, {"s": records}, "[dedup]\nnear = { threshold = 0.9 }\n")
    assert sorted(row["stage"] for row in rows) == ["keep", "near"]


def stages(rows: list[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["stage"], []).append(row["id"])
    return found


@pytest.mark.timeout(300)  # of all pairs there are 200 million
def test_of_twenty_thousand_near_copies_one_stays(tmp_path: Path) -> None:
    """All share all keys but a few: every run is as long as the corpus."""
    body = " ".join(random.Random(1).sample(WORDS, 60))
    records = [{"id": f"{number:05d}", "text": f"{body} copy {number}"} for number in range(20_000)]
    _, rows = run(tmp_path, {"s": records}, "[dedup]\nmax_loss = 1.0\n")
    found = stages(rows)
    assert [len(found[stage]) for stage in ("keep", "near")] == [1, 19_999]
    assert {row["survivor"] for row in rows if row["stage"] == "near"} == set(found["keep"])


@pytest.mark.timeout(300)
def test_behind_a_common_header_only_true_copies_go(tmp_path: Path) -> None:
    """Two thousand texts half of which is the same: all share keys, few are near-duplicates."""
    draw = random.Random(2)
    header = " ".join(f"head{number}" for number in range(100))
    bodies = [[draw.choice(WORDS) for _ in range(44)] for _ in range(2_000)]
    texts = {f"{number:04d}": f"{header} {' '.join(body)}" for number, body in enumerate(bodies)}
    (pair,) = similarities(list(texts.values())[:2]).values()
    assert Fraction(45, 100) < pair < Fraction(60, 100)
    copies = {}
    for number in range(0, 2_000, 80):
        body = list(bodies[number])
        body[-1] = "other"
        copies[f"copy{number}"] = f"{number:04d}"
        texts[f"copy{number}"] = f"{header} {' '.join(body)}"
    names = draw.sample(sorted(texts), k=len(texts))
    _, rows = run(tmp_path, {"s": [{"id": name, "text": texts[name]} for name in names]})
    gone = {row["id"]: row["survivor"] for row in rows if row["stage"] == "near"}
    assert {frozenset(pair) for pair in gone.items()} == {frozenset(p) for p in copies.items()}


@pytest.mark.parametrize("near", ["true", "false"])
def test_in_a_crowd_every_near_copy_of_an_opted_out_document_goes(
    tmp_path: Path, near: str
) -> None:
    """More members than are compared in full, behind the only one that was opted out."""
    words = random.Random(3).sample(WORDS, 70)
    records = [
        {"id": f"d{number:03d}", "text": " ".join([*words, f"copy{number}"]), "license": "MIT"}
        for number in range(300)
    ]
    other = [" ".join(f"x{number}w{word}" for word in range(50)) for number in range(20)]
    records += [{"id": f"o{number:03d}", "text": text} for number, text in enumerate(other)]
    add(tmp_path / "events.jsonl", [subject("id", "d150")], copies="near")
    toml = f'[optout]\nregistry = "events.jsonl"\n[dedup]\nnear = {near}\n'
    _, rows = run(tmp_path, {"s": records}, toml)
    assert stages(rows)["keep"] == [f"o{number:03d}" for number in range(20)]
    assert len(stages(rows)["optout"]) == 300
