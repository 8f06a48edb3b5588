"""Credentials in rows of SQL: a statement is read once, and the fields of its columns of credentials in every row."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from filters.redact.rule import Range, Rule, whole
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade, grade

if TYPE_CHECKING:
    from collections.abc import Iterator

_Q: Final = r"\\?[`\"]|[\[\]]"
# `INSERT INTO users (id, login) VALUES`, up to the first row
_INSERT: Final = re.compile(
    rf"[iIrR](?i:nsert|eplace)\s{{1,4}}(?:\w{{1,12}}\s{{1,4}}){{0,3}}(?:[\w.]|{_Q}){{1,80}}\s{{0,8}}\("
    r"(?P<names>[^()]{3,1600})\)\s{0,8}(?:(?i:output)\s[^()\n]{1,80})?(?i:values?)\s{0,8}(?=\()"
)
_INSERT_TRIGGER: Final = re.compile(
    rf"(?i:insert|replace)[ \t]+(?i:into|ignore|low_priority|delayed|overwrite|or[ \t]+[a-z]{{4,8}}[ \t]+into|"
    rf"[\w.]*(?:{_Q})"
    r"[\w.`\"\[\]]*[ \t]*\()"
)
# A row ends at its bracket; a row of another statement, or the end of this one, follows no comma.
_ROW: Final = re.compile(r"\s{0,40}(?:--[^\n]{0,200}\n\s{0,40})?\(")
_NEXT: Final = re.compile(r"\s{0,8},")
_FIELD: Final = re.compile(
    r"\s{0,8}(?:[NEbx]?\\?'(?P<one>(?:[^'\\\n]|\\(?!')[^\n]|''){0,4000}+)\\?'|"
    r"\\?\"(?P<two>(?:[^\"\\\n]|\\(?!\")[^\n]){0,4000}+)\\?\"|"
    r"[^,()'\"\n]{0,80}(?:\([^()\n]{0,120}\))?)\s{0,8}(?:::\w{1,16})?(?P<end>[,)])"
)
_KEEPS: Final = re.compile(r"[`\"\[\]\s\\]+")
# One field of a table of settings names what the next one holds
_NAME_OF: Final = re.compile(r"[A-Za-z][\w.\-:/]{2,60}")
_REACH: Final = 1900
# `COPY users (id, login) FROM stdin;`, up to the first row
_COPY: Final = re.compile(
    r"\bCOPY\s{1,4}[\w.\"]{1,80}\s{0,4}\((?P<names>[^()\n]{3,1600})\)\s{1,4}FROM\s{1,4}stdin[^\n]{0,60}\n"
)
_COPY_TRIGGER: Final = re.compile(r"COPY[ \t][\w.\"]+[ \t]*\([^()\n]+\)[ \t]+FROM[ \t]+stdin")


def _rows(match: re.Match[str]) -> Iterator[Range]:
    """Yield the values in columns of credentials of all rows of one statement."""
    wanted, named = _columns(match["names"])
    if not wanted and named < 0:
        return
    text, row = match.string, _ROW.match(match.string, match.end())
    while row is not None:
        fields, end = _fields(text, row.end())
        for index, found in (*wanted, *_named(text, fields, named)):
            if index < len(fields) and _is_value(text, fields[index], found):
                yield fields[index]
        comma = _NEXT.match(text, end)
        row = None if comma is None else _ROW.match(text, comma.end())


def _fields(text: str, position: int) -> tuple[list[Range], int]:
    """Read a row from behind its bracket: the spans of its strings, (0, 0) for what is none, and its end."""
    fields: list[Range] = []
    field = _FIELD.match(text, position)
    while field is not None:
        which = "one" if field["one"] is not None else "two" if field["two"] is not None else ""
        fields.append(field.span(which) if which else (0, 0))
        if field["end"] == ")":
            return fields, field.end()
        field = _FIELD.match(text, field.end())
    return fields, len(text)


def _named(text: str, fields: list[Range], index: int) -> tuple[tuple[int, Grade], ...]:
    """Return the field behind one that names a credential, in a table of settings."""
    if not 0 <= index < len(fields):
        return ()
    name = text[slice(*fields[index])]
    found = grade(name) if _NAME_OF.fullmatch(name) is not None else Grade.NONE
    return ((index + 1, found),) if found >= Grade.SECRET else ()


def _is_value(text: str, field: Range, found: Grade) -> bool:
    return field[0] < field[1] and is_credential(text[slice(*field)], found, "quoted")


@lru_cache(512)
def _columns(names: str) -> tuple[tuple[tuple[int, Grade], ...], int]:
    """Return the columns of credentials with their grades, and the one whose next one is a value (-1: none)."""
    columns = [_KEEPS.sub("", name) for name in names.split(",")]
    graded = ((i, _grade(name)) for i, name in enumerate(columns))
    wanted = tuple((i, found) for i, found in graded if found >= Grade.SECRET)
    pairs = (
        i
        for i, name in enumerate(columns[1:])
        if name.lower().endswith(("value", "val", "content"))
    )
    return wanted, next(pairs, -1)


def _grade(name: str) -> Grade:
    """Grade the name of a column: a `token` of a table is one."""
    found = grade(name)
    return Grade.SECRET if found is Grade.WEAK and "token" in name.lower() else found


def _copied(match: re.Match[str]) -> Iterator[Range]:
    """Yield the values in columns of credentials of the rows that follow, one a line, parted by tabs."""
    wanted, _ = _columns(match["names"])
    text, position = match.string, match.end()
    while wanted and position < len(text) and not text.startswith("\\.", position):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        cells = _cells(text, position, end)
        if len(cells) <= wanted[-1][0]:
            return
        for index, found in wanted:
            if _is_value(text, cells[index], found):
                yield cells[index]
        position = end + 1


def _cells(text: str, start: int, end: int) -> list[Range]:
    cells = []
    for cell in text[start:end].split("\t"):
        cells.append((start, start + len(cell.rstrip("\r"))))
        start += len(cell) + 1
    return cells


@cache
def sql_row_rules() -> tuple[Rule, ...]:
    """Return the rules for rows of SQL."""
    insert = "INSERT INTO users (id, login, password) VALUES "
    return (
        Rule(
            "sql-row", "SECRET", "balanced", _INSERT, whole, _INSERT_TRIGGER, reach=_REACH, spread=_rows,
            yes=(
                insert + "(1,'ada','«{pw:12}7»');", insert + "\n  (1,'ada','«{pw:12}7»'),\n",
                insert + "(1,'ada','x'),\n(2, 'bob', '«{an:12}7»');",
                "INSERT INTO settings (name, value) VALUES ('smtp_password', '«{an:12}7»');",
            ),
            no=("INSERT INTO t (id, name) VALUES (1,'{an:12}');", insert + "(1,'ada','changeme');"),
        ),
        Rule(
            "sql-copied-row", "SECRET", "balanced", _COPY, whole, _COPY_TRIGGER, reach=_REACH, spread=_copied,
            yes=("COPY users (id, login, password) FROM stdin;\n1\tada\t«{an:12}7»\n\\.\n",),
            no=("COPY t (id, name) FROM stdin;\n1\t{an:12}7\n\\.\n",),
        ),
    )  # fmt: skip
