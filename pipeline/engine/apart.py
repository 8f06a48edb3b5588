"""Started as a process of its own: to run one task, or, given any argument, to try it over some records."""

import os
import signal
import sys

from pipeline.engine.alone import run_order
from pipeline.engine.probes import answer_probes


def main() -> None:
    """Take orders from standard input and answer on standard output, to which libraries print nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it reaches the whole group: the driver decides
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        (answer_probes if sys.argv[1:] else run_order)(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
