"""Tables become structs: unknown keys get a suggestion, and every mistake is collected, not just the first."""

from __future__ import annotations

import difflib
import re
import types
import typing
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Check = Callable[[Any], list[str]]

T = TypeVar("T", bound=msgspec.Struct)

_TOML_WORDS = {"`object": "`table", "| object": "| table", "`str": "`string"}


def build_table(
    kind: type[T], table: Any, where: str, problems: list[str], checks: Mapping[type, Check]
) -> T | None:
    """Convert `table` to `kind`; append one `path: problem` line to `problems` for each mistake.

    `checks` gives for a struct the mistakes that types cannot say, as `key: problem`. A value that
    does not fit is looked past, so that one mistake hides no other. Returns `None` when nothing
    could be built; what is returned beside problems is good for nothing but more checks.
    """
    if not isinstance(table, dict):
        problems.append(f"{where or 'config'}: a table is expected")
        return None
    hints = typing.get_type_hints(kind)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    problems += [
        f"{_join(where, key)}: unknown key{suggestion(key, fields)}"
        for key in sorted(table.keys() - fields.keys())
    ]
    values = {}
    wrong: set[str] = set()
    for key, field in fields.items():
        place = _join(where, key)
        if key in table:
            value = _build_value(hints[field.name], table[key], place, problems, checks)
            if value is None:  # TOML has no null: a problem was found
                wrong.add(key)
            else:
                values[field.name] = value
        elif field.required:
            problems.append(f"{place}: is missing")
            wrong.add(key)
        if field.required and field.name not in values and hints[field.name] is str:
            values[field.name] = place  # stands in, so that the rest of the table is checked too
    try:
        built = kind(**values)
    except TypeError:  # a required table is not there
        return None
    except ValueError as error:
        problems += [
            f"{where}: {line.removeprefix(f'{where}: ')}" for line in str(error).splitlines()
        ]
        return None
    found = checks.get(kind, _unchecked)(built)
    problems += [_join(where, line) for line in found if re.split(r"\W", line)[0] not in wrong]
    return built


def _unchecked(_: Any) -> list[str]:
    return []


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def suggestion(word: str, known: Iterable[str]) -> str:
    """Offer the nearest known word, or all of them."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(known))}"


def _build_value(
    hint: Any, value: Any, where: str, problems: list[str], checks: Mapping[type, Check]
) -> Any:
    inner = _struct_in(hint)
    if inner is not None and typing.get_origin(hint) is tuple and isinstance(value, dict):
        problems.append(f"{where}: a list of tables is expected: write [[{where}]]")
        return None
    if inner is not None and isinstance(value, dict):
        return build_table(inner, value, where, problems, checks)
    if inner is not None and typing.get_origin(hint) is tuple and isinstance(value, list):
        built = [
            build_table(inner, item, f"{where}.{n}", problems, checks)
            for n, item in enumerate(value)
        ]
        return tuple(each for each in built if each is not None)
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        problems.append(f"{where}: {_plain(str(error))}{_value_suggestion(hint, value)}")
        return None


def _plain(message: str) -> str:
    """Say it in TOML's words."""
    for theirs, ours in _TOML_WORDS.items():
        message = message.replace(theirs, ours)
    return f"{message[:1].lower()}{message[1:]}"


def _value_suggestion(hint: Any, value: Any) -> str:
    """Offer the nearest of the words that a key takes, or brackets around the one that was given."""
    words = _words_in(hint)
    if words and isinstance(value, str):
        return suggestion(value, words)
    if typing.get_origin(hint) is tuple and isinstance(value, str):
        return f"; write it in brackets: [{value!r}]"
    return ""


def _words_in(hint: Any) -> tuple[str, ...]:
    """Collect the words of `Literal[...]`, alone or with `None`."""
    if typing.get_origin(hint) is typing.Literal:
        return typing.get_args(hint)
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return tuple(word for part in typing.get_args(hint) for word in _words_in(part))
    return ()


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """Find the struct inside `X`, `X | None`, `X | bool` or `tuple[X, ...]`."""
    for kind in (hint, *typing.get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return kind
    return None
