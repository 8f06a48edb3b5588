"""How long the redactor takes for one line of a megabyte that is made to keep it busy.

For each text: seconds of CPU a megabyte of all rules of a level, the number of findings, and the rules that
take most of it. A tenth of a second a megabyte is what ordinary text takes.

    python benchmarks/hostile_lines.py --level balanced
"""

from __future__ import annotations

import argparse
import sysconfig
from collections import Counter
from pathlib import Path
from random import Random
from string import ascii_letters, digits
from time import process_time

from filters.redact.prefilter import find
from filters.redact.redactor import scanner
from filters.redact.rules import rules

UNITS = (
    "secret", "eyJ", "sk-", "://a:b", "a@", "//", "1 ", "0x1f", "password: ", "\u79d8\u5bc6:", "`a", "cl_key   ",
    "-----BEGIN ", "AKIA", "\\n", "[{(", "1.2.3.", "=", "pwd=", "psk=", "password=", "password='", 'secret "', "pwd`a",
    'key="1', 'pass\\"', "--password x ", "+1 ", "::", "SE45 5000 ", "IBAN DE", "SSN: 219-09-9999 ",
    "eyJhbGciOiJIUzI1NiJ9.", "\\", "\t",
)  # fmt: skip


def drawn(size: int) -> dict[str, str]:
    """Draw lines of random or dense values, and one of code."""
    rng = Random(1)
    base64 = ascii_letters + digits + "+/"
    return {
        "hexadecimal": "".join(rng.choices("0123456789abcdef", k=size)),
        "base64": "".join(rng.choices(base64, k=size)),
        "digits and brackets": "".join(rng.choices("0123456789()", k=size)),
        "long numbers": " ".join(
            str(rng.randrange(4 * 10**15, 5 * 10**15)) for _ in range(size // 17)
        ),
        "code": code(size),
        "assignments": " ".join(f'password_{n}="Xy{n}!aQ{7 * n}"' for n in range(size // 30)),
    }


def code(size: int) -> str:
    """Return the standard library's sources on one line."""
    pieces: list[str] = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        pieces.append(path.read_bytes().decode("utf-8", "replace").replace("\n", " "))
        size -= len(pieces[-1])
        if size <= 0:
            break
    return " ".join(pieces)


def main() -> None:
    """Print one line for each text, the slowest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", default="balanced", choices=("permissive", "balanced", "strict"))
    parser.add_argument("--bytes", type=int, default=1_000_000)
    options = parser.parse_args()
    ready = scanner(options.level)
    texts = {repr(unit): unit * (options.bytes // len(unit.encode())) for unit in UNITS}
    rows = []
    for name, text in (texts | drawn(options.bytes)).items():
        find(ready, text[:1000])
        start = process_time()
        found = find(ready, text)
        seconds = (process_time() - start) / len(text.encode()) * 1e6
        by = Counter(span.rule for span in found).most_common(2)
        rows.append((seconds, name, len(found), ", ".join(rule for rule, _ in by)))
    for seconds, name, count, most in sorted(rows, reverse=True):
        print(f"{seconds:6.2f} s/MB  {name:28} {count:7} findings  {most}")
    print(f"{len(rules(options.level))} rules at {options.level}")


if __name__ == "__main__":
    main()
