"""How often the natural language of a text is right, and at what cost: the table of docs/languages.md.

    python benchmarks/natural_languages.py [--data FOLDER] [--wrong]

Judges published sets under `../shared/data` or FOLDER: XQuAD, KorQuAD and the articles of the Universal
Declaration of Human Rights.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import zstandard

from filters.prose import UNDETERMINED, language_code, natural_language, supported_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT: Final = Path(__file__).parents[1]
SHARED: Final = ROOT.parent / "shared" / "data"
# Codes of the UDHR in Unicode's file names that are members of a language with a code of its own.
MEMBERS: Final = {
    "aka": "ak",
    "als": "sq",
    "auv": "oc",
    "ccx": "za",
    "ckb": "ku",
    "fri": "fy",
    "fuc": "ff",
    "gax": "om",
    "hea": "hmn",
    "hms": "hmn",
    "lnc": "oc",
    "mly": "ms",
    "nob": "no",
    "ojb": "oj",
    "prv": "oc",
    "rmn": "rom",
    "rmy": "rom",
    "aii": "syr",
    **dict.fromkeys(("qud", "qug", "quy", "quz", "qva", "qvc", "qvh"), "qu"),
    **dict.fromkeys(("qvm", "qvn", "qwh", "qxa", "qxn", "qxu"), "qu"),
}
# Supported languages in a script that no model knows them in.
FOREIGN: Final = frozenset(["azj_cyrl", "ban", "bug", "mly_arab", "tuk_cyrl", "uig_latn"])
# Which of these a text is in its letters do not say; one for another is right.
ONE: Final = {"bs": "hbs", "hr": "hbs", "sr": "hbs"}
LENGTHS: Final = (20, 40, 60, 80, 100)


class Text(NamedTuple):
    """A text, its set, its file and its language."""

    part: str
    name: str
    code: str
    text: str


def questions(folder: Path) -> Iterator[Text]:
    """Read contexts and questions of XQuAD and KorQuAD."""
    files = [(path.stem, path) for path in sorted((folder / "qa/xquad").glob("*.json"))]
    for code, path in [*files, ("ko", folder / "qa/korquad/dev-v1.0.json")]:
        part = path.parent.name
        for article in json.loads(path.read_bytes())["data"]:
            for paragraph in article["paragraphs"]:
                yield Text(f"{part} contexts", path.name, code, paragraph["context"])
                for asked in paragraph["qas"]:
                    yield Text(f"{part} questions", path.name, code, asked["question"])


def declarations(folder: Path) -> Iterator[Text]:
    """Read the UDHR whole, by article, and in pieces of 20 to 100 code points.

    Even articles are those on which the values in filters/prose.py were chosen; odd ones and the pieces
    of every second stretch were not looked at for that.
    """
    with (folder / "text/udhr.jsonl.zst").open("rb") as file:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), "utf-8")
        records = [json.loads(line) for line in lines]
    for record in records:
        name = record["id"].split("/")[-1].removesuffix(".txt")
        code = "" if name in FOREIGN else udhr_code(name)
        yield Text("udhr whole", name, code, record["text"])
        for number, article in enumerate(articles(record["text"])):
            if len(article) >= LENGTHS[0]:
                yield Text(f"udhr articles, {('even', 'odd')[number % 2]}", name, code, article)
        yield from pieces(name, code, " ".join(record["text"].split())[:6000])


def udhr_code(name: str) -> str:
    """Give the ISO 639 code for the name of a file."""
    code = name.partition("_")[0]
    return MEMBERS.get(code) or language_code(code) or code


def articles(text: str) -> list[str]:
    """Cut at the blank lines before headings, without these; else at every line."""
    found = [" ".join(each.split("\n", 1)[-1].split()) for each in re.split(r"\n {3}\n", text)]
    return found if len(found) >= 10 else [each.strip() for each in text.split("\n")]


def pieces(name: str, code: str, body: str) -> Iterator[Text]:
    """Take every second round of pieces of five lengths."""
    for number, start in enumerate(range(0, len(body) - 100, 100)):
        length = LENGTHS[number % len(LENGTHS)]
        if number // len(LENGTHS) % 2:
            yield Text(f"udhr {length} letters", name, code, body[start : start + length])


def is_right(told: str, code: str) -> bool:
    """Compare, taking Bosnian, Croatian and Serbian for one."""
    return ONE.get(told, told) == ONE.get(code, code)


def judge(texts: Iterable[Text]) -> dict[str, dict[str, float]]:
    """Count by set: texts of supported languages right and wrong, others named, texts a CPU second."""
    parts: dict[str, list[Text]] = {}
    for each in texts:
        parts.setdefault(each.part, []).append(each)
    supported = supported_languages()
    return {part: _judged(part_texts, supported) for part, part_texts in sorted(parts.items())}


def _judged(texts: list[Text], supported: frozenset[str]) -> dict[str, float]:
    begun = time.process_time()
    told = [natural_language(each.text) for each in texts]
    took = time.process_time() - begun
    pairs = list(zip(texts, told, strict=True))
    ours = [(each, code) for each, code in pairs if each.code in supported]
    others = [code for each, code in pairs if each.code not in supported]
    right = sum(is_right(code, each.code) for each, code in ours)
    untold = sum(code == UNDETERMINED for _, code in ours)
    return {
        "texts": len(ours),
        "languages": len({each.code for each, _ in ours}),
        "right": 100 * right / len(ours),
        "wrong": 100 * (len(ours) - right - untold) / len(ours),
        "exactly": 100 * sum(code == each.code for each, code in ours) / len(ours),
        "others": len(others),
        "named": 100 * sum(code != UNDETERMINED for code in others) / max(1, len(others)),
        "a second": len(texts) / took,
    }


def texts(folder: Path, *, wrong: bool) -> None:
    """Print the table of the sets, and what it costs to begin."""
    begun, before = time.process_time(), _peak()
    natural_language("Ein Satz in einer Sprache, die das erste Modell gut kennt.")
    print(f"first answer: {time.process_time() - begun:.2f} s, {_peak() - before:.0f} MB")
    begun, before = time.process_time(), _peak()
    supported_languages()
    print(f"second model: {time.process_time() - begun:.2f} s, {_peak() - before:.0f} MB")
    every = [*questions(folder), *declarations(folder)]
    rows = judge(every)
    columns = list(next(iter(rows.values())))
    print(f"{'set':24}", *(f"{each:>10}" for each in columns))
    for part, row in rows.items():
        print(f"{part:24}", *(f"{row[each]:10,.1f}" for each in columns))
    if wrong:
        confused: Counter[tuple[str, str, str]] = Counter()
        for each in every:
            told = natural_language(each.text)
            if each.code in supported_languages() and not is_right(told, each.code):
                confused[each.part, each.code, told] += 1
        for (part, truth, told), count in confused.most_common(60):
            print(f"{part}: {truth} told {told}: {count}")


def _peak() -> float:
    """Highest memory of this process so far, in MB (Linux counts in KiB, macOS in bytes)."""
    unit = 1024 if sys.platform.startswith("linux") else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("GRISTMILL_SHARED_DATA", SHARED))
    parser.add_argument("--data", type=Path, default=shared, help="folder of the published sets")
    parser.add_argument("--wrong", action="store_true", help="print the commonest confusions")
    given = parser.parse_args()
    texts(given.data, wrong=given.wrong)


if __name__ == "__main__":
    main()
