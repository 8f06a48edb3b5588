"""`Name: value` fields with continuation lines: core metadata, Debian control files, R's DCF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIELD: Final = re.compile(r"([A-Za-z][\w.-]*)[ \t]*:[ \t]*")


class Field(NamedTuple):
    """One field: `name` in lower case, `lines` of its value without their indentation.

    `start` and `end` bound the value in code points, without blanks around it.
    """

    name: str
    lines: list[str]
    start: int
    end: int

    @property
    def value(self) -> str:
        """The lines joined as they were, one below the other."""
        return "\n".join(self.lines).strip()


def paragraphs(text: str) -> Iterator[list[Field]]:
    """Yield the fields of each paragraph; blank lines part them, lines starting with # are left out."""
    fields: list[Field] = []
    at = 0
    for line in text.splitlines(keepends=True):
        content = line.rstrip()
        if not content:
            if fields:
                yield fields
            fields = []
        elif content[0] != "#":
            _take(fields, content, at)
        at += len(line)
    if fields:
        yield fields


def _take(fields: list[Field], line: str, at: int) -> None:
    """Add a line: a new field, or more of the last one; other lines belong to nothing."""
    if line[0] in " \t":
        if fields:
            last = fields[-1]
            last.lines.append(line.strip())
            start = last.start if last.end > last.start else at + len(line) - len(line.lstrip())
            fields[-1] = last._replace(start=start, end=at + len(line))
        return
    match = _FIELD.match(line)
    if match is not None:
        value = line[match.end() :]
        fields.append(Field(match[1].lower(), [value], at + match.end(), at + len(line)))
