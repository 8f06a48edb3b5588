"""`gristmill sign RELEASE --key KEY`: vouch for a release with an Ed25519 key, as ssh-keygen makes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, existing_release, print_json
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser("sign", help="sign a release", description=__doc__)
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="an Ed25519 private key"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Write SHA256SUMS.sig; say how others check it."""
    from manifests.sshsig import SIGNED, public_line  # noqa: PLC0415  loads only for who needs it
    from pipeline.signing import sign_release  # noqa: PLC0415  likewise

    signed = sign_release(existing_release(options.release), options.key)
    if options.json:
        line = public_line(signed.key)
        print_json({"file": SIGNED, "signer": signed.fingerprint, "public_key": line})
        return 0
    say(f"{options.release}/{SIGNED}: signed by {signed.fingerprint}")
    say(f"public key: {public_line(signed.key)}")
    say(f"check it with: gristmill verify {options.release} --signer FILE_WITH_PUBLIC_KEY")
    return 0
