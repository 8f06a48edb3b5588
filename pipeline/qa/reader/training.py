"""Train a reader on questions: its tokenizer, its weights, and what its scores are worth.

A tenth of the articles, or of the contexts where there are few articles, a thousand questions at most, is held out
for the curve and the calibration.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from pipeline.errors import ConfigError, InputError
from pipeline.preflight import code_digest
from pipeline.qa.baseline.chance import digest, part_of, taken
from pipeline.qa.baseline.held_out import made_without_answers
from pipeline.qa.reader.architecture import (
    Dropout,
    family_of,
    has_types,
    make_config,
    make_net,
    parameters,
)
from pipeline.qa.reader.calibrating import calibrate, exact_and_f1
from pipeline.qa.reader.counting import make_preparer
from pipeline.qa.reader.hints import SCHEMA as HINTS
from pipeline.qa.reader.hints import TYPES
from pipeline.qa.reader.initial import prepare
from pipeline.qa.reader.loop import Lesson, learn
from pipeline.qa.reader.model_file import SCHEMA, Head, Learned, load_net
from pipeline.qa.reader.network import Network
from pipeline.qa.reader.optimising import answer_loss
from pipeline.qa.reader.packages import packages
from pipeline.qa.reader.reader import Reader, Sureness

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from filters.qa import Question
    from pipeline.qa.baseline.model_file import Source
    from pipeline.qa.reader.checkpoints import Checkpoints, Point
    from pipeline.qa.reader.inputs import Input, Preparer
    from pipeline.qa.reader.model_file import Teacher, Unit
    from pipeline.qa.reader.plan import Plan
    from pipeline.qa.wordpiece import WordPiece
    from pipeline.watch.progress import Display

PARTS: Final = 10  # the first is held out
LEAST: Final = 50  # questions with an answer that there must be to learn from
_HELD: Final = 1000  # questions
_LOOKED: Final = 300  # of them, for the curve
_VERSIONS: Final = ("numpy", "safetensors", "tokenizers", "torch", "transformers")


class Questions(NamedTuple):
    """What is learned from and what is held out, by what; `made` of the former were made to have no answer."""

    learning: list[Question]
    held: list[Question]
    made: int
    held_out_by: Unit


class Windows(NamedTuple):
    """What the questions became; `left_out` of them have their answer in no window."""

    windows: list[Input]
    left_out: int


class Trained(NamedTuple):
    """A reader, and all that there is to say of it."""

    network: Network
    preparer: Preparer
    head: Head


def divide(questions: Sequence[Question], plan: Plan) -> Questions:
    """Hold some out, and make the questions without an answer that the plan asks for where there are none.

    Raises:
        InputError: there are too few questions with an answer.
    """
    ordered = taken(questions, plan.seed, plan.most or None)
    by = held_out_by(ordered)
    out = _held_out([_unit(each, by) for each in ordered], plan.seed)
    learning = [each for each in ordered if _unit(each, by) not in out]
    held = [each for each in ordered if _unit(each, by) in out]
    if sum(bool(each.answers) for each in learning) < LEAST:
        raise InputError(f"reader: fewer than {LEAST} questions with an answer to learn from")
    if not plan.silent or any(each.is_impossible for each in learning):
        return Questions(learning, held, 0, by)
    made = _some(made_without_answers(learning, plan.seed), plan)
    silent = _some(made_without_answers(held, plan.seed), plan)
    return Questions([*learning, *made], [*held, *silent], len(made), by)


def held_out_by(questions: Sequence[Question]) -> Unit:
    """Say what must not stand on both sides: a group, an article mostly, if no group is too large, else a context."""
    sizes = Counter(each.group for each in questions)
    most = min(len(questions) // PARTS, _HELD)
    return "group" if max(sizes.values(), default=0) <= most and "" not in sizes else "context"


def _unit(question: Question, by: Unit) -> str:
    return question.group if by == "group" else question.context


def _held_out(units: Sequence[str], seed: int) -> set[str]:
    """Return the units that are held out, whole, up to a thousand questions; `units` has one for each question."""
    sizes = Counter(each for each in units if not part_of(each, seed, PARTS))
    out, total = set[str](), 0
    for each in sorted(sizes, key=lambda unit: digest(seed, unit)):
        total += sizes[each]
        if total > _HELD:
            break
        out.add(each)
    return out


def _some(questions: Sequence[Question], plan: Plan) -> list[Question]:
    """Return the share of questions that the plan asks for, under ids of their own."""
    wanted = round(plan.silent * len(questions))
    ordered = sorted(questions, key=lambda each: digest(plan.seed, "silent", each.id, each.context))
    return [msgspec.structs.replace(each, id=f"{each.id}#silent") for each in ordered[:wanted]]


def make_windows(preparer: Preparer, questions: Sequence[Question], display: Display) -> Windows:
    """Prepare questions to learn from; a window of best sentences that lacks the answer teaches nothing."""
    display.start("windows", len(questions), 0)
    found: list[Input] = []
    left_out = 0
    for each in questions:
        made = preparer.inputs(
            each.context, each.question, each.answers, impossible=each.is_impossible
        )
        if any(window.spans for window in made):
            found.extend(made)
        else:
            left_out += 1
        display.advance(0)
    return Windows(found, left_out)


def seed_packages(plan: Plan) -> None:
    """Make what PyTorch draws and computes the same each time, as far as the device lets it."""
    torch = packages().torch
    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)


def new_net(plan: Plan, preparer: Preparer) -> Any:
    """Return a network of the plan's size with weights to begin with."""
    types = TYPES if plan.reading.hints else 0
    dropout = Dropout(plan.dropout, plan.dropout)
    size = preparer.tokenizer.size
    net = make_net(make_config(plan.family, plan.measure, size, types, dropout))
    prepare(net, hints=plan.reading.hints)
    return net


def begun_net(folder: Path, plan: Plan, preparer: Preparer) -> Any:
    """Load a network that was trained before.

    Raises:
        ConfigError: it is of another family, or its tokenizer has more tokens than it.
        InputError: it does not load.
    """
    net = load_net(folder)
    if family_of(net.config, str(folder)) != plan.family:
        raise ConfigError(f"reader: {folder}: is {net.config.model_type}, not {plan.family}")
    if preparer.tokenizer.size > net.config.vocab_size:
        raise ConfigError(
            f"reader: {folder}: its tokenizer has more tokens than it: is it another's?"
        )
    if plan.reading.length > net.config.max_position_embeddings:
        raise ConfigError(
            f"reader: {folder}: has places for {net.config.max_position_embeddings} tokens: give --length"
        )
    return net


def train(
    questions: Sequence[Question],
    sources: tuple[Source, ...],
    plan: Plan,
    device: str,
    checkpoints: Checkpoints,
    display: Display,
    *,
    tokenizer: WordPiece | None = None,
    begin: Path | None = None,
) -> Trained:
    """Train a reader, in whatever order the questions come.

    Raises:
        ConfigError: a package is missing, or plan and questions do not go together.
        InputError: there are too few questions with an answer.
    """
    given = divide(questions, plan)
    preparer = make_preparer(given.learning, plan, tokenizer)
    seed_packages(plan)
    net = new_net(plan, preparer) if begin is None else begun_net(begin, plan, preparer)
    network = Network(net, device, typed=has_types(plan.family))
    made = make_windows(preparer, given.learning, display)
    lesson = Lesson(
        made.windows,
        lambda batch, right: answer_loss(network.forward(batch), batch, right),
        look_at(network, preparer, given.held),
        preparer.tokenizer.unknown or 0,
        max(preparer.tokenizer.marks) + 1,
    )
    curve = learn(network, lesson, plan, checkpoints, display)
    return finish(network, preparer, given, made, plan, sources, curve)


def look_at(network: Network, preparer: Preparer, held: Sequence[Question]) -> Any:
    """Return what looks at how good a network is on some of the held-out questions."""
    some = [each for each in held if each.answers][:_LOOKED]
    return lambda: exact_and_f1(Reader(preparer, network.scores, Sureness()), some)


def finish(
    network: Network, preparer: Preparer, given: Questions, made: Windows, plan: Plan,
    sources: tuple[Source, ...], curve: Sequence[Point], teacher: Teacher | None = None,
) -> Trained:  # fmt: skip
    """Calibrate a trained network, and say what it learned."""
    sureness = calibrate(preparer, network.scores, given.held, plan.seed)
    exact, f1 = exact_and_f1(Reader(preparer, network.scores, sureness), given.held)
    learned = Learned(
        sources=tuple(sorted(sources, key=lambda each: (each.name, each.version, each.sha256))),
        questions=len(given.learning),
        held_out=len(given.held),
        held_out_by=given.held_out_by,
        contexts=len({each.context for each in given.learning}),
        impossible=sum(each.is_impossible for each in given.learning),
        made=given.made,
        left_out=made.left_out,
        windows=len(made.windows),
        steps=curve[-1].step if curve else 0,
        parameters=parameters(network.net),
        exact=round(exact, 4),
        f1=round(f1, 4),
        device=network.device,
        teacher=teacher,
    )
    head = Head(
        SCHEMA,
        HINTS,
        plan,
        learned,
        sureness,
        tuple(curve),
        versions(),
        preparer.rarity,
        preparer.fits,
        {},
    )
    return Trained(network, preparer, head)


def versions() -> dict[str, str]:
    """Name the packages that weights depend on, and their versions."""
    return {name: version(name) for name in _VERSIONS}


def identity_of(questions: Sequence[Question], plan: Plan, device: str, *files: bytes) -> str:
    """Return one SHA-256 over all that weights depend on: a checkpoint of another one is not gone on with."""
    found = hashlib.sha256(msgspec.json.encode((plan, device, versions(), code_digest())))
    for each in taken(questions, plan.seed, plan.most or None):
        found.update(msgspec.json.encode(each))
    for data in files:
        found.update(hashlib.sha256(data).digest())
    return found.hexdigest()
