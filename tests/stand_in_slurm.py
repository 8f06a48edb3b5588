"""A queue for machines that have none: `sbatch` starts the job's script as a process, `scancel` kills it.

Job scripts, workers and their logs are the real ones; only the queue is small. The file is copied
under the names of SLURM's three commands; the folder `STAND_IN_SLURM` holds one file for each job
that runs, named by its id and holding the id of its process group.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

COMMANDS = ("sbatch", "squeue", "scancel")


def install(folder: Path) -> dict[str, str]:
    """Put the three commands into a folder; return the environment in which they are found."""
    home, jobs = folder / "bin", folder / "jobs"
    home.mkdir()
    jobs.mkdir()
    for name in COMMANDS:
        program = home / name
        program.write_text(f"#!{sys.executable}\n" + Path(__file__).read_text(encoding="utf-8"))
        program.chmod(0o755)
    return {"PATH": f"{home}:{os.environ['PATH']}", "STAND_IN_SLURM": str(jobs)}


def new_id(jobs: Path) -> int:
    """Take the next free number, though several processes ask at once."""
    number = 1
    while True:
        with contextlib.suppress(FileExistsError):
            (jobs.parent / f"taken-{number}").mkdir()
            return number
        number += 1


def sbatch(jobs: Path, script: Path) -> None:
    number = new_id(jobs)
    text = script.read_text()
    kept = jobs.parent / f"script-{number}"
    shutil.copy(script, kept)
    logs = [re.search(rf"^#SBATCH -{each} (.+)$", text, re.MULTILINE) for each in "oe"]
    out, err = ((log[1] if log else os.devnull).replace("%J", str(number)) for log in logs)
    note = jobs / str(number)
    # a job that ends at once must not take its note away before that is written
    ends = f'until [ -s "{note}" ]; do sleep 0.01; done; bash "{kept}"; rm -f "{note}"'
    with Path(out).open("wb") as stdout, Path(err).open("wb") as stderr:
        job = subprocess.Popen(
            ["bash", "-c", ends], stdout=stdout, stderr=stderr, start_new_session=True
        )
    note.write_text(str(job.pid))
    print(f"Submitted batch job {number}")


def scancel(jobs: Path, number: str) -> None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.killpg(int((jobs / number).read_text()), signal.SIGKILL)
        (jobs / number).unlink()


def main() -> None:
    jobs = Path(os.environ["STAND_IN_SLURM"])
    match Path(sys.argv[0]).name, sys.argv[1:]:
        case "sbatch", ["--test-only"]:
            if "#SBATCH -p nowhere" in sys.stdin.read():
                sys.exit("sbatch: error: invalid partition specified: nowhere")
        case "sbatch", [script]:
            sbatch(jobs, Path(script))
        case "squeue", _:
            print(*(f"{each.name} RUNNING" for each in jobs.iterdir()), sep="\n")
        case "scancel", [number]:
            scancel(jobs, number)


if __name__ == "__main__":
    main()
