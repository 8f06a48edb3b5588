"""Compare gristmill's quality filters with datatrove's own: verdicts one by one, and speed.

`python benchmarks/quality_filters.py collect DOCUMENTS --shared ../shared/data --packages DIR…` writes
10,000 real documents, one `{"id", "kind", "text"}` a line: texts of installed packages (README, docs,
METADATA), /usr/share/doc, man pages as they are, contexts of question sets, speeches and translations.
Of each kind those with the least SHA-256 are taken, so the choice depends on nothing else.

`… compare DOCUMENTS --peer PYTHON` cuts them into rounds. In each round both judge the same documents,
one process each, one after the other, who is first taking turns; PYTHON is that of
requirements-datatrove.txt. Timed are the filters alone. gristmill takes all figures there are, those of
code too. Prints a table of agreement, every single difference, and the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import zstandard

from filters.quality import QUALITY_FILTERS, Measures, Scored, measure, quality_filters, rule_score

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES: Final = ("gopher", "gopher-repetition", "c4", "fineweb")
QUOTAS: Final = {"man": 2500, "debian": 2500, "packages": 900, "texts": 511}
ALL: Final = 10_000
_LONGEST: Final = 200_000  # code points; of what is longer datatrove's tokenizer takes minutes
_DOCS: Final = (".md", ".rst", ".txt")


def found_texts(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield every text there is, with its kind."""
    for path in sorted((options.shared / "text").glob("*.jsonl.zst")):
        for line in zstandard.open(path, "rb").read().splitlines():
            yield "texts", json.loads(line)["text"]
    for path in sorted((options.shared / "qa").rglob("*.json")):
        for text in contexts(json.loads(path.read_bytes())):
            yield f"qa {path.relative_to(options.shared / 'qa').parts[0]}", text
    folders = [("packages", each) for each in options.packages]
    for kind, folder in (*folders, ("debian", "/usr/share/doc"), ("man", "/usr/share/man")):
        for path in sorted(Path(folder).rglob("*")):
            named = path.suffix.lower() in _DOCS or path.name == "METADATA"
            if path.is_file() and not path.is_symlink() and (named or kind != "packages"):
                try:
                    data = path.read_bytes()
                    yield kind, (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
                except (OSError, ValueError, EOFError):
                    continue


def contexts(value: Any) -> Iterator[str]:
    """Yield the contexts of a SQuAD-shaped file."""
    if isinstance(value, dict):
        if isinstance(value.get("context"), str):
            yield value["context"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from contexts(each)


def collect(options: argparse.Namespace) -> None:
    """Write the documents."""
    by_kind: defaultdict[str, dict[str, str]] = defaultdict(dict)
    seen: set[str] = set()
    for kind, raw in found_texts(options):
        text = unicodedata.normalize("NFC", raw)
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        if text.strip() and len(text) <= _LONGEST and "\0" not in text and digest not in seen:
            seen.add(digest)
            by_kind[kind][digest] = text
    taken = [
        (digest, kind, by_kind[kind][digest])
        for kind, quota in QUOTAS.items()
        for digest in sorted(by_kind[kind])[:quota]
    ]
    asked = sorted(
        (digest, kind) for kind in by_kind if kind.startswith("qa") for digest in by_kind[kind]
    )
    taken += [(digest, kind, by_kind[kind][digest]) for digest, kind in asked[: ALL - len(taken)]]
    with options.documents.open("w", encoding="utf-8") as file:
        for digest, kind, text in sorted(taken):
            file.write(json.dumps({"id": digest[:16], "kind": kind, "text": text}) + "\n")
    print(len(taken), dict(Counter(kind for _, kind, _ in taken)))


def judge(documents: Path) -> None:
    """Judge every document by every filter, whatever its language; print what the peer prints, and figures."""
    known = [json.loads(line) for line in documents.read_bytes().splitlines()]
    filters = [msgspec.structs.replace(each, languages=("*",)) for each in quality_filters(NAMES)]
    measure("The kernels are loaded now.", Measures())
    began = time.perf_counter()
    verdicts, figures = {}, {}
    for each in known:
        scored = Scored("prose", "en", measure(each["text"], Measures()))
        figures[each["id"]] = scored.figures
        verdicts[each["id"]] = {one.name: one.judge_scored(scored).reason for one in filters}
    seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "verdicts": verdicts, "figures": figures}, sys.stdout)


def run(command: list[str]) -> dict[str, Any]:
    """Run one contestant in a process of its own."""
    done = subprocess.run(command, check=True, capture_output=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def compare(options: argparse.Namespace) -> None:
    """Run the rounds and print what came of them."""
    lines = options.documents.read_bytes().splitlines(keepends=True)
    kinds = {each["id"]: each["kind"] for each in map(json.loads, lines)}
    peer = str(Path(__file__).parent / "peers/datatrove_quality_run.py")
    results: dict[str, dict[str, Any]] = {"ours": {}, "theirs": {}, "figures": {}}
    ratios, seconds = [], Counter[str]()
    for number in range(options.rounds):
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
            file.write(b"".join(lines[number :: options.rounds]))
            file.flush()
            commands = {
                "ours": [sys.executable, __file__, "judge", file.name],
                "theirs": [options.peer, peer, file.name],
            }
            turn = sorted(commands, reverse=number % 2 == 1)
            done = {name: run(commands[name]) for name in turn}
        for name, each in done.items():
            results[name] |= each["verdicts"]
            seconds[name] += each["seconds"]
        results["figures"] |= done["ours"]["figures"]
        ratios.append(done["theirs"]["seconds"] / done["ours"]["seconds"])
        print(f"round {number + 1}: {ratios[-1]:.1f} times", file=sys.stderr)
    report(results, kinds)
    print(
        f"\nseconds: gristmill {seconds['ours']:.1f}, datatrove {seconds['theirs']:.1f};"
        f" faster by {statistics.median(ratios):.1f} (median of {len(ratios)} rounds,"
        f" {min(ratios):.1f} to {max(ratios):.1f})"
    )


def report(results: dict[str, dict[str, Any]], kinds: dict[str, str]) -> None:
    """Print the table of agreement, and below it every difference."""
    ours, theirs, figures = (results[name] for name in ("ours", "theirs", "figures"))
    print("| filter | documents | both drop | only gristmill | only datatrove | agree |")
    print("|---|--:|--:|--:|--:|--:|")
    rows: list[str] = []
    for name in NAMES:
        count = Counter((bool(ours[each][name]), bool(theirs[each][name])) for each in ours)
        agreed = (count[True, True] + count[False, False]) / len(ours)
        cells = (len(ours), count[True, True], count[True, False], count[False, True])
        print(f"| {name} | {' | '.join(map(str, cells))} | {agreed:.2%} |")
        rows += [
            f"| {name} | {each} | {kinds[each]} | {ours[each][name] or 'keep'}"
            f" | {theirs[each][name] or 'keep'} | {nearest(name, figures[each])} |"
            for each in sorted(ours)
            if bool(ours[each][name]) != bool(theirs[each][name])
        ]
    print(
        "\n| filter | document | kind | gristmill | datatrove | our figure nearest to a threshold |"
    )
    print("|---|---|---|---|---|---|")
    print("\n".join(rows))


def nearest(name: str, figures: dict[str, float]) -> str:
    """Say which of a filter's thresholds a document is nearest to, relative to the threshold."""
    each = next(each for each in QUALITY_FILTERS if each.name == name)
    limits = [(rule, each.limit(rule, "en")) for rule in each.rules]
    distances = [
        (abs(figures[rule_score(rule)] - limit) / limit, rule_score(rule), limit)
        for rule, limit in limits
        if limit
    ]
    _, score, limit = min(distances)
    return f"{score} {figures[score]:.4g}, threshold {limit:g}"


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("action", choices=("collect", "compare", "judge"))
    parser.add_argument("documents", type=Path)
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    parser.add_argument("--packages", nargs="*", default=[sys.prefix])
    parser.add_argument("--peer", help="python of the peer's environment")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    if options.action == "judge":
        judge(options.documents)
    else:
        {"collect": collect, "compare": compare}[options.action](options)


if __name__ == "__main__":
    main()
