"""`gristmill verify RELEASE`: is every file what the manifest says? With --deep, every frame and document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, print_json
from pipeline.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    import argparse

    from pipeline.withdrawals import Withdrawal


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser("verify", help="check a release", description=__doc__)
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "--deep", action="store_true", help="decode every frame and check every document"
    )
    parser.add_argument(
        "--signer",
        type=Path,
        metavar="FILE",
        help="require a signature by an ed25519 key in this .pub, authorized_keys or allowed_signers file",
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print every problem; exit code 4 when there is one.

    Raises:
        ConfigError: there is no such folder; a folder without a manifest is a damaged release.
    """
    from pipeline.signing import read_signers  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.verify import verify  # noqa: PLC0415  likewise

    if not options.release.is_dir():
        raise ConfigError(f"verify: {options.release}: there is no such folder")
    trusted = None if options.signer is None else read_signers(options.signer)
    report = verify(options.release, deep=options.deep, signers=trusted)
    withdrawn = _withdrawn(options.release)
    if options.json:
        print_json(
            {
                "release": str(options.release),
                "ok": not report.problems,
                "withdrawn": withdrawn,
                "report": report,
            }
        )
    else:
        for problem in report.problems:
            print(problem)
        state = "verified" if not report.problems else f"{len(report.problems)} problems"
        print(
            f"{options.release}: {state}: {report.files} files,"
            f" {report.documents} documents, {report.questions} questions"
            + (f", signed by {report.signer}" if report.signer else "")
        )
        if withdrawn is not None:
            print(
                f"{options.release}: was withdrawn on {withdrawn.withdrawn} for opt-outs:"
                f" {withdrawn.replaced_by} replaces it"
            )
    return IntegrityError.exit_code if report.problems else 0


def _withdrawn(release: Path) -> Withdrawal | None:
    """Look the release up in the list beside it; one whose manifest does not read is on none."""
    from pipeline.published import read_manifest  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.withdrawals import withdrawal_of  # noqa: PLC0415  likewise

    try:
        root = read_manifest(release).content_root
    except (OSError, IntegrityError):
        return None
    return withdrawal_of(release, root)
