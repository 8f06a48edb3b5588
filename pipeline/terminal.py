"""What people see on a terminal: nothing that comes from data moves the cursor, breaks a line or turns its direction.

Ids, paths and names are whatever an input holds. JSON for machines goes another way, unescaped.
"""

from __future__ import annotations

import sys
from typing import Final

_WIDEST: Final = 120  # columns of a cell in a table on a terminal


def printable(text: str) -> str:
    r"""Escape as in Python's strings (`\n`, `\x1b`, `\u202e`) what Unicode holds for no printable character.

    These are the categories Other and Separator but for the space (docs.python.org, `str.isprintable`):
    controls, bidirectional and other format characters, surrogates, line and paragraph separators.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def lines(text: str) -> str:
    """Escape each line of a message of several, whose line feeds are meant."""
    return "\n".join(map(printable, text.split("\n")))


def cell(text: str) -> str:
    """Return a cell of a table, cut where standard output is a terminal: an id of a page hides all others.

    Through a pipe or into a file goes every cell whole.
    """
    shown = printable(text)
    return shown if len(shown) <= _WIDEST or not sys.stdout.isatty() else f"{shown[: _WIDEST - 1]}…"


def say(*lines: object, error: bool = False) -> None:
    """Print each as one line, to standard error if `error`."""
    for line in lines:
        print(printable(str(line)), file=sys.stderr if error else sys.stdout)
