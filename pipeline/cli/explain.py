"""`gristmill explain RELEASE ID`: where an input document went, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.evidence import tell_account
from pipeline.cli.options import add_json_option, existing_release, print_json
from pipeline.errors import ConfigError
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


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
            say(*_tell(story))
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
    lines += _tell_detail(story["detail"])
    place = story["place"]
    if place and "release" not in place:  # the details name a survivor's release
        lines.append(
            f"  lies in {place['shard']}, frame {place['frame']}, bytes {place['offset']}+{place['length']}"
        )
        lines.append(f"  split {place['split']}, family {place['family']}")
    return lines


def _tell_detail(detail: dict[str, Any]) -> Iterator[str]:
    """Say how the licence was decided in words, and all else as it stands."""
    license_ = detail.get("license", detail)
    told = license_.keys() & _ACCOUNT if isinstance(license_, dict) else set()
    rest = detail
    if "decided_by" in told:
        first, *others = tell_account(license_)
        yield f"  licence: {first}"
        yield from (f"    {line}" for line in others)
        left = {key: value for key, value in license_.items() if key not in told}
        rest = left if license_ is detail else {**detail, "license": left}
    yield from (f"  {key}  {value}" for key, value in sorted(rest.items()) if value not in ({}, ""))


_ACCOUNT = {"decided_by", "outcome", "conflict", "boundary", "evidence"}
