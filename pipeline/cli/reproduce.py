"""`gristmill reproduce RELEASE`: make a release once more from its own config and inputs, and compare."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import (
    add_executor_options,
    add_json_option,
    existing_release,
    print_json,
    print_table,
)
from pipeline.errors import IntegrityError
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pipeline.reproduce import Reproduction

_SHOWN = 20


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "reproduce", help="make a release once more and compare", description=__doc__
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "--inputs",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the folder that the release's config lay in: its paths start there (default: here)",
    )
    parser.add_argument(
        "--parent",
        type=Path,
        metavar="RELEASE",
        help="the release before (default: beside this one)",
    )
    parser.add_argument("--redact-key", metavar="FILE", help="the key of [redact], if it had one")
    parser.add_argument("--optout-key", metavar="FILE", help="the key of [optout], if it had one")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="keep what is made there (default: remove it)"
    )
    add_executor_options(parser)
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Say whether the bytes are the same, else what differs and why; exit code 4 for other content."""
    from pipeline.recorded import Given  # noqa: PLC0415  numba and arrow load only for who needs them
    from pipeline.reproduce import reproduce  # noqa: PLC0415  likewise
    from pipeline.run import Means  # noqa: PLC0415  likewise

    keys = {"redact.key": options.redact_key, "optout.key": options.optout_key}
    given = Given(
        options.inputs.resolve(),
        tuple((name, str(Path(path).resolve())) for name, path in keys.items() if path),
        options.parent,
    )
    with _folder(options.out) as out:
        means = Means(
            out,
            None,
            options.executor,
            options.workers,
            options.scheduler,
            options.memory,
            options.timeout,
        )
        found = reproduce(existing_release(options.release), given, means)
    if options.json:
        print_json(_as_json(found, kept=options.out is not None))
    else:
        _print(options.release, found)
    return 0 if found.sound else IntegrityError.exit_code


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Give the folder to work in: one that is kept, or one that is removed."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="gristmill-") as folder:
        yield Path(folder)


def _print(release: Path, found: Reproduction) -> None:
    if found.identical:
        say(f"{release}: reproduced, byte for byte")
        return
    said = "the same records in other bytes" if found.content else "other records"
    say(f"{release}: {said}: {len(found.files)} files differ")
    for path in found.files[:_SHOWN]:
        say(f"  {path}")
    if len(found.files) > _SHOWN:
        say(f"  and {len(found.files) - _SHOWN} more")
    if found.departures:
        print_table("what is not as it was:", ("", "then", "now"), found.departures)
    else:
        say("the tools are the same as then: this should not be")
    if found.changes is not None:
        for kind, keys in found.changes.difference.items():
            if keys:
                say(f"{len(keys):,} records {kind}")


def _as_json(found: Reproduction, *, kept: bool) -> dict[str, Any]:
    changes = {} if found.changes is None else dict(found.changes.difference.items())
    return {
        "release": str(found.release) if kept else "",
        "identical": found.identical,
        "same_content": found.content,
        "files": found.files,
        "departures": [each._asdict() for each in found.departures],
        "changes": {kind: len(keys) for kind, keys in changes.items()},
    }
