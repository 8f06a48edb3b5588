"""`gristmill qa`: what is done with questions and answers beside a run."""

from __future__ import annotations

from typing import Any

from pipeline.cli.qa import (
    baseline,
    bundle,
    distil,
    embed,
    export,
    export_model,
    features,
    make,
    predict,
    score,
    serve,
    tokenizer,
    train,
    validate,
)


def add_parser(commands: Any) -> None:
    """Describe the command and its parts."""
    parser = commands.add_parser("qa", help="questions and answers", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    validate.add_part(parts)
    baseline.add_part(parts)
    score.add_part(parts)
    export.add_part(parts)
    make.add_part(parts)
    features.add_part(parts)
    tokenizer.add_part(parts)
    train.add_part(parts)
    distil.add_part(parts)
    predict.add_part(parts)
    export_model.add_part(parts)
    bundle.add_part(parts)
    embed.add_part(parts)
    serve.add_part(parts)
