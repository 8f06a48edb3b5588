"""Join the lines of prose that was wrapped at a width, and leave all else as it stands: verse, tables, lists, signs.

A line was wrapped where the first word of the next had no room behind it. Prose is wrapped in every line of
a paragraph but its last; verse is so by chance, and begins its lines with capitals.
"""

from __future__ import annotations

import re
from typing import Final

NARROWEST: Final = 50
"""Characters: whatever is narrower was not wrapped by a program or a typist, who use 60 to 80."""
_BLANK: Final = re.compile(r"\n(?:[ \t]*\n)+")


def unwrap(text: str) -> str:
    """Join wrapped lines, and part paragraphs by one blank line; indentation and line breaks of the rest stay."""
    paragraphs = [each.strip("\n") for each in _BLANK.split(_whole_lines(text)) if each.strip()]
    width = _width(text)
    joined = [_join(each) if _is_wrapped(each, width) else each for each in paragraphs]
    return "\n\n".join(joined) + "\n" if joined else ""


def _whole_lines(text: str) -> str:
    """Give back the indentation of the first line, and take blanks from the ends of lines."""
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def _width(text: str) -> int:
    """Return the width that most long lines keep within: of a hundred lines the ninth longest."""
    lengths = sorted(len(line.rstrip()) for line in text.split("\n") if line.strip())
    return lengths[len(lengths) * 91 // 100] if lengths else 0


def _is_wrapped(paragraph: str, width: int) -> bool:
    lines = paragraph.split("\n")
    if len(lines) == 1 or width < NARROWEST:
        return False
    if any(line[:1] in {" ", "\t"} or "   " in line for line in lines[1:]):
        return False  # indented by hand, or columns
    follows = [line.split(" ", 1)[0] for line in lines[1:]]
    fits = (len(line) + 1 + len(word) <= width for line, word in zip(lines, follows, strict=False))
    return not any(fits) and not all(word[:1].isupper() for word in follows)


def _join(paragraph: str) -> str:
    joined = ""
    for line in paragraph.split("\n"):
        is_tied = joined.endswith("-")  # of a word with a hyphen, or a dash
        joined += line if not joined or is_tied else f" {line}"
    return joined
