"""`gristmill explain RELEASE ID`: where an input document went, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, existing_release, print_json
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "explain", help="say where a document went, and why", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "id", metavar="ID", help="a document's id, or input#row of a line that had none"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print each ledger row of the id, and where the document or its survivor lies."""
    from pipeline.catalog import explain  # noqa: PLC0415  arrow loads only for who needs it

    stories = explain(existing_release(options.release), options.id)
    if not stories:
        raise ConfigError(
            f"explain: {options.release}: no record of this id was read for this release"
        )
    for story in stories:
        if options.json:
            print_json(story)
        else:
            print("\n".join(_tell(story)))
    return 0


def _tell(story: dict[str, Any]) -> list[str]:
    verdict = (
        "kept" if story["verdict"] == "keep" else f"dropped at {story['stage']}: {story['reason']}"
    )
    lines = [
        story["id"],
        f"  read from {story['input']}, row {story['row']}, source {story['source']}",
        f"  {verdict}",
    ]
    if story["survivor"]:
        lines.append(f"  survivor  {story['survivor']}")
    lines += [f"  {key}  {value}" for key, value in sorted(story["detail"].items())]
    place = story["place"]
    if place and "release" not in place:  # the details name a survivor's release
        lines.append(
            f"  lies in {place['shard']}, frame {place['frame']}, bytes {place['offset']}+{place['length']}"
        )
        lines.append(f"  split {place['split']}, family {place['family']}")
    return lines
