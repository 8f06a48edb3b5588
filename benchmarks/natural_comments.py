"""How often the language of a program's comments is right: the second table of docs/languages.md.

    python benchmarks/natural_comments.py --work FOLDER

Packages with comments in several languages are fetched from PyPI into the folder. What Python's own
tokenizer says are their comments is labelled by script, or by counts of frequent words.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tarfile
import time
import tokenize
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filters.comments import comment_language
from filters.prose import UNDETERMINED

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def judge(work: Path) -> None:
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


def main() -> None:
    """Fetch and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for packages")
    judge(parser.parse_args().work)


if __name__ == "__main__":
    main()
