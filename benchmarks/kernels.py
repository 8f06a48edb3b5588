"""Speed of tokenise + shingle + sign on one core, by script, with and without AVX-512.

taskset -c 1 python benchmarks/kernels.py --udhr udhr.jsonl.zst --code benchmarks/corpus

Reads a jsonl.zst of translations of one text (the Universal Declaration of Human Rights) and code
shards, and prints MB of UTF-8 text per CPU second: the median of some rounds over all the groups.
A second process signs the same for `x86-64-v3`, the processors with AVX2 and without AVX-512. The
words of a script are drawn at random, with a fixed seed, into documents of 400 words: a text of 20
kB read again and again would be learnt by heart by the branch predictor.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path

import orjson
import zstandard

from pipeline.dedup.minhash import sign
from pipeline.dedup.spec import SignatureSpec

_WITHOUT_AVX512 = "x86-64-v3"
_WORDS = 400  # of a document
_SEED = 1

Groups = dict[str, list[str]]
Speeds = dict[str, list[float]]


def read_texts(path: Path) -> list[str]:
    """Return the texts of one shard that are not empty."""
    with path.open("rb") as raw:
        reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        lines = reader.readall().splitlines()
    return [text for line in lines if (text := orjson.loads(line)["text"])]


def script_of(text: str) -> str:
    """Name the script of most letters: the first word of their Unicode names."""
    counts = Counter[str]()
    for character, count in Counter(text).items():
        if unicodedata.category(character)[0] in "LM":
            counts[unicodedata.name(character, "?").partition(" ")[0]] += count
    return counts.most_common(1)[0][0] if counts else "?"


def shuffled(texts: list[str], size: int) -> list[str]:
    """Draw documents of about `size` bytes in all from the words of some texts."""
    rng = random.Random(_SEED)
    words = list(chain.from_iterable(text.split(" ") for text in texts))
    documents, written = list[str](), 0
    while written < size:
        documents.append(" ".join(rng.choices(words, k=_WORDS)))
        written += len(documents[-1].encode("utf-8", "surrogatepass"))
    return documents


def gather(udhr: Path, code: Path, size: int) -> Groups:
    """Return what is signed, by name: code, all translations as they are, each script, all mixed."""
    shards = sorted(code.glob("code-*.jsonl.zst")) if code.is_dir() else [code]
    translations = read_texts(udhr)
    by_script = defaultdict[str, list[str]](list)
    for text in translations:
        by_script[script_of(text)].append(text)
    other = [text for script, texts in by_script.items() if script != "LATIN" for text in texts]
    scripts = {script: shuffled(texts, size) for script, texts in sorted(by_script.items())}
    return {
        "code": read_texts(shards[0]),
        "translations as they are": translations,
        "all but Latin, mixed": shuffled(other, size),
        **scripts,
    }


def measure(groups: Groups, minima: int, rounds: int) -> dict[str, float]:
    """Return MB of text per CPU second, the median of `rounds` over all groups in turn."""
    spec = SignatureSpec(minima=minima)
    weights = {name: sum(map(_size, texts)) / 1e6 for name, texts in groups.items()}
    found = defaultdict[str, list[float]](list)
    sign(["a é 中"], spec)
    for _ in range(rounds):
        for name, texts in groups.items():
            start = time.process_time()
            sign(texts, spec)
            found[name].append(weights[name] / (time.process_time() - start))
    return {name: statistics.median(speeds) for name, speeds in found.items()}


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def without_avx512() -> Speeds:
    """Measure the same in a process whose kernels are compiled for processors with AVX2 only."""
    with tempfile.TemporaryDirectory() as cache:
        # The name alone would leave on whatever features this processor has.
        target = {"NUMBA_CPU_NAME": _WITHOUT_AVX512, "NUMBA_CPU_FEATURES": ""}
        environment = os.environ | target | {"NUMBA_CACHE_DIR": cache}
        child = [sys.executable, __file__, *sys.argv[1:], "--here"]
        done = subprocess.run(child, env=environment, check=True, stdout=subprocess.PIPE)
    speeds: Speeds = json.loads(done.stdout)
    return speeds


def main() -> None:
    """Print one table: a row for each group, a column for each processor and number of minima."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--udhr", type=Path, required=True)
    parser.add_argument("--code", type=Path, default=Path("benchmarks/corpus"))
    parser.add_argument("--minima", type=int, nargs="+", default=[128, 256])
    parser.add_argument("--mb", type=float, default=2.0, help="text of each script")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--here", action="store_true", help="measure this process, print JSON")
    options = parser.parse_args()
    groups = gather(options.udhr, options.code, int(options.mb * 1e6))
    columns = [measure(groups, minima, options.rounds) for minima in options.minima]
    here = {name: [column[name] for column in columns] for name in groups}
    if options.here:
        print(json.dumps(here))
        return
    there = without_avx512()
    heads = [f"{cpu} K={k}" for cpu in ("this CPU", _WITHOUT_AVX512) for k in options.minima]
    print("| MB/s |", " | ".join(heads), "|")
    print("|---" + "|---:" * len(heads) + "|")
    for name in groups:
        cells = [f"{speed:.0f}" for speed in (*here[name], *there[name])]
        print(f"| {name} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
