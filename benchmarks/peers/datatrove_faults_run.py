"""Shards to shards with datatrove 0.10 and two workers: licence filter, then e-mail and IP replacement.

`python datatrove_faults_run.py INPUTS OUTPUT LOGS` runs in the environment of requirements-datatrove.txt;
one task a shard. `benchmarks/faults.py` kills one of its workers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.formatters import PIIFormatter
from datatrove_run import allowed, jsonl, writer


def main() -> None:
    """Run the one stage."""
    inputs, output, logs = (Path(argument).resolve() for argument in sys.argv[1:4])
    LocalPipelineExecutor(
        pipeline=[jsonl(inputs), LambdaFilter(allowed), PIIFormatter(), writer(output)],
        tasks=len(list(inputs.glob("*.jsonl.zst"))),
        workers=2,
        logging_dir=str(logs),
    ).run()


if __name__ == "__main__":
    main()
