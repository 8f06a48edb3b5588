"""What readers trained by `gristmill qa train` and `distil` score on published sets, and what they cost.

    python benchmarks/qa_readers.py --out FOLDER [--only tiny,small,student,silent,korean,…]

English readers learn from SQuADShifts (three files, 27,626 questions) and are scored on the whole development sets
of SQuAD 1.1 and 2.0, of which nothing was learned and by which nothing was chosen: their threshold of abstention is
that of held-out questions of SQuADShifts. For Korean there is one set: it is cut in two by article. Models and
answers stay in FOLDER; what is there is not made again. CPU seconds are of the commands, with their start.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

from common import Usage, run_measured
from qa_baselines import SHARED, TRAINING
from pipeline.cli.options import print_table

GRISTMILL: Final = str(Path(sys.executable).with_name("gristmill"))
ENGLISH: Final = tuple(str(SHARED / f"squadshifts/{name}.json") for name in TRAINING)
ONE: Final = (str(SHARED / "squad/dev-v1.1.json"), "squad-v1")
TWO: Final = (str(SHARED / "squad/dev-v2.0.json"), "squad-v2")
KOREAN: Final = SHARED / "korquad/dev-v1.0.json"
RUNS: Final = 3  # of each reader whose throughput is compared, in turn


class Trial(NamedTuple):
    """How a reader is made, and the set that it is scored on with its rules; no question file is named in `given`."""

    given: tuple[str, ...]
    asked: tuple[str, ...]
    gold: tuple[str, str]
    teacher: str = ""


TRIALS: Final[dict[str, Trial]] = {
    "tiny": Trial((), ENGLISH, ONE),
    "small": Trial(("--size", "small", "--epochs", "3"), ENGLISH, ONE),
    "student": Trial((), ENGLISH, ONE, teacher="small"),
    "distilbert": Trial(("--family", "distilbert", "--epochs", "3"), ENGLISH, ONE),
    "silent": Trial(("--family", "mobilebert", "--silent", "0.5", "--epochs", "2"), ENGLISH, TWO),
    "korean": Trial(("--epochs", "4"), ("korean/0.json",), ("korean/1.json", "korquad")),
}


def main() -> int:
    """Print a table of scores, and one of throughput."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", default=",".join(TRIALS), help="names of trials, with commas")
    options = parser.parse_args()
    folder: Path = options.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    halve(KOREAN, folder / "korean")
    names = [name for name in TRIALS if name in options.only.split(",")]
    rows = [row_of(name, folder) for name in names]
    header = ("reader", "weights", "CPU s", "EM", "F1", "best F1", "HasAns F1", "NoAns F1", "ECE")
    print_table("scores", header, rows)
    if "korean" in names:
        print_table("best sentence, KorQuAD half", ("EM", "F1"), [best_sentence(folder)])
    if "student" in names:
        compare_speed(("small", "student"), folder)
    return 0


def halve(path: Path, out: Path) -> None:
    """Cut a SQuAD file in two by article, the way that `qa_baselines` does."""
    if out.exists():
        return
    whole = json.loads(path.read_bytes())
    halves: tuple[list[Any], list[Any]] = ([], [])
    for article in whole["data"]:
        halves[hashlib.sha256(article["title"].encode()).digest()[0] % 2].append(article)
    out.mkdir()
    for number, each in enumerate(halves):
        told = json.dumps({"version": whole["version"], "data": each}, ensure_ascii=False)
        (out / f"{number}.json").write_text(told, encoding="utf-8")


def row_of(name: str, folder: Path) -> tuple[str, ...]:
    """Make a reader unless it is there, have it answer, and return what it scores."""
    trial, model = TRIALS[name], folder / name
    cost = folder / f"{name}.cost.json"
    if not model.exists():
        begin = ("distil", str(folder / trial.teacher)) if trial.teacher else ("train",)
        asked = [str(folder / each) for each in trial.asked]  # an absolute path stays what it is
        used = measured(folder, "qa", *begin, *asked, "--out", str(model), *trial.given)
        cost.write_text(json.dumps(used.cpu_s))
    answer(model, str(folder / trial.gold[0]), folder / f"{name}.answers.json")
    found = score(folder, name)
    head = json.loads((model / "reader.json").read_bytes())
    told = (found.get(key) for key in ("exact", "f1", "best_f1", "HasAns_f1", "NoAns_f1"))
    return (
        name,
        f"{head['learned']['parameters']:,}",
        f"{json.loads(cost.read_bytes()):.0f}",
        *("" if each is None else f"{each:.2f}" for each in told),
        f"{found['confidence']['ece']:.3f}",
    )


def answer(model: Path, gold: str, out: Path) -> Usage:
    """Answer a set."""
    told = [f"--{name}={out.with_suffix(f'.{name}')}" for name in ("null-odds", "confidence")]
    return measured(out.parent, "qa", "predict", str(model), gold, "--out", str(out), *told)


def score(folder: Path, name: str) -> dict[str, Any]:
    """Score the answers that a reader gave, as the command does."""
    gold, rules = TRIALS[name].gold
    answers = folder / f"{name}.answers.json"
    given = [f"--confidence={answers.with_suffix('.confidence')}"]
    if rules == "squad-v2":
        given.append(f"--null-odds={answers.with_suffix('.null-odds')}")
    told = ("--gold", str(folder / gold), "--predictions", str(answers), "--format", rules)
    command = [GRISTMILL, "qa", "score", *told, *given, "--json"]
    found: dict[str, Any] = json.loads(subprocess.check_output(command))
    return found


def best_sentence(folder: Path) -> tuple[str, ...]:
    """Return what the best sentence scores on the Korean half."""
    out, gold = folder / "sentence.json", str(folder / TRIALS["korean"].gold[0])
    measured(folder, "qa", "baseline", "predict", gold, "--method", "sentence", "--out", str(out))
    told = ("--gold", gold, "--predictions", str(out), "--format", "korquad", "--json")
    found = json.loads(subprocess.check_output([GRISTMILL, "qa", "score", *told]))
    return tuple(f"{found[key]:.2f}" for key in ("exact", "f1"))


def compare_speed(names: tuple[str, str], folder: Path) -> None:
    """Say how many questions a CPU second two readers answer, in turn; the start of the command is not counted."""
    asked = len(json.loads((folder / f"{names[0]}.answers.json").read_bytes()))
    empty = folder / "nobody.json"
    empty.write_text('{"version": "1.1", "data": []}')
    speeds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(RUNS):
        for name in names:
            start = answer(folder / name, str(empty), folder / "speed.json").cpu_s
            whole = answer(folder / name, ONE[0], folder / "speed.json").cpu_s
            speeds[name].append(asked / (whole - start))
    rows = [(name, f"{statistics.median(found):,.1f}") for name, found in speeds.items()]
    print_table("throughput", ("reader", "questions a CPU s"), rows)
    ratio = statistics.median(b / a for a, b in zip(*speeds.values(), strict=True))
    print(f"  {names[1]} to {names[0]}: {ratio:.2f}")


def measured(folder: Path, *given: str) -> Usage:
    """Run the command on one core."""
    print("gristmill", *given, flush=True)
    return run_measured([GRISTMILL, *given], 0, folder / "log.txt")


if __name__ == "__main__":
    raise SystemExit(main())
