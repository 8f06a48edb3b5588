"""`gristmill prove RELEASE ID`: a proof that a document is, or is not, in a release, for anyone to check."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import existing_release
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "prove", help="prove that a document is, or is not, in a release", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument("id", metavar="ID", help="the id of a document or a question")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the proof there, not to standard output"
    )
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the proof as JSON; check_proof.py in the release checks it."""
    from manifests.proof import as_json  # noqa: PLC0415  loads only for who needs it
    from pipeline.prove import prove  # noqa: PLC0415  likewise
    from pipeline.release import write_bytes  # noqa: PLC0415  likewise

    proof = prove(existing_release(options.release), options.id)
    if options.out is None:
        sys.stdout.write(as_json(proof).decode())
        return 0
    write_bytes(options.out, as_json(proof))
    where = ", ".join(each.folder for each in proof.leaves)
    say(f"{proof.id}: " + (f"in {where}" if proof.claim == "member" else "not in the release"))
    say(
        f"check it with: python3 {options.release}/check_proof.py {options.out} --root {proof.content_root}"
    )
    return 0
