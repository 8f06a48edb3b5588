"""A small reader with the weights that training begins with, in a folder as training writes it."""

from __future__ import annotations

from pathlib import Path

from pipeline.qa.reader.architecture import Family, Measure, parameters
from pipeline.qa.reader.hints import SCHEMA as HINTS
from pipeline.qa.reader.hints import count_rarity
from pipeline.qa.reader.inputs import Preparer, Reading
from pipeline.qa.reader.model_file import SCHEMA, Head, Learned, write_reader
from pipeline.qa.reader.network import Network
from pipeline.qa.reader.plan import Plan
from pipeline.qa.reader.reader import Sureness
from pipeline.qa.reader.training import new_net, seed_packages, versions
from pipeline.qa.wordpiece import train

TEXTS = (
    "The miller of the lower mill bought two runner stones in 1743, and the dam broke in spring.",
    "A sluice above the weir lets water on the wheel; the guild of Lindau paid for its larch.",
    "Wer kaufte die Mühle? Der Müller zahlte 1,200 florins. Café, Zoë, naïve.",
    "물레방아는 강가에 있다. 방앗간 주인은 누구인가?",
)
MEASURE = Measure(layers=2, width=32, heads=2, forward=64, token=32)


def write_untrained(folder: Path, family: Family = "electra", *, hints: bool = True) -> Path:
    """Write one whose windows have 24 tokens."""
    reading = Reading(length=24, question=8, hints=hints and family != "distilbert")
    measure = MEASURE if family != "mobilebert" else Measure(2, 32, 2, 32, 32, 32)
    plan = Plan(family, measure, reading, epochs=1.0, rate=1e-3, vocabulary=600, seed=7)
    seed_packages(plan)
    tokenizer = train(TEXTS * 2, plan.vocabulary)
    rarity = count_rarity((tokenizer.encode(text).ids for text in TEXTS), tokenizer.size)
    preparer = Preparer(tokenizer, reading, rarity)
    network = Network(new_net(plan, preparer), "cpu", typed=family != "distilbert")
    learned = Learned(
        sources=(), questions=0, held_out=0, contexts=0, impossible=0, made=0, left_out=0, windows=0,
        steps=0, parameters=parameters(network.net), exact=0.0, f1=0.0, device="cpu",
    )  # fmt: skip
    head = Head(SCHEMA, HINTS, plan, learned, Sureness(), (), versions(), rarity, preparer.fits, {})
    write_reader(folder, network, preparer, head, "# untrained\n")
    return folder
