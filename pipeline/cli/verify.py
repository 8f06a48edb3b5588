"""`gristmill verify RELEASE`: is every file what the manifest says? With --deep, every frame and document."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.options import add_json_option, existing_release, print_json
from pipeline.errors import ConfigError, IntegrityError
from pipeline.terminal import say

if TYPE_CHECKING:
    from filters.optout import OptOutFilter
    from pipeline.optout.texts import GivenText
    from pipeline.verify import Report
    from pipeline.withdrawals import Withdrawal

_DIGITS: Final = 12  # of a content root: enough to tell releases apart by eye
_VERSIONED: Final = re.compile(r"-[0-9]+\.[0-9]+\.[0-9]+")


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
    parser.add_argument(
        "--content-root",
        type=_content_root,
        metavar="HEX",
        help="require this very content: the content_root as somebody quoted it, 64 hex digits",
    )
    parser.add_argument(
        "--registry",
        type=Path,
        metavar="R",
        help="with --deep, name every record that a request of this opt-out registry names",
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="the key of its author subjects")
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def _content_root(text: str) -> str:
    from manifests.checksum import SHA256_HEX  # noqa: PLC0415  after the check for strangers' packages

    if SHA256_HEX.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no content root: 64 digits of 0-9 and a-f")
    return text


def handle(options: argparse.Namespace) -> int:
    """Print every problem; exit code 4 when there is one.

    Raises:
        ConfigError: there is no such folder; a folder without a manifest is a damaged release.
    """
    from pipeline.signing import read_signers  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.verify import verify  # noqa: PLC0415  likewise

    if not options.release.is_dir():
        existing_release(options.release)
        raise ConfigError(f"verify: {options.release}: there is no such folder")
    trusted = None if options.signer is None else read_signers(options.signer)
    optout, texts = _optout(options)
    report = verify(
        options.release,
        deep=options.deep,
        signers=trusted,
        content_root=options.content_root,
        optout=optout,
        texts=texts,
    )
    note = _note(options.release, report)
    if options.json:
        told = {
            "release": str(options.release),
            "ok": report.ok,
            "withdrawn": _withdrawn(options.release, report),
            "report": report,
        }
        print_json(told | ({"note": note} if note else {}))
    else:
        notes = [note] if note else []
        gone = _withdrawn(options.release, report)
        if gone is not None:
            told_of = f"withdrawn on {gone.withdrawn} for opt-outs: {gone.replaced_by} replaces it"
            notes.append(f"{options.release}: was {told_of}")
        say(*report.problems, _closing(options.release, report), *notes)
    return IntegrityError.exit_code if report.problems else 0


def _closing(release: Path, report: Report) -> str:
    """Say how it went, and with what: the folder's name is no part of a release."""
    state = "verified" if report.ok else f"{len(report.problems)} problems"
    held = f"{report.documents} documents, {report.questions} questions"
    return (
        f"{release}: {state}: {_name(report) or 'no manifest'}"
        + (f", content root {report.content_root[:_DIGITS]}" if report.content_root else "")
        + f", {report.files} files, {held}"
        + (f", signed by {report.signer}" if report.signer else "")
    )


def _name(report: Report) -> str:
    return f"{report.name}-{report.version}" if report.name else ""


def _note(release: Path, report: Report) -> str:
    """Point to a folder that is called after another version than the one in it."""
    folder = release.resolve().name
    if not report.name or folder == _name(report) or not _VERSIONED.search(folder):
        return ""
    return f"note: the folder is called {folder}, what is in it is {_name(report)}"


def _withdrawn(release: Path, report: Report) -> Withdrawal | None:
    """Look the release up in the list beside it; one whose manifest does not read is on none."""
    from pipeline.withdrawals import withdrawal_of  # noqa: PLC0415  arrow loads only for who needs it

    if not report.content_root:
        return None
    return withdrawal_of(release, _name(report), report.content_root)


def _optout(
    options: argparse.Namespace,
) -> tuple[OptOutFilter | None, tuple[GivenText, ...]]:
    """Read the registry that the release is held against, with the texts that lie beside it."""
    from pipeline.optout import load, read_key  # noqa: PLC0415  a quick --help
    from pipeline.optout.texts import read_texts  # noqa: PLC0415  likewise

    if options.registry is None:
        return None, ()
    if not options.deep:
        raise ConfigError("verify: --registry goes with --deep: records must be read for it")
    optout = load(options.registry).filter(b"" if options.key is None else read_key(options.key))
    return optout, read_texts(options.registry, optout.requests)
