"""What the lines at the ends of a text say: the interpreter's line, editors' mode lines, formats' marks."""

from __future__ import annotations

import re
from typing import Final

from filters._language_table import tables

_LINES: Final = 5  # at each end, in which editors look for mode lines
_WIDE: Final = 2048  # code points of those lines that are read
_SHEBANG: Final = re.compile(
    r"#![ \t]*(?:\S*/)?env[ \t]+(?:-\S+[ \t]+|\w+=\S*[ \t]+)*(\S+)|#![ \t]*(\S+)"
)
# a shell script that hands itself to another interpreter: `exec tclsh "$0" "$@"`
_EXEC: Final = re.compile(r"^[ \t:'\"]*exec[ \t]+(?:\S*/)?([\w.+-]+)[^\n]*\$0", re.MULTILINE)
_SHELLS: Final = frozenset(["sh", "bash", "dash", "ksh", "zsh"])
_EMACS: Final = re.compile(r"-\*-[ \t]*(.{1,200}?)[ \t]*-\*-")
_EMACS_MODE: Final = re.compile(r"(?:^|;)[ \t]*mode[ \t]*:[ \t]*([\w+#./-]+)", re.IGNORECASE)
_LOCAL_MODE: Final = re.compile(
    r"^[^\w\n]{0,8}Local Variables:(?:[^\n]*\n){1,4}?[^\w\n]{0,8}mode:[ \t]*([\w+#./-]+)",
    re.IGNORECASE | re.MULTILINE,
)
_VIM: Final = re.compile(
    r"(?:^|[ \t])(?:vim?|ex)(?:[<=>]?\d{1,4})?:[ \t]*[^\n]*?\b(?:filetype|ft|syntax|syn)=([\w+#.-]+)",
    re.IGNORECASE | re.MULTILINE,
)
_MARKS: Final = (
    ("<?xml", "XML"),
    ("<?php", "PHP"),
    ("<?hh", "Hack"),
    ("<!doctype html", "HTML"),
    ("<html", "HTML"),
    ("%!ps", "PostScript"),
    ("{\\rtf", "Rich Text Format"),
    ("#compdef", "Shell"),
    ("#autoload", "Shell"),
    ("traceback (most recent call last):", "Python traceback"),
    (">>> ", "Python console"),
    ("http/1.", "HTTP"),
    ("-----begin ", "Public Key"),
)
_REQUEST: Final = re.compile(r"(?:GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS) \S+ HTTP/\d")


def by_shebang(head: str) -> tuple[str, ...]:
    """Give the languages of the program that the first line names, none where it names none."""
    if not head.startswith("#!"):
        return ()
    match = _SHEBANG.match(head[:256].partition("\n")[0])
    if match is None:
        return ()
    program = (match[1] or match[2]).rpartition("/")[2].lower()
    if program in _SHELLS:
        other = _EXEC.search(first_lines(head))
        program = program if other is None else other[1].lower()
    known = tables().interpreters
    return known.get(program) or known.get(program.rstrip("0123456789.-"), ())


def by_modeline(head: str) -> str | None:
    """Name the language of an Emacs or Vim mode line in the first or last five lines."""
    first = first_lines(head)
    found = _emacs(first) or _vim(first)
    if found is not None or len(first) == len(head):
        return found
    last = _last_lines(head)
    return _vim(last) or _local(last)


def by_mark(head: str) -> str | None:
    """Name the format whose own mark opens the text."""
    start = head[:256].lstrip("\ufeff \t\r\n")
    lower = start.lower()
    for mark, language in _MARKS:
        if lower.startswith(mark):
            return language
    return None if _REQUEST.match(start) is None else "HTTP"


def first_lines(head: str) -> str:
    """Cut the first five lines off, at most 2,048 code points of them."""
    stop = -1
    for _ in range(_LINES):
        stop = head.find("\n", stop + 1, _WIDE)
        if stop < 0:
            return head[:_WIDE]
    return head[:stop]


def _last_lines(head: str) -> str:
    start = len(head.rstrip())
    least = max(0, start - _WIDE)
    for _ in range(_LINES):
        start = head.rfind("\n", least, start)
        if start < 0:
            return head[least:]
    return head[start:]


def _emacs(lines: str) -> str | None:
    if "-*-" not in lines:
        return None
    match = _EMACS.search(lines)
    if match is None:
        return None
    mode = _EMACS_MODE.search(match[1])
    return _mode(mode[1] if mode is not None else match[1].strip(" ;"))


def _vim(lines: str) -> str | None:
    if ":" not in lines or "=" not in lines:
        return None
    match = _VIM.search(lines)
    return None if match is None else _mode(match[1])


def _local(lines: str) -> str | None:
    if "ocal " not in lines:
        return None
    match = _LOCAL_MODE.search(lines)
    return None if match is None else _mode(match[1])


def _mode(word: str) -> str | None:
    """Resolve an editor's word; `c++-mode` is `c++`, and `python.django` is `python`."""
    lower = word.lower().removesuffix("-mode").replace("_", " ")
    modes = tables().modes
    return (
        modes.get(lower) or modes.get(lower.replace("-", " ")) or modes.get(lower.partition(".")[0])
    )
