"""`gristmill optout`: record opt-out requests, list and check the registry, ask what a request reaches."""

from __future__ import annotations

from typing import Any

from pipeline.cli import apply
from pipeline.cli.optout import alias, ask, people, publish, reach, record, signals


def add_parser(commands: Any) -> None:
    """Describe the command and its parts."""
    parser = commands.add_parser("optout", help="the opt-out registry", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    record.add_parts(parts)
    alias.add_parts(parts)
    ask.add_parts(parts)
    reach.add_parts(parts)
    apply.add_part(parts)
    signals.add_parts(parts)
    people.add_parts(parts)
    publish.add_parts(parts)
