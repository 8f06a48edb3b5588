"""`gristmill inspect PATH…`: how each file or record would be judged and tagged; writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.evidence import tell_account
from pipeline.cli.options import add_json_option, print_json
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "inspect", help="judge files or records without a run", description=__doc__
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="any file, or a shard of records")
    parser.add_argument("--config", type=Path, metavar="C", help="judge by this config's filters")
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print one judgement for each document."""
    from pipeline.inspect import inspect_paths  # noqa: PLC0415  the filters load only for who needs them

    for judged in inspect_paths(options.paths, options.config):
        if options.json:
            print_json(judged)
        else:
            say(*_tell(judged))
    return 0


def _tell(judged: dict[str, Any]) -> list[str]:
    license_ = judged["license"]
    why = f": {judged['reason']}" if judged["reason"] else ""
    flags = [name for name in ("vendored", "generated") if judged[name]]
    lines = [
        f"{judged['path']} ({judged['id']})",
        f"  {judged['verdict']}{why}",
        f"  {', '.join([judged['language'], judged['natural_language'], *flags])}",
        f"  licence {license_['expression']}, {license_['class']}, {license_['decision']}",
    ]
    lines += [f"    {line}" for line in tell_account(license_)]
    lines += [
        f"  line {span['line']}, column {span['column']}: {span['type']},"
        f" {span['end'] - span['start']} characters, by {span['rule']}"
        for span in judged["redactions"]
    ]
    return lines
