"""What happens to a run over several machines when one is lost, cut off or without its scheduler.

python benchmarks/hosts.py            # as root, for namespaces of the network; else on loopback addresses

Three machines on one: namespaces on a bridge, an S3 server on it, folders of their own; the config and its
keys are seen by the command alone. Every case ends with the SHA256SUMS of a run in one process and leaves no
temporary object, no claim, and no mirror but on a machine that is dead, or it is said to fail. Tasks sleep
for up to a second each, so that there is a middle of the run to strike in.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.engine.crew import SYNC
from pipeline.run import run_config
from tests import (
    host_cases,
    local_cases,
    netns,
)  # the root of the checkout, which has no other name
from tests.machines import open_site

if TYPE_CHECKING:
    from collections.abc import Callable


def on_hosts(case: host_cases.Case, corpus: Path, sums: bytes, folder: Path) -> None:
    """Run a case on machines of its own."""
    with open_site(folder, corpus) as site:
        host_cases.upload(site.foreign, corpus)
        site.extra["TEST_NAPS"] = host_cases.NAPS
        case(site, sums)


def on_this(case: local_cases.Case, config: Path, sums: bytes, folder: Path) -> None:
    """Run a case on this machine."""
    case(config, folder, sums)


def table(cases: dict[str, Callable[[Path], None]]) -> int:
    """Run all and print a row for each; return how many failed."""
    failed = 0
    print("| case | same bytes, nothing left | seconds |")
    print("|---|---|--:|", flush=True)
    for name, case in cases.items():
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="hosts-") as place:
            try:
                case(Path(place))
                said = "yes"
            except Exception as error:  # noqa: BLE001  a case may fail in any way, and the others go on
                said = f"no: {type(error).__name__}"
                print(error, file=sys.stderr)
                failed += 1
        print(f"| {name} | {said} | {time.monotonic() - began:.0f} |", flush=True)
    return failed


def main() -> None:
    """Choose the cases and run them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", help="cases whose name holds this")
    only = parser.parse_args().only or ""
    problem = netns.refusal()
    print(f"machines are {'addresses: ' + problem if problem else 'namespaces'}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="hosts-") as place:
        corpus, local = Path(place) / "corpus", Path(place) / "local"
        host_cases.write_corpus(corpus)
        host_cases.write_corpus(local, "in")
        print("the runs to compare with", file=sys.stderr, flush=True)
        sums = host_cases.reference(Path(place), corpus)
        made = run_config(local / "m.toml", out=Path(place) / "sync", crew=SYNC).release
        alike = (made / "SHA256SUMS").read_bytes()
        cases: dict[str, Callable[[Path], None]] = {}
        for name, here in local_cases.CASES.items():
            cases[name] = partial(on_this, here, local / "m.toml", alike)
        for name, there in {**host_cases.QUICK, **host_cases.LONG}.items():
            cases[name] = partial(on_hosts, there, corpus, sums)
        sys.exit(table({name: case for name, case in cases.items() if only in name}))


if __name__ == "__main__":
    main()
