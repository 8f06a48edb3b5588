"""Which licence a file is under, told by gristmill and by ScanCode on the same files: how often right, how fast.

python benchmarks/licenses.py --scancode .venv-scancode/bin/python --corpus FOLDER

The files are cut in halves by a hash of their texts; the two take turns, half by half, each run a process
of its own on one core. Seconds are processor time inside that process without its start-up, which is
shown beside them. Without --corpus the files are those of the packages that this interpreter has.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from common import machine, run_measured, versions_of
from licenses_corpus import Known, from_folder, from_packages

from filters.licenses.spdx import NOASSERTION, classify, normalise, parse
from filters.licenses.syntax import Combination

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from filters.licenses.spdx import Expression

_FREE: Final = frozenset({"public-domain", "permissive"})
_BARE: Final = 5000  # characters; a text of this size is the licence itself, not a notice
_SUFFIXES: Final = ("-only", "-or-later", "+")
_SAME_TEXT: Final = {"MPL-2.0-no-copyleft-exception": "MPL-2.0"}
_ROUNDS: Final = ((0, "gristmill"), (0, "scancode"), (1, "scancode"), (1, "gristmill"))
_SCANCODE: Final = """
import json, os, sys, tempfile, time
from licensedcode.cache import get_index
from scancode.api import get_licenses
start = time.process_time()
get_index()
print(json.dumps({"start": time.process_time()}))
with tempfile.TemporaryDirectory() as place:
    for line in open(sys.argv[1], encoding="utf-8"):
        record = json.loads(line)
        path = os.path.join(place, os.path.basename(record["path"])[-100:] or "file")
        with open(path, "w", encoding="utf-8") as out:
            out.write(record["text"])
        start = time.process_time()
        found = get_licenses(path, include_text=False)["detected_license_expression_spdx"]
        print(json.dumps({"expression": found or "", "seconds": time.process_time() - start}))
        os.unlink(path)
"""


class Answer(NamedTuple):
    """What a detector says of one file, `NOASSERTION` where nothing, and its processor time."""

    expression: str
    seconds: float


class Runs(NamedTuple):
    """The answers of one detector, by place in the corpus; start-up seconds and peak MB, the worst."""

    answers: dict[int, Answer]
    start: float
    peak_mb: float


def serve(path: Path) -> None:
    """Answer the files of `path`, one JSON line each, as a process of its own."""
    # what compiles the kernels loads only where they run
    from pipeline.detector import detect  # noqa: PLC0415

    detect("# Licensed under the MIT License\n", "warm.py")
    print(orjson.dumps({"start": time.process_time()}).decode())
    for line in path.read_bytes().splitlines():
        record = orjson.loads(line)
        start = time.process_time()
        found = detect(record["text"], record["path"]).expression
        took = time.process_time() - start
        print(orjson.dumps({"expression": found, "seconds": took}).decode())


def halves(corpus: Sequence[Known]) -> list[list[int]]:
    """Deal the files into two halves by a hash of their texts."""
    dealt: list[list[int]] = [[], []]
    for place, each in enumerate(corpus):
        dealt[hashlib.sha256(each.text.encode()).digest()[0] & 1].append(place)
    return dealt


def command_of(name: str, python: Path | None, asked: Path) -> list[str]:
    """Give the command that lets a detector answer the files of `asked`."""
    if name == "gristmill":
        return [sys.executable, str(Path(__file__).resolve()), "--answer", str(asked)]
    return [str(python), "-c", _SCANCODE, str(asked)]


def run(corpus: Sequence[Known], python: Path | None, core: int) -> dict[str, Runs]:
    """Let the detectors take turns."""
    answers: dict[str, dict[int, Answer]] = defaultdict(dict)
    start: dict[str, float] = defaultdict(float)
    peak: dict[str, float] = defaultdict(float)
    dealt = halves(corpus)
    with tempfile.TemporaryDirectory() as folder:
        asked, log = Path(folder) / "asked.jsonl", Path(folder) / "log"
        for half, name in _ROUNDS:
            if name == "scancode" and python is None:
                continue
            records = [{"path": corpus[at].path, "text": corpus[at].text} for at in dealt[half]]
            asked.write_bytes(b"\n".join(map(orjson.dumps, records)))
            usage = run_measured(command_of(name, python, asked), core, log)
            lines = [
                orjson.loads(line)
                for line in log.read_bytes().splitlines()
                if line.startswith((b'{"start', b'{"expression'))
            ]
            if len(lines) != len(records) + 1:
                sys.exit(f"{name} answered {len(lines) - 1} of {len(records)} files")
            start[name] = max(start[name], lines[0]["start"])
            peak[name] = max(peak[name], usage.peak_rss_mb)
            for at, line in zip(dealt[half], lines[1:], strict=True):
                answers[name][at] = Answer(
                    normalise(line["expression"]).expression, line["seconds"]
                )
    return {name: Runs(answers[name], start[name], peak[name]) for name in answers}


def atoms(expression: Expression) -> Iterator[str]:
    """Yield the licences of an expression, "only" and "or later" folded into one family."""
    if isinstance(expression, Combination):
        for part in expression.parts:
            yield from atoms(part)
        return
    name = _SAME_TEXT.get(expression.id, expression.id)
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    free = "LicenseRef-public-domain" if "public-domain" in name.lower() else name
    yield f"{free} WITH {expression.exception}" if expression.exception else free


def family(expression: str) -> tuple[frozenset[str], bool, bool]:
    """Say which families an expression joins, and how."""
    read = parse(expression)
    return frozenset(atoms(read)), " OR " in expression, " AND " in expression


def judge(known: Known, said: str) -> str:
    """Tell `exact`, `family`, `contains`, `none` and `wrong` apart; without a truth `none` and `said`."""
    nothing = said == NOASSERTION
    if not known.truth or known.truth == NOASSERTION:
        return "none" if nothing else "said"
    truth = normalise(known.truth).expression
    if said == truth:
        return "exact"
    if family(said) == family(truth):
        # a bare GNU text does not tell "only" from "or later"
        return "exact" if len(known.text) > _BARE else "family"
    if nothing:
        return "none"
    return "contains" if family(truth)[0] <= family(said)[0] else "wrong"


def false_permissive(known: Known, said: str) -> bool:
    """Tell whether a file is called permissive that is not."""
    if not known.truth or known.truth == NOASSERTION:
        return False
    return classify(said) in _FREE and classify(known.truth) not in _FREE


def figures(corpus: Sequence[Known], runs: Runs) -> dict[str, dict[str, Any]]:
    """Count the judgements of each set."""
    table: dict[str, dict[str, Any]] = {}
    for name in sorted({each.set for each in corpus}):
        places = [at for at, each in enumerate(corpus) if each.set == name]
        said = {at: runs.answers[at].expression for at in places}
        seconds = sum(runs.answers[at].seconds for at in places)
        counts = Counter(judge(corpus[at], said[at]) for at in places)
        wrongly = sum(false_permissive(corpus[at], said[at]) for at in places)
        speed = round(len(places) / seconds, 1) if seconds else 0.0
        row = {"files": len(places), "files_per_cpu_second": speed, "false_permissive": wrongly}
        table[name] = row | dict(counts)
    return table


def show(tables: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[str]:
    """Yield the figures as lines for people."""
    kinds = ("exact", "family", "contains", "wrong", "none", "said")
    heads = "".join(f"{kind:>10}" for kind in kinds) + f"{'false free':>12}"
    yield f"{'set':<14}{'detector':<11}{'files':>7}{heads}{'files/cpu-s':>13}"
    for name in sorted({name for table in tables.values() for name in table}):
        for detector, table in tables.items():
            row = table[name]
            shares = "".join(f"{row.get(kind, 0) / row['files']:>10.1%}" for kind in kinds)
            line = f"{name:<14}{detector:<11}{row['files']:>7}{shares}{row['false_permissive']:>12}"
            yield f"{line}{row['files_per_cpu_second']:>13,}"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scancode", type=Path, help="the interpreter of ScanCode's environment")
    parser.add_argument("--corpus", type=Path, help="a folder of jsonl sets")
    parser.add_argument("--packages", type=int, default=1000, help="installed packages, at most")
    parser.add_argument("--files", type=int, default=0, help="files of a set, at most; 0 for all")
    parser.add_argument("--disputed", action="store_true", help="count disputed labels as well")
    parser.add_argument("--core", type=int, default=0, help="the core that everything runs on")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def gather(args: argparse.Namespace) -> list[Known]:
    """Gather the files, of each set those first whose texts have the least hash."""
    found = (
        from_packages(args.packages)
        if args.corpus is None
        else from_folder(args.corpus, args.disputed)
    )
    if not args.files:
        return found
    found.sort(key=lambda each: hashlib.sha256(each.text.encode()).digest())
    seen: Counter[str] = Counter()
    chosen = []
    for each in found:
        seen[each.set] += 1
        if seen[each.set] <= args.files:
            chosen.append(each)
    return chosen


def main() -> None:
    """Gather files, let the detectors answer, print the table."""
    args = arguments()
    if args.answer is not None:
        serve(args.answer)
        return
    corpus = gather(args)
    if not corpus:
        sys.exit("no file whose licence is known")
    runs = run(corpus, args.scancode, args.core)
    tables = {name: figures(corpus, each) for name, each in runs.items()}
    print(*show(tables), sep="\n")
    for name, each in runs.items():
        print(f"{name}: start-up {each.start:.1f} cpu-s, peak {each.peak_mb:.0f} MB")
    if args.json is not None:
        rival = ("scancode-toolkit-mini",)
        packages = {} if args.scancode is None else versions_of(args.scancode, rival)
        usage = {n: {"start_s": r.start, "peak_mb": r.peak_mb} for n, r in runs.items()}
        about = machine(packages) | {"sets": tables, "usage": usage}
        args.json.write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
