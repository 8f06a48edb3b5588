"""Credentials known by the column that they stand in: tables of text, and rows of SQL."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from filters.redact.rule import Range, Rule, whole
from filters.redact.secrets.judgement import Form, is_credential
from filters.redact.secrets.keywords import Grade, grade
from filters.redact.secrets.sql_rows import sql_row_rules
from filters.redact.secrets.strength import weigh

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED: Final = (
    r"(?:pass(?:word|wd|phrase|code|wort)?|pwd|pw|secret|token|senha|clave|parola|kennwort|contrase\w{1,3}a|"
    r"(?:api|access|secret|auth)[_ \-]?key|access[_ \-]?token|\ube44\ubc00\ubc88\ud638|\u5bc6\u7801|"
    r"\u30d1\u30b9\u30ef\u30fc\u30c9)"
)
# The first line of a table: short names between commas, semicolons, tabs or bars
_HEADER: Final = re.compile(
    r"[|!\s]{0,24}[\"'`*_]{0,3}[^\W\d][^,;|!\t\n=(){}\[\]:]{0,40}(?:(?:!!|[,;|\t]{1,2})[^,;|!\t\n=(){}\[\]:]{0,40}){1,40}"
)
# The same between columns that are parted by blanks: short names, mostly single words
_SPACED: Final = re.compile(
    r"[ ]{0,16}[A-Za-z][\w\-]{0,24}(?:[ ]\w{1,16})?"
    r"(?:[ ]{2,40}[A-Za-z][\w\-]{0,24}(?:[ ]\w{1,16})?){1,12}[ ]{0,40}"
)
_BLANKS: Final = "  "
# Cells of Jira's markup, and of MediaWiki's, whose rows part their cells by two bars
_JIRA, _WIKI = "||", "!!"
_CELL: Final = re.compile(r"\S+(?: \S+)*")
_HEADED: Final = re.compile(r"^[^\n=(){}\[\]:<>$@/]{5,500}$", re.MULTILINE)
# Two blanks and no more: a longer run would be counted at every indented line
_HEADED_TRIGGER: Final = re.compile(
    rf"{_NAMED}(?:[_\-]\w+)?[\"'`*_]*(?:[ ]?[,;|\t][ ]?[\"'\w|]|[ ][ ])|"
    rf"(?:!!|[,;|\t])[|\"'`*_ ]{{0,3}}(?:(?:db|user|api|client|smtp|root|admin|new|temp|login)[_\- ])?{_NAMED}|"
    rf"[ ][ ]{_NAMED}",
    re.IGNORECASE | re.ASCII,
)
_RULER: Final = re.compile(r"[|\s:+=-]{2,400}")
_QUOTES: Final = "\"'`"
_MANY: Final = 500
_PAIR: Final = 2
# What ends a field, and no password holds
_HARD: Final = re.compile(r"[\s\"']|\w\(")
_RANDOM_ODD: Final = 24.0
_CLASSES: Final = 3
_CODE: Final = re.compile(r"[\s=(){}\[\]<>\"']")


def _below(match: re.Match[str]) -> Iterator[Range]:
    """Yield the fields of credentials in the rows below a header."""
    text, end = match.string, match.end()
    columns = _columns(match[0].rstrip("\r"))
    if columns is None or _is_row(text, match.start(), columns):
        return
    for line in _lines(text, end, columns[0]):
        yield from _fields(text, line, columns)


Columns = tuple[str, tuple[tuple[int, Grade], ...], int]


@lru_cache(512)
def _columns(header: str) -> Columns | None:
    """Return the delimiter of a header, the columns of credentials with their grades, and how many there are."""
    if _HEADER.fullmatch(header) is not None:
        delimiter = next(mark for mark in (_JIRA, _WIKI, *"|\t;,") if mark in header)
        barred = delimiter in (_JIRA, _WIKI)
        cells = (header.strip(" |!") if barred else header).split(delimiter)
    elif _SPACED.fullmatch(header) is not None:
        delimiter, cells = _BLANKS, _CELL.findall(header)
    else:
        return None
    names = [name.strip(" \t\"'`*_") for name in cells]
    grades = ((i, grade(name.replace(" ", "_"))) for i, name in enumerate(names))
    if len(names) < _PAIR or not all(names[1:-1] if delimiter == "|" else names):
        return None
    wanted = tuple((i, found) for i, found in grades if found >= Grade.WEAK)
    return (delimiter, wanted, len(names)) if wanted else None


def _is_row(text: str, start: int, columns: Columns) -> bool:
    """Tell whether the line above is one of the same table: then this one is no header but a row."""
    if start == 0:
        return False
    above = (max(0, text.rfind("\n", max(0, start - _MANY), start - 1) + 1), start - 1)
    if _RULER.fullmatch(text, *above) is not None or not text[slice(*above)].strip("{|! \t\r"):
        return False
    opens = text.startswith("{|", above[0])  # of MediaWiki's markup
    return not opens and len(_split(text, above, columns[0])) == columns[2]


def _lines(text: str, end: int, delimiter: str) -> Iterator[Range]:
    """Yield the bounds of the rows below a header, rulers left out, until the table ends."""
    while end < len(text):
        start = end + 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if _RULER.fullmatch(text, start, end) is not None:
            continue
        row = text[start:end]
        # another header heads the rows below it; so all headers together read each row once
        if _bar(delimiter) not in row.strip(" ") or _columns(row.rstrip("\r")) is not None:
            return
        yield start, end


def _fields(text: str, line: Range, columns: Columns) -> Iterator[Range]:
    """Yield the fields of one row that stand in columns of credentials and are such."""
    delimiter, wanted, count = columns
    bounds = _split(text, line, delimiter)
    if len(bounds) != count:
        return
    form: Form = "told" if delimiter == _BLANKS else "plain"
    for index, found in wanted:
        start, end = bounds[index]
        start, end = _bare(text, start, end)
        value = text[start:end]
        if (_CODE.search(value) is None or _is_random(value)) and is_credential(value, found, form):
            yield start, end


def _bare(text: str, start: int, end: int) -> Range:
    """Leave out the blanks around a field, its quotes, and what marks it on both sides."""
    while start < end and text[start] in " \t\"'`":
        start += 1
    while end > start and text[end - 1] in " \t\"'`\r":
        end -= 1
    while end - start > 1 and text[start] == text[end - 1] == "*":
        start, end = start + 1, end - 1
    return start, end


def _is_random(value: str) -> bool:
    """Tell whether a field with a sign of code in it is none: `=` and brackets stand in passwords too."""
    weight = weigh(value)
    return weight.odd >= _RANDOM_ODD and weight.classes >= _CLASSES and _HARD.search(value) is None


def _split(text: str, line: Range, delimiter: str) -> list[Range]:
    """Split a line at the delimiters outside double quotes."""
    if delimiter == _BLANKS:
        return [cell.span() for cell in _CELL.finditer(text, *line)]
    if delimiter in (_JIRA, _WIKI):
        return _barred(text, line)
    bounds, low, quoted = [], line[0], False
    for position in range(*line):
        one = text[position]
        quoted ^= one == '"'
        if one == delimiter and not quoted:
            bounds.append((low, position))
            low = position + 1
    return [*bounds, (low, line[1])]


def _bar(delimiter: str) -> str:
    """Return what parts the cells of rows below a header with this delimiter."""
    return "|" if delimiter in (_JIRA, _WIKI) else delimiter


def _barred(text: str, line: Range) -> list[Range]:
    """Split a row of wiki markup at its bars, without those at its ends."""
    row = text[slice(*line)]
    start = line[0] + len(row) - len(row.lstrip(" |"))
    cells: list[Range] = []
    bar = "||" if "||" in row.strip(" |") else "|"
    for cell in row.strip(" |\r").split(bar):
        cells.append((start, start + len(cell)))
        start += len(cell) + len(bar)
    return cells


# `UPDATE … SET value = '…' WHERE name = 'api_key'`
_WHERE: Final = re.compile(
    r"\bset\s{1,4}[`\"\[]?\w{1,40}[`\"\]]?\s{0,4}=\s{0,4}[NE]?(?P<quote>['\"])(?P<value>[^'\"\n]{4,400})(?P=quote"
    r")\s{1,4}where\s{1,4}"
    r"[`\"\[]?[\w.]{1,40}[`\"\]]?\s{0,4}(?:=|like)\s{0,4}[NE]?['\"](?P<name>[\w.\-:/ ]{2,80})['\"]",
    re.IGNORECASE | re.ASCII,
)
_WHERE_TRIGGER: Final = re.compile(
    r"where[ ][`\"\[]?[\w.]{1,40}[`\"\]]?[ ]?(?:=|like)[ ]?[NE]?['\"][\w.\-:/ ]{0,60}(?:pass|pwd|pw|secret|token|"
    r"key|cred|auth)",
    re.IGNORECASE | re.ASCII,
)


def _where(match: re.Match[str]) -> Range | None:
    found = grade(match["name"].replace(" ", "_"))
    fits = found >= Grade.WEAK and is_credential(match["value"], found, "quoted")
    # what the prefilter would not see must not be seen without it
    seen = fits and _WHERE_TRIGGER.search(match.string, match.end("value"), match.end())
    return match.span("value") if seen else None


_RULES: Final = (
    Rule(
        "table-column", "SECRET", "balanced", _HEADED, whole, _HEADED_TRIGGER, spread=_below,
        yes=(
            "name,password,role\nada,«{pw:12}7a»,admin\n", "login;pwd\nada;«{an:12}7a»\n",
            "login,pwd\r\nada,«{an:12}7a»\r\n", "| user | password |\n|---|---|\n| ada | `«{an:12}7a»` |\n",
            '"url","username","password"\n"a.test","ada","«{an:12}7a»"\n',
            "|| User || Password ||\n| ada | «{an:12}7a» |\n",
            "|| *User* || *Password* ||\n|| ada || «{an:12}7a» ||\n",
            "name,password,role\nada,«{an:11}7*»,admin\n",
            '{| class="wikitable"\n! User !! Password\n|-\n| ada || «{an:12}7a»\n|}\n',
            " id |  password\n----+------\n  1 | «{an:12}7a»\n",
            "User    Password\n------  ------\nada     «{an:12}7a»\n",
        ),
        no=("name,password,role\nada,changeme,admin\n", "user, password\nof the, Account12 9\n"),
    ),
    Rule(
        "sql-where", "SECRET", "balanced", _WHERE, _where, _WHERE_TRIGGER,
        yes=("UPDATE settings SET value='«{an:32}»' WHERE name='api_key';",),
        no=("UPDATE t SET value='dark-2' WHERE name='theme';", "SET v='{an:32}' WHERE name='cache_key_name'"),
    ),
    *sql_row_rules(),
)  # fmt: skip


def column_rules() -> tuple[Rule, ...]:
    """Return the rules for tables."""
    return _RULES
