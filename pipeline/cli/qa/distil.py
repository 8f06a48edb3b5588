"""`gristmill qa distil TEACHER`: a smaller reader that learns from a larger one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import above_zero, at_least_zero, count, share
from pipeline.cli.qa.train import add_learning_options, refuse_taken, tell
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from pipeline.qa.reader.model_file import Head
    from pipeline.qa.reader.plan import Plan


def add_part(parts: Any) -> None:
    """Describe the part."""
    part = parts.add_parser(
        "distil", aliases=["distill"], help="train a smaller reader from a larger one",
        description=__doc__,
    )  # fmt: skip
    part.add_argument("teacher", type=Path, metavar="TEACHER", help="what `train` wrote")
    add_learning_options(part)
    for name, meaning in (
        ("layers", "of the student (default: half the teacher's)"),
        ("width", "of its layers (default: the teacher's)"),
        ("token", "width of a token's embedding (default: half the teacher's)"),
    ):
        part.add_argument(f"--{name}", type=count, default=0, metavar="N", help=meaning)
    for name, kind, default, meaning in (
        ("temperature", above_zero, 2.0, "by which scores are softened"),
        ("soft", share, 0.7, "share of the teacher's answers in the loss, the right ones have the rest"),
        ("hidden", at_least_zero, 0.3, "weight of the teacher's hidden states"),
        ("attention", at_least_zero, 0.1, "weight of what its heads attend to"),
    ):  # fmt: skip
        part.add_argument(
            f"--{name}", type=kind, default=default, metavar="X", help=f"{meaning} (default: {default})"
        )  # fmt: skip
    part.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write the student, and say what it learned.

    Raises:
        ConfigError: a package is missing, or the student would be no smaller.
        InputError: a file cannot be read, or there is too little to learn from.
    """
    from pipeline.qa.baseline.asked_sets import read_set, source_of  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.reader.card import card_of  # noqa: PLC0415  likewise
    from pipeline.qa.reader.checkpoints import Checkpoints  # noqa: PLC0415  likewise
    from pipeline.qa.reader.distilling import distil  # noqa: PLC0415  likewise
    from pipeline.qa.reader.model_file import HEAD, read_reader, write_reader  # noqa: PLC0415  likewise
    from pipeline.qa.reader.training import identity_of  # noqa: PLC0415  likewise
    from pipeline.watch.progress import open_display  # noqa: PLC0415  likewise

    refuse_taken(options.out)
    opened = read_reader(options.teacher, options.device, options.threads)
    device, weights = opened.network.device, opened.head.weights
    plan = _plan(options, opened.head, device)
    given = read_set(options.questions, {options.split}, synthetic=options.synthetic)
    sources = tuple(source_of(path) for path in options.questions)
    head = (options.teacher / HEAD).read_bytes()  # has the SHA-256 of all else that is its
    identity = identity_of(given.questions, plan, device, head)
    checkpoints = Checkpoints(options.out, identity)
    with open_display() as display:
        trained = distil(opened, weights, given.questions, sources, plan, checkpoints, display)
    write_reader(
        options.out, trained.network, trained.preparer, trained.head, card_of(trained.head)
    )
    checkpoints.clear()
    tell(options, trained.head)
    return 0


def _plan(options: argparse.Namespace, head: Head, device: str) -> Plan:
    """Return the teacher's plan with what the student does otherwise; the same questions are held out.

    Raises:
        ConfigError: another seed would hold out others.
    """
    import msgspec  # noqa: PLC0415  loads only for who needs it

    from pipeline.qa.reader.distilling import student_measure  # noqa: PLC0415  likewise
    from pipeline.qa.reader.plan import Distilling  # noqa: PLC0415  likewise

    plan = head.plan
    if options.seed not in (0, plan.seed):
        raise ConfigError("reader: a student has its teacher's seed, which says what is held out")
    measure = student_measure(plan.measure, options.layers, options.width, options.token)
    return msgspec.structs.replace(
        plan,
        measure=measure,
        epochs=options.epochs or plan.epochs,
        rate=options.rate or plan.rate,
        tokens=options.batch,
        threads=options.threads,
        precision=options.precision or ("bfloat16" if device == "cuda" else "float32"),
        most=options.most or plan.most,
        begins_with="",
        distilling=Distilling(options.temperature, options.soft, options.hidden, options.attention),
    )
