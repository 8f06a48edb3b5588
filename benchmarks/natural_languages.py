"""How often the natural language of a text is right, and at what cost: the table of docs/languages.md.

    python benchmarks/natural_languages.py texts [--data FOLDER] [--wrong]
    python benchmarks/natural_languages.py code --work FOLDER

`texts` judges published sets under `../shared/data` or FOLDER: XQuAD, KorQuAD and the articles of the
Universal Declaration of Human Rights. `code` fetches packages with comments in several languages from
PyPI into the folder and compares with what Python's own tokenizer says are their comments, labelled by
their script and by counts of frequent words.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import resource
import subprocess
import sys
import tarfile
import time
import tokenize
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import zstandard

from filters.comments import comment_language
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


# Packages whose authors comment in these languages.
PACKAGES: Final = {
    "zh": "jieba snownlp pypinyin akshare tushare easytrader",
    "ko": "konlpy pykrx soynlp finance-datareader",
    "ru": "natasha vk_api pymorphy2 yargy",
    "ja": "janome nagisa jaconv pyknp",
    "de": "fints deutschland",
    "fr": "openfisca-france woob",
    "pt": "nfelib brazilnum",
    "es": "facturae cfdiclient",
}
# Ideographs, kana, Hangul, Cyrillic.
SIGNS: Final = ("[\u4e00-\u9fff]", "[\u3041-\u30ff]", "[\uac00-\ud7a3]", "[\u0410-\u044f]")
FREQUENT: Final = {
    "en": "the of and to is that for with this are be from it",
    "de": "der die das und ist nicht ein eine wird werden für mit auf den dem von",
    "fr": "le la les des est une pour dans que sur pas par avec du au",
    "es": "el la los las de que una para con del es por se",
    "pt": "o os as uma para com do da não em que dos",
}


def fetch(work: Path) -> None:
    """Download each package that is not there yet; one that cannot be had is said and left out."""
    work.mkdir(parents=True, exist_ok=True)
    for name in " ".join(PACKAGES.values()).split():
        stem = re.sub(r"[-_.]+", "_", name).lower()
        if any(path.name.lower().replace("-", "_").startswith(stem) for path in work.iterdir()):
            continue
        told = subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(work), name],
            capture_output=True,
            check=False,
        )
        if told.returncode:
            print(f"not to be had: {name}")


def modules(work: Path) -> Iterator[tuple[str, str]]:
    """Read the Python files of the packages."""
    for path in sorted(work.iterdir()):
        for name, data in _members(path):
            if name.endswith(".py") and len(data) < 300_000:
                try:
                    yield f"{path.name}:{name}", data.decode()
                except UnicodeDecodeError:
                    continue


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            for name in wheel.namelist():
                yield name, wheel.read(name)
    elif path.name.endswith(".tar.gz"):
        with tarfile.open(path) as sdist:
            for member in sdist:
                file = sdist.extractfile(member)
                if file is not None:
                    yield member.name, file.read()


def spoken(text: str) -> str:
    """Give the comments and the strings that are statements, as Python's tokenizer finds them."""
    found: list[str] = []
    before = tokenize.ENCODING
    opening = {
        *(tokenize.ENCODING, tokenize.NEWLINE, tokenize.NL),
        tokenize.INDENT,
        tokenize.DEDENT,
    }
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found.append(token.string.lstrip("#! "))
            elif token.type == tokenize.STRING and before in opening:
                found.append(token.string)
            if token.type != tokenize.COMMENT:
                before = token.type
    except (tokenize.TokenError, SyntaxError):
        return ""
    return "\n".join(found)


def label(said: str) -> str:
    """Label comments by their letters, Latin ones by frequent words; nothing where that is not clear."""
    said = re.sub(r"(?im)^.*(licen[sc]e|copyright).*$", "", said)
    latin, han, kana, hangul, cyrillic = (
        len(re.findall(pattern, said)) for pattern in ("[A-Za-z]", *SIGNS)
    )
    signs = han + kana + hangul
    if signs > 20 and 2 * signs > latin:
        return "ko" if hangul > han + kana else "ja" if 5 * kana > han else "zh"
    if cyrillic > 60 and cyrillic > latin:
        return "ru"
    words = Counter(re.findall(r"[^\W\d_]+", said.lower()))
    counts = sorted(
        (sum(words[word] for word in frequent.split()), code) for code, frequent in FREQUENT.items()
    )
    clear = signs + cyrillic < 20 and counts[-1][0] >= 6 and counts[-1][0] > 2 * counts[-2][0]
    return counts[-1][1] if clear else ""


def code(work: Path) -> None:
    """Print how the comments of packages are told."""
    fetch(work)
    told: dict[str, Counter[str]] = {}
    texts: list[str] = []
    for name, text in modules(work):
        truth = label(spoken(text))
        texts.append(text)
        if truth:
            found = comment_language("Python", text)
            told.setdefault(truth, Counter())[found] += 1
            if found not in {truth, UNDETERMINED}:
                print(f"wrong: {name}: {truth}, told {found}")
    for truth, counts in sorted(told.items()):
        files = counts.total()
        print(f"{truth} {files:5} files: right {100 * counts[truth] / files:5.1f} %, ", end="")
        print(f"untold {100 * counts[UNDETERMINED] / files:5.1f} %")
    begun = time.process_time()
    for text in texts:
        comment_language("Python", text)
    print(f"{len(texts) / (time.process_time() - begun):,.0f} files a CPU second")


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


def main(argv: list[str] | None = None) -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("texts", "code"))
    shared = Path(os.environ.get("GRISTMILL_SHARED_DATA", SHARED))
    parser.add_argument("--data", type=Path, default=shared, help="folder of the published sets")
    parser.add_argument("--work", type=Path, default=Path("natural"), help="folder for packages")
    parser.add_argument("--wrong", action="store_true", help="print the commonest confusions")
    given: Any = parser.parse_args(argv)
    if given.what == "texts":
        texts(given.data, wrong=given.wrong)
    else:
        code(given.work)


if __name__ == "__main__":
    main()
