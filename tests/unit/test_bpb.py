"""Models and samples of bits per byte: what they are held against, and what they refuse."""

from __future__ import annotations

import argparse
import bz2
import lzma
import random
from importlib.util import find_spec
from pathlib import Path

import pytest
import zstandard

from pipeline.bpb import compressors
from pipeline.bpb.choose import BUILT_IN, Asked, check, make
from pipeline.bpb.held_out import Sample, held_out, sample
from pipeline.bpb.model import ONE_BIT, rate
from pipeline.bpb.ngram import BLOCK, train
from pipeline.catalog import open_catalog
from pipeline.cli import bpb
from pipeline.errors import ConfigError

DRAW = random.Random(5)
PROSE = " ".join(DRAW.choice(("mill", "stone", "water", "wheel", "grain")) for _ in range(4000))
NOISE = DRAW.randbytes(4000)


def test_what_was_read_is_told_in_less_than_noise() -> None:
    model = train(6, [(PROSE.encode(), True)])
    for adaptive in (False, True):
        known, strange = model._replace(adaptive=adaptive).bits([PROSE[:4000].encode(), NOISE])
        assert known < 4000 * ONE_BIT < 7 * 4000 * ONE_BIT < strange


def test_a_longer_context_and_more_text_tell_more() -> None:
    text = PROSE[20_000:].encode()
    rates = [train(order, [(PROSE[:20_000].encode(), True)]).bits([text])[0] for order in (1, 3, 6)]
    assert rates == sorted(rates, reverse=True)
    little, much = (
        train(3, [(PROSE[:size].encode(), True)]).bits([text])[0] for size in (99, 20_000)
    )
    assert much < little


def test_the_adaptive_model_learns_what_the_train_split_does_not_hold() -> None:
    model = train(6, [(b"grain " * 50, True)])
    text = b"0123456789 abcdefghij " * 40
    (static,), (adaptive,) = model.bits([text]), model._replace(adaptive=True).bits([text])
    assert adaptive < static / 4


def test_the_adaptive_model_reads_on_behind_a_block() -> None:
    model = train(2, [(b"ab" * 99, True)])._replace(adaptive=True)
    size = BLOCK + 1000
    (whole,) = model.bits([b"xy" * (size // 2)])
    (block,) = model.bits([b"xy" * (BLOCK // 2)])
    assert block < whole < block + 1000 * ONE_BIT
    assert model.bits([b"xy" * (size // 2)]) == [whole]


def test_the_end_of_a_cut_text_is_not_learnt() -> None:
    discounts = train(2, []).discounts
    models = (train(2, [(b"abc", whole)]) for whole in (True, False))
    ends = [model.counts.spread(b"abc", discounts)[-1] for model in models]
    assert ends[0] > 10 * ends[1]


def test_compressors_are_those_of_their_libraries() -> None:
    text = PROSE.encode()
    found = [
        model.bits([text])[0] // (8 * ONE_BIT)
        for model in (compressors.zstd(), compressors.xz(), compressors.bzip2())
    ]
    assert found[0] == len(zstandard.compress(text, 19))
    assert found[1] <= len(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))
    assert found[2] == len(bz2.compress(text))
    (alone,), (led,) = compressors.zstd().bits([text]), compressors.zstd_with(text).bits([text])
    assert led < alone / 4


def test_a_rate_is_divided_once() -> None:
    assert rate(3 * ONE_BIT, 2) == 1.5
    assert rate(0, 0) is None


def test_a_sample_takes_as_much_of_each_source_and_parts_of_it_nest(release: Path) -> None:
    with open_catalog(release) as opened:
        taken = sample(opened, ("code", "docs"), 20_000, 0)
        assert taken.sizes == {"code": 10_000, "docs": 10_000}
        assert sample(opened, ("code", "docs"), 20_000, 0) == taken
        others = [sample(opened, ("code", "docs"), 20_000, seed) for seed in range(1, 9)]
        assert any(each.texts != taken.texts for each in others)
    assert all(whole for texts in taken.texts.values() for _, whole in texts[:-1])
    quarter = taken.part(1, 4)
    assert quarter.sizes == {"code": 2500, "docs": 2500}
    for source, texts in quarter.texts.items():
        joined = b"".join(text for text, _ in texts)
        assert b"".join(text for text, _ in taken.texts[source]).startswith(joined)


def test_what_is_learnt_from_is_never_measured(release: Path) -> None:
    with open_catalog(release) as opened:
        learnt = sample(opened, ("code", "docs"), 1 << 30, 0)
        told = list(held_out(opened, ("code", "docs"), ("validation", "test")))
        train_ids = {each["id"] for each in opened.documents(split="train")}
        trained = [each["text"].encode() for each in opened.documents(split="train")]
    assert told
    assert not train_ids & {each.id for each in told}
    assert sorted(text for text, _ in learnt.mixed()) == sorted(trained)


def test_a_bound_keeps_whole_documents_of_each_source_and_split(release: Path) -> None:
    with open_catalog(release) as opened:
        every = list(held_out(opened, ("code", "docs"), ("test",)))
        few = list(held_out(opened, ("code", "docs"), ("test",), 1))
    assert [each.source for each in few] == ["code", "docs"]
    assert set(few) < set(every)


@pytest.mark.parametrize(
    ("asked", "size", "problem"),
    [
        (
            Asked(("ngrma",)),
            9,
            "--model ngrma: neither a folder nor one of .* did you mean 'ngram'",
        ),
        (Asked(("./nowhere",)), 9, "nowhere: is no model"),
        (Asked(("zstd", "zstd")), 9, "two are called zstd"),
        (Asked(order=13), 9, "--order 13: between 1 and 12"),
        (Asked(), 1 << 31, "--train-bytes 2147483648: between"),
        (Asked(("xz",), curve=True), 9, "--curve is for ngram and ngram-adaptive"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(
    asked: Asked, size: int, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        check(asked, size)


def test_a_folder_without_safe_weights_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"holds no \*\.safetensors"):
        check(Asked((str(tmp_path),)), 9)


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed here")
def test_a_model_by_its_path_says_which_extra_it_needs(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"pip install 'gristmill\[model\]'"):
        make(Asked((str(tmp_path),)), Sample(0, {}))


def test_every_option_and_model_is_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs/bpb.md").read_text(encoding="utf-8")
    commands = argparse.ArgumentParser().add_subparsers()
    bpb.add_parser(commands)
    options = {each for each in commands.choices["bpb"]._option_string_actions if each[:2] == "--"}
    assert {each for each in options - {"--help"} if each not in page} == set()
    assert all(f"`{name}`" in page for name in BUILT_IN)


def test_models_come_in_the_order_they_are_asked_for() -> None:
    learnt = Sample(0, {"a": ((PROSE.encode(), True),)})
    assert [model.name for model in make(Asked(), learnt)] == list(BUILT_IN)
    names = ("xz", "ngram-adaptive", "zstd", "ngram")
    found = [model.name for model in make(Asked(names, curve=True), learnt)]
    shares = ("/64", "/16", "/4", "")
    assert found == [
        "xz",
        *(f"ngram-adaptive{share}" for share in shares),
        "zstd",
        *(f"ngram{share}" for share in shares),
    ]
