"""Do files that parsed before parse after redaction? Every .py, .json, .yaml, .toml and .xml file of a tree.

By default the tree is the packages that this interpreter has installed. It prints counts by type and the
path of every file that broke, and ends with 1 if any did.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import sysconfig
import tomllib
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import yaml

from filters.redact.redactor import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _python(text: str) -> object:
    with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
        return ast.parse(text)


def _yaml(text: str) -> object:
    # events suffice: tags of an application need its constructors; base_loader speaks no tags at all
    return [*yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))]


def _xml(text: str) -> object:
    return ET.fromstring(text.encode())  # noqa: S314  # files of installed packages


PARSERS: Final[dict[str, Callable[[str], object]]] = {
    ".py": _python,
    ".json": json.loads,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".toml": tomllib.loads,
    ".xml": _xml,
}
_ERRORS: Final = (
    ValueError,
    SyntaxError,
    RecursionError,
    MemoryError,
    yaml.YAMLError,
    ET.ParseError,
)


def parses(suffix: str, text: str) -> bool:
    """Tell whether a text is well formed in the format of a suffix."""
    try:
        PARSERS[suffix](text)
    except _ERRORS:
        return False
    return True


def files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files of a tree that are text and of a known format, in order of their paths."""
    for path in sorted(root.rglob("*")):
        if path.suffix in PARSERS and path.is_file():
            try:
                yield path, path.read_bytes().decode()
            except UnicodeDecodeError:
                continue


def check(root: Path, redactor: Redactor) -> Iterator[tuple[str, str, Path]]:
    """Yield (suffix, outcome, path): unparsable before, untouched, parses, or broken."""
    for path, text in files(root):
        redacted = redactor.redact(text).text
        if redacted == text:
            yield path.suffix, "untouched", path
        elif not parses(path.suffix, text):
            yield path.suffix, "unparsable before", path
        else:
            yield path.suffix, "parses" if parses(path.suffix, redacted) else "broken", path


def main() -> None:
    """Check a tree and say what broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(sysconfig.get_path("purelib")))
    parser.add_argument("--level", choices=("permissive", "balanced", "strict"), default="balanced")
    args = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    broken = []
    for suffix, outcome, path in check(args.root, Redactor(level=args.level)):
        counts[suffix, outcome] += 1
        if outcome == "broken":
            broken.append(path.relative_to(args.root))
    for (suffix, outcome), count in sorted(counts.items()):
        print(f"{suffix:<6}{outcome:<20}{count:>8}")
    print(*broken, f"{len(broken)} broken of {counts.total()}", sep="\n")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
