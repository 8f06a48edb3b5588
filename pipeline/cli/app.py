"""The command line: one module for each command, and one place where errors become exit codes."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from importlib.metadata import version

from pipeline.errors import GristmillError, where
from pipeline.preflight import check_siblings
from pipeline.stop import Stop, stopping
from pipeline.terminal import say


def build_parser() -> argparse.ArgumentParser:
    """Build the parser; each command module adds its own part."""
    from pipeline.cli.commands import COMMANDS  # noqa: PLC0415  they load more of our packages, which are checked first

    parser = argparse.ArgumentParser(
        prog="gristmill",
        description="Raw shards in, a release you can defend out.",
        epilog="Exit codes: 0 done and verified, 1 unexpected fault, 2 usage or config, 3 input data,"
        " 4 integrity, 5 opt-out registry.",
    )
    parser.add_argument("--version", action="version", version=f"gristmill {version('gristmill')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; print an error as `stage: file:line: problem` and return its exit code.

    Without `arguments` it is the process's own command line, and the last that the process does.
    """
    try:
        with stopping(last=arguments is None):
            return _main(arguments)
    except Stop as stop:
        # at once: what libraries do at the end of a process they do badly in the middle of their start
        os._exit(stop.exit_code)


def _main(arguments: list[str] | None) -> int:
    command = "gristmill"
    try:
        check_siblings()
        options = build_parser().parse_args(arguments)
        command = options.command
        code: int = options.handler(options)
        sys.stdout.flush()
    except GristmillError as error:
        say(*str(error).split("\n"), error=True)
        return error.exit_code
    except BrokenPipeError:  # `gristmill query … | head` is no failure
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a folder that cannot be written
        place = "" if error.filename is None else f"{error.filename}: "
        full = ": free some space, then run the same command again"
        advice = full if error.errno in {errno.ENOSPC, errno.EDQUOT} else ""
        problem = os.strerror(error.errno) if error.errno else type(error).__name__
        say(f"{command}: {place}{problem}{advice}", error=True)
        return 1
    except Exception as error:  # noqa: BLE001  the last boundary: a traceback may quote a document
        say(f"{command}: {where(error)}: a fault of gristmill: please report this line", error=True)
        return 1
    return code
