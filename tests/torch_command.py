"""Commands that need PyTorch, each in a fork of one process that has loaded it, which takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

# one thread: a fork of a process that has several is no safe place
_ONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_PROGRAM = """
import json, os, sys
import pipeline.cli.commands
from pipeline.cli.app import main
from pipeline.qa.reader import architecture, card, training
torch = training.packages().torch
size = architecture.Measure(1, 8, 2, 8, 8)
net = architecture.make_net(architecture.make_config("electra", size, 9, 2, architecture.Dropout()))
step = torch.optim.AdamW(net.parameters())
net(torch.ones(1, 4, dtype=torch.int64)).start_logits.sum().backward()
step.step()
for line in sys.stdin:
    arguments, said = json.loads(line)
    pid = os.fork()
    if not pid:
        for number in (1, 2):
            os.dup2(os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND), number)
        sys.argv = ["gristmill", *arguments]
        code = 1
        try:
            code = main()
        except SystemExit as stop:
            code = stop.code
        finally:
            sys.stdout.flush()
            os._exit(code)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Torch:
    """The process that forks; one command at a time."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "said"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | _ONE, cwd=Path(__file__).parents[1],
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def start(self, *arguments: object) -> int:
        """Start a command; return its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._said.unlink(missing_ok=True)
        given = json.dumps([[str(each) for each in arguments], str(self._said)])
        self._process.stdin.write(given + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> tuple[int, str]:
        """Wait for it; return its exit code, negative for a signal, and what it said."""
        assert self._process.stdout is not None
        code = int(self._process.stdout.readline())
        return code, self._said.read_text("utf-8") if self._said.exists() else ""
