"""Measure layer (d) beside detect-secrets: that the findings are equal, and how fast each finds them.

Plain detect-secrets runs all its plugins with their default settings on every line, and then the
default heuristic filters on each result. Compared are sets of (secret type, line, value) of every
document, before and after the filters; then the same on drawn lines in which letters are replaced
by characters that equal them when case is ignored. The two take turns; what counts is CPU time of
one core, over the UTF-8 bytes of the texts, 1 MB = 10**6 bytes.

    python benchmarks/exact_plugins.py SHARD... --megabytes 20 --lines 40000
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from random import Random
from time import process_time
from typing import TYPE_CHECKING

import orjson
import zstandard
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.filters import heuristic
from detect_secrets.plugins.keyword import DENYLIST

from filters.redact.exact import findings
from filters.redact.examples import spell
from filters.redact.plugin_examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from detect_secrets.plugins.base import BasePlugin

Results = set[tuple[str, int, str]]

KINDS: Mapping[str, type[BasePlugin]] = get_mapping_from_secret_type_to_class()
PLUGINS = [kind() for kind in KINDS.values()]
TRAPS = {"i": "\u0130\u0131I", "s": "\u017fS", "k": "\u212aK"}
NOISE = (*"\"'`\\;,=:()[]{}<>$ \t\r\x0b\u2028é", "_id ", "id:", "f(x)", "secret")
NAMES = ("a.py", "a.yml", "a.go", "a.c", "a.cpp", "a.ini", "")
# A document of so many lines drawn
DRAWN = 50
# Plain detect-secrets takes minutes for one line longer than this; such documents are counted.
LONGEST = 20_000


def plain(text: str, name: str) -> tuple[Results, Results]:
    """Return what detect-secrets finds line by line: all of it, and what its filters keep."""
    every: Results = set()
    kept: Results = set()
    for number, line in enumerate(text.split("\n"), 1):
        for plugin in PLUGINS:
            for secret in plugin.analyze_line(filename=name, line=line, line_number=number):
                result = (secret.type, number, str(secret.secret_value))
                every.add(result)
                if is_kept(result[2], line, plugin):
                    kept.add(result)
    return every, kept


def is_kept(value: str, line: str, plugin: BasePlugin) -> bool:
    """Ask detect-secrets' default filters of values and lines."""
    return not (
        heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_likely_id_string(value, line, plugin)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_indirect_reference(line)
        or heuristic.is_not_alphanumeric_string(value)
    )


def ours(text: str, name: str) -> tuple[Results, Results]:
    """Return the same through `findings`."""
    every, kept = findings(text, name, filtered=False), findings(text, name)
    return {(f.plugin, f.line, f.value) for f in every}, {(f.plugin, f.line, f.value) for f in kept}


def documents(shards: list[Path], budget: float) -> Iterator[tuple[str, str]]:
    """Yield (name, text) until the texts have `budget` bytes."""
    for shard in shards:
        with shard.open("rb") as file:
            stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            for row in io.BufferedReader(stream):
                record = orjson.loads(row)
                yield str(record.get("path") or record["id"]), record["text"]
                budget -= len(record["text"].encode())
                if budget < 0:
                    return


def drawn(lines: int) -> Iterator[tuple[str, str]]:
    """Yield documents of lines that the plugins find, or nearly."""
    rng = Random(20)
    for number in range(lines // DRAWN):
        yield NAMES[number % len(NAMES)], "\n".join(draw(rng) for _ in range(DRAWN))


def draw(rng: Random) -> str:
    """Draw one line."""
    pieces = (rng.choice((token, assignment))(rng) for _ in range(rng.choice((1, 1, 2))))
    share = rng.choice((0.0, 0.0, 0.1, 0.4))
    text = "".join(
        rng.choice(TRAPS[c.lower()]) if c.lower() in TRAPS and rng.random() < share else c
        for c in rng.choice(("", " ", "x")).join(pieces)
    )
    for _ in range(rng.choice((0, 0, 1, 2))):
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(NOISE) + text[place + rng.choice((0, 0, 1)) :]
    return text


def token(rng: Random) -> str:
    """Draw an example of one regex."""
    text, wanted = spell(rng.choice(rng.choice(list(EXAMPLES.values()))))
    return rng.choice((text, wanted, text.replace(" = ", rng.choice((":", " ", "=>", "  ")))))


def assignment(rng: Random) -> str:
    """Draw an assignment or a comparison of a keyword."""
    opening = rng.choice("\"'`")
    size = rng.choice((1, 2, 9, 24, 60))
    value = (
        opening + "".join(rng.choices("aB3$,`.;-_0f", k=size)) + rng.choice((opening,) * 4 + ("",))
    )
    name = rng.choice(("", "my_", "'")) + rng.choice(DENYLIST).replace("?", "")
    name += rng.choice(("", "_x", "']", '"', "secret"))
    sign = rng.choice(("=", " = ", ": ", ":=", " == ", "!=", "=>", "(", "  ", "[3] = @"))
    return rng.choice((name + sign + value + rng.choice((";", "")), value + sign + name))


def compare(title: str, texts: list[tuple[str, str]]) -> None:
    """Run both on every document in turns, and print what differs and how long each took."""
    size = sum(len(text.encode()) for _, text in texts) / 1e6
    spent = {"ours": 0.0, "plain": 0.0}
    differing = found = kept = 0
    for name, text in texts:
        start = process_time()
        mine = ours(text, name)
        middle = process_time()
        theirs = plain(text, name)
        spent["plain"] += process_time() - middle
        spent["ours"] += (middle - start) / 2  # it ran twice, with the filters and without
        differing += mine != theirs
        found += len(theirs[0])
        kept += len(theirs[1])
    print(
        f"{title}: {size:.1f} MB in {len(texts)} documents, {found} findings, {kept} after filters"
    )
    print(f"  differing documents: {differing}")
    for who, seconds in spent.items():
        print(f"  {who}: {size / seconds:.2f} MB/s")


def main() -> None:
    """Compare on the shards given, then on drawn lines."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("shards", nargs="+", type=Path)
    parser.add_argument("--megabytes", type=float, default=20.0)
    parser.add_argument("--lines", type=int, default=40_000)
    options = parser.parse_args()
    texts = list(documents(options.shards, options.megabytes * 1e6))
    short = [each for each in texts if max(map(len, each[1].split("\n"))) <= LONGEST]
    print(f"left out for lines of more than {LONGEST} characters: {len(texts) - len(short)}")
    for name in NAMES:
        findings("", name)  # compiles the database
    compare("shards", short)
    if options.lines:
        compare("drawn lines", list(drawn(options.lines)))


if __name__ == "__main__":
    main()
