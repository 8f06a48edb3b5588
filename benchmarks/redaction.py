"""How much of what is secret or personal a detector finds, and what it hits that is neither.

The set is built from `--seed`; `--half b` is the half that no rule was tuned on. A label counts as found
when detections of an accepted type cover at least 95 % of it. Ordinary code is the Python files of the
installed packages: what is detected there, but for e-mail, is given a megabyte. Peers run in environments
of their own: `--detector presidio --python .venv-presidio/bin/python`.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from redaction_cases.build import build
from redaction_score import (
    GROUP,
    Found,
    as_json,
    by_type,
    clean_touched,
    false_hits,
    group_of,
    outcomes,
    recall_by,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redaction_cases.case import Case
    from redaction_score import Outcome

HERE: Final = Path(__file__).resolve().parent
RIVALS: Final = ("detect-secrets", "bigcode", "presidio", "credsweeper", "kingfisher")


class Answer(NamedTuple):
    """What a detector found in each text, and the processor time it took."""

    found: list[list[Found]]
    seconds: float


def ours(texts: Sequence[str], level: str) -> Answer:
    """Detect with this repository's redactor."""
    # what compiles the rules loads only where they run
    from filters.redact.redactor import Redactor  # noqa: PLC0415

    redactor = Redactor(level=level)  # type: ignore[arg-type]  # argparse has checked it
    redactor.spans("warm")
    start = time.process_time()
    found = [[Found(s.start, s.end, s.type) for s in redactor.spans(text)] for text in texts]
    return Answer(found, time.process_time() - start)


def rival(name: str, python: Path, texts: Sequence[str]) -> Answer:
    """Detect with a peer in its own environment: JSON lines in, JSON lines out, seconds last."""
    script = HERE / "redaction_rivals" / f"{name.replace('-', '_')}_spans.py"
    sent = b"\n".join(orjson.dumps({"text": text}) for text in texts)
    done = subprocess.run([python, script], input=sent, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name} ended with {done.returncode}:\n{done.stderr.decode()[-2000:]}")
    lines = [orjson.loads(line) for line in done.stdout.splitlines() if line]
    if len(lines) != len(texts) + 1:
        sys.exit(f"{name} answered {len(lines) - 1} of {len(texts)} documents")
    found = [[Found(start, end, kind) for start, end, kind in line["spans"]] for line in lines[:-1]]
    return Answer(found, lines[-1]["seconds"])


def ordinary_code(megabytes: float) -> Iterator[str]:
    """Yield Python files of the installed packages, in an order that has no sense, up to a size."""
    root = Path(sysconfig.get_path("purelib"))
    paths = sorted(
        root.rglob("*.py"),
        key=lambda path: hashlib.sha256(str(path.relative_to(root)).encode()).digest(),
    )
    left = megabytes * 1e6
    for path in paths:
        raw = path.read_bytes()
        if left <= 0:
            return
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            continue
        left -= len(raw)
        yield text


def measure_code(detect: Any, megabytes: float) -> dict[str, Any]:
    """Count what is detected in ordinary code, and how fast."""
    texts = list(ordinary_code(megabytes))
    size = sum(len(text.encode()) for text in texts) / 1e6
    answer = detect(texts)
    others = [[one for one in found if one.type != "EMAIL"] for found in answer.found]
    return {
        "megabytes": round(size, 2),
        "documents": len(texts),
        "detections_per_mb": round(sum(map(len, others)) / size, 2) if size else 0.0,
        "emails_per_mb": round(sum(map(len, answer.found)) / size - sum(map(len, others)) / size, 2)
        if size
        else 0.0,
        "touched_documents": sum(map(bool, others)),
        "mb_per_second": round(size / answer.seconds, 2) if answer.seconds else 0.0,
    }


def report(cases: Sequence[Case], found: Sequence[Sequence[Found]]) -> dict[str, Any]:
    """Gather the figures of the set."""
    touched, clean = clean_touched(cases, found)
    judged = outcomes(cases, found)
    secrets = [each for each in judged if group_of(each.label.type) == GROUP]
    groups = recall_by(secrets, lambda each: (each.case.group, ""))
    return {
        "documents": len(cases),
        "clean_documents": clean,
        "clean_touched": touched,
        "types": {kind: as_json(figures) for kind, figures in by_type(cases, found).items()},
        "secrets": {name: {"found": got, "of": of} for (name, _), (got, of) in groups.items()},
    }


def show(figures: dict[str, Any]) -> Iterator[str]:
    """Yield the report as lines for people."""
    yield f"{'type':<16}{'P':>8}{'R':>8}{'F1':>8}{'touched':>9}{'labels':>8}{'false':>7}"
    for kind, row in figures["types"].items():
        ratios = f"{row['precision']:>8.3f}{row['recall']:>8.3f}{row['f1']:>8.3f}{row['any_recall']:>9.3f}"
        yield f"{kind:<16}{ratios}{row['labels']:>8}{row['false']:>7}"
    for name, row in figures["secrets"].items():
        yield f"  {name:<14}{'':>8}{row['found'] / row['of']:>8.3f}{'':>17}{row['of']:>8}"
    share = figures["clean_touched"] / max(1, figures["clean_documents"])
    yield f"clean documents touched: {figures['clean_touched']} of {figures['clean_documents']} ({share:.2%})"
    if "code" in figures:
        code = figures["code"]
        yield (
            f"ordinary code: {code['detections_per_mb']} detections a MB but for e-mail, "
            f"{code['mb_per_second']} MB/s ({code['megabytes']} MB)"
        )


def misses(judged: Sequence[Outcome], reveal: bool) -> Iterator[str]:
    """Describe labels that are not covered; the document only where that is asked for."""
    for each in judged:
        if each.found:
            continue
        label, text = each.label, each.case.text
        how = "in part" if each.cover > 0 else "not at all"
        line = f"missed {how}: {label.type} | {label.kind} | {each.case.context}"
        if reveal:
            near = text[max(0, label.start - 60) : label.start], text[label.end : label.end + 20]
            line += f" | {near[0]!r} [[{text[label.start : label.end][:80]!r}]] {near[1]!r}"
        yield line


def false_lines(
    cases: Sequence[Case], found: Sequence[Sequence[Found]], reveal: bool
) -> Iterator[str]:
    """Describe detections that hit nothing that is labelled."""
    for case, spans in zip(cases, found, strict=True):
        for one in false_hits(case, spans):
            line = f"false: {one.type} | {case.context}"
            if reveal:
                near = case.text[max(0, one.start - 60) : one.start]
                line += f" | {near!r} [[{case.text[one.start : one.end][:80]!r}]]"
            yield line


def spread(lines: list[str], limit: int) -> list[str]:
    """Choose up to so many lines, evenly from the whole."""
    return (
        lines if len(lines) <= limit else [lines[len(lines) * at // limit] for at in range(limit)]
    )


def tables(judged: Sequence[Outcome]) -> Iterator[str]:
    """Yield recall by kind of value and by kind of context, the worst first."""
    by_kind = recall_by(judged, lambda each: (each.label.type, each.label.kind))
    by_context = recall_by(judged, lambda each: (each.label.type, each.case.context))
    for title, table in (("value", by_kind), ("context", by_context)):
        yield f"recall by type and kind of {title}"
        for (kind, name), (got, of) in sorted(table.items(), key=lambda row: row[1][0] / row[1][1]):
            if got < of:
                yield f"  {got / of:6.3f}  {got:>4} of {of:<4} {kind:<12} {name}"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", choices=("a", "b", "both"), default="both")
    parser.add_argument("--detector", choices=("gristmill", *RIVALS), default="gristmill")
    parser.add_argument("--python", type=Path, help="the interpreter of a peer's environment")
    parser.add_argument("--level", choices=("permissive", "balanced", "strict"), default="balanced")
    parser.add_argument(
        "--mb", type=float, default=8.0, help="ordinary code to measure on; 0 for none"
    )
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument(
        "--tables", action="store_true", help="recall by kinds of value and context"
    )
    parser.add_argument("--show-misses", type=int, default=0, metavar="N")
    parser.add_argument("--show-false", type=int, default=0, metavar="N")
    parser.add_argument("--reveal", action="store_true", help="quote the made-up values as well")
    args = parser.parse_args()
    if args.detector != "gristmill" and args.python is None:
        parser.error(
            f"--detector {args.detector} needs --python, the interpreter of its environment"
        )
    return args


def main() -> None:
    """Build the set, detect, score, print."""
    args = arguments()
    cases = [case for case in build(args.seed) if args.half in {"both", case.half}]

    def detect(texts: Sequence[str]) -> Answer:
        if args.detector == "gristmill":
            return ours(texts, args.level)
        return rival(args.detector, args.python, texts)

    found = detect([case.text for case in cases]).found
    figures = report(cases, found)
    if args.mb > 0:
        figures["code"] = measure_code(detect, args.mb)
    print(*show(figures), sep="\n")
    judged = outcomes(cases, found)
    if args.tables:
        print(*tables(judged), sep="\n")
    for line in spread(list(misses(judged, args.reveal)), args.show_misses):
        print(line)
    for line in spread(list(false_lines(cases, found, args.reveal)), args.show_false):
        print(line)
    if args.json is not None:
        about = {
            "detector": args.detector,
            "level": args.level,
            "seed": args.seed,
            "half": args.half,
        }
        args.json.write_bytes(orjson.dumps(about | figures, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
