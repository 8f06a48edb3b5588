"""`gristmill run CONFIG`: from raw shards to a sealed, verified release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_config_options, add_run_options

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser("run", help="make a release", description=__doc__)
    add_config_options(parser)
    add_run_options(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Run the config; the last line on stdout is the release's path."""
    from pipeline.cli.closing import report_outcome  # noqa: PLC0415  numba and arrow load only for who needs them
    from pipeline.run import run_config  # noqa: PLC0415

    outcome = run_config(
        options.config,
        overrides=tuple(options.overrides),
        out=options.out,
        work=options.work,
        executor=options.executor,
        workers=options.workers,
        scheduler=options.scheduler,
        memory=options.memory,
        timeout=options.timeout,
    )
    report_outcome(outcome, as_json=options.json)
    return 0
