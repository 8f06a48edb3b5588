"""Questions made from a release: marked, the same for the same seed, and from nothing that must not be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import zstandard

from manifests.record import Question, decode_question, question_flaw
from pipeline.catalog.read import read_documents
from pipeline.engine.crew import SYNC
from pipeline.errors import ConfigError
from pipeline.qa.export import Wanted as Exporting
from pipeline.qa.export import export
from pipeline.qa.make.write import METHODS, Method, Report, Wanted, make
from pipeline.qa.released import released
from pipeline.run import run_config
from pipeline.verify import verify

CONFIG = """\
[release]
name = "mills"
version = "1.0.0"
shards = {shards}

[[sources]]
name = "pages"
paths = ["pages.jsonl"]
license = "CC-BY-SA-4.0"

[[sources]]
name = "fixed"
paths = ["fixed.jsonl"]
license = "CC-BY-ND-4.0"

[[sources]]
name = "code"
paths = ["code.jsonl"]
license = "MIT"

[[sources]]
name = "asked"
format = "squad"
paths = ["asked.json"]
license = "CC-BY-SA-4.0"

[dedup]
near = false

[split]
validation = 0.25
test = 0.0
"""
BOTH = """\
[release]
name = "both"
version = "1.0.0"
shards = 1

[[sources]]
name = "asked"
format = "squad"
paths = ["asked.json"]
license = "CC-BY-SA-4.0"

[[sources]]
name = "made"
format = "questions"
paths = ["*.jsonl.zst"]

[dedup]
near = false

[split]
validation = 0.25
test = 0.0
"""
TOWNS = (
    "Konstanz",
    "Radolfzell",
    "Sipplingen",
    "Meersburg",
    "Lindau",
    "Bregenz",
    "Arbon",
    "Romanshorn",
)
MAIL = "old.miller" + "@" + "watermill-museum.net"


SAID = """
old new large small broad narrow quick slow bright dark heavy light early late northern southern wooden stony wet dry
steep flat famous forgotten noble poor proud humble costly cheap strong weak round square silent noisy tidy dusty red
white black green sturdy frail eager idle plain rich grey mild rough smooth deep shallow
"""


def page(n: int) -> str:
    """Sentences of one build, none of which shares thirteen words in a row with those of another page."""
    town, other = TOWNS[n % 8], TOWNS[(n + 3) % 8]
    said = Random(n).sample(SAID.split(), 16)
    (a, b, c, d, e, f, g, h) = (" ".join(said[at : at + 2]) for at in range(0, 16, 2))
    return (
        f"In {1700 + n} the {a} guild of {town} paid {1000 + n * 7:,} florins for the {b} wheel in {other}."
        f" The {c} stones were brought over the {d} lake from {other} by {n + 12} men in {1750 + n}."
        f" Write to {MAIL} in {town} for all {e} plans of it. The {f} ruin was bought by Jakob Weber for"
        f" {2000 + n * 11:,} {g} florins and sold in {1800 + n} to the {h} town of {town}."
    )


def asked(n: int) -> dict[str, Any]:
    paragraphs = []
    for m in range(n * 3, n * 3 + 3):
        text = re.sub(r" Write to .*? plans of it\.", "", page(m + 40))
        paid = f"{1000 + (m + 40) * 7:,} florins"
        question = f"How much did the guild pay for the wheel in {1740 + m}?"
        answer = {"text": paid, "answer_start": text.index(paid)}
        qas = [{"id": f"q{m}", "question": question, "answers": [answer]}]
        paragraphs.append({"context": text, "qas": qas})
    return {"title": f"Mill {n}", "paragraphs": paragraphs}


def build(folder: Path, shards: int) -> Path:
    pages = [
        {"id": f"p{n}", "text": page(n), "url": f"https://mills.net/{n}", "title": f"Page {n}"}
        for n in range(24)
    ]
    del pages[0]["title"]
    program = "def wheel():\n    return 'In 1743 the guild paid.'\n"
    lines = {
        "pages": pages,
        "fixed": [{"id": "law", "text": page(30).replace(MAIL, "us")}],
        "code": [{"id": "c", "text": program, "path": "a.py"}],
    }
    for name, records in lines.items():
        text = "".join(json.dumps(each) + "\n" for each in records)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    data = {"version": "1.1", "data": [asked(n) for n in range(12)]}
    (folder / "asked.json").write_text(json.dumps(data), encoding="utf-8")
    config = folder / "mills.toml"
    config.write_text(CONFIG.format(shards=shards), encoding="utf-8")
    return run_config(config, out=folder / "out", crew=SYNC).release


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("one"), 1)


def run(release: Path, out: Path, method: Method, seed: int = 1, **more: Any) -> Report:
    return make(release, Wanted(method=method, seed=seed, **more), out)


def lines(path: Path) -> Iterator[Question]:
    data = zstandard.ZstdDecompressor().stream_reader(path.read_bytes(), read_across_frames=True)
    return map(decode_question, data.read().splitlines())


@pytest.mark.parametrize("method", METHODS)
def test_what_is_made_is_sound_and_marked_and_only_of_the_training_split(
    release: Path, tmp_path: Path, method: Method
) -> None:
    report = run(release, tmp_path / "made.jsonl.zst", method, seed=7)
    made = list(lines(tmp_path / "made.jsonl.zst"))
    assert report.made == len(made) > 5
    assert len({each.id for each in made}) == len(made)
    training = {each.id: each for split, each in released(release) if split == "train"}
    held = {each.context for split, each in released(release) if split != "train"}
    assert held
    pages = {each["id"]: each for each in read_documents(release) if "text" in each}
    for each in made:
        assert question_flaw(each) == ""
        assert (each.synthetic.method, each.synthetic.seed) == (method, 7)
        assert each.license == "CC-BY-SA-4.0"
        assert each.is_impossible == (method != "cloze")
        assert each.context not in held
        origin = json.loads(each.meta.extra)["origin"]
        if method == "cloze":
            page_ = pages[origin]
            assert each.context in page_["text"]
            title = f"Page {origin[1:]}" if origin != "p0" else "pages/p0"
            assert (each.url, each.title, each.group) == (page_["url"], title, title)
            assert "EMAIL" not in each.question
            for start, end, kind in json.loads(each.meta.redactions):
                assert (kind, each.context[start:end]) == ("EMAIL", "REDACTED_EMAIL")
        else:
            assert (each.title, each.group) == (training[origin].title, training[origin].group)
    if method == "cloze":
        assert report.skipped["no-derivatives"] == report.skipped["no-prose"] == 1
        assert any(each.meta.redactions != "[]" for each in made)


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_gives_the_same_bytes_however_the_release_is_cut(
    release: Path, tmp_path: Path, method: Method
) -> None:
    other = tmp_path / "four"
    other.mkdir()
    cut = build(other, 4)
    bounds: list[dict[str, int]] = [{}, {"limit": 7}, {"per_document": 1}]
    for number, more in enumerate(bounds):
        one, two, three = (tmp_path / f"{name}{number}.jsonl.zst" for name in "abc")
        run(release, one, method, **more)
        run(cut, two, method, **more)
        run(release, three, method, seed=2, **more)
        assert one.read_bytes() == two.read_bytes()
        ids = [{each.id for each in lines(path)} for path in (one, three)]
        assert ids[0].isdisjoint(ids[1])
    origins = [
        {json.loads(each.meta.extra)["origin"] for each in lines(tmp_path / f"{name}1.jsonl.zst")}
        for name in "ac"
    ]
    assert [len(each) for each in origins] != [0, 0]
    assert origins[0] != origins[1]


def test_what_cannot_be_made_is_told_and_leaves_nothing(release: Path, tmp_path: Path) -> None:
    out = tmp_path / "made.jsonl.zst"
    with pytest.raises(ConfigError, match="length"):
        run(release, out, "swap", words=(50, 60))
    with pytest.raises(ConfigError, match="0 read"):
        run(release, out, "negatives", split="test")
    with pytest.raises(ConfigError, match=r"\.jsonl\.zst"):
        run(release, tmp_path / "made.jsonl", "swap")
    with pytest.raises(ConfigError, match="lies in the release"):
        run(release, release / "made.jsonl.zst", "swap")
    with pytest.raises(ConfigError, match="2\\^63"):
        run(release, out, "swap", seed=1 << 63)
    assert list(tmp_path.iterdir()) == []
    run(release, out, "swap")
    before = out.read_bytes()
    with pytest.raises(ConfigError, match="is there already"):
        run(release, out, "swap")
    assert out.read_bytes() == before


def test_a_release_reads_them_with_the_questions_that_were_asked(
    release: Path, tmp_path: Path
) -> None:
    methods: tuple[Method, ...] = METHODS
    for number, method in enumerate(methods):
        run(release, tmp_path / f"{number}-{method}.jsonl.zst", method)
    made = {each.id: each for path in sorted(tmp_path.glob("*.zst")) for each in lines(path)}
    (tmp_path / "asked.json").write_bytes((release.parents[1] / "asked.json").read_bytes())
    (tmp_path / "both.toml").write_text(BOTH, encoding="utf-8")
    both = run_config(tmp_path / "both.toml", out=tmp_path / "out", crew=SYNC).release
    assert verify(both, deep=True).problems == ()
    found = list(released(both))
    again = {each.id: each for _, each in found if each.source == "made"}
    assert again
    assert set(again) <= set(made)
    for name, each in again.items():
        old = made[name]
        assert each.synthetic == old.synthetic
        assert each.quality == old.quality
        assert (each.license, each.title, each.group) == (old.license, old.title, old.group)
        assert (each.context, each.question, each.answers) == (
            old.context,
            old.question,
            old.answers,
        )
    splits: dict[str, set[str]] = {}
    for split, each in found:
        splits.setdefault(each.group, set()).add(split)
    assert all(len(each) == 1 for each in splits.values())
    assert {split for split, _ in found} == {"train", "validation"}
    report = export(both, Exporting(format="hf"), tmp_path / "hf")
    assert report.left_out == {"synthetic": len(again)}
