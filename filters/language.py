"""The programming, markup or data language of a file, by GitHub Linguist's name for it.

Own table and rules from facts; the order of evidence follows Linguist's: file name, extension,
text where an extension is shared, then the interpreter line. Nothing is executed or parsed.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import files
from typing import Final, Literal, NamedTuple

import msgspec

from filters._language_rules import decide, has_rule

Kind = Literal["programming", "markup", "data", "prose"]
_SHEBANG: Final = re.compile(
    r"\A#!\s*(?:\S*/)?env\s+(?:-\S+\s+|\w+=\S*\s+)*(\S+)|\A#!\s*(?:\S*/)?([^\s/]+)"
)
_MODELINE: Final = re.compile(
    r"-\*-\s*(?:.*?mode:\s*)?([\w+#-]+)\s*(?:;.*)?-\*-|\bvim?:.*?\bft=(\w+)"
)
_MARKS: Final = (
    ("<?xml", "XML"),
    ("<?php", "PHP"),
    ("<!doctype html", "HTML"),
    ("<html", "HTML"),
    ("%!ps", "PostScript"),
    ("{\\rtf", "Rich Text Format"),
)
_ALIASES: Final = {
    "bash": "Shell", "c sharp": "C#", "cpp": "C++", "cplusplus": "C++", "csharp": "C#",
    "f sharp": "F#", "fsharp": "F#", "golang": "Go", "js": "JavaScript", "latex": "TeX",
    "md": "Markdown", "objc": "Objective-C", "py": "Python", "python3": "Python", "rb": "Ruby",
    "restructuredtext": "reStructuredText", "rst": "reStructuredText", "rs": "Rust", "sh": "Shell",
    "shell script": "Shell", "shellscript": "Shell", "sh-script": "Shell", "ts": "TypeScript",
    "viml": "Vim Script", "vue.js": "Vue", "yml": "YAML", "elisp": "Emacs Lisp",
    "emacs-lisp": "Emacs Lisp", "coq": "Rocq Prover", "protobuf": "Protocol Buffer",
    "jupyter": "Jupyter Notebook", "ipynb": "Jupyter Notebook", "asm": "Assembly",
    "objective c": "Objective-C", "visual basic": "Visual Basic .NET", "makefile": "Makefile",
    "objectivec": "Objective-C", "terraform": "HCL", "docker": "Dockerfile", "zsh": "Shell",
}  # fmt: skip
_LONGEST_NAME: Final = 64  # code points of a declared language


class _Fact(msgspec.Struct, frozen=True):
    name: str
    kind: Kind
    extensions: tuple[str, ...]
    filenames: tuple[str, ...]
    interpreters: tuple[str, ...]


class _Tables(NamedTuple):
    kinds: dict[str, Kind]
    names: dict[str, str]
    extensions: dict[str, str]
    filenames: dict[str, str]
    interpreters: dict[str, str]


@functools.cache
def _tables() -> _Tables:
    """Turn the table round, once a process; the first language of an extension is its default."""
    data = files("filters._tables").joinpath("languages.json").read_bytes()
    facts = msgspec.json.decode(data, type=tuple[_Fact, ...])
    kinds: dict[str, Kind] = {fact.name: fact.kind for fact in facts}
    names = {fact.name.lower(): fact.name for fact in facts} | _ALIASES
    extensions: dict[str, str] = {}
    filenames: dict[str, str] = {}
    interpreters: dict[str, str] = {}
    for fact in facts:
        for table, keys in (
            (extensions, fact.extensions),
            (filenames, fact.filenames),
            (interpreters, fact.interpreters),
        ):
            for key in keys:
                table.setdefault(key.lower(), fact.name)
    return _Tables(kinds, names, extensions, filenames, interpreters)


def language_count() -> int:
    """How many languages the table can name."""
    return len(_tables().kinds)


def kind_of(language: str) -> Kind | None:
    """Say what a Linguist name stands for, `None` for a name that the table does not have."""
    return _tables().kinds.get(language)


def language_name(declared: str) -> str | None:
    """Linguist's spelling of a declared name or common alias, in any case; else `None`."""
    if len(declared) > _LONGEST_NAME:
        return None
    return _tables().names.get(" ".join(declared.lower().replace("_", " ").split()))


def programming_language(path: str, text: str) -> str | None:
    """Linguist's name for code, markup and data; `None` for plain text and for what it cannot tell.

    `path` may be any path or a bare file name, `""` where there is none; of `text` at most the
    first 16,384 code points count.
    """
    by_name, extension = _by_name(path[path.rfind("/") + 1 :] if path else "")
    if extension:
        by_name = decide(extension, text)
    if by_name is None:
        by_name = _by_text(text)
    return None if by_name == "Text" else by_name


@functools.lru_cache(maxsize=1 << 13)
def _by_name(name: str) -> tuple[str | None, str]:
    """Look the file name up: the language, and the extension if the text has to decide."""
    tables = _tables()
    lower = name.lower()
    known = tables.filenames.get(lower)
    if known is not None:
        return known, ""
    parts = lower.split(".")
    for start in range(1, len(parts)):
        extension = ".".join(parts[start:])
        if has_rule(extension):
            return None, extension
        if extension in tables.extensions:
            return tables.extensions[extension], ""
    stem = parts[0]
    # Makefile.linux, Dockerfile.alpine: the name says more than the unknown extension
    if stem in {"makefile", "dockerfile", "jenkinsfile", "vagrantfile", "gnumakefile"}:
        return tables.filenames[stem], ""
    return None, ""


def _by_text(text: str) -> str | None:
    """Read the first line: an interpreter, an editor's mode line, a format's own mark."""
    tables = _tables()
    first = text[:256].lstrip("\ufeff").partition("\n")[0]
    match = _SHEBANG.match(first)
    if match is not None:
        interpreter = (match[1] or match[2]).rpartition("/")[2].lower()
        return tables.interpreters.get(
            interpreter, tables.interpreters.get(interpreter.rstrip("0123456789.-"))
        )
    lower = first.lstrip().lower()
    for mark, language in _MARKS:
        if lower.startswith(mark):
            return language
    match = _MODELINE.search(first)
    return None if match is None else tables.names.get((match[1] or match[2]).lower())
