"""Started as a process of its own, which forks to run tasks (`pipeline/engine/forks.py`)."""

import os
import signal
import sys

from pipeline.engine.forks import serve


def main() -> None:
    """Take orders from standard input and answer on standard output, to which libraries print nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it reaches the whole group: the driver decides
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
